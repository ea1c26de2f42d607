//! Why something red or amber is so, as a page: what happened, whose doing it is, what to press next, and what
//! we know of it that a table of error codes does not.

mod media;
mod message;
mod node;
mod refused;

pub use node::waits_behind;

use super::app::{App, Focus};
use super::ink::Piece;
use super::overlay::page::WIDTH;
use super::overlay::{Page, page};
use super::shown::Shown;
use super::theme::Role;
use super::update::what_failed;
use crate::domain::media::State;
use crate::link::Connection;

/// The page about what is wrong here: the sentence at the foot of the screen, else what is under the cursor,
/// else the node and the way to it. `None` when nothing is.
pub fn explained(app: &App) -> Option<Page> {
    let notice = app.notice.as_ref().filter(|n| matches!(n.role, Role::Error | Role::Warn));
    if let Some(notice) = notice.filter(|notice| refused::is_refusal(app, notice)) {
        return Some(Page::new("Why not", refused::lines(app, notice)));
    }
    if app.focus == Focus::Thread || app.focus == Focus::Composer {
        let thread = app.thread.as_ref()?;
        if let Some(failed) = what_failed(app) {
            let mut page = Page::new("Why it failed", message::lines(app, failed));
            page.about = Some(failed.id);
            return Some(page);
        }
        let lacks = |state| matches!(state, State::Failed | State::Gone | State::Waiting);
        let cursor = thread.selected.as_ref().and_then(|_| thread.message_at_cursor());
        let all = thread.held().iter().rev().filter(|m| m.media.iter().any(|file| file.state == State::Failed));
        if let Some(m) = cursor.into_iter().chain(all).find(|m| m.media.iter().any(|file| lacks(file.state))) {
            return Some(Page::new("Why a file is not here", media::lines(app, m)));
        }
    }
    if let Some(notice) = notice {
        return Some(Page::new("Why not", refused::lines(app, notice)));
    }
    if let (Focus::Webhooks | Focus::WebhookFilter, Some(webhook)) = (app.focus, app.rooms.hooks.current())
        && let Some(reason) = webhook.reason
    {
        return Some(Page::new("Why it was refused", node::webhook(app, webhook, reason)));
    }
    if let Connection::Stale(why) = &app.session.connection {
        return Some(Page::new("Why what is shown may be old", node::stale(app, why)));
    }
    let troubles = node::troubles(app);
    (!troubles.is_empty()).then(|| Page::new("What is wrong with the node", node::troubled(app, &troubles)))
}

/// Lines of a page, wrapped for it.
#[derive(Debug, Default)]
pub struct Lines(Vec<Vec<Piece>>);

/// Cells before a named value.
const NAMES: usize = 10;

impl Lines {
    /// A text of its own.
    pub fn say(&mut self, text: Shown, role: Role) {
        self.0.extend(text.wrap(WIDTH).into_iter().map(|t| vec![(t, role)]));
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.0.push(Vec::new());
    }

    /// A text with a name before it.
    pub fn named(&mut self, name: &str, text: Shown) {
        for (n, line) in text.wrap(page::WIDTH - NAMES).into_iter().enumerate() {
            let label = if n == 0 { format!("{name:<NAMES$}") } else { " ".repeat(NAMES) };
            self.0.push(vec![(Shown::from(label), Role::Dim), (line, Role::Text)]);
        }
    }
}
