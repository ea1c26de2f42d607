//! How the phones look: the handsets, what the chosen one shows, what is typed on it.
//!
//! ```text
//! ─ Phones ─────────────────
//! ▌+14155550123 Maria Lopez
//!  +14155550111 Sam Ortiz
//! ──────────────────────────
//!  ▏ Your code is 123456
//!    09:00
//!       Hi, can I move my… ▕
//! ─ as Maria Lopez ─────────
//! ```

use ratatui::layout::Rect;

use super::Phones;
use crate::api::simulator::{Medium, PhoneMessage};
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// Handsets in view at most.
const SHOWN: u16 = 6;

/// Draws the phones; the first line of `area` is the rule over them.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let phones = &app.phones;
    let focused = matches!(app.focus, Focus::Phones | Focus::Handset);
    map.hit(area, Hit::Phones);
    let title = [(Shown::from("Phones"), Role::Strong), (Shown::from(" · simulated"), Role::Dim)];
    ink.rule(line(area, 0), focused, &title, &[]);
    if let Some(why) = &phones.error {
        for (n, text) in why.wrap(usize::from(area.width.saturating_sub(3)).max(1)).iter().enumerate() {
            ink.text(indent(line(area, n as u16 + 2), 2), text, Role::Error);
        }
        return;
    }
    let rows = SHOWN.min(phones.handsets.len().max(1) as u16).min(area.height.saturating_sub(5));
    draw_handsets(phones, ink, Rect { y: area.y + 1, height: rows, ..area }, focused, map);
    let rest = Rect { y: area.y + 1 + rows, height: area.height.saturating_sub(1 + rows), ..area };
    ink.rule(line(rest, 0), false, &[], &[]);
    let input = Rect { y: rest.bottom().saturating_sub(2), height: rest.height.min(2), ..rest };
    let screen = Rect { y: rest.y + 1, height: rest.height.saturating_sub(3), ..rest };
    draw_screen(app, ink, screen);
    draw_input(app, ink, input, map);
}

fn label(phones: &Phones, address: &str) -> Vec<Piece> {
    let mut pieces = vec![(Shown::of(address), Role::Text)];
    if let Some(name) = phones.name(address) {
        pieces.push((shown!(" {}", Shown::of(name)), Role::Dim));
    }
    pieces
}

fn draw_handsets(phones: &Phones, ink: &mut Ink, area: Rect, focused: bool, map: &mut FrameMap) {
    if phones.handsets.is_empty() {
        ink.text(indent(line(area, 0), 2), &Shown::from("no phone has been used yet"), Role::Dim);
    }
    let fit = usize::from(area.height);
    let top = list::follow(0, Some(phones.at), fit, phones.handsets.len());
    for (n, address) in phones.handsets.iter().enumerate().skip(top).take(fit) {
        let row = line(area, (n - top) as u16);
        map.hit(row, Hit::Handset(n));
        let chosen = n == phones.at;
        ink.text(row, &Shown::from(if chosen { "▌" } else { " " }), Role::Focus);
        ink.pieces(indent(row, 1), &label(phones, address));
        if chosen && focused {
            ink.wash(indent(row, 1), Role::Selection);
        }
    }
}

fn draw_screen(app: &App, ink: &mut Ink, area: Rect) {
    let Some(view) = &app.phones.view else { return };
    let mut lines: Vec<(bool, Piece)> = Vec::new();
    let cells = usize::from(area.width.saturating_sub(6)).max(1);
    // Newest last; only what fits is laid out, from the bottom up.
    for message in view.messages.iter().rev() {
        if lines.len() >= usize::from(area.height) {
            break;
        }
        let mut block = bubble(app, message, cells);
        block.reverse();
        lines.extend(block);
    }
    lines.truncate(usize::from(area.height));
    lines.reverse();
    for (n, (out, (text, role))) in lines.into_iter().enumerate() {
        let row = line(area, n as u16);
        if out {
            let row = Rect { width: row.width.saturating_sub(1), ..row };
            ink.right(row, &[(text, role)]);
        } else {
            ink.text(indent(row, 1), &text, role);
        }
    }
}

/// A message seen from the handset: what it sent stands at the right.
fn bubble(app: &App, message: &PhoneMessage, cells: usize) -> Vec<(bool, Piece)> {
    let out = message.direction == "out";
    let role = if out { Role::Incoming } else { Role::Outgoing };
    let mut text: Vec<Shown> = Vec::new();
    if !message.body.is_empty() || message.media.is_empty() {
        text.extend(Shown::lines(&message.body).iter().flat_map(|l| l.wrap(cells)));
    }
    text.extend(message.media.iter().map(|m| shown!("▣ {}", Shown::of(&m.content_type)).cut(cells)));
    let widest = text.iter().map(Shown::width).max().unwrap_or(0);
    let mut lines: Vec<(bool, Piece)> = text
        .into_iter()
        .map(|t| {
            let pad = " ".repeat(widest - t.width());
            let line = if out { shown!("{t}{pad} ▕") } else { shown!("▏ {t}") };
            (out, (line, role))
        })
        .collect();
    let way = match message.medium {
        Medium::Text => "",
        Medium::Call => "call · ",
        Medium::Email => "email · ",
    };
    let from = if out { Shown::default() } else { shown!("{way}{} · ", Shown::of(&message.from)) };
    let meta = shown!("{}{}", from, app.clock.brief(message.at.0));
    lines.push((out, (if out { shown!("{meta}  ") } else { shown!("  {meta}") }, Role::Dim)));
    lines
}

fn draw_input(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let phones = &app.phones;
    let focused = app.focus == Focus::Handset;
    let who = phones.current().map(|a| phones.name(a).unwrap_or(a).to_owned()).unwrap_or_default();
    let title = [(shown!("as {}", Shown::of(&who)), if focused { Role::Strong } else { Role::Dim })];
    ink.rule(line(area, 0), focused, &title, &[]);
    let row = indent(line(area, 1), 1);
    map.hit(area, Hit::Typing);
    if phones.typing.is_empty() {
        let hint = if focused { Shown::from("a text to the business…") } else { app.hint_for_phone() };
        ink.text(row, &hint.cut(usize::from(row.width)), Role::Dim);
    }
    let cursor = phones.typing.draw(ink, row, Role::Text);
    if focused {
        map.cursor = cursor;
    }
}
