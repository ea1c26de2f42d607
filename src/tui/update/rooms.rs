//! Working in the panes that take the whole screen: the webhooks, the upkeep, the events.

use super::preferences;
use crate::api::deadletters::{ExplainDeadLetter, ReplayDeadLetter, ReplayDeadLetters, Replayed};
use crate::api::inbox::{GetConversation, ReleaseMessage, UndoMessage};
use crate::api::keeping::{StopImport, Sweep};
use crate::api::numbers::{Ended, Ending, PointNumber};
use crate::api::{ApiError, Code, Reply};
use crate::domain::id::Id;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::{Choice, Fill, Overlay, Page, Pick, Purpose, Value};
use crate::tui::panes::{events, hooks, upkeep};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The parts of one pane, in the order of its title.
const PARTS: [&[Focus]; 4] = [
    &[Focus::Webhooks, Focus::Letters],
    &[Focus::Keeping, Focus::Numbers, Focus::Later, Focus::Held],
    &[Focus::Preferences, Focus::KeyList],
    &[Focus::Tester, Focus::Attempts],
];

/// Shows the next part of a pane of several parts, or the one before; `None` where there are none.
pub fn turn(app: &App, by: isize) -> Option<Focus> {
    let parts = PARTS.into_iter().find(|parts| parts.contains(&app.focus))?;
    let at = parts.iter().position(|part| *part == app.focus)? as isize;
    parts.get((at + by).rem_euclid(parts.len() as isize) as usize).copied()
}

/// Enter on a row.
pub fn open(app: &mut App) -> Vec<Effect> {
    match app.focus {
        Focus::Webhooks | Focus::WebhookFilter => {
            app.focus = Focus::Webhooks;
            if let Some(webhook) = app.rooms.hooks.current() {
                let lines = hooks::detail(app, webhook, crate::tui::overlay::page::WIDTH);
                app.overlay = Some(Overlay::Page(Page::new("Webhook", lines)));
            }
            Vec::new()
        }
        Focus::Letters => {
            let Some(id) = app.rooms.hooks.letters.current().map(|letter| letter.id) else { return Vec::new() };
            vec![ask(Tag::Explained, ExplainDeadLetter { id })]
        }
        Focus::Audit | Focus::AuditFilter => super::audit::open(app),
        Focus::Events | Focus::EventFilter => {
            app.focus = Focus::Events;
            if let Some(lines) = events::detail(app) {
                app.overlay = Some(Overlay::Page(Page::new("Event", lines)));
            }
            Vec::new()
        }
        Focus::Preferences | Focus::KeyList => preferences::open(app),
        Focus::Matrix => super::verify::open_cell(app),
        Focus::Dashboard | Focus::Figures => super::analytics::open_row(app),
        Focus::Attempts => super::verify::open_row(app),
        Focus::AttemptFilter => {
            app.focus = Focus::Attempts;
            Vec::new()
        }
        Focus::Later | Focus::Held => {
            let upkeep = &app.rooms.upkeep;
            let rows = if app.focus == Focus::Held { &upkeep.held } else { &upkeep.later };
            let Some(id) = rows.current().map(|message| message.conversation) else { return Vec::new() };
            vec![ask(Tag::Conversation(id), GetConversation { id })]
        }
        _ => Vec::new(),
    }
}

/// Carries out what only these panes know.
pub fn act(app: &mut App, action: Action) -> Vec<Effect> {
    match action {
        Action::ReplayLetter => {
            let Some(letter) = app.rooms.hooks.letters.current() else { return Vec::new() };
            vec![ask(Tag::Replayed, ReplayDeadLetter { id: letter.id })]
        }
        Action::ReplayAll => {
            let Some(letter) = app.rooms.hooks.letters.current() else { return Vec::new() };
            vec![ask(Tag::Replayed, ReplayDeadLetters { reason: letter.reason })]
        }
        Action::Sweep => {
            app.say("asking Twilio for what no webhook brought…", Role::Text);
            vec![ask(Tag::Swept, Sweep::default())]
        }
        Action::StartImport => {
            app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Import, "30")));
            Vec::new()
        }
        Action::StopImport => {
            vec![ask(Tag::Imported("the import was stopped; what it brought stays".into()), StopImport {})]
        }
        Action::PointNumber => {
            let Some(number) = app.rooms.upkeep.numbers.current().map(upkeep::name) else { return Vec::new() };
            vec![ask(Tag::Pointed(number.clone()), PointNumber { number, confirm: None })]
        }
        Action::UnpointNumber => {
            let Some(row) = app.rooms.upkeep.numbers.current() else { return Vec::new() };
            let number = upkeep::name(row);
            let before = row.previous.clone().filter(|url| !url.is_empty());
            let what = before.map_or(Shown::from("nothing: texts are dropped"), |url| Shown::of(&url));
            let title = shown!("Where shall the webhooks of {} go?", Shown::of(&number));
            yes_or_no(app, title, what, "leave them here", Value::Unpoint(number));
            Vec::new()
        }
        Action::Reschedule => {
            let Some(message) = app.rooms.upkeep.later.current() else { return Vec::new() };
            let purpose = Purpose::Reschedule(message.id, message.unless_they_reply);
            app.overlay = Some(Overlay::Fill(Fill::new(purpose, "tomorrow 9")));
            Vec::new()
        }
        Action::CancelLater => {
            let Some(message) = app.rooms.upkeep.later.current() else { return Vec::new() };
            let (id, to) = (message.id, Shown::of(message.to.as_str()));
            yes_or_no(app, shown!("Cancel the text to {to}?"), "cancel it".into(), "keep it", Value::Cancel(id));
            Vec::new()
        }
        Action::Release => {
            let Some(id) = app.rooms.upkeep.held.current().map(|message| message.id) else { return Vec::new() };
            vec![ask(Tag::Released(id), ReleaseMessage { id, confirm: None })]
        }
        Action::ChangeHeld => {
            // Taken back, its text stands in the conversation's message again.
            let Some(message) = app.rooms.upkeep.held.current() else { return Vec::new() };
            let (id, conversation) = (message.id, message.conversation);
            vec![
                ask(Tag::Undo(id), UndoMessage { id }),
                ask(Tag::Conversation(conversation), GetConversation { id: conversation }),
            ]
        }
        Action::CancelHeld => {
            let Some(message) = app.rooms.upkeep.held.current() else { return Vec::new() };
            let (id, to) = (message.id, Shown::of(message.to.as_str()));
            yes_or_no(app, shown!("Drop the text to {to}?"), "drop it".into(), "keep it", Value::Cancel(id));
            Vec::new()
        }
        Action::Follow => {
            match app.focus {
                Focus::Audit => return app.rooms.audit.follow(&app.clock),
                Focus::Events => app.rooms.log.follow(),
                _ => app.rooms.hooks.at = 0,
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn yes_or_no(app: &mut App, title: Shown, yes: Shown, no: &'static str, value: Value) {
    let choice = |label, value| Choice { label, detail: Shown::default(), off: None, value };
    let rows = vec![choice(Shown::from(no), Value::Stay), choice(yes, value)];
    app.overlay = Some(Overlay::Pick(Pick::new(title, rows)));
}

/// A message that is put off shall not go.
pub fn cancel(id: Id) -> Vec<Effect> {
    vec![ask(Tag::PutOff("cancelled: it does not go".into()), UndoMessage { id })]
}

/// Whether an answer is for these panes.
pub fn asked(tag: &Tag) -> bool {
    matches!(
        tag,
        Tag::Webhooks
            | Tag::LetterSums
            | Tag::Letters(_)
            | Tag::Explained
            | Tag::Replayed
            | Tag::Keeping
            | Tag::Gaps(_)
            | Tag::Swept
            | Tag::Imported(_)
            | Tag::Numbers
            | Tag::Pointed(_)
            | Tag::Unpointed
            | Tag::Later(_)
            | Tag::PutOff(_)
            | Tag::Held(_)
            | Tag::Released(_)
    )
}

/// An answer to what these panes asked.
pub fn answered(app: &mut App, tag: Tag, result: Result<Reply, ApiError>) -> Vec<Effect> {
    let rooms = &mut app.rooms;
    let business = app.session.business;
    match (tag, result) {
        (Tag::Webhooks, Ok(Reply::ListWebhooks(log))) => rooms.hooks.answered(Ok(log)),
        (Tag::Webhooks, Err(e)) => rooms.hooks.answered(Err(e)),
        (Tag::LetterSums, Ok(Reply::SumDeadLetters(sums))) => rooms.hooks.letters.summed(sums),
        (Tag::Letters(part), Ok(Reply::ListDeadLetters(page))) => rooms.hooks.letters.answered(part, Ok(page)),
        (Tag::Letters(part), Err(e)) => rooms.hooks.letters.answered(part, Err(e)),
        (Tag::Explained, Ok(Reply::ExplainDeadLetter(explained))) => {
            let replay = app.settings.keymap.of(Action::ReplayLetter, &[]).first().map(|b| b.label());
            let mut lines = hooks::page(&explained, &replay.unwrap_or_default());
            lines.extend(crate::tui::why::waits_behind(app, explained.reason));
            app.overlay = Some(Overlay::Page(Page::new("Why it is a dead letter", lines)));
        }
        (Tag::Replayed, Ok(Reply::ReplayDeadLetter(done) | Reply::ReplayDeadLetters(done))) => {
            replayed(app, &done);
            return app.rooms.hooks.letters.load();
        }
        (Tag::Keeping, Ok(Reply::GetKeeping(keeping))) => rooms.upkeep.kept(Ok(keeping)),
        (Tag::Keeping, Err(e)) => rooms.upkeep.kept(Err(e)),
        (Tag::Gaps(part), Ok(Reply::ListGaps(page))) => rooms.upkeep.gapped(part, Ok(page)),
        (Tag::Gaps(part), Err(e)) => rooms.upkeep.gapped(part, Err(e)),
        (Tag::Swept, Ok(Reply::Sweep(swept))) => {
            let found = swept.found;
            let said = shown!(
                "Twilio listed {}: {} texts and {} reports were not here",
                found.listed,
                found.texts,
                found.reports
            );
            app.say(said, Role::Ok);
            return app.rooms.upkeep.load_keeping();
        }
        (Tag::Imported(said), Ok(Reply::StartImport(_) | Reply::StopImport(_))) => {
            app.say(said, Role::Ok);
            return app.rooms.upkeep.load_keeping();
        }
        (Tag::Numbers, Ok(Reply::ListNumbers(listed))) => rooms.upkeep.numbered(Ok(listed)),
        (Tag::Numbers, Err(e)) => rooms.upkeep.numbered(Err(e)),
        (Tag::Pointed(number), Ok(Reply::PointNumber(_))) => {
            app.say(shown!("the webhooks of {} come here", Shown::of(&number)), Role::Ok);
            return app.rooms.upkeep.load_numbers();
        }
        (Tag::Pointed(number), Err(e)) if e.code == Code::ConfirmationRequired => {
            let again = PointNumber { number: number.clone(), confirm: e.confirm.clone() };
            super::answers::confirm(app, &e, again, Tag::Pointed(number));
        }
        (Tag::Unpointed, Ok(Reply::UnpointNumber(done))) => {
            app.say(ended(&done), if done.ending == Ending::Restored { Role::Ok } else { Role::Warn });
            return app.rooms.upkeep.load_numbers();
        }
        (Tag::Later(part), Ok(Reply::ListLater(page))) => rooms.upkeep.put_off(part, Ok(page)),
        (Tag::Later(part), Err(e)) => rooms.upkeep.put_off(part, Err(e)),
        (Tag::PutOff(said), Ok(Reply::ChangeLater(_) | Reply::UndoMessage(_))) => {
            app.say(said, Role::Ok);
            let held = app.focus == Focus::Held;
            let upkeep = &mut app.rooms.upkeep;
            return if held { upkeep.load_held(business) } else { upkeep.load_later(business) };
        }
        (Tag::Held(part), Ok(Reply::ListHeld(page))) => rooms.upkeep.asking(part, Ok(page)),
        (Tag::Held(part), Err(e)) => rooms.upkeep.asking(part, Err(e)),
        (Tag::Released(_), Ok(Reply::ReleaseMessage(_))) => {
            app.say("it goes now", Role::Ok);
            return app.rooms.upkeep.load_held(business);
        }
        (Tag::Released(id), Err(e)) if e.code == Code::ConfirmationRequired => {
            let again = ReleaseMessage { id, confirm: e.confirm.clone() };
            super::answers::confirm(app, &e, again, Tag::Released(id));
        }
        (_, Err(e)) => app.say(Shown::from(e.to_string()), Role::Error),
        // An answer of another operation than was asked: nothing to be done with it.
        (_, Ok(_)) => {}
    }
    Vec::new()
}

fn replayed(app: &mut App, done: &Replayed) {
    let why = done.why.as_deref().map(|why| shown!(": {}", Shown::of(why))).unwrap_or_default();
    let (said, role) = match (done.replayed, done.left) {
        (0, 0) => (Shown::from("there was nothing to replay"), Role::Text),
        (n, 0) => (shown!("replayed: {n} taken in"), Role::Ok),
        (n, left) => (shown!("replayed: {n} taken in, {left} still not right{why}"), Role::Warn),
    };
    app.say(said, role);
}

fn ended(done: &Ended) -> Shown {
    let name = Shown::of(&done.name);
    match done.ending {
        Ending::Restored => shown!("{name}: what was set before is back"),
        Ending::Unchanged => shown!("{name} was as it should be"),
        Ending::LeftAlone => shown!("{name}: somebody else has set another address meanwhile, it was left alone"),
        Ending::StillHeld => shown!("{name}: somebody listens; the old address comes back after them"),
    }
}

/// Something happened that a pane in view shows: it is read again.
pub fn happened(app: &mut App, kind: &str) -> Vec<Effect> {
    match (app.focus, kind) {
        (Focus::Letters | Focus::Webhooks, "webhook.deadLetter" | "webhook.replayed") => app.rooms.hooks.letters.load(),
        (Focus::Keeping, "keeping.gap" | "keeping.import") => app.rooms.upkeep.load_keeping(),
        (Focus::Numbers, "number.pointed" | "number.returned") => app.rooms.upkeep.load_numbers(),
        (
            Focus::Later,
            "message.putOff"
            | "message.sendRequested"
            | "message.undone"
            | "message.sendStarted"
            | "message.released"
            | "message.heldBack",
        ) => app.rooms.upkeep.load_later(app.session.business),
        (
            Focus::Held,
            "message.released"
            | "message.undone"
            | "message.heldBack"
            | "message.sendRequested"
            | "message.sendStarted",
        ) => app.rooms.upkeep.load_held(app.session.business),
        _ => Vec::new(),
    }
}
