//! What Event Streams tell of verifications and of the messages that carry their codes: CloudEvents, in a
//! JSON array, signed.
//!
//! They go where the control API says (`events`); sinks and subscriptions of one's own are not built.

use serde_json::{Value, json};

use super::attempt::{Attempt, Channel};
use super::verification::{Status, Verification};
use super::{rules, service};
use crate::sandbox::account;
use crate::sandbox::carrier::{geography, line};
use crate::sandbox::clock::precise;
use crate::sandbox::error::StoreError;
use crate::sandbox::webhook::{Delivery, Purpose, Target, idempotency_token};
use crate::sandbox::world::World;

/// What all their types begin with.
const TYPES: &str = "com.twilio.accountsecurity.verify";

/// A verification has come to where it stands now.
pub fn verification(world: &mut World, about: &Verification) -> Result<(), StoreError> {
    if world.meta().webhooks.events.is_none() {
        return Ok(());
    }
    let service = service::Service::get(world, &about.service)?;
    let ended = |status: Status| (about.status == status).then(|| precise(about.updated));
    let country = geography::place(&about.to).country;
    let sends: Vec<Value> = about
        .sends
        .iter()
        .map(|sent| {
            json!({
                "time": precise(sent.at), "channel": sent.channel.word().to_ascii_uppercase(),
                "attempt_sid": sent.attempt, "locale": sent.locale, "tags": sent.tags,
            })
        })
        .collect();
    let checks: Vec<Value> =
        about.checks.iter().map(|at| json!({ "time": precise(*at), "status": "SUCCESS" })).collect();
    let data = json!({
        "account_sid": about.account,
        "service_sid": about.service,
        "verification_sid": about.sid,
        "friendly_name": service.as_ref().map(|service| service.name()),
        "custom_friendly_name": about.name,
        "custom_code_enabled": service.as_ref().is_some_and(|service| service.flag("custom_code_enabled")),
        "created_at": precise(about.created),
        "verified_at": ended(Status::Approved),
        "expired_at": ended(Status::Expired),
        "to": about.to,
        "verification_status": about.status.word().to_ascii_uppercase(),
        "country": (!country.is_empty() && !about.to.contains('@')).then_some(country),
        "code_length": about.code.len(),
        "send_code_attempts": { "count": sends.len(), "attempts": sends },
        "check_attempts": { "count": checks.len(), "attempts": checks },
    });
    let word = if about.status == Status::MaxAttemptsReached { rules::USED_UP_EVENT } else { about.status.word() };
    tell(world, &about.account, &about.sid, &format!("verification.{word}"), data)
}

/// A message that carries a code has come to where it stands now.
pub fn message(world: &mut World, about: &Attempt) -> Result<(), StoreError> {
    let told = matches!(about.progress.as_str(), "sent" | "delivered" | "undelivered" | "failed");
    if world.meta().webhooks.events.is_none() || about.channel == Channel::Call || !told {
        return Ok(());
    }
    let network = line::network(world.seed(), &about.to);
    let failed = matches!(about.progress.as_str(), "undelivered" | "failed");
    let data = json!({
        "created_at": precise(about.updated),
        "account_sid": about.account,
        "service_sid": about.service,
        "verification_sid": about.verification,
        "attempt_sid": about.sid,
        "error_code": about.error.filter(|_| failed),
        "channel": about.channel.word().to_ascii_uppercase(),
        "dlr_status": about.progress.to_ascii_uppercase(),
        "mcc": network.mcc,
        "mnc": network.mnc,
        "to": about.to,
        "number_segments": 1,
    });
    tell(world, &about.account, &about.verification, &format!("message.{}", about.progress), data)
}

/// Sends an event; those of one verification go one after the other.
fn tell(world: &mut World, account: &str, lane: &str, kind: &str, data: Value) -> Result<(), StoreError> {
    let target = world.meta().webhooks.events.as_deref().and_then(|url| Target::new(url, "POST"));
    let Some(target) = target else { return Ok(()) };
    let now = precise(world.now());
    let natural = ["event", lane, kind, now.as_str()];
    let event = json!({
        "specversion": "1.0",
        "type": format!("{TYPES}.{kind}"),
        "source": format!("/v2/Services/{}/Verifications/{lane}", data["service_sid"].as_str().unwrap_or_default()),
        "id": world.seed().sid("EZ", &natural),
        "dataschema": "https://events-schemas.twilio.com/AccountSecurity.VerifyEventStreamEvent/3",
        "datacontenttype": "application/json",
        "time": now,
        "data": data,
    });
    let delivery = Delivery {
        id: 0,
        lane: lane.to_owned(),
        account: account.to_owned(),
        token: account::token(world, account)?,
        target,
        fallback: None,
        params: Vec::new(),
        body: Some(json!([event])),
        idempotency: idempotency_token(world, &natural),
        purpose: Purpose::Event { sid: lane.to_owned() },
        fault: None,
    };
    world.deliver(delivery).map(|_| ())
}
