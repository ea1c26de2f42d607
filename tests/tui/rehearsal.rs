//! A burst of codes is rehearsed from the tester.

use switchboard::api::verify::{BiteView, Rehearsal, RehearseVerifications, SecondView, Whose};
use switchboard::api::{ApiError, Code, Reply, Request};
use switchboard::domain::verification::Channel;
use switchboard::tui::lines::{Told, said};
use switchboard::tui::msg::Tag;

use crate::bank::{Bank, usd};
use crate::desk::Desk;
use crate::screens::check;
use crate::tester::sent;

/// Of 200 codes in a minute 60 go out.
fn rehearsal() -> Rehearsal {
    let second = |n: u32| {
        let all = if n.is_multiple_of(3) { 4 } else { 3 };
        let refused = u32::from(n > 50);
        let accepted = if n < 18 { all } else { 0 };
        SecondView { second: n, accepted, held: all - accepted - refused, refused }
    };
    let items: Vec<SecondView> = (0..60).map(second).collect();
    let sum = |of: fn(&SecondView) -> u32| items.iter().map(of).sum();
    Rehearsal {
        sends: 200,
        seconds: 60,
        recipients: 200,
        channel: Channel::Sms,
        accepted: sum(|s| s.accepted),
        held: sum(|s| s.held),
        refused: sum(|s| s.refused),
        cost: usd("0.498"),
        success_fee: usd("0.05"),
        verdict: "60 of 200 codes in 60 s go out: our own limit bites first, after 18.0 s".into(),
        bites: vec![
            BiteView {
                whose: Whose::Ours,
                code: None,
                name: "own limit, 60 a minute".into(),
                at_ms: 18_000,
                times: 131,
                retry_after: Some(42),
                detail: "Northwind Bank sends 60 codes a minute at most, by its own limit.".into(),
                remedy: "Raise it, or let callers heed Retry-After.".into(),
            },
            BiteView {
                whose: Whose::Twilio,
                code: Some(60203),
                name: "Max send attempts reached".into(),
                at_ms: 51_000,
                times: 9,
                retry_after: None,
                detail: "Five sends were made.".into(),
                remedy: "Cancel the pending one.".into(),
            },
        ],
        notes: vec!["Codes go to fictional numbers in the US.".into()],
        items,
    }
}

fn asked(desk: &mut Desk) -> (Tag, RehearseVerifications) {
    desk.question(|r| if let Request::RehearseVerifications(b) = r { Some(b.clone()) } else { None })
}

#[test]
fn a_burst_is_asked_for_and_its_bars_say_where_limits_bite() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    desk.keys("B");
    desk.sees("Rehearse a burst");
    desk.type_text("0");
    desk.keys("enter");
    desk.sees("a whole number from 1 to 2000");
    desk.keys("backspace");
    desk.type_text("200");
    desk.keys("tab tab");
    desk.type_text("50");
    desk.keys("enter");
    let (tag, burst) = asked(&mut desk);
    assert_eq!((burst.sends, burst.seconds, burst.recipients), (Some(200), Some(60), Some(50)));
    assert_eq!(burst.channel, Some(Channel::Sms), "as the test stands");
    assert!(burst.template.is_some(), "{burst:?}");
    desk.answer(tag, Ok(Reply::RehearseVerifications(rehearsal())));
    desk.sees("60 of 200 codes");
    check("rehearsal-80x24", &desk);
    desk.keys("pagedown");
    desk.sees("after 51.0 s  60203 Max send attempts reached · 9 times");
    desk.keys("esc");
    desk.sees_not("Rehearsal");
}

#[test]
fn what_refuses_it_is_said() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    desk.keys("B enter");
    let (tag, burst) = asked(&mut desk);
    assert_eq!((burst.sends, burst.seconds, burst.recipients), (Some(200), Some(60), None));
    desk.answer(tag, Err(ApiError::new(Code::Conflict, "Northwind Bank is not active")));
    desk.sees("Northwind Bank is not active");
}

#[test]
fn it_is_read_aloud_line_by_line() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    let mut told = Told::default();
    let mut write = |desk: &mut Desk, line: &str| {
        if let switchboard::tui::lines::Said::Done(effects) = said(&mut desk.app, &desk.map, line) {
            desk.keep(effects);
        }
        told.changed(&mut desk.app, true).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    write(&mut desk, "");
    let asks = write(&mut desk, "rehearse");
    assert!(asks.iter().any(|line| line.contains("Rehearse a burst. Where would limits bite?")), "{asks:#?}");
    for answer in ["200", "60", "200"] {
        write(&mut desk, answer);
    }
    let (tag, _) = asked(&mut desk);
    desk.answer(tag, Ok(Reply::RehearseVerifications(rehearsal())));
    let lines: Vec<String> = told.changed(&mut desk.app, true).iter().map(ToString::to_string).collect();
    assert!(lines.iter().any(|line| line.contains("our own limit bites first")), "{lines:#?}");
    assert!(lines.iter().any(|line| line.contains("15-20 s") && line.contains("10 · 7 held")), "{lines:#?}");
}
