//! The frame of the four parts, and their rows.

use ratatui::layout::Rect;

use super::{Rows, held, keeping, later, numbers};
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::panes::tabs;
use crate::tui::shown::Shown;
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// Draws the pane; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let upkeep = &app.rooms.upkeep;
    let count = |loaded: bool, n: usize| loaded.then_some(n as u64);
    let title = tabs(
        "Upkeep",
        &[
            ("Keeping up", upkeep.keeping.as_ref().map(|k| k.open_gaps), app.focus == Focus::Keeping),
            ("Numbers", count(upkeep.numbers.loaded, upkeep.numbers.items.len()), app.focus == Focus::Numbers),
            ("Put off", count(upkeep.later.loaded, upkeep.later.items.len()), app.focus == Focus::Later),
            ("Asking", count(upkeep.held.loaded, upkeep.held.items.len()), app.focus == Focus::Held),
        ],
    );
    ink.rule(line(area, 0), true, &title, &[]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    match app.focus {
        Focus::Numbers => numbers::draw(app, ink, body, map),
        Focus::Later => later::draw(app, ink, body, map),
        Focus::Held => held::draw(app, ink, body, map),
        _ => keeping::draw(app, ink, body, map),
    }
}

/// Draws rows of two lines each, with the cursor.
pub(super) fn rows<T>(
    ink: &mut Ink,
    area: Rect,
    map: &mut FrameMap,
    rows: &Rows<T>,
    mut draw: impl FnMut(&T) -> [Vec<Piece>; 2],
) {
    let fit = usize::from(area.height / 2);
    let listed = Listed { top: list::follow(rows.top, Some(rows.at), fit, rows.items.len()), fit };
    map.list = Some(listed);
    for (n, row) in rows.items.iter().enumerate().skip(listed.top).take(fit) {
        let rect = Rect { y: area.y + ((n - listed.top) * 2) as u16, height: 2, ..area };
        map.hit(rect, Hit::Row(n));
        let mark = Shown::from(if n == rows.at { "▌" } else { " " });
        let [first, second] = draw(row);
        for (at, pieces, inset) in [(0, first, 2), (1, second, 4)] {
            ink.text(line(rect, at), &mark, Role::Focus);
            ink.pieces(indent(line(rect, at), inset), &pieces);
        }
        if n == rows.at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}
