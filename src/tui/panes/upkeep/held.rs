//! The messages that ask whether they still shall go: they waited too long, or the customer wrote first.

use ratatui::layout::Rect;

use super::draw::rows;
use crate::api::inbox::MessageView;
use crate::tui::app::App;
use crate::tui::clock::{Beat, span};
use crate::tui::framemap::FrameMap;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::empty;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

pub(super) fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let held = &app.rooms.upkeep.held;
    if held.items.is_empty() || held.error.is_some() {
        return empty(ink, area, held.error.as_ref(), held.loaded, "no message asks whether it still shall go");
    }
    map.beats(Beat::Minute);
    rows(ink, area, map, held, |message| lines(app, message));
}

fn lines(app: &App, message: &MessageView) -> [Vec<Piece>; 2] {
    let waits = app.clock.seconds_since(message.at.0).map(span).unwrap_or_default();
    let why = if message.unless_they_reply { "they wrote first" } else { "it waited too long" };
    let to = message.to.as_str();
    let name = app.phones.name(to).map(|name| shown!(" {}", Shown::of(name))).unwrap_or_default();
    let author = message.author.as_deref().map(|a| shown!(" · by {}", Shown::of(a))).unwrap_or_default();
    let first = vec![
        (shown!("? {waits}"), Role::Warn),
        (shown!(" → {}", Shown::of(to)), Role::Text),
        (name, Role::Text),
        (shown!("{author} · {why}"), Role::Dim),
    ];
    [first, vec![(Shown::of(&message.body), Role::Outgoing)]]
}
