//! What a message does to the console. Pure: it awaits nothing, locks nothing, reads no clock and
//! writes nothing; what has to be done outside comes back as effects.

mod act;
mod analytics;
mod answers;
mod audit;
mod behind;
mod bulk;
mod businesses;
mod chat;
mod contents;
mod feed;
mod files;
mod keys;
mod labels;
mod later;
mod lock;
mod mouse;
mod offers;
mod outside;
mod overlay;
mod pipe;
mod possible;
mod preferences;
mod rooms;
mod said;
mod sandbox;
mod verify;
mod views;

pub use act::act as perform;
pub use possible::refusal;
pub(super) use said::{has_just_failed, what_failed};
pub(super) use verify::changed as filled;

use super::app::{App, Focus};
use super::framemap::FrameMap;
use super::msg::{Effect, Msg};
use super::overlay::Overlay;
use super::theme::Role;
use crate::link::Connection;

/// Takes one message in. `map` is the frame that is on the screen.
pub fn update(app: &mut App, map: &FrameMap, msg: Msg) -> Vec<Effect> {
    let title = app.title();
    let in_inbox = app.is_in_inbox();
    let watched = app.focus.watches();
    let by_person = matches!(msg, Msg::Key(_) | Msg::Paste(_) | Msg::Mouse(_) | Msg::Edited(..));
    if let Msg::Answered(tag, result) = &msg {
        app.trail.answered(tag, result, app.clock.passed());
        app.session.answered(tag);
    }
    let mut effects = match msg {
        Msg::Now(passed) => {
            app.clock.tell(passed);
            app.notice.take_if(|n| n.until <= passed);
            return Vec::new();
        }
        Msg::Key(key) if app.session.lock.is_some() => lock::pressed(app, key),
        Msg::Paste(_) | Msg::Mouse(_) if app.session.lock.is_some() || map.is_too_small => Vec::new(),
        Msg::Key(key) => keys::pressed(app, map, key),
        Msg::Paste(text) => keys::pasted(app, &text),
        Msg::Mouse(mouse) => mouse::moved(app, map, mouse),
        Msg::Unlocked(fits) => lock::looked_at(app, fits),
        Msg::Sealed(sealed) => lock::sealed(app, sealed),
        Msg::Resize => Vec::new(),
        Msg::Drawn => drawn(app, map),
        Msg::Focus(focused) => {
            app.session.focused = focused;
            // A machine that slept has an old clock.
            if focused { vec![feed::ask_node()] } else { Vec::new() }
        }
        Msg::Heard(heard) => feed::heard(app, map, heard),
        Msg::Answered(tag, result) => answers::answered(app, map, tag, *result),
        Msg::Edited(id, text) => outside::edited(app, id, text),
        Msg::Piped(piped) => pipe::ended(app, piped),
        Msg::File(done) => files::done(app, done),
        Msg::Suspended => vec![Effect::Suspend],
        Msg::Resumed => vec![Effect::TakeTerminal(app.settings.mouse), Effect::Redraw, feed::ask_node()],
        Msg::Leave | Msg::Interrupted => vec![Effect::Quit],
        Msg::Trouble(text) => {
            app.say(text, Role::Error);
            Vec::new()
        }
    };
    bulk::forget_undo(app, by_person);
    // Whoever has opened a conversation knows the way.
    app.settings.first_run &= app.thread.is_none();
    if in_inbox && !app.is_in_inbox() {
        app.inbox.left();
    }
    let open = app.thread.as_ref().map(|t| t.id());
    if app.session.connection == Connection::Live {
        effects.extend(app.session.presence.go(open));
    }
    if app.focus.watches() != watched {
        effects.push(Effect::Watch(!watched));
    }
    if app.title() != title {
        effects.push(Effect::Title(app.title()));
    }
    for effect in &effects {
        if let Effect::Ask(tag, _) = effect {
            app.session.asks(tag, app.clock.passed());
        }
    }
    app.trail.asked(&effects, by_person, app.clock.passed());
    effects
}

/// A frame is on the screen: lists stay where they were drawn, what was shown counts as read, what
/// came near an end of a window is asked for.
fn drawn(app: &mut App, map: &FrameMap) -> Vec<Effect> {
    let mut effects = Vec::new();
    if let Some(listed) = map.inbox {
        app.inbox.top = listed.top;
    }
    if let (Some(listed), Some(Overlay::Pick(pick))) = (map.overlay, app.overlay.as_mut()) {
        pick.drawn(listed);
    }
    if let Some(listed) = map.list {
        app.rooms.drawn(app.focus, listed.top);
    }
    if app.focus == Focus::Dashboard {
        effects.extend(app.rooms.analytics.seen(&app.session, &app.clock));
    }
    if let Some(viewed) = map.thread {
        effects.extend(chat::seen(app, viewed));
    }
    if map.phones {
        effects.extend(app.phones.seen());
    }
    if map.contact {
        effects.extend(chat::ask_contact(app));
    }
    effects
}
