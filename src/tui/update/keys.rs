//! Where a key goes: the focused text field first, then the overlay, the pane, everywhere.

use crossterm::event::{KeyEvent, KeyEventKind};

use super::{act, chat, has_just_failed, overlay, preferences, verify};
use crate::tui::action::{Action, Group};
use crate::tui::app::{App, Focus};
use crate::tui::framemap::FrameMap;
use crate::tui::key::Key;
use crate::tui::keymap::{Context, Found};
use crate::tui::msg::Effect;
use crate::tui::overlay::{Look, Overlay};

/// A key went down. Some terminals also report releases and repeats: one press, one key.
pub fn pressed(app: &mut App, map: &FrameMap, event: KeyEvent) -> Vec<Effect> {
    if event.kind != KeyEventKind::Press {
        return Vec::new();
    }
    if map.is_too_small {
        // Nobody sees what a key would do: only leaving works.
        let leaves = app.settings.keymap.find(&[Context::Global], None, Key::of(event));
        return if leaves == Found::Action(Action::Quit) { vec![Effect::Quit] } else { Vec::new() };
    }
    if matches!(app.overlay, Some(Overlay::Press(_))) {
        return preferences::pressed(app, event);
    }
    if verify::is_digit(app, event) {
        return verify::begin_code(app, event);
    }
    app.session.is_awaited = false;
    let key = Key::of(event);
    let [own, everywhere] = app.contexts();
    let before = app.chord.take();
    let keymap = &app.settings.keymap;
    let blank = app.is_blank().then(|| keymap.find(&[Context::Blank], before, key));
    let found = match blank.unwrap_or(Found::Nothing) {
        // With nothing to explain it is the first letter of a message.
        Found::Action(action) if action != Action::Why || has_just_failed(app) => Found::Action(action),
        _ => keymap.find(&[own], before, key),
    };
    let found = match found {
        Found::Nothing if own.is_text() && !key.is_command() => Found::Nothing,
        Found::Nothing => match keymap.find(&[everywhere], before, key) {
            Found::Action(action) if app.overlay.is_some() && !passes_overlay(action) => Found::Nothing,
            Found::Prefix if app.overlay.is_some() => Found::Nothing,
            found => found,
        },
        found => found,
    };
    match found {
        Found::Action(action) => act::act(app, map, action),
        Found::Prefix => {
            app.chord = Some(key);
            Vec::new()
        }
        Found::Nothing if own.is_text() => edit(app, event),
        Found::Nothing => Vec::new(),
    }
}

/// What still works everywhere while an overlay is open.
fn passes_overlay(action: Action) -> bool {
    matches!(action, Action::Quit | Action::Redraw | Action::Palette | Action::ToggleMouse)
        || action.group() == Group::Move
}

fn edit(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    match &mut app.overlay {
        Some(Overlay::Pick(pick)) => {
            pick.edit(|field| field.key(event));
            overlay::typed(app);
            return Vec::new();
        }
        Some(Overlay::Fill(fill)) => {
            fill.form.key(event);
            return Vec::new();
        }
        Some(Overlay::Page(_) | Overlay::Look(_) | Overlay::Press(_) | Overlay::Behind(_)) => return Vec::new(),
        None => {}
    }
    match app.focus {
        Focus::Composer => {
            if chat::is_locked(app) {
                return Vec::new();
            }
            let Some(thread) = &mut app.thread else { return Vec::new() };
            if thread.composer.key(event) { chat::typed(app) } else { Vec::new() }
        }
        Focus::Filter => {
            let Some(filter) = &mut app.inbox.filter else { return Vec::new() };
            if filter.key(event) { app.inbox.narrow() } else { Vec::new() }
        }
        Focus::EventFilter => {
            if let Some(filter) = &mut app.rooms.log.filter {
                filter.key(event);
            }
            app.rooms.log.follow();
            Vec::new()
        }
        Focus::WebhookFilter => {
            if let Some(filter) = &mut app.rooms.hooks.filter {
                filter.key(event);
            }
            app.rooms.hooks.at = 0;
            Vec::new()
        }
        Focus::AuditFilter => {
            let Some(filter) = &mut app.rooms.audit.filter else { return Vec::new() };
            if filter.key(event) { app.rooms.audit.follow(&app.clock) } else { Vec::new() }
        }
        Focus::Handset => {
            app.phones.typing.key(event);
            Vec::new()
        }
        Focus::TesterForm | Focus::TesterCode | Focus::MatrixForm | Focus::AttemptFilter => verify::edit(app, event),
        _ => Vec::new(),
    }
}

/// A paste is one thing, and only a text field takes it: elsewhere its letters would be commands.
pub fn pasted(app: &mut App, text: &str) -> Vec<Effect> {
    if let Some(overlay) = &mut app.overlay {
        match overlay {
            Overlay::Pick(pick) => {
                pick.edit(|field| {
                    field.insert(text);
                    true
                });
                overlay::typed(app);
            }
            Overlay::Fill(fill) => fill.form.insert(text),
            Overlay::Page(_) | Overlay::Look(_) | Overlay::Press(_) | Overlay::Behind(_) => {}
        }
        return Vec::new();
    }
    if app.focus.is_testing() {
        return verify::pasted(app, text);
    }
    match app.focus.context() {
        _ if matches!(app.focus, Focus::EventFilter | Focus::WebhookFilter) => {
            let hooks = app.focus == Focus::WebhookFilter;
            let filter = if hooks { &mut app.rooms.hooks.filter } else { &mut app.rooms.log.filter };
            if let Some(filter) = filter {
                filter.insert(text);
            }
            Vec::new()
        }
        _ if app.focus == Focus::AuditFilter => {
            let Some(filter) = &mut app.rooms.audit.filter else { return Vec::new() };
            filter.insert(text);
            app.rooms.audit.follow(&app.clock)
        }
        Context::Composer => {
            if chat::is_locked(app) {
                return Vec::new();
            }
            if Look::is_due(text) {
                app.overlay = Some(Overlay::Look(Look::new(text.to_owned())));
                return Vec::new();
            }
            let Some(thread) = &mut app.thread else { return Vec::new() };
            thread.composer.insert(text);
            chat::typed(app)
        }
        Context::Filter => {
            let Some(filter) = &mut app.inbox.filter else { return Vec::new() };
            filter.insert(text);
            app.inbox.narrow()
        }
        Context::Handset => {
            app.phones.typing.insert(text);
            Vec::new()
        }
        _ => Vec::new(),
    }
}
