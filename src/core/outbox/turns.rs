//! Who leaves next: the due messages get the places there are, in turn, or their place in their sender's
//! line.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures_util::future::{join, join_all};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::post::post;
use super::{BY_URGENCY, UnderWay, lock};
use crate::api::{ApiError, Code};
use crate::clock;
use crate::core::Core;
use crate::core::change::{Change, Envelope, SendClosed, SendRefused, SendStarted, lane_of};
use crate::core::pacing::{Desk, First, Turn};
use crate::domain::failure::OPTED_OUT;
use crate::domain::id::Id;
use crate::store::Index;

/// So many places are never taken by what goes out in bulk: a Twilio that answers slowly keeps nobody waiting
/// who answers a customer.
const KEPT_FREE: usize = 4;

/// What one look at the outbox came to.
pub(super) struct Passed {
    /// How many messages have begun, or got their place in line.
    pub moved: usize,
    /// For what there are places left.
    pub room: Room,
}

/// For what there are places left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// For everything.
    Everything,
    /// Not for what goes out in bulk.
    Urgent,
    /// For nothing.
    Nothing,
}

/// Begins as many of the due messages as there are places, and gives the others their place in line.
pub(super) async fn pass(core: &Core, slots: &Arc<Semaphore>) -> Result<Passed, ApiError> {
    let (mut begun, mut in_line, mut room) = (Vec::new(), Vec::new(), Room::Everything);
    for index in BY_URGENCY {
        let due = fair(core, core.due(index)?);
        if due.is_empty() {
            continue;
        }
        let (kept_free, without) = match index {
            Index::OutboxBulk => (KEPT_FREE, Room::Urgent),
            _ => (0, Room::Nothing),
        };
        let mut desk = Desk::new(core)?;
        for (business, conversation) in due {
            if slots.available_permits() <= kept_free {
                room = without;
                break;
            }
            let Ok(slot) = slots.clone().try_acquire_owned() else { break };
            match desk.turn(business, conversation) {
                Ok(Turn::Now(first)) => begun.push(begin(core, *first, slot)),
                Ok(Turn::InLine(change)) => in_line.push(*change),
                Ok(Turn::Nothing) => {}
                Err(e) => {
                    tracing::error!(error = %e, %conversation, "a conversation whose message is due cannot be read");
                }
            }
        }
        if room == Room::Nothing {
            break;
        }
    }
    // Side by side, so that one commit makes many beginnings durable.
    let (begun, lined_up) = join(join_all(begun), line_up(core, in_line)).await;
    let moved = begun.into_iter().filter(|begun| *begun).count() + lined_up?;
    Ok(Passed { moved, room })
}

/// Writes down about when messages leave that have to wait for their senders.
async fn line_up(core: &Core, changes: Vec<Change>) -> Result<usize, ApiError> {
    let lanes = core.0.lanes.count();
    let mut by_lane: BTreeMap<u16, Vec<Envelope>> = BTreeMap::new();
    for change in changes {
        let lane = lane_of(change.business(), lanes);
        by_lane.entry(lane).or_default().push(Envelope::by_worker(change, core.now(), clock::wall()));
    }
    let mut count = 0;
    for (lane, envelopes) in by_lane {
        let answers = core.0.lanes.submit_all(lane, envelopes).await?;
        count += answers.iter().filter(|answer| answer.is_ok()).count();
    }
    Ok(count)
}

/// The due conversations in the order of turns: each business in turn, counting what it has under way.
fn fair(core: &Core, due: Vec<(Id, Id)>) -> Vec<(Id, Id)> {
    let mut turns: HashMap<Id, usize> = HashMap::new();
    for business in lock(&core.0.outbox.under_way).values() {
        *turns.entry(*business).or_default() += 1;
    }
    let mut order: Vec<(usize, (Id, Id))> = Vec::with_capacity(due.len());
    for (business, conversation) in due {
        let turn = turns.entry(business).or_default();
        order.push((*turn, (business, conversation)));
        *turn += 1;
    }
    order.sort_by_key(|(turn, _)| *turn);
    order.into_iter().map(|(_, due)| due).collect()
}

/// Begins the first message of a conversation. `false` when that was not possible.
async fn begin(core: &Core, first: First, slot: OwnedSemaphorePermit) -> bool {
    let First { business, message, opted_out, may_send } = first;
    if opted_out {
        let text =
            "the customer opted out before the message left: it was not sent. They must text START first".to_owned();
        let refused = SendRefused { business, message, code: Some(OPTED_OUT), text };
        return core.submit_work(Change::SendRefused(refused)).await.is_ok();
    }
    if !may_send {
        return core.submit_work(Change::SendClosed(SendClosed { business, message })).await.is_ok();
    }
    // Noted first: from the commit on, others may see it as begun.
    let under_way = UnderWay::begin(core, business, message, slot);
    match core.submit_work(Change::SendStarted(SendStarted { business, message })).await {
        Ok(_) => core.spawn_task(post(under_way)),
        // Taken back meanwhile, or another one is under way: then there is nothing to do.
        Err(e) if matches!(e.code, Code::Conflict | Code::NotFound) => return false,
        Err(e) => {
            tracing::error!(error = %e, %message, "a message that is due cannot leave");
            return false;
        }
    }
    true
}
