//! What the world must know of a row: its key, its stored form, its index entries and what it counts for.

use std::any::Any;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::domain::analytics::Facts;
use crate::store::{Index, Key, StoreError, Table};

/// A row with a type.
pub trait Row: Clone + 'static {
    /// The table it lives in.
    const TABLE: Table;
    /// Its key.
    fn key(&self) -> Key;
    /// Its stored form: a format byte and the bytes.
    fn encode(&self) -> Vec<u8>;
    /// Reads any stored form of any version; `None` when it is none of them. What the key says need not
    /// be said again in the bytes.
    fn decode(key: &[u8], format: u8, bytes: &[u8]) -> Option<Self>;
    /// Its index entries.
    fn entries(&self, _: &mut Entries) {}
    /// What it adds to counters.
    fn tally(&self, _: &mut Tally) {}
    /// What it says of itself for analytics.
    fn facts(&self) -> Option<Facts> {
        None
    }
}

/// A row without its type.
pub trait AnyRow {
    /// See [`Row::encode`].
    fn encode(&self) -> Vec<u8>;
    /// See [`Row::entries`].
    fn entries(&self, _: &mut Entries);
    /// See [`Row::tally`].
    fn tally(&self, _: &mut Tally);
    /// See [`Row::facts`].
    fn facts(&self) -> Option<Facts>;
    /// For finding its type again.
    fn into_any(self: Rc<Self>) -> Rc<dyn Any>;
}

impl<R: Row> AnyRow for R {
    fn encode(&self) -> Vec<u8> {
        Row::encode(self)
    }
    fn entries(&self, out: &mut Entries) {
        Row::entries(self, out);
    }
    fn tally(&self, out: &mut Tally) {
        Row::tally(self, out);
    }
    fn facts(&self) -> Option<Facts> {
        Row::facts(self)
    }
    fn into_any(self: Rc<Self>) -> Rc<dyn Any> {
        self
    }
}

pub(super) fn downcast<R: Row>(row: Rc<dyn AnyRow>) -> Option<Rc<R>> {
    row.into_any().downcast().ok()
}

/// Reads the stored row of a key.
pub fn decode<R: Row>(key: &[u8], raw: &[u8]) -> Result<R, StoreError> {
    let (format, bytes) = raw.split_first().ok_or_else(|| unreadable(R::TABLE, "it is empty"))?;
    R::decode(key, *format, bytes)
        .ok_or_else(|| unreadable(R::TABLE, &format!("format {format} is not known or is damaged")))
}

/// A row that this binary cannot read.
pub fn unreadable(table: Table, why: &str) -> StoreError {
    StoreError::Unreadable { table, why: why.to_owned() }
}

/// Collects index entries.
#[derive(Default)]
pub struct Entries(pub(super) Vec<(Index, Vec<u8>)>);

impl Entries {
    /// Adds the entry made of these parts.
    pub fn add(&mut self, index: Index, parts: &[&[u8]]) {
        self.0.push((index, parts.concat()));
    }

    /// What was collected.
    pub fn into_list(self) -> Vec<(Index, Vec<u8>)> {
        self.0
    }
}

/// Collects what rows count for.
#[derive(Default)]
pub struct Tally {
    pub(super) sign: i64,
    pub(super) sums: FxHashMap<Vec<u8>, i64>,
}

impl Tally {
    /// A tally that adds.
    pub fn adding() -> Tally {
        Tally { sign: 1, sums: FxHashMap::default() }
    }

    /// Counts `amount` at the counter with this key (which begins with the business).
    pub fn add(&mut self, parts: &[&[u8]], amount: i64) {
        *self.sums.entry(parts.concat()).or_insert(0) += self.sign * amount;
    }

    /// The sums that are not zero.
    pub fn into_sums(self) -> impl Iterator<Item = (Vec<u8>, i64)> {
        self.sums.into_iter().filter(|(_, n)| *n != 0)
    }
}
