//! A store in memory with several lanes: the other witness of the store story and the model tests.
//!
//! It behaves like a far database: rows are loaded in round trips (a batch is run again once they
//! are there), and several lanes commit side by side. Nothing survives the process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{
    Batch, Index, Key, Order, PageQuery, Reader, Store, StoreError, Table, Work, Writes, event_key, prefix_end,
};

#[derive(Default, Clone)]
struct Data {
    rows: BTreeMap<Key, Vec<u8>>,
    entries: BTreeSet<(Index, Vec<u8>)>,
}

/// A row for which this answers `true` is refused, as a database might refuse it.
type Refuse = Box<dyn Fn(&Key, &[u8]) -> bool + Send + Sync>;

/// Rows in memory.
pub struct MemoryStore {
    data: Mutex<Data>,
    lanes: Vec<Mutex<()>>,
    refuse: Option<Refuse>,
}

impl MemoryStore {
    /// An empty store with so many lanes.
    pub fn new(lanes: u16) -> MemoryStore {
        let lanes = (0..lanes.max(1)).map(|_| Mutex::new(())).collect();
        MemoryStore { data: Mutex::default(), lanes, refuse: None }
    }

    /// The same, refusing some rows: shows what a poisonous change does.
    pub fn refusing(lanes: u16, refuse: impl Fn(&Key, &[u8]) -> bool + Send + Sync + 'static) -> MemoryStore {
        MemoryStore { refuse: Some(Box::new(refuse)), ..MemoryStore::new(lanes) }
    }

    fn data(&self) -> MutexGuard<'_, Data> {
        // A panicking test thread must not hide the state from the next assertion.
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Far<'a>(&'a MemoryStore);

impl Batch for Far<'_> {
    fn load(&mut self, keys: &[&Key]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let data = self.0.data();
        Ok(keys.iter().map(|key| data.rows.get(*key).cloned()).collect())
    }

    fn is_near(&self) -> bool {
        false
    }
}

impl Store for MemoryStore {
    fn lanes(&self) -> u16 {
        self.lanes.len() as u16
    }

    fn epoch(&self) -> u64 {
        1
    }

    fn commit(&self, lane: u16, work: Work<'_>) -> Result<(), StoreError> {
        let _turn = self.lanes[usize::from(lane) % self.lanes.len()].lock().unwrap_or_else(PoisonError::into_inner);
        let writes: Writes = work(&mut Far(self))?;
        if let Some(refuse) = &self.refuse {
            for (key, value) in &writes.rows {
                if value.as_deref().is_some_and(|v| refuse(key, v)) {
                    return Err(StoreError::Rejected(format!("a row of {:?}", key.table)));
                }
            }
        }
        let mut data = self.data();
        for (key, value) in writes.rows {
            match value {
                Some(value) => data.rows.insert(key, value),
                None => data.rows.remove(&key),
            };
        }
        for (index, key, add) in writes.entries {
            if add {
                data.entries.insert((index, key));
            } else {
                data.entries.remove(&(index, key));
            }
        }
        Ok(())
    }

    fn reader(&self) -> Result<Box<dyn Reader + '_>, StoreError> {
        Ok(Box::new(Snapshot(self.data().clone())))
    }
}

struct Snapshot(Data);

impl Reader for Snapshot {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.rows.get(key).cloned())
    }

    fn page(&self, query: &PageQuery<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
        let end = prefix_end(query.prefix);
        let all = self.0.entries.range((query.index, query.prefix.to_vec())..);
        let keys = all
            .map_while(|(index, key)| (*index == query.index).then_some(key))
            .take_while(|key| end.as_ref().is_none_or(|end| *key < end));
        Ok(match query.order {
            Order::Rising => {
                keys.filter(|k| query.after.is_none_or(|a| k.as_slice() > a)).take(query.limit).cloned().collect()
            }
            Order::Falling => {
                let below: Vec<_> = keys.filter(|k| query.after.is_none_or(|a| k.as_slice() < a)).cloned().collect();
                below.into_iter().rev().take(query.limit).collect()
            }
        })
    }

    fn events(&self, lane: u16, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        let key = |number| Key::new(Table::Events, &[&event_key(lane, number)]);
        let range = self.0.rows.range(key(first)..=key(u64::MAX));
        Ok(range
            .take(limit)
            .map(|(key, value)| (key.bytes[2..].iter().fold(0, |a, b| a << 8 | u64::from(*b)), value.clone()))
            .collect())
    }

    fn counters(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        let mut found = Vec::new();
        self.scan(Table::Counters, prefix, &mut |key, value| {
            if let Ok(raw) = value.try_into() {
                found.push((key.to_vec(), i64::from_be_bytes(raw)));
            }
        })?;
        Ok(found)
    }

    fn scan(&self, table: Table, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let from = Key::new(table, &[prefix]);
        for (key, value) in self.0.rows.range(from..) {
            if key.table != table || !key.bytes.starts_with(prefix) {
                break;
            }
            each(&key.bytes, value);
        }
        Ok(())
    }
}
