//! What is said of what happened: notices, what is asked, lists and conversations, texts as they come.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::app::{App, Focus};
use super::super::draw::draw;
use super::super::msg::{Msg, TABS};
use super::super::overlay::Overlay;
use super::super::panes::inbox::who;
use super::super::panes::thread::{Entry, tick};
use super::super::panes::{analytics, audit, verify};
use super::super::shown::{Shown, shown};
use crate::api::events::Frame;
use crate::api::inbox::{ConversationView, MessageView};
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::domain::message::Direction;
use crate::link::{Connection, Heard};

/// Messages of a conversation that are read out when it is opened.
const READ: usize = 10;
/// The page on which the other panes are laid out to be read.
const PAGE: Rect = Rect { x: 0, y: 0, width: 100, height: 40 };

/// What was said last, so that nothing is said twice.
#[derive(Debug, Default)]
pub struct Told {
    notice: Option<Shown>,
    asked: Option<Shown>,
    place: Option<(Focus, Option<Id>, String)>,
    tester: Vec<Shown>,
}

impl Told {
    /// What is said of something that comes from the node, before the console takes it in.
    pub fn heard(&self, app: &App, msg: &Msg) -> Vec<Shown> {
        match msg {
            Msg::Heard(Heard::Frame(Frame::Event(event))) => {
                let Some((view, message)) = event.conversation.as_ref().zip(event.message.as_ref()) else {
                    return Vec::new();
                };
                if !app.session.caught_up || Some(view.business) != app.session.business {
                    return Vec::new();
                }
                let mine = message.author.as_deref() == Some(app.session.me.as_str());
                match (event.kind.as_str(), message.direction) {
                    ("message.received", _) => vec![shown!("{} wrote: {}", who(view), Shown::of(&message.body))],
                    ("note.added", _) if !mine => vec![sentence(app, message, Some(view))],
                    ("message.status" | "message.refused" | "message.unknown", Direction::Out) => {
                        let (state, _) = tick(message.status, message.error, true, message.to.kind());
                        vec![shown!("To {}: {state}.", who(view))]
                    }
                    _ => Vec::new(),
                }
            }
            Msg::Heard(Heard::Connection(Connection::Stale(why))) => {
                vec![shown!("The node is away: {}", Shown::of(why))]
            }
            Msg::Heard(Heard::Connection(Connection::Live)) if app.session.connection != Connection::Live => {
                vec![Shown::from("The node is there.")]
            }
            _ => Vec::new(),
        }
    }

    /// What is said of how things are now. `settled` says that nothing is being waited for.
    pub fn changed(&mut self, app: &mut App, settled: bool) -> Vec<Shown> {
        let mut lines = Vec::new();
        let notice = app.notice.as_ref().map(|n| n.text.clone());
        if notice != self.notice {
            lines.extend(notice.clone());
            self.notice = notice;
        }
        let asked = app.overlay.as_ref().map(|_| Shown::default());
        if let Some(overlay) = &app.overlay {
            let text = question(overlay);
            let whole = shown!("{}", text.iter().map(Shown::as_str).collect::<Vec<_>>().join("\n"));
            if self.asked.as_ref() != Some(&whole) {
                lines.extend(text);
            }
            self.asked = Some(whole);
            if matches!(overlay, Overlay::Page(_) | Overlay::Behind(_)) {
                // It has been read out: there is nothing to close.
                app.overlay = None;
                self.asked = None;
            }
        } else {
            self.asked = asked;
        }
        if settled && app.overlay.is_none() && app.inbox.loaded {
            let focus = match app.focus {
                Focus::Composer => Focus::Thread,
                Focus::Filter => Focus::Inbox,
                Focus::AuditFilter => Focus::Audit,
                focus => focus,
            };
            let tests = matches!(
                focus,
                Focus::Tester | Focus::TesterForm | Focus::TesterCode | Focus::Matrix | Focus::MatrixForm
            );
            if tests || matches!(focus, Focus::Dashboard | Focus::Figures) {
                // It changes line by line: only what is new is said.
                let now = if tests { verify::told(app) } else { analytics::told(app) };
                lines.extend(now.iter().filter(|line| !self.tester.contains(line)).cloned());
                (self.tester, self.place) = (now, None);
                return lines;
            }
            self.tester.clear();
            let narrowed = if focus == Focus::Audit { app.rooms.audit.narrowed() } else { "" };
            let place = (focus, app.thread.as_ref().map(|t| t.id()), format!("{:?}{narrowed}", app.inbox.tab));
            if self.place.as_ref() != Some(&place) {
                lines.extend(read_out(app));
                self.place = Some(place);
            }
        }
        lines
    }
}

/// What an overlay asks, in lines.
fn question(overlay: &Overlay) -> Vec<Shown> {
    match overlay {
        Overlay::Pick(pick) => {
            let mut lines = vec![shown!("{}:", pick.title())];
            for (n, choice) in pick.rows().enumerate() {
                let more = match &choice.off {
                    Some(why) => shown!(" (not now: {why})"),
                    None if choice.detail.is_empty() => Shown::default(),
                    None => shown!(" ({})", choice.detail),
                };
                lines.push(shown!("{}. {}{more}", n + 1, choice.label));
            }
            lines
        }
        Overlay::Fill(fill) => fill.asks(),
        Overlay::Page(page) => page.text().lines().map(Shown::of).collect(),
        Overlay::Look(look) => vec![shown!("Put {} characters into the message?", look.text.chars().count())],
        Overlay::Behind(behind) => behind.text().lines().map(Shown::of).collect(),
        Overlay::Press(_) => vec![Shown::from("Keys are chosen on a screen, or in the keymap's file.")],
    }
}

fn read_out(app: &App) -> Vec<Shown> {
    match (app.focus, &app.thread) {
        (Focus::Thread | Focus::Composer, Some(thread)) => {
            let view = &thread.conversation;
            let mut lines = vec![shown!("{}, {}.", who(view), standing(app, view))];
            let entries = thread.entries(&app.outgoing);
            for entry in entries.iter().skip(entries.len().saturating_sub(READ)) {
                lines.push(match entry {
                    Entry::Message(message) => sentence(app, message, None),
                    Entry::Pending(pending) => shown!("on its way: {}", Shown::of(&pending.body)),
                });
            }
            lines
        }
        (Focus::Inbox | Focus::Filter, _) => list(app),
        (Focus::Audit | Focus::AuditFilter, _) => audit::told(app),
        _ => screen(app),
    }
}

fn list(app: &App) -> Vec<Shown> {
    let counts = &app.session.counts;
    let business = app.session.current().map(|b| Shown::of(&b.name)).unwrap_or_default();
    let world = if app.session.is_sandbox() { "Sandbox. " } else { "" };
    let tab = TABS.iter().find(|(tab, _)| *tab == app.inbox.tab).map_or("", |(_, name)| name);
    let mut lines = vec![shown!("{world}{business}, {tab}. {} wait for an answer. help says more.", counts.waiting)];
    let rows = app.inbox.window.rows();
    for (n, id) in app.inbox.visible().iter().enumerate() {
        let Some(view) = rows.iter().find(|r| r.view.id == *id).map(|r| &r.view) else { continue };
        let unread = if view.unread > 0 { shown!(", {} unread", view.unread) } else { Shown::default() };
        let last = view.last.as_ref().map(|l| shown!(": {}", Shown::of(&l.preview))).unwrap_or_default();
        lines.push(shown!("{}. {}, {}{unread}{last}", n + 1, who(view), standing(app, view)));
    }
    lines
}

/// Where a conversation stands, in words.
fn standing(app: &App, view: &ConversationView) -> Shown {
    let mut words = Vec::new();
    match (view.status, view.waiting_since) {
        (Status::Resolved, _) => words.push("resolved".to_owned()),
        (Status::Snoozed, _) => words.push(match view.snoozed_until {
            Some(at) => format!("snoozed until {}", app.clock.soon(at.0)),
            None => "snoozed until they reply".to_owned(),
        }),
        (_, Some(since)) => {
            let minutes = app.clock.seconds_since(since.0).unwrap_or(0) / 60;
            words.push(format!("waits since {minutes} minutes"));
        }
        (_, None) => words.push("open".to_owned()),
    }
    match &view.assignee {
        Some(agent) if *agent == app.session.me => words.push("assigned to you".to_owned()),
        Some(agent) => words.push(format!("assigned to {}", Shown::of(agent))),
        None => words.push("unassigned".to_owned()),
    }
    if !view.labels.is_empty() {
        words.push(format!("labelled {}", Shown::of(&view.labels.join(", "))));
    }
    if view.opted_out_at.is_some() {
        words.push("opted out".to_owned());
    }
    Shown::from(words.join(", "))
}

/// A message in one line.
fn sentence(app: &App, message: &MessageView, view: Option<&ConversationView>) -> Shown {
    let at = app.clock.brief(message.at.0);
    let author = message.author.as_deref().map_or(Shown::from("we"), Shown::of);
    let body = Shown::of(&message.body);
    match message.direction {
        Direction::In => shown!("{at}, the customer: {body}"),
        Direction::Out => {
            shown!("{at}, {author}, {}: {body}", tick(message.status, message.error, true, message.to.kind()).0)
        }
        Direction::Note => match view {
            Some(view) => shown!("Note of {author} about {}: {body}", who(view)),
            None => shown!("{at}, note of {author}: {body}"),
        },
    }
}

/// The other panes as they would be drawn, line by line.
fn screen(app: &App) -> Vec<Shown> {
    let mut buffer = Buffer::empty(PAGE);
    draw(app, &mut buffer);
    let mut lines = Vec::new();
    // The frame around the pane is not read out.
    for y in 2..PAGE.height - 1 {
        let row: String = (0..PAGE.width).filter_map(|x| buffer.cell((x, y))).map(|cell| cell.symbol()).collect();
        let row = row.replace(['━', '─', '│', '▌'], " ");
        let text = row.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            lines.push(Shown::of(&text));
        }
    }
    lines
}
