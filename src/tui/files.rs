//! Files of messages as the console handles them: what is asked of the loop, what comes back, and how a file
//! looks on the screen. The reading and writing itself is the loop's.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::shown::{Shown, shown};
use crate::api::media::{FileView, MediaView};
use crate::domain::id::Id;
use crate::domain::media::State;

/// Something to be done with files of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Show a file of a message in the program that this machine has for it.
    Open {
        /// The message.
        message: Id,
        /// Which of its files, from 0.
        index: u32,
    },
    /// Write a file of a message; one that is there stays.
    Save {
        /// The message.
        message: Id,
        /// Which of its files, from 0.
        index: u32,
        /// Where, as a person wrote it.
        path: String,
    },
    /// Bring a file to the node, for a message of a conversation.
    Attach {
        /// The conversation.
        conversation: Id,
        /// Its business.
        business: Id,
        /// The file, as a person wrote it.
        path: String,
    },
    /// Find how a path goes on.
    Complete(String),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// The program for it was started, or why not.
    Opened(Result<Shown, Shown>),
    /// Where it was written and how long it is, or why it was not.
    Saved(Result<(PathBuf, u64), Shown>),
    /// The file is at the node, or why not.
    Attached(Id, Result<Attached, Shown>),
    /// How a path goes on: what was asked, as far as it is certain, and what else is possible.
    Completed(String, String, Vec<String>),
}

/// A file that was brought along and waits for its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// What the node calls it.
    pub id: Id,
    /// MIME type, as found in its bytes.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
}

impl From<FileView> for Attached {
    fn from(view: FileView) -> Attached {
        Attached { id: view.id, content_type: view.content_type, size: view.size, name: view.name }
    }
}

impl Attached {
    /// As it stands over the text.
    pub fn chip(&self) -> Shown {
        chip(&self.content_type, Some(self.size), self.name.as_deref(), "")
    }
}

/// A file of a message as it stands in the thread: its type, its size, what it is called, and where it is when
/// it is not simply here.
pub fn chip_of(media: &MediaView) -> Shown {
    let state = match media.state {
        State::Kept | State::Remote => "",
        State::Waiting if media.tries == 0 => " · being fetched",
        State::Waiting => " · not fetched yet, tried again",
        State::Failed => " · ✗ not fetched",
        State::Gone => " · ✗ gone",
    };
    chip(&media.content_type, media.size, media.name.as_deref(), state)
}

/// Why a file is not here, if it should be.
pub fn reason(media: &MediaView) -> Option<Shown> {
    let missing = match media.state {
        State::Failed | State::Gone => true,
        State::Waiting => media.tries > 0,
        State::Kept | State::Remote => false,
    };
    media.detail.as_deref().filter(|_| missing).map(Shown::of)
}

/// Whether it can be asked for again.
pub fn can_be_fetched(media: &MediaView) -> bool {
    matches!(media.state, State::Failed | State::Gone) || (media.state == State::Waiting && media.tries > 0)
}

fn chip(kind: &str, bytes: Option<u64>, name: Option<&str>, state: &str) -> Shown {
    let bytes = bytes.map(size).unwrap_or_default();
    let name = name.map(|name| shown!(" · {}", Shown::of(name).cut(32))).unwrap_or_default();
    shown!("▣ {}{bytes}{name}{state}", Shown::of(kind))
}

/// A size as people read it, in decimal units.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!(" {bytes} B"),
        1_000..1_000_000 => format!(" {} kB", bytes / 1_000),
        _ => format!(" {}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
