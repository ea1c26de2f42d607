//! The rows that the list holds: a contiguous piece of one tab, in the node's order.
//!
//! Pages behind the window are known by the cursor that led to them, so it can go back.

use std::cmp::Reverse;

use crate::api::inbox::{ConversationView, Tab};
use crate::domain::id::Id;
use crate::domain::time::Time;

const PAGE: usize = super::PAGE;
/// Pages held at most.
const PAGES: usize = 3;

/// A conversation in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What is known of it.
    pub view: ConversationView,
    /// Whether it has left the tab and only stays because the cursor is on it.
    pub gone: bool,
}

/// A piece of a tab's rows.
#[derive(Debug, Default)]
pub struct Window {
    rows: Vec<Row>,
    /// Cursors of the pages before the window, outermost first; `None` is the tab's beginning.
    dropped: Vec<Option<String>>,
    /// Cursors of the pages in the window.
    held: Vec<Option<String>>,
    next: Option<String>,
    unsettled: bool,
}

impl Window {
    /// The rows, in order.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Where to go on after the last row.
    pub fn next(&self) -> Option<String> {
        self.next.clone()
    }

    /// The cursor of the page just before the first row, if there is one, and how many rows to ask
    /// for: nobody knows by how much the tab's beginning has grown meanwhile.
    pub fn before(&self) -> Option<(Option<String>, usize)> {
        let start = self.dropped.last().cloned()?;
        let rows = if start.is_none() { 4 * PAGE } else { PAGE };
        Some((start, rows))
    }

    /// Whether so many rows came in at the top that the window should be read again.
    pub fn is_overgrown(&self) -> bool {
        self.rows.len() > (PAGES + 2) * PAGE
    }

    /// Starts again with the tab's first page.
    pub fn replace(&mut self, items: Vec<ConversationView>, next: Option<String>) {
        *self = Window { held: vec![None], next, ..Window::default() };
        self.rows = items.into_iter().map(row).collect();
    }

    /// Adds the page after the window; answers how many rows were dropped at its beginning.
    pub fn append(&mut self, items: Vec<ConversationView>, next: Option<String>) -> usize {
        let start = std::mem::replace(&mut self.next, next);
        if self.held.last() != Some(&start) {
            self.held.push(start);
        }
        for view in items {
            if !self.rows.iter().any(|r| r.view.id == view.id) {
                self.rows.push(row(view));
            }
        }
        let mut dropped = 0;
        while self.held.len() > PAGES && self.rows.len() > PAGE {
            // Dropping by count, not by page, never leaves a gap: the page is read again by its cursor.
            self.dropped.push(self.held.remove(0));
            self.rows.drain(..PAGE);
            dropped += PAGE;
        }
        dropped
    }

    /// Adds the page before the window; answers how many rows came in above.
    pub fn prepend(&mut self, items: Vec<ConversationView>, next: Option<String>, tab: Tab) -> usize {
        let Some(start) = self.dropped.pop() else { return 0 };
        let joins = self.rows.first().is_some_and(|r| items.iter().any(|v| v.id == r.view.id));
        if start.is_none() && next.is_some() && !joins {
            // So much has come in that the page does not reach the window: the tab begins anew.
            self.replace(items, next);
            return 0;
        }
        self.held.insert(0, start);
        let had = self.rows.len();
        for view in items {
            if !self.rows.iter().any(|r| r.view.id == view.id) {
                let at = self.place(&view, tab);
                self.rows.insert(at, row(view));
            }
        }
        let added = self.rows.len() - had;
        if self.held.len() > PAGES {
            // The last page may have shrunk meanwhile, so that one page by count reaches into the one
            // before: going on from that one's beginning leaves no gap, and known rows are skipped.
            self.held.pop();
            self.rows.truncate(self.rows.len().saturating_sub(PAGE));
            self.next = self.held.last().cloned().flatten();
        }
        added
    }

    /// Takes a changed row in; answers where it came in, if it is new in the window. The `held` row
    /// keeps its place.
    pub fn put(&mut self, view: &ConversationView, tab: Tab, belongs: bool, held: Option<Id>) -> Option<usize> {
        let old = self.rows.iter().position(|r| r.view.id == view.id);
        if let Some(at) = old {
            if held == Some(view.id) {
                self.rows[at] = Row { view: view.clone(), gone: !belongs };
                self.unsettled = true;
                return None;
            }
            self.rows.remove(at);
        }
        if !belongs {
            return None;
        }
        let at = self.place(view, tab);
        let above = at == 0 && !self.dropped.is_empty();
        let below = at == self.rows.len() && self.next.is_some();
        if above || below {
            return None;
        }
        self.rows.insert(at, row(view.clone()));
        old.is_none().then_some(at)
    }

    /// Rows that were held find their place; those that left the tab go.
    pub fn settle(&mut self, tab: Tab) {
        if std::mem::take(&mut self.unsettled) {
            self.rows.retain(|r| !r.gone);
            self.rows.sort_by_key(|r| order(&r.view, tab));
        }
    }

    fn place(&self, view: &ConversationView, tab: Tab) -> usize {
        let key = order(view, tab);
        self.rows.iter().position(|r| order(&r.view, tab) > key).unwrap_or(self.rows.len())
    }
}

fn row(view: ConversationView) -> Row {
    Row { view, gone: false }
}

/// The node's order: newest activity first; who waits longest first in the tab of those who wait.
fn order(view: &ConversationView, tab: Tab) -> (Reverse<Time>, Time, Reverse<Id>) {
    match tab {
        Tab::Waiting => {
            (Reverse(Time(0)), view.waiting_since.map_or(Time(i64::MAX), |w| w.0), Reverse(Id(u64::MAX - view.id.0)))
        }
        _ => (Reverse(view.active_at.0), Time(0), Reverse(view.id)),
    }
}
