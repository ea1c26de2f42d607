//! Timers of the store: snoozes that end, parked reports that find their message or become dead letters.

use super::change::{Change, DeadLettered, ReportTaken, StatusReported, Woke};
use super::inbox::last_id;
use super::rows::{Parked, SidRow, sid_key};
use super::{Core, broken, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::deadletter::{DeadLetter, Reason};
use crate::domain::id::{Id, Sid};
use crate::domain::message::Status;
use crate::domain::time::Time;
use crate::store::{Index, Key, Order, PageQuery, Table};

pub(super) async fn run(core: Core) {
    let stop = core.stopping();
    let mut heads = core.0.lanes.heads();
    loop {
        heads.borrow_and_update();
        core.wake_due().await;
        let parked = match offer(&core).await {
            Ok(left) => left,
            Err(e) => {
                tracing::error!(error = %e, "parked reports cannot be read");
                true
            }
        };
        tokio::select! {
            () = core.clock().reached(next_wake(&core)) => {}
            _ = heads.changed() => {}
            () = tokio::time::sleep(core.0.pace.offer), if parked => {}
            () = stop.cancelled() => return,
        }
    }
}

fn next_wake(core: &Core) -> Option<Time> {
    let reader = core.reader().ok()?;
    let query = PageQuery { index: Index::Wake, prefix: &[], after: None, order: Order::Rising, limit: 1 };
    let first = reader.page(&query).ok()?.pop()?;
    Some(Time::from_key(first.get(..8)?.try_into().ok()?))
}

impl Core {
    /// Wakes what is due.
    pub(super) async fn wake_due(&self) {
        let now = self.now();
        loop {
            let Ok(keys) = self.due_snoozes(now) else { return };
            if keys.is_empty() {
                return;
            }
            for (business, conversation) in keys {
                if let Err(e) = self.submit_work(Change::Woke(Woke { business, conversation })).await {
                    tracing::error!(error = %e, "a snooze could not be ended");
                    return;
                }
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

/// Offers parked reports again. `true` when some are still waiting.
async fn offer(core: &Core) -> Result<bool, ApiError> {
    let (mut changes, mut left) = (Vec::new(), false);
    {
        let reader = core.reader()?;
        let query = PageQuery { index: Index::Parked, prefix: &[], after: None, order: Order::Rising, limit: 256 };
        for key in reader.page(&query).map_err(broken)? {
            let Some(bytes) = key.get(8..) else { continue };
            let Some(report) = read::<Parked>(&*reader, &Key::new(Table::Parked, &[bytes]))? else { continue };
            let (sid, status): (Sid, Status) = (report.sid, report.status);
            let taken = Change::ReportTaken(ReportTaken { sid, status });
            if let Some(row) = read::<SidRow>(&*reader, &sid_key(sid))? {
                let (business, message, error) = (row.business, row.message, report.error);
                changes.push(Change::StatusReported(StatusReported { business, message, sid, status, error }));
                changes.push(taken);
            } else if clock::wall() - report.since > core.0.pace.parked {
                let letter = DeadLetter {
                    id: core.new_id(),
                    at: report.since,
                    path: "/api/webhooks/twilio-status".into(),
                    reason: Reason::UnknownMessage,
                    detail: format!(
                        "no message here has the SID {sid}: it was sent by another program, or before this store began"
                    ),
                    body: report.body,
                    query: String::new(),
                    replayed_at: None,
                };
                changes.push(Change::DeadLettered(Box::new(DeadLettered { letter, evict: None })));
                changes.push(taken);
            } else {
                left = true;
            }
        }
    }
    for change in changes {
        core.submit_work(change).await?;
    }
    Ok(left)
}
