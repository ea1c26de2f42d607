//! Reading: one redb snapshot, its tables opened once each.

use std::cell::OnceCell;

use ::redb::{ReadOnlyTable, ReadTransaction};

use super::{RedbStore, bounds, index, table};
use crate::store::{Key, Order, PageQuery, Reader, StoreError, Table, event_key, prefix_end};

type Open = ReadOnlyTable<&'static [u8], &'static [u8]>;

pub(super) struct RedbReader<'a> {
    store: &'a RedbStore,
    tx: ReadTransaction,
    open: [OnceCell<Open>; Table::ALL.len()],
}

impl<'a> RedbReader<'a> {
    pub(super) fn new(store: &'a RedbStore, tx: ReadTransaction) -> RedbReader<'a> {
        RedbReader { store, tx, open: [const { OnceCell::new() }; Table::ALL.len()] }
    }

    fn table(&self, which: Table) -> Result<&Open, StoreError> {
        let cell = &self.open[which as usize];
        if let Some(open) = cell.get() {
            return Ok(open);
        }
        let opened = self.tx.open_table(table(which)).map_err(|e| self.store.io(e))?;
        Ok(cell.get_or_init(|| opened))
    }
}

impl Reader for RedbReader<'_> {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.table(key.table)?.get(&*key.bytes).map_err(|e| self.store.io(e))?;
        Ok(found.map(|guard| guard.value().to_vec()))
    }

    fn page(&self, query: &PageQuery<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
        let table = self.tx.open_table(index(query.index)).map_err(|e| self.store.io(e))?;
        let falling = query.order == Order::Falling;
        let end = prefix_end(query.prefix);
        let (low, high) = bounds(query.prefix, &end, query.after, falling);
        let mut range = table.range::<&[u8]>((low, high)).map_err(|e| self.store.io(e))?;
        let mut keys = Vec::with_capacity(query.limit.min(256));
        while keys.len() < query.limit {
            let next = if falling { range.next_back() } else { range.next() };
            let Some(entry) = next else { break };
            let (key, _) = entry.map_err(|e| self.store.io(e))?;
            keys.push(key.value().to_vec());
        }
        Ok(keys)
    }

    fn events(&self, lane: u16, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        let Some(first) = after.checked_add(1) else { return Ok(Vec::new()) };
        let (low, high) = (event_key(lane, first), event_key(lane, u64::MAX));
        let table = self.table(Table::Events)?;
        let range = table.range::<&[u8]>(low.as_slice()..=high.as_slice()).map_err(|e| self.store.io(e))?;
        range
            .take(limit)
            .map(|entry| {
                let (key, value) = entry.map_err(|e| self.store.io(e))?;
                let number = key.value().get(2..).map_or(0, |n| n.iter().fold(0, |a, b| a << 8 | u64::from(*b)));
                Ok((number, value.value().to_vec()))
            })
            .collect()
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

    fn scan(&self, which: Table, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        let end = prefix_end(prefix);
        let range =
            self.table(which)?.range::<&[u8]>(bounds(prefix, &end, None, false)).map_err(|e| self.store.io(e))?;
        for entry in range {
            let (key, value) = entry.map_err(|e| self.store.io(e))?;
            each(key.value(), value.value());
        }
        Ok(())
    }
}
