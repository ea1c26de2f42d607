//! The pen: the only place of the console that writes text into the terminal's buffer.
//!
//! It takes [`Shown`] and a role of the theme, clips to the rectangle it is given, and never panics
//! on an area outside the screen. The composer's editor is the one widget that draws by itself; its
//! text has passed [`super::shown::editable`].

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::mask;
use super::shown::{Shown, width};
use super::theme::{Role, Theme};

/// A piece of a line: its text and what it means.
pub type Piece = (Shown, Role);

/// Draws on one frame.
pub struct Ink<'a> {
    buffer: &'a mut Buffer,
    theme: &'a Theme,
    masked: bool,
}

impl<'a> Ink<'a> {
    /// A pen on a buffer.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Ink<'a> {
        Ink { buffer, theme, masked: false }
    }

    /// A pen that masks numbers and message texts, or not.
    pub fn masked(self, masked: bool) -> Ink<'a> {
        Ink { masked, ..self }
    }

    /// Whether numbers and message texts are masked.
    pub fn is_masked(&self) -> bool {
        self.masked
    }

    /// The buffer's whole area.
    pub fn area(&self) -> Rect {
        self.buffer.area
    }

    /// The look of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// The buffer, for the editor widget.
    pub fn buffer(&mut self) -> &mut Buffer {
        self.buffer
    }

    /// Writes into the first line of `area` and returns the cells used.
    pub fn text(&mut self, area: Rect, text: &Shown, role: Role) -> u16 {
        if self.masked {
            return self.styled(area, &mask::masked(text, role), self.theme.style(role));
        }
        self.styled(area, text, self.theme.style(role))
    }

    fn styled(&mut self, area: Rect, text: &Shown, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return 0;
        }
        let (x, _) = self.buffer.set_stringn(area.x, area.y, text.as_str(), area.width.into(), style);
        x - area.x
    }

    /// Writes pieces one after the other; returns the cells used. What does not fit is cut with `…`.
    pub fn pieces(&mut self, area: Rect, pieces: &[Piece]) -> u16 {
        let mut at = 0;
        for (text, role) in pieces {
            let left = area.width.saturating_sub(at);
            if left == 0 {
                break;
            }
            let rect = Rect { x: area.x + at, width: left, height: 1, ..area };
            at += match text.width() <= usize::from(left) {
                true => self.text(rect, text, *role),
                false => self.text(rect, &text.cut(left.into()), *role),
            };
        }
        at
    }

    /// Writes pieces so that they end at the right edge; returns the cells used.
    pub fn right(&mut self, area: Rect, pieces: &[Piece]) -> u16 {
        let total: usize = pieces.iter().map(|(t, _)| t.width()).sum();
        let width = u16::try_from(total).unwrap_or(u16::MAX).min(area.width);
        self.pieces(Rect { x: area.right() - width, width, ..area }, pieces)
    }

    /// Lays a look over an area without touching its text.
    pub fn wash(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, self.theme.style(role));
    }

    /// Underlines the cells whose text `which` points at.
    pub fn underline(&mut self, area: Rect, which: impl Fn(&str) -> bool) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                let cell = &mut self.buffer[(x, y)];
                if which(cell.symbol()) {
                    let marked = self.theme.style(Role::Warn).add_modifier(Modifier::UNDERLINED);
                    cell.set_style(marked);
                }
            }
        }
    }

    /// Blanks an area.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            // A wide letter just before the area would lie over its first cell.
            if area.x > self.buffer.area.x && width(self.buffer[(area.x - 1, y)].symbol()) > 1 {
                self.buffer[(area.x - 1, y)].set_symbol(" ");
            }
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
        self.buffer.set_style(area, self.theme.style(Role::Text));
    }

    /// A horizontal rule with a title in it; heavy when the pane under it has the focus.
    pub fn rule(&mut self, area: Rect, focused: bool, title: &[Piece], right: &[Piece]) {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return;
        }
        let (glyph, role) = if focused { ("━", Role::Focus) } else { ("─", Role::Border) };
        let style = self.theme.style(role);
        for x in area.left()..area.right() {
            self.buffer[(x, area.y)].set_symbol(glyph).set_style(style);
        }
        let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let mut padded = vec![(Shown::from(" "), role)];
        let mut used = 0;
        let right_width: usize = right.iter().map(|(t, _)| t.width()).sum();
        let right_fits = !right.is_empty() && right_width + 12 < usize::from(inner.width);
        let reserve = if right_fits { right_width as u16 + 2 } else { 0 };
        if !title.is_empty() {
            padded.extend(title.iter().cloned());
            padded.push((Shown::from(" "), role));
            used = self.pieces(Rect { width: inner.width.saturating_sub(reserve), ..inner }, &padded);
        }
        if right_fits && inner.width > used {
            let mut padded = vec![(Shown::from(" "), role)];
            padded.extend(right.iter().cloned());
            padded.push((Shown::from(" "), role));
            self.right(inner, &padded);
        }
    }

    /// A vertical line between two panes, hanging from the rule in its first line.
    pub fn upright(&mut self, area: Rect) {
        self.side(area);
        let area = area.intersection(self.buffer.area);
        if !area.is_empty() {
            self.buffer[(area.x, area.y)].set_symbol("┬");
        }
    }

    /// A vertical line.
    pub fn side(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        let style = self.theme.style(Role::Border);
        for y in area.top()..area.bottom() {
            self.buffer[(area.x, y)].set_symbol("│").set_style(style);
        }
    }
}

impl Ink<'_> {
    /// A heavy line down the first column, with a look of its own.
    pub fn edge(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        let style = self.theme.style(role);
        for y in area.top()..area.bottom() {
            self.buffer[(area.x, y)].set_symbol("┃").set_style(style);
        }
    }
}

/// The n-th line of an area, empty when there is none.
pub fn line(area: Rect, n: u16) -> Rect {
    if n < area.height { Rect { y: area.y + n, height: 1, ..area } } else { Rect { height: 0, ..area } }
}

/// The area without its first `n` columns.
pub fn indent(area: Rect, n: u16) -> Rect {
    let n = n.min(area.width);
    Rect { x: area.x + n, width: area.width - n, ..area }
}
