//! The tester in sentences, for whoever hears it instead of seeing it.

use super::{grid, outcome, timeline};
use crate::tui::app::{App, Focus};
use crate::tui::shown::{Shown, shown};

/// What stands in the tester, one thing a line. What counts by itself is not among it.
pub fn told(app: &App) -> Vec<Shown> {
    if matches!(app.focus, Focus::Matrix | Focus::MatrixForm) {
        return grid::told(app);
    }
    let tester = &app.rooms.tester;
    let name = app.session.current().map(|b| Shown::of(&b.name)).unwrap_or_default();
    let live = if app.session.is_sandbox() { "no" } else { "YES" };
    let mut lines = Vec::new();
    match &tester.service {
        Some(Ok(service)) => {
            lines.push(shown!("{name}, Verify service {}, live: {live}.", service.sid));
            let level = outcome::unusual_guard(tester);
            lines.extend(level.map(|level| shown!("Fraud Guard is at {}.", level.word())));
        }
        Some(Err(why)) => lines.push(why.clone()),
        None => {}
    }
    match &tester.preview {
        None => lines.push(Shown::from(
            "to, channel, locale, template, values, name with a text behind it: what shall be sent; so are limits, amount, payee, tags, digits, app-hash and risk-check. Then: send-code.",
        )),
        Some(Err(why)) => lines.push(why.clone()),
        Some(Ok(preview)) => {
            let country = preview.country.as_deref().map(|c| shown!(" {}", Shown::of(c))).unwrap_or_default();
            let cost = preview.cost.as_ref().map(|cost| shown!(", {}", cost.fine())).unwrap_or_default();
            let segments = preview.measure.map(|m| shown!(", {} seg", m.segments)).unwrap_or_default();
            let channel = preview.channel.word();
            lines.push(shown!("To {}{country} by {channel}{segments}{cost}.", Shown::of(&preview.to)));
            lines.push(shown!("Text: {}", Shown::of(&preview.text)));
            lines.extend(preview.warnings.iter().map(|warning| shown!("Warning: {}", Shown::of(warning))));
        }
    }
    if let Some(followed) = &tester.followed {
        let flow = &followed.flow;
        lines.extend(followed.timeline.iter().map(|line| {
            let (left, right) = timeline::pieces(app, line, u16::MAX);
            let left: String = left.iter().map(|(text, _)| text.as_str()).collect();
            let right = right.map(|(money, _)| shown!(", {money}")).unwrap_or_default();
            shown!("{}{right}", Shown::of(left.trim()))
        }));
        let (words, _) = outcome::standing(flow.status);
        lines.push(shown!(
            "{words}, sends {} of {}, checks {} of {}.",
            flow.sends,
            flow.sends_limit,
            flow.checks,
            flow.checks_limit
        ));
        if let Some(cost) = flow.cost.as_ref().and_then(outcome::cost) {
            lines.push(shown!("Cost: {cost}"));
        }
    }
    if let Some(outcome) = &tester.outcome {
        lines.push(outcome.text.clone());
    }
    lines
}
