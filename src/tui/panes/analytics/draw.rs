//! The frame of the dashboard:
//!
//! ```text
//! ━ Dashboard [Overview] Over time  Cost  Messages  Where  Businesses ━━━━━━━
//!  Northwind Bank · Tue 24 Feb – Mon 2 Mar 2026 · a week · America/Los_Angeles
//!  200 verifications · 165 approved
//!  82.5 % of all · 83.8 % excluding 3 blocked
//! ─ stages · p splits it otherwise ───────────────────────────────────────────
//! ```

use ratatui::layout::Rect;

use super::view::{View, error, view};
use super::void::{is_void, nothing};
use super::{Analytics, Part, Pivot, Source, businesses, cost, figures, messages, overview, places, usage};
use crate::tui::action::Action;
use crate::tui::app::{App, Focus};
use crate::tui::framemap::{FrameMap, Hit};
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::panes::tabs;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// From this width on what is next to the chart stands beside it.
const BESIDE: u16 = 120;
/// A chart has at least so many lines; what else there is to say waits for a larger screen.
const LEAST: u16 = 5;

/// Draws the dashboard, or what stands behind a figure of it.
pub fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let analytics = &app.rooms.analytics;
    // What is due is asked when the frame after that moment stands; so is a new day or hour.
    map.changes(analytics.due());
    map.changes(app.clock.now().and_then(|now| app.clock.reaches(analytics.span.over(now, app.clock.zone())?)));
    if let (Focus::Figures, Some(figures)) = (app.focus, &analytics.figures) {
        return figures::draw(app, figures, ink, area, map);
    }
    title(analytics, ink, line(area, 0), map);
    let mut top = 1;
    for pieces in head(app, usize::from(area.width.saturating_sub(2))) {
        ink.pieces(indent(line(area, top), 1), &pieces);
        top += 1;
    }
    let body = Rect { y: area.y + top, height: area.height.saturating_sub(top), ..area };
    match view(app) {
        Some(view) if view.chart.is_empty() || is_void(analytics) => {
            rule(app, ink, line(body, 0), map);
            let below = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
            told(ink, below, &nothing(app), Role::Text);
        }
        Some(view) => charted(app, &view, ink, body, map),
        None => match error(analytics) {
            Some(why) => told(ink, body, &shown!("✗ {why}"), Role::Error),
            None => told(ink, body, &Shown::from("reading…"), Role::Dim),
        },
    }
}

fn told(ink: &mut Ink, area: Rect, text: &Shown, role: Role) {
    for (n, text) in text.wrap(usize::from(area.width.saturating_sub(4)).max(1)).iter().enumerate() {
        ink.text(indent(line(area, n as u16 + 1), 2), text, role);
    }
}

fn title(analytics: &Analytics, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let parts: Vec<_> = Part::ALL.iter().map(|part| (part.name(), None, *part == analytics.part)).collect();
    let all = tabs("Dashboard", &parts);
    let width: usize = all.iter().map(|(text, _)| text.width()).sum();
    let at = analytics.part as usize;
    let fits = width + 4 <= usize::from(area.width);
    if fits {
        // The first piece is the name of the pane; the rule begins with two cells of its own.
        let mut x = area.x + 2;
        for (n, (text, _)) in all.iter().enumerate() {
            let width = text.width() as u16;
            if let Some(part) = n.checked_sub(1) {
                map.hit(Rect { x, width, ..area }, Hit::Part(part));
            }
            x += width;
        }
    }
    let pieces = if fits { all } else { tabs("Dashboard", &parts[at..=at]) };
    let n = shown!("{}/{}", at + 1, Part::ALL.len());
    ink.rule(area, true, &pieces, &[(n, Role::Dim)]);
}

/// The lines above the chart, the first one in so many cells.
pub(super) fn head(app: &App, width: usize) -> Vec<Vec<Piece>> {
    // What is said twice goes first: which region a zone is in, how long the days are.
    let tries = [(false, false), (true, false)].into_iter().map(|(zone, length)| scope(app, zone, length));
    let fits = |pieces: &Vec<Piece>| pieces.iter().map(|(text, _)| text.width()).sum::<usize>() <= width;
    let first = tries.into_iter().find(fits).unwrap_or_else(|| scope(app, true, true));
    let mut lines = vec![first];
    lines.extend(headline(app).into_iter().flatten());
    lines
}

/// Whose figures they are, of which time, and how true they are.
fn scope(app: &App, short_zone: bool, no_length: bool) -> Vec<Piece> {
    let analytics = &app.rooms.analytics;
    // Twilio's records are of accounts, not of businesses.
    let is_usage = analytics.source() == Source::Usage;
    let everyone = analytics.everyone || is_usage || analytics.part == Part::Businesses;
    let name = match (everyone, app.session.current()) {
        (true, _) => Shown::from("all businesses"),
        (false, row) => row.map(|row| Shown::of(&row.name)).unwrap_or_default(),
    };
    let mut pieces = vec![(name, Role::Strong)];
    for (n, filter) in analytics.filters().enumerate() {
        let known = if filter.suits(analytics.source()) { Role::Accent } else { Role::Dim };
        pieces.push((shown!("{}{}", if n == 0 { " · only " } else { ", " }, filter.name), known));
    }
    if let Some(now) = app.clock.now() {
        let zone = app.session.current().map(|row| row.time_zone.as_str()).filter(|zone| !zone.is_empty());
        let zone = if is_usage { "days of GMT" } else { zone.unwrap_or("UTC") };
        let zone = if short_zone { zone.rsplit('/').next().unwrap_or(zone) } else { zone };
        let label = analytics.span.label(now, app.clock.zone());
        let label = label.as_str().rsplit_once(" · ").filter(|_| no_length).map_or(label.as_str(), |(dates, _)| dates);
        pieces.push((shown!(" · {} · {}", Shown::of(label), Shown::of(zone)), Role::Text));
    }
    let at = match analytics.source() {
        Source::Verify => analytics.verify.at,
        Source::Messages => analytics.messages.at,
        Source::Overview => analytics.overview.at,
        Source::Usage => analytics.usage.at,
    };
    if let (Some(why), Some(at)) = (error(analytics), at) {
        pieces.push((shown!(" · as of {}: {why}", app.clock.minute(at)), Role::Error));
    }
    pieces
}

fn headline(app: &App) -> Option<[Vec<Piece>; 2]> {
    let analytics = &app.rooms.analytics;
    match analytics.source() {
        Source::Verify => analytics.verify.answer.as_ref().map(|answer| overview::headline(&answer.funnel)),
        Source::Messages => analytics.messages.answer.as_ref().map(messages::headline),
        Source::Overview => analytics.overview.answer.as_ref().map(businesses::headline),
        Source::Usage => analytics.usage.answer.as_ref().map(|answer| usage::headline(answer, &app.clock)),
    }
}

/// What is said below the headline, as far as there is room: sums, rates, reasons.
pub(super) fn more(app: &App) -> Vec<Vec<Piece>> {
    let analytics = &app.rooms.analytics;
    match (analytics.source(), analytics.part) {
        (Source::Verify, Part::Cost) => analytics.verify.answer.as_ref().map(cost::lines),
        (Source::Verify, Part::Overview) => {
            analytics.verify.answer.as_ref().map(|answer| overview::rates(answer, analytics.span.length))
        }
        (Source::Verify, Part::Where) => analytics.verify.answer.as_ref().map(|answer| {
            let known = answer.by_country.iter().map(|row| row.funnel.requested);
            places::unplaced(answer.funnel.requested, known, "emails, and numbers that tell none")
        }),
        (Source::Messages, Part::Where) => analytics.messages.answer.as_ref().map(|answer| {
            let known = answer.by_country.iter().map(|row| row.counts.incoming + row.counts.outgoing);
            let all = answer.counts.incoming + answer.counts.outgoing;
            places::unplaced(all, known, "short codes, and numbers that tell none")
        }),
        (Source::Messages, Part::Messages) => analytics
            .messages
            .answer
            .as_ref()
            .map(|answer| messages::rates(answer, app.settings.marks, analytics.span.length)),
        (Source::Usage, _) => analytics.usage.answer.as_ref().map(|answer| usage::lines(app, analytics, answer)),
        (Source::Overview, _) => {
            analytics.overview.answer.as_ref().map(|answer| businesses::why(answer, analytics.spot().at.unwrap_or(0)))
        }
        _ => None,
    }
    .unwrap_or_default()
}

/// The chart or its twin, and around it what there is room for.
fn charted(app: &App, view: &View, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let analytics = &app.rooms.analytics;
    let side = (area.width >= BESIDE && !analytics.table).then(|| beside(app)).filter(|side| !side.is_empty());
    let width = if side.is_some() { area.width / 2 } else { area.width };
    let more = wrapped(more(app), usize::from(width.saturating_sub(2)));
    // The sums of the costs are what the part is for: they come first.
    let sums = (analytics.source(), analytics.part) == (Source::Verify, Part::Cost);
    let room = area.height.saturating_sub(LEAST + 1);
    let said =
        u16::try_from(more.len()).unwrap_or(u16::MAX).min(if sums { area.height.saturating_sub(2) } else { room });
    let mut chart = area;
    if sums {
        lines(ink, Rect { height: said, ..area }, &more);
        chart = Rect { y: area.y + said, height: area.height - said, ..area };
    } else {
        chart.height -= said;
    }
    if let Some(side) = &side {
        let right = Rect {
            x: chart.x + width + 1,
            width: chart.width - width - 1,
            y: chart.y,
            height: area.bottom() - chart.y,
        };
        chart.width = width;
        stacked(app, side, ink, right, map);
    }
    rule(app, ink, line(chart, 0), map);
    let inside = Rect { y: chart.y + 1, height: chart.height.saturating_sub(1), ..chart };
    let spot = analytics.spot();
    let at = view.chart.cursor(spot);
    map.list = Some(if analytics.table {
        view.chart.table().draw(ink, inside, Some(view.chart.row_of(at)), spot.top, map)
    } else {
        view.chart.draw(ink, inside, app.settings.marks, map)
    });
    if !sums {
        // Below a short chart it follows at once; below one that takes the screen it stands at its foot.
        let used = if analytics.table { inside.height } else { view.chart.height().min(inside.height) };
        let y = inside.y + used;
        lines(ink, Rect { y, height: area.bottom().saturating_sub(y).min(said), width, ..area }, &more);
    }
}

/// Lines that are too long go on below, behind their glyph.
fn wrapped(lines: Vec<Vec<Piece>>, width: usize) -> Vec<Vec<Piece>> {
    let mut out = Vec::new();
    for mut pieces in lines {
        let total: usize = pieces.iter().map(|(text, _)| text.width()).sum();
        let Some((last, role)) = pieces.last().cloned().filter(|_| total > width && pieces.len() <= 2) else {
            out.push(pieces);
            continue;
        };
        pieces.pop();
        let before: usize = pieces.iter().map(|(text, _)| text.width()).sum();
        for (n, part) in last.wrap(width.saturating_sub(before).max(10)).into_iter().enumerate() {
            let lead = (shown!("{}", " ".repeat(before)), Role::Text);
            let mut line = if n == 0 { pieces.clone() } else { vec![lead] };
            line.push((part, role));
            out.push(line);
        }
    }
    out
}

fn lines(ink: &mut Ink, area: Rect, lines: &[Vec<Piece>]) {
    for (n, pieces) in lines.iter().enumerate().take(usize::from(area.height)) {
        ink.pieces(indent(line(area, n as u16), 1), pieces);
    }
}

fn rule(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let analytics = &app.rooms.analytics;
    let pivot = analytics.pivot();
    let mut title = vec![(Shown::from(pivot.title()), Role::Strong)];
    if analytics.table {
        title.push((Shown::from(" as a table"), Role::Text));
    }
    let key = app.key_of(Action::SplitBy).filter(|_| analytics.part.pivots(analytics.everyone).len() > 1);
    let right = key.map(|key| vec![(Shown::from(key), Role::Key), (Shown::from(" splits it otherwise"), Role::Dim)]);
    if right.is_some() {
        map.hit(area, Hit::Hint(Action::SplitBy));
    }
    ink.rule(area, false, &title, &right.unwrap_or_default());
}

/// What stands beside the chart on a wide screen: other pictures of the same answer, without a cursor.
fn beside(app: &App) -> Vec<(&'static str, super::Chart)> {
    let analytics = &app.rooms.analytics;
    let pivot = analytics.pivot();
    match (analytics.source(), analytics.part) {
        (Source::Verify, Part::Overview) => {
            let Some(answer) = &analytics.verify.answer else { return Vec::new() };
            let mut side = Vec::new();
            for other in [Pivot::Channel, Pivot::Durations, Pivot::Country, Pivot::Error] {
                let chart = match other {
                    Pivot::Durations => overview::durations(&answer.time_to_verify),
                    other => overview::slices(other, answer).chart,
                };
                if other != pivot && !chart.is_empty() {
                    side.push((other.title(), chart));
                }
            }
            side
        }
        (Source::Messages, Part::Messages) => {
            let Some(answer) = &analytics.messages.answer else { return Vec::new() };
            let mut side = Vec::new();
            if pivot != Pivot::Hours {
                side.push((Pivot::Hours.title(), super::Chart::Heat(messages::heat(answer, analytics.numbers))));
            }
            if pivot != Pivot::Agent {
                side.push((Pivot::Agent.title(), messages::agents(&answer.by_agent).chart));
            }
            let durations = overview::durations(&answer.first_response);
            if pivot != Pivot::Durations && !durations.is_empty() {
                side.push((Pivot::Durations.title(), durations));
            }
            side
        }
        _ => Vec::new(),
    }
}

fn stacked(app: &App, side: &[(&'static str, super::Chart)], ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let mut y = area.y;
    // Clicks on these lead nowhere: only the chart with the cursor has rows.
    let mut aside = FrameMap::default();
    for (title, chart) in side {
        let left = area.bottom().saturating_sub(y);
        if left < 3 {
            break;
        }
        ink.rule(Rect { y, height: 1, ..area }, false, &[(Shown::from(*title), Role::Strong)], &[]);
        let height = chart.height().min(left - 1);
        chart.draw(ink, Rect { y: y + 1, height, ..area }, app.settings.marks, &mut aside);
        y += height + 1;
    }
    map.hit(area, Hit::Overlay);
}
