//! Rate limits of a service: named counters that a start hands values to, such as an address of its end
//! user. What each allows is in its [`buckets`](super::buckets).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::buckets;
use super::errors::{invalid, refuse};
use super::service::Service;
use super::window::{self, Bound};
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::error::StoreError;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// Rate limits of one service.
const MOST: usize = 5;

/// A rate limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RateLimit {
    /// `RK...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// The service.
    pub service: String,
    /// What a start calls it.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for RateLimit {
    const KIND: &'static str = "verify-rate-limit";
}

const INDEX: &str = "verify-rate-limits";

/// Counts a start under the values it hands over; refuses one too many, and names that no limit has.
pub fn take(world: &mut World, service: &Service, values: &BTreeMap<String, String>) -> Outcome<()> {
    if values.is_empty() {
        return Ok(());
    }
    let limits = of(world, service)?;
    let mut bounds = Vec::new();
    for (name, value) in values {
        let limit = limits.iter().find(|limit| limit.name == *name).ok_or_else(|| invalid("RateLimits"))?;
        for bucket in buckets::of(world, limit)? {
            let key = format!("limit/{}/{value}", bucket.sid);
            bounds.push(Bound { key, most: bucket.most, seconds: bucket.seconds });
        }
    }
    match window::take(world, &bounds)? {
        Some(wait) => {
            let names: Vec<&str> = values.keys().map(String::as_str).collect();
            Err(window::too_many(refuse(20429), wait, &names.join(",")).into())
        }
        None => Ok(()),
    }
}

/// The rate limits of a service.
fn of(world: &World, service: &Service) -> Result<Vec<RateLimit>, StoreError> {
    let found = world.scan(INDEX, &format!("{}/", service.sid), &format!("{}0", service.sid), false, MOST + 1)?;
    let mut limits = Vec::with_capacity(found.len());
    for (_, sid) in found {
        limits.extend(world.get::<RateLimit>(&sid)?);
    }
    Ok(limits)
}

/// Routes a call below `RateLimits`.
pub fn route(world: &mut World, call: &Call, service: &Service, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let page = paging::read(world, INDEX, &service.sid, asked, |world, sid| world.get(sid))?;
            Ok(page.modern(call, "rate_limits", |limit| show(limit, call)))
        }
        ("POST", []) => create(world, call, service),
        (_, []) => Err(Refusal::method_not_allowed().into()),
        (_, [sid, rest @ ..]) => {
            let found = world.get::<RateLimit>(sid)?.filter(|limit| limit.service == service.sid);
            let limit = found.ok_or_else(|| not_found(call))?;
            match rest {
                [] => resource(world, call, limit),
                ["Buckets", rest @ ..] => buckets::route(world, call, &limit, rest),
                _ => Err(not_found(call)),
            }
        }
    }
}

fn create(world: &mut World, call: &Call, service: &Service) -> Outcome<Answer> {
    let name = call.form.text("UniqueName").ok_or_else(|| invalid("UniqueName"))?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.len() > 64 || !name.bytes().all(fits) {
        return Err(refuse(60209).into());
    }
    let known = of(world, service)?;
    if known.iter().any(|limit| limit.name == name) {
        return Err(refuse(60208).into());
    }
    if known.len() >= MOST {
        return Err(refuse(60207).into());
    }
    let nth = nth(world, &["verify-rate-limit", &service.sid, name])?.to_string();
    let now = world.now();
    let limit = RateLimit {
        sid: world.seed().sid("RK", &[&service.sid, name, &nth]),
        account: service.account.clone(),
        service: service.sid.clone(),
        name: name.to_owned(),
        description: call.form.text("Description").map(str::to_owned),
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    world.put(&limit.sid, &limit)?;
    world.link(INDEX, &paging::key(&service.sid, now, limit.sequence), &limit.sid)?;
    Ok(Answer::created(show(&limit, call)))
}

fn resource(world: &mut World, call: &Call, mut limit: RateLimit) -> Outcome<Answer> {
    match call.method.as_str() {
        "GET" => Ok(Answer::ok(show(&limit, call))),
        "POST" => {
            if let Some(text) = call.form.get("Description") {
                limit.description = (!text.is_empty()).then(|| text.to_owned());
            }
            limit.updated = world.now();
            world.put(&limit.sid, &limit)?;
            Ok(Answer::ok(show(&limit, call)))
        }
        "DELETE" => {
            buckets::clear(world, &limit)?;
            world.unlink(INDEX, &paging::key(&limit.service, limit.created, limit.sequence))?;
            world.remove::<RateLimit>(&limit.sid)?;
            Ok(Answer::gone())
        }
        _ => Err(Refusal::method_not_allowed().into()),
    }
}

fn show(limit: &RateLimit, call: &Call) -> Value {
    let url = format!("{}/v2/Services/{}/RateLimits/{}", call.origin, limit.service, limit.sid);
    json!({
        "sid": limit.sid,
        "service_sid": limit.service,
        "account_sid": limit.account,
        "unique_name": limit.name,
        "description": limit.description,
        "date_created": rfc3339(limit.created),
        "date_updated": rfc3339(limit.updated),
        "links": { "buckets": format!("{url}/Buckets") },
        "url": url,
    })
}
