//! An amount of money: an exact decimal and its currency.
//!
//! Amounts are never floating-point numbers. Rows keep them as decimal text, running sums as whole
//! nano-units ([`Nanos`]), which add without rounding.

use std::fmt;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

/// Billionths of a currency's unit.
pub type Nanos = i64;

/// Decimal places of a nano-unit.
const NANO: u32 = 9;

/// An amount, never negative: what something costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Money {
    /// The amount as a decimal text.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// The currency in capitals, ISO 4217.
    pub unit: String,
}

impl Money {
    /// An amount in a currency. Twilio writes what it charges with a minus; a price has none.
    pub fn new(amount: Decimal, unit: &str) -> Money {
        Money { amount: amount.abs().normalize(), unit: unit.trim().to_ascii_uppercase() }
    }

    /// Reads a decimal text; `None` when it is none.
    pub fn parse(amount: &str, unit: &str) -> Option<Money> {
        amount.trim().parse().ok().map(|amount| Money::new(amount, unit))
    }

    /// So many nano-units.
    pub fn of_nanos(nanos: Nanos, unit: &str) -> Money {
        Money::new(Decimal::new(nanos, NANO), unit)
    }

    /// As nano-units; what is finer is rounded, what is larger than fits is the largest.
    pub fn nanos(&self) -> Nanos {
        let scaled = self.amount.checked_mul(Decimal::from(10_i64.pow(NANO)));
        scaled.and_then(|d| d.round().to_i64()).unwrap_or(Nanos::MAX)
    }

    /// So many times the amount.
    pub fn times(&self, n: u32) -> Money {
        let amount = self.amount.checked_mul(Decimal::from(n)).unwrap_or(Decimal::MAX);
        Money { amount: amount.normalize(), unit: self.unit.clone() }
    }

    /// The sum; `None` when the currencies differ or it is too large.
    pub fn plus(&self, other: &Money) -> Option<Money> {
        let same = self.unit == other.unit;
        let sum = same.then(|| self.amount.checked_add(other.amount)).flatten()?;
        Some(Money::new(sum, &self.unit))
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.amount.is_zero()
    }

    /// With at least four decimals, as prices of messages are written: `$0.0083`.
    pub fn fine(&self) -> String {
        self.with_places(4)
    }

    fn with_places(&self, least: u32) -> String {
        let amount = self.amount.normalize();
        let places = usize::try_from(amount.scale().max(least)).unwrap_or(0);
        match self.unit.as_str() {
            "USD" => format!("${amount:.places$}"),
            "EUR" => format!("€{amount:.places$}"),
            "GBP" => format!("£{amount:.places$}"),
            unit => format!("{unit} {amount:.places$}"),
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_places(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Money {
        Money::parse(text, "usd").unwrap()
    }

    #[test]
    fn amounts_are_exact_and_written_with_their_sign() {
        assert_eq!(usd("-0.00830").fine(), "$0.0083");
        assert_eq!((usd("8.25").to_string(), usd("0.0583").to_string()), ("$8.25".into(), "$0.0583".into()));
        assert_eq!((usd("0").to_string(), usd("0.05").fine()), ("$0.00".into(), "$0.0500".into()));
        assert_eq!(usd("0.00833").fine(), "$0.00833");
        assert_eq!(Money::parse("1.5", "EUR").unwrap().to_string(), "€1.50");
        assert_eq!(Money::parse("1.5", "chf").unwrap().to_string(), "CHF 1.50");
        assert_eq!((Money::parse("", "USD"), Money::parse("much", "USD")), (None, None));
    }

    #[test]
    fn sums_do_not_round_and_do_not_mix() {
        let sum = usd("0.1").plus(&usd("0.2")).unwrap();
        assert_eq!(sum, usd("0.3"));
        assert_eq!(usd("0.0083").times(2), usd("0.0166"));
        assert_eq!(usd("1").plus(&Money::parse("1", "EUR").unwrap()), None);
        assert_eq!(usd("0.0083").nanos(), 8_300_000);
        assert_eq!(Money::of_nanos(8_300_000, "USD"), usd("0.0083"));
        assert_eq!(usd("99999999999999").nanos(), Nanos::MAX);
    }

    proptest::proptest! {
        #[test]
        fn nano_units_lead_back_to_the_amount(nanos in 0i64..=i64::MAX) {
            proptest::prop_assert_eq!(Money::of_nanos(nanos, "USD").nanos(), nanos);
        }
    }
}
