//! How a failure becomes an alert: a webhook's, a message's, a code's, or a refused call.

use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::alert::Alert;
use super::keep;
use crate::sandbox::answer::Refusal;
use crate::sandbox::call::Call;
use crate::sandbox::carrier::message::Message;
use crate::sandbox::carrier::price::error_text;
use crate::sandbox::carrier::send::count;
use crate::sandbox::error::StoreError;
use crate::sandbox::router::masked;
use crate::sandbox::verify::attempt::Attempt;
use crate::sandbox::webhook::Delivery;
use crate::sandbox::webhook::post::{Report, USER_AGENT};
use crate::sandbox::world::World;

/// A webhook failed in the end, or was answered with something that Twilio only half understands.
pub fn webhook(world: &mut World, delivery: &Delivery, report: &Report) -> Result<(), StoreError> {
    let Some(code) = report.code else { return Ok(()) };
    let last = report.entries.last();
    let status = last.and_then(|entry| entry.status).map(|status| status.to_string());
    let words = match (&status, last.and_then(|entry| entry.error.clone())) {
        (_, Some(error)) => error,
        (Some(status), None) => format!("The answer was {status}"),
        (None, None) => "There was no answer".to_owned(),
    };
    let url = last.map_or_else(|| delivery.target.url.clone(), |entry| entry.path.clone());
    let body = last.map(|entry| &entry.response).map_or_else(String::new, text);
    let headers = [("User-Agent", USER_AGENT), ("I-Twilio-Idempotency-Token", delivery.idempotency.as_str())];
    let alert = Alert {
        account: delivery.account.clone(),
        resource: delivery.purpose.sid().to_owned(),
        code,
        text: told(code, &words, &[("httpResponse", status.as_deref()), ("url", Some(&url))]),
        method: Some(last.map_or_else(|| delivery.target.method.clone(), |entry| entry.method.clone())),
        url: Some(url),
        variables: form(delivery.params.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        request_headers: form(headers),
        response_headers: report.headers.clone(),
        response_body: body,
        ..Alert::default()
    };
    raise(world, alert)
}

/// A message did not arrive.
pub fn message(world: &mut World, message: &Message) -> Result<(), StoreError> {
    let Some(code) = message.error else { return Ok(()) };
    let alert = Alert {
        account: message.account.clone(),
        resource: message.sid.clone(),
        service: message.service.clone(),
        code,
        text: told(code, error_text(code).unwrap_or("The message did not arrive"), &[]),
        ..Alert::default()
    };
    raise(world, alert)
}

/// A reply that a webhook's answer asked for was not sent.
pub fn reply(world: &mut World, inbound: &Message, code: u32) -> Result<(), StoreError> {
    let words = match code {
        21606 => "The reply's sender does not belong to the account",
        21617 => "The reply exceeds the 1600 character limit",
        _ => error_text(code).unwrap_or("The reply was not sent"),
    };
    let alert = Alert {
        account: inbound.account.clone(),
        resource: inbound.sid.clone(),
        service: inbound.service.clone(),
        code,
        text: told(code, words, &[]),
        ..Alert::default()
    };
    raise(world, alert)
}

/// A code did not arrive.
pub fn attempt(world: &mut World, attempt: &Attempt) -> Result<(), StoreError> {
    let Some(code) = attempt.error else { return Ok(()) };
    let alert = Alert {
        account: attempt.account.clone(),
        resource: attempt.verification.clone(),
        service: Some(attempt.service.clone()),
        code,
        text: told(code, error_text(code).unwrap_or("The code did not arrive"), &[]),
        ..Alert::default()
    };
    raise(world, alert)
}

/// A call of an account's was refused. What is not there is an answer, and no failure.
pub fn refused(world: &mut World, account: &str, call: &Call, refusal: &Refusal) -> Result<(), StoreError> {
    if matches!(refusal.status, 401 | 404 | 405) || refusal.status >= 500 {
        return Ok(());
    }
    let sid = call.segments.iter().rev().find(|segment| is_sid(segment));
    let url = format!("{}{}", call.origin, call.path);
    let alert = Alert {
        account: account.to_owned(),
        resource: sid.map_or_else(|| account.to_owned(), String::clone),
        code: refusal.code,
        text: told(refusal.code, &refusal.message, &[]),
        method: Some(call.method.clone()).filter(|method| matches!(method.as_str(), "GET" | "POST")),
        url: Some(url),
        variables: form(call.query.pairs().chain(call.form.pairs().map(masked))),
        response_headers: form([("Content-Type", "application/json")]),
        response_body: refusal.body().to_string(),
        ..Alert::default()
    };
    raise(world, alert)
}

fn raise(world: &mut World, alert: Alert) -> Result<(), StoreError> {
    let code = alert.code.to_string();
    let nth = count(world, &["alert", &alert.account, &alert.resource, &code])?.to_string();
    let sid = world.seed().sid("NO", &[&alert.account, &alert.resource, &code, &nth]);
    let (at, sequence) = (world.now(), world.sequence());
    keep(world, &Alert { sid, level: level(alert.code).to_owned(), at, sequence, ..alert })
}

/// What was carried out all the same is a warning.
fn level(code: u32) -> &'static str {
    if matches!(code, 12_200..=12_299 | 20_429) { "warning" } else { "error" }
}

fn told(code: u32, words: &str, more: &[(&str, Option<&str>)]) -> String {
    let code_text = code.to_string();
    let level = level(code).to_ascii_uppercase();
    let known = more.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
    form([("Msg", words), ("ErrorCode", &code_text), ("LogLevel", &level)].into_iter().chain(known))
}

fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Two capitals and 32 hexadecimal digits.
pub fn is_sid(text: &str) -> bool {
    let (head, tail) = text.split_at_checked(2).unwrap_or_default();
    head.len() == 2
        && head.bytes().all(|b| b.is_ascii_uppercase())
        && tail.len() == 32
        && tail.bytes().all(|b| b.is_ascii_hexdigit())
}
