//! What is seen while the console is locked: nothing of anybody.

use ratatui::layout::Rect;

use super::app::App;
use super::framemap::FrameMap;
use super::ink::{Ink, indent, line};
use super::session::Lock;
use super::shown::{Shown, shown};
use super::theme::Role;

/// Draws it over the whole screen.
pub fn draw(app: &App, lock: &Lock, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let middle = Rect { y: area.y + area.height / 3, height: area.height - area.height / 3, ..area };
    let wide = usize::from(area.width.saturating_sub(4)).max(1);
    let who = shown!("Locked by {}. The node goes on working.", Shown::of(&app.session.me));
    let left = area.width.saturating_sub(60) / 2;
    let place = |n: u16| indent(line(middle, n), left.max(2));
    ink.text(place(0), &who.cut(wide), Role::Strong);
    if app.settings.sealed.is_none() {
        ink.text(place(2), &Shown::from("Enter unlocks it: no passphrase is set.").cut(wide), Role::Text);
        return;
    }
    ink.text(place(2), &Shown::from("Passphrase:"), Role::Text);
    let dots = "•".repeat(lock.typed.text().chars().count());
    let used = ink.text(indent(place(2), 12), &Shown::from(dots), Role::Accent);
    let cursor = indent(place(2), 12 + used);
    map.cursor = (!cursor.is_empty()).then_some(ratatui::layout::Position { x: cursor.x, y: cursor.y });
    let (says, role) = match (lock.checking, lock.wrong) {
        (true, _) => ("looking at it…", Role::Dim),
        (false, true) => ("✗ that is not it", Role::Error),
        (false, false) => ("Enter unlocks it.", Role::Dim),
    };
    ink.text(place(4), &Shown::from(says), role);
}
