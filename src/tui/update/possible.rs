//! Why an action is not possible now: the same sentence for its key, its hint and the palette.

use crate::domain::conversation::Status;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::overlay::Overlay;

/// The reason, or `None` when it is possible.
pub fn refusal(app: &App, action: Action) -> Option<&'static str> {
    let target = app.target();
    match action {
        Action::TextIn | Action::NewPhone | Action::Outcome | Action::MoveClock => needs_sandbox(app).or_else(|| {
            (action_needs_phone(action) && app.phones.current().is_none()).then_some("choose a phone first")
        }),
        Action::PauseClock | Action::TogglePhones | Action::GoPhones => needs_sandbox(app),
        Action::Assign | Action::Snooze | Action::NameContact | Action::Write | Action::Note if target.is_none() => {
            Some("choose a conversation first")
        }
        Action::Resolve => match target.map(|t| t.status) {
            None => Some("choose a conversation first"),
            Some(Status::Resolved) => Some("it is resolved already"),
            Some(_) => None,
        },
        Action::Reopen => match target.map(|t| t.status) {
            None => Some("choose a conversation first"),
            Some(Status::Open) => Some("it is open"),
            Some(_) => None,
        },
        Action::Retry if matches!(app.overlay, Some(Overlay::Page(_))) => {
            let about = matches!(&app.overlay, Some(Overlay::Page(page)) if page.about.is_some());
            (!about).then_some("this is about no message")
        }
        Action::Copy if matches!(app.overlay, Some(Overlay::Page(_))) => None,
        Action::Retry => {
            let thread = app.thread.as_ref();
            let lost = thread.is_some_and(|t| app.outgoing.of(t.id()).any(|p| p.lost.is_some()));
            let failed = thread.and_then(|t| t.message_at_cursor()).is_some_and(|m| m.status.is_failure());
            let asks = thread.is_some_and(|t| t.asking().is_some());
            (!lost && !failed && !asks).then_some("no failed message here")
        }
        Action::SendLater => super::later::refusal(app),
        Action::ChangeLater | Action::CancelLater => {
            let waits = app.thread.as_ref().is_some_and(|t| t.later_at_cursor().is_some());
            (!waits).then_some("no message waits here")
        }
        Action::ShowContact if target.is_none() => Some("choose a conversation first"),
        Action::EditOutside if app.focus != Focus::Composer => Some("nothing is being written"),
        Action::Copy if app.thread.is_none() => Some("open a conversation first"),
        Action::Send | Action::Newline if !matches!(app.focus, Focus::Composer | Focus::Handset) => {
            Some("nothing is being written")
        }
        Action::PlainLetters if app.focus != Focus::Composer => Some("nothing is being written"),
        Action::UndoSend => {
            let now = app.clock.now();
            let held = app.thread.as_ref().is_some_and(|t| {
                t.asking().is_some()
                    || app.outgoing.newest_held(t.id(), now).is_some()
                    || app.outgoing.of(t.id()).next().is_some()
            });
            (!held).then_some("nothing to take back")
        }
        Action::UndoStatus => app.notice.as_ref().and_then(|n| n.undo).is_none().then_some("nothing to undo"),
        Action::SwitchBusiness | Action::GoBusinesses if app.session.businesses.is_empty() => {
            Some("the businesses are not known yet")
        }
        Action::NextField | Action::PreviousField => Some("only in a form"),
        _ => None,
    }
}

fn needs_sandbox(app: &App) -> Option<&'static str> {
    (!app.session.is_sandbox()).then_some("only in the sandbox")
}

fn action_needs_phone(action: Action) -> bool {
    matches!(action, Action::TextIn | Action::Outcome)
}
