//! The scale of a chart: from zero to a round number, in a unit that is named.

use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::domain::money::Money;
use crate::tui::shown::{Shown, shown};

/// What a number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Parts of a hundred.
    Percent,
    /// Seconds.
    Seconds,
    /// An amount, in this currency.
    Money(String),
}

impl Unit {
    /// A number with its unit.
    pub fn show(&self, value: f64) -> Shown {
        match self {
            Unit::Count if value.fract().abs() > f64::EPSILON => shown!("{value:.1}"),
            Unit::Count => short(value.max(0.0) as u64),
            Unit::Percent => shown!("{value:.1} %"),
            Unit::Seconds => seconds(value),
            Unit::Money(currency) => {
                let amount = Decimal::from_f64(value).unwrap_or_default().round_dp(4);
                shown!("{}", Money::new(amount, currency))
            }
        }
    }

    /// The end of a scale that has room for `most`.
    pub fn ceiling(&self, most: f64) -> f64 {
        match self {
            Unit::Percent => 100.0,
            Unit::Count => ceiling(most.max(1.0)),
            _ => ceiling(most),
        }
    }
}

/// The next round number: 1, 2, 4, 5 or 10 times a power of ten.
fn ceiling(most: f64) -> f64 {
    if !most.is_finite() || most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 4.0, 5.0, 10.0];
    // A product of decimals may fall a hair short of itself.
    steps.into_iter().map(|step| step * power).find(|end| *end * (1.0 + 1e-9) >= most).unwrap_or(10.0 * power)
}

/// A count in at most five cells: `9999`, `12.3k`, `4.5M`.
pub fn short(n: u64) -> Shown {
    match n {
        0..10_000 => shown!("{n}"),
        10_000..1_000_000 => tenths(n, 1_000, "k"),
        1_000_000..1_000_000_000 => tenths(n, 1_000_000, "M"),
        _ => tenths(n, 1_000_000_000, "G"),
    }
}

fn tenths(n: u64, of: u64, sign: &str) -> Shown {
    let (whole, tenth) = (n / of, n % of / (of / 10));
    if whole >= 100 || tenth == 0 { shown!("{whole}{sign}") } else { shown!("{whole}.{tenth}{sign}") }
}

/// `0.4 s`, `12 s`, `3.5 min`, `2.0 h`.
fn seconds(value: f64) -> Shown {
    match value {
        s if s < 10.0 => shown!("{s:.1} s"),
        s if s < 100.0 => shown!("{s:.0} s"),
        s if s < 5_400.0 => shown!("{:.1} min", s / 60.0),
        s if s < 172_800.0 => shown!("{:.1} h", s / 3_600.0),
        s => shown!("{:.1} d", s / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_said_short_and_with_their_unit() {
        let said = |n| short(n).as_str().to_owned();
        assert_eq!(
            [said(0), said(9_999), said(12_345), said(100_000), said(4_500_000)],
            ["0", "9999", "12.3k", "100k", "4.5M"]
        );
        assert_eq!(Unit::Percent.show(82.5).as_str(), "82.5 %");
        assert_eq!(Unit::Money("USD".into()).show(1.5).as_str(), "$1.50");
        assert_eq!(Unit::Seconds.show(4.06).as_str(), "4.1 s");
        assert_eq!(Unit::Seconds.show(600.0).as_str(), "10.0 min");
        assert_eq!(Unit::Count.ceiling(0.0).to_string(), "1");
        assert_eq!(Unit::Percent.ceiling(12.0).to_string(), "100");
    }

    proptest! {
        #[test]
        fn a_scale_has_room_for_the_most_and_wastes_little(most in 0.001_f64..1e12) {
            let end = ceiling(most);
            prop_assert!(end >= most * (1.0 - 1e-6) && end <= most * 2.6, "{most} {end}");
        }
    }
}
