//! Where the value of a setting comes from.

use std::collections::BTreeMap;

use toml::Table;

use super::keys::keys;
use super::{Env, Flags};

/// Where a value comes from; the later ones win.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The settings file.
    File,
    /// An environment variable.
    Environment(String),
    /// An option of the command line.
    Flag(&'static str),
}

/// The origins of all settings that somebody said something about, by section and name.
pub type Origins = BTreeMap<String, Origin>;

/// Where each value comes from. `file` is what the settings file says.
pub(super) fn origins(file: &Table, flags: &Flags, env: Env<'_>) -> Origins {
    let mut all = Origins::new();
    for key in keys() {
        let said = file.get(&key.section).and_then(|section| section.get(&key.name)).is_some();
        let origin = match env(&key.env()) {
            Some(_) => Some(Origin::Environment(key.env())),
            None => said.then_some(Origin::File),
        };
        all.extend(origin.map(|origin| (key.full(), origin)));
    }
    for (key, flag, said) in
        [("console.agent", "--agent", flags.agent.is_some()), ("server.listen", "--listen", flags.listen.is_some())]
    {
        if said {
            all.insert(key.to_owned(), Origin::Flag(flag));
        }
    }
    all
}
