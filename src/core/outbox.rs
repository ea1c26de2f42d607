//! The outbox: lets the first message of each conversation leave when it is due, once.
//!
//! `SendStarted` is durable before the request goes out. An answer that was lost leaves the message
//! *unknown* and its conversation waiting; it is settled by the status callback, which carries our
//! id, or by listing at Twilio. Only a clear refusal before acceptance is tried again by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};

use super::change::{Change, SendAccepted, SendRefused, SendRequeued, SendStarted, SendUnknown};
use super::inbox::last_id;
use super::rows::{SidRow, conversation_key, message_key, sid_key};
use super::{Core, broken, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::conversation::Conversation;
use crate::domain::id::Id;
use crate::domain::message::{Message, Status};
use crate::domain::sms;
use crate::domain::time::{Span, Time};
use crate::store::{Index, Order, PageQuery};
use crate::twilio::Error;
use crate::twilio::messages::{self, MessageFilter, NewMessage};

/// Requests to Twilio at the same time.
const PARALLEL: usize = 16;
/// How many due conversations are looked at in one pass.
const PASS: usize = 256;

/// Tells the outbox to look again, and tells others when it has nothing due.
#[derive(Default)]
pub(super) struct Bell {
    again: Notify,
    idle: Notify,
    busy: AtomicUsize,
}

impl Core {
    /// Waits until every timer that is due has committed and nothing is on its way to Twilio.
    pub(super) async fn settle(&self) {
        for _ in 0..200 {
            self.wake_due().await;
            let idle = self.0.outbox.idle.notified();
            self.0.outbox.again.notify_one();
            let _ = tokio::time::timeout(Duration::from_millis(250), idle).await;
            if self.0.outbox.busy.load(Ordering::Acquire) == 0 && self.due().is_empty() && self.intake().backlog() == 0
            {
                return;
            }
        }
    }

    fn due(&self) -> Vec<(Id, Id)> {
        self.due_by(self.now()).unwrap_or_else(|e| {
            tracing::error!(error = %e, "the outbox cannot be read");
            Vec::new()
        })
    }

    fn due_by(&self, now: Time) -> Result<Vec<(Id, Id)>, ApiError> {
        let reader = self.reader()?;
        let query = PageQuery { index: Index::Outbox, prefix: &[], after: None, order: Order::Rising, limit: PASS };
        let keys = reader.page(&query).map_err(broken)?;
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
    recover(&core).await;
    loop {
        heads.borrow_and_update();
        for (business, conversation) in core.due() {
            begin(&core, &slots, business, conversation).await;
        }
        if core.0.outbox.busy.load(Ordering::Acquire) == 0 && core.due().is_empty() {
            core.0.outbox.idle.notify_waiters();
        }
        let unsettled = !unsettled(&core).is_empty();
        tokio::select! {
            () = core.clock().reached(core.next_due()) => {}
            _ = heads.changed() => {}
            () = core.0.outbox.again.notified() => {}
            () = tokio::time::sleep(core.0.pace.look), if unsettled => look(&core).await,
            () = stop.cancelled() => return,
        }
    }
}

/// Requests that were under way when an earlier run ended: their answers are lost.
async fn recover(core: &Core) {
    for (business, message) in unsettled(core) {
        let text = "the node ended while Twilio was being asked; looking whether the message was accepted".to_owned();
        let change = Change::SendUnknown(SendUnknown { business, message, text });
        if let Err(e) = core.submit_work(change).await {
            tracing::error!(error = %e, "an unfinished send could not be marked");
        }
    }
}

fn unsettled(core: &Core) -> Vec<(Id, Id)> {
    let Ok(reader) = core.reader() else { return Vec::new() };
    let query = PageQuery { index: Index::Unsettled, prefix: &[], after: None, order: Order::Rising, limit: PASS };
    let keys = reader.page(&query).unwrap_or_default();
    keys.iter().filter_map(|key| Some((Id(u64::from_be_bytes(key.get(..8)?.try_into().ok()?)), last_id(key)))).collect()
}

async fn begin(core: &Core, slots: &Arc<Semaphore>, business: Id, conversation: Id) {
    let Ok(slot) = slots.clone().acquire_owned().await else { return };
    let head = core.reader().and_then(|r| read::<Conversation>(&*r, &conversation_key(business, conversation)));
    let Ok(Some(head)) = head else { return };
    let Some(first) = head.outbox.first() else { return };
    let message = first.id;
    // Refused when it was taken back meanwhile, or another one is under way: then there is nothing to do.
    if core.submit_work(Change::SendStarted(SendStarted { business, message })).await.is_err() {
        return;
    }
    core.0.outbox.busy.fetch_add(1, Ordering::AcqRel);
    let task = core.clone();
    core.spawn_task(async move {
        post(&task, business, message).await;
        drop(slot);
        task.0.outbox.busy.fetch_sub(1, Ordering::AcqRel);
        task.0.outbox.again.notify_one();
    });
}

/// Asks Twilio once and records what it said.
async fn post(core: &Core, business: Id, id: Id) {
    let message = core.reader().and_then(|r| read::<Message>(&*r, &message_key(business, id)));
    let change = match message {
        Ok(Some(message)) => {
            let answer = core.settings().client.messages().create(&request(core, &message)).await;
            outcome(core, &message, answer)
        }
        Ok(None) => return,
        Err(e) => {
            tracing::error!(error = %e, "a message to be sent cannot be read; trying again soon");
            Change::SendRequeued(SendRequeued { business, message: id, due: core.now() + Span::secs(5) })
        }
    };
    // The answer of Twilio must not be lost: it is offered until the store takes it.
    let mut wait = Duration::from_millis(100);
    while let Err(e) = core.submit_work(change.clone()).await {
        if e.code != crate::api::Code::Unavailable || core.stopping().is_cancelled() {
            tracing::error!(error = %e, "the outcome of a send could not be recorded; it will be settled by looking at Twilio");
            return;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(5));
    }
}

fn request(core: &Core, m: &Message) -> NewMessage {
    // Our ids travel in the callback's query, which Twilio signs: so a lost answer finds its message.
    let callback = core.settings().public_url.as_ref().map(|base| {
        let base = base.as_str().trim_end_matches('/');
        format!("{base}/api/webhooks/twilio-status?b={}&m={}#rc=3&rp=all", m.business, m.id)
    });
    NewMessage {
        to: m.customer.to_string(),
        from: Some(m.ours.to_string()),
        body: Some(m.body.clone()),
        status_callback: callback,
        ..NewMessage::default()
    }
}

fn outcome(core: &Core, m: &Message, answer: Result<messages::Message, Error>) -> Change {
    let (business, message) = (m.business, m.id);
    match answer {
        Ok(made) => Change::SendAccepted(SendAccepted {
            business,
            message,
            sid: made.sid,
            status: Status::from_twilio(made.status.as_str()).unwrap_or(Status::Queued),
            segments: made.num_segments.unwrap_or(0),
        }),
        Err(e @ Error::Unknown { .. }) => Change::SendUnknown(SendUnknown { business, message, text: e.explain() }),
        Err(e) if e.is_safe_to_retry() => {
            let wait = match &e {
                Error::RateLimited { retry_after: Some(after) } => Span::secs(after.as_secs().clamp(1, 600) as i64),
                _ => Span::secs(5),
            };
            tracing::warn!(error = %e, "Twilio did not take a message; it will be offered again");
            Change::SendRequeued(SendRequeued { business, message, due: core.now() + wait })
        }
        Err(e) => Change::SendRefused(SendRefused { business, message, code: e.code(), text: e.explain() }),
    }
}

/// Looks for unknown messages at Twilio: by receiver, text and day, among those no message of ours has.
async fn look(core: &Core) {
    for (business, id) in unsettled(core) {
        let message = core.reader().and_then(|r| read::<Message>(&*r, &message_key(business, id)));
        let Ok(Some(m)) = message else { continue };
        if m.status != Status::Unknown {
            continue;
        }
        if let Some(change) = find(core, &m).await
            && let Err(e) = core.submit_work(change).await
        {
            tracing::error!(error = %e, "a settled message could not be recorded");
        }
    }
}

async fn find(core: &Core, m: &Message) -> Option<Change> {
    let (to, from) = (Some(m.customer.to_string()), Some(m.ours.to_string()));
    let filter = MessageFilter { to, from, page_size: Some(200), ..MessageFilter::default() };
    let listed = match core.settings().client.messages().list(&filter).await {
        Ok(page) => page.items,
        Err(e) => {
            tracing::warn!(error = %e, "Twilio's list of messages could not be read; looking again soon");
            return None;
        }
    };
    let (business, message) = (m.business, m.id);
    let started = m.started.unwrap_or(m.arrived);
    let smart = sms::smart_encode(&m.body);
    let reader = core.reader().ok()?;
    let fits = |made: &&messages::Message| {
        (made.body == m.body || made.body == smart)
            && made.direction.as_ref().is_some_and(|d| d.as_str() == "outbound-api")
            && read::<SidRow>(&*reader, &sid_key(made.sid)).is_ok_and(|row| row.is_none())
    };
    // The oldest that nobody has: lists come newest first.
    if let Some(made) = listed.iter().rfind(fits) {
        return Some(Change::SendAccepted(SendAccepted {
            business,
            message,
            sid: made.sid,
            status: Status::from_twilio(made.status.as_str()).unwrap_or(Status::Queued),
            segments: made.num_segments.unwrap_or(0),
        }));
    }
    let waited = clock::wall() - started;
    (waited > core.0.pace.settling).then(|| Change::SendRequeued(SendRequeued { business, message, due: core.now() }))
}
