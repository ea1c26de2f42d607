//! Opening a store: its format, whom it belongs to, and what the system's errors mean.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use ::redb::{Database, ReadableDatabase, ReadableTable, StorageError, TableDefinition, WriteTransaction};
use ring::rand::{SecureRandom, SystemRandom};

use super::{RedbStore, builder, index, open_or_make, table};
use crate::store::{Index, StoreError, Table};

const NUMBERS: TableDefinition<&str, u64> = TableDefinition::new("meta/numbers");
const TEXTS: TableDefinition<&str, &str> = TableDefinition::new("meta/texts");

/// The newest format this binary writes.
pub(super) const FORMAT: u64 = 3;
/// The oldest format that migrations lead on from; what came before was never released.
const FIRST: u64 = 2;
/// A binary must read at least this format to read what we write, and to write into it.
const MIN_READER: u64 = 2;
/// Format 3 keeps rollups beside the rows, and the order of the audit log: a binary that does not know them would make
/// the figures wrong and leave entries out.
const MIN_WRITER: u64 = 3;

/// A step from one format to the next, inside the one transaction that opens the store.
type Migration = fn(&WriteTransaction) -> Result<(), ::redb::Error>;

/// `MIGRATIONS[n]` leads from format `FIRST + n` to the next.
const MIGRATIONS: &[Migration] = &[COUNTED];

/// From 2 to 3: nothing moves. The node counts the figures from the rows before it writes anything.
const COUNTED: Migration = |_| Ok(());

/// Which world a store belongs to. It is written at the first opening and compared ever after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `live`, or the sandbox's instance id. No port: that may change.
    pub world: String,
    /// The Twilio account.
    pub account: String,
    /// The sandbox's epoch; a reset sandbox is another world. Zero when live.
    pub epoch: u64,
}

impl std::fmt::Display for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.world.as_str() {
            "live" => write!(f, "the live account {}", self.account),
            other => write!(f, "sandbox {other} (account {}, epoch {})", self.account, self.epoch),
        }
    }
}

/// How to open a store.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file; made when absent.
    pub path: PathBuf,
    /// redb's page cache, in bytes.
    pub cache: usize,
    /// The world this run is in; `None` for tools that only look.
    pub binding: Option<Binding>,
}

impl RedbStore {
    /// Opens or makes a store.
    pub fn open(options: &Options) -> Result<RedbStore, StoreError> {
        RedbStore::open_with(options, FORMAT, MIGRATIONS)
    }

    fn open_with(options: &Options, format: u64, migrations: &[Migration]) -> Result<RedbStore, StoreError> {
        let (path, cache) = (options.path.clone(), options.cache);
        let db = open_or_make(&path, cache)?;
        // Opened, not made: a file that vanished meanwhile must not come back empty.
        let reopen = move || builder(cache).open(&path).map_err(|e| explain(&path, e.into()));
        RedbStore::over(db, Box::new(reopen), options, format, migrations)
    }

    /// A store on a storage backend, which is asked for again after a failure: crash tests bring one
    /// that forgets what was not synced, or runs out of room.
    pub fn open_on<B: ::redb::StorageBackend>(
        backend: impl Fn() -> std::io::Result<B> + Send + Sync + 'static,
        options: &Options,
    ) -> Result<RedbStore, StoreError> {
        let (path, cache) = (options.path.clone(), options.cache);
        let open = move || {
            let backend = backend().map_err(|e| explain(&path, ::redb::Error::Io(e)))?;
            builder(cache).create_with_backend(backend).map_err(|e| explain(&path, e.into()))
        };
        RedbStore::over(open()?, Box::new(open), options, FORMAT, MIGRATIONS)
    }

    fn over(
        db: Database,
        reopen: Reopen,
        options: &Options,
        format: u64,
        migrations: &[Migration],
    ) -> Result<RedbStore, StoreError> {
        let path = &options.path;
        let fail = |e: ::redb::Error| explain(path, e);
        if let Some(found) = peek(&db).map_err(fail)? {
            if !found.is_known_to(format) {
                let needs = found.min_writer.max(found.min_reader);
                return Err(StoreError::Newer { path: path.clone(), needs, have: format });
            }
            if (1..FIRST).contains(&found.format) {
                return Err(StoreError::Unreleased { path: path.clone(), format: found.format });
            }
            if found.format < format {
                set_aside(&db, path, found.format)?;
            }
        }
        let mut tx = db.begin_write().map_err(|e| fail(e.into()))?;
        tx.set_quick_repair(true);
        let epoch = prepare(&tx, options, format, migrations)?;
        tx.commit().map_err(|e| fail(e.into()))?;
        let db = RwLock::new(Some(Arc::new(db)));
        Ok(RedbStore { db, reopen, path: path.clone(), epoch })
    }
}

/// Opens the storage of a store again, as it is.
pub(super) type Reopen = Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>;

/// Refuses a storage that is not the one that was open before.
pub(super) fn check_same(db: &Database, path: &Path, epoch: u64) -> Result<(), StoreError> {
    let found = peek(db).map_err(|e| explain(path, e))?;
    if found.is_some_and(|found| found.epoch == epoch) {
        return Ok(());
    }
    Err(StoreError::Damaged { path: path.to_owned(), why: "another file lies in its place".into() })
}

/// What a store says of itself.
pub(super) struct Found {
    pub(super) format: u64,
    min_reader: u64,
    min_writer: u64,
    epoch: u64,
}

impl Found {
    /// Whether this binary can read it and write into it.
    pub(super) fn is_known(&self) -> bool {
        self.is_known_to(FORMAT)
    }

    fn is_known_to(&self, format: u64) -> bool {
        self.min_writer <= format && self.min_reader <= format
    }
}

pub(super) fn peek(db: &impl ReadableDatabase) -> Result<Option<Found>, ::redb::Error> {
    let tx = db.begin_read()?;
    let numbers = match tx.open_table(NUMBERS) {
        Ok(numbers) => numbers,
        Err(::redb::TableError::TableDoesNotExist(_)) => return Ok(None),
        Err(e) => return Err(e.into()),
    };
    let number = |name: &str| Ok::<_, ::redb::Error>(numbers.get(name)?.map_or(0, |n| n.value()));
    Ok(Some(Found {
        format: number("format")?,
        min_reader: number("min_reader")?,
        min_writer: number("min_writer")?,
        epoch: number("epoch")?,
    }))
}

/// Copies the file beside itself before a migration touches it.
fn set_aside(db: &Database, path: &Path, format: u64) -> Result<(), StoreError> {
    // A read transaction keeps the pages it sees from being reused while the bytes are copied.
    let pin = db.begin_read().map_err(|e| explain(path, e.into()))?;
    let copy = path.with_extension(format!("format{format}.bak"));
    let copied = std::fs::copy(path, &copy);
    drop(pin);
    copied.map(|_| ()).map_err(|e| StoreError::Io {
        path: copy,
        why: format!("the copy before the migration could not be made: {e}"),
    })
}

/// Migrates, makes every table, checks the binding. Answers the store's epoch.
fn prepare(tx: &WriteTransaction, options: &Options, format: u64, migrations: &[Migration]) -> Result<u64, StoreError> {
    let path = &options.path;
    let fail = |e: ::redb::Error| explain(path, e);
    for which in Table::ALL {
        tx.open_table(table(which)).map_err(|e| fail(e.into()))?;
    }
    for which in Index::ALL {
        tx.open_table(index(which)).map_err(|e| fail(e.into()))?;
    }
    let storage = |e: StorageError| fail(e.into());
    let mut numbers = tx.open_table(NUMBERS).map_err(|e| fail(e.into()))?;
    let have = numbers.get("format").map_err(storage)?.map(|n| n.value());
    for step in have.unwrap_or(format)..format {
        let migrate = migrations.get(step.saturating_sub(FIRST) as usize).ok_or_else(|| StoreError::Damaged {
            path: path.clone(),
            why: format!("there is no way from format {step} to {}", step + 1),
        })?;
        migrate(tx).map_err(fail)?;
    }
    for (name, value) in [("format", format), ("min_reader", MIN_READER), ("min_writer", MIN_WRITER)] {
        // A newer version that lets this one write keeps its numbers: else it would migrate again.
        let have = numbers.get(name).map_err(storage)?.map_or(0, |n| n.value());
        numbers.insert(name, value.max(have)).map_err(storage)?;
    }
    let epoch = match numbers.get("epoch").map_err(storage)?.map(|n| n.value()) {
        Some(epoch) => epoch,
        None => {
            let mut raw = [0; 8];
            SystemRandom::new()
                .fill(&mut raw)
                .map_err(|_| StoreError::Io { path: path.clone(), why: "the system gives no random bytes".into() })?;
            u64::from_be_bytes(raw)
        }
    };
    numbers.insert("epoch", epoch).map_err(storage)?;
    if let Some(asked) = &options.binding {
        let mut texts = tx.open_table(TEXTS).map_err(|e| fail(e.into()))?;
        let world = texts.get("world").map_err(storage)?.map(|t| t.value().to_owned());
        match world {
            Some(world) => {
                let account = texts.get("account").map_err(storage)?.map_or(String::new(), |t| t.value().to_owned());
                let epoch = numbers.get("world_epoch").map_err(storage)?.map_or(0, |n| n.value());
                let bound = Binding { world, account, epoch };
                if bound != *asked {
                    return Err(StoreError::Foreign {
                        path: path.clone(),
                        bound: bound.to_string(),
                        asked: asked.to_string(),
                    });
                }
            }
            None => {
                texts.insert("world", asked.world.as_str()).map_err(storage)?;
                texts.insert("account", asked.account.as_str()).map_err(storage)?;
                numbers.insert("world_epoch", asked.epoch).map_err(storage)?;
            }
        }
    }
    Ok(epoch)
}

/// Says in our words what redb reports.
pub(crate) fn explain(path: &Path, e: ::redb::Error) -> StoreError {
    let path = path.to_owned();
    match e {
        ::redb::Error::DatabaseAlreadyOpen => StoreError::Locked { path },
        ::redb::Error::ValueTooLarge(size) => {
            StoreError::Rejected(format!("{size} bytes are more than a row can have"))
        }
        ::redb::Error::Corrupted(why) => StoreError::Damaged { path, why },
        ::redb::Error::TableTypeMismatch { table, .. } => {
            StoreError::Damaged { path, why: format!("table {table} has another shape than this binary expects") }
        }
        ::redb::Error::Io(io) if matches!(io.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            StoreError::Full { path }
        }
        ::redb::Error::Io(io) if io.kind() == ErrorKind::InvalidData => {
            StoreError::Damaged { path, why: "it is no redb file".into() }
        }
        other => StoreError::Io { path, why: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(dir: &tempfile::TempDir) -> Options {
        let binding = Binding { world: "live".into(), account: "AC1".into(), epoch: 0 };
        Options { path: dir.path().join("s.redb"), cache: 1 << 20, binding: Some(binding) }
    }

    #[test]
    fn a_second_opening_is_refused_with_a_sentence() {
        let dir = tempfile::tempdir().unwrap();
        let _first = RedbStore::open(&options(&dir)).unwrap();
        let second = RedbStore::open(&options(&dir)).err().unwrap();
        assert!(matches!(second, StoreError::Locked { .. }), "{second}");
    }

    #[test]
    fn a_newer_format_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        drop(RedbStore::open(&options(&dir)).unwrap());
        {
            let db = Database::create(dir.path().join("s.redb")).unwrap();
            let tx = db.begin_write().unwrap();
            tx.open_table(NUMBERS).unwrap().insert("min_writer", FORMAT + 1).unwrap();
            tx.commit().unwrap();
        }
        let refused = RedbStore::open(&options(&dir)).err().unwrap();
        assert!(matches!(refused, StoreError::Newer { needs, .. } if needs == FORMAT + 1), "{refused}");
    }

    #[test]
    fn a_store_without_rollups_is_taken_over_and_its_old_binary_refused() {
        let dir = tempfile::tempdir().unwrap();
        drop(RedbStore::open_with(&options(&dir), 2, &[]).unwrap());
        {
            // As the binary of format 2 left it.
            let db = Database::open(dir.path().join("s.redb")).unwrap();
            let tx = db.begin_write().unwrap();
            tx.open_table(NUMBERS).unwrap().insert("min_writer", 2).unwrap();
            tx.commit().unwrap();
        }
        drop(RedbStore::open(&options(&dir)).unwrap());
        assert!(dir.path().join("s.format2.bak").exists());
        let refused = RedbStore::open_with(&options(&dir), 2, &[]).err().unwrap();
        assert!(matches!(refused, StoreError::Newer { needs: 3, have: 2, .. }), "{refused}");
        assert!(refused.to_string().contains("install that version or newer"), "{refused}");
    }

    #[test]
    fn a_store_from_before_the_first_release_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        drop(RedbStore::open(&options(&dir)).unwrap());
        {
            let db = Database::open(dir.path().join("s.redb")).unwrap();
            let tx = db.begin_write().unwrap();
            {
                let mut numbers = tx.open_table(NUMBERS).unwrap();
                for name in ["format", "min_reader", "min_writer"] {
                    numbers.insert(name, FIRST - 1).unwrap();
                }
            }
            tx.commit().unwrap();
        }
        let refused = RedbStore::open(&options(&dir)).err().unwrap();
        assert!(matches!(refused, StoreError::Unreleased { format: 1, .. }), "{refused}");
    }

    #[test]
    fn a_foreign_world_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        drop(RedbStore::open(&options(&dir)).unwrap());
        let mut other = options(&dir);
        other.binding.as_mut().unwrap().account = "AC2".into();
        assert!(matches!(RedbStore::open(&other), Err(StoreError::Foreign { .. })));
        assert!(RedbStore::open(&options(&dir)).is_ok());
    }

    #[test]
    fn a_migration_runs_once_and_leaves_a_copy() {
        const STEP: Migration = |tx| {
            let mut numbers = tx.open_table(TableDefinition::<&str, u64>::new("migrated"))?;
            let runs = numbers.get("runs")?.map_or(0, |n| n.value());
            numbers.insert("runs", runs + 1)?;
            Ok(())
        };
        let dir = tempfile::tempdir().unwrap();
        let epoch = RedbStore::open(&options(&dir)).unwrap().epoch;
        for _ in 0..2 {
            let store = RedbStore::open_with(&options(&dir), FORMAT + 1, &[COUNTED, STEP]).unwrap();
            assert_eq!(store.epoch, epoch);
            let tx = store.db().unwrap().begin_read().unwrap();
            let runs = tx.open_table(TableDefinition::<&str, u64>::new("migrated")).unwrap();
            assert_eq!(runs.get("runs").unwrap().unwrap().value(), 1);
        }
        assert!(dir.path().join(format!("s.format{FORMAT}.bak")).exists());
    }

    #[test]
    fn an_older_version_that_may_write_leaves_the_format_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        const STEP: Migration = |_| Ok(());
        drop(RedbStore::open_with(&options(&dir), FORMAT + 1, &[COUNTED, STEP]).unwrap());
        drop(RedbStore::open(&options(&dir)).unwrap());
        const NEVER: Migration = |_| Err(::redb::Error::Corrupted("migrated twice".into()));
        drop(RedbStore::open_with(&options(&dir), FORMAT + 1, &[COUNTED, NEVER]).unwrap());
    }

    #[test]
    fn a_file_that_vanished_does_not_come_back_empty() {
        let dir = tempfile::tempdir().unwrap();
        let store = RedbStore::open(&options(&dir)).unwrap();
        let fail = |_: &mut dyn crate::store::Batch| {
            Err(StoreError::Io { path: Default::default(), why: "the disk does not answer".into() })
        };
        for (file, what) in [("other.redb", "another file"), ("none.redb", "cannot be read")] {
            use crate::store::Store;
            let path = dir.path().join("s.redb");
            let mut other = options(&dir);
            other.path = dir.path().join("other.redb");
            drop(RedbStore::open(&other).unwrap());
            assert!(store.commit(0, &mut { fail }).is_err());
            std::fs::rename(&path, dir.path().join("kept")).unwrap();
            let _ = std::fs::rename(dir.path().join(file), &path);
            let refused = store.reader().err().unwrap().to_string();
            assert!(refused.contains(what), "{refused}");
            std::fs::rename(dir.path().join("kept"), &path).unwrap();
            assert!(store.reader().is_ok());
        }
    }

    #[test]
    fn rubbish_is_called_damaged() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("s.redb"), vec![7; 100_000]).unwrap();
        let refused = RedbStore::open(&options(&dir)).err().unwrap();
        assert!(matches!(refused, StoreError::Damaged { .. }), "{refused}");
    }
}
