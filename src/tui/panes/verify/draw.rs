//! How the tester looks:
//!
//! ```text
//! ━ Northwind Bank · VA12… · live: no ━━━━━━━━━━━━━━━━━━━━ [Test]  Attempts ━
//! › to        (415) 555-0142                              +14155550142 US
//!   channel   ‹ sms ›
//!   Your Northwind Bank code is ••••••
//!   1 seg · $0.0083 · right code +$0.0500
//! ─ pending · expires in 9:59 · sends 1/5 · checks 0/5 ───────────────────
//!   code › 604512
//!   ✗ pending checks 1/5
//!   09:00:00.000 created VE12… · asked for by sms to +14155550142
//!   09:00:00.104 queued                                            $0.0083
//! ```
//!
//! Where there is no room for the fields they are one line, unless they are being filled in. On a wide
//! screen what is sent and what became of it stand side by side.

use ratatui::layout::Rect;

use super::inputs::FIELDS;
use super::{Tester, draw_log, draw_matrix, outcome, timeline};
use crate::domain::verification::Status;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::panes::phones;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// From this width on what is sent and what became of it stand side by side.
const BESIDE: u16 = 110;
/// Below this height the fields are one line while they are not filled in.
const ROOMY: u16 = 26;
/// Lines that are kept for what is rendered below the fields.
const RENDERED: u16 = 6;
/// Cells of the number as Twilio is given it.
const NORMAL: u16 = 24;

/// Draws the pane; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let tester = &app.rooms.tester;
    let in_log = matches!(app.focus, Focus::Attempts | Focus::AttemptFilter);
    let in_matrix = matches!(app.focus, Focus::Matrix | Focus::MatrixForm);
    let part = |name: &'static str, shown: bool| match shown {
        true => (shown!("[{name}]"), Role::Accent),
        false => (shown!(" {name} "), Role::Dim),
    };
    let title = title(app, if area.width < 72 { 6 } else { 12 });
    let tabs = [part("Test", !in_log && !in_matrix), part("Matrix", in_matrix), part("Attempts", in_log)];
    let mut body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if in_log {
        let of_all = vec![(Shown::from("all businesses"), Role::Strong)];
        ink.rule(line(area, 0), true, if tester.log.everyone { &of_all } else { &title }, &tabs);
        return draw_log(app, ink, body, map);
    }
    if in_matrix {
        ink.rule(line(area, 0), true, &title, &tabs);
        return draw_matrix(app, ink, body, map);
    }
    let phones = if app.shows_phones(area.width) { (area.width / 4).clamp(34, 48) } else { 0 };
    if phones > 0 {
        body.width = area.width - phones - 1;
    }
    ink.rule(line(Rect { width: body.width, ..area }, 0), true, &title, &tabs);
    if phones > 0 {
        let side = Rect { x: area.right() - phones, width: phones, ..area };
        map.phones = true;
        phones::draw(app, ink, side, map);
        ink.upright(Rect { x: side.x - 1, width: 1, ..area });
    }
    if body.width >= BESIDE {
        let width = body.width / 2;
        let left = Rect { width, ..body };
        let right = Rect { x: body.x + width + 1, width: body.width - width - 1, ..body };
        let used = fields(app, ink, left, map);
        rendered(app, ink, below(left, used));
        ink.side(Rect { x: left.right(), width: 1, ..body });
        return happened(app, ink, right, map);
    }
    let open = app.focus == Focus::TesterForm || body.height >= ROOMY || tester.followed.is_none();
    let used = if open { fields(app, ink, body, map) } else { summary(app, ink, body, map) };
    let rest = below(body, used);
    let used = rendered(app, ink, rest);
    happened(app, ink, below(rest, used), map);
}

fn below(area: Rect, used: u16) -> Rect {
    let used = used.min(area.height);
    Rect { y: area.y + used, height: area.height - used, ..area }
}

/// `Northwind Bank · VA12… · live: no`.
fn title(app: &App, cells: usize) -> Vec<Piece> {
    let name = app.session.current().map(|b| Shown::of(&b.name)).unwrap_or_default();
    let guard = outcome::unusual_guard(&app.rooms.tester);
    // What is not as at first is not forgotten; there is room for it.
    let cells = if guard.is_some() { cells.min(6) } else { cells };
    let service = match &app.rooms.tester.service {
        Some(Ok(service)) => shown!("{}", service.sid).cut(cells),
        Some(Err(_)) => Shown::from("no Verify service"),
        None => Shown::from("…"),
    };
    let (live, role) = if app.session.is_sandbox() { ("live: no", Role::Dim) } else { ("live: YES", Role::Live) };
    let mut pieces = vec![(name, Role::Strong), (shown!(" · {service} · "), Role::Dim), (Shown::from(live), role)];
    if let Some(level) = guard {
        pieces.push((shown!(" · guard {}", level.word()), Role::Warn));
    }
    pieces
}

/// `+14155550142 US`, or what is wrong with what was typed.
fn normal(tester: &Tester) -> Piece {
    match &tester.preview {
        Some(Ok(preview)) => {
            let country = preview.country.as_deref().map(|c| shown!(" {}", Shown::of(c))).unwrap_or_default();
            (shown!("{}{country}", Shown::of(&preview.to)), Role::Ok)
        }
        _ => (Shown::default(), Role::Dim),
    }
}

/// The fields; answers the lines they take.
fn fields(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) -> u16 {
    let form = &app.rooms.tester.test.form;
    let side = if area.width > 2 * NORMAL + 10 { NORMAL } else { 0 };
    let inside = Rect { width: area.width - side, ..area };
    // Many fields are scrolled: what is rendered of them stays in view.
    let room = area.height.saturating_sub(RENDERED).max(FIELDS).min(area.height);
    let height = form.height(inside.width).clamp(FIELDS.min(room), room);
    let cursor = form.draw(ink, Rect { height, ..inside }, |i, rect| map.hit(rect, Hit::FormField(i)));
    if app.focus == Focus::TesterForm {
        map.cursor = cursor;
    }
    if side > 0 {
        let right = Rect { x: inside.right(), width: side.saturating_sub(1), ..line(area, 0) };
        ink.right(right, &[normal(&app.rooms.tester)]);
    }
    height
}

/// The fields in one line.
fn summary(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) -> u16 {
    let tester = &app.rooms.tester;
    let inputs = tester.test.inputs();
    let to = match &tester.preview {
        Some(Ok(_)) => normal(tester).0,
        _ => Shown::of(&inputs.to),
    };
    let locale = if inputs.locale.is_empty() { Shown::default() } else { shown!(" · {}", Shown::of(&inputs.locale)) };
    let rest = shown!(" · {}{locale}", inputs.channel.word());
    ink.pieces(indent(line(area, 0), 2), &[(Shown::from("next to "), Role::Dim), (to, Role::Text), (rest, Role::Dim)]);
    map.hit(line(area, 0), Hit::FormField(super::inputs::TO));
    1
}

/// What would be sent and what it would cost; answers the lines it takes.
fn rendered(app: &App, ink: &mut Ink, area: Rect) -> u16 {
    let tester = &app.rooms.tester;
    let cells = usize::from(area.width.saturating_sub(4)).max(1);
    let mut lines: Vec<(Shown, Role)> = Vec::new();
    match (&tester.service, &tester.preview) {
        (Some(Err(why)), _) => lines.extend(why.wrap(cells).into_iter().map(|part| (part, Role::Error))),
        (_, Some(Err(why))) => lines.extend(why.wrap(cells).into_iter().map(|part| (part, Role::Warn))),
        (_, Some(Ok(preview))) => {
            let text = Shown::of(&preview.text);
            lines.extend(text.wrap(cells).into_iter().take(4).map(|part| (part, Role::Outgoing)));
            lines.push((measured(preview), Role::Dim));
            let warnings = preview.warnings.iter().flat_map(|w| shown!("! {}", Shown::of(w)).wrap(cells));
            lines.extend(warnings.take(4).map(|part| (part, Role::Warn)));
        }
        (_, None) => lines.push((Shown::from("the text is shown here before anything is sent"), Role::Dim)),
    }
    if let Some(known) = &tester.lookup {
        let kind = known.line_type.as_deref().map_or(Shown::from("kind unknown"), Shown::of);
        let carrier = known.carrier.as_deref().map(|c| shown!(" · {}", Shown::of(c))).unwrap_or_default();
        let valid = if known.valid { "" } else { "cannot exist · " };
        let cost = match (&known.cost, known.is_cached) {
            (_, true) => shown!(" · known since {}, free", app.clock.brief(known.asked_at.0)),
            (Some(cost), false) => shown!(" · {}", cost.fine()),
            (None, false) => Shown::default(),
        };
        let role = if known.warning.is_some() || !known.valid { Role::Warn } else { Role::Accent };
        lines.push((shown!("looked up: {valid}{kind}{carrier}{cost}"), role));
    }
    for (n, (text, role)) in lines.iter().enumerate() {
        ink.text(indent(line(area, n as u16), 2), &text.cut(cells), *role);
    }
    (lines.len() as u16).min(area.height)
}

/// `1 seg · $0.0083 · right code +$0.0500 · template Brand code`.
fn measured(preview: &crate::api::verify::Preview) -> Shown {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(preview.measure.map(|measure| format!("{} seg", measure.segments)));
    parts.extend(preview.cost.as_ref().map(|cost| cost.fine()));
    parts.extend(preview.success_fee.as_ref().map(|fee| format!("right code +{}", fee.fine())));
    parts.push(preview.template_name.clone());
    if !preview.is_exact {
        parts.push("in Twilio's own words".to_owned());
    }
    Shown::of(&parts.join(" · "))
}

/// What became of it: how it stands, the code, the timeline.
fn happened(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let tester = &app.rooms.tester;
    let focused = matches!(app.focus, Focus::Tester | Focus::TesterCode);
    ink.rule(line(area, 0), focused, &standing(app, map), &[]);
    let mut top = 1;
    if tester.followed.is_some() {
        let row = line(area, top);
        ink.text(indent(row, 2), &Shown::from("code ›"), Role::Dim);
        let at = tester.code.draw(ink, Rect { width: 14, ..indent(row, 9) }, Role::Strong);
        if app.focus == Focus::TesterCode {
            map.cursor = at;
        }
        map.hit(row, Hit::Typing);
        if let Some(cost) = tester.flow().and_then(|flow| flow.cost.as_ref()).and_then(outcome::cost) {
            ink.right(Rect { width: row.width.saturating_sub(1), ..row }, &[(cost, Role::Accent)]);
        }
        top += 1;
    }
    let cells = usize::from(area.width.saturating_sub(4)).max(1);
    if let Some(busy) = tester.busy {
        ink.text(indent(line(area, top), 2), &Shown::from(busy), Role::Dim);
        top += 1;
    } else if let Some(outcome) = &tester.outcome {
        for part in offered(app, outcome).wrap(cells).into_iter().take(3) {
            ink.text(indent(line(area, top), 2), &part, outcome.role);
            top += 1;
        }
    }
    let lines = tester.followed.as_ref().map(|followed| followed.timeline.as_slice()).unwrap_or_default();
    let room = usize::from(area.height.saturating_sub(top));
    let end = lines.len().saturating_sub(tester.back.min(lines.len().saturating_sub(room)));
    let start = end.saturating_sub(room);
    for (n, row) in lines[start..end].iter().enumerate() {
        let rect = indent(line(area, top + n as u16), 2);
        let (left, right) = timeline::pieces(app, row, rect.width);
        let rect = Rect { width: rect.width.saturating_sub(1), ..rect };
        let used = right.map_or(0, |money| ink.right(rect, &[money]) + 1);
        ink.pieces(Rect { width: rect.width.saturating_sub(used), ..rect }, &left);
    }
}

/// The outcome with the key that shows the way on.
fn offered(app: &App, outcome: &outcome::Outcome) -> Shown {
    use crate::domain::verification::codes;
    use crate::tui::action::Action;
    use crate::tui::keymap::Context;
    let key = |action| app.settings.keymap.label(action, &[Context::Tester, Context::Global]).unwrap_or_default();
    let text = &outcome.text;
    match outcome.code {
        Some(codes::SENDS_USED_UP) => shown!("{text} · {} cancel pending", key(Action::CancelCode)),
        Some(code) if codes::BLOCKED.contains(&code) => shown!("{text} · {} fallback", key(Action::FallBack)),
        Some(_) => shown!("{text} · {} why", key(Action::Why)),
        None => text.clone(),
    }
}

/// `pending · expires in 9:59 · sends 1/5 · checks 0/5`.
fn standing(app: &App, map: &mut FrameMap) -> Vec<Piece> {
    let Some(flow) = app.rooms.tester.flow() else { return vec![(Shown::from("nothing sent yet"), Role::Dim)] };
    let left = app.clock.countdown(flow.expires_at.0);
    let waits = matches!(flow.status, Status::Pending | Status::MaxAttempts);
    let (words, role) = match (flow.status, left) {
        (Status::Pending, None) if app.clock.now().is_some() => outcome::standing(Status::Expired),
        (status, _) => outcome::standing(status),
    };
    let mut pieces = vec![(Shown::from(words), role)];
    if let (true, Some((seconds, next))) = (waits, left) {
        map.changes(next);
        pieces.push((shown!(" · expires in {}:{:02}", seconds / 60, seconds % 60), Role::Text));
    }
    let used = |now: u32, limit: u32| if now >= limit { Role::Error } else { Role::Text };
    let sends = shown!(" · sends {}/{}", flow.sends, flow.sends_limit);
    pieces.push((sends, used(flow.sends, flow.sends_limit)));
    pieces.push((shown!(" · checks {}/{}", flow.checks, flow.checks_limit), used(flow.checks, flow.checks_limit)));
    let sid = flow.sid.map(|sid| shown!(" · {}", shown!("{sid}").cut(12))).unwrap_or_default();
    pieces.push((sid, Role::Dim));
    if let Some(converted) = flow.converted {
        pieces.push((Shown::from(if converted { " · converted" } else { " · unconverted" }), Role::Dim));
    }
    pieces
}
