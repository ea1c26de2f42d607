//! The line under a message: who said it, when, and what became of it.

use super::blocks::Scene;
use crate::api::inbox::MessageView;
use crate::domain::address::AddressKind;
use crate::domain::message::{Consent, Direction, Status};
use crate::tui::ink::Piece;
use crate::tui::outgoing::Pending;
use crate::tui::shown::{Shown, shown};
use crate::tui::theirs::Theirs;
use crate::tui::theme::Role;

impl Scene<'_> {
    /// What stands under a message.
    pub(super) fn meta(&self, m: &MessageView) -> Vec<Piece> {
        let mut text = String::new();
        if m.direction == Direction::In {
            return vec![(self.clock.minute(m.at.0), Role::Dim)];
        }
        if let Some(old) = m.retry_of {
            let sid = self.thread.message(old).and_then(|o| o.sid).map(|s| s.to_string());
            let name = sid.as_deref().and_then(|s| s.get(..8)).unwrap_or("an earlier one").to_owned();
            text.push_str(&format!("retry of {name}… · "));
        }
        if m.content_sid.is_some() {
            text.push_str("template · ");
        }
        if m.author.is_some() {
            text.push_str(&format!("{} · ", self.author(m.author.as_deref())));
        }
        if let (Status::Held, Some(at)) = (m.status, m.send_at) {
            return self.later(m, at.0, text);
        }
        let countdown = m.due.and_then(|due| self.clock.countdown(due.0));
        // What has not left has no time yet, and needs the room to say how it is taken back.
        if m.status != Status::Held || countdown.is_none() {
            text.push_str(&format!("{} ", self.clock.minute(m.at.0)));
        }
        let mut pieces = vec![(Shown::from(text), Role::Dim)];
        match (m.status, countdown) {
            (Status::Held, Some(_)) if m.in_line => {
                let about = m.due.map(|due| self.clock.minute(due.0)).unwrap_or_default();
                pieces.push((shown!("in line, leaves about {about} (Ctrl-Z to undo)"), Role::Accent));
            }
            (Status::Held, Some((seconds, _))) => {
                pieces.push((shown!("sending in {seconds}… (Ctrl-Z to undo)"), Role::Accent));
            }
            _ if m.asks_since.is_some() => {
                pieces.push((Shown::from("? waited over ten minutes"), Role::Warn));
                pieces.push((Shown::from(" · r sends, Ctrl-Z undoes"), Role::Dim));
            }
            _ => pieces.push(tick(m.status, m.error, self.words, m.to.kind())),
        }
        if m.status.is_failure() && self.thread.is_retried(m) {
            pieces.push((Shown::from(" · retried"), Role::Dim));
        }
        pieces
    }

    /// What stands under a message that is put off.
    fn later(&self, m: &MessageView, at: crate::domain::time::Time, author: String) -> Vec<Piece> {
        let mut pieces = vec![(Shown::from(author), Role::Dim)];
        if let Some(since) = m.asks_since {
            let why = if since.0 < at { "? they wrote first" } else { "? its time passed while nobody sent" };
            pieces.push((Shown::from(why), Role::Warn));
            pieces.push((Shown::from(" · r sends, x takes it back"), Role::Dim));
            return pieces;
        }
        pieces.push((shown!("waits until {}", self.clock.soon(at)), Role::Accent));
        let theirs = Theirs::of(&m.to).and_then(|theirs| theirs.brief(at, self.clock));
        pieces.extend(theirs.map(|brief| (shown!(" · {brief}"), Role::Dim)));
        if m.unless_they_reply {
            pieces.push((Shown::from(" unless they write"), Role::Dim));
        }
        pieces
    }

    /// What stands under a message before the node has it.
    pub(super) fn pending_meta(&self, p: &Pending) -> Vec<Piece> {
        match (&p.lost, p.unwanted) {
            (Some(why), _) => vec![
                (shown!("✗ no answer: {}", Shown::of(why)), Role::Error),
                (Shown::from(" · r sends it again, Ctrl-Z takes it back"), Role::Dim),
            ],
            (None, true) => vec![(Shown::from("· being taken back"), Role::Dim)],
            (None, false) => vec![tick(Status::Sending, None, self.words, AddressKind::E164)],
        }
    }

    /// The line behind a text that changed whether the customer may be texted.
    pub(super) fn consent(&self, m: &MessageView) -> Option<(Shown, Role)> {
        let word = Shown::of(m.body.trim()).cut(20);
        Some(match m.consent? {
            Consent::Out => (shown!("⊘ opted out by {word}"), Role::Error),
            Consent::In => (shown!("✓ opted in again by {word}"), Role::Ok),
        })
    }
}

/// What became of a message, as a tick or as a word. `read` exists only where it is reported: on WhatsApp,
/// and on channels that we do not know.
pub fn tick(status: Status, error: Option<u32>, words: bool, to: AddressKind) -> Piece {
    let tells_reading = matches!(to, AddressKind::Whatsapp | AddressKind::Other);
    let status = if status == Status::Read && !tells_reading { Status::Delivered } else { status };
    let (glyph, word, role) = match status {
        Status::Held | Status::Sending | Status::Accepted | Status::Scheduled | Status::Queued => {
            ("·", "queued", Role::Dim)
        }
        Status::Unknown => ("· unsure, being settled", "unsure, being settled", Role::Warn),
        Status::Sent => ("✓", "sent", Role::Dim),
        Status::Delivered => ("✓✓", "delivered", Role::Ok),
        Status::Read => ("✓✓ read", "read", Role::Ok),
        Status::Undelivered | Status::Failed => ("✗ failed", "failed", Role::Error),
        Status::Canceled => ("taken back", "taken back", Role::Dim),
        Status::Received => ("", "", Role::Dim),
    };
    let text = if words { word } else { glyph };
    match error {
        Some(code) if status.is_failure() => (shown!("{text} {code}"), role),
        _ => (Shown::from(text), role),
    }
}
