//! The foot of the screen: a sentence that was just said, the first of two keys, or what can be pressed now.
//!
//! A sentence is never silently cut: it takes the whole line, then two; of a longer one the key stands
//! there that shows all of it.

use ratatui::layout::Rect;

use super::action::Action;
use super::app::App;
use super::framemap::{FrameMap, Hit};
use super::ink::{Ink, Piece, indent, line};
use super::keymap::Context;
use super::overlay::Page;
use super::overlay::page::WIDTH;
use super::shown::{Shown, shown};
use super::theme::Role;
use super::update::{has_just_failed, refusal};

/// The most lines of a sentence.
const LINES: usize = 2;

/// How many lines the foot takes.
pub(super) fn height(app: &App, width: u16) -> u16 {
    match &app.notice {
        Some(notice) if notice.text.width() > beside(app, width) => {
            u16::try_from(fit(app, &notice.text, usize::from(width.saturating_sub(2))).len()).unwrap_or(1)
        }
        _ => 1,
    }
}

/// A sentence in at most two lines; what is left out of it is told by the key that shows all.
pub(super) fn fit(app: &App, text: &Shown, cells: usize) -> Vec<Shown> {
    let mut lines = text.wrap(cells.max(1));
    if lines.len() <= LINES {
        return lines;
    }
    let key = app.settings.keymap.label(Action::Said, &[Context::Global]);
    let more = key.map(|key| shown!(" {key} shows all")).unwrap_or_default();
    lines.truncate(LINES);
    if let Some(last) = lines.last_mut() {
        // The mark stands there even where the line itself would have fitted.
        *last = shown!("{}{more}", shown!("{last} …").cut(cells.saturating_sub(more.width())));
    }
    lines
}

/// What stands at the right whatever else does.
fn always(app: &App) -> Vec<Piece> {
    let mut always: Vec<Piece> = Vec::new();
    for action in [Action::Palette, Action::Help] {
        if let Some(key) = app.key_of(action) {
            if !always.is_empty() {
                always.push((Shown::from(" · "), Role::Dim));
            }
            always.push((Shown::from(key), Role::Key));
            always.push((shown!(" {}", action.hint()), Role::Dim));
        }
    }
    always.push((Shown::from(" "), Role::Dim));
    always
}

/// The cells of a sentence that stands beside those.
fn beside(app: &App, width: u16) -> usize {
    let used: usize = always(app).iter().map(|(text, _)| text.width()).sum();
    usize::from(width).saturating_sub(used + 3)
}

/// Draws it.
pub(super) fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    if let Some(notice) = &app.notice {
        map.changes(Some(notice.until));
        if notice.text.width() > beside(app, area.width) {
            for (n, text) in fit(app, &notice.text, usize::from(area.width.saturating_sub(2))).iter().enumerate() {
                ink.text(indent(line(area, n as u16), 1), text, notice.role);
            }
            return;
        }
    }
    let used = ink.right(area, &always(app));
    let left = Rect { x: area.x + 1, width: area.width.saturating_sub(used + 3), ..area };
    if let Some(notice) = &app.notice {
        ink.text(left, &notice.text, notice.role);
        return;
    }
    if let Some(first) = app.chord {
        ink.pieces(left, &[(shown!("{first}"), Role::Key), (Shown::from(" …"), Role::Dim)]);
        return;
    }
    let mut x = left.x;
    for (action, key) in pressable(app) {
        let pieces = [(Shown::from(key), Role::Key), (shown!(" {}", action.hint()), Role::Dim)];
        let width: usize = pieces.iter().map(|(t, _)| t.width()).sum();
        let width = width as u16;
        if x + width > left.right() {
            break;
        }
        let rect = Rect { x, width, ..left };
        ink.pieces(rect, &pieces);
        map.hit(rect, Hit::Hint(action));
        x += width + 3;
    }
}

/// What can be pressed now and is worth a hint, each with its key.
fn pressable(app: &App) -> Vec<(Action, String)> {
    let mut found = Vec::new();
    if app.is_blank() && has_just_failed(app) {
        let key = app.settings.keymap.label(Action::Why, &[Context::Blank]);
        found.extend(key.map(|key| (Action::Why, key)));
    }
    let possible = hints(app).iter().filter(|action| refusal(app, **action).is_none());
    found.extend(possible.filter_map(|action| Some((*action, app.key_of(*action)?))));
    found
}

/// What the foot has said lately and what is wrong now, the newest first, as a page.
pub(super) fn said(app: &App) -> Page {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let troubles = app.session.node.iter().flat_map(|node| &node.troubles).map(|t| (None, Shown::of(t), Role::Warn));
    let said = app.session.said.iter().rev().map(|said| (said.at, said.text.clone(), said.role));
    for (at, text, role) in troubles.chain(said) {
        let when = at.map_or(Shown::from("now"), |at| app.clock.minute(at));
        for (n, line) in text.wrap(WIDTH - 7).into_iter().enumerate() {
            let left = if n == 0 { shown!("{:<7}", when.as_str()) } else { Shown::from("       ") };
            lines.push(vec![(left, Role::Dim), (line, role)]);
        }
    }
    if lines.is_empty() {
        lines.push(vec![(Shown::from("Nothing was said yet."), Role::Dim)]);
    }
    Page::new("What the foot of the screen said", lines)
}

/// The actions worth a hint in each context.
fn hints(app: &App) -> &'static [Action] {
    match app.contexts()[0] {
        Context::Inbox => {
            &[Action::Open, Action::Filter, Action::Assign, Action::Resolve, Action::Snooze, Action::NextWaiting]
        }
        Context::Thread => &[
            Action::Write,
            Action::Note,
            Action::Template,
            Action::Assign,
            Action::Resolve,
            Action::Retry,
            Action::OpenFile,
            Action::SaveFile,
            Action::Reschedule,
            Action::ChangeLater,
            Action::CancelLater,
            Action::Copy,
            Action::Back,
            Action::ShowContact,
        ],
        Context::Composer => &[
            Action::Send,
            Action::Template,
            Action::Newline,
            Action::UndoSend,
            Action::SendLater,
            Action::Note,
            Action::Detach,
            Action::Back,
            Action::Attach,
        ],
        Context::Filter => &[Action::Open, Action::Back],
        Context::Phones => &[Action::TextIn, Action::NewPhone, Action::Outcome, Action::MoveClock, Action::Back],
        Context::Handset => &[Action::Send, Action::Back],
        Context::Page => &[Action::Retry, Action::Copy, Action::Back],
        Context::Look => &[Action::Open, Action::Back],
        Context::Behind => &[Action::NextField, Action::Copy, Action::Older, Action::Newer, Action::Back],
        Context::Businesses => &[
            Action::Open,
            Action::NewBusiness,
            Action::EditBusiness,
            Action::SetUpBusiness,
            Action::ActivateBusiness,
            Action::DeleteBusiness,
            Action::Back,
        ],
        Context::Events => &[Action::Open, Action::Filter, Action::Follow, Action::Back],
        Context::Audit => {
            &[Action::Open, Action::Filter, Action::EveryBusiness, Action::ExportAudit, Action::Follow, Action::Back]
        }
        Context::Webhooks => &[Action::Open, Action::Filter, Action::Follow, Action::NextTab, Action::Back],
        Context::Letters => &[Action::Open, Action::ReplayLetter, Action::ReplayAll, Action::PreviousTab, Action::Back],
        Context::Keeping => &[Action::Sweep, Action::StartImport, Action::StopImport, Action::NextTab, Action::Back],
        Context::Tester => &[
            Action::CheckCode,
            Action::RightCode,
            Action::WrongCode,
            Action::ResendCode,
            Action::CancelCode,
            Action::FallBack,
            Action::EditTest,
            Action::Matrix,
            Action::NextTab,
            Action::Back,
        ],
        Context::TesterForm => &[Action::SendCode, Action::NextField, Action::LookUp, Action::Back, Action::MoreFields],
        Context::TesterCode => &[Action::CheckCode, Action::RightCode, Action::WrongCode, Action::Back],
        Context::Matrix => {
            &[Action::Open, Action::RunMatrix, Action::SaveMatrix, Action::OpenMatrix, Action::EditTest, Action::Back]
        }
        Context::MatrixForm => {
            &[Action::RunMatrix, Action::NextField, Action::SaveMatrix, Action::OpenMatrix, Action::Back]
        }
        Context::Attempts => &[Action::Open, Action::Filter, Action::EveryBusiness, Action::PreviousTab, Action::Back],
        Context::Dashboard => &[
            Action::Open,
            Action::NextTab,
            Action::SplitBy,
            Action::Earlier,
            Action::LongerRange,
            Action::AsTable,
            Action::OwnDates,
            Action::HeatNumbers,
            Action::EveryBusiness,
            Action::ExportReport,
            Action::Copy,
            Action::Back,
        ],
        Context::Figures => &[Action::Open, Action::Back],
        Context::Preferences => &[Action::Open, Action::NextTab, Action::Back],
        Context::KeyList => &[Action::Open, Action::ResetKey, Action::PreviousTab, Action::Back],
        Context::Numbers => &[Action::PointNumber, Action::UnpointNumber, Action::NextTab, Action::Back],
        Context::Held => {
            &[Action::Release, Action::ChangeHeld, Action::CancelHeld, Action::Open, Action::NextTab, Action::Back]
        }
        Context::Later => &[Action::Open, Action::Reschedule, Action::CancelLater, Action::NextTab, Action::Back],
        _ => &[],
    }
}
