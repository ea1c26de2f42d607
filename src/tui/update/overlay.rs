//! What is done in what lies over the panes: scrolled, chosen, filled in, closed.

use super::{
    act, analytics, behind, bulk, chat, contents, feed, files, labels, offers, preferences, rooms, sandbox, verify,
};
use crate::api::numbers::UnpointNumber;
use crate::api::{ApiError, Code, Request};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::files::Task;
use crate::tui::framemap::FrameMap;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::fill::Filled;
use crate::tui::overlay::pick::About;
use crate::tui::overlay::{Fill, Overlay, Purpose, Value};
use crate::tui::panes::inbox::Verb;
use crate::tui::panes::preferences::Row;
use crate::tui::panes::thread::Key;
use crate::tui::shown::Shown;
use crate::tui::theme::Role;

/// What an action does in the open overlay; `None` when it has no business there.
pub fn in_overlay(app: &mut App, map: &FrameMap, action: Action) -> Option<Vec<Effect>> {
    let page = map.overlay.map_or(10, |l| l.fit.saturating_sub(1).max(1)) as isize;
    let by = match action {
        Action::Up => Some(-1),
        Action::Down => Some(1),
        Action::PageUp => Some(-page),
        Action::PageDown => Some(page),
        Action::First => Some(isize::MIN / 2),
        Action::Last => Some(isize::MAX / 2),
        _ => None,
    };
    match (app.overlay.as_mut()?, action, by) {
        (_, Action::Back, _) => Some(close(app)),
        (Overlay::Pick(pick), _, Some(by)) => {
            pick.step(by);
            Some(Vec::new())
        }
        (Overlay::Page(page), _, Some(by)) => {
            page.step(by, map.overlay);
            Some(Vec::new())
        }
        (Overlay::Page(page), Action::Copy, _) => {
            let text = page.text();
            app.say("handed to the terminal's clipboard (OSC 52)", Role::Text);
            Some(vec![Effect::Copy(text)])
        }
        (Overlay::Page(_), Action::Retry, _) => Some(retry(app)),
        (Overlay::Behind(_), ..) => behind::in_overlay(app, map, action, by),
        (Overlay::Look(look), _, Some(by)) => {
            look.step(by, map.overlay);
            Some(Vec::new())
        }
        (Overlay::Look(_), Action::Open, _) => Some(paste(app)),
        (Overlay::Pick(_), Action::Open, _) => Some(choose(app, map)),
        (Overlay::Fill(fill), Action::NextField, _) if fill.form.path().is_some() => {
            let text = fill.form.path().unwrap_or_default().to_owned();
            Some(vec![Effect::File(Task::Complete(text))])
        }
        (Overlay::Fill(fill), Action::NextField, _) => {
            fill.form.step(1);
            Some(Vec::new())
        }
        (Overlay::Fill(fill), Action::PreviousField, _) => {
            fill.form.step(-1);
            Some(Vec::new())
        }
        (Overlay::Fill(_), Action::Open, _) => Some(fill(app)),
        (Overlay::Fill(_), _, Some(_)) => Some(Vec::new()),
        _ => None,
    }
}

fn close(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Fill(fill)) = app.overlay.take() else { return Vec::new() };
    // A message that was not confirmed is not sent: its text goes back.
    let Some(reference) = fill.unconfirmed() else { return Vec::new() };
    match app.outgoing.take(&reference) {
        Some(pending) => chat::put_back(app, pending.conversation, pending.back()),
        None => Vec::new(),
    }
}

fn fill(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Fill(fill)) = app.overlay.as_mut() else { return Vec::new() };
    match fill.submit(&app.clock) {
        Filled::Wrong => Vec::new(),
        Filled::Waiting(effects) => effects,
        Filled::Done(effects) => {
            app.overlay = None;
            effects
        }
        Filled::Verb(ids, verb, said) => {
            app.overlay = None;
            let mut effects = Vec::new();
            if app.is_in_inbox() && matches!(verb, Verb::Status(..)) {
                effects = bulk::move_on(app, &ids);
            }
            let of_many = match &verb {
                Verb::Status(..) => said.as_str().trim_end_matches(" (u undo)").to_owned(),
                _ => said.to_string(),
            };
            effects.extend(bulk::start(app, &ids, &verb, said, &of_many));
            effects
        }
        Filled::Content(id, used, body) => {
            app.overlay = None;
            contents::send(app, id, used, body)
        }
        Filled::Prefer(row, text) => match preferences::set(app, row, &text) {
            Ok(effects) => {
                app.overlay = None;
                effects
            }
            Err(why) => {
                if let Some(Overlay::Fill(fill)) = app.overlay.as_mut() {
                    fill.form.refuse(Shown::from(why));
                }
                Vec::new()
            }
        },
        Filled::Dates(span) => {
            app.overlay = None;
            analytics::dates(app, span)
        }
        Filled::Phone(address) => {
            app.overlay = None;
            app.focus = Focus::Phones;
            app.phones.show(&address)
        }
    }
}

/// A text to somebody new was refused: the form stays, or asks for a yes.
pub fn refused(app: &mut App, e: ApiError) -> Vec<Effect> {
    let Some(Overlay::Fill(fill)) = app.overlay.as_mut() else {
        app.say(Shown::from(e.to_string()), Role::Error);
        return Vec::new();
    };
    match (e.code, fill.asked.take()) {
        (Code::ConfirmationRequired, Some(mut send)) => {
            let asked = send.clone();
            send.confirm.clone_from(&e.confirm);
            let word = e.confirm.clone().unwrap_or_default();
            let purpose = Purpose::Confirm(word, Box::new(Request::SendMessage(*send)), Tag::SendNew);
            let mut confirm = Fill::new(purpose, &e.detail);
            confirm.asked = Some(asked);
            app.overlay = Some(Overlay::Fill(confirm));
        }
        _ => fill.form.refuse(Shown::from(e.to_string())),
    }
    Vec::new()
}

fn choose(app: &mut App, map: &FrameMap) -> Vec<Effect> {
    let Some(Overlay::Pick(pick)) = &app.overlay else { return Vec::new() };
    let Some(choice) = pick.chosen() else { return Vec::new() };
    if choice.off.is_some() {
        return Vec::new();
    }
    let value = choice.value.clone();
    match &value {
        Value::Leap(text) => return sandbox::leap(app, text),
        Value::Label(name, on) => return labels::toggle(app, name, *on),
        _ => {}
    }
    app.overlay = None;
    match value {
        Value::Act(action) => act::act(app, map, action),
        Value::Open(id) => match app.inbox.window.rows().iter().find(|r| r.view.id == id) {
            Some(row) => {
                let view = row.view.clone();
                chat::open(app, view)
            }
            None => Vec::new(),
        },
        Value::Assign(ids, assignee) => offers::assign(app, &ids, assignee),
        Value::Deactivate(id) => super::businesses::set_active(id, false),
        Value::Business(id) => {
            // Whoever tests stays at it, for the other business.
            let tests = app.focus.is_testing();
            let mut effects = feed::show_business(app, id);
            if tests {
                effects.extend(verify::open(app));
            }
            effects
        }
        Value::Theme(name) => preferences::set(app, Row::Theme, &name).unwrap_or_else(|why| {
            app.say(Shown::from(why), Role::Error);
            Vec::new()
        }),
        Value::Prefer(row, text) => preferences::set(app, row, &text).unwrap_or_else(|why| {
            app.say(Shown::from(why), Role::Error);
            Vec::new()
        }),
        Value::Leap(_) | Value::Label(..) => Vec::new(),
        Value::Pause(paused) => sandbox::pause(paused),
        Value::Outcome(..) | Value::Trouble(_) | Value::ClearFaults => sandbox::set(app, &value),
        Value::Guard(level) => verify::guard(app, level),
        Value::Unpoint(number) => vec![ask(Tag::Unpointed, UnpointNumber { number })],
        Value::Cancel(id) => rooms::cancel(id),
        Value::OpenFile(message, index) => vec![Effect::File(Task::Open { message, index })],
        Value::Content(id, view) => contents::fill_in(app, id, view),
        Value::SaveFile(message, index) => files::ask_where(app, message, index),
        Value::FallBack(channel) => verify::fall_back(app, channel),
        Value::Matrix(name) => {
            verify::show_matrix(app, &name);
            Vec::new()
        }
        Value::Audit(format) => super::audit::export(app, format),
        Value::Report(format) => analytics::report(app, format),
        Value::LookUp(price) => verify::look_up(app, Some(price)),
        Value::QuitAnyway => vec![Effect::Quit],
        Value::TakeBack => chat::undo_send(app),
        Value::Stay => Vec::new(),
    }
}

/// What was typed into an open list becomes a row of its own, where that means something.
pub fn typed(app: &mut App) {
    let Some(Overlay::Pick(pick)) = &app.overlay else { return };
    let text = pick.text().to_owned();
    let mut first = false;
    let offered = match pick.is_about() {
        _ if text.is_empty() => None,
        About::Anything | About::Contents => return,
        About::Faults => sandbox::typed_fault(app, &text),
        About::Clock => {
            first = sandbox::span(app, &text).is_ok();
            Some(sandbox::typed_leap(&text))
        }
        About::Labels => labels::typed(app, &text),
    };
    if let Some(Overlay::Pick(pick)) = &mut app.overlay {
        pick.offer(offered, first);
    }
}

/// Click on a row.
pub fn choose_row(app: &mut App, map: &FrameMap, row: usize) -> Vec<Effect> {
    if let Some(Overlay::Pick(pick)) = &mut app.overlay {
        pick.point(row);
    }
    choose(app, map)
}

/// Sends the message again that the open page is about.
fn retry(app: &mut App) -> Vec<Effect> {
    let about = match &app.overlay {
        Some(Overlay::Page(page)) => page.about,
        _ => None,
    };
    let Some(id) = about else { return Vec::new() };
    app.overlay = None;
    let Some(thread) = &mut app.thread else { return Vec::new() };
    let before = thread.selected.replace(Key::Message(id));
    let effects = chat::retry(app);
    if let Some(thread) = app.thread.as_mut().filter(|_| app.focus == Focus::Composer) {
        // Whoever writes looks at the end: the cursor does not stay on what failed.
        thread.selected = before;
    }
    effects
}

/// Puts the text that was looked at into the message.
fn paste(app: &mut App) -> Vec<Effect> {
    let Some(Overlay::Look(look)) = app.overlay.take() else { return Vec::new() };
    let Some(thread) = &mut app.thread else { return Vec::new() };
    thread.composer.insert(&look.text);
    chat::typed(app)
}
