//! Every send of a business, newest first, found by what is remembered of it.
//!
//! ```text
//!  / 0142
//! ▌09:00:00 +14155550142    sms      approved           converted   $0.0083
//! ```

use ratatui::layout::Rect;

use super::{For, ask_for, outcome};
use crate::api::ApiError;
use crate::api::verify::{AttemptPage, AttemptView, ListAttempts};
use crate::domain::id::Id;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::msg::{Effect, Part};
use crate::tui::panes::{empty, narrowed};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::{field::Field, list};

/// Rows beyond the cursor from which more are asked for.
const MARGIN: usize = 20;
/// Rows of a page.
const PAGE: u32 = 50;
/// Pages without a find that are turned before a person is asked to search on.
const EMPTY_PAGES: u32 = 20;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// What is remembered of it.
    text: String,
    /// Whether it may be of any business.
    all: bool,
}

/// The sends.
#[derive(Debug, Default)]
pub struct Log {
    /// Those of all businesses.
    pub everyone: bool,
    /// What is searched.
    pub search: Option<Field>,
    /// The rows held.
    pub rows: Vec<AttemptView>,
    /// The first row in view.
    pub top: usize,
    /// Why they could not be read.
    pub error: Option<Shown>,
    /// Whether the first page has come.
    pub loaded: bool,
    selected: Option<Id>,
    next: Option<String>,
    asked: Option<Wanted>,
    barren: u32,
}

impl Log {
    /// What is searched, as asked for.
    fn wanted(&self) -> Wanted {
        let text = self.search.as_ref().map(|field| field.text().trim().to_owned()).unwrap_or_default();
        Wanted { text, all: self.everyone }
    }

    /// Those of all businesses, or of the one again.
    pub fn turn(&mut self, business: Id) -> Vec<Effect> {
        self.everyone = !self.everyone;
        self.rows.clear();
        (self.selected, self.next, self.loaded, self.top) = (None, None, false, 0);
        self.load(business)
    }

    /// Reads it from the beginning.
    pub fn load(&mut self, business: Id) -> Vec<Effect> {
        let wanted = self.wanted();
        self.asked = Some(wanted.clone());
        self.barren = 0;
        vec![page(business, wanted, Part::First, None)]
    }

    /// A page came, for what was searched then.
    pub fn answered(
        &mut self,
        business: Id,
        wanted: &Wanted,
        part: Part,
        page: Result<AttemptPage, ApiError>,
    ) -> Vec<Effect> {
        if self.asked.as_ref() != Some(wanted) {
            return Vec::new();
        }
        self.asked = None;
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                return Vec::new();
            }
        };
        let before = self.at();
        if part == Part::First {
            self.rows.clear();
        }
        (self.error, self.loaded, self.next) = (None, true, page.next);
        self.rows.extend(page.items);
        if self.current().is_none() {
            self.selected = self.rows.get(before.min(self.rows.len().saturating_sub(1))).map(|row| row.id);
        }
        // A rare find: the page had none of it, and there is more.
        if self.rows.is_empty() && self.next.is_some() && self.barren < EMPTY_PAGES {
            self.barren += 1;
            return self.more(business);
        }
        Vec::new()
    }

    fn more(&mut self, business: Id) -> Vec<Effect> {
        let Some(after) = self.next.take() else { return Vec::new() };
        let wanted = self.wanted();
        self.asked = Some(wanted.clone());
        vec![page(business, wanted, Part::Next, Some(after))]
    }

    /// The row under the cursor.
    pub fn at(&self) -> usize {
        self.rows.iter().position(|row| Some(row.id) == self.selected).unwrap_or(0)
    }

    /// The send under the cursor.
    pub fn current(&self) -> Option<&AttemptView> {
        self.rows.iter().find(|row| Some(row.id) == self.selected)
    }

    /// Moves the cursor; near the end more rows are asked for.
    pub fn step(&mut self, business: Option<Id>, by: isize) -> Vec<Effect> {
        let at = list::step(self.at(), by, self.rows.len());
        self.selected = self.rows.get(at).map(|row| row.id);
        match business {
            Some(business) if self.asked.is_none() && at + MARGIN >= self.rows.len() => self.more(business),
            _ => Vec::new(),
        }
    }

    /// Puts the cursor on a row. Whether it was there already.
    pub fn point(&mut self, row: usize) -> bool {
        let id = self.rows.get(row).map(|row| row.id);
        std::mem::replace(&mut self.selected, id) == id
    }
}

fn page(business: Id, wanted: Wanted, part: Part, after: Option<String>) -> Effect {
    let list = ListAttempts {
        business,
        all: wanted.all,
        search: (!wanted.text.is_empty()).then(|| wanted.text.clone()),
        status: None,
        channel: None,
        error: None,
        template: None,
        from: None,
        until: None,
        limit: Some(PAGE),
        after,
    };
    ask_for(For::Attempts(wanted, part), list)
}

/// Draws the log below its rule.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let log = &app.rooms.tester.log;
    let searching = app.focus == Focus::AttemptFilter;
    let area = narrowed(ink, area, log.search.as_ref(), searching, map);
    let fit = usize::from(area.height);
    let at = log.at();
    let listed = Listed { top: list::follow(log.top, Some(at), fit, log.rows.len()), fit };
    map.list = Some(listed);
    if log.rows.is_empty() {
        let nothing = match &log.search {
            Some(field) if !field.is_empty() => {
                "nothing matches: digits of a number, a part of an email, a SID, a code"
            }
            _ if log.everyone => "no code was sent yet",
            _ => "no code was sent for this business yet",
        };
        empty(ink, area, log.error.as_ref(), log.loaded, nothing);
    }
    for (n, row) in log.rows.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(area, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == at { "▌" } else { " " }), Role::Focus);
        ink.pieces(indent(rect, 1), &pieces(app, row, rect.width));
        if n == at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}

fn padded(text: Shown, cells: usize) -> Shown {
    let text = text.cut(cells);
    let pad = " ".repeat(cells.saturating_sub(text.width()) + 1);
    shown!("{text}{pad}")
}

fn pieces(app: &App, row: &AttemptView, width: u16) -> Vec<Piece> {
    let when = shown!("{} ", log_time(app, row));
    let (status, role) = outcome::standing(row.status);
    let money = row.price.as_ref().or(row.expected_price.as_ref());
    let money = money.map(|m| Shown::from(m.fine())).unwrap_or_default();
    let converted = match row.converted {
        Some(true) => Shown::from("converted"),
        Some(false) => Shown::from("unconverted"),
        None => Shown::default(),
    };
    let error = row.error.map(|code| shown!("{code}")).unwrap_or_default();
    let mut pieces = vec![(when, Role::Dim)];
    if app.rooms.tester.log.everyone {
        let name = row.business_name.as_deref().map(Shown::of).unwrap_or_default();
        pieces.push((padded(name, if width >= 120 { 20 } else { 12 }), Role::Accent));
    }
    pieces.extend([
        (padded(Shown::of(&row.phone_number), 15), Role::Text),
        (padded(Shown::from(row.channel.word()), 8), Role::Dim),
        (padded(Shown::from(status), 12), role),
        (padded(error, 5), Role::Error),
    ]);
    // Names take its place on a narrow screen.
    if !app.rooms.tester.log.everyone || width >= 100 {
        pieces.push((padded(converted, 11), Role::Dim));
    }
    pieces.push((padded(money, 8), Role::Text));
    if width >= 100 {
        pieces.push((padded(Shown::from(row.progress.words()), 11), Role::Dim));
    }
    if width >= 120 {
        let sid = row.verification.or(row.sid).map(|sid| shown!("{sid}")).unwrap_or_default();
        pieces.push((padded(sid, 34), Role::Dim));
        pieces.push((Shown::of(&row.actor), Role::Dim));
    }
    pieces
}

fn log_time(app: &App, row: &AttemptView) -> Shown {
    let today = app.clock.now().is_some_and(|now| app.clock.day_number(now) == app.clock.day_number(row.created_at.0));
    if today { app.clock.second(row.created_at.0) } else { shown!("{:>8}", app.clock.brief(row.created_at.0)) }
}
