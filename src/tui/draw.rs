//! The frame around the panes, and where each of them stands:
//!
//! ```text
//!  SANDBOX  Harbor Dental                        ● live · 09:00 · agent1
//!  Mine 0   Unassigned 3   All 5   Waiting 3   Failed 0   Snoozed 0
//! ━━━━━━━━━━━━━━━━━━━━━━━━┬─ Maria Lopez · unassigned ──┬─ Phones ───────
//!  inbox                  │ thread                      │ phones, contact
//!  Enter open · / find                      Ctrl-P commands · ? help
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::app::{App, Focus};
use super::clock::Beat;
use super::footer;
use super::framemap::{FrameMap, Hit};
use super::ink::{Ink, Piece, indent, line};
use super::locked;
use super::msg::TABS;
use super::panes::{
    analytics, audit, businesses, contact, events, hooks, inbox, phones, preferences, thread, upkeep, verify, welcome,
};
use super::shown::{Shown, shown};
use super::theme::Role;
use crate::api::inbox::{InboxCounts, Tab};
use crate::api::node::World;
use crate::link::Connection;

/// The smallest screen that can be worked on.
const SMALLEST: (u16, u16) = (60, 16);
/// From this width on list and thread stand side by side.
const SIDE_BY_SIDE: u16 = 76;

/// Draws the console and says where everything landed. Changes nothing.
pub fn draw(app: &App, buffer: &mut Buffer) -> FrameMap {
    let area = buffer.area;
    let mut map = FrameMap::default();
    map.area = area;
    let mut ink = Ink::new(buffer, &app.settings.theme).masked(app.settings.privacy);
    ink.wash(area, Role::Text);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut ink, area);
        map.is_too_small = true;
        return map;
    }
    if let Some(lock) = &app.session.lock {
        locked::draw(app, lock, &mut ink, area, &mut map);
        return map;
    }
    header(app, &mut ink, line(area, 0), &mut map);
    tabs(app, &mut ink, line(area, 1), &mut map);
    let mut top = 2;
    if let Some((text, role)) = warning(app) {
        for text in footer::fit(app, &text, usize::from(area.width - 2)) {
            ink.text(indent(line(area, top), 1), &text, role);
            top += 1;
        }
    }
    let foot = footer::height(app, area.width);
    let body = Rect { y: area.y + top, height: area.height - top - foot, ..area };
    panes(app, &mut ink, body, &mut map);
    footer::draw(app, &mut ink, Rect { y: body.bottom(), height: foot, ..area }, &mut map);
    if let Some(overlay) = &app.overlay {
        map.cursor = None;
        // What the keys do stays in view below it.
        overlay.draw(&mut ink, Rect { height: area.height.saturating_sub(foot), ..area }, &mut map);
    }
    map
}

fn too_small(ink: &mut Ink, area: Rect) {
    let text = shown!(
        "This terminal has {}x{} cells; Switchboard needs {}x{}. Make it larger.",
        area.width,
        area.height,
        SMALLEST.0,
        SMALLEST.1
    );
    for (n, text) in text.wrap(usize::from(area.width).max(1)).iter().enumerate() {
        ink.text(line(area, n as u16), text, Role::Text);
    }
}

fn header(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let session = &app.session;
    let world = match session.world() {
        Some(World::Sandbox) => (Shown::from(" SANDBOX "), Role::Sandbox),
        Some(World::Live) => (Shown::from(" LIVE "), Role::Live),
        None => (Shown::from(" switchboard "), Role::Dim),
    };
    if world.1 == Role::Live {
        // Live must not be mistaken for anything: the whole line says it.
        ink.wash(area, Role::Live);
    }
    let business = session.current().map(|b| Shown::of(&b.name)).unwrap_or_default();
    let waits = session.waits(app.clock.passed());
    map.changes(waits.map(|(_, at)| at));
    let (state, role) = match &session.connection {
        Connection::Connecting => (Shown::from("◌ connecting"), Role::Warn),
        Connection::Live if session.node.as_ref().is_some_and(|n| n.catching_up) => {
            (Shown::from("● live, catching up"), Role::Warn)
        }
        Connection::Live => match waits {
            Some((Some(seconds), _)) => (shown!("◌ waiting {seconds} s"), Role::Warn),
            _ => (Shown::from("● live"), Role::Ok),
        },
        Connection::Stale(_) => (Shown::from("▲ stale"), Role::Error),
    };
    let mut right: Vec<Piece> = vec![(state, role)];
    if let Some(now) = app.clock.now() {
        map.beats(Beat::Minute);
        right.push((shown!(" · {} {}", app.clock.day(now), app.clock.minute(now)), Role::Text));
        if app.clock.is_paused() {
            right.push((Shown::from(" ‖ paused"), Role::Warn));
        }
    }
    right.push((shown!(" · {} ", Shown::of(&session.me)), Role::Text));
    if world.1 == Role::Live {
        right.iter_mut().for_each(|p| p.1 = Role::Live);
    }
    let colour = session.current().map_or(Role::Strong, |b| Role::of(b.colour));
    let name = if world.1 == Role::Live { Role::Live } else { colour };
    let used = ink.right(area, &right);
    let left = Rect { width: area.width.saturating_sub(used + 1), ..area };
    ink.pieces(left, &[world, (Shown::from(" "), name), (business, name)]);
}

fn count(counts: &InboxCounts, tab: Tab) -> u64 {
    match tab {
        Tab::Mine => counts.mine,
        Tab::Unassigned => counts.unassigned,
        Tab::All => counts.all,
        Tab::Waiting => counts.waiting,
        Tab::Failed => counts.failed,
        Tab::Snoozed => counts.snoozed,
    }
}

fn tabs(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let numbered = area.width >= 80;
    let mut x = area.x;
    for (n, (tab, name)) in TABS.iter().enumerate() {
        let current = *tab == app.inbox.tab;
        let amount = count(&app.session.counts, *tab);
        let number = if numbered { format!("{} ", n + 1) } else { String::new() };
        let text = if current { shown!("[{number}{name} {amount}]") } else { shown!(" {number}{name} {amount} ") };
        let width = text.width() as u16;
        if x + width > area.right() {
            // Half a tab would tell a wrong count.
            break;
        }
        let rect = Rect { x, width, ..area };
        let role = match (current, *tab) {
            (true, _) => Role::Accent,
            (false, Tab::Failed) if amount > 0 => Role::Error,
            (false, _) if amount > 0 => Role::Text,
            _ => Role::Dim,
        };
        ink.text(rect, &text, role);
        map.hit(rect, Hit::Tab(*tab));
        x += width;
    }
}

/// What is wrong with the node or the way to it, on a line of its own.
fn warning(app: &App) -> Option<(Shown, Role)> {
    if let Connection::Stale(why) = &app.session.connection {
        return Some((shown!("▲ what is shown may be old: {}", Shown::of(why)), Role::Error));
    }
    let trouble = app.session.node.as_ref()?.troubles.first()?;
    Some((shown!("▲ {}", Shown::of(trouble)), Role::Warn))
}

fn panes(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    match app.focus {
        Focus::Businesses => return businesses::draw(app, ink, area, map),
        Focus::Events | Focus::EventFilter => return events::draw(app, ink, area, map),
        Focus::Audit | Focus::AuditFilter => return audit::draw(app, ink, area, map),
        Focus::Webhooks | Focus::WebhookFilter | Focus::Letters => return hooks::draw(app, ink, area, map),
        Focus::Dashboard | Focus::Figures => return analytics::draw(app, ink, area, map),
        Focus::Preferences | Focus::KeyList => return preferences::draw(app, ink, area, map),
        focus if focus.is_testing() => return verify::draw(app, ink, area, map),
        Focus::Keeping | Focus::Numbers | Focus::Later | Focus::Held => return upkeep::draw(app, ink, area, map),
        _ => {}
    }
    let in_phones = matches!(app.focus, Focus::Phones | Focus::Handset);
    let mut chat = area;
    let (with_phones, with_contact) = (app.shows_phones(area.width), app.shows_contact(area.width, area.height));
    if with_phones || with_contact {
        let width = (area.width / 4).clamp(34, 48);
        let side = Rect { x: area.right() - width, width, ..area };
        chat.width = area.width - width - 1;
        let mut upper = side;
        if with_contact {
            let height = if with_phones { contact::HEIGHT.max(area.height / 3) } else { area.height };
            upper.height = area.height - height;
            contact::draw(app, ink, Rect { y: upper.bottom(), height, ..side }, map);
        }
        if with_phones {
            map.phones = true;
            phones::draw(app, ink, upper, map);
        }
        ink.upright(Rect { x: side.x - 1, width: 1, ..area });
    } else if in_phones {
        map.phones = true;
        return phones::draw(app, ink, area, map);
    }
    let alone = chat.width < SIDE_BY_SIDE;
    let open = app.thread.is_some();
    if alone && open && !app.is_in_inbox() {
        return thread::draw(app, ink, chat, map);
    }
    if alone || (!open && chat.width < 100) {
        list(app, ink, chat, map);
        let used = 2 + app.inbox.visible().len() as u16 * 2;
        if welcome::is_wanted(app) && chat.height >= used + welcome::HEIGHT {
            welcome::draw(app, ink, Rect { y: chat.y + used, height: chat.height - used, ..chat });
        }
        return;
    }
    let width = (chat.width * 35 / 100).clamp(28, 48);
    list(app, ink, Rect { width, ..chat }, map);
    let right = Rect { x: chat.x + width + 1, width: chat.width - width - 1, ..chat };
    thread::draw(app, ink, right, map);
    if welcome::is_wanted(app) {
        welcome::draw(app, ink, Rect { y: right.y + 4, height: right.height.saturating_sub(4), ..right });
    }
    ink.upright(Rect { x: chat.x + width, width: 1, ..chat });
}

fn list(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let name = TABS.iter().find(|(tab, _)| *tab == app.inbox.tab).map_or("", |(_, name)| name);
    let mut title = vec![(Shown::from(name), Role::Strong)];
    if !app.inbox.marked.is_empty() {
        title.push((shown!(" · {} marked", app.inbox.marked.len()), Role::Accent));
    }
    ink.rule(line(area, 0), app.is_in_inbox(), &title, &[]);
    inbox::draw(app, ink, Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, map);
}
