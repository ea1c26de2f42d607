//! The worker that carries remote steps out.
//!
//! Owns the order of things: a step is durable as started before Twilio is asked, and what a run that
//! ended left as started is looked for before anything is asked again. It must not know what a single step
//! asks: that stands in [`ask`].

mod ask;

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::Notify;

use super::change::{Change, RemoteMoved, SeriesResumed};
use super::inbox::last_id;
use super::rows::series_key;
use super::{Core, broken, read};
use crate::api::{ApiError, Code};
use crate::clock;
use crate::domain::id::Id;
use crate::domain::remote::{self, Moved, Series, State, Step};
use crate::domain::time::Time;
use crate::store::{Index, Order, PageQuery};
use crate::twilio::Error;

/// So many series are looked at in one pass.
const PASS: usize = 64;
/// Between two looks when the store failed.
const REST: Duration = Duration::from_secs(1);
/// The longest sleep: due moments are wall time, which may step.
const LONGEST: Duration = Duration::from_secs(60);

/// What is under way in this run, and the bell.
#[derive(Default)]
pub(super) struct Desk {
    /// Rung when a series has begun, was resumed or is free again.
    pub bell: Notify,
    under_way: Mutex<HashSet<Id>>,
}

impl Desk {
    fn under_way(&self) -> std::sync::MutexGuard<'_, HashSet<Id>> {
        // Every change under it is one insertion or removal: a holder that panicked leaves it whole.
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A series that this run works on; when this is dropped, also by a panic, it no longer does.
struct Turn {
    core: Core,
    business: Id,
    series: Id,
}

impl Turn {
    fn take(core: &Core, business: Id, series: Id) -> Option<Turn> {
        let free = core.0.remote.under_way().insert(series);
        free.then(|| Turn { core: core.clone(), business, series })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.core.0.remote.under_way().remove(&self.series);
        self.core.0.remote.bell.notify_one();
    }
}

/// A nonce that nobody else has.
pub(super) fn new_nonce() -> Result<String, ApiError> {
    let mut random = [0; 10];
    let failed = |_| ApiError::new(Code::Internal, "the system gives no random bytes: restart the machine");
    SystemRandom::new().fill(&mut random).map_err(failed)?;
    Ok(remote::nonce(random))
}

/// The worker: at start it goes on with what the run before left.
pub(super) async fn run(core: Core) {
    let stop = core.stopping();
    if let Err(e) = resumed(&core).await {
        tracing::warn!(error = %e, "that setups go on could not be written down");
    }
    loop {
        let pause = pass(&core).unwrap_or_else(|e| {
            tracing::error!(error = %e, "steps at Twilio cannot be read; trying again soon");
            Some(REST)
        });
        tokio::select! {
            () = tokio::time::sleep(pause.unwrap_or(LONGEST).min(LONGEST)), if pause.is_some() => {}
            () = core.0.remote.bell.notified() => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Writes down that this run goes on with what an earlier one had begun.
async fn resumed(core: &Core) -> Result<(), ApiError> {
    let query = PageQuery { index: Index::RemoteDue, prefix: &[], after: None, order: Order::Rising, limit: PASS };
    let keys = core.reader()?.page(&query).map_err(broken)?;
    for key in keys {
        let Some(business) = key.get(8..16).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes) else { continue };
        let series: Option<Series> = read(&*core.reader()?, &series_key(Id(business), last_id(&key)))?;
        let Some(series) = series.filter(|s| s.steps.iter().any(|step| step.state != State::Pending)) else { continue };
        match core.submit_work(Change::SeriesResumed(Box::new(SeriesResumed { series, run: core.run() }))).await {
            // Deleted meanwhile, or somebody was faster: there is nothing to say.
            Err(e) if !matches!(e.code, Code::NotFound | Code::VersionMismatch) => return Err(e),
            _ => {}
        }
    }
    Ok(())
}

/// Goes on with every series that is due; answers when the next one is.
fn pass(core: &Core) -> Result<Option<Duration>, ApiError> {
    let query = PageQuery { index: Index::RemoteDue, prefix: &[], after: None, order: Order::Rising, limit: PASS };
    let keys = core.reader()?.page(&query).map_err(broken)?;
    let now = clock::wall();
    let mut next = None;
    for key in keys {
        let Some(due) = key.get(..8).and_then(|b| b.try_into().ok()).map(Time::from_key) else { continue };
        let Some(business) = key.get(8..16).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes) else { continue };
        let series = last_id(&key);
        if due > now {
            if !core.0.remote.under_way().contains(&series) {
                next = Some(Duration::from_micros(u64::try_from((due - now).0).unwrap_or(0)));
                break;
            }
            continue;
        }
        if let Some(turn) = Turn::take(core, Id(business), series) {
            core.spawn_task(go_on(turn));
        }
    }
    Ok(next)
}

/// Carries out the steps of a series until one has to wait.
async fn go_on(turn: Turn) {
    let Turn { core, business, series: id, .. } = &turn;
    let stop = core.stopping();
    while !stop.is_cancelled() {
        let series = match core.reader().and_then(|r| read::<Series>(&*r, &series_key(*business, *id))) {
            Ok(Some(series)) => series,
            Ok(None) => return,
            Err(e) => {
                tracing::error!(error = %e, "a series of steps at Twilio cannot be read");
                return tokio::time::sleep(REST).await;
            }
        };
        let Some(step) = series.next().cloned().filter(|_| series.due().is_some_and(|due| due <= clock::wall())) else {
            return;
        };
        // What is not known is looked for; what can be set twice is simply set again.
        let gone_on = match step.state {
            State::Running | State::Unknown if step.kind.makes() => settle(core, &series, &step).await,
            _ => carry_out(core, &series, &step).await,
        };
        if let Err(e) = gone_on {
            tracing::warn!(error = %e, step = step.kind.title(), "a step at Twilio does not go on now");
            // Somebody else moved it, or the store failed: looked at again, but not at the pace of failures.
            tokio::select! {
                () = tokio::time::sleep(REST) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

async fn move_on(core: &Core, series: &Series, step: &Step, moved: Moved) -> Result<(), ApiError> {
    let change = RemoteMoved { business: series.business, series: series.id, kind: step.kind, moved, run: core.run() };
    core.submit_work(Change::RemoteMoved(Box::new(change))).await.map(drop)
}

/// Asks Twilio once and writes down what it said.
async fn carry_out(core: &Core, series: &Series, step: &Step) -> Result<(), ApiError> {
    move_on(core, series, step, Moved::Started).await?;
    let asked = Instant::now();
    let answer = ask::carry_out(core, series, step).await;
    let millis = Some(u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX));
    let again = |after: Option<Duration>| {
        let usual = remote::pause(step.tries + 1);
        let asked = after.and_then(|after| i64::try_from(after.as_micros()).ok()).unwrap_or(0);
        Some(clock::wall() + crate::domain::time::Span(usual.0.max(asked.min(600_000_000))))
    };
    let failed = |why: String, code, again| Moved::Failed { why, code, millis, again };
    let moved = match answer {
        Ok(sid) => Moved::Done { sid, millis },
        Err(ask::Failed::Here(e)) => {
            let again = if e.code == Code::Unavailable { again(None) } else { None };
            failed(e.detail, None, again)
        }
        Err(ask::Failed::Twilio(e)) if e.may_have_happened() && step.kind.makes() => Moved::Unknown {
            why: format!("the answer of Twilio was lost ({e}): looking whether it was made before asking again"),
        },
        Err(ask::Failed::Twilio(e)) => {
            let again = match &e {
                Error::NotSent { .. } | Error::RateLimited { .. } | Error::Unknown { .. } | Error::Decode { .. } => {
                    again(e.retry_after())
                }
                Error::Refused { .. } | Error::Unauthorized { .. } => None,
            };
            failed(e.explain(), e.code(), again)
        }
    };
    record(core, series, step, moved).await
}

/// The answer of Twilio must not be lost: it is offered until the store takes it. Should the node end
/// before, the step is found as started and looked for.
async fn record(core: &Core, series: &Series, step: &Step, moved: Moved) -> Result<(), ApiError> {
    let mut wait = Duration::from_millis(100);
    loop {
        match move_on(core, series, step, moved.clone()).await {
            Err(e) if e.code == Code::Unavailable && !core.stopping().is_cancelled() => {
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(5));
            }
            other => return other,
        }
    }
}

/// Looks for what a request made whose answer is not known. Only what is not there after the settling time
/// was never made: a request that was cut off may still arrive.
async fn settle(core: &Core, series: &Series, step: &Step) -> Result<(), ApiError> {
    if step.state == State::Running {
        let why = "the node ended while Twilio was being asked: looking whether it was made before asking again";
        move_on(core, series, step, Moved::Unknown { why: why.to_owned() }).await?;
    }
    let asked = step.started.unwrap_or_default();
    loop {
        match ask::find(core, step).await {
            Ok(Some(sid)) => return record(core, series, step, Moved::Done { sid: Some(sid), millis: None }).await,
            Ok(None) if clock::wall() - asked > core.0.pace.absent => {
                return record(core, series, step, Moved::Absent).await;
            }
            Ok(None) => {}
            Err(e) => tracing::warn!(error = %e, "what a lost answer made cannot be looked for now"),
        }
        tokio::select! {
            () = tokio::time::sleep(core.0.pace.look) => {}
            () = core.0.stop.cancelled() => return Ok(()),
        }
    }
}
