//! Keeps the drafts on disk: soon after a key, one writing at a time, and never in the way of a frame.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::tui::drafts::Drafts;
use crate::tui::msg::Msg;
use crate::tui::shown::shown;

/// Drafts are on disk at most this long after a key.
const WITHIN: Duration = Duration::from_millis(500);

/// Where the drafts are kept, and when they are written next.
pub(super) struct Saving {
    path: Option<PathBuf>,
    at: Option<Instant>,
    under_way: Option<JoinHandle<io::Result<()>>>,
}

impl Saving {
    /// Drafts that are kept in a file, or nowhere.
    pub(super) fn new(path: Option<PathBuf>) -> Saving {
        Saving { path, at: None, under_way: None }
    }

    /// The directory of the file.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.path.as_deref().and_then(Path::parent)
    }

    /// The drafts changed.
    pub(super) fn want(&mut self) {
        self.at.get_or_insert(Instant::now() + WITHIN);
    }

    /// When they are to be written.
    pub(super) fn due(&self) -> Option<Instant> {
        self.at
    }

    /// Writes them when it is time.
    pub(super) fn work(&mut self, drafts: &Drafts, sender: &mpsc::Sender<Msg>) {
        if self.under_way.as_ref().is_some_and(JoinHandle::is_finished) {
            self.under_way = None;
        }
        let due = self.at.is_some_and(|at| at <= Instant::now());
        let (true, Some(path)) = (due, self.path.clone()) else { return };
        if self.under_way.is_some() {
            self.at = Some(Instant::now() + WITHIN);
            return;
        }
        self.at = None;
        let (drafts, sender) = (drafts.clone(), sender.clone());
        self.under_way = Some(tokio::task::spawn_blocking(move || {
            let saved = drafts.save(&path);
            if let Err(e) = &saved {
                let text = shown!("the drafts could not be saved in {}: {e}", path.display());
                let _ = sender.try_send(Msg::Trouble(text));
            }
            saved
        }));
    }

    /// Writes what is not written yet.
    pub(super) async fn end(&mut self, drafts: &Drafts) -> io::Result<()> {
        if let Some(under_way) = self.under_way.take() {
            let _ = under_way.await;
        }
        match (&self.path, self.at.take()) {
            (Some(path), Some(_)) => drafts.save(path),
            _ => Ok(()),
        }
    }
}
