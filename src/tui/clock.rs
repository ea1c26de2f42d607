//! Business time on the screen: what the node said, carried on by the monotonic clock of the loop.
//!
//! It reads no clock itself: the loop tells it how much time has passed since the start. Everything
//! that counts down changes on whole business seconds, everything else on whole minutes, so that a
//! screen full of timers wakes the program once and not once for each.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::shown::{Shown, shown};
use crate::domain::time::{Span, Time};

/// How often something visible changes by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Beat {
    /// Never.
    #[default]
    Never,
    /// Something shows minutes.
    Minute,
    /// Something counts seconds.
    Second,
}

/// Business time, and the zone it is shown in.
#[derive(Debug, Clone)]
pub struct Clock {
    passed: Duration,
    anchor: Option<(Time, Duration)>,
    paused: bool,
    zone: TimeZone,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { passed: Duration::ZERO, anchor: None, paused: false, zone: TimeZone::UTC }
    }
}

impl Clock {
    /// The loop's clock moved on: time since the start.
    pub fn tell(&mut self, passed: Duration) {
        self.passed = self.passed.max(passed);
    }

    /// The node said what time it is.
    pub fn set(&mut self, now: Time, paused: bool) {
        self.anchor = Some((now, self.passed));
        self.paused = paused;
    }

    /// Shows times in an IANA zone from now on; in UTC when it is not known here.
    pub fn set_zone(&mut self, name: &str) {
        self.zone = TimeZone::get(name).unwrap_or(TimeZone::UTC);
    }

    /// The zone in which times are shown.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Time since the start of the loop.
    pub fn passed(&self) -> Duration {
        self.passed
    }

    /// Whether business time stands still.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Business time; `None` until the node has said it once.
    pub fn now(&self) -> Option<Time> {
        let (time, at) = self.anchor?;
        let since = if self.paused { Duration::ZERO } else { self.passed.saturating_sub(at) };
        Some(time + Span(i64::try_from(since.as_micros()).unwrap_or(i64::MAX)))
    }

    /// What a countdown to `due` shows, and when (the loop's clock) it shows less; `None` once it is
    /// over. It begins with its full length, so it does not change on whole seconds.
    pub fn countdown(&self, due: Time) -> Option<(i64, Option<Duration>)> {
        let left = (due - self.now()?).0;
        let shown = left.div_euclid(1_000_000) + i64::from(left.rem_euclid(1_000_000) > 0);
        if left <= 0 {
            return None;
        }
        let wait = Duration::from_micros((left - (shown - 1) * 1_000_000).unsigned_abs());
        Some((shown, (!self.paused).then(|| self.passed + wait)))
    }

    /// When, on the loop's clock, business time reaches a moment; `None` when it is over, or not by itself.
    pub fn reaches(&self, at: Time) -> Option<Duration> {
        let left = (at - self.now()?).0;
        (left > 0 && !self.paused).then(|| self.passed + Duration::from_micros(left.unsigned_abs()))
    }

    /// Whole business seconds since `then`, never negative.
    pub fn seconds_since(&self, then: Time) -> Option<i64> {
        let now = self.now()?.0.div_euclid(1_000_000);
        Some((now - then.0.div_euclid(1_000_000)).max(0))
    }

    /// When, on the loop's clock, what beats so fast changes next. `None`: not by itself.
    pub fn next(&self, beat: Beat) -> Option<Duration> {
        let step = match beat {
            Beat::Never => return None,
            Beat::Minute => 60_000_000,
            Beat::Second => 1_000_000,
        };
        let now = self.now()?;
        if self.paused {
            return None;
        }
        let wait = step - now.0.rem_euclid(step);
        Some(self.passed + Duration::from_micros(wait.unsigned_abs()))
    }

    /// `09:00`, in the business's zone.
    pub fn minute(&self, at: Time) -> Shown {
        self.format(at, "%H:%M")
    }

    /// `2026-03-03 9:00`, as it can be read back.
    pub fn exact(&self, at: Time) -> Shown {
        self.format(at, "%Y-%m-%d %-H:%M")
    }

    /// `9:00` today, else `Tue 9:00`, in the business's zone.
    pub fn hour(&self, at: Time) -> Shown {
        let today = self.now().is_some_and(|now| self.day_number(now) == self.day_number(at));
        self.format(at, if today { "%-H:%M" } else { "%a %-H:%M" })
    }

    /// `09:00:01`, in the business's zone.
    pub fn second(&self, at: Time) -> Shown {
        self.format(at, "%H:%M:%S")
    }

    /// `09:00:01.250`, in the business's zone.
    pub fn milli(&self, at: Time) -> Shown {
        self.format(at, "%H:%M:%S%.3f")
    }

    /// `Tue 09:00` within the coming week, else with its date.
    pub fn soon(&self, at: Time) -> Shown {
        let near = self.now().is_some_and(|now| (0..6 * 86_400).contains(&(at - now).whole_secs()));
        self.format(at, if near { "%a %H:%M" } else { "%a %-d %b %H:%M" })
    }

    /// `Mon 2 Mar`, in the business's zone.
    pub fn day(&self, at: Time) -> Shown {
        self.format(at, "%a %-d %b")
    }

    /// `Mon 2 Mar 2026`, for days of another year; else without the year.
    pub fn full_day(&self, at: Time) -> Shown {
        let same_year = self.now().is_none_or(|now| self.format(now, "%Y") == self.format(at, "%Y"));
        if same_year { self.day(at) } else { self.format(at, "%a %-d %b %Y") }
    }

    /// The time of a moment of today, else its day.
    pub fn brief(&self, at: Time) -> Shown {
        match self.now() {
            Some(now) if self.day_number(now) == self.day_number(at) => self.minute(at),
            _ => self.format(at, "%-d %b"),
        }
    }

    /// The day of a moment in the business's zone, to tell two days apart.
    pub fn day_number(&self, at: Time) -> i64 {
        let Ok(t) = jiff::Timestamp::from_microsecond(at.0) else { return 0 };
        let day = t.to_zoned(self.zone.clone()).date();
        i64::from(day.year()) * 400 + i64::from(day.day_of_year())
    }

    fn format(&self, at: Time, pattern: &str) -> Shown {
        match jiff::Timestamp::from_microsecond(at.0) {
            Ok(t) => Shown::from(t.to_zoned(self.zone.clone()).strftime(pattern).to_string()),
            Err(_) => Shown::from("?"),
        }
    }
}

/// A span for a person: `14:59` below an hour when counting, else `42m`, `3h`, `2d`.
pub fn span(seconds: i64) -> Shown {
    match seconds {
        s if s < 60 => shown!("{s}s"),
        s if s < 3600 => shown!("{}m", s / 60),
        s if s < 86_400 => shown!("{}h", s / 3600),
        s => shown!("{}d", s / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_on_whole_seconds_and_stands_still_when_paused() {
        let mut clock = Clock::default();
        assert_eq!((clock.now(), clock.next(Beat::Second)), (None, None));
        clock.tell(Duration::from_millis(300));
        clock.set(Time(1_772_470_800_250_000), false);
        assert_eq!(clock.next(Beat::Second), Some(Duration::from_millis(1050)));
        let due = Time(1_772_470_805_250_000);
        assert_eq!(clock.countdown(due), Some((5, Some(Duration::from_millis(1300)))));
        clock.tell(Duration::from_millis(1050));
        assert_eq!(clock.countdown(due), Some((5, Some(Duration::from_millis(1300)))));
        assert_eq!(clock.next(Beat::Minute), Some(Duration::from_millis(60_050)));
        assert_eq!(clock.countdown(Time(1_772_470_800_250_000)), None);
        clock.set(Time::from_secs(1_772_470_900), true);
        clock.tell(Duration::from_secs(500));
        assert_eq!((clock.now(), clock.next(Beat::Second)), (Some(Time::from_secs(1_772_470_900)), None));
    }
}
