//! The intake's file: open, or failed and tried again after a while.
//!
//! redb refuses everything after an error of the disk, so the file is opened anew; the writer and the
//! replay share it, for nobody may hold on to the old one meanwhile. It must not know what is in it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::redb::{Database, ReadableTable};
use ring::rand::{SecureRandom, SystemRandom};

use super::{META, ROWS, lock, steady};
use crate::store::StoreError;
use crate::store::redb::{builder, explain, open_or_make_with};

/// So long a failed file is left alone before it is opened again.
const REST: Duration = Duration::from_secs(1);

/// Opens the storage of an intake again, as it is.
pub(super) type Reopen = Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>;

pub(super) fn open(path: &Path, cache: usize) -> Result<(Database, Reopen), StoreError> {
    let db = open_or_make_with(path, |path| steady::open(path, cache, true))?;
    let path = path.to_owned();
    // Opened, not made: a file that vanished meanwhile must not come back empty.
    let reopen = move || steady::open(&path, cache, false).map_err(|e| explain(&path, e.into()));
    Ok((db, Box::new(reopen)))
}

pub(super) fn open_on<B: ::redb::StorageBackend>(
    backend: impl Fn() -> std::io::Result<B> + Send + Sync + 'static,
    path: &Path,
    cache: usize,
) -> Result<(Database, Reopen), StoreError> {
    let path = path.to_owned();
    let open = move || {
        let backend = backend().map_err(|e| explain(&path, ::redb::Error::Io(e)))?;
        builder(cache).create_with_backend(backend).map_err(|e| explain(&path, e.into()))
    };
    Ok((open()?, Box::new(open)))
}

/// See the module.
pub(super) struct File {
    path: PathBuf,
    id: u64,
    reopen: Reopen,
    slot: Mutex<Slot>,
}

struct Slot {
    db: Option<Arc<Database>>,
    /// The last sequence found in it when it was opened again.
    last: u64,
    trouble: Option<(StoreError, Instant)>,
}

impl File {
    pub(super) fn new(path: PathBuf, id: u64, reopen: Reopen, db: Database) -> File {
        let slot = Mutex::new(Slot { db: Some(Arc::new(db)), last: 0, trouble: None });
        File { path, id, reopen, slot }
    }

    /// The file holds what it must not.
    pub(super) fn damaged(&self, why: String) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), why }
    }

    /// What is wrong with it, if anything.
    pub(super) fn trouble(&self) -> Option<String> {
        lock(&self.slot).trouble.as_ref().map(|(e, _)| e.to_string())
    }

    /// Does something with the open file and the last sequence it was found with. A failure closes it;
    /// it is opened again after a rest.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database, u64) -> Result<T, ::redb::Error>,
    ) -> Result<T, StoreError> {
        let (db, last) = self.db()?;
        let done = work(&db, last).map_err(|e| explain(&self.path, e));
        let mut slot = lock(&self.slot);
        match &done {
            Err(StoreError::Rejected(_)) => {}
            // Somebody else may have closed it and opened it again meanwhile.
            Err(e) if slot.db.as_ref().is_some_and(|open| Arc::ptr_eq(open, &db)) => {
                slot.db = None;
                slot.trouble = Some((e.clone(), Instant::now()));
            }
            Err(_) => {}
            Ok(_) => slot.trouble = None,
        }
        done
    }

    fn db(&self) -> Result<(Arc<Database>, u64), StoreError> {
        let mut slot = lock(&self.slot);
        if let Some(db) = &slot.db {
            return Ok((db.clone(), slot.last));
        }
        if let Some((e, since)) = &slot.trouble
            && since.elapsed() < REST
        {
            return Err(e.clone());
        }
        match self.reopened() {
            Ok((db, last)) => {
                slot.db = Some(db.clone());
                slot.last = last;
                Ok((db, last))
            }
            Err(e) => {
                slot.trouble = Some((e.clone(), Instant::now()));
                Err(e)
            }
        }
    }

    fn reopened(&self) -> Result<(Arc<Database>, u64), StoreError> {
        let db = (self.reopen)()?;
        let (id, last) = prepare(&db).map_err(|e| explain(&self.path, e))?;
        if id != self.id {
            return Err(self.damaged("another file lies in its place".into()));
        }
        Ok((Arc::new(db), last))
    }
}

/// Makes the tables; answers the file's number and the last sequence used.
pub(super) fn prepare(db: &Database) -> Result<(u64, u64), ::redb::Error> {
    let mut tx = db.begin_write()?;
    tx.set_quick_repair(true);
    let (id, last) = {
        let rows = tx.open_table(ROWS)?;
        let mut meta = tx.open_table(META)?;
        let id = match meta.get("id")?.map(|n| n.value()) {
            Some(id) => id,
            None => {
                let mut raw = [0; 8];
                SystemRandom::new()
                    .fill(&mut raw)
                    .map_err(|_| ::redb::Error::Io(std::io::Error::other("the system gives no random bytes")))?;
                u64::from_be_bytes(raw) | 1
            }
        };
        meta.insert("id", id)?;
        let newest = rows.last()?.map_or(0, |(key, _)| key.value());
        let trimmed = meta.get("trimmed")?.map_or(0, |n| n.value());
        (id, newest.max(trimmed))
    };
    tx.commit()?;
    Ok((id, last))
}
