//! The default store: one redb file, one lane, one durable commit per batch.

pub mod inspect;
mod make;
mod open;
mod reader;

use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use ::redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};

use super::{Batch, Index, Key, Reader, Store, StoreError, Table, Work, Writes};

pub(crate) use make::{builder, open_or_make, open_or_make_with};
pub(crate) use open::explain;
pub use open::{Binding, Options};

type Bytes = TableDefinition<'static, &'static [u8], &'static [u8]>;
type Keys = TableDefinition<'static, &'static [u8], ()>;

/// The redb table of each of ours. A changed key or value type needs a new name and a migration.
const fn table(table: Table) -> Bytes {
    TableDefinition::new(match table {
        Table::Lanes => "lanes/v1",
        Table::Writers => "writers/v1",
        Table::Cursors => "cursors/v1",
        Table::Businesses => "businesses/v1",
        Table::Accounts => "accounts/v1",
        Table::Agents => "agents/v1",
        Table::Tokens => "tokens/v1",
        Table::TokenHashes => "token_hashes/v1",
        Table::Endpoints => "endpoints/v1",
        Table::Routes => "routes/v1",
        Table::Contacts => "contacts/v1",
        Table::Threads => "threads/v1",
        Table::Conversations => "conversations/v1",
        Table::Messages => "messages/v1",
        Table::Sids => "sids/v1",
        Table::Owners => "owners/v1",
        Table::ReadMarks => "read_marks/v1",
        Table::Counters => "counters/v1",
        Table::DeadLetters => "dead_letters/v1",
        Table::Parked => "parked/v1",
        Table::Idempotency => "idempotency/v1",
        Table::Events => "events/v1",
        Table::Payloads => "payloads/v1",
        Table::Gaps => "gaps/v1",
        Table::Watches => "watches/v1",
        Table::Imports => "imports/v1",
        Table::Pointings => "pointings/v1",
        Table::Files => "files/v1",
        Table::RemoteSteps => "remote_steps/v1",
        Table::Flows => "flows/v1",
        Table::Attempts => "attempts/v1",
        Table::Checks => "checks/v1",
        Table::Recipients => "recipients/v1",
        Table::VerifyMeters => "verify_meters/v1",
        Table::Lookups => "lookups/v1",
        Table::Wordings => "wordings/v1",
        Table::Matrices => "matrices/v1",
        Table::Rollups => "rollups/v1",
        Table::Usage => "usage/v1",
    })
}

const fn index(index: Index) -> Keys {
    TableDefinition::new(match index {
        Index::Inbox => "by/inbox/v1",
        Index::Thread => "by/thread/v1",
        Index::Outbox => "by/outbox/v1",
        Index::Unsettled => "by/unsettled/v1",
        Index::Wake => "by/wake/v1",
        Index::Businesses => "by/businesses/v1",
        Index::Agents => "by/agents/v1",
        Index::Tokens => "by/tokens/v1",
        Index::Endpoints => "by/endpoints/v1",
        Index::DeadLetters => "by/dead_letters/v1",
        Index::Parked => "by/parked/v1",
        Index::Gaps => "by/gaps/v1",
        Index::OpenGaps => "by/open_gaps/v1",
        Index::AtTwilio => "by/at_twilio/v1",
        Index::Later => "by/later/v1",
        Index::Pointings => "by/pointings/v1",
        Index::MediaDue => "by/media_due/v1",
        Index::Files => "by/files/v1",
        Index::Unpriced => "by/unpriced/v1",
        Index::Notes => "by/notes/v1",
        Index::RemoteDue => "by/remote_due/v1",
        Index::OutboxBulk => "by/outbox_bulk/v1",
        Index::VerifyLog => "by/verify_log/v1",
        Index::VerifyRecipients => "by/verify_recipients/v1",
        Index::VerifyDue => "by/verify_due/v1",
        Index::VerifyUnanswered => "by/verify_unanswered/v1",
        Index::VerifyNews => "by/verify_news/v1",
        Index::VerifyMatrices => "by/verify_matrices/v1",
        Index::Audit => "by/audit/v1",
    })
}

/// The store in a redb file.
pub struct RedbStore {
    // Absent after the disk failed: a file that was half written is opened anew, never trusted.
    db: RwLock<Option<Arc<Database>>>,
    reopen: open::Reopen,
    path: PathBuf,
    epoch: u64,
}

impl RedbStore {
    fn io(&self, e: impl Into<::redb::Error>) -> StoreError {
        open::explain(&self.path, e.into())
    }

    fn db(&self) -> Result<Arc<Database>, StoreError> {
        if let Some(db) = &*self.db.read().unwrap_or_else(PoisonError::into_inner) {
            return Ok(db.clone());
        }
        let mut slot = self.db.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(db) = &*slot {
            return Ok(db.clone());
        }
        let db = Arc::new((self.reopen)()?);
        open::check_same(&db, &self.path, self.epoch)?;
        *slot = Some(db.clone());
        Ok(db)
    }

    fn write(&self, db: &Database, work: Work<'_>) -> Result<(), StoreError> {
        let mut tx = db.begin_write().map_err(|e| self.io(e))?;
        tx.set_quick_repair(true);
        let mut batch = RedbBatch { store: self, tx: &tx, open: [const { None }; Table::ALL.len()] };
        let writes = work(&mut batch)?;
        if writes.is_empty() {
            drop(batch);
            return tx.abort().map_err(|e| self.io(e));
        }
        batch.save(writes)?;
        drop(batch);
        tx.commit().map_err(|e| self.io(e))
    }
}

impl Store for RedbStore {
    fn lanes(&self) -> u16 {
        1
    }

    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn commit(&self, _lane: u16, work: Work<'_>) -> Result<(), StoreError> {
        let done = self.write(&*self.db()?, work);
        if matches!(done, Err(StoreError::Io { .. } | StoreError::Full { .. } | StoreError::Damaged { .. })) {
            *self.db.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        done
    }

    fn reader(&self) -> Result<Box<dyn Reader + '_>, StoreError> {
        let tx = self.db()?.begin_read().map_err(|e| self.io(e))?;
        Ok(Box::new(reader::RedbReader::new(self, tx)))
    }
}

struct RedbBatch<'a> {
    store: &'a RedbStore,
    tx: &'a WriteTransaction,
    // Opening a table costs more than a read, so each is opened once in a batch.
    open: [Option<::redb::Table<'a, &'static [u8], &'static [u8]>>; Table::ALL.len()],
}

impl<'a> RedbBatch<'a> {
    fn table(&mut self, which: Table) -> Result<&mut ::redb::Table<'a, &'static [u8], &'static [u8]>, StoreError> {
        let slot = &mut self.open[which as usize];
        match slot {
            Some(open) => Ok(open),
            None => {
                let opened = self.tx.open_table(table(which)).map_err(|e| self.store.io(e))?;
                Ok(slot.insert(opened))
            }
        }
    }

    fn save(&mut self, mut writes: Writes) -> Result<(), StoreError> {
        // In key order, neighbouring rows meet the same pages.
        writes.rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        writes.entries.sort_unstable();
        for (key, value) in &writes.rows {
            let store = self.store;
            let table = self.table(key.table)?;
            match value {
                Some(value) => table.insert(&*key.bytes, value.as_slice()).map_err(|e| store.io(e))?,
                None => table.remove(&*key.bytes).map_err(|e| store.io(e))?,
            };
        }
        for entries in writes.entries.chunk_by(|a, b| a.0 == b.0) {
            let mut table = self.tx.open_table(index(entries[0].0)).map_err(|e| self.store.io(e))?;
            for (_, key, add) in entries {
                if *add {
                    table.insert(key.as_slice(), ()).map_err(|e| self.store.io(e))?;
                } else {
                    table.remove(key.as_slice()).map_err(|e| self.store.io(e))?;
                }
            }
        }
        Ok(())
    }
}

impl Batch for RedbBatch<'_> {
    fn load(&mut self, keys: &[&Key]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let store = self.store;
        keys.iter()
            .map(|key| {
                let found = self.table(key.table)?.get(&*key.bytes).map_err(|e| store.io(e))?;
                Ok(found.map(|guard| guard.value().to_vec()))
            })
            .collect()
    }

    fn is_near(&self) -> bool {
        true
    }
}

/// The bounds of all keys with a prefix, cut at `after`.
fn bounds<'a>(
    prefix: &'a [u8],
    end: &'a Option<Vec<u8>>,
    after: Option<&'a [u8]>,
    falling: bool,
) -> (Bound<&'a [u8]>, Bound<&'a [u8]>) {
    let low = Bound::Included(prefix);
    let high = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    match (after, falling) {
        (Some(after), false) if after >= prefix => (Bound::Excluded(after), high),
        (Some(after), true) if end.as_deref().is_none_or(|end| after < end) => (low, Bound::Excluded(after)),
        _ => (low, high),
    }
}
