//! What a line of a person means.

use super::super::action::Action;
use super::super::app::{App, Focus};
use super::super::framemap::FrameMap;
use super::super::msg::{Effect, Msg};
use super::super::overlay::Overlay;
use super::super::panes::inbox::who;
use super::super::shown::{Shown, shown};
use super::super::update::{filled, perform, refusal, update};
use super::super::widgets::field::Field;

/// What a line came to.
#[derive(Debug)]
pub enum Said {
    /// Only something to be said.
    Print(Vec<Shown>),
    /// Done; what came of it is told when it is known.
    Done(Vec<Effect>),
}

const HELP: [&str; 11] = [
    "list: the conversations, numbered. open 2, or open Maria: reads one.",
    "say Hello: writes to the customer in the open conversation. note Hello: only agents see it.",
    "undo-send: takes back what has not left. resolve, snooze, assign, label, reopen, retry: as they say.",
    "next-waiting: who waits longest. tab-mine, tab-unassigned, tab-all, tab-waiting, tab-failed, tab-snoozed.",
    "go-webhooks, go-letters, go-keeping, go-numbers, go-later, go-held, go-events, go-preferences: other lists.",
    "go-tester: sends and checks codes; there to, channel, values, code take a text, and send-code, right-code and the like do it.",
    "go-dashboard: how verifications and messages did; there next-tab, split-by, earlier, longer-range, down and up, open, every-business.",
    "go-audit: who did what. There open 2 reads an entry whole, find kim (or by:kim, kind:business) narrows it, find alone shows all.",
    "When something is asked, the next line is the answer: a number, a part of a choice, or a text. An empty line: no.",
    "again: says once more what is there. actions: every action and what it does. quit: leaves.",
    "What happens meanwhile is told as it happens.",
];

/// Does what a line says.
pub fn said(app: &mut App, map: &FrameMap, line: &str) -> Said {
    let line = line.trim();
    if app.overlay.is_some() {
        return answer(app, map, line);
    }
    let (word, rest) = line.split_once(' ').map_or((line, ""), |(word, rest)| (word, rest.trim()));
    match word {
        "" => Said::Print(Vec::new()),
        "help" | "?" => Said::Print(HELP.iter().map(|text| Shown::from(*text)).collect()),
        "actions" => Said::Print(actions(app)),
        "list" => Said::Done(perform(app, map, Action::GoInbox)),
        "again" => Said::Done(Vec::new()),
        "code" if app.focus.is_testing() => code(app, map, rest),
        "find" if app.focus == Focus::Audit => {
            app.rooms.audit.filter = (!rest.is_empty()).then(|| Field::new(rest));
            Said::Done(app.rooms.audit.follow(&app.clock))
        }
        "open" if app.focus == Focus::Audit => match rest.parse::<usize>() {
            Ok(n) if n > 0 && n <= app.rooms.audit.rows.len() => {
                app.rooms.audit.point(n - 1);
                Said::Done(perform(app, map, Action::Open))
            }
            _ => Said::Print(vec![Shown::from("There is no such entry. again numbers them.")]),
        },
        "open" => open(app, map, rest),
        "say" | "note" => write(app, map, word == "note", rest),
        _ if matches!(app.focus, Focus::Matrix | Focus::MatrixForm) && app.rooms.tester.matrix.fill(word, rest) => {
            Said::Done(Vec::new())
        }
        _ if app.focus.is_testing() && app.rooms.tester.test.fill(word, rest) => Said::Done(filled(app)),
        _ => match Action::ALL.iter().find(|action| action.id() == word) {
            Some(action) => match refusal(app, *action) {
                Some(why) => Said::Print(vec![Shown::from(why)]),
                None => Said::Done(perform(app, map, *action)),
            },
            None => Said::Print(vec![shown!("{} is not known. help says what is.", Shown::of(word))]),
        },
    }
}

fn actions(app: &App) -> Vec<Shown> {
    let possible = Action::ALL.iter().filter(|action| refusal(app, **action).is_none());
    possible.map(|action| shown!("{}: {}", action.id(), action.title())).collect()
}

/// By its number in the list, or by a part of its name or address.
fn open(app: &mut App, map: &FrameMap, which: &str) -> Said {
    let visible = app.inbox.visible();
    let rows = app.inbox.window.rows();
    let by_number = which.parse::<usize>().ok().and_then(|n| visible.get(n.checked_sub(1)?)).copied();
    let wanted = which.to_lowercase();
    let named = |text: &str| !wanted.is_empty() && text.to_lowercase().contains(&wanted);
    let by_name =
        || rows.iter().find(|r| named(who(&r.view).as_str()) || named(r.view.customer.as_str())).map(|r| r.view.id);
    let Some(id) = by_number.or_else(by_name) else {
        return Said::Print(vec![Shown::from("There is no such conversation in the list. list numbers them.")]);
    };
    app.focus = Focus::Inbox;
    let mut effects = app.inbox.select(Some(id));
    effects.extend(perform(app, map, Action::Open));
    Said::Done(effects)
}

fn write(app: &mut App, map: &FrameMap, note: bool, text: &str) -> Said {
    if app.thread.is_none() {
        return Said::Print(vec![Shown::from("Open a conversation first.")]);
    }
    if text.is_empty() {
        return Said::Print(vec![Shown::from("Write the text behind it, on the same line.")]);
    }
    let mut effects = perform(app, map, if note { Action::Note } else { Action::Write });
    effects.extend(update(app, map, Msg::Paste(text.to_owned())));
    effects.extend(perform(app, map, Action::Send));
    Said::Done(effects)
}

/// Checks a code.
fn code(app: &mut App, map: &FrameMap, text: &str) -> Said {
    if let Some(why) = refusal(app, Action::CheckCode) {
        return Said::Print(vec![Shown::from(why)]);
    }
    app.focus = Focus::Tester;
    let mut effects = update(app, map, Msg::Paste(text.to_owned()));
    effects.extend(perform(app, map, Action::CheckCode));
    Said::Done(effects)
}

/// The answer to what is asked.
fn answer(app: &mut App, map: &FrameMap, line: &str) -> Said {
    if line.is_empty() {
        let effects = perform(app, map, Action::Back);
        return Said::Done(effects);
    }
    match &mut app.overlay {
        Some(Overlay::Pick(pick)) => {
            match line.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| pick.rows().nth(*n).is_some()) {
                Some(row) => pick.point(row),
                None => return typed(app, map, line),
            }
            Said::Done(perform(app, map, Action::Open))
        }
        Some(Overlay::Fill(fill)) => {
            fill.form.replace(line);
            if !fill.form.is_last() {
                fill.form.step(1);
                return Said::Done(Vec::new());
            }
            Said::Done(perform(app, map, Action::Open))
        }
        _ => Said::Done(perform(app, map, Action::Back)),
    }
}

fn typed(app: &mut App, map: &FrameMap, line: &str) -> Said {
    let mut effects = update(app, map, Msg::Paste(line.to_owned()));
    let Some(Overlay::Pick(pick)) = &app.overlay else { return Said::Done(effects) };
    if pick.chosen().is_none() {
        return Said::Print(vec![Shown::from("Nothing matches. An empty line leaves it.")]);
    }
    effects.extend(perform(app, map, Action::Open));
    Said::Done(effects)
}
