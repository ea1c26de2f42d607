//! What is known of the customer of the open conversation: beside it on a wide screen, over it on a narrow
//! one.

use ratatui::layout::Rect;

use super::thread::Thread;
use crate::api::contacts::{ContactDetail, GetContact};
use crate::api::inbox::{ConversationView, CostView};
use crate::api::{ApiError, When};
use crate::domain::conversation::Status;
use crate::tui::app::App;
use crate::tui::clock::Clock;
use crate::tui::framemap::FrameMap;
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::panes::inbox::who;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Lines it takes below the phones.
pub const HEIGHT: u16 = 18;
/// Cells of the names of its rows.
const NAMES: usize = 12;

/// What the node told of the customer, and as of when.
#[derive(Debug, Default)]
pub struct Known {
    detail: Option<ContactDetail>,
    asked: Option<(u64, usize)>,
    error: Option<Shown>,
    /// It was asked for to be shown over the panes.
    pub wanted: bool,
}

impl Known {
    /// Asks for it, unless what is known is of this moment.
    pub fn ask(&mut self, view: &ConversationView, notes: usize) -> Option<Effect> {
        let now = (view.version, notes);
        if self.asked == Some(now) {
            return None;
        }
        self.asked = Some(now);
        let contact = GetContact { business: Some(view.business), address: view.customer.clone() };
        Some(ask(Tag::Contact(view.id), contact))
    }

    /// The node's answer.
    pub fn answered(&mut self, result: Result<ContactDetail, ApiError>) {
        match result {
            Ok(detail) => (self.detail, self.error) = (Some(detail), None),
            Err(e) => self.error = Some(Shown::from(e.to_string())),
        }
    }
}

/// Draws it; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    ink.rule(line(area, 0), false, &[(Shown::from("Contact"), Role::Strong)], &[]);
    let Some(thread) = &app.thread else { return };
    map.contact = true;
    let width = usize::from(area.width.saturating_sub(3));
    for (n, pieces) in lines(app, thread, width).into_iter().enumerate() {
        ink.pieces(indent(line(area, n as u16 + 1), 2), &pieces);
    }
}

/// Everything that is known, for lines of so many cells.
pub fn lines(app: &App, thread: &Thread, width: usize) -> Vec<Vec<Piece>> {
    let view = &thread.conversation;
    let clock = &app.clock;
    let mut page = Lines { lines: Vec::new(), width };
    page.row("name", who(view), Role::Strong);
    page.row("address", Shown::of(view.customer.as_str()), Role::Text);
    page.row("texts to", Shown::of(view.ours.as_str()), Role::Text);
    page.row("status", Shown::from(status(view.status)), Role::Text);
    page.row("agent", Shown::of(view.assignee.as_deref().unwrap_or("nobody")), Role::Text);
    if !view.labels.is_empty() {
        page.row("labels", Shown::of(&view.labels.join(", ")), Role::Text);
    }
    if let Some(since) = view.waiting_since {
        page.row("waits since", moment(clock, since), Role::Warn);
    }
    if let Some(at) = view.opted_out_at {
        let by = view.opted_out_by.as_deref().map(|word| format!(" by {word}")).unwrap_or_default();
        page.row("opted out", shown!("{}{}", moment(clock, at), Shown::of(&by)), Role::Error);
    }
    if view.failed > 0 {
        page.row("failed", shown!("{} messages", view.failed), Role::Error);
    }
    match (&thread.contact.detail, &thread.contact.error) {
        (Some(detail), _) => known(app, detail, view, &mut page),
        (None, Some(why)) => page.row("more", why.clone(), Role::Error),
        (None, None) => page.row("more", Shown::from("loading…"), Role::Dim),
    }
    page.lines
}

fn known(app: &App, detail: &ContactDetail, view: &ConversationView, page: &mut Lines) {
    let clock = &app.clock;
    page.row("first seen", moment(clock, detail.first_seen), Role::Text);
    if let Some(at) = detail.last_seen {
        page.row("last wrote", moment(clock, at), Role::Text);
    }
    page.row("last agent", Shown::of(detail.last_agent.as_deref().unwrap_or("nobody")), Role::Text);
    page.row("texts", shown!("{} in, {} out", detail.incoming, detail.outgoing), Role::Text);
    page.row("spent", spent(&detail.cost), Role::Text);
    for other in detail.conversations.iter().filter(|c| c.id != view.id) {
        let out = if other.opted_out_at.is_some() { " ⊘ opted out" } else { "" };
        page.row("also at", shown!("{} {}{out}", Shown::of(other.ours.as_str()), status(other.status)), Role::Text);
    }
    for note in &detail.notes {
        let author = note.author.as_deref().unwrap_or("?");
        page.row("NOTE", shown!("{} · {}", Shown::of(author), moment(clock, note.at)), Role::Note);
        for text in Shown::lines(&note.body).iter().flat_map(|l| l.wrap(page.width.saturating_sub(2).max(1))) {
            page.lines.push(vec![(shown!("  {text}"), Role::Text)]);
        }
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Open => "open",
        Status::Pending => "pending",
        Status::Snoozed => "snoozed",
        Status::Resolved => "resolved",
    }
}

fn moment(clock: &Clock, at: When) -> Shown {
    shown!("{} {}", clock.full_day(at.0), clock.minute(at.0))
}

fn spent(cost: &CostView) -> Shown {
    let said = cost.reported.as_ref().map(|m| m.fine());
    let expected = cost.expected.as_ref().map(|m| format!("≈{} not priced yet", m.fine()));
    let parts: Vec<String> = said.into_iter().chain(expected).collect();
    if parts.is_empty() { Shown::from("nothing") } else { Shown::from(parts.join(" + ")) }
}

struct Lines {
    lines: Vec<Vec<Piece>>,
    width: usize,
}

impl Lines {
    fn row(&mut self, name: &str, text: Shown, role: Role) {
        let room = self.width.saturating_sub(NAMES).max(8);
        for (n, text) in text.wrap(room).into_iter().enumerate() {
            let label = if n == 0 { format!("{name:<NAMES$}") } else { " ".repeat(NAMES) };
            self.lines.push(vec![(Shown::from(label), Role::Dim), (text, role)]);
        }
    }
}
