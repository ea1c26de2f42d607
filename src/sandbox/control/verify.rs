//! What Twilio's console and its own judgement do to Verify, and its API does not: templates, Fraud Guard,
//! geo permissions.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, Result, note};
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::precise;
use crate::sandbox::http::App;
use crate::sandbox::verify::guard::{self, Level};
use crate::sandbox::verify::rehearsal::{self, Planned};
use crate::sandbox::verify::send;
use crate::sandbox::verify::service;
use crate::sandbox::verify::templates::{self, Template, Translation};
use crate::sandbox::world::World;

/// The body of `POST fraud`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fraud {
    #[serde(default)]
    prefixes: Option<Vec<String>>,
    #[serde(default)]
    countries: Option<Vec<String>>,
}

/// `POST fraud`.
pub async fn fraud(app: &App, body: Fraud) -> Result {
    let digits = |text: &str| text.len() > 1 && text.bytes().all(|b| b.is_ascii_digit());
    let prefix = |text: &String| text.strip_prefix('+').is_some_and(digits);
    if let Some(wrong) = body.prefixes.iter().flatten().find(|text| !prefix(text)) {
        return Err(Refused::bad(format!("{wrong:?} is no prefix: give one such as +3712")));
    }
    let country = |text: &String| text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    if let Some(wrong) = body.countries.iter().flatten().find(|text| !country(text)) {
        return Err(Refused::bad(format!("{wrong:?} is no country: give two letters such as LV")));
    }
    let work = move |world: &mut World| {
        let all = guard::block(world, body.prefixes, body.countries)?;
        let prefixes: BTreeMap<&String, String> = all.prefixes.iter().map(|(p, until)| (p, precise(*until))).collect();
        let shown = json!({ "prefixes": prefixes, "countries": all.countries });
        note(world, "fraud", shown.clone());
        Ok(shown)
    };
    Ok(app.engine.run(work).await?)
}

/// The body of `POST services/{sid}/fraud-guard`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FraudGuard {
    level: Level,
}

/// `POST services/{sid}/fraud-guard`.
pub async fn fraud_guard(app: &App, sid: &str, body: FraudGuard) -> Result {
    let sid = sid.to_owned();
    let unknown = Refused::missing(format!("there is no Verify service {sid}"));
    let work = move |world: &mut World| {
        if service::Service::get(world, &sid)?.is_none() {
            return Ok(None);
        }
        guard::set_level(world, &sid, body.level)?;
        note(world, "fraud-guard", json!({ "service": sid, "level": body.level }));
        Ok(Some(json!({ "serviceSid": sid, "level": body.level })))
    };
    app.engine.run(work).await?.ok_or(unknown)
}

/// `GET services/{sid}/fraud-guard`.
pub async fn shown_guard(app: &App, sid: &str) -> Result {
    let sid = sid.to_owned();
    let unknown = Refused::missing(format!("there is no Verify service {sid}"));
    let work = move |world: &mut World| {
        if service::Service::get(world, &sid)?.is_none() {
            return Ok(None);
        }
        Ok(Some(json!({ "serviceSid": sid, "level": guard::level(world, &sid)? })))
    };
    app.engine.run(work).await?.ok_or(unknown)
}

/// The most starts of one rehearsal: others wait for the sandbox meanwhile.
const MOST_STARTS: usize = 5_000;
/// The longest rehearsal, in microseconds: an hour.
const LONGEST: u64 = 3_600 * 1_000_000;

/// The body of `POST services/{sid}/rehearse`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsed {
    #[serde(default)]
    parameters: BTreeMap<String, String>,
    sends: Vec<Planned>,
}

/// `POST services/{sid}/rehearse`: nothing of it is kept.
pub async fn rehearse(app: &App, sid: &str, body: Rehearsed) -> Result {
    let Rehearsed { parameters, sends } = body;
    if sends.len() > MOST_STARTS {
        return Err(Refused::bad(format!("a rehearsal has at most {MOST_STARTS} sends")));
    }
    if sends.last().is_some_and(|last| last.after_micros > LONGEST) || !sends.is_sorted_by_key(|s| s.after_micros) {
        return Err(Refused::bad("the sends of a rehearsal stand in the order of their time and are over in an hour"));
    }
    let sid = sid.to_owned();
    let unknown = Refused::missing(format!("there is no Verify service {sid}"));
    let work = move |world: &mut World| match service::Service::get(world, &sid)? {
        Some(service) => rehearsal::run(world, &service, &parameters, &sends).map(Some),
        None => Ok(None),
    };
    let answers = app.engine.try_out(work).await?.ok_or(unknown)?;
    Ok(json!({ "answers": answers }))
}

/// `POST codes/{sid}/arrive`: what is on its way arrives now.
pub async fn arrive(app: &App, sid: &str) -> Result {
    let sid = sid.to_owned();
    let unknown = Refused::missing(format!("there is no attempt {sid}"));
    let work = move |world: &mut World| {
        let Some(attempt) = send::hurry(world, &sid)? else { return Ok(None) };
        note(world, "codes", json!({ "attemptSid": sid, "progress": attempt.progress }));
        Ok(Some(json!({ "attemptSid": sid, "progress": attempt.progress, "error": attempt.error })))
    };
    app.engine.run(work).await?.ok_or(unknown)
}

/// The body of `POST templates`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTemplate {
    friendly_name: String,
    #[serde(default)]
    channels: Option<Vec<String>>,
    translations: BTreeMap<String, Told>,
}

/// A text, or a text with its review's outcome.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Text(String),
    Whole { text: String, status: String },
}

/// `POST templates`.
pub async fn template(app: &App, body: NewTemplate) -> Result {
    let NewTemplate { friendly_name: name, channels, translations } = body;
    if !(1..=32).contains(&name.chars().count()) {
        return Err(Refused::bad("friendlyName has 1 to 32 characters"));
    }
    let channels = channels.unwrap_or_else(|| vec!["sms".into(), "voice".into()]);
    if channels.is_empty() || !channels.iter().all(|channel| matches!(channel.as_str(), "sms" | "voice")) {
        return Err(Refused::bad("channels are sms, voice or both"));
    }
    let default =
        if translations.contains_key("en") { Some("en".to_owned()) } else { translations.keys().next().cloned() };
    let mut all = BTreeMap::new();
    for (locale, told) in translations {
        let (text, status) = match told {
            Told::Text(text) => (text, "approved".to_owned()),
            Told::Whole { text, status } => (text, status),
        };
        if !text.contains("{{code}}") {
            return Err(Refused::bad(format!("the text of {locale} has no {{{{code}}}}")));
        }
        if !matches!(status.as_str(), "approved" | "pending" | "rejected") {
            return Err(Refused::bad("a status is approved, pending or rejected"));
        }
        let is_default = default.as_ref() == Some(&locale);
        all.insert(locale, Translation { text, status, default: is_default });
    }
    if all.is_empty() {
        return Err(Refused::bad("translations holds no language: give {\"en\": \"Your code is {{code}}\"}"));
    }
    let work = move |world: &mut World| {
        let account = world.meta().account.clone();
        let nth = nth(world, &["verify-template", &account, &name])?.to_string();
        let sid = world.seed().sid("HJ", &[&account, &name, &nth]);
        let template = Template { sid, account, name, channels, translations: all, created: world.now() };
        templates::add(world, &template)?;
        let shown: Value = templates::show(&template);
        note(world, "templates", json!({ "template": template.sid }));
        Ok(shown)
    };
    Ok(app.engine.run(work).await?)
}
