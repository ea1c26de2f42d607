//! What can be wrong with the settings, each as one sentence that says where and what would be right.

use std::path::PathBuf;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file was named, and is not there or cannot be read.
    #[error("the config file {} cannot be read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        why: String,
    },
    /// It is no TOML.
    #[error("{}, line {line}: {why}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the parser expected.
        why: String,
    },
    /// A key that means nothing.
    #[error("{}, line {line}: there is no setting `{key}`{}", path.display(), hint.as_ref().map_or_else(|| "; config.example.toml lists them all".to_owned(), |h| format!("; did you mean `{h}`?")))]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The key with its section.
        key: String,
        /// The nearest known one, if one is near.
        hint: Option<String>,
    },
    /// A value that does not fit its key.
    #[error("{place}: `{key}` {why}")]
    BadValue {
        /// File and line, or the variable, or the flag.
        place: String,
        /// The key with its section.
        key: String,
        /// What is wrong and what would be right. Never repeats a secret.
        why: String,
    },
    /// Others could read the secrets.
    #[error("the config file {} holds a secret and others may read it (mode {mode:03o}): run `chmod 600` on it, or move the secret to `{key}_file` or `{key}_cmd`", path.display())]
    OpenFile {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// A key with a secret in it.
        key: String,
    },
    /// A secret cannot be had from the file or the command that should give it.
    #[error("`{key}` {why}")]
    Secret {
        /// The key with its section.
        key: String,
        /// What went wrong.
        why: String,
    },
    /// The settings contradict each other about which Twilio is meant.
    #[error("{0}")]
    World(String),
    /// No directory for state can be found or made.
    #[error("{0}")]
    Place(String),
}
