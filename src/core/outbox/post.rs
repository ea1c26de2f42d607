//! One request to Twilio, and what its answer means.

use std::time::Duration;

use super::{UnderWay, lock};
use crate::api::{ApiError, Code};
use crate::core::change::{Change, SendAccepted, SendRefused, SendRequeued, SendUnknown};
use crate::core::rows::message_key;
use crate::core::{Core, media, read};
use crate::domain::content::Used;
use crate::domain::failure::Retry;
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Message, Status};
use crate::domain::time::Span;
use crate::twilio::Error;
use crate::twilio::error::lookup;
use crate::twilio::messages::{self, NewMessage};

/// Asks Twilio once and records what it said.
pub(super) async fn post(under_way: UnderWay) {
    let UnderWay { core, business, message: id, .. } = &under_way;
    let (business, id) = (*business, *id);
    let change = match found(core, business, id) {
        Ok(Some((message, account))) => match request(core, &message) {
            Ok(request) => ask(core, account, &message, &request).await,
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

/// A message, and the account that it leaves by.
fn found(core: &Core, business: Id, message: Id) -> Result<Option<(Message, Sid)>, ApiError> {
    let reader = core.reader()?;
    let Some(message) = read::<Message>(&*reader, &message_key(business, message))? else { return Ok(None) };
    let account = core.account_of(&*reader, business, message.conversation)?;
    Ok(Some((message, account)))
}

async fn ask(core: &Core, account: Sid, message: &Message, request: &NewMessage) -> Change {
    let answer = core.client_of(account).messages().create(request).await;
    *lock(&core.0.outbox.trouble) = match &answer {
        Err(e @ Error::NotSent { .. }) => Some(format!("{e}; messages wait in the outbox")),
        _ => None,
    };
    outcome(core, message, answer)
}

/// What Twilio is asked; a sentence when it cannot be put together.
pub(in crate::core) fn request(core: &Core, m: &Message) -> Result<NewMessage, String> {
    // Our ids travel in the callback's query, which Twilio signs: so a lost answer finds its message.
    let callback = core.settings().public_url.as_ref().map(|base| {
        let base = base.as_str().trim_end_matches('/');
        format!("{base}/api/webhooks/twilio-status?b={}&m={}#rc=3&rp=all", m.business, m.id)
    });
    Ok(NewMessage {
        to: m.customer.to_string(),
        from: Some(m.ours.to_string()),
        body: Some(m.body.clone()).filter(|body| m.content.is_none() && !body.trim().is_empty()),
        content_sid: m.content.as_ref().map(|content| content.sid),
        content_variables: m.content.as_ref().map(content_variables),
        media_urls: media::addresses(core, m)?,
        status_callback: callback,
        ..NewMessage::default()
    })
}

/// What stands in a template's blanks, as Twilio takes it.
fn content_variables(content: &Used) -> String {
    let pairs = content.variables.iter().map(|(name, value)| (name.clone(), value.clone().into()));
    serde_json::Value::Object(pairs.collect()).to_string()
}

/// What Twilio made of a message that is now known to be there.
pub(in crate::core) fn accepted(m: &Message, made: &messages::Message) -> Change {
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
