//! The list of businesses: which there are, and which one is shown.

use ratatui::layout::Rect;

use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// The cursor of the list; the rows are the session's.
#[derive(Debug, Default)]
pub struct Businesses {
    /// The row under the cursor.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
}

/// Draws the list; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let rows = &app.session.businesses;
    let title = [(Shown::from("Businesses"), Role::Strong), (shown!(" {}", rows.len()), Role::Dim)];
    ink.rule(line(area, 0), app.focus == Focus::Businesses, &title, &[]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let fit = usize::from(body.height / 2);
    let at = app.rooms.businesses.at;
    let listed = Listed { top: list::follow(app.rooms.businesses.top, Some(at), fit, rows.len()), fit };
    map.list = Some(listed);
    if rows.is_empty() {
        ink.text(indent(line(body, 1), 2), &Shown::from("loading…"), Role::Dim);
    }
    for (n, row) in rows.iter().enumerate().skip(listed.top).take(fit.max(1)) {
        let rect = Rect { y: body.y + ((n - listed.top) * 2) as u16, height: 2, ..body };
        if rect.bottom() > body.bottom() {
            break;
        }
        map.hit(rect, Hit::Row(n));
        let shown_now = Some(row.id) == app.session.business;
        ink.text(line(rect, 0), &Shown::from(if n == at { "▌" } else { " " }), Role::Focus);
        let mut pieces = vec![(Shown::of(&row.name), if shown_now { Role::Strong } else { Role::Text })];
        if shown_now {
            pieces.push((Shown::from(" · shown"), Role::Ok));
        }
        if !row.active {
            pieces.push((Shown::from(" · inactive"), Role::Warn));
        }
        ink.pieces(indent(line(rect, 0), 2), &pieces);
        let verify =
            if row.verify_service_id.is_empty() { "no Verify service" } else { row.verify_service_id.as_str() };
        let more = shown!("{} · {} · {}", Shown::of(&row.phone_number), Shown::of(verify), Shown::of(&row.time_zone));
        ink.text(indent(line(rect, 1), 4), &more.cut(usize::from(rect.width.saturating_sub(5))), Role::Dim);
        if n == at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}
