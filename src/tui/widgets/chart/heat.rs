//! The hours of a week: seven rows of twenty-four cells, the busier the darker.
//!
//! ```text
//!      0        6        12       18
//! Mon  ·  ·  ░░ ▒▒ ▓▓ ██
//! ```

use ratatui::layout::Rect;

use super::{Marks, Table, short};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The days, Monday first.
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HOURS: usize = 24;
/// Cells of a day's name.
const NAME: u16 = 5;
/// Columns from which each hour has a cell of its own.
const WIDE: u16 = NAME + 24 * 3;

/// A number for each hour of the week, Monday 0:00 first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heat {
    /// 168 numbers; what is missing was not counted.
    pub hours: Vec<Option<u64>>,
    /// The hour under the cursor.
    pub at: Option<usize>,
    /// Whether the numbers themselves stand in the cells.
    pub numbers: bool,
}

impl Heat {
    /// How many lines it takes.
    pub const HEIGHT: u16 = 9;

    fn hour(&self, day: usize, hour: usize) -> Option<u64> {
        self.hours.get(day * HOURS + hour).copied().flatten()
    }

    /// Draws it. On a narrow screen a cell stands for two hours.
    pub fn draw(&self, ink: &mut Ink, area: Rect, marks: Marks, map: &mut FrameMap) {
        let each = if area.width >= WIDE { 1 } else { 2 };
        let wide = if each == 1 { 3 } else { 4 };
        let sum =
            |day: usize, hour: usize| (hour..hour + each).filter_map(|h| self.hour(day, h)).reduce(u64::saturating_add);
        let starts = || (0..HOURS).step_by(each);
        let most = (0..7).flat_map(|day| starts().filter_map(move |h| sum(day, h))).max().unwrap_or(0);
        for hour in starts().step_by(6 / each) {
            let x = NAME + (hour / each * wide) as u16;
            ink.text(indent(line(area, 0), x), &shown!("{hour}"), Role::Dim);
        }
        for (day, name) in DAYS.iter().enumerate() {
            let row = line(area, day as u16 + 1);
            ink.text(indent(row, 1), &Shown::from(*name), Role::Dim);
            for hour in starts() {
                let x = NAME + (hour / each * wide) as u16;
                let cell = Rect { width: wide as u16, ..indent(row, x) };
                let cell = cell.intersection(row);
                map.hit(cell, Hit::Row(day * HOURS + hour));
                let text = self.cell(sum(day, hour), most, wide - 1, marks);
                ink.text(cell, &text, Role::Accent);
                if self.at.is_some_and(|at| (day * HOURS + hour..day * HOURS + hour + each).contains(&at)) {
                    let under = Rect { width: wide as u16 - 1, ..cell };
                    ink.text(indent(row, x - 1), &Shown::from("▌"), Role::Focus);
                    ink.wash(under, Role::Selection);
                }
            }
        }
        let scale = self.scale(most, marks, each);
        ink.text(indent(line(area, 8), 1), &scale, Role::Dim);
    }

    fn cell(&self, n: Option<u64>, most: u64, cells: usize, marks: Marks) -> Shown {
        match n {
            None => Shown::default(),
            Some(n) if self.numbers => {
                let text = short(n);
                // A number that does not fit is no number: its table twin has it.
                if text.width() <= cells {
                    shown!("{:>cells$}", text.as_str())
                } else {
                    shown!("{}", "^".repeat(cells))
                }
            }
            Some(n) => shown!("{}", shade(n, most, marks).to_string().repeat(cells)),
        }
    }

    fn scale(&self, most: u64, marks: Marks, each: usize) -> Shown {
        let per = if each == 1 { "an hour" } else { "two hours" };
        if self.numbers {
            return shown!("messages in {per}; ^^ does not fit");
        }
        let steps: Vec<String> = (1..=4)
            .map(|step| {
                format!("{} up to {}", shade((most * step).div_ceil(4), most, marks), (most * step).div_ceil(4))
            })
            .collect();
        if most == 0 { shown!("nothing in any hour") } else { shown!("{} in {per}", steps.join("  ")) }
    }

    /// The same as a table: a row for each hour that has anything.
    pub fn table(&self) -> Table {
        let mut titles = vec!["hour"];
        titles.extend(DAYS);
        let mut table = Table::of(&titles);
        let cell = |n: Option<u64>| n.map(|n| shown!("{n}")).unwrap_or_default();
        table.rows = (0..HOURS)
            .map(|hour| {
                let mut row = vec![shown!("{hour:>2}:00")];
                row.extend((0..7).map(|day| cell(self.hour(day, hour))));
                row
            })
            .collect();
        table
    }

    /// The hours that have anything, the busiest first.
    pub fn busiest(&self) -> Vec<(Shown, u64)> {
        let held = self.hours.iter().take(7 * HOURS).enumerate().filter_map(|(at, n)| Some((at, (*n)?)));
        let mut held: Vec<(usize, u64)> = held.filter(|(_, n)| *n > 0).collect();
        held.sort_by_key(|(at, n)| (std::cmp::Reverse(*n), *at));
        held.into_iter().map(|(at, n)| (Heat::name(at), n)).collect()
    }

    /// An hour of the week in words: `Mon 9:00`.
    pub fn name(at: usize) -> Shown {
        shown!("{} {}:00", DAYS[at / HOURS % 7], at % HOURS)
    }
}

/// How dark a number is: nothing, then four shades.
fn shade(n: u64, most: u64, marks: Marks) -> char {
    let ramp = if marks == Marks::Ascii { ['.', '-', '+', '*', '#'] } else { ['·', '░', '▒', '▓', '█'] };
    let step = (u128::from(n) * 4).div_ceil(u128::from(most.max(1)));
    ramp[usize::try_from(step).unwrap_or(4).min(4)]
}
