//! Which time is looked at: a span of so many days that ends today or a month of the calendar, moved back and
//! forth, or dates of one's own.

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{RoundMode, Span as Step, Timestamp, ToSpan, Unit, Zoned, ZonedRound};

use crate::domain::time::Time;
use crate::tui::shown::{Shown, shown};

/// How long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Length {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// Seven days.
    #[default]
    Week,
    /// Thirty days.
    Thirty,
    /// A month of the calendar: the one in which it is now, to its end.
    Month,
    /// Ninety-one days: thirteen weeks.
    Quarter,
    /// 364 days: fifty-two weeks.
    Year,
    /// Five years of the calendar, to the end of this one.
    Years,
    /// From one day to another.
    Own(Date, Date),
}

impl Length {
    const ALL: [Length; 8] = [
        Length::Hour,
        Length::Day,
        Length::Week,
        Length::Thirty,
        Length::Month,
        Length::Quarter,
        Length::Year,
        Length::Years,
    ];

    fn word(self) -> &'static str {
        match self {
            Length::Hour => "an hour",
            Length::Day => "a day",
            Length::Week => "a week",
            Length::Thirty => "30 days",
            Length::Month => "a month",
            Length::Quarter => "13 weeks",
            Length::Year => "52 weeks",
            Length::Years => "five years",
            Length::Own(..) => "own dates",
        }
    }

    /// The time before it in words.
    pub fn before(self) -> &'static str {
        match self {
            Length::Hour => "the hour before",
            Length::Day => "the day before",
            Length::Week => "the week before",
            Length::Thirty => "the 30 days before",
            Length::Month => "the month before",
            Length::Quarter => "the 13 weeks before",
            Length::Year => "the 52 weeks before",
            Length::Years => "the five years before",
            Length::Own(..) => "the time before",
        }
    }

    /// Whole days, which begin and end as those of the calendar do.
    fn days(self) -> Option<i64> {
        match self {
            Length::Hour | Length::Month | Length::Years => None,
            Length::Day => Some(1),
            Length::Week => Some(7),
            Length::Thirty => Some(30),
            Length::Quarter => Some(91),
            Length::Year => Some(364),
            Length::Own(from, to) => Some(i64::from((to - from).get_days()).max(1)),
        }
    }

    /// Whole months of the calendar: where they begin when it is this day, and how many they are.
    fn months(self, today: Date) -> Option<(Date, i64)> {
        match self {
            Length::Month => Some((today.first_of_month(), 1)),
            Length::Years => Some((Date::new(today.year().checked_sub(4)?, 1, 1).ok()?, 60)),
            Length::Own(from, to) if from.day() == 1 && to.day() == 1 => {
                let years = i64::from(to.year()) - i64::from(from.year());
                let months = years * 12 + i64::from(to.month()) - i64::from(from.month());
                (months > 0).then_some((from, months))
            }
            _ => None,
        }
    }
}

/// Which time is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// How long.
    pub length: Length,
    /// How many lengths back from now it ends; 0 ends with today, or with this hour.
    pub back: i32,
}

impl Span {
    /// The days from one moment to another; `None` when they are more than ten years.
    pub fn over_all(first: Time, last: Time, zone: &TimeZone) -> Option<Span> {
        let (from, last) = (local(first, zone)?.date(), local(last, zone)?.date());
        let until = last.tomorrow().ok()?;
        let is_short = (1..=3660).contains(&(until - from).get_days());
        is_short.then_some(Span { length: Length::Own(from, until), back: 0 })
    }

    /// A longer or a shorter one that ends with today.
    pub fn resize(&mut self, by: isize) {
        let at = Length::ALL.iter().position(|length| *length == self.length);
        let next = match at {
            Some(at) => at.saturating_add_signed(by).min(Length::ALL.len() - 1),
            // Back from dates of one's own.
            None => 2,
        };
        *self = Span { length: Length::ALL[next], back: 0 };
    }

    /// Earlier or later by its own length; never beyond now. Whether it moved.
    pub fn shift(&mut self, by: i32) -> bool {
        let is_own = matches!(self.length, Length::Own(..));
        let back = self.back.saturating_sub(by);
        let back = if is_own { back } else { back.max(0) };
        // Eleven years of hours are enough.
        let moved = back != self.back && back.abs() <= 100_000;
        if moved {
            self.back = back;
        }
        moved
    }

    /// As it is asked for: from and until, days of the zone or moments.
    pub fn asked(self, now: Time, zone: &TimeZone) -> Option<(String, String)> {
        let local = local(now, zone)?;
        match self.length {
            Length::Hour => {
                let begun = local.round(ZonedRound::new().smallest(Unit::Hour).mode(RoundMode::Floor)).ok()?;
                let from = begun.checked_sub(Step::new().try_hours(i64::from(self.back)).ok()?).ok()?;
                let until = from.checked_add(1.hour()).ok()?;
                Some((from.timestamp().to_string(), until.timestamp().to_string()))
            }
            length => {
                let (from, until) = self.dates(length, local.date())?;
                Some((from.to_string(), until.to_string()))
            }
        }
    }

    /// When another time is looked at by itself: at the end of this hour, or of this day.
    pub fn over(self, now: Time, zone: &TimeZone) -> Option<Time> {
        let local = local(now, zone)?;
        let next = match self.length {
            Length::Own(..) => return None,
            Length::Hour => {
                let begun = local.round(ZonedRound::new().smallest(Unit::Hour).mode(RoundMode::Floor)).ok()?;
                begun.checked_add(1.hour()).ok()?
            }
            _ => local.tomorrow().ok()?.start_of_day().ok()?,
        };
        Some(Time(next.timestamp().as_microsecond()))
    }

    fn dates(self, length: Length, today: Date) -> Option<(Date, Date)> {
        let back = i64::from(self.back);
        if let Some((from, months)) = length.months(today) {
            let from = from.checked_sub(Step::new().try_months(back.checked_mul(months)?).ok()?).ok()?;
            return Some((from, from.checked_add(Step::new().try_months(months).ok()?).ok()?));
        }
        let days = length.days()?;
        let until = match length {
            Length::Own(_, until) => until,
            _ => today.tomorrow().ok()?,
        };
        let until = until.checked_sub(Step::new().try_days(back.checked_mul(days)?).ok()?).ok()?;
        Some((until.checked_sub(days.days()).ok()?, until))
    }

    /// `Tue 24 Feb – Mon 2 Mar 2026 · a week`.
    pub fn label(self, now: Time, zone: &TimeZone) -> Shown {
        let Some(local) = local(now, zone) else { return Shown::from(self.length.word()) };
        if self.length == Length::Hour {
            let from = local.checked_sub(i64::from(self.back).hours()).unwrap_or(local);
            return shown!("{} {}:00 – {}:59 · an hour", from.strftime("%a %-d %b %Y"), from.hour(), from.hour());
        }
        let Some((from, until)) = self.dates(self.length, local.date()) else { return Shown::from(self.length.word()) };
        let last = until.yesterday().unwrap_or(until);
        let is_going_on = last > local.date() && from <= local.date();
        let so_far = if is_going_on { " so far" } else { "" };
        match self.length {
            Length::Month => return shown!("{}{so_far} · {}", from.strftime("%B %Y"), self.length.word()),
            Length::Years => return shown!("{} – {}{so_far} · {}", from.year(), last.year(), self.length.word()),
            _ => {}
        }
        if from == last {
            // The days on which clocks change have another length: counts of an hour look odd without it.
            let of_hours = match hours(from, until, zone) {
                Some(hours) if hours != 24 => format!(" of {hours} hours"),
                _ => String::new(),
            };
            return shown!("{} · {}{of_hours}", from.strftime("%a %-d %b %Y"), self.length.word());
        }
        let begun = if from.year() == last.year() { "%a %-d %b" } else { "%a %-d %b %Y" };
        shown!("{} – {} · {}", from.strftime(begun), last.strftime("%a %-d %b %Y"), self.length.word())
    }
}

fn local(now: Time, zone: &TimeZone) -> Option<Zoned> {
    Some(Timestamp::from_microsecond(now.0).ok()?.to_zoned(zone.clone()))
}

/// How many hours lie between the beginnings of two days.
fn hours(from: Date, until: Date, zone: &TimeZone) -> Option<i64> {
    let start = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp().as_second());
    Some((start(until)? - start(from)?) / 3600)
}

/// Reads dates of one's own: `2026-03-01 2026-03-07` (the last day belongs to it), `2026-03-01`, `2026-03`,
/// `2026-Q1`, `2026`.
///
/// # Errors
/// A sentence that says how to write them.
pub fn parse(text: &str) -> Result<Span, &'static str> {
    const HELP: &str = "write two days such as 2026-03-01 2026-03-07, or 2026-03, 2026-Q1, 2026";
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !matches!(*word, "" | "to" | "-" | "–")).collect();
    let (from, until) = match words.as_slice() {
        [one] => whole(one).ok_or(HELP)?,
        [from, to] => (whole(from).ok_or(HELP)?.0, whole(to).ok_or(HELP)?.1),
        _ => return Err(HELP),
    };
    match (until - from).get_days() {
        ..1 => Err("it ends before it begins"),
        1..=3660 => Ok(Span { length: Length::Own(from, until), back: 0 }),
        _ => Err("that is longer than ten years"),
    }
}

/// A day, a month, a quarter or a year: where it begins and where the next one does.
fn whole(word: &str) -> Option<(Date, Date)> {
    if let Ok(day) = word.parse::<Date>() {
        return Some((day, day.tomorrow().ok()?));
    }
    let (year, part) = word.split_once('-').map_or((word, None), |(year, part)| (year, Some(part)));
    let year: i16 = year.parse().ok().filter(|year| (1000..=9000).contains(year))?;
    let (month, months) = match part {
        None => (1, 12),
        Some(part) => match part.strip_prefix(['q', 'Q']) {
            Some(quarter) => (quarter.parse::<i8>().ok().filter(|n| (1..=4).contains(n))? * 3 - 2, 3),
            None => (part.parse::<i8>().ok().filter(|n| (1..=12).contains(n))?, 1),
        },
    };
    let from = date(year, month, 1);
    Some((from, from.checked_add(i64::from(months).months()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Monday 2026-03-02, 09:00 in Los Angeles.
    const NOW: Time = Time::from_secs(1_772_470_800);

    fn zone() -> TimeZone {
        TimeZone::get("America/Los_Angeles").unwrap()
    }

    #[test]
    fn it_ends_today_and_moves_by_its_own_length() {
        let asked = |span: Span| span.asked(NOW, &zone()).map(|(from, to)| format!("{from} {to}")).unwrap();
        let mut span = Span::default();
        assert_eq!(asked(span), "2026-02-24 2026-03-03");
        assert_eq!(span.label(NOW, &zone()).as_str(), "Tue 24 Feb – Mon 2 Mar 2026 · a week");
        assert!(!span.shift(1), "there is nothing beyond now");
        assert!(span.shift(-1));
        assert_eq!(asked(span), "2026-02-17 2026-02-24");
        span.resize(-1);
        assert_eq!(asked(span), "2026-03-02 2026-03-03");
        assert_eq!(span.label(NOW, &zone()).as_str(), "Mon 2 Mar 2026 · a day");
        span.shift(-1);
        assert_eq!(asked(span), "2026-03-01 2026-03-02");
        span.resize(-1);
        assert_eq!(asked(span), "2026-03-02T17:00:00Z 2026-03-02T18:00:00Z");
        for _ in 0..6 {
            span.resize(1);
        }
        assert_eq!(asked(span), "2025-03-04 2026-03-03");
        assert_eq!(span.label(NOW, &zone()).as_str(), "Tue 4 Mar 2025 – Mon 2 Mar 2026 · 52 weeks");
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let told = |span: Span| {
            let (from, to) = span.asked(NOW, &zone()).unwrap();
            format!("{from} {to}: {}", span.label(NOW, &zone()))
        };
        let mut span = Span { length: Length::Month, back: 0 };
        assert_eq!(told(span), "2026-03-01 2026-04-01: March 2026 so far · a month");
        span.shift(-1);
        assert_eq!(told(span), "2026-02-01 2026-03-01: February 2026 · a month");
        span.shift(-24);
        assert_eq!(told(span), "2024-02-01 2024-03-01: February 2024 · a month");
        let mut span = Span { length: Length::Years, back: 0 };
        assert_eq!(told(span), "2022-01-01 2027-01-01: 2022 – 2026 so far · five years");
        span.shift(-1);
        assert_eq!(told(span), "2017-01-01 2022-01-01: 2017 – 2021 · five years");
        // Whole months of one's own are moved by months, although those are not equally long.
        let mut own = parse("2026-03").unwrap();
        own.shift(-1);
        assert_eq!(own.asked(NOW, &zone()), Some(("2026-02-01".into(), "2026-03-01".into())));
        let mut own = parse("2026-Q1").unwrap();
        own.shift(-1);
        assert_eq!(own.asked(NOW, &zone()), Some(("2025-10-01".into(), "2026-01-01".into())));
        // Of a day on which clocks change it is said how long it is.
        let label = |text| parse(text).unwrap().label(NOW, &zone());
        assert_eq!(label("2026-03-08").as_str(), "Sun 8 Mar 2026 · own dates of 23 hours");
        assert_eq!(label("2025-11-02").as_str(), "Sun 2 Nov 2025 · own dates of 25 hours");
        assert_eq!(label("2026-03-07").as_str(), "Sat 7 Mar 2026 · own dates");
        // However far it is moved, it fails softly.
        for length in Length::ALL {
            let _ = Span { length, back: 100_000 }.asked(NOW, &zone());
        }
    }

    #[test]
    fn people_write_dates_in_many_ways() {
        let asked = |text| parse(text).map(|span| span.asked(NOW, &zone()).unwrap());
        let days = |from: &str, to: &str| Ok((from.to_owned(), to.to_owned()));
        assert_eq!(asked("2026-03-01"), days("2026-03-01", "2026-03-02"));
        assert_eq!(asked("2026-03-01 2026-03-07"), days("2026-03-01", "2026-03-08"));
        assert_eq!(asked("2026-02 to 2026-03"), days("2026-02-01", "2026-04-01"));
        assert_eq!(asked("2026-Q1"), days("2026-01-01", "2026-04-01"));
        assert_eq!(asked("2026-12"), days("2026-12-01", "2027-01-01"));
        assert_eq!(asked("2025"), days("2025-01-01", "2026-01-01"));
        for bad in ["", "march", "2026-13", "2026-Q5", "2026-03-07 2026-03-01", "2000 2026", "1 2 3"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        let mut span = parse("2026-03-01 2026-03-07").unwrap();
        span.shift(-1);
        assert_eq!(span.asked(NOW, &zone()), days("2026-02-22", "2026-03-01").ok());
        span.resize(1);
        assert_eq!(span.length, Length::Week);
    }
}
