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
        role: if line.is_explained() { Role::Accent } else { Role::Warn },
    };
    let bars = Bars { rows: answer.totals.iter().map(bar).collect(), ..Bars::default() };
    let mut twin = Table::of(&["what", "Twilio", "here", "difference"]);
    let row = |line: &Line| {
        let here = line.ours.as_ref().map_or_else(|| Shown::from("–"), |ours| side(Some(ours)));
        let name = Shown::from(line.subject.name());
        vec![name, side(line.twilio.as_ref()), here, Shown::from(line.more())]
    };
    twin.rows = answer.totals.iter().map(row).collect();
    View::still(Chart::Bars(bars, twin))
}

/// `3 $0.0249 · here 1 $0.0083 · +2 +$0.0166`.
fn said(line: &Line) -> Vec<Piece> {
    let mut said = vec![(side(line.twilio.as_ref()), Role::Strong)];
    if line.ours.is_some() {
        said.push((shown!(" · here {}", side(line.ours.as_ref())), Role::Text));
    }
    let more = line.more();
    if !more.is_empty() {
        said.push((shown!(" · {more}"), if line.is_explained() { Role::Text } else { Role::Warn }));
    }
    said
}

fn side(side: Option<&Side>) -> Shown {
    side.map_or_else(|| Shown::from("not asked"), |side| shown!("{side}"))
}

/// How many agree, and when Twilio was asked.
pub fn headline(answer: &UsageAnalytics, clock: &Clock) -> [Vec<Piece>; 2] {
    let open = answer.totals.iter().filter(|line| !line.is_explained()).count();
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
