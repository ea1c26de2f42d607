//! The applier: moves webhooks from the intake into the store, in order and in large batches, with
//! the intake's cursor in the same transaction.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::change::{
    Change, DeadLettered, Envelope, Inbound, IntakeAdvanced, Outcome, ReportParked, StatusReported, lane_of,
};
use super::rows::{Cursor, Parked, SidRow, route_key, sid_key};
use super::{Core, read};
use crate::api::ApiError;
use crate::clock;
use crate::domain::deadletter::{DeadLetter, Reason};
use crate::domain::endpoint::Route;
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Media, Status};
use crate::domain::sms;
use crate::store::intake::{Appended, Item};
use crate::store::{Reader, Store, StoreError};
use crate::twilio::webhook::{self, InboundMessage, Payload, StatusCallback};

/// From one start of applying to the next. Without it many tiny batches cost up to a third of the rate.
const PACE: Duration = Duration::from_millis(20);
/// At most so many webhooks in one batch.
const BATCH: usize = 8192;

/// How far every lane has applied an intake: what lies behind may be asked for again.
pub fn lowest_cursor(store: &dyn Store, intake: u64) -> Result<u64, StoreError> {
    let reader = store.reader()?;
    let mut lowest = u64::MAX;
    for lane in 0..store.lanes() {
        let raw = reader.get(&Cursor::key_of(intake, lane))?;
        let cursor = raw.map(|raw| super::decode::<Cursor>(&raw)).transpose()?;
        lowest = lowest.min(cursor.map_or(0, |c| c.sequence));
    }
    Ok(lowest)
}

/// Starts the applier on a thread of its own: parsing a large batch must not hold up a reply.
pub(super) fn spawn(core: &Core) -> Result<(), StoreError> {
    let (core, runtime) = (core.clone(), tokio::runtime::Handle::current());
    let done = core.0.tasks.token();
    std::thread::Builder::new()
        .name("applier".into())
        .spawn(move || {
            runtime.block_on(run(core));
            drop(done);
        })
        .map(|_| ())
        .map_err(|e| StoreError::Io { path: Default::default(), why: format!("no thread could be started: {e}") })
}

async fn run(core: Core) {
    let stop = core.stopping();
    let mut last_start: Option<Instant> = None;
    loop {
        let rows = tokio::select! {
            rows = core.intake().next() => rows,
            () = stop.cancelled() => return,
        };
        let rows = match rows {
            Ok(rows) => rows,
            Err(e) => {
                tracing::error!(error = %e, "the intake cannot be read");
                pause(&stop, Duration::from_secs(1)).await;
                continue;
            }
        };
        // A lone webhook after a quiet spell is applied at once; under load starts keep their distance.
        if let Some(left) = last_start.and_then(|at| PACE.checked_sub(at.elapsed())) {
            pause(&stop, left).await;
        }
        last_start = Some(Instant::now());
        for chunk in chunks(rows) {
            if !apply_until_done(&core, &chunk).await {
                return;
            }
        }
    }
}

async fn pause(stop: &tokio_util::sync::CancellationToken, time: Duration) {
    tokio::select! {
        () = tokio::time::sleep(time) => {}
        () = stop.cancelled() => {}
    }
}

/// One batch: webhooks with their sequence numbers.
type Chunk = Vec<(u64, Item)>;

fn chunks(rows: Vec<Appended>) -> Vec<Chunk> {
    let mut out: Vec<Chunk> = vec![Vec::new()];
    for row in rows {
        let first = row.last + 1 - row.items.len() as u64;
        for (sequence, item) in (first..).zip(row.items) {
            match out.last_mut() {
                Some(chunk) if chunk.len() < BATCH => chunk.push((sequence, item)),
                _ => out.push(vec![(sequence, item)]),
            }
        }
    }
    out.retain(|chunk| !chunk.is_empty());
    out
}

/// Applies a chunk, again and again until the store takes it. `false` when the node stops first:
/// then the intake still has it.
async fn apply_until_done(core: &Core, chunk: &Chunk) -> bool {
    let mut wait = Duration::from_millis(100);
    loop {
        match apply(core, chunk).await {
            Ok(last) => {
                core.intake().applied(last);
                return true;
            }
            Err(e) => {
                tracing::error!(error = %e, "webhooks cannot be applied; they wait in the intake");
                pause(&core.stopping(), wait).await;
                if core.stopping().is_cancelled() {
                    return false;
                }
                wait = (wait * 2).min(Duration::from_secs(5));
            }
        }
    }
}

async fn apply(core: &Core, chunk: &Chunk) -> Result<u64, ApiError> {
    let Some(last) = chunk.last().map(|(sequence, _)| *sequence) else { return Ok(0) };
    let lanes = core.0.lanes.count();
    let mut work: Vec<Vec<Envelope>> = vec![Vec::new(); usize::from(lanes)];
    {
        let reader = core.reader()?;
        let mut routes = HashMap::new();
        for (_, item) in chunk {
            let change = change(core, &*reader, item, &mut routes)?;
            let lane = lane_of(change.business(), lanes);
            work[usize::from(lane)].push(Envelope::by_worker(change, item.business_time, item.at));
        }
    }
    let intake = core.intake().id();
    for (lane, mut envelopes) in (0..lanes).zip(work) {
        // Every lane's cursor moves, also of those that had nothing: the lowest one decides what is kept.
        let advanced = IntakeAdvanced { intake, lane, sequence: last };
        envelopes.push(Envelope::by_worker(Change::IntakeAdvanced(advanced), core.now(), clock::wall()));
        let answers = core.0.lanes.submit_all(lane, envelopes.clone()).await?;
        leftovers(core, lane, &envelopes, answers).await?;
    }
    Ok(last)
}

/// What a webhook means. What finds no place becomes a dead letter or is parked; nothing is dropped.
fn change(
    core: &Core,
    reader: &dyn Reader,
    item: &Item,
    routes: &mut HashMap<(Sid, String), Option<(Id, Id)>>,
) -> Result<Change, ApiError> {
    match webhook::parse(&item.body) {
        Ok(Payload::Inbound(message)) => inbound(core, reader, item, *message, routes),
        Ok(Payload::Status(report)) => status(core, reader, item, &report),
        Err(e) => Ok(dead(core, item, Reason::Malformed, e.to_string())),
    }
}

fn inbound(
    core: &Core,
    reader: &dyn Reader,
    item: &Item,
    m: InboundMessage,
    routes: &mut HashMap<(Sid, String), Option<(Id, Id)>>,
) -> Result<Change, ApiError> {
    let mut found = None;
    let service = m.messaging_service_sid.map(|s| s.to_string());
    for alias in std::iter::once(m.to.to_string()).chain(service) {
        let key = (m.account_sid, alias);
        found = match routes.get(&key) {
            Some(known) => *known,
            None => {
                let route: Option<Route> = read(reader, &route_key(key.0, &key.1))?;
                let known = route.map(|r| (r.business, r.endpoint));
                routes.insert(key, known);
                known
            }
        };
        if found.is_some() {
            break;
        }
    }
    let Some((business, endpoint)) = found else {
        let detail = format!(
            "no endpoint answers to {} of account {}: route it to a business, then replay",
            m.to, m.account_sid
        );
        return Ok(dead(core, item, Reason::Unroutable, detail));
    };
    Ok(Change::Inbound(Box::new(Inbound {
        business,
        endpoint,
        sid: m.message_sid,
        keyword: sms::keyword(&m.body),
        from: m.from,
        to: m.to,
        body: m.body,
        segments: m.num_segments,
        media: m.media.into_iter().map(|m| Media { url: m.url, content_type: m.content_type }).collect(),
        profile_name: m.profile_name,
        sent: item.business_time,
        message: core.new_id(),
        conversation: core.new_id(),
    })))
}

fn status(core: &Core, reader: &dyn Reader, item: &Item, report: &StatusCallback) -> Result<Change, ApiError> {
    let status = Status::from_twilio(report.status.as_str());
    let Some(status) = status else {
        // A word that Twilio invented since: kept where a person finds it, the message stays as it is.
        let detail = format!("the status `{}` is not known to this version", report.status.as_str());
        return Ok(dead(core, item, Reason::Malformed, detail));
    };
    let named = named(&item.query);
    let owner = match named {
        Some(owner) => Some(owner),
        None => read::<SidRow>(reader, &sid_key(report.message_sid))?.map(|row| (row.business, row.message)),
    };
    Ok(match owner {
        Some((business, message)) => Change::StatusReported(StatusReported {
            business,
            message,
            sid: report.message_sid,
            status,
            error: report.error_code,
        }),
        None => parked(report, status, item),
    })
}

/// Our ids in the callback's own query: `?b=BUSINESS&m=ID`. They are covered by the signature.
fn named(query: &str) -> Option<(Id, Id)> {
    let (mut business, mut message) = (None, None);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "b" => business = value.parse().ok(),
            "m" => message = value.parse().ok(),
            _ => {}
        }
    }
    Some((business?, message?))
}

fn parked(report: &StatusCallback, status: Status, item: &Item) -> Change {
    Change::ReportParked(ReportParked {
        report: Parked {
            sid: report.message_sid,
            status,
            error: report.error_code,
            body: String::from_utf8_lossy(&item.body).into_owned(),
            since: item.at,
        },
    })
}

fn dead(core: &Core, item: &Item, reason: Reason, detail: String) -> Change {
    Change::DeadLettered(Box::new(DeadLettered { letter: letter(core, item, reason, detail), evict: None }))
}

/// A dead letter of a webhook.
pub(super) fn letter(core: &Core, item: &Item, reason: Reason, detail: String) -> DeadLetter {
    DeadLetter {
        id: core.new_id(),
        at: item.at,
        path: item.path.as_str().to_owned(),
        reason,
        detail,
        body: String::from_utf8_lossy(&item.body).into_owned(),
        query: item.query.clone(),
        replayed_at: None,
    }
}

/// What the lane did not take: a status without its message is parked, a poisonous change is set aside.
/// Only then may the cursor pass them: a crash in between must not lose them.
async fn leftovers(
    core: &Core,
    lane: u16,
    envelopes: &[Envelope],
    answers: Vec<Result<Outcome, ApiError>>,
) -> Result<(), ApiError> {
    for (envelope, answer) in envelopes.iter().zip(answers) {
        match (answer, &envelope.change) {
            (Ok(Outcome::UnknownMessage), Change::StatusReported(r)) => {
                let report =
                    Parked { sid: r.sid, status: r.status, error: r.error, body: String::new(), since: envelope.wall };
                core.submit_work(Change::ReportParked(ReportParked { report })).await?;
            }
            (Ok(_), _) => {}
            (Err(e), _) if e.code == crate::api::Code::Unavailable => return Err(e),
            (Err(_), Change::IntakeAdvanced(_)) => {
                let again = core.0.lanes.submit_all(lane, vec![envelope.clone()]).await?;
                again.into_iter().collect::<Result<Vec<_>, _>>()?;
            }
            (Err(e), change) => {
                tracing::error!(error = %e, "a webhook was set aside");
                let letter = DeadLetter {
                    id: core.new_id(),
                    at: envelope.wall,
                    path: String::new(),
                    reason: Reason::Poison,
                    detail: e.detail,
                    body: format!("{change:?}"),
                    query: String::new(),
                    replayed_at: None,
                };
                core.submit_work(Change::DeadLettered(Box::new(DeadLettered { letter, evict: None }))).await?;
            }
        }
    }
    Ok(())
}
