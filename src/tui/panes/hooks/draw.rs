//! How the webhooks look:
//!
//! ```text
//! ━ Webhooks ━ [Log 3]  Dead letters 1 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━ following ━
//! ▌17:00:01 200   0.4 ms sms              +14155550123 → +14155550100
//!  17:00:00 403   0.2 ms sms              ✗ bad signature · +14155550123
//! ```
//!
//! On a wide screen the webhook under the cursor is shown whole beside the list.

use ratatui::layout::Rect;

use super::reason;
use crate::api::events::Webhook;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit, Listed};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::mask::hidden;
use crate::tui::panes::{empty, narrowed, tabs};
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::list;

/// From this width on a webhook is shown beside the list.
const BESIDE: u16 = 130;
/// Groups of dead letters in view at most.
const GROUPS: usize = 4;

/// Draws the pane; the first line of `area` is the rule over it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let hooks = &app.rooms.hooks;
    let in_letters = app.focus == Focus::Letters;
    let title = tabs(
        "Webhooks",
        &[
            ("Log", hooks.is_loaded().then(|| hooks.total()), !in_letters),
            ("Dead letters", hooks.letters.loaded.then(|| hooks.letters.waiting()), in_letters),
        ],
    );
    let state = match hooks.at {
        _ if in_letters => Vec::new(),
        0 => vec![(shown!("{} refused · following", hooks.refused()), Role::Dim)],
        n => vec![(shown!("{n} newer above"), Role::Warn)],
    };
    ink.rule(line(area, 0), true, &title, &state);
    let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    if in_letters {
        return letters(app, ink, body, map);
    }
    let filtering = app.focus == Focus::WebhookFilter;
    let body = narrowed(ink, body, hooks.filter.as_ref(), filtering, map);
    log(app, ink, body, map);
}

fn log(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let hooks = &app.rooms.hooks;
    let rows = hooks.visible();
    let mut area = area;
    if area.width >= BESIDE {
        let side = Rect { x: area.x + area.width * 3 / 5, width: area.width - area.width * 3 / 5, ..area };
        area.width = side.x - area.x - 1;
        ink.side(Rect { x: side.x - 1, width: 1, ..side });
        if let Some(webhook) = hooks.current() {
            let lines = detail(app, webhook, usize::from(side.width.saturating_sub(2)));
            for (n, pieces) in lines.iter().take(side.height.into()).enumerate() {
                ink.pieces(indent(line(side, n as u16), 1), pieces);
            }
        }
    }
    let fit = usize::from(area.height);
    let listed = Listed { top: list::follow(hooks.top, Some(hooks.at), fit, rows.len()), fit };
    map.list = Some(listed);
    if rows.is_empty() {
        let nothing = if hooks.filter.as_ref().is_some_and(|f| !f.is_empty()) {
            "nothing matches"
        } else {
            "no webhook has come since this node started"
        };
        empty(ink, area, hooks.error.as_ref(), hooks.is_loaded(), nothing);
    }
    for (n, webhook) in rows.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(area, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == hooks.at { "▌" } else { " " }), Role::Focus);
        ink.pieces(indent(rect, 1), &row(app, webhook));
        if n == hooks.at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}

fn row(app: &App, webhook: &Webhook) -> Vec<Piece> {
    let way = match (webhook.from.is_empty(), webhook.to.is_empty()) {
        (true, true) => Shown::default(),
        _ => shown!("{} → {}", Shown::of(&webhook.from), Shown::of(&webhook.to)),
    };
    let kind = Shown::of(&webhook.kind).cut(18);
    let pad = " ".repeat(18usize.saturating_sub(kind.width()));
    let mut pieces = vec![
        (shown!("{} ", app.clock.second(webhook.at.0)), Role::Dim),
        (shown!("{} ", webhook.status), status(webhook.status)),
        (shown!("{:>7} ms ", millis(webhook)), Role::Dim),
        (shown!("{kind}{pad} "), Role::Text),
    ];
    match webhook.reason {
        Some(why) => {
            pieces.push((shown!("✗ {} ", reason(why)), Role::Error));
            pieces.push((way, Role::Dim));
        }
        None => pieces.push((way, Role::Text)),
    }
    pieces
}

fn status(status: u16) -> Role {
    if status < 300 { Role::Ok } else { Role::Error }
}

fn millis(webhook: &Webhook) -> String {
    format!("{}.{}", webhook.took_micros / 1000, webhook.took_micros % 1000 / 100)
}

fn outcome(webhook: &Webhook) -> &'static str {
    match (webhook.reason, webhook.status) {
        (Some(_), _) => "refused, kept as a dead letter",
        (None, 200) => "taken, durable before the answer",
        (None, 503) => "not taken: Twilio is asked to come again",
        (None, _) => "not taken",
    }
}

/// A webhook whole: how it was answered, and every field as it came.
pub fn detail(app: &App, webhook: &Webhook, width: usize) -> Vec<Vec<Piece>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let answer = shown!("{} in {} ms", webhook.status, millis(webhook));
    pair(&mut lines, width, "came", &shown!("{} (wall clock)", app.clock.second(webhook.at.0)), Role::Text);
    pair(&mut lines, width, "kind", &Shown::of(&webhook.kind), Role::Strong);
    pair(&mut lines, width, "to", &Shown::of(&webhook.path), Role::Text);
    pair(&mut lines, width, "answered", &answer, status(webhook.status));
    pair(&mut lines, width, "outcome", &Shown::from(outcome(webhook)), status(webhook.status));
    if let Some(why) = webhook.reason {
        pair(&mut lines, width, "reason", &Shown::from(reason(why)), Role::Error);
    }
    lines.push(Vec::new());
    for (name, value) in url::form_urlencoded::parse(webhook.form.as_bytes()) {
        let value = Shown::of(&value);
        let private = app.settings.privacy && name == "Body";
        pair(&mut lines, width, &name, &if private { hidden(&value) } else { value }, Role::Text);
    }
    lines
}

fn pair(lines: &mut Vec<Vec<Piece>>, width: usize, name: &str, value: &Shown, role: Role) {
    let label = Shown::of(name).cut(20);
    let pad = " ".repeat(21usize.saturating_sub(label.width()));
    for (n, part) in value.wrap(width.saturating_sub(21).max(8)).into_iter().enumerate() {
        let label = if n == 0 { shown!("{label}{pad}") } else { shown!("{:21}", "") };
        lines.push(vec![(label, Role::Dim), (part, role)]);
    }
}

fn letters(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let letters = &app.rooms.hooks.letters;
    let mut top = 0;
    for group in letters.groups.iter().take(GROUPS.min(usize::from(area.height / 3))) {
        let (waits, role) = match group.customers {
            0 => (Shown::from("nobody waits"), Role::Dim),
            1 => (Shown::from("1 customer is waiting behind this"), Role::Warn),
            n => (shown!("{n} customers are waiting behind this"), Role::Warn),
        };
        let to = group.to.iter().take(2).map(|t| Shown::of(t).to_string()).collect::<Vec<_>>().join(", ");
        let to = if to.is_empty() { Shown::default() } else { shown!(" · to {to}") };
        let pieces = [
            (shown!(" {:>4} {:<18}", group.letters, reason(group.reason)), Role::Strong),
            (waits, role),
            (to, Role::Dim),
        ];
        ink.pieces(line(area, top), &pieces);
        top += 1;
    }
    if top > 0 {
        ink.rule(line(area, top), false, &[], &[]);
        top += 1;
    }
    let area = Rect { y: area.y + top, height: area.height.saturating_sub(top), ..area };
    let fit = usize::from(area.height);
    let at = letters.at();
    let listed = Listed { top: list::follow(letters.top, Some(at), fit, letters.rows.len()), fit };
    map.list = Some(listed);
    if letters.rows.is_empty() {
        empty(ink, area, letters.error.as_ref(), letters.loaded, "no dead letters: every webhook found its place");
    }
    for (n, letter) in letters.rows.iter().enumerate().skip(listed.top).take(fit) {
        let rect = line(area, (n - listed.top) as u16);
        map.hit(rect, Hit::Row(n));
        ink.text(rect, &Shown::from(if n == at { "▌" } else { " " }), Role::Focus);
        let (mark, role) = match letter.replayed_at {
            Some(_) => (Shown::from("✓ replayed "), Role::Ok),
            None => (Shown::default(), Role::Text),
        };
        let pieces = [
            (shown!("{} ", app.clock.second(letter.at.0)), Role::Dim),
            (shown!("{:<18}", reason(letter.reason)), if role == Role::Ok { Role::Dim } else { Role::Error }),
            (mark, role),
            (Shown::of(&letter.detail), Role::Dim),
        ];
        ink.pieces(indent(rect, 1), &pieces);
        if n == at {
            ink.wash(indent(rect, 1), Role::Selection);
        }
    }
}
