//! The event stream: frames of the feed as server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::StreamExt;
use warp::reply::{Reply, Response};
use warp::sse::Event;

use super::request::Request;
use super::{Shared, auth, rest};
use crate::api::events::{Cursor, Frame};
use crate::api::{ApiError, Caller};

/// How often a silent stream says that it lives.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Streams until the caller hangs up, its token is revoked or the node stops.
pub(super) async fn stream(shared: &Shared, request: &Request) -> Response {
    match open(shared, request).await {
        Ok(response) => response,
        Err(e) => rest::problem(&e),
    }
}

async fn open(shared: &Shared, request: &Request) -> Result<Response, ApiError> {
    let caller: Caller = auth::caller(shared, request).await?;
    let named = url::form_urlencoded::parse(request.query.as_bytes()).find(|(name, _)| name == "after");
    let after =
        named.map(|(_, value)| value.into_owned()).or_else(|| request.header("last-event-id").map(str::to_owned));
    let after: Option<Cursor> =
        after.map(|text| text.parse().map_err(|e| ApiError::field("after", format!("{e}")))).transpose()?;
    let wants = |(name, value): (_, _)| name == "webhooks" && value == "true";
    let webhooks = url::form_urlencoded::parse(request.query.as_bytes()).any(wants);
    let tap = if webhooks { Some(shared.core.tap(&caller)?) } else { None };
    let core = shared.core.clone();
    let token = auth::token(request)?.to_owned();
    let holds = {
        let core = core.clone();
        move || core.authenticate(&token, None).is_ok()
    };
    let frames = core
        .events_while(caller, after, tap, holds)
        .map(|frame| Ok::<Event, Infallible>(event(&frame)))
        .take_until(core.stopping().cancelled_owned());
    let kept = warp::sse::keep_alive().interval(KEEP_ALIVE).stream(frames);
    Ok(warp::sse::reply(kept).into_response())
}

fn event(frame: &Frame) -> Event {
    let event = match frame {
        Frame::Event(e) => Event::default().event("event").id(e.cursor.encode()),
        Frame::CaughtUp { cursor } => Event::default().event("caughtUp").id(cursor.encode()),
        Frame::Reset { cursor } => Event::default().event("reset").id(cursor.encode()),
        Frame::Clock { .. } => Event::default().event("clock"),
        Frame::Presence(_) => Event::default().event("presence"),
        Frame::Webhook(_) => Event::default().event("webhook"),
        Frame::Handset { .. } => Event::default().event("handset"),
    };
    event.data(serde_json::to_string(frame).unwrap_or_default())
}
