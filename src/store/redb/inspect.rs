//! Looking at a store's file without opening it for work: nothing is repaired, migrated or written.

use std::path::Path;

use ::redb::{DatabaseError, ReadOnlyDatabase};

use super::open::{self, FORMAT};
use crate::store::StoreError;

/// What a store's file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It can be read; this is its format.
    Closed {
        /// Its format; `None` when nothing was ever written.
        format: Option<u64>,
        /// Whether this binary can work with it.
        is_known: bool,
    },
    /// A running process has it.
    InUse,
    /// It was not closed; the next start puts it right.
    LeftOpen,
}

/// The format that this binary writes.
pub const OURS: u64 = FORMAT;

/// Looks at a store's file.
///
/// # Errors
/// When the file cannot be read, or is no store.
pub fn inspect(path: &Path) -> Result<Condition, StoreError> {
    let db = match ReadOnlyDatabase::open(path) {
        Ok(db) => db,
        Err(DatabaseError::DatabaseAlreadyOpen) => return Ok(Condition::InUse),
        Err(DatabaseError::RepairAborted) => return Ok(Condition::LeftOpen),
        Err(e) => return Err(open::explain(path, e.into())),
    };
    let found = open::peek(&db).map_err(|e| open::explain(path, e))?;
    let is_known = found.as_ref().is_none_or(open::Found::is_known);
    Ok(Condition::Closed { format: found.map(|found| found.format), is_known })
}

#[cfg(test)]
mod tests {
    use super::super::{Options, RedbStore};
    use super::*;

    #[test]
    fn a_file_says_what_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.redb");
        let options = Options { path: path.clone(), cache: 1 << 20, binding: None };
        let store = RedbStore::open(&options).unwrap();
        assert_eq!(inspect(&path).unwrap(), Condition::InUse);
        drop(store);
        assert_eq!(inspect(&path).unwrap(), Condition::Closed { format: Some(OURS), is_known: true });
        std::fs::write(&path, "no store at all").unwrap();
        assert!(inspect(&path).is_err());
    }
}
