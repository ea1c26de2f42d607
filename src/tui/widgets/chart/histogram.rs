//! How often each length of time came, with the marks below which half and nearly all of them lie.

use super::{Bar, Bars, Table, Unit, short};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// What lies between two bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// From here.
    pub from: f64,
    /// Below this; `None` has no end.
    pub until: Option<f64>,
    /// How many.
    pub n: u64,
}

/// Bins in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    /// What the bounds are in.
    pub unit: Unit,
    /// The bins.
    pub bins: Vec<Bin>,
    /// Marks: their name and where they lie.
    pub marks: Vec<(&'static str, f64)>,
}

impl Histogram {
    fn label(&self, bin: &Bin) -> Shown {
        match bin.until {
            Some(until) if bin.from <= 0.0 => shown!("below {}", self.unit.show(until)),
            Some(until) => shown!("{} – {}", self.unit.show(bin.from), self.unit.show(until)),
            None => shown!("{} and more", self.unit.show(bin.from)),
        }
    }

    /// The marks that lie in a bin: `◂ p50 4.1 s`.
    fn marks_in(&self, bin: &Bin) -> Shown {
        let inside = |at: f64| at >= bin.from && bin.until.is_none_or(|until| at < until);
        let found = self.marks.iter().filter(|(_, at)| inside(*at));
        let said: Vec<String> = found.map(|(name, at)| format!("{name} {}", self.unit.show(*at))).collect();
        if said.is_empty() { Shown::default() } else { shown!("  ◂ {}", said.join(" · ")) }
    }

    /// The bins from the first to the last that holds anything.
    fn held(&self) -> &[Bin] {
        let first = self.bins.iter().position(|bin| bin.n > 0).unwrap_or(0);
        let last = self.bins.iter().rposition(|bin| bin.n > 0).map_or(first, |last| last + 1);
        &self.bins[first..last]
    }

    /// As bars.
    pub fn bars(&self) -> Bars {
        let row = |bin: &Bin| Bar {
            label: self.label(bin),
            value: Some(bin.n as f64),
            said: vec![(shown!("{:>5}", short(bin.n).as_str()), Role::Text), (self.marks_in(bin), Role::Accent)],
            role: Role::Accent,
        };
        Bars { rows: self.held().iter().map(row).collect(), ..Bars::default() }
    }

    /// The same as a table.
    pub fn table(&self) -> Table {
        let mut table = Table::of(&["between", "how many", "mark"]);
        let mark = |bin: &Bin| shown!("{}", self.marks_in(bin).as_str().trim_start_matches([' ', '◂']));
        table.rows = self.held().iter().map(|bin| vec![self.label(bin), shown!("{}", bin.n), mark(bin)]).collect();
        table
    }
}
