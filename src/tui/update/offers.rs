//! What is laid over the panes: the palette, the help, lists to choose from; and what is done there.

use super::{
    act, bulk, chat, contents, feed, files, labels, preferences, refusal, rooms, sandbox, verify, what_failed,
};
use crate::api::inbox::ConversationView;
use crate::api::numbers::UnpointNumber;
use crate::api::{ApiError, Code, Request};
use crate::domain::id::Id;
use crate::tui::action::{Action, Group};
use crate::tui::app::{App, Focus};
use crate::tui::files::Task;
use crate::tui::framemap::FrameMap;
use crate::tui::ink::Piece;
use crate::tui::keymap::{Binding, Context};
use crate::tui::manual;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::fill::Filled;
use crate::tui::overlay::pick::About;
use crate::tui::overlay::{Choice, Fill, Overlay, Page, Pick, Purpose, Value};
use crate::tui::panes::inbox::{Verb, who};
use crate::tui::panes::thread::Key;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::{NAMES, Role, Theme};

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
        (Overlay::Behind(_), ..) => super::behind::in_overlay(app, map, action, by),
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
        Value::Assign(ids, assignee) => assign(app, &ids, assignee),
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
        Value::Theme(name) => {
            match Theme::load(&name) {
                Ok(theme) => app.settings.theme = theme,
                Err(e) => app.say(Shown::from(e.to_string()), Role::Error),
            }
            Vec::new()
        }
        Value::Prefer(row, text) => preferences::set(app, row, &text).unwrap_or_else(|why| {
            app.say(Shown::from(why), Role::Error);
            Vec::new()
        }),
        Value::Leap(_) | Value::Label(..) => Vec::new(),
        Value::Pause(paused) => sandbox::pause(paused),
        Value::Outcome(..) | Value::Trouble(_) | Value::ClearFaults => sandbox::set(app, &value),
        Value::Unpoint(number) => vec![ask(Tag::Unpointed, UnpointNumber { number })],
        Value::Cancel(id) => rooms::cancel(id),
        Value::Content(id, view) => contents::fill_in(app, id, view),
        Value::OpenFile(message, index) => vec![Effect::File(Task::Open { message, index })],
        Value::SaveFile(message, index) => files::ask_where(app, message, index),
        Value::FallBack(channel) => verify::fall_back(app, channel),
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

fn choice(label: Shown, detail: Shown, value: Value) -> Choice {
    Choice { label, detail, off: None, value }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

/// All actions with their keys, and the conversations that are loaded.
pub fn palette(app: &mut App) -> Vec<Effect> {
    app.overlay = None;
    let contexts = app.contexts();
    let mut rows = Vec::new();
    // Who moves about knows the keys: those come last.
    let (moves, others): (Vec<Action>, Vec<Action>) = Action::ALL.iter().partition(|a| a.group() == Group::Move);
    for action in others.iter().chain(&moves) {
        if matches!(action, Action::Palette | Action::NextField | Action::PreviousField) {
            continue;
        }
        let keys = app.settings.keymap.of(*action, &contexts);
        let label = keys.first().map(|b| b.label()).unwrap_or_default();
        let off = refusal(app, *action).map(Shown::from);
        let title = shown!("{}", capital(action.title()));
        rows.push(Choice { label: title, detail: Shown::from(label), off, value: Value::Act(*action) });
    }
    for row in app.inbox.window.rows() {
        let detail = Shown::of(row.view.customer.as_str());
        rows.push(choice(who(&row.view), detail, Value::Open(row.view.id)));
    }
    app.overlay = Some(Overlay::Pick(Pick::new("Commands and conversations", rows)));
    Vec::new()
}

/// Every action with its keys, by group.
pub fn help(app: &mut App) -> Vec<Effect> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut group: Option<Group> = None;
    for action in Action::ALL {
        if group != Some(action.group()) {
            if group.is_some() {
                lines.push(Vec::new());
            }
            group = Some(action.group());
            lines.push(vec![(Shown::from(action.group().title()), Role::Accent)]);
        }
        let mut keys: Vec<String> = app.settings.keymap.of(*action, &[]).into_iter().map(Binding::label).collect();
        keys.dedup();
        let mut seen = Vec::new();
        keys.retain(|k| {
            !seen.contains(k) && {
                seen.push(k.clone());
                true
            }
        });
        let keys = shown!("  {:<26}", keys.join(", "));
        lines.push(vec![(keys, Role::Key), (shown!(" {}", action.title()), Role::Text)]);
    }
    lines.extend([Vec::new(), vec![(Shown::from("In an empty message"), Role::Accent)]]);
    for binding in app.settings.keymap.bindings().iter().filter(|b| b.context == Context::Blank) {
        let keys = shown!("  {:<26}", binding.label());
        let what = shown!(" {}", binding.action.title());
        lines.push(vec![(keys, Role::Key), (what, Role::Text)]);
    }
    app.overlay = Some(Overlay::Page(Page::new("Keys", lines)));
    Vec::new()
}

/// What the sandbox is and does, and what it does not.
pub fn manual(app: &mut App) -> Vec<Effect> {
    app.overlay = Some(Overlay::Page(Page::new("The sandbox: a Twilio of your own", manual::lines(manual::SANDBOX))));
    Vec::new()
}

/// Why the message under the cursor failed; the help when nothing failed.
pub fn why(app: &mut App) -> Vec<Effect> {
    let Some(message) = what_failed(app) else { return help(app) };
    let mut page = Page::new("Why it failed", crate::tui::why::lines(app, message));
    page.about = Some(message.id);
    app.overlay = Some(Overlay::Page(page));
    Vec::new()
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

/// Whom to give the conversations to.
pub fn agents(app: &mut App) -> Vec<Effect> {
    let ids = bulk::targets(app);
    let Some(first) = ids.first().and_then(|id| bulk::known(app, *id)) else { return Vec::new() };
    let title = match ids.len() {
        1 => shown!("Assign {} to", who(first)),
        n => shown!("Assign {n} conversations to"),
    };
    let is_nobodys = ids.iter().all(|id| bulk::known(app, *id).is_some_and(|v| v.assignee.is_none()));
    let me = app.session.me.clone();
    let value = |agent: Option<String>| Value::Assign(ids.clone(), agent);
    let mut rows = vec![choice(shown!("me · {}", Shown::of(&me)), "you".into(), value(Some(me.clone())))];
    for agent in app.session.agents.iter().filter(|a| a.handle != me) {
        rows.push(choice(Shown::of(&agent.handle), Shown::of(&agent.name), value(Some(agent.handle.clone()))));
    }
    let mut nobody = choice("nobody".into(), "unassign".into(), value(None));
    nobody.off = is_nobodys.then(|| "it is nobody's".into());
    rows.push(nobody);
    app.overlay = Some(Overlay::Pick(Pick::new(title, rows)));
    Vec::new()
}

/// Gives them to an agent. A colleague is told something when it was somebody's.
fn assign(app: &mut App, ids: &[Id], assignee: Option<String>) -> Vec<Effect> {
    let said = match &assignee {
        Some(agent) => shown!("assigned to {}", Shown::of(agent)),
        None => Shown::from("assigned to nobody"),
    };
    if let Some(agent) = assignee.as_ref().filter(|agent| **agent != app.session.me) {
        let theirs = |view: &ConversationView| view.assignee.as_ref().is_some_and(|now| now != agent);
        if ids.iter().any(|id| bulk::known(app, *id).is_some_and(theirs)) {
            app.overlay = Some(Overlay::Fill(Fill::new(Purpose::HandOver(ids.to_vec(), agent.clone()), "")));
            return Vec::new();
        }
    }
    let of_many = said.to_string();
    bulk::start(app, ids, &Verb::Assign(assignee, None), said, &of_many)
}

/// Which business to show.
pub fn businesses(app: &mut App) -> Vec<Effect> {
    let rows = app.session.by_use().into_iter().map(|b| {
        let detail = match Some(b.id) == app.session.business {
            true => "shown".into(),
            false if !b.active => shown!("inactive · {}", b.colour.name()),
            false => Shown::from(b.colour.name()),
        };
        choice(Shown::of(&b.name), detail, Value::Business(b.id))
    });
    app.overlay = Some(Overlay::Pick(Pick::new("Switch business", rows.collect())));
    Vec::new()
}

/// Which theme to use.
pub fn themes(app: &mut App) -> Vec<Effect> {
    let rows = NAMES.iter().map(|name| {
        let now = if app.settings.theme.name == *name { "in use" } else { "" };
        choice(Shown::from(*name), Shown::from(now), Value::Theme((*name).to_owned()))
    });
    app.overlay = Some(Overlay::Pick(Pick::new("Theme", rows.collect())));
    Vec::new()
}

/// Leaves; asks when something has not been sent.
pub fn quit(app: &mut App) -> Vec<Effect> {
    let waiting = app.outgoing.waiting(app.clock.now());
    if waiting == 0 {
        return vec![Effect::Quit];
    }
    let plural = if waiting == 1 { "message has" } else { "messages have" };
    let rows = vec![
        choice("Stay".into(), Shown::default(), Value::Stay),
        choice("Take the newest back and stay".into(), Shown::default(), Value::TakeBack),
        choice("Quit; the node sends them when it runs".into(), Shown::default(), Value::QuitAnyway),
    ];
    app.overlay = Some(Overlay::Pick(Pick::new(shown!("{waiting} {plural} not left yet"), rows)));
    Vec::new()
}
