//! Why a message failed: what happened, whose doing it is, what to press next, what it cost.

use super::Lines;
use crate::api::inbox::MessageView;
use crate::domain::failure::{Charged, Retry};
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::ink::Piece;
use crate::tui::keymap::Context;
use crate::tui::panes::thread::refusal;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The lines about a failed message.
pub(super) fn lines(app: &App, message: &MessageView) -> Vec<Vec<Piece>> {
    let mut page = Lines::default();
    let code = message.error.map(|c| format!("{c} ")).unwrap_or_default();
    match &message.failure {
        Some(failure) => {
            page.say(shown!("✗ {code}{}", Shown::of(&failure.title)), Role::Error);
            page.say(shown!("{} · {}", failure.retry.words(), charge(message)), Role::Strong);
            page.blank();
            page.named("what", Shown::of(&failure.cause));
            page.named("whose", Shown::from(failure.fault.words()));
            page.named("next", next(app, message, Some(failure.retry)));
            page.named("or", Shown::of(&failure.remedy));
        }
        None => {
            let text = message.error_text.as_deref().unwrap_or("Twilio gave no reason.");
            page.say(shown!("✗ {code}{}", Shown::of(text)), Role::Error);
            page.say(charge(message), Role::Strong);
            page.blank();
            page.named("next", next(app, message, None));
        }
    }
    page.blank();
    context(app, message, &mut page);
    page.0
}

/// What we know of it that Twilio's table does not.
fn context(app: &App, message: &MessageView, page: &mut Lines) {
    page.named("to", Shown::of(message.to.as_str()));
    page.named("from", Shown::of(message.from.as_str()));
    page.named("when", shown!("{} {}", app.clock.full_day(message.at.0), app.clock.minute(message.at.0)));
    if let Some(sid) = message.sid {
        page.named("SID", shown!("{sid}"));
    }
    let Some(thread) = &app.thread else { return };
    let view = &thread.conversation;
    if let Some(at) = view.opted_out_at {
        let by = view.opted_out_by.as_deref().map(|word| format!(" by {word}")).unwrap_or_default();
        let since = shown!("opted out of {} on {}{}", Shown::of(view.ours.as_str()), app.clock.full_day(at.0), by);
        page.named("customer", since);
    }
    if let Some(why) = refusal(view, &app.clock) {
        page.named("now", why);
    }
    let failed = thread.failures_like(message);
    if failed > 1 {
        page.named("again", shown!("{failed} messages here have failed with this code"));
    }
}

/// Whether it was charged: the price says, else the code, as far as anybody knows.
fn charge(message: &MessageView) -> Shown {
    match (&message.price, message.failure.as_ref().map(|f| f.charged)) {
        (Some(price), _) if price.is_zero() => Shown::from("not charged"),
        (Some(price), _) => shown!("charged {}", price.fine()),
        (None, _) if message.sid.is_none() => Shown::from("not charged: it never left"),
        (None, Some(Charged::No)) => Shown::from("not charged"),
        (None, Some(Charged::Yes)) => Shown::from("charged; the price is not known yet"),
        (None, _) => Shown::from("charged or not: Twilio has not said the price yet"),
    }
}

fn next(app: &App, message: &MessageView, retry: Option<Retry>) -> Shown {
    if app.thread.as_ref().is_some_and(|t| t.is_retried(message)) {
        return Shown::from("it was sent again already; this one stays as it was");
    }
    let key = |action| app.settings.keymap.label(action, &[Context::Page, Context::Global]).unwrap_or_default();
    match retry {
        Some(Retry::Never) => shown!("{} goes back; sending it again would fail the same way", key(Action::Back)),
        _ => shown!("{} sends it again as a new message; this one stays visible", key(Action::Retry)),
    }
}
