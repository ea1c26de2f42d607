//! The hostile corpus through every text of a conversation and of its composer: who speaks, what is said,
//! files, templates, failures, presence, what went wrong here. It counts what it looked at.

use std::sync::atomic::Ordering;

use switchboard::api::contacts::ContactDetail;
use switchboard::api::contents::{BlankView, ContentList, ContentView};
use switchboard::api::events::Frame;
use switchboard::api::inbox::ConversationView;
use switchboard::api::presence::{Doing, Presence};
use switchboard::api::{ApiError, Code, Page, Reply, Request, When};
use switchboard::domain::failure::{Charged, Failure, Fault, Retry};
use switchboard::domain::id::Id;
use switchboard::domain::message::{Direction, Status};
use switchboard::domain::time::Span;
use switchboard::link::Heard;
use switchboard::tui::files::{Attached, Done};
use switchboard::tui::msg::{Effect, Msg};

use crate::desk::Desk;
use crate::flows::open_maria;
use crate::hostile::{CELLS, CORPUS, FRAMES, check};
use crate::thread::tell;
use crate::world::{self, HARBOR, MARIA, NOW};

/// Texts that are hostile by their length: one line, one flood of marks, one chain of joined people.
fn floods() -> [String; 4] {
    let family = "👩\u{200d}👩\u{200d}👧\u{200d}👦\u{200d}".repeat(500);
    let bytes: Vec<u8> = (0..=255).cycle().take(4096).collect();
    [
        "x".repeat(10_000),
        format!("e{}", "\u{301}".repeat(2_000)),
        family,
        // What is no UTF-8 comes as replacement characters; what is in between is as hostile as ever.
        String::from_utf8_lossy(&bytes).into_owned(),
    ]
}

#[test]
fn nothing_that_is_said_of_a_conversation_is_obeyed() {
    let floods = floods();
    let all: Vec<&str> = CORPUS.iter().copied().chain(floods.iter().map(String::as_str)).collect();
    let sizes = [(60, 16), (130, 44)];
    for raw in &all {
        for (width, height) in sizes {
            walk(raw, width, height);
        }
    }
    let (frames, cells) = (FRAMES.load(Ordering::Relaxed), CELLS.load(Ordering::Relaxed));
    println!("{} texts at {} sizes: {frames} frames, {cells} cells, none obeyed", all.len(), sizes.len());
    assert!(frames > all.len() * sizes.len() * 30, "the walk was cut short: {frames} frames");
}

/// A conversation of which everything is said in these words.
fn walk(raw: &str, width: u16, height: u16) {
    let mut desk = open_maria();
    desk.resize(width, height);
    conversation(&mut desk, raw);
    presence(&mut desk, raw);
    files(&mut desk, raw);
    templates(&mut desk, raw);
    troubles(&mut desk, raw);
    for effect in &desk.done {
        if let Effect::Title(text) | Effect::Notify(text) = effect {
            assert!(!text.as_str().chars().any(char::is_control));
        }
    }
}

fn conversation(desk: &mut Desk, raw: &str) {
    let all = |v: &mut ConversationView| {
        (v.name, v.assignee, v.labels) = (Some(raw.into()), Some(raw.into()), vec![raw.into()]);
        (v.opted_out_at, v.opted_out_by, v.last_agent) = (Some(When(NOW)), Some(raw.into()), Some(raw.into()));
    };
    for (n, direction) in [Direction::In, Direction::Out, Direction::Note].into_iter().enumerate() {
        let mut m = world::message(6000 + n as u64, MARIA, "+14155550123", direction, raw, When(NOW));
        (m.author, m.media, m.client_ref) = (Some(raw.into()), vec![world::media(raw)], Some(raw.into()));
        m.mentions = vec![raw.into()];
        if direction == Direction::Out {
            (m.status, m.error, m.error_text) = (Status::Failed, Some(30003), Some(raw.into()));
            m.failure = Some(Failure {
                title: raw.into(),
                cause: raw.into(),
                remedy: raw.into(),
                fault: Fault::Customer,
                retry: Retry::Later,
                charged: Charged::Unknown,
            });
        }
        tell(desk, all, Some(m));
        check(desk);
    }
    for keys in ["up", "up", "esc", "?", "down", "esc", "y", "O", "S", "esc", "C"] {
        desk.keys(keys);
        check(desk);
    }
    for (tag, request) in std::mem::take(&mut desk.asked) {
        if let Request::GetContact(get) = request {
            let mut view = world::conversation(MARIA);
            view.name = Some(raw.into());
            let mut note = world::message(1, MARIA, "+14155550123", Direction::Note, raw, When(NOW));
            note.author = Some(raw.into());
            let detail = ContactDetail {
                business: HARBOR,
                address: get.address,
                name: Some(raw.into()),
                first_seen: When(NOW),
                last_seen: None,
                last_agent: Some(raw.into()),
                incoming: 1,
                outgoing: 1,
                cost: Default::default(),
                conversations: vec![view],
                notes: vec![note],
            };
            desk.answer(tag, Ok(Reply::GetContact(detail)));
            check(desk);
        }
    }
    desk.keys("esc");
    tell(desk, |v| v.opted_out_at = None, None);
}

fn presence(desk: &mut Desk, raw: &str) {
    desk.keys("i");
    desk.type_text("Hi");
    for doing in [Doing::Viewing, Doing::Typing] {
        let there = Presence { agent: raw.into(), business: HARBOR, conversation: MARIA, doing };
        desk.heard(Heard::Frame(Frame::Presence(there)));
        check(desk);
    }
    desk.keys("enter");
    check(desk);
    desk.keys("ctrl-u");
}

fn files(desk: &mut Desk, raw: &str) {
    let card = Attached { id: Id(7), content_type: raw.into(), size: 1, name: Some(raw.into()) };
    desk.take(Msg::File(Done::Attached(MARIA, Ok(card))));
    check(desk);
    desk.keys("alt-d alt-a");
    desk.take(Msg::Paste(raw.into()));
    check(desk);
    let typed = switchboard::tui::shown::editable(raw).replace('\n', " ");
    desk.take(Msg::File(Done::Completed(format!("~/{typed}"), raw.into(), vec![raw.into(), raw.into()])));
    check(desk);
    desk.take(Msg::File(Done::Attached(MARIA, Err(raw.to_owned().into()))));
    check(desk);
    desk.keys("esc");
    for done in [Done::Opened(Ok(raw.to_owned().into())), Done::Opened(Err(raw.to_owned().into()))] {
        desk.take(Msg::File(done));
        check(desk);
    }
    desk.take(Msg::File(Done::Saved(Ok((raw.replace('\u{0}', "").into(), 1)))));
    check(desk);
}

fn templates(desk: &mut Desk, raw: &str) {
    let whatsapp = |v: &mut ConversationView| {
        v.customer = "whatsapp:+14155550123".parse().unwrap();
        v.window_until = Some(When(NOW - Span::secs(60)));
    };
    tell(desk, whatsapp, None);
    check(desk);
    desk.keys("enter");
    let view = ContentView {
        sid: "HX00000000000000000000000000000001".parse().unwrap(),
        name: raw.into(),
        language: raw.into(),
        category: Some(raw.into()),
        body: format!("{raw} {{{{1}}}} {raw}"),
        blanks: vec![BlankView { name: raw.into(), sample: Some(raw.into()) }],
    };
    for (tag, request) in std::mem::take(&mut desk.asked) {
        if let Request::ListContents(_) = request {
            desk.answer(tag, Ok(Reply::ListContents(ContentList { items: vec![view.clone()], others: 1 })));
            check(desk);
        }
    }
    desk.keys("enter");
    check(desk);
    desk.take(Msg::Paste(raw.into()));
    check(desk);
    desk.keys("enter enter");
    check(desk);
    desk.keys("esc");
}

fn troubles(desk: &mut Desk, raw: &str) {
    desk.take(Msg::Trouble(raw.to_owned().into()));
    check(desk);
    desk.keys("f4");
    check(desk);
    desk.keys("esc");
    for (tag, _) in std::mem::take(&mut desk.asked) {
        desk.answer(tag, Err(ApiError { field: Some(raw.into()), ..ApiError::new(Code::Conflict, raw) }));
        check(desk);
    }
    let page = Page { items: Vec::new(), next: Some(raw.into()), as_of: world::cursor() };
    desk.keys("esc esc g i");
    desk.keys("enter");
    for (tag, request) in std::mem::take(&mut desk.asked) {
        if let Request::ListMessages(_) = request {
            desk.answer(tag, Ok(Reply::ListMessages(page.clone())));
            check(desk);
        }
    }
}
