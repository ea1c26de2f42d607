//! The customer's own time, as far as their number tells where they are.

use jiff::Timestamp;
use jiff::civil::Time as Civil;
use jiff::tz::TimeZone;

use super::clock::Clock;
use super::shown::{Shown, shown};
use crate::domain::address::Address;
use crate::domain::time::Time;
use crate::domain::zone;

/// From when until when a text disturbs nobody: the hours in which the United States let businesses call
/// (47 CFR 64.1200(c)(1)); no law asks for less.
const DAY: (Civil, Civil) = (Civil::constant(8, 0, 0, 0), Civil::constant(21, 0, 0, 0));

/// Where the customer is likely to be.
#[derive(Debug, Clone)]
pub struct Theirs {
    zone: TimeZone,
    place: Shown,
}

impl Theirs {
    /// Where an address is; `None` where nobody can tell.
    pub fn of(address: &Address) -> Option<Theirs> {
        let name = zone::of(address)?;
        let place = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
        Some(Theirs { zone: TimeZone::get(name).ok()?, place: Shown::from(place) })
    }

    /// Whether their clocks show another time than the business's.
    fn differs(&self, at: Time, clock: &Clock) -> bool {
        let offset = |zone: &TimeZone| Timestamp::from_microsecond(at.0).map(|t| zone.to_offset(t));
        matches!((offset(&self.zone), offset(clock.zone())), (Ok(theirs), Ok(ours)) if theirs != ours)
    }

    fn format(&self, at: Time, clock: &Clock) -> Shown {
        let Ok(t) = Timestamp::from_microsecond(at.0) else { return Shown::from("?") };
        let theirs = t.to_zoned(self.zone.clone());
        let same_day = theirs.date() == t.to_zoned(clock.zone().clone()).date();
        Shown::from(theirs.strftime(if same_day { "%H:%M" } else { "%a %H:%M" }).to_string())
    }

    /// `12:00 for them`, where that is not what the business's clocks show.
    pub fn brief(&self, at: Time, clock: &Clock) -> Option<Shown> {
        self.differs(at, clock).then(|| shown!("{} for them", self.format(at, clock)))
    }

    /// What time it is for them, as a sentence, where that is not what the business's clocks show.
    pub fn now(&self, clock: &Clock) -> Option<Shown> {
        let now = clock.now()?;
        let differs = self.differs(now, clock);
        differs.then(|| shown!("It is {} for them now ({}, by their number).", self.format(now, clock), self.place))
    }

    /// That a text would come at night, as far as their number tells.
    pub fn at_night(&self, at: Time, clock: &Clock) -> Option<Shown> {
        let there = Timestamp::from_microsecond(at.0).ok()?.to_zoned(self.zone.clone()).time();
        let by_day = DAY.0 <= there && there < DAY.1;
        let says = || {
            let time = self.format(at, clock);
            shown!("then it is {time} for them ({}, by their number): Enter again keeps it", self.place)
        };
        (!by_day).then(says)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn their_time_is_told_where_it_is_another_and_the_night_is_warned_of() {
        let mut clock = Clock::default();
        clock.set_zone("America/Los_Angeles");
        let nine = Time::from_secs(1_772_470_800); // Monday 2026-03-02 09:00 there
        clock.set(nine, false);
        let of = |number: &str| Theirs::of(&number.parse().unwrap()).unwrap();
        let said = |theirs: &Theirs| theirs.brief(nine, &clock).map(|t| t.to_string());
        assert_eq!(said(&of("+14155550123")), None);
        assert_eq!(said(&of("+12125550123")).as_deref(), Some("12:00 for them"));
        assert_eq!(said(&of("+81312345678")).as_deref(), Some("Tue 02:00 for them"));
        let tokyo = of("+81312345678");
        let now = tokyo.now(&clock).unwrap();
        assert_eq!(now.as_str(), "It is Tue 02:00 for them now (Tokyo, by their number).");
        assert!(tokyo.at_night(nine, &clock).is_some());
        assert!(of("+12125550123").at_night(nine, &clock).is_none());
        let evening = nine + crate::domain::time::Span::secs(12 * 3600);
        assert!(of("+14155550123").at_night(evening, &clock).is_some(), "also in the business's own zone");
        assert!(Theirs::of(&"+18005550123".parse().unwrap()).is_none());
    }
}
