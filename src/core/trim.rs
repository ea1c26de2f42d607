//! Durable events are kept thirty days for the feed, then trimmed; audited ones are kept for ever.
//!
//! Up to a lane's mark there may be gaps in the numbers, behind it there are none. A cursor before the
//! mark has missed something: its reader fetches the window again. Time is business time, as in events.

use super::change::{Change, Envelope, EventsTrimmed};
use super::event;
use super::rows::TrimMark;
use super::{Core, broken, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::time::{Span, Time};

/// How long a durable event is kept.
const KEEP: Span = Span::secs(30 * 86_400);
/// Events that fall due within so long are trimmed together.
const TOGETHER: Span = Span::secs(86_400);
/// How many events are looked at in one go.
const CHUNK: usize = 1024;

/// The worker: sleeps until the oldest event is old enough.
pub(super) async fn run(core: Core) {
    let stop = core.stopping();
    loop {
        let next = match round(&core).await {
            Ok(next) => next,
            Err(e) => {
                tracing::warn!(error = %e, "old events could not be trimmed; trying again tomorrow");
                core.now() + TOGETHER
            }
        };
        tokio::select! {
            () = core.clock().reached(Some(next)) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Trims every lane. Answers when there will be something to trim again.
async fn round(core: &Core) -> Result<Time, ApiError> {
    let before = core.now() - KEEP;
    let mut oldest = core.now();
    for lane in 0..core.0.lanes.count() {
        oldest = oldest.min(trim(core, lane, before).await?);
    }
    Ok(oldest + KEEP + TOGETHER)
}

/// Trims one lane. Answers the time of the oldest event behind the mark.
async fn trim(core: &Core, lane: u16, before: Time) -> Result<Time, ApiError> {
    loop {
        let Old { up_to, durable, next } = old(core, lane, before)?;
        let Some(up_to) = up_to else { return Ok(next.unwrap_or(core.now())) };
        let change = Change::EventsTrimmed(EventsTrimmed { lane, up_to, durable });
        let envelope = Envelope::by_worker(change, core.now(), clock::wall());
        for answer in core.0.lanes.submit_all(lane, vec![envelope]).await? {
            answer?;
        }
    }
}

/// What can be trimmed next.
#[derive(Default)]
struct Old {
    /// Up to which number.
    up_to: Option<u64>,
    /// Which of them are durable.
    durable: Vec<u64>,
    /// The time of the first that is too young.
    next: Option<Time>,
}

fn old(core: &Core, lane: u16, before: Time) -> Result<Old, ApiError> {
    let reader = core.reader()?;
    let mark = mark(&*reader, lane)?;
    let mut old = Old::default();
    for (number, raw) in reader.events(lane, mark, CHUNK).map_err(broken)? {
        let at = event::read(&raw).map_err(broken)?.at;
        if at >= before {
            old.next = Some(at);
            break;
        }
        old.up_to = Some(number);
        if event::read_sealed(&raw).map_err(broken)?.is_none() {
            old.durable.push(number);
        }
    }
    Ok(old)
}

/// Up to which number a lane's durable events are gone; 0 when none is.
pub(super) fn mark(reader: &dyn crate::store::Reader, lane: u16) -> Result<u64, ApiError> {
    Ok(read::<TrimMark>(reader, &TrimMark::key_of(lane))?.map_or(0, |mark| mark.number))
}
