//! The tester of verifications: a code is sent, followed, checked, resent, and found in the log.

use std::collections::BTreeMap;
use std::time::Duration;

use switchboard::api::events::{Event, Frame};
use switchboard::api::verify::{CheckView, Checked, FlowView, LookupView, TimelineLine};
use switchboard::api::{ApiError, Code, Page, Reply, Request, When};
use switchboard::domain::id::Id;
use switchboard::domain::verification::{Channel, Status, Verdict};
use switchboard::link::Heard;
use switchboard::tui::msg::{Effect, Msg, Tag};

use crate::bank::{Bank, FLOW, KIM, RIGHT, flow, line, preview, usd};
use crate::desk::Desk;
use crate::screens::check;
use crate::world::{self, NORTHWIND, NOW};

/// The tester of the bank, open and empty.
pub fn opened(bank: &Bank, width: u16, height: u16) -> Desk {
    let mut desk = Desk::open(width, height);
    desk.keys("b n o r t h enter");
    desk.answer_all();
    desk.keys("g v");
    bank.answer(&mut desk);
    desk
}

/// A code is on its way to Kim.
pub fn sent(bank: &Bank, width: u16, height: u16) -> Desk {
    let mut desk = opened(bank, width, height);
    desk.type_text("(415) 555-0142");
    desk.keys("tab tab tab right");
    bank.answer(&mut desk);
    desk.keys("enter");
    let (tag, _) = the_send(&mut desk);
    desk.answer(tag, Ok(Reply::SendVerification(bank.flow.clone())));
    bank.answer(&mut desk);
    desk
}

fn the_send(desk: &mut Desk) -> (Tag, switchboard::api::verify::SendVerification) {
    desk.question(|r| if let Request::SendVerification(s) = r { Some(s.clone()) } else { None })
}

fn the_check(desk: &mut Desk) -> (Tag, String) {
    desk.question(|r| if let Request::CheckVerification(c) = r { Some(c.code.0.clone()) } else { None })
}

fn checked(verdict: Verdict, flow: &FlowView) -> Reply {
    let success = verdict == Verdict::Approved;
    Reply::CheckVerification(Checked {
        success,
        status: verdict,
        detail: "d".into(),
        check: CheckView {
            id: Id(1),
            attempt_id: None,
            business_id: NORTHWIND,
            flow: flow.id,
            phone_number: flow.to.clone(),
            status: verdict,
            success,
            error: None,
            error_text: None,
            actor: "agent1".into(),
            created_at: When(NOW),
            took_micros: 900,
        },
        flow: flow.clone(),
    })
}

fn refusal(code: Code, twilio: u32) -> ApiError {
    let confirm = (twilio == 60203).then(|| "cancel".to_owned());
    ApiError { twilio: Some(twilio), confirm, about: Some(FLOW), ..ApiError::new(code, "why it was refused") }
}

#[test]
fn what_will_be_sent_is_seen_before() {
    let bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.sees("Northwind Bank · VAa0a0a0a0a… · live: no");
    desk.type_text("(415) 555-0142");
    desk.keys("tab tab tab right");
    bank.answer(&mut desk);
    desk.sees("+14155550142 US");
    desk.sees("Your Northwind Bank code is ••••••");
    desk.sees("1 seg · $0.0083");
    assert!(!desk.asked.iter().any(|(_, r)| matches!(r, Request::SendVerification(_))), "{:?}", desk.asked);
    // Letters are text here; the preview that comes is that of the last letter, and one at a time is asked for.
    desk.keys("backtab");
    desk.type_text("en");
    let previews = desk.asked.iter().filter(|(_, r)| matches!(r, Request::PreviewVerification(_))).count();
    assert_eq!(previews, 1);
    let (tag, _) = desk.question(|r| matches!(r, Request::PreviewVerification(_)).then_some(()));
    desk.answer(tag, Ok(Reply::PreviewVerification(preview(BTreeMap::new()))));
    let (_, last) = desk.question(|r| if let Request::PreviewVerification(p) = r { p.locale.clone() } else { None });
    assert_eq!(last, "en");
    // They are remembered, for this business.
    assert!(desk.done.iter().any(|e| matches!(e, Effect::SaveDrafts)));
    let inputs = desk.app.drafts.test_of(NORTHWIND).unwrap();
    assert_eq!((inputs.to.as_str(), inputs.locale.as_str()), ("(415) 555-0142", "en"));
    assert!(desk.app.drafts.test_of(world::HARBOR).is_none());
}

#[test]
fn a_code_is_sent_once_and_followed() {
    let bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.keys("enter");
    assert!(desk.asked.is_empty(), "nobody to send it to");
    desk.type_text("(415) 555-0142");
    bank.answer(&mut desk);
    desk.keys("enter enter");
    let (tag, send) = the_send(&mut desk);
    assert_eq!((send.business, send.to.as_str(), send.channel), (NORTHWIND, "(415) 555-0142", Some(Channel::Sms)));
    desk.sees("sending…");
    desk.answer(tag, Ok(Reply::SendVerification(bank.flow.clone())));
    bank.answer(&mut desk);
    desk.sees("pending · expires in 10:00 · sends 1/5 · checks 0/5");
    desk.sees("09:00:00.000 created VE1f1f1f1f1…");
    desk.sees("09:00:00.104 queued");
    desk.sees("09:00:02.104 ✓ delivered");
    // The feed says that it went on; the timeline is read again.
    let mut next = bank.flow.clone();
    (next.sends, next.version) = (2, 9);
    let event = Event {
        cursor: world::cursor(),
        kind: "verification.sent".into(),
        at: When(NOW),
        actor: None,
        business: Some(NORTHWIND),
        conversation: None,
        message: None,
        verification: Some(Box::new(next)),
        counts: None,
        audited: true,
    };
    desk.heard(Heard::Frame(Frame::Event(Box::new(event))));
    desk.sees("sends 2/5");
    assert!(desk.asked.iter().any(|(_, r)| matches!(r, Request::GetFlow(_))), "{:?}", desk.asked);
}

#[test]
fn it_counts_by_itself_and_expires_by_itself() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    desk.sees("expires in 10:00");
    assert_eq!(desk.map.until, Some(Duration::from_secs(1)), "the next change is a second away");
    desk.wait(Duration::from_secs(1));
    desk.sees("expires in 9:59");
    desk.wait(Duration::from_secs(598));
    desk.sees("expires in 0:01");
    desk.wait(Duration::from_secs(1));
    desk.sees("expired");
    desk.sees_not("expires in");
    assert_eq!(desk.map.until, None, "nothing is due any more");
}

#[test]
fn wrong_and_right_codes_by_one_key() {
    let mut bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    for n in 1..=2 {
        desk.keys("f7");
        bank.answer(&mut desk);
        let (tag, code) = the_check(&mut desk);
        assert_ne!(code, RIGHT);
        bank.flow = flow(Status::Pending, 1, n);
        desk.answer(tag, Ok(checked(Verdict::Pending, &bank.flow)));
        bank.answer(&mut desk);
        desk.sees(&format!("pending checks {n}/5"));
    }
    desk.keys("f8");
    bank.answer(&mut desk);
    let (tag, code) = the_check(&mut desk);
    assert_eq!(code, RIGHT, "as it stands on the handset");
    bank.flow = flow(Status::Approved, 1, 3);
    desk.answer(tag, Ok(checked(Verdict::Approved, &bank.flow)));
    bank.answer(&mut desk);
    desk.sees("approved in 00:04");
    desk.sees("0.0083 + 0.0500 = $0.0583");
    // The same code once more: Twilio knows nothing of it.
    desk.keys("enter");
    let (tag, code) = the_check(&mut desk);
    assert_eq!(code, RIGHT);
    desk.answer(tag, Err(refusal(Code::NotFound, 20404)));
    bank.answer(&mut desk);
    desk.sees("404 20404 — verification already finished (approved)");
    desk.keys("?");
    desk.sees("Twilio deletes finished verifications");
    desk.keys("esc");
    desk.sees("approved");
}

#[test]
fn digits_and_pastes_are_a_code_and_letters_are_commands() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    desk.type_text("604");
    desk.sees("code › 604");
    desk.keys("esc");
    desk.take(Msg::Paste(" 604 512\n".into()));
    desk.sees("code › 604 512");
    desk.keys("enter enter");
    let (_, code) = the_check(&mut desk);
    assert_eq!(code, "604 512", "one check, however often Enter is pressed; the node leaves the blank out");
}

#[test]
fn five_sends_are_the_most_and_cancel_is_offered() {
    let mut bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    for n in 2..=5 {
        desk.keys("r");
        let (tag, flow_id) =
            desk.question(|r| if let Request::ResendVerification(s) = r { Some(s.flow) } else { None });
        assert_eq!(flow_id, FLOW);
        bank.flow = flow(Status::Pending, n, 0);
        desk.answer(tag, Ok(Reply::ResendVerification(bank.flow.clone())));
        bank.answer(&mut desk);
    }
    desk.sees("sends 5/5");
    desk.keys("r");
    let (tag, _) = desk.question(|r| matches!(r, Request::ResendVerification(_)).then_some(()));
    desk.answer(tag, Err(refusal(Code::TooManyRequests, 60203)));
    bank.answer(&mut desk);
    desk.sees("60203 max send attempts · 429 · x cancel pending");
    desk.keys("x");
    let (tag, _) = desk.question(|r| matches!(r, Request::CancelVerification(_)).then_some(()));
    bank.flow = flow(Status::Canceled, 5, 0);
    desk.answer(tag, Ok(Reply::CancelVerification(bank.flow.clone())));
    bank.answer(&mut desk);
    desk.sees("canceled");
    desk.keys("x");
    desk.sees("nothing is pending");
    desk.keys("s");
    the_send(&mut desk);
}

#[test]
fn what_was_blocked_goes_on_by_email_in_the_same_flow() {
    let mut bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.type_text("+88213000001");
    bank.answer(&mut desk);
    desk.keys("enter");
    let (tag, _) = the_send(&mut desk);
    bank.flow = FlowView { sends: 0, sid: None, error: Some(60410), ..flow(Status::Blocked, 0, 0) };
    let blocked = TimelineLine { error: Some(60410), saved: usd("0.0083"), ..line(90, "blocked", "blocked 60410") };
    bank.timeline = vec![line(0, "created", "asked for by sms"), blocked];
    desk.answer(tag, Err(refusal(Code::Upstream, 60410)));
    bank.answer(&mut desk);
    desk.sees("blocked 60410 fraud · nothing sent · saved $0.0083");
    desk.keys("f");
    desk.sees("it went that way");
    desk.type_text("email");
    desk.keys("enter");
    desk.type_text("kim@example.com");
    desk.keys("enter");
    let fallback = |r: &Request| match r {
        Request::FallBackVerification(f) => Some((f.flow, f.channel, f.to.clone())),
        _ => None,
    };
    let (tag, asked) = desk.question(fallback);
    assert_eq!(asked, (FLOW, Channel::Email, Some("kim@example.com".to_owned())));
    bank.flow = FlowView { channel: Channel::Email, to: "kim@example.com".into(), ..flow(Status::Pending, 1, 1) };
    bank.texts = vec!["Your Northwind Bank verification code is: 604512. It is valid for 10 minutes.".into()];
    desk.answer(tag, Ok(Reply::FallBackVerification(bank.flow.clone())));
    bank.answer(&mut desk);
    desk.keys("f8");
    let (_, address) = desk.question(|r| if let Request::GetPhone(g) = r { Some(g.address.clone()) } else { None });
    assert_eq!(address, "kim@example.com", "its mailbox");
}

#[test]
fn a_look_up_says_its_price_first() {
    let bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.type_text("(415) 555-0142");
    bank.answer(&mut desk);
    desk.keys("f5");
    let (tag, confirm) =
        desk.question(|r| if let Request::LookUpNumber(l) = r { Some(l.confirm.clone()) } else { None });
    assert_eq!(confirm, None);
    let e =
        ApiError { confirm: Some("$0.0080".into()), ..ApiError::new(Code::ConfirmationRequired, "Twilio bills it") };
    desk.answer(tag, Err(e));
    desk.sees("look it up for $0.0080");
    desk.keys("enter");
    let (tag, confirm) =
        desk.question(|r| if let Request::LookUpNumber(l) = r { Some(l.confirm.clone()) } else { None });
    assert_eq!(confirm.as_deref(), Some("$0.0080"));
    let known = LookupView {
        number: KIM.into(),
        national: "(415) 555-0142".into(),
        country: Some("US".into()),
        valid: true,
        line_type: Some("landline".into()),
        carrier: Some("Pacific Bell".into()),
        risk: None,
        warning: Some("it is a landline".into()),
        asked_at: When(NOW),
        is_cached: false,
        cost: usd("0.008"),
    };
    desk.answer(tag, Ok(Reply::LookUpNumber(known)));
    desk.sees("looked up: landline · Pacific Bell · $0.0080");
}

#[test]
fn the_log_is_searched_and_leads_back_to_its_row() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    desk.keys("right");
    bank.answer(&mut desk);
    desk.sees("max attempts");
    desk.sees("unconverted");
    desk.keys("/");
    desk.type_text("0143");
    bank.answer(&mut desk);
    desk.sees("+14155550143");
    desk.sees_not("+14155550145");
    desk.keys("enter enter");
    let (_, flow) = desk.question(|r| if let Request::GetFlow(g) = r { Some(g.flow) } else { None });
    assert_eq!(flow, Id(902));
    desk.keys("esc");
    desk.sees("▌09:00:00 +14155550143");
    // An answer to a search that is over says nothing.
    desk.keys("/");
    desk.type_text("9");
    let old = std::mem::take(&mut desk.asked);
    desk.keys("backspace backspace");
    bank.answer(&mut desk);
    desk.sees("+14155550143");
    for (tag, _) in old {
        let nothing = Page { items: Vec::new(), next: None, as_of: world::cursor() };
        desk.answer(tag, Ok(Reply::ListAttempts(nothing)));
    }
    desk.sees("+14155550143");
}

#[test]
fn what_the_node_finds_wrong_stands_beside_its_field() {
    let bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.type_text("12");
    bank.answer(&mut desk);
    desk.keys("enter");
    let (tag, _) = the_send(&mut desk);
    desk.answer(tag, Err(ApiError::field("to", "this is no phone number")));
    desk.sees("✗ this is no phone number");
    desk.type_text("3");
    desk.sees_not("✗ this is no phone number");
}

#[test]
fn the_tester_at_every_size() {
    for (width, height) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        let mut bank = Bank::new();
        check(&format!("tester-form-{width}x{height}"), &{
            let mut desk = opened(&bank, width, height);
            desk.type_text("(415) 555-0142");
            desk.keys("tab tab tab right");
            bank.answer(&mut desk);
            desk
        });
        let mut desk = sent(&bank, width, height);
        check(&format!("tester-pending-{width}x{height}"), &desk);
        desk.keys("f8");
        bank.answer(&mut desk);
        let (tag, _) = the_check(&mut desk);
        bank.flow = flow(Status::Approved, 1, 1);
        bank.timeline.extend([
            line(4000, "rightCode", "checked: the code was right"),
            TimelineLine { money: usd("0.05"), ..line(4001, "approved", "approved in 00:04") },
        ]);
        desk.answer(tag, Ok(checked(Verdict::Approved, &bank.flow)));
        bank.answer(&mut desk);
        check(&format!("tester-approved-{width}x{height}"), &desk);
        desk.keys("right");
        bank.answer(&mut desk);
        check(&format!("attempts-{width}x{height}"), &desk);
    }
}

#[test]
fn without_colours_every_mark_is_a_sign_or_a_word() {
    let mut bank = Bank::new();
    let mut desk = Desk::cold(80, 24, "mono");
    desk.settle();
    desk.keys("b n o r t h enter");
    desk.answer_all();
    desk.keys("g v");
    bank.answer(&mut desk);
    desk.type_text(KIM);
    bank.answer(&mut desk);
    desk.keys("enter");
    let (tag, _) = the_send(&mut desk);
    desk.answer(tag, Ok(Reply::SendVerification(bank.flow.clone())));
    bank.answer(&mut desk);
    desk.keys("f7");
    bank.answer(&mut desk);
    let (tag, _) = the_check(&mut desk);
    bank.flow = flow(Status::Pending, 1, 1);
    bank.timeline.push(line(3000, "wrongCode", "checked: the code was wrong"));
    desk.answer(tag, Ok(checked(Verdict::Pending, &bank.flow)));
    bank.answer(&mut desk);
    desk.sees("✗ pending checks 1/5");
    desk.sees("✓ delivered");
    desk.sees("✗ checked: the code was wrong");
    for cell in &desk.buffer.content {
        assert_eq!((cell.fg, cell.bg), (Default::default(), Default::default()));
    }
}

#[test]
fn the_first_live_code_needs_a_yes() {
    let bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.type_text(KIM);
    bank.answer(&mut desk);
    desk.keys("enter");
    let (tag, _) = the_send(&mut desk);
    let e = ApiError { confirm: Some("live".into()), ..ApiError::new(Code::ConfirmationRequired, "This is live.") };
    desk.answer(tag, Err(e));
    desk.sees("Type live to go ahead.");
    desk.type_text("live");
    desk.keys("enter");
    let (_, send) = the_send(&mut desk);
    assert_eq!((send.confirm.as_deref(), send.to.as_str()), (Some("live"), KIM));
}
