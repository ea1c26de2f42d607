//! What is found, how bad it is, and how it is put right.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Info,
    /// Works, but not as it should.
    Warning,
    /// Does not work.
    Error,
}

/// What `--fix` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Closes a file or directory to others.
    Close(PathBuf, u32),
    /// Points a number here: only with a yes.
    Point(String),
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What was looked at: `settings`, `credentials`, `numbers`, ...
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found.
    pub text: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// Whether it was put right just now.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub fixed: bool,
    /// What `--fix` does about it.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

impl Finding {
    fn new(check: &'static str, level: Level, text: String) -> Finding {
        Finding { check, level, text, remedy: None, fixed: false, fix: None }
    }

    /// Good to know.
    pub fn info(check: &'static str, text: impl Into<String>) -> Finding {
        Finding::new(check, Level::Info, text.into())
    }

    /// Works, but not as it should.
    pub fn warning(check: &'static str, text: impl Into<String>) -> Finding {
        Finding::new(check, Level::Warning, text.into())
    }

    /// Does not work.
    pub fn error(check: &'static str, text: impl Into<String>) -> Finding {
        Finding::new(check, Level::Error, text.into())
    }

    /// With what to do.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Finding {
        Finding { remedy: Some(remedy.into()), ..self }
    }

    /// With what `--fix` does.
    #[must_use]
    pub fn fix(self, fix: Fix) -> Finding {
        Finding { fix: Some(fix), ..self }
    }
}

/// Takes the rights of others away.
///
/// # Errors
/// The system's.
pub fn close(path: &Path, mode: u32) -> std::io::Result<()> {
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode))
}
