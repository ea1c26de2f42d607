//! What stands behind a figure: exactly as many rows as it says.
//!
//! ```text
//! ━ SMS · expired · 12 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
//! ▌ 1 Mar 10:04 +14155550142    sms      expired              $0.0083
//! ```

use ratatui::layout::Rect;

use super::For;
use crate::api::ApiError;
use crate::api::analytics::{Behind, ListAttemptsBehind, ListMessagesBehind};
use crate::api::inbox::MessageView;
use crate::api::verify::AttemptView;
use crate::domain::message::Direction;
use crate::tui::app::App;
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::panes::empty;
use crate::tui::panes::thread::tick;
use crate::tui::panes::verify::standing;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::{chart::padded, list};

/// Rows beyond the cursor from which more are asked for.
const MARGIN: usize = 20;

/// What was asked for them.
#[derive(Debug, Clone)]
pub enum Asked {
    /// Sends.
    Attempts(Box<ListAttemptsBehind>),
    /// Messages.
    Messages(Box<ListMessagesBehind>),
}

/// A row.
#[derive(Debug, Clone)]
pub enum Row {
    /// A send.
    Attempt(Box<AttemptView>),
    /// A message.
    Message(Box<MessageView>),
}

/// The rows.
#[derive(Debug)]
pub struct Figures {
    /// What they are.
    pub title: Shown,
    /// What was asked.
    pub asked: Asked,
    /// Those held.
    pub rows: Vec<Row>,
    /// How many there are in all: the figure.
    pub count: Option<u64>,
    /// The row under the cursor.
    pub at: usize,
    /// The first row in view.
    pub top: usize,
    /// Why they could not be read.
    pub error: Option<Shown>,
    generation: u64,
    next: Option<String>,
    is_reading: bool,
}

impl Figures {
    /// The rows of a question, which are asked for.
    pub fn new(title: Shown, asked: Asked, generation: u64) -> (Figures, Vec<Effect>) {
        let mut figures = Figures {
            title,
            asked,
            rows: Vec::new(),
            count: None,
            at: 0,
            top: 0,
            error: None,
            generation,
            next: None,
            is_reading: false,
        };
        let effects = figures.read(Part::First);
        (figures, effects)
    }

    /// Reads them from the beginning, or on.
    pub fn read(&mut self, part: Part) -> Vec<Effect> {
        if std::mem::replace(&mut self.is_reading, true) {
            return Vec::new();
        }
        let after = if part == Part::First { None } else { self.next.take() };
        let tag = Tag::Analytics(For::Figures(self.generation, part));
        vec![match &self.asked {
            Asked::Attempts(list) => ask(tag, ListAttemptsBehind { after, ..(**list).clone() }),
            Asked::Messages(list) => ask(tag, ListMessagesBehind { after, ..(**list).clone() }),
        }]
    }

    /// A page came.
    pub fn answered(&mut self, part: Part, page: Result<Behind<Row>, ApiError>) {
        self.is_reading = false;
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                return;
            }
        };
        let chosen = self.current().map(id);
        if part == Part::First {
            self.rows.clear();
        }
        (self.error, self.count, self.next) = (None, Some(page.count), page.next);
        self.rows.extend(page.items);
        let same = self.rows.iter().position(|row| Some(id(row)) == chosen);
        self.at = same.unwrap_or(self.at).min(self.rows.len().saturating_sub(1));
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows.get(self.at)
    }

    /// Moves the cursor; near the end more rows are asked for.
    pub fn step(&mut self, by: isize) -> Vec<Effect> {
        self.at = list::step(self.at, by, self.rows.len());
        if self.next.is_some() && self.at + MARGIN >= self.rows.len() { self.read(Part::Next) } else { Vec::new() }
    }
}

fn id(row: &Row) -> crate::domain::id::Id {
    match row {
        Row::Attempt(row) => row.id,
        Row::Message(row) => row.id,
    }
}

/// A page of other rows as one of these.
pub fn as_rows<T>(page: Behind<T>, row: impl Fn(Box<T>) -> Row) -> Behind<Row> {
    let items = page.items.into_iter().map(|item| row(Box::new(item))).collect();
    Behind { range: page.range, count: page.count, items, next: page.next, as_of: page.as_of }
}

/// Draws them; the first line of `area` is the rule over them.
pub fn draw(app: &App, figures: &Figures, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let count = figures.count.map(|n| shown!(" · {n}")).unwrap_or_default();
    ink.rule(line(area, 0), true, &[(figures.title.clone(), Role::Strong), (count, Role::Accent)], &[]);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let fit = usize::from(body.height);
    let listed = Listed { top: list::follow(figures.top, Some(figures.at), fit, figures.rows.len()), fit };
    map.list = Some(listed);
    if figures.rows.is_empty() {
        empty(ink, body, figures.error.as_ref(), figures.count.is_some(), "nothing stands behind it any more");
    }
    for (n, row) in figures.rows.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(body, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == figures.at { "▌" } else { " " }), Role::Focus);
        ink.pieces(indent(rect, 1), &pieces(app, row, rect.width));
        if n == figures.at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}

/// A row in pieces.
pub fn pieces(app: &App, row: &Row, width: u16) -> Vec<Piece> {
    match row {
        Row::Attempt(row) => attempt(app, row, width),
        Row::Message(row) => message(app, row),
    }
}

fn when(app: &App, at: crate::api::When) -> Piece {
    (padded(&shown!("{} {}", app.clock.day(at.0), app.clock.minute(at.0)), 16), Role::Dim)
}

fn attempt(app: &App, row: &AttemptView, width: u16) -> Vec<Piece> {
    let (words, role) = standing(row.status);
    let (money, known) = match (&row.price, &row.expected_price) {
        (Some(price), _) => (Shown::from(price.fine()), Role::Text),
        (None, Some(price)) => (shown!("~{}", price.fine()), Role::Dim),
        (None, None) => (Shown::default(), Role::Dim),
    };
    let error = row.error.map(|code| shown!("{code}")).unwrap_or_default();
    let mut pieces = vec![
        when(app, row.created_at),
        (padded(&Shown::of(&row.phone_number), 15), Role::Text),
        (padded(&Shown::from(row.channel.word()), 8), Role::Dim),
        (padded(&Shown::from(words), 12), role),
    ];
    let everyone = app.rooms.analytics.everyone;
    // Whose it is comes before which error it was: the timeline has that, too.
    if !everyone || width >= 110 {
        pieces.push((padded(&error, 5), Role::Error));
    }
    pieces.push((padded(&money, 9), known));
    if everyone {
        let whose = app.session.businesses.iter().find(|b| b.id == row.business_id).map(|b| Shown::of(&b.name));
        let whose = whose.unwrap_or_else(|| Shown::from("(deleted)"));
        pieces.push((if width >= 110 { padded(&whose, 20) } else { whose }, Role::Text));
    }
    if width >= 110 {
        pieces.push((padded(&Shown::of(row.country.as_deref().unwrap_or_default()), 3), Role::Dim));
        let sid = row.verification.or(row.sid).map(|sid| shown!("{sid}")).unwrap_or_default();
        pieces.push((padded(&sid, 34), Role::Dim));
    }
    pieces
}

fn message(app: &App, row: &MessageView) -> Vec<Piece> {
    let is_in = row.direction == Direction::In;
    let (arrow, who) = if is_in { ("← ", row.from.as_str()) } else { ("→ ", row.to.as_str()) };
    let ours = if is_in { row.to.as_str() } else { row.from.as_str() };
    let (state, role) = tick(row.status, row.error, true, row.to.kind());
    let look = if is_in { Role::Incoming } else { Role::Outgoing };
    let mut pieces = vec![
        when(app, row.at),
        (Shown::from(arrow), Role::Dim),
        (padded(&Shown::of(who), 15), Role::Text),
        (padded(&if is_in { Shown::default() } else { state }, 10), role),
    ];
    // Of several businesses the number tells whose it is.
    if app.rooms.analytics.everyone {
        pieces.push((padded(&Shown::of(ours), 15), Role::Dim));
    }
    pieces.push((Shown::of(&row.body), look));
    pieces
}
