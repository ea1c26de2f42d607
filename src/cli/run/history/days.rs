//! Moments spread over the open hours of days. The same words give the same moments.

use serde::Deserialize;

use crate::api::When;
use crate::domain::time::{Span, Time};

/// A day.
const DAY: Span = Span::secs(24 * 3600);

/// From when, over how many days, in how many hours of each.
#[derive(Debug, Clone, Deserialize)]
pub struct Days {
    /// The opening of the first day.
    from: When,
    /// Days in a row.
    days: u32,
    /// Open hours of a day.
    hours: u32,
}

impl Days {
    /// The `n`-th of `count` moments: even, but for up to a minute.
    pub fn moment(&self, n: u32, count: u32) -> Time {
        let open = Span::secs(i64::from(self.hours) * 3600).0.max(1);
        let all = i128::from(open) * i128::from(self.days);
        let at = i64::try_from(all * i128::from(n) / i128::from(count.max(1))).unwrap_or(0);
        let (day, within) = (at / open, at % open);
        self.from.0 + Span(day * DAY.0 + within) + Span::secs(i64::from(n) * 37 % 53)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_lie_in_the_open_hours_and_in_order() {
        let from = Time::from_secs(1_772_470_800);
        let days = Days { from: When(from), days: 3, hours: 8 };
        let all: Vec<Time> = (0..300).map(|n| days.moment(n, 300)).collect();
        for (n, at) in all.iter().enumerate() {
            let (day, within) = ((*at - from).0 / DAY.0, (*at - from).0 % DAY.0);
            assert_eq!(day, n as i64 / 100, "{n}");
            assert!(within < Span::secs(8 * 3600 + 60).0, "{n}");
        }
        assert!(all.is_sorted());
    }
}
