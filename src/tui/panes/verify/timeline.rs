//! The timeline of a flow: one line for each thing that happened, to the millisecond, with its money.

use super::outcome::blocked;
use crate::api::verify::TimelineLine;
use crate::tui::app::App;
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// From this width on SIDs stand there whole.
const WHOLE: u16 = 96;

/// A line: what stands at the left and what at the right.
pub fn pieces(app: &App, line: &TimelineLine, width: u16) -> (Vec<Piece>, Option<Piece>) {
    let (word, role) = word(&line.what);
    let sid = line.sid.map(|sid| {
        let sid = shown!("{sid}");
        if width >= WHOLE { sid } else { sid.cut(12) }
    });
    let mut left = vec![(shown!("{} ", app.clock.milli(line.at.0)), Role::Dim)];
    match (line.what.as_str(), line.error) {
        ("blocked", Some(code)) => left.push((shown!("✗ {}", blocked(code, line.saved.as_ref())), role)),
        // It says itself how long it took, or what was wrong.
        ("approved" | "rightCode" | "wrongCode" | "checkRefused" | "checkUnknown" | "maxAttempts", _) => {
            let mark = word.chars().next().filter(|c| !c.is_alphabetic());
            let mark = mark.map(|c| shown!("{c} ")).unwrap_or_default();
            left.push((shown!("{mark}{}", Shown::of(&line.text)), role));
        }
        ("created", _) => {
            left.push((shown!("{word} "), role));
            left.extend(sid.map(|sid| (shown!("{sid} "), Role::Text)));
            left.push((shown!("· {}", Shown::of(&line.text)), Role::Dim));
        }
        _ => {
            left.push((shown!("{word} "), role));
            left.extend(sid.map(|sid| (shown!("{sid} "), Role::Dim)));
            if line.text != word.trim_start_matches(|c: char| !c.is_alphabetic()) {
                left.push((shown!("· {}", Shown::of(&line.text)), Role::Dim));
            }
        }
    }
    let right = line.money.as_ref().map(|money| {
        let about = if line.is_estimate { "~" } else { "" };
        (shown!("{about}{}", money.fine()), Role::Text)
    });
    (left, right)
}

/// What happened, in a word, and how it looks.
fn word(what: &str) -> (&'static str, Role) {
    match what {
        "created" => ("created", Role::Strong),
        "queued" => ("queued", Role::Text),
        "sent" => ("sent", Role::Text),
        "ringing" => ("ringing", Role::Text),
        "inProgress" => ("in progress", Role::Text),
        "delivered" => ("✓ delivered", Role::Ok),
        "completed" => ("✓ completed", Role::Ok),
        "undelivered" => ("✗ undelivered", Role::Error),
        "failed" => ("✗ failed", Role::Error),
        "busy" => ("✗ busy", Role::Error),
        "noAnswer" => ("✗ no answer", Role::Error),
        "blocked" => ("✗ blocked", Role::Error),
        "refused" => ("✗ refused", Role::Error),
        "approved" | "rightCode" => ("✓ approved", Role::Ok),
        "wrongCode" => ("✗ wrong code", Role::Warn),
        "canceled" => ("canceled", Role::Warn),
        "expired" => ("✗ expired", Role::Error),
        "maxAttempts" | "checkRefused" => ("✗ refused", Role::Error),
        _ => ("unknown", Role::Warn),
    }
}
