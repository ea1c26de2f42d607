//! What comes from the node by itself: events, the clock, the state of the connection.

use crate::api::businesses::ListEndpoints;
use crate::api::events::{Event, Frame};
use crate::api::inbox::{ConversationView, MessageView};
use crate::api::node::GetNode;
use crate::config::{Notify, NotifyWhen};
use crate::domain::id::Id;
use crate::domain::message::Direction;
use crate::link::{Connection, Heard};
use crate::tui::app::{App, Focus};
use crate::tui::framemap::FrameMap;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::Overlay;
use crate::tui::panes::inbox::who;
use crate::tui::panes::thread::Key;
use crate::tui::shown::shown;
use crate::tui::theme::Role;

/// Asks how the node is, and what time.
pub fn ask_node() -> Effect {
    ask(Tag::Node, GetNode {})
}

/// The feed brought something.
pub fn heard(app: &mut App, map: &FrameMap, heard: Heard) -> Vec<Effect> {
    match heard {
        Heard::Connection(connection) => {
            let back = connection == Connection::Live && app.session.connection != Connection::Live;
            app.session.connection = connection;
            if !back {
                return Vec::new();
            }
            // Another node may know nobody: everybody is told anew, and so are we.
            app.session.presence.forget();
            let mut effects = vec![ask_node()];
            if !app.inbox.loaded && !app.inbox.is_loading() {
                effects.extend(reload(app));
            } else {
                effects.extend(read_failed(app));
            }
            effects
        }
        Heard::Frame(Frame::CaughtUp { .. }) => {
            app.session.caught_up = true;
            Vec::new()
        }
        Heard::Frame(Frame::Reset { cursor }) => {
            let before = app.session.epoch.replace(cursor.epoch);
            if before.is_some_and(|epoch| epoch != cursor.epoch) {
                return begin_again(app);
            }
            reload(app)
        }
        Heard::Frame(Frame::Clock { now, paused }) => {
            app.clock.set(now.0, paused);
            Vec::new()
        }
        Heard::Frame(Frame::Event(event)) => happened(app, map, &event),
        Heard::Frame(Frame::Presence(presence)) => {
            app.session.presence.heard(&presence, app.clock.passed());
            Vec::new()
        }
        Heard::Frame(Frame::Handset { address }) => {
            app.phones.came_to(&address);
            Vec::new()
        }
        Heard::Frame(Frame::Webhook(webhook)) => {
            if app.rooms.hooks.heard(*webhook) {
                app.rooms.hooks.letters.load()
            } else {
                Vec::new()
            }
        }
    }
}

/// What could not be read while nobody answered is read again: it would say so until it is left.
fn read_failed(app: &mut App) -> Vec<Effect> {
    let mut effects = match app.focus {
        // Its list came with the session; entering it would move the cursor.
        Focus::Businesses => Vec::new(),
        focus => app.rooms.enter(focus, &app.session, &app.clock),
    };
    if let Some(thread) = app.thread.as_mut().filter(|thread| thread.error.is_some()) {
        effects.extend(thread.reload());
    }
    if app.inbox.error.is_some() {
        effects.extend(app.inbox.reload());
    }
    if app.phones.error.is_some() {
        effects.push(app.phones.load());
    }
    effects
}

/// Reads everything that is shown again.
pub fn reload(app: &mut App) -> Vec<Effect> {
    let mut effects = vec![
        ask_node(),
        ask(Tag::Rates, crate::api::rates::GetRates {}),
        ask(Tag::Businesses, crate::api::businesses::ListBusinesses {}),
        ask(Tag::Agents, crate::api::node::ListAgents {}),
    ];
    effects.extend(app.inbox.reload());
    effects.extend(app.rooms.enter(app.focus, &app.session, &app.clock));
    if let Some(thread) = &mut app.thread {
        effects.extend(thread.reload());
        let id = thread.id();
        effects.push(ask(Tag::Conversation(id), crate::api::inbox::GetConversation { id }));
    }
    effects
}

/// The node begins a fresh world: nothing of what is shown exists in it. Unsent drafts stay in their file.
fn begin_again(app: &mut App) -> Vec<Effect> {
    app.focus = Focus::Inbox;
    app.overlay.take_if(|overlay| !matches!(overlay, Overlay::Page(_)));
    app.session.forget_world();
    app.thread = None;
    app.drafts.writing = None;
    app.outgoing.forget();
    app.phones.forget();
    app.rooms.forget();
    app.inbox.widen();
    app.say("the node begins a fresh world: the sandbox was reset", Role::Warn);
    let mut effects = app.inbox.show(app.inbox.tab, None);
    effects.extend([
        ask_node(),
        ask(Tag::Businesses, crate::api::businesses::ListBusinesses {}),
        ask(Tag::Agents, crate::api::node::ListAgents {}),
        app.phones.load(),
    ]);
    effects
}

/// The business of the last time is not there any more: the default one is shown.
pub fn show_default(app: &mut App) -> Vec<Effect> {
    (app.session.business, app.drafts.business) = (None, None);
    let mut effects = app.inbox.show(app.inbox.tab, None);
    effects.push(Effect::SaveDrafts);
    effects
}

/// Shows another business.
pub fn show_business(app: &mut App, id: Id) -> Vec<Effect> {
    // A pane that shows what is put off goes on showing that, of the other business.
    let stays = matches!(app.focus, Focus::Later | Focus::Dashboard);
    if !stays {
        app.focus = Focus::Inbox;
    }
    if app.session.business == Some(id) {
        return Vec::new();
    }
    app.session.show(id);
    app.session.endpoints.clear();
    app.thread = None;
    app.inbox.widen();
    let zone = app.session.current().map(|b| b.time_zone.clone()).unwrap_or_default();
    app.clock.set_zone(&zone);
    let mut effects = app.inbox.show(app.inbox.tab, Some(id));
    effects.push(ask(Tag::Endpoints, ListEndpoints { id }));
    if app.drafts.business.replace(id) != Some(id) {
        effects.push(Effect::SaveDrafts);
    }
    if stays {
        effects.extend(app.rooms.enter(app.focus, &app.session, &app.clock));
    }
    effects
}

fn happened(app: &mut App, map: &FrameMap, event: &Event) -> Vec<Effect> {
    app.rooms.log.heard(event);
    let ours = event.business.is_none() || event.business == app.session.business;
    if let (true, Some(counts)) = (ours, event.counts) {
        app.session.counts = counts;
    }
    let mut effects = super::rooms::happened(app, &event.kind);
    if event.audited {
        effects.extend(super::audit::happened(app));
    }
    effects.extend(super::analytics::happened(app, &event.kind, event.business));
    effects.extend(super::businesses::happened(app, &event.kind, event.business));
    if let Some(flow) = &event.verification {
        effects.extend(super::verify::happened(app, flow));
    }
    if let Some(view) = &event.conversation {
        effects.extend(conversation(app, view));
    }
    if let Some(message) = &event.message {
        effects.extend(self::message(app, map, message));
        effects.extend(notify(app, event, message));
    }
    effects
}

/// A conversation as the node has it now, from an event or an answer.
pub fn conversation(app: &mut App, view: &ConversationView) -> Vec<Effect> {
    app.phones.learn(view);
    if let Some(thread) = app.thread.as_mut().filter(|t| t.id() == view.id)
        && thread.conversation.version <= view.version
    {
        let was_out = thread.conversation.opted_out_at.is_some();
        thread.conversation = view.clone();
        if was_out && view.opted_out_at.is_none() {
            app.say("they opted in again: texts can be sent", Role::Ok);
        }
    }
    if Some(view.business) != app.session.business {
        return Vec::new();
    }
    let known = app.inbox.window.rows().iter().find(|r| r.view.id == view.id);
    if known.is_some_and(|r| r.view.version > view.version) {
        return Vec::new();
    }
    let hold = app.is_in_inbox() && !matches!(app.overlay, Some(Overlay::Page(_)));
    app.inbox.changed(view, &app.session.me, app.clock.now().unwrap_or(view.active_at.0), hold)
}

/// A message as the node has it now, from an event or an answer.
pub fn message(app: &mut App, map: &FrameMap, message: &MessageView) -> Vec<Effect> {
    let mut replaced = app.outgoing.seen(message, &app.session.me);
    if replaced.is_none() && message.direction == Direction::Note {
        // A note carries no reference: its text in its conversation tells it.
        let same = |p: &&crate::tui::outgoing::Pending| p.note && p.body == message.body;
        let reference = app.outgoing.of(message.conversation).find(same).map(|p| p.reference.clone());
        replaced = reference.and_then(|r| app.outgoing.take(&r));
    }
    let mut effects = Vec::new();
    if let Some(thread) = app.thread.as_mut().filter(|t| t.id() == message.conversation) {
        if let Some(pending) = &replaced {
            let old = Key::Pending(pending.reference.clone());
            if thread.selected.as_ref() == Some(&old) {
                thread.selected = Some(Key::Message(message.id));
            }
            if let Some((key, _)) = thread.foot.as_mut().filter(|(key, _)| *key == old) {
                *key = Key::Message(message.id);
            }
        }
        let seen = app.session.focused && map.thread.is_some() && thread.foot.is_none();
        let before = thread.conversation.seen;
        if thread.heard(message) && !seen && thread.new_after.is_none() {
            thread.new_after = Some(before.max(message.arrival.saturating_sub(1)));
        }
    }
    if let Some(pending) = replaced.filter(|p| p.unwanted) {
        effects.push(ask(Tag::Undo(message.id), crate::api::inbox::UndoMessage { id: message.id }));
        drop(pending);
    }
    if app.session.is_sandbox() {
        effects.extend(app.phones.happened(message));
    }
    effects
}

/// Rings and shows that a customer wrote, once per message and only for what is new.
fn notify(app: &mut App, event: &Event, message: &MessageView) -> Vec<Effect> {
    let newer = message.direction == Direction::In && message.id > app.session.newest_in;
    if !newer {
        return Vec::new();
    }
    app.session.newest_in = message.id;
    if !app.session.caught_up {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if app.settings.bell {
        effects.push(Effect::Bell);
    }
    let wanted = app.settings.notify_when == NotifyWhen::Always || !app.session.focused;
    if app.settings.notify != Notify::Off && wanted {
        let private = app.settings.privacy || app.session.lock.is_some();
        let name = event.conversation.as_ref().map(who).filter(|_| !private).unwrap_or("a customer".into());
        effects.push(Effect::Notify(shown!("{name} wrote")));
    }
    effects
}
