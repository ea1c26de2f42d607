//! The panes that take the whole screen: the webhooks, the upkeep, the events.

use std::time::Duration;

use switchboard::api::deadletters::{
    DeadLetterExplained, DeadLetterGroup, DeadLetterSums, DeadLetterView, Replayed, SignatureTrial,
};
use switchboard::api::events::{Frame, Webhook};
use switchboard::api::keeping::{GapView, ImportView, KeepingView};
use switchboard::api::numbers::{Ended, Ending, NumberList, NumberView, Points};
use switchboard::api::webhooks::WebhookLog;
use switchboard::api::{ApiError, Code, Page, Reply, Request, When};
use switchboard::domain::deadletter::Reason;
use switchboard::domain::id::Id;
use switchboard::domain::keeping::{Found, ImportState, Why};
use switchboard::domain::message::Direction;
use switchboard::domain::time::Span;
use switchboard::link::Heard;
use switchboard::tui::msg::Effect;

use crate::desk::Desk;
use crate::world::{self, MARIA, NOW};

pub fn webhook(number: u64, kind: &str, reason: Option<Reason>) -> Webhook {
    Webhook {
        number,
        at: When(NOW + Span::secs(number as i64)),
        path: "/api/webhooks/twilio-sms".into(),
        kind: kind.into(),
        from: "+14155550123".into(),
        to: world::OURS.into(),
        sid: "SM00000000000000000000000000000009".into(),
        form: "From=%2B14155550123&To=%2B14155550100&Body=Is+it+open%3F".into(),
        status: if reason.is_some() { 403 } else { 200 },
        reason,
        took_micros: 420,
    }
}

pub fn letter(id: u64, reason: Reason) -> DeadLetterView {
    DeadLetterView {
        id: Id(id),
        at: When(NOW),
        path: "/api/webhooks/twilio-sms".into(),
        reason,
        detail: "the signature fits none of 3 forms of the URL".into(),
        body: "From=%2B14155550123".into(),
        replayed_at: None,
    }
}

pub fn group(reason: Reason, letters: u64, customers: u64) -> DeadLetterGroup {
    DeadLetterGroup {
        reason,
        letters,
        customers,
        to: vec![world::OURS.into()],
        oldest: When(NOW),
        newest: When(NOW),
        detail: "d".into(),
    }
}

pub fn gap(id: u64, swept: bool) -> GapView {
    GapView {
        id: Id(id),
        why: if swept { Why::Away } else { Why::Shed },
        from: world::minutes_ago(90),
        until: Some(world::minutes_ago(60)),
        shed: 3,
        found: Found { listed: 9, texts: 2, reports: 1, strangers: 4 },
        swept_at: swept.then(|| world::minutes_ago(59)),
    }
}

pub fn number(points: Points, previous: Option<&str>) -> NumberView {
    NumberView {
        number: Some(world::OURS.into()),
        name: "Front desk".into(),
        sid: "PN00000000000000000000000000000001".parse().unwrap(),
        account: None,
        points,
        url: "https://elsewhere.example/sms".into(),
        fallback: String::new(),
        status_callback: String::new(),
        previous: previous.map(Into::into),
        after_loan: None,
    }
}

fn page<T>(items: Vec<T>) -> Page<T> {
    Page { items, next: None, as_of: world::cursor() }
}

/// Answers what the panes ask; what they do not ask stays.
pub fn furnish(desk: &mut Desk) {
    for (tag, request) in std::mem::take(&mut desk.asked) {
        let reply = match &request {
            Request::ListWebhooks(_) => {
                let bad = Some(Reason::BadSignature);
                let items = vec![webhook(3, "status.delivered", None), webhook(2, "sms", bad), webhook(1, "sms", None)];
                Reply::ListWebhooks(WebhookLog { items, answered: 3, refused: 1 })
            }
            Request::ListDeadLetters(_) => {
                Reply::ListDeadLetters(page(vec![letter(9, Reason::BadSignature), letter(8, Reason::Unroutable)]))
            }
            Request::SumDeadLetters(_) => Reply::SumDeadLetters(DeadLetterSums {
                items: vec![group(Reason::Unroutable, 5, 3), group(Reason::BadSignature, 1, 0)],
            }),
            Request::GetKeeping(_) => Reply::GetKeeping(KeepingView {
                webhooks: true,
                heard_until: Some(When(NOW)),
                listed_until: Some(world::minutes_ago(1)),
                next_look_seconds: Some(240),
                open_gaps: 1,
                import: Some(ImportView {
                    state: ImportState::Running,
                    since: world::minutes_ago(43_200),
                    limit: 10_000,
                    down_to: world::minutes_ago(20_000),
                    listed: 1234,
                    imported: 1200,
                    started_at: world::minutes_ago(3),
                    ended_at: None,
                    note: None,
                }),
                counted_anew: Some(1437),
                troubles: vec!["Twilio's list answers slowly".into()],
            }),
            Request::ListGaps(_) => Reply::ListGaps(page(vec![gap(2, false), gap(1, true)])),
            Request::ListNumbers(_) => Reply::ListNumbers(NumberList {
                items: vec![number(Points::Elsewhere, None), number(Points::Here, Some("https://old.example/sms"))],
                cut: true,
                troubles: Vec::new(),
            }),
            Request::ListHeld(_) => {
                let mut late =
                    world::message(701, MARIA, "+14155550123", Direction::Out, "On our way", world::minutes_ago(42));
                late.asks_since = Some(world::minutes_ago(12));
                let mut first = late.clone();
                (first.id, first.unless_they_reply, first.body) = (Id(702), true, "See you!".into());
                Reply::ListHeld(page(vec![late, first]))
            }
            Request::ListLater(_) => {
                let mut m = world::message(700, MARIA, "+14155550123", Direction::Out, "See you!", When(NOW));
                m.send_at = Some(When(NOW + Span::secs(86_400)));
                Reply::ListLater(page(vec![m]))
            }
            _ => {
                desk.asked.push((tag, request));
                continue;
            }
        };
        desk.answer(tag, Ok(reply));
    }
}

fn watched(desk: &Desk) -> Vec<bool> {
    desk.done.iter().filter_map(|e| if let Effect::Watch(on) = e { Some(*on) } else { None }).collect()
}

#[test]
fn webhooks_come_as_they_are_answered_and_only_while_they_are_looked_at() {
    let mut desk = Desk::open(80, 24);
    assert!(watched(&desk).is_empty());
    desk.keys("g w");
    furnish(&mut desk);
    assert_eq!(watched(&desk), [true]);
    desk.sees("[Log 3]");
    desk.sees("1 refused · following");
    desk.sees("✗ bad signature");
    desk.heard(Heard::Frame(Frame::Webhook(Box::new(webhook(4, "optOut", None)))));
    // Told twice, by the list and by the stream: shown once.
    desk.heard(Heard::Frame(Frame::Webhook(Box::new(webhook(3, "status.delivered", None)))));
    desk.sees("[Log 4]");
    assert_eq!(desk.text().matches("status.delivered").count(), 1);
    // Away from the newest, the cursor stays on its webhook.
    desk.keys("down");
    desk.heard(Heard::Frame(Frame::Webhook(Box::new(webhook(5, "help", None)))));
    desk.sees("2 newer above");
    desk.keys("enter");
    desk.sees("200 in 0.4 ms");
    desk.sees("status.delivered");
    desk.sees("Is it open?");
    desk.keys("esc f");
    desk.sees("following");
    desk.keys("/");
    desk.type_text("bad sig");
    assert!(!desk.text().contains("status.delivered"), "{}", desk.text());
    desk.keys("esc esc");
    assert_eq!(watched(&desk), [true, false]);
    desk.sees("Sam Ortiz");
}

#[test]
fn a_dead_letter_is_explained_and_replayed() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g x");
    furnish(&mut desk);
    desk.sees("[Dead letters 6]");
    desk.sees("3 customers are waiting behind this");
    desk.keys("enter");
    let (tag, explain) = desk.question(|r| if let Request::ExplainDeadLetter(e) = r { Some(e.id) } else { None });
    assert_eq!(explain, Id(9));
    let trial = SignatureTrial {
        url: "https://desk.example.com/api/webhooks/twilio-sms".into(),
        source: "X-Forwarded-Proto of the proxy 10.0.0.1".into(),
        used: false,
        fits: true,
        signed: "https://desk.example.com/api/webhooks/twilio-smsBodyhello".into(),
        expected: vec!["c2lnbmF0dXJl".into()],
    };
    let explained = DeadLetterExplained {
        id: explain,
        reason: Reason::BadSignature,
        replayable: false,
        found: "the proxy says https; it is not listed".into(),
        fix: "Set server.public_url, or list the proxy.".into(),
        received: Some("c2lnbmF0dXJl".into()),
        headers: vec!["x-forwarded-proto: https".into()],
        peer: Some("10.0.0.1".into()),
        trials: vec![trial],
    };
    desk.answer(tag, Ok(Reply::ExplainDeadLetter(explained)));
    for seen in
        ["the proxy says https", "x-forwarded-proto: https", "URL 1:", "fits, but is not tried here", "c2lnbmF0dXJl"]
    {
        desk.sees(seen);
    }
    desk.keys("esc r");
    let (tag, id) = desk.question(|r| if let Request::ReplayDeadLetter(r) = r { Some(r.id) } else { None });
    assert_eq!(id, Id(9));
    desk.answer(tag, Err(ApiError::new(Code::Conflict, "it would be refused again")));
    desk.sees("it would be refused again");
    desk.keys("R");
    let (tag, reason) = desk.question(|r| if let Request::ReplayDeadLetters(r) = r { Some(r.reason) } else { None });
    assert_eq!(reason, Reason::BadSignature);
    let done = Replayed { replayed: 2, left: 1, why: Some("no endpoint".into()) };
    desk.answer(tag, Ok(Reply::ReplayDeadLetters(done)));
    desk.sees("replayed: 2 taken in, 1 still not right: no endpoint");
    // The list is read again.
    desk.question(|r| if let Request::ListDeadLetters(_) = r { Some(()) } else { None });
}

#[test]
fn keeping_up_is_shown_and_an_import_can_be_stopped() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g k");
    furnish(&mut desk);
    for seen in [
        "● Twilio reaches this node",
        "! 1 gap was not looked through yet",
        "◌ import under way · 1234 listed, 1200 new",
        "▲ Twilio's list answers slowly",
        "no node ran",
        "3 webhooks were answered 503",
    ] {
        desk.sees(seen);
    }
    desk.keys("x");
    let (tag, ()) = desk.question(|r| if let Request::StopImport(_) = r { Some(()) } else { None });
    desk.answer(tag, Err(ApiError::unavailable("not now")));
    desk.sees("not now");
    desk.keys("m enter");
    let (_, import) = desk.question(|r| if let Request::StartImport(i) = r { Some(i.clone()) } else { None });
    assert_eq!((import.days, import.limit), (Some(30), Some(10_000)));
    // An event says that something changed: it is read again.
    desk.asked.clear();
    desk.heard(world::event(5, "keeping.gap", world::conversation(MARIA), None, desk.counts));
    desk.question(|r| if let Request::GetKeeping(_) = r { Some(()) } else { None });
}

#[test]
fn numbers_are_pointed_and_given_back_only_with_a_yes() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g n");
    furnish(&mut desk);
    desk.sees("→ elsewhere");
    desk.sees("there are more at Twilio");
    desk.keys("u");
    desk.sees("it was not pointed here for good");
    desk.keys("p");
    let (tag, point) = desk.question(|r| if let Request::PointNumber(p) = r { Some(p.clone()) } else { None });
    assert_eq!((point.number.as_str(), point.confirm), (world::OURS, None));
    let asked = ApiError::new(Code::ConfirmationRequired, "its texts go to elsewhere.example");
    desk.answer(tag, Err(ApiError { confirm: Some(world::OURS.into()), ..asked }));
    desk.sees("its texts go to elsewhere.example");
    desk.type_text(world::OURS);
    desk.keys("enter");
    let (tag, point) = desk.question(|r| if let Request::PointNumber(p) = r { Some(p.clone()) } else { None });
    assert_eq!(point.confirm.as_deref(), Some(world::OURS));
    desk.answer(tag, Ok(Reply::PointNumber(number(Points::Here, Some("https://elsewhere.example/sms")))));
    desk.sees("come here");
    desk.keys("down u");
    desk.sees("https://old.example/sms");
    // The first choice changes nothing.
    desk.keys("enter");
    assert!(!desk.asked.iter().any(|(_, r)| matches!(r, Request::UnpointNumber(_))));
    desk.keys("u down enter");
    let (tag, _) = desk.question(|r| if let Request::UnpointNumber(u) = r { Some(u.number.clone()) } else { None });
    let ended = Ended { name: world::OURS.into(), ending: Ending::Restored, url: "https://old.example/sms".into() };
    desk.answer(tag, Ok(Reply::UnpointNumber(ended)));
    desk.sees("what was set before is back");
}

#[test]
fn a_text_that_is_put_off_gets_another_time_or_is_cancelled() {
    let mut desk = Desk::open(80, 24);
    desk.keys("g l");
    furnish(&mut desk);
    desk.sees("Tue 09:00 → +14155550123 Maria Lopez");
    desk.keys("r ctrl-u");
    desk.type_text("when they reply");
    desk.keys("enter");
    desk.sees("needs a time");
    desk.keys("ctrl-u");
    desk.type_text("fri 14:30");
    desk.keys("enter");
    let (tag, change) = desk.question(|r| if let Request::ChangeLater(c) = r { Some(c.clone()) } else { None });
    assert_eq!((change.id, change.send_at.unwrap().0.rfc3339().as_str()), (Id(700), "2026-03-06T22:30:00Z"));
    desk.answer(tag, Err(ApiError::new(Code::Conflict, "it has left")));
    desk.sees("it has left");
    desk.keys("x down enter");
    let (_, id) = desk.question(|r| if let Request::UndoMessage(u) = r { Some(u.id) } else { None });
    assert_eq!(id, Id(700));
    desk.keys("enter");
    let (_, id) = desk.question(|r| if let Request::GetConversation(g) = r { Some(g.id) } else { None });
    assert_eq!(id, MARIA);
}

#[test]
fn events_are_narrowed_opened_and_followed() {
    let mut desk = Desk::open(80, 24);
    for n in 0..5 {
        let view = world::conversation(if n % 2 == 0 { MARIA } else { world::SAM });
        let customer = view.customer.as_str().to_owned();
        let m = world::message(900 + n, view.id, &customer, Direction::In, &format!("text {n}"), When(NOW));
        desk.heard(world::event(10 + n, "message.received", view, Some(m), desk.counts));
    }
    desk.keys("g e");
    desk.sees("text 4");
    desk.sees("following");
    desk.keys("down");
    let view = world::conversation(MARIA);
    desk.heard(world::event(20, "conversation.woke", view, None, desk.counts));
    desk.sees("2 newer above");
    desk.keys("enter");
    desk.sees("text 3");
    desk.sees("+14155550111");
    desk.keys("esc /");
    desk.type_text("maria");
    desk.sees_not("Sam Ortiz");
    desk.keys("enter esc");
    desk.sees("text 4");
    desk.keys("esc f");
    desk.sees("following");
    desk.wait(Duration::from_secs(1));
}
