//! How the text being written looks: the rule over it says what it is for, who else is here and what it
//! will cost.

use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::Thread;
use super::banner::{needs_template, refusal};
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::meter::{culprit, is_culprit, meter};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// The most lines that a reason takes.
const REASON: usize = 3;

/// Why nothing can be sent, in lines; empty when something can.
fn reason(app: &App, thread: &Thread, cells: usize) -> Vec<Shown> {
    let refused = if thread.composer.note { None } else { refusal(&thread.conversation, &app.clock) };
    let mut lines = refused.map(|why| why.wrap(cells.max(1))).unwrap_or_default();
    lines.truncate(REASON);
    lines
}

/// The most lines that the files take which go with the text.
const FILES: usize = 3;

/// The files that go with the text, in lines.
fn files(thread: &Thread, cells: usize) -> Vec<Shown> {
    let files = &thread.composer.files;
    let shown = if files.len() > FILES { FILES - 1 } else { files.len() };
    let mut lines: Vec<Shown> = files.iter().take(shown).map(|file| file.chip().cut(cells)).collect();
    if files.len() > shown {
        lines.push(shown!("▣ {} more", files.len() - shown));
    }
    lines
}

/// How many lines it wants below its rule.
pub(super) fn height(app: &App, thread: &Thread, cells: usize) -> usize {
    let reason = reason(app, thread, cells).len();
    let text = match thread.composer.is_empty() {
        true => reason.max(1),
        false => reason + thread.composer.lines(cells),
    };
    text + files(thread, cells).len()
}

/// Draws the composer; the first line of `area` is the rule over it.
pub(super) fn draw(app: &App, thread: &Thread, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let focused = app.focus == Focus::Composer;
    let composer = &thread.composer;
    map.hit(area, Hit::Composer);
    let side = if composer.note || (composer.is_empty() && composer.files.is_empty()) {
        Vec::new()
    } else {
        meter(&composer.text(), composer.files.len(), &thread.conversation.customer, &app.session.rates)
    };
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let mut text = Rect { width: body.width.saturating_sub(2), ..indent(body, 1) };
    let reason = reason(app, thread, usize::from(text.width));
    let rule = line(area, 0);
    let taken: usize = side.iter().map(|(text, _)| text.width()).sum();
    // The rule keeps a cell at each end and beside each of its two texts.
    let left = usize::from(rule.width).saturating_sub(if taken > 0 { taken + 6 } else { 4 });
    ink.rule(rule, focused, &title(app, thread, !reason.is_empty(), left, map), &side);
    if composer.note {
        // Another look of the whole line: a note is not mistaken for a message.
        ink.wash(rule, Role::Note);
        ink.edge(Rect { width: 1, ..body }, Role::Note);
    }
    if text.is_empty() {
        return;
    }
    for (n, file) in files(thread, usize::from(text.width)).iter().enumerate() {
        if text.height > 1 {
            ink.text(line(text, 0), file, Role::Outgoing);
            text = Rect { y: text.y + 1, height: text.height - 1, ..text };
        } else {
            // The text keeps a line; how many files there are stands on the rule.
            ink.right(indent(rule, 1), &[(shown!(" ▣ {} ", composer.files.len() - n), Role::Outgoing)]);
            break;
        }
    }
    if composer.is_empty() {
        let hint = match focused {
            true if composer.note => Shown::from("a note among agents… @handle mentions one"),
            true => Shown::from("a message…"),
            false => app.hint_for_write(),
        };
        let lines = if reason.is_empty() { vec![(hint, Role::Dim)] } else { in_role(reason, Role::Error) };
        for (n, (hint, role)) in lines.iter().enumerate() {
            ink.text(line(text, n as u16), &hint.cut(usize::from(text.width)), *role);
        }
        if focused {
            map.cursor = Some((text.x, text.y).into());
        }
        return;
    }
    // The text keeps a line, however long the reason is.
    let left = text.height.saturating_sub(1).min(reason.len() as u16);
    text.height -= left;
    for (n, why) in reason.iter().take(usize::from(left)).enumerate() {
        ink.text(Rect { y: text.bottom() + n as u16, height: 1, ..text }, why, Role::Error);
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
}

fn in_role(lines: Vec<Shown>, role: Role) -> Vec<Piece> {
    lines.into_iter().map(|text| (text, role)).collect()
}

fn title(app: &App, thread: &Thread, refused: bool, width: usize, map: &mut FrameMap) -> Vec<Piece> {
    let composer = &thread.composer;
    let focused = app.focus == Focus::Composer;
    let mut title: Vec<Piece> = Vec::new();
    if composer.note {
        title.push((Shown::from(" NOTE · only agents see this "), Role::Note));
    } else if composer.changing().is_some() {
        title.push((Shown::from("CHANGE what waits · Enter keeps it"), Role::Accent));
    }
    // It is money: who else is here stands behind it, where a narrow screen cuts.
    if !composer.note
        && let Some(c) = culprit(&composer.text())
        && let Some(key) = app.key_of(crate::tui::action::Action::PlainLetters)
    {
        if !title.is_empty() {
            title.push((Shown::from(" · "), Role::Dim));
        }
        let letter = Shown::of(c.encode_utf8(&mut [0; 4]));
        let whole = shown!("{letter} {key} makes it GSM-7");
        // Cut, it would no longer say what the key does.
        let hint = if whole.width() > width { shown!("{letter} {key} → GSM-7") } else { whole };
        title.push((hint, Role::Warn));
    }
    let line = app.session.presence.line(thread.id(), app.clock.passed());
    if let Some((text, until)) = line {
        map.changes(until);
        if !title.is_empty() {
            title.push((Shown::from(" · "), Role::Dim));
        }
        title.push((text, Role::Accent));
    }
    // What Enter does stands there whoever else is here; on a narrow screen it is cut off last.
    let hint = match (focused, refused) {
        _ if composer.note || composer.changing().is_some() => "",
        _ if needs_template(&thread.conversation, &app.clock) => "Enter chooses a template",
        (_, true) => "nothing can be sent",
        (true, false) => "Enter sends · Alt-Enter new line",
        (false, false) if title.is_empty() => "write",
        (false, false) => "",
    };
    if !hint.is_empty() {
        if !title.is_empty() {
            title.push((Shown::from(" · "), Role::Dim));
        }
        title.push((Shown::from(hint), Role::Dim));
    }
    fitting(title, width)
}

/// The pieces of a title that are worth their room: one of which only a few cells would be left goes, with
/// the dot before it.
fn fitting(mut title: Vec<Piece>, width: usize) -> Vec<Piece> {
    const LEAST: usize = 8;
    let mut used = 0;
    for n in 0..title.len() {
        let wide = title[n].0.width();
        // Every second piece is a dot.
        if n > 0 && n % 2 == 0 && used + wide > width && used + LEAST > width {
            title.truncate(n - 1);
            break;
        }
        used += wide;
    }
    title
}
