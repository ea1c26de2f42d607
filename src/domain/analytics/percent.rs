//! A share in percent, exact to one decimal place.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// So many of so many, in percent with one decimal place, rounded half up. In JSON a text: `"83.8"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Percent(#[schemars(with = "String")] pub Decimal);

impl Percent {
    /// `part` of `whole`; `None` of nothing.
    pub fn of(part: u64, whole: u64) -> Option<Percent> {
        let hundred = Decimal::from(part).checked_mul(Decimal::ONE_HUNDRED)?;
        let exact = hundred.checked_div(Decimal::from(whole))?;
        let mut rounded = exact.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(1);
        Some(Percent(rounded))
    }

    /// How many percentage points more than `other`; may be negative.
    pub fn points_over(self, other: Percent) -> Decimal {
        self.0 - other.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} %", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_and_never_divide_by_nothing() {
        let shown = |part, whole| Percent::of(part, whole).map(|p| p.to_string());
        assert_eq!(shown(165, 200).as_deref(), Some("82.5 %"));
        assert_eq!(shown(165, 197).as_deref(), Some("83.8 %"));
        assert_eq!(shown(1, 2000).as_deref(), Some("0.1 %"), "0.05 is rounded up");
        assert_eq!(shown(0, 7).as_deref(), Some("0.0 %"));
        assert_eq!(shown(1, 0), None);
        assert_eq!(serde_json::to_string(&Percent::of(3, 3)).unwrap(), "\"100.0\"");
    }
}
