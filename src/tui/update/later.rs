//! Messages that are put off: asked for, given another moment, another text, or taken back.

use super::chat;
use crate::api::inbox::{ChangeLater, SendMessage, UndoMessage};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::tui::app::{App, Focus};
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::{Fill, Overlay, Purpose};
use crate::tui::panes::thread::refusal as cannot_send;
use crate::tui::shown::{Shown, shown};
use crate::tui::theirs::Theirs;
use crate::tui::theme::Role;

/// Why the text of the composer cannot be put off now.
pub fn refusal(app: &App) -> Option<&'static str> {
    let Some(thread) = app.thread.as_ref().filter(|_| app.focus == Focus::Composer) else {
        return Some("nothing is being written");
    };
    if thread.composer.note {
        return Some("a note is for now");
    }
    if thread.composer.changing().is_some() {
        return Some("keep the changed text first");
    }
    thread.composer.text().trim().is_empty().then_some("write the message first")
}

/// Asks when the text of the composer shall go.
pub fn send(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &app.thread else { return Vec::new() };
    if let Some(why) = cannot_send(&thread.conversation, &app.clock) {
        app.say(why, Role::Error);
        return Vec::new();
    }
    if !thread.composer.files.is_empty() {
        app.say("a text with files goes now or not at all: take them off to send it later", Role::Warn);
        return Vec::new();
    }
    let theirs = Theirs::of(&thread.conversation.customer);
    let purpose = Purpose::Later(thread.id(), thread.composer.text().trim_end().to_owned());
    app.overlay = Some(Overlay::Fill(Fill::new(purpose, "tomorrow 9").for_them(theirs, &app.clock)));
    Vec::new()
}

/// Says until when a text waits, also by the customer's clocks.
pub fn say_when(app: &mut App, conversation: Id, at: Time) {
    let customer = app.thread.as_ref().filter(|t| t.id() == conversation).map(|t| &t.conversation.customer);
    let theirs = customer.and_then(Theirs::of).and_then(|theirs| theirs.brief(at, &app.clock));
    let theirs = theirs.map(|brief| shown!(" · {brief}")).unwrap_or_default();
    app.say(shown!("it waits until {} {}{theirs}", app.clock.day(at), app.clock.minute(at)), Role::Ok);
}

/// Asks when the message that waits shall go.
pub fn reschedule(app: &mut App) -> Vec<Effect> {
    let Some(message) = app.thread.as_ref().and_then(|t| t.later_at_cursor()) else { return Vec::new() };
    let at = message.send_at.map(|at| app.clock.exact(at.0)).unwrap_or_default();
    let theirs = Theirs::of(&message.to);
    let purpose = Purpose::Reschedule(message.id, message.unless_they_reply);
    app.overlay = Some(Overlay::Fill(Fill::new(purpose, at.as_str()).for_them(theirs, &app.clock)));
    Vec::new()
}

/// The node has taken a text that goes later: the composer is free again, if it still holds it.
pub fn taken(app: &mut App, send: &SendMessage) -> Vec<Effect> {
    if let Some(thread) = app.thread.as_mut().filter(|t| Some(t.id()) == send.conversation)
        && thread.composer.text().trim_end() == send.body
    {
        thread.composer.take();
    }
    chat::typed(app)
}

/// Puts the text of the message that waits into the composer, to be changed.
pub fn change(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &mut app.thread else { return Vec::new() };
    let Some((id, body)) = thread.later_at_cursor().map(|m| (m.id, m.body.clone())) else { return Vec::new() };
    thread.composer.change(id, &body);
    app.focus = Focus::Composer;
    chat::keep_draft(app)
}

/// Enter while the text of a message that waits is being changed; `None` when it is not.
pub fn changed(app: &mut App) -> Option<Vec<Effect>> {
    let thread = app.thread.as_mut()?;
    thread.composer.changing()?;
    if thread.composer.text().trim().is_empty() {
        app.say("a message needs a text; the message that waits can be taken back instead", Role::Warn);
        return Some(Vec::new());
    }
    let (id, text) = thread.composer.end_change()?;
    app.focus = Focus::Thread;
    let mut effects = chat::keep_draft(app);
    let change = ChangeLater { id, send_at: None, body: Some(text.trim_end().to_owned()), unless_they_reply: None };
    effects.push(ask(Tag::Change(Shown::from("it waits with the new text")), change));
    Some(effects)
}

/// Takes the message that waits back; its text returns to the composer.
pub fn cancel(app: &mut App) -> Vec<Effect> {
    let Some(id) = app.thread.as_ref().and_then(|t| t.later_at_cursor()).map(|m| m.id) else { return Vec::new() };
    vec![ask(Tag::Undo(id), UndoMessage { id })]
}
