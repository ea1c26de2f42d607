//! The world of the sandbox, as one batch of requests sees it.
//!
//! Owns the transaction, the time of the present request, and what must happen once the batch is durable:
//! webhooks to deliver, journal entries to show. Rules of Twilio's products live in their own files and
//! reach rows, SIDs, timers and webhooks through here. Used by the engine's thread only.

use std::sync::Arc;

use super::clock::{Clock, Saved};
use super::error::StoreError;
use super::journal::{self, Entry};
use super::meta::Meta;
use super::seed::Seed;
use super::store::{Row, Store, Tx};
use super::timer::Due;
use super::webhook::Delivery;

/// What stays in memory between batches.
#[derive(Clone)]
pub struct Memory {
    /// See [`Meta`].
    pub meta: Meta,
    /// The simulated clock.
    pub clock: Clock,
    /// The seed's source.
    pub seed: Seed,
    /// Where the sandbox is reached, such as `http://127.0.0.1:4010`.
    pub base: String,
    /// Entries that no commit has kept yet; reads alone do not cause one.
    unsaved: Vec<Arc<Entry>>,
    saved_at: u64,
}

/// What must happen once the batch is durable.
#[derive(Default)]
pub struct Effects {
    /// Webhooks to deliver.
    pub deliveries: Vec<Delivery>,
    /// Media to fetch: its SID and the URL it is at.
    pub fetches: Vec<(String, String)>,
    /// New journal entries.
    pub entries: Vec<Arc<Entry>>,
    /// Webhooks that need not be delivered any more, because the world was reset.
    pub forget_deliveries: bool,
}

/// The world during a batch.
pub struct World {
    tx: Tx,
    memory: Memory,
    at: u64,
    dirty: bool,
    effects: Effects,
}

/// Journal entries that reads alone may leave unsaved.
const MOST_UNSAVED: usize = 256;
/// Simulated microseconds after which a commit is made only to keep the clock.
const CLOCK_GRAIN: u64 = 5_000_000;

impl Memory {
    /// Reads what stays in memory from the file; `None` when the file is fresh.
    pub fn load(store: &Store, base: &str) -> Result<Option<Self>, StoreError> {
        let tx = store.begin()?;
        let Some(meta) = tx.meta::<Meta>("meta")? else { return Ok(None) };
        let Some(saved) = tx.meta::<Saved>("clock")? else { return Ok(None) };
        tx.abort()?;
        Ok(Some(Self::new(meta, Clock::resume(saved), base)))
    }

    /// The memory of a fresh world.
    pub fn new(meta: Meta, clock: Clock, base: &str) -> Self {
        let (seed, saved_at) = (Seed::new(meta.seed), clock.now());
        let base = base.to_owned();
        Self { meta, clock, seed, base, unsaved: Vec::new(), saved_at }
    }
}

impl World {
    /// Begins a batch.
    pub fn begin(store: &Store, memory: Memory) -> Result<Self, StoreError> {
        let (tx, at) = (store.begin()?, memory.clock.now());
        Ok(Self { tx, memory, at, dirty: false, effects: Effects::default() })
    }

    /// Ends a batch: durable if anything changed. The memory comes back either way.
    pub fn commit(mut self) -> (Memory, Result<Effects, StoreError>) {
        let stale = self.memory.clock.now().abs_diff(self.memory.saved_at) > CLOCK_GRAIN;
        if !self.dirty && !stale {
            return match self.tx.abort() {
                Ok(()) => (self.memory, Ok(self.effects)),
                Err(error) => (self.memory, Err(error)),
            };
        }
        let unsaved = std::mem::take(&mut self.memory.unsaved);
        let saved = self.memory.clock.saved();
        let write = || {
            for entry in &unsaved {
                self.tx.set_journal(entry.n, entry.as_ref(), journal::KEEP)?;
            }
            self.tx.set_meta("meta", &self.memory.meta)?;
            self.tx.set_meta("clock", &saved)
        };
        let result = write().and_then(|()| self.tx.commit()).map(|()| self.effects);
        self.memory.saved_at = saved.time;
        (self.memory, result)
    }

    /// Forgets a batch; the memory must be loaded anew.
    pub fn abort(self) -> Result<(), StoreError> {
        self.tx.abort()
    }

    /// Sets the time of what comes next: that of the clock, or of the timer that fires.
    pub fn at(&mut self, time: u64) {
        self.at = time;
    }

    /// The time of the present request or timer.
    pub fn now(&self) -> u64 {
        self.at
    }

    /// The seed's source.
    pub fn seed(&self) -> &Seed {
        &self.memory.seed
    }

    /// The clock, to read.
    pub fn clock(&self) -> &Clock {
        &self.memory.clock
    }

    /// The clock, to move; the change is kept.
    pub fn clock_mut(&mut self) -> &mut Clock {
        self.dirty = true;
        &mut self.memory.clock
    }

    /// What the sandbox knows of itself.
    pub fn meta(&self) -> &Meta {
        &self.memory.meta
    }

    /// The same, to change.
    pub fn meta_mut(&mut self) -> &mut Meta {
        self.dirty = true;
        &mut self.memory.meta
    }

    /// Where the sandbox is reached.
    pub fn base(&self) -> &str {
        &self.memory.base
    }

    /// The journal's entries after a number, oldest first.
    pub fn entries(&self, after: u64) -> Result<Vec<Arc<Entry>>, StoreError> {
        let mut entries: Vec<_> = self.tx.journal::<Entry>(after)?.into_iter().map(Arc::new).collect();
        entries.extend(self.memory.unsaved.iter().filter(|entry| entry.n > after).cloned());
        Ok(entries)
    }

    /// Empties the world, journal included, and begins a new one with this knowledge of itself.
    pub fn clear(&mut self, meta: Meta, clock: Clock) -> Result<(), StoreError> {
        self.tx.clear()?;
        let base = self.memory.base.clone();
        self.at = clock.now();
        self.memory = Memory::new(meta, clock, &base);
        self.dirty = true;
        self.effects = Effects { forget_deliveries: true, ..Effects::default() };
        Ok(())
    }

    /// A row by its key.
    pub fn get<R: Row>(&self, key: &str) -> Result<Option<R>, StoreError> {
        self.tx.row(key)
    }

    /// Writes a row.
    pub fn put<R: Row>(&mut self, key: &str, row: &R) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.set_row(key, row)
    }

    /// Removes a row.
    pub fn remove<R: Row>(&mut self, key: &str) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.remove_row::<R>(key)
    }

    /// Adds an index entry.
    pub fn link(&mut self, index: &str, key: &str, target: &str) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.link(index, key, target)
    }

    /// Removes an index entry.
    pub fn unlink(&mut self, index: &str, key: &str) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.unlink(index, key)
    }

    /// Up to `limit` entries with `from <= key < until`.
    pub fn scan(
        &self,
        index: &str,
        from: &str,
        until: &str,
        backward: bool,
        limit: usize,
    ) -> Result<Vec<(String, String)>, StoreError> {
        self.tx.scan(index, from, until, backward, limit)
    }

    /// Bytes kept under a name.
    pub fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.tx.blob(name)
    }

    /// Keeps bytes under a name.
    pub fn put_blob(&mut self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.set_blob(name, bytes)
    }

    /// Forgets bytes.
    pub fn remove_blob(&mut self, name: &str) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.remove_blob(name)
    }

    /// A number above all given before, for order within one instant.
    pub fn sequence(&mut self) -> u64 {
        let meta = self.meta_mut();
        meta.sequence += 1;
        meta.sequence
    }

    /// Counts one more of something, or one less.
    pub fn count(&mut self, what: &str, more: bool) {
        let count = self.meta_mut().counts.entry(what.to_owned()).or_default();
        *count = if more { *count + 1 } else { count.saturating_sub(1) };
    }

    /// Sets a timer; `name` and the time are its identity.
    pub fn schedule(&mut self, due: u64, name: &str, what: &Due) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.set_timer(due, name, what)
    }

    /// Removes a timer.
    pub fn unschedule(&mut self, due: u64, name: &str) -> Result<(), StoreError> {
        self.dirty = true;
        self.tx.remove_timer(due, name)
    }

    /// The earliest timer.
    pub fn first_timer(&self) -> Result<Option<(u64, String, Due)>, StoreError> {
        self.tx.first_timer()
    }

    /// Sends a webhook once the batch is durable, and keeps it until it is done.
    pub fn deliver(&mut self, mut delivery: Delivery) -> Result<u64, StoreError> {
        let seed = self.seed().clone();
        let meta = self.meta_mut();
        meta.delivery += 1;
        delivery.id = meta.delivery;
        delivery.fault = meta.faults.take_webhook(&seed);
        self.tx.set_outbox(delivery.id, &delivery)?;
        let id = delivery.id;
        self.effects.deliveries.push(delivery);
        Ok(id)
    }

    /// Fetches media from its URL once the batch is durable.
    pub fn fetch(&mut self, sid: &str, url: &str) {
        self.effects.fetches.push((sid.to_owned(), url.to_owned()));
    }

    /// The webhooks this batch has sent so far.
    pub fn sent_webhooks(&self) -> Vec<u64> {
        self.effects.deliveries.iter().map(|delivery| delivery.id).collect()
    }

    /// Webhooks that an earlier run left undone; they are sent again.
    pub fn resend(&mut self) -> Result<(), StoreError> {
        self.effects.deliveries = self.tx.outbox()?;
        Ok(())
    }

    /// Forgets a webhook that is done; answers whether it was still expected.
    pub fn delivered(&mut self, id: u64) -> Result<bool, StoreError> {
        self.dirty = true;
        self.tx.remove_outbox(id)
    }

    /// Adds an entry to the journal. A batch of reads alone is not committed for it.
    pub fn record(&mut self, mut entry: Entry) {
        self.memory.meta.entry += 1;
        entry.n = self.memory.meta.entry;
        let entry = Arc::new(entry);
        self.memory.unsaved.push(entry.clone());
        self.dirty |= self.memory.unsaved.len() >= MOST_UNSAVED;
        self.effects.entries.push(entry);
    }
}
