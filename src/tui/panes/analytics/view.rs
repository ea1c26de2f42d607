//! What a part shows: one chart, and what each of its marks leads to.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::layout::Rect;

use super::{Analytics, Part, Pivot, Source, Spot, businesses, cost, messages, overview, places, series, usage};
use crate::api::When;
use crate::api::analytics::{Grain, Stage};
use crate::domain::id::Id;
use crate::tui::app::App;
use crate::tui::framemap::{FrameMap, Listed};
use crate::tui::ink::Ink;
use crate::tui::shown::Shown;
use crate::tui::widgets::chart::{Bars, Heat, Line, Marks, Places, Table};

/// A chart of any kind.
#[derive(Debug)]
pub enum Chart {
    /// Bars, with their twin.
    Bars(Bars, Table),
    /// Lines.
    Line(Line),
    /// The hours of a week.
    Heat(Heat),
    /// A map of the world.
    Places(Places),
}

impl Chart {
    /// How many marks the cursor can stand on.
    pub fn len(&self) -> usize {
        match self {
            Chart::Bars(bars, ..) => bars.rows.len(),
            Chart::Line(line) => line.moments.len(),
            Chart::Heat(heat) => heat.hours.len(),
            Chart::Places(places) => places.places.len(),
        }
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The mark on which the cursor stands.
    pub fn cursor(&self, spot: Spot) -> usize {
        let last = self.len().saturating_sub(1);
        let begin = match self {
            // What lies ahead of now has no numbers.
            Chart::Line(line) => line.last_known().unwrap_or(last),
            _ => 0,
        };
        spot.at.unwrap_or(begin).min(last)
    }

    /// How many lines it takes at best.
    pub fn height(&self) -> u16 {
        match self {
            Chart::Bars(bars, ..) => u16::try_from(bars.rows.len()).unwrap_or(u16::MAX).max(1),
            Chart::Heat(_) => Heat::HEIGHT,
            Chart::Line(_) | Chart::Places(_) => u16::MAX,
        }
    }

    /// Puts the cursor on a mark.
    pub fn point(&mut self, at: usize, top: usize) {
        match self {
            Chart::Bars(bars, ..) => (bars.at, bars.top) = (Some(at), top),
            Chart::Line(line) => line.at = Some(at),
            Chart::Heat(heat) => heat.at = Some(at),
            Chart::Places(places) => (places.at, places.top) = (Some(at), top),
        }
    }

    /// Draws it.
    pub fn draw(&self, ink: &mut Ink, area: Rect, marks: Marks, map: &mut FrameMap) -> Listed {
        match self {
            Chart::Bars(bars, ..) => bars.draw(ink, area, marks, map),
            Chart::Places(places) => places.draw(ink, area, marks, map),
            Chart::Line(line) => {
                line.draw(ink, area, marks, map);
                Listed { top: 0, fit: 8 }
            }
            Chart::Heat(heat) => {
                heat.draw(ink, area, marks, map);
                // A page is a day.
                Listed { top: 0, fit: 25 }
            }
        }
    }

    /// Its twin: the same numbers, a row for each mark where the chart has rows.
    pub fn table(&self) -> Table {
        match self {
            Chart::Bars(_, twin) => twin.clone(),
            Chart::Line(line) => line.table(),
            Chart::Heat(heat) => heat.table(),
            Chart::Places(places) => places.table(),
        }
    }

    /// The row of the twin that a mark stands in.
    pub fn row_of(&self, at: usize) -> usize {
        if let Chart::Heat(_) = self { at % 24 } else { at }
    }
}

/// What a mark leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// The sends behind a stage.
    Attempts(Stage),
    /// The verifications that were asked for in a bucket.
    Bucket(When, When),
    /// The verifications whose right code came so many milliseconds later.
    Took(u64, u64),
    /// The messages of a bucket.
    Texts(When, When),
    /// The messages from customers in an hour of the week, Monday 0:00 being the first.
    Hour(usize),
    /// The first answers for which customers waited so many milliseconds.
    Waited(u64, u64),
    /// The same narrowed to what the mark stands for.
    Narrow(Pivot, String, Shown),
    /// A business.
    Business(Id),
}

/// A chart with what its marks lead to.
#[derive(Debug)]
pub struct View {
    /// The chart.
    pub chart: Chart,
    /// What each mark leads to.
    pub targets: Vec<Option<Target>>,
}

impl View {
    /// A chart whose marks lead nowhere.
    pub fn still(chart: Chart) -> View {
        View { chart, targets: Vec::new() }
    }

    /// What a mark leads to.
    pub fn target(&self, at: usize) -> Option<&Target> {
        self.targets.get(at).and_then(Option::as_ref)
    }
}

/// What the part shows, once its answer is there.
pub fn view(app: &App) -> Option<View> {
    let analytics = &app.rooms.analytics;
    let mut view = match analytics.source() {
        Source::Verify => {
            let answer = analytics.verify.answer.as_ref()?;
            match analytics.part {
                Part::Time => series::view(app, answer),
                Part::Cost => cost::view(analytics, answer),
                Part::Where => places::codes(answer),
                _ => overview::view(analytics, answer),
            }
        }
        Source::Messages => {
            let answer = analytics.messages.answer.as_ref()?;
            if analytics.part == Part::Where { places::texts(answer) } else { messages::view(app, answer) }
        }
        Source::Overview => businesses::view(analytics.overview.answer.as_ref()?),
        Source::Usage => usage::view(analytics.usage.answer.as_ref()?),
    };
    let spot = analytics.spot();
    view.chart.point(view.chart.cursor(spot), spot.top);
    Some(view)
}

/// A stage in a word or two.
pub fn words(stage: Stage) -> &'static str {
    match stage {
        Stage::Requested => "requested",
        Stage::Blocked => "blocked",
        Stage::Sent => "sent",
        Stage::Delivered => "delivered",
        Stage::Checked => "checked",
        Stage::Approved => "approved",
        Stage::Expired => "expired",
        Stage::MaxChecks => "max checks",
        Stage::Canceled => "canceled",
        Stage::Failed => "refused",
        Stage::Waiting => "waiting",
        Stage::Sends => "sends",
        Stage::Resends => "resends",
        Stage::Pending => "without a price",
    }
}

/// Why the last question was not answered.
pub fn error(analytics: &Analytics) -> Option<&Shown> {
    match analytics.source() {
        Source::Verify => analytics.verify.error.as_ref(),
        Source::Messages => analytics.messages.error.as_ref(),
        Source::Overview => analytics.overview.error.as_ref(),
        Source::Usage => analytics.usage.error.as_ref(),
    }
}

/// The names of buckets. When clocks are put back an hour comes twice: the second one says in which time it is.
pub fn moments(zone: &TimeZone, grain: Grain, starts: impl Iterator<Item = When>) -> Vec<Shown> {
    let starts: Vec<When> = starts.collect();
    let names: Vec<Shown> = starts.iter().map(|at| moment(zone, grain, *at, "")).collect();
    let twice = |n: usize| matches!(grain, Grain::Hour | Grain::Quarter) && names[..n].contains(&names[n]);
    let name = |(n, at): (usize, &When)| if twice(n) { moment(zone, grain, *at, " %Z") } else { names[n].clone() };
    starts.iter().enumerate().map(name).collect()
}

fn moment(zone: &TimeZone, grain: Grain, at: When, more: &str) -> Shown {
    let Ok(at) = Timestamp::from_microsecond(at.0.0) else { return Shown::from("?") };
    let pattern = match grain {
        Grain::Quarter => "%H:%M",
        Grain::Hour => "%a %-H:%M",
        Grain::Day | Grain::Week => "%-d %b",
        Grain::Month => "%b %Y",
    };
    Shown::from(at.to_zoned(zone.clone()).strftime(&format!("{pattern}{more}")).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;

    #[test]
    fn an_hour_that_comes_twice_is_told_apart() {
        let zone = TimeZone::get("America/Los_Angeles").unwrap();
        // Midnight of 2025-11-01 and of 2025-11-02, on which clocks are put back at two.
        let names = |midnight: i64| {
            let starts = (0..4).map(|hour| When(Time::from_secs(midnight + hour * 3600)));
            moments(&zone, Grain::Hour, starts).iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(names(1_761_980_400), "Sat 0:00, Sat 1:00, Sat 2:00, Sat 3:00");
        assert_eq!(names(1_762_066_800), "Sun 0:00, Sun 1:00, Sun 1:00 PST, Sun 2:00");
    }
}
