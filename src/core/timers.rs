//! Timers of the store: snoozes that end, parked reports that find their message or become dead letters.

use std::time::{Duration, Instant};

use super::change::{Change, Outcome, ReportTaken, StatusReported, Woke};
use super::inbox::last_id;
use super::rows::{Parked, SidRow, sid_key};
use super::{Core, broken, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::deadletter::{DeadLetter, Reason};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::store::{Index, Key, Order, PageQuery, Table};

/// After a store that failed the timers rest so long.
const REST: Duration = Duration::from_secs(1);
/// How many parked reports are read at a time, and in one round.
const CHUNK: usize = 256;
const ROUND: usize = 16;

pub(super) async fn run(core: Core) {
    let stop = core.stopping();
    let mut heads = core.0.lanes.heads();
    // What an earlier run left behind is offered at once.
    let (mut parked, mut offered): (bool, Option<Instant>) = (true, None);
    loop {
        heads.borrow_and_update();
        let woken = core.wake_due().await.and(core.expire_due().await);
        if let Err(e) = &woken {
            tracing::error!(error = %e, "snoozes could not be ended; trying again soon");
        }
        // However often the lanes ring, reports are offered at their own pace.
        if parked && offered.is_none_or(|at| at.elapsed() >= core.0.pace.offer) {
            parked = offer(&core).await.unwrap_or_else(|e| {
                tracing::error!(error = %e, "parked reports cannot be offered; trying again soon");
                true
            });
            offered = Some(Instant::now());
        }
        tokio::select! {
            () = core.clock().reached(next_wake(&core)), if woken.is_ok() => {}
            () = tokio::time::sleep(REST), if woken.is_err() => {}
            _ = heads.changed() => {}
            // Parking says no event: nobody but the timers waits for it.
            () = core.0.parked.notified() => parked = true,
            () = tokio::time::sleep(core.0.pace.offer), if parked => {}
            () = stop.cancelled() => return,
        }
    }
}

fn next_wake(core: &Core) -> Option<Time> {
    let reader = core.reader().ok()?;
    let query = PageQuery { index: Index::Wake, prefix: &[], after: None, order: Order::Rising, limit: 1 };
    let moment = |key: Vec<u8>| Some(Time::from_key(key.get(..8)?.try_into().ok()?));
    let wakes = reader.page(&query).ok()?.pop().and_then(moment);
    let expires = reader.page(&PageQuery { index: Index::VerifyDue, ..query }).ok()?.pop().and_then(moment);
    wakes.into_iter().chain(expires).min()
}

impl Core {
    /// Wakes what is due. One that cannot be woken does not hold up the others.
    pub(super) async fn wake_due(&self) -> Result<(), ApiError> {
        loop {
            let due = self.due_snoozes(self.now())?;
            if due.is_empty() {
                return Ok(());
            }
            let mut failed = None;
            for (business, conversation) in due {
                let woken = self.submit_work(Change::Woke(Woke { business, conversation })).await;
                failed = woken.err().or(failed);
            }
            if let Some(e) = failed {
                return Err(e);
            }
        }
    }

    fn due_snoozes(&self, now: Time) -> Result<Vec<(Id, Id)>, ApiError> {
        let reader = self.reader()?;
        let query = PageQuery { index: Index::Wake, prefix: &[], after: None, order: Order::Rising, limit: 256 };
        let keys = reader.page(&query).map_err(broken)?;
        let due = keys.iter().filter_map(|key| {
            let until = Time::from_key(key.get(..8)?.try_into().ok()?);
            let business = Id(u64::from_be_bytes(key.get(8..16)?.try_into().ok()?));
            (until <= now).then_some((business, last_id(key)))
        });
        Ok(due.collect())
    }
}

/// Offers parked reports again, the oldest first. `true` when some are still waiting.
async fn offer(core: &Core) -> Result<bool, ApiError> {
    let mut left = false;
    let mut after: Option<Vec<u8>> = None;
    for _ in 0..ROUND {
        let (keys, reports) = parked(core, after.as_deref())?;
        for report in &reports {
            left |= !place(core, report).await?;
        }
        match keys.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(left),
        }
    }
    Ok(left)
}

fn parked(core: &Core, after: Option<&[u8]>) -> Result<(Vec<Vec<u8>>, Vec<Parked>), ApiError> {
    let reader = core.reader()?;
    let query = PageQuery { index: Index::Parked, prefix: &[], after, order: Order::Rising, limit: CHUNK };
    let keys = reader.page(&query).map_err(broken)?;
    let mut reports = Vec::with_capacity(keys.len());
    for bytes in keys.iter().filter_map(|key| key.get(8..)) {
        reports.extend(read::<Parked>(&*reader, &Key::new(Table::Parked, &[bytes]))?);
    }
    Ok((keys, reports))
}

/// Brings one report to its message or, in the end, to the dead letters. `false` when it goes on waiting.
async fn place(core: &Core, report: &Parked) -> Result<bool, ApiError> {
    let (sid, status, error) = (report.sid, report.status, report.error);
    let row: Option<SidRow> = read(&*core.reader()?, &sid_key(sid))?;
    let taken = match row {
        Some(SidRow { business, message, .. }) => {
            let change = StatusReported { business, message, sid, status, error, price: None };
            core.submit_work(Change::StatusReported(change)).await? != Outcome::UnknownMessage
        }
        None => false,
    };
    if !taken && clock::wall() - report.since <= core.0.pace.parked {
        return Ok(false);
    }
    if !taken {
        let detail = format!(
            "no message sent from here has the SID {sid}: it was sent by another program, or before this store began"
        );
        let letter = DeadLetter {
            id: core.new_id(),
            at: report.since,
            path: "/api/webhooks/twilio-status".into(),
            reason: Reason::UnknownMessage,
            detail,
            body: report.body.clone(),
            query: String::new(),
            business_time: None,
            evidence: None,
            replayed_at: None,
        };
        core.bury(letter).await?;
    }
    core.submit_work(Change::ReportTaken(ReportTaken { sid, status })).await?;
    Ok(true)
}
