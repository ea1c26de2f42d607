//! Why an action is not possible now: the same sentence for its key, its hint and the palette.

use crate::api::numbers::Points;
use crate::domain::conversation::Status;
use crate::domain::keeping::ImportState;
use crate::tui::action::{Action, Group};
use crate::tui::app::{App, Focus};
use crate::tui::overlay::Overlay;

/// The reason, or `None` when it is possible.
pub fn refusal(app: &App, action: Action) -> Option<&'static str> {
    let target = app.target();
    match action {
        Action::TextIn | Action::NewPhone | Action::Outcome | Action::MoveClock => needs_sandbox(app).or_else(|| {
            (action_needs_phone(action) && app.phones.current().is_none()).then_some("choose a phone first")
        }),
        Action::PauseClock | Action::Faults | Action::TogglePhones | Action::GoPhones => needs_sandbox(app),
        Action::Assign | Action::Snooze | Action::Label | Action::NameContact | Action::Write | Action::Note
            if target.is_none() =>
        {
            Some("choose a conversation first")
        }
        Action::Mark | Action::MarkAll if !app.is_in_inbox() => Some("only in the inbox"),
        Action::Resolve | Action::Reopen if !app.inbox.marked.is_empty() && app.is_in_inbox() => None,
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
        Action::Copy if matches!(app.overlay, Some(Overlay::Page(_) | Overlay::Behind(_))) => None,
        Action::Older | Action::Newer if !matches!(app.overlay, Some(Overlay::Behind(_))) => {
            Some("only behind an action")
        }
        Action::Retry => {
            let thread = app.thread.as_ref();
            let lost = thread.is_some_and(|t| app.outgoing.of(t.id()).any(|p| p.lost.is_some()));
            let failed = thread.and_then(|t| t.message_at_cursor()).is_some_and(|m| m.status.is_failure());
            let asks = thread.is_some_and(|t| t.asking().is_some());
            let missing = super::files::missing(app).is_some();
            (!lost && !failed && !asks && !missing).then_some("no failed message here")
        }
        Action::Template => super::contents::refusal(app),
        Action::OpenFile | Action::SaveFile => super::files::refusal(app),
        Action::Attach if app.thread.is_none() => Some("open a conversation first"),
        Action::Detach => {
            let attached = app.thread.as_ref().is_some_and(|t| !t.composer.files.is_empty());
            (app.focus != Focus::Composer || !attached).then_some("no file is attached")
        }
        Action::SendLater => super::later::refusal(app),
        Action::Reschedule | Action::ChangeLater | Action::CancelLater if app.focus != Focus::Later => {
            let waits = app.thread.as_ref().is_some_and(|t| t.later_at_cursor().is_some());
            (!waits).then_some("no message waits here")
        }
        Action::ShowContact if target.is_none() => Some("choose a conversation first"),
        Action::EditOutside if app.focus != Focus::Composer => Some("nothing is being written"),
        Action::Copy if app.focus == Focus::Dashboard => None,
        Action::Copy | Action::Pipe if app.thread.is_none() => Some("open a conversation first"),
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
        Action::UndoStatus => app.notice.as_ref().is_none_or(|n| n.undo.is_empty()).then_some("nothing to undo"),
        Action::SwitchBusiness | Action::GoBusinesses if app.session.businesses.is_empty() => {
            Some("the businesses are not known yet")
        }
        Action::ReplayLetter | Action::ReplayAll => match (app.focus, app.rooms.hooks.letters.current()) {
            (Focus::Letters, Some(letter)) if letter.replayed_at.is_none() || action == Action::ReplayAll => None,
            (Focus::Letters, Some(_)) => Some("it was replayed already"),
            _ => Some("choose a dead letter first"),
        },
        Action::NewBusiness
        | Action::EditBusiness
        | Action::SetUpBusiness
        | Action::ActivateBusiness
        | Action::DeleteBusiness => super::businesses::refusal(app, action),
        Action::ResetKey if app.focus != Focus::KeyList => Some("only in the list of keys"),
        Action::Follow if !matches!(app.focus, Focus::Events | Focus::Webhooks | Focus::Audit) => {
            Some("only among events, webhooks and the audit log")
        }
        Action::Sweep | Action::StartImport if app.focus != Focus::Keeping => Some("only where it keeps up"),
        Action::StopImport => {
            let import = app.rooms.upkeep.keeping.as_ref().and_then(|k| k.import.as_ref());
            let runs = import.is_some_and(|i| i.state == ImportState::Running);
            (!runs).then_some("no import is under way")
        }
        Action::PointNumber => match (app.focus, app.rooms.upkeep.numbers.current()) {
            (Focus::Numbers, Some(row)) if row.points != Points::Here || row.previous.is_none() => None,
            (Focus::Numbers, Some(_)) => Some("its webhooks come here already"),
            _ => Some("choose a number first"),
        },
        Action::UnpointNumber => match (app.focus, app.rooms.upkeep.numbers.current()) {
            (Focus::Numbers, Some(row)) if row.previous.is_some() => None,
            (Focus::Numbers, Some(_)) => Some("it was not pointed here for good"),
            _ => Some("choose a number first"),
        },
        Action::Reschedule | Action::CancelLater => {
            let chosen = app.focus == Focus::Later && app.rooms.upkeep.later.current().is_some();
            (!chosen).then_some("choose a text that is put off first")
        }
        Action::SaveView if !app.inbox.is_narrowed() => Some("narrow the list by a query first: / label:refund"),
        Action::Release | Action::ChangeHeld | Action::CancelHeld => {
            let chosen = app.focus == Focus::Held && app.rooms.upkeep.held.current().is_some();
            (!chosen).then_some("choose a text that asks first")
        }
        Action::NextField | Action::PreviousField
            if !matches!(app.overlay, Some(Overlay::Behind(_)))
                && !matches!(app.focus, Focus::TesterForm | Focus::MatrixForm) =>
        {
            Some("only in a form")
        }
        Action::GoDashboard if app.session.business.is_none() => Some("the business is not known yet"),
        Action::ExportAudit if app.focus != Focus::Audit => Some("only in the audit log"),
        Action::EveryBusiness if matches!(app.focus, Focus::Audit | Focus::Attempts) => None,
        _ if action.group() == Group::Dashboard => super::analytics::refusal(app, action),
        _ if matches!(action, Action::GoTester | Action::GoAttempts) || action.group() == Group::Verification => {
            super::verify::refusal(app, action)
        }
        _ => None,
    }
}

fn needs_sandbox(app: &App) -> Option<&'static str> {
    (!app.session.is_sandbox()).then_some("only in the sandbox")
}

fn action_needs_phone(action: Action) -> bool {
    matches!(action, Action::TextIn | Action::Outcome)
}
