//! How a conversation looks:
//!
//! ```text
//! ━ Maria Lopez  +14155550123 · assigned to agent1 (you) ━━━━━━━━━━━━━━━━━
//! ────────────────────────── Mon 2 Mar ───────────────────────────
//!  ▏ Hi, can I move my cleaning to Friday?
//!    09:00
//!                              Hi Maria, Friday 10:30 is open. ▕
//!                                     agent1 (you) · 09:01 ✓✓
//! ─ Write ─────────────────────────────────────── 48/GSM-7 · 1 seg ─
//! ```

use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::banner::{banner, refusal};
use super::scroll::Spot;
use super::{Scene, Thread};
use crate::domain::conversation::Status;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Viewed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::meter::{is_culprit, meter};
use crate::tui::panes::inbox::who;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Draws the open conversation; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let focused = matches!(app.focus, Focus::Thread | Focus::Composer);
    let Some(thread) = &app.thread else {
        ink.rule(line(area, 0), false, &[], &[]);
        let hint = app.hint_for_open();
        ink.text(indent(line(area, 2), 2), &hint, Role::Dim);
        return;
    };
    ink.rule(line(area, 0), focused, &title(app, thread, usize::from(area.width)), &[]);
    let mut rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if let Some((text, role)) = banner(&thread.conversation, &app.clock) {
        ink.text(indent(line(rest, 0), 1), &text.cut(usize::from(rest.width.saturating_sub(2))), role);
        rest = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
    }
    let wanted = thread.composer.lines(usize::from(rest.width.saturating_sub(2))) as u16 + 1;
    let composer = wanted.min(rest.height / 2).max(2).min(rest.height);
    let messages = Rect { height: rest.height - composer, ..rest };
    draw_messages(app, thread, ink, messages, map);
    let below = Rect { y: messages.bottom(), height: composer, ..rest };
    draw_composer(app, thread, ink, below, map);
}

fn title(app: &App, thread: &Thread, width: usize) -> Vec<Piece> {
    let view = &thread.conversation;
    let mut pieces = vec![(who(view), Role::Strong)];
    if view.name.is_some() {
        pieces.push((shown!("  {}", Shown::of(view.customer.as_str())), Role::Dim));
    }
    let numbered = pieces.len();
    let assigned = match &view.assignee {
        Some(agent) if *agent == app.session.me => shown!(" · assigned to {} (you)", Shown::of(agent)),
        Some(agent) => shown!(" · assigned to {}", Shown::of(agent)),
        None => Shown::from(" · unassigned"),
    };
    pieces.push((assigned, Role::Text));
    let status = match view.status {
        Status::Open => "",
        Status::Pending => " · pending",
        Status::Snoozed => " · snoozed",
        Status::Resolved => " · resolved",
    };
    pieces.push((Shown::from(status), Role::Dim));
    for label in &view.labels {
        pieces.push((shown!(" #{}", Shown::of(label)), Role::Accent));
    }
    let used: usize = pieces.iter().map(|(t, _)| t.width()).sum();
    if numbered == 2 && used + 4 > width {
        // Whose it is matters more than the number behind the name.
        pieces.remove(1);
    }
    pieces
}

fn draw_messages(app: &App, thread: &Thread, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    map.hit(area, Hit::Thread);
    let inner = Rect { width: area.width.saturating_sub(1), ..area };
    map.thread = Some(Viewed { width: usize::from(inner.width), height: usize::from(area.height) });
    let scene =
        Scene::new(thread, &app.outgoing, &app.clock, &app.session.me, app.settings.words, usize::from(inner.width));
    if scene.entries.is_empty() {
        let (text, role) = match &thread.error {
            Some(why) => (why.clone(), Role::Error),
            None if !thread.loaded => (Shown::from("loading…"), Role::Dim),
            None => (Shown::from("no messages yet"), Role::Dim),
        };
        for (n, text) in text.wrap(usize::from(area.width.saturating_sub(4)).max(1)).iter().enumerate() {
            ink.text(indent(line(area, n as u16 + 1), 2), text, role);
        }
        return;
    }
    let blocks = scene.blocks();
    let Some(end) = blocks.end() else { return };
    let foot = scene.spot(&thread.foot).unwrap_or(end);
    let height = usize::from(area.height);
    let top = blocks.above(foot, height.saturating_sub(1));
    let mut y = area.y;
    // A thread shorter than the view begins at its top: reading starts there.
    let mut spot = top;
    'blocks: while spot.block < scene.entries.len() {
        let lines = scene.block(spot.block);
        let selected = thread.selected.as_ref() == Some(&scene.entries[spot.block].key());
        for drawn in lines.iter().skip(spot.line) {
            if y >= area.bottom() {
                break 'blocks;
            }
            let row = Rect { y, height: 1, ..inner };
            map.hit(row, Hit::Message(scene.entries[spot.block].key()));
            let text = indent(row, drawn.indent as u16);
            if let Some((role, cells)) = drawn.wash {
                ink.wash(Rect { width: (cells as u16).min(text.width), ..text }, role);
            }
            ink.pieces(text, &drawn.pieces);
            if selected && drawn.body {
                ink.text(row, &Shown::from("▌"), Role::Focus);
            }
            y += 1;
        }
        map.changes(scene.changes_at(spot.block));
        spot = Spot { block: spot.block + 1, line: 0 };
    }
    if top == (Spot { block: 0, line: 0 }) && thread.has_older() {
        ink.right(Rect { height: 1, ..inner }, &[(Shown::from(" loading older… "), Role::Dim)]);
    }
    if thread.below > 0 && thread.foot.is_some() {
        let text = shown!(" ↓ {} new below ", thread.below);
        let width = text.width() as u16;
        let pill = Rect {
            x: area.x + area.width.saturating_sub(width) / 2,
            y: area.bottom().saturating_sub(1),
            width: width.min(area.width),
            height: area.height.min(1),
        };
        ink.clear(pill);
        ink.text(pill, &text, Role::Accent);
        ink.wash(pill, Role::Selection);
        map.hit(pill, Hit::Below);
    }
}

fn draw_composer(app: &App, thread: &Thread, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let focused = app.focus == Focus::Composer;
    let composer = &thread.composer;
    map.hit(area, Hit::Composer);
    let refused = if composer.note { None } else { refusal(&thread.conversation) };
    let title = if composer.note {
        (Shown::from(" NOTE · only agents see this "), Role::Note)
    } else if focused {
        (Shown::from("Enter sends · Alt-Enter new line"), Role::Dim)
    } else {
        (Shown::from("write"), Role::Dim)
    };
    let side =
        if composer.is_empty() || composer.note { Vec::new() } else { vec![(meter(&composer.text()), Role::Text)] };
    ink.rule(line(area, 0), focused, &[title], &side);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let text = Rect { width: body.width.saturating_sub(2), ..indent(body, 1) };
    if text.is_empty() {
        return;
    }
    if composer.is_empty() {
        let hint = match (&refused, focused) {
            (Some(why), _) => (why.clone(), Role::Error),
            (None, true) if composer.note => (Shown::from("a note among agents…"), Role::Dim),
            (None, true) => (Shown::from("a message…"), Role::Dim),
            (None, false) => (app.hint_for_write(), Role::Dim),
        };
        ink.text(text, &hint.0.cut(usize::from(text.width)), hint.1);
        if focused {
            map.cursor = Some((text.x, text.y).into());
        }
        return;
    }
    composer.editor().render(text, ink.buffer());
    if !composer.note {
        ink.underline(text, is_culprit);
    }
    if focused {
        let at = composer.editor().screen_cursor();
        let top = usize::from(composer.editor().scroll_offset().0);
        let x = text.x + (at.col as u16).min(text.width.saturating_sub(1));
        let y = text.y + (at.row.saturating_sub(top) as u16).min(text.height.saturating_sub(1));
        map.cursor = Some((x, y).into());
    }
    if let (Some(why), true) = (refused, text.height > 1) {
        let row = Rect { y: text.bottom() - 1, height: 1, ..text };
        ink.right(row, &[(why.cut(usize::from(row.width)), Role::Error)]);
    }
}
