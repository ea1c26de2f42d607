//! A page to read: the help, and why a message failed. It scrolls.

use ratatui::layout::Rect;

use super::{position, window};
use crate::domain::id::Id;
use crate::tui::framemap::{FrameMap, Listed};
use crate::tui::ink::{Ink, Piece, line};
use crate::tui::shown::Shown;

/// Lines under a title.
#[derive(Debug)]
pub struct Page {
    title: Shown,
    lines: Vec<Vec<Piece>>,
    top: usize,
    /// The failed message that it is about.
    pub about: Option<Id>,
}

/// The width for which lines should be wrapped.
pub const WIDTH: usize = 72;

impl Page {
    /// A page.
    pub fn new(title: impl Into<Shown>, lines: Vec<Vec<Piece>>) -> Page {
        Page { title: title.into(), lines, top: 0, about: None }
    }

    /// The same, opened at a line.
    pub fn at(self, line: usize) -> Page {
        Page { top: line, ..self }
    }

    /// Scrolls.
    pub fn step(&mut self, by: isize, drawn: Option<Listed>) {
        let last = self.lines.len().saturating_sub(drawn.map_or(1, |d| d.fit));
        self.top = self.top.min(last).saturating_add_signed(by).min(last);
    }

    /// All its lines as text.
    pub fn text(&self) -> String {
        let whole = |l: &Vec<Piece>| l.iter().map(|(t, _)| t.as_str()).collect::<String>();
        self.lines.iter().map(whole).collect::<Vec<_>>().join("\n")
    }

    pub(super) fn draw(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX);
        let inside = window(ink, area, map, &self.title, WIDTH as u16, rows);
        let height = usize::from(inside.height);
        // The last row then says where in the page this is.
        let fit = if self.lines.len() > height { height.saturating_sub(1) } else { height };
        let listed = Listed { top: self.top.min(self.lines.len().saturating_sub(fit)), fit };
        map.overlay = Some(listed);
        for (row, pieces) in self.lines.iter().skip(listed.top).take(fit).enumerate() {
            ink.pieces(line(inside, row as u16), pieces);
        }
        position(ink, inside, listed, self.lines.len());
    }
}
