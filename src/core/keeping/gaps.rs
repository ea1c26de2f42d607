//! Intervals in which webhooks may have been lost: written down when they begin, looked through when
//! they are over.

use std::time::{Duration, Instant};

use super::super::change::{Change, GapSaved};
use super::super::inbox::last_id;
use super::super::rows::gap_key;
use super::super::{Core, broken, read};
use super::sweep::{self, Span};
use super::{Keeper, SKEW, Trouble, lock};
use crate::api::ApiError;
use crate::domain::id::Id;
use crate::domain::keeping::{Found, Gap, Reached, Watch, Why};
use crate::domain::time::Time;
use crate::store::{Index, Order, PageQuery};
use crate::twilio::Client;

/// How many intervals are kept; the oldest make room.
const KEPT: usize = 500;

/// Webhooks are being answered 503.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shedding {
    from: Time,
    last: Time,
    at: Instant,
    count: u64,
    gap: Option<Id>,
}

impl Core {
    /// A webhook was answered 503: it may never come again.
    pub fn shed(&self) {
        let now = self.now();
        let mut shedding = lock(&self.0.keeping.shedding);
        match &mut *shedding {
            Some(shedding) => {
                (shedding.last, shedding.at) = (now.max(shedding.last), Instant::now());
                shedding.count += 1;
            }
            none => {
                *none = Some(Shedding { from: now, last: now, at: Instant::now(), count: 1, gap: None });
                self.0.keeping.bell.notify_one();
            }
        }
    }
}

/// Until when all webhooks were taken.
pub(super) fn heard_until(core: &Core) -> Time {
    lock(&core.0.keeping.shedding).map_or_else(|| core.now(), |shedding| shedding.from)
}

/// Notes the interval since the node was last heard of, and closes what a crash left open.
pub(super) async fn was_away(core: &Core, watch: &Watch) -> Result<(), ApiError> {
    let now = core.now();
    let mut from = watch.heard.min(now);
    for mut gap in open(core)?.into_iter().filter(|gap| gap.until.is_none()) {
        from = from.min(gap.from);
        gap.until = Some(now);
        save(core, gap).await?;
    }
    let gap = Gap {
        id: core.new_id(),
        why: Why::Away,
        from,
        until: Some(now),
        shed: 0,
        found: Found::default(),
        reached: Vec::new(),
        swept_at: None,
    };
    save(core, gap).await
}

impl Keeper {
    /// Writes down that somebody listens, or that webhooks are shed. Answers when to come again.
    pub(super) async fn beat(&mut self) -> Duration {
        let pace = self.core.0.pace;
        let shedding = *lock(&self.core.0.keeping.shedding);
        let Some(mut shedding) = shedding else {
            let now = self.core.now();
            // An idle node writes nothing: after a crash it merely looks back to where it was last busy.
            if now - self.watch.heard >= super::WRITE_DOWN && self.core.is_busy_since(&self.watch) {
                self.watch.heard = now;
                if let Err(e) = self.core.move_watch(self.watch.clone()).await {
                    tracing::warn!(error = %e, "that this node listens could not be written down");
                }
            }
            return pace.beat;
        };
        let is_over = shedding.at.elapsed() >= pace.quiet;
        let id = *shedding.gap.get_or_insert_with(|| self.core.new_id());
        let gap = Gap {
            id,
            why: Why::Shed,
            from: shedding.from,
            until: is_over.then_some(shedding.last),
            shed: shedding.count,
            found: Found::default(),
            reached: Vec::new(),
            swept_at: None,
        };
        match save(&self.core, gap).await {
            Ok(()) if is_over => {
                let mut now = lock(&self.core.0.keeping.shedding);
                // One more may have come while this was written.
                if now.is_some_and(|now| now.count == shedding.count) {
                    *now = None;
                    self.sweep_at = Instant::now();
                } else if let Some(now) = &mut *now {
                    now.gap = Some(id);
                }
            }
            Ok(()) => {
                if let Some(now) = &mut *lock(&self.core.0.keeping.shedding) {
                    now.gap = Some(id);
                }
            }
            // What makes us shed may well be the store; until it works the last beat stands.
            Err(e) => tracing::warn!(error = %e, "webhooks are shed, which cannot be written down yet"),
        }
        pace.quiet
    }
}

/// Looks through every interval that is over, in the lists of all accounts. One whose list cannot be read
/// leaves the interval open and holds up no other.
pub(super) async fn sweep_open(core: &Core) -> Result<(), Trouble> {
    for mut gap in open(core)? {
        let Some(until) = gap.until else { continue };
        let span = Span { from: gap.from - SKEW, until: until + SKEW };
        let mut is_done = true;
        for client in core.clients()? {
            let account = client.account();
            let read = match core.is_resting(account) {
                true => None,
                false => core.noted(account, of_one(core, client, span, &mut gap).await)?,
            };
            is_done &= read.is_some();
        }
        if is_done {
            gap.swept_at = Some(core.now());
            tracing::info!(why = ?gap.why, from = %gap.from.rfc3339(), until = %until.rfc3339(), found = ?gap.found, "an interval without webhooks was looked through");
            save(core, gap).await?;
        }
    }
    Ok(())
}

/// Reads what was not read yet of an account's list.
async fn of_one(core: &Core, client: Client, span: Span, gap: &mut Gap) -> Result<(), Trouble> {
    let account = client.account();
    let before = gap.reached(account);
    if before.is_some_and(|reached| reached.is_done) {
        return Ok(());
    }
    let mut sweep = sweep::Sweep::begin(client, span, before.and_then(|reached| reached.down_to));
    while let Some(part) = sweep.next(core).await? {
        gap.read(Reached { account, down_to: part.down_to, is_done: part.is_last }, part.found);
        // A long interval is not begun anew after a failure.
        save(core, gap.clone()).await?;
    }
    Ok(())
}

async fn save(core: &Core, gap: Gap) -> Result<(), ApiError> {
    let evict = {
        let reader = core.reader()?;
        let query = PageQuery { index: Index::Gaps, prefix: &[], after: None, order: Order::Rising, limit: KEPT + 1 };
        let keys = reader.page(&query).map_err(broken)?;
        keys.first().filter(|_| keys.len() > KEPT).map(|key| last_id(key))
    };
    core.submit_work(Change::GapSaved(GapSaved { gap, evict })).await.map(|_| ())
}

/// The intervals that were not looked through yet, oldest first.
fn open(core: &Core) -> Result<Vec<Gap>, ApiError> {
    let reader = core.reader()?;
    let query = PageQuery { index: Index::OpenGaps, prefix: &[], after: None, order: Order::Rising, limit: KEPT };
    let mut gaps = Vec::new();
    for key in reader.page(&query).map_err(broken)? {
        gaps.extend(read::<Gap>(&*reader, &gap_key(last_id(&key)))?);
    }
    Ok(gaps)
}
