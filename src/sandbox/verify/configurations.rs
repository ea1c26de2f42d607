//! Messaging configurations: the Messaging Service whose senders a service's SMS to a country come from.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{invalid, refuse};
use super::service::{Service, is_sid};
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::geography;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::error::StoreError;
use crate::sandbox::messaging::service as messaging;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// All countries that have no configuration of their own.
const ALL: &str = "all";

#[derive(Serialize, Deserialize)]
struct Configuration {
    service: String,
    account: String,
    country: String,
    messaging: String,
    created: u64,
    updated: u64,
    sequence: u64,
}

impl Row for Configuration {
    const KIND: &'static str = "verify-configuration";
}

const INDEX: &str = "verify-configurations";

fn key(service: &str, country: &str) -> String {
    format!("{service}/{country}")
}

/// The Messaging Service for a recipient, if one is configured.
pub fn messaging_service(world: &World, service: &Service, to: &str) -> Result<Option<String>, StoreError> {
    for country in [geography::place(to).country.as_str(), ALL] {
        if let Some(found) = world.get::<Configuration>(&key(&service.sid, country))? {
            return Ok(Some(found.messaging));
        }
    }
    Ok(None)
}

/// Routes a call below `MessagingConfigurations`.
pub fn route(world: &mut World, call: &Call, service: &Service, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let page = paging::read(world, INDEX, &service.sid, asked, |world, country| {
                world.get::<Configuration>(&key(&service.sid, country))
            })?;
            Ok(page.modern(call, "messaging_configurations", |one| show(one, call)))
        }
        ("POST", []) => create(world, call, service),
        (method, [country]) => {
            let key = key(&service.sid, country);
            let mut found = world.get::<Configuration>(&key)?.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => {}
                "POST" => {
                    found.messaging = messaging_of(world, call, service)?;
                    found.updated = world.now();
                    world.put(&key, &found)?;
                }
                "DELETE" => {
                    world.unlink(INDEX, &paging::key(&service.sid, found.created, found.sequence))?;
                    world.remove::<Configuration>(&key)?;
                    return Ok(Answer::gone());
                }
                _ => return Err(Refusal::method_not_allowed().into()),
            }
            Ok(Answer::ok(show(&found, call)))
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn create(world: &mut World, call: &Call, service: &Service) -> Outcome<Answer> {
    let given = call.form.text("Country").unwrap_or_default();
    let country = match given {
        ALL => ALL.to_owned(),
        _ if given.len() == 2 && given.bytes().all(|b| b.is_ascii_alphabetic()) => given.to_ascii_uppercase(),
        _ => return Err(invalid("Country").into()),
    };
    let messaging = messaging_of(world, call, service)?;
    let key = key(&service.sid, &country);
    if world.get::<Configuration>(&key)?.is_some() {
        return Err(refuse(60213).into());
    }
    let (now, sequence) = (world.now(), world.sequence());
    let (service, account) = (service.sid.clone(), service.account.clone());
    let made = Configuration { service, account, country, messaging, created: now, updated: now, sequence };
    world.put(&key, &made)?;
    world.link(INDEX, &paging::key(&made.service, now, sequence), &made.country)?;
    Ok(Answer::created(show(&made, call)))
}

fn messaging_of(world: &World, call: &Call, service: &Service) -> Outcome<String> {
    let given = call.form.text("MessagingServiceSid").filter(|sid| is_sid(sid, "MG"));
    let sid = given.ok_or_else(|| invalid("MessagingServiceSid"))?;
    let found = messaging::Service::get(world, sid)?.filter(|found| found.account == service.account);
    found.map(|found| found.sid).ok_or_else(|| invalid("MessagingServiceSid").into())
}

fn show(one: &Configuration, call: &Call) -> Value {
    json!({
        "account_sid": one.account,
        "service_sid": one.service,
        "country": one.country,
        "messaging_service_sid": one.messaging,
        "date_created": rfc3339(one.created),
        "date_updated": rfc3339(one.updated),
        "url": format!("{}/v2/Services/{}/MessagingConfigurations/{}", call.origin, one.service, one.country),
    })
}
