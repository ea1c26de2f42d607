//! The warp server: webhooks, the REST API, the event stream.
//!
//! One filter takes every request; dispatch is a table. It asks the core and knows no rules of its
//! own, and nothing of the console.

mod allow;
mod auth;
mod events;
mod media;
mod metrics;
mod request;
mod rest;
mod socket;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use crate::api::{ApiError, Code};
use crate::core::Core;
use crate::core::media::SERVED_AT;
use crate::core::receive::Path;
use request::{Incoming, Request};
pub use socket::{bind, raise_open_files};

/// Requests that are open may take so long after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// So long a webhook waits for the core that follows one whose sandbox was reset.
const SUCCESSION: Duration = Duration::from_secs(10);

/// How the server treats its neighbours.
#[derive(Debug, Clone)]
pub struct Options {
    /// A client that sends its body slower than this is not waited for.
    pub body_time: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options { body_time: Duration::from_secs(15) }
    }
}

/// What every request handler has.
#[derive(Clone)]
pub(crate) struct Shared {
    core: Core,
    options: Arc<Options>,
    refusals: Arc<webhook::Refusals>,
    answers: Arc<metrics::Answers>,
}

/// Serves until the core stops, then ends within a few seconds.
pub async fn run(listener: TcpListener, core: Core, options: Options) {
    let stop = core.stopping();
    // Nobody puts another one in its place.
    let (_only, cores) = watch::channel(core);
    serve(listener, cores, stop, options).await;
}

/// Serves whichever core there is at the moment until `stop`, then ends within a few seconds. A core
/// whose sandbox was reset is followed by another one.
pub async fn serve(listener: TcpListener, cores: watch::Receiver<Core>, stop: CancellationToken, options: Options) {
    let (options, refusals, answers) = (Arc::new(options), Arc::default(), Arc::default());
    let door = Door { cores, options, refusals, answers };
    let server = warp::serve(routes(door)).incoming(listener).graceful(stop.clone().cancelled_owned()).run();
    tokio::select! {
        () = server => {}
        () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => {}
    }
}

/// Where requests come in: what they share, but for the core.
#[derive(Clone)]
struct Door {
    cores: watch::Receiver<Core>,
    options: Arc<Options>,
    refusals: Arc<webhook::Refusals>,
    answers: Arc<metrics::Answers>,
}

impl Door {
    /// What a request is handled with. A webhook waits for the fresh world that it belongs to, in bounds;
    /// anybody else is told of it.
    async fn open(mut self, is_webhook: bool) -> Shared {
        let outlived = self.cores.borrow().outlived();
        if is_webhook && outlived.is_cancelled() {
            let _ = tokio::time::timeout(SUCCESSION, self.cores.wait_for(|c| !c.outlived().is_cancelled())).await;
        }
        let core = self.cores.borrow().clone();
        Shared { core, options: self.options, refusals: self.refusals, answers: self.answers }
    }
}

fn routes(door: Door) -> BoxedFilter<(Response,)> {
    request::any()
        .then(move |request: Request, body: Incoming| {
            let door = door.clone();
            async move {
                let shared = door.open(request.path.starts_with("/api/webhooks/")).await;
                let path = request.path.clone();
                allow::told(dispatch(&shared, request, body).await, &path)
            }
        })
        .boxed()
}

async fn dispatch(shared: &Shared, request: Request, body: Incoming) -> Response {
    let is_get = request.method == Method::GET;
    match request.path.as_str() {
        "/api/webhooks/twilio-sms" => webhook::take(shared, request, body, Path::Sms).await,
        "/api/webhooks/twilio-status" => webhook::take(shared, request, body, Path::Status).await,
        "/api/events" | "/api/openapi.json" | "/metrics" | "/healthz" | "/api/webhooks/healthz" if !is_get => {
            rest::problem(&ApiError::new(Code::MethodNotAllowed, "only GET is possible here"))
        }
        "/api/events" => events::stream(shared, &request).await,
        "/api/openapi.json" => rest::json(StatusCode::OK, &crate::api::openapi::document()),
        "/metrics" => metrics::show(shared, &request).await,
        // Below the webhooks too: there a proxy lets it through if it lets those through.
        "/healthz" | "/api/webhooks/healthz" => {
            rest::json(StatusCode::OK, &serde_json::json!({ "ok": true, "run": shared.core.run() }))
        }
        "/api/media" => media::upload(shared, request, body).await,
        path if path.starts_with(SERVED_AT) => media::served(shared, &request, &path[SERVED_AT.len()..]).await,
        path if path.starts_with("/api/") => match media::content_at(path) {
            Some((message, index)) => media::content(shared, &request, message, index).await,
            None => rest::answer(shared, request, body).await,
        },
        _ => rest::problem(&ApiError::new(
            Code::NotFound,
            "there is nothing here: the API is under /api, described by /api/openapi.json",
        )),
    }
}
