//! Text from outside that wants to be obeyed, in every place where text from outside is shown; and
//! screens of every size.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use switchboard::api::audit::AuditChange;
use switchboard::api::businesses::BusinessList;
use switchboard::api::deadletters::{DeadLetterExplained, DeadLetterSums, SignatureTrial};
use switchboard::api::inbox::{ConversationPage, LabelList, LabelView, LastMessage};
use switchboard::api::node::{AgentList, AgentView, World};
use switchboard::api::numbers::{NumberList, Points};
use switchboard::api::simulator::{PhoneList, PhoneMedia, PhoneMessage, PhoneView};
use switchboard::api::webhooks::WebhookLog;
use switchboard::api::{ApiError, Code, Page, Reply, Request, When};
use switchboard::domain::message::{Direction, Status};
use switchboard::domain::pricing::RateCard;
use switchboard::link::{Connection, Heard};
use switchboard::tui::msg::{Effect, Msg};

use crate::desk::Desk;
use crate::world::{self, NOW, SAM};

/// Everything a terminal would obey, and things that look like it.
pub const CORPUS: &[&str] = &[
    "\u{1b}[2J\u{1b}[H\u{1b}]0;owned\u{7}",
    "\u{1b}]52;c;aGk=\u{1b}\\",
    "\u{9b}31m\u{90}q\u{9c}\u{9d}0;x\u{9c}",
    "a\u{8}\u{8}b\u{7f}\u{0}\u{e}\u{f}",
    "\r\n\r\rtwo\u{b}\u{c}\u{85}lines\u{2028}\u{2029}",
    "abc\u{202e}gnp.exe\u{2066}\u{2067}\u{2068}\u{2069}\u{202a}\u{202b}\u{202c}\u{202d}",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦 ☎\u{fe0f} e\u{301}\u{301}\u{301}\u{301}\u{301}",
    "\u{200b}\u{feff}\u{ad}\u{e0001}",
    "\u{1b}P1;1|17/1b\u{1b}\\\u{1b}_Gi=1;AAAA\u{1b}\\",
];

/// How many frames were looked at, and how many cells of them.
pub static FRAMES: AtomicUsize = AtomicUsize::new(0);
pub static CELLS: AtomicUsize = AtomicUsize::new(0);

/// No cell of any frame holds a character that a terminal would obey.
pub fn check(desk: &Desk) {
    FRAMES.fetch_add(1, Ordering::Relaxed);
    CELLS.fetch_add(desk.buffer.content.len(), Ordering::Relaxed);
    for cell in &desk.buffer.content {
        let bad = |c: char| {
            c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        assert!(!cell.symbol().chars().any(bad), "{:?}", cell.symbol());
    }
}

fn every_pane(desk: &mut Desk) {
    check(desk);
    for keys in [
        "g p", "g b", "g e", "g i", "b", "ctrl-p", "?", "a", "z", "m", "c", "T", "g t", "F", "L", "space", "*", "g s",
        "g y",
    ] {
        desk.keys(keys);
        check(desk);
        desk.keys("esc");
        check(desk);
    }
}

#[test]
fn nothing_from_outside_is_obeyed() {
    for raw in CORPUS {
        for (width, height) in [(60, 16), (130, 44)] {
            hostile_world(raw, width, height);
        }
    }
}

fn hostile_world(raw: &str, width: u16, height: u16) {
    let mut desk = Desk::cold(width, height, "dark");
    for (tag, request) in std::mem::take(&mut desk.asked) {
        let reply = match request {
            Request::GetNode(_) => {
                let mut node = world::node(World::Sandbox);
                node.troubles = vec![raw.into()];
                node.agent = raw.into();
                Reply::GetNode(node)
            }
            Request::ListBusinesses(_) => {
                let mut items = world::businesses();
                items[0].name = raw.into();
                items[0].phone_number = raw.into();
                items[0].time_zone = raw.into();
                items[0].verify_service_id = raw.into();
                Reply::ListBusinesses(BusinessList { items, default: world::HARBOR })
            }
            Request::GetRates(_) => Reply::GetRates(RateCard { currency: raw.into(), ..RateCard::ours().clone() }),
            Request::ListAgents(_) => {
                Reply::ListAgents(AgentList { items: vec![AgentView { handle: raw.into(), name: raw.into() }] })
            }
            Request::ListConversations(_) => {
                let mut items = world::conversations();
                for view in &mut items {
                    view.name = Some(raw.into());
                    view.labels = vec![raw.into()];
                    view.assignee = Some(raw.into());
                    let at = view.active_at;
                    let id = view.id;
                    view.last = Some(LastMessage {
                        id,
                        at,
                        direction: Direction::In,
                        preview: raw.into(),
                        status: Status::Received,
                    });
                }
                let page = Page { items, next: None, as_of: world::cursor() };
                Reply::ListConversations(ConversationPage { page, counts: world::counts(), business: world::HARBOR })
            }
            other => panic!("{other:?}"),
        };
        desk.answer(tag, Ok(reply));
    }
    // Handsets, and what they show.
    for _ in 0..3 {
        for (tag, request) in std::mem::take(&mut desk.asked) {
            let reply = match request {
                Request::ListPhones(_) => {
                    Reply::ListPhones(PhoneList { items: vec![raw.into(), "+14155550111".into()] })
                }
                Request::GetPhone(get) => {
                    let one = PhoneMessage {
                        direction: "in".into(),
                        from: raw.into(),
                        to: raw.into(),
                        body: raw.into(),
                        media: vec![PhoneMedia { content_type: raw.into(), url: raw.into() }],
                        at: When(NOW),
                        sid: raw.into(),
                        medium: Default::default(),
                    };
                    let out = PhoneMessage { direction: "out".into(), ..one.clone() };
                    Reply::GetPhone(PhoneView { address: get.address, messages: vec![one, out] })
                }
                _ => continue,
            };
            desk.answer(tag, Ok(reply));
        }
    }
    every_pane(&mut desk);
    hostile_rooms(&mut desk, raw);
    // A thread with everything in it.
    desk.keys("g i g g enter");
    let id = desk.app.thread.as_ref().unwrap().id();
    let mut messages = Vec::new();
    for (n, direction) in [Direction::In, Direction::Out, Direction::Note, Direction::Out].into_iter().enumerate() {
        let mut m = world::message(5000 + n as u64, id, "+14155550113", direction, raw, When(NOW));
        m.author = Some(raw.into());
        m.media = vec![world::media(raw)];
        if n == 3 {
            (m.status, m.error, m.error_text) = (Status::Failed, Some(30003), Some(raw.into()));
        }
        messages.push(m);
    }
    for (tag, request) in std::mem::take(&mut desk.asked) {
        if let Request::ListMessages(_) = request {
            let page = Page { items: messages.clone(), next: None, as_of: world::cursor() };
            desk.answer(tag, Ok(Reply::ListMessages(page)));
        }
    }
    check(&desk);
    desk.keys("?");
    check(&desk);
    desk.keys("esc y");
    assert!(desk.done.iter().any(|e| matches!(e, Effect::Copy(text) if text == raw)), "a copy is raw");
    desk.take(Msg::Key(crate::desk::key("i")));
    desk.take(Msg::Paste(raw.into()));
    check(&desk);
    desk.keys("enter");
    check(&desk);
    let sent = desk.asked.iter().position(|(_, r)| matches!(r, Request::SendMessage(_)));
    if let Some(at) = sent {
        let (tag, _) = desk.asked.remove(at);
        desk.answer(tag, Err(ApiError { confirm: Some(raw.into()), ..ApiError::new(Code::ConfirmationRequired, raw) }));
        check(&desk);
        desk.keys("esc");
    }
    for (tag, _) in std::mem::take(&mut desk.asked) {
        desk.answer(tag, Err(ApiError { field: Some(raw.into()), ..ApiError::new(Code::Conflict, raw) }));
        check(&desk);
    }
    desk.heard(Heard::Connection(Connection::Stale(raw.into())));
    let mut view = world::conversation(SAM);
    (view.name, view.version) = (Some(raw.into()), 9);
    desk.heard(world::event(7, raw, view, None, world::counts()));
    every_pane(&mut desk);
    for effect in &desk.done {
        if let Effect::Title(text) | Effect::Notify(text) = effect {
            assert!(!text.as_str().chars().any(char::is_control));
        }
    }
}

/// The panes that take the whole screen, with everything that comes from outside.
fn hostile_rooms(desk: &mut Desk, raw: &str) {
    use switchboard::domain::deadletter::Reason;
    for keys in ["g u", "g w", "g x", "g k", "g n", "g l", "L"] {
        desk.keys("g i");
        desk.asked.clear();
        desk.keys(keys);
        for (tag, request) in std::mem::take(&mut desk.asked) {
            let reply = match request {
                Request::ListWebhooks(_) => {
                    let form = url::form_urlencoded::Serializer::new(String::new()).append_pair(raw, raw).finish();
                    let mut one = crate::rooms::webhook(1, raw, None);
                    (one.from, one.to, one.sid, one.path, one.form) =
                        (raw.into(), raw.into(), raw.into(), raw.into(), form);
                    Reply::ListWebhooks(WebhookLog { items: vec![one], answered: 1, refused: 0 })
                }
                Request::ListAudit(_) => {
                    let mut one = crate::audit::entry(2, Some(raw), raw, raw);
                    let change = AuditChange { field: raw.into(), before: raw.into(), after: raw.into() };
                    (one.id, one.subject, one.business_name) = (raw.into(), Some(raw.into()), Some(raw.into()));
                    (one.run, one.hash, one.previous, one.changes) =
                        (Some(raw.into()), raw.into(), raw.into(), vec![change]);
                    one.details = serde_json::json!({ "body": raw, raw: raw });
                    Reply::ListAudit(Page { items: vec![one], next: None, as_of: world::cursor() })
                }
                Request::ListDeadLetters(_) => {
                    let mut one = crate::rooms::letter(1, Reason::Malformed);
                    (one.detail, one.body, one.path) = (raw.into(), raw.into(), raw.into());
                    Reply::ListDeadLetters(Page { items: vec![one], next: None, as_of: world::cursor() })
                }
                Request::SumDeadLetters(_) => {
                    let mut one = crate::rooms::group(Reason::Malformed, 1, 1);
                    (one.detail, one.to) = (raw.into(), vec![raw.into()]);
                    Reply::SumDeadLetters(DeadLetterSums { items: vec![one] })
                }
                Request::ListNumbers(_) => {
                    let mut one = crate::rooms::number(Points::Here, Some(raw));
                    (one.number, one.name, one.url) = (Some(raw.into()), raw.into(), raw.into());
                    Reply::ListNumbers(NumberList { items: vec![one], ..NumberList::default() })
                }
                Request::ListLater(_) => {
                    let m = world::message(7, SAM, "+14155550111", Direction::Out, raw, When(NOW));
                    let one = switchboard::api::inbox::MessageView { author: Some(raw.into()), ..m };
                    Reply::ListLater(Page { items: vec![one], next: None, as_of: world::cursor() })
                }
                Request::ListLabels(_) => {
                    Reply::ListLabels(LabelList { items: vec![LabelView { name: raw.into(), conversations: 1 }] })
                }
                _ => continue,
            };
            desk.answer(tag, Ok(reply));
        }
        check(desk);
        desk.keys("enter");
        for (tag, request) in std::mem::take(&mut desk.asked) {
            if let Request::ExplainDeadLetter(e) = request {
                let trial = SignatureTrial {
                    url: raw.into(),
                    source: raw.into(),
                    used: true,
                    fits: false,
                    signed: raw.into(),
                    expected: vec![raw.into()],
                };
                let explained = DeadLetterExplained {
                    id: e.id,
                    reason: Reason::Malformed,
                    replayable: true,
                    found: raw.into(),
                    fix: raw.into(),
                    received: Some(raw.into()),
                    headers: vec![raw.into()],
                    peer: Some(raw.into()),
                    trials: vec![trial],
                };
                desk.answer(tag, Ok(Reply::ExplainDeadLetter(explained)));
            }
        }
        check(desk);
        desk.keys("esc r R u x p");
        check(desk);
        for (tag, _) in std::mem::take(&mut desk.asked) {
            desk.answer(
                tag,
                Err(ApiError { confirm: Some(raw.into()), ..ApiError::new(Code::ConfirmationRequired, raw) }),
            );
            check(desk);
            desk.keys("esc");
        }
        desk.keys("esc /");
        desk.take(Msg::Paste(raw.into()));
        check(desk);
        desk.keys("esc esc");
    }
    desk.keys("g e enter");
    check(desk);
    desk.keys("esc g i");
}

#[test]
fn any_size_is_drawn() {
    let mut desk = Desk::open(120, 40);
    desk.keys("down enter");
    desk.answer_all();
    let states: &[&str] = &[
        "",
        "i",
        "esc N",
        "esc esc /",
        "esc ctrl-p",
        "esc ?",
        "esc T",
        "esc g p",
        "i",
        "esc g b",
        "g e",
        "g i",
        "F",
        "esc L",
        "esc space",
        "esc g w",
        "g x",
        "g k",
        "g n",
        "g l",
        "g s",
        "g y",
        "enter",
        "esc g z",
        "enter",
    ];
    for keys in states {
        desk.keys(keys);
        for width in [0, 1, 2, 7, 20, 59, 60, 61, 75, 76, 79, 100, 119, 120, 160, 240] {
            for height in [0, 1, 2, 3, 8, 15, 16, 17, 24, 44, 60] {
                desk.resize(width, height);
            }
        }
        desk.resize(120, 40);
    }
    desk.resize(59, 16);
    desk.sees("Switchboard needs");
}

#[test]
fn keys_at_random_do_not_break_it() {
    // A linear congruence is random enough and the same every time.
    let words = [
        "up",
        "down",
        "enter",
        "esc",
        "tab",
        "backtab",
        "pageup",
        "pagedown",
        "home",
        "end",
        "left",
        "right",
        "g",
        "i",
        "p",
        "b",
        "e",
        "n",
        "/",
        "?",
        "a",
        "z",
        "N",
        "c",
        "T",
        "P",
        "r",
        "u",
        "y",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "ctrl-p",
        "ctrl-z",
        "ctrl-g",
        "alt-enter",
        "backspace",
        "x",
        "space",
        "o",
        "m",
        "k",
        "j",
        "G",
        "f1",
        "*",
        "L",
        "F",
        "s",
        "w",
        "l",
        "h",
        "f",
        "R",
        "d",
        "E",
        "m",
        "f9",
    ];
    let mut seed: u64 = 42;
    for (width, height) in [(60, 16), (80, 24), (200, 60)] {
        let mut desk = Desk::open(width, height);
        for n in 0..350 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            desk.keys(words[(seed >> 33) as usize % words.len()]);
            if n % 7 == 0 {
                desk.answer_all();
            }
            if n % 50 == 0 {
                desk.wait(Duration::from_millis(700));
                for (tag, _) in std::mem::take(&mut desk.asked) {
                    desk.answer(tag, Err(ApiError::new(Code::Conflict, "no")));
                }
            }
        }
        check(&desk);
    }
}
