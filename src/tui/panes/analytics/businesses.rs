//! All businesses, those that need a look first.

use super::overview::{conversion, number};
use super::twin;
use super::view::{Chart, Target, View};
use crate::api::analytics::{BusinessHealth, Health, Overview};
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{Bar, Bars, short};

/// How a health is told: a glyph, a word, a look.
fn told(health: Health) -> (&'static str, &'static str, Role) {
    match health {
        Health::Bad => ("✗", "bad", Role::Error),
        Health::Watch => ("!", "watch", Role::Warn),
        Health::Good => ("✓", "good", Role::Ok),
        Health::Idle => ("·", "idle", Role::Dim),
    }
}

/// A bar for each business.
pub fn view(answer: &Overview) -> View {
    let bar = |row: &BusinessHealth| {
        let (glyph, word, role) = told(row.health);
        let mut said: Vec<Piece> = vec![(shown!("{word:<5}"), role)];
        said.extend(conversion(&row.funnel));
        if row.waiting_now > 0 {
            said.push((shown!(" · {} wait", row.waiting_now), Role::Warn));
        }
        let texts = row.messages.incoming + row.messages.outgoing;
        if texts > 0 {
            said.push((shown!(" · {} texts", short(texts)), Role::Text));
        }
        let name = shown!("{glyph} {}", Shown::of(&row.name));
        Bar { label: name, value: row.funnel.approved_of_all.map(number), said, role }
    };
    let rows = answer.businesses.iter().map(bar).collect();
    let bars = Bars { rows, end: Some(100.0), ..Bars::default() };
    let target = |row: &BusinessHealth| (!row.deleted).then_some(Target::Business(row.business));
    let targets = answer.businesses.iter().map(target).collect();
    let twin = twin::businesses(&answer.businesses, |row| Shown::from(told(row.health).1));
    View { chart: Chart::Bars(bars, twin), targets }
}

/// How many there are of each health.
pub fn headline(answer: &Overview) -> [Vec<Piece>; 2] {
    let all = [Health::Bad, Health::Watch, Health::Good, Health::Idle];
    let mut second: Vec<Piece> = Vec::new();
    for health in all {
        let n = answer.businesses.iter().filter(|row| row.health == health).count();
        let (glyph, word, role) = told(health);
        second.push((shown!("{glyph} {n} {word}  "), if n > 0 { role } else { Role::Dim }));
    }
    let n = answer.businesses.len();
    let word = if n == 1 { "business" } else { "businesses" };
    [vec![(shown!("{n} {word}"), Role::Strong)], second]
}

/// Why the business under the cursor needs a look.
pub fn why(answer: &Overview, at: usize) -> Vec<Vec<Piece>> {
    let Some(row) = answer.businesses.get(at) else { return Vec::new() };
    let (_, _, role) = told(row.health);
    if row.why.is_empty() {
        return vec![vec![(shown!("{}: nothing to say", Shown::of(&row.name)), Role::Dim)]];
    }
    row.why.iter().map(|why| vec![(shown!("! {}", Shown::of(why)), role)]).collect()
}
