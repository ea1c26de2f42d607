//! What Twilio's usage records say beside what is counted here, and why they differ.

use super::Analytics;
use super::view::{Chart, View};
use crate::api::analytics::{Line, Side, UsageAnalytics, Why};
use crate::tui::app::App;
use crate::tui::clock::Clock;
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{Bar, Bars, Table};

/// A bar for each thing that is compared: what Twilio bills for it.
pub fn view(answer: &UsageAnalytics) -> View {
    let bar = |line: &Line| Bar {
        label: Shown::from(line.subject.name()),
        value: line.twilio.as_ref().and_then(|side| side.amounts.first()).and_then(|m| f64::try_from(m.amount).ok()),
        said: said(line),
        role: if is_explained(line) { Role::Accent } else { Role::Warn },
    };
    let bars = Bars { rows: answer.totals.iter().map(bar).collect(), ..Bars::default() };
    let mut twin = Table::of(&["what", "Twilio", "here", "difference"]);
    let row = |line: &Line| {
        let here = line.ours.as_ref().map_or_else(|| Shown::from("–"), |ours| side(Some(ours)));
        let name = Shown::from(line.subject.name());
        vec![name, side(line.twilio.as_ref()), here, Shown::from(differences(line).join(" "))]
    };
    twin.rows = answer.totals.iter().map(row).collect();
    View::still(Chart::Bars(bars, twin))
}

fn is_explained(line: &Line) -> bool {
    line.reasons.iter().all(|reason| reason.why != Why::NotExplained)
}

/// `3 $0.0249 · here 1 $0.0083 · +2 +$0.0166`.
fn said(line: &Line) -> Vec<Piece> {
    let mut said = vec![(side(line.twilio.as_ref()), Role::Strong)];
    if line.ours.is_some() {
        said.push((shown!(" · here {}", side(line.ours.as_ref())), Role::Text));
    }
    let parts = differences(line);
    if !parts.is_empty() {
        let role = if is_explained(line) { Role::Text } else { Role::Warn };
        said.push((shown!(" · {}", parts.join(" ")), role));
    }
    said
}

/// By how much they differ, in counts and in money.
fn differences(line: &Line) -> Vec<String> {
    let mut parts: Vec<String> = line.difference.filter(|n| *n != 0).map(|n| format!("{n:+}")).into_iter().collect();
    parts.extend(line.price_differences.iter().filter(|d| !d.amount.is_zero()).map(|d| d.signed()));
    parts
}

/// A count with its amounts; what has no price is told, never a zero.
fn side(side: Option<&Side>) -> Shown {
    let Some(side) = side else { return Shown::from("not asked") };
    let mut parts: Vec<String> = side.count.map(|n| n.to_string()).into_iter().collect();
    parts.extend(side.amounts.iter().map(|money| money.fine()));
    if side.pending > 0 {
        parts.push(format!("({} pending)", side.pending));
    }
    if parts.is_empty() { Shown::from("nothing") } else { shown!("{}", parts.join(" ")) }
}

/// How many agree, and when Twilio was asked.
pub fn headline(answer: &UsageAnalytics, clock: &Clock) -> [Vec<Piece>; 2] {
    let open = answer.totals.iter().filter(|line| !is_explained(line)).count();
    let differ = answer.totals.iter().filter(|line| line.difference.is_some_and(|n| n != 0)).count();
    let counts = shown!("{} lines · {differ} differ in their counts", answer.totals.len());
    let first = match open {
        0 => vec![(counts, Role::Strong), (Shown::from(" · all explained"), Role::Ok)],
        n => vec![(counts, Role::Strong), (shown!(" · {n} not explained"), Role::Warn)],
    };
    let asked = match answer.asked_at {
        Some(at) => shown!("Twilio was asked {} {}", clock.day(at.0), clock.minute(at.0)),
        None => Shown::from("Twilio has not been asked yet: it is, once a day"),
    };
    let second = match &answer.trouble {
        Some(why) => vec![(asked, Role::Dim), (shown!(" · {}", Shown::of(why)), Role::Error)],
        None => vec![(asked, Role::Dim)],
    };
    [first, second]
}

/// Why the line under the cursor differs, and what has to be known to read all of them.
pub fn lines(app: &App, analytics: &Analytics, answer: &UsageAnalytics) -> Vec<Vec<Piece>> {
    let at = analytics.spot().at.unwrap_or(0).min(answer.totals.len().saturating_sub(1));
    let mut lines = Vec::new();
    if let Some(line) = answer.totals.get(at) {
        let name = line.subject.name();
        if line.reasons.is_empty() {
            lines.push(vec![(shown!("✓ {name}: both say the same"), Role::Ok)]);
        }
        for reason in &line.reasons {
            let role = if reason.why == Why::NotExplained { Role::Warn } else { Role::Text };
            lines.push(vec![(shown!("{name}: {}", Shown::of(&reason.text)), role)]);
        }
    }
    lines.extend(answer.notes.iter().map(|note| vec![(Shown::of(note), Role::Dim)]));
    if let Some(key) = app.key_of(crate::tui::action::Action::Open) {
        lines.push(vec![(shown!("{key} asks Twilio anew"), Role::Dim)]);
    }
    lines
}
