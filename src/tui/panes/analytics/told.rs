//! The dashboard in sentences, for whoever hears it instead of seeing it.

use super::draw::{head, more};
use super::view::{error, view};
use super::void::{is_void, nothing};
use super::{Chart, Part, figures};
use crate::tui::app::{App, Focus};
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};

/// What stands in the dashboard, one thing a line: the chart as its table.
pub fn told(app: &App) -> Vec<Shown> {
    let analytics = &app.rooms.analytics;
    if let (Focus::Figures, Some(behind)) = (app.focus, &analytics.figures) {
        let count = behind.count.map_or(Shown::default(), |n| shown!(", {n}"));
        let mut lines = vec![shown!("{}{count}.", behind.title)];
        lines.extend(behind.rows.iter().map(|row| sentence(&figures::pieces(app, row, 0))));
        return lines;
    }
    let mut lines = vec![shown!("Dashboard, {}.", analytics.part.name())];
    lines.extend(head(app, usize::MAX).iter().map(|pieces| sentence(pieces)));
    let shown = view(app);
    if shown.as_ref().is_some_and(|view| view.chart.is_empty()) || is_void(analytics) {
        lines.push(nothing(app));
        return lines;
    }
    if let Some(view) = shown {
        lines.push(shown!("{}:", analytics.pivot().title()));
        let table = view.chart.table();
        match &view.chart {
            // Hours in which nobody wrote are not read out.
            Chart::Heat(heat) => lines.extend(heat.busiest().into_iter().map(|(hour, n)| shown!("{hour}: {n}."))),
            _ => lines.extend(table.sentences()),
        }
    } else if let Some(why) = error(analytics) {
        lines.push(why.clone());
    }
    if analytics.part != Part::Businesses {
        lines.extend(more(app).iter().map(|pieces| sentence(pieces)));
    }
    lines
}

fn sentence(pieces: &[Piece]) -> Shown {
    let text: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
    shown!("{}", text.split_whitespace().collect::<Vec<_>>().join(" "))
}
