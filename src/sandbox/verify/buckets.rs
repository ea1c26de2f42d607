//! Buckets of a rate limit: at most so many starts with one value in so many seconds.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{invalid, refuse};
use super::rate_limits::RateLimit;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::error::StoreError;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// Buckets of one rate limit.
const MOST: usize = 5;

/// A bucket.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Bucket {
    /// `BL...`
    pub sid: String,
    /// The rate limit.
    pub limit: String,
    /// Starts.
    pub most: u64,
    /// In so many seconds.
    pub seconds: u64,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Bucket {
    const KIND: &'static str = "verify-bucket";
}

const INDEX: &str = "verify-buckets";

/// The buckets of a rate limit.
pub fn of(world: &World, limit: &RateLimit) -> Result<Vec<Bucket>, StoreError> {
    let found = world.scan(INDEX, &format!("{}/", limit.sid), &format!("{}0", limit.sid), false, MOST + 1)?;
    let mut buckets = Vec::with_capacity(found.len());
    for (_, sid) in found {
        buckets.extend(world.get::<Bucket>(&sid)?);
    }
    Ok(buckets)
}

/// Removes all buckets of a rate limit.
pub fn clear(world: &mut World, limit: &RateLimit) -> Result<(), StoreError> {
    of(world, limit)?.iter().try_for_each(|bucket| remove(world, bucket))
}

fn remove(world: &mut World, bucket: &Bucket) -> Result<(), StoreError> {
    world.unlink(INDEX, &paging::key(&bucket.limit, bucket.created, bucket.sequence))?;
    world.remove::<Bucket>(&bucket.sid)
}

/// Routes a call below `Buckets`.
pub fn route(world: &mut World, call: &Call, limit: &RateLimit, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let page = paging::read(world, INDEX, &limit.sid, asked, |world, sid| world.get(sid))?;
            Ok(page.modern(call, "buckets", |bucket| show(bucket, limit, call)))
        }
        ("POST", []) => create(world, call, limit),
        (method, [sid]) => {
            let found = world.get::<Bucket>(sid)?.filter(|bucket| bucket.limit == limit.sid);
            let mut bucket = found.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => {}
                "POST" => {
                    bucket.most = positive(&call.form, "Max")?.unwrap_or(bucket.most);
                    bucket.seconds = positive(&call.form, "Interval")?.unwrap_or(bucket.seconds);
                    free(world, limit, bucket.seconds, Some(&bucket.sid))?;
                    bucket.updated = world.now();
                    world.put(&bucket.sid, &bucket)?;
                }
                "DELETE" => {
                    remove(world, &bucket)?;
                    return Ok(Answer::gone());
                }
                _ => return Err(Refusal::method_not_allowed().into()),
            }
            Ok(Answer::ok(show(&bucket, limit, call)))
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn create(world: &mut World, call: &Call, limit: &RateLimit) -> Outcome<Answer> {
    let most = positive(&call.form, "Max")?.ok_or_else(|| invalid("Max"))?;
    let seconds = positive(&call.form, "Interval")?.ok_or_else(|| invalid("Interval"))?;
    let known = free(world, limit, seconds, None)?;
    if known >= MOST {
        return Err(refuse(60210).into());
    }
    let nth = nth(world, &["verify-bucket", &limit.sid, &seconds.to_string()])?.to_string();
    let now = world.now();
    let bucket = Bucket {
        sid: world.seed().sid("BL", &[&limit.sid, &seconds.to_string(), &nth]),
        limit: limit.sid.clone(),
        most,
        seconds,
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    world.put(&bucket.sid, &bucket)?;
    world.link(INDEX, &paging::key(&limit.sid, now, bucket.sequence), &bucket.sid)?;
    Ok(Answer::created(show(&bucket, limit, call)))
}

/// Refuses an interval that another bucket has; answers how many buckets there are.
fn free(world: &World, limit: &RateLimit, seconds: u64, own: Option<&str>) -> Outcome<usize> {
    let known = of(world, limit)?;
    if known.iter().any(|bucket| bucket.seconds == seconds && Some(bucket.sid.as_str()) != own) {
        return Err(refuse(60211).into());
    }
    Ok(known.len())
}

fn positive(form: &Params, name: &str) -> Result<Option<u64>, Refusal> {
    let read = |text: &str| text.parse::<u32>().ok().filter(|number| *number > 0).map(u64::from);
    form.text(name).map(|text| read(text).ok_or_else(|| invalid(name))).transpose()
}

fn show(bucket: &Bucket, limit: &RateLimit, call: &Call) -> Value {
    let above = format!("{}/v2/Services/{}/RateLimits/{}", call.origin, limit.service, limit.sid);
    json!({
        "sid": bucket.sid,
        "rate_limit_sid": limit.sid,
        "service_sid": limit.service,
        "account_sid": limit.account,
        "max": bucket.most,
        "interval": bucket.seconds,
        "date_created": rfc3339(bucket.created),
        "date_updated": rfc3339(bucket.updated),
        "url": format!("{above}/Buckets/{}", bucket.sid),
    })
}
