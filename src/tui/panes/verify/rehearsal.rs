//! A rehearsal: what it asks for, and how its answer looks as a page.
//!
//! ```text
//! 60 of 200 codes in 60 s go out: our own limit bites first, after 18.0 s
//! █ 60 go out · ▒ 140 held here · ░ 0 refused by Twilio · $0.4980
//!
//!    0-5 s   ████████████████████████  17
//!  15-20 s   ██████████████▒▒▒▒▒▒▒▒▒▒  10 · 6 held
//!
//! after 18.0 s  own limit, 60 a minute · 140 times
//!   Northwind Bank sends 60 codes a minute at most, by its own limit ...
//! ```

use crate::api::verify::{BiteView, Rehearsal, RehearseVerifications, Stretch, Whose};
use crate::tui::ink::Piece;
use crate::tui::overlay::page::WIDTH;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::Marks;
use crate::tui::widgets::form::{Entry, Kind, Value};

/// Bars at most: with what is said above them they are in view on a screen of 24 lines.
const BARS: usize = 12;
/// Cells of the longest bar.
const CELLS: usize = 30;

/// The form of a rehearsal: its title, a sentence, its fields.
pub fn parts() -> (Shown, Shown, Vec<Entry>) {
    let number = |most, optional| Kind::Number { min: 1, max: most, optional };
    (
        "Rehearse a burst".into(),
        "Where would limits bite? Nothing is sent and nothing is kept. People: empty, each code goes to another one."
            .into(),
        vec![
            Entry::proposing("sends", number(2000, false), "200"),
            Entry::proposing("seconds", number(600, false), "60"),
            Entry::new("people", number(2000, true), ""),
        ],
    )
}

/// What is asked for when the form is filled in.
pub fn asked(as_tested: &RehearseVerifications, values: [Option<Value>; 3]) -> RehearseVerifications {
    let [sends, seconds, recipients] = values.map(|value| match value {
        Some(Value::Number(n)) => n.and_then(|n| u32::try_from(n).ok()),
        _ => None,
    });
    RehearseVerifications { sends, seconds, recipients, ..as_tested.clone() }
}

/// The marks of what goes out, is held here, is refused by Twilio: told apart without colours.
fn marks(marks: Marks) -> [(&'static str, Role); 3] {
    let [out, held, refused] = if marks == Marks::Ascii { ["#", "=", "x"] } else { ["█", "▒", "░"] };
    [(out, Role::Ok), (held, Role::Warn), (refused, Role::Error)]
}

/// The page of a rehearsal.
pub fn lines(rehearsal: &Rehearsal, with: Marks) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let text = |lines: &mut Vec<Vec<Piece>>, text: &str, by: usize, role: Role| {
        let inner = WIDTH - by;
        lines.extend(
            Shown::of(text).wrap(inner).into_iter().map(|part| vec![(shown!("{}{part}", " ".repeat(by)), role)]),
        );
    };
    text(&mut lines, &rehearsal.verdict, 0, Role::Strong);
    let [out, held, refused] = marks(with);
    let mut sum = vec![
        (shown!("{} {} go out", out.0, rehearsal.accepted), out.1),
        (shown!(" · {} {} held here", held.0, rehearsal.held), held.1),
        (shown!(" · {} {} refused by Twilio", refused.0, rehearsal.refused), refused.1),
    ];
    sum.extend(rehearsal.cost.as_ref().map(|cost| (shown!(" · {}", cost.fine()), Role::Accent)));
    lines.push(sum);
    lines.push(Vec::new());
    let stretches = rehearsal.stretches(BARS);
    let full = stretches.iter().map(Stretch::sends).max().unwrap_or(0);
    lines.extend(stretches.iter().map(|stretch| bar(stretch, full, with)));
    for bite in &rehearsal.bites {
        lines.push(Vec::new());
        lines.push(vec![(head(bite), if bite.whose == Whose::Ours { Role::Warn } else { Role::Error })]);
        text(&mut lines, &bite.detail, 2, Role::Text);
        text(&mut lines, &bite.remedy, 2, Role::Text);
    }
    if let Some(fee) = &rehearsal.success_fee {
        lines.push(Vec::new());
        text(&mut lines, &format!("Each right code adds {}.", fee.fine()), 0, Role::Dim);
    }
    for note in &rehearsal.notes {
        text(&mut lines, note, 0, Role::Dim);
    }
    lines
}

/// `after 18.0 s  own limit, 60 a minute · 140 times · again in 42 s`.
fn head(bite: &BiteView) -> Shown {
    let code = bite.code.map(|code| format!("{code} ")).unwrap_or_default();
    let again = bite.retry_after.map(|wait| format!(" · again in {wait} s")).unwrap_or_default();
    let (at, name) = (bite.at_ms as f64 / 1000.0, Shown::of(&bite.name));
    shown!("after {at:.1} s  {code}{name} · {} times{again}", bite.times)
}

fn bar(stretch: &Stretch, full: u32, with: Marks) -> Vec<Piece> {
    let parts = stretch.cells(full, CELLS);
    let mut pieces = vec![(shown!("{:>8} s  ", format!("{}-{}", stretch.from, stretch.until)), Role::Dim)];
    for ((mark, role), cells) in marks(with).into_iter().zip(parts) {
        pieces.push((shown!("{}", mark.repeat(cells)), role));
    }
    let used: usize = parts.iter().sum();
    pieces.push((shown!("{}  {}", " ".repeat(CELLS.saturating_sub(used)), stretch.count.accepted), Role::Text));
    let more = [(stretch.count.held, "held"), (stretch.count.refused, "refused")];
    let said = more.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| (shown!(" · {n} {word}"), Role::Text));
    pieces.extend(said);
    pieces
}
