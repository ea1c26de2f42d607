//! How the text being written looks: the rule over it says what it is for, who else is here and what it
//! will cost.

use ratatui::layout::Rect;
use ratatui::widgets::Widget;

use super::Thread;
use super::banner::refusal;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::meter::{culprit, is_culprit, meter};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// Draws the composer; the first line of `area` is the rule over it.
pub(super) fn draw(app: &App, thread: &Thread, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let focused = app.focus == Focus::Composer;
    let composer = &thread.composer;
    map.hit(area, Hit::Composer);
    let refused = if composer.note { None } else { refusal(&thread.conversation, &app.clock) };
    let side = if composer.is_empty() || composer.note {
        Vec::new()
    } else {
        meter(&composer.text(), &thread.conversation.customer, &app.session.rates)
    };
    let rule = line(area, 0);
    ink.rule(rule, focused, &title(app, thread, refused.is_some(), map), &side);
    if composer.note {
        // Another look of the whole line: a note is not mistaken for a message.
        ink.wash(rule, Role::Note);
    }
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if composer.note {
        ink.edge(Rect { width: 1, ..body }, Role::Note);
    }
    let text = Rect { width: body.width.saturating_sub(2), ..indent(body, 1) };
    if text.is_empty() {
        return;
    }
    if composer.is_empty() {
        let hint = match (&refused, focused) {
            (Some(why), _) => (why.clone(), Role::Error),
            (None, true) if composer.note => (Shown::from("a note among agents… @handle mentions one"), Role::Dim),
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
    if let Some(why) = refused {
        // The reason stands on the rule when the text takes the only line.
        let row = if text.height > 1 { Rect { y: text.bottom() - 1, height: 1, ..text } } else { indent(rule, 1) };
        ink.right(row, &[(why.cut(usize::from(row.width)), Role::Error)]);
    }
}

fn title(app: &App, thread: &Thread, refused: bool, map: &mut FrameMap) -> Vec<Piece> {
    let composer = &thread.composer;
    let focused = app.focus == Focus::Composer;
    let mut title: Vec<Piece> = Vec::new();
    if composer.note {
        title.push((Shown::from(" NOTE · only agents see this "), Role::Note));
    } else if composer.changing().is_some() {
        title.push((Shown::from("CHANGE what waits · Enter keeps it"), Role::Accent));
    }
    let line = app.session.presence.line(thread.id(), app.clock.passed());
    if let Some((text, until)) = line {
        map.changes(until);
        if !title.is_empty() {
            title.push((Shown::from(" · "), Role::Dim));
        }
        title.push((text, Role::Accent));
    }
    if !composer.note
        && let Some(c) = culprit(&composer.text())
        && let Some(key) = app.key_of(crate::tui::action::Action::PlainLetters)
    {
        if !title.is_empty() {
            title.push((Shown::from(" · "), Role::Dim));
        }
        title.push((shown!("{} {key} makes it GSM-7", Shown::of(c.encode_utf8(&mut [0; 4]))), Role::Warn));
    }
    // What Enter does stands there whoever else is here; on a narrow screen it is cut off last.
    let hint = match (focused, refused) {
        _ if composer.note || composer.changing().is_some() => "",
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
    title
}
