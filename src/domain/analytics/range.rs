//! A range of time, and the buckets of a chart over it: quarters of an hour, hours, days, weeks or months as
//! the calendar of a zone has them. A day may have 23 or 25 hours.

use jiff::civil::{Date, Time as Clock};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Unit, ZonedRound};
use serde::{Deserialize, Serialize};

use super::fact::quarter_of;
use crate::domain::time::Time;

/// How wide the buckets of a chart are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Grain {
    /// Quarters of an hour.
    Quarter,
    /// Hours.
    Hour,
    /// Days of the zone.
    Day,
    /// Weeks that begin on Monday.
    Week,
    /// Months.
    Month,
}

impl Grain {
    /// One of a readable number of buckets for a range of so many days.
    fn for_days(days: i64) -> Grain {
        match days {
            0 => Grain::Quarter,
            1..=3 => Grain::Hour,
            4..=99 => Grain::Day,
            100..=800 => Grain::Week,
            _ => Grain::Month,
        }
    }
}

/// A time zone by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// The IANA name, `UTC` when none is set.
    pub name: String,
    zone: TimeZone,
}

impl Zone {
    /// The zone of an IANA name; UTC for an empty one.
    ///
    /// # Errors
    /// [`BadRange::Zone`] when there is none of this name.
    pub fn named(name: &str) -> Result<Zone, BadRange> {
        let name = if name.trim().is_empty() { "UTC" } else { name.trim() };
        let zone = TimeZone::get(name).map_err(|_| BadRange::Zone(name.to_owned()))?;
        Ok(Zone { name: name.to_owned(), zone })
    }

    /// The weekday (Monday is 0) and the hour of a moment.
    pub fn hour_of_week(&self, at: Time) -> (usize, usize) {
        let local = self.local(at);
        let day = usize::try_from(local.weekday().to_monday_zero_offset()).unwrap_or(0);
        (day, usize::try_from(local.hour()).unwrap_or(0))
    }

    /// The day of a moment, as `2026-03-01`.
    pub fn date(&self, at: Time) -> String {
        self.local(at).date().to_string()
    }

    fn local(&self, at: Time) -> jiff::Zoned {
        let moment = Timestamp::from_microsecond(at.0).unwrap_or_default();
        moment.to_zoned(self.zone.clone())
    }

    fn start_of(&self, date: Date) -> Option<Time> {
        let start = date.to_datetime(Clock::midnight()).to_zoned(self.zone.clone()).ok()?;
        Some(Time(start.timestamp().as_microsecond()))
    }
}

/// Why a range cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRange {
    /// There is no such zone.
    #[error("there is no time zone {0:?}: give a name such as America/Los_Angeles")]
    Zone(String),
    /// No day and no moment.
    #[error("{0:?} is no day such as 2026-03-01, and no moment such as 2026-03-01T08:00:00Z")]
    Moment(String),
    /// The end does not lie behind the start.
    #[error("the range ends before it begins: `to` is the first moment that does not belong to it")]
    Backwards,
    /// Too long.
    #[error("the range is longer than ten years: give a shorter one")]
    TooLong,
    /// Too many buckets.
    #[error("the chart would have {0} buckets: choose a coarser grain, or a shorter range")]
    TooFine(usize),
}

/// The most buckets of a chart: a year by hours, and a leap day.
const MOST_BUCKETS: usize = 8784;
const LONGEST: i64 = 3660 * 86_400_000_000;
const DAY: i64 = 86_400_000_000;

/// A range, on quarters of an hour, with the limits of its buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Its start.
    pub from: Time,
    /// The first moment that does not belong to it.
    pub to: Time,
    /// Whose calendar it follows.
    pub zone: Zone,
    /// How wide its buckets are.
    pub grain: Grain,
    /// Where each bucket starts, and at the end where the last one ends.
    pub limits: Vec<Time>,
}

impl Range {
    /// Reads what was asked for: days or moments. Absent ones make the last seven days, today included.
    ///
    /// # Errors
    /// [`BadRange`] says what is wrong.
    pub fn read(
        from: Option<&str>,
        to: Option<&str>,
        zone: Zone,
        grain: Option<Grain>,
        now: Time,
    ) -> Result<Range, BadRange> {
        let to = match to {
            Some(text) => moment(text, &zone)?,
            None => shifted(&zone, now, 1).unwrap_or(now),
        };
        let from = match from {
            Some(text) => moment(text, &zone)?,
            None => shifted(&zone, Time(to.0 - 1), -6).unwrap_or(to),
        };
        Range::new(from, to, zone, grain)
    }

    /// Between two moments, which are widened to quarters of an hour.
    ///
    /// # Errors
    /// [`BadRange`] when it is empty, or has too many buckets.
    pub fn new(from: Time, to: Time, zone: Zone, grain: Option<Grain>) -> Result<Range, BadRange> {
        let quarter = |n: i64| Time(n.saturating_mul(900_000_000));
        let (from, to) = (quarter(quarter_of(from)), quarter(quarter_of(Time(to.0.saturating_add(899_999_999)))));
        if from >= to {
            return Err(BadRange::Backwards);
        }
        let long = to.0.saturating_sub(from.0);
        if long > LONGEST {
            return Err(BadRange::TooLong);
        }
        let grain = grain.unwrap_or_else(|| Grain::for_days(long / DAY));
        let limits = limits(from, to, &zone, grain);
        if limits.len() > MOST_BUCKETS + 1 {
            return Err(BadRange::TooFine(limits.len() - 1));
        }
        Ok(Range { from, to, zone, grain, limits })
    }

    /// The last whole week or month before a moment's own.
    ///
    /// # Errors
    /// [`BadRange`] when it cannot be told.
    pub fn last_whole(zone: Zone, grain: Grain, now: Time) -> Result<Range, BadRange> {
        let date = zone.local(now).date();
        let gone = i64::from(date.weekday().to_monday_zero_offset());
        let (from, to) = if grain == Grain::Month {
            let first = date.first_of_month();
            (first.checked_sub(1.month()), Ok(first))
        } else {
            (date.checked_sub((gone + 7).days()), date.checked_sub(gone.days()))
        };
        let limits = from.ok().and_then(|date| zone.start_of(date)).zip(to.ok().and_then(|date| zone.start_of(date)));
        let (from, to) = limits.ok_or(BadRange::Backwards)?;
        Range::new(from, to, zone, None)
    }

    /// The range of the same length right before it, in the calendar: a week's is the week before, March's is
    /// February although it is shorter.
    ///
    /// # Errors
    /// [`BadRange`] when it cannot be told.
    pub fn before(&self) -> Result<Range, BadRange> {
        let (start, end) = (self.zone.local(self.from), self.zone.local(self.to));
        let is_midnight = |at: &jiff::Zoned| at.time() == Clock::midnight();
        let from = if is_midnight(&start) && is_midnight(&end) {
            let (first, last) = (start.date(), end.date());
            let months = (i32::from(last.year()) - i32::from(first.year())) * 12
                + (i32::from(last.month()) - i32::from(first.month()));
            let back = match (first.day(), last.day()) {
                (1, 1) => first.checked_sub(months.months()),
                _ => first.checked_sub((last - first).get_days().days()),
            };
            back.ok().and_then(|date| self.zone.start_of(date))
        } else {
            None
        };
        let from = from.unwrap_or(Time(self.from.0.saturating_sub(self.to.0 - self.from.0)));
        Range::new(from, self.from, self.zone.clone(), Some(self.grain))
    }

    /// How many buckets it has.
    pub fn buckets(&self) -> usize {
        self.limits.len().saturating_sub(1)
    }

    /// The bucket of a moment; `None` outside the range.
    pub fn bucket_of(&self, at: Time) -> Option<usize> {
        if at < self.from || at >= self.to {
            return None;
        }
        self.limits.partition_point(|limit| *limit <= at).checked_sub(1)
    }
}

fn moment(text: &str, zone: &Zone) -> Result<Time, BadRange> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>()
        && text.len() == 10
    {
        return zone.start_of(date).ok_or_else(|| BadRange::Moment(text.to_owned()));
    }
    let at: Timestamp = text.parse().map_err(|_| BadRange::Moment(text.to_owned()))?;
    Ok(Time(at.as_microsecond()))
}

/// The start of the day that lies so many days from a moment's.
fn shifted(zone: &Zone, at: Time, days: i64) -> Option<Time> {
    let date = zone.local(at).date().checked_add(days.days()).ok()?;
    zone.start_of(date)
}

/// Where buckets start, and where the last one ends.
fn limits(from: Time, to: Time, zone: &Zone, grain: Grain) -> Vec<Time> {
    let mut all = vec![from];
    while let Some(last) = all.last().copied()
        && last < to
        && all.len() <= MOST_BUCKETS + 1
    {
        let next = next_limit(last, zone, grain).filter(|next| *next > last).unwrap_or(to);
        all.push(next.min(to));
    }
    all
}

fn next_limit(at: Time, zone: &Zone, grain: Grain) -> Option<Time> {
    let local = zone.local(at);
    let date = local.date();
    match grain {
        Grain::Quarter => Some(Time(at.0 + 900_000_000)),
        Grain::Hour => {
            let floor = local.round(ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Floor)).ok()?;
            Some(Time(floor.timestamp().as_microsecond() + 3_600_000_000))
        }
        Grain::Day => zone.start_of(date.checked_add(1.day()).ok()?),
        Grain::Week => {
            let gone = i64::from(date.weekday().to_monday_zero_offset());
            zone.start_of(date.checked_add((7 - gone).days()).ok()?)
        }
        Grain::Month => zone.start_of(date.first_of_month().checked_add(1.month()).ok()?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    fn range(from: &str, to: &str, name: &str, grain: Grain) -> Range {
        Range::read(Some(from), Some(to), zone(name), Some(grain), Time(0)).unwrap()
    }

    #[test]
    fn days_have_the_hours_that_the_calendar_gives_them() {
        let us = "America/Los_Angeles";
        for (from, to, hours) in
            [("2026-03-07", "2026-03-08", 24), ("2026-03-08", "2026-03-09", 23), ("2026-11-01", "2026-11-02", 25)]
        {
            let day = range(from, to, us, Grain::Hour);
            assert_eq!(day.buckets(), hours, "{from}");
            assert_eq!(range(from, to, us, Grain::Quarter).buckets(), hours * 4, "{from}");
            assert_eq!(range(from, to, us, Grain::Day).buckets(), 1, "{from}");
        }
        assert_eq!(range("2026-03-01", "2026-04-01", "Asia/Kathmandu", Grain::Day).buckets(), 31);
        assert_eq!(range("2026-03-01", "2026-03-02", "Asia/Kathmandu", Grain::Hour).buckets(), 24);
    }

    #[test]
    fn buckets_cover_the_range_without_a_gap() {
        for grain in [Grain::Quarter, Grain::Hour, Grain::Day, Grain::Week, Grain::Month] {
            let range = range("2026-02-26", "2026-04-07", "Europe/Berlin", grain);
            assert!(range.limits.is_sorted() && range.limits.windows(2).all(|w| w[0] < w[1]));
            assert_eq!((range.limits.first(), range.limits.last()), (Some(&range.from), Some(&range.to)));
            for (place, limit) in range.limits[..range.buckets()].iter().enumerate() {
                assert_eq!(range.bucket_of(*limit), Some(place), "{grain:?}");
            }
            assert_eq!((range.bucket_of(range.to), range.bucket_of(Time(range.from.0 - 1))), (None, None));
        }
    }

    #[test]
    fn a_range_is_read_as_people_write_it() {
        let now: Timestamp = "2026-03-02T17:00:00Z".parse().unwrap();
        let now = Time(now.as_microsecond());
        let week = Range::read(None, None, zone("America/Los_Angeles"), None, now).unwrap();
        assert_eq!((week.zone.date(week.from), week.zone.date(week.to)), ("2026-02-24".into(), "2026-03-03".into()));
        assert_eq!((week.grain, week.buckets()), (Grain::Day, 7));
        let before = week.before().unwrap();
        assert_eq!((before.zone.date(before.from), before.to), ("2026-02-17".into(), week.from));
        let whole = |grain| Range::last_whole(zone("UTC"), grain, now).map(|r| (r.zone.date(r.from), r.buckets()));
        assert_eq!(whole(Grain::Week), Ok(("2026-02-23".into(), 7)));
        assert_eq!(whole(Grain::Month), Ok(("2026-02-01".into(), 28)));
        let read = |from, to| Range::read(Some(from), Some(to), zone("UTC"), None, now).map(|r| r.buckets());
        assert_eq!(read("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"), Ok(4));
        assert_eq!(read("2026-03-02", "2026-03-02"), Err(BadRange::Backwards));
        assert_eq!(read("yesterday", "2026-03-02"), Err(BadRange::Moment("yesterday".into())));
        assert_eq!(read("1970-01-01", "2026-03-02"), Err(BadRange::TooLong));
        let fine = Range::read(Some("2024-01-01"), Some("2026-01-01"), zone("UTC"), Some(Grain::Quarter), now);
        assert!(matches!(fine, Err(BadRange::TooFine(_))));
        assert!(matches!(Zone::named("Mars/Olympus"), Err(BadRange::Zone(_))));
    }

    #[test]
    fn the_week_before_ends_where_the_week_begins_although_an_hour_is_missing() {
        let week = range("2026-03-09", "2026-03-16", "America/Los_Angeles", Grain::Day);
        let before = week.before().unwrap();
        assert_eq!((before.zone.date(before.from), before.buckets()), ("2026-03-02".to_owned(), 7));
        assert_eq!(before.to.0 - before.from.0, week.to.0 - week.from.0 - 3_600_000_000);
    }

    #[test]
    fn the_time_before_whole_months_is_as_many_months() {
        for (from, to, before) in [
            ("2026-03-01", "2026-04-01", "2026-02-01"),
            ("2026-01-01", "2026-04-01", "2025-10-01"),
            ("2024-01-01", "2025-01-01", "2023-01-01"),
            ("2026-03-01", "2026-03-31", "2026-01-30"),
        ] {
            let month = range(from, to, "America/Los_Angeles", Grain::Month);
            let told = month.before().unwrap();
            assert_eq!((told.zone.date(told.from).as_str(), told.to), (before, month.from), "{from}");
        }
    }
}
