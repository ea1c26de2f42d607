//! Moments and spans, in microseconds of the Unix epoch, as every row stores them.

use std::fmt;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// A moment: microseconds of the Unix epoch.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    minicbor::Encode,
    minicbor::Decode,
)]
#[serde(transparent)]
#[cbor(transparent)]
pub struct Time(#[n(0)] pub i64);

/// A span in microseconds; may be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Time {
    /// From seconds of the Unix epoch.
    pub const fn from_secs(secs: i64) -> Time {
        Time(secs * 1_000_000)
    }

    /// Milliseconds of the Unix epoch; zero for moments before it.
    pub fn millis(self) -> u64 {
        u64::try_from(self.0 / 1000).unwrap_or(0)
    }

    /// Bytes that sort as moments do, also for moments before the epoch.
    pub fn to_key(self) -> [u8; 8] {
        (self.0 as u64 ^ (1 << 63)).to_be_bytes()
    }

    /// Reads what [`Time::to_key`] wrote.
    pub fn from_key(key: [u8; 8]) -> Time {
        Time((u64::from_be_bytes(key) ^ (1 << 63)) as i64)
    }

    /// RFC 3339 in UTC with as many fractional digits as needed, e.g. `2026-03-02T17:00:00Z`.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => t.to_string(),
            Err(_) => format!("@{}us", self.0),
        }
    }
}

impl Span {
    /// A span of whole seconds.
    pub const fn secs(secs: i64) -> Span {
        Span(secs * 1_000_000)
    }

    /// A span of milliseconds.
    pub const fn millis(ms: i64) -> Span {
        Span(ms * 1000)
    }

    /// Whole seconds, rounded down.
    pub fn whole_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

impl Add<Span> for Time {
    type Output = Time;
    fn add(self, span: Span) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl Sub for Time {
    type Output = Span;
    fn sub(self, other: Time) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

impl Sub<Span> for Time {
    type Output = Time;
    fn sub(self, span: Span) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_moments_do() {
        let moments = [Time(i64::MIN), Time(-1), Time(0), Time(1), Time::from_secs(1_772_470_800), Time(i64::MAX)];
        for pair in moments.windows(2) {
            assert!(pair[0].to_key() < pair[1].to_key());
            assert_eq!(Time::from_key(pair[0].to_key()), pair[0]);
        }
    }
}
