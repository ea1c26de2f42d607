//! The sandbox's own file: rows by kind and key, ordered indexes, timers, webhooks under way, the journal.
//!
//! Knows redb and bytes, and no rule of Twilio's. A value is a format byte and JSON; files of older
//! versions stay readable, and a file that a newer version wrote is refused with a sentence.

use std::path::Path;

use redb::{
    Database, DatabaseError, ReadableDatabase, ReadableTable, ReadableTableMetadata, TableDefinition, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::{SandboxError, StoreError};

const ROWS: TableDefinition<(&str, &str), &[u8]> = TableDefinition::new("rows/v1");
const INDEX: TableDefinition<(&str, &str), &str> = TableDefinition::new("index/v1");
const TIMERS: TableDefinition<(u64, &str), &[u8]> = TableDefinition::new("timers/v1");
const OUTBOX: TableDefinition<u64, &[u8]> = TableDefinition::new("outbox/v1");
const JOURNAL: TableDefinition<u64, &[u8]> = TableDefinition::new("journal/v1");
const BLOBS: TableDefinition<&str, &[u8]> = TableDefinition::new("blobs/v1");
const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta/v1");

/// The layout this version writes, and the oldest version that may read it.
const LAYOUT: u64 = 1;
const JSON: u8 = 1;
const CACHE: usize = 3 << 20;

/// A stored type; `KIND` is its first key part.
pub trait Row: Serialize + DeserializeOwned {
    /// The name rows of this type are kept under; never reused for another type.
    const KIND: &'static str;
}

/// The open file.
pub struct Store(Database);

/// One transaction: everything a batch of requests reads and writes.
pub struct Tx(WriteTransaction);

impl Store {
    /// Opens or creates the file in a directory.
    ///
    /// # Errors
    /// When another process has it, a newer version wrote it, or the disk refuses.
    pub fn open(directory: &Path) -> Result<Self, SandboxError> {
        let path = directory.join("sandbox.redb");
        let failed = |source: redb::Error| StoreError::from(source).at(path.clone());
        std::fs::create_dir_all(directory)
            .map_err(|source| SandboxError::Directory { path: directory.into(), source })?;
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE);
        let db = builder.create(&path).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => SandboxError::Locked { path: path.clone() },
            other => failed(other.into()),
        })?;
        let tx = Self(db).begin_first().map_err(|e| e.at(path.clone()))?;
        let (store, layout) = tx;
        match layout {
            Some(found) if found > LAYOUT => Err(SandboxError::Newer { path, found, known: LAYOUT }),
            _ => Ok(store),
        }
    }

    /// Makes sure all tables exist; answers the layout that was found.
    fn begin_first(self) -> Result<(Self, Option<u64>), StoreError> {
        let known = match self.0.begin_read()?.open_table(META) {
            Ok(table) => match table.get("layout")? {
                Some(bytes) => Some(decode::<u64>(bytes.value())?),
                None => None,
            },
            Err(redb::TableError::TableDoesNotExist(_)) => None,
            Err(other) => return Err(other.into()),
        };
        if known.is_none() {
            let tx = self.begin()?;
            tx.create_tables()?;
            tx.set_meta("layout", &LAYOUT)?;
            tx.commit()?;
        }
        Ok((self, known))
    }

    /// Begins a batch.
    pub fn begin(&self) -> Result<Tx, StoreError> {
        let mut tx = self.0.begin_write()?;
        // A slightly dearer commit; in return the file opens at once after a crash.
        tx.set_quick_repair(true);
        Ok(Tx(tx))
    }
}

impl Tx {
    fn create_tables(&self) -> Result<(), StoreError> {
        self.0.open_table(ROWS)?;
        self.0.open_table(INDEX)?;
        self.0.open_table(TIMERS)?;
        self.0.open_table(OUTBOX)?;
        self.0.open_table(JOURNAL)?;
        self.0.open_table(BLOBS)?;
        self.0.open_table(META)?;
        Ok(())
    }

    /// Makes the batch durable.
    pub fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit()?)
    }

    /// Forgets the batch.
    pub fn abort(self) -> Result<(), StoreError> {
        Ok(self.0.abort()?)
    }

    /// Removes everything but the layout.
    pub fn clear(&self) -> Result<(), StoreError> {
        self.0.delete_table(ROWS)?;
        self.0.delete_table(INDEX)?;
        self.0.delete_table(TIMERS)?;
        self.0.delete_table(OUTBOX)?;
        self.0.delete_table(JOURNAL)?;
        self.0.delete_table(BLOBS)?;
        self.create_tables()
    }

    /// A value of the meta table.
    pub fn meta<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let table = self.0.open_table(META)?;
        table.get(name)?.map(|bytes| decode(bytes.value())).transpose()
    }

    /// Sets a value of the meta table.
    pub fn set_meta<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        self.0.open_table(META)?.insert(name, encode(value)?.as_slice())?;
        Ok(())
    }

    /// A row by its key.
    pub fn row<R: Row>(&self, key: &str) -> Result<Option<R>, StoreError> {
        let table = self.0.open_table(ROWS)?;
        table.get((R::KIND, key))?.map(|bytes| decode(bytes.value())).transpose()
    }

    /// Writes a row.
    pub fn set_row<R: Row>(&self, key: &str, row: &R) -> Result<(), StoreError> {
        self.0.open_table(ROWS)?.insert((R::KIND, key), encode(row)?.as_slice())?;
        Ok(())
    }

    /// Removes a row.
    pub fn remove_row<R: Row>(&self, key: &str) -> Result<(), StoreError> {
        self.0.open_table(ROWS)?.remove((R::KIND, key))?;
        Ok(())
    }

    /// Up to `limit` entries of an index with `from <= key < until`, in key order or against it.
    pub fn scan(
        &self,
        index: &str,
        from: &str,
        until: &str,
        backward: bool,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let table = self.0.open_table(INDEX)?;
        let mut range = table.range((index, from)..(index, until))?;
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(entry) = (if backward { range.next_back() } else { range.next() }) else { break };
            let (key, target) = entry?;
            found.push((key.value().1.to_owned(), target.value().to_owned()));
        }
        Ok(found)
    }

    /// Adds an index entry.
    pub fn link(&self, index: &str, key: &str, target: &str) -> Result<(), StoreError> {
        self.0.open_table(INDEX)?.insert((index, key), target)?;
        Ok(())
    }

    /// Removes an index entry.
    pub fn unlink(&self, index: &str, key: &str) -> Result<(), StoreError> {
        self.0.open_table(INDEX)?.remove((index, key))?;
        Ok(())
    }

    /// The earliest timer: when, its name, its value.
    pub fn first_timer<T: DeserializeOwned>(&self) -> Result<Option<(u64, String, T)>, StoreError> {
        let table = self.0.open_table(TIMERS)?;
        let Some((key, value)) = table.first()? else { return Ok(None) };
        let (due, name) = key.value();
        Ok(Some((due, name.to_owned(), decode(value.value())?)))
    }

    /// Sets a timer.
    pub fn set_timer<T: Serialize>(&self, due: u64, name: &str, value: &T) -> Result<(), StoreError> {
        self.0.open_table(TIMERS)?.insert((due, name), encode(value)?.as_slice())?;
        Ok(())
    }

    /// Removes a timer.
    pub fn remove_timer(&self, due: u64, name: &str) -> Result<(), StoreError> {
        self.0.open_table(TIMERS)?.remove((due, name))?;
        Ok(())
    }

    /// The webhooks that are under way, oldest first.
    pub fn outbox<T: DeserializeOwned>(&self) -> Result<Vec<T>, StoreError> {
        let table = self.0.open_table(OUTBOX)?;
        table.iter()?.map(|entry| decode(entry?.1.value())).collect()
    }

    /// Keeps a webhook until it is done.
    pub fn set_outbox<T: Serialize>(&self, id: u64, value: &T) -> Result<(), StoreError> {
        self.0.open_table(OUTBOX)?.insert(id, encode(value)?.as_slice())?;
        Ok(())
    }

    /// Forgets a webhook; answers whether it was there.
    pub fn remove_outbox(&self, id: u64) -> Result<bool, StoreError> {
        Ok(self.0.open_table(OUTBOX)?.remove(id)?.is_some())
    }

    /// The journal after a number, oldest first.
    pub fn journal<T: DeserializeOwned>(&self, after: u64) -> Result<Vec<T>, StoreError> {
        let table = self.0.open_table(JOURNAL)?;
        table.range(after.saturating_add(1)..)?.map(|entry| decode(entry?.1.value())).collect()
    }

    /// Adds a journal entry and keeps the newest `keep`.
    pub fn set_journal<T: Serialize>(&self, number: u64, value: &T, keep: u64) -> Result<(), StoreError> {
        let mut table = self.0.open_table(JOURNAL)?;
        table.insert(number, encode(value)?.as_slice())?;
        while table.len()? > keep {
            table.pop_first()?;
        }
        Ok(())
    }

    /// Bytes kept under a name.
    pub fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.open_table(BLOBS)?.get(name)?.map(|bytes| bytes.value().to_vec()))
    }

    /// Keeps bytes under a name.
    pub fn set_blob(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.open_table(BLOBS)?.insert(name, bytes)?;
        Ok(())
    }

    /// Forgets bytes.
    pub fn remove_blob(&self, name: &str) -> Result<(), StoreError> {
        self.0.open_table(BLOBS)?.remove(name)?;
        Ok(())
    }
}

fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, StoreError> {
    let mut bytes = vec![JSON];
    serde_json::to_writer(&mut bytes, value).map_err(StoreError::Value)?;
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StoreError> {
    match bytes.split_first() {
        Some((&JSON, rest)) => serde_json::from_slice(rest).map_err(StoreError::Value),
        _ => Err(StoreError::Format),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_a_newer_version_wrote() {
        let directory = tempfile::TempDir::new().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let tx = store.begin().unwrap();
        tx.set_meta("layout", &(LAYOUT + 1)).unwrap();
        tx.commit().unwrap();
        drop(store);
        let Err(error) = Store::open(directory.path()) else { panic!("a newer layout was opened") };
        assert!(error.to_string().contains("was written by a newer version (layout 2, this one knows 1)"), "{error}");
    }

    #[test]
    fn an_index_is_read_both_ways_within_bounds() {
        let directory = tempfile::TempDir::new().unwrap();
        let tx = Store::open(directory.path()).unwrap().begin().unwrap();
        for key in ["a/1", "a/2", "a/3", "b/1"] {
            tx.link("things", key, key).unwrap();
        }
        tx.link("other", "a/2", "x").unwrap();
        let keys = |backward, limit| -> Vec<String> {
            let found = tx.scan("things", "a/", "a0", backward, limit).unwrap();
            found.into_iter().map(|(key, _)| key).collect()
        };
        assert_eq!(keys(false, 9), ["a/1", "a/2", "a/3"]);
        assert_eq!(keys(true, 2), ["a/3", "a/2"]);
    }
}
