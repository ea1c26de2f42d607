//! Numbers over time, from zero, with gaps where there are none.
//!
//! ```text
//!  ⣀⠤ requested  •• approved
//!  40 ┤      ⢀⠎⠱⡀
//!  20 ┤   ⢀⠔⠁  ⠈⠢
//!   0 └────────────▲───
//!      Mon 2    Wed 4
//! ```

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Chart, Dataset, GraphType, Widget};

use super::{Marks, Table, Unit};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// A graph narrower than this, with its numbers, shows nothing.
const LEAST: u16 = 24;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name.
    pub name: Shown,
    /// Its look.
    pub role: Role,
    /// Its numbers, one for each moment; a gap where there is none.
    pub points: Vec<Option<f64>>,
}

/// Up to three lines on one scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What is counted.
    pub unit: Unit,
    /// The name of each moment.
    pub moments: Vec<Shown>,
    /// The lines. Each has a mark of its own, so that they can be told apart without colour.
    pub series: Vec<Series>,
    /// The moment under the cursor.
    pub at: Option<usize>,
}

/// The mark of the n-th line and what shows it in the legend.
fn mark(n: usize, marks: Marks) -> (Marker, &'static str) {
    match (marks, n) {
        (Marks::Braille, 0) => (Marker::Braille, "⣀⠤"),
        (Marks::Blocks, 0) => (Marker::HalfBlock, "▄▀"),
        (Marks::Ascii, 0) => (Marker::Custom('*'), "**"),
        (Marks::Ascii, 1) => (Marker::Custom('o'), "oo"),
        (Marks::Ascii, _) => (Marker::Custom('+'), "++"),
        (_, 1) => (Marker::Dot, "••"),
        _ => (Marker::Custom('×'), "××"),
    }
}

impl Line {
    /// The last moment at which any line has a number.
    pub fn last_known(&self) -> Option<usize> {
        let has = |at: &usize| self.series.iter().any(|s| s.points.get(*at).is_some_and(Option::is_some));
        (0..self.moments.len()).rev().find(has)
    }

    fn end(&self) -> f64 {
        let numbers = self.series.iter().flat_map(|s| s.points.iter().flatten().copied());
        self.unit.ceiling(numbers.fold(0.0, f64::max))
    }

    /// The column of a moment in a graph of so many columns.
    fn column(&self, n: usize, width: u16) -> u16 {
        let last = self.moments.len().saturating_sub(1).max(1);
        (n * usize::from(width.saturating_sub(1)) / last) as u16
    }

    /// Draws legend, graph and axes.
    pub fn draw(&self, ink: &mut Ink, area: Rect, marks: Marks, map: &mut FrameMap) {
        if area.height < 5 || area.width < LEAST || self.moments.is_empty() {
            return;
        }
        self.legend(ink, line(area, 0), marks);
        let end = self.end();
        let middle = match self.unit {
            Unit::Count if (end / 2.0).fract() > 0.0 => Shown::default(),
            _ => self.unit.show(end / 2.0),
        };
        let labels = [self.unit.show(end), middle, self.unit.show(0.0)];
        let gutter = labels.iter().map(Shown::width).max().unwrap_or(0) as u16 + 2;
        let graph = Rect {
            x: area.x + gutter + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(gutter + 2),
            height: area.height - 3,
        };
        for (at, label) in [(0, &labels[0]), (graph.height / 2, &labels[1]), (graph.height, &labels[2])] {
            let row = Rect { x: area.x, y: graph.y + at, width: gutter, height: 1 };
            ink.right(Rect { width: gutter - 1, ..row }, &[(label.clone(), Role::Dim)]);
        }
        let upright = Rect { x: area.x + gutter, width: 1, height: graph.height, y: graph.y };
        ink.side(upright);
        let foot = Rect { x: area.x + gutter, y: graph.bottom(), width: graph.width + 1, height: 1 };
        let axis = if marks == Marks::Ascii { "-" } else { "─" };
        let corner = if marks == Marks::Ascii { "+" } else { "└" };
        ink.text(foot, &shown!("{corner}{}", axis.repeat(usize::from(graph.width))), Role::Border);
        self.graph(ink, graph, marks, end);
        self.moments(ink, Rect { y: foot.y + 1, x: graph.x, width: graph.width, height: 1 });
        for n in 0..self.moments.len() {
            let x = graph.x + self.column(n, graph.width);
            map.hit(Rect { x, y: graph.y, width: 1, height: graph.height + 1 }, Hit::Row(n));
        }
        if let Some(at) = self.at.filter(|at| *at < self.moments.len()) {
            let x = graph.x + self.column(at, graph.width);
            let glyph = if marks == Marks::Ascii { "^" } else { "▲" };
            ink.text(Rect { x, width: 1, ..foot }, &Shown::from(glyph), Role::Focus);
        }
    }

    fn legend(&self, ink: &mut Ink, area: Rect, marks: Marks) {
        let mut pieces: Vec<Piece> = Vec::new();
        for (n, series) in self.series.iter().enumerate() {
            let value = self.at.and_then(|at| series.points.get(at).copied());
            let value = value.map(|v| v.map_or(Shown::from(" –"), |v| shown!(" {}", self.unit.show(v))));
            pieces.push((shown!("{} ", mark(n, marks).1), series.role));
            pieces.push((shown!("{}{}   ", series.name, value.unwrap_or_default()), Role::Text));
        }
        if let Some(name) = self.at.and_then(|at| self.moments.get(at)) {
            pieces.insert(0, (shown!("{name}: "), Role::Strong));
        }
        ink.pieces(indent(area, 1), &pieces);
    }

    fn graph(&self, ink: &mut Ink, area: Rect, marks: Marks, end: f64) {
        // A line breaks at each gap: every stretch is a line of its own.
        let mut stretches: Vec<(usize, Vec<(f64, f64)>)> = Vec::new();
        for (n, series) in self.series.iter().enumerate() {
            let mut open = false;
            for (at, point) in series.points.iter().enumerate() {
                let Some(value) = point.filter(|v| v.is_finite()) else {
                    open = false;
                    continue;
                };
                if !std::mem::replace(&mut open, true) {
                    stretches.push((n, Vec::new()));
                }
                if let Some((_, points)) = stretches.last_mut() {
                    points.push((at as f64, value));
                }
            }
        }
        let colour = |n: usize| Style { fg: self.series.get(n).and_then(|s| ink.style(s.role).fg), ..Style::new() };
        let sets = stretches.iter().map(|(n, points)| {
            // One braille dot between two gaps is overlooked.
            let lone = points.len() == 1 && marks != Marks::Ascii;
            let kind = if lone {
                GraphType::Scatter
            } else if *n == 0 || marks == Marks::Ascii {
                GraphType::Line
            } else {
                GraphType::Scatter
            };
            let marker = if lone && *n == 0 { Marker::Custom('●') } else { mark(*n, marks).0 };
            Dataset::default().data(points).marker(marker).graph_type(kind).style(colour(*n))
        });
        let last = self.moments.len().saturating_sub(1).max(1) as f64;
        let chart = Chart::new(sets.collect())
            .style(ink.style(Role::Text))
            .x_axis(Axis::default().bounds([0.0, last]))
            .y_axis(Axis::default().bounds([0.0, end]))
            .legend_position(None);
        chart.render(area.intersection(ink.area()), ink.buffer());
    }

    /// The names of the first and the last moment and of as many between as fit.
    fn moments(&self, ink: &mut Ink, area: Rect) {
        let widest = self.moments.iter().map(Shown::width).max().unwrap_or(0) + 3;
        let most = (usize::from(area.width) / widest.max(1)).clamp(1, 7);
        let steps = (self.moments.len() - 1).div_ceil(most).max(1);
        let last = self.moments.len() - 1;
        let mut free = area.x;
        for n in (0..self.moments.len()).step_by(steps) {
            let name = &self.moments[n];
            let width = name.width() as u16;
            let x = area.x + self.column(n, area.width);
            let x = if n == last { area.right().saturating_sub(width) } else { x };
            if x >= free && x + width <= area.right() {
                ink.text(Rect { x, width, ..area }, name, Role::Dim);
                free = x + width + 1;
            }
        }
    }

    /// The same as a table: a row for each moment.
    pub fn table(&self) -> Table {
        let mut titles = vec!["when"];
        titles.extend(self.series.iter().map(|s| s.name.as_str()));
        let mut table = Table::of(&titles);
        let cell = |v: Option<f64>| v.map_or(Shown::from("–"), |v| self.unit.show(v));
        table.rows = self
            .moments
            .iter()
            .enumerate()
            .map(|(n, name)| {
                let mut row = vec![name.clone()];
                row.extend(self.series.iter().map(|s| cell(s.points.get(n).copied().flatten())));
                row
            })
            .collect();
        table
    }
}
