//! The sandbox's server: one catch-all filter, then the control API, Twilio's products, or media's bytes.
//!
//! Owns limits, Twilio's response headers and the faults that cut connections. Everything else is asked of
//! the engine.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::filters::path::FullPath;
use warp::http::{HeaderMap, Method, Response as HttpResponse, StatusCode};
use warp::reply::{Reply, Response};

use super::answer::{Answer, Content, Refusal};
use super::call::{Call, Raw};
use super::engine::Engine;
use super::error::StoreError;
use super::faults::Action;
use super::webhook::dispatch::Waiting;
use super::world::World;
use super::{api, control, on_purpose, router};

/// What a request needs.
#[derive(Clone)]
pub struct App {
    /// The state.
    pub engine: Engine,
    /// Who waits for which webhook.
    pub waiting: Waiting,
    /// Ends streams.
    pub stop: CancellationToken,
    in_flight: Arc<AtomicUsize>,
}

/// Calls under way at one time, as Twilio limits an account's.
const MOST_CALLS: usize = 1_000;
const ALLOWED_HEADERS: &str = "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, \
                               If-Unmodified-Since, Idempotency-Key";
/// The largest body: media of a message, in base64.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

impl App {
    /// The app over an engine.
    pub fn new(engine: Engine, waiting: Waiting, stop: CancellationToken) -> Self {
        Self { engine, waiting, stop, in_flight: Arc::default() }
    }
}

/// The one filter.
pub fn filter(app: App) -> BoxedFilter<(Response,)> {
    warp::method()
        .and(warp::path::full())
        .and(warp::query::raw().or(warp::any().map(String::new)).unify())
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(move |method: Method, path: FullPath, query: String, headers: HeaderMap, body| {
            let app = app.clone();
            async move {
                match read(body).await {
                    Ok(body) => answer(&app, raw(&method, path.as_str(), query, &headers, body)).await,
                    Err(status) => control::refuse(status, "the body is too large, or was cut off"),
                }
            }
        })
        .boxed()
}

async fn read<S, B, E>(body: S) -> Result<Bytes, StatusCode>
where
    S: Stream<Item = Result<B, E>>,
    B: Buf,
{
    let mut body = std::pin::pin!(body);
    let mut all = BytesMut::new();
    while let Some(chunk) = body.next().await {
        all.extend_from_slice(&bytes_of(chunk.map_err(|_| StatusCode::BAD_REQUEST)?));
        if all.len() > LARGEST_BODY {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
    }
    Ok(all.freeze())
}

fn bytes_of(mut chunk: impl Buf) -> Bytes {
    chunk.copy_to_bytes(chunk.remaining())
}

fn raw(method: &Method, path: &str, query: String, headers: &HeaderMap, body: Bytes) -> Raw {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Raw {
        method: method.as_str().to_owned(),
        path: path.to_owned(),
        query,
        host: header("host").unwrap_or_default(),
        authorization: header("authorization"),
        content_type: header("content-type"),
        body,
    }
}

async fn answer(app: &App, raw: Raw) -> Response {
    if let Some(call) = Call::read(&raw) {
        return twilio(app, call).await;
    }
    let segments: Vec<&str> = raw.path.split('/').filter(|segment| !segment.is_empty()).collect();
    match segments.as_slice() {
        ["sandbox", rest @ ..] => control::route(app, &raw, rest).await,
        ["cdn", sid, secret] => file(app, sid, secret).await,
        _ => control::refuse(
            StatusCode::NOT_FOUND,
            "there is nothing here: Twilio's products live below /api, /verify, ...",
        ),
    }
}

async fn file(app: &App, sid: &str, secret: &str) -> Response {
    let (sid, secret) = (sid.to_owned(), secret.to_owned());
    match app.engine.run(move |world| api::media::file(world, &sid, &secret)).await {
        Ok(Some((kind, bytes))) => respond(Answer { status: 200, body: Content::Bytes(kind, bytes), headers: vec![] }),
        Ok(None) => control::refuse(StatusCode::NOT_FOUND, "there is no such media"),
        Err(error) => control::refuse(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

/// What the engine makes of a call.
enum Step {
    Answer(Answer),
    Cut,
    Wait(Action, Box<Call>),
}

async fn twilio(app: &App, call: Call) -> Response {
    let begun = Instant::now();
    let flying = Flying::new(&app.in_flight);
    if flying.number > MOST_CALLS {
        return finish(Refusal::new(429, 20429, "Too Many Requests").answer(), &flying, begun, "api");
    }
    let product = call.product.clone();
    let mut step = app.engine.run(move |world| first(world, call)).await;
    if let Ok(Step::Wait(action, call)) = step {
        let (engine, stop) = (app.engine.clone(), app.stop.clone());
        let late = async move {
            tokio::time::sleep(Duration::from_millis(action.delay_ms.unwrap_or(0))).await;
            engine.run(move |world| with_fault(world, &call, &action)).await
        };
        // A caller who gives up in between does not take the call back: Twilio has it already.
        let carried_out = tokio::spawn(async move { stop.run_until_cancelled(late).await }).await;
        step = carried_out.ok().flatten().unwrap_or(Ok(Step::Cut));
    }
    match step {
        Ok(Step::Answer(answer)) => finish(answer, &flying, begun, &product),
        Ok(Step::Cut | Step::Wait(..)) => cut(),
        Err(error) => {
            let refusal = Refusal::new(503, 20503, error.to_string());
            finish(refusal.answer(), &flying, begun, &product)
        }
    }
}

fn first(world: &mut World, call: Call) -> Result<Step, StoreError> {
    if world.meta().faults.calls.is_empty() {
        return router::carry_out(world, &call).map(Step::Answer);
    }
    let seed = world.seed().clone();
    match world.meta_mut().faults.take_call(&seed, &call.product, &call.method, &call.path) {
        None => router::carry_out(world, &call).map(Step::Answer),
        Some(action) if action.delay_ms.is_some() => Ok(Step::Wait(action, Box::new(call))),
        Some(action) => with_fault(world, &call, &action),
    }
}

fn with_fault(world: &mut World, call: &Call, action: &Action) -> Result<Step, StoreError> {
    let record = |world: &mut World, answer: Option<&Answer>, what: &str| {
        let none = Answer::gone();
        let mut entry = router::entry(world, call, String::new(), answer.unwrap_or(&none));
        entry.status = answer.map(|answer| answer.status);
        entry.error = Some(what.to_owned());
        world.record(entry);
    };
    if action.reset {
        record(world, None, "connection cut on purpose; nothing was done");
        return Ok(Step::Cut);
    }
    if action.status.is_some() || action.code.is_some() {
        let answer = on_purpose::refusal(action).answer();
        record(world, Some(&answer), "refused on purpose");
        return Ok(Step::Answer(answer));
    }
    if action.drop_after_accept {
        router::carry_out_unanswered(world, call, "carried out, then the connection was cut on purpose")?;
        return Ok(Step::Cut);
    }
    router::carry_out(world, call).map(Step::Answer)
}

/// Counts a call as under way until it is dropped.
struct Flying<'a> {
    count: &'a AtomicUsize,
    number: usize,
}

impl<'a> Flying<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        Self { count, number: count.fetch_add(1, Ordering::Relaxed) + 1 }
    }
}

impl Drop for Flying<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Adds the headers that Twilio's answers have.
fn finish(mut answer: Answer, flying: &Flying, begun: Instant, product: &str) -> Response {
    let own_id = answer.headers.iter().any(|(name, _)| *name == "Twilio-Request-Id");
    if !own_id {
        answer.headers.push(("Twilio-Request-Id", request_id(begun)));
    }
    answer.headers.extend([
        ("Twilio-Concurrent-Requests", flying.number.to_string()),
        ("Twilio-Request-Duration", format!("{:.3}", begun.elapsed().as_secs_f64())),
        ("X-Home-Region", "us1".to_owned()),
        ("X-API-Domain", format!("{product}.twilio.com")),
        ("Strict-Transport-Security", "max-age=31536000".to_owned()),
        ("Access-Control-Allow-Origin", "*".to_owned()),
        ("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS".to_owned()),
        ("Access-Control-Allow-Headers", ALLOWED_HEADERS.to_owned()),
        ("Access-Control-Allow-Credentials", "true".to_owned()),
        ("Access-Control-Expose-Headers", "ETag".to_owned()),
        ("X-Powered-By", "AT-5000".to_owned()),
        ("X-Shenanigans", "none".to_owned()),
    ]);
    respond(answer)
}

/// An id in Twilio's form; it names nothing that is kept, so it need not come from the seed.
fn request_id(begun: Instant) -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let text = format!("{begun:?} {count}");
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    format!("RQ{}", super::seed::hex(&digest.as_ref()[..16]))
}

/// Makes the HTTP response of an answer.
pub fn respond(answer: Answer) -> Response {
    let mut response = HttpResponse::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(*name, value);
    }
    let (kind, bytes) = match answer.body {
        Content::Empty => (None, Vec::new()),
        Content::Json(value) => (Some("application/json".to_owned()), value.to_string().into_bytes()),
        Content::Bytes(kind, bytes) => (Some(kind), bytes),
    };
    if let Some(kind) = kind {
        response = response.header("Content-Type", kind);
    }
    match response.body(Bytes::from(bytes)) {
        Ok(response) => response.into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer could not be built");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Ends the connection without an answer: a body that fails at once takes its head down with it.
fn cut() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset)) });
    warp::reply::stream(broken).into_response()
}
