//! Webhooks of a service. At Twilio they tell of factors and challenges, which the sandbox has not, so none
//! of them is ever called; what becomes of a verification is told by Event Streams.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::invalid;
use super::service::Service;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// What a webhook may be told of.
const EVENTS: [&str; 6] =
    ["*", "factor.created", "factor.deleted", "factor.verified", "challenge.approved", "challenge.denied"];

#[derive(Serialize, Deserialize)]
struct Webhook {
    sid: String,
    account: String,
    service: String,
    name: String,
    events: Vec<String>,
    url: String,
    status: String,
    version: String,
    created: u64,
    updated: u64,
    sequence: u64,
}

impl Row for Webhook {
    const KIND: &'static str = "verify-webhook";
}

const INDEX: &str = "verify-webhooks";

/// Routes a call below `Webhooks`.
pub fn route(world: &mut World, call: &Call, service: &Service, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let page = paging::read(world, INDEX, &service.sid, asked, |world, sid| world.get(sid))?;
            Ok(page.modern(call, "webhooks", |webhook| show(webhook, call)))
        }
        ("POST", []) => create(world, call, service),
        (method, [sid]) => {
            let found = world.get::<Webhook>(sid)?.filter(|webhook| webhook.service == service.sid);
            let mut webhook = found.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => {}
                "POST" => {
                    apply(&mut webhook, &call.form)?;
                    webhook.updated = world.now();
                    world.put(&webhook.sid, &webhook)?;
                }
                "DELETE" => {
                    world.unlink(INDEX, &paging::key(&service.sid, webhook.created, webhook.sequence))?;
                    world.remove::<Webhook>(&webhook.sid)?;
                    return Ok(Answer::gone());
                }
                _ => return Err(Refusal::method_not_allowed().into()),
            }
            Ok(Answer::ok(show(&webhook, call)))
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn create(world: &mut World, call: &Call, service: &Service) -> Outcome<Answer> {
    for name in ["FriendlyName", "EventTypes", "WebhookUrl"] {
        call.form.text(name).ok_or_else(|| invalid(name))?;
    }
    let name = call.form.text("FriendlyName").unwrap_or_default().to_owned();
    let nth = nth(world, &["verify-webhook", &service.sid, &name])?.to_string();
    let now = world.now();
    let mut webhook = Webhook {
        sid: world.seed().sid("YW", &[&service.sid, &name, &nth]),
        account: service.account.clone(),
        service: service.sid.clone(),
        name,
        events: Vec::new(),
        url: String::new(),
        status: "enabled".into(),
        version: "v2".into(),
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    apply(&mut webhook, &call.form)?;
    world.put(&webhook.sid, &webhook)?;
    world.link(INDEX, &paging::key(&service.sid, now, webhook.sequence), &webhook.sid)?;
    Ok(Answer::created(show(&webhook, call)))
}

fn apply(webhook: &mut Webhook, form: &Params) -> Result<(), Refusal> {
    if let Some(name) = form.text("FriendlyName") {
        webhook.name = name.to_owned();
    }
    let events: Vec<String> = form.all("EventTypes").map(str::to_owned).collect();
    if !events.iter().all(|event| EVENTS.contains(&event.as_str())) {
        return Err(invalid("EventTypes"));
    }
    if !events.is_empty() {
        webhook.events = events;
    }
    if let Some(given) = form.text("WebhookUrl") {
        let fits = url::Url::parse(given).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        webhook.url = fits.then(|| given.to_owned()).ok_or_else(|| invalid("WebhookUrl"))?;
    }
    for (name, words, at) in
        [("Status", ["enabled", "disabled"], &mut webhook.status), ("Version", ["v1", "v2"], &mut webhook.version)]
    {
        if let Some(word) = form.text(name) {
            *at = words.contains(&word).then(|| word.to_owned()).ok_or_else(|| invalid(name))?;
        }
    }
    Ok(())
}

fn show(webhook: &Webhook, call: &Call) -> Value {
    json!({
        "sid": webhook.sid,
        "service_sid": webhook.service,
        "account_sid": webhook.account,
        "friendly_name": webhook.name,
        "event_types": webhook.events,
        "status": webhook.status,
        "version": webhook.version,
        "webhook_url": webhook.url,
        "webhook_method": "POST",
        "date_created": rfc3339(webhook.created),
        "date_updated": rfc3339(webhook.updated),
        "url": format!("{}/v2/Services/{}/Webhooks/{}", call.origin, webhook.service, webhook.sid),
    })
}
