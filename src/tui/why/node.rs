//! What is wrong with the node, the way to it, or what Twilio sent it.

use super::Lines;
use crate::api::deadletters::DeadLetterGroup;
use crate::api::events::Webhook;
use crate::domain::deadletter::Reason;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::ink::Piece;
use crate::tui::panes::hooks::reason as words;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The way to the node is lost.
pub(super) fn stale(app: &App, why: &str) -> Vec<Vec<Piece>> {
    let mut page = Lines::default();
    page.say(shown!("▲ {}", Shown::of(why)), Role::Error);
    page.blank();
    if let Some(node) = &app.session.node {
        page.named("node", shown!("{} · version {}", Shown::of(&node.base), Shown::of(&node.version)));
    }
    page.named("works", Shown::from("reading what is loaded, and writing: drafts are kept on this machine"));
    page.named(
        "not",
        Shown::from("sending, and whatever changes something: it is refused and said so, never queued unseen"),
    );
    page.named(
        "meanwhile",
        Shown::from("the way is tried again by itself, at least every five seconds; then what happened is caught up"),
    );
    let waiting = app.outgoing.waiting(app.clock.now());
    if waiting > 0 {
        page.named("yours", shown!("{waiting} messages of yours have not been seen to leave"));
    }
    page.named(
        "next",
        Shown::from("if it stays: is the node's machine up? `switchboard doctor` on this machine says what it finds"),
    );
    page.0
}

/// What the node and its upkeep complain of.
pub(super) fn troubles(app: &App) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    let node = app.session.node.iter().flat_map(|node| &node.troubles);
    let keeping = app.rooms.upkeep.keeping.iter().flat_map(|keeping| &keeping.troubles);
    for trouble in node.chain(keeping).map(|text| Shown::of(text)) {
        if !all.contains(&trouble) {
            all.push(trouble);
        }
    }
    all
}

/// The page about them.
pub(super) fn troubled(app: &App, troubles: &[Shown]) -> Vec<Vec<Piece>> {
    let mut page = Lines::default();
    troubles.iter().for_each(|trouble| page.say(shown!("▲ {trouble}"), Role::Warn));
    page.blank();
    if let Some(node) = app.session.node.as_ref().filter(|node| node.backlog > 0) {
        page.named("waiting", shown!("{} webhooks are accepted and not yet applied", node.backlog));
    }
    page.named("whose", Shown::from("the node's: its machine, its network, or Twilio; nothing that you did"));
    page.named("lost", Shown::from("nothing: what came is kept, and what could not come is asked for again"));
    page.named(
        "next",
        Shown::from(
            "`switchboard doctor` looks at settings, files, store, node and Twilio, and says what to do about each",
        ),
    );
    page.named("more", shown!("{} shows how far it has kept up", key(app, Action::GoKeeping)));
    page.0
}

/// A webhook that was refused.
pub(super) fn webhook(app: &App, webhook: &Webhook, reason: Reason) -> Vec<Vec<Piece>> {
    let mut page = Lines::default();
    page.say(shown!("✗ {} {}", webhook.status, words(reason)), Role::Error);
    page.blank();
    page.named("what", Shown::from(meaning(reason)));
    let group = app.rooms.hooks.letters.groups.iter().find(|group| group.reason == reason);
    group.into_iter().for_each(|group| waits(group, &mut page));
    page.named("kept", Shown::from("it lies among the dead letters and can be taken in once what is wrong is right"));
    page.named(
        "next",
        shown!("{} goes there; Enter on it shows every URL that was tried", key(app, Action::GoLetters)),
    );
    page.0
}

/// Who waits behind a reason, as lines for the page about one of its dead letters.
pub fn waits_behind(app: &App, reason: Reason) -> Vec<Vec<Piece>> {
    let mut page = Lines::default();
    let group = app.rooms.hooks.letters.groups.iter().find(|group| group.reason == reason);
    if let Some(group) = group {
        page.blank();
        waits(group, &mut page);
    }
    page.0
}

fn waits(group: &DeadLetterGroup, page: &mut Lines) {
    let customers = match group.customers {
        0 => Shown::from("no customer is known to wait"),
        1 => Shown::from("1 customer waits"),
        n => shown!("{n} customers wait"),
    };
    page.named("behind it", shown!("{} webhooks · {customers}", group.letters));
    if !group.to.is_empty() {
        page.named("texted", Shown::of(&group.to.join(", ")));
    }
}

fn meaning(reason: Reason) -> &'static str {
    match reason {
        Reason::MissingSignature => {
            "it came without Twilio's signature: somebody else sent it, or a proxy took it away"
        }
        Reason::BadSignature => {
            "its signature fits neither our token nor any form of our URL: mostly the public URL is set wrongly"
        }
        Reason::UnknownAccount => "its account is none of ours",
        Reason::Unroutable => "no business has the address that was texted to: give one that endpoint",
        Reason::UnknownMessage => "a report about a message that nobody here has sent",
        Reason::Malformed => "it lacks a field that every such webhook has",
        Reason::Poison => "the store refused it by itself; the log says why",
    }
}

fn key(app: &App, action: Action) -> String {
    app.settings.keymap.of(action, &[]).first().map(|b| b.label()).unwrap_or_default()
}
