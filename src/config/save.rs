//! Writing one setting into the user's own file: everything else in it stays as it was, comments too.

use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Table, value};

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Set {
    /// A text.
    Text(String),
    /// `true` or `false`.
    YesNo(bool),
    /// A whole number.
    Whole(i64),
    /// A list of texts.
    List(Vec<String>),
}

/// Why a setting could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum NotSaved {
    /// The file cannot be read or written.
    #[error("{path} cannot be written: {why}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        why: io::Error,
    },
    /// The file is no TOML, or the section is something else.
    #[error("{path} is not changed, because it cannot be read: {why}")]
    Strange {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Sets `section.name` in a file, or takes it out; the file is made if it is missing. It is replaced in
/// one step, so that a crash leaves the old one.
///
/// # Errors
/// When the file cannot be read, understood or written.
pub fn save(path: &Path, section: &str, name: &str, to: Option<&Set>) -> Result<(), NotSaved> {
    let broken = |why: io::Error| NotSaved::Io { path: path.to_owned(), why };
    let strange = |why: String| NotSaved::Strange { path: path.to_owned(), why };
    // A link stays one: what it leads to is replaced.
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let (text, mode) = match std::fs::read_to_string(&real) {
        Ok(text) => {
            let meta = std::fs::metadata(&real).map_err(broken)?;
            (text, std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o777)
        }
        Err(e) if e.kind() == ErrorKind::NotFound => (String::new(), 0o600),
        Err(e) => return Err(broken(e)),
    };
    let text = edited(&text, section, name, to).map_err(strange)?;
    replace(&real, text.as_bytes(), mode).map_err(broken)
}

/// The text of a file with `section.name` set, or taken out.
///
/// # Errors
/// Why the text is not understood.
pub fn edited(text: &str, section: &str, name: &str, to: Option<&Set>) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|e: toml_edit::TomlError| e.to_string())?;
    let table = document.entry(section).or_insert_with(|| Item::Table(Table::new()));
    let Some(table) = table.as_table_like_mut() else { return Err(format!("`{section}` is no section")) };
    match to {
        None => drop(table.remove(name)),
        Some(to) => {
            let item = match to {
                Set::Text(text) => value(text.as_str()),
                Set::YesNo(yes) => value(*yes),
                Set::Whole(number) => value(*number),
                Set::List(texts) => value(texts.iter().map(String::as_str).collect::<Array>()),
            };
            match table.get_mut(name).and_then(Item::as_value_mut).zip(item.as_value().cloned()) {
                // Its comment stays.
                Some((old, mut new)) => {
                    *new.decor_mut() = old.decor().clone();
                    *old = new;
                }
                None => drop(table.insert(name, item)),
            }
        }
    }
    Ok(document.to_string())
}

pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        super::create_private_dir(dir).map_err(|e| io::Error::other(e.to_string()))?;
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = path.with_file_name(name);
    let written = (|| {
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&fresh, path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_setting_changes_and_the_rest_stays() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/config.toml");
        save(&path, "console", "theme", Some(&Set::Text("light".into()))).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[console]\ntheme = \"light\"\n");
        let text = "# mine\n[console] # here\ntheme = \"dark\" # why\nbell = true\n\n[log]\nlevel = \"info\"\n";
        std::fs::write(&path, text).unwrap();
        save(&path, "console", "theme", Some(&Set::Text("mono".into()))).unwrap();
        save(&path, "limits", "hold_seconds", Some(&Set::Whole(7))).unwrap();
        save(&path, "console", "bell", None).unwrap();
        let want = "# mine\n[console] # here\ntheme = \"mono\" # why\n\n[log]\nlevel = \"info\"\n\n[limits]\nhold_seconds = 7\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), want);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_is_not_understood_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.toml");
        std::fs::write(&path, "[console\n").unwrap();
        assert!(save(&path, "console", "bell", Some(&Set::YesNo(true))).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[console\n");
        std::fs::write(&path, "console = 3\n").unwrap();
        assert!(save(&path, "console", "bell", Some(&Set::YesNo(true))).is_err());
    }
}
