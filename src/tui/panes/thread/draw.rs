//! How a conversation looks:
//!
//! ```text
//! ━ Maria Lopez  +14155550123 · assigned to agent1 (you) ━ cost $0.0083 ━
//! ────────────────────────── Mon 2 Mar ───────────────────────────
//!  ▏ Hi, can I move my cleaning to Friday?
//!    09:00
//!                              Hi Maria, Friday 10:30 is open. ▕
//!                                     agent1 (you) · 09:01 ✓✓
//! ─ Enter sends · agent2 is here ────── 48/GSM-7 · 1 seg · $0.0083 ─
//! ```

use ratatui::layout::Rect;

use super::banner::{banner, cost, window};
use super::scroll::Spot;
use super::{Scene, Thread, write};
use crate::domain::conversation::Status;
use crate::tui::app::{App, Focus};
use crate::tui::clock::Beat;
use crate::tui::framemap::{FrameMap, Hit, Viewed};
use crate::tui::ink::{Ink, Piece, indent, line};
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
    let wide = |pieces: &[Piece]| pieces.iter().map(|(t, _)| t.width()).sum::<usize>();
    // The rule keeps a cell at each end and beside each of its two texts.
    let left =
        |side: &[Piece]| usize::from(area.width).saturating_sub(if side.is_empty() { 4 } else { wide(side) + 6 });
    let mut side = side(app, thread, map);
    if wide(&title(app, thread, left(&side))) > left(&side) || gives_up_words(app, thread, left(&side)) {
        // Money needs no word to be known.
        side.retain(|(text, _)| text.as_str() != COST);
    }
    let title = title(app, thread, left(&side));
    ink.rule(line(area, 0), focused, &title, &side);
    let mut rest = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if let Some((text, role)) = banner(&thread.conversation, &app.clock) {
        for text in text.wrap(usize::from(rest.width.saturating_sub(2)).max(1)).iter().take(2) {
            ink.text(indent(line(rest, 0), 1), text, role);
            rest = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
        }
    }
    let wanted = write::height(app, thread, usize::from(rest.width.saturating_sub(2))) as u16 + 1;
    let composer = wanted.min(rest.height / 2).max(2).min(rest.height);
    let messages = Rect { height: rest.height - composer, ..rest };
    draw_messages(app, thread, ink, messages, map);
    let below = Rect { y: messages.bottom(), height: composer, ..rest };
    write::draw(app, thread, ink, below, map);
}

/// The least cells of a name in a title.
const NAME: usize = 8;

/// Behind the agent's own handle.
const YOU: &str = " (you)";

/// The word before what a conversation has cost.
const COST: &str = "cost ";

fn title(app: &App, thread: &Thread, width: usize) -> Vec<Piece> {
    let view = &thread.conversation;
    let mut pieces = vec![(who(view), Role::Strong)];
    if view.name.is_some() {
        pieces.push((shown!("  {}", Shown::of(view.customer.as_str())), Role::Dim));
    }
    let numbered = pieces.len();
    let mut assigned = vec![match &view.assignee {
        Some(agent) => (shown!(" · assigned to {}", Shown::of(agent)), Role::Text),
        None => (Shown::from(" · unassigned"), Role::Text),
    }];
    assigned.extend((view.assignee.as_ref() == Some(&app.session.me)).then_some((Shown::from(YOU), Role::Text)));
    pieces.extend(assigned);
    let status = match view.status {
        Status::Open => "",
        Status::Pending => " · pending",
        Status::Snoozed => " · snoozed",
        Status::Resolved => " · resolved",
    };
    pieces.push((Shown::from(status), Role::Dim));
    let used: usize = pieces.iter().map(|(t, _)| t.width()).sum();
    if numbered == 2 && used > width {
        // Whose it is matters more than the number behind the name.
        pieces.remove(1);
    }
    let used: usize = pieces.iter().map(|(t, _)| t.width()).sum();
    if used > width {
        // Whoever works here knows their own handle.
        pieces.retain(|(text, _)| text.as_str() != YOU);
    }
    let used: usize = pieces.iter().map(|(t, _)| t.width()).sum();
    if let Some((name, _)) = pieces.first_mut().filter(|_| used > width) {
        // Or than the end of the name.
        *name = name.cut(name.width().saturating_sub(used - width).max(NAME));
    }
    // Labels have what is left, and are cut at their end.
    pieces.extend(view.labels.iter().map(|label| (shown!(" #{}", Shown::of(label)), Role::Accent)));
    pieces
}

/// Whether a title of this width has no room for the word behind the agent's own handle.
fn gives_up_words(app: &App, thread: &Thread, width: usize) -> bool {
    let is_mine = thread.conversation.assignee.as_ref() == Some(&app.session.me);
    is_mine && title(app, thread, width).iter().all(|(text, _)| text.as_str() != YOU)
}

/// What stands at the right of the title: WhatsApp's window and the cost.
fn side(app: &App, thread: &Thread, map: &mut FrameMap) -> Vec<Piece> {
    let view = &thread.conversation;
    let window = window(view, &app.clock);
    if window.is_some() {
        map.beats(Beat::Minute);
        map.changes(view.window_until.and_then(|until| app.clock.reaches(until.0)));
    }
    let mut pieces: Vec<Piece> = Vec::new();
    pieces.extend(window);
    if let Some(cost) = cost(view) {
        if !pieces.is_empty() {
            pieces.push((Shown::from(" · "), Role::Dim));
        }
        pieces.extend([(Shown::from(COST), Role::Dim), cost]);
    }
    pieces
}

fn draw_messages(app: &App, thread: &Thread, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    map.hit(area, Hit::Thread);
    let inner = Rect { width: area.width.saturating_sub(1), ..area };
    let mut viewed = Viewed { width: usize::from(inner.width), height: usize::from(area.height), above: 0 };
    map.thread = Some(viewed);
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
    viewed.above = top.block;
    map.thread = Some(viewed);
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
