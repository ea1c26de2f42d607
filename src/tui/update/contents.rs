//! Content templates on WhatsApp: chosen, filled in, sent. When the customer has not written for a day, nothing
//! else reaches them.

use super::chat;
use crate::api::ApiError;
use crate::api::contents::{ContentList, ContentView, ListContents};
use crate::domain::content::Used;
use crate::domain::id::Id;
use crate::tui::app::App;
use crate::tui::drafts::Draft;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::pick::About;
use crate::tui::overlay::{Choice, Fill, Overlay, Pick, Purpose, Value};
use crate::tui::panes::thread::{needs_template, refusal as cannot_send};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Why no template can be sent here.
pub fn refusal(app: &App) -> Option<&'static str> {
    match app.thread.as_ref().map(|thread| thread.conversation.window_until) {
        None => Some("open a conversation first"),
        Some(None) => Some("templates are for WhatsApp"),
        Some(Some(_)) => None,
    }
}

/// Whether whoever writes to the customer now has to choose a template.
pub fn is_due(app: &App) -> bool {
    app.thread.as_ref().is_some_and(|t| !t.composer.note && needs_template(&t.conversation, &app.clock))
}

/// Shows the templates that WhatsApp has approved, once they are here.
pub fn open(app: &mut App) -> Vec<Effect> {
    let Some(thread) = &app.thread else { return Vec::new() };
    let view = &thread.conversation;
    if let Some(why) = cannot_send(view, &app.clock).filter(|_| !needs_template(view, &app.clock)) {
        app.say(why, Role::Error);
        return Vec::new();
    }
    let effect = ask(Tag::Contents(view.id), ListContents { business: Some(view.business) });
    app.overlay = Some(Overlay::Pick(list(vec![plain("asking Twilio…".into())])));
    vec![effect]
}

fn list(rows: Vec<Choice>) -> Pick {
    Pick::about(About::Contents, "Choose a template", rows)
}

/// A row that cannot be chosen.
fn plain(label: Shown) -> Choice {
    Choice { label, detail: Shown::default(), off: Some(Shown::default()), value: Value::Stay }
}

/// The templates are here, if they are still waited for.
pub fn listed(app: &mut App, conversation: Id, listed: Option<Result<ContentList, ApiError>>) {
    let waits = app.overlay.as_ref().is_some_and(|overlay| overlay.is_about(About::Contents));
    let here = app.thread.as_ref().is_some_and(|thread| thread.id() == conversation);
    let Some(listed) = listed.filter(|_| waits && here) else { return };
    let listed = match listed {
        Ok(listed) => listed,
        Err(e) => {
            app.overlay = None;
            app.say(Shown::from(e.to_string()), Role::Error);
            return;
        }
    };
    let mut rows: Vec<Choice> = listed.items.into_iter().map(|view| row(conversation, view)).collect();
    if rows.is_empty() {
        rows.push(plain("WhatsApp has approved none yet".into()));
    }
    if listed.others > 0 {
        rows.push(plain(shown!("{} more are not approved", listed.others)));
    }
    if let Some(Overlay::Pick(pick)) = &mut app.overlay {
        pick.put(rows);
    }
}

fn row(conversation: Id, view: ContentView) -> Choice {
    let label = shown!("{} · {}  {}", Shown::of(&view.name), Shown::of(&view.language), Shown::of(&view.body));
    let detail = view.category.as_deref().map(|category| Shown::of(&category.to_lowercase())).unwrap_or_default();
    Choice { label, detail, off: None, value: Value::Content(conversation, Box::new(view)) }
}

/// Asks what shall stand in the blanks of a template.
pub fn fill_in(app: &mut App, conversation: Id, view: Box<ContentView>) -> Vec<Effect> {
    app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Content(conversation, view), "")));
    Vec::new()
}

/// Sends it; `body` is what the customer gets.
pub fn send(app: &mut App, conversation: Id, used: Used, body: String) -> Vec<Effect> {
    let Some(thread) = app.thread.as_mut().filter(|thread| thread.id() == conversation) else { return Vec::new() };
    let mut effects = thread.to_end();
    thread.new_after = None;
    let (now, seed) = (app.clock.now(), &app.settings.seed);
    let pending = app.outgoing.start(conversation, Draft::of(body, false), Some(used), now, seed);
    effects.push(ask(Tag::Send(pending.reference.clone()), chat::request(app, &pending, None)));
    effects
}
