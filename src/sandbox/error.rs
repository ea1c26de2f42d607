//! Why a sandbox does not start, and why its file fails while it runs.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox does not start; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The address cannot be listened on.
    #[error("the sandbox cannot listen on {addr} ({source}): choose another address, or port 0 for a free one")]
    Listen {
        /// The address that was asked for.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process has the state open.
    #[error("another process has the sandbox's state open ({}): stop it, or give another state directory", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// A newer version wrote the state.
    #[error(
        "the sandbox's state {} was written by a newer version (layout {found}, this one knows {known}): \
         update this program, or give another state directory", path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The layout found in it.
        found: u64,
        /// The newest layout this version reads.
        known: u64,
    },
    /// The state directory cannot be made.
    #[error("the sandbox's state directory {} cannot be used ({source}): check its permissions", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no room for the state.
    #[error("there is no room for the sandbox's state {} (a full disk, a quota, or a limit on the size of files): make room, or give another directory", path.display())]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// The state cannot be read or written.
    #[error("the sandbox's state {} cannot be used ({source}): restore the file, or give another directory", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: StoreError,
    },
    /// A part of the sandbox could not be set up.
    #[error("the sandbox cannot start: {0}")]
    Setup(String),
}

/// Why the sandbox's file fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// redb, or the disk below it.
    #[error("{0}")]
    Redb(Box<redb::Error>),
    /// A stored value does not read as what it should be.
    #[error("a stored value is damaged ({0})")]
    Value(serde_json::Error),
    /// A value in a format of a newer version.
    #[error("a stored value has an unknown format")]
    Format,
    /// The batch that a change belonged to was not kept.
    #[error("the sandbox could not keep this change ({0}): nothing of it has happened")]
    Batch(String),
    /// The thread that owns the file is gone.
    #[error("the sandbox is stopping")]
    Stopped,
}

impl StoreError {
    /// What a start says of it: a full disk has another remedy than a broken file.
    pub(super) fn at(self, path: PathBuf) -> SandboxError {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        match &self {
            StoreError::Redb(e) if matches!(&**e, redb::Error::Io(io) if matches!(io.kind(), StorageFull | QuotaExceeded | FileTooLarge)) => {
                SandboxError::Full { path }
            }
            _ => SandboxError::Store { path, source: self },
        }
    }
}

impl<E: Into<redb::Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Redb(Box::new(error.into()))
    }
}
