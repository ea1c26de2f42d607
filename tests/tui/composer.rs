//! What whoever writes is told: why something just failed, that a colleague writes, too, and why nothing can
//! be sent; whole, also where there is little room.

use std::time::Duration;

use switchboard::api::presence::Doing;
use switchboard::api::{Reply, Request, When};
use switchboard::domain::message::Status;
use switchboard::domain::time::Span;
use switchboard::tui::app::Focus;
use switchboard::tui::msg::Msg;

use crate::desk::Desk;
use crate::flows::{open_maria, sending};
use crate::thread::{compose, failed, ours, tell, there, usd};
use crate::world::NOW;

#[test]
fn in_an_empty_message_a_question_mark_explains_what_just_failed() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("?");
    assert_eq!(compose(&desk), "?", "nothing failed: it is text");
    desk.keys("backspace");
    let old = failed(&mut desk);
    desk.sees("? why it failed");
    desk.keys("?");
    desk.sees("✗ 30003 Unreachable handset");
    desk.keys("esc");
    assert_eq!((desk.app.focus, compose(&desk)), (Focus::Composer, String::new()));
    desk.keys("? r");
    let (tag, id) = desk.question(|r| if let Request::RetryMessage(r) = r { Some(r.id) } else { None });
    assert_eq!(id, old.id);
    let mut new = ours(2501, "See you then");
    (new.retry_of, new.status) = (Some(old.id), Status::Queued);
    desk.answer(tag, Ok(Reply::RetryMessage(new)));
    assert!(desk.app.thread.as_ref().unwrap().selected.is_none());
    // Sent again: from here on it is text; and so is any letter but the first.
    desk.type_text("? r?");
    assert_eq!(compose(&desk), "? r?");
    desk.keys("ctrl-u esc i N");
    assert_eq!(compose(&desk), "N");
    desk.keys("esc f1 pagedown pagedown pagedown pagedown pagedown pagedown pagedown");
    desk.sees("In an empty message");
}

#[test]
fn sending_while_a_colleague_types_asks_once() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("On it");
    desk.heard(there("agent2", Doing::Typing));
    desk.keys("enter");
    desk.sees("agent2 writes to them right now");
    assert_eq!(compose(&desk), "On it");
    let sent = desk.asked.iter().filter(|(_, request)| matches!(request, Request::SendMessage(_))).count();
    assert_eq!(sent, 0);
    desk.keys("enter");
    assert_eq!(sending(&mut desk).1.body, "On it");
    desk.type_text("Again");
    desk.heard(there("agent2", Doing::Typing));
    desk.keys("enter");
    assert_eq!(sending(&mut desk).1.body, "Again", "asked about them twice");
    // They stopped, and begin anew; a third one counts for itself.
    desk.wait(Duration::from_secs(6));
    desk.type_text("More");
    desk.heard(there("agent2", Doing::Typing));
    desk.keys("enter");
    desk.heard(there("agent3", Doing::Typing));
    desk.keys("enter");
    desk.sees("agent2, agent3 write to them right now");
    assert_eq!(compose(&desk), "More");
    // A note is no answer: nobody is asked.
    desk.keys("ctrl-u ctrl-n");
    desk.type_text("I take it");
    desk.keys("enter");
    desk.question(|r| if let Request::AddNote(n) = r { Some(n.body.clone()) } else { None });
}

#[test]
fn what_is_said_at_the_foot_is_never_silently_cut() {
    let mut desk = open_maria();
    desk.resize(80, 24);
    let sentence = |words: usize| (1..=words).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
    desk.take(Msg::Trouble(sentence(10).into()));
    desk.sees("word10");
    desk.take(Msg::Trouble(sentence(20).into()));
    desk.sees("word20");
    assert!(!desk.text().contains("F4"), "two lines hold it");
    let rows: Vec<String> = desk.text().lines().map(str::to_owned).collect();
    assert!(rows[22].contains("word1 ") && rows[23].contains("word20"), "{rows:?}");
    desk.take(Msg::Trouble(sentence(60).into()));
    desk.sees_not("word60");
    desk.sees("… F4 shows all");
    desk.wait(Duration::from_secs(5));
    desk.sees("word1 word2");
    desk.keys("f4");
    desk.sees("What the foot of the screen said");
    desk.sees("word60");
    desk.keys("esc");
    desk.wait(Duration::from_secs(60));
    desk.sees_not("word1 ");
    desk.keys("f4");
    desk.sees("09:00  word1 word2");
}

#[test]
fn why_nothing_can_be_sent_is_read_to_its_end_at_80_columns() {
    let mut desk = open_maria();
    desk.resize(80, 24);
    let closed = |v: &mut switchboard::api::inbox::ConversationView| {
        v.opted_out_at = Some(When(NOW - Span::secs(60)));
    };
    tell(&mut desk, closed, None);
    desk.sees("cannot send: 21610, the customer has opted out;");
    desk.sees("START from them clears it");
    desk.keys("i");
    desk.sees("START from them clears it");
    desk.sees("nothing can be sent");
}

#[test]
fn a_moment_in_their_night_asks_once() {
    let mut desk = open_maria();
    // Tokyo is 17 hours ahead of Los Angeles in March.
    tell(&mut desk, |v| v.customer = "+81312345678".parse().unwrap(), None);
    desk.keys("i");
    desk.type_text("See you");
    desk.keys("ctrl-s");
    desk.sees("It is Tue 02:00 for them now (Tokyo, by their number).");
    desk.keys("enter");
    desk.sees("then it is Wed 02:00 for them");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    let mut waits = ours(2700, &send.body);
    waits.to = "+81312345678".parse().unwrap();
    (waits.status, waits.sid, waits.due, waits.send_at) = (Status::Held, None, send.send_at, send.send_at);
    desk.answer(tag, Ok(Reply::SendMessage(waits)));
    desk.sees("it waits until Tue 3 Mar 09:00 · Wed 02:00 for them");
    desk.sees("waits until Tue 09:00 · Wed 02:00 for them");
    desk.keys("esc s ctrl-u");
    desk.type_text("tomorrow 18");
    desk.keys("enter");
    let later = |r: &Request| if let Request::ChangeLater(c) = r { Some(c.id) } else { None };
    desk.question(later);
}

#[test]
fn a_slow_answer_is_told_and_pulls_nobody_away() {
    let mut desk = Desk::open(80, 24);
    desk.sees("● live");
    desk.keys("n");
    desk.wait(Duration::from_secs(1));
    desk.sees("● live");
    assert!(desk.map.until.is_some(), "it wakes to tell that nothing came");
    desk.wait(Duration::from_secs(2));
    desk.sees("◌ waiting 3 s");
    // Whoever goes on meanwhile stays where they are.
    desk.keys("down");
    desk.answer_all();
    desk.sees("● live");
    assert!(desk.app.thread.is_none());
    // Pressed twice for want of an answer it opens one, not the second.
    desk.keys("n n");
    desk.answer_all();
    assert_eq!(desk.app.thread.as_ref().map(|t| t.id()), Some(crate::world::SAM));
}

#[test]
fn whose_it_is_stays_whole_beside_the_cost_at_80_columns() {
    let mut desk = open_maria();
    desk.resize(80, 24);
    let mine = |v: &mut switchboard::api::inbox::ConversationView| {
        v.assignee = Some("agent1".into());
        v.cost.reported = Some(usd("0.0332"));
    };
    tell(&mut desk, mine, None);
    desk.sees("Maria Lopez · assigned to agent1 (you) ");
    desk.sees(" $0.0332 ");
    tell(&mut desk, |v| v.name = Some("Maria Magdalena Lopez".into()), None);
    desk.sees("assigned to agent1 ");
    desk.sees_not("assigned to agent1 (you)");
    tell(&mut desk, |v| (v.opted_out_at, v.opted_out_by) = (Some(When(NOW)), Some("STOP".into())), None);
    desk.sees("│ STOP ");
}

#[test]
fn what_nobody_sees_does_nothing() {
    let mut desk = open_maria();
    desk.keys("i a b c");
    desk.answer_all();
    desk.resize(40, 10);
    desk.sees("needs 60x16");
    desk.keys("x enter esc e");
    desk.resize(80, 24);
    desk.sees("abc");
    desk.sees_not("abcx");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
}
