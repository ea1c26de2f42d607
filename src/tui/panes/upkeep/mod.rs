//! What keeps a node right, in four parts: how far it has kept up with Twilio, where the numbers' webhooks
//! go, the messages that are put off, and those that ask whether they still shall go.
//!
//! Each part is read when it is opened and again when an event says that it changed.

mod draw;
mod held;
mod keeping;
mod later;
mod numbers;

pub use draw::draw;

use crate::api::inbox::{ListHeld, ListLater, MessagePage, MessageView};
use crate::api::keeping::{GapPage, GapView, GetKeeping, KeepingView, ListGaps};
use crate::api::numbers::{ListNumbers, NumberList, NumberView};
use crate::api::{ApiError, Page};
use crate::domain::id::Id;
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::shown::{Shown, shown};
use crate::tui::widgets::list;

/// Rows beyond the cursor from which more are asked for.
const MARGIN: usize = 20;

/// A list of pages, with the cursor in it.
#[derive(Debug)]
pub struct Rows<T> {
    /// The rows held.
    pub items: Vec<T>,
    /// The row under the cursor.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
    /// Why they could not be read.
    pub error: Option<Shown>,
    /// Whether the first page has come.
    pub loaded: bool,
    next: Option<String>,
}

impl<T> Default for Rows<T> {
    fn default() -> Rows<T> {
        Rows { items: Vec::new(), at: 0, top: 0, error: None, loaded: false, next: None }
    }
}

impl<T> Rows<T> {
    /// The row under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.items.get(self.at)
    }

    /// A page came; `id` tells the rows apart, so that the cursor stays on its row.
    fn take(&mut self, part: Part, page: Result<Page<T>, ApiError>, id: impl Fn(&T) -> Id) {
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                return;
            }
        };
        let chosen = self.current().map(&id);
        (self.error, self.loaded, self.next) = (None, true, page.next);
        if part == Part::First {
            self.items.clear();
        }
        self.items.extend(page.items);
        let same = self.items.iter().position(|row| Some(id(row)) == chosen);
        self.at = same.unwrap_or(self.at).min(self.items.len().saturating_sub(1));
    }

    /// Moves the cursor; answers where to go on reading when it comes near the end.
    fn step(&mut self, by: isize) -> Option<String> {
        self.at = list::step(self.at, by, self.items.len());
        if self.at + MARGIN < self.items.len() { None } else { self.next.take() }
    }
}

/// What is kept right.
#[derive(Debug, Default)]
pub struct Upkeep {
    /// How far the node has kept up.
    pub keeping: Option<KeepingView>,
    /// Why that could not be read.
    pub error: Option<Shown>,
    /// Intervals in which webhooks may have been lost, newest first.
    pub gaps: Rows<GapView>,
    /// The account's numbers.
    pub numbers: Rows<NumberView>,
    /// Why not all numbers are listed.
    pub missing: Option<Shown>,
    /// Messages that are put off, the next one first.
    pub later: Rows<MessageView>,
    /// Messages that ask whether they still shall go, the longest asking first.
    pub held: Rows<MessageView>,
    business: Option<Id>,
}

impl Upkeep {
    /// Reads how far the node has kept up.
    pub fn load_keeping(&self) -> Vec<Effect> {
        vec![ask(Tag::Keeping, GetKeeping {}), ask(Tag::Gaps(Part::First), ListGaps::default())]
    }

    /// Reads where the numbers' webhooks go.
    pub fn load_numbers(&self) -> Vec<Effect> {
        vec![ask(Tag::Numbers, ListNumbers {})]
    }

    /// Reads the messages of a business that are put off.
    pub fn load_later(&mut self, business: Option<Id>) -> Vec<Effect> {
        self.turn_to(business);
        vec![ask(Tag::Later(Part::First), ListLater { business, ..ListLater::default() })]
    }

    /// Reads the messages of a business that ask.
    pub fn load_held(&mut self, business: Option<Id>) -> Vec<Effect> {
        self.turn_to(business);
        vec![ask(Tag::Held(Part::First), ListHeld { business, ..ListHeld::default() })]
    }

    fn turn_to(&mut self, business: Option<Id>) {
        if self.business != business {
            (self.later, self.held) = (Rows::default(), Rows::default());
        }
        self.business = business;
    }

    /// How far the node has kept up, came.
    pub fn kept(&mut self, keeping: Result<KeepingView, ApiError>) {
        match keeping {
            Ok(keeping) => (self.keeping, self.error) = (Some(keeping), None),
            Err(e) => self.error = Some(Shown::from(e.to_string())),
        }
    }

    /// A page of intervals came.
    pub fn gapped(&mut self, part: Part, page: Result<GapPage, ApiError>) {
        self.gaps.take(part, page, |gap| gap.id);
    }

    /// The numbers came.
    pub fn numbered(&mut self, listed: Result<NumberList, ApiError>) {
        match listed {
            Ok(listed) => {
                let cut = listed.cut.then(|| Shown::from(" there are more at Twilio than are listed here"));
                self.missing = listed.troubles.first().map(|text| shown!(" {}", Shown::of(text))).or(cut);
                (self.numbers.error, self.numbers.loaded, self.numbers.items) = (None, true, listed.items);
                self.numbers.at = self.numbers.at.min(self.numbers.items.len().saturating_sub(1));
            }
            Err(e) => self.numbers.error = Some(Shown::from(e.to_string())),
        }
    }

    /// A page of messages that are put off came.
    pub fn put_off(&mut self, part: Part, page: Result<MessagePage, ApiError>) {
        self.later.take(part, page, |message| message.id);
    }

    /// A page of messages that ask came.
    pub fn asking(&mut self, part: Part, page: Result<MessagePage, ApiError>) {
        self.held.take(part, page, |message| message.id);
    }

    /// Moves the cursor among the intervals.
    pub fn step_gaps(&mut self, by: isize) -> Vec<Effect> {
        let next = self.gaps.step(by);
        next.map(|after| ask(Tag::Gaps(Part::Next), ListGaps { after: Some(after), limit: None })).into_iter().collect()
    }

    /// Moves the cursor among the messages that are put off.
    pub fn step_later(&mut self, by: isize) -> Vec<Effect> {
        let business = self.business;
        let more = |after| ask(Tag::Later(Part::Next), ListLater { business, after: Some(after), limit: None });
        self.later.step(by).map(more).into_iter().collect()
    }

    /// Moves the cursor among the messages that ask.
    pub fn step_held(&mut self, by: isize) -> Vec<Effect> {
        let business = self.business;
        let more = |after| ask(Tag::Held(Part::Next), ListHeld { business, after: Some(after), limit: None });
        self.held.step(by).map(more).into_iter().collect()
    }
}

/// What a number is called in an operation: itself, or the SID of a messaging service.
pub fn name(row: &NumberView) -> String {
    row.number.clone().unwrap_or_else(|| row.sid.to_string())
}
