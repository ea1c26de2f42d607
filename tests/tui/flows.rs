//! An agent's work, key by key, as an agent sees it: writing and sending.

use std::time::Duration;

use switchboard::api::events::{Cursor, Frame};
use switchboard::api::inbox::{MessageView, SendMessage};
use switchboard::api::{ApiError, Code, Reply, Request, When};
use switchboard::domain::conversation::Status as Standing;
use switchboard::domain::id::Id;
use switchboard::domain::message::{Direction, Status};
use switchboard::domain::time::Span;
use switchboard::link::Heard;
use switchboard::tui::msg::{Effect, Msg, Tag};

use crate::desk::Desk;
use crate::world::{self, MARIA, NOW};

pub const TEXT: &str = "Hi Maria, Friday 10:30 is open. Shall I book it?";

/// Maria's text has just come in.
pub fn maria_writes(desk: &mut Desk) {
    let mut maria = world::conversation(MARIA);
    let text = "Hi, can I move my cleaning to Friday?";
    let mut message = world::message(2400, MARIA, "+14155550123", Direction::In, text, When(NOW));
    message.arrival = 1;
    maria.status = Standing::Open;
    maria.waiting_since = Some(When(NOW));
    maria.active_at = When(NOW);
    maria.unread = 1;
    maria.version = 2;
    let last = maria.last.as_mut().unwrap();
    (last.id, last.direction, last.preview, last.at) = (Id(2400), Direction::In, text.into(), When(NOW));
    desk.counts.unassigned = 4;
    desk.counts.waiting = 4;
    desk.heard(world::event(1, "message.received", maria, Some(message), desk.counts));
}

/// What the node makes of a text: held for five seconds.
pub fn held(send: &SendMessage, id: u64) -> MessageView {
    let mut m = world::message(id, send.conversation.unwrap(), "+14155550123", Direction::Out, &send.body, When(NOW));
    m.status = Status::Held;
    m.author = Some("agent1".into());
    m.due = Some(When(NOW + Span::secs(5)));
    m.client_ref = send.client_ref.clone();
    m
}

pub fn sending(desk: &mut Desk) -> (Tag, SendMessage) {
    desk.question(|r| if let Request::SendMessage(s) = r { Some(s.clone()) } else { None })
}

pub fn open_maria() -> Desk {
    let mut desk = Desk::open(120, 40);
    maria_writes(&mut desk);
    desk.keys("/");
    desk.type_text("maria");
    desk.keys("enter");
    desk.answer_all();
    desk
}

#[test]
fn a_customer_writes_and_the_row_jumps_to_the_top_with_a_bell() {
    let mut desk = Desk::open(80, 24);
    desk.sees("2 Unassigned 3");
    maria_writes(&mut desk);
    let (_, row) = desk.find("Maria Lopez").unwrap();
    assert_eq!(row, 3, "{}", desk.text());
    desk.sees("●1 Maria Lopez");
    desk.sees("15:00");
    desk.wait(Duration::from_secs(1));
    desk.sees("14:59");
    desk.sees("2 Unassigned 4");
    assert!(desk.done.iter().any(|e| matches!(e, Effect::Bell)));
    let title = desk.done.iter().rev().find_map(|e| if let Effect::Title(t) = e { Some(t.as_str()) } else { None });
    assert_eq!(title, Some("(4) switchboard"));
}

#[test]
fn a_notification_comes_when_somebody_looks_elsewhere_or_always() {
    use switchboard::config::{Notify, NotifyWhen};
    let notified = |notify, notify_when, focused| {
        let options = switchboard::tui::Options { notify, notify_when, ..Default::default() };
        let mut desk = Desk::with(80, 24, options, Default::default());
        desk.settle();
        desk.take(Msg::Focus(focused));
        maria_writes(&mut desk);
        let texts = desk.done.iter().filter_map(|e| if let Effect::Notify(t) = e { Some(t.to_string()) } else { None });
        texts.collect::<Vec<_>>()
    };
    assert_eq!(notified(Notify::Osc9, NotifyWhen::Unfocused, false), ["Maria Lopez wrote"]);
    assert_eq!(notified(Notify::Osc777, NotifyWhen::Always, true), ["Maria Lopez wrote"]);
    assert!(notified(Notify::Osc9, NotifyWhen::Unfocused, true).is_empty());
    assert!(notified(Notify::Off, NotifyWhen::Always, false).is_empty());
}

#[test]
fn find_open_assign() {
    let mut desk = open_maria();
    desk.sees("— new —");
    desk.sees("unassigned");
    desk.keys("a");
    desk.type_text("me");
    desk.keys("enter");
    let (tag, assign) = desk.question(|r| if let Request::AssignConversation(a) = r { Some(a.clone()) } else { None });
    assert_eq!((assign.id, assign.assignee.as_deref()), (MARIA, Some("agent1")));
    let mut view = desk.app.thread.as_ref().unwrap().conversation.clone();
    view.assignee = assign.assignee;
    view.version += 1;
    desk.answer(tag, Ok(Reply::AssignConversation(view)));
    desk.sees("assigned to agent1 (you)");
    // Shown is read.
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}

#[test]
fn send_take_back_change_send() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text(TEXT);
    desk.sees("48/GSM-7 · 1 seg");
    desk.keys("enter");
    desk.sees("Shall I book it? ▕");
    let (tag, send) = sending(&mut desk);
    assert_eq!(send.body, TEXT);
    desk.answer(tag, Ok(Reply::SendMessage(held(&send, 2500))));
    desk.sees("sending in 5… (Ctrl-Z to undo)");
    desk.wait(Duration::from_millis(2100));
    desk.sees("sending in 3…");
    desk.keys("ctrl-z");
    let (tag, undo) = desk.question(|r| if let Request::UndoMessage(u) = r { Some(u.id) } else { None });
    assert_eq!(undo, Id(2500));
    let mut back = held(&send, 2500);
    back.status = Status::Canceled;
    desk.answer(tag, Ok(Reply::UndoMessage(back)));
    desk.sees_not("sending in");
    assert_eq!(desk.app.thread.as_ref().unwrap().composer.text(), TEXT);
    for _ in 0.."ll I book it?".len() {
        desk.keys("left");
    }
    desk.keys("backspace backspace backspace");
    desk.type_text("Shou");
    desk.keys("right right");
    desk.type_text("d");
    let composed = desk.app.thread.as_ref().unwrap().composer.text();
    assert_eq!(composed, "Hi Maria, Friday 10:30 is open. Shoulld I book it?");
    desk.keys("backspace backspace");
    desk.type_text("d");
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    assert_eq!(send.body, "Hi Maria, Friday 10:30 is open. Should I book it?");
    desk.answer(tag, Ok(Reply::SendMessage(held(&send, 2501))));
    for (status, tick) in [(Status::Queued, "·"), (Status::Sent, "✓"), (Status::Delivered, "✓✓")] {
        let mut m = held(&send, 2501);
        (m.status, m.due) = (status, None);
        let view = desk.app.thread.as_ref().unwrap().conversation.clone();
        desk.heard(world::event(9, "message.status", view, Some(m), desk.counts));
        desk.sees(&format!("agent1 (you) · 09:00 {tick}"));
    }
    assert_eq!(desk.text().matches("Should I book it?").count(), 1);
}

#[test]
fn the_event_may_come_before_the_answer() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Hello");
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    let view = desk.app.thread.as_ref().unwrap().conversation.clone();
    desk.heard(world::event(9, "message.sendRequested", view, Some(held(&send, 2500)), desk.counts));
    desk.answer(tag, Ok(Reply::SendMessage(held(&send, 2500))));
    let texts = desk.text().matches("Hello ▕").count();
    assert_eq!(texts, 1, "{}", desk.text());
}

#[test]
fn a_refused_text_comes_back_and_says_why() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Hello");
    desk.keys("enter");
    let (tag, _) = sending(&mut desk);
    desk.answer(tag, Err(ApiError::new(Code::Conflict, "the customer has opted out")));
    desk.sees("not sent: the customer has opted out");
    assert_eq!(desk.app.thread.as_ref().unwrap().composer.text(), "Hello");
}

#[test]
fn a_lost_answer_is_said_and_neither_doubled_nor_dropped() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Hello");
    desk.keys("enter");
    let (tag, first) = sending(&mut desk);
    desk.answer(tag, Err(ApiError::unavailable("the node broke off")));
    desk.sees("✗ no answer: the node broke off");
    desk.keys("esc r");
    let (tag, second) = sending(&mut desk);
    assert_eq!(first.client_ref, second.client_ref);
    desk.answer(tag, Err(ApiError::unavailable("the node broke off")));
    desk.keys("ctrl-z");
    assert_eq!(desk.app.thread.as_ref().unwrap().composer.text(), "Hello");
    desk.sees_not("no answer");
}

#[test]
fn what_needs_a_yes_asks_and_a_no_gives_the_text_back() {
    let mut desk = open_maria();
    for (word, sent) in [("esc", false), ("Harbor", true)] {
        desk.keys("i");
        desk.type_text("Hello");
        desk.keys("enter");
        let (tag, _) = sending(&mut desk);
        let refusal = ApiError {
            confirm: Some("Harbor".into()),
            ..ApiError::new(Code::ConfirmationRequired, "this is the first live message.")
        };
        desk.answer(tag, Err(refusal));
        desk.sees("Type Harbor to go ahead.");
        if sent {
            desk.keys("enter");
            assert!(desk.asked.is_empty());
            desk.type_text(word);
            desk.keys("enter");
            assert_eq!(sending(&mut desk).1.confirm.as_deref(), Some("Harbor"));
        } else {
            desk.keys(word);
            assert_eq!(desk.app.thread.as_mut().unwrap().composer.take(), "Hello");
        }
    }
}

/// Maria's thread with a text of ours that waited too long.
fn one_asks() -> (Desk, MessageView) {
    let mut desk = open_maria();
    let mut m = world::message(2500, MARIA, "+14155550123", Direction::Out, "Friday it is.", world::minutes_ago(20));
    (m.status, m.author, m.asks_since) = (Status::Held, Some("agent1".into()), Some(When(NOW)));
    let view = desk.app.thread.as_ref().unwrap().conversation.clone();
    desk.heard(world::event(9, "message.asked", view, Some(m.clone()), desk.counts));
    (desk, m)
}

#[test]
fn a_text_that_waited_too_long_asks_and_goes_or_comes_back() {
    let (mut desk, mut m) = one_asks();
    desk.sees("? waited over ten minutes · r sends, Ctrl-Z undoes");
    desk.keys("ctrl-z");
    let (tag, id) = desk.question(|r| if let Request::UndoMessage(u) = r { Some(u.id) } else { None });
    assert_eq!(id, m.id);
    (m.status, m.asks_since) = (Status::Canceled, None);
    desk.answer(tag, Ok(Reply::UndoMessage(m)));
    desk.sees_not("waited over ten minutes");

    let (mut desk, mut m) = one_asks();
    desk.keys("r");
    let (tag, release) = desk.question(|r| if let Request::ReleaseMessage(r) = r { Some(r.clone()) } else { None });
    assert_eq!((release.id, release.confirm), (m.id, None));
    // Live, the first text of a run needs a yes; the very same is asked for again with it.
    let refusal = || ApiError {
        confirm: Some("live".into()),
        ..ApiError::new(Code::ConfirmationRequired, "this reaches a real person.")
    };
    desk.answer(tag, Err(refusal()));
    desk.sees("this reaches a real person.");
    desk.sees("Type live to go ahead.");
    desk.keys("esc");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.sees("waited over ten minutes");
    desk.keys("r");
    let (tag, _) = desk.question(|r| if let Request::ReleaseMessage(r) = r { Some(r.clone()) } else { None });
    desk.answer(tag, Err(refusal()));
    desk.type_text("live");
    desk.keys("enter");
    let (tag, release) = desk.question(|r| if let Request::ReleaseMessage(r) = r { Some(r.clone()) } else { None });
    assert_eq!((release.id, release.confirm.as_deref()), (m.id, Some("live")));
    (m.status, m.asks_since) = (Status::Queued, None);
    desk.answer(tag, Ok(Reply::ReleaseMessage(m)));
    desk.sees_not("waited over ten minutes");
    desk.sees("Friday it is.");
}

#[test]
fn a_fresh_world_leaves_nothing_of_the_old_one() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Half an ans");
    let far = Cursor { lanes: vec![99], ..world::cursor() };
    desk.heard(Heard::Frame(Frame::Reset { cursor: far.clone() }));
    desk.sees("Half an ans");
    desk.answer_all();
    desk.heard(Heard::Frame(Frame::Reset { cursor: Cursor { epoch: far.epoch + 1, ..far } }));
    desk.sees("the node begins a fresh world");
    desk.sees_not("Half an ans");
    desk.sees_not("Maria");
    let (_, list) = desk.question(|r| if let Request::ListConversations(l) = r { Some(l.clone()) } else { None });
    assert_eq!(list.business, None, "the old business is asked for");
}

#[test]
fn a_note_never_leaves_the_house() {
    let mut desk = open_maria();
    desk.keys("N");
    desk.sees("NOTE · only agents see this");
    desk.type_text("@agent2 she prefers mornings");
    desk.keys("esc i");
    desk.sees("NOTE · only agents see this");
    desk.keys("enter");
    let (tag, note) = desk.question(|r| if let Request::AddNote(n) = r { Some(n.clone()) } else { None });
    assert_eq!((note.id, note.body.as_str()), (MARIA, "@agent2 she prefers mornings"));
    let mut m = world::message(2600, MARIA, "+14155550123", Direction::Note, &note.body, When(NOW));
    m.author = Some("agent1".into());
    let view = desk.app.thread.as_ref().unwrap().conversation.clone();
    desk.heard(world::event(9, "note.added", view, Some(m.clone()), desk.counts));
    desk.answer(tag, Ok(Reply::AddNote(m)));
    assert_eq!(desk.text().matches("NOTE · agent1 (you)").count(), 1, "{}", desk.text());
    desk.keys("i");
    assert!(!desk.app.thread.as_ref().unwrap().composer.note);
}

#[test]
fn failed_why_retry() {
    let mut desk = open_maria();
    let mut failed = world::message(2700, MARIA, "+14155550123", Direction::Out, "See you then", When(NOW));
    failed.status = Status::Failed;
    failed.error = Some(30003);
    failed.error_text = Some("Unreachable handset: it is off or out of reach. It may work later.".into());
    let mut view = desk.app.thread.as_ref().unwrap().conversation.clone();
    view.failed = 1;
    desk.heard(world::event(9, "message.status", view, Some(failed.clone()), desk.counts));
    desk.sees("✗ failed 30003");
    desk.keys("?");
    desk.sees("30003 Unreachable handset");
    desk.keys("esc r");
    let (tag, id) = desk.question(|r| if let Request::RetryMessage(r) = r { Some(r.id) } else { None });
    assert_eq!(id, Id(2700));
    let mut again = failed.clone();
    (again.id, again.status, again.error, again.retry_of) = (Id(2701), Status::Queued, None, Some(Id(2700)));
    desk.answer(tag, Ok(Reply::RetryMessage(again)));
    desk.sees("retry of an earlier one");
    desk.sees("✗ failed 30003 · retried");
    desk.keys("r");
    desk.sees("no failed message here");
    // Without a failure, the key is the help.
    let mut desk = Desk::open(120, 40);
    desk.keys("?");
    desk.sees("tab Mine");
}
