//! Why something was refused: by this console itself, or by the node.

use super::Lines;
use crate::api::{ApiError, Code, Spec};
use crate::tui::action::Action;
use crate::tui::app::{App, Notice};
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};

/// Whether the sentence at the foot of the screen says that something was refused.
pub(super) fn is_refusal(app: &App, notice: &Notice) -> bool {
    notice.action.is_some() || told(app, notice).is_some()
}

/// The refusal of the node that it tells.
fn told<'a>(app: &'a App, notice: &Notice) -> Option<(&'static Spec, &'a ApiError)> {
    app.trail.refusal(|e| notice.text.as_str().contains(Shown::of(&e.detail).as_str()))
}

/// The lines about the sentence at the foot of the screen.
pub(super) fn lines(app: &App, notice: &Notice) -> Vec<Vec<Piece>> {
    let mut page = Lines::default();
    page.say(shown!("✗ {}", notice.text), notice.role);
    page.blank();
    match (told(app, notice), notice.action) {
        (Some((request, e)), _) => by_node(app, request, e, &mut page),
        (None, Some(action)) => by_console(app, action, &mut page),
        (None, None) => {
            page.named("whose", Shown::from("this console says it; nothing was asked of the node for it"));
            page.named("next", shown!("{} goes back", key(app, Action::Back)));
        }
    }
    page.0
}

fn by_console(app: &App, action: Action, page: &mut Lines) {
    page.named("action", shown!("{} ({})", action.title(), action.id()));
    page.named("whose", Shown::from("this console refused it; nothing was asked of the node and nothing was done"));
    let keymap = &app.settings.keymap;
    let places: Vec<String> =
        keymap.of(action, &[]).iter().map(|b| format!("{} in [{}]", b.label(), b.context.id())).collect();
    if !places.is_empty() {
        page.named("keys", Shown::from(places.join(", ")));
    }
    page.named("next", Shown::from("do what the sentence says, and press it again"));
}

fn by_node(app: &App, request: &'static Spec, e: &ApiError, page: &mut Lines) {
    let (whose, next) = advice(e.code);
    page.named("asked", shown!("{} {} ({})", request.method.as_str(), request.path, request.name));
    page.named("answer", shown!("{} {}", e.code.status(), e.code.name()));
    if let Some(field) = &e.field {
        page.named("field", Shown::of(field));
    }
    for d in &e.differences {
        page.named(
            "differs",
            shown!("{}: now {} · yours {}", Shown::of(&d.field), Shown::of(&d.now), Shown::of(&d.yours)),
        );
    }
    if let Some(code) = e.twilio {
        page.named("Twilio", shown!("error {code}"));
    }
    page.named("whose", Shown::from(whose));
    let wait = e.retry_after.map(|secs| shown!(", in {secs} s")).unwrap_or_default();
    page.named("next", shown!("{next}{wait}"));
    page.blank();
    page.named("more", shown!("{} shows the request and its answer as code", key(app, Action::Behind)));
}

fn key(app: &App, action: Action) -> String {
    app.settings.keymap.of(action, &[]).first().map(|b| b.label()).unwrap_or_default()
}

/// Whose doing a refusal is, and what helps.
fn advice(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::InvalidInput => ("yours: a field is missing or wrong", "correct it and ask again"),
        Code::Unauthenticated => {
            ("of whoever set this console up: its token is not known to the node", "give it a new one: token create")
        }
        Code::Forbidden => ("of whoever gives permissions: yours do not allow it", "ask an admin for it"),
        Code::NotFound => {
            ("nobody's: it is gone, or belongs to another business", "look at the list again; it may be old")
        }
        Code::MethodNotAllowed => ("ours: the console asked for what the node does not have", "update the older one"),
        Code::Conflict => ("nobody's: as things stand it cannot be done", "do what the sentence says first"),
        Code::VersionMismatch => ("nobody's: somebody changed it meanwhile", "look at it again, then decide"),
        Code::KeyReused => ("ours: a name was used for two different requests", "ask again; it gets a new one"),
        Code::ConfirmationRequired => ("nobody's: it needs a yes", "ask again and type what is asked for"),
        Code::TooLarge => ("yours: it is larger than the node takes", "send less"),
        Code::TooManyRequests => ("nobody's: too much at once", "wait and ask again"),
        Code::Upstream => ("Twilio's, or of what it was asked: it refused", "its sentence says what to change"),
        Code::Unavailable => ("of the node's machine or network: it cannot take it now; nothing was done", "ask again"),
        Code::Internal => ("ours: a fault of the program; nothing was done", "look into the node's log, and report it"),
    }
}
