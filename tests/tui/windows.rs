//! Lists are windows over pages: what is held stays small, and nothing is missed or doubled.

use switchboard::api::inbox::{ConversationPage, ConversationView, ListConversations, Tab};
use switchboard::api::{Page, Reply, Request, When};
use switchboard::domain::id::Id;
use switchboard::domain::message::Direction;
use switchboard::domain::time::Span;
use switchboard::tui::panes::thread::Key;

use crate::desk::Desk;
use crate::world::{self, NOW, SAM};

/// A store with many conversations, in the node's order.
struct Many(Vec<ConversationView>);

impl Many {
    fn new(n: u64) -> Many {
        let one = |i: u64| {
            let mut view = world::conversation(SAM);
            view.id = Id(10_000 + i);
            view.name = Some(format!("Customer {i:04}"));
            view.active_at = When(NOW - Span::secs(i as i64 * 60));
            view.waiting_since = None;
            view
        };
        Many((0..n).map(one).collect())
    }

    /// Keyset paging: `after` is the activity and id of the last row seen.
    fn page(&self, list: &ListConversations) -> ConversationPage {
        let after = list.after.as_deref().map(|a| {
            let (at, id) = a.split_once('/').unwrap();
            (std::cmp::Reverse(at.parse::<i64>().unwrap()), std::cmp::Reverse(id.parse::<u64>().unwrap()))
        });
        let key = |v: &ConversationView| (std::cmp::Reverse(v.active_at.0.0), std::cmp::Reverse(v.id.0));
        let mut rows = self.0.clone();
        rows.sort_by_key(key);
        let rest: Vec<_> = rows.into_iter().filter(|v| after.is_none_or(|a| key(v) > a)).collect();
        let limit = list.limit.unwrap() as usize;
        let items: Vec<_> = rest.iter().take(limit).cloned().collect();
        let next =
            (rest.len() > limit).then(|| items.last().map(|v| format!("{}/{}", v.active_at.0.0, v.id.0))).flatten();
        ConversationPage {
            page: Page { items, next, as_of: world::cursor() },
            counts: world::counts(),
            business: world::HARBOR,
        }
    }

    fn answer(&self, desk: &mut Desk) {
        for _ in 0..20 {
            let asked = std::mem::take(&mut desk.asked);
            if asked.is_empty() {
                return;
            }
            let mut rest = Vec::new();
            for (tag, request) in asked {
                match &request {
                    Request::ListConversations(list) => desk.answer(tag, Ok(Reply::ListConversations(self.page(list)))),
                    _ => rest.push((tag, request)),
                }
            }
            desk.asked.extend(rest);
            desk.answer_all();
        }
    }
}

fn names(desk: &Desk) -> Vec<String> {
    desk.app.inbox.window.rows().iter().filter_map(|r| r.view.name.clone()).collect()
}

fn assert_contiguous(desk: &Desk, many: &Many) {
    let mut all = many.0.clone();
    all.sort_by_key(|v| (std::cmp::Reverse(v.active_at), std::cmp::Reverse(v.id)));
    let all: Vec<_> = all.into_iter().filter_map(|v| v.name).collect();
    let held = names(desk);
    let start = all.iter().position(|n| *n == held[0]).unwrap();
    assert_eq!(held, all[start..start + held.len()]);
}

#[test]
fn the_inbox_holds_a_window_of_any_number_of_conversations() {
    let mut many = Many::new(400);
    let mut desk = Desk::cold(80, 24, "dark");
    many.answer(&mut desk);
    let mut seen = std::collections::BTreeSet::new();
    for n in 0..400 {
        seen.extend(desk.app.inbox.current().and_then(|v| v.name.clone()));
        desk.keys("down");
        many.answer(&mut desk);
        assert!(desk.app.inbox.window.rows().len() <= 200, "{}", desk.app.inbox.window.rows().len());
        assert_contiguous(&desk, &many);
        // Meanwhile others are active: they jump to the top, out of the window or into it.
        if n % 19 == 0 {
            let at = (n * 7) % many.0.len();
            let mut view = many.0[at].clone();
            if desk.app.inbox.selected != Some(view.id) && (at > n + 200 || at + 200 < n) {
                view.active_at = When(NOW + Span::secs(n as i64));
                view.version += 1;
                many.0[at] = view.clone();
                desk.heard(world::event(n as u64, "message.received", view, None, world::counts()));
                assert_contiguous(&desk, &many);
            }
        }
    }
    assert!(seen.len() > 370, "{}", seen.len());
    let last = many.0.iter().min_by_key(|v| (v.active_at, v.id)).and_then(|v| v.name.clone());
    assert_eq!(desk.app.inbox.current().and_then(|v| v.name.clone()), last);
    for _ in 0..400 {
        desk.keys("up");
        many.answer(&mut desk);
        assert_contiguous(&desk, &many);
        assert!(desk.app.inbox.window.rows().len() <= 250);
    }
    let first = desk.app.inbox.visible()[0];
    assert_eq!(desk.app.inbox.selected, Some(first));
    assert_eq!(names(&desk)[0], many.page(&first_page()).page.items[0].name.clone().unwrap());
}

fn first_page() -> ListConversations {
    ListConversations { tab: Tab::All, limit: Some(50), ..ListConversations::default() }
}

#[test]
fn a_row_that_comes_in_above_does_not_move_what_is_read() {
    let many = Many::new(200);
    let mut desk = Desk::cold(80, 24, "dark");
    many.answer(&mut desk);
    for _ in 0..30 {
        desk.keys("down");
        many.answer(&mut desk);
    }
    let selected = desk.app.inbox.current().unwrap().name.clone().unwrap();
    let place = desk.find(&selected);
    let mut view = many.0[190].clone();
    view.active_at = When(NOW + Span::secs(1));
    view.version = 2;
    desk.heard(world::event(1, "message.received", view, None, world::counts()));
    assert_eq!(desk.find(&selected), place, "{}", desk.text());
}

/// A thread of many messages, by pages of fifty, newest first.
fn long_thread(desk: &mut Desk, total: u64) {
    desk.keys("/");
    desk.type_text("sam");
    desk.keys("enter");
    answer_messages(desk, total);
}

fn answer_messages(desk: &mut Desk, total: u64) {
    for (tag, request) in std::mem::take(&mut desk.asked) {
        let Request::ListMessages(list) = &request else {
            desk.asked.push((tag, request));
            continue;
        };
        let before: u64 = list.after.as_deref().map_or(total, |a| a.parse().unwrap());
        let one = |i: u64| {
            let at = When(NOW - Span::secs((total - i) as i64 * 600));
            let direction = if i.is_multiple_of(3) { Direction::Out } else { Direction::In };
            let mut m = world::message(20_000 + i, SAM, "+14155550111", direction, &format!("message {i:04}"), at);
            m.arrival = if direction == Direction::In { i } else { 0 };
            m
        };
        let from = before.saturating_sub(50);
        let items: Vec<_> = (from..before).rev().map(one).collect();
        let next = (from > 0).then(|| from.to_string());
        desk.answer(tag, Ok(Reply::ListMessages(Page { items, next, as_of: world::cursor() })));
    }
}

#[test]
fn older_messages_come_when_they_are_near_and_new_ones_do_not_move_the_view() {
    let mut desk = Desk::open(120, 40);
    long_thread(&mut desk, 1000);
    desk.sees("message 0999");
    desk.keys("pageup pageup");
    let anchor = desk.app.thread.as_ref().unwrap().foot.clone();
    assert!(anchor.is_some());
    let before = desk.text();
    let mut view = desk.app.thread.as_ref().unwrap().conversation.clone();
    view.version += 1;
    let mut m = world::message(30_000, SAM, "+14155550111", Direction::In, "Anybody there?", When(NOW));
    m.arrival = 1001;
    desk.heard(world::event(5, "message.received", view, Some(m), world::counts()));
    desk.sees("↓ 1 new below");
    let same = before.lines().zip(desk.text().lines()).filter(|(a, b)| a == b).count();
    assert!(same + 4 >= before.lines().count(), "{before}\n{}", desk.text());
    assert_eq!(desk.app.thread.as_ref().unwrap().foot, anchor);
    desk.keys("end");
    desk.sees("Anybody there?");
    desk.sees_not("new below");
    // To the very beginning, page by page, and no further than the window allows to be held.
    for _ in 0..300 {
        desk.keys("pageup");
        answer_messages(&mut desk, 1000);
    }
    desk.sees("message 0000");
    desk.keys("end");
    answer_messages(&mut desk, 1000);
    desk.sees("message 0999");
}

#[test]
fn the_cursor_goes_from_message_to_message_and_stays_in_view() {
    let mut desk = Desk::open(80, 24);
    long_thread(&mut desk, 120);
    for n in 0..119 {
        desk.keys("up");
        answer_messages(&mut desk, 120);
        let Some(Key::Message(id)) = desk.app.thread.as_ref().unwrap().selected.clone() else { panic!("no cursor") };
        assert_eq!(id, Id(20_000 + 119 - n));
        desk.sees(&format!("message {:04}", 119 - n));
    }
    for _ in 0..119 {
        desk.keys("down");
    }
    assert_eq!(desk.app.thread.as_ref().unwrap().selected, None);
    desk.sees("message 0119");
}
