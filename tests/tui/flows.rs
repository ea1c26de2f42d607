//! An agent's work, key by key, as an agent sees it.

use std::time::Duration;

use switchboard::api::inbox::{MessageView, SendMessage};
use switchboard::api::{ApiError, Code, Reply, Request, When};
use switchboard::domain::conversation::Status as Standing;
use switchboard::domain::id::Id;
use switchboard::domain::message::{Direction, Status};
use switchboard::domain::time::Span;
use switchboard::link::{Connection, Heard};
use switchboard::tui::Options;
use switchboard::tui::drafts::{Draft, Drafts};
use switchboard::tui::msg::{Effect, Msg, Tag};

use crate::desk::Desk;
use crate::world::{self, MARIA, NOW, SAM};

const TEXT: &str = "Hi Maria, Friday 10:30 is open. Shall I book it?";

/// Maria's text has just come in.
fn maria_writes(desk: &mut Desk) {
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
fn held(send: &SendMessage, id: u64) -> MessageView {
    let mut m = world::message(id, send.conversation.unwrap(), "+14155550123", Direction::Out, &send.body, When(NOW));
    m.status = Status::Held;
    m.author = Some("agent1".into());
    m.due = Some(When(NOW + Span::secs(5)));
    m.client_ref = send.client_ref.clone();
    m
}

fn sending(desk: &mut Desk) -> (Tag, SendMessage) {
    desk.question(|r| if let Request::SendMessage(s) = r { Some(s.clone()) } else { None })
}

fn open_maria() -> Desk {
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
    desk.sees("Everywhere");
}

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
    drafts.put(MARIA, Draft { text: "Half a sen".into(), cursor: (0, 4), note: false });
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
