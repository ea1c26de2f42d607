//! Webhooks: checked, made durable, answered. What a webhook means is found out behind the answer.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use bytes::Bytes;
use warp::http::{HeaderValue, StatusCode};
use warp::reply::Response;

use super::Shared;
use super::request::{Incoming, Request};
use crate::api::When;
use crate::api::events::Webhook;
use crate::clock;
use crate::core::receive::{NotTaken, Path};
use crate::domain::deadletter::Reason;
use crate::domain::id::Sid;
use crate::domain::sms::{self, Keyword};
use crate::twilio::form::Form;
use crate::twilio::signature::{self, Body, Forwarded, Refusal};

/// The largest webhook, in bytes; Twilio's own are below 20 KiB.
const BODY_LIMIT: usize = 64 << 10;
/// How many refused webhooks are kept in a second; a flood must not fill the disk.
const KEPT_PER_SECOND: u32 = 20;

const TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

/// Takes one webhook.
pub(super) async fn take(shared: &Shared, request: Request, body: Incoming, path: Path) -> Response {
    let start = Instant::now();
    // Only looked at when somebody wants to see it.
    let mut seen = shared.core.is_tapped().then(|| Webhook { at: When(clock::wall()), ..Webhook::default() });
    let response = judge(shared, request, body, path, seen.as_mut()).await;
    let status = response.status().as_u16();
    shared.answers.count(path, status);
    if let Some(seen) = seen {
        let took_micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
        shared.core.tell(Webhook { path: path.as_str().to_owned(), status, took_micros, ..seen });
    }
    response
}

async fn judge(
    shared: &Shared,
    mut request: Request,
    body: Incoming,
    path: Path,
    mut seen: Option<&mut Webhook>,
) -> Response {
    let body = match body.whole(BODY_LIMIT, shared.options.body_time).await {
        Ok(body) => body,
        Err(e) => return super::rest::problem(&e),
    };
    let is_get = request.method == warp::http::Method::GET;
    if !is_get && request.method != warp::http::Method::POST {
        return text(StatusCode::METHOD_NOT_ALLOWED, "webhooks come by POST or GET");
    }
    // A GET carries its parameters in the query, which the URL's signature covers.
    let raw = if is_get { Bytes::from(request.query.clone()) } else { body.clone() };
    let form = Form::parse(&raw);
    if let Some(seen) = seen.as_deref_mut() {
        describe(&form, seen);
    }
    if let Err(refused) = check(shared, &request, &form, &body, is_get) {
        if let Some(seen) = seen {
            seen.reason = Some(refused.reason());
        }
        return refuse(shared, &request, path, &raw, refused).await;
    }
    drop(form);
    match shared.core.take(path, std::mem::take(&mut request.query), raw.into()).await {
        Ok(()) => {
            let mut response = text(StatusCode::OK, TWIML);
            response.headers_mut().insert("content-type", HeaderValue::from_static("text/xml; charset=utf-8"));
            response
        }
        Err(e @ (NotTaken::Full(_) | NotTaken::Failed(_))) => {
            shared.core.shed();
            let mut response = text(StatusCode::SERVICE_UNAVAILABLE, &e.to_string());
            response.headers_mut().insert("retry-after", HeaderValue::from_static("2"));
            response
        }
    }
}

enum Refused {
    Signature(Box<Refusal>),
    Account(String),
}

impl Refused {
    fn reason(&self) -> Reason {
        match self {
            Refused::Account(_) => Reason::UnknownAccount,
            Refused::Signature(refusal) if refusal.reason == signature::Reason::MissingHeader => {
                Reason::MissingSignature
            }
            Refused::Signature(_) => Reason::BadSignature,
        }
    }
}

/// What a webhook is about, in a few words.
fn describe(form: &Form<'_>, seen: &mut Webhook) {
    let text = |name: &str| form.get(name).unwrap_or_default().to_owned();
    (seen.from, seen.to, seen.sid) = (text("From"), text("To"), text("MessageSid"));
    let kind = match (form.get("MessageStatus"), form.get("OptOutType")) {
        (Some(status), _) => format!("status.{status}"),
        (None, Some("STOP")) => "optOut".to_owned(),
        (None, Some("START")) => "optIn".to_owned(),
        (None, Some("HELP")) => "help".to_owned(),
        (None, _) => match sms::keyword(form.get("Body").unwrap_or_default()) {
            Some(Keyword::Stop) => "optOut".to_owned(),
            Some(Keyword::Start) => "optIn".to_owned(),
            Some(Keyword::Help) => "help".to_owned(),
            None if seen.from.starts_with("whatsapp:") => "whatsapp".to_owned(),
            None if form.get("NumMedia").is_some_and(|n| n != "0") => "mms".to_owned(),
            None => "sms".to_owned(),
        },
    };
    // What a stranger sends may be long.
    seen.kind = kind.chars().take(40).collect();
}

fn check(shared: &Shared, request: &Request, form: &Form<'_>, body: &[u8], is_get: bool) -> Result<(), Refused> {
    let core = &shared.core;
    let given = request.header("x-twilio-signature");
    let is_form = request.header("content-type").is_none_or(|t| t.starts_with("application/x-www-form-urlencoded"));
    let signed = match (is_get, is_form) {
        (true, _) => Body::Empty,
        (false, true) => Body::Form(form.pairs()),
        (false, false) => Body::Raw(body),
    };
    let tokens = match account(request, form, signed) {
        Some(named) => named.parse().map_or(&[][..], |sid: Sid| core.tokens_of(sid)),
        // What names no account can only be meant for our own.
        None => core.tokens_of(core.settings().account),
    };
    if tokens.is_empty() && given.is_some() {
        let named = account(request, form, signed).unwrap_or_default().chars().take(64).collect();
        return Err(Refused::Account(named));
    }
    let public = core.settings().public_url.as_ref().map(url::Url::as_str);
    let urls = signature::candidates(public, &request.path, &request.query, forwarded(shared, request));
    signature::verify(tokens, urls, signed, given).map(|_| ()).map_err(Refused::Signature)
}

/// The account a webhook names: in its form or query, or in the JSON that newer products send.
fn account(request: &Request, form: &Form<'_>, body: Body<'_>) -> Option<String> {
    if let Body::Raw(raw) = body {
        let json: serde_json::Value = serde_json::from_slice(raw).unwrap_or_default();
        let named = json["AccountSid"].as_str().or_else(|| json["account_sid"].as_str());
        if let Some(named) = named {
            return Some(named.to_owned());
        }
    } else if let Some(named) = form.get("AccountSid") {
        return Some(named.to_owned());
    }
    Form::parse(request.query.as_bytes()).get("AccountSid").map(str::to_owned)
}

/// What a proxy says of the request, if it is one that is believed.
fn forwarded<'a>(shared: &Shared, request: &'a Request) -> Option<Forwarded<'a>> {
    let peer = request.peer?.ip().to_canonical();
    if !shared.options.trusted_proxies.iter().any(|net| net.contains(&peer)) {
        return None;
    }
    let host = request.header("x-forwarded-host").or_else(|| request.header("host"))?;
    Some(Forwarded { proto: request.header("x-forwarded-proto").unwrap_or("https"), host })
}

/// Answers 403 and keeps the webhook as a dead letter, unless too many come.
async fn refuse(shared: &Shared, request: &Request, path: Path, raw: &Bytes, refused: Refused) -> Response {
    let reason = refused.reason();
    let detail = match &refused {
        Refused::Account(named) => {
            format!("the account named is {named}, and no token is known for it: add the account, then replay")
        }
        Refused::Signature(refusal) => {
            let tried: Vec<&str> = refusal.attempts.iter().map(|a| a.url.as_str()).collect();
            format!("{refusal}. URLs tried: {}", tried.join(", "))
        }
    };
    tracing::warn!(?reason, path = path.as_str(), "a webhook was refused");
    if shared.refusals.may_keep() {
        let kept = shared.core.set_aside(path, request.query.clone(), raw.to_vec(), reason, detail).await;
        if let Err(e) = kept {
            tracing::error!(error = %e, "a refused webhook could not be kept");
        }
    }
    // The evidence is not for the sender: it would help a forger.
    text(StatusCode::FORBIDDEN, "the signature of this webhook was not accepted")
}

fn text(status: StatusCode, body: &str) -> Response {
    let mut response = Response::new(body.to_owned().into());
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Counts refused webhooks, so that a flood of them is not kept whole.
pub(super) struct Refusals(Mutex<(Instant, u32)>);

impl Default for Refusals {
    fn default() -> Refusals {
        Refusals(Mutex::new((Instant::now(), 0)))
    }
}

impl Refusals {
    fn may_keep(&self) -> bool {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if window.0.elapsed() >= Duration::from_secs(1) {
            *window = (Instant::now(), 0);
        }
        window.1 += 1;
        window.1 <= KEPT_PER_SECOND
    }
}
