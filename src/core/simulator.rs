//! Operations of the simulator: forwarded to the sandbox's control API, and refused when live.

use std::sync::OnceLock;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use url::Url;

use super::Core;
use crate::api::simulator::*;
use crate::api::{ApiError, Caller, Code, Done, When};
use crate::domain::time::Time;

/// How many handsets a slow reader of the feed may lag behind; it then hears of the newest.
const TOLD: usize = 256;

/// Where is told that something reached or left a simulated handset. Nobody has to listen.
pub(super) struct Handsets(broadcast::Sender<String>);

impl Default for Handsets {
    fn default() -> Handsets {
        Handsets(broadcast::Sender::new(TOLD))
    }
}

/// Hears which handsets something happened to.
pub(super) struct HandsetEar(broadcast::Receiver<String>);

impl HandsetEar {
    /// The address of the next one.
    pub async fn next(&mut self) -> String {
        loop {
            match self.0.recv().await {
                Ok(address) => return address,
                Err(RecvError::Lagged(_)) => {}
                // The sender lives as long as the core.
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
    }
}

/// What the sandbox's journal says of a handset.
#[derive(Deserialize)]
struct OnHandset {
    path: String,
}

impl Core {
    /// Listens to what happens to simulated handsets.
    pub(super) fn hear_handsets(&self) -> HandsetEar {
        HandsetEar(self.0.handsets.0.subscribe())
    }

    pub(super) async fn control(
        &self,
        method: reqwest::Method,
        path: &[&str],
        body: Option<Value>,
    ) -> Result<Value, ApiError> {
        let Some(base) = &self.settings().sandbox else {
            let detail = "this node talks to the real Twilio: there are no simulated phones and no clock to move";
            return Err(ApiError::new(Code::Conflict, detail));
        };
        let mut request = http()?.request(method, url(base, path)?);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let gone = |_| ApiError::unavailable("the sandbox does not answer: is it still running?");
        let answer = request.send().await.map_err(gone)?;
        let status = answer.status();
        let text = answer.text().await.map_err(gone)?;
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if status.is_success() {
            return Ok(value);
        }
        let said = ["message", "error", "detail"].iter().find_map(|k| value[k].as_str()).unwrap_or("it gave no reason");
        Err(ApiError::new(Code::InvalidInput, format!("the sandbox refused: {said}")))
    }

    pub(super) async fn list_phones(&self) -> Result<PhoneList, ApiError> {
        let answer = self.control(reqwest::Method::GET, &["sandbox", "phones"], None).await?;
        let phones = answer["phones"].as_array().or(answer.as_array()).cloned().unwrap_or_default();
        let address = |p: &Value| p["address"].as_str().or(p.as_str()).map(str::to_owned);
        Ok(PhoneList { items: phones.iter().filter_map(address).collect() })
    }

    pub(super) async fn get_phone(&self, address: &str) -> Result<PhoneView, ApiError> {
        let answer = self.control(reqwest::Method::GET, &["sandbox", "phones", address], None).await?;
        let rows = |name: &str| answer[name].as_array().cloned().unwrap_or_default();
        let text = |m: &Value, name: &str| m[name].as_str().unwrap_or_default().to_owned();
        let message = |m: &Value, medium: Medium, body: String| PhoneMessage {
            direction: m["direction"].as_str().unwrap_or("in").to_owned(),
            from: text(m, "from"),
            to: m["to"].as_str().unwrap_or(address).to_owned(),
            body,
            media: m["media"].as_array().into_iter().flatten().map(phone_media).collect(),
            at: moment(&m["at"]).unwrap_or_default(),
            sid: text(m, "sid"),
            medium,
        };
        let mut messages: Vec<PhoneMessage> = Vec::new();
        messages.extend(rows("messages").iter().map(|m| message(m, Medium::Text, text(m, "body"))));
        messages.extend(rows("calls").iter().map(|m| message(m, Medium::Call, text(m, "transcript"))));
        let letter = |m: &Value| format!("{}\n{}", text(m, "subject"), text(m, "body"));
        messages.extend(rows("emails").iter().map(|m| message(m, Medium::Email, letter(m))));
        messages.sort_by_key(|m| m.at.0);
        Ok(PhoneView { address: address.to_owned(), messages })
    }

    pub(super) async fn text_from_phone(&self, caller: &Caller, input: &TextFromPhone) -> Result<Texted, ApiError> {
        let path = ["sandbox", "phones", input.address.as_str(), "send"];
        if input.body.is_empty() && input.media.is_empty() {
            return Err(ApiError::field("body", "a message needs a text or a file"));
        }
        let mut media = Vec::with_capacity(input.media.len());
        for id in &input.media {
            let id =
                id.parse().map_err(|_| ApiError::field("media", format!("`{id}` is no id of an uploaded file")))?;
            let (content_type, bytes) = self.uploaded_bytes(caller, id).await?;
            media.push(json!({ "contentType": content_type, "base64": BASE64_STANDARD.encode(bytes) }));
        }
        let body = json!({ "to": input.to, "body": input.body, "media": media });
        let answer = self.control(reqwest::Method::POST, &path, Some(body)).await?;
        let status = answer["webhook"]["status"].as_u64().and_then(|s| u16::try_from(s).ok());
        Ok(Texted { sid: answer["sid"].as_str().unwrap_or_default().to_owned(), webhook_status: status })
    }

    pub(super) async fn set_outcome(&self, input: &SetOutcome) -> Result<Done, ApiError> {
        let path = ["sandbox", "phones", input.address.as_str(), "outcome"];
        let body = json!({ "status": input.status, "errorCode": input.error_code, "times": input.times });
        self.control(reqwest::Method::POST, &path, Some(body)).await?;
        Ok(Done {})
    }

    /// Moves the clock; answers after every timer due in the sandbox and in this node has committed.
    pub(super) async fn advance_clock(&self, input: &AdvanceClock) -> Result<ClockView, ApiError> {
        if input.now.is_none() && input.advance_seconds.is_none() && input.paused.is_none() {
            return Err(ApiError::field("advanceSeconds", "say how far, or whether to stop"));
        }
        let body = serde_json::to_value(input).unwrap_or_default();
        let answer = self.control(reqwest::Method::POST, &["sandbox", "clock"], Some(body)).await?;
        self.follow(&answer)?;
        self.settle().await?;
        // What was sent meanwhile is delivered by the sandbox's own clock, which runs on.
        Ok(ClockView { now: When(self.now()), paused: self.clock().is_paused() })
    }

    /// Reads the sandbox's clock and sets ours by it.
    pub async fn follow_clock(&self) -> Result<(), ApiError> {
        let answer = self.control(reqwest::Method::GET, &["sandbox", "state"], None).await?;
        self.follow(&answer)
    }

    /// Follows the sandbox's journal: it says that somebody else moved the clock, and what reached a handset
    /// without passing through this node, such as Twilio's own answer to STOP.
    pub fn spawn_sandbox_follower(&self) {
        let core = self.clone();
        self.spawn_task(async move {
            let stop = core.stopping();
            while !stop.is_cancelled() {
                tokio::select! {
                    () = core.listen_to_sandbox() => {}
                    () = stop.cancelled() => return,
                }
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    () = stop.cancelled() => return,
                }
            }
        });
    }

    /// Listens until the journal ends.
    async fn listen_to_sandbox(&self) {
        let Some(base) = &self.settings().sandbox else { return };
        let (Ok(http), Ok(mut url)) = (follower(), url(base, &["sandbox", "events"])) else { return };
        // What was before is in the clock that is read at the start: only what comes is of interest.
        let path = ["sandbox", "requests"];
        let Ok(journal) = self.control(reqwest::Method::GET, &path, None).await else { return };
        let last = journal["last"].as_u64().unwrap_or(0).to_string();
        // A silent stream, so that an idle node sleeps; that the sandbox is gone, the kernel says.
        url.query_pairs_mut().append_pair("after", &last).append_pair("keepAlive", "0");
        let Ok(answer) = http.get(url).send().await else { return };
        let mut events = answer.bytes_stream().eventsource();
        // What happened while nobody listened is in the state.
        let mut changed = true;
        loop {
            if changed && let Err(e) = self.follow_clock().await {
                tracing::warn!(error = %e, "the sandbox's clock could not be read");
            }
            let Some(Ok(event)) = events.next().await else { return };
            changed = event.event == "control" || event.event == "resync";
            if event.event == "phone"
                && self.0.handsets.0.receiver_count() > 0
                && let Ok(OnHandset { path }) = serde_json::from_str(&event.data)
            {
                // An error says that nobody listens any more.
                let _ = self.0.handsets.0.send(path);
            }
        }
    }

    /// A sandbox of another instance or epoch is another world than the store's.
    fn notice_reset(&self, state: &Value) -> Result<(), ApiError> {
        let (Some((instance, epoch)), Some(is), Some(at)) =
            (&self.settings().bound, state["instance"].as_str(), state["epoch"].as_u64())
        else {
            return Ok(());
        };
        if is == instance && at == *epoch {
            return Ok(());
        }
        self.0.outlived.cancel();
        Err(was_reset())
    }

    fn follow(&self, answer: &Value) -> Result<(), ApiError> {
        self.notice_reset(answer)?;
        let strange = || ApiError::new(Code::Internal, "the sandbox's clock was not understood");
        let now = moment(&answer["now"]).ok_or_else(strange)?;
        self.clock().tell(now.0, answer["paused"].as_bool().unwrap_or(false));
        Ok(())
    }
}

/// What a caller is told between two worlds.
pub(super) fn was_reset() -> ApiError {
    ApiError::unavailable("the sandbox was reset, and this node begins a fresh world: try again in a moment")
}

fn phone_media(media: &Value) -> PhoneMedia {
    let text = |name: &str| media[name].as_str().unwrap_or_default().to_owned();
    PhoneMedia { content_type: text("contentType"), url: text("url") }
}

fn moment(value: &Value) -> Option<When> {
    match value {
        Value::String(_) => serde_json::from_value(value.clone()).ok(),
        Value::Number(n) => n.as_f64().map(|secs| When(Time((secs * 1e6) as i64))),
        _ => None,
    }
}

fn url(base: &Url, path: &[&str]) -> Result<Url, ApiError> {
    let mut url = base.clone();
    url.path_segments_mut()
        .map_err(|()| ApiError::new(Code::Internal, "the sandbox's address is no base URL"))?
        .pop_if_empty()
        .extend(path);
    Ok(url)
}

fn http() -> Result<&'static reqwest::Client, ApiError> {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    client(&CLIENT, |builder| builder.timeout(Duration::from_secs(60)))
}

/// For the stream that has no end: no deadline, and the kernel asks whether the other side is there.
fn follower() -> Result<&'static reqwest::Client, ApiError> {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    client(&CLIENT, |builder| {
        builder
            .connect_timeout(Duration::from_secs(10))
            .tcp_keepalive(Duration::from_secs(15))
            .tcp_keepalive_interval(Duration::from_secs(15))
            .tcp_keepalive_retries(3)
    })
}

fn client(
    cell: &'static OnceLock<reqwest::Client>,
    with: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> Result<&'static reqwest::Client, ApiError> {
    if let Some(client) = cell.get() {
        return Ok(client);
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .no_proxy()
        // Loopback without TLS: the system's trust store is dear to load and serves nothing here.
        .tls_certs_only([])
        // A connection that is kept is looked at again and again; a new one costs nothing on loopback.
        .pool_max_idle_per_host(0);
    let client = with(builder)
        .build()
        .map_err(|e| ApiError::new(Code::Internal, format!("the HTTP client cannot be set up: {e}")))?;
    Ok(cell.get_or_init(|| client))
}
