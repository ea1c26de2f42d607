//! A message's way to the handset, step by step in simulated time.
//!
//! ```text
//! scheduled --(SendAt)--> queued --> sent --> delivered --> read
//! accepted  ----------->  queued --> failed
//!                                    sent --> undelivered
//! ```
//!
//! No queue is shared between customers: who else is written to changes nothing for a message. One that
//! is to wait (the outcome `queued`) fails when its validity period is over.
//! How long each step takes is drawn from the seed and the message's SID: about a second in all.

use super::handset::{self, Attachment, Text};
use super::inbound::{self, Texted};
use super::message::{Fate, Message, Status};
use super::{callback, media, opt_out, price, send};
use crate::sandbox::clock::precise;
use crate::sandbox::error::StoreError;
use crate::sandbox::messaging::pool;
use crate::sandbox::monitor::raise;
use crate::sandbox::number;
use crate::sandbox::timer::Due;
use crate::sandbox::world::World;

/// The error of a fate that names none.
const UNREACHABLE: u32 = 30003;
const UNKNOWN: u32 = 30008;
/// It waited longer than it was valid.
const EXPIRED: u32 = 30036;
/// The carrier does not take this sender: what a long code may do in a short code's place.
const SENDER_NOT_TAKEN: u32 = 30024;
/// The network keeps back what a toll-free number sends to who told it to stop.
const BLOCKED: u32 = 30004;
/// The longest validity period, in seconds, and the usual one.
const LONGEST_VALIDITY: u32 = 36_000;

/// Sets the timer of a message's next step, if it has one, and saves the message.
pub fn plan(world: &mut World, message: &mut Message) -> Result<(), StoreError> {
    let between = |low: u64, high: u64| {
        let micros = world.seed().between(low * 1_000, high * 1_000, &["step", &message.sid, message.status.word()]);
        Some(world.now() + micros)
    };
    message.due = match (message.status, message.fate) {
        (Status::Scheduled, _) => message.send_at.map(|at| at.max(world.now())),
        (Status::Accepted, _) => between(40, 120),
        (Status::Queued, Fate::Queued) => {
            Some(world.now() + u64::from(message.validity.unwrap_or(LONGEST_VALIDITY)) * 1_000_000)
        }
        (Status::Queued, _) => between(150, 450),
        (Status::Sent, Fate::Delivered | Fate::Read | Fate::Undelivered) => between(400, 850),
        (Status::Delivered, Fate::Read) => between(1_500, 4_000),
        _ => None,
    };
    if let Some(due) = message.due {
        world.schedule(due, &message.sid, &Due::Message { sid: message.sid.clone() })?;
    }
    world.put(&message.sid, message)
}

/// Takes a message out of its way: no further step happens.
pub fn halt(world: &mut World, message: &mut Message) -> Result<(), StoreError> {
    match message.due.take() {
        Some(due) => world.unschedule(due, &message.sid),
        None => Ok(()),
    }
}

/// The next step of a message, now.
pub fn step(world: &mut World, sid: &str) -> Result<(), StoreError> {
    let Some(mut message) = world.get::<Message>(sid)? else { return Ok(()) };
    message.due = None;
    let next = match (message.status, message.fate) {
        (Status::Scheduled | Status::Accepted, _) => return queue(world, message),
        (Status::Queued, Fate::Queued) => {
            message.error = Some(EXPIRED);
            Status::Failed
        }
        // The media must be there before it leaves; once they are, this step is taken again.
        (Status::Queued, _) if media::is_pending(world, &message)? => return world.put(&message.sid, &message),
        (Status::Queued, Fate::Failed) => match long_code(world, &message)? {
            Some(from) => {
                message.send_from(world, from)?;
                (message.fate, message.error) = (Fate::Delivered, None);
                return plan(world, &mut message);
            }
            None => Status::Failed,
        },
        (Status::Queued, _) => Status::Sent,
        (Status::Sent, Fate::Undelivered) => Status::Undelivered,
        (Status::Sent, _) if opt_out::kept_back(world, &message)? => {
            message.error = Some(BLOCKED);
            Status::Undelivered
        }
        (Status::Sent, _) => Status::Delivered,
        (Status::Delivered, _) => Status::Read,
        _ => return Ok(()),
    };
    enter(world, message, next)
}

/// A Messaging Service chooses the sender; then the message waits for its turn.
fn queue(world: &mut World, mut message: Message) -> Result<(), StoreError> {
    if message.from.is_none()
        && let Some(service) = message.service.clone()
    {
        message.from = pool::choose(world, &service, &message.to)?;
        if message.from.is_none() {
            message.error = Some(21703);
            return enter(world, message, Status::Failed);
        }
        message.segments = send::parts(&message);
        message.add(world)?;
    }
    enter(world, message, Status::Queued)
}

/// The long code that takes over from a short code that the carrier does not take.
fn long_code(world: &World, message: &Message) -> Result<Option<String>, StoreError> {
    let short = message.from.as_deref().is_some_and(|from| !from.starts_with('+') && from.len() <= 8);
    match &message.service {
        Some(service) if short && message.error == Some(SENDER_NOT_TAKEN) => {
            pool::fall_back(world, service, &message.to)
        }
        _ => Ok(None),
    }
}

/// Puts a message into a status: dates, handset, callback, next step.
pub fn enter(world: &mut World, mut message: Message, status: Status) -> Result<(), StoreError> {
    let now = world.now();
    message.status = status;
    message.updated = now;
    match status {
        Status::Sent => {
            message.sent = Some(now);
            price::charge(world, &mut message)?;
        }
        Status::Failed => {
            message.error = message.error.or(Some(UNKNOWN));
            price::charge_failed(world, &message)?;
        }
        Status::Undelivered => message.error = message.error.or(Some(UNREACHABLE)),
        Status::Delivered => arrive(world, &message)?,
        _ => {}
    }
    if matches!(status, Status::Failed | Status::Undelivered) {
        raise::message(world, &message)?;
    }
    callback::send(world, &message)?;
    plan(world, &mut message)?;
    // The handset gets the text; what Twilio keeps is gone once nothing more is to come.
    if message.discard && message.due.is_none() {
        message.body.clear();
        world.put(&message.sid, &message)?;
    }
    Ok(())
}

/// The text appears on the handset; or, when the number is one of ours, comes in there.
fn arrive(world: &mut World, message: &Message) -> Result<(), StoreError> {
    // Replies are not passed on: two numbers that answer each other would never stop.
    if message.direction == "outbound-api" && number::by_address(world, &message.to)?.is_some() {
        let texted = Texted {
            from: message.from.clone().unwrap_or_default(),
            to: message.to.clone(),
            body: message.body.clone(),
            media: media::whole(world, message)?,
            ..Texted::default()
        };
        return inbound::receive(world, texted).map(|_| ());
    }
    let text = Text {
        direction: "in".into(),
        from: message.from.clone().unwrap_or_default(),
        to: message.to.clone(),
        body: message.body.clone(),
        media: attachments(world, message)?,
        at: precise(world.now()),
        sid: message.sid.clone(),
    };
    handset::keep(world, &message.to, &text)
}

/// A message's media as a handset shows them.
pub fn attachments(world: &World, message: &Message) -> Result<Vec<Attachment>, StoreError> {
    let found = media::of(world, message)?;
    Ok(found.iter().map(|media| Attachment { content_type: media.content_type.clone(), url: media.path() }).collect())
}
