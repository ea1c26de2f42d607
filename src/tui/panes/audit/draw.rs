//! How the audit log looks:
//!
//! ```text
//! ━ Audit ━ all businesses ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ following ━
//! ▌09:00:01 agent1   Harbor Dental  changed the business Harbor Dental: active
//! ```
//!
//! On a wide screen the entry under the cursor is shown whole beside the list.

use ratatui::layout::Rect;

use super::detail;
use crate::api::audit::AuditEntry;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::panes::{empty, narrowed};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// From this width on an entry is shown beside the list.
const BESIDE: u16 = 130;
/// From this width on there is more room for names.
const WIDE: u16 = 100;

/// Draws the pane; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let audit = &app.rooms.audit;
    let whose = audit.business().map_or(Shown::from("all businesses"), |id| name_of(app, id));
    let title = [(Shown::from("Audit"), Role::Strong), (shown!(" · {whose}"), Role::Dim)];
    let state = match audit.at() {
        _ if audit.rows.iter().any(|row| !row.sound) => (Shown::from("✗ entries do not fit their seal"), Role::Error),
        0 => (Shown::from("following"), Role::Dim),
        _ if audit.stale => (Shown::from("newer above"), Role::Warn),
        n => (shown!("{n} newer above"), Role::Dim),
    };
    ink.rule(line(area, 0), true, &title, &[state]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let mut body = narrowed(ink, body, audit.filter.as_ref(), app.focus == Focus::AuditFilter, map);
    if body.width >= BESIDE {
        let width = body.width * 2 / 5;
        let side = Rect { x: body.right() - width, width, ..body };
        body.width -= width + 1;
        ink.side(Rect { x: side.x - 1, width: 1, ..side });
        if let Some(entry) = audit.current() {
            let lines = detail(app, entry, usize::from(side.width.saturating_sub(2)));
            for (n, pieces) in lines.iter().take(side.height.into()).enumerate() {
                ink.pieces(indent(line(side, n as u16), 1), pieces);
            }
        }
    }
    rows(app, ink, body, map);
}

fn rows(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let audit = &app.rooms.audit;
    let (fit, at) = (usize::from(area.height), audit.at());
    let listed = Listed { top: list::follow(audit.top, Some(at), fit, audit.rows.len()), fit };
    map.list = Some(listed);
    if audit.rows.is_empty() {
        let nothing = match (audit.narrowed().is_empty(), audit.has_more()) {
            (true, _) => "nothing was done yet",
            (false, true) => "nothing matches among the newest: narrow it by kind: or to: to look further back",
            (false, false) => "nothing matches: by:kim, kind:business, from:2026-03-01, to:…, or words of an entry",
        };
        empty(ink, area, audit.error.as_ref(), audit.loaded, nothing);
    } else if let Some(why) = &audit.error {
        ink.text(indent(line(area, area.height.saturating_sub(1)), 1), why, Role::Error);
    }
    for (n, entry) in audit.rows.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(area, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == at { "▌" } else { " " }), Role::Focus);
        ink.pieces(indent(rect, 1), &pieces(app, entry, rect.width));
        if n == at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}

fn pieces(app: &App, entry: &AuditEntry, width: u16) -> Vec<Piece> {
    let wide = width >= WIDE;
    let mut pieces = vec![
        (shown!("{} ", moment(app, entry)), Role::Dim),
        (padded(&who(entry), if wide { 12 } else { 8 }), Role::Text),
    ];
    if app.rooms.audit.business().is_none() {
        let name = entry.business_name.as_deref().map(Shown::of).unwrap_or_default();
        pieces.push((padded(&name, if wide { 20 } else { 13 }), Role::Dim));
    }
    match (entry.sound, entry.erased) {
        (false, _) => pieces.push((Shown::from("✗ not as it was sealed: "), Role::Error)),
        (true, true) => pieces.push((Shown::from("erased: "), Role::Warn)),
        (true, false) => {}
    }
    pieces.push((Shown::of(&entry.said), Role::Text));
    pieces
}

/// Who did it.
pub(super) fn who(entry: &AuditEntry) -> Shown {
    entry.actor.as_deref().map_or(Shown::from("(node)"), Shown::of)
}

fn name_of(app: &App, id: crate::domain::id::Id) -> Shown {
    let known = app.session.businesses.iter().find(|row| row.id == id);
    known.map_or_else(|| shown!("business {id}"), |row| Shown::of(&row.name))
}

fn moment(app: &App, entry: &AuditEntry) -> Shown {
    let day = |at| app.clock.day_number(at);
    let today = app.clock.now().is_some_and(|now| day(now) == day(entry.at.0));
    if today { app.clock.second(entry.at.0) } else { shown!("{:>8}", app.clock.brief(entry.at.0).to_string()) }
}

fn padded(text: &Shown, cells: usize) -> Shown {
    let text = text.cut(cells);
    let pad = " ".repeat(cells.saturating_sub(text.width()) + 1);
    shown!("{text}{pad}")
}

/// The log in sentences, to be read out.
pub fn told(app: &App) -> Vec<Shown> {
    let audit = &app.rooms.audit;
    if let Some(why) = &audit.error {
        return vec![why.clone()];
    }
    let whose = audit.business().map_or(Shown::from("all businesses"), |id| name_of(app, id));
    let mut lines = vec![shown!("Audit log of {whose}, {} entries, newest first.", audit.rows.len())];
    for (n, entry) in audit.rows.iter().enumerate() {
        let name = entry.business_name.as_deref().map(|name| shown!(", {}", Shown::of(name))).unwrap_or_default();
        let (at, who, said) = (moment(app, entry), who(entry), Shown::of(&entry.said));
        lines.push(shown!("{}. {}, {who}{name}: {said}", n + 1, at.as_str().trim()));
    }
    lines
}
