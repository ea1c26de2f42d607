//! Webhooks: checked, made durable, answered. What a webhook means is found out behind the answer.

use std::collections::VecDeque;
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
use crate::core::ears;
use crate::core::receive::{Asked, NotTaken, Path, Refused};
use crate::domain::sms::{self, Keyword};
use crate::twilio::form::Form;

/// The largest webhook, in bytes; Twilio's own are below 20 KiB.
const BODY_LIMIT: usize = 64 << 10;
/// How many refused webhooks are kept in a second; a flood must not fill the disk.
const KEPT_PER_SECOND: u32 = 20;

const TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;

/// Takes one webhook.
pub(super) async fn take(shared: &Shared, request: Request, body: Incoming, path: Path) -> Response {
    let start = Instant::now();
    let mut seen = Webhook { at: When(clock::wall()), ..Webhook::default() };
    let response = judge(shared, request, body, path, &mut seen).await;
    let status = response.status().as_u16();
    shared.answers.count(path, status);
    let took_micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    shared.core.tell(Webhook { path: path.as_str().to_owned(), status, took_micros, ..seen });
    response
}

async fn judge(shared: &Shared, mut request: Request, body: Incoming, path: Path, seen: &mut Webhook) -> Response {
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
    {
        let form = Form::parse(&raw);
        describe(&form, seen);
        // What is only remembered is cut anyway.
        let told = if shared.core.is_tapped() { raw.len() } else { raw.len().min(ears::FORM_KEPT) };
        seen.form = String::from_utf8_lossy(&raw[..told]).into_owned();
        let header = |name: &str| request.header(name).map(str::to_owned);
        let asked = Asked {
            is_get,
            path: &request.path,
            query: &request.query,
            body: &body,
            header: &header,
            peer: request.peer.map(|peer| peer.ip()),
        };
        if let Err(refused) = shared.core.judge(&asked, &form) {
            seen.reason = Some(refused.reason());
            return refuse(shared, &asked, path, &refused).await;
        }
    }
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

/// Answers 403 and keeps the webhook as a dead letter, unless too many come.
async fn refuse(shared: &Shared, asked: &Asked<'_>, path: Path, refused: &Refused) -> Response {
    tracing::warn!(reason = ?refused.reason(), path = path.as_str(), "a webhook was refused");
    // Twilio marks its tries of the same webhook: it is kept once.
    let token = (asked.header)("i-twilio-idempotency-token");
    if shared.refusals.may_keep(token.as_deref()) {
        let kept = shared.core.set_aside(path, asked, refused).await;
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

/// How many refused webhooks are remembered by Twilio's mark of them.
const REMEMBERED: usize = 1024;

/// Counts refused webhooks, so that a flood of them is not kept whole, nor one that is tried again twice.
pub(super) struct Refusals(Mutex<Recent>);

struct Recent {
    since: Instant,
    count: u32,
    tokens: VecDeque<String>,
}

impl Default for Refusals {
    fn default() -> Refusals {
        Refusals(Mutex::new(Recent { since: Instant::now(), count: 0, tokens: VecDeque::new() }))
    }
}

impl Refusals {
    fn may_keep(&self, token: Option<&str>) -> bool {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if token.is_some_and(|token| recent.tokens.iter().any(|known| known == token)) {
            return false;
        }
        if recent.since.elapsed() >= Duration::from_secs(1) {
            (recent.since, recent.count) = (Instant::now(), 0);
        }
        recent.count += 1;
        let may = recent.count <= KEPT_PER_SECOND;
        if let (Some(token), true) = (token.filter(|token| token.len() <= 128), may) {
            if recent.tokens.len() >= REMEMBERED {
                recent.tokens.pop_front();
            }
            recent.tokens.push_back(token.to_owned());
        }
        may
    }
}
