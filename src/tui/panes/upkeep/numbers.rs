//! Where each number's webhooks go.

use ratatui::layout::Rect;

use super::draw::rows;
use crate::api::numbers::{NumberView, Points};
use crate::tui::app::App;
use crate::tui::framemap::FrameMap;
use crate::tui::ink::{Ink, Piece, line};
use crate::tui::panes::empty;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

pub(super) fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let (numbers, missing) = (&app.rooms.upkeep.numbers, app.rooms.upkeep.missing.as_ref());
    if numbers.items.is_empty() || numbers.error.is_some() {
        return empty(ink, area, numbers.error.as_ref(), numbers.loaded, "the account has no numbers");
    }
    let foot = u16::from(missing.is_some()).min(area.height);
    if let Some(text) = missing {
        ink.text(line(area, area.height.saturating_sub(1)), text, Role::Warn);
    }
    rows(ink, Rect { height: area.height - foot, ..area }, map, numbers, lines);
}

fn lines(row: &NumberView) -> [Vec<Piece>; 2] {
    let (points, role) = match row.points {
        Points::Here => ("✓ here", Role::Ok),
        Points::Elsewhere => ("→ elsewhere", Role::Warn),
        Points::Application => ("→ an application", Role::Warn),
        Points::Nowhere => ("∅ nowhere", Role::Warn),
    };
    let number = row.number.as_deref().map_or(Shown::from("messaging service"), Shown::of);
    let mut first = vec![
        (shown!("{:<18}", number.as_str()), Role::Strong),
        (shown!("{points:<18}"), role),
        (shown!("{} · {}", Shown::of(&row.name), row.sid), Role::Dim),
    ];
    if let Some(account) = row.account {
        first.push((shown!(" · in {account}"), Role::Dim));
    }
    if row.after_loan.is_some() {
        first.push((Shown::from(" · borrowed by `listen`"), Role::Warn));
    }
    let url = if row.url.is_empty() { Shown::from("no address is set") } else { Shown::of(&row.url) };
    let mut second = vec![(url, Role::Dim)];
    if let Some(previous) = &row.previous {
        let previous = if previous.is_empty() { "nothing" } else { previous };
        second.push((shown!(" · before: {}", Shown::of(previous)), Role::Dim));
    }
    [first, second]
}
