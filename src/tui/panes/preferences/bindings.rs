//! The keys: which there are, and how one is given another key.

use crate::tui::action::Action;
use crate::tui::key::Key;
use crate::tui::keymap::{Context, Keymap};

/// An action in a context, with its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Where.
    pub context: Context,
    /// What.
    pub action: Action,
    /// Its keys there, for a person.
    pub keys: Vec<String>,
}

/// Everything that has a key somewhere, by context.
pub fn bound(keymap: &Keymap) -> Vec<Bound> {
    let mut rows: Vec<Bound> = Vec::new();
    for context in Context::ALL {
        for action in Action::ALL {
            let here = keymap.bindings().iter().filter(|b| b.context == *context && b.action == *action);
            let keys: Vec<String> = here.map(|b| b.label()).collect();
            if !keys.is_empty() {
                rows.push(Bound { context: *context, action: *action, keys });
            }
        }
    }
    rows
}

/// Waiting for the key that an action shall have, or two of them in a row.
#[derive(Debug, Clone)]
pub struct Press {
    /// The first key, while it can still be one of two.
    pub first: Option<Key>,
    /// Where.
    pub context: Context,
    /// What.
    pub action: Action,
    /// Why the keys that were pressed cannot be taken.
    pub refused: Option<String>,
}
