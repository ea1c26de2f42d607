//! Keeping up: whether Twilio reaches the node, how the import stands, and the intervals in which
//! webhooks may have been lost.

use ratatui::layout::Rect;

use super::draw::rows;
use crate::api::keeping::{GapView, ImportView, KeepingView};
use crate::domain::keeping::{ImportState, Why};
use crate::tui::app::App;
use crate::tui::clock::{Clock, span};
use crate::tui::framemap::FrameMap;
use crate::tui::ink::{Ink, Piece, indent, line};
use crate::tui::panes::empty;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

pub(super) fn draw(app: &App, ink: &mut Ink, area: Rect, map: &mut FrameMap) {
    let upkeep = &app.rooms.upkeep;
    let Some(keeping) = &upkeep.keeping else {
        return empty(ink, area, upkeep.error.as_ref(), false, "");
    };
    let lines = summary(&app.clock, keeping, usize::from(area.width.saturating_sub(3)).max(20));
    let most = usize::from(area.height / 2);
    let shown = lines.len().min(most) as u16;
    for (n, pieces) in lines.iter().take(most).enumerate() {
        ink.pieces(indent(line(area, n as u16), 1), pieces);
    }
    let rest = Rect { y: area.y + shown, height: area.height.saturating_sub(shown), ..area };
    ink.rule(line(rest, 0), false, &[(Shown::from("Gaps"), Role::Strong)], &[]);
    let rest = Rect { y: rest.y + 1, height: rest.height.saturating_sub(1), ..rest };
    if upkeep.gaps.items.is_empty() {
        empty(ink, rest, upkeep.gaps.error.as_ref(), upkeep.gaps.loaded, "somebody has listened all the time");
    }
    rows(ink, rest, map, &upkeep.gaps, |gap| gap_lines(&app.clock, gap));
}

fn summary(clock: &Clock, keeping: &KeepingView, width: usize) -> Vec<Vec<Piece>> {
    let mut lines = Vec::new();
    lines.push(match keeping.webhooks {
        true => vec![(Shown::from("● Twilio reaches this node: webhooks come by themselves"), Role::Ok)],
        false => vec![(Shown::from("○ Twilio cannot reach this node: its list is asked instead"), Role::Warn)],
    });
    let mut known = Vec::new();
    if let Some(at) = keeping.heard_until {
        known.push(format!("heard until {}", clock.brief(at.0)));
    }
    if let Some(at) = keeping.listed_until {
        known.push(format!("list merged up to {}", clock.brief(at.0)));
    }
    if let Some(seconds) = keeping.next_look_seconds {
        known.push(format!("next look in {}", span(i64::try_from(seconds).unwrap_or(i64::MAX))));
    }
    if !known.is_empty() {
        lines.push(vec![(Shown::from(known.join(" · ")), Role::Dim)]);
    }
    lines.push(match keeping.open_gaps {
        0 => vec![(Shown::from("✓ every gap was looked through"), Role::Ok)],
        1 => vec![(Shown::from("! 1 gap was not looked through yet"), Role::Warn)],
        n => vec![(shown!("! {n} gaps were not looked through yet"), Role::Warn)],
    });
    lines.push(match &keeping.import {
        None => vec![(Shown::from("no history was imported"), Role::Dim)],
        Some(import) => import_line(clock, import),
    });
    for note in keeping.import.iter().filter_map(|import| import.note.as_ref()) {
        let parts = Shown::of(note).wrap(width);
        lines.extend(parts.into_iter().map(|part| vec![(part, Role::Dim)]));
    }
    for trouble in &keeping.troubles {
        let parts = shown!("▲ {}", Shown::of(trouble)).wrap(width);
        lines.extend(parts.into_iter().map(|part| vec![(part, Role::Warn)]));
    }
    if let Some(rows) = keeping.counted_anew {
        let parts = shown!("✓ figures counted from {rows} messages and codes of an older version").wrap(width);
        lines.extend(parts.into_iter().map(|part| vec![(part, Role::Ok)]));
    }
    lines
}

fn import_line(clock: &Clock, import: &ImportView) -> Vec<Piece> {
    let (state, role) = match import.state {
        ImportState::Running => ("◌ import under way", Role::Warn),
        ImportState::Done => ("✓ import done", Role::Ok),
        ImportState::Stopped => ("■ import stopped", Role::Dim),
    };
    let so_far = shown!(
        " · {} listed, {} new · down to {}, as far as {}",
        import.listed,
        import.imported,
        clock.brief(import.down_to.0),
        clock.brief(import.since.0)
    );
    vec![(Shown::from(state), role), (so_far, Role::Text)]
}

fn moment(clock: &Clock, at: crate::domain::time::Time) -> String {
    format!("{} {}", clock.day(at), clock.minute(at))
}

fn gap_lines(clock: &Clock, gap: &GapView) -> [Vec<Piece>; 2] {
    let why = match gap.why {
        Why::Away => "no node ran".to_owned(),
        Why::Shed => format!("{} webhooks were answered 503", gap.shed),
    };
    let same_day = |at| clock.day_number(at) == clock.day_number(gap.from.0);
    let until = match gap.until {
        None => Shown::from("now"),
        Some(at) if same_day(at.0) => clock.minute(at.0),
        Some(at) => Shown::from(moment(clock, at.0)),
    };
    let first =
        vec![(shown!("{} – {until}", moment(clock, gap.from.0)), Role::Strong), (shown!(" · {why}"), Role::Text)];
    let found = shown!("texts {} · reports {} · not ours {}", gap.found.texts, gap.found.reports, gap.found.strangers);
    let second = match gap.swept_at {
        Some(at) => vec![(shown!("✓ looked through {}: ", moment(clock, at.0)), Role::Ok), (found, Role::Dim)],
        None => vec![(Shown::from("! not looked through yet: "), Role::Warn), (found, Role::Dim)],
    };
    [first, second]
}
