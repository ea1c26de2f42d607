//! A look at a long text before it is pasted: its letters would otherwise stand in the message at once.

use ratatui::layout::Rect;

use super::{position, window};
use crate::tui::framemap::{FrameMap, Listed};
use crate::tui::ink::{Ink, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// A text of more lines than this is looked at first.
const LINES: usize = 3;
/// The same for characters.
const CHARACTERS: usize = 300;
/// The width of the look.
const WIDTH: usize = 72;

/// A text that waits for a yes.
#[derive(Debug)]
pub struct Look {
    /// The text as it came.
    pub text: String,
    lines: Vec<Shown>,
    top: usize,
}

impl Look {
    /// Whether a text is so long that it is looked at first.
    pub fn is_due(text: &str) -> bool {
        text.trim_end().lines().count() > LINES || text.chars().count() > CHARACTERS
    }

    /// A look at a text.
    pub fn new(text: String) -> Look {
        let lines = Shown::lines(text.trim_end()).iter().flat_map(|l| l.wrap(WIDTH)).collect();
        Look { text, lines, top: 0 }
    }

    /// Scrolls.
    pub fn step(&mut self, by: isize, drawn: Option<Listed>) {
        let fit = drawn.map_or(1, |d| d.fit);
        self.top = self.top.saturating_add_signed(by).min(self.lines.len().saturating_sub(fit));
    }

    pub(super) fn draw(&self, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
        let count = self.text.trim_end().lines().count();
        let title = shown!("Paste {count} lines, {} characters?", self.text.chars().count());
        let rows = u16::try_from(self.lines.len()).unwrap_or(u16::MAX).min(16);
        let inside = window(ink, area, map, &title, WIDTH as u16, rows + 2);
        ink.text(line(inside, 0), &Shown::from("Enter puts it into the message; nothing is sent by that."), Role::Dim);
        let height = usize::from(inside.height.saturating_sub(2));
        let fit = if self.lines.len() > height { height.saturating_sub(1) } else { height };
        let listed = Listed { top: self.top.min(self.lines.len().saturating_sub(fit)), fit };
        map.overlay = Some(listed);
        for (row, text) in self.lines.iter().skip(listed.top).take(fit).enumerate() {
            ink.text(line(inside, row as u16 + 2), text, Role::Text);
        }
        position(ink, inside, listed, self.lines.len());
    }
}
