//! How many codes a business has sent lately: exact, by the moments of the sends themselves.

use serde::{Deserialize, Serialize};

use crate::domain::id::Id;
use crate::domain::time::{Span, Time};

/// The highest limit a business can be given, in codes a minute.
pub const MOST_A_MINUTE: u32 = 6000;

const WINDOW: Span = Span::secs(60);

/// The sends of the last minute of business time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meter {
    /// The tenant.
    pub business: Id,
    /// When they were, oldest first.
    pub sends: Vec<Time>,
}

impl Meter {
    /// Nothing sent yet.
    pub fn new(business: Id) -> Meter {
        Meter { business, sends: Vec::new() }
    }

    /// Counts one more send under a limit; or, when there is no room, nothing, and answers the seconds until
    /// there is.
    pub fn take(&mut self, now: Time, limit: u32) -> Result<(), u32> {
        // A clock that was set back must not leave sends of the future in the way for long.
        self.sends.retain(|at| *at <= now && now - *at < WINDOW);
        let limit = limit.max(1) as usize;
        if self.sends.len() < limit {
            self.sends.push(now);
            return Ok(());
        }
        // The limit may have been lowered: then several have to pass.
        let first = self.sends[self.sends.len() - limit];
        let left = (first + WINDOW) - now;
        Err(u32::try_from((left.0 + 999_999).div_euclid(1_000_000)).unwrap_or(1).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_limit_goes_in_any_minute() {
        let at = |seconds: i64| Time::from_secs(1000 + seconds);
        let mut meter = Meter::new(Id(1));
        assert_eq!((meter.take(at(0), 2), meter.take(at(5), 2)), (Ok(()), Ok(())));
        assert_eq!(meter.take(at(10), 2), Err(50));
        assert_eq!(meter.take(at(59), 2), Err(1));
        assert_eq!(meter.take(at(60), 2), Ok(()));
        assert_eq!(meter.take(at(61), 2), Err(4));
        assert_eq!(meter.take(at(61), 1), Err(59), "a lowered limit waits for the later one");
        assert_eq!(meter.take(at(-500), 2), Ok(()), "the clock was set back");
    }

    proptest::proptest! {
        #[test]
        fn no_minute_ever_has_more(limit in 1u32..5, gaps in proptest::collection::vec(0i64..40, 1..60)) {
            let mut meter = Meter::new(Id(1));
            let (mut now, mut sent) = (Time::from_secs(0), Vec::new());
            for gap in gaps {
                now = now + Span::secs(gap);
                match meter.take(now, limit) {
                    Ok(()) => sent.push(now),
                    Err(wait) => {
                        now = now + Span::secs(i64::from(wait));
                        proptest::prop_assert!(meter.take(now, limit).is_ok());
                        sent.push(now);
                    }
                }
            }
            for window in sent.windows(limit as usize + 1) {
                proptest::prop_assert!(window[limit as usize] - window[0] >= WINDOW);
            }
        }
    }
}
