//! Several conversations at once: which are marked, and what is being done with them.

use crate::api::When;
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::tui::app::Undo;
use crate::tui::framemap::Listed;
use crate::tui::msg::Effect;
use crate::tui::shown::Shown;

use super::Inbox;

/// What is done with each of them.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// Another status; a snooze has an end, or lasts until they reply.
    Status(Status, Option<When>),
    /// Another assignee, with a line for them.
    Assign(Option<String>, Option<String>),
    /// A label is put on (`true`) or taken off.
    Label(String, bool),
}

/// A verb under way on several conversations.
#[derive(Debug)]
pub struct Bulk {
    /// What is said behind the number of those done.
    pub said: Shown,
    /// How many are not answered yet.
    pub left: usize,
    /// How many went well.
    pub done: usize,
    /// How they stood before, where that can be brought back.
    pub before: Vec<Undo>,
    /// Why the first that was refused was.
    pub failed: Option<Shown>,
}

/// The picker of labels: for which conversations, which labels there are, and which are on.
#[derive(Debug, Default)]
pub struct Labelling {
    /// The conversations.
    pub ids: Vec<Id>,
    /// Labels in use, the most used first.
    pub known: Vec<String>,
    /// Labels that all of them have.
    pub on: Vec<String>,
}

impl Inbox {
    /// Marks the row under the cursor or takes its mark away, and goes on to the next.
    pub fn mark(&mut self) -> Vec<Effect> {
        let Some(id) = self.current().map(|view| view.id) else { return Vec::new() };
        if !self.marked.remove(&id) {
            self.marked.insert(id);
        }
        self.step(1)
    }

    /// Marks every row that is on the screen; when all of them are marked, takes the marks away.
    pub fn mark_all(&mut self, drawn: Option<Listed>) {
        let drawn = drawn.unwrap_or_default();
        let rows: Vec<Id> = self.visible().into_iter().skip(drawn.top).take(drawn.fit.max(1)).collect();
        if rows.iter().all(|id| self.marked.contains(id)) {
            self.marked.retain(|id| !rows.contains(id));
        } else {
            self.marked.extend(rows);
        }
    }
}
