//! What this installation is told: defaults, then a TOML file, then the environment, then flags.
//!
//! Owns the names of all settings, where files lie, how secrets are found, and the decision which
//! Twilio is meant. Nothing here opens a store, a port or a connection, and no other room reads the
//! environment.

mod error;
mod keys;
mod layers;
pub mod lock;
mod origin;
mod paths;
mod reference;
mod save;
mod secret;
mod settings;
mod world;

#[cfg(test)]
mod tests;

pub use error::ConfigError;
pub use keys::{Key, Kind, keys};
pub use origin::{Origin, Origins};
pub use paths::{Paths, create_private_dir};
pub use reference::Reference;
pub use save::{NotSaved, Set, edited, save};
pub use secret::Credentials;
pub use settings::{
    Charts, Config, Console, KeyProfile, Limits, Log, Notify, NotifyWhen, QuietHours, Server, Store, Twilio,
};
pub use world::{SANDBOX_MARK, World, is_sandbox_account};

use std::path::PathBuf;

/// What the command line says; it wins over everything else. Secrets are never flags.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`: the file to read; it must exist.
    pub config: Option<PathBuf>,
    /// `--state-dir`: where state lies, instead of the user's own place.
    pub state_dir: Option<PathBuf>,
    /// `--agent`: who sits here.
    pub agent: Option<String>,
    /// `--listen`: where the receiver and the API listen.
    pub listen: Option<String>,
}

/// Everything that is known before anything is opened.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The settings.
    pub config: Config,
    /// Which Twilio they mean.
    pub world: World,
    /// Where files lie, in that world.
    pub paths: Paths,
    /// The file that was read, if there is one.
    pub file: Option<PathBuf>,
    /// Where each value comes from.
    pub origins: Origins,
}

/// Reads the environment: the process's own, or a made-up one.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Loads the settings with the process's own environment. Makes no file or directory.
///
/// # Errors
/// A sentence that names the file and line, or the variable, and what would be right.
pub fn load(flags: &Flags) -> Result<Setup, ConfigError> {
    load_with(flags, &|name| std::env::var(name).ok())
}

/// As [`load`], with an environment of the caller's choice. An empty variable counts as unset.
///
/// # Errors
/// As [`load`].
pub fn load_with(flags: &Flags, env: Env<'_>) -> Result<Setup, ConfigError> {
    let env = |name: &str| env(name).filter(|value| !value.is_empty());
    let places = paths::Places::locate(flags, &env)?;
    let file = layers::find_file(flags, &env, &places)?;
    let (config, origins) = layers::merge(file.as_deref(), flags, &env)?;
    let world = World::decide(&config.twilio)?;
    let paths = places.in_world(&world, &config);
    Ok(Setup { config, world, paths, file, origins })
}

impl Setup {
    /// The handle of whoever sits here: flag or `SWITCHBOARD_AGENT` or the file, else the user's
    /// login name, else `agent1`.
    pub fn agent(&self) -> String {
        let login = || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        self.config.console.agent.clone().or_else(login).filter(|a| !a.is_empty()).unwrap_or_else(|| "agent1".into())
    }
}
