//! Twilio reports what became of a message.

use serde_json::{Value, json};

use super::send::{as_text, both};
use super::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::{SidRow, message_key, sid_key};
use crate::core::world::{Stop, World};
use crate::domain::conversation::{Conversation, Last, preview};
use crate::domain::failure::OPTED_OUT;
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Direction, Message, Status, Step, step};
use crate::domain::money::Money;

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
    /// The price, where Twilio's list tells it; callbacks do not.
    pub price: Option<Money>,
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
        let (mut message, mut head) = both(world, self.business, self.message)?;
        let bound = bind(world, &mut head, &mut message, self.sid)?;
        if message.sid != Some(self.sid) {
            return Ok(Outcome::UnknownMessage);
        }
        let priced = self.price.is_some() && message.price.is_none();
        if priced {
            (message.price, message.price_unit) = as_text(self.price.as_ref());
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
            Step::Stale if !bound && !priced => return Ok(Outcome::Duplicate),
            Step::Stale => {}
        }
        if message == *have {
            return Ok(Outcome::Duplicate);
        }
        settle(&mut head, &have, &message);
        if outcome == Step::Advance {
            opted_out(world, envelope, &mut head, &message);
        }
        head.version += 1;
        world.put(head);
        let (conversation, id) = (Some(message.conversation), Some(message.id));
        world.say(envelope.event(Kind::MessageStatus, self.business, conversation, id, Value::Null));
        world.put(message);
        Ok(Outcome::Message(self.message))
    }
}

/// Gives a message its SID. `true` when it had none. Exactly one message may have a SID. Whether the
/// answer or a callback tells it first, from here on the message counts as sent.
pub(super) fn bind(
    world: &mut World<'_>,
    head: &mut Conversation,
    message: &mut Message,
    sid: Sid,
) -> Result<bool, Stop> {
    if message.sid.is_some() {
        return Ok(false);
    }
    if world.get::<SidRow>(&sid_key(sid))?.is_some() {
        return Ok(false);
    }
    world.put(SidRow { sid, business: message.business, message: message.id });
    message.sid = Some(sid);
    head.outgoing += 1;
    head.last_agent = message.author.clone().or(head.last_agent.take());
    if message.send_at.take().is_some() {
        // Put off here, and yet at Twilio: it was said when it was asked for.
        head.came_in(&Last {
            id: message.id,
            at: message.at,
            direction: Direction::Out,
            preview: preview(&message.body),
            status: message.status,
        });
    }
    if message.status == Status::Unknown {
        // The sentence of the lost answer is settled.
        message.error_text = None;
    }
    if let Some(old) = message.retry_of {
        retried(world, head, message.id, old)?;
    }
    Ok(true)
}

/// Only now that the retry has a SID, the failure behind it no longer counts.
fn retried(world: &mut World<'_>, head: &mut Conversation, id: Id, old: Id) -> Result<(), Stop> {
    let Some(failed) = world.get::<Message>(&message_key(head.business, old))? else { return Ok(()) };
    if failed.retried_by.is_some_and(|newer| newer != id) {
        return Ok(());
    }
    head.failed = head.failed.saturating_sub(u64::from(failed.status.is_failure() && !failed.imported));
    let mut failed = (*failed).clone();
    failed.retried_by = Some(id);
    world.put(failed);
    Ok(())
}

/// Twilio refused a message because the customer opted out, be it by a STOP that never reached us: no
/// other one is tried, until they text START.
pub(super) fn opted_out(world: &mut World<'_>, envelope: &Envelope, head: &mut Conversation, message: &Message) {
    if message.error != Some(OPTED_OUT) || head.opted_out_at.is_some() {
        return;
    }
    head.opted_out_at = Some(envelope.at);
    head.opted_out_by = None;
    head.consent_at = Some(envelope.at);
    head.rest();
    let payload = json!({ "code": OPTED_OUT, "address": head.customer, "sid": message.sid });
    world.say(envelope.event(Kind::OptOut, head.business, Some(head.id), Some(message.id), payload));
}

/// Carries a message's step over to its conversation's head.
pub(super) fn settle(head: &mut Conversation, before: &Message, after: &Message) {
    if head.in_flight == Some(after.id) && !after.status.is_ours() {
        head.in_flight = None;
        head.begun = None;
    }
    head.outbox.retain(|p| p.id != after.id || after.status == Status::Held);
    if !before.status.is_failure() && after.status.is_failure() && !after.imported {
        head.failed += 1;
    }
    head.cost.replace(&before.share(), &after.share());
    head.restate(after.id, after.status);
}
