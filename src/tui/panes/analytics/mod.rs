//! The dashboard: how verifications and messages of a time did, of one business or of all of them.
//!
//! It owns what is looked at (which part, which time, split by what, narrowed to what), the answers, and the
//! list of what stands behind a figure. It counts nothing itself: every figure is the node's. What is shown is
//! read again when an event may have changed it, at most once in a few seconds, and only while it is in view.

mod businesses;
mod cost;
mod draw;
mod figures;
mod messages;
mod overview;
mod places;
mod question;
mod series;
mod span;
mod told;
mod twin;
mod usage;
mod view;
mod void;

pub use draw::draw;
pub use figures::{Asked, Figures, Row, as_rows};
pub use question::{Filter, For, Part, Pivot, Question};
pub use span::{Length, Span, parse};
pub use told::told;
pub use view::{Chart, Target, View, view, words};
pub use void::outside;

use std::time::Duration;

use crate::api::ApiError;
use crate::api::analytics::{MessageAnalytics, Overview, UsageAnalytics, VerifyAnalytics};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::tui::clock::Clock;
use crate::tui::msg::{Effect, Tag, ask};
use crate::tui::session::Session;
use crate::tui::shown::Shown;
use crate::tui::widgets::list;

/// What is shown is not read again sooner than this.
const PATIENCE: Duration = Duration::from_secs(3);

/// An answer, or why there is none.
#[derive(Debug)]
pub struct Held<T> {
    /// The last answer.
    pub answer: Option<T>,
    /// Why the last question was not answered; then the answer is an older one.
    pub error: Option<Shown>,
    /// When the answer came, in business time.
    pub at: Option<Time>,
}

impl<T> Default for Held<T> {
    fn default() -> Held<T> {
        Held { answer: None, error: None, at: None }
    }
}

impl<T> Held<T> {
    /// An answer came, or the news that there is none: then the one before stays, and its time.
    pub fn take(&mut self, result: Result<T, ApiError>, now: Option<Time>) {
        match result {
            Ok(answer) => *self = Held { answer: Some(answer), error: None, at: now },
            Err(e) => self.error = Some(Shown::from(e.to_string())),
        }
    }
}

/// Where the cursor of a part stands, and by what the part is split.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot {
    /// The mark under the cursor; where the chart begins when nobody has moved it: over time that is now.
    pub at: Option<usize>,
    /// The first row in view.
    pub top: usize,
    /// Which of the part's pivots.
    pub pivot: usize,
}

/// A filter, and where the cursor stood when it was chosen.
#[derive(Debug)]
pub struct Narrowed {
    /// What holds from then on.
    pub to: Filter,
    /// The part that was shown.
    pub part: Part,
    /// Where its cursor stood.
    pub spot: Spot,
}

/// Which operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Verifications.
    Verify,
    /// Messages.
    Messages,
    /// All businesses.
    Overview,
    /// Twilio's usage records beside ours.
    Usage,
}

/// The dashboard.
#[derive(Debug, Default)]
pub struct Analytics {
    /// Which part is shown.
    pub part: Part,
    /// All businesses together, not the one that is shown.
    pub everyone: bool,
    /// Which time.
    pub span: Span,
    /// What was narrowed to what, one after the other; all of it holds.
    pub narrowed: Vec<Narrowed>,
    /// Whether the table stands in place of the chart.
    pub table: bool,
    /// Whether the heat map shows its numbers.
    pub numbers: bool,
    /// Verifications.
    pub verify: Held<VerifyAnalytics>,
    /// Messages.
    pub messages: Held<MessageAnalytics>,
    /// All businesses.
    pub overview: Held<Overview>,
    /// Twilio's usage records beside ours.
    pub usage: Held<UsageAnalytics>,
    /// What stands behind a figure.
    pub figures: Option<Figures>,
    /// The conversation that was opened from a row of it: the way back leads there.
    pub opened: Option<Id>,
    spots: [Spot; Part::ALL.len()],
    business: Option<Id>,
    generation: u64,
    is_asking: bool,
    ask_again: bool,
    asked_at: Option<Duration>,
    /// The time that was asked for last: a new day or hour is another one.
    asked_for: Option<(String, String)>,
    due: Option<Duration>,
}

impl Analytics {
    /// Where the part's cursor stands.
    pub fn spot(&self) -> Spot {
        self.spots[self.part as usize]
    }

    /// The same, to be moved.
    pub fn spot_mut(&mut self) -> &mut Spot {
        &mut self.spots[self.part as usize]
    }

    /// By what the part is split.
    pub fn pivot(&self) -> Pivot {
        let all = self.part.pivots(self.everyone);
        all[self.spot().pivot.min(all.len() - 1)]
    }

    /// Splits the part by the next thing.
    pub fn turn(&mut self) {
        let n = self.part.pivots(self.everyone).len();
        let spot = self.spot_mut();
        *spot = Spot { pivot: (spot.pivot + 1) % n, ..Spot::default() };
    }

    /// Splits the part by this.
    pub fn split(&mut self, pivot: Pivot) {
        let at = self.part.pivots(self.everyone).iter().position(|p| *p == pivot);
        *self.spot_mut() = Spot { pivot: at.unwrap_or(0), ..Spot::default() };
    }

    /// Moves the cursor in a chart.
    pub fn step(&mut self, by: isize, chart: &Chart) {
        let at = list::step(chart.cursor(self.spot()), by, chart.len());
        self.spot_mut().at = Some(at);
    }

    /// All that holds of what is shown.
    pub fn filters(&self) -> impl Iterator<Item = &Filter> {
        self.narrowed.iter().map(|narrowed| &narrowed.to)
    }

    /// Which answer the part is drawn from.
    pub fn source(&self) -> Source {
        match (self.part, self.pivot()) {
            (_, Pivot::Usage) => Source::Usage,
            (Part::Messages, _) | (_, Pivot::Texts) => Source::Messages,
            (Part::Businesses, _) => Source::Overview,
            _ => Source::Verify,
        }
    }

    /// Is opened: what is shown of it is asked for.
    pub fn enter(&mut self, session: &Session, clock: &Clock) -> Vec<Effect> {
        // Figures of all businesses stay true when another one is shown.
        if self.business != session.business && !self.everyone {
            self.forget();
        }
        self.business = session.business;
        self.opened = None;
        self.ask(session, clock)
    }

    /// Something else is looked at: the answers do not belong to it.
    pub fn changed(&mut self, session: &Session, clock: &Clock) -> Vec<Effect> {
        self.forget();
        self.business = session.business;
        self.ask(session, clock)
    }

    /// What was narrowed is not any more: the answers are forgotten.
    pub fn widen(&mut self) {
        self.forget();
    }

    fn forget(&mut self) {
        (self.verify, self.messages, self.overview, self.usage, self.figures) = Default::default();
        self.generation += 1;
        (self.is_asking, self.ask_again) = (false, false);
    }

    /// Asks what the part shows; one question at a time.
    pub fn ask(&mut self, session: &Session, clock: &Clock) -> Vec<Effect> {
        self.question(session, clock, false)
    }

    /// Has the node ask Twilio itself what was used in the time that is shown.
    pub fn ask_twilio(&mut self, session: &Session, clock: &Clock) -> Vec<Effect> {
        self.question(session, clock, true)
    }

    fn question(&mut self, session: &Session, clock: &Clock, at_twilio: bool) -> Vec<Effect> {
        self.due = None;
        if self.is_asking {
            self.ask_again = true;
            return Vec::new();
        }
        // Without the node's time nobody knows which days are meant.
        let Some(question) = Question::of(self, session, clock) else { return Vec::new() };
        let tag = |source| Tag::Analytics(For::Answer(self.generation, source));
        let effect = match self.source() {
            Source::Verify => ask(tag(Source::Verify), question.verify()),
            Source::Messages => ask(tag(Source::Messages), question.messages()),
            Source::Overview => ask(tag(Source::Overview), question.overview()),
            Source::Usage if at_twilio => ask(tag(Source::Usage), question.usage_at_twilio()),
            Source::Usage => ask(tag(Source::Usage), question.usage()),
        };
        self.asked_for = Some(question.range().clone());
        (self.is_asking, self.asked_at) = (true, Some(clock.passed()));
        vec![effect]
    }

    /// An answer came for a question: whether it belongs to what is looked at, and whether to ask again.
    pub fn settle(&mut self, generation: u64) -> Option<bool> {
        if generation != self.generation {
            return None;
        }
        self.is_asking = false;
        Some(std::mem::take(&mut self.ask_again))
    }

    /// Something happened that may change the figures: they are read again, at once or when it is time.
    pub fn heard(&mut self, session: &Session, clock: &Clock) -> Vec<Effect> {
        let due = self.asked_at.map_or(clock.passed(), |at| at + PATIENCE);
        if due <= clock.passed() {
            return self.ask(session, clock);
        }
        self.due.get_or_insert(due);
        Vec::new()
    }

    /// When (the loop's clock) it is to be read again.
    pub fn due(&self) -> Option<Duration> {
        self.due
    }

    /// It is in view: what is due is asked, and what is said of a day or an hour that is over.
    pub fn seen(&mut self, session: &Session, clock: &Clock) -> Vec<Effect> {
        let is_due = self.due.is_some_and(|due| due <= clock.passed());
        let is_over = || {
            let asked = Question::of(self, session, clock).map(|question| question.range().clone());
            asked.is_some() && self.asked_for.is_some() && asked != self.asked_for
        };
        if is_due || !self.is_asking && is_over() { self.ask(session, clock) } else { Vec::new() }
    }

    /// Whether a question waits for its answer.
    pub fn is_asking(&self) -> bool {
        self.is_asking
    }

    /// Which question the answers belong to.
    pub fn generation(&self) -> u64 {
        self.generation
    }
}
