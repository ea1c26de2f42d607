//! Where files lie. Each world has a directory of its own, readable by its owner only.

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::error::ConfigError;
use super::settings::Config;
use super::world::World;
use super::{Env, Flags};

/// The user's places, before it is known which world is meant.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub(super) config: PathBuf,
    pub(super) state: PathBuf,
    pub(super) data: PathBuf,
}

impl Places {
    /// By `--state-dir` or `SWITCHBOARD_STATE_DIR`, else where the system wants them.
    pub(super) fn locate(flags: &Flags, env: Env<'_>) -> Result<Places, ConfigError> {
        let named = flags.state_dir.clone().or_else(|| env("SWITCHBOARD_STATE_DIR").map(PathBuf::from));
        let dirs = ProjectDirs::from("", "", "switchboard");
        let usual = dirs.as_ref().map(|d| Places {
            config: d.config_dir().to_owned(),
            state: d.state_dir().unwrap_or_else(|| d.data_local_dir()).to_owned(),
            data: d.data_dir().to_owned(),
        });
        match (named, usual) {
            (Some(named), usual) => {
                let state = std::path::absolute(&named)
                    .map_err(|e| ConfigError::Place(format!("{} is no usable directory: {e}", named.display())))?;
                let config = usual.map_or_else(|| state.clone(), |u| u.config);
                Ok(Places { config, data: state.join("data"), state })
            }
            (None, Some(usual)) => Ok(usual),
            (None, None) => Err(ConfigError::Place(
                "there is no home directory to keep state in: set HOME, or give --state-dir".to_owned(),
            )),
        }
    }

    pub(super) fn in_world(self, world: &World, config: &Config) -> Paths {
        let state = self.state.join(world.dir_name());
        Paths {
            store: config.store.path.clone().unwrap_or_else(|| state.join("store.redb")),
            log: state.join("log"),
            node_file: state.join("node.json"),
            data: self.data.join(world.dir_name()),
            config: self.config,
            root: self.state,
            state,
        }
    }
}

/// Where files lie, in one world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The user's configuration directory.
    pub config: PathBuf,
    /// The state directory above all worlds.
    pub root: PathBuf,
    /// This world's state: store, intake, log, the node's file.
    pub state: PathBuf,
    /// This world's data: saved media, exports.
    pub data: PathBuf,
    /// The database file.
    pub store: PathBuf,
    /// The directory of log files.
    pub log: PathBuf,
    /// The file by which a running node is found.
    pub node_file: PathBuf,
}

impl Paths {
    /// Makes the directories of this world, mode 0700.
    ///
    /// # Errors
    /// A sentence that names the directory and the system's reason.
    pub fn create(&self) -> Result<(), ConfigError> {
        for dir in [&self.state, &self.data, &self.log] {
            create_private_dir(dir)?;
        }
        Ok(())
    }
}

/// Makes a directory (and those above it) that only its owner can enter. One that is already there is
/// closed to others; those above it stay as they are, for they may be anybody's.
///
/// # Errors
/// A sentence that names the directory and the system's reason.
pub fn create_private_dir(dir: &Path) -> Result<(), ConfigError> {
    let failed = |e: std::io::Error| ConfigError::Place(format!("{} cannot be made: {e}", dir.display()));
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
    let meta = std::fs::metadata(dir).map_err(failed)?;
    if meta.permissions().mode() & 0o077 != 0 {
        std::fs::set_permissions(dir, PermissionsExt::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}
