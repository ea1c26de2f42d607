//! The lock: nothing of the desk is shown and no key reaches it until it is unlocked.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind};

use crate::tui::app::App;
use crate::tui::msg::Effect;
use crate::tui::session::Lock;
use crate::tui::theme::Role;

/// Locks the console.
pub fn lock(app: &mut App) -> Vec<Effect> {
    app.overlay = None;
    app.notice = None;
    app.session.lock = Some(Lock::default());
    Vec::new()
}

/// A key while it is locked. With a passphrase set it is typed; without one Enter unlocks.
pub fn pressed(app: &mut App, event: KeyEvent) -> Vec<Effect> {
    let sealed = app.settings.sealed.clone();
    let Some(lock) = app.session.lock.as_mut().filter(|_| event.kind == KeyEventKind::Press) else { return Vec::new() };
    match (event.code, sealed) {
        (KeyCode::Enter, None) => {
            app.session.lock = None;
            Vec::new()
        }
        (KeyCode::Enter, Some(sealed)) if !lock.checking => {
            lock.checking = true;
            vec![Effect::Unlock { sealed, passphrase: lock.typed.take() }]
        }
        (_, Some(_)) if !lock.checking => {
            lock.wrong = false;
            lock.typed.key(event);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The passphrase was looked at.
pub fn looked_at(app: &mut App, fits: bool) -> Vec<Effect> {
    if fits {
        app.session.lock = None;
    } else if let Some(lock) = &mut app.session.lock {
        (lock.checking, lock.wrong) = (false, true);
    }
    Vec::new()
}

/// A passphrase was set, or taken away.
pub fn sealed(app: &mut App, sealed: Option<String>) -> Vec<Effect> {
    let said = if sealed.is_some() { "the lock has a passphrase now" } else { "the lock has no passphrase any more" };
    app.settings.sealed = sealed;
    app.say(said, Role::Ok);
    Vec::new()
}
