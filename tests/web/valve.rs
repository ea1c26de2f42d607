//! A store that can be made to fail, lane by lane, as a disk or a far database does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use switchboard::store::memory::MemoryStore;
use switchboard::store::{Reader, Store, StoreError, Work};

/// See the module. A set bit of `shut` fails the commits of that lane.
pub struct Valve {
    inner: MemoryStore,
    shut: AtomicU64,
    failed: AtomicUsize,
}

impl Valve {
    pub fn new(lanes: u16) -> Arc<Valve> {
        Arc::new(Valve { inner: MemoryStore::new(lanes), shut: AtomicU64::new(0), failed: AtomicUsize::new(0) })
    }

    /// Shuts the lanes of these bits, and opens the others.
    pub fn shut(&self, lanes: u64) {
        self.shut.store(lanes, Ordering::SeqCst);
    }

    /// How many commits failed.
    pub fn failed(&self) -> usize {
        self.failed.load(Ordering::SeqCst)
    }
}

impl Store for Valve {
    fn lanes(&self) -> u16 {
        self.inner.lanes()
    }

    fn epoch(&self) -> u64 {
        self.inner.epoch()
    }

    fn commit(&self, lane: u16, work: Work<'_>) -> Result<(), StoreError> {
        if self.shut.load(Ordering::SeqCst) & (1 << lane) != 0 {
            self.failed.fetch_add(1, Ordering::SeqCst);
            return Err(StoreError::Io { path: "valve".into(), why: "shut by the test".into() });
        }
        self.inner.commit(lane, work)
    }

    fn reader(&self) -> Result<Box<dyn Reader + '_>, StoreError> {
        self.inner.reader()
    }
}
