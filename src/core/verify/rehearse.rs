//! A rehearsal of a burst: the sandbox only, for on the real Twilio it would be the burst itself.
//!
//! How it tells the truth. Each send meets the rules of a real one in their order. Ours are the business's
//! exact limit a minute, begun with what it really sent in the last minute, and the cap of tries of one
//! verification: the same pure code as in `apply`, on a meter that is not kept. What passes goes to the
//! sandbox with the parameters that a real send has, and there through the very code that answers a start,
//! on simulated time, in a world that is thrown away ([`crate::sandbox`] calls it a trial). Sending for real
//! and tidying up afterwards was not chosen: the sends would stand in the business's log, figures and audit
//! chain for good, which is what these are for.
//!
//! Time does not pass for anybody else, and twice the same rehearsal says the same.

use std::collections::HashSet;

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::send::{Order, request};
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Code};
use crate::core::rows::verify::{Recipient, meter_key, recipient_key};
use crate::core::{Core, read};
use crate::domain::address::Address;
use crate::domain::business::Business;
use crate::domain::pricing::Item;
use crate::domain::verification::rehearsal::{
    Bite, Burst, Count, Fate, Gate, KEPT_SENDS, LONGEST, MOST_SENDS, Own, Refusal, tally,
};
use crate::domain::verification::{Channel, Meter, Wish, extras};
use crate::twilio::error::lookup;

/// The burst that is rehearsed when nothing is said.
const USUAL: (u32, u32) = (200, 60);
/// Area codes of the fictional numbers that are sent to: a hundred in each, from 555-0100 on.
const AREAS: [u16; 22] =
    [202, 206, 212, 213, 214, 215, 216, 303, 305, 312, 313, 314, 404, 412, 414, 503, 504, 512, 602, 612, 702, 713];
/// Twilio's code for too many of something, the service's own rate limits among it.
const TOO_MANY: u32 = 20429;

/// What the sandbox answers.
#[derive(Deserialize)]
struct Answers {
    answers: Vec<Answered>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answered {
    status: u16,
    code: Option<u32>,
    retry_after: Option<u32>,
    reached: Option<String>,
}

impl From<Answered> for Fate {
    fn from(answered: Answered) -> Fate {
        match answered.status {
            200..=299 => Fate::Accepted,
            status => Fate::Refused(Refusal {
                code: answered.code.unwrap_or(u32::from(status)),
                reached: answered.reached,
                wait: answered.retry_after,
            }),
        }
    }
}

impl Core {
    pub(in crate::core) async fn rehearse_verifications(
        &self,
        caller: &Caller,
        input: RehearseVerifications,
    ) -> Result<Rehearsal, ApiError> {
        let (business, service) = self.verifying(caller, input.business)?;
        if !self.is_simulated() {
            let detail = "a burst is rehearsed in the sandbox only: at the real Twilio it would be sent. Start a node without Twilio's credentials, and rehearse there";
            return Err(ApiError::new(Code::Conflict, detail));
        }
        if !business.may_send() {
            let detail = format!("{} is not active and sends no codes: activate it first", business.name);
            return Err(ApiError::new(Code::Conflict, detail));
        }
        let burst = burst(&input)?;
        let channel = input.channel.unwrap_or_default();
        let people = self.strangers(&business, channel, burst.recipients)?;
        let wish = Wish {
            channel,
            locale: input.locale.filter(|locale| !locale.trim().is_empty()),
            template: input.template,
            substitutions: input.substitutions,
            rate_limits: input.rate_limits,
            amount: input.amount,
            payee: input.payee,
            ..Wish::default()
        };
        extras::checked(&wish).map_err(|misfit| ApiError::field(misfit.field, misfit.why))?;
        // The recipients are alike: what is true of the first one's text is true of all.
        let Some(first) = people.first().cloned() else { return Err(nobody()) };
        let order = Order { business, service, to: first, wish, own_code: None, flow: None, confirm: None };
        let order = self.with_template(order).await?;
        let fates = self.fates(&order, burst, &people).await?;
        let tally = tally(burst, &fates);
        let price = self.attempt(&order).estimate;
        let bites: Vec<BiteView> = tally.bites.iter().map(|bite| bite_view(&order.business, burst, bite)).collect();
        let Count { accepted, held, refused } = tally.all;
        let seconds = (0..).zip(&tally.seconds);
        Ok(Rehearsal {
            sends: burst.sends,
            seconds: burst.seconds,
            recipients: burst.recipients,
            channel,
            accepted,
            held,
            refused,
            cost: price.map(|price| price.times(accepted)),
            success_fee: self.settings().rates.rate(Item::Verify, Some("US")),
            verdict: verdict(burst, tally.all, bites.first()),
            notes: notes(&order),
            bites,
            items: seconds
                .map(|(second, c)| SecondView { second, accepted: c.accepted, held: c.held, refused: c.refused })
                .collect(),
        })
    }

    /// What becomes of each send, in their order.
    async fn fates(&self, order: &Order, burst: Burst, people: &[Address]) -> Result<Vec<Fate>, ApiError> {
        let business = &order.business;
        let lately: Option<Meter> = read(&*self.reader()?, &meter_key(business.id))?;
        let mut gate = Gate::new(business.id, lately, business.verify_per_minute, burst.recipients);
        let (now, mut held, mut sends) = (self.now(), Vec::new(), Vec::new());
        for nth in 0..burst.sends {
            let (after, recipient) = (burst.moment(nth), burst.recipient(nth));
            match gate.pass(now + after, recipient) {
                Ok(()) => {
                    held.push(None);
                    let to = people.get(recipient).map(Address::as_str).unwrap_or_default();
                    sends.push(json!({ "to": to, "afterMicros": after.0 }));
                }
                Err(own) => held.push(Some(own)),
            }
        }
        let parameters: Map<String, Value> =
            request(order).parameters().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let path = ["sandbox", "services", &order.service.to_string(), "rehearse"];
        let body = json!({ "parameters": parameters, "sends": sends });
        let asked = sends.len();
        let answer = self.control(Method::POST, &path, Some(body)).await?;
        let strange = || ApiError::new(Code::Internal, "the sandbox's answer to the rehearsal was not understood");
        let answers: Answers = serde_json::from_value(answer).map_err(|_| strange())?;
        if answers.answers.len() != asked {
            return Err(strange());
        }
        let mut answers = answers.answers.into_iter();
        let fate = |own: Option<Own>| match own {
            Some(own) => Some(Fate::Held(own)),
            None => answers.next().map(Fate::from),
        };
        held.into_iter().map(fate).collect::<Option<Vec<Fate>>>().ok_or_else(strange)
    }

    /// Fictional recipients; those come first to whom the business has never sent a code, so that nothing
    /// that waits for one of them joins in.
    fn strangers(&self, business: &Business, channel: Channel, count: u32) -> Result<Vec<Address>, ApiError> {
        let all = AREAS.iter().flat_map(|area| (100..200).map(move |n| format!("+1{area}5550{n}")));
        let mail = (1..=AREAS.len() * 100).map(|n| format!("rehearsal{n}@example.com"));
        let texts: Vec<String> = if channel == Channel::Email { mail.collect() } else { all.collect() };
        let all: Vec<Address> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        let reader = self.reader()?;
        let mut known: HashSet<Address> = HashSet::new();
        for to in &all {
            if read::<Recipient>(&*reader, &recipient_key(business.id, to))?.is_some() {
                known.insert(to.clone());
            }
        }
        let (used, fresh): (Vec<Address>, Vec<Address>) = all.into_iter().partition(|to| known.contains(to));
        Ok(fresh.into_iter().chain(used).take(count as usize).collect())
    }
}

fn nobody() -> ApiError {
    ApiError::new(Code::Internal, "there is no fictional recipient for a rehearsal")
}

/// The burst that is asked for.
fn burst(input: &RehearseVerifications) -> Result<Burst, ApiError> {
    let within = |field: &str, given: Option<u32>, usual: u32, most: u32| match given.unwrap_or(usual) {
        n if (1..=most).contains(&n) => Ok(n),
        n => Err(ApiError::field(field, format!("a rehearsal has 1 to {most} {field}, not {n}"))),
    };
    let sends = within("sends", input.sends, USUAL.0, MOST_SENDS)?;
    let seconds = within("seconds", input.seconds, USUAL.1, LONGEST)?;
    let recipients = within("recipients", input.recipients, sends, MOST_SENDS)?.min(sends);
    Ok(Burst { sends, seconds, recipients })
}

/// A limit with what it means and what to do.
fn bite_view(business: &Business, burst: Burst, bite: &Bite) -> BiteView {
    let at_ms = u64::try_from(bite.at.0 / 1000).unwrap_or(0);
    let view = |whose, code, name: String, retry_after, detail: String, remedy: String| BiteView {
        whose,
        code,
        name,
        at_ms,
        times: bite.times,
        retry_after,
        detail,
        remedy,
    };
    match &bite.first {
        Fate::Held(Own::Rate(wait)) => {
            let limit = business.verify_per_minute.unwrap_or_default();
            let detail = format!(
                "{} sends {limit} codes a minute at most, by its own limit (verifyPerMinute); what exceeds it is answered 429 with Retry-After and costs nothing.",
                business.name
            );
            let remedy = format!(
                "This burst needs {} a minute: `switchboard businesses update {} --verify-per-minute {}` allows it; else let callers heed Retry-After.",
                burst.a_minute(),
                business.id,
                burst.a_minute(),
            );
            view(Whose::Ours, None, format!("own limit, {limit} a minute"), Some(*wait), detail, remedy)
        }
        Fate::Held(Own::Kept) => {
            let detail = format!("{KEPT_SENDS} sends of one verification are tried; the next ones are refused here.");
            let remedy = "Cancel the pending verification, or wait ten minutes until it expires.".to_owned();
            view(Whose::Ours, None, format!("{KEPT_SENDS} tries of one verification"), None, detail, remedy)
        }
        Fate::Refused(Refusal { code: TOO_MANY, reached: Some(reached), wait }) => {
            let detail = format!(
                "The rate limit `{reached}` of the Verify service is used up for the value that each of these sends has."
            );
            let remedy = "Give each end user a value of their own, or raise the bucket's maximum at Twilio.".to_owned();
            view(Whose::Twilio, Some(TOO_MANY), format!("rate limit {reached}"), *wait, detail, remedy)
        }
        Fate::Refused(Refusal { code, wait, .. }) => {
            let known = lookup(*code);
            let text = |of: fn(&crate::domain::failure::Failure) -> &String, other: &str| {
                known.map_or_else(|| other.to_owned(), |failure| of(failure).clone())
            };
            let name = text(|f| &f.title, "refused by Twilio");
            let detail = text(|f| &f.cause, "Twilio refuses the send and gives no reason that is known here.");
            let remedy = text(|f| &f.remedy, "Look the code up in Twilio's documentation.");
            view(Whose::Twilio, Some(*code), name, *wait, detail, remedy)
        }
        Fate::Accepted => view(Whose::Ours, None, String::new(), None, String::new(), String::new()),
    }
}

fn verdict(burst: Burst, all: Count, first: Option<&BiteView>) -> String {
    let Burst { sends, seconds, .. } = burst;
    let Some(first) = first else {
        return format!("all {sends} codes in {seconds} s go out: no limit bites");
    };
    let whose = match (first.whose, first.code) {
        (Whose::Ours, _) => "our own limit".to_owned(),
        (Whose::Twilio, Some(code)) => format!("Twilio's {code}"),
        (Whose::Twilio, None) => "Twilio".to_owned(),
    };
    let at = first.at_ms as f64 / 1000.0;
    format!("{} of {sends} codes in {seconds} s go out: {whose} bites first, after {at:.1} s", all.accepted)
}

/// What the rehearsal leaves out.
fn notes(order: &Order) -> Vec<String> {
    let mut notes = vec![
        "Codes go to fictional numbers in the US; what was really sent in the last minute counts against the business's own limit.".to_owned(),
        "Not rehearsed, for Twilio names no figures: its limit of calls under way at once (20429), its guard of single numbers (60212), and what carriers make of a burst.".to_owned(),
    ];
    if order.business.verify_per_minute.is_none() {
        notes.push(format!(
            "{} has no limit of its own a minute: `switchboard businesses update {} --verify-per-minute N` sets one.",
            order.business.name, order.business.id
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Id;
    use crate::domain::time::Span;

    #[test]
    fn a_burst_is_read_within_bounds() {
        let input = |sends, seconds, recipients| RehearseVerifications {
            business: Id(1),
            sends,
            seconds,
            recipients,
            channel: None,
            locale: None,
            template: None,
            substitutions: Default::default(),
            rate_limits: Default::default(),
            amount: None,
            payee: None,
        };
        let read = |a, b, c| burst(&input(a, b, c)).map(|b| (b.sends, b.seconds, b.recipients));
        assert_eq!(read(None, None, None).unwrap(), (200, 60, 200));
        assert_eq!(read(Some(10), Some(5), Some(50)).unwrap(), (10, 5, 10), "no more people than sends");
        for (bad, field) in [
            (read(Some(0), None, None), "sends"),
            (read(Some(2001), None, None), "sends"),
            (read(None, Some(601), None), "seconds"),
            (read(None, None, Some(0)), "recipients"),
        ] {
            assert_eq!(bad.unwrap_err().field.as_deref(), Some(field));
        }
    }

    #[test]
    fn a_verdict_says_who_bites_first_and_when() {
        let burst = Burst { sends: 200, seconds: 60, recipients: 200 };
        let all = Count { accepted: 60, held: 140, refused: 0 };
        let row: Business = serde_json::from_value(json!({
            "id": "7", "name": "Northwind Bank", "active": true, "verify_per_minute": 60,
            "created_at": 0, "updated_at": 0,
        }))
        .unwrap();
        let bite = Bite { first: Fate::Held(Own::Rate(42)), at: Span::millis(18_000), times: 140 };
        let view = bite_view(&row, burst, &bite);
        assert_eq!(
            (view.whose, view.retry_after, view.name.as_str()),
            (Whose::Ours, Some(42), "own limit, 60 a minute")
        );
        assert!(view.remedy.contains("--verify-per-minute 200"), "{}", view.remedy);
        assert_eq!(
            verdict(burst, all, Some(&view)),
            "60 of 200 codes in 60 s go out: our own limit bites first, after 18.0 s"
        );
        let refused = |code, reached: Option<&str>| {
            let refusal = Refusal { code, reached: reached.map(str::to_owned), wait: Some(9) };
            bite_view(&row, burst, &Bite { first: Fate::Refused(refusal), ..bite.clone() })
        };
        assert_eq!(refused(20429, Some("ip")).name, "rate limit ip");
        for code in [60203, 60212, 60410, 60605, 20429] {
            let view = refused(code, None);
            assert!(view.name != "refused by Twilio" && view.remedy.ends_with('.'), "{code}: {view:?}");
        }
        assert!(verdict(burst, Count { accepted: 200, ..Count::default() }, None).contains("no limit bites"));
    }
}
