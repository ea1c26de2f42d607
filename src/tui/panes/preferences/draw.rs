//! How the settings look:
//!
//! ```text
//! ━ Settings ━ [Settings]  Keys 121 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//! ▌ theme                  dark             built in
//!   mouse                  on               your file
//! ───────────────────────────────────────────────────────────────────────────────
//!  Name of a colour theme; `auto` asks the terminal.
//! ```

use ratatui::layout::Rect;

use super::{Row, bound};
use crate::config::Origin;
use crate::tui::app::{App, Focus, Settings};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::panes::tabs;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// Draws the pane; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let in_keys = app.focus == Focus::KeyList;
    let keys = bound(&app.settings.keymap);
    let title = tabs("Preferences", &[("Settings", None, !in_keys), ("Keys", Some(keys.len() as u64), in_keys)]);
    ink.rule(line(area, 0), true, &title, &[]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if in_keys {
        let rows: Vec<Vec<Piece>> = keys
            .iter()
            .map(|row| {
                vec![
                    (shown!("{:<11}", row.context.id()), Role::Dim),
                    (shown!("{:<22} ", row.keys.join(", ")), Role::Key),
                    (Shown::from(row.action.title()), Role::Text),
                ]
            })
            .collect();
        return listed(ink, body, map, &rows, app.rooms.preferences.key, app.rooms.preferences.key_top);
    }
    let current = app.rooms.preferences.current();
    let foot = Shown::from(current.meaning()).wrap(usize::from(area.width.saturating_sub(3)).max(10));
    let place = app.settings.files.config.as_ref().map(|path| shown!("file: {}", Shown::of(&path.to_string_lossy())));
    let below = (foot.len() as u16 + 2).min(body.height / 2);
    let rows: Vec<Vec<Piece>> = Row::ALL.iter().map(|row| pieces(&app.settings, *row)).collect();
    let upper = Rect { height: body.height.saturating_sub(below), ..body };
    listed(ink, upper, map, &rows, app.rooms.preferences.at, app.rooms.preferences.top);
    let lower = Rect { y: upper.bottom(), height: below, ..body };
    ink.rule(line(lower, 0), false, &[], &[]);
    for (n, text) in foot.iter().enumerate() {
        ink.text(indent(line(lower, n as u16 + 1), 1), text, Role::Text);
    }
    if let Some(place) = place {
        ink.text(indent(line(lower, below.saturating_sub(1)), 1), &place, Role::Dim);
    }
}

fn listed(ink: &mut Ink, area: Rect, map: &mut FrameMap, rows: &[Vec<Piece>], at: usize, top: usize) {
    let fit = usize::from(area.height);
    let listed = Listed { top: list::follow(top, Some(at), fit, rows.len()), fit };
    map.list = Some(listed);
    for (n, pieces) in rows.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(area, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == at { "▌" } else { " " }), Role::Focus);
        ink.pieces(indent(rect, 2), pieces);
        if n == at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}

fn pieces(settings: &Settings, row: Row) -> Vec<Piece> {
    vec![
        (shown!("{:<23}", row.title()), Role::Text),
        (shown!("{:<17}", row.shown(settings).cut(16).as_str()), Role::Strong),
        (origin(settings, row), Role::Dim),
    ]
}

/// Where a value comes from.
pub fn origin(settings: &Settings, row: Row) -> Shown {
    let Some((section, name)) = row.key() else {
        return Shown::from(if settings.sealed.is_some() { "a file of its own" } else { "built in" });
    };
    match settings.origins.get(&format!("{section}.{name}")) {
        None | Some(Origin::Default) => Shown::from("built in"),
        Some(Origin::File) => Shown::from("your file"),
        Some(Origin::Environment(name)) => shown!("environment: {}", Shown::of(name)),
        Some(Origin::Flag(flag)) => shown!("option {flag}"),
    }
}
