//! The audit log: who did what, newest first, of all businesses or of one.
//!
//! It holds what it shows and a margin. What happens meanwhile is read while the cursor is on the newest entry;
//! away from it the title says that there is more.

mod detail;
mod draw;

pub use detail::detail;
pub use draw::{draw, told};

use crate::api::audit::{AuditEntry, AuditFormat, AuditPage, ExportAudit, ListAudit};
use crate::api::{ApiError, When};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::tui::clock::Clock;
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::shown::Shown;
use crate::tui::widgets::{field::Field, list};

/// Rows beyond the cursor from which more are asked for.
const MARGIN: usize = 20;
/// Rows of a page.
const PAGE: u32 = 50;
/// Pages without a find that are turned before a person is asked to narrow it.
const EMPTY_PAGES: u32 = 20;

/// What is asked of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// As it was typed.
    text: String,
    /// One business; all of them when absent.
    business: Option<Id>,
    actor: Option<String>,
    kind: Option<String>,
    search: Option<String>,
    from: Option<When>,
    to: Option<When>,
}

impl Question {
    /// Reads what was typed: `by:kim kind:business from:2026-03-01 to:2026-03-02`, and other words, which an
    /// entry must say as they stand there. Days are those of the business that is shown.
    fn read(text: &str, business: Option<Id>, clock: &Clock) -> Question {
        let mut question = Question { text: text.trim().to_owned(), business, ..Question::default() };
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let day = |value: &str| day(value, clock).map(When);
            match word.split_once(':') {
                Some(("by", value)) if !value.is_empty() => question.actor = Some(value.to_owned()),
                Some(("kind", value)) if !value.is_empty() => question.kind = Some(value.to_owned()),
                Some(("from", value)) if day(value).is_some() => question.from = day(value),
                Some(("to", value)) if day(value).is_some() => question.to = day(value),
                // Not finished yet.
                Some(("by" | "kind" | "from" | "to", _)) => {}
                _ => words.push(word),
            }
        }
        question.search = (!words.is_empty()).then(|| words.join(" "));
        question
    }

    fn list(&self, after: Option<String>) -> ListAudit {
        let Question { business, actor, kind, search, from, to, .. } = self.clone();
        ListAudit { business, actor, kind, search, from, to, limit: Some(PAGE), after }
    }
}

/// The midnight with which a day begins.
fn day(text: &str, clock: &Clock) -> Option<Time> {
    let day: jiff::civil::Date = text.parse().ok()?;
    let at = day.to_zoned(clock.zone().clone()).ok()?;
    Some(Time(at.timestamp().as_microsecond()))
}

/// The audit log as far as it is held.
#[derive(Debug, Default)]
pub struct Audit {
    /// What narrows it.
    pub filter: Option<Field>,
    /// The rows held.
    pub rows: Vec<AuditEntry>,
    /// The first row in view.
    pub top: usize,
    /// Why it could not be read.
    pub error: Option<Shown>,
    /// Whether the first page has come.
    pub loaded: bool,
    /// Whether something has happened that is not in it.
    pub stale: bool,
    question: Question,
    selected: Option<String>,
    next: Option<String>,
    asked: bool,
    barren: u32,
}

impl Audit {
    /// Reads it from the newest on, as it is narrowed now.
    pub fn load(&mut self, clock: &Clock) -> Vec<Effect> {
        let text = self.filter.as_ref().map(|field| field.text().to_owned()).unwrap_or_default();
        let question = Question::read(&text, self.question.business, clock);
        if question != self.question {
            (self.question, self.loaded) = (question, false);
        }
        (self.asked, self.stale, self.barren) = (true, false, 0);
        vec![ask(Tag::Audit(Box::new(self.question.clone()), Part::First), self.question.list(None))]
    }

    /// The newest again, with the cursor on it.
    pub fn follow(&mut self, clock: &Clock) -> Vec<Effect> {
        (self.selected, self.top) = (None, 0);
        self.load(clock)
    }

    /// The log of one business, or of all.
    pub fn turn(&mut self, business: Option<Id>, clock: &Clock) -> Vec<Effect> {
        self.question.business = business;
        self.loaded = false;
        self.follow(clock)
    }

    /// The business whose log it is.
    pub fn business(&self) -> Option<Id> {
        self.question.business
    }

    /// What narrows it, as it was typed.
    pub fn narrowed(&self) -> &str {
        &self.question.text
    }

    /// Something happened that may stand in it.
    pub fn happened(&mut self, clock: &Clock) -> Vec<Effect> {
        if self.asked || self.at() > 0 {
            self.stale = true;
            return Vec::new();
        }
        self.load(clock)
    }

    /// A page came, for what was asked then.
    pub fn answered(
        &mut self,
        question: &Question,
        part: Part,
        page: Result<AuditPage, ApiError>,
        clock: &Clock,
    ) -> Vec<Effect> {
        if *question != self.question {
            return Vec::new();
        }
        self.asked = false;
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                return Vec::new();
            }
        };
        if part == Part::First {
            let newest = self.at() == 0;
            self.rows.clear();
            self.selected.take_if(|_| newest);
        }
        (self.error, self.loaded, self.next) = (None, true, page.next);
        self.rows.extend(page.items);
        if self.rows.is_empty() && self.next.is_some() && self.barren < EMPTY_PAGES {
            self.barren += 1;
            return self.more();
        }
        if self.stale && self.at() == 0 { self.load(clock) } else { Vec::new() }
    }

    fn more(&mut self) -> Vec<Effect> {
        // It is kept until its page is here: one that fails can be asked for again.
        let Some(after) = self.next.clone() else { return Vec::new() };
        self.asked = true;
        vec![ask(Tag::Audit(Box::new(self.question.clone()), Part::Next), self.question.list(Some(after)))]
    }

    /// Whether there is more than was looked through.
    pub fn has_more(&self) -> bool {
        self.next.is_some()
    }

    /// The row under the cursor; the newest, unless it was moved.
    pub fn at(&self) -> usize {
        self.rows.iter().position(|row| Some(&row.id) == self.selected.as_ref()).unwrap_or(0)
    }

    /// The entry under the cursor.
    pub fn current(&self) -> Option<&AuditEntry> {
        self.rows.get(self.at())
    }

    /// Moves the cursor; near the end more rows are asked for.
    pub fn step(&mut self, by: isize) -> Vec<Effect> {
        let at = list::step(self.at(), by, self.rows.len());
        self.point(at);
        if self.asked || at + MARGIN < self.rows.len() { Vec::new() } else { self.more() }
    }

    /// Puts the cursor on a row. Whether it was there already.
    pub fn point(&mut self, row: usize) -> bool {
        let same = row == self.at();
        self.selected = self.rows.get(row).filter(|_| row > 0).map(|row| row.id.clone());
        same
    }

    /// What asks for the entry under the cursor.
    pub fn request(&self) -> ListAudit {
        self.question.list(None)
    }

    /// What asks for all of what is shown, as a file.
    pub fn export(&self, format: AuditFormat) -> ExportAudit {
        let Question { business, actor, kind, search, from, to, .. } = self.question.clone();
        ExportAudit { business, actor, kind, search, from, to, format: Some(format), after: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood_as_far_as_it_is_finished() {
        let mut clock = Clock::default();
        clock.set_zone("America/Los_Angeles");
        let read = |text: &str| Question::read(text, None, &clock);
        let question = read("by:kim  kind:business from:2026-03-01 to:2026-03-02 contact email");
        assert_eq!((question.actor.as_deref(), question.kind.as_deref()), (Some("kim"), Some("business")));
        assert_eq!(question.search.as_deref(), Some("contact email"));
        let moment = |when: Option<When>| when.unwrap().0.rfc3339();
        assert_eq!(moment(question.from), "2026-03-01T08:00:00Z");
        assert_eq!(moment(question.to), "2026-03-02T08:00:00Z");
        let unfinished = read("by: from:2026-0");
        assert_eq!((unfinished.actor, unfinished.from, unfinished.search), (None, None, None));
        assert_eq!(read("12:30").search.as_deref(), Some("12:30"));
    }
}
