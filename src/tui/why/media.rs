//! Why a picture or another file of a message is not here.

use super::Lines;
use crate::api::inbox::MessageView;
use crate::domain::media::State;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::ink::Piece;
use crate::tui::keymap::Context;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The lines about the files of a message.
pub(super) fn lines(app: &App, message: &MessageView) -> Vec<Vec<Piece>> {
    let mut page = Lines::default();
    let retry = app.settings.keymap.label(Action::Retry, &[Context::Thread]).unwrap_or_default();
    for file in &message.media {
        let name = file.name.as_deref().unwrap_or(&file.content_type);
        let (head, role) = match file.state {
            State::Failed => (shown!("✗ {}: could not be fetched", Shown::of(name)), Role::Error),
            State::Gone => (shown!("✗ {}: it is nowhere any more", Shown::of(name)), Role::Error),
            State::Waiting => (shown!("… {}: on its way", Shown::of(name)), Role::Warn),
            State::Kept => (shown!("✓ {}: here", Shown::of(name)), Role::Ok),
            State::Remote => (shown!("→ {}: only where its link says", Shown::of(name)), Role::Text),
        };
        page.say(head, role);
        if let Some(detail) = &file.detail {
            page.named("what", Shown::of(detail));
        }
        if file.tries > 0 {
            page.named("tried", shown!("{} times", file.tries));
        }
        if let Some(at) = file.next_try {
            page.named("again", shown!("by itself at {} {}", app.clock.day(at.0), app.clock.minute(at.0)));
        }
        let next = match file.state {
            State::Failed => {
                Some(shown!("{retry}, or `switchboard media retry {} {}`, fetches it anew", message.id, file.index))
            }
            State::Gone => Some(Shown::from("ask the customer to send it again")),
            State::Kept => Some(shown!("`switchboard media save {} {}` writes it to a file", message.id, file.index)),
            State::Waiting | State::Remote => None,
        };
        next.into_iter().for_each(|next| page.named("next", next));
        page.blank();
    }
    page.named("from", Shown::of(message.from.as_str()));
    page.named("when", shown!("{} {}", app.clock.full_day(message.at.0), app.clock.minute(message.at.0)));
    if let Some(sid) = message.sid {
        page.named("SID", shown!("{sid}"));
    }
    page.named(
        "kept",
        Shown::from("Twilio keeps a file until somebody deletes it there; we fetch it once and keep it"),
    );
    page.0
}
