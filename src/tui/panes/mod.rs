//! The panes of the console. Each owns its state and draws it; they talk upward by effects.

pub mod analytics;
pub mod audit;
pub mod businesses;
pub mod contact;
pub mod events;
pub mod hooks;
pub mod inbox;
pub mod phones;
pub mod preferences;
pub mod thread;
pub mod upkeep;
pub mod verify;
pub mod welcome;

use ratatui::layout::Rect;

use super::framemap::FrameMap;
use super::ink::{Ink, Piece, indent, line};
use super::shown::{Shown, shown};
use super::theme::Role;
use super::widgets::field::Field;

/// The title of a pane of several parts: their names, how much is in each as far as that is known, and which one is shown.
fn tabs(name: &'static str, parts: &[(&'static str, Option<u64>, bool)]) -> Vec<Piece> {
    let mut pieces = vec![(shown!("{name} "), Role::Strong)];
    pieces.extend(parts.iter().map(|(name, n, current)| {
        let n = n.map(|n| format!(" {n}")).unwrap_or_default();
        match current {
            true => (shown!("[{name}{n}]"), Role::Accent),
            false => (shown!(" {name}{n} "), Role::Dim),
        }
    }));
    pieces
}

/// Says why a list has no rows.
fn empty(ink: &mut Ink, area: Rect, error: Option<&Shown>, loaded: bool, nothing: &'static str) {
    let (text, role) = match error {
        Some(why) => (why.clone(), Role::Error),
        None if !loaded => (Shown::from("loading…"), Role::Dim),
        None => (Shown::from(nothing), Role::Dim),
    };
    for (n, text) in text.wrap(usize::from(area.width.saturating_sub(4)).max(1)).iter().enumerate() {
        ink.text(indent(line(area, n as u16 + 1), 2), text, role);
    }
}

/// Draws the field that narrows a list, if there is one, in the first line; answers what is left below.
fn narrowed(ink: &mut Ink, area: Rect, filter: Option<&Field>, focused: bool, map: &mut FrameMap) -> Rect {
    let Some(filter) = filter else { return area };
    ink.text(line(area, 0), &Shown::from(" /"), Role::Accent);
    let cursor = filter.draw(ink, indent(line(area, 0), 3), Role::Text);
    if focused {
        map.cursor = cursor;
    }
    Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area }
}
