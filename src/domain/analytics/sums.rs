//! Sums of facts, and what is read off them: a funnel, counts of messages, costs.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

use super::fact::{Metric, kinds};
use super::histogram::Histogram;
use super::percent::Percent;
use crate::domain::message::Status;
use crate::domain::money::Money;

/// Decimal places of what one conversion costs.
const PER_CONVERSION: u32 = 4;

/// How much of what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums(BTreeMap<Metric, i64>);

impl Sums {
    /// Adds to a metric. One that comes to nothing is as if it had never been.
    pub fn add(&mut self, metric: Metric, amount: i64) {
        let sum = self.0.entry(metric).or_insert(0);
        *sum = sum.saturating_add(amount);
        if *sum == 0 {
            self.0.remove(&metric);
        }
    }

    /// Adds all of another.
    pub fn join(&mut self, other: &Sums) {
        for (metric, amount) in &other.0 {
            self.add(*metric, *amount);
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each metric, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, i64)> + '_ {
        self.0.iter().map(|(metric, amount)| (*metric, *amount))
    }

    /// A count.
    pub fn count(&self, kind: u8) -> u64 {
        self.0.get(&Metric::count(kind)).map_or(0, |n| u64::try_from(*n).unwrap_or(0))
    }

    fn amounts(&self, kind: u8) -> impl Iterator<Item = Money> + '_ {
        let of_kind = Metric::count(kind)..Metric::count(kind.saturating_add(1));
        self.0.range(of_kind).map(|(metric, nanos)| money(*nanos, metric.unit))
    }

    /// What sends that were blocked would have cost, by currency.
    pub fn saved(&self) -> Vec<Money> {
        self.amounts(kinds::SAVED).collect()
    }

    /// How long things took.
    pub fn histogram(&self) -> Histogram {
        let spans = self.0.range(Metric::count(kinds::SPAN)..);
        Histogram::of(spans.map(|(m, n)| (m.kind - kinds::SPAN, u64::try_from(*n).unwrap_or(0))))
    }
}

fn money(nanos: i64, unit: [u8; 3]) -> Money {
    Money::of_nanos(nanos, std::str::from_utf8(&unit).unwrap_or("XXX"))
}

/// What became of the verifications that were asked for. A verification is one code and its sends; it counts,
/// with everything that becomes of it, at the moment and under the channel, country and template of its
/// first send.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Funnel {
    /// Asked for.
    pub requested: u64,
    /// Not sent on purpose: Fraud Guard, a country that is not allowed, a rule.
    pub blocked: u64,
    /// Twilio took the first send.
    pub sent: u64,
    /// A send arrived, or a code was given, which comes to the same.
    pub delivered: u64,
    /// Somebody gave a code.
    pub checked: u64,
    /// The right one.
    pub approved: u64,
    /// The time ran out.
    pub expired: u64,
    /// Five checks were used up.
    pub max_checks: u64,
    /// Ended by us.
    pub canceled: u64,
    /// Refused by Twilio.
    pub failed: u64,
    /// Not over yet.
    pub waiting: u64,
    /// Approved of all, in percent with one decimal; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_of_all: Option<Percent>,
    /// Approved of those that were not blocked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_of_unblocked: Option<Percent>,
    /// Sends, the first ones included. They count at their own moment, channel and country.
    pub sends: u64,
    /// Sends but the first ones.
    pub resends: u64,
    /// Those of all sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resent_of_sends: Option<Percent>,
    /// Codes that were given, and looked at by Twilio.
    pub checks: u64,
    /// Those that were wrong.
    pub wrong_codes: u64,
    /// Those of all that were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_of_checks: Option<Percent>,
}

impl Funnel {
    /// Read off sums.
    pub fn of(sums: &Sums) -> Funnel {
        let n = |kind| sums.count(kind);
        let (requested, blocked, approved) = (n(kinds::REQUESTED), n(kinds::BLOCKED), n(kinds::APPROVED));
        let (expired, max_checks) = (n(kinds::EXPIRED), n(kinds::MAX_CHECKS));
        let (canceled, failed) = (n(kinds::CANCELED), n(kinds::FAILED));
        let (sends, resends, checks, wrong) = (n(kinds::SENDS), n(kinds::RESENDS), n(kinds::CHECKS), n(kinds::WRONG));
        Funnel {
            requested,
            blocked,
            sent: n(kinds::SENT),
            delivered: n(kinds::DELIVERED),
            checked: n(kinds::CHECKED),
            approved,
            expired,
            max_checks,
            canceled,
            failed,
            waiting: requested.saturating_sub(blocked + approved + expired + max_checks + canceled + failed),
            approved_of_all: Percent::of(approved, requested),
            approved_of_unblocked: Percent::of(approved, requested.saturating_sub(blocked)),
            sends,
            resends,
            resent_of_sends: Percent::of(resends, sends),
            checks,
            wrong_codes: wrong,
            wrong_of_checks: Percent::of(wrong, checks),
        }
    }
}

/// Counts of messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct MessageCounts {
    /// From customers.
    pub incoming: u64,
    /// To customers, those that wait here included; those that were taken back not.
    pub outgoing: u64,
    /// Arrived, or read.
    pub delivered: u64,
    /// Failed, or not delivered.
    pub failed: u64,
    /// Failed of all outgoing ones, in percent with one decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_of_outgoing: Option<Percent>,
    /// Segments of incoming messages.
    pub segments_in: u64,
    /// Segments of outgoing messages.
    pub segments_out: u64,
}

impl MessageCounts {
    /// Read off sums.
    pub fn of(sums: &Sums) -> MessageCounts {
        let all = |base: u8| -> u64 { Status::ALL.into_iter().map(|s| sums.count(base + s as u8)).sum() };
        let out = |status: Status| sums.count(kinds::OUTGOING + status as u8);
        let outgoing = all(kinds::OUTGOING).saturating_sub(out(Status::Canceled));
        let failed = out(Status::Failed) + out(Status::Undelivered);
        MessageCounts {
            incoming: all(kinds::INCOMING),
            outgoing,
            delivered: out(Status::Delivered) + out(Status::Read),
            failed,
            failed_of_outgoing: Percent::of(failed, outgoing),
            segments_in: sums.count(kinds::SEGMENTS_IN),
            segments_out: sums.count(kinds::SEGMENTS_OUT),
        }
    }
}

/// What was spent in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Currency {
    /// The currency, ISO 4217.
    pub unit: String,
    /// What Twilio charged for sends: channel fees, or messages.
    pub charged: Money,
    /// What is expected for those that it has not said a price of.
    pub expected: Money,
    /// Fees for right codes, by the rate card.
    pub success_fees: Money,
    /// Charged and success fees; what is only expected is not in it.
    pub total: Money,
    /// The total for each approved verification, rounded half up to four places; absent when none was approved.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub per_conversion: Option<Money>,
}

/// What was spent. Currencies are never added up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Costs {
    /// By currency.
    pub currencies: Vec<Currency>,
    /// How many sends cost something that Twilio has not said yet: they are in no total.
    pub pending: u64,
    /// How many right codes have a fee that the rate card does not know: they are in no total.
    pub fees_unknown: u64,
}

impl Costs {
    /// Read off sums.
    pub fn of(sums: &Sums) -> Costs {
        let mut units: BTreeMap<[u8; 3], [i64; 3]> = BTreeMap::new();
        let places = [kinds::REPORTED, kinds::EXPECTED, kinds::SUCCESS_FEES];
        for (metric, nanos) in sums.iter() {
            if let Some(place) = places.iter().position(|kind| *kind == metric.kind) {
                units.entry(metric.unit).or_default()[place] += nanos;
            }
        }
        let approved = sums.count(kinds::APPROVED);
        let currencies = units.into_iter().map(|(unit, [charged, expected, fees])| {
            let total = money(charged.saturating_add(fees), unit);
            Currency {
                unit: String::from_utf8_lossy(&unit).into_owned(),
                charged: money(charged, unit),
                expected: money(expected, unit),
                success_fees: money(fees, unit),
                per_conversion: each(&total, approved),
                total,
            }
        });
        Costs {
            currencies: currencies.collect(),
            pending: sums.count(kinds::PENDING),
            fees_unknown: sums.count(kinds::FEES_UNKNOWN),
        }
    }
}

fn each(total: &Money, n: u64) -> Option<Money> {
    let exact = total.amount.checked_div(Decimal::from(n))?;
    let rounded = exact.round_dp_with_strategy(PER_CONVERSION, RoundingStrategy::MidpointAwayFromZero);
    Some(Money::new(rounded, &total.unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(kind: u8) -> Metric {
        Metric { kind, unit: *b"USD" }
    }

    #[test]
    fn costs_are_exact_and_currencies_stay_apart() {
        let mut sums = Sums::default();
        sums.add(usd(kinds::REPORTED), 1_851_100_000);
        sums.add(usd(kinds::SUCCESS_FEES), 8_250_000_000);
        sums.add(Metric { kind: kinds::REPORTED, unit: *b"EUR" }, 70_000_000);
        sums.add(Metric::count(kinds::APPROVED), 165);
        sums.add(Metric::count(kinds::PENDING), 2);
        let costs = Costs::of(&sums);
        assert_eq!(costs.pending, 2);
        let [eur, usd] = &costs.currencies[..] else { panic!("{costs:?}") };
        assert_eq!((usd.total.fine(), usd.charged.fine()), ("$10.1011".to_owned(), "$1.8511".to_owned()));
        assert_eq!(usd.per_conversion.as_ref().map(Money::fine).as_deref(), Some("$0.0612"));
        assert_eq!(eur.total.fine(), "€0.0700");
        assert_eq!(Costs::of(&Sums::default()), Costs::default());
    }

    #[test]
    fn what_comes_to_nothing_leaves_nothing() {
        let mut sums = Sums::default();
        sums.add(Metric::count(kinds::SENDS), 2);
        sums.add(Metric::count(kinds::SENDS), -2);
        assert!(sums.is_empty());
        assert_eq!(Funnel::of(&sums), Funnel::default());
    }
}
