//! What a person likes: theme, mouse, sounds, keys. Each row says where its value comes from, and what is
//! changed here is written into the person's own files.
//!
//! The second part lists the keys, and gives an action another one.

mod bindings;
mod draw;
mod rows;

pub use bindings::{Bound, Press, bound};
pub use draw::draw;
pub use rows::{Change, Row};

/// The cursors of the two parts.
#[derive(Debug, Default)]
pub struct Preferences {
    /// The setting under the cursor.
    pub at: usize,
    /// The first setting in view.
    pub top: usize,
    /// The key under the cursor.
    pub key: usize,
    /// How many keys there are.
    pub keys: usize,
    /// The first key in view.
    pub key_top: usize,
}

impl Preferences {
    /// The setting under the cursor.
    pub fn current(&self) -> Row {
        Row::ALL.get(self.at).copied().unwrap_or(Row::Theme)
    }
}
