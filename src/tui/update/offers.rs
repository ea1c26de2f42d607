//! What is laid over the panes: the palette, the help, lists to choose from.

use super::{bulk, preferences, refusal};
use crate::api::deadletters::ExplainDeadLetter;
use crate::api::inbox::ConversationView;
use crate::domain::id::Id;
use crate::tui::action::{Action, Group};
use crate::tui::app::{App, Focus};
use crate::tui::ink::Piece;
use crate::tui::keymap::{Binding, Context};
use crate::tui::manual;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::{Choice, Fill, Overlay, Page, Pick, Purpose, Value};
use crate::tui::panes::inbox::{Verb, who};
use crate::tui::panes::preferences::Row;
use crate::tui::shown::{Shown, shown};
use crate::tui::synonyms::synonyms;
use crate::tui::theme::{AUTO, NAMES, Role};

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
        let also = format!("{} {}", action.group().title(), synonyms(*action));
        rows.push((Choice { label: title, detail: Shown::from(label), off, value: Value::Act(*action) }, also));
    }
    for row in app.inbox.window.rows() {
        let detail = Shown::of(row.view.customer.as_str());
        rows.push((choice(who(&row.view), detail, Value::Open(row.view.id)), String::new()));
    }
    app.overlay = Some(Overlay::Pick(Pick::found_by("Commands and conversations", rows)));
    Vec::new()
}

/// The group of what is done in a pane; none where that is everything.
fn group_of(context: Context) -> Option<Group> {
    Some(match context {
        Context::Inbox | Context::Filter => Group::Inbox,
        Context::Thread => Group::Conversation,
        Context::Composer | Context::Blank => Group::Write,
        Context::Tester
        | Context::TesterForm
        | Context::TesterCode
        | Context::Attempts
        | Context::Matrix
        | Context::MatrixForm => Group::Verification,
        Context::Webhooks
        | Context::Letters
        | Context::Keeping
        | Context::Numbers
        | Context::Later
        | Context::Held
        | Context::Audit
        | Context::Events => Group::Upkeep,
        Context::Businesses => Group::Business,
        Context::Dashboard | Context::Figures => Group::Dashboard,
        Context::Phones | Context::Handset => Group::Sandbox,
        _ => return None,
    })
}

/// Every action with its keys, by group; it opens at what belongs to the pane that has the keys.
pub fn help(app: &mut App) -> Vec<Effect> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut group: Option<Group> = None;
    let (wanted, mut at) = (group_of(app.focus.context()), 0);
    for action in Action::ALL {
        if group != Some(action.group()) {
            if group.is_some() {
                lines.push(Vec::new());
            }
            group = Some(action.group());
            if group == wanted {
                at = lines.len();
            }
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
    app.overlay = Some(Overlay::Page(Page::new("Keys", lines).at(at)));
    Vec::new()
}

/// What the sandbox is and does, and what it does not.
pub fn manual(app: &mut App) -> Vec<Effect> {
    app.overlay = Some(Overlay::Page(Page::new("The sandbox: a Twilio of your own", manual::lines(manual::SANDBOX))));
    Vec::new()
}

/// Why what is wrong here is so; the help when nothing is wrong.
pub fn why(app: &mut App) -> Vec<Effect> {
    if app.focus == Focus::Letters
        && app.notice.is_none()
        && let Some(letter) = app.rooms.hooks.letters.current()
    {
        return vec![ask(Tag::Explained, ExplainDeadLetter { id: letter.id })];
    }
    match crate::tui::why::explained(app) {
        Some(page) => app.overlay = Some(Overlay::Page(page)),
        None => return help(app),
    }
    Vec::new()
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
pub fn assign(app: &mut App, ids: &[Id], assignee: Option<String>) -> Vec<Effect> {
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
    let now = Row::Theme.value(&app.settings);
    let rows = [AUTO].iter().chain(&NAMES).map(|name| {
        let used = preferences::in_use(Row::Theme, name, &now, app.settings.auto_theme);
        choice(Shown::from(*name), used, Value::Theme((*name).to_owned()))
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
