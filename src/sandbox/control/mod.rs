//! The control API below `/sandbox`: the clock, the handsets, faults, the journal.
//!
//! For the console's phones panel and for tests. It answers on a loopback `Host` only and takes JSON only,
//! so that a page in a browser cannot reach it.
//!
//! ```text
//! GET  state                     who it is, credentials, time, counts
//! POST reset                     {seed?, scenario?}; a fresh world of the next epoch, same credentials
//! POST clock                     {advanceSeconds?, paused?, now?}
//! POST webhooks                  {sms?, status?, conversations?, events?, usage?}; null clears
//! GET  phones, phones/ADDRESS    the handsets; what one has
//! POST phones/ADDRESS/send       {to, body?, profileName?, media?, parameters?}; the handset texts in
//! POST phones/ADDRESS/outcome    {status, errorCode?, times?}; what becomes of later messages to it
//! POST services/MG.../opt-out    {stop?, start?, help?: {keywords?, reply?}}; switches Advanced Opt-Out on
//! POST services/VA.../fraud-guard, GET  {level}; off, basic, standard or max
//! POST services/VA.../rehearse   {parameters, sends: [{to, afterMicros}]}; what each would be answered
//! POST fraud                     {prefixes?, countries?}; what Fraud Guard and geo permissions block
//! POST templates                 {friendlyName, channels?, translations}; adds a Verify template
//! POST faults, GET, DELETE       {match, action: {status?, code?, retryAfter?, ...}, times?}, {webhook, times?}
//!                                or {prices: {delaySeconds?, unit?}}, which lasts until it is cleared
//! GET  requests, events          the journal as a list, as a stream; ?after=N
//! ```

mod events;
mod journal;
mod phones;
mod services;
mod state;
mod time;
mod trouble;
mod verify;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use warp::http::StatusCode;
use warp::reply::Response;

use super::answer::{Answer, Refusal};
use super::call::{Params, Raw};
use super::clock::precise;
use super::error::StoreError;
use super::http::{App, respond};
use super::journal::Entry;
use super::world::World;

/// Why a control call is refused: a status and a sentence.
pub struct Refused(StatusCode, String);

/// The result of a control call.
type Result<T = Value> = std::result::Result<T, Refused>;

impl Refused {
    fn bad(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }

    fn conflict(text: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, text.into())
    }

    fn missing(text: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, text.into())
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, error.to_string())
    }
}

/// Tells followers of the events that the sandbox was changed from outside.
fn note(world: &mut World, what: &str, request: Value) {
    let at = precise(world.now());
    let path = format!("/sandbox/{what}");
    let response = json!({ "now": at, "epoch": world.meta().epoch });
    let method = "POST".to_owned();
    let (kind, product) = ("control".to_owned(), what.to_owned());
    world.record(Entry { kind, at, product, method, path, request, response, ..Entry::default() });
}

/// An error of the control API.
pub fn refuse(status: StatusCode, text: &str) -> Response {
    respond(Answer { status: status.as_u16(), ..Answer::ok(json!({ "error": text })) })
}

/// Routes a call below `/sandbox`.
pub async fn route(app: &App, raw: &Raw, rest: &[&str]) -> Response {
    if !loopback(&raw.host) {
        return refuse(StatusCode::FORBIDDEN, "the control API answers only on a loopback Host, such as 127.0.0.1");
    }
    let query = Params::parse(raw.query.as_bytes());
    if let ("GET", ["events"]) = (raw.method.as_str(), rest) {
        return events::follow(app, &query).await;
    }
    let result = match (raw.method.as_str(), rest) {
        ("GET", ["state"]) => state::state(app).await,
        ("POST", ["reset"]) => with(raw, |body| state::reset(app, body)).await,
        ("POST", ["webhooks"]) => with(raw, |body| state::webhooks(app, body)).await,
        ("POST", ["clock"]) => with(raw, |body| time::set(app, body)).await,
        ("GET", ["phones"]) => phones::list(app).await,
        ("GET", ["phones", address]) => phones::show(app, address).await,
        ("POST", ["phones", address, "send"]) => with(raw, |body| phones::send(app, address, body)).await,
        ("POST", ["phones", address, "outcome"]) => with(raw, |body| phones::outcome(app, address, body)).await,
        ("POST", ["services", sid, "opt-out"]) => with(raw, |body| services::opt_out(app, sid, body)).await,
        ("POST", ["services", sid, "fraud-guard"]) => with(raw, |body| verify::fraud_guard(app, sid, body)).await,
        ("GET", ["services", sid, "fraud-guard"]) => verify::shown_guard(app, sid).await,
        ("POST", ["services", sid, "rehearse"]) => with(raw, |body| verify::rehearse(app, sid, body)).await,
        ("POST", ["codes", sid, "arrive"]) => verify::arrive(app, sid).await,
        ("POST", ["fraud"]) => with(raw, |body| verify::fraud(app, body)).await,
        ("POST", ["templates"]) => with(raw, |body| verify::template(app, body)).await,
        ("POST", ["faults"]) => with(raw, |body| trouble::add(app, body)).await,
        ("GET", ["faults"]) => trouble::list(app).await,
        ("DELETE", ["faults"]) => trouble::clear(app).await,
        ("GET", ["requests"]) => journal::list(app, &query).await,
        _ => return respond(Refusal::not_found(&raw.path).answer()),
    };
    match result {
        Ok(body) => respond(Answer::ok(body)),
        Err(Refused(status, text)) => refuse(status, &text),
    }
}

/// Reads the JSON body of a call, then carries the call out. No body is an empty object.
async fn with<T, F>(raw: &Raw, work: impl FnOnce(T) -> F) -> Result
where
    T: DeserializeOwned,
    F: Future<Output = Result>,
{
    let json = raw.content_type.as_deref().is_some_and(|kind| kind.starts_with("application/json"));
    if !json {
        let text = "the control API takes JSON: send Content-Type: application/json";
        return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, text.into()));
    }
    let bytes: &[u8] = if raw.body.is_empty() { b"{}" } else { &raw.body };
    let body =
        serde_json::from_slice(bytes).map_err(|error| Refused::bad(format!("the body is not understood: {error}")))?;
    work(body).await
}

/// Whether a `Host` header names this machine; a rebinding attack would bring another name.
fn loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::loopback;

    #[test]
    fn knows_its_own_names() {
        for host in ["127.0.0.1:4010", "localhost", "LOCALHOST:1", "[::1]:80", "127.8.8.8"] {
            assert!(loopback(host), "{host}");
        }
        for host in ["", "evil.example:4010", "127.0.0.1.evil.example", "10.0.0.1:4010", "api.twilio.com"] {
            assert!(!loopback(host), "{host}");
        }
    }
}
