//! What was typed and not sent, by conversation, the last inputs of the tester, by business, and which business
//! was shown; they survive a crash.
//!
//! This is the value and its file form; the loop writes it within a second of a change.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files::Attached;
use super::panes::verify::Inputs;
use crate::domain::id::Id;

/// One unsent text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// The text, raw.
    pub text: String,
    /// Where the cursor stands: line and character.
    pub cursor: (usize, usize),
    /// A note instead of a message.
    pub note: bool,
    /// The files that were brought along for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Attached>,
}

impl Draft {
    /// A text with the cursor at its end.
    pub fn of(text: impl Into<String>, note: bool) -> Draft {
        Draft { text: text.into(), cursor: (usize::MAX, usize::MAX), note, files: Vec::new() }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.files.is_empty()
    }
}

/// All unsent texts and last inputs of one agent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Drafts {
    by: BTreeMap<String, Draft>,
    /// What was last tested for each business.
    tests: BTreeMap<String, Inputs>,
    /// The conversation in which something was being typed: opened again at the next start.
    pub writing: Option<Id>,
    /// The business that was shown last: shown again at the next start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
}

impl Drafts {
    /// The draft of a conversation.
    pub fn get(&self, id: Id) -> Option<&Draft> {
        self.by.get(&id.to_string())
    }

    /// Keeps a draft; an empty one is dropped. Whether anything changed.
    pub fn put(&mut self, id: Id, draft: Draft) -> bool {
        let key = id.to_string();
        if draft.is_empty() {
            return self.by.remove(&key).is_some();
        }
        if self.by.get(&key) == Some(&draft) {
            return false;
        }
        self.by.insert(key, draft);
        true
    }

    /// What was last tested for a business.
    pub fn test_of(&self, business: Id) -> Option<&Inputs> {
        self.tests.get(&business.to_string())
    }

    /// Keeps what is tested for a business. Whether anything changed.
    pub fn keep_test(&mut self, business: Id, inputs: Inputs) -> bool {
        self.tests.insert(business.to_string(), inputs.clone()) != Some(inputs)
    }

    /// The file of an agent's drafts in a state directory.
    pub fn path(dir: &Path, agent: &str) -> PathBuf {
        let safe: String = agent.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        dir.join(format!("drafts-{safe}.json"))
    }

    /// Reads them; none when there is no such file.
    pub fn load(path: &Path) -> io::Result<Drafts> {
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(io::Error::other),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Drafts::default()),
            Err(e) => Err(e),
        }
    }

    /// Writes them beside the old file and then in its place, so that a crash leaves one of the two.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        if let Some(dir) = path.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let fresh = path.with_extension(format!("{}.new", std::process::id()));
        let bytes = serde_json::to_vec(self).map_err(io::Error::other)?;
        write_private(&fresh, &bytes)?;
        std::fs::rename(&fresh, path)
    }
}

/// Drafts are private: the file is for its owner alone.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_survive_their_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = Drafts::path(dir.path(), "agent/1");
        assert_eq!(Drafts::load(&path).unwrap(), Drafts::default());
        let mut drafts = Drafts::default();
        assert!(drafts.put(Id(7), Draft { cursor: (1, 2), ..Draft::of("Hi\nMaria", false) }));
        assert!(!drafts.put(Id(8), Draft::default()));
        drafts.writing = Some(Id(7));
        drafts.save(&path).unwrap();
        assert_eq!(Drafts::load(&path).unwrap(), drafts);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        std::fs::write(&path, b"not json").unwrap();
        assert!(Drafts::load(&path).is_err());
    }
}
