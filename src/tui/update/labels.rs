//! The picker of labels: Enter puts one on or takes it off, and it stays open for the next.

use super::bulk;
use crate::api::inbox::{LabelList, ListLabels};
use crate::tui::app::App;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::overlay::pick::About;
use crate::tui::overlay::{Choice, Overlay, Pick, Value};
use crate::tui::panes::inbox::Verb;
use crate::tui::shown::{Shown, shown};

/// Opens it.
pub fn open(app: &mut App) -> Vec<Effect> {
    let ids = bulk::targets(app);
    let shared = |label: &String| ids.iter().all(|id| bulk::known(app, *id).is_some_and(|v| v.labels.contains(label)));
    let mut on: Vec<String> =
        ids.first().and_then(|id| bulk::known(app, *id)).map(|v| v.labels.clone()).unwrap_or_default();
    on.retain(shared);
    app.inbox.labelling.ids = ids;
    app.inbox.labelling.on = on;
    let title = match app.inbox.labelling.ids.len() {
        1 => Shown::from("Labels: Enter puts one on or takes it off"),
        n => shown!("Labels of {n} conversations"),
    };
    let rows = rows(app);
    app.overlay = Some(Overlay::Pick(Pick::about(About::Labels, title, rows)));
    vec![ask(Tag::Labels, ListLabels { business: app.session.business })]
}

fn rows(app: &App) -> Vec<Choice> {
    let labelling = &app.inbox.labelling;
    let mut names: Vec<&String> = labelling.on.iter().collect();
    names.extend(labelling.known.iter().filter(|name| !labelling.on.contains(name)));
    let row = |name: &String| {
        let on = labelling.on.contains(name);
        let label = shown!("{} {}", if on { "[x]" } else { "[ ]" }, Shown::of(name));
        Choice { label, detail: Shown::default(), off: None, value: Value::Label(name.clone(), !on) }
    };
    names.into_iter().map(row).collect()
}

/// The labels in use came.
pub fn listed(app: &mut App, listed: LabelList) {
    app.inbox.labelling.known = listed.items.into_iter().map(|label| label.name).collect();
    refresh(app);
}

fn refresh(app: &mut App) {
    let rows = rows(app);
    if let Some(Overlay::Pick(pick)) = app.overlay.as_mut().filter(|o| o.is_about(About::Labels)) {
        pick.put(rows);
    }
}

/// What was typed, as a new label.
pub fn typed(app: &App, text: &str) -> Option<Choice> {
    let known = app.inbox.labelling.known.iter().chain(&app.inbox.labelling.on);
    if known.into_iter().any(|name| name.to_lowercase() == text.to_lowercase()) {
        return None;
    }
    let label = shown!("new label: {}", Shown::of(text));
    Some(Choice { label, detail: Shown::default(), off: None, value: Value::Label(text.to_owned(), true) })
}

/// Puts a label on or takes it off; the picker stays.
pub fn toggle(app: &mut App, name: &str, on: bool) -> Vec<Effect> {
    let labelling = &mut app.inbox.labelling;
    match on {
        true => labelling.on.push(name.to_owned()),
        false => labelling.on.retain(|label| label != name),
    }
    if on && !labelling.known.iter().any(|known| known == name) {
        labelling.known.push(name.to_owned());
    }
    let ids = labelling.ids.clone();
    if let Some(Overlay::Pick(pick)) = app.overlay.as_mut() {
        pick.clear();
    }
    refresh(app);
    let said = if on { shown!("labelled {}", Shown::of(name)) } else { shown!("no longer {}", Shown::of(name)) };
    // The marks stay for the next verb, and a label needs no sentence for each of several.
    ids.into_iter().map(|id| bulk::operation(id, Verb::Label(name.to_owned(), on), Tag::Change(said.clone()))).collect()
}
