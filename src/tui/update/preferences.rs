//! Changing what a person likes, and giving actions other keys: at once on the screen, then in their files.

use crossterm::event::KeyEvent;

use crate::config::{self, Origin, Set};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::key::Key;
use crate::tui::keymap::{Binding, Context, Keymap, collide};
use crate::tui::msg::Effect;
use crate::tui::overlay::{Choice, Fill, Overlay, Pick, Purpose, Value};
use crate::tui::panes::preferences::{Change, Press, Row, bound};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::{AUTO, Role};

/// Enter on a row of either part.
pub fn open(app: &mut App) -> Vec<Effect> {
    if app.focus == Focus::KeyList {
        let rows = bound(&app.settings.keymap);
        if let Some(row) = rows.get(app.rooms.preferences.key) {
            app.overlay =
                Some(Overlay::Press(Press { first: None, context: row.context, action: row.action, refused: None }));
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
            let auto = app.settings.auto_theme;
            let choice = |word: String| Choice {
                label: Shown::of(&word),
                detail: in_use(row, &word, &now, auto),
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

/// What stands beside a value that can be chosen: that it is the one in use, and what `auto` comes to.
pub fn in_use(row: Row, word: &str, now: &str, auto: &str) -> Shown {
    let used = if word == now { "in use" } else { "" };
    match (row, word == now) {
        (Row::Theme, true) if word == AUTO => shown!("{used}: {auto} here"),
        (Row::Theme, false) if word == AUTO => shown!("{auto} here"),
        _ => Shown::from(used),
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
    effects.extend(keep(app, section, name, shown!("{}: {shown}", row.title()), to));
    Ok(effects)
}

/// Writes a setting into the person's file, where it can be written, and says so.
pub fn keep(app: &mut App, section: &str, name: &str, said: Shown, to: Option<Set>) -> Vec<Effect> {
    let key = format!("{section}.{name}");
    match (app.settings.origins.get(&key).cloned(), app.settings.files.config.clone()) {
        // Where it comes from stands in its row, and wins at the next start.
        (Some(Origin::Environment(_) | Origin::Flag(_)), _) | (_, None) => {
            app.say(shown!("{said}, until the next start"), Role::Warn);
            Vec::new()
        }
        (_, Some(path)) => {
            app.say(said, Role::Ok);
            match to {
                Some(_) => app.settings.origins.insert(key, Origin::File),
                None => app.settings.origins.remove(&key),
            };
            vec![Effect::Keep { path, section: section.to_owned(), name: name.to_owned(), to }]
        }
    }
}

/// A key was pressed while one is waited for. Enter takes what stands there, another key makes two in a row of
/// it, Backspace begins anew, Escape leaves everything as it was.
pub fn pressed(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Press(press)) = &mut app.overlay else { return Vec::new() };
    let key = Key::of(event);
    let keys = match (press.first, key.id().as_str()) {
        (_, "esc") => {
            app.overlay = None;
            return Vec::new();
        }
        (Some(_), "backspace") => {
            press.first = None;
            return Vec::new();
        }
        (Some(first), "enter") => vec![first],
        (Some(first), _) => vec![first, key],
        (None, _) => {
            let keymap = &app.settings.keymap;
            // Nothing that begins with it could be taken: that is said at once.
            let second = unused(keymap);
            let (alone, in_row) = (taken(keymap, press, &[key]), taken(keymap, press, &[key, second]));
            let refused = alone.filter(|_| in_row.is_some());
            (press.first, press.refused) = (refused.is_none().then_some(key), refused);
            return Vec::new();
        }
    };
    let press = press.clone();
    if let Some(why) = taken(&app.settings.keymap, &press, &keys) {
        app.overlay = Some(Overlay::Press(Press { refused: Some(why), first: None, ..press }));
        return Vec::new();
    }
    app.overlay = None;
    let label = keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ");
    let all = together(&app.settings.keymap, &press, &keys);
    keep_keys(app, press.context, press.action, Some(Set::List(all)), &label)
}

/// A key that begins or ends nothing.
fn unused(keymap: &Keymap) -> Key {
    let free = |key: &Key| keymap.bindings().iter().all(|b| !b.keys.contains(key));
    let all = (1..=24).filter_map(|n| format!("shift-f{n}").parse::<Key>().ok());
    all.into_iter().find(free).unwrap_or_else(|| Key::of(KeyEvent::from(crossterm::event::KeyCode::Null)))
}

/// The keys of an action with these before them, as the keymap writes them.
fn together(keymap: &Keymap, press: &Press, keys: &[Key]) -> Vec<String> {
    let id = keys.iter().map(|key| key.id()).collect::<Vec<_>>().join(" ");
    let old = keymap.bindings().iter().filter(|b| b.context == press.context && b.action == press.action);
    let others: Vec<String> = old.map(Binding::id).filter(|other| *other != id).collect();
    std::iter::once(id).chain(others).collect()
}

/// Why an action cannot have these keys.
fn taken(keymap: &Keymap, press: &Press, keys: &[Key]) -> Option<String> {
    let all = together(keymap, press, keys);
    let row = format!("[{}]\n{} = {all:?}\n", press.context.id(), press.action.id());
    let fault = keymap.clone().lay_over("keymap", &row).into_iter().next().map(|fault| fault.what);
    fault.or_else(|| hidden(keymap, press, keys))
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

/// Why keys would not be heard where they are wanted, or take away what is needed: a pane's own keys come
/// before those of everywhere.
fn hidden(keymap: &Keymap, press: &Press, keys: &[Key]) -> Option<String> {
    let [first, ..] = keys else { return None };
    let label = keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ");
    if press.context == Context::Global {
        let pane = |b: &&Binding| b.context != Context::Global && !b.context.is_text() && collide(&b.keys, keys);
        return keymap.bindings().iter().find(pane).map(|other| {
            let (what, place) = (other.action.id(), other.context.id());
            format!("`{}` is `{what}` in [{place}]: `{label}` would not be heard there", other.label())
        });
    }
    let place = press.context.id();
    let lost = |b: &&Binding| {
        let begins = b.keys.len() > 1 && keys.len() == 1 && b.keys.first() == Some(first);
        let needed = b.keys == [*first] && [Action::Quit, Action::Palette].contains(&b.action);
        b.context == Context::Global && (begins || needed)
    };
    let other = keymap.bindings().iter().find(lost)?;
    Some(format!("`{}` is `{}` everywhere: it would be lost in [{place}]", other.label(), other.action.id()))
}
