//! Handsets: what is on them, what they send, what becomes of messages to them.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, Result};
use crate::domain::phone::Phone;
use crate::sandbox::call::Params;
use crate::sandbox::carrier::extra;
use crate::sandbox::carrier::handset::{self, Handset};
use crate::sandbox::carrier::inbound::{self, Texted};
use crate::sandbox::carrier::message::Fate;
use crate::sandbox::http::App;
use crate::sandbox::webhook::post::Report;
use crate::sandbox::world::World;

/// The most media one message has.
const MOST_MEDIA: usize = 10;

/// `GET phones`.
pub async fn list(app: &App) -> Result {
    let phones = app.engine.run(|world| handset::list(world)).await?;
    Ok(json!({ "phones": phones }))
}

/// `GET phones/{address}`.
pub async fn show(app: &App, address: &str) -> Result {
    let address = address_of(&decoded(address))?;
    Ok(app.engine.run(move |world| handset::show(world, &address)).await?)
}

/// The body of `POST phones/{address}/send`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Send {
    to: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    profile_name: Option<String>,
    #[serde(default)]
    media: Vec<Media>,
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Media {
    content_type: String,
    base64: String,
}

/// `POST phones/{address}/send`.
pub async fn send(app: &App, address: &str, body: Send) -> Result {
    let (from, to) = (address_of(&decoded(address))?, address_of(&body.to)?);
    if from.starts_with("whatsapp:") != to.starts_with("whatsapp:") {
        return Err(Refused::bad(
            "a WhatsApp handset writes to a WhatsApp address: put whatsapp: before both, or neither",
        ));
    }
    for name in body.parameters.keys() {
        if !extra::known(name, from.starts_with("whatsapp:")) {
            return Err(Refused::bad(format!("Twilio sends no parameter {name:?} with such a message")));
        }
    }
    if body.body.is_empty() && body.media.is_empty() && !body.parameters.keys().any(|name| extra::speaks(name)) {
        return Err(Refused::bad("there is nothing to send: give a body, media, or a location or button"));
    }
    if body.media.len() > MOST_MEDIA {
        return Err(Refused::bad("a message has at most 10 media"));
    }
    let mut media = Vec::with_capacity(body.media.len());
    for item in body.media {
        let bytes = BASE64_STANDARD.decode(&item.base64);
        media.push((item.content_type, bytes.map_err(|error| Refused::bad(format!("media is not base64: {error}")))?));
    }
    let (profile_name, extra) = (body.profile_name, body.parameters);
    let texted = Texted { from, to: to.clone(), body: body.body, profile_name, media, extra };
    let waiting = app.waiting.clone();
    let work = move |world: &mut World| {
        let received = inbound::receive(world, texted)?;
        Ok(received.map(|received| (received.sid, received.webhook.map(|id| waiting.expect(id)))))
    };
    let Some((sid, webhook)) = app.engine.run(work).await? else {
        return Err(Refused::missing(format!("no account of this sandbox has the number {to}")));
    };
    let report = match webhook {
        Some(webhook) => webhook.await.ok().map(|report| shown(&report)),
        None => None,
    };
    let all: Vec<&Value> = report.iter().collect();
    Ok(json!({ "sid": sid, "webhooks": all, "webhook": report }))
}

fn shown(report: &Report) -> Value {
    let (url, status, body) = report.answer.clone().unwrap_or_default();
    let error = report.entries.last().and_then(|entry| entry.error.clone());
    json!({ "url": url, "status": status, "body": body, "code": report.code, "error": error })
}

/// The body of `POST phones/{address}/outcome`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Outcome {
    status: Fate,
    #[serde(default)]
    error_code: Option<u32>,
    #[serde(default)]
    times: Option<u32>,
}

/// `POST phones/{address}/outcome`.
pub async fn outcome(app: &App, address: &str, body: Outcome) -> Result {
    let address = address_of(&decoded(address))?;
    if body.times == Some(0) {
        return Err(Refused::bad("times counts from 1; leave it out for all later messages"));
    }
    let work = move |world: &mut World| {
        let known = handset::get(world, &address)?;
        let failing = matches!(body.status, Fate::Undelivered | Fate::Failed);
        let error = body.error_code.filter(|_| failing);
        handset::put(world, &Handset { fate: body.status, error, times: body.times, ..known })?;
        Ok(json!({ "address": address, "status": body.status, "errorCode": error, "times": body.times }))
    };
    Ok(app.engine.run(work).await?)
}

fn decoded(segment: &str) -> String {
    let pair = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    Params::parse(pair.as_bytes()).get("x").unwrap_or_default().to_owned()
}

/// A phone number in any readable form, a short code, a WhatsApp address, or a mailbox.
fn address_of(text: &str) -> std::result::Result<String, Refused> {
    let text = text.trim();
    let (prefix, plain) = match text.strip_prefix("whatsapp:") {
        Some(plain) => ("whatsapp:", plain),
        None => ("", text),
    };
    let short = (3..=8).contains(&plain.len()) && plain.bytes().all(|b| b.is_ascii_digit());
    if prefix.is_empty() && (plain.contains('@') || short) {
        return Ok(plain.to_owned());
    }
    match Phone::parse(plain, Some("US")) {
        Ok(phone) => Ok(format!("{prefix}{phone}")),
        Err(error) => Err(Refused::bad(format!("{text:?}: {error}"))),
    }
}
