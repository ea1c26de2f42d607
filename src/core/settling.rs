//! Settling: messages whose answer was lost are looked for at Twilio, until it is known what became of
//! them. Nothing else of their conversation leaves meanwhile.
//!
//! A message is *unknown* when the connection ended after the request had begun, or when a run ended
//! (or a part of it broke) while Twilio was being asked. Its status callback settles it as well.

use std::collections::HashSet;

use tokio::sync::Notify;

use super::change::{Change, SendRequeued, SendUnknown};
use super::inbox::last_id;
use super::keeping::SKEW;
use super::rows::{SidRow, message_key, sid_key};
use super::{Core, broken, held, outbox, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Message, Status};
use crate::domain::sms;
use crate::domain::time::Time;
use crate::store::{Index, Order, PageQuery};
use crate::twilio::Error;
use crate::twilio::messages::{self, MessageFilter};

/// How many waiting messages are read at a time.
const CHUNK: usize = 256;

/// The worker. Apart from the outbox: a list that is slow to come must not hold up what leaves.
pub(super) async fn run(core: Core) {
    look(&core, "messages", &core.0.outbox.doubt, |core| async move { round(&core).await }).await;
}

/// Looks again and again until nothing waits to be settled, then when a new doubt rings; until the core stops.
/// A round answers whether something still waits.
pub(super) async fn look<F: Future<Output = Result<bool, ApiError>>>(
    core: &Core,
    what: &str,
    doubt: &Notify,
    round: impl Fn(Core) -> F,
) {
    let stop = core.stopping();
    while !stop.is_cancelled() {
        let waiting = tokio::select! {
            waiting = round(core.clone()) => waiting,
            () = stop.cancelled() => return,
        };
        let waiting = waiting.unwrap_or_else(|e| {
            tracing::error!(error = %e, "{what} of unknown outcome cannot be settled now");
            true
        });
        tokio::select! {
            () = tokio::time::sleep(core.0.pace.look), if waiting => {}
            () = doubt.notified(), if !waiting => {}
            () = stop.cancelled() => return,
        }
    }
}

/// Looks once at all that are not settled. `true` when some still are not.
async fn round(core: &Core) -> Result<bool, ApiError> {
    let mut waiting = false;
    // Accounts that cannot be asked now: their next messages would only wait in vain, too.
    let mut mute: HashSet<Sid> = HashSet::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let keys = unsettled(core, after.as_deref())?;
        let Some(last) = keys.last() else { return Ok(waiting) };
        after = Some(last.clone());
        for key in &keys {
            let Some(business) = key.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_be_bytes) else { continue };
            let Some(message) = message(core, Id(business), last_id(key))? else { continue };
            let account = core.account_of(&*core.reader()?, message.business, message.conversation)?;
            waiting |= match mute.contains(&account) {
                true => true,
                false => match one(core, account, &message).await {
                    Ok(settled) => !settled,
                    Err(Mute) => {
                        mute.insert(account);
                        true
                    }
                },
            };
        }
    }
}

fn unsettled(core: &Core, after: Option<&[u8]>) -> Result<Vec<Vec<u8>>, ApiError> {
    let query = PageQuery { index: Index::Unsettled, prefix: &[], after, order: Order::Rising, limit: CHUNK };
    core.reader()?.page(&query).map_err(broken)
}

/// A message without an answer whose request is not under way.
fn message(core: &Core, business: Id, id: Id) -> Result<Option<Message>, ApiError> {
    // Asked before the row is read: a request that ends in between has recorded its answer by then.
    if core.0.outbox.is_under_way(id) {
        return Ok(None);
    }
    read(&*core.reader()?, &message_key(business, id))
}

/// Twilio cannot be asked about an account now.
struct Mute;

/// Settles one message if that is possible.
async fn one(core: &Core, account: Sid, m: &Message) -> Result<bool, Mute> {
    let change = match m.status {
        Status::Sending => Some(Change::SendUnknown(SendUnknown {
            business: m.business,
            message: m.id,
            text: "the node ended while Twilio was being asked; looking whether the message was accepted".to_owned(),
        })),
        Status::Unknown => find(core, account, m).await?,
        _ => return Ok(true),
    };
    let Some(change) = change else { return Ok(false) };
    if let Err(e) = core.submit_work(change).await {
        tracing::error!(error = %e, "what became of a message could not be recorded");
        return Ok(false);
    }
    Ok(m.status == Status::Unknown)
}

/// Looks at Twilio: by receiver, sender and text, not older than the message, among those that no
/// message of ours is bound to.
async fn find(core: &Core, account: Sid, m: &Message) -> Result<Option<Change>, Mute> {
    let (to, from) = (Some(m.customer.to_string()), Some(m.ours.to_string()));
    let filter = MessageFilter { to, from, page_size: Some(200), ..MessageFilter::default() };
    let page = match core.client_of(account).messages().list(&filter).await {
        Ok(page) => page,
        Err(e) => {
            tracing::warn!(error = %e, "Twilio's list of messages could not be read; looking again soon");
            return if matches!(e, Error::Refused { .. }) { Ok(None) } else { Err(Mute) };
        }
    };
    let smart = sms::smart_encode(&m.body);
    let since = m.at - SKEW;
    let made_at = |made: &messages::Message| made.date_created.map(Time);
    let Ok(reader) = core.reader() else { return Ok(None) };
    let fits = |made: &&messages::Message| {
        (made.body == m.body || made.body == smart)
            && made.direction.as_ref().is_some_and(|d| d.as_str() == "outbound-api")
            && made_at(made).is_none_or(|at| at >= since)
            && read::<SidRow>(&*reader, &sid_key(made.sid)).is_ok_and(|row| row.is_none())
    };
    // The oldest that nobody has: lists come newest first.
    if let Some(made) = page.items.iter().rfind(fits) {
        return Ok(Some(outbox::accepted(m, made)));
    }
    // A list that does not reach back to the message proves nothing.
    let cut_off = page.has_next() && page.items.last().and_then(made_at).is_none_or(|oldest| oldest >= since);
    let waited = clock::wall() - m.started.unwrap_or(m.arrived);
    let given_up = !cut_off && waited > core.0.pace.settling;
    let (business, message) = (m.business, m.id);
    let (due, asks) = (core.now(), m.at < held::too_old(core));
    Ok(given_up.then_some(Change::SendRequeued(SendRequeued { business, message, due, asks, in_line: false })))
}
