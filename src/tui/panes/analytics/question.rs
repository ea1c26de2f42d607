//! What is looked at, and how it is asked for.

use super::{Analytics, Source};
use crate::api::When;
use crate::api::analytics::{
    FetchUsage, GetMessageAnalytics, GetOverview, GetVerifyAnalytics, ListAttemptsBehind, ListMessagesBehind,
    ListUsage, Stage,
};
use crate::api::report::{GetReport, ReportFormat};
use crate::domain::id::{Id, Sid};
use crate::domain::message::Direction;
use crate::domain::verification::Channel;
use crate::tui::clock::Clock;
use crate::tui::msg;
use crate::tui::session::Session;
use crate::tui::shown::Shown;

/// What an answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// What a part shows, of a question.
    Answer(u64, Source),
    /// A report.
    Report,
    /// A page of what stands behind a figure, of a question.
    Figures(u64, msg::Part),
}

/// The parts of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// The funnel, the rates, the time before.
    #[default]
    Overview,
    /// Verifications over time.
    Time,
    /// What they cost.
    Cost,
    /// Messages.
    Messages,
    /// Where they go.
    Where,
    /// All businesses by their health.
    Businesses,
}

impl Part {
    /// All of them, in the order of the title.
    pub const ALL: [Part; 6] = [Part::Overview, Part::Time, Part::Cost, Part::Messages, Part::Where, Part::Businesses];

    /// Its name in the title.
    pub fn name(self) -> &'static str {
        match self {
            Part::Overview => "Overview",
            Part::Time => "Over time",
            Part::Cost => "Cost",
            Part::Messages => "Messages",
            Part::Where => "Where",
            Part::Businesses => "Businesses",
        }
    }

    /// The next one, or the one before.
    pub fn next(self, by: isize) -> Part {
        let at = (self as isize + by).rem_euclid(Part::ALL.len() as isize);
        Part::ALL.get(at as usize).copied().unwrap_or_default()
    }

    /// By what it can be split.
    pub fn pivots(self, everyone: bool) -> &'static [Pivot] {
        use Pivot::*;
        match (self, everyone) {
            (Part::Overview, false) => &[Stages, Channel, Country, Carrier, Template, Error, Durations, Speed],
            (Part::Overview, true) => &[Stages, Channel, Country, Carrier, Template, Error, Business, Durations, Speed],
            (Part::Time, _) => &[Counts, Rate, Fees, Each],
            (Part::Cost, false) => &[Channel, Country, Carrier, Template, Usage],
            (Part::Cost, true) => &[Channel, Country, Carrier, Template, Business, Usage],
            (Part::Messages, false) => &[Volume, Hours, Agent, Sender, Country, Error, Durations],
            (Part::Messages, true) => &[Volume, Hours, Agent, Sender, Country, Error, Business, Durations],
            (Part::Where, _) => &[Codes, Texts],
            (Part::Businesses, _) => &[Health],
        }
    }
}

/// By what figures are split, or what is drawn of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pivot {
    /// The stages of a verification.
    Stages,
    /// By channel.
    Channel,
    /// By country.
    Country,
    /// By the recipient's carrier.
    Carrier,
    /// By template.
    Template,
    /// By Twilio's error.
    Error,
    /// By business.
    Business,
    /// By how long it took.
    Durations,
    /// By channel, how long it took.
    Speed,
    /// Verifications over time.
    Counts,
    /// The part that was approved, over time.
    Rate,
    /// What they cost, over time.
    Fees,
    /// What each approved one cost, over time.
    Each,
    /// Messages over time.
    Volume,
    /// By the hour of the week.
    Hours,
    /// By agent.
    Agent,
    /// By our address.
    Sender,
    /// Verifications on the map.
    Codes,
    /// Messages on the map.
    Texts,
    /// How businesses do.
    Health,
    /// What Twilio counted and billed, beside ours: of whole accounts.
    Usage,
}

impl Pivot {
    /// What stands over the chart.
    pub fn title(self) -> &'static str {
        match self {
            Pivot::Stages => "stages",
            Pivot::Channel => "by channel",
            Pivot::Country => "by country",
            Pivot::Carrier => "by carrier",
            Pivot::Template => "by template",
            Pivot::Error => "by error",
            Pivot::Business => "by business",
            Pivot::Durations => "how long it took",
            Pivot::Speed => "how long it took, by channel",
            Pivot::Counts => "verifications",
            Pivot::Rate => "approved of all, in percent",
            Pivot::Fees => "fees, without what is pending",
            Pivot::Each => "cost per conversion, without what is pending",
            Pivot::Volume => "messages in and out",
            Pivot::Hours => "messages in, by the hour of the week",
            Pivot::Agent => "by agent, with their first answers",
            Pivot::Sender => "by our number",
            Pivot::Codes => "verifications by country",
            Pivot::Texts => "messages by country",
            Pivot::Health => "by how they do",
            Pivot::Usage => "Twilio's usage records beside ours",
        }
    }
}

/// Only those that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What it is.
    pub by: Pivot,
    /// As it is asked for.
    pub key: String,
    /// For people.
    pub name: Shown,
}

impl Filter {
    fn text(&self, by: Pivot) -> Option<String> {
        (self.by == by).then(|| self.key.clone())
    }

    /// Whether figures from there can be narrowed to it.
    pub fn suits(&self, source: Source) -> bool {
        match self.by {
            Pivot::Channel | Pivot::Carrier | Pivot::Template => source == Source::Verify,
            Pivot::Sender | Pivot::Agent => source == Source::Messages,
            Pivot::Country | Pivot::Error => matches!(source, Source::Verify | Source::Messages),
            _ => false,
        }
    }
}

/// What is looked at, as it is asked for.
#[derive(Debug)]
pub struct Question<'a> {
    business: Option<Id>,
    all: bool,
    range: (String, String),
    zone: Option<String>,
    filters: Vec<&'a Filter>,
}

impl Question<'_> {
    /// What the dashboard looks at; `None` until the node has said what time it is.
    pub fn of<'a>(analytics: &'a Analytics, session: &Session, clock: &Clock) -> Option<Question<'a>> {
        let range = analytics.span.asked(clock.now()?, clock.zone())?;
        let zone = session.current().map(|row| row.time_zone.clone()).filter(|name| !name.is_empty());
        Some(Question {
            business: session.business.filter(|_| !analytics.everyone),
            all: analytics.everyone,
            range,
            zone,
            filters: analytics.filters().collect(),
        })
    }

    fn text(&self, by: Pivot) -> Option<String> {
        self.filters.iter().find_map(|filter| filter.text(by))
    }

    fn read<T: std::str::FromStr>(&self, by: Pivot) -> Option<T> {
        self.text(by)?.parse().ok()
    }

    fn channel(&self) -> Option<Channel> {
        let wanted = self.text(Pivot::Channel)?;
        Channel::ALL.into_iter().find(|channel| channel.word() == wanted)
    }

    fn bounds(&self) -> (Option<String>, Option<String>) {
        (Some(self.range.0.clone()), Some(self.range.1.clone()))
    }

    /// Which time it is about, as it is asked for.
    pub fn range(&self) -> &(String, String) {
        &self.range
    }

    /// How verifications did.
    pub fn verify(&self) -> GetVerifyAnalytics {
        let (from, to) = self.bounds();
        GetVerifyAnalytics {
            business: self.business,
            all: self.all,
            from,
            to,
            zone: self.zone.clone(),
            grain: None,
            channel: self.channel(),
            country: self.text(Pivot::Country),
            template: self.read::<Sid>(Pivot::Template),
            carrier: self.text(Pivot::Carrier),
            error: self.read(Pivot::Error),
        }
    }

    /// How messages did.
    pub fn messages(&self) -> GetMessageAnalytics {
        let (from, to) = self.bounds();
        GetMessageAnalytics {
            business: self.business,
            all: self.all,
            from,
            to,
            zone: self.zone.clone(),
            grain: None,
            sender: self.text(Pivot::Sender),
            country: self.text(Pivot::Country),
            error: self.read(Pivot::Error),
            author: self.text(Pivot::Agent),
        }
    }

    /// How all businesses do.
    pub fn overview(&self) -> GetOverview {
        let (from, to) = self.bounds();
        GetOverview { from, to, zone: self.zone.clone() }
    }

    /// What Twilio says was used.
    pub fn usage(&self) -> ListUsage {
        let (from, to) = self.bounds();
        ListUsage { from, to }
    }

    /// The same, asked for at Twilio now.
    pub fn usage_at_twilio(&self) -> FetchUsage {
        let (from, to) = self.bounds();
        FetchUsage { from, to }
    }

    /// The same as a report.
    pub fn report(&self, format: ReportFormat) -> GetReport {
        let (from, to) = self.bounds();
        GetReport {
            business: self.business,
            all: self.all,
            from,
            to,
            zone: self.zone.clone(),
            format: Some(format),
            ..GetReport::default()
        }
    }

    /// The sends behind a stage, within a bucket if that is meant.
    pub fn attempts(&self, stage: Stage, within: Option<(When, When)>) -> ListAttemptsBehind {
        let (from, to) = within.map_or_else(|| self.bounds(), moments);
        ListAttemptsBehind {
            business: self.business,
            all: self.all,
            from,
            to,
            zone: self.zone.clone(),
            stage,
            channel: self.channel(),
            country: self.text(Pivot::Country),
            template: self.read(Pivot::Template),
            carrier: self.text(Pivot::Carrier),
            error: self.read(Pivot::Error),
            limit: Some(PAGE),
            ..ListAttemptsBehind::default()
        }
    }

    /// The sends whose right code came so many milliseconds later.
    pub fn took(&self, (from, to): (u64, u64)) -> ListAttemptsBehind {
        let (took_from_millis, took_to_millis) = (Some(from), Some(to));
        ListAttemptsBehind { took_from_millis, took_to_millis, ..self.attempts(Stage::Approved, None) }
    }

    /// The messages from customers in an hour of the week, Monday 0:00 being the first.
    pub fn hour(&self, at: usize) -> ListMessagesBehind {
        let part = |n: usize| u8::try_from(n).ok();
        let (weekday, hour) = (part(at / 24 % 7), part(at % 24));
        ListMessagesBehind { direction: Some(Direction::In), weekday, hour, ..self.texts(None) }
    }

    /// The first answers for which customers waited so many milliseconds.
    pub fn waited(&self, (from, to): (u64, u64)) -> ListMessagesBehind {
        let (waited_from_millis, waited_to_millis) = (Some(from), Some(to));
        ListMessagesBehind { waited_from_millis, waited_to_millis, ..self.texts(None) }
    }

    /// The messages behind a figure, within a bucket if that is meant.
    pub fn texts(&self, within: Option<(When, When)>) -> ListMessagesBehind {
        let (from, to) = within.map_or_else(|| self.bounds(), moments);
        ListMessagesBehind {
            business: self.business,
            all: self.all,
            from,
            to,
            zone: self.zone.clone(),
            sender: self.text(Pivot::Sender),
            country: self.text(Pivot::Country),
            error: self.read(Pivot::Error),
            author: self.text(Pivot::Agent),
            limit: Some(PAGE),
            ..ListMessagesBehind::default()
        }
    }
}

/// Rows of a page.
const PAGE: u32 = 100;

fn moments((from, to): (When, When)) -> (Option<String>, Option<String>) {
    (Some(from.0.rfc3339()), Some(to.0.rfc3339()))
}
