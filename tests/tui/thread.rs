//! The thread and its composer: cost, presence, notes, failures, opt-outs, long pastes, an editor outside,
//! and what is known of the customer.

use std::time::Duration;

use switchboard::api::contacts::ContactDetail;
use switchboard::api::events::Frame;
use switchboard::api::inbox::{ConversationView, MessageView};
use switchboard::api::presence::{Doing, Presence};
use switchboard::api::{Reply, Request, When};
use switchboard::domain::failure::{Charged, Failure, Fault, Retry};
use switchboard::domain::id::Id;
use switchboard::domain::message::{Consent, Direction, Status};
use switchboard::domain::money::Money;
use switchboard::domain::time::Span;
use switchboard::link::Heard;
use switchboard::tui::app::Focus;
use switchboard::tui::msg::{Effect, Msg};

use crate::desk::Desk;
use crate::flows::{TEXT, open_maria, sending};
use crate::world::{self, HARBOR, MARIA, NOW};

pub fn usd(amount: &str) -> Money {
    Money::parse(amount, "USD").unwrap()
}

pub fn view(desk: &Desk) -> ConversationView {
    desk.app.thread.as_ref().unwrap().conversation.clone()
}

/// The conversation changed; the messages beside it came or changed, too.
pub fn tell(desk: &mut Desk, change: impl FnOnce(&mut ConversationView), message: Option<MessageView>) {
    let mut view = view(desk);
    change(&mut view);
    view.version += 1;
    desk.heard(world::event(90 + view.version, "message.status", view, message, desk.counts));
}

pub fn ours(id: u64, body: &str) -> MessageView {
    let mut m = world::message(id, MARIA, "+14155550123", Direction::Out, body, When(NOW));
    m.author = Some("agent1".into());
    m.sid = format!("SM{id:032}").parse().ok();
    m
}

pub fn compose(desk: &Desk) -> String {
    desk.app.thread.as_ref().unwrap().composer.text()
}

#[test]
fn the_cost_stands_over_the_text_before_and_over_the_thread_after() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text(TEXT);
    desk.sees("48/GSM-7 · 1 seg · $0.0083");
    desk.keys("ctrl-u");
    desk.type_text(
        "Hi Maria, you’re booked for Friday 10:30. Please arrive 10 minutes early and bring your insurance card.",
    );
    desk.sees("103/UCS-2 · 2 seg · $0.0166");
    let (x, y) = desk.find("’re booked").unwrap();
    assert!(desk.buffer[(x, y)].modifier.contains(ratatui::style::Modifier::UNDERLINED));
    // Whoever does not see the line reads it.
    desk.sees("’ Ctrl-G makes it GSM-7");
    desk.keys("ctrl-g");
    desk.sees("103/GSM-7 · 1 seg · $0.0083");
    desk.sees_not("makes it GSM-7");
    desk.sees_not("cost");
    tell(&mut desk, |v| (v.cost.expected, v.cost.unpriced) = (Some(usd("0.0083")), 1), None);
    desk.sees("cost ≈$0.0083 ");
    tell(&mut desk, |v| v.cost.reported = Some(usd("0.0083")), None);
    desk.sees("cost ≈$0.0166 ");
    let priced = |v: &mut ConversationView| {
        v.cost.reported = Some(usd("0.0166"));
        (v.cost.expected, v.cost.unpriced) = (None, 0);
    };
    tell(&mut desk, priced, None);
    desk.sees("cost $0.0166 ");
}

pub fn there(agent: &str, doing: Doing) -> Heard {
    Heard::Frame(Frame::Presence(Presence { agent: agent.into(), business: HARBOR, conversation: MARIA, doing }))
}

/// What was told of us since the last look.
fn told(desk: &mut Desk) -> Vec<(Id, Doing)> {
    let done = std::mem::take(&mut desk.done);
    done.iter().filter_map(|e| if let Effect::Present(p) = e { Some((p.id, p.doing)) } else { None }).collect()
}

#[test]
fn others_are_seen_typing_and_see_us() {
    let mut desk = open_maria();
    assert_eq!(told(&mut desk), [(MARIA, Doing::Viewing)]);
    desk.heard(there("agent2", Doing::Viewing));
    desk.sees("─ agent2 is here ─");
    desk.heard(there("agent2", Doing::Typing));
    desk.sees("agent2 is typing");
    assert!(desk.map.until.is_some(), "the frame changes by itself when they fall silent");
    desk.wait(Duration::from_secs(5));
    desk.sees("agent2 is here");
    assert_eq!(desk.map.until, None, "nothing wakes when nobody types");
    desk.heard(there("agent2", Doing::Gone));
    desk.sees_not("agent2 is");

    desk.keys("i");
    desk.type_text("Hi");
    desk.wait(Duration::from_secs(3));
    desk.type_text("!");
    assert_eq!(told(&mut desk), [(MARIA, Doing::Typing), (MARIA, Doing::Typing)]);
    desk.keys("enter");
    assert_eq!(told(&mut desk), [(MARIA, Doing::Viewing)]);
    desk.keys("esc N");
    desk.type_text("a note is nobody's business");
    assert_eq!(told(&mut desk), []);
    desk.keys("esc esc n");
    desk.answer_all();
    assert_eq!(told(&mut desk), [(world::SAM, Doing::Viewing)]);
    // Another node knows nobody: it is told anew.
    desk.heard(Heard::Connection(switchboard::link::Connection::Stale("gone".into())));
    desk.heard(Heard::Connection(switchboard::link::Connection::Live));
    assert_eq!(told(&mut desk), [(world::SAM, Doing::Viewing)]);
}

#[test]
fn what_makes_it_cheaper_stands_before_who_else_is_here() {
    let mut desk = open_maria();
    desk.resize(80, 24);
    desk.heard(there("a-colleague-with-a-long-handle", Doing::Typing));
    desk.keys("i");
    desk.type_text("Hi Maria, you’re booked for Friday 10:30.");
    desk.sees("’ Ctrl-G → GSM-7");
    desk.sees_not("GSM-7 · …");
    desk.sees("41/UCS-2 · 1 seg");
    desk.resize(120, 40);
    desk.sees("’ Ctrl-G makes it GSM-7");
}

#[test]
fn a_note_is_never_sent_by_mistake() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("she is allergic");
    desk.keys("ctrl-n");
    desk.sees("NOTE · only agents see this");
    desk.sees("┃she is allergic");
    desk.sees_not("GSM-7");
    desk.keys("ctrl-n");
    desk.sees("a note stays a note");
    desk.keys("esc i enter");
    let (_, note) = desk.question(|r| if let Request::AddNote(n) = r { Some(n.clone()) } else { None });
    assert_eq!(note.body, "she is allergic");
    assert!(!desk.asked.iter().any(|(_, r)| matches!(r, Request::SendMessage(_))));
    // Empty it may change its mind.
    desk.keys("N ctrl-n");
    desk.sees_not("NOTE · only");
}

#[test]
fn a_mention_is_shown_in_the_list_until_it_was_seen() {
    let mut desk = Desk::open(80, 24);
    let mut dana = world::conversation(world::DANA);
    (dana.mentions, dana.version) = (1, 2);
    desk.heard(world::event(9, "note.added", dana, None, desk.counts));
    let row = desk.text().lines().find(|l| l.contains("Dana Brooks")).unwrap().to_owned();
    assert!(row.contains("@1 "), "{row}");
    desk.keys("G up enter");
    let asked = |r: &Request| if let Request::MarkRead(read) = r { Some(read.id) } else { None };
    let view = desk.views[0].clone();
    let page = desk.asked.iter().position(|(_, r)| matches!(r, Request::ListMessages(_))).unwrap();
    let (tag, _) = desk.asked.remove(page);
    let items = world::messages(view.id);
    let page = switchboard::api::Page { items, next: None, as_of: world::cursor() };
    desk.answer(tag, Ok(Reply::ListMessages(page)));
    assert_eq!(desk.question(asked).1, view.id);
}

pub fn failed(desk: &mut Desk) -> MessageView {
    let mut m = ours(2500, "See you then");
    (m.status, m.error) = (Status::Undelivered, Some(30003));
    m.failure = Some(Failure {
        title: "Unreachable handset".into(),
        cause: "The phone is switched off.".into(),
        remedy: "Try again later.".into(),
        fault: Fault::Customer,
        retry: Retry::Later,
        charged: Charged::Unknown,
    });
    tell(desk, |v| v.failed = 1, Some(m.clone()));
    m
}

#[test]
fn why_it_failed_and_r_sends_it_again_as_a_new_one() {
    let mut desk = open_maria();
    let mut old = failed(&mut desk);
    desk.sees("✗ failed 30003");
    desk.keys("?");
    desk.sees("✗ 30003 Unreachable handset");
    desk.sees("may work later · charged or not: Twilio has not said the price yet");
    desk.sees("the customer's phone, number or choice; not yours");
    desk.sees("r sends it again as a new message");
    desk.keys("esc");
    old.price = Some(usd("0.0083"));
    tell(&mut desk, |_| (), Some(old.clone()));
    desk.keys("?");
    desk.sees("may work later · charged $0.0083");
    desk.keys("y");
    let copied = desk.done.iter().rev().find_map(|e| if let Effect::Copy(t) = e { Some(t.clone()) } else { None });
    assert!(copied.unwrap().contains("30003 Unreachable handset"));
    desk.keys("r");
    desk.sees_not("Why it failed");
    let (tag, retry) = desk.question(|r| if let Request::RetryMessage(r) = r { Some(r.id) } else { None });
    assert_eq!(retry, old.id);
    let mut new = ours(2501, "See you then");
    (new.retry_of, new.status) = (Some(old.id), Status::Queued);
    desk.answer(tag, Ok(Reply::RetryMessage(new)));
    desk.sees(&format!("retry of {}…", &old.sid.unwrap().to_string()[..8]));
    desk.sees("✗ failed 30003 · retried");
    desk.keys("?");
    desk.sees("it was sent again already");
    desk.keys("r");
    assert!(!desk.asked.iter().any(|(_, r)| matches!(r, Request::RetryMessage(_))), "pressed twice it goes twice");
}

#[test]
fn whoever_opted_out_cannot_be_written_to_until_start() {
    let mut desk = open_maria();
    let mut stop = world::message(2600, MARIA, "+14155550123", Direction::In, "STOP", When(NOW));
    (stop.arrival, stop.consent) = (2, Some(Consent::Out));
    let out = |v: &mut ConversationView| {
        (v.opted_out_at, v.opted_out_by) = (Some(When(NOW)), Some("STOP".into()));
    };
    tell(&mut desk, out, Some(stop));
    desk.sees("⊘ opted out of +14155550100 on Mon 2 Mar 09:00 by STOP");
    desk.sees("⊘ opted out by STOP");
    desk.keys("i");
    desk.type_text("Hello");
    assert_eq!(compose(&desk), "", "letters are taken though nothing can be sent");
    desk.sees("cannot send: 21610");
    desk.take(Msg::Paste("Hello".into()));
    assert_eq!(compose(&desk), "");
    // Among agents it can still be talked about.
    desk.keys("esc N");
    desk.type_text("she said no");
    assert_eq!(compose(&desk), "she said no");
    desk.keys("ctrl-u esc");
    let mut start = world::message(2601, MARIA, "+14155550123", Direction::In, "START", When(NOW));
    (start.arrival, start.consent) = (3, Some(Consent::In));
    tell(&mut desk, |v| (v.opted_out_at, v.opted_out_by) = (None, None), Some(start));
    desk.sees_not("opted out of");
    desk.sees("✓ opted in again by START");
    desk.keys("i");
    desk.type_text("Welcome back");
    assert_eq!(compose(&desk), "Welcome back");
}

#[test]
fn a_long_paste_is_looked_at_first() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.take(Msg::Paste("one\ntwo".into()));
    assert_eq!(compose(&desk), "one\ntwo");
    let long = (1..=30).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
    desk.take(Msg::Paste(long.clone()));
    desk.sees("Paste 30 lines, ");
    desk.sees("line 1 ");
    desk.keys("esc");
    assert_eq!(compose(&desk), "one\ntwo");
    desk.take(Msg::Paste(format!("\u{1b}]0;mine\u{7}{long}")));
    desk.sees("line 2");
    desk.keys("down pagedown enter");
    assert!(compose(&desk).ends_with("line 30"));
    assert!(desk.asked.iter().all(|(_, r)| !matches!(r, Request::SendMessage(_))), "a paste was sent");
}

#[test]
fn ten_lines_are_in_view_while_they_are_written() {
    let mut desk = open_maria();
    desk.keys("i");
    for n in 1..=10 {
        desk.type_text(&format!("line number {n}"));
        desk.keys("alt-enter");
    }
    desk.type_text("the end");
    for n in 2..=10 {
        desk.sees(&format!("line number {n}"));
    }
    desk.sees("the end");
}

#[test]
fn the_text_goes_to_an_editor_and_comes_back() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Hello");
    desk.keys("ctrl-o");
    let lent = desk.done.iter().find_map(|e| if let Effect::Edit(id, t) = e { Some((*id, t.clone())) } else { None });
    assert_eq!(lent, Some((MARIA, "Hello".to_owned())));
    desk.take(Msg::Edited(MARIA, Ok("Hello\nMaria\n".into())));
    assert_eq!(compose(&desk), "Hello\nMaria");
    assert!(desk.done.iter().any(|e| matches!(e, Effect::TakeTerminal(_))));
    desk.take(Msg::Edited(MARIA, Err("the editor could not be started".into())));
    assert_eq!(compose(&desk), "Hello\nMaria");
    desk.sees("the editor could not be started");
    // Somebody else's conversation is open by now: it becomes a draft.
    desk.take(Msg::Edited(world::SAM, Ok("Yes".into())));
    assert_eq!(desk.app.drafts.get(world::SAM).unwrap().text, "Yes");
    assert_eq!(compose(&desk), "Hello\nMaria");
}

/// What the node makes of a text for later.
fn waits(body: &str) -> MessageView {
    let mut m = ours(2700, body);
    let at = When(NOW + Span::secs(86_400));
    (m.status, m.sid, m.due, m.send_at, m.unless_they_reply) = (Status::Held, None, Some(at), Some(at), true);
    m
}

#[test]
fn a_text_is_sent_later_and_changed_while_it_waits() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("See you tomorrow!");
    desk.keys("ctrl-s");
    desk.sees("Send later");
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    assert_eq!(send.send_at, Some(When(NOW + Span::secs(86_400))), "tomorrow 9");
    assert_eq!((send.unless_they_reply, send.conversation), (Some(true), Some(MARIA)));
    assert_eq!(compose(&desk), "See you tomorrow!", "it is there until the node has it");
    desk.answer(tag, Ok(Reply::SendMessage(waits("See you tomorrow!"))));
    desk.answer_all();
    assert_eq!(compose(&desk), "");
    desk.sees("─ later ─");
    desk.sees("waits until Tue 09:00 unless they write");
    desk.sees_not("sending in");
    // What is said now stands before it.
    tell(&mut desk, |_| (), Some(ours(2800, "And bring the card")));
    let text = desk.text();
    assert!(text.find("And bring the card") < text.find("See you tomorrow!"), "{text}");

    desk.keys("esc");
    desk.sees("s reschedule   o change   x cancel");
    desk.keys("s");
    desk.sees("2026-03-03 9:00");
    desk.keys("ctrl-u");
    desk.type_text("fri 14:30");
    desk.keys("enter");
    let later = |r: &Request| if let Request::ChangeLater(c) = r { Some(c.clone()) } else { None };
    let (_, change) = desk.question(later);
    assert_eq!((change.id, change.body), (Id(2700), None));
    assert_eq!(change.send_at.unwrap().0.rfc3339(), "2026-03-06T22:30:00Z");

    desk.keys("i");
    desk.type_text("half a draft");
    desk.keys("esc o");
    desk.sees("CHANGE what waits");
    desk.type_text(" At 9.");
    desk.keys("enter");
    assert_eq!(desk.question(later).1.body.as_deref(), Some("See you tomorrow! At 9."));
    assert_eq!(compose(&desk), "half a draft");

    desk.keys("x");
    let (_, undo) = desk.question(|r| if let Request::UndoMessage(u) = r { Some(u.id) } else { None });
    assert_eq!(undo, Id(2700));
}

#[test]
fn a_moment_that_cannot_be_read_is_asked_for_again() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Hello");
    desk.keys("ctrl-s ctrl-u");
    desk.type_text("whenever");
    desk.keys("enter");
    desk.sees("write a time such as tomorrow 9");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.keys("esc esc s");
    desk.sees("no message waits here");
}

#[test]
fn what_is_known_of_a_customer_stands_beside_or_over_the_conversation() {
    let mut desk = open_maria();
    desk.keys("esc C");
    desk.answer_all();
    desk.sees("─ Contact ─");
    desk.sees("last agent  agent2");
    desk.sees("texts       2 in, 1 out");
    desk.sees("Maria Lopez  +14155550123");
    desk.keys("C");
    desk.sees_not("─ Contact ─");

    desk.resize(80, 24);
    desk.keys("C");
    let (tag, get) = desk.question(|r| if let Request::GetContact(g) = r { Some(g.clone()) } else { None });
    let mut note = world::message(1, MARIA, "+14155550123", Direction::Note, "prefers mornings", When(NOW));
    note.author = Some("agent1".into());
    let mut elsewhere = world::conversation(MARIA);
    (elsewhere.id, elsewhere.ours) = (Id(77), "+14155550177".parse().unwrap());
    elsewhere.opted_out_at = Some(When(NOW));
    let detail = ContactDetail {
        business: HARBOR,
        address: get.address,
        name: Some("Maria Lopez".into()),
        first_seen: world::minutes_ago(21 * 1440),
        last_seen: Some(When(NOW)),
        last_agent: None,
        incoming: 3,
        outgoing: 2,
        cost: switchboard::api::inbox::CostView { reported: Some(usd("0.0166")), expected: None, unpriced: 0 },
        conversations: vec![world::conversation(MARIA), elsewhere],
        notes: vec![note],
    };
    desk.answer(tag, Ok(Reply::GetContact(detail)));
    for text in
        ["first seen  Mon 9 Feb", "spent       $0.0166", "+14155550177 resolved ⊘ opted out", "prefers mornings"]
    {
        desk.sees(text);
    }
    desk.keys("esc");
    assert_eq!(desk.app.focus, Focus::Thread);
}

#[test]
fn whatsapp_closes_a_day_after_their_last_message() {
    let mut desk = open_maria();
    let until = |seconds| Some(When(NOW + Span::secs(seconds)));
    let whatsapp = |v: &mut ConversationView| {
        v.customer = "whatsapp:+14155550123".parse().unwrap();
        v.window_until = until(3600 + 12 * 60);
    };
    tell(&mut desk, whatsapp, None);
    desk.sees("window 1:12 h");
    desk.keys("i");
    desk.type_text("Hello");
    desk.sees("5 characters · $0.0147");
    tell(&mut desk, |v| v.window_until = until(2), None);
    desk.wait(Duration::from_secs(3));
    desk.sees("24 h window closed");
    desk.keys("enter");
    desk.sees("cannot send: 63016");
    assert_eq!(compose(&desk), "Hello");
    let (_, list) = desk.question(|r| if let Request::ListContents(l) = r { Some(l.business) } else { None });
    assert_eq!(list, Some(HARBOR));
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}

#[test]
fn read_is_told_only_where_it_is_reported() {
    let mut desk = open_maria();
    let mut m = ours(2900, "Hello");
    m.status = Status::Read;
    tell(&mut desk, |_| (), Some(m.clone()));
    desk.sees("09:00 ✓✓");
    desk.sees_not("read");
    m.to = "whatsapp:+14155550123".parse().unwrap();
    tell(&mut desk, |_| (), Some(m));
    desk.sees("09:00 ✓✓ read");
}

#[test]
fn what_it_looks_like() {
    use crate::screens::check;
    let mut desk = open_maria();
    failed(&mut desk);
    tell(&mut desk, |v| v.cost.reported = Some(usd("0.0332")), Some(waits("See you tomorrow!")));
    desk.heard(there("agent2", Doing::Viewing));
    desk.keys("C i");
    desk.type_text("You’re welcome");
    desk.answer_all();
    check("thread-at-work-120x40", &desk);
    desk.keys("ctrl-u esc k k ?");
    check("why-120x40", &desk);
    desk.keys("esc N");
    desk.type_text("@agent2 she prefers mornings");
    desk.resize(80, 24);
    check("note-80x24", &desk);
}
