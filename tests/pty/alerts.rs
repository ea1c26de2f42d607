//! What reaches an agent who looks elsewhere: the terminal is asked for a notification, in one sequence.

use crate::api::MARIA;
use crate::console::Console;
use crate::home::Home;

const WROTE: &[u8] = b"\x1b]777;notify;switchboard;Maria Lopez wrote\x07";

#[test]
fn a_notification_is_asked_for_while_another_window_has_the_focus() {
    let home = Home::new();
    let console = Console::with(&home, (80, 24), &[], &[("SWITCHBOARD_CONSOLE_NOTIFY", "osc777")]);
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    let notified = || console.raw().windows(WROTE.len()).filter(|w| *w == WROTE).count();
    api.text_in(MARIA, "first");
    console.sees("●1 Maria Lopez");
    assert_eq!(notified(), 0, "the window has the focus");
    // The terminal says that the focus went elsewhere.
    console.keys("\x1b[O");
    console.rests();
    api.text_in(MARIA, "second");
    console.sees("●2 Maria Lopez");
    assert_eq!(notified(), 1);
}
