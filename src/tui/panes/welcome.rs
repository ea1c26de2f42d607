//! What to try, for whoever sits here for the first time: a card where there is room for it. It takes no
//! key, and goes when the first conversation is opened.

use ratatui::layout::Rect;

use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::ink::{Ink, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// What to try, in this order.
const SANDBOX: [(Action, &str); 6] = [
    (Action::Open, "read a conversation, and write back"),
    (Action::GoPhones, "be the customer: text in from a phone"),
    (Action::Faults, "let something go wrong"),
    (Action::MoveClock, "move the clock: snoozes wake, timers run out"),
    (Action::GoWebhooks, "see what Twilio sends"),
    (Action::Help, "see all keys"),
];
const LIVE: [(Action, &str); 4] = [
    (Action::Open, "read a conversation, and write back"),
    (Action::GoNumbers, "see where your numbers' webhooks go"),
    (Action::GoWebhooks, "see what Twilio sends"),
    (Action::Help, "see all keys"),
];

/// Lines it takes.
pub const HEIGHT: u16 = 9;

/// Whether it is wanted.
pub fn is_wanted(app: &App) -> bool {
    app.settings.first_run && app.session.node.is_some() && app.inbox.loaded && app.thread.is_none()
}

/// Draws it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect) {
    let (title, rows): (_, &[(Action, &str)]) = match app.session.is_sandbox() {
        true => ("Welcome. This is a sandbox: nothing reaches anybody. Try:", &SANDBOX),
        false => ("Welcome. Try:", &LIVE),
    };
    let wide = usize::from(area.width.saturating_sub(2));
    ink.text(indent(line(area, 0), 1), &Shown::from(title).cut(wide), Role::Strong);
    for (n, (action, what)) in rows.iter().enumerate() {
        let row = indent(line(area, n as u16 + 2), 1);
        let key = app.settings.keymap.of(*action, &app.contexts()).first().map(|b| b.label()).unwrap_or_default();
        ink.pieces(row, &[(shown!("{key:<8}"), Role::Key), (Shown::from(*what), Role::Text)]);
    }
}
