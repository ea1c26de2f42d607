//! Messages that waited too long to leave by themselves: a person says whether they still should.
//!
//! A text that was meant for this morning may be wrong tonight. What an earlier run left in the outbox
//! and is older than ten minutes asks first; what stands behind it in its conversation waits too.

use serde_json::{Value, json};

use super::content::check_opted_in;
use super::send::both;
use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind;
use crate::core::rows::{conversation_key, message_key};
use crate::core::world::{Stop, World};
use crate::domain::conversation::Conversation;
use crate::domain::id::Id;
use crate::domain::message::Message;
use crate::domain::time::Time;

/// A node starts: what was asked for before a moment and has not left yet asks before it goes.
#[derive(Debug, Clone)]
pub struct OldHeldBack {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// What was said before this (business time) is too old to go by itself.
    pub before: Time,
}

impl OldHeldBack {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = conversation_key(self.business, self.conversation);
        let Some(head) = world.get::<Conversation>(&key)? else { return Ok(Outcome::Duplicate) };
        let mut head = (*head).clone();
        let mut held = Vec::new();
        for pending in head.outbox.iter_mut().filter(|p| p.asks_since.is_none()) {
            let Some(message) = world.get::<Message>(&message_key(self.business, pending.id))? else { continue };
            if message.meant_for() >= self.before {
                continue;
            }
            pending.asks_since = Some(envelope.at);
            held.push(Message { asks_since: Some(envelope.at), ..(*message).clone() });
        }
        if held.is_empty() {
            return Ok(Outcome::Duplicate);
        }
        head.version += 1;
        for message in held {
            let said = envelope.event(Kind::SendHeldBack, self.business, Some(head.id), Some(message.id), Value::Null);
            world.say(said);
            world.put(message);
        }
        world.put(head);
        Ok(Outcome::Conversation(self.conversation))
    }
}

/// A person says that a message which asks shall go after all.
#[derive(Debug, Clone)]
pub struct SendReleased {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// When it may leave.
    pub due: Time,
}

impl SendReleased {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (mut message, mut head) = both(world, self.business, self.message)?;
        check_opted_in(&head)?;
        let Some(pending) = head.outbox.iter_mut().find(|p| p.id == self.message && p.asks_since.is_some()) else {
            let detail = "this message does not wait for anybody to decide: it has left, or leaves by itself";
            return Err(ApiError::new(Code::Conflict, detail).into());
        };
        pending.asks_since = None;
        pending.due = self.due;
        message.asks_since = None;
        message.due = Some(self.due);
        head.version += 1;
        let payload = json!({ "to": head.customer, "from": head.ours, "body": message.body });
        world.say(envelope.event(Kind::SendReleased, self.business, Some(head.id), Some(message.id), payload));
        world.put(message);
        world.put(head);
        Ok(Outcome::Message(self.message))
    }
}
