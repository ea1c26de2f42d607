//! What waits for a business that sends nothing any more: it fails at once, not when its time comes.
//!
//! A deactivation is one small change, however much waits; this worker follows it page by page. What is on
//! its way to Twilio already is none of its business.

use std::collections::HashMap;

use super::{BY_URGENCY, STALL};
use crate::api::ApiError;
use crate::core::change::{Change, SendClosed};
use crate::core::inbox::last_id;
use crate::core::rows::{business_key, conversation_key};
use crate::core::{Core, broken, read};
use crate::domain::business::Business;
use crate::domain::conversation::Conversation;
use crate::domain::id::Id;
use crate::store::{Index, Order, PageQuery};

/// How many conversations are looked at in a page.
const PAGE: usize = 256;

/// The worker. It looks once at its start, for an earlier run may have ended before it was done, and then
/// whenever a business was closed.
pub(in crate::core) async fn run(core: Core) {
    let stop = core.stopping();
    loop {
        let swept = sweep(&core).await;
        if let Err(e) = &swept {
            tracing::error!(error = %e, "what waits for inactive businesses cannot be looked through; trying again soon");
        }
        tokio::select! {
            () = core.0.outbox.closed.notified() => {}
            () = tokio::time::sleep(STALL), if swept.is_err() => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Looks once through everything that waits.
async fn sweep(core: &Core) -> Result<(), ApiError> {
    let mut closed: HashMap<Id, bool> = HashMap::new();
    for index in BY_URGENCY {
        let mut after: Option<Vec<u8>> = None;
        loop {
            let (waiting, last) = page(core, index, after.as_deref(), &mut closed)?;
            let Some(last) = last else { break };
            after = Some(last);
            for (business, message) in waiting {
                core.submit_work(Change::SendClosed(SendClosed { business, message })).await?;
            }
        }
    }
    Ok(())
}

/// The messages of closed businesses in a page of what waits, and the last key of the page.
#[allow(clippy::type_complexity, reason = "a page and where it ends")]
fn page(
    core: &Core,
    index: Index,
    after: Option<&[u8]>,
    closed: &mut HashMap<Id, bool>,
) -> Result<(Vec<(Id, Id)>, Option<Vec<u8>>), ApiError> {
    let reader = core.reader()?;
    let query = PageQuery { index, prefix: &[], after, order: Order::Rising, limit: PAGE };
    let keys = reader.page(&query).map_err(broken)?;
    let mut waiting = Vec::new();
    for key in &keys {
        let Some(business) = key.get(8..16).and_then(|b| b.try_into().ok()).map(|b| Id(u64::from_be_bytes(b))) else {
            continue;
        };
        let is_closed = match closed.get(&business) {
            Some(known) => *known,
            None => {
                let row: Option<Business> = read(&*reader, &business_key(business))?;
                *closed.entry(business).or_insert(row.is_none_or(|b| !b.may_send()))
            }
        };
        if is_closed {
            let head: Option<Conversation> = read(&*reader, &conversation_key(business, last_id(key)))?;
            waiting.extend(head.into_iter().flat_map(|head| head.outbox).map(|pending| (business, pending.id)));
        }
    }
    Ok((waiting, keys.into_iter().next_back()))
}
