//! The way over HTTP: an operation becomes its method and path, an answer its reply or its error.

use std::sync::Once;
use std::time::Duration;

use bytes::Bytes;
use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use url::Url;

use super::{Connection, Failure, Heard, Link};
use crate::api::events::{Cursor, Frame};
use crate::api::report::Report;
use crate::api::{ApiError, Code, Method, Operation, Reply, Request, Spec};

/// A node reached over HTTP.
#[derive(Clone)]
pub struct Remote {
    pub(super) http: reqwest::Client,
    base: Url,
}

/// The longest wait between two attempts to follow the events again.
const MAX_BACKOFF: Duration = Duration::from_secs(5);
/// Longer than any call may take, and than the pause between two signs of life of the node.
const SILENCE: Duration = Duration::from_secs(40);

/// A report that came as a file, as the reply that it is.
fn report(headers: &HeaderMap, bytes: &Bytes) -> Option<Bytes> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (content_type, disposition) = header("content-type").zip(header("content-disposition"))?;
    let text = std::str::from_utf8(bytes).ok()?.to_owned();
    serde_json::to_vec(&Report::of_file(content_type, disposition, text)?).ok().map(Bytes::from)
}

impl Remote {
    /// Prepares the way to the node at `base` (`http://host:port`). The token goes with every call;
    /// `agent` tells a node's session token whom it speaks for.
    pub fn new(base: Url, token: &str, agent: Option<&str>) -> Result<Remote, ApiError> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let bad =
            |what: &str| ApiError::field(what, format!("the {what} has characters that no HTTP header can carry"));
        let mut headers = HeaderMap::new();
        let mut bearer: reqwest::header::HeaderValue = format!("Bearer {token}").parse().map_err(|_| bad("token"))?;
        bearer.set_sensitive(true);
        headers.insert("authorization", bearer);
        if let Some(agent) = agent {
            headers.insert("x-switchboard-agent", agent.parse().map_err(|_| bad("agent"))?);
        }
        let mut builder = reqwest::Client::builder()
            .default_headers(headers)
            .connect_timeout(Duration::from_secs(5))
            // The node says something every quarter of a minute: a line on which nothing comes is dead.
            .read_timeout(SILENCE)
            .redirect(reqwest::redirect::Policy::none());
        if base.host_str().is_some_and(|h| h == "localhost" || h.starts_with("127.") || h == "[::1]") {
            builder = builder.no_proxy();
            if base.scheme() == "http" {
                // Without TLS the system's trust store serves nothing, and it is dear to load.
                builder = builder.tls_certs_only([]);
            }
        }
        let http = builder
            .build()
            .map_err(|e| ApiError::new(Code::Internal, format!("the HTTP client cannot be set up: {e}")))?;
        Ok(Remote { http, base })
    }

    /// Carries out one operation.
    pub async fn call<O: Operation>(&self, operation: O) -> Result<O::Reply, ApiError> {
        Link::Remote(self.clone()).call(operation).await
    }

    pub(super) async fn ask(&self, request: Request) -> Result<Reply, ApiError> {
        let spec = request.spec();
        let Value::Object(fields) = request.input() else {
            return Err(ApiError::new(Code::Internal, "the input is no JSON object"));
        };
        let answer = self.call_raw(spec, fields).await?;
        (spec.answered)(answer).map_err(|e| not_understood(spec, &e))
    }

    /// Carries out an operation that is known only at run time, with its fields as JSON, and tells
    /// apart whether nobody answered or the node said no.
    pub async fn call_raw(&self, spec: &Spec, fields: Map<String, Value>) -> Result<Value, Failure> {
        let bytes = self.fetch(spec, fields).await?;
        serde_json::from_slice(&bytes).map_err(|e| Failure::Refused(not_understood(spec, &e)))
    }

    async fn fetch(&self, spec: &Spec, mut fields: Map<String, Value>) -> Result<Bytes, Failure> {
        let url = self.url(spec.path, &mut fields).map_err(Failure::Refused)?;
        let mut request = match spec.method {
            Method::Get => self.http.get(url),
            Method::Delete => self.http.delete(url),
            Method::Post => self.http.post(url),
            Method::Put => self.http.put(url),
        };
        if spec.method.is_bodiless() {
            let pairs: Vec<(String, String)> = fields.into_iter().filter_map(|(k, v)| Some((k, plain(&v)?))).collect();
            request = request.query(&pairs);
        } else {
            request = request.json(&fields);
        }
        let (headers, bytes) = self.exchange(request.timeout(Duration::from_secs(30))).await?;
        Ok(report(&headers, &bytes).unwrap_or(bytes))
    }

    /// One request, read to its end; a refusal as the node said it.
    pub(super) async fn exchange(&self, request: reqwest::RequestBuilder) -> Result<(HeaderMap, Bytes), Failure> {
        let lost = |e: reqwest::Error| Failure::Lost(self.lost(&e));
        let mut answer = request.send().await.map_err(lost)?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let bytes = answer.bytes().await.map_err(lost)?;
        if status.is_success() {
            return Ok((headers, bytes));
        }
        Err(Failure::Refused(serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            ApiError::new(
                Code::Unavailable,
                format!("{} answered {} without a reason: is it a Switchboard node?", self.base, status.as_u16()),
            )
        })))
    }

    /// Follows the events, for ever. The work ends when the stream is dropped.
    pub fn events(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        self.follow(after, false)
    }

    /// The same, with the webhooks that are answered meanwhile.
    pub fn watch(&self, after: Option<Cursor>) -> BoxStream<'static, Heard> {
        self.follow(after, true)
    }

    fn follow(&self, after: Option<Cursor>, webhooks: bool) -> BoxStream<'static, Heard> {
        let (heard, receiver) = mpsc::channel(256);
        tokio::spawn(follow(self.clone(), after, webhooks, heard));
        stream::unfold(receiver, |mut receiver| async move { receiver.recv().await.map(|h| (h, receiver)) }).boxed()
    }

    pub(super) fn url(&self, pattern: &str, fields: &mut serde_json::Map<String, Value>) -> Result<Url, ApiError> {
        let mut url = self.base.clone();
        {
            let mut segments = url
                .path_segments_mut()
                .map_err(|()| ApiError::field("connect", format!("{} is no address of a node", self.base)))?;
            segments.pop_if_empty();
            for segment in pattern.split('/').skip(1) {
                match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                    Some(name) => {
                        let value = fields.remove(name).and_then(|v| plain(&v)).unwrap_or_default();
                        if value.is_empty() || value == "." || value == ".." {
                            return Err(ApiError::field(name, format!("`{name}` is missing")));
                        }
                        segments.push(&value);
                    }
                    None => {
                        segments.push(segment);
                    }
                }
            }
        }
        Ok(url)
    }

    fn lost(&self, e: &reqwest::Error) -> ApiError {
        let why = if e.is_connect() {
            "cannot be reached"
        } else if e.is_timeout() {
            "did not answer in time"
        } else {
            "broke off"
        };
        ApiError::unavailable(format!("the node at {} {why}: is `switchboard serve` running there?", self.base))
    }
}

fn not_understood(spec: &Spec, e: &serde_json::Error) -> ApiError {
    ApiError::new(Code::Internal, format!("the node's answer to {} was not understood: {e}", spec.name))
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(s) => Some(s.clone()),
        other => Some(other.to_string()),
    }
}

/// Connects, passes frames on and connects again behind the last one, until nobody listens.
async fn follow(remote: Remote, mut after: Option<Cursor>, webhooks: bool, heard: mpsc::Sender<Heard>) {
    let mut backoff = Duration::ZERO;
    loop {
        tokio::select! {
            () = tokio::time::sleep(backoff) => {}
            () = heard.closed() => return,
        }
        let why = match connect(&remote, after.as_ref(), webhooks).await {
            Ok(frames) => {
                backoff = Duration::ZERO;
                if heard.send(Heard::Connection(Connection::Live)).await.is_err() {
                    return;
                }
                let Some(why) = pass_on(frames, &mut after, &heard).await else { return };
                why
            }
            Err(why) => why,
        };
        if heard.send(Heard::Connection(Connection::Stale(why))).await.is_err() {
            return;
        }
        backoff = (backoff * 2).clamp(Duration::from_millis(200), MAX_BACKOFF);
    }
}

async fn connect(remote: &Remote, after: Option<&Cursor>, webhooks: bool) -> Result<reqwest::Response, String> {
    let mut url = remote.base.clone();
    url.set_path("/api/events");
    if let Some(after) = after {
        url.query_pairs_mut().append_pair("after", &after.encode());
    }
    if webhooks {
        url.query_pairs_mut().append_pair("webhooks", "true");
    }
    let answer = remote.http.get(url).send().await.map_err(|e| remote.lost(&e).detail)?;
    match answer.status().as_u16() {
        200 => Ok(answer),
        401 | 403 => Err("the node no longer accepts this token: ask for a new one".to_owned()),
        status => {
            let said = answer.bytes().await.ok().and_then(|b| serde_json::from_slice::<ApiError>(&b).ok());
            Err(said.map_or_else(|| format!("the node at {} answered {status}", remote.base), |e| e.detail))
        }
    }
}

/// `None` when nobody listens any more, else why the connection ended.
async fn pass_on(answer: reqwest::Response, after: &mut Option<Cursor>, heard: &mpsc::Sender<Heard>) -> Option<String> {
    let mut events = answer.bytes_stream().eventsource();
    loop {
        let next = tokio::select! {
            next = events.next() => next,
            () = heard.closed() => return None,
        };
        let event = match next {
            Some(Ok(event)) => event,
            Some(Err(_)) => return Some("the connection to the node broke off".to_owned()),
            None => return Some("the node ended the connection".to_owned()),
        };
        // A frame that a newer node invented is skipped: its rows come with the next one known.
        let Ok(frame) = serde_json::from_str::<Frame>(&event.data) else { continue };
        *after = frame.cursor().cloned().or(after.take());
        heard.send(Heard::Frame(frame)).await.ok()?;
    }
}
