//! The code box of the tester, and what becomes of the tester while nobody answers.

use switchboard::api::{ApiError, Reply, Request};
use switchboard::link::{Connection, Heard};

use crate::bank::Bank;
use crate::tester::{opened, sent};

#[test]
fn a_letter_in_the_code_box_says_that_a_code_is_digits() {
    let bank = Bank::new();
    let mut desk = sent(&bank, 80, 24);
    desk.keys("1 2 r");
    assert_eq!(desk.app.rooms.tester.code.text(), "12");
    desk.sees("a code is digits; Esc leaves the box");
    assert!(desk.asked.is_empty(), "{:?}", desk.asked);
    desk.keys("3 backspace esc r");
    assert_eq!(desk.app.rooms.tester.code.text(), "12");
    desk.question(|r| matches!(r, Request::ResendVerification(_)).then_some(()));
    // A service that takes codes of our own takes letters: those may have some.
    let mut desk = sent(&bank, 80, 24);
    if let Some(Ok(service)) = &mut desk.app.rooms.tester.service {
        service.custom_code_enabled = true;
    }
    desk.keys("1 r");
    assert_eq!(desk.app.rooms.tester.code.text(), "1r");
    desk.sees_not("a code is digits");
}

#[test]
fn what_could_not_be_read_is_read_when_a_node_answers_again() {
    let bank = Bank::new();
    let mut desk = opened(&bank, 80, 24);
    desk.heard(Heard::Connection(Connection::Stale("the node at 127.0.0.1 cannot be reached".into())));
    desk.keys("esc g v");
    for (tag, _) in std::mem::take(&mut desk.asked) {
        desk.answer(tag, Err(ApiError::unavailable("the node at 127.0.0.1 cannot be reached")));
    }
    desk.sees("no Verify service");
    desk.heard(Heard::Connection(Connection::Live));
    bank.answer(&mut desk);
    desk.sees_not("no Verify service");
    desk.sees("Northwind Bank · VAa0a0a0a0a… · live: no");
    desk.sees_not("cannot be reached");
}

#[test]
fn the_tabs_are_beside_the_phones() {
    let bank = Bank::new();
    for (width, height) in [(60, 16), (80, 24), (120, 40), (200, 60)] {
        let mut desk = opened(&bank, width, height);
        desk.sees("[Test] Matrix  Attempts ");
        desk.keys("esc g c");
        for (tag, request) in std::mem::take(&mut desk.asked) {
            if let Request::ListAttempts(_) = request {
                let page = switchboard::api::Page { items: Vec::new(), next: None, as_of: crate::world::cursor() };
                desk.answer(tag, Ok(Reply::ListAttempts(page)));
            }
        }
        desk.sees(" Test  Matrix [Attempts]");
    }
}
