//! Where things landed in the frame that is on the screen: what [`super::draw`] found out while
//! drawing, for the mouse and for scrolling. It is kept beside the `App`, never inside it.

use std::time::Duration;

use ratatui::layout::{Position, Rect};

use super::action::Action;
use super::clock::Beat;
use super::panes::thread::Key;
use crate::api::inbox::Tab;
use crate::domain::id::Id;

/// Something that can be clicked.
#[derive(Debug, Clone, PartialEq)]
pub enum Hit {
    /// A tab of the inbox.
    Tab(Tab),
    /// The list of conversations.
    Inbox,
    /// A conversation in it.
    Conversation(Id),
    /// The messages.
    Thread,
    /// A message.
    Message(Key),
    /// The "n new below" pill.
    Below,
    /// The text being written.
    Composer,
    /// The phones.
    Phones,
    /// One handset.
    Handset(usize),
    /// The text being typed on a phone.
    Typing,
    /// A part in the title of a pane.
    Part(usize),
    /// A row of the businesses or of the events.
    Row(usize),
    /// A row of the open list to choose from.
    Choice(usize),
    /// A field of the open form.
    FormField(usize),
    /// The open overlay itself.
    Overlay,
    /// A hint.
    Hint(Action),
}

/// A list as it was drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Listed {
    /// The first row in view.
    pub top: usize,
    /// How many rows fit.
    pub fit: usize,
}

/// The thread as it was drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Viewed {
    /// Cells of a line.
    pub width: usize,
    /// Lines in view.
    pub height: usize,
    /// Messages that begin above the view.
    pub above: usize,
}

/// What the last frame was.
#[derive(Debug, Clone, Default)]
pub struct FrameMap {
    /// The whole screen.
    pub area: Rect,
    /// Whether the terminal was too small to show anything.
    pub is_too_small: bool,
    /// The inbox, if it was in view.
    pub inbox: Option<Listed>,
    /// The thread, if it was in view.
    pub thread: Option<Viewed>,
    /// Whether the phones stood beside the conversations.
    pub phones: bool,
    /// Whether what is known of the customer was in view.
    pub contact: bool,
    /// The list of the open overlay, or of a page.
    pub overlay: Option<Listed>,
    /// The list of businesses or events.
    pub list: Option<Listed>,
    /// How soon something in view changes by itself.
    pub beat: Beat,
    /// When the next single thing in view changes: a countdown, a notice (the loop's clock).
    pub until: Option<Duration>,
    /// Where the terminal's cursor stands.
    pub cursor: Option<Position>,
    hits: Vec<(Rect, Hit)>,
}

impl FrameMap {
    /// Something clickable was drawn; later ones lie on top.
    pub fn hit(&mut self, area: Rect, hit: Hit) {
        self.hits.push((area, hit));
    }

    /// What lies at a position, the topmost first.
    pub fn at(&self, x: u16, y: u16) -> impl Iterator<Item = &Hit> {
        let position = Position { x, y };
        self.hits.iter().rev().filter(move |(area, _)| area.contains(position)).map(|(_, hit)| hit)
    }

    /// Something in view changes at a moment by itself.
    pub fn changes(&mut self, at: Option<Duration>) {
        self.until = self.until.into_iter().chain(at).min();
    }

    /// Something in view changes so often by itself.
    pub fn beats(&mut self, beat: Beat) {
        self.beat = self.beat.max(beat);
    }
}
