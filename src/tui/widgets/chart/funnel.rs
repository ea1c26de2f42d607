//! A funnel: how many are left at each stage, as a part of the first.

use super::{Bar, Bars, Table, Unit, short};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name.
    pub name: Shown,
    /// How many reached it.
    pub n: u64,
    /// Whether these left the funnel here: they are told beside it and no loss from the stage before.
    pub is_aside: bool,
}

/// Stages in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Funnel {
    /// The stages.
    pub stages: Vec<Stage>,
}

impl Funnel {
    fn part(&self, n: u64) -> Option<f64> {
        let first = self.stages.first()?.n;
        (first > 0).then(|| n as f64 * 100.0 / first as f64)
    }

    /// How many fewer than at the last stage that is not aside.
    fn lost(&self, at: usize) -> u64 {
        let stage = &self.stages[at];
        let before = self.stages[..at].iter().rev().find(|s| !s.is_aside);
        before.filter(|_| !stage.is_aside).map_or(0, |before| before.n.saturating_sub(stage.n))
    }

    /// As bars: `approved  ████████▍··  165  82.5 %  -20`.
    pub fn bars(&self) -> Bars {
        let rows = self.stages.iter().enumerate().map(|(at, stage)| {
            let part = self.part(stage.n);
            let mut said = vec![
                (shown!("{:>5}", short(stage.n).as_str()), Role::Strong),
                (shown!("  {:>7}", part.map(|p| Unit::Percent.show(p)).unwrap_or_default().as_str()), Role::Text),
            ];
            if self.lost(at) > 0 {
                said.push((shown!("  −{}", short(self.lost(at))), Role::Dim));
            }
            let role = if stage.is_aside { Role::Warn } else { Role::Accent };
            Bar { label: stage.name.clone(), value: part, said, role }
        });
        Bars { rows: rows.collect(), end: Some(100.0), ..Bars::default() }
    }

    /// The same as a table.
    pub fn table(&self) -> Table {
        let mut table = Table::of(&["stage", "reached", "of the first", "lost since the stage before"]);
        let row = |(at, stage): (usize, &Stage)| {
            let part = self.part(stage.n).map(|p| Unit::Percent.show(p)).unwrap_or_default();
            vec![stage.name.clone(), shown!("{}", stage.n), part, shown!("{}", self.lost(at))]
        };
        table.rows = self.stages.iter().enumerate().map(row).collect();
        table
    }
}
