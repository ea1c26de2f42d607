//! The messages that are put off, the next one first.

use ratatui::layout::Rect;

use super::draw::rows;
use crate::api::inbox::MessageView;
use crate::tui::app::App;
use crate::tui::framemap::FrameMap;
use crate::tui::ink::{Ink, Piece};
use crate::tui::panes::empty;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

pub(super) fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let later = &app.rooms.upkeep.later;
    if later.items.is_empty() || later.error.is_some() {
        return empty(ink, area, later.error.as_ref(), later.loaded, "nothing is put off");
    }
    rows(ink, area, map, later, |message| lines(app, message));
}

fn lines(app: &App, message: &MessageView) -> [Vec<Piece>; 2] {
    let (when, role) = match (message.asks_since, message.send_at) {
        (Some(_), _) => (Shown::from("? asks whether it still shall go"), Role::Warn),
        (None, Some(at)) => (app.clock.soon(at.0), Role::Strong),
        (None, None) => (Shown::from("about to go"), Role::Dim),
    };
    let to = message.to.as_str();
    let name = app.phones.name(to).map(|name| shown!(" {}", Shown::of(name))).unwrap_or_default();
    let author = message.author.as_deref().map(|a| shown!(" · by {}", Shown::of(a))).unwrap_or_default();
    let first =
        vec![(when, role), (shown!(" → {}", Shown::of(to)), Role::Text), (name, Role::Text), (author, Role::Dim)];
    [first, vec![(Shown::of(&message.body), Role::Outgoing)]]
}
