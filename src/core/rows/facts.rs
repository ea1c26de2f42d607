//! What sends of codes and messages say of themselves for analytics.
//!
//! A verification counts at its first send, which keeps what became of it.

use crate::domain::analytics::{Dim, Facts, Family, Metric, kinds, unit_of};
use crate::domain::message::{Direction, Message};
use crate::domain::money::Money;
use crate::domain::phone::Phone;
use crate::domain::pricing::Share;
use crate::domain::verification::{Attempt, Channel, Progress, Status};

/// What a send of a code says.
pub fn of_attempt(a: &Attempt) -> Facts {
    let mut dims = vec![(Dim::Channel, a.wish.channel.word().to_owned())];
    dims.extend(a.country.clone().map(|country| (Dim::Country, country)));
    dims.extend(a.wish.template.map(|template| (Dim::Template, template.to_string())));
    dims.extend(a.error.map(|code| (Dim::Error, code.to_string())));
    dims.extend(a.carrier.clone().filter(|name| !name.is_empty()).map(|name| (Dim::Carrier, name)));
    let mut metrics = Vec::with_capacity(12);
    if a.nth == 1 {
        verification(a, &mut metrics);
    }
    if !a.progress.is_refusal() {
        count(&mut metrics, kinds::SENDS, 1);
        count(&mut metrics, kinds::RESENDS, i64::from(a.nth > 1));
        costs(a, &mut metrics);
    }
    let took = a.journey.ended_at.filter(|_| a.nth == 1 && a.outcome == Status::Approved).map(|end| end - a.at);
    let span = took.map(|span| (Family::VerifySpans, u64::try_from(span.0 / 1000).unwrap_or(0)));
    Facts { business: a.business, family: Family::Verify, at: a.at, dims, metrics, span }
}

/// What became of the verification whose first send this is.
fn verification(a: &Attempt, out: &mut Vec<(Metric, i64)>) {
    let is = |status: Status| i64::from(a.outcome == status);
    let (approved, spent) = (is(Status::Approved), is(Status::MaxAttempts));
    let checked = a.journey.checks > 0 || approved + spent > 0;
    let arrived = checked || a.progress.has_arrived() || a.journey.arrived;
    count(out, kinds::REQUESTED, 1);
    count(out, kinds::BLOCKED, is(Status::Blocked));
    count(out, kinds::SENT, i64::from(arrived || !(a.progress.is_unanswered() || a.progress.is_refusal())));
    count(out, kinds::DELIVERED, i64::from(arrived));
    count(out, kinds::CHECKED, i64::from(checked));
    count(out, kinds::APPROVED, approved);
    count(out, kinds::EXPIRED, is(Status::Expired));
    count(out, kinds::MAX_CHECKS, spent);
    count(out, kinds::CANCELED, is(Status::Canceled));
    count(out, kinds::FAILED, is(Status::Refused));
    count(out, kinds::CHECKS, i64::from(a.journey.checks));
    count(out, kinds::WRONG, i64::from(a.journey.wrong));
    if a.outcome == Status::Approved {
        match &a.journey.fee {
            Some(fee) => amount(out, kinds::SUCCESS_FEES, fee),
            None => count(out, kinds::FEES_UNKNOWN, 1),
        }
    }
    if let (Status::Blocked, Some(price)) = (a.outcome, &a.estimate) {
        amount(out, kinds::SAVED, price);
    }
}

fn costs(a: &Attempt, out: &mut Vec<(Metric, i64)>) {
    if lacks_price(a) {
        count(out, kinds::PENDING, 1);
        if let Some(price) = &a.estimate {
            amount(out, kinds::EXPECTED, price);
        }
    } else if let Some(price) = &a.price {
        amount(out, kinds::REPORTED, price);
    }
}

/// Whether a send costs something and Twilio has not said how much. Emails go over the business's own mail
/// service: one that the rate card calls free has no price to wait for. What failed may have none.
pub fn lacks_price(a: &Attempt) -> bool {
    let is_free = a.wish.channel == Channel::Email && a.estimate.as_ref().is_none_or(Money::is_zero);
    let failed = matches!(a.progress, Progress::Failed | Progress::Canceled) && a.settled;
    a.price.is_none() && !a.progress.is_refusal() && !is_free && !failed
}

/// What a message says; notes say nothing.
pub fn of_message(m: &Message) -> Option<Facts> {
    let (base, segments) = match m.direction {
        Direction::In => (kinds::INCOMING, kinds::SEGMENTS_IN),
        Direction::Out => (kinds::OUTGOING, kinds::SEGMENTS_OUT),
        Direction::Note => return None,
    };
    let mut dims = Vec::with_capacity(4);
    dims.extend(country(m).map(|country| (Dim::Country, country)));
    dims.extend(m.error.map(|code| (Dim::Error, code.to_string())));
    dims.push((Dim::Sender, m.ours.as_str().to_owned()));
    dims.extend(m.author.clone().map(|author| (Dim::Agent, author)));
    let mut metrics = vec![(Metric::count(base + m.status as u8), 1)];
    count(&mut metrics, segments, i64::from(m.segments));
    match m.share() {
        Share::Nothing => {}
        Share::Reported(price) => amount(&mut metrics, kinds::REPORTED, &price),
        Share::Expected(price) => {
            count(&mut metrics, kinds::PENDING, 1);
            if let Some(price) = price {
                amount(&mut metrics, kinds::EXPECTED, &price);
            }
        }
    }
    let waited = m.answers_since.filter(|_| m.sid.is_some()).map(|since| m.at - since);
    let span = waited.map(|span| (Family::AnswerSpans, u64::try_from(span.0 / 1000).unwrap_or(0)));
    Some(Facts { business: m.business, family: Family::Messages, at: m.at, dims, metrics, span })
}

/// The country of the customer, by the first digits of their number.
pub fn country(m: &Message) -> Option<String> {
    let address = m.customer.as_str();
    Phone::region_by_prefix(address.strip_prefix("whatsapp:").unwrap_or(address))
}

fn count(out: &mut Vec<(Metric, i64)>, kind: u8, n: i64) {
    if n != 0 {
        out.push((Metric::count(kind), n));
    }
}

fn amount(out: &mut Vec<(Metric, i64)>, kind: u8, money: &Money) {
    out.push((Metric { kind, unit: unit_of(&money.unit) }, money.nanos()));
}
