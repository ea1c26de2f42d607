//! What is behind an action or a row: the request as code, and the answer.

use switchboard::api::upstream::{UpstreamParam, UpstreamView};
use switchboard::api::{ApiError, Code, Reply, Request};
use switchboard::domain::conversation::Status;
use switchboard::tui::msg::{Effect, Tag};

use crate::desk::Desk;
use crate::world::{self, NAMELESS};

fn copied(desk: &Desk) -> String {
    let last = desk.done.iter().rev().find_map(|e| if let Effect::Copy(text) = e { Some(text.clone()) } else { None });
    last.expect("something was copied")
}

/// Sam's conversation was resolved, and the node said yes.
fn resolved() -> Desk {
    let mut desk = Desk::open(80, 24);
    desk.keys("e");
    let (tag, id) = desk.question(|r| if let Request::SetConversationStatus(s) = r { Some(s.id) } else { None });
    assert_eq!(id, NAMELESS);
    let mut view = world::conversation(id);
    (view.status, view.version) = (Status::Resolved, 2);
    desk.answer(tag, Ok(Reply::SetConversationStatus(view)));
    desk
}

#[test]
fn an_action_is_shown_as_code_in_every_language() {
    let mut desk = resolved();
    desk.keys("v");
    desk.sees("Behind it: SetConversationStatus");
    desk.sees("[switchboard]");
    desk.sees("PUT /api/conversations/13/status · 200 in 0 ms");
    desk.sees("switchboard conversations status 13 --status resolved");
    desk.sees("answered:");
    crate::screens::check("behind-80x24", &desk);
    let mut sheets = Vec::new();
    for _ in 0..5 {
        desk.keys("y tab");
        sheets.push(copied(&desk));
    }
    desk.sees("[switchboard]");
    let begin =
        ["switchboard conversations", "curl -sS -X PUT http://127.0.0.1:4000/api/", "const answer", "import os", "{"];
    for (sheet, begin) in sheets.iter().zip(begin) {
        assert!(sheet.starts_with(begin), "{sheet}");
    }
    assert!(
        sheets[1].contains("$SWITCHBOARD_TOKEN") && sheets[1].contains("{\"status\": \"resolved\"}"),
        "{}",
        sheets[1]
    );
    assert!(sheets[4].contains("\"customer\": \"+14155550113\""), "{}", sheets[4]);
    desk.keys("backtab backtab");
    desk.sees("[python]");
    desk.keys("esc");
    desk.sees_not("Behind it");
}

#[test]
fn a_refusal_and_what_was_asked_before_it() {
    let mut desk = resolved();
    desk.keys("/");
    desk.type_text("Dana");
    desk.keys("enter e");
    desk.asked.retain(|(_, r)| matches!(r, Request::SetConversationStatus(_)));
    let (tag, _) = desk.question(|r| matches!(r, Request::SetConversationStatus(_)).then_some(()));
    desk.answer(tag, Err(ApiError::new(Code::Conflict, "it is resolved already")));
    desk.keys("v");
    desk.sees("· 409 conflict in");
    desk.sees("1 of");
    desk.sees("\"detail\": \"it is resolved already\"");
    desk.keys("tab left left left left left left left");
    desk.sees("[curl]");
    desk.keys("right right right right right right right right");
    desk.sees("· 409 conflict in");
}

#[test]
fn a_message_shows_what_twilio_was_asked() {
    let mut desk = Desk::open(80, 24);
    desk.keys("down down down enter");
    desk.answer_all();
    desk.keys("up v");
    let (tag, id) = desk.question(|r| if let Request::ShowUpstream(s) = r { Some(s.id) } else { None });
    desk.sees("POST /api/conversations/messages · this row");
    desk.sees_not("Twilio:");
    let path = "/2010-04-01/Accounts/AC00000000000000000000000000000001/Messages.json";
    let param = |name: &str, value: &str| UpstreamParam { name: name.into(), value: value.into() };
    let upstream = UpstreamView {
        method: "POST".into(),
        product: "api".into(),
        path: path.into(),
        url: format!("http://127.0.0.1:4001/api{path}"),
        params: vec![param("To", "+14155550114"), param("From", world::OURS), param("Body", "See you Tuesday at 9!")],
    };
    assert_eq!(tag, Tag::Upstream(id));
    desk.answer(tag, Ok(Reply::ShowUpstream(upstream)));
    desk.sees("Twilio:");
    desk.keys("tab tab tab tab y tab y tab y");
    desk.sees("[python]");
    let python = copied(&desk);
    assert!(
        python.contains("client.messages.create(\n    to=\"+14155550114\",\n    from_=\"+14155550100\","),
        "{python}"
    );
    assert!(python.contains("http_client=SandboxHttpClient(\"http://127.0.0.1:4001\"),"));
    crate::screens::check("behind-twilio-80x24", &desk);
    // Nothing is written behind the back of a mask.
    desk.keys("esc f9 v");
    desk.sees_not("See you Tuesday");
    desk.sees_not("14155550114");
}

#[test]
fn an_incoming_message_an_event_and_a_dead_letter() {
    let mut desk = Desk::open(120, 40);
    crate::flows::maria_writes(&mut desk);
    desk.keys("/");
    desk.type_text("maria");
    desk.keys("enter");
    desk.answer_all();
    desk.keys("up v");
    desk.sees("switchboard phones text +14155550123 --body 'Hi, can I move my cleaning to Friday?' --to");
    desk.keys("esc g e v");
    desk.sees("Behind it: message.received");
    desk.sees("switchboard --json tail");
    desk.sees("GET /api/events");
    desk.keys("esc g x");
    crate::rooms::furnish(&mut desk);
    desk.keys("v");
    desk.sees("GET /api/dead-letters/9/explain · this row");
    desk.sees("switchboard dead-letters explain 9");
}

#[test]
fn on_a_narrow_screen_the_sheet_in_view_is_named() {
    let mut desk = Desk::open(60, 16);
    desk.keys("v");
    desk.sees("[switchboard]");
    desk.sees("Behind it: ");
    desk.keys("esc");
    // While a text is being written, its letter is text; the function key is not.
    desk.keys("down down down enter");
    desk.answer_all();
    desk.keys("i v");
    desk.sees_not("Behind it: ");
    desk.keys("f6");
    desk.sees("Behind it: ");
}
