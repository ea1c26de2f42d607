//! Verifications made by changes, from the first request to the end.

use switchboard::core::change::{
    AttemptAccepted, AttemptRefused, AttemptSeen, AttemptStarted, Change, CheckRecorded, FlowExpired,
};
use switchboard::domain::business::Business;
use switchboard::domain::id::{Id, Sid};
use switchboard::domain::money::Money;
use switchboard::domain::time::{Span, Time};
use switchboard::domain::verification::{Attempt, Channel, Check, Journey, Progress, Status, Verdict, Wish};

/// The business they are of, in Los Angeles.
pub const BANK: Id = Id(5);
/// 2026-03-01 09:00 in Los Angeles.
pub const MORNING: Time = Time::from_secs(1_772_384_400);

/// What becomes of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Approved,
    Expired,
    Spent,
    Blocked,
}

/// A SID of that kind and number.
pub fn sid(prefix: &[u8; 2], n: u64) -> Sid {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&n.to_be_bytes());
    Sid { prefix: *prefix, bytes }
}

/// The rate of a channel.
pub fn rate(channel: Channel) -> Money {
    let text = match channel {
        Channel::Sms => "0.0083",
        Channel::Call => "0.0140",
        Channel::Whatsapp => "0.0147",
        Channel::Email => "0",
    };
    Money::parse(text, "USD").unwrap()
}

/// One send that begins a verification, before Twilio knows of it.
pub fn attempt(n: u64, channel: Channel) -> Attempt {
    let to = if channel == Channel::Email { format!("kim{n}@example.com") } else { format!("+1415555{n:04}") };
    Attempt {
        business: BANK,
        id: Id(1000 + n),
        flow: Id(0),
        leg: 0,
        nth: 0,
        to: to.parse().unwrap(),
        service: sid(b"VA", 1),
        wish: Wish { channel, ..Wish::default() },
        verification: None,
        sid: None,
        progress: Progress::Starting,
        outcome: Status::Starting,
        error: None,
        error_text: None,
        segments: 1,
        estimate: Some(rate(channel)),
        price: None,
        converted: None,
        country: Some("US".into()),
        carrier: None,
        actor: String::new(),
        at: MORNING,
        steps: Vec::new(),
        started: MORNING,
        settled: false,
        journey: Journey { fee: Money::parse("0.05", "USD"), ..Journey::default() },
    }
}

/// What is learned later of a send.
pub fn seen(n: u64) -> AttemptSeen {
    AttemptSeen {
        business: BANK,
        attempt: Id(1000 + n),
        progress: None,
        price: None,
        error: None,
        error_text: None,
        converted: None,
        country: None,
        carrier: None,
        gave_up: false,
    }
}

fn check(n: u64, nth: u64, verdict: Verdict) -> Check {
    Check {
        business: BANK,
        id: Id(100_000 + n * 10 + nth),
        flow: Id(5000 + n),
        leg: 0,
        attempt: Some(Id(1000 + n)),
        to: "+14155550100".parse().unwrap(),
        verdict,
        error: None,
        error_text: None,
        actor: String::new(),
        at: MORNING,
        took_micros: 1,
    }
}

/// The changes of one verification that is asked for at `at`.
pub fn story(n: u64, channel: Channel, end: End, at: Time) -> Vec<(Time, Change)> {
    let (attempt_id, flow) = (Id(1000 + n), Id(5000 + n));
    let later = |millis: i64| at + Span::millis(millis);
    let start = AttemptStarted { attempt: attempt(n, channel), flow: None, new_flow: flow };
    let mut all = vec![(at, Change::AttemptStarted(Box::new(start)))];
    if end == End::Blocked {
        let text = "Fraud Guard".to_owned();
        all.push((
            at,
            Change::AttemptRefused(AttemptRefused { business: BANK, attempt: attempt_id, code: Some(60410), text }),
        ));
        return all;
    }
    all.push((
        later(200),
        Change::AttemptAccepted(AttemptAccepted {
            business: BANK,
            attempt: attempt_id,
            verification: sid(b"VE", n),
            sid: Some(sid(b"VL", n)),
            sends: 1,
            at: later(200),
            carrier: None,
        }),
    ));
    let arrived = AttemptSeen {
        progress: Some((Progress::Delivered, later(2000))),
        price: (channel != Channel::Email).then(|| rate(channel)),
        ..seen(n)
    };
    all.push((later(2000), Change::AttemptSeen(Box::new(arrived))));
    let checks: &[(Verdict, Option<Status>)] = match end {
        End::Approved => &[(Verdict::Approved, Some(Status::Approved))],
        End::Spent => &[
            (Verdict::Pending, None),
            (Verdict::Pending, None),
            (Verdict::Pending, None),
            (Verdict::Pending, None),
            (Verdict::Pending, Some(Status::MaxAttempts)),
        ],
        _ => &[],
    };
    for (nth, (verdict, status)) in (0_u64..).zip(checks) {
        let check = check(n, nth, *verdict);
        let at = later(20_000 + i64::try_from(n).unwrap() * 100);
        all.push((at, Change::CheckRecorded(Box::new(CheckRecorded { check, status: *status }))));
    }
    if end == End::Expired {
        all.push((later(700_000), Change::FlowExpired(FlowExpired { business: BANK, flow })));
    }
    all
}

/// The business.
pub fn bank() -> Business {
    Business {
        id: BANK,
        name: "Northwind Bank".into(),
        contact_email: String::new(),
        phone_number: String::new(),
        verify_service: Some(sid(b"VA", 1)),
        verify_per_minute: None,
        custom_number: None,
        branding: None,
        active: true,
        time_zone: "America/Los_Angeles".into(),
        colour: None,
        setup: None,
        updated_by: String::new(),
        created_at: Time(0),
        updated_at: Time(0),
        version: 0,
        deleted_at: None,
    }
}
