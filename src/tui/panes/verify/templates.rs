//! The templates: where each stands with Twilio, how it is used, and what became of it.

use crate::api::verify::{TemplateList, TemplateUse, TemplateView};
use crate::tui::clock::Clock;
use crate::tui::ink::Piece;
use crate::tui::overlay::page::WIDTH;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The lines of a page on them.
pub fn lines(list: &TemplateList, clock: &Clock) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    if let Some(since) = list.since {
        let since = shown!("Counted since {} {}.", clock.full_day(since.0), clock.minute(since.0));
        lines.push(vec![(since, Role::Dim)]);
    }
    if list.items.is_empty() {
        say(&mut lines, 0, &Shown::from("Twilio has no templates for this account."), Role::Text);
    }
    for template in &list.items {
        lines.push(Vec::new());
        one(&mut lines, template, clock);
    }
    lines
}

fn one(lines: &mut Vec<Vec<Piece>>, template: &TemplateView, clock: &Clock) {
    lines.push(vec![(shown!("{} ", Shown::of(&template.name).cut(40)), Role::Strong), standing(&template.status)]);
    say(lines, 2, &shown!("{} · {}", template.sid, Shown::of(&template.channels.join(", "))), Role::Dim);
    if let Some(used) = &template.used {
        say(lines, 2, &told(used, clock), Role::Text);
    }
    if let Some(used) = &template.used_by_all {
        say(lines, 2, &shown!("all businesses: {}", told(used, clock)), Role::Text);
    }
    for text in &template.translations {
        let default = if text.is_default { ", when no language is asked for" } else { "" };
        let (status, _) = standing(&text.status);
        let words = shown!("{}{default} ({status}): {}", Shown::of(&text.locale), Shown::of(&text.text));
        say(lines, 4, &words, Role::Dim);
    }
}

/// Where it stands with Twilio, by a word and a sign.
fn standing(status: &str) -> Piece {
    match status {
        "approved" => (Shown::from("✓ approved"), Role::Ok),
        "rejected" => (Shown::from("✗ rejected"), Role::Error),
        other => (shown!("◌ {}", Shown::of(other)), Role::Warn),
    }
}

fn told(used: &TemplateUse, clock: &Clock) -> Shown {
    let last = match used.last_used {
        Some(at) => shown!("last used {} {}", clock.full_day(at.0), clock.minute(at.0)),
        None => Shown::from("never used"),
    };
    let sends = if used.sends == 1 { "1 send".to_owned() } else { format!("{} sends", used.sends) };
    let conversion = match used.conversion {
        Some(rate) => shown!(", {rate} of those not blocked"),
        None => Shown::default(),
    };
    shown!("{last} · {sends} · {} of {} approved{conversion}", used.approved, used.verifications)
}

fn say(lines: &mut Vec<Vec<Piece>>, indent: usize, text: &Shown, role: Role) {
    for part in text.wrap(WIDTH - indent) {
        lines.push(vec![(Shown::from(" ".repeat(indent)), Role::Dim), (part, role)]);
    }
}
