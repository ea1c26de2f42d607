//! `POST Verifications`: a code goes out; while it is pending, the same code goes out again.

use super::attempt::Channel;
use super::errors::refuse;
use super::service::Service;
use super::verification::{self, Sent, Status, Verification};
use super::wanted::Wanted;
use super::{events, guard, rate_limits, rules, send, text};
use crate::sandbox::answer::{Answer, Outcome};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::send::nth;
use crate::sandbox::error::StoreError;
use crate::sandbox::world::World;

/// `POST Verifications`.
pub fn start(world: &mut World, call: &Call, service: &Service) -> Outcome<Answer> {
    let wanted = Wanted::read(&call.form, service)?;
    let template = text::template(world, service, &wanted)?;
    guard::admit(world, service, &wanted)?;
    let known = verification::current(world, &service.sid, &wanted.to)?;
    match &known {
        Some(one) if one.status != Status::Pending => return Err(refuse(rules::CHECKS_USED_UP).into()),
        Some(one) if one.sends.len() >= rules::SENDS => return Err(refuse(60203).into()),
        _ => {}
    }
    rate_limits::take(world, service, &wanted.limits)?;
    let mut verification = match known {
        Some(known) => known,
        None => fresh(world, service, &wanted)?,
    };
    let now = world.now();
    verification.channel = wanted.channel;
    verification.updated = now;
    verification.looked_up |= service.flag("lookup_enabled") && wanted.channel != Channel::Email;
    if let Some(code) = &wanted.code {
        verification.code.clone_from(code);
    }
    let content = text::content(service, &wanted, template.as_deref(), &verification);
    let locale = text::locale(&wanted);
    let attempt = send::begin(world, service, &verification, content, locale)?;
    let (channel, tags) = (wanted.channel, wanted.tags);
    verification.sends.push(Sent { at: now, channel, attempt, locale: locale.to_owned(), tags });
    verification.save(world)?;
    if verification.sends.len() == 1 {
        events::verification(world, &verification)?;
    }
    Ok(Answer::created(verification.show(world, call)))
}

/// The n-th verification between this service and this recipient: SID and code follow from that.
fn fresh(world: &mut World, service: &Service, wanted: &Wanted) -> Result<Verification, StoreError> {
    let natural = [service.sid.as_str(), wanted.to.as_str()];
    let nth = nth(world, &[&["verification"], &natural[..]].concat())?.to_string();
    let key = [natural[0], natural[1], nth.as_str()];
    let now = world.now();
    let verification = Verification {
        sid: world.seed().sid("VE", &key),
        account: service.account.clone(),
        service: service.sid.clone(),
        to: wanted.to.clone(),
        channel: wanted.channel,
        status: Status::Pending,
        code: code(world, service.code_length(), &key),
        checks: Vec::new(),
        sends: Vec::new(),
        name: wanted.name.clone(),
        amount: wanted.amount.clone(),
        payee: wanted.payee.clone(),
        looked_up: false,
        created: now,
        updated: now,
        expires: now + rules::LIFETIME,
    };
    verification.begin(world)?;
    Ok(verification)
}

/// A code that only the seed and the natural key decide; zeros may lead.
fn code(world: &World, length: usize, key: &[&str]) -> String {
    let most = 10_u64.saturating_pow(u32::try_from(length).unwrap_or(6)) - 1;
    format!("{:0length$}", world.seed().between(0, most, &[&["code"], key].concat()))
}
