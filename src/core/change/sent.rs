//! What becomes of a message once its turn has come: begun, then accepted, refused or unknown.
//!
//! `SendStarted` is durable before the request goes out. A message whose answer was lost may exist at
//! Twilio: it blocks its conversation until it is settled.

use serde_json::{Value, json};

use super::inbound::preview_of;
use super::send::{both, finish, unlink};
use super::status::{bind, opted_out, settle};
use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind;
use crate::core::rows::business_key;
use crate::core::world::{Stop, World};
use crate::domain::business::Business;
use crate::domain::conversation::{Conversation, Last, Pending};
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Direction, Message, Status, step};
use crate::domain::pace::Priority;
use crate::domain::time::Time;

/// The request to Twilio begins: from here on the message may exist there.
#[derive(Debug, Clone)]
pub struct SendStarted {
    /// The tenant.
    pub business: Id,
    /// The message: the first of its conversation's outbox.
    pub message: Id,
}

impl SendStarted {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (mut message, mut head) = both(world, self.business, self.message)?;
        let first = head.outbox.first().is_some_and(|p| p.id == self.message)
            && head.next_due().is_some_and(|due| due <= envelope.at);
        if !first || head.in_flight.is_some() {
            let detail = "this message is not the next one to leave";
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        let mut begun = head.outbox.remove(0);
        if begun.later.take().is_some() {
            said_now(envelope, &mut begun, &mut head, &mut message);
        }
        message.answers_since = begun.waiting_since;
        head.begun = Some(begun);
        // Not before: a message that is taken back has changed nothing.
        head.rested = None;
        head.in_flight = Some(self.message);
        head.version += 1;
        message.status = Status::Sending;
        message.due = None;
        message.in_line = false;
        message.started = Some(envelope.wall);
        finish(world, envelope, Kind::SendStarted, head, message, Value::Null)
    }
}

/// A message that was put off is said at the moment at which it leaves.
fn said_now(envelope: &Envelope, begun: &mut Pending, head: &mut Conversation, message: &mut Message) {
    begun.waiting_since = head.waiting_since.take();
    begun.last = head.last.clone();
    message.at = envelope.at;
    message.send_at = None;
    head.came_in(&Last {
        id: message.id,
        at: message.at,
        direction: Direction::Out,
        preview: preview_of(&message.body, &message.media),
        status: message.status,
    });
}

/// Twilio accepted it and gave it a SID.
#[derive(Debug, Clone)]
pub struct SendAccepted {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// Twilio's SID.
    pub sid: Sid,
    /// Twilio's status.
    pub status: Status,
    /// Segments as Twilio counts them; 0 when it does not know yet.
    pub segments: u32,
}

impl SendAccepted {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (before, mut head) = both(world, self.business, self.message)?;
        let mut message = before.clone();
        bind(world, &mut head, &mut message, self.sid)?;
        if message.sid != Some(self.sid) {
            // The SID is another message's: what was found at Twilio was not this one.
            return Ok(Outcome::Duplicate);
        }
        // A callback may have overtaken the answer.
        if step(message.status, self.status) == crate::domain::message::Step::Advance {
            message.status = self.status;
        }
        if self.segments > 0 {
            message.segments = self.segments;
        }
        message.due = None;
        if message == before {
            return Ok(Outcome::Duplicate);
        }
        settle(&mut head, &before, &message);
        head.version += 1;
        finish(world, envelope, Kind::SendAccepted, head, message, Value::Null)
    }
}

/// It was refused, by our rules at the last moment or by Twilio: it does not exist there.
#[derive(Debug, Clone)]
pub struct SendRefused {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// Twilio's code.
    pub code: Option<u32>,
    /// What happened and what to do.
    pub text: String,
}

impl SendRefused {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (before, mut head) = both(world, self.business, self.message)?;
        if before.sid.is_some() || !before.status.is_ours() {
            return Ok(Outcome::Duplicate);
        }
        let mut message = before.clone();
        if message.send_at.take().is_some() {
            // That it did not go is news of this moment.
            message.at = envelope.at;
            head.came_in(&Last {
                id: message.id,
                at: message.at,
                direction: Direction::Out,
                preview: preview_of(&message.body, &message.media),
                status: Status::Failed,
            });
        }
        message.status = Status::Failed;
        message.error = self.code;
        message.error_text = Some(self.text.clone());
        message.due = None;
        settle(&mut head, &before, &message);
        opted_out(world, envelope, &mut head, &message);
        head.version += 1;
        if let Some(old) = message.retry_of {
            unlink(world, self.business, old, self.message)?;
        }
        let payload = json!({ "code": self.code, "text": self.text });
        finish(world, envelope, Kind::SendRefused, head, message, payload)
    }
}

/// The business was closed while a message waited: it does not leave.
#[derive(Debug, Clone)]
pub struct SendClosed {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
}

impl SendClosed {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (_, head) = both(world, self.business, self.message)?;
        let row = world.get::<Business>(&business_key(self.business))?;
        let is_open = row.is_some_and(|business| business.may_send());
        // Begun, taken back or reopened meanwhile: it goes its own way.
        if is_open || head.outbox.iter().all(|pending| pending.id != self.message) {
            return Ok(Outcome::Duplicate);
        }
        let text = "the business was deactivated or deleted before the message left; it was not sent".to_owned();
        let (business, message) = (self.business, self.message);
        SendRefused { business, message, code: None, text }.apply(world, envelope)
    }
}

/// The answer was lost: it may exist at Twilio. Nothing else leaves this conversation until settled.
#[derive(Debug, Clone)]
pub struct SendUnknown {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// What happened.
    pub text: String,
}

impl SendUnknown {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (mut message, mut head) = both(world, self.business, self.message)?;
        if message.status != Status::Sending {
            return Ok(Outcome::Duplicate);
        }
        message.status = Status::Unknown;
        message.error_text = Some(self.text.clone());
        head.version += 1;
        finish(world, envelope, Kind::SendUnknown, head, message, json!({ "text": self.text }))
    }
}

/// Its sender has sent as much as it may: the first message of a conversation gets its place in the line.
#[derive(Debug, Clone)]
pub struct SendLinedUp {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// About when it leaves.
    pub due: Time,
}

impl SendLinedUp {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (mut message, mut head) = both(world, self.business, self.message)?;
        let first = head.outbox.first_mut().filter(|p| p.id == self.message && p.asks_since.is_none());
        let Some(first) = first.filter(|_| message.status == Status::Held) else {
            // Taken back or put off meanwhile.
            return Ok(Outcome::Duplicate);
        };
        first.due = self.due;
        message.due = Some(self.due);
        message.in_line = true;
        head.version += 1;
        finish(world, envelope, Kind::MessageStatus, head, message, Value::Null)
    }
}

/// It is settled that Twilio never took it: it goes back to the front of the outbox.
#[derive(Debug, Clone)]
pub struct SendRequeued {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// When it may leave.
    pub due: Time,
    /// Whether a person is asked first: it is too old to go by itself.
    pub asks: bool,
    /// Whether its sender is to blame: then it stands in line, before those who come now.
    pub in_line: bool,
}

impl SendRequeued {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let (mut message, mut head) = both(world, self.business, self.message)?;
        if message.sid.is_some() || !matches!(message.status, Status::Sending | Status::Unknown) {
            return Ok(Outcome::Duplicate);
        }
        message.status = Status::Held;
        message.error_text = None;
        message.due = Some(self.due);
        message.in_line = self.in_line;
        message.asks_since = self.asks.then_some(envelope.at);
        head.in_flight = head.in_flight.filter(|id| *id != message.id);
        let (waiting_since, last, priority) = match head.begun.take_if(|p| p.id == message.id) {
            Some(begun) => (begun.waiting_since, begun.last, begun.priority),
            None => (None, None, Priority::default()),
        };
        let asks_since = message.asks_since;
        let (id, due) = (message.id, self.due);
        head.outbox.insert(0, Pending { id, due, waiting_since, last, asks_since, later: None, priority });
        head.version += 1;
        let kind = if self.asks { Kind::SendHeldBack } else { Kind::MessageStatus };
        finish(world, envelope, kind, head, message, Value::Null)
    }
}
