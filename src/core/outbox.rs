//! The outbox: lets the first message of each conversation leave when it is due, once.
//!
//! `SendStarted` is durable before the request goes out. An answer that was lost leaves the message
//! *unknown* and its conversation waiting; that is settled elsewhere. Only a clear refusal before
//! acceptance is tried again by itself. No business waits behind another one's many messages.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::change::{Change, Envelope, SendAccepted, SendRefused, SendRequeued, SendStarted, SendUnknown, lane_of};
use super::inbox::last_id;
use super::pacing::{Desk, First, Senders, Turn};
use super::rows::message_key;
use super::{Core, broken, held, media, read};
use crate::api::{ApiError, Code};
use crate::clock;
use crate::domain::failure::{OPTED_OUT, Retry};
use crate::domain::id::Id;
use crate::domain::message::{Message, Status};
use crate::domain::time::{Span, Time};
use crate::store::{Index, Order, PageQuery};
use crate::twilio::Error;
use crate::twilio::error::lookup;
use crate::twilio::messages::{self, NewMessage};

/// Requests to Twilio at the same time.
const PARALLEL: usize = 16;
/// How many due conversations are looked at to choose the next from.
const PASS: usize = 1024;
/// Between two tries when nothing that is due could begin.
const STALL: Duration = Duration::from_secs(1);

/// What is on its way to Twilio, and the bells around it.
#[derive(Default)]
pub(super) struct Outbox {
    again: Notify,
    idle: Notify,
    /// Rings when a message may be left without an answer.
    pub doubt: Notify,
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
        Ok(self.due()?.is_empty() && self.0.outbox.count() == 0)
    }

    fn due(&self) -> Result<Vec<(Id, Id)>, ApiError> {
        let now = self.now();
        let reader = self.reader()?;
        let page = |limit| {
            let query = PageQuery { index: Index::Outbox, prefix: &[], after: None, order: Order::Rising, limit };
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

    fn next_due(&self) -> Option<Time> {
        let reader = self.reader().ok()?;
        let query = PageQuery { index: Index::Outbox, prefix: &[], after: None, order: Order::Rising, limit: 1 };
        reader.page(&query).ok()?.first().and_then(|key| due_of(key))
    }
}

fn due_of(key: &[u8]) -> Option<Time> {
    Some(Time::from_key(key.get(..8)?.try_into().ok()?))
}

/// The worker.
pub(super) async fn run(core: Core) {
    let slots = Arc::new(Semaphore::new(PARALLEL));
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
        let begun = pass(&core, &slots).await.unwrap_or_else(|e| {
            tracing::error!(error = %e, "the outbox cannot be read");
            0
        });
        if core.is_quiet().unwrap_or(false) {
            core.0.outbox.idle.notify_waiters();
        }
        // What is due but cannot begin must not be tried without a pause; a free place rings.
        let full = slots.available_permits() == 0;
        let next = core.next_due();
        let stalled = !full && begun == 0 && next.is_some_and(|due| due <= core.now());
        tokio::select! {
            () = core.clock().reached(next), if !full && !stalled => {}
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

/// Begins as many of the due messages as there are places, and gives the others their place in line.
/// Answers how many there were of either.
async fn pass(core: &Core, slots: &Arc<Semaphore>) -> Result<usize, ApiError> {
    let due = fair(core, core.due()?);
    let (mut begun, mut in_line) = (Vec::new(), Vec::new());
    if !due.is_empty() && slots.available_permits() > 0 {
        let mut desk = Desk::new(core)?;
        for (business, conversation) in due {
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
    }
    // Side by side, so that one commit makes many beginnings durable.
    let (begun, lined_up) = join(join_all(begun), line_up(core, in_line)).await;
    Ok(begun.into_iter().filter(|begun| *begun).count() + lined_up?)
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
        let text = "the business was deactivated or deleted before the message left; it was not sent".to_owned();
        let refused = SendRefused { business, message, code: None, text };
        return core.submit_work(Change::SendRefused(refused)).await.is_ok();
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

/// Asks Twilio once and records what it said.
async fn post(under_way: UnderWay) {
    let UnderWay { core, business, message: id, .. } = &under_way;
    let (business, id) = (*business, *id);
    let message = core.reader().and_then(|r| read::<Message>(&*r, &message_key(business, id)));
    let change = match message {
        Ok(Some(message)) => match request(core, &message) {
            Ok(request) => ask(core, &message, &request).await,
            Err(text) => Change::SendRefused(SendRefused { business, message: id, code: None, text }),
        },
        Ok(None) => return,
        Err(e) => {
            tracing::error!(error = %e, "a message to be sent cannot be read; trying again soon");
            Change::SendRequeued(SendRequeued {
                business,
                message: id,
                due: core.now() + Span::secs(5),
                asks: false,
                in_line: false,
            })
        }
    };
    // The answer of Twilio must not be lost: it is offered until the store takes it.
    let mut wait = Duration::from_millis(100);
    while let Err(e) = core.submit_work(change.clone()).await {
        if e.code != Code::Unavailable || core.stopping().is_cancelled() {
            tracing::error!(error = %e, "the outcome of a send could not be recorded; it will be settled by looking at Twilio");
            return;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}

async fn ask(core: &Core, message: &Message, request: &NewMessage) -> Change {
    let answer = core.settings().client.messages().create(request).await;
    *lock(&core.0.outbox.trouble) = match &answer {
        Err(e @ Error::NotSent { .. }) => Some(format!("{e}; messages wait in the outbox")),
        _ => None,
    };
    outcome(core, message, answer)
}

/// What Twilio is asked; a sentence when it cannot be put together.
pub(super) fn request(core: &Core, m: &Message) -> Result<NewMessage, String> {
    // Our ids travel in the callback's query, which Twilio signs: so a lost answer finds its message.
    let callback = core.settings().public_url.as_ref().map(|base| {
        let base = base.as_str().trim_end_matches('/');
        format!("{base}/api/webhooks/twilio-status?b={}&m={}#rc=3&rp=all", m.business, m.id)
    });
    Ok(NewMessage {
        to: m.customer.to_string(),
        from: Some(m.ours.to_string()),
        body: Some(m.body.clone()).filter(|body| !body.trim().is_empty()),
        media_urls: media::addresses(core, m)?,
        status_callback: callback,
        ..NewMessage::default()
    })
}

/// What Twilio made of a message that is now known to be there.
pub(super) fn accepted(m: &Message, made: &messages::Message) -> Change {
    Change::SendAccepted(SendAccepted {
        business: m.business,
        message: m.id,
        sid: made.sid,
        status: Status::from_twilio(made.status.as_str()).unwrap_or(Status::Queued),
        segments: made.num_segments.unwrap_or(0),
    })
}

fn outcome(core: &Core, m: &Message, answer: Result<messages::Message, Error>) -> Change {
    let (business, message) = (m.business, m.id);
    match answer {
        Ok(made) => accepted(m, &made),
        Err(e @ Error::Unknown { .. }) => Change::SendUnknown(SendUnknown { business, message, text: e.explain() }),
        Err(e) if was_not_taken(&e) => {
            tracing::warn!(error = %e, "Twilio did not take a message; it will be offered again");
            let now = core.now();
            let due = now + pause(&e);
            let in_line = !matches!(e, Error::NotSent { .. });
            if in_line {
                core.0.outbox.senders.close(&m.ours, now, due);
            }
            Change::SendRequeued(SendRequeued { business, message, due, asks: false, in_line })
        }
        Err(e) => Change::SendRefused(SendRefused { business, message, code: e.code(), text: e.explain() }),
    }
}

/// Twilio's code for a sender whose queue is full: ten hours' worth of messages wait there.
const QUEUE_FULL: u32 = 21611;

/// Whether Twilio did not even consider it, or had no room for it, so that nobody needs to decide about
/// another try. What it considered and refused is told instead, also when a later try may succeed.
fn was_not_taken(e: &Error) -> bool {
    match e {
        Error::NotSent { .. } | Error::RateLimited { .. } => true,
        e => e
            .code()
            .is_some_and(|code| code == QUEUE_FULL || lookup(code).is_some_and(|entry| entry.retry == Retry::Safe)),
    }
}

/// How long a message waits that was not taken: as long as Twilio asks.
fn pause(e: &Error) -> Span {
    let usual = if e.code() == Some(QUEUE_FULL) { 60 } else { 5 };
    let wait = e.retry_after().map_or(usual, |after| after.as_secs().clamp(1, 600));
    Span::secs(i64::try_from(wait).unwrap_or(5))
}
