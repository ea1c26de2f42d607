//! The list of conversations at work: several at once, labels, hand-overs, what a row says.

use switchboard::api::inbox::{LabelList, LabelView, WokeView};
use switchboard::api::{ApiError, Code, Reply, Request, When};
use switchboard::domain::conversation::Status as Standing;
use switchboard::domain::id::Id;
use switchboard::domain::time::Span;

use crate::desk::Desk;
use crate::world::{self, DANA, LI, MARIA, NAMELESS, NOW, SAM};

fn statuses(desk: &mut Desk) -> Vec<(switchboard::tui::msg::Tag, Id, Standing)> {
    let asked = std::mem::take(&mut desk.asked);
    let (mine, others) = asked.into_iter().partition(|(_, r)| matches!(r, Request::SetConversationStatus(_)));
    desk.asked = others;
    let mine: Vec<_> = mine;
    mine.into_iter()
        .map(|(tag, r)| match r {
            Request::SetConversationStatus(s) => (tag, s.id, s.status),
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn two_marked_are_resolved_and_brought_back_together() {
    let mut desk = Desk::open(80, 24);
    desk.keys("space space");
    desk.sees("2 marked");
    desk.sees("[x]");
    desk.keys("e");
    let asked = statuses(&mut desk);
    assert_eq!(asked.iter().map(|(_, id, s)| (*id, *s)).collect::<Vec<_>>().len(), 2);
    for (tag, id, status) in asked {
        assert!([NAMELESS, LI].contains(&id));
        let mut view = world::conversation(id);
        (view.status, view.version) = (status, 2);
        desk.answer(tag, Ok(Reply::SetConversationStatus(view)));
    }
    desk.sees("2 resolved (u undo)");
    desk.sees_not("marked");
    // The cursor stands on a row that was not among them.
    assert_eq!(desk.app.inbox.selected, Some(SAM));
    desk.keys("u");
    let back = statuses(&mut desk);
    assert_eq!(back.len(), 2);
    assert!(back.iter().all(|(_, _, status)| *status == Standing::Open), "{back:?}");
    for (tag, id, status) in back {
        let mut view = world::conversation(id);
        (view.status, view.version) = (status, 3);
        desk.answer(tag, Ok(Reply::SetConversationStatus(view)));
    }
    desk.sees("2 as they were");
}

#[test]
fn undo_is_offered_only_where_it_is_seen() {
    let resolved = |keys: &str| {
        let mut desk = Desk::open(80, 24);
        desk.keys("space space e");
        let asked = statuses(&mut desk);
        desk.keys(keys);
        for (tag, id, status) in asked {
            let mut view = world::conversation(id);
            (view.status, view.version) = (status, 2);
            desk.answer(tag, Ok(Reply::SetConversationStatus(view)));
        }
        desk
    };
    // It stays over the list, and goes with another conversation.
    let mut desk = resolved("");
    desk.keys("down up");
    desk.sees("2 resolved (u undo)");
    desk.keys("enter");
    desk.sees_not("2 resolved");
    desk.keys("u");
    desk.sees("nothing to undo");
    // An answer that finds the agent elsewhere says what was done.
    let mut desk = resolved("enter");
    desk.sees("2 resolved");
    desk.sees_not("(u undo)");
    desk.keys("u");
    assert!(statuses(&mut desk).is_empty());
    // Elsewhere the key does something else.
    let mut desk = resolved("");
    desk.keys("g e");
    desk.sees_not("(u undo)");
}

#[test]
fn whose_it_is_stands_beside_the_time_that_is_left() {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        let mut desk = Desk::open(width, height);
        let mut view = world::conversation(LI);
        (view.assignee, view.version) = (Some("agent2".into()), 2);
        desk.heard(world::event(9, "conversation.assigned", view, None, desk.counts));
        desk.sees("agent2 breach 17m");
        let mut view = world::conversation(NAMELESS);
        (view.assignee, view.version) = (Some("agent1".into()), 2);
        desk.heard(world::event(10, "conversation.assigned", view, None, desk.counts));
        desk.sees("you 10:00");
        desk.sees("+14155550113");
    }
    // Where the list is narrow, it stands there if the name leaves room for it.
    let mut desk = Desk::open(80, 24);
    desk.keys("enter esc");
    desk.answer_all();
    let mut view = world::conversation(LI);
    (view.assignee, view.version) = (Some("agent1".into()), 2);
    desk.heard(world::event(9, "conversation.assigned", view, None, desk.counts));
    desk.sees("you breach 17m");
    desk.sees("●2 李伟");
}

#[test]
fn a_mark_stays_with_its_conversation_and_what_was_refused_stays_marked() {
    let mut desk = Desk::open(80, 24);
    desk.keys("down down space");
    let marked = desk.app.inbox.marked.clone();
    assert_eq!(marked.iter().copied().collect::<Vec<_>>(), [SAM]);
    // The row moves to the top; the mark goes with it.
    let mut view = world::conversation(SAM);
    (view.active_at, view.version) = (When(NOW), 5);
    desk.heard(world::event(9, "message.received", view, None, desk.counts));
    assert_eq!(desk.app.inbox.visible()[0], SAM);
    assert_eq!(desk.app.inbox.marked, marked);
    desk.keys("*");
    desk.sees("5 marked");
    desk.keys("*");
    desk.sees_not("marked");
    desk.keys("*");
    desk.keys("e");
    let asked = statuses(&mut desk);
    assert_eq!(asked.len(), 5);
    for (n, (tag, id, status)) in asked.into_iter().enumerate() {
        let mut view = world::conversation(id);
        (view.status, view.version) = (status, 9);
        let no = ApiError::new(Code::Conflict, "it changed meanwhile");
        desk.answer(tag, if n == 0 { Err(no) } else { Ok(Reply::SetConversationStatus(view)) });
    }
    desk.sees("4 resolved (u undo), not all: it changed meanwhile");
    assert_eq!(desk.app.inbox.marked.len(), 1);
    desk.keys("esc");
    assert!(desk.app.inbox.marked.is_empty());
}

#[test]
fn a_snoozed_conversation_leaves_the_list_and_says_when_it_wakes() {
    let mut desk = Desk::open(80, 24);
    desk.keys("z enter");
    let asked = statuses(&mut desk);
    let [(tag, id, Standing::Snoozed)] = &asked[..] else { panic!("{asked:?}") };
    let mut view = world::conversation(*id);
    (view.status, view.version) = (Standing::Snoozed, 2);
    view.snoozed_until = Some(When(NOW + Span::secs(86_400)));
    let answer = Reply::SetConversationStatus(view.clone());
    desk.answer(tag.clone(), Ok(answer));
    desk.sees("wakes Tue 09:00 (u undo)");
    assert!(!desk.app.inbox.visible().contains(id), "{}", desk.text());
    // It comes back at its time, and the row says so until somebody acts.
    desk.views.clear();
    (view.status, view.version, view.snoozed_until) = (Standing::Open, 3, None);
    view.woke = Some(WokeView { at: When(NOW), by_reply: false });
    desk.heard(world::event(9, "conversation.woke", view.clone(), None, desk.counts));
    desk.sees("woke: 9:00");
    (view.woke, view.version) = (Some(WokeView { at: When(NOW), by_reply: true }), 4);
    desk.heard(world::event(10, "message.received", view, None, desk.counts));
    desk.sees("woke: they replied");
}

#[test]
fn labels_are_put_on_and_taken_off_and_new_ones_made() {
    let mut desk = Desk::open(80, 24);
    desk.keys("L");
    let (tag, ()) = desk.question(|r| if let Request::ListLabels(_) = r { Some(()) } else { None });
    let items = ["refund", "urgent"].map(|name| LabelView { name: name.into(), conversations: 2 }).to_vec();
    desk.answer(tag, Ok(Reply::ListLabels(LabelList { items })));
    desk.sees("[ ] refund");
    desk.keys("down enter");
    let (tag, set) = desk.question(|r| if let Request::LabelConversation(l) = r { Some(l.clone()) } else { None });
    assert_eq!((set.id, set.add, set.remove), (NAMELESS, vec!["urgent".to_owned()], vec![]));
    let mut view = world::conversation(NAMELESS);
    (view.labels, view.version) = (vec!["urgent".into()], 2);
    desk.answer(tag, Ok(Reply::LabelConversation(view)));
    // The picker stays for the next one.
    desk.sees("[x] urgent");
    desk.type_text("new patient");
    desk.sees("new label: new patient");
    desk.keys("enter");
    let (_, set) = desk.question(|r| if let Request::LabelConversation(l) = r { Some(l.clone()) } else { None });
    assert_eq!(set.add, ["new patient"]);
    desk.keys("esc");
    desk.sees("‹urgent›");
    desk.keys("/");
    desk.type_text("urgent");
    assert_eq!(desk.app.inbox.visible(), [NAMELESS]);
}

#[test]
fn who_takes_over_gets_a_line() {
    let mut desk = Desk::open(80, 24);
    // Nobody's: there is nothing to hand over.
    desk.keys("a");
    desk.type_text("agent2");
    desk.keys("enter");
    desk.sees_not("Hand over to agent2");
    let (_, set) = desk.question(|r| if let Request::AssignConversation(a) = r { Some(a.clone()) } else { None });
    assert_eq!((set.id, set.assignee.as_deref(), set.hand_over), (NAMELESS, Some("agent2"), None));
    // Mine: it is needed.
    let mut view = world::conversation(DANA);
    (view.assignee, view.version) = (Some("agent1".into()), 2);
    desk.heard(world::event(9, "conversation.assigned", view, None, desk.counts));
    desk.keys("end up a");
    desk.type_text("agent2");
    desk.keys("enter enter");
    desk.sees("Hand over to agent2");
    desk.sees("this is needed");
    desk.type_text("wants Friday 10:30");
    desk.keys("enter");
    let (_, set) = desk.question(|r| if let Request::AssignConversation(a) = r { Some(a.clone()) } else { None });
    assert_eq!((set.id, set.hand_over.as_deref()), (DANA, Some("wants Friday 10:30")));
    // To oneself there is nothing to say.
    desk.keys("a enter");
    let (_, set) = desk.question(|r| if let Request::AssignConversation(a) = r { Some(a.clone()) } else { None });
    assert_eq!((set.id, set.assignee.as_deref()), (DANA, Some("agent1")));
}

#[test]
fn whoever_waits_too_long_is_a_breach() {
    let mut desk = Desk::open(80, 24);
    desk.sees("breach 42m");
    desk.sees("10:00");
    desk.keys("6");
    desk.answer_all();
    assert_eq!(desk.app.inbox.selected.filter(|id| *id == MARIA), None);
}

#[test]
fn a_row_says_who_else_has_it_open() {
    use switchboard::api::events::Frame;
    use switchboard::api::presence::{Doing, Presence};
    let mut desk = Desk::open(80, 24);
    let at = |doing| {
        let presence = Presence { agent: "agent2".into(), business: world::HARBOR, conversation: SAM, doing };
        switchboard::link::Heard::Frame(Frame::Presence(presence))
    };
    desk.heard(at(Doing::Viewing));
    desk.sees("◉agent2");
    desk.heard(at(Doing::Gone));
    desk.sees_not("◉agent2");
}
