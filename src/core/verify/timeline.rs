//! The timeline of a flow: what happened, in order, with the money beside it.

use super::views::success_fee;
use crate::api::When;
use crate::api::verify::TimelineLine;
use crate::domain::pricing::RateCard;
use crate::domain::time::Time;
use crate::domain::verification::{Attempt, Check, Flow, Progress, Status, Step, Verdict};

/// The lines of a flow.
pub(super) fn lines(rates: &RateCard, flow: &Flow, attempts: &[Attempt], checks: &[Check]) -> Vec<TimelineLine> {
    let mut lines: Vec<(Time, u8, TimelineLine)> = Vec::new();
    for attempt in attempts {
        lines.extend(attempt.steps.iter().map(|step| (step.at, 0, sent(attempt, step))));
    }
    lines.extend(checks.iter().map(|check| (check.at, 1, checked(check))));
    for leg in &flow.legs {
        if let Some(at) = leg.ended_at {
            let mut line = ended(leg.status, at, leg.created_at);
            line.sid = leg.sid;
            if leg.status == Status::Approved {
                (line.money, line.is_estimate) = (success_fee(rates, attempts), true);
            }
            // What a refused send says of itself needs no second line.
            if !matches!(leg.status, Status::Blocked | Status::Refused) {
                lines.push((at, 2, line));
            }
        }
    }
    lines.sort_by_key(|(at, rank, _)| (*at, *rank));
    lines.into_iter().map(|(_, _, line)| line).collect()
}

fn line(at: Time, what: &str, text: String) -> TimelineLine {
    TimelineLine {
        at: When(at),
        what: what.to_owned(),
        text,
        channel: None,
        attempt: None,
        sid: None,
        money: None,
        is_estimate: false,
        saved: None,
        error: None,
    }
}

/// A word of our API for a value that has one.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn sent(a: &Attempt, step: &Step) -> TimelineLine {
    let channel = a.wish.channel.word();
    let failed = || a.error_text.clone().map(|why| format!(": {why}")).unwrap_or_default();
    let (what, text) = match step.progress {
        Progress::Starting if a.nth > 1 => ("created".to_owned(), format!("asked for again by {channel} to {}", a.to)),
        Progress::Starting => ("created".to_owned(), format!("asked for by {channel} to {}", a.to)),
        Progress::Blocked | Progress::Refused => (
            word(step.progress),
            match a.error {
                Some(code) => format!("{} {code} · nothing sent{}", step.progress.words(), failed()),
                None => format!("{} · nothing sent{}", step.progress.words(), failed()),
            },
        ),
        Progress::Undelivered | Progress::Failed => {
            (word(step.progress), format!("{}{}", step.progress.words(), failed()))
        }
        progress => (word(progress), progress.words().to_owned()),
    };
    let mut line = line(step.at, &what, text);
    (line.channel, line.attempt) = (Some(a.wish.channel), Some(a.id));
    line.sid = match step.progress {
        Progress::Starting => a.verification,
        _ => a.sid,
    };
    line.error = a.error.filter(|_| step.progress.is_final() && step.progress == a.progress);
    match step.progress {
        // Twilio bills what it accepted.
        Progress::Queued => {
            if let Some((money, is_estimate)) = a.cost() {
                (line.money, line.is_estimate) = (Some(money), is_estimate);
            }
        }
        Progress::Blocked => line.saved.clone_from(&a.estimate),
        _ => {}
    }
    line
}

fn checked(c: &Check) -> TimelineLine {
    let (what, text) = match c.verdict {
        Verdict::Approved => ("rightCode", "checked: the code was right".to_owned()),
        Verdict::Pending => ("wrongCode", "checked: the code was wrong".to_owned()),
        Verdict::Refused => ("checkRefused", format!("not checked: {}", c.error_text.as_deref().unwrap_or("refused"))),
        Verdict::Unknown => ("checkUnknown", "checked, but Twilio's answer was lost".to_owned()),
    };
    TimelineLine { error: c.error, attempt: c.attempt, ..line(c.at, what, text) }
}

fn ended(status: Status, at: Time, since: Time) -> TimelineLine {
    let took = (at - since).0.max(0) / 1_000_000;
    let text = match status {
        Status::Approved => format!("approved in {:02}:{:02}", took / 60, took % 60),
        Status::MaxAttempts => "max attempts: five checks are used up".to_owned(),
        status => status.words().to_owned(),
    };
    line(at, &word(status), text)
}
