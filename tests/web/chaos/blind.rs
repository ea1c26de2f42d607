//! A store that does not remember which SID is whose: what takes a duplicate for news.

use std::sync::Arc;

use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Batch, Key, PageQuery, Reader, Store, StoreError, Table, Work};
use tempfile::TempDir;

struct Blind {
    inner: RedbStore,
    _dir: TempDir,
}

pub fn store() -> Arc<dyn Store> {
    let dir = TempDir::new().unwrap();
    let options = Options { path: dir.path().join("store.redb"), cache: 4 << 20, binding: None };
    Arc::new(Blind { inner: RedbStore::open(&options).unwrap(), _dir: dir })
}

impl Store for Blind {
    fn lanes(&self) -> u16 {
        self.inner.lanes()
    }

    fn epoch(&self) -> u64 {
        self.inner.epoch()
    }

    fn commit(&self, lane: u16, work: Work<'_>) -> Result<(), StoreError> {
        self.inner.commit(lane, &mut |batch| work(&mut Hidden(batch)))
    }

    fn reader(&self) -> Result<Box<dyn Reader + '_>, StoreError> {
        Ok(Box::new(Hiding(self.inner.reader()?)))
    }
}

struct Hidden<'a>(&'a mut dyn Batch);

impl Batch for Hidden<'_> {
    fn load(&mut self, keys: &[&Key]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let rows = self.0.load(keys)?;
        Ok(rows.into_iter().zip(keys).map(|(row, key)| row.filter(|_| key.table != Table::Sids)).collect())
    }

    fn is_near(&self) -> bool {
        self.0.is_near()
    }
}

struct Hiding<'a>(Box<dyn Reader + 'a>);

impl Reader for Hiding<'_> {
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError> {
        if key.table == Table::Sids { Ok(None) } else { self.0.get(key) }
    }

    fn page(&self, query: &PageQuery<'_>) -> Result<Vec<Vec<u8>>, StoreError> {
        self.0.page(query)
    }

    fn events(&self, lane: u16, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.0.events(lane, after, limit)
    }

    fn counters(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, i64)>, StoreError> {
        self.0.counters(prefix)
    }

    fn scan(&self, table: Table, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError> {
        self.0.scan(table, prefix, each)
    }
}
