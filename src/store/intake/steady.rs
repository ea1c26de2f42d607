//! The intake's storage: a file whose blocks stay where they are.
//!
//! The intake swells and shrinks all day. Each time its file grew, the file system had to allocate
//! blocks, and a sync then waited for its journal, and so for whatever the store was writing at that
//! moment. So room is written once and kept: inside it, a sync waits for the intake's own bytes only.
//! It must not know what a database is.

use std::fs::File;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use ::redb::backends::FileBackend;
use ::redb::{BackendError, Database, DatabaseError, StorageBackend};

use crate::store::redb::builder;

/// So much of a file is kept when what it holds shrinks, in bytes: some seconds of webhooks under load.
const KEPT: u64 = 64 << 20;
/// New room is written in pieces of so many bytes.
const PIECE: usize = 1 << 20;

/// Opens the file of an intake; with `make`, also one that is not there.
pub(super) fn open(path: &Path, cache: usize, make: bool) -> Result<Database, DatabaseError> {
    let file = File::options().read(true).write(true).create(make).truncate(false).open(path)?;
    builder(cache).create_with_backend(Steady::new(file)?)
}

/// See the module.
#[derive(Debug)]
struct Steady {
    file: FileBackend,
    /// The same file, for what its backend does not offer.
    raw: File,
    /// How long the storage is; the file may be longer.
    len: AtomicU64,
}

impl Steady {
    fn new(file: File) -> Result<Steady, DatabaseError> {
        let raw = file.try_clone()?;
        let len = AtomicU64::new(raw.metadata()?.len());
        Ok(Steady { file: FileBackend::new(file)?, raw, len })
    }

    /// New room is all zeros, as the trait asks, and has blocks of its own.
    fn zero(&self, from: u64, to: u64) -> io::Result<()> {
        let zeros = vec![0; PIECE];
        let mut at = from;
        while at < to {
            let piece = (to - at).min(PIECE as u64);
            self.file.write(at, &zeros[..piece as usize])?;
            at += piece;
        }
        Ok(())
    }
}

impl StorageBackend for Steady {
    fn len(&self) -> io::Result<u64> {
        Ok(self.len.load(Ordering::Acquire))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if offset.saturating_add(out.len() as u64) > self.len()? {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let before = self.len()?;
        if len > before {
            self.zero(before, len)?;
        } else if self.raw.metadata()?.len() > len.max(KEPT) {
            self.raw.set_len(len.max(KEPT))?;
        }
        self.len.store(len, Ordering::Release);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use ::redb::{ReadableDatabase, ReadableTable, TableDefinition};

    use super::*;

    const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("rows");

    #[test]
    fn room_is_kept_and_a_longer_file_opens_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("i.redb");
        let big = vec![7; 1 << 16];
        for round in 0..3u64 {
            let db = open(&path, 1 << 20, true).unwrap();
            let before: Vec<u64> = {
                let tx = db.begin_write().unwrap();
                let mut rows = tx.open_table(ROWS).unwrap();
                let before = rows.iter().unwrap().map(|row| row.unwrap().0.value()).collect();
                (0..100).for_each(|n| drop(rows.insert(n, big.as_slice()).unwrap()));
                drop(rows);
                tx.commit().unwrap();
                before
            };
            assert_eq!(before, if round == 0 { vec![] } else { vec![1000] });
            let grown = path.metadata().unwrap().len();
            assert!(grown > 100 << 16);
            for _ in 0..3 {
                let tx = db.begin_write().unwrap();
                let mut rows = tx.open_table(ROWS).unwrap();
                rows.retain(|_, _| false).unwrap();
                rows.insert(1000, &b"left"[..]).unwrap();
                drop(rows);
                tx.commit().unwrap();
            }
            assert_eq!(path.metadata().unwrap().len(), grown, "what was written once is kept");
            let left = db.begin_read().unwrap().open_table(ROWS).unwrap();
            assert_eq!(left.get(1000).unwrap().unwrap().value(), b"left");
        }
    }

    #[test]
    fn new_room_is_empty_and_nothing_is_read_behind_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let file = File::options().read(true).write(true).create_new(true).open(dir.path().join("f")).unwrap();
        let storage = Steady::new(file).unwrap();
        storage.set_len(10).unwrap();
        storage.write(0, &[1; 10]).unwrap();
        storage.set_len(4).unwrap();
        assert!(storage.read(0, &mut [0; 5]).is_err());
        storage.set_len(3 * PIECE as u64 + 5).unwrap();
        let mut all = vec![9; 3 * PIECE + 5];
        storage.read(0, &mut all).unwrap();
        assert_eq!(&all[..4], [1; 4]);
        assert!(all[4..].iter().all(|byte| *byte == 0));
    }
}
