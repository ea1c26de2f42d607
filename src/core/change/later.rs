//! Messages that an agent has put off to a moment of their choice: changed while they wait, and asking
//! first when the customer has written meanwhile.

use serde_json::{Value, json};

use super::content::check_content;
use super::send::{as_text, both};
use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind;
use crate::core::rows::message_key;
use crate::core::world::{Stop, World};
use crate::domain::conversation::{Conversation, Later};
use crate::domain::id::Id;
use crate::domain::message::Message;
use crate::domain::money::Money;
use crate::domain::time::Time;

/// A message that is put off gets another moment, another text or another condition.
#[derive(Debug, Clone)]
pub struct LaterChanged {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// When it shall go.
    pub due: Option<Time>,
    /// Its text, with the segments it takes and what it is expected to cost.
    pub body: Option<(String, u32, Option<Money>)>,
    /// Whether it asks if the customer writes first.
    pub unless_they_reply: Option<bool>,
}

impl LaterChanged {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (mut message, mut head) = both(world, self.business, self.message)?;
        let place = head.outbox.iter().position(|p| p.id == self.message && p.later.is_some());
        let Some(place) = place else {
            let detail = "this message is not put off: it has left, leaves at once, or was taken back";
            return Err(ApiError::new(Code::Conflict, detail).into());
        };
        if let Some((body, segments, estimate)) = &self.body {
            check_content(body, &message.media)?;
            message.body.clone_from(body);
            message.segments = if message.media.is_empty() { *segments } else { 1 };
            (message.estimate, message.estimate_unit) = as_text(estimate.as_ref());
        }
        let mut pending = head.outbox.remove(place);
        if let Some(due) = self.due {
            (pending.due, message.send_at, message.due) = (due, Some(due), Some(due));
        }
        if let Some(unless_they_reply) = self.unless_they_reply {
            pending.later = Some(Later { unless_they_reply });
            message.unless_they_reply = unless_they_reply;
        }
        // Whoever changes it has decided.
        (pending.asks_since, message.asks_since) = (None, None);
        head.queue(pending);
        head.version += 1;
        let payload = json!({ "body": message.body, "sendAt": message.send_at });
        let (conversation, id) = (Some(head.id), Some(message.id));
        world.say(envelope.event(Kind::SendPutOff, self.business, conversation, id, payload));
        world.put(message);
        world.put(head);
        Ok(Outcome::Message(self.message))
    }
}

/// The customer has written: what was to go only if they had not asks a person first.
pub(super) fn they_replied(
    world: &mut World<'_>,
    envelope: &Envelope,
    head: &mut Conversation,
    at: Time,
) -> Result<(), Stop> {
    for pending in &mut head.outbox {
        if pending.asks_since.is_some() || !pending.later.is_some_and(|later| later.unless_they_reply) {
            continue;
        }
        let Some(message) = world.get::<Message>(&message_key(head.business, pending.id))? else { continue };
        // A text from before it was put off, found late, is no reply.
        if at < message.at {
            continue;
        }
        pending.asks_since = Some(envelope.at);
        let said = envelope.event(Kind::SendHeldBack, head.business, Some(head.id), Some(message.id), Value::Null);
        world.say(said);
        world.put(Message { asks_since: Some(envelope.at), ..(*message).clone() });
    }
    Ok(())
}
