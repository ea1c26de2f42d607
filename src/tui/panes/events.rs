//! What happened lately, as the feed told it: the newest first, as many as fit in memory's corner.

use std::collections::VecDeque;

use ratatui::layout::Rect;

use super::{empty, narrowed};
use crate::api::events::{Cursor, Event};
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::mask::hidden;
use crate::tui::overlay::page::WIDTH;
use crate::tui::panes::inbox::who;
use crate::tui::panes::thread::tick;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::{field::Field, list};

/// Events kept.
const KEPT: usize = 500;

/// The newest events, cleaned for the screen, and the cursor of the list.
#[derive(Debug, Default)]
pub struct Log {
    lines: VecDeque<Line>,
    /// What narrows the list.
    pub filter: Option<Field>,
    /// The row under the cursor, among those let through.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
}

#[derive(Debug)]
struct Line {
    raw: Box<Event>,
    at: crate::domain::time::Time,
    kind: Shown,
    actor: Option<Shown>,
    about: Shown,
    address: Shown,
    business: Option<crate::domain::id::Id>,
    said: Vec<Shown>,
    ids: Vec<(&'static str, Shown)>,
}

impl Log {
    /// Takes an event in. Away from the newest the cursor stays on its row.
    pub fn heard(&mut self, event: &Event) {
        let mut ids = vec![("cursor", Shown::from(event.cursor.encode()))];
        if let Some(view) = &event.conversation {
            ids.push(("conversation", shown!("{}", view.id)));
        }
        let mut said = Vec::new();
        if let Some(message) = &event.message {
            ids.push((
                "message",
                shown!("{} · {}", message.id, tick(message.status, message.error, true, message.to.kind()).0),
            ));
            ids.extend(message.sid.map(|sid| ("sid", shown!("{sid}"))));
            said = Shown::lines(&message.body);
        }
        let line = Line {
            raw: Box::new(event.clone()),
            at: event.at.0,
            kind: Shown::of(words(&event.kind)),
            actor: event.actor.as_deref().map(Shown::of),
            about: event.conversation.as_ref().map(who).unwrap_or_default(),
            address: event.conversation.as_ref().map(|c| Shown::of(c.customer.as_str())).unwrap_or_default(),
            business: event.business,
            said,
            ids,
        };
        if self.at > 0 && self.lets_through(&line) {
            self.at += 1;
        }
        self.lines.push_front(line);
        self.lines.truncate(KEPT);
        if self.at > 0 {
            self.at = self.at.min(self.visible().len().saturating_sub(1));
        }
    }

    fn lets_through(&self, line: &Line) -> bool {
        let wanted = self.filter.as_ref().map(|f| f.text().trim().to_lowercase()).unwrap_or_default();
        let has = |text: &Shown| text.as_str().to_lowercase().contains(&wanted);
        wanted.is_empty()
            || [&line.kind, &line.about, &line.address].into_iter().any(has)
            || line.actor.iter().chain(&line.said).any(has)
            || line.ids.iter().any(|(_, id)| has(id))
    }

    fn visible(&self) -> Vec<&Line> {
        self.lines.iter().filter(|line| self.lets_through(line)).collect()
    }

    /// The event under the cursor, and the cursor after which the feed tells it first.
    pub fn current(&self) -> Option<(&Event, Option<&Cursor>)> {
        let line = self.visible().get(self.at).copied()?;
        let at = self.lines.iter().position(|other| std::ptr::eq(other, line))?;
        Some((&line.raw, self.lines.get(at + 1).map(|older| &older.raw.cursor)))
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) {
        self.at = list::step(self.at, by, self.visible().len());
    }

    /// Goes to the newest and stays there.
    pub fn follow(&mut self) {
        (self.at, self.top) = (0, 0);
    }

    /// How many are kept.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing has happened since the start.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}

/// What a person calls what happened, where that is not its name in the feed.
fn words(kind: &str) -> &str {
    match kind {
        "remote.begun" => "setup started",
        "remote.moved" => "setup goes on",
        "remote.resumed" => "setup resumed",
        kind => kind,
    }
}

/// The event under the cursor, whole.
pub fn detail(app: &App) -> Option<Vec<Vec<Piece>>> {
    let visible = app.rooms.log.visible();
    let event = visible.get(app.rooms.log.at)?;
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut pair = |name: &str, value: &Shown| {
        for (n, part) in value.wrap(WIDTH - 14).into_iter().enumerate() {
            let label = if n == 0 { shown!("{name:<14}") } else { shown!("{:14}", "") };
            lines.push(vec![(label, Role::Dim), (part, Role::Text)]);
        }
    };
    pair("kind", &event.kind);
    pair("at", &shown!("{} {}", app.clock.full_day(event.at), app.clock.second(event.at)));
    if let Some(actor) = &event.actor {
        pair("by", actor);
    }
    let business = app.session.businesses.iter().find(|b| Some(b.id) == event.business);
    if let Some(business) = business {
        pair("business", &Shown::of(&business.name));
    }
    if !event.about.is_empty() {
        pair("customer", &shown!("{} {}", event.about, event.address));
    }
    for (name, id) in &event.ids {
        pair(name, id);
    }
    for said in &event.said {
        pair("text", &if app.settings.privacy { hidden(said) } else { said.clone() });
    }
    Some(lines)
}

/// Draws the list; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let log = &app.rooms.log;
    let title = [(Shown::from("Events"), Role::Strong), (Shown::from(" · newest first"), Role::Dim)];
    let state = match log.at {
        0 => (Shown::from("following"), Role::Dim),
        n => (shown!("{n} newer above"), Role::Warn),
    };
    ink.rule(line(area, 0), true, &title, &[state]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let body = narrowed(ink, body, log.filter.as_ref(), app.focus == Focus::EventFilter, map);
    let rows = log.visible();
    let fit = usize::from(body.height);
    let listed = Listed { top: list::follow(log.top, Some(log.at), fit, rows.len()), fit };
    map.list = Some(listed);
    if rows.is_empty() {
        let nothing =
            if log.is_empty() { "nothing has happened since this console started" } else { "nothing matches" };
        empty(ink, body, None, true, nothing);
    }
    for (n, row) in rows.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(body, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == log.at { "▌" } else { " " }), Role::Focus);
        let actor = row.actor.as_ref().map(|a| shown!("{a} ")).unwrap_or_default();
        let business = app.session.businesses.iter().find(|b| Some(b.id) == row.business);
        let about = match business.filter(|_| row.raw.kind.starts_with("remote.")) {
            Some(business) => Shown::of(&business.name),
            None => row.about.clone(),
        };
        let said = row.said.first().map(|s| shown!(" · {s}")).unwrap_or_default();
        let pieces = [
            (shown!("{} ", app.clock.second(row.at)), Role::Dim),
            (shown!("{:<24} ", row.kind.as_str()), Role::Text),
            (shown!("{actor}{about}"), Role::Dim),
            (if app.settings.privacy { hidden(&said) } else { said }, Role::Dim),
        ];
        ink.pieces(indent(rect, 2), &pieces);
        if n == log.at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}
