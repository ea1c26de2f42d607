//! What came of what was done, in one line; and what it means, as a page.

use super::Tester;
use crate::api::verify::{Checked, FlowCost, FlowView, FraudLevel};
use crate::api::{ApiError, Code};
use crate::domain::money::Money;
use crate::domain::verification::{Status, Verdict, codes};
use crate::tui::ink::Piece;
use crate::tui::overlay::page::WIDTH;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// In one line.
    pub text: Shown,
    /// How it looks.
    pub role: Role,
    /// What it means, if there is more to say.
    pub more: Option<Shown>,
    /// Twilio's code behind it.
    pub code: Option<u32>,
}

impl Outcome {
    /// Something that went as it should.
    pub fn of(text: impl Into<Shown>, role: Role) -> Outcome {
        Outcome { text: text.into(), role, more: None, code: None }
    }

    /// A code was checked.
    pub fn checked(checked: &Checked) -> Outcome {
        let flow = &checked.flow;
        let count = shown!("{}/{}", flow.checks, flow.checks_limit);
        let mut outcome = match checked.status {
            Verdict::Approved => Outcome::of(shown!("✓ {}", approved(flow)), Role::Ok),
            Verdict::Pending if flow.checks >= flow.checks_limit => {
                Outcome::of(shown!("✗ checks {count} · the next check is refused, right or wrong"), Role::Error)
            }
            Verdict::Pending => Outcome::of(shown!("✗ pending checks {count}"), Role::Warn),
            Verdict::Refused | Verdict::Unknown => Outcome::of(Shown::of(&checked.detail), Role::Warn),
        };
        outcome.more = Some(Shown::of(&checked.detail));
        outcome
    }

    /// Something was refused, about the flow that is followed if there is one.
    pub fn refused(e: &ApiError, flow: Option<&FlowView>) -> Outcome {
        let status = e.code.status();
        let text = match e.twilio {
            Some(code @ codes::NOT_FOUND) if e.code == Code::NotFound => {
                let how = flow.map(|flow| shown!(" ({})", flow.status.words())).unwrap_or_default();
                shown!("{status} {code} — verification already finished{how}")
            }
            Some(code @ codes::SENDS_USED_UP) => shown!("{code} max send attempts · {status}"),
            Some(code @ codes::CHECKS_USED_UP) => shown!("{code} max check attempts · {status}"),
            Some(code) if codes::BLOCKED.contains(&code) => blocked(code, None),
            Some(code) => shown!("{code} · {status}: {}", Shown::of(&e.detail)),
            None => Shown::of(&e.detail),
        };
        Outcome { text: shown!("✗ {text}"), role: Role::Error, more: Some(Shown::of(&e.detail)), code: e.twilio }
    }
}

/// `approved in 00:04`.
fn approved(flow: &FlowView) -> Shown {
    let leg = flow.legs.iter().rev().find(|leg| leg.status == Status::Approved);
    let took = leg.and_then(|leg| Some((leg.ended_at?.0 - leg.created_at.0).whole_secs().max(0)));
    took.map_or(Shown::from("approved"), |took| shown!("approved in {:02}:{:02}", took / 60, took % 60))
}

/// `blocked 60410 fraud · nothing sent · saved $0.0083`.
pub fn blocked(code: u32, saved: Option<&Money>) -> Shown {
    let why = match code {
        60238 => "by Twilio's review",
        60410 => "fraud",
        60412 => "sign-up protection",
        60605 => "country not allowed",
        _ => "",
    };
    let saved = saved.map(|money| shown!(" · saved {}", money.fine())).unwrap_or_default();
    shown!("blocked {code} {why} · nothing sent{saved}")
}

/// How much Fraud Guard blocks, where that is not as at first.
pub fn unusual_guard(tester: &Tester) -> Option<FraudLevel> {
    let service = tester.service.as_ref()?.as_ref().ok()?;
    service.fraud_guard.filter(|level| *level != FraudLevel::Standard)
}

/// How a verification stands, and how that looks.
pub fn standing(status: Status) -> (&'static str, Role) {
    let role = match status {
        Status::Approved => Role::Ok,
        Status::Pending => Role::Accent,
        Status::Starting | Status::Canceled => Role::Dim,
        Status::Unknown => Role::Warn,
        Status::Expired | Status::MaxAttempts | Status::Blocked | Status::Refused => Role::Error,
    };
    (status.words(), role)
}

/// `0.0083 + 0.0500 = $0.0583`; an estimate is said to be one.
pub fn cost(cost: &FlowCost) -> Option<Shown> {
    let total = cost.total.as_ref()?;
    let bare = |money: &Money| money.fine().trim_start_matches(|c: char| !c.is_ascii_digit()).to_owned();
    let estimate = if cost.is_estimate { " (estimate)" } else { "" };
    Some(match (&cost.sends, &cost.success) {
        (Some(sends), Some(success)) => shown!("{} + {} = {}{estimate}", bare(sends), bare(success), total.fine()),
        _ => shown!("{}{estimate}", total.fine()),
    })
}

/// What the last outcome means, and what is known of the failed send, as a page's lines.
pub fn explained(tester: &Tester) -> Option<Vec<Vec<Piece>>> {
    let mut lines: Vec<Vec<Piece>> = Vec::new();
    let mut say = |text: &Shown, role: Role| {
        lines.extend(text.wrap(WIDTH).into_iter().map(|part| vec![(part, role)]));
    };
    if let Some(outcome) = &tester.outcome {
        say(&outcome.text, outcome.role);
        if let Some(more) = &outcome.more {
            say(more, Role::Text);
        }
        for text in outcome.code.map(background).unwrap_or_default() {
            say(&Shown::default(), Role::Text);
            say(&Shown::from(*text), Role::Text);
        }
    }
    let failed = tester.followed.as_ref().and_then(|followed| followed.attempts.last()).filter(|a| a.error.is_some());
    if let Some(attempt) = failed {
        if tester.outcome.is_some() {
            say(&Shown::from(" "), Role::Text);
        }
        let code = attempt.error.map(|code| shown!("{code} ")).unwrap_or_default();
        say(&shown!("The send: {}", attempt.progress.words()), Role::Strong);
        match &attempt.failure {
            Some(failure) => {
                say(&shown!("{code}{}", Shown::of(&failure.title)), Role::Error);
                say(&Shown::of(&failure.cause), Role::Text);
                say(&shown!("whose: {}", failure.fault.words()), Role::Dim);
                say(&shown!("again: {}", failure.retry.words()), Role::Dim);
                say(&Shown::of(&failure.remedy), Role::Text);
            }
            None => say(&shown!("{code}{}", Shown::of(attempt.error_text.as_deref().unwrap_or_default())), Role::Error),
        }
    }
    (!lines.is_empty()).then_some(lines)
}

/// What a person has to know of Twilio to understand a code.
fn background(code: u32) -> &'static [&'static str] {
    match code {
        codes::NOT_FOUND => &[
            "Twilio deletes finished verifications: once one is approved, canceled, expired or out of checks, it answers 404 with 20404 to whoever asks for it, with the right code too.",
            "What became of it is kept here: it stands in the timeline and in the log of attempts.",
        ],
        codes::SENDS_USED_UP => &[
            "Twilio sends one code at most five times. Cancel the pending verification, then the next send makes a new one with a new code.",
        ],
        codes::CHECKS_USED_UP => &[
            "Twilio looks at five codes for one verification; after that the right one is refused too. Cancel it, or wait until its ten minutes are over, and send a new code.",
        ],
        60410 => &[
            "Twilio's Fraud Guard blocks the beginning of this number for a while. Nothing was sent and nothing is billed.",
            "Another channel often works at once. A number that you know to be good can be put on Twilio's safe list.",
        ],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(text: &str) -> Option<Money> {
        Money::parse(text, "USD")
    }

    #[test]
    fn money_is_added_up_before_the_eyes() {
        let both = FlowCost { sends: usd("0.0083"), success: usd("0.05"), total: usd("0.0583"), is_estimate: false };
        assert_eq!(cost(&both).unwrap().as_str(), "0.0083 + 0.0500 = $0.0583");
        let sends = FlowCost { success: None, total: usd("0.0083"), is_estimate: true, ..both };
        assert_eq!(cost(&sends).unwrap().as_str(), "$0.0083 (estimate)");
        assert_eq!(cost(&FlowCost::default()), None);
    }

    #[test]
    fn a_refusal_names_twilios_code_and_the_status() {
        let refused = |code: Code, twilio: u32| {
            let e = ApiError { twilio: Some(twilio), ..ApiError::new(code, "d") };
            Outcome::refused(&e, None).text.to_string()
        };
        assert_eq!(refused(Code::TooManyRequests, 60203), "✗ 60203 max send attempts · 429");
        assert_eq!(refused(Code::TooManyRequests, 60202), "✗ 60202 max check attempts · 429");
        assert_eq!(refused(Code::NotFound, 20404), "✗ 404 20404 — verification already finished");
        assert_eq!(
            blocked(60410, usd("0.0083").as_ref()).as_str(),
            "blocked 60410 fraud · nothing sent · saved $0.0083"
        );
    }
}
