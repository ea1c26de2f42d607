//! Changing what a person likes, and giving actions other keys: at once on the screen, then in their files.

use crossterm::event::KeyEvent;

use crate::config::{self, Origin, Set};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::key::Key;
use crate::tui::keymap::{Binding, Context, Keymap};
use crate::tui::msg::Effect;
use crate::tui::overlay::{Choice, Fill, Overlay, Pick, Purpose, Value};
use crate::tui::panes::preferences::{Change, Press, Row, bound};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Enter on a row of either part.
pub fn open(app: &mut App) -> Vec<Effect> {
    if app.focus == Focus::KeyList {
        let rows = bound(&app.settings.keymap);
        if let Some(row) = rows.get(app.rooms.preferences.key) {
            app.overlay = Some(Overlay::Press(Press { context: row.context, action: row.action, refused: None }));
        }
        return Vec::new();
    }
    let row = app.rooms.preferences.current();
    match row.change() {
        Change::Toggle => {
            let other = if row.value(&app.settings) == "on" { "off" } else { "on" };
            set(app, row, other).unwrap_or_default()
        }
        Change::Choose(words) => {
            let now = row.value(&app.settings);
            let choice = |word: String| Choice {
                label: Shown::of(&word),
                detail: Shown::from(if word == now { "in use" } else { "" }),
                off: None,
                value: Value::Prefer(row, word),
            };
            app.overlay = Some(Overlay::Pick(Pick::new(row.title(), words.into_iter().map(choice).collect())));
            Vec::new()
        }
        Change::Type => {
            let now = row.value(&app.settings);
            app.overlay = Some(Overlay::Fill(Fill::new(Purpose::Prefer(row), &now)));
            Vec::new()
        }
    }
}

/// Gives a setting a value: at once, and in the person's file. What is wrong is said.
pub fn set(app: &mut App, row: Row, text: &str) -> Result<Vec<Effect>, String> {
    if row == Row::Lock {
        // It is dear on purpose.
        app.say("the passphrase is being set…", Role::Text);
        return Ok(vec![Effect::Seal(text.to_owned())]);
    }
    let mouse = app.settings.mouse;
    let to = row.set(&mut app.settings, text)?;
    let mut effects = Vec::new();
    if app.settings.mouse != mouse {
        effects.push(Effect::Mouse(app.settings.mouse));
    }
    let shown = row.shown(&app.settings);
    let Some((section, name)) = row.key() else { return Ok(effects) };
    let key = format!("{section}.{name}");
    match (app.settings.origins.get(&key).cloned(), app.settings.files.config.clone()) {
        (Some(Origin::Environment(_) | Origin::Flag(_)), _) => {
            // Where it comes from stands in its row, and wins at the next start.
            app.say(shown!("{}: {shown}, until the next start", row.title()), Role::Warn);
        }
        (_, None) => app.say(shown!("{}: {shown}, until the next start", row.title()), Role::Warn),
        (_, Some(path)) => {
            app.say(shown!("{}: {shown}", row.title()), Role::Ok);
            match to {
                Some(_) => app.settings.origins.insert(key, Origin::File),
                None => app.settings.origins.remove(&key),
            };
            effects.push(Effect::Keep { path, section: section.to_owned(), name: name.to_owned(), to });
        }
    }
    Ok(effects)
}

/// A key was pressed while one is waited for. Escape leaves everything as it was.
pub fn pressed(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Press(press)) = &app.overlay else { return Vec::new() };
    let press = press.clone();
    let key = Key::of(event);
    if key.to_string() == "Esc" {
        app.overlay = None;
        return Vec::new();
    }
    let old = app.settings.keymap.bindings().iter().filter(|b| b.context == press.context && b.action == press.action);
    let mut keys = vec![key.id()];
    keys.extend(old.map(Binding::id).filter(|id| *id != key.id()));
    let row = format!("[{}]\n{} = {keys:?}\n", press.context.id(), press.action.id());
    let mut tried = app.settings.keymap.clone();
    let fault = tried.lay_over("keymap", &row).into_iter().next().map(|fault| fault.what);
    if let Some(why) = fault.or_else(|| hidden(&app.settings.keymap, &press, key)) {
        app.overlay = Some(Overlay::Press(Press { refused: Some((key, why)), ..press }));
        return Vec::new();
    }
    app.overlay = None;
    keep_keys(app, press.context, press.action, Some(Set::List(keys)), &key.to_string())
}

/// The action under the cursor gets back the keys that it has built in.
pub fn reset_key(app: &mut App) -> Vec<Effect> {
    let rows = bound(&app.settings.keymap);
    let Some(row) = rows.get(app.rooms.preferences.key) else { return Vec::new() };
    keep_keys(app, row.context, row.action, None, "built in")
}

fn keep_keys(app: &mut App, context: Context, action: Action, to: Option<Set>, label: &str) -> Vec<Effect> {
    match config::edited(&app.settings.own_keys, context.id(), action.id(), to.as_ref()) {
        Ok(text) => app.settings.own_keys = text,
        Err(why) => {
            app.say(shown!("your keymap is not changed: {}", Shown::of(&why)), Role::Error);
            return Vec::new();
        }
    }
    app.settings.rebuild_keymap();
    app.rooms.preferences.keys = bound(&app.settings.keymap).len();
    let title = action.title();
    let Some(path) = app.settings.files.keymap.clone() else {
        app.say(shown!("{label}: {title}, until the end of this run"), Role::Warn);
        return Vec::new();
    };
    app.say(shown!("{label}: {title}"), Role::Ok);
    vec![Effect::Keep { path, section: context.id().to_owned(), name: action.id().to_owned(), to }]
}

/// Why a key would not be heard where it is wanted, or take away what is needed: a pane's own keys come
/// before those of everywhere.
fn hidden(keymap: &Keymap, press: &Press, key: Key) -> Option<String> {
    if press.context == Context::Global {
        let pane = |b: &&Binding| b.context != Context::Global && !b.context.is_text() && b.keys.first() == Some(&key);
        return keymap.bindings().iter().find(pane).map(|other| {
            format!("`{key}` is `{}` in [{}]: there it would not be heard", other.action.id(), other.context.id())
        });
    }
    let other = keymap.bindings().iter().find(|b| b.context == Context::Global && b.keys == [key])?;
    let needed = [Action::Quit, Action::Palette];
    needed
        .contains(&other.action)
        .then(|| format!("`{key}` is `{}` everywhere: it would be lost in [{}]", other.action.id(), press.context.id()))
}
