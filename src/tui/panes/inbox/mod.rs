//! The list of conversations: a window over the pages of one tab.
//!
//! It holds what is shown plus a margin, whatever the store holds. Selection goes by id. While the
//! cursor is on a row of the focused list, that row keeps its place and stays even when it no longer
//! belongs to the tab; it settles when the cursor leaves it. It knows nothing of messages.

mod draw;
mod marks;
mod window;

pub use draw::{draw, who};
pub use marks::{Bulk, Labelling, Verb};
pub use window::{Row, Window};

use std::collections::BTreeSet;

use crate::api::inbox::{ConversationView, ListConversations, Tab};
use crate::api::{ApiError, inbox::ConversationPage};
use crate::domain::conversation::Status;
use crate::domain::id::Id;
use crate::domain::query::{Facts, Query};
use crate::domain::time::Time;
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::shown::Shown;
use crate::tui::widgets::{field::Field, list};

/// Rows that are loaded beyond what is in view.
const MARGIN: usize = 20;
/// Rows of one page.
const PAGE: usize = 50;

/// The list of conversations.
#[derive(Debug, Default)]
pub struct Inbox {
    /// Which tab is shown.
    pub tab: Tab,
    /// The rows held.
    pub window: Window,
    /// The row under the cursor.
    pub selected: Option<Id>,
    /// The first row in view; drawing follows the selection from here.
    pub top: usize,
    /// What narrows the list.
    pub filter: Option<Field>,
    /// What the node narrows the list by: a filter with fields.
    query: Option<(String, Query)>,
    /// Which conversations are marked; by id, so that a mark survives a move.
    pub marked: BTreeSet<Id>,
    /// What is being done with several of them.
    pub bulk: Option<Bulk>,
    /// The picker of labels.
    pub labelling: Labelling,
    /// Why the rows could not be read.
    pub error: Option<Shown>,
    /// Whether the first page of this tab has come.
    pub loaded: bool,
    business: Option<Id>,
    generation: u64,
    loading: bool,
}

impl Inbox {
    /// Shows a tab of a business from its beginning.
    pub fn show(&mut self, tab: Tab, business: Option<Id>) -> Vec<Effect> {
        if self.tab != tab || self.business != business {
            self.window = Window::default();
            self.selected = None;
            self.loaded = false;
            self.top = 0;
            self.marked.clear();
        }
        self.tab = tab;
        self.business = business;
        self.reload()
    }

    /// What was typed into the filter changed: what has fields is asked of the node, a part of a name or number is
    /// looked for in what is here. What is not finished yet changes nothing.
    pub fn narrow(&mut self) -> Vec<Effect> {
        let text = self.filter.as_ref().map(|f| f.text().trim().to_owned()).unwrap_or_default();
        let Ok(query) = Query::parse(&text) else { return Vec::new() };
        let query = query.has_fields().then_some((text, query));
        if query.as_ref().map(|(_, q)| q) != self.query.as_ref().map(|(_, q)| q) {
            self.query = query;
            self.selected = None;
            return self.reload();
        }
        self.select_first()
    }

    /// Shows what a query lets through of all conversations.
    pub fn view(&mut self, text: &str, business: Option<Id>) -> Vec<Effect> {
        self.filter = Some(Field::new(text));
        self.query = Query::parse(text).ok().filter(Query::has_fields).map(|query| (text.trim().to_owned(), query));
        self.show(Tab::All, business)
    }

    /// The query by which the node narrows the list.
    pub fn query(&self) -> Option<&str> {
        self.query.as_ref().map(|(text, _)| text.as_str())
    }

    /// Takes the filter away.
    pub fn widen(&mut self) -> Vec<Effect> {
        self.filter = None;
        if self.query.take().is_some() { self.reload() } else { Vec::new() }
    }

    /// Whether the node narrows the list.
    pub fn is_narrowed(&self) -> bool {
        self.query.is_some()
    }

    fn asked(&self) -> Option<String> {
        self.query.as_ref().map(|(text, _)| text.clone())
    }

    /// Reads the window's beginning again; what is held stays visible until then.
    pub fn reload(&mut self) -> Vec<Effect> {
        self.generation += 1;
        self.loading = true;
        vec![self.list(Part::First, None, PAGE)]
    }

    fn list(&self, part: Part, after: Option<String>, rows: usize) -> Effect {
        // 200 is the most that the node gives at once.
        let limit = Some(rows.min(200) as u32);
        ask(
            Tag::Inbox(self.generation, part),
            ListConversations { business: self.business, tab: self.tab, after, limit, query: self.asked() },
        )
    }

    /// A page came.
    pub fn answered(&mut self, generation: u64, part: Part, page: Result<ConversationPage, ApiError>) -> Vec<Effect> {
        if generation != self.generation {
            return Vec::new();
        }
        self.loading = false;
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                return Vec::new();
            }
        };
        self.error = None;
        let before = self.selected_index();
        match part {
            Part::First => {
                self.loaded = true;
                self.business = Some(page.business);
                self.window.replace(page.page.items, page.page.next);
            }
            Part::Next => self.top = self.top.saturating_sub(self.window.append(page.page.items, page.page.next)),
            Part::Before => self.top += self.window.prepend(page.page.items, page.page.next, self.tab),
        }
        self.keep_selection(before);
        self.top_up()
    }

    /// Whether the node has not said yet whether there is anything.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// A conversation changed. `hold` says that the cursor is on the list, so its row keeps its place.
    pub fn changed(&mut self, view: &ConversationView, me: &str, now: Time, hold: bool) -> Vec<Effect> {
        let held = if hold { self.selected } else { None };
        let before = self.selected_index();
        let meant = |(_, query): &(String, Query)| query.matches(&facts(view), me, now);
        let tab = match &self.query {
            // A query for what is out of sight is asked of all.
            Some((_, query)) if self.tab == Tab::All && query.wants_snoozed() => true,
            _ => belongs(view, self.tab, me),
        };
        let belongs = tab && self.query.as_ref().is_none_or(meant);
        let above = self.window.put(view, self.tab, belongs, held);
        if above.is_some_and(|at| at < self.top) {
            self.top += 1;
        }
        self.keep_selection(before);
        let near_top = self.selected_index().is_none_or(|at| at < PAGE / 2);
        if near_top && self.window.is_overgrown() { self.reload() } else { Vec::new() }
    }

    /// Moves the cursor.
    pub fn step(&mut self, by: isize) -> Vec<Effect> {
        let visible = self.visible();
        let Some(at) = self.selected_visible(&visible).or((!visible.is_empty()).then_some(0)) else {
            return Vec::new();
        };
        self.select(visible.get(list::step(at, by, visible.len())).copied())
    }

    /// Puts the cursor on the first row that is in view.
    pub fn select_first(&mut self) -> Vec<Effect> {
        let first = self.visible().first().copied();
        self.select(first)
    }

    /// Puts the cursor on a conversation.
    pub fn select(&mut self, id: Option<Id>) -> Vec<Effect> {
        if self.selected != id {
            self.window.settle(self.tab);
        }
        self.selected = id;
        self.top_up()
    }

    /// The cursor is no longer on the list: rows that waited for that find their place.
    pub fn left(&mut self) {
        let before = self.selected_index();
        self.window.settle(self.tab);
        self.keep_selection(before);
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&ConversationView> {
        let id = self.selected?;
        self.window.rows().iter().map(|r| &r.view).find(|v| v.id == id)
    }

    /// The rows that the filter lets through, in order.
    pub fn visible(&self) -> Vec<Id> {
        // The node has looked already where it was asked.
        let filter = self.filter.as_ref().filter(|_| self.query.is_none());
        let query = filter.map(|f| f.text().trim().to_lowercase()).unwrap_or_default();
        self.window.rows().iter().filter(|r| query.is_empty() || matches(&r.view, &query)).map(|r| r.view.id).collect()
    }

    fn selected_visible(&self, visible: &[Id]) -> Option<usize> {
        visible.iter().position(|id| Some(*id) == self.selected)
    }

    fn selected_index(&self) -> Option<usize> {
        self.window.rows().iter().position(|r| Some(r.view.id) == self.selected)
    }

    /// A row that vanished hands the cursor to the one that took its place.
    fn keep_selection(&mut self, before: Option<usize>) {
        if self.selected_index().is_some() {
            return;
        }
        let rows = self.window.rows();
        let at = before.unwrap_or(0).min(rows.len().saturating_sub(1));
        self.selected = rows.get(at).map(|r| r.view.id);
    }

    /// Asks for more rows when the cursor comes near an end of the window.
    fn top_up(&mut self) -> Vec<Effect> {
        if self.loading || (self.filter.is_some() && self.query.is_none()) {
            return Vec::new();
        }
        let at = self.selected_index().unwrap_or(0);
        if let (true, Some(next)) = (at + MARGIN + PAGE / 2 >= self.window.rows().len(), self.window.next()) {
            self.loading = true;
            return vec![self.list(Part::Next, Some(next), PAGE)];
        }
        if let (true, Some((start, rows))) = (at < MARGIN, self.window.before()) {
            self.loading = true;
            return vec![self.list(Part::Before, start, rows)];
        }
        Vec::new()
    }
}

/// Whether a conversation stands in a tab, as the node would decide it.
pub fn belongs(view: &ConversationView, tab: Tab, me: &str) -> bool {
    let open = matches!(view.status, Status::Open | Status::Pending);
    match tab {
        Tab::Mine => open && view.assignee.as_deref() == Some(me),
        Tab::Unassigned => open && view.assignee.is_none(),
        Tab::All => view.status != Status::Snoozed,
        Tab::Waiting => open && view.waiting_since.is_some(),
        Tab::Failed => view.failed > 0,
        Tab::Snoozed => view.status == Status::Snoozed,
    }
}

fn facts(view: &ConversationView) -> Facts<'_> {
    Facts {
        status: view.status,
        assignee: view.assignee.as_deref(),
        labels: &view.labels,
        waiting_since: view.waiting_since.map(|at| at.0),
        customer: view.customer.as_str(),
        ours: view.ours.as_str(),
        name: view.name.as_deref(),
        failed: view.failed,
        asking: view.asking,
    }
}

/// Whether a conversation answers a search: by name, digits of the address, or preview.
fn matches(view: &ConversationView, query: &str) -> bool {
    let has = |text: &str| text.to_lowercase().contains(query);
    let number = query.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c));
    let digits: String = query.chars().filter(char::is_ascii_digit).collect();
    view.name.as_deref().is_some_and(has)
        || has(view.customer.as_str())
        || (number && !digits.is_empty() && view.customer.digits().contains(&digits))
        || view.labels.iter().any(|label| has(label))
        || view.last.as_ref().is_some_and(|l| has(&l.preview))
}
