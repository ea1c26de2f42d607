//! An entry of the audit log whole: who, what, how it was before, its place in the chain.

use super::draw::who;
use crate::api::audit::AuditEntry;
use crate::tui::app::App;
use crate::tui::ink::Piece;
use crate::tui::mask::hidden;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Cells of the names of things.
const NAME: usize = 13;
/// Lines of what was sealed that are shown.
const SEALED: usize = 200;

/// The lines of an entry.
pub fn detail(app: &App, entry: &AuditEntry, width: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    for part in shown!("{} {}", who(entry), Shown::of(&entry.said)).wrap(width.max(1)) {
        lines.push(vec![(part, Role::Strong)]);
    }
    let mut pair = |name: &str, value: &Shown, role: Role| {
        let label = Shown::of(name).cut(NAME);
        let pad = " ".repeat((NAME + 1).saturating_sub(label.width()));
        for (n, part) in value.wrap(width.saturating_sub(NAME + 1).max(8)).into_iter().enumerate() {
            let label = if n == 0 { shown!("{label}{pad}") } else { Shown::from(" ".repeat(NAME + 1)) };
            lines.push(vec![(label, Role::Dim), (part, role)]);
        }
    };
    let at = entry.at.0;
    pair("at", &shown!("{} {}", app.clock.full_day(at), app.clock.milli(at)), Role::Text);
    if let Some(name) = &entry.business_name {
        pair("business", &Shown::of(name), Role::Text);
    }
    pair("kind", &Shown::of(&entry.kind), Role::Text);
    if let Some(subject) = &entry.subject {
        pair("about", &Shown::of(subject), Role::Text);
    }
    for (name, id) in [("conversation", entry.conversation), ("message", entry.message), ("flow", entry.flow)] {
        if let Some(id) = id {
            pair(name, &shown!("{id}"), Role::Text);
        }
    }
    if let Some(run) = &entry.run {
        pair("run of node", &Shown::of(run), Role::Text);
    }
    let value = |text: &str| if text.is_empty() { Shown::from("nothing") } else { Shown::of(text) };
    for change in &entry.changes {
        let text = shown!("{} → {}", value(&change.before), value(&change.after));
        pair(&change.field, &text, Role::Accent);
    }
    let (seal, role) = match (entry.erased, entry.sound) {
        (true, _) => ("what it said was erased, by receipt; the chain holds", Role::Warn),
        (false, true) => ("✓ it says what was sealed", Role::Ok),
        (false, false) => ("✗ it does not say what was sealed: run `switchboard audit verify`", Role::Error),
    };
    pair("seal", &Shown::from(seal), role);
    pair("entry", &Shown::of(&entry.id), Role::Text);
    pair("hash", &Shown::of(&entry.hash), Role::Text);
    pair("before it", &Shown::of(&entry.previous), Role::Text);
    if entry.details.is_null() {
        return lines;
    }
    lines.push(Vec::new());
    let sealed = serde_json::to_string_pretty(&entry.details).unwrap_or_default();
    for text in sealed.lines().take(SEALED) {
        for part in Shown::of(text).wrap(width.max(1)) {
            lines.push(vec![(if app.settings.privacy { hidden(&part) } else { part }, Role::Dim)]);
        }
    }
    lines
}
