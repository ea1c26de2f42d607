//! Pictures and other files of messages: fetched from Twilio and kept, uploaded, served, shown, thrown away.
//!
//! Owns the directory of files. A file is on the disk before its row is in the store, and its row is gone
//! before the file is: what a crash leaves over is a file without a row, which the next start takes away.

mod fetch;
mod operations;
mod outgoing;
mod room;
mod served;
mod shelf;
mod upload;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use self::shelf::{Shelf, Trouble};
use super::Core;
use crate::api::{ApiError, Code};
use crate::domain::id::Id;
use crate::domain::media::{Media, State, ending, plain_type, safe_name};
use crate::domain::message::Message;

pub(super) use fetch::run;
pub(super) use operations::views;
pub(super) use outgoing::Picked;
pub use served::PATH as SERVED_AT;
pub(super) use served::addresses;
pub use upload::Upload;

/// How files are kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// Their directory.
    pub dir: PathBuf,
    /// Bytes of all of them together.
    pub limit: u64,
    /// Bytes of the largest one that is fetched.
    pub largest: u64,
}

impl Options {
    /// The largest file that comes in, in bytes: what Twilio passes on from WhatsApp, the most of any channel.
    pub const LARGEST: u64 = 16 << 20;

    /// Files in `dir`, so many MiB at most.
    pub fn new(dir: PathBuf, limit_mb: u32) -> Options {
        Options { dir, limit: u64::from(limit_mb) << 20, largest: Options::LARGEST }
    }
}

/// What the workers and operations of this room share.
pub(super) struct Desk {
    shelf: Shelf,
    largest: u64,
    /// What lay in the directory at the start: those without a row are taken away.
    found: Mutex<Vec<(Id, Id)>>,
    /// Rings when something may be due that no event tells of.
    again: Notify,
    /// Held while room is made.
    making_room: tokio::sync::Mutex<()>,
    under_way: Mutex<HashSet<Id>>,
    trouble: Mutex<Option<String>>,
}

impl Desk {
    /// Opens the directory.
    pub fn open(options: &Options) -> Desk {
        let (shelf, found) = Shelf::open(&options.dir, options.limit);
        Desk {
            shelf,
            largest: options.largest,
            found: Mutex::new(found),
            again: Notify::new(),
            making_room: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
            trouble: Mutex::default(),
        }
    }

    /// What is wrong with the directory, if something is.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.trouble).clone()
    }

    /// Notes how writing a file went.
    fn note<T>(&self, went: Result<T, Trouble>) -> Result<T, Trouble> {
        *lock(&self.trouble) = went.as_ref().err().map(|trouble| format!("files of messages: {trouble}"));
        went
    }
}

/// A lock whose holder panicked still holds true values: every change under it is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that can be read.
pub struct Content {
    /// MIME type; nothing that a header could not carry.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// A name for it; nothing that a path or a header could not carry.
    pub name: String,
    /// SHA-256 of the bytes, hex.
    pub digest: Option<String>,
    /// The bytes.
    pub file: tokio::fs::File,
}

/// Opens one of a message's files.
async fn content(core: &Core, message: &Message, index: usize) -> Result<Content, ApiError> {
    let media = media_of(message, index)?;
    let Some(file) = media.file.filter(|_| media.state == State::Kept) else {
        return Err(ApiError::new(Code::Conflict, not_here(media)));
    };
    let (file, size) = core.0.media.shelf.read(message.business, file).await.map_err(|e| match e {
        Trouble::Missing => ApiError::new(Code::Conflict, e.to_string()),
        other => ApiError::unavailable(other.to_string()),
    })?;
    let content_type = plain_type(&media.content_type);
    let usual = || format!("media-{}-{index}.{}", message.id, ending(&content_type));
    let name = media.name.as_deref().and_then(safe_name).unwrap_or_else(usual);
    Ok(Content { content_type, size, name, digest: media.digest.clone(), file })
}

fn media_of(message: &Message, index: usize) -> Result<&Media, ApiError> {
    message.media.get(index).ok_or_else(|| ApiError::not_found(format!("media {index} of message {}", message.id)))
}

/// Why a file cannot be read.
fn not_here(media: &Media) -> String {
    let why = media.detail.as_deref();
    match media.state {
        State::Waiting => why.map_or("this file is being fetched: try again in a moment".to_owned(), str::to_owned),
        State::Failed => format!("this file could not be fetched: {}", why.unwrap_or("no reason is known")),
        State::Gone => format!("this file is gone: {}", why.unwrap_or("Twilio does not have it any more")),
        State::Remote | State::Kept => {
            "this file is not kept here: `switchboard media show` tells where it is".to_owned()
        }
    }
}
