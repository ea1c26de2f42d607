//! The slice of rows that a batch touches, and what applying changes does to it.
//!
//! Reading a row that is not here yet answers *missing*: the change is set aside, all missing rows
//! are loaded in one round trip, and the batch runs again (a near store is simply read). Each change
//! works on an overlay of its own, so a refused one leaves nothing behind. What rows contribute to
//! counters and which index entries they have is told by the rows; the world writes the difference
//! between before and after, so counters cannot drift.

mod finish;
mod row;

use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::event::NewEvent;
use crate::api::ApiError;
use crate::store::{Batch, Key, StoreError};

pub use finish::Finished;
pub use row::{AnyRow, Entries, Row, Tally, decode, unreadable};

/// Why a change stopped.
#[derive(Debug)]
pub enum Stop {
    /// A row must be loaded first.
    Missing,
    /// The rules refuse it. Nothing of it remains.
    Refused(ApiError),
    /// The store failed.
    Store(StoreError),
}

impl From<ApiError> for Stop {
    fn from(e: ApiError) -> Stop {
        Stop::Refused(e)
    }
}

impl From<StoreError> for Stop {
    fn from(e: StoreError) -> Stop {
        Stop::Store(e)
    }
}

/// A row of the batch: as it was, and as it is.
struct Slot {
    before: Option<Rc<dyn AnyRow>>,
    now: Option<Rc<dyn AnyRow>>,
    dirty: bool,
}

/// A row before anybody asked for its type.
enum Loaded {
    Raw(Option<Vec<u8>>),
    Slot(Slot),
}

/// See the module.
pub struct World<'a> {
    lane: u16,
    store: &'a mut dyn Batch,
    rows: FxHashMap<Key, Loaded>,
    missing: Vec<Key>,
    overlay: Vec<(Key, Option<Rc<dyn AnyRow>>)>,
    said: Vec<NewEvent>,
    events: Vec<NewEvent>,
}

impl<'a> World<'a> {
    /// An empty world over the transaction of a batch.
    pub fn new(lane: u16, store: &'a mut dyn Batch) -> World<'a> {
        World {
            lane,
            store,
            rows: FxHashMap::default(),
            missing: Vec::new(),
            overlay: Vec::new(),
            said: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The row of this key, as the changes before and this one have left it.
    pub fn get<R: Row>(&mut self, key: &Key) -> Result<Option<Rc<R>>, Stop> {
        debug_assert_eq!(key.table, R::TABLE);
        if let Some((_, row)) = self.overlay.iter().rev().find(|(k, _)| k == key) {
            return Ok(row.clone().and_then(row::downcast));
        }
        if !self.rows.contains_key(key) {
            if !self.store.is_near() {
                self.missing.push(key.clone());
                return Err(Stop::Missing);
            }
            let raw = self.store.load(&[key])?.pop().flatten();
            self.rows.insert(key.clone(), Loaded::Raw(raw));
        }
        match self.rows.get_mut(key) {
            Some(loaded) => Ok(settle::<R>(key, loaded)?.now.clone().and_then(row::downcast)),
            None => Ok(None),
        }
    }

    /// The row, or a refusal in the caller's words.
    pub fn need<R: Row>(&mut self, key: &Key, refuse: impl FnOnce() -> ApiError) -> Result<Rc<R>, Stop> {
        self.get(key)?.ok_or_else(|| Stop::Refused(refuse()))
    }

    /// Puts a row whose key was read before in this batch.
    pub fn put<R: Row>(&mut self, row: R) {
        let key = row.key();
        self.overlay.push((key, Some(Rc::new(row))));
    }

    /// Puts a row that is known to be new, because its id was just made: it is not looked for.
    pub fn insert<R: Row>(&mut self, row: R) {
        let key = row.key();
        if let Entry::Vacant(vacant) = self.rows.entry(key.clone()) {
            vacant.insert(Loaded::Slot(Slot { before: None, now: None, dirty: false }));
        }
        self.overlay.push((key, Some(Rc::new(row))));
    }

    /// Takes a row away; its key must have been read.
    pub fn remove(&mut self, key: Key) {
        self.overlay.push((key, None));
    }

    /// Says what happened. The event gets its number when the batch is finished.
    pub fn say(&mut self, event: NewEvent) {
        self.said.push(event);
    }

    /// Keeps what the current change did.
    pub fn keep(&mut self) {
        for (key, row) in self.overlay.drain(..) {
            let slot = self.rows.entry(key).or_insert(Loaded::Raw(None));
            match slot {
                Loaded::Slot(slot) => {
                    slot.now = row;
                    slot.dirty = true;
                }
                // Put without having been read: there is nothing before it to take back.
                Loaded::Raw(_) => *slot = Loaded::Slot(Slot { before: None, now: row, dirty: true }),
            }
        }
        self.events.append(&mut self.said);
    }

    /// Forgets what the current change did.
    pub fn forget(&mut self) {
        self.overlay.clear();
        self.said.clear();
    }

    /// Whether a row was asked for in this run that is not loaded yet: then its outcomes count for nothing.
    pub fn is_incomplete(&self) -> bool {
        !self.missing.is_empty()
    }

    /// Loads what was missing. `false` when nothing was: then the run stands.
    pub fn load_missing(&mut self) -> Result<bool, StoreError> {
        if self.missing.is_empty() {
            return Ok(false);
        }
        let mut wanted = std::mem::take(&mut self.missing);
        wanted.sort_unstable();
        wanted.dedup();
        let keys: Vec<&Key> = wanted.iter().collect();
        let found = self.store.load(&keys)?;
        for (key, raw) in wanted.into_iter().zip(found) {
            self.rows.entry(key).or_insert(Loaded::Raw(raw));
        }
        Ok(true)
    }

    /// Back to the rows as they were loaded: the batch will run again.
    pub fn rewind(&mut self) {
        self.forget();
        self.events.clear();
        for loaded in self.rows.values_mut() {
            if let Loaded::Slot(slot) = loaded {
                slot.now = slot.before.clone();
                slot.dirty = false;
            }
        }
    }
}

/// Decodes a loaded row the first time it is asked for.
fn settle<'l, R: Row>(key: &Key, loaded: &'l mut Loaded) -> Result<&'l mut Slot, StoreError> {
    if let Loaded::Raw(raw) = loaded {
        let row: Option<Rc<dyn AnyRow>> = match raw {
            Some(raw) => Some(Rc::new(decode::<R>(&key.bytes, raw)?)),
            None => None,
        };
        *loaded = Loaded::Slot(Slot { before: row.clone(), now: row, dirty: false });
    }
    match loaded {
        Loaded::Slot(slot) => Ok(slot),
        Loaded::Raw(_) => Err(unreadable(R::TABLE, "it was asked for before it was loaded")),
    }
}
