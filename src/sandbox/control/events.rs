//! The journal as a stream (server-sent events): what was, then what comes. Beside calls and webhooks it
//! tells what reached a handset (`phone`) and what was asked of the control API (`control`).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use warp::reply::{Reply, Response};
use warp::sse::Event;

use super::{Refused, refuse};
use crate::sandbox::call::Params;
use crate::sandbox::http::App;
use crate::sandbox::journal::Entry;

/// How often a silent stream says that it lives, unless the reader says otherwise.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// `GET events?after=N&keepAlive=SECONDS`. A reader who falls behind gets `resync` and should list the
/// journal again. With `keepAlive=0` a silent stream sends nothing at all: such a reader leaves it to TCP
/// to find out whether we are still there.
pub async fn follow(app: &App, query: &Params) -> Response {
    let (after, keep_alive) = match super::journal::after(query).and_then(|after| Ok((after, keep_alive(query)?))) {
        Ok(asked) => asked,
        Err(Refused(status, text)) => return refuse(status, &text),
    };
    // Listening begins before the past is read, so nothing falls in between.
    let live = app.engine.events();
    let past = match app.engine.run(move |world| world.entries(after)).await {
        Ok(past) => past,
        Err(error) => return refuse(warp::http::StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    };
    let seen = past.last().map_or(after, |entry| entry.n);
    let all = stream::iter(past).map(|entry| Ok(event(&entry))).chain(follow_from(live, seen));
    let until_stop = all.take_until(app.stop.clone().cancelled_owned());
    match keep_alive {
        Some(interval) => {
            warp::sse::reply(warp::sse::keep_alive().interval(interval).stream(until_stop)).into_response()
        }
        None => warp::sse::reply(until_stop).into_response(),
    }
}

/// How often to say that the stream lives; `None`: never.
fn keep_alive(query: &Params) -> Result<Option<Duration>, Refused> {
    let Some(text) = query.text("keepAlive") else { return Ok(Some(KEEP_ALIVE)) };
    let seconds: u32 =
        text.parse().map_err(|_| Refused::bad(format!("keepAlive={text:?} is no number of seconds: 0 means never")))?;
    Ok((seconds > 0).then(|| Duration::from_secs(u64::from(seconds))))
}

fn follow_from(live: Receiver<Arc<Entry>>, seen: u64) -> impl Stream<Item = Result<Event, Infallible>> + Send + Sync {
    stream::unfold((live, seen), |(mut live, seen)| async move {
        loop {
            match live.recv().await {
                Ok(entry) if entry.n <= seen => {}
                Ok(entry) => return Some((Ok(event(&entry)), (live, entry.n))),
                Err(RecvError::Lagged(_)) => {
                    return Some((Ok(Event::default().event("resync").data("{}")), (live, seen)));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    })
}

fn event(entry: &Entry) -> Event {
    let data = serde_json::to_string(entry).unwrap_or_else(|_| "{}".to_owned());
    Event::default().id(entry.n.to_string()).event(entry.kind.clone()).data(data)
}
