//! What is said where there is nothing: what that means there, and where there is something.

use super::{Analytics, Pivot, Source};
use crate::api::analytics::Outside;
use crate::tui::action::Action;
use crate::tui::app::App;
use crate::tui::shown::{Shown, shown};
use crate::tui::widgets::chart::short;

/// How many things the figures are about; `None` while there is no answer, and of businesses.
fn total(analytics: &Analytics) -> Option<u64> {
    match analytics.source() {
        Source::Verify => analytics.verify.answer.as_ref().map(|a| a.funnel.requested.max(a.funnel.sends)),
        Source::Messages => analytics.messages.answer.as_ref().map(|a| a.counts.incoming + a.counts.outgoing),
        Source::Overview | Source::Usage => None,
    }
}

/// Whether the time holds nothing of what the part is about: a chart of it would have nothing to show. What
/// agents have open is open now, whatever the time.
pub fn is_void(analytics: &Analytics) -> bool {
    total(analytics) == Some(0) && analytics.pivot() != Pivot::Agent
}

/// When there is something, if the time looked at holds nothing.
pub fn outside(analytics: &Analytics) -> Option<Outside> {
    match analytics.source() {
        Source::Verify => analytics.verify.answer.as_ref()?.outside,
        Source::Messages => analytics.messages.answer.as_ref()?.outside,
        Source::Overview | Source::Usage => None,
    }
}

/// Why there is nothing, and where there is something.
pub fn nothing(app: &App) -> Shown {
    let analytics = &app.rooms.analytics;
    if let Some(n) = total(analytics).filter(|n| *n > 0) {
        return lacking(analytics, n);
    }
    if analytics.source() == Source::Usage {
        let asked = analytics.usage.answer.as_ref().is_some_and(|a| a.days.iter().any(|day| day.asked_at.is_some()));
        let what = if asked {
            "nothing was used in this time, says Twilio"
        } else {
            "Twilio has not been asked about these days"
        };
        return shown!("{what}. {} asks it now.", app.key_of(Action::Open).unwrap_or_default());
    }
    let things = match analytics.source() {
        Source::Verify => "verification",
        Source::Messages => "message",
        Source::Overview | Source::Usage => return Shown::from("there is no business"),
    };
    let before = match analytics.source() {
        Source::Verify => analytics.verify.answer.as_ref().and_then(|a| a.before.as_ref()).map(|b| b.funnel.requested),
        _ => {
            let before = analytics.messages.answer.as_ref().and_then(|a| a.before.as_ref());
            before.map(|b| b.counts.incoming + b.counts.outgoing)
        }
    };
    let before = before
        .filter(|n| *n > 0)
        .map(|n| format!("; in {} there were {}", analytics.span.length.before(), short(n)))
        .unwrap_or_default();
    let narrowed: Vec<String> = analytics.filters().map(|filter| filter.name.to_string()).collect();
    let only = if narrowed.is_empty() { String::new() } else { format!(" with {}", narrowed.join(" and ")) };
    let key = |action| app.key_of(action).unwrap_or_default();
    let Some(outside) = outside(analytics) else {
        if before.is_empty() {
            return shown!("no {things}{only} in this time, and none at any other time.");
        }
        return shown!(
            "no {things}{only} in this time{before}. {} looks at {}, {} at a longer time.",
            key(Action::Earlier),
            analytics.span.length.before(),
            key(Action::LongerRange)
        );
    };
    let moment = |at: crate::api::When| format!("{} {}", app.clock.full_day(at.0), app.clock.minute(at.0));
    shown!(
        "no {things}{only} in this time{before}. The first {things} there is came on {}, the last on {}: {} shows the \
         time from the first to the last, {} {}, {} a longer time.",
        moment(outside.first),
        moment(outside.last),
        key(Action::Open),
        key(Action::Earlier),
        analytics.span.length.before(),
        key(Action::LongerRange)
    )
}

/// That of all there is nothing has what the part is split by.
fn lacking(analytics: &Analytics, n: u64) -> Shown {
    let things = match (analytics.source(), n) {
        (Source::Messages, 1) => "the one message",
        (Source::Messages, _) => "the messages",
        (_, 1) => "the one verification",
        (..) => "the verifications",
    };
    let n = short(n);
    match analytics.pivot() {
        Pivot::Template => shown!("{things} of this time ({n}): none was sent with a template."),
        Pivot::Error => shown!("{things} of this time ({n}): none met an error."),
        Pivot::Country | Pivot::Codes | Pivot::Texts => {
            shown!("{things} of this time ({n}): of none the country is known.")
        }
        Pivot::Carrier => shown!("{things} of this time ({n}): Twilio has named the carrier of none."),
        Pivot::Durations if analytics.source() == Source::Messages => {
            shown!("{things} of this time ({n}): none was a first answer.")
        }
        Pivot::Durations | Pivot::Speed => shown!("{things} of this time ({n}): none was approved."),
        Pivot::Agent => shown!("{things} of this time ({n}): no agent wrote one, and nobody has a conversation open."),
        _ => shown!("nothing of this kind among {things} of this time ({n})."),
    }
}
