//! `Attempts`: every send of an account, and how many led to a right code.

use rust_decimal::Decimal;
use serde_json::json;

use super::attempt::{Attempt, Channel, INDEX};
use super::errors::invalid;
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// Which attempts.
#[derive(Default)]
struct Filter {
    after: Option<u64>,
    before: Option<u64>,
    to: Option<String>,
    country: Option<String>,
    channel: Option<Channel>,
    service: Option<String>,
    verification: Option<String>,
    converted: Option<bool>,
    prefix: Option<String>,
}

impl Filter {
    fn read(call: &Call) -> Result<Self, Refusal> {
        let query = &call.query;
        let time =
            |name: &str| query.text(name).map(|text| clock::parse(text).ok_or_else(|| invalid(name))).transpose();
        let text = |name: &str| query.text(name).map(str::to_owned);
        let channel = match query.text("Channel") {
            // RCS is an answer's word too; nothing here travels by it.
            None | Some("rbm") => None,
            Some(word) => {
                let found = Channel::ALL.into_iter().find(|channel| channel.word() == word);
                Some(found.ok_or_else(|| invalid("Channel"))?)
            }
        };
        let converted = match query.text("Status") {
            None => None,
            Some("converted") => Some(true),
            Some("unconverted") => Some(false),
            Some(_) => return Err(invalid("Status")),
        };
        Ok(Self {
            after: time("DateCreatedAfter")?,
            before: time("DateCreatedBefore")?,
            to: text("ChannelData.To"),
            country: text("Country").map(|country| country.to_ascii_uppercase()),
            channel,
            service: text("VerifyServiceSid"),
            verification: text("VerificationSid"),
            converted,
            prefix: text("DestinationPrefix"),
        })
    }

    fn fits(&self, attempt: &Attempt) -> bool {
        let same = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
        // Dates are shown in whole seconds, and what is shown must find what it was shown for.
        let created = attempt.created / 1_000_000;
        self.after.is_none_or(|time| created >= time / 1_000_000)
            && self.before.is_none_or(|time| created <= time / 1_000_000)
            && same(&self.to, &attempt.to)
            && same(&self.service, &attempt.service)
            && same(&self.verification, &attempt.verification)
            && self.channel.is_none_or(|channel| channel == attempt.channel)
            && self.converted.is_none_or(|converted| converted == attempt.converted())
            && self.prefix.as_deref().is_none_or(|prefix| attempt.to.starts_with(prefix))
            && self.country.as_deref().is_none_or(|country| attempt.country().as_deref() == Some(country))
    }
}

/// Routes a call below `Attempts`.
pub fn route(world: &mut World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome<Answer> {
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    match rest {
        [] => {
            let (asked, filter) = (Asked::read(call, 50, 1000)?, Filter::read(call)?);
            let none = call.query.text("Channel") == Some("rbm");
            let page = paging::read(world, INDEX, &caller.account, asked, |world, sid| {
                Ok(world.get::<Attempt>(sid)?.filter(|attempt| !none && filter.fits(attempt)))
            })?;
            Ok(page.modern(call, "attempts", |attempt| attempt.show(world, call)))
        }
        ["Summary"] => summary(world, caller, call),
        [sid] => {
            let found = world.get::<Attempt>(sid)?.filter(|attempt| attempt.account == caller.account);
            let attempt = found.ok_or_else(|| not_found(call))?;
            Ok(Answer::ok(attempt.show(world, call)))
        }
        _ => Err(not_found(call)),
    }
}

/// Emails are not in the sum, as at Twilio.
fn summary(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let filter = Filter::read(call)?;
    let none = call.query.text("Channel") == Some("rbm");
    let (low, high) = (format!("{}/", caller.account), format!("{}0", caller.account));
    let (mut total, mut converted) = (0_u64, 0_u64);
    for (_, sid) in world.scan(INDEX, &low, &high, false, usize::MAX)? {
        let Some(attempt) = world.get::<Attempt>(&sid)? else { continue };
        if !none && attempt.channel != Channel::Email && filter.fits(&attempt) {
            total += 1;
            converted += u64::from(attempt.converted());
        }
    }
    let rate = (Decimal::from(converted) * Decimal::ONE_HUNDRED).checked_div(Decimal::from(total));
    Ok(Answer::ok(json!({
        "total_attempts": total,
        "total_converted": converted,
        "total_unconverted": total - converted,
        "conversion_rate_percentage": rate.unwrap_or_default().trunc_with_scale(9).normalize().to_string(),
        "url": format!("{}{}", call.origin, call.path),
    })))
}
