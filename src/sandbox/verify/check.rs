//! `POST VerificationCheck`: is this the code? A wrong one is no error.

use serde_json::json;

use super::errors::{invalid, invalid_to, refuse};
use super::service::Service;
use super::verification::{self, Status, Verification};
use super::wanted::is_code;
use super::{events, rules};
use crate::sandbox::answer::{Answer, Outcome};
use crate::sandbox::call::Call;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// `POST VerificationCheck`.
pub fn check(world: &mut World, call: &Call, service: &Service) -> Outcome<Answer> {
    let form = &call.form;
    let (sid, to) = (form.text("VerificationSid"), form.text("To"));
    let name = sid.or(to).ok_or_else(|| refuse(60221))?;
    let code = form.text("Code").filter(|code| is_code(code, service.flag("custom_code_enabled")));
    let code = code.ok_or_else(|| invalid("Code"))?;
    if service.flag("psd2_enabled") && (form.text("Amount").is_none() || form.text("Payee").is_none()) {
        return Err(refuse(60206).into());
    }
    let found = verification::named(world, &service.sid, name)?.filter(|found| found.status != Status::Canceled);
    let mut verification = match found {
        Some(found) if found.kept() => found,
        _ if rules::NOTHING_TO_CHECK == 20_404 => return Err(not_found(call)),
        _ => return Err(invalid_to(to.unwrap_or_default()).into()),
    };
    if verification.status == Status::MaxAttemptsReached || verification.checks.len() >= rules::CHECKS {
        return spent(world, verification);
    }
    verification.checks.push(world.now());
    verification.updated = world.now();
    // A payment is confirmed as it was shown, or not at all.
    let same = |given: Option<&str>, kept: &Option<String>| !service.flag("psd2_enabled") || given == kept.as_deref();
    let right = code == verification.code
        && same(form.text("Amount"), &verification.amount)
        && same(form.text("Payee"), &verification.payee);
    if right {
        verification.end(world, Status::Approved)?;
    } else {
        verification.save(world)?;
    }
    let body = json!({
        "sid": verification.sid,
        "service_sid": verification.service,
        "account_sid": verification.account,
        "to": verification.to,
        "channel": verification.channel.word(),
        "status": verification.status.word(),
        "valid": right,
        "amount": verification.amount,
        "payee": verification.payee,
        "sna_attempts_error_codes": [],
        "date_created": rfc3339(verification.created),
        "date_updated": rfc3339(verification.updated),
    });
    Ok(Answer { status: rules::CHECKED, ..Answer::ok(body) })
}

/// One check too many: it stays so until it expires, and the right code does not help any more.
fn spent(world: &mut World, mut verification: Verification) -> Outcome<Answer> {
    if verification.status != Status::MaxAttemptsReached {
        verification.status = Status::MaxAttemptsReached;
        verification.updated = world.now();
        verification.save(world)?;
        events::verification(world, &verification)?;
    }
    Err(refuse(rules::CHECKS_USED_UP).into())
}
