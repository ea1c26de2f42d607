//! What is typed and pasted in the tester: what shall be sent, a code, a search.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::msg::Effect;
use crate::tui::shown::shown;
use crate::tui::theme::Role;
use crate::tui::widgets::field::Field;

/// Whether a key is a digit of a code, typed where digits mean nothing else.
pub fn is_digit(app: &App, key: KeyEvent) -> bool {
    let plain = key.modifiers.is_empty() || key.modifiers == KeyModifiers::SHIFT;
    let digit = matches!(key.code, KeyCode::Char(c) if c.is_ascii_digit());
    digit && plain && app.overlay.is_none() && app.focus == Focus::Tester && app.rooms.tester.followed.is_some()
}

/// A digit was typed outside the box: it begins a code.
pub fn begin_code(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    app.focus = Focus::TesterCode;
    app.rooms.tester.code = Field::default();
    app.rooms.tester.code.key(key);
    Vec::new()
}

/// A key for the focused field.
pub fn edit(app: &mut App, key: KeyEvent) -> Vec<Effect> {
    match app.focus {
        Focus::TesterForm if app.rooms.tester.test.form.key(key) => changed(app),
        Focus::MatrixForm if app.rooms.tester.matrix.form.key(key) => matrix_changed(app),
        Focus::TesterCode => {
            let letter = matches!(key.code, KeyCode::Char(c) if !c.is_ascii_digit());
            let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
            if letter && plain && !app.rooms.tester.takes_letters() {
                // Swallowed, it would look like a key that does nothing.
                let leave = app.key_of(Action::Back).unwrap_or_default();
                app.say(shown!("a code is digits; {leave} leaves the box, then letters are commands"), Role::Warn);
            } else {
                app.rooms.tester.code.key(key);
            }
            Vec::new()
        }
        Focus::AttemptFilter => {
            let log = &mut app.rooms.tester.log;
            let before = log.search.as_ref().map(|field| field.text().to_owned());
            if let Some(search) = &mut log.search {
                search.key(key);
            }
            let after = app.rooms.tester.log.search.as_ref().map(|field| field.text().to_owned());
            if before == after { Vec::new() } else { app.rooms.tester.load_log() }
        }
        _ => Vec::new(),
    }
}

/// Something was pasted: into the focused field; at a flow it is a code.
pub fn pasted(app: &mut App, text: &str) -> Vec<Effect> {
    match app.focus {
        Focus::TesterForm => {
            app.rooms.tester.test.form.insert(text);
            changed(app)
        }
        Focus::MatrixForm => {
            app.rooms.tester.matrix.form.insert(text);
            matrix_changed(app)
        }
        Focus::Tester | Focus::TesterCode if app.rooms.tester.followed.is_some() => {
            if app.focus == Focus::Tester {
                app.rooms.tester.code = Field::default();
            }
            app.focus = Focus::TesterCode;
            app.rooms.tester.code.insert(text.trim());
            Vec::new()
        }
        Focus::AttemptFilter => {
            if let Some(search) = &mut app.rooms.tester.log.search {
                search.insert(text.trim());
            }
            app.rooms.tester.load_log()
        }
        _ => Vec::new(),
    }
}

/// Something of what shall be sent changed: it is previewed and remembered.
pub fn changed(app: &mut App) -> Vec<Effect> {
    let name = app.session.current().map(|b| b.name.clone()).unwrap_or_default();
    app.rooms.tester.test.propose_values(&name);
    let mut effects = app.rooms.tester.ask_preview();
    effects.extend(keep(app));
    effects
}

/// Something of the matrix changed.
fn matrix_changed(app: &mut App) -> Vec<Effect> {
    let name = app.session.current().map(|b| b.name.clone()).unwrap_or_default();
    app.rooms.tester.matrix.changed(&name);
    Vec::new()
}

/// The inputs are remembered for the next test of this business.
pub(super) fn keep(app: &mut App) -> Vec<Effect> {
    let Some(business) = app.rooms.tester.business else { return Vec::new() };
    let inputs = app.rooms.tester.test.inputs();
    if app.drafts.keep_test(business, inputs) { vec![Effect::SaveDrafts] } else { Vec::new() }
}
