//! Simulated time: it ticks once per second from a known start, can be stopped, and can be moved.
//!
//! Owns nothing but the arithmetic; timers and who may move the clock are decided elsewhere. Times are
//! microseconds since 1970, UTC.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// 2026-03-02 09:00 in Los Angeles: where a fresh sandbox begins.
pub const START: u64 = 1_772_470_800_000_000;

/// Months that are counted from one beginning: longer than anybody moves the clock.
const MOST_MONTHS: i32 = 12_000;

/// A clock that stands still or runs at the speed of the wall's.
#[derive(Debug, Clone)]
pub struct Clock {
    time: u64,
    since: Instant,
    paused: bool,
}

/// What a restart must know; time stands still while no sandbox runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Saved {
    /// The time it showed.
    pub time: u64,
    /// Whether it stood still.
    pub paused: bool,
}

impl Clock {
    /// A clock that goes on from a saved time.
    pub fn resume(saved: Saved) -> Self {
        Self { time: saved.time, since: Instant::now(), paused: saved.paused }
    }

    /// The time it shows.
    pub fn now(&self) -> u64 {
        let run = if self.paused { Duration::ZERO } else { self.since.elapsed() };
        self.time + u64::try_from(run.as_micros()).unwrap_or(u64::MAX / 2)
    }

    /// What to save.
    pub fn saved(&self) -> Saved {
        Saved { time: self.now(), paused: self.paused }
    }

    /// Whether it stands still.
    pub fn paused(&self) -> bool {
        self.paused
    }

    /// Sets the time.
    pub fn set(&mut self, time: u64) {
        *self = Self { time, since: Instant::now(), paused: self.paused };
    }

    /// Stops it or lets it run on.
    pub fn pause(&mut self, paused: bool) {
        *self = Self { time: self.now(), since: Instant::now(), paused };
    }

    /// How long until it shows a time by itself; `None` while it stands still before it.
    pub fn wait(&self, until: u64) -> Option<Duration> {
        let left = until.saturating_sub(self.now());
        (left == 0 || !self.paused).then(|| Duration::from_micros(left))
    }
}

/// Twilio's older date form, RFC 2822 in UTC: `Thu, 24 Aug 2023 05:01:45 +0000`.
pub fn rfc2822(time: u64) -> String {
    zoned(time).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// Twilio's newer date form, whole seconds in UTC: `2015-07-30T20:00:00Z`.
pub fn rfc3339(time: u64) -> String {
    zoned(time).strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// RFC 3339 with the microseconds, for the control API.
pub fn precise(time: u64) -> String {
    zoned(time).strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// Any `strftime` form in UTC.
pub fn formatted(time: u64, form: &str) -> String {
    zoned(time).strftime(form).to_string()
}

/// The day of a time, in GMT.
pub fn day(time: u64) -> jiff::civil::Date {
    zoned(time).date()
}

/// When a month begins that is counted from a time: the first beginning after `now`.
pub fn month_after(from: u64, now: u64) -> u64 {
    let begun = zoned(from);
    let next = |months: i32| {
        let later = begun.checked_add(jiff::Span::new().months(months)).ok()?;
        u64::try_from(later.timestamp().as_microsecond()).ok()
    };
    // Counted from the beginning, so that the 31st is not lost in a short month.
    (1..=MOST_MONTHS).map_while(next).find(|time| *time > now).unwrap_or(u64::MAX)
}

/// Reads an RFC 3339 time, or an ISO date as its midnight in UTC.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let stamp = text
        .parse::<jiff::Timestamp>()
        .ok()
        .or_else(|| {
            text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
        })
        .or_else(|| {
            text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|z| z.timestamp())
        })?;
    u64::try_from(stamp.as_microsecond()).ok()
}

fn zoned(time: u64) -> jiff::Zoned {
    let micros = i64::try_from(time).unwrap_or(i64::MAX);
    jiff::Timestamp::from_microsecond(micros).unwrap_or(jiff::Timestamp::MAX).to_zoned(jiff::tz::TimeZone::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_on_a_monday_morning_in_los_angeles() {
        assert_eq!(parse("2026-03-02T09:00:00-08:00"), Some(START));
        assert_eq!(rfc2822(START), "Mon, 02 Mar 2026 17:00:00 +0000");
        assert_eq!(rfc3339(START), "2026-03-02T17:00:00Z");
        assert_eq!(precise(START + 5), "2026-03-02T17:00:00.000005Z");
        assert_eq!(parse("2026-03-02"), parse("2026-03-02T00:00:00Z"));
        assert_eq!(parse("2026-03-02 17:00:00.000"), Some(START));
        assert_eq!(parse("tomorrow"), None);
    }

    #[test]
    fn months_are_counted_from_their_beginning() {
        let time = |text: &str| parse(text).unwrap();
        let begun = time("2026-01-31T09:00:00Z");
        assert_eq!(month_after(begun, begun), time("2026-02-28T09:00:00Z"));
        assert_eq!(month_after(begun, time("2026-02-28T09:00:00Z")), time("2026-03-31T09:00:00Z"));
        assert_eq!(month_after(begun, time("2026-12-01T00:00:00Z")), time("2026-12-31T09:00:00Z"));
        assert_eq!(day(begun).to_string(), "2026-01-31");
    }

    #[test]
    fn stands_still_while_paused() {
        let mut clock = Clock::resume(Saved { time: START, paused: true });
        assert_eq!((clock.now(), clock.wait(START + 9)), (START, None));
        clock.set(START + 9);
        assert_eq!(clock.now(), START + 9);
        clock.pause(false);
        assert!(clock.now() >= START + 9 && clock.wait(START + 9).is_some());
    }
}
