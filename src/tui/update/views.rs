//! Queries of the inbox that were saved: each has a key, as the tabs have.

use super::preferences;
use crate::config::Set;
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::Effect;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Their keys, in order.
const VIEWS: [Action; 3] = [Action::View1, Action::View2, Action::View3];

/// Shows a view.
pub fn show(app: &mut App, at: usize) -> Vec<Effect> {
    let Some(text) = app.settings.views.get(at).cloned() else {
        let key = app.settings.keymap.of(Action::SaveView, &[]).first().map(|b| b.label()).unwrap_or_default();
        app.say(
            shown!("no view there yet: narrow the list by a query (/ label:refund), then {key} saves it"),
            Role::Warn,
        );
        return Vec::new();
    };
    if let Err(why) = crate::domain::query::Query::parse(&text) {
        app.say(shown!("the view `{}`: {}", Shown::of(&text), Shown::of(&why)), Role::Error);
        return Vec::new();
    }
    app.focus = Focus::Inbox;
    app.inbox.view(&text, app.session.business)
}

/// Saves the query that narrows the list, in the first free place, else in the last.
pub fn save(app: &mut App) -> Vec<Effect> {
    let Some(text) = app.inbox.query().map(str::to_owned) else { return Vec::new() };
    let views = &mut app.settings.views;
    let at = match views.iter().position(|view| *view == text) {
        Some(at) => at,
        None if views.len() < VIEWS.len() => {
            views.push(text.clone());
            views.len() - 1
        }
        None => {
            views[VIEWS.len() - 1] = text.clone();
            VIEWS.len() - 1
        }
    };
    let to = Set::List(views.clone());
    let key = VIEWS.get(at).and_then(|view| app.settings.keymap.of(*view, &[]).first().map(|b| b.label()));
    preferences::keep(app, "console", "views", shown!("saved: {} shows it", key.unwrap_or_default()), Some(to))
}
