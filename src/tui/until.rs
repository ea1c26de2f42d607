//! Reads when a snooze shall end, as a person writes it: `tomorrow 9`, `2h`, `fri 14:30`,
//! `when they reply`. Times are the business's.

use jiff::civil::{Date, Time as Civil, Weekday};
use jiff::{Span as Length, Timestamp, Zoned};

use super::clock::Clock;
use crate::domain::time::Time;

const HELP: &str = "write a time such as tomorrow 9, 2h, fri 14:30, or: when they reply";

/// The moment meant; `None` means when they reply.
pub fn parse(text: &str, clock: &Clock) -> Result<Option<Time>, String> {
    let text = text.trim().to_lowercase();
    if matches!(text.as_str(), "when they reply" | "reply" | "on reply") {
        return Ok(None);
    }
    let now = clock.now().ok_or("the node has not said what time it is yet")?;
    let now = Timestamp::from_microsecond(now.0).map_err(|e| e.to_string())?.to_zoned(clock.zone().clone());
    let wanted = after(&text, &now).or_else(|| at(&text, &now)).ok_or(HELP)?;
    if wanted <= now {
        return Err("that time is over".to_owned());
    }
    Ok(Some(Time(wanted.timestamp().as_microsecond())))
}

/// `2h`, `in 30 minutes`.
fn after(text: &str, now: &Zoned) -> Option<Zoned> {
    let span: Length = text.strip_prefix("in ").unwrap_or(text).parse().ok()?;
    now.checked_add(span).ok()
}

/// `tomorrow 9`, `fri 14:30`, `9`, `next week`.
fn at(text: &str, now: &Zoned) -> Option<Zoned> {
    let words: Vec<&str> = text.split_whitespace().filter(|w| *w != "at").collect();
    let (date, time): (Date, Civil) = match words.as_slice() {
        ["next", "week"] => (next(now, Weekday::Monday)?, civil("9")?),
        ["tonight"] => (now.date(), civil("20")?),
        [day] if date_of(day, now).is_some() => (date_of(day, now)?, civil("9")?),
        [time] => {
            let time = civil(time)?;
            let date = if time > now.time() { now.date() } else { now.date().tomorrow().ok()? };
            (date, time)
        }
        [day, time] => (date_of(day, now)?, civil(time)?),
        _ => return None,
    };
    date.to_datetime(time).to_zoned(now.time_zone().clone()).ok()
}

fn date_of(word: &str, now: &Zoned) -> Option<Date> {
    let day = match word {
        "today" => return Some(now.date()),
        "tomorrow" => return now.date().tomorrow().ok(),
        _ if word.len() >= 3 && "monday".starts_with(word) => Weekday::Monday,
        _ if word.len() >= 3 && "tuesday".starts_with(word) => Weekday::Tuesday,
        _ if word.len() >= 3 && "wednesday".starts_with(word) => Weekday::Wednesday,
        _ if word.len() >= 3 && "thursday".starts_with(word) => Weekday::Thursday,
        _ if word.len() >= 3 && "friday".starts_with(word) => Weekday::Friday,
        _ if word.len() >= 3 && "saturday".starts_with(word) => Weekday::Saturday,
        _ if word.len() >= 3 && "sunday".starts_with(word) => Weekday::Sunday,
        _ => return word.parse().ok(),
    };
    next(now, day)
}

fn next(now: &Zoned, day: Weekday) -> Option<Date> {
    now.date().nth_weekday(1, day).ok()
}

fn civil(word: &str) -> Option<Civil> {
    let (word, half) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(w), _) => (w, 0),
        (_, Some(w)) => (w, 12),
        _ => (word, -1),
    };
    let (hour, minute) = word.split_once(':').unwrap_or((word, "0"));
    let hour: i8 = hour.parse().ok()?;
    let minute: i8 = minute.parse().ok()?;
    let hour = if half >= 0 { hour % 12 + half } else { hour };
    Civil::new(hour, minute, 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_write_times_in_many_ways() {
        let mut clock = Clock::default();
        assert!(parse("2h", &clock).is_err());
        clock.set(Time::from_secs(1_772_470_800), false); // Monday 2026-03-02 17:00 UTC
        let cases = [
            ("2h", "2026-03-02T19:00:00Z"),
            ("in 30 minutes", "2026-03-02T17:30:00Z"),
            ("tomorrow 9", "2026-03-03T09:00:00Z"),
            ("tomorrow", "2026-03-03T09:00:00Z"),
            ("fri 14:30", "2026-03-06T14:30:00Z"),
            ("monday at 8am", "2026-03-09T08:00:00Z"),
            ("9", "2026-03-03T09:00:00Z"),
            ("6pm", "2026-03-02T18:00:00Z"),
            ("2026-04-01 12", "2026-04-01T12:00:00Z"),
            ("next week", "2026-03-09T09:00:00Z"),
        ];
        for (text, want) in cases {
            assert_eq!(parse(text, &clock).map(|t| t.map(Time::rfc3339)), Ok(Some(want.to_owned())), "{text}");
        }
        assert_eq!(parse("when they reply", &clock), Ok(None));
        for bad in ["", "soon", "25:00", "today 9", "-2h", "fri 99"] {
            assert!(parse(bad, &clock).is_err(), "{bad}");
        }
    }
}
