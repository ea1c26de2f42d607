//! When the screen changes by itself: only while something in view is due.

use std::time::Duration;

use switchboard::api::When;
use switchboard::api::events::Frame;
use switchboard::api::inbox::Tab;
use switchboard::link::Heard;
use switchboard::tui::clock::Beat;

use crate::desk::Desk;
use crate::world::NOW;

#[test]
fn nothing_due_is_nothing_to_wake_up_for() {
    // A customer within the response target counts seconds.
    let mut desk = Desk::open(80, 24);
    assert_eq!(desk.map.beat, Beat::Second);
    // Only those who wait too long, and others: minutes.
    desk.keys("1");
    desk.answer_all();
    assert_eq!((desk.app.inbox.tab, desk.map.beat, desk.map.until), (Tab::Mine, Beat::Minute, None));
    let next = desk.app.clock.next(desk.map.beat).unwrap();
    assert_eq!(next, Duration::from_secs(60));
    // A clock that stands still changes nothing at all.
    desk.heard(Heard::Frame(Frame::Clock { now: When(NOW), paused: true }));
    assert_eq!(desk.app.clock.next(desk.map.beat), None);
    desk.sees("paused");
    // A frame drawn again is the same frame.
    let before = desk.buffer.clone();
    desk.draw();
    assert_eq!(desk.buffer, before);
}

#[test]
fn the_same_messages_make_the_same_frame() {
    let frame = || {
        let mut desk = Desk::open(120, 40);
        desk.keys("down enter");
        desk.answer_all();
        desk.buffer
    };
    assert_eq!(frame(), frame());
}
