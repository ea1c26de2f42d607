//! Days, and the stretches that usage is cut into. All days are GMT's.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::sandbox::answer::Refusal;

/// From one day to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// How a stretch is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Not at all.
    Whole,
    /// Into days.
    Daily,
    /// Into months of the calendar.
    Monthly,
    /// Into years.
    Yearly,
}

/// Reads `2026-03-02`, or days from today such as `-30days`.
pub fn day(name: &str, text: &str, today: Date) -> Result<Date, Refusal> {
    let wrong =
        || Refusal::bad(20001, format!("Invalid {name}: give a date such as 2026-03-02, or an offset such as -30days"));
    let text = text.trim();
    let offset = text.strip_suffix("days").or_else(|| text.strip_suffix("day"));
    match offset {
        Some(days) => {
            let days: i64 = days.trim().parse().map_err(|_| wrong())?;
            let span = jiff::Span::new().try_days(days).map_err(|_| wrong())?;
            today.checked_add(span).map_err(|_| wrong())
        }
        None => text.parse().map_err(|_| wrong()),
    }
}

/// The first day of the month of a day.
pub fn month_of(day: Date) -> Date {
    day.first_of_month()
}

/// The first day of the year of a day.
pub fn year_of(day: Date) -> Date {
    day.first_of_year()
}

impl Stretch {
    /// One day.
    pub fn one(day: Date) -> Self {
        Self { from: day, to: day }
    }

    /// The month before that of a day.
    pub fn month_before(day: Date) -> Self {
        let last = month_of(day).saturating_sub(1.day());
        Self { from: month_of(last), to: last }
    }

    /// The part that lies within another; none when there is none.
    pub fn within(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from <= both.to).then_some(both)
    }

    /// Its pieces, newest first, each no larger than the stretch. Days are cut when they are read, so a long
    /// stretch costs as many steps as it has pieces.
    pub fn pieces(self, cut: Cut) -> Vec<Self> {
        if cut == Cut::Whole {
            return vec![self];
        }
        let mut pieces = Vec::new();
        let mut to = self.to;
        loop {
            let from = match cut {
                Cut::Whole | Cut::Daily => to,
                Cut::Monthly => month_of(to),
                Cut::Yearly => year_of(to),
            };
            pieces.push(Self { from: from.max(self.from), to });
            match from.checked_sub(1.day()) {
                Ok(before) if from > self.from => to = before,
                _ => return pieces,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_read_as_dates_and_as_offsets() {
        let today = date("2026-03-02");
        let read = |text| day("StartDate", text, today).map_err(|refusal| refusal.code);
        assert_eq!(read("2026-02-28"), Ok(date("2026-02-28")));
        assert_eq!((read("-30days"), read("+1day")), (Ok(date("2026-01-31")), Ok(date("2026-03-03"))));
        for wrong in ["", "yesterday", "2026-02-30", "-xdays", "-99999999999999999999days", "-9999999days"] {
            assert_eq!(read(wrong), Err(20001), "{wrong}");
        }
    }

    #[test]
    fn a_stretch_is_cut_at_the_calendars_edges() {
        let stretch = Stretch { from: date("2025-12-30"), to: date("2026-02-01") };
        let shown = |cut| -> Vec<String> {
            stretch.pieces(cut).iter().map(|piece| format!("{} {}", piece.from, piece.to)).collect()
        };
        assert_eq!(shown(Cut::Monthly), ["2026-02-01 2026-02-01", "2026-01-01 2026-01-31", "2025-12-30 2025-12-31"]);
        assert_eq!(shown(Cut::Yearly), ["2026-01-01 2026-02-01", "2025-12-30 2025-12-31"]);
        assert_eq!((shown(Cut::Daily).len(), shown(Cut::Whole).len()), (34, 1));
        assert_eq!(
            Stretch::month_before(date("2026-03-31")),
            Stretch { from: date("2026-02-01"), to: date("2026-02-28") }
        );
        assert_eq!(stretch.within(Stretch::one(date("2026-02-02"))), None);
    }
}
