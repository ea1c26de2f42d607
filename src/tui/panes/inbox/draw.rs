//! How the list looks. Two lines a row:
//!
//! ```text
//! ▌●2 李伟                         late 17m
//!     您好，周三有空吗？               08:43
//! ```

use ratatui::layout::Rect;

use super::{Inbox, Row};
use crate::api::inbox::ConversationView;
use crate::domain::conversation::Status;
use crate::domain::message::Direction;
use crate::domain::time::Span;
use crate::tui::app::App;
use crate::tui::clock::{Beat, span};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::mask::hidden;
use crate::tui::panes::thread::tick;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// Labels in view at most.
const CHIPS: usize = 2;
/// Lines of one row.
const ROW: u16 = 2;

/// Draws the list into `area`.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let inbox = &app.inbox;
    map.hit(area, Hit::Inbox);
    let mut rows = area;
    if let Some(filter) = &inbox.filter {
        let field = line(area, 0);
        ink.text(field, &Shown::from(" /"), Role::Accent);
        let cursor = filter.draw(ink, indent(field, 3), Role::Text);
        if app.is_filtering() {
            map.cursor = cursor;
        }
        rows = Rect { y: area.y + field.height, height: area.height - field.height, ..area };
    }
    let visible = inbox.visible();
    let fit = usize::from(rows.height / ROW);
    let selected = visible.iter().position(|id| Some(*id) == inbox.selected);
    let listed = Listed { top: list::follow(inbox.top, selected, fit, visible.len()), fit };
    map.inbox = Some(listed);
    if visible.is_empty() {
        empty(inbox, ink, rows);
        return;
    }
    for (n, id) in visible.iter().skip(listed.top).take(fit.max(1)).enumerate() {
        let Some(row) = inbox.window.rows().iter().find(|r| r.view.id == *id) else { continue };
        let top = rows.y + n as u16 * ROW;
        let rect = Rect { y: top, height: ROW.min(rows.bottom().saturating_sub(top)), ..rows };
        if rect.is_empty() {
            break;
        }
        map.hit(rect, Hit::Conversation(*id));
        draw_row(app, ink, rect, row, Some(*id) == inbox.selected, map);
    }
}

fn empty(inbox: &Inbox, ink: &mut Ink, area: Rect) {
    let (text, role) = match &inbox.error {
        Some(why) => (why.clone(), Role::Error),
        None if !inbox.loaded => (Shown::from("loading…"), Role::Dim),
        None if inbox.is_narrowed() && inbox.is_loading() => (Shown::from("looking…"), Role::Dim),
        None if inbox.filter.as_ref().is_some_and(|f| !f.is_empty()) => (Shown::from("nothing matches"), Role::Dim),
        None => (Shown::from("no conversations here"), Role::Dim),
    };
    for (n, text) in text.wrap(usize::from(area.width.saturating_sub(3)).max(1)).iter().enumerate() {
        ink.text(indent(line(area, n as u16 + 1), 2), text, role);
    }
}

fn draw_row(app: &App, ink: &mut Ink, area: Rect, row: &Row, selected: bool, map: &mut FrameMap) {
    let (inbox, view) = (&app.inbox, &row.view);
    let open = app.thread.as_ref().is_some_and(|t| t.id() == view.id);
    let mark = if selected {
        "▌"
    } else if open {
        "▏"
    } else {
        " "
    };
    for n in 0..area.height {
        ink.text(line(area, n), &Shown::from(mark), Role::Focus);
    }
    if inbox.marked.contains(&view.id) {
        ink.text(indent(line(area, 1), 1), &Shown::from("[x]"), Role::Accent);
    }
    let first = indent(line(area, 0), 1);
    let unread = if view.unread > 0 { shown!("●{}", view.unread) } else { Shown::from("  ") };
    let name = if row.gone {
        Role::Dim
    } else if view.unread > 0 {
        Role::Strong
    } else {
        Role::Text
    };
    let right = right_top(app, view, first.width, map);
    let used: usize = right.iter().map(|(t, _)| t.width()).sum();
    let left = Rect { width: first.width.saturating_sub(used as u16 + 2), ..first };
    ink.pieces(left, &[(unread, Role::Accent), (Shown::from(" "), Role::Text), (who(view), name)]);
    ink.right(Rect { width: first.width.saturating_sub(1), ..first }, &right);

    // A mark takes the margin, and needs a cell between it and the text.
    let second = indent(line(area, 1), 4 + u16::from(app.inbox.marked.contains(&view.id)));
    let time = vec![(app.clock.brief(view.active_at.0), Role::Dim)];
    let used = time[0].0.width() as u16;
    let left = Rect { width: second.width.saturating_sub(used + 2), ..second };
    ink.pieces(left, &preview(app, row));
    ink.right(Rect { width: second.width.saturating_sub(1), ..second }, &time);
    let focused = selected && app.is_in_inbox();
    if focused {
        ink.wash(indent(area, 1), Role::Selection);
    }
}

/// The name, or the address when there is none.
pub fn who(view: &ConversationView) -> Shown {
    Shown::of(view.name.as_deref().unwrap_or(view.customer.as_str()))
}

/// From this width of a row on the assignee has room beside the time that is left, whatever the name.
const BOTH: u16 = 34;
/// Cells of a row that are neither name nor what stands at its right.
const AROUND: usize = 7;

fn right_top(app: &App, view: &ConversationView, width: u16, map: &mut FrameMap) -> Vec<Piece> {
    let mut pieces = Vec::new();
    if view.mentions > 0 {
        pieces.push((shown!("@{} ", view.mentions), Role::Note));
    }
    if view.asking > 0 {
        pieces.push((shown!("?{} ", view.asking), Role::Warn));
    }
    if view.failed > 0 {
        pieces.push((shown!("✗{} ", view.failed), Role::Error));
    }
    if view.opted_out_at.is_some() {
        pieces.push((Shown::from("⊘ "), Role::Error));
    }
    match (view.status, view.waiting_since) {
        (Status::Resolved, _) => pieces.push((Shown::from("resolved"), Role::Dim)),
        (Status::Snoozed, _) => {
            let wakes = view.snoozed_until.map(|at| shown!("wakes {}", app.clock.soon(at.0)));
            pieces.push((wakes.unwrap_or("wakes on reply".into()), Role::Dim));
        }
        (_, Some(since)) => {
            let waits = waiting(app, since.0, map);
            if let Some(assignee) = assignee(app, view).map(|agent| agent.cut(8)) {
                let marks: usize = pieces.iter().map(|(text, _)| text.width()).sum();
                let used = who(view).width() + marks + assignee.width() + waits.0.width() + AROUND;
                if width >= BOTH || used <= usize::from(width) {
                    pieces.push((shown!("{assignee} "), Role::Dim));
                }
            }
            pieces.push(waits);
        }
        (_, None) => pieces.extend(assignee(app, view).map(|who| (who.cut(12), Role::Dim))),
    }
    pieces
}

fn assignee(app: &App, view: &ConversationView) -> Option<Shown> {
    let agent = view.assignee.as_ref()?;
    Some(if *agent == app.session.me { Shown::from("you") } else { Shown::of(agent) })
}

/// How long is left to answer: counts down to the response target, then says how late it is.
fn waiting(app: &App, since: crate::domain::time::Time, map: &mut FrameMap) -> Piece {
    let target = app.settings.response_target;
    let Some(waited) = app.clock.seconds_since(since) else { return (Shown::default(), Role::Dim) };
    let left = target.whole_secs() - waited;
    if left > 0 {
        map.beats(Beat::Second);
        let role = if left * 5 <= target.whole_secs() { Role::Warn } else { Role::Text };
        return (shown!("{}:{:02}", left / 60, left % 60), role);
    }
    map.beats(Beat::Minute);
    let minutes = app.clock.now().map_or(0, |now| (now - since).0.max(0) / 60_000_000);
    (shown!("breach {}", span(Span::secs(minutes * 60).whole_secs())), Role::Error)
}

fn preview(app: &App, row: &Row) -> Vec<Piece> {
    if row.gone {
        return vec![(Shown::from("no longer in this tab"), Role::Dim)];
    }
    let view = &row.view;
    let mut pieces = Vec::new();
    // Who else has it open: two people should not answer at once.
    if let Some(other) = app.session.presence.viewing(view.id).next() {
        pieces.push((shown!("◉{} ", Shown::of(other).cut(10)), Role::Note));
    }
    if let Some(woke) = view.woke {
        let why = if woke.by_reply { Shown::from("they replied") } else { app.clock.hour(woke.at.0) };
        pieces.push((shown!("woke: {why} "), Role::Warn));
    }
    pieces.extend(chips(view));
    pieces.extend(said(app, view));
    pieces
}

/// The labels as chips: two of them, and how many more there are.
fn chips(view: &ConversationView) -> Vec<Piece> {
    let mut pieces: Vec<Piece> =
        view.labels.iter().take(CHIPS).map(|label| (shown!("‹{}› ", Shown::of(label).cut(14)), Role::Accent)).collect();
    if view.labels.len() > CHIPS {
        pieces.push((shown!("+{} ", view.labels.len() - CHIPS), Role::Accent));
    }
    pieces
}

fn said(app: &App, view: &ConversationView) -> Vec<Piece> {
    if let Some(draft) = app.drafts.get(view.id) {
        let word = if draft.note { "✎ note: " } else { "✎ draft: " };
        let said = Shown::of(&draft.text);
        return vec![
            (Shown::from(word), Role::Warn),
            (if app.settings.privacy { hidden(&said) } else { said }, Role::Dim),
        ];
    }
    let Some(last) = &view.last else { return vec![(Shown::from("no messages yet"), Role::Dim)] };
    let said = Shown::of(&last.preview);
    let text = (if app.settings.privacy { hidden(&said) } else { said }, Role::Dim);
    match last.direction {
        Direction::In => vec![text],
        Direction::Note => vec![(Shown::from("NOTE "), Role::Warn), text],
        Direction::Out => {
            let (tick, role) = tick(last.status, None, app.settings.words, view.customer.kind());
            vec![(shown!("{tick} "), role), text]
        }
    }
}
