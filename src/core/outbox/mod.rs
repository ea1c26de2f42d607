//! The outbox: lets the first message of each conversation leave when it is due, once.
//!
//! `SendStarted` is durable before the request goes out. An answer that was lost leaves the message
//! *unknown* and its conversation waiting; that is settled elsewhere. Only a clear refusal before
//! acceptance is tried again by itself. No business waits behind another one's many messages, and no
//! answer to a customer behind what goes out in bulk.
//!
//! Here is what is due and the worker; [`turns`] chooses who leaves, [`post`] asks Twilio.

mod closed;
mod post;
mod turns;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

pub(super) use self::closed::run as sweep_closed;
pub(super) use self::post::{accepted, request};
use self::turns::{Passed, Room, pass};
use super::inbox::last_id;
use super::pacing::Senders;
use super::{Core, broken, held};
use crate::api::ApiError;
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::store::{Index, Order, PageQuery};

/// How many due conversations of an order are looked at to choose the next from.
const PASS: usize = 1024;
/// What may leave, the more urgent first.
const BY_URGENCY: [Index; 2] = [Index::Outbox, Index::OutboxBulk];
/// Between two tries when nothing that is due could begin.
const STALL: Duration = Duration::from_secs(1);

/// What is on its way to Twilio, and the bells around it.
#[derive(Default)]
pub(super) struct Outbox {
    again: Notify,
    idle: Notify,
    /// Rings when a message may be left without an answer.
    pub doubt: Notify,
    /// Rings when a business was closed.
    closed: Notify,
    /// How fast each sender may send.
    pub senders: Senders,
    under_way: Mutex<HashMap<Id, Id>>,
    trouble: Mutex<Option<String>>,
}

/// A lock whose holder panicked still holds true values: every change under it is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbox {
    /// Whether a request for this message is under way in this run.
    pub fn is_under_way(&self, message: Id) -> bool {
        lock(&self.under_way).contains_key(&message)
    }

    /// A business sends nothing any more: what waits for it fails.
    pub fn closed(&self) {
        self.closed.notify_one();
    }

    /// How many requests are under way.
    pub fn count(&self) -> usize {
        lock(&self.under_way).len()
    }

    /// Why Twilio cannot be reached, if it cannot.
    pub fn trouble(&self) -> Option<String> {
        lock(&self.trouble).clone()
    }
}

/// A message on its way; when this is dropped, also by a panic, it no longer is.
struct UnderWay {
    core: Core,
    business: Id,
    message: Id,
    _slot: OwnedSemaphorePermit,
}

impl UnderWay {
    fn begin(core: &Core, business: Id, message: Id, slot: OwnedSemaphorePermit) -> UnderWay {
        lock(&core.0.outbox.under_way).insert(message, business);
        UnderWay { core: core.clone(), business, message, _slot: slot }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let outbox = &self.core.0.outbox;
        lock(&outbox.under_way).remove(&self.message);
        outbox.again.notify_one();
        outbox.doubt.notify_one();
    }
}

impl Core {
    /// Waits until every timer that is due has committed, what was due has left and been answered, and
    /// the webhooks that came of it are applied.
    pub(super) async fn settle(&self) -> Result<(), ApiError> {
        let end = Instant::now() + self.0.pace.settle;
        loop {
            let woken = self.wake_due().await.and(self.expire_due().await);
            let idle = self.0.outbox.idle.notified();
            self.0.outbox.again.notify_one();
            let _ = tokio::time::timeout(Duration::from_millis(100), idle).await;
            if woken.is_ok() && self.is_quiet()? && self.intake().backlog() == 0 {
                return Ok(());
            }
            if Instant::now() > end {
                let why = woken.err().map_or("requests to Twilio are still under way".to_owned(), |e| e.detail);
                let detail = format!("the clock was moved, but not all that became due is done yet: {why}");
                return Err(ApiError::unavailable(detail));
            }
        }
    }

    /// Whether nothing is due and nothing is on its way.
    fn is_quiet(&self) -> Result<bool, ApiError> {
        // In this order: a message is noted as under way before it is no longer due.
        for index in BY_URGENCY {
            if !self.due(index)?.is_empty() {
                return Ok(false);
            }
        }
        Ok(self.0.outbox.count() == 0)
    }

    /// The conversations whose first message is due, in the order of their moments.
    fn due(&self, index: Index) -> Result<Vec<(Id, Id)>, ApiError> {
        let now = self.now();
        let reader = self.reader()?;
        let page = |limit| {
            let query = PageQuery { index, prefix: &[], after: None, order: Order::Rising, limit };
            reader.page(&query).map_err(broken)
        };
        // Asked at every commit of anybody: mostly nothing is due, which one key tells.
        if !page(1)?.iter().any(|key| due_of(key).is_some_and(|due| due <= now)) {
            return Ok(Vec::new());
        }
        let keys = page(PASS)?;
        let due = keys.iter().take_while(|key| due_of(key).is_some_and(|due| due <= now));
        Ok(due
            .filter_map(|key| Some((Id(u64::from_be_bytes(key.get(8..16)?.try_into().ok()?)), last_id(key))))
            .collect())
    }

    /// When the next of these is due.
    fn next_due(&self, of: &[Index]) -> Option<Time> {
        let reader = self.reader().ok()?;
        let first = |index: &Index| {
            let query = PageQuery { index: *index, prefix: &[], after: None, order: Order::Rising, limit: 1 };
            reader.page(&query).ok()?.first().and_then(|key| due_of(key))
        };
        of.iter().filter_map(first).min()
    }
}

fn due_of(key: &[u8]) -> Option<Time> {
    Some(Time::from_key(key.get(..8)?.try_into().ok()?))
}

/// The worker.
pub(super) async fn run(core: Core) {
    let slots = Arc::new(Semaphore::new(core.0.pace.parallel));
    let stop = core.stopping();
    let mut heads = core.0.lanes.heads();
    while let Err(e) = held::hold_old_back(&core).await {
        tracing::error!(error = %e, "the outbox cannot be looked through; nothing leaves until it was");
        tokio::select! {
            () = tokio::time::sleep(STALL) => {}
            () = stop.cancelled() => return,
        }
    }
    while !stop.is_cancelled() {
        heads.borrow_and_update();
        let Passed { moved, room } = pass(&core, &slots).await.unwrap_or_else(|e| {
            tracing::error!(error = %e, "the outbox cannot be read");
            Passed { moved: 0, room: Room::Everything }
        });
        if core.is_quiet().unwrap_or(false) {
            core.0.outbox.idle.notify_waiters();
        }
        // What is due but cannot begin must not be tried without a pause; a place that gets free rings.
        let next = core.next_due(match room {
            Room::Everything => &BY_URGENCY,
            Room::Urgent => &BY_URGENCY[..1],
            Room::Nothing => &[],
        });
        let stalled = moved == 0 && next.is_some_and(|due| due <= core.now());
        tokio::select! {
            () = core.clock().reached(next), if !stalled => {}
            () = tokio::time::sleep(STALL), if stalled => {}
            _ = heads.changed() => {}
            () = core.0.outbox.again.notified() => {}
            () = stop.cancelled() => {}
        }
        if stalled {
            // Whatever woke it, a failing store is not asked at the pace of its failures.
            tokio::select! {
                () = tokio::time::sleep(STALL / 4) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}
