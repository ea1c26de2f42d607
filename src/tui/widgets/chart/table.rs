//! The twin of every chart: its numbers as a table.

use ratatui::layout::Rect;

use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// Cells between two columns.
const GAP: usize = 2;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What stands in it, with the unit.
    pub title: Shown,
    /// Whether it holds numbers, which end at the same cell.
    pub is_number: bool,
}

/// Rows of cells under titles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    /// The columns; the first one names the row.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for each column.
    pub rows: Vec<Vec<Shown>>,
}

impl Table {
    /// An empty table: the first column is words, the others are numbers.
    pub fn of(titles: &[&str]) -> Table {
        let column = |(n, title): (usize, &&str)| Column { title: Shown::of(title), is_number: n > 0 };
        Table { columns: titles.iter().enumerate().map(column).collect(), rows: Vec::new() }
    }

    /// Draws the rows around `at` below the titles. Columns that do not fit are left out whole, and the last
    /// title says how many.
    pub fn draw(&self, ink: &mut Ink, area: Rect, at: Option<usize>, top: usize, map: &mut FrameMap) -> Listed {
        let widths = self.widths();
        let (mut columns, mut used) = (0, 1);
        for width in &widths {
            if columns > 0 && used + width > usize::from(area.width) {
                break;
            }
            used += width + GAP;
            columns += 1;
        }
        let widths = &widths[..columns];
        self.row(ink, line(area, 0), widths, &self.columns.iter().map(|c| c.title.clone()).collect::<Vec<_>>(), true);
        if columns < self.columns.len() {
            let more = shown!("+{} …", self.columns.len() - columns);
            ink.right(line(area, 0), &[(more, Role::Dim)]);
        }
        let body = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), ..area };
        let fit = usize::from(body.height);
        let listed = Listed { top: list::follow(top, at, fit, self.rows.len()), fit };
        for (n, row) in self.rows.iter().enumerate().skip(listed.top).take(fit) {
            let rect = line(body, (n - listed.top) as u16);
            map.hit(rect, Hit::Row(n));
            self.row(ink, rect, widths, row, false);
            cursor(ink, rect, at == Some(n));
        }
        listed
    }

    fn row(&self, ink: &mut Ink, area: Rect, widths: &[usize], cells: &[Shown], is_title: bool) {
        let mut x = 1;
        for (n, (width, cell)) in widths.iter().zip(cells).enumerate() {
            let cell = cell.cut(*width);
            let before = if self.columns[n].is_number { width.saturating_sub(cell.width()) } else { 0 };
            let role = if is_title { Role::Dim } else { Role::Text };
            ink.text(indent(area, (x + before) as u16), &cell, role);
            x += width + GAP;
        }
    }

    fn widths(&self) -> Vec<usize> {
        let widest = |n: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(n)).chain([&self.columns[n].title]);
            cells.map(Shown::width).max().unwrap_or(0)
        };
        (0..self.columns.len()).map(widest).map(|width| width.min(40)).collect()
    }

    /// Each row as a sentence: the name, then each number after its title.
    pub fn sentences(&self) -> Vec<Shown> {
        let sentence = |row: &Vec<Shown>| {
            let said: Vec<String> =
                self.columns.iter().zip(row).skip(1).map(|(c, v)| format!("{} {v}", c.title)).collect();
            shown!("{}: {}.", row.first().cloned().unwrap_or_default(), said.join(", "))
        };
        self.rows.iter().map(sentence).collect()
    }
}

/// The cursor of a row.
pub(super) fn cursor(ink: &mut Ink, area: Rect, is_there: bool) {
    if is_there {
        ink.text(area, &Shown::from("▌"), Role::Focus);
        ink.wash(indent(area, 1), Role::Selection);
    }
}

/// A text in a column of so many cells, and a blank.
pub fn padded(text: &Shown, cells: usize) -> Shown {
    let text = text.cut(cells);
    let pad = " ".repeat(cells.saturating_sub(text.width()) + 1);
    shown!("{text}{pad}")
}
