//! What the mouse does: a click selects and focuses, the wheel scrolls what is under it. Everything
//! also has a key.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::{act, chat, overlay};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::msg::{Effect, TABS};
use crate::tui::overlay::Overlay;
use crate::tui::panes::thread::Thread;

/// Lines that one notch of the wheel scrolls.
const NOTCH: isize = 3;

/// The mouse did something.
pub fn moved(app: &mut App, map: &FrameMap, event: MouseEvent) -> Vec<Effect> {
    match event.kind {
        MouseEventKind::Down(MouseButton::Left) => clicked(app, map, event.column, event.row),
        MouseEventKind::ScrollUp => scrolled(app, map, event, -1),
        MouseEventKind::ScrollDown => scrolled(app, map, event, 1),
        _ => Vec::new(),
    }
}

fn clicked(app: &mut App, map: &FrameMap, x: u16, y: u16) -> Vec<Effect> {
    let Some(hit) = map.at(x, y).next().cloned() else { return Vec::new() };
    if app.overlay.is_some() {
        return match (hit, &mut app.overlay) {
            (Hit::Choice(row), _) => overlay::choose_row(app, map, row),
            (Hit::FormField(at), Some(Overlay::Fill(fill))) => {
                fill.form.focus(at);
                Vec::new()
            }
            (Hit::FormField(at), Some(Overlay::Behind(behind))) => {
                behind.point(at);
                Vec::new()
            }
            _ => Vec::new(),
        };
    }
    match hit {
        Hit::Tab(tab) => {
            let at = TABS.iter().position(|(t, _)| *t == tab).unwrap_or(0);
            let actions = [
                Action::TabMine,
                Action::TabUnassigned,
                Action::TabAll,
                Action::TabWaiting,
                Action::TabFailed,
                Action::TabSnoozed,
            ];
            act::act(app, map, actions[at])
        }
        Hit::Conversation(id) => {
            let again = app.inbox.selected == Some(id) && app.is_in_inbox();
            app.focus = Focus::Inbox;
            if again { act::act(app, map, Action::Open) } else { app.inbox.select(Some(id)) }
        }
        Hit::Inbox => focus(app, Focus::Inbox),
        Hit::Message(key) => {
            if let Some(thread) = &mut app.thread {
                thread.selected = Some(key);
            }
            focus(app, Focus::Thread)
        }
        Hit::Thread => focus(app, Focus::Thread),
        Hit::Below => app.thread.as_mut().map(Thread::to_end).unwrap_or_default(),
        Hit::Composer => chat::write(app, false),
        Hit::Phones => focus(app, Focus::Phones),
        Hit::Handset(at) => {
            app.focus = Focus::Phones;
            app.phones.choose(at)
        }
        Hit::Typing if app.focus.is_testing() => act::act(app, map, Action::TypeCode),
        Hit::Typing => act::act(app, map, Action::TextIn),
        Hit::FormField(at) if app.focus.is_testing() => {
            let matrix = matches!(app.focus, Focus::Matrix | Focus::MatrixForm);
            super::verify::form(app).focus(at);
            focus(app, if matrix { Focus::MatrixForm } else { Focus::TesterForm })
        }
        Hit::Part(at) => super::analytics::part(app, at),
        Hit::Row(row) => {
            if app.rooms.point(app.focus, row) {
                act::act(app, map, Action::Open)
            } else {
                Vec::new()
            }
        }
        Hit::Hint(action) => act::act(app, map, action),
        Hit::Choice(_) | Hit::FormField(_) | Hit::Overlay => Vec::new(),
    }
}

fn focus(app: &mut App, focus: Focus) -> Vec<Effect> {
    app.focus = focus;
    Vec::new()
}

fn scrolled(app: &mut App, map: &FrameMap, event: MouseEvent, sign: isize) -> Vec<Effect> {
    if app.overlay.is_some() {
        let action = if sign < 0 { Action::Up } else { Action::Down };
        return act::act(app, map, action);
    }
    for hit in map.at(event.column, event.row) {
        match hit {
            Hit::Inbox => return app.inbox.step(sign),
            Hit::Thread | Hit::Composer => return chat::scroll(app, map, sign * NOTCH),
            Hit::Phones => return app.phones.step(sign),
            Hit::Row(_) => return act::step(app, map, sign),
            _ => {}
        }
    }
    Vec::new()
}
