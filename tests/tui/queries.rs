//! The inbox narrowed by a query, and the messages that ask whether they still shall go.

use switchboard::api::inbox::{ConversationPage, Tab};
use switchboard::api::{ApiError, Code, Page, Reply, Request};
use switchboard::domain::id::Id;
use switchboard::domain::message::Status;

use switchboard::config::Set;
use switchboard::tui::Options;
use switchboard::tui::msg::Effect;

use crate::desk::Desk;
use crate::world::{self, HARBOR, LI, MARIA, SAM};

/// What the list was asked for last; everything else is answered.
fn asked(desk: &mut Desk) -> Option<String> {
    let at = desk.asked.iter().rposition(|(_, r)| matches!(r, Request::ListConversations(_)))?;
    let (tag, request) = desk.asked.remove(at);
    let Request::ListConversations(list) = request else { return None };
    let labelled = |c: &mut switchboard::api::inbox::ConversationView| c.labels = vec!["refund".into()];
    let mut items = vec![world::conversation(SAM)];
    items.iter_mut().for_each(labelled);
    let page = Page { items, next: None, as_of: world::cursor() };
    desk.answer(tag, Ok(Reply::ListConversations(ConversationPage { page, counts: desk.counts, business: HARBOR })));
    list.query
}

#[test]
fn a_filter_with_fields_is_asked_of_the_node_and_stays_as_a_list() {
    let mut desk = Desk::open(80, 24);
    desk.keys("/");
    desk.type_text("label:refund");
    assert_eq!(asked(&mut desk).as_deref(), Some("label:refund"));
    desk.asked.clear();
    desk.sees("Sam Ortiz");
    desk.sees_not("李伟");
    desk.keys("enter");
    desk.sees("/ label:refund");
    // What comes meanwhile is measured by the same query.
    let mut view = world::conversation(LI);
    (view.version, view.labels) = (2, vec!["other".into()]);
    desk.heard(world::event(8, "conversation.labelled", view.clone(), None, desk.counts));
    desk.sees_not("李伟");
    (view.version, view.labels) = (3, vec!["refund".into()]);
    desk.heard(world::event(9, "conversation.labelled", view, None, desk.counts));
    desk.sees("李伟");
    // It stays when a conversation is opened, and goes when it is taken away.
    desk.keys("enter esc");
    desk.answer_all();
    desk.sees("/ label:refund");
    desk.keys("esc");
    assert_eq!(asked(&mut desk), None, "the whole tab is asked for again");
    desk.sees_not("/ label:refund");
}

#[test]
fn what_is_wrong_in_a_query_is_said_at_enter_and_not_before() {
    let mut desk = Desk::open(80, 24);
    desk.keys("/");
    desk.type_text("is:opne");
    desk.sees_not("is not known");
    desk.keys("enter");
    desk.sees("`is:opne` is not known: after `is:` stands open");
    assert!(desk.asked.iter().all(|(_, r)| !matches!(r, Request::ListConversations(l) if l.query.is_some())));
    desk.keys("backspace backspace");
    desk.type_text("en");
    let question = |r: &Request| if let Request::ListConversations(l) = r { l.query.clone() } else { None };
    let (_, query) = desk.question(question);
    assert_eq!(query, "is:open");
}

#[test]
fn a_query_is_saved_under_a_key_and_shown_by_it() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config.toml");
    let options = Options { config: Some(config.clone()), views: vec!["is:open".into()], ..Options::default() };
    let mut desk = Desk::with(80, 24, options, Default::default());
    desk.settle();
    desk.keys("S");
    desk.sees("narrow the list by a query first");
    desk.keys("8");
    desk.sees("no view there yet");
    desk.keys("/");
    desk.type_text("label:refund");
    assert_eq!(asked(&mut desk).as_deref(), Some("label:refund"));
    desk.keys("enter S");
    desk.sees("saved: 8 shows it");
    let kept = desk.done.iter().rev().find_map(|e| match e {
        Effect::Keep { path, section, name, to } => Some((path.clone(), section.clone(), name.clone(), to.clone())),
        _ => None,
    });
    let both = Set::List(vec!["is:open".into(), "label:refund".into()]);
    assert_eq!(kept, Some((config, "console".into(), "views".into(), Some(both))));
    desk.asked.clear();
    desk.keys("7");
    assert_eq!(asked(&mut desk).as_deref(), Some("is:open"));
    desk.sees("/ is:open");
    desk.keys("3");
    assert_eq!(asked(&mut desk), None);
    desk.sees_not("/ is:open");
}

fn asking() -> Desk {
    let mut desk = Desk::open(80, 24);
    desk.keys("g a");
    crate::rooms::furnish(&mut desk);
    desk
}

#[test]
fn a_message_that_asks_is_let_go_edited_or_dropped() {
    let mut desk = asking();
    desk.sees("[Asking 2]");
    desk.sees("it waited too long");
    desk.sees("they wrote first");
    desk.keys("r");
    let (tag, release) = desk.question(|r| if let Request::ReleaseMessage(m) = r { Some(m.clone()) } else { None });
    assert_eq!((release.id, release.confirm), (Id(701), None));
    // Live it needs a yes.
    let mut refused = ApiError::new(Code::ConfirmationRequired, "this reaches a real person");
    refused.confirm = Some("live".into());
    desk.answer(tag, Err(refused));
    desk.sees("Type live to go ahead");
    desk.type_text("live");
    desk.keys("enter");
    let (tag, release) = desk.question(|r| if let Request::ReleaseMessage(m) = r { Some(m.clone()) } else { None });
    assert_eq!(release.confirm.as_deref(), Some("live"));
    let mut gone = world::messages(MARIA).remove(0);
    gone.status = Status::Queued;
    desk.answer(tag, Ok(Reply::ReleaseMessage(gone)));
    desk.sees("it goes now");
    desk.question(|r| matches!(r, Request::ListHeld(_)).then_some(()));

    let mut desk = asking();
    desk.keys("down x down enter");
    let (_, undo) = desk.question(|r| if let Request::UndoMessage(m) = r { Some(m.id) } else { None });
    assert_eq!(undo, Id(702));

    let mut desk = asking();
    desk.keys("o");
    let (tag, undo) = desk.question(|r| if let Request::UndoMessage(m) = r { Some(m.id) } else { None });
    assert_eq!(undo, Id(701));
    let mut back = world::messages(MARIA).remove(0);
    (back.id, back.status, back.body) = (Id(701), Status::Canceled, "On our way".into());
    desk.answer(tag, Ok(Reply::UndoMessage(back)));
    desk.answer_all();
    assert_eq!(desk.app.thread.as_ref().map(|t| t.composer.text()).as_deref(), Some("On our way"));
    assert_eq!(desk.app.inbox.tab, Tab::All);
}
