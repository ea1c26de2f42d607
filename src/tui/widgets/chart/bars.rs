//! Bars that lie, with their numbers beside them:
//!
//! ```text
//!  SMS       ████████████████████▍···  85.0 % (86.9 % excl. blocked)
//!  call      ████████████████▊·······  70.0 %
//! ```

use ratatui::layout::Rect;

use super::Marks;
use super::table::{cursor, padded};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// A bar narrower than this says nothing.
const LEAST: usize = 6;
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// Its name.
    pub label: Shown,
    /// How long it is, in the unit of the scale; `None` leaves the row without a bar.
    pub value: Option<f64>,
    /// The numbers beside it.
    pub said: Vec<Piece>,
    /// Its look.
    pub role: Role,
}

/// Bars under each other on one scale from zero.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bars {
    /// The rows.
    pub rows: Vec<Bar>,
    /// Where the scale ends; the longest bar where absent.
    pub end: Option<f64>,
    /// The row under the cursor.
    pub at: Option<usize>,
    /// The first row in view.
    pub top: usize,
}

impl Bars {
    /// Draws the rows that fit.
    pub fn draw(&self, ink: &mut Ink, area: Rect, marks: Marks, map: &mut FrameMap) -> Listed {
        let fit = usize::from(area.height);
        let listed = Listed { top: list::follow(self.top, self.at, fit, self.rows.len()), fit };
        let width = usize::from(area.width);
        let said_width = |bar: &Bar| bar.said.iter().map(|(text, _)| text.width()).sum::<usize>();
        let names = self.rows.iter().map(|bar| bar.label.width()).max().unwrap_or(0).min(width / 3).max(4);
        let said = self.rows.iter().map(said_width).max().unwrap_or(0);
        let room = width.saturating_sub(names + said + 5);
        let end = self.end.unwrap_or_else(|| self.rows.iter().filter_map(|bar| bar.value).fold(0.0, f64::max));
        for (n, bar) in self.rows.iter().enumerate().skip(listed.top).take(fit) {
            let rect = line(area, (n - listed.top) as u16);
            map.hit(rect, Hit::Row(n));
            let mut pieces = vec![(padded(&bar.label, names), Role::Text)];
            if room >= LEAST {
                let (long, rest) = bar.value.map_or_else(
                    || (Shown::default(), shown!("{}", " ".repeat(room))),
                    |value| cells(if end > 0.0 { value / end } else { 0.0 }, room, marks),
                );
                pieces.extend([(long, bar.role), (rest, Role::Border), (Shown::from("  "), Role::Text)]);
            }
            pieces.extend(bar.said.iter().cloned());
            ink.pieces(indent(rect, 1), &pieces);
            cursor(ink, rect, self.at == Some(n));
        }
        listed
    }
}

/// A bar over a part of so many cells, and the rest. What is not nothing has at least the smallest mark.
fn cells(part: f64, room: usize, marks: Marks) -> (Shown, Shown) {
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
    let eighths = (part * room as f64 * 8.0).round() as usize;
    let eighths = if part > 0.0 { eighths.max(1) } else { 0 };
    if marks == Marks::Ascii {
        let full = eighths.div_ceil(8).min(room);
        return (shown!("{}", "#".repeat(full)), shown!("{}", ".".repeat(room - full)));
    }
    // The fonts of old terminals have the half block and no other part of one.
    let eighths = match (marks, eighths) {
        (Marks::Blocks, 1..) => ((eighths + 2) / 4).max(1) * 4,
        _ => eighths,
    };
    let (full, rest) = (eighths / 8, EIGHTHS[eighths % 8]);
    let used = full + usize::from(!rest.is_empty());
    (shown!("{}{rest}", "█".repeat(full)), shown!("{}", "·".repeat(room.saturating_sub(used))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_part() {
        let said = |part, room, marks| {
            let (long, rest) = cells(part, room, marks);
            format!("{long}{rest}")
        };
        assert_eq!(said(0.5, 8, Marks::Blocks), "████····");
        assert_eq!(
            (said(0.55, 8, Marks::Braille), said(0.55, 8, Marks::Blocks)),
            ("████▍···".into(), "████▌···".into())
        );
        assert_eq!((said(0.0001, 4, Marks::Blocks), said(0.0, 4, Marks::Blocks)), ("▌···".into(), "····".into()));
        assert_eq!(said(0.0001, 4, Marks::Braille), "▏···");
        assert_eq!((said(0.0, 4, Marks::Blocks), said(2.0, 4, Marks::Blocks)), ("····".into(), "████".into()));
        assert_eq!(said(0.5, 8, Marks::Ascii), "####....");
        assert_eq!(said(f64::NAN, 2, Marks::Ascii), "..");
    }
}
