//! The title of a conversation: on a narrow screen it gives up words before facts.

use switchboard::domain::money::Money;

use crate::desk::Desk;
use crate::world::{self, SAM};

/// Sam's conversation, which is mine and has cost something.
fn opened(width: u16, height: u16) -> Desk {
    let mut desk = Desk::open(width, height);
    desk.keys("down down enter");
    desk.answer_all();
    let mut view = world::conversation(SAM);
    (view.version, view.assignee) = (2, Some("agent1".into()));
    view.cost.reported = Some(Money::of_nanos(8_300_000, "USD"));
    desk.heard(world::event(9, "conversation.assigned", view, None, desk.counts));
    desk
}

#[test]
fn the_number_goes_first_then_the_word_before_the_money() {
    let wide = opened(200, 60);
    wide.sees("Sam Ortiz  +14155550111 · assigned to agent1 (you)");
    wide.sees("cost $0.0083");
    let beside = opened(80, 24);
    beside.sees("Sam Ortiz · assigned to agent1 (you)");
    beside.sees("$0.0083");
    beside.sees_not("cost $0.0083");
    let alone = opened(60, 16);
    alone.sees("Sam Ortiz · assigned to agent1 (you)");
    alone.sees("cost $0.0083");
    // Dearer by a digit: the word behind one's own handle goes before the name is cut.
    let mut dear = opened(80, 24);
    let mut view = world::conversation(SAM);
    (view.version, view.assignee) = (3, Some("agent1".into()));
    (view.name, view.cost.reported) = (Some("Samantha Ortiz".into()), Some(Money::of_nanos(24_900_000, "USD")));
    dear.heard(world::event(11, "contact.saved", view, None, dear.counts));
    dear.sees("Samantha Ortiz · assigned to agent1 ");
    dear.sees("$0.0249");
    // A label more: what it is about still stands there, cut at its end.
    for (width, height) in [(60, 16), (80, 24), (120, 40)] {
        let mut desk = opened(width, height);
        let mut view = desk.app.thread.as_ref().map(|t| t.conversation.clone()).expect("it is open");
        (view.version, view.labels) = (3, vec!["a-label-that-is-quite-long".into(), "another".into()]);
        desk.heard(world::event(10, "conversation.labelled", view, None, desk.counts));
        desk.sees("Sam Ortiz");
        desk.sees("assigned to agent1");
        desk.sees("$0.0083");
    }
}
