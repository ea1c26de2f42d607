//! Why a webhook was refused: each URL that was tried, the string that is signed, what was expected and
//! what came, the header that explains it, and what to change.

use super::reason;
use crate::api::deadletters::{DeadLetterExplained, SignatureTrial};
use crate::tui::ink::Piece;
use crate::tui::overlay::page::WIDTH;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Characters of a signed string that are shown; a body may be long.
const SIGNED: usize = 1200;

/// The page's lines. `replay` is the key that takes the webhook in.
pub fn page(explained: &DeadLetterExplained, replay: &str) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    say(&mut lines, Shown::from(reason(explained.reason)), Role::Strong);
    say(&mut lines, Shown::of(&explained.found), Role::Error);
    say(&mut lines, Shown::of(&explained.fix), Role::Text);
    let next = match explained.replayable {
        true => shown!("✓ It would be taken now: {replay} in the list replays it."),
        false => Shown::from("✗ It would be refused again as things are."),
    };
    say(&mut lines, next, if explained.replayable { Role::Ok } else { Role::Warn });
    lines.push(Vec::new());
    let received = explained.received.as_deref().map_or(Shown::from("none came"), Shown::of);
    pair(&mut lines, "received", &received);
    if let Some(peer) = &explained.peer {
        pair(&mut lines, "peer", &Shown::of(peer));
    }
    for header in &explained.headers {
        pair(&mut lines, "header", &Shown::of(header));
    }
    for (n, trial) in explained.trials.iter().enumerate() {
        lines.push(Vec::new());
        tried(&mut lines, n + 1, trial);
    }
    lines
}

fn tried(lines: &mut Vec<Vec<Piece>>, n: usize, trial: &SignatureTrial) {
    let (mark, role) = match (trial.fits, trial.used) {
        (true, true) => ("✓ fits, and is tried here", Role::Ok),
        (true, false) => ("! fits, but is not tried here", Role::Warn),
        (false, true) => ("✗ does not fit", Role::Text),
        (false, false) => ("✗ does not fit, nor is it tried here", Role::Dim),
    };
    say(lines, shown!("URL {n}: {}", Shown::of(&trial.url)), Role::Accent);
    say(lines, shown!("  {mark}"), role);
    pair(lines, "from", &Shown::of(&trial.source));
    for expected in &trial.expected {
        pair(lines, "expected", &Shown::of(expected));
    }
    let mut signed: String = trial.signed.chars().take(SIGNED).collect();
    if signed.len() < trial.signed.len() {
        signed.push('…');
    }
    pair(lines, "signed", &Shown::of(&signed));
}

fn say(lines: &mut Vec<Vec<Piece>>, text: Shown, role: Role) {
    if !text.is_empty() {
        lines.extend(text.wrap(WIDTH).into_iter().map(|part| vec![(part, role)]));
    }
}

fn pair(lines: &mut Vec<Vec<Piece>>, name: &str, value: &Shown) {
    for (n, part) in value.wrap(WIDTH - 12).into_iter().enumerate() {
        let label = if n == 0 { shown!("  {name:<10}") } else { shown!("{:12}", "") };
        lines.push(vec![(label, Role::Dim), (part, Role::Text)]);
    }
}
