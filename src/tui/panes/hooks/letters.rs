//! The dead letters: webhooks that were refused or found no place, and who waits behind them.

use crate::api::ApiError;
use crate::api::deadletters::{
    DeadLetterGroup, DeadLetterPage, DeadLetterSums, DeadLetterView, ListDeadLetters, SumDeadLetters,
};
use crate::domain::deadletter::Reason;
use crate::domain::id::Id;
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::shown::Shown;
use crate::tui::widgets::list;

/// Rows beyond the cursor from which more are asked for.
const MARGIN: usize = 20;

/// The dead letters, newest first, and how many there are of each reason.
#[derive(Debug, Default)]
pub struct Letters {
    /// The rows held.
    pub rows: Vec<DeadLetterView>,
    /// What waits, by reason.
    pub groups: Vec<DeadLetterGroup>,
    /// The first row in view.
    pub top: usize,
    /// Why they could not be read.
    pub error: Option<Shown>,
    /// Whether the first page has come.
    pub loaded: bool,
    selected: Option<Id>,
    next: Option<String>,
    loading: bool,
}

impl Letters {
    /// Reads them from the beginning.
    pub fn load(&mut self) -> Vec<Effect> {
        self.loading = true;
        vec![ask(Tag::LetterSums, SumDeadLetters {}), ask(Tag::Letters(Part::First), ListDeadLetters::default())]
    }

    /// A page came.
    pub fn answered(&mut self, part: Part, page: Result<DeadLetterPage, ApiError>) {
        self.loading = false;
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                return;
            }
        };
        (self.error, self.loaded, self.next) = (None, true, page.next);
        let before = self.at();
        if part == Part::First {
            self.rows.clear();
        }
        self.rows.extend(page.items);
        if self.current().is_none() {
            self.selected = self.rows.get(before.min(self.rows.len().saturating_sub(1))).map(|row| row.id);
        }
    }

    /// The sums came.
    pub fn summed(&mut self, sums: DeadLetterSums) {
        self.groups = sums.items;
    }

    /// How many wait to be replayed.
    pub fn waiting(&self) -> u64 {
        self.groups.iter().map(|group| group.letters).sum()
    }

    /// The row under the cursor.
    pub fn at(&self) -> usize {
        self.rows.iter().position(|row| Some(row.id) == self.selected).unwrap_or(0)
    }

    /// The dead letter under the cursor.
    pub fn current(&self) -> Option<&DeadLetterView> {
        self.rows.iter().find(|row| Some(row.id) == self.selected)
    }

    /// Moves the cursor; near the end more rows are asked for.
    pub fn step(&mut self, by: isize) -> Vec<Effect> {
        let at = list::step(self.at(), by, self.rows.len());
        self.selected = self.rows.get(at).map(|row| row.id);
        if self.loading || at + MARGIN < self.rows.len() {
            return Vec::new();
        }
        let Some(after) = self.next.take() else { return Vec::new() };
        self.loading = true;
        vec![ask(Tag::Letters(Part::Next), ListDeadLetters { after: Some(after), limit: None })]
    }

    /// Puts the cursor on a row. Whether it was there already.
    pub fn point(&mut self, row: usize) -> bool {
        let id = self.rows.get(row).map(|row| row.id);
        std::mem::replace(&mut self.selected, id) == id
    }
}

/// A reason in words.
pub fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::MissingSignature => "missing signature",
        Reason::BadSignature => "bad signature",
        Reason::UnknownAccount => "unknown account",
        Reason::Unroutable => "no endpoint",
        Reason::UnknownMessage => "unknown message",
        Reason::Malformed => "malformed",
        Reason::Poison => "not stored",
    }
}
