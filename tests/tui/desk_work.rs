//! An agent's work, key by key, as an agent sees it: triage, phones, the clock, the frame.

use std::time::Duration;

use switchboard::api::inbox::SendMessage;
use switchboard::api::{ApiError, Reply, Request, When};
use switchboard::domain::conversation::Status as Standing;
use switchboard::domain::time::Span;
use switchboard::link::{Connection, Heard};
use switchboard::tui::Options;
use switchboard::tui::drafts::{Draft, Drafts};
use switchboard::tui::msg::{Effect, Msg};

use crate::desk::Desk;
use crate::flows::{held, maria_writes, open_maria, sending};
use crate::world::{self, MARIA, NOW, SAM};

#[test]
fn resolve_goes_on_to_the_next_and_can_be_undone() {
    let mut desk = Desk::open(120, 40);
    let first = desk.app.inbox.selected;
    desk.keys("e");
    assert_ne!(desk.app.inbox.selected, first);
    let (tag, set) = desk.question(|r| if let Request::SetConversationStatus(s) = r { Some(s.clone()) } else { None });
    assert_eq!((Some(set.id), set.status), (first, Standing::Resolved));
    let mut view = world::conversation(set.id);
    (view.status, view.version) = (Standing::Resolved, 2);
    desk.answer(tag, Ok(Reply::SetConversationStatus(view)));
    desk.sees("resolved (u undo)");
    desk.keys("u");
    let (_, set) = desk.question(|r| if let Request::SetConversationStatus(s) = r { Some(s.clone()) } else { None });
    assert_eq!((Some(set.id), set.status), (first, Standing::Open));
    // The offer goes with its notice.
    let mut desk = Desk::open(120, 40);
    desk.keys("u");
    desk.sees("nothing to undo");
    desk.wait(Duration::from_secs(11));
    desk.sees_not("nothing to undo");
}

#[test]
fn snooze_in_plain_words() {
    let mut desk = Desk::open(120, 40);
    desk.keys("z ctrl-u");
    desk.type_text("whenever");
    desk.keys("enter");
    desk.sees("write a time such as tomorrow 9");
    desk.keys("ctrl-u");
    desk.type_text("tomorrow 9");
    desk.keys("enter");
    let (_, set) = desk.question(|r| if let Request::SetConversationStatus(s) = r { Some(s.clone()) } else { None });
    assert_eq!(set.until.unwrap().0.rfc3339(), "2026-03-03T17:00:00Z");
    desk.keys("esc z ctrl-u");
    desk.type_text("when they reply");
    desk.keys("enter");
    let (_, set) = desk.question(|r| if let Request::SetConversationStatus(s) = r { Some(s.clone()) } else { None });
    assert_eq!((set.status, set.until), (Standing::Snoozed, None));
}

#[test]
fn next_is_who_waits_longest() {
    let mut desk = Desk::open(120, 40);
    desk.keys("n");
    desk.answer_all();
    assert_eq!(desk.app.thread.as_ref().unwrap().id(), SAM);
}

#[test]
fn the_row_under_the_cursor_keeps_its_place_until_the_cursor_leaves() {
    let mut desk = Desk::open(80, 24);
    desk.keys("2 down");
    desk.answer_all();
    desk.keys("down");
    let id = desk.app.inbox.selected.unwrap();
    let place = |desk: &Desk| desk.app.inbox.visible().iter().position(|v| *v == id);
    let before = place(&desk);
    let mut view = world::conversation(id);
    view.assignee = Some("agent2".into());
    view.active_at = When(NOW + Span::secs(60));
    view.version = 2;
    desk.heard(world::event(3, "conversation.assigned", view, None, desk.counts));
    assert_eq!(place(&desk), before);
    desk.sees("no longer in this tab");
    desk.keys("up");
    assert_eq!(place(&desk), None);
}

#[test]
fn an_older_row_does_not_overwrite_a_newer_one() {
    let mut desk = Desk::open(80, 24);
    let mut view = world::conversation(SAM);
    (view.version, view.name) = (5, Some("Sam the Fifth".into()));
    desk.heard(world::event(3, "contact.saved", view, None, desk.counts));
    let mut late = world::conversation(SAM);
    (late.version, late.name) = (4, Some("Sam the Fourth".into()));
    desk.heard(world::event(4, "contact.saved", late, None, desk.counts));
    desk.sees("Sam the Fifth");
}

#[test]
fn the_phones_text_in_as_the_customer() {
    let mut desk = Desk::open(200, 60);
    desk.keys("g p");
    for _ in 0..4 {
        desk.keys("down");
        desk.answer_all();
    }
    desk.sees("as Maria Lopez");
    desk.keys("i");
    desk.type_text("Hi, can I move my cleaning to Friday?");
    desk.keys("enter");
    let (tag, text) = desk.question(|r| if let Request::TextFromPhone(t) = r { Some(t.clone()) } else { None });
    assert_eq!((text.address.as_str(), text.to.as_str()), ("+14155550123", world::OURS));
    desk.answer(tag, Err(ApiError::unavailable("the sandbox is away")));
    desk.sees("the sandbox is away");
    assert_eq!(desk.app.phones.typing.text(), "Hi, can I move my cleaning to Friday?");
    // On a small screen they have a pane of their own; live they do not exist.
    desk.resize(80, 24);
    desk.sees("as Maria Lopez");
    desk.app.session.node.as_mut().unwrap().world = switchboard::api::node::World::Live;
    desk.keys("esc esc g p");
    desk.sees("only in the sandbox");
    desk.sees(" LIVE ");
}

#[test]
fn the_clock_moves() {
    let mut desk = Desk::open(120, 40);
    desk.keys("T ctrl-u");
    desk.type_text("1d 1h");
    desk.keys("enter");
    let (tag, advance) = desk.question(|r| if let Request::AdvanceClock(a) = r { Some(a.clone()) } else { None });
    assert_eq!(advance.advance_seconds, Some(90_000));
    let clock = switchboard::api::simulator::ClockView { now: When(NOW + Span::secs(90_000)), paused: false };
    desk.answer(tag, Ok(Reply::AdvanceClock(clock)));
    desk.sees("Tue 3 Mar 10:00");
}

#[test]
fn letters_are_text_in_a_field_and_commands_work_with_ctrl() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("q?bTg");
    assert_eq!(desk.app.thread.as_ref().unwrap().composer.text(), "q?bTg");
    desk.sees("F1 help");
    desk.take(Msg::Paste("one\r\ntwo\u{1b}[31m\tthree".into()));
    assert_eq!(desk.app.thread.as_ref().unwrap().composer.text(), "q?bTgone\ntwo[31m three");
    desk.keys("alt-enter x ctrl-j y");
    assert!(desk.app.thread.as_ref().unwrap().composer.text().ends_with("three\nx\ny"));
    desk.keys("ctrl-p");
    desk.sees("Commands and conversations");
    desk.keys("esc");
    // Leaving keeps the draft, elsewhere too.
    desk.keys("esc esc g g enter");
    desk.answer_all();
    desk.keys("esc");
    desk.sees("✎ draft:");
    // A paste outside a field is no command.
    desk.take(Msg::Paste("q".into()));
    assert!(!desk.done.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn a_draft_survives_a_restart_with_its_cursor() {
    let mut drafts = Drafts::default();
    drafts.put(MARIA, Draft { cursor: (0, 4), ..Draft::of("Half a sen", false) });
    drafts.writing = Some(MARIA);
    let mut desk = Desk::with(120, 40, Options::default(), drafts);
    desk.settle();
    desk.sees("Half a sen");
    desk.answer_all();
    let thread = desk.app.thread.as_ref().unwrap();
    assert_eq!((thread.id(), thread.composer.draft().cursor), (MARIA, (0, 4)));
    // The composer's text begins one cell right of the line between the panes, in its last line.
    assert_eq!(desk.map.cursor.map(|c| (c.x, c.y)), Some((44 + 4, 38)), "{}", desk.text());
    desk.type_text("!");
    assert!(desk.done.iter().any(|e| matches!(e, Effect::SaveDrafts)));
}

#[test]
fn quitting_asks_while_something_is_held() {
    let mut desk = open_maria();
    desk.keys("i");
    desk.type_text("Hello");
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    desk.answer(tag, Ok(Reply::SendMessage(held(&send, 2500))));
    desk.keys("ctrl-c");
    desk.sees("1 message has not left yet");
    assert!(!desk.done.iter().any(|e| matches!(e, Effect::Quit)));
    desk.keys("down down enter");
    assert!(desk.done.iter().any(|e| matches!(e, Effect::Quit)));
    let mut desk = Desk::open(80, 24);
    desk.keys("q");
    assert!(desk.done.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn a_lost_connection_is_a_state_and_reading_goes_on() {
    let mut desk = Desk::open(80, 24);
    desk.heard(Heard::Connection(Connection::Stale("the node at http://127.0.0.1:4000 cannot be reached".into())));
    desk.sees("▲ stale");
    desk.sees("what is shown may be old");
    desk.keys("down enter esc");
    desk.sees("Sam Ortiz");
    desk.heard(Heard::Connection(Connection::Live));
    desk.sees("● live");
    // The first question fails: it is asked again once the node is there.
    let mut desk = Desk::cold(80, 24, "dark");
    for (tag, _) in std::mem::take(&mut desk.asked) {
        desk.answer(tag, Err(ApiError::unavailable("the node cannot be reached")));
    }
    desk.sees("the node cannot be reached");
    desk.settle();
    desk.sees("Sam Ortiz");
}

#[test]
fn an_opted_out_customer_cannot_be_written_to_until_they_start_again() {
    let mut desk = open_maria();
    let mut view = desk.app.thread.as_ref().unwrap().conversation.clone();
    view.opted_out_at = Some(When(NOW));
    view.version += 1;
    desk.heard(world::event(9, "contact.optedOut", view.clone(), None, desk.counts));
    desk.sees("opted out of +14155550100");
    desk.sees("cannot send: 21610");
    desk.keys("i");
    desk.type_text("Hello");
    desk.keys("enter");
    assert!(desk.asked.is_empty());
    view.opted_out_at = None;
    view.version += 1;
    desk.heard(world::event(10, "contact.optedIn", view, None, desk.counts));
    desk.sees_not("opted out of");
}

#[test]
fn businesses_are_switched_by_name() {
    let mut desk = Desk::open(80, 24);
    desk.keys("b");
    desk.type_text("north");
    desk.keys("enter");
    desk.answer_all();
    desk.sees("Northwind Bank");
    desk.sees_not("Sam Ortiz");
    // An event of another business does not come in.
    maria_writes(&mut desk);
    desk.sees_not("Maria Lopez");
}

#[test]
fn the_mouse_selects_focuses_and_scrolls() {
    let mut desk = Desk::open(120, 40);
    let (x, y) = desk.find("Sam Ortiz").unwrap();
    desk.click(x, y);
    assert_eq!(desk.app.inbox.selected, Some(SAM));
    desk.click(x, y);
    desk.answer_all();
    assert_eq!(desk.app.thread.as_ref().unwrap().id(), SAM);
    let (x, y) = desk.find("Enter to write").unwrap();
    desk.click(x, y);
    desk.type_text("hello");
    assert_eq!(desk.app.thread.as_ref().unwrap().composer.text(), "hello");
    let (x, y) = desk.find("Waiting 3").unwrap();
    desk.click(x, y);
    desk.answer_all();
    desk.sees("[4 Waiting 3]");
    let (x, y) = desk.find("李伟").unwrap();
    desk.wheel(x, y, false);
    assert_ne!(desk.app.inbox.selected, Some(SAM));
}

#[test]
fn a_text_to_somebody_new_opens_the_conversation() {
    let mut desk = Desk::open(120, 40);
    desk.keys("c");
    desk.type_text("+14155550123");
    desk.keys("tab");
    desk.type_text("Hello Maria");
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    assert_eq!(send.to.as_deref(), Some("+14155550123"));
    desk.answer(tag, Err(ApiError::field("to", "this number cannot be texted")));
    desk.sees("this number cannot be texted");
    desk.keys("enter");
    let (tag, send) = sending(&mut desk);
    let mut m = held(&SendMessage { conversation: Some(MARIA), ..send }, 2500);
    m.client_ref = None;
    desk.answer(tag, Ok(Reply::SendMessage(m)));
    desk.answer_all();
    assert_eq!(desk.app.thread.as_ref().unwrap().id(), MARIA);
}
