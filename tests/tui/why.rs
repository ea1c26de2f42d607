//! Why something is so, and texts through a command.

use switchboard::api::deadletters::DeadLetterExplained;
use switchboard::api::inbox::MessageView;
use switchboard::api::media::MediaView;
use switchboard::api::{ApiError, Code, Page, Reply, Request};
use switchboard::domain::deadletter::Reason;
use switchboard::domain::media::State;
use switchboard::link::{Connection, Heard};
use switchboard::tui::msg::{Effect, Msg, Piped};

use crate::desk::Desk;
use crate::world::{self, DANA};

#[test]
fn a_refusal_of_the_console_and_one_of_the_node_are_told_apart() {
    let mut desk = Desk::open(80, 24);
    desk.keys("u");
    desk.sees("nothing to undo");
    desk.keys("?");
    desk.sees("Why not");
    desk.sees("action    undo resolve or snooze (undo-status)");
    desk.sees("this console refused it; nothing was asked of the node");
    desk.keys("esc e");
    let (tag, _) = desk.question(|r| matches!(r, Request::SetConversationStatus(_)).then_some(()));
    let refused =
        ApiError { field: Some("status".into()), ..ApiError::new(Code::Forbidden, "agent1 lacks a permission") };
    desk.answer(tag, Err(refused));
    desk.keys("?");
    desk.sees("asked     PUT /api/conversations/{id}/status (SetConversationStatus)");
    desk.sees("answer    403 forbidden");
    desk.sees("field     status");
    desk.sees("next      ask an admin for it");
    crate::screens::check("why-refused-80x24", &desk);
}

#[test]
fn with_nothing_wrong_the_same_key_is_the_help() {
    let mut desk = Desk::open(80, 24);
    desk.keys("?");
    desk.sees("Keys");
    desk.keys("esc g e ?");
    desk.sees("Keys");
}

#[test]
fn a_lost_way_and_the_troubles_of_a_node() {
    let mut desk = Desk::open(80, 24);
    desk.heard(Heard::Connection(Connection::Stale("the node at http://x cannot be reached".into())));
    desk.keys("?");
    desk.sees("Why what is shown may be old");
    desk.sees("drafts are kept on this");
    desk.keys("esc");
    desk.heard(Heard::Connection(Connection::Live));
    if let Some(node) = &mut desk.app.session.node {
        node.troubles = vec!["Twilio cannot be reached; messages wait in the outbox".into()];
    }
    desk.draw();
    desk.keys("?");
    desk.sees("What is wrong with the node");
    desk.sees("▲ Twilio cannot be reached; messages wait in the outbox");
    desk.sees("`switchboard doctor`");
}

#[test]
fn a_dead_letter_says_who_waits_behind_it_and_a_webhook_why_it_was_refused() {
    let mut desk = Desk::open(80, 40);
    desk.keys("g x");
    crate::rooms::furnish(&mut desk);
    desk.keys("down ?");
    let (tag, id) = desk.question(|r| if let Request::ExplainDeadLetter(e) = r { Some(e.id) } else { None });
    let explained = DeadLetterExplained {
        id,
        reason: Reason::Unroutable,
        replayable: false,
        found: "no endpoint".into(),
        fix: "make one".into(),
        received: None,
        headers: vec![],
        peer: None,
        trials: vec![],
    };
    desk.answer(tag, Ok(Reply::ExplainDeadLetter(explained)));
    desk.sees("behind it 5 webhooks · 3 customers wait");
    desk.keys("esc g w");
    crate::rooms::furnish(&mut desk);
    desk.keys("down ?");
    desk.sees("✗ 403 bad signature");
    desk.sees("mostly the public URL is set wrongly");
}

fn with_file(state: State) -> MessageView {
    let mut message = world::messages(DANA).remove(0);
    message.media = vec![MediaView {
        index: 0,
        content_type: "image/jpeg".into(),
        state,
        size: None,
        digest: None,
        name: Some("car.jpg".into()),
        detail: Some("Twilio answered 404".into()),
        url: None,
        tries: 3,
        next_try: None,
    }];
    message
}

#[test]
fn a_file_that_is_not_here_says_why_and_what_fetches_it() {
    let mut desk = Desk::open(80, 24);
    desk.keys("down down down enter");
    let (tag, _) = desk.question(|r| if let Request::ListMessages(l) = r { Some(l.id) } else { None });
    let page = Page { items: vec![with_file(State::Failed)], next: None, as_of: world::cursor() };
    desk.answer(tag, Ok(Reply::ListMessages(page)));
    desk.keys("?");
    desk.sees("Why a file is not here");
    desk.sees("✗ car.jpg: could not be fetched");
    desk.sees("what      Twilio answered 404");
    desk.sees("switchboard media retry 1400 0");
}

#[test]
fn a_message_or_all_of_them_go_through_a_command() {
    let mut desk = Desk::open(80, 24);
    desk.keys("down down down enter");
    desk.answer_all();
    desk.keys("up |");
    desk.sees("Pipe 21 characters");
    desk.type_text("wc -w");
    desk.keys("enter");
    let piped =
        desk.done.iter().find_map(|e| if let Effect::Pipe(c, t) = e { Some((c.clone(), t.clone())) } else { None });
    assert_eq!(piped, Some(("wc -w".to_owned(), "See you Tuesday at 9!".to_owned())));
    let said = Piped {
        command: "wc -w".into(),
        output: "5\u{1b}[2J\twords\n".into(),
        errors: "slow\n".into(),
        cut: true,
        ended: None,
    };
    desk.take(Msg::Piped(said));
    desk.sees("| wc -w");
    desk.sees("5␛[2J    words");
    desk.sees("slow");
    desk.sees("it printed more than is shown here");
    // The command stands there for the next time; without a cursor the whole conversation goes.
    desk.done.clear();
    desk.keys("esc esc | enter");
    let piped =
        desk.done.iter().find_map(|e| if let Effect::Pipe(c, t) = e { Some((c.clone(), t.clone())) } else { None });
    let (command, text) = piped.expect("a command was asked for");
    assert_eq!(command, "wc -w");
    assert!(text.starts_with("Dana Brooks +14155550114 with +14155550100\n"), "{text}");
    assert!(text.contains(" agent2 (delivered)\n  See you Tuesday at 9!\n"), "{text}");
}
