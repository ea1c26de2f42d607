//! Fetches the files of incoming messages from Twilio, a few at a time, and tries again at growing
//! distances what is in the way only for now.
//!
//! What is due stands in an index, so a restart or a crash resumes where it was.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::change::{Change, MediaKept, MediaTried, Outcome, Tried};
use super::super::rows::{media_due, message_key};
use super::shelf::Trouble;
use super::upload::digest;
use super::{lock, room};
use crate::api::{ApiError, Code};
use crate::clock;
use crate::core::{Core, broken, read};
use crate::domain::id::Id;
use crate::domain::media::{File, Media, State, plain_type};
use crate::domain::message::Message;
use crate::domain::time::{Span, Time};
use crate::store::{Index, Order, PageQuery};
use crate::twilio;
use crate::twilio::media::FetchError;

/// Downloads at the same time. Each holds its file in memory.
const PARALLEL: usize = 4;
/// How much of what is due is looked at in one go.
const CHUNK: usize = 256;
/// Tries altogether, and the longest pause between two: about five hours with the usual first pause.
const TRIES: u32 = 10;
const LONGEST_PAUSE: Span = Span::secs(3600);
/// After a store that failed.
const REST: Duration = Duration::from_secs(5);
/// The wall clock may be set: nothing is slept for longer.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// What an entry of the index is about.
#[derive(Debug, Clone, Copy)]
struct Due {
    at: Time,
    business: Id,
    id: Id,
    is_file: bool,
}

impl Due {
    fn read(key: &[u8]) -> Option<Due> {
        let number = |at: usize| Some(u64::from_be_bytes(key.get(at..at + 8)?.try_into().ok()?));
        let at = Time::from_key(key.get(..8)?.try_into().ok()?);
        Some(Due { at, business: Id(number(8)?), id: Id(number(16)?), is_file: key.last() == Some(&media_due::FILE) })
    }
}

/// Something that is being dealt with; when this is dropped, also by a panic, it no longer is.
struct UnderWay {
    core: Core,
    id: Id,
    _slot: OwnedSemaphorePermit,
}

impl UnderWay {
    fn begin(core: &Core, id: Id, slot: OwnedSemaphorePermit) -> UnderWay {
        lock(&core.0.media.under_way).insert(id);
        UnderWay { core: core.clone(), id, _slot: slot }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        lock(&self.core.0.media.under_way).remove(&self.id);
        self.core.0.media.again.notify_one();
    }
}

/// The worker.
pub(in crate::core) async fn run(core: Core) {
    let stop = core.stopping();
    let slots = Arc::new(Semaphore::new(PARALLEL));
    let mut heads = core.0.lanes.heads();
    room::clean(&core).await;
    while !stop.is_cancelled() {
        heads.borrow_and_update();
        let next = pass(&core, &slots).unwrap_or_else(|e| {
            tracing::error!(error = %e, "what is to be fetched cannot be read; trying again soon");
            Some(REST)
        });
        tokio::select! {
            () = tokio::time::sleep(next.unwrap_or(LONGEST_SLEEP)), if next.is_some() => {}
            _ = heads.changed() => {}
            () = core.0.media.again.notified() => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Begins what is due, as far as there are places. Answers when something will be due; `None` when nothing
/// will, or when what is under way rings.
fn pass(core: &Core, slots: &Arc<Semaphore>) -> Result<Option<Duration>, ApiError> {
    let now = clock::wall();
    let busy: HashSet<Id> = lock(&core.0.media.under_way).clone();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let query = PageQuery {
            index: Index::MediaDue,
            prefix: &[],
            after: after.as_deref(),
            order: Order::Rising,
            limit: CHUNK,
        };
        let keys = core.reader()?.page(&query).map_err(broken)?;
        for due in keys.iter().filter_map(|key| Due::read(key)) {
            if due.at > now {
                let wait = u64::try_from((due.at - now).0).unwrap_or(0);
                return Ok(Some(Duration::from_micros(wait).clamp(Duration::from_millis(1), LONGEST_SLEEP)));
            }
            if busy.contains(&due.id) {
                continue;
            }
            let Ok(slot) = slots.clone().try_acquire_owned() else { return Ok(None) };
            core.spawn_task(deal(UnderWay::begin(core, due.id, slot), due));
        }
        match keys.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(None),
        }
    }
}

async fn deal(under_way: UnderWay, due: Due) {
    let core = &under_way.core;
    let stop = core.stopping();
    let done = async {
        match due.is_file {
            true => room::drop_file(core, due.business, due.id).await,
            false => message(core, due.business, due.id).await,
        }
    };
    let done = tokio::select! {
        done = done => done,
        // It stays due: the next start goes on.
        () = stop.cancelled() => return,
    };
    if let Err(e) = done {
        tracing::error!(error = %e, "what became of a file could not be recorded; trying again soon");
        tokio::select! {
            () = tokio::time::sleep(REST) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Fetches what is due of a message.
async fn message(core: &Core, business: Id, id: Id) -> Result<(), ApiError> {
    let found: Option<Message> = read(&*core.reader()?, &message_key(business, id))?;
    let Some(message) = found else { return Ok(()) };
    let now = clock::wall();
    for (index, media) in message.media.iter().enumerate() {
        if media.state == State::Waiting && media.next.is_some_and(|next| next <= now) {
            one(core, &message, index, media).await?;
        }
    }
    Ok(())
}

async fn one(core: &Core, m: &Message, index: usize, media: &Media) -> Result<(), ApiError> {
    let largest = usize::try_from(core.0.media.largest).unwrap_or(usize::MAX);
    let account = core.account_of(&*core.reader()?, m.business, m.conversation)?;
    let fetched = core.client_of(account).fetch_media(&media.url, largest, core.0.pace.fetch).await;
    let failed = match fetched {
        Ok(content) => {
            let said = content.content_type.as_deref().unwrap_or(&media.content_type);
            match keep(core, m, index, &plain_type(said), content.bytes).await? {
                Ok(()) => return Ok(()),
                Err(trouble) => (Verdict::Later, trouble.to_string()),
            }
        }
        Err(e) => judged(&e),
    };
    let (verdict, text) = failed;
    let (business, message) = (m.business, m.id);
    let tried = match verdict {
        Verdict::Gone => Tried::Gone,
        Verdict::Final => Tried::Failed,
        Verdict::Later if media.tries + 1 >= TRIES => Tried::Failed,
        Verdict::Later => Tried::Again(clock::wall() + pause(core.0.pace.fetch_again, media.tries)),
    };
    let text = match tried {
        Tried::Failed if verdict == Verdict::Later => {
            format!("given up after {TRIES} tries: {text}; `switchboard media retry` tries again")
        }
        _ => text,
    };
    tracing::info!(%message, index, ?tried, "a file of a message could not be fetched");
    let change = MediaTried { business, message, index, tried, text };
    core.submit_work(Change::MediaTried(change)).await.map(|_| ())
}

/// The pause after so many tries before this one: four times as long each time.
fn pause(first: Duration, tries: u32) -> Span {
    let first = i64::try_from(first.as_micros()).unwrap_or(i64::MAX);
    Span(first.saturating_mul(4_i64.saturating_pow(tries))).min(LONGEST_PAUSE)
}

/// Puts a file in its place, then its row. The disk's trouble is told, the store's is an error.
async fn keep(
    core: &Core,
    m: &Message,
    index: usize,
    content_type: &str,
    bytes: Bytes,
) -> Result<Result<(), Trouble>, ApiError> {
    let desk = &core.0.media;
    let (business, id, size) = (m.business, core.new_id(), bytes.len() as u64);
    let file = File {
        business,
        id,
        content_type: content_type.to_owned(),
        size,
        digest: digest(bytes.clone()).await,
        name: None,
        made_at: clock::wall(),
        messages: vec![m.id],
    };
    let put = match room::make(core, size).await {
        Ok(()) => desk.shelf.put(business, id, bytes).await,
        Err(crowded) => Err(crowded),
    };
    if let Err(trouble) = desk.note(put) {
        return Ok(Err(trouble));
    }
    let kept = core.submit_work(Change::MediaKept(Box::new(MediaKept { message: m.id, index, file }))).await;
    // Whether it was recorded is not known when the store fails: then the file stays, and the next start looks.
    let is_wanted = match &kept {
        Ok(outcome) => *outcome != Outcome::Duplicate,
        Err(e) => e.code == Code::Unavailable,
    };
    if !is_wanted && let Err(e) = desk.shelf.remove(business, id).await {
        tracing::warn!(error = %e, "a file that came twice cannot be removed");
    }
    kept.map(|_| Ok(()))
}

/// Whether another try makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Later,
    Final,
    Gone,
}

fn judged(e: &FetchError) -> (Verdict, String) {
    use twilio::Error::*;
    match e {
        FetchError::Foreign(_) => {
            (Verdict::Final, format!("{e}: nothing was asked there, for credentials go to Twilio only"))
        }
        FetchError::TooLarge { limit } => (
            Verdict::Final,
            format!("it is larger than the {limit} bytes that are taken: look at it in Twilio's console"),
        ),
        FetchError::TooSlow { .. } => (Verdict::Later, format!("{e}: it is tried again")),
        FetchError::Failed(Refused { http: 404 | 410, .. }) => {
            (Verdict::Gone, "Twilio does not have this file any more: ask the customer to send it again".to_owned())
        }
        FetchError::Failed(
            Refused { http: 408 | 425 | 429, .. } | RateLimited { .. } | NotSent { .. } | Unknown { .. },
        ) => (Verdict::Later, format!("{e}: it is tried again")),
        FetchError::Failed(Unauthorized { .. }) => {
            (Verdict::Later, format!("{e}: check account SID and token; it is tried again"))
        }
        FetchError::Failed(Refused { .. } | Decode { .. }) => {
            (Verdict::Final, format!("{e}: `switchboard media retry` tries again"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(http: u16) -> FetchError {
        let (code, message, more_info, retry_after) = (0, String::new(), None, None);
        FetchError::Failed(twilio::Error::Refused { http, code, message, more_info, retry_after })
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let lost = FetchError::Failed(twilio::Error::Unknown { reason: "HTTP 503".into() });
        for (e, verdict) in [
            (lost, Verdict::Later),
            (refused(404), Verdict::Gone),
            (refused(410), Verdict::Gone),
            (refused(403), Verdict::Final),
            (refused(429), Verdict::Later),
            (FetchError::TooLarge { limit: 9 }, Verdict::Final),
            (FetchError::TooSlow { time: REST }, Verdict::Later),
            (FetchError::Foreign("http://x.example".into()), Verdict::Final),
        ] {
            let (judged, text) = judged(&e);
            assert_eq!(judged, verdict, "{e}");
            assert!(!text.is_empty());
        }
    }

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let first = Duration::from_secs(2);
        let pauses: Vec<i64> = (0..9).map(|n| pause(first, n).whole_secs()).collect();
        assert_eq!(pauses, [2, 8, 32, 128, 512, 2048, 3600, 3600, 3600]);
        assert_eq!(pause(first, u32::MAX), LONGEST_PAUSE);
    }
}
