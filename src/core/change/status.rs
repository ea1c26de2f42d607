//! Twilio reports what became of a message.

use serde_json::Value;

use super::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::{SidRow, conversation_key, message_key, sid_key};
use crate::core::world::{Stop, World};
use crate::domain::conversation::Conversation;
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Direction, Message, Status, Step, step};

/// A status of one of our messages, by callback or by listing.
#[derive(Debug, Clone)]
pub struct StatusReported {
    /// The tenant, from the callback's query or the SID table.
    pub business: Id,
    /// The message, from the same.
    pub message: Id,
    /// The SID reported: binds a message whose answer was lost.
    pub sid: Sid,
    /// The status.
    pub status: Status,
    /// Twilio's error code with it.
    pub error: Option<u32>,
}

impl StatusReported {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let Some(have) = world.get::<Message>(&message_key(self.business, self.message))? else {
            return Ok(Outcome::UnknownMessage);
        };
        if have.direction != Direction::Out || have.sid.is_some_and(|sid| sid != self.sid) {
            // The query names a message that the SID does not belong to: somebody else's callback.
            return Ok(Outcome::UnknownMessage);
        }
        let mut message = (*have).clone();
        let bound = bind(world, &mut message, self.sid)?;
        if message.sid != Some(self.sid) {
            return Ok(Outcome::UnknownMessage);
        }
        let outcome = step(message.status, self.status);
        match outcome {
            Step::Advance => {
                message.status = self.status;
                message.due = None;
                if self.status.is_failure() || self.error.is_some() {
                    message.error = self.error;
                }
            }
            Step::Conflict => message.conflict = Some(self.status),
            Step::Stale if !bound => return Ok(Outcome::Duplicate),
            Step::Stale => {}
        }
        if message == *have {
            return Ok(Outcome::Duplicate);
        }
        let key = conversation_key(self.business, message.conversation);
        if let Some(head) = world.get::<Conversation>(&key)? {
            let mut head = (*head).clone();
            settle(&mut head, &have, &message);
            head.version += 1;
            world.put(head);
        }
        let (conversation, id) = (Some(message.conversation), Some(message.id));
        world.say(envelope.event(Kind::MessageStatus, self.business, conversation, id, Value::Null));
        world.put(message);
        Ok(Outcome::Message(self.message))
    }
}

/// Gives a message its SID. `true` when it had none. Exactly one message may have a SID.
pub(super) fn bind(world: &mut World<'_>, message: &mut Message, sid: Sid) -> Result<bool, Stop> {
    if message.sid.is_some() {
        return Ok(false);
    }
    if world.get::<SidRow>(&sid_key(sid))?.is_some() {
        return Ok(false);
    }
    world.put(SidRow { sid, business: message.business, message: message.id });
    message.sid = Some(sid);
    Ok(true)
}

/// Carries a message's step over to its conversation's head.
pub(super) fn settle(head: &mut Conversation, before: &Message, after: &Message) {
    if head.in_flight == Some(after.id) && !after.status.is_ours() {
        head.in_flight = None;
    }
    head.outbox.retain(|p| p.id != after.id || after.status == Status::Held);
    if before.status.is_ours() && !after.status.is_ours() && after.sid.is_some() {
        head.outgoing += 1;
    }
    if !before.status.is_failure() && after.status.is_failure() {
        head.failed += 1;
    }
    if let Some(last) = head.last.as_mut().filter(|last| last.id == after.id) {
        last.status = after.status;
    }
}
