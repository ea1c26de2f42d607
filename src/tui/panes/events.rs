//! What happened lately, as the feed told it: the newest first, as many as fit in memory's corner.

use std::collections::VecDeque;

use ratatui::layout::Rect;

use crate::api::events::Event;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, indent, line};
use crate::tui::panes::inbox::who;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// Events kept.
const KEPT: usize = 200;

/// The newest events, cleaned for the screen, and the cursor of the list.
#[derive(Debug, Default)]
pub struct Log {
    lines: VecDeque<Line>,
    /// The row under the cursor.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
}

#[derive(Debug)]
struct Line {
    at: crate::domain::time::Time,
    kind: Shown,
    what: Shown,
}

impl Log {
    /// Takes an event in.
    pub fn heard(&mut self, event: &Event) {
        let actor = event.actor.as_deref().map(|a| shown!("{} ", Shown::of(a))).unwrap_or_default();
        let about = event.conversation.as_ref().map(who).unwrap_or_default();
        let what = shown!("{actor}{about}");
        self.lines.push_front(Line { at: event.at.0, kind: Shown::of(&event.kind), what });
        self.lines.truncate(KEPT);
        if self.at > 0 {
            self.at = list::step(self.at, 1, self.lines.len());
        }
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

/// Draws the list; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let log = &app.log;
    let title = [(Shown::from("Events"), Role::Strong), (Shown::from(" · newest first"), Role::Dim)];
    ink.rule(line(area, 0), app.focus == Focus::Events, &title, &[]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let fit = usize::from(body.height);
    let listed = Listed { top: list::follow(log.top, Some(log.at), fit, log.len()), fit };
    map.list = Some(listed);
    if log.is_empty() {
        ink.text(indent(line(body, 1), 2), &Shown::from("nothing has happened since this console started"), Role::Dim);
    }
    for (n, row) in log.lines.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(body, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == log.at { "▌" } else { " " }), Role::Focus);
        let pieces = [
            (shown!("{} ", app.clock.minute(row.at)), Role::Dim),
            (shown!("{:<24} ", row.kind.as_str()), Role::Text),
            (row.what.clone(), Role::Dim),
        ];
        ink.pieces(indent(rect, 2), &pieces);
        if n == log.at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}
