//! Operations: what Twilio says was used, beside what is counted here; and asking Twilio now.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::fetch::Failed;
use super::ours::Whole;
use super::{Whom, kept};
use crate::api::analytics::{FetchUsage, ListUsage, RangeView, UsageAnalytics, UsageDayView};
use crate::api::{ApiError, Code, When};
use crate::core::Core;
use crate::domain::analytics::{BadRange, Grain, Range, Zone};
use crate::domain::time::Time;
use crate::domain::usage::{Day, UsageDay, reconcile, totals};

/// The most days that are shown.
const SHOWN: u32 = 366;
/// The most days that Twilio is asked about at once.
const ASKED: u32 = 31;

impl Core {
    pub(in crate::core) fn list_usage(&self, input: &ListUsage) -> Result<UsageAnalytics, ApiError> {
        self.usage_view(days(&input.from, &input.to, self.now(), SHOWN)?)
    }

    pub(in crate::core) async fn fetch_usage(&self, input: &FetchUsage) -> Result<UsageAnalytics, ApiError> {
        let days = days(&input.from, &input.to, self.now(), ASKED)?;
        let today = UsageDay::of(self.now());
        if *days.start() > today {
            return Err(ApiError::field("from", "nothing was used yet on days that lie ahead"));
        }
        let asked = *days.start()..=(*days.end()).min(today);
        self.ask_usage(asked, Whom::Everyone).await.map_err(|Failed(why)| {
            ApiError::new(Code::Upstream, format!("{why}. What it said before stays as it is"))
        })?;
        self.usage_view(days)
    }

    fn usage_view(&self, days: RangeInclusive<u32>) -> Result<UsageAnalytics, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let whole = Whole::read(&*reader)?;
        let (mut views, mut asked_at, mut missing) = (Vec::new(), None, 0_usize);
        let today = UsageDay::of(self.now());
        for client in self.clients()? {
            let account = client.account();
            let mut counted = self.counted_here(&*reader, &whole, account, days.clone())?;
            let told = kept(&*reader, account, days.clone())?;
            asked_at = asked_at.max(told.iter().map(|row| row.asked_at).max());
            let mut told: BTreeMap<u32, UsageDay> = told.into_iter().map(|row| (row.day, row)).collect();
            let of_day = |day| Day {
                day,
                told: told.remove(&day),
                ours: counted.remove(&day).unwrap_or_default().into_iter().collect(),
            };
            let all: Vec<Day> = days.clone().map(of_day).collect();
            let lines = reconcile(&all);
            missing += all.iter().filter(|day| day.told.is_none() && day.day <= today).count();
            views.extend(all.iter().zip(lines).map(|(day, lines)| UsageDayView {
                day: date(day.day),
                from: When(UsageDay::start(day.day)),
                account,
                asked_at: day.told.as_ref().map(|told| When(told.asked_at)),
                settled: day.told.as_ref().is_some_and(UsageDay::is_settled),
                lines,
            }));
        }
        // Days on which nothing is known and nothing happened say nothing.
        views.retain(|view| view.asked_at.is_some() || !view.lines.is_empty());
        views.sort_by_key(|view| (view.from, view.account));
        let answered = views.iter().filter(|view| view.asked_at.is_some());
        Ok(UsageAnalytics {
            totals: totals(answered.flat_map(|view| &view.lines)),
            range: RangeView {
                from: When(UsageDay::start(*days.start())),
                to: When(UsageDay::start(days.end().saturating_add(1))),
                zone: "UTC".to_owned(),
                grain: Grain::Day,
            },
            asked_at: asked_at.map(When),
            trouble: self.0.usage.trouble(),
            notes: notes(&views, &whole, missing),
            days: views,
            as_of,
        })
    }
}

/// What has to be known to read it.
fn notes(views: &[UsageDayView], whole: &Whole, missing: usize) -> Vec<String> {
    let mut notes = Vec::new();
    let mut zones: Vec<&str> = whole.businesses.iter().map(|b| b.time_zone.as_str()).collect();
    zones.retain(|zone| !matches!(*zone, "" | "UTC"));
    zones.sort_unstable();
    zones.dedup();
    if !zones.is_empty() {
        notes.push(format!(
            "Twilio's days are those of GMT, and so are these: days in {} begin at another hour",
            zones.join(", ")
        ));
    }
    if missing > 0 {
        notes.push(format!(
            "{missing} days are in no sum: Twilio has not been asked about them (`switchboard analytics fetch-usage` does)"
        ));
    }
    let growing = views.iter().filter(|view| view.asked_at.is_some() && !view.settled).count();
    if growing > 0 {
        notes.push(format!("{growing} days are not settled: Twilio's figures lag by hours and may still grow"));
    }
    let gone: Vec<&str> = whole.businesses.iter().filter(|b| b.deleted_at.is_some()).map(|b| b.name.as_str()).collect();
    if !gone.is_empty() {
        notes.push(format!("deleted businesses are counted with the others: {}", gone.join(", ")));
    }
    notes
}

/// A day of GMT as people write it.
fn date(day: u32) -> String {
    UsageDay::start(day).rfc3339().chars().take(10).collect()
}

/// The days of GMT that a range touches.
fn days(from: &Option<String>, to: &Option<String>, now: Time, most: u32) -> Result<RangeInclusive<u32>, ApiError> {
    let wrong =
        |e: &BadRange| ApiError::field(if matches!(e, BadRange::Moment(_)) { "from" } else { "to" }, e.to_string());
    let zone = Zone::named("UTC").map_err(|e| wrong(&e))?;
    let range = Range::read(from.as_deref(), to.as_deref(), zone, Some(Grain::Day), now).map_err(|e| wrong(&e))?;
    let days = UsageDay::of(range.from)..=UsageDay::of(Time(range.to.0 - 1));
    if days.end() - days.start() >= most {
        return Err(ApiError::field("from", format!("at most {most} days are looked at here: give a shorter range")));
    }
    Ok(days)
}
