//! Files of messages: fetched, tried in vain, asked for again; uploaded, and thrown away.

use serde_json::Value;

use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind;
use crate::core::rows::{OwnerRow, file_key, message_key};
use crate::core::world::{Stop, World};
use crate::domain::id::Id;
use crate::domain::media::{File, Media, State};
use crate::domain::message::{Direction, Message};
use crate::domain::time::{Span, Time};

/// A file of a message is here: its bytes are on the disk already.
#[derive(Debug, Clone)]
pub struct MediaKept {
    /// The message.
    pub message: Id,
    /// Which of its media, from 0.
    pub index: usize,
    /// The file.
    pub file: File,
}

impl MediaKept {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let business = self.file.business;
        let Some(mut message) = waiting(world, business, self.message, self.index)? else {
            return Ok(Outcome::Duplicate);
        };
        let old = &message.media[self.index];
        message.media[self.index] = Media { url: old.url.clone(), ..Media::of(&self.file) };
        world.insert(self.file.clone());
        Ok(said(world, envelope, message))
    }
}

/// How a try ended that brought no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// It is tried again at this moment (wall clock).
    Again(Time),
    /// Another try would end the same way.
    Failed,
    /// Twilio does not have it any more.
    Gone,
}

/// A file of a message could not be had.
#[derive(Debug, Clone)]
pub struct MediaTried {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// Which of its media, from 0.
    pub index: usize,
    /// How it goes on.
    pub tried: Tried,
    /// What was in the way, and what to do.
    pub text: String,
}

impl MediaTried {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let Some(mut message) = waiting(world, self.business, self.message, self.index)? else {
            return Ok(Outcome::Duplicate);
        };
        let media = &mut message.media[self.index];
        media.tries += 1;
        media.detail = Some(self.text.clone());
        (media.state, media.next) = match self.tried {
            Tried::Again(at) => (State::Waiting, Some(at)),
            Tried::Failed => (State::Failed, None),
            Tried::Gone => (State::Gone, None),
        };
        Ok(said(world, envelope, message))
    }
}

/// A person wants a file to be fetched, now.
#[derive(Debug, Clone)]
pub struct MediaAsked {
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
    /// Which of its media, from 0.
    pub index: usize,
    /// Whether its bytes are missing on the disk although the row says that they are here.
    pub is_lost: bool,
}

impl MediaAsked {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let not_found = || ApiError::not_found(format!("media {} of message {}", self.index, self.message));
        let message = world.need::<Message>(&message_key(self.business, self.message), not_found)?;
        let mut message = (*message).clone();
        let is_ours = message.direction != Direction::In && !message.imported;
        let media = message.media.get_mut(self.index).ok_or_else(not_found)?;
        let conflict = |detail: &str| Err(ApiError::new(Code::Conflict, detail).into());
        if is_ours || media.url.is_empty() {
            return conflict("this file went out from here: there is nothing at Twilio to fetch it from");
        }
        if media.state == State::Kept && !self.is_lost {
            return conflict("this file is here already: `switchboard media save` writes it to a file of yours");
        }
        if let Some(lost) = media.file.take()
            && world.get::<File>(&file_key(self.business, lost))?.is_some()
        {
            world.remove(file_key(self.business, lost));
        }
        *media = Media::to_fetch(media.url.clone(), media.content_type.clone(), envelope.wall);
        Ok(said(world, envelope, message))
    }
}

/// A file was uploaded; a message may use it.
#[derive(Debug, Clone)]
pub struct FileAdded {
    /// The file.
    pub file: File,
}

impl FileAdded {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        world.insert(OwnerRow { id: self.file.id, business: self.file.business });
        world.insert(self.file.clone());
        Ok(Outcome::Made(self.file.id))
    }
}

/// A file makes room, or was never used. Refused while it may still be needed.
#[derive(Debug, Clone)]
pub struct FileDropped {
    /// The tenant.
    pub business: Id,
    /// The file.
    pub file: Id,
    /// So long after its message left Twilio may still fetch it.
    pub served: Span,
}

impl FileDropped {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = file_key(self.business, self.file);
        let Some(file) = world.get::<File>(&key)? else { return Ok(Outcome::Duplicate) };
        if file.messages.is_empty() && envelope.wall < file.unused_until() {
            return Err(ApiError::new(Code::Conflict, "this file was uploaded only now").into());
        }
        let mut messages = Vec::with_capacity(file.messages.len());
        for id in &file.messages {
            let Some(message) = world.get::<Message>(&message_key(self.business, *id))? else { continue };
            if self.is_needed(&message, envelope.wall) {
                return Err(ApiError::new(Code::Conflict, "Twilio may still fetch this file").into());
            }
            messages.push((*message).clone());
        }
        for mut message in messages {
            let again = match message.direction {
                Direction::In => "`switchboard media retry` fetches it again while Twilio has it",
                _ => "it went out from here",
            };
            for media in message.media.iter_mut().filter(|media| media.file == Some(self.file)) {
                media.state = State::Gone;
                media.file = None;
                media.detail = Some(format!("it made room for newer files (limits.media_mb): {again}"));
            }
            said(world, envelope, message);
        }
        world.remove(key);
        Ok(Outcome::Done)
    }

    fn is_needed(&self, message: &Message, wall: Time) -> bool {
        let leaves = message.direction == Direction::Out;
        leaves && (message.status.is_ours() || message.started.is_some_and(|at| wall < at + self.served))
    }
}

/// The message, if this file of it is still waited for.
fn waiting(world: &mut World<'_>, business: Id, message: Id, index: usize) -> Result<Option<Message>, Stop> {
    let found = world.get::<Message>(&message_key(business, message))?;
    Ok(found.filter(|m| m.media.get(index).is_some_and(|media| media.state == State::Waiting)).map(|m| (*m).clone()))
}

fn said(world: &mut World<'_>, envelope: &Envelope, message: Message) -> Outcome {
    let (business, conversation, id) = (message.business, Some(message.conversation), message.id);
    world.say(envelope.event(Kind::Media, business, conversation, Some(id), Value::Null));
    world.put(message);
    Outcome::Message(id)
}
