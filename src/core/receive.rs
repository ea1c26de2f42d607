//! Receiving: what the web server asks before and after it takes a webhook.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::change::{Change, DeadLettered};
use super::inbox::last_id;
use super::rows::dead_letter_key;
pub use super::signed::{Asked, Refused};
use super::simulator::was_reset;
use super::{Core, broken, meaning, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::deadletter::DeadLetter;
use crate::store::intake::Item;
pub use crate::store::intake::{NotTaken, Path};
use crate::store::{Index, Order, PageQuery, Reader};

/// How many dead letters are kept; the oldest make room.
const RING: usize = 10_000;

/// How full the ring of dead letters is, so that nobody has to count them for each new one.
#[derive(Default)]
pub(super) struct Ring(Mutex<Option<Full>>);

struct Full {
    count: usize,
    evicted: Vec<u8>,
}

impl Ring {
    /// The letter that makes room for one more, once the ring is full.
    pub fn make_room(&self, reader: &dyn Reader) -> Result<Option<DeadLetter>, ApiError> {
        let page = |after, limit| {
            let query = PageQuery { index: Index::DeadLetters, prefix: &[], after, order: Order::Rising, limit };
            reader.page(&query).map_err(broken)
        };
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = match &mut *full {
            Some(full) => full,
            unknown => unknown.insert(Full { count: page(None, RING)?.len(), evicted: Vec::new() }),
        };
        if full.count < RING {
            full.count += 1;
            return Ok(None);
        }
        // Those that others are just taking away may still be there: go on behind them.
        let Some(oldest) = page(Some(&full.evicted), 1)?.pop() else { return Ok(None) };
        let letter = read(reader, &dead_letter_key(last_id(&oldest)))?;
        full.evicted = oldest;
        Ok(letter)
    }

    /// Counts anew at the next letter: one that was counted was not saved.
    pub fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What went through since the start.
#[derive(Default)]
pub(super) struct Counts {
    pub taken: AtomicU64,
    pub applied: AtomicU64,
}

/// What a monitor is told of the core.
#[derive(Debug, Clone)]
pub struct Gauges {
    /// Webhooks made durable since the start.
    pub taken: u64,
    /// Webhooks applied since the start, those of an earlier run included.
    pub applied: u64,
    /// Webhooks that wait to be applied.
    pub backlog: u64,
    /// Whether rows of an earlier run are still being applied.
    pub catching_up: bool,
    /// Requests to Twilio under way.
    pub under_way: usize,
    /// The number of each lane's last event.
    pub events: Vec<u64>,
}

impl Core {
    /// Makes a verified webhook durable.
    pub async fn take(&self, path: Path, query: String, body: Vec<u8>) -> Result<(), NotTaken> {
        if self.outlived().is_cancelled() {
            // It belongs to the world that follows.
            return Err(NotTaken::Failed(was_reset().detail));
        }
        let item = Item { at: clock::wall(), business_time: self.now(), path, query, body };
        let taken = self.intake().append(item).await;
        self.0.counts.taken.fetch_add(u64::from(taken.is_ok()), Ordering::Relaxed);
        taken
    }

    /// What a monitor is told.
    pub fn gauges(&self) -> Gauges {
        Gauges {
            taken: self.0.counts.taken.load(Ordering::Relaxed),
            applied: self.0.counts.applied.load(Ordering::Relaxed),
            backlog: self.intake().backlog(),
            catching_up: self.intake().is_replaying(),
            under_way: self.0.outbox.count(),
            events: self.0.lanes.heads().borrow().clone(),
        }
    }

    /// Keeps a refused webhook with its reason, for a person to look at.
    pub async fn set_aside(&self, path: Path, asked: &Asked<'_>, refused: &Refused) -> Result<(), ApiError> {
        let query = asked.query.to_owned();
        let body = if asked.is_get { asked.query.as_bytes() } else { asked.body };
        let item = Item { at: clock::wall(), business_time: self.now(), path, query, body: body.to_vec() };
        let letter = meaning::letter(self, &item, refused.reason(), refused.detail());
        self.bury(DeadLetter { evidence: Some(asked.evidence()), ..letter }).await
    }

    /// Puts a dead letter into the ring.
    pub(super) async fn bury(&self, letter: DeadLetter) -> Result<(), ApiError> {
        let evict = self.0.ring.make_room(&*self.reader()?)?;
        let buried = self.submit_work(Change::DeadLettered(Box::new(DeadLettered { letter, evict }))).await;
        if buried.is_err() {
            self.0.ring.forget();
        }
        buried.map(|_| ())
    }
}
