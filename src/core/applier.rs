//! The applier: moves webhooks from the intake into the store, in order and in large batches, with
//! the intake's cursor in the same transaction.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::change::{Change, Envelope, IntakeAdvanced, Outcome, lane_of};
use super::rows::Cursor;
use super::{Core, meaning};
use crate::api::{ApiError, Code};
use crate::clock;
use crate::domain::deadletter::Reason;
use crate::store::intake::{Appended, Item};
use crate::store::{Store, StoreError};

/// From one start of applying to the next. Without it many tiny batches cost up to a third of the rate.
const PACE: Duration = Duration::from_millis(20);
/// Under load starts are further apart, in proportion to the rate: larger batches touch each page of the
/// store less often, which is worth more then than a shorter way to the screen.
const LONGEST_PACE: Duration = Duration::from_millis(400);
/// At so many webhooks a second starts are [`PACE`] apart.
const EASY: f64 = 1000.0;
/// At most so many webhooks in one batch.
const BATCH: usize = 16_384;

/// Why webhooks wait in the intake, if they have to.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Option<String>>);

impl Waiting {
    /// What stands in the way, for people.
    pub fn trouble(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, trouble: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// How far every lane has applied an intake: what lies behind may be asked for again.
pub fn lowest_cursor(store: &dyn Store, intake: u64) -> Result<u64, StoreError> {
    let reader = store.reader()?;
    let mut lowest = u64::MAX;
    for lane in 0..store.lanes() {
        let key = Cursor::key_of(intake, lane);
        let cursor = reader.get(&key)?.map(|raw| super::decode::<Cursor>(&key.bytes, &raw)).transpose()?;
        lowest = lowest.min(cursor.map_or(0, |c| c.sequence));
    }
    Ok(lowest)
}

/// Starts the applier on a thread of its own: parsing a large batch must not hold up a reply.
pub(super) fn spawn(core: &Core) -> Result<(), StoreError> {
    let (core, runtime) = (core.clone(), tokio::runtime::Handle::current());
    let done = core.0.tasks.token();
    std::thread::Builder::new()
        .name("applier".into())
        .spawn(move || {
            runtime.block_on(run(core));
            drop(done);
        })
        .map(|_| ())
        .map_err(|e| StoreError::Io { path: Default::default(), why: format!("no thread could be started: {e}") })
}

async fn run(core: Core) {
    let stop = core.stopping();
    let mut last_start: Option<Instant> = None;
    let mut pace = PACE;
    loop {
        let rows = tokio::select! {
            rows = core.intake().next() => rows,
            () = stop.cancelled() => return,
        };
        let mut rows = match rows {
            Ok(rows) => rows,
            Err(e) => {
                tracing::error!(error = %e, "the intake cannot be read");
                pause(&stop, Duration::from_secs(1)).await;
                continue;
            }
        };
        // A lone webhook after a quiet spell is applied at once; under load starts keep their distance.
        if let Some(left) = last_start.and_then(|at| pace.checked_sub(at.elapsed())) {
            pause(&stop, left).await;
            rows.extend(core.intake().more());
        }
        let count: usize = rows.iter().map(|row| row.items.len()).sum();
        pace = last_start.map_or(PACE, |at| pace_at(count as f64 / at.elapsed().as_secs_f64()));
        last_start = Some(Instant::now());
        for chunk in chunks(rows) {
            if !apply_until_done(&core, &chunk).await {
                return;
            }
        }
    }
}

/// How far apart starts are at so many webhooks a second.
fn pace_at(rate: f64) -> Duration {
    PACE.mul_f64((rate / EASY).clamp(1.0, LONGEST_PACE.as_secs_f64() / PACE.as_secs_f64()))
}

async fn pause(stop: &tokio_util::sync::CancellationToken, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// One batch: webhooks with their sequence numbers.
type Chunk = Vec<(u64, Item)>;

fn chunks(rows: Vec<Appended>) -> Vec<Chunk> {
    let mut out: Vec<Chunk> = vec![Vec::new()];
    for row in rows {
        let first = row.last + 1 - row.items.len() as u64;
        for (sequence, item) in (first..).zip(row.items) {
            match out.last_mut() {
                Some(chunk) if chunk.len() < BATCH => chunk.push((sequence, item)),
                _ => out.push(vec![(sequence, item)]),
            }
        }
    }
    out.retain(|chunk| !chunk.is_empty());
    out
}

/// Applies a chunk, again and again until the store takes it. `false` when the node stops first:
/// then the intake still has it.
async fn apply_until_done(core: &Core, chunk: &Chunk) -> bool {
    let mut wait = Duration::from_millis(100);
    loop {
        match apply(core, chunk).await {
            Ok(last) => {
                core.0.waiting.set(None);
                core.intake().applied(last);
                return true;
            }
            Err(e) => {
                tracing::error!(error = %e, "webhooks cannot be applied; they wait in the intake");
                core.0.waiting.set(Some(format!("webhooks are answered and kept, but cannot be stored yet: {e}")));
                core.0.ring.forget();
                pause(&core.stopping(), wait).await;
                if core.stopping().is_cancelled() {
                    return false;
                }
                wait = (wait * 2).min(Duration::from_secs(5));
            }
        }
    }
}

/// What a chunk has for one lane: changes, and beside each the webhook it came from.
#[derive(Default)]
struct Work<'a> {
    envelopes: Vec<Envelope>,
    items: Vec<(u64, &'a Item)>,
}

async fn apply(core: &Core, chunk: &Chunk) -> Result<u64, ApiError> {
    let Some(last) = chunk.last().map(|(sequence, _)| *sequence) else { return Ok(0) };
    let lanes = core.0.lanes.count();
    let mut work: Vec<Work<'_>> = Vec::new();
    work.resize_with(usize::from(lanes), Work::default);
    {
        let reader = core.reader()?;
        let mut routes = HashMap::new();
        for (sequence, item) in chunk {
            let change = meaning::of(core, &*reader, *sequence, item, &mut routes)?;
            let lane = &mut work[usize::from(lane_of(change.business(), lanes))];
            lane.envelopes.push(Envelope::by_worker(change, item.business_time, item.at));
            lane.items.push((*sequence, item));
        }
    }
    let intake = core.intake().id();
    for (lane, Work { mut envelopes, items }) in (0..lanes).zip(work) {
        // Every lane's cursor moves, also of those that had nothing: the lowest one decides what is kept.
        let advanced = IntakeAdvanced { intake, lane, sequence: last };
        envelopes.push(Envelope::by_worker(Change::IntakeAdvanced(advanced), core.now(), clock::wall()));
        let envelopes = Arc::new(envelopes);
        let answers = core.0.lanes.submit_all(lane, envelopes.clone()).await?;
        leftovers(core, lane, &envelopes, &items, answers).await?;
        if envelopes.iter().any(|e| matches!(e.change, Change::ReportParked(_))) {
            core.0.parked.notify_one();
        }
    }
    core.0.counts.applied.fetch_add(chunk.len() as u64, Ordering::Relaxed);
    Ok(last)
}

/// What the lane did not take: a status without its message is parked, a poisonous change is set aside.
/// Only then may the cursor pass them: a crash in between must not lose them.
async fn leftovers(
    core: &Core,
    lane: u16,
    envelopes: &[Envelope],
    items: &[(u64, &Item)],
    answers: Vec<Result<Outcome, ApiError>>,
) -> Result<(), ApiError> {
    let items = items.iter().map(Some).chain(std::iter::repeat(None));
    for ((envelope, answer), item) in envelopes.iter().zip(answers).zip(items) {
        match (answer, &envelope.change, item) {
            (Ok(Outcome::UnknownMessage), Change::StatusReported(r), Some((_, item))) => {
                core.submit_work(meaning::parked(r.sid, r.status, r.error, item)).await?;
                core.0.parked.notify_one();
            }
            (Ok(_), ..) => {}
            (Err(e), ..) if e.code == Code::Unavailable => return Err(e),
            (Err(_), Change::IntakeAdvanced(_), _) => {
                let again = core.0.lanes.submit_all(lane, vec![envelope.clone()]).await?;
                again.into_iter().collect::<Result<Vec<_>, _>>()?;
            }
            (Err(e), _, Some((sequence, item))) => {
                tracing::error!(error = %e, "a webhook was set aside");
                let letter = meaning::dead(core, &*core.reader()?, *sequence, item, Reason::Poison, e.detail)?;
                core.submit_work(letter).await?;
            }
            (Err(e), _, None) => return Err(e),
        }
    }
    Ok(())
}
