//! Moving the simulated clock: the answer comes when all that was due is done.

use std::time::Duration;

use serde_json::json;
use switchboard::core::Pace;
use switchboard::domain::time::Span;

use crate::node::{MARIA, Node, SAM, START, Setup};
use crate::twilio::Then;

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_comes_after_everything_that_was_due() {
    let node = Node::start().await;
    let id = node.text_in(1, MARIA, "later").await["id"].as_str().unwrap().to_owned();
    let until = (START + Span::secs(3600)).rfc3339();
    node.put(&format!("/api/conversations/{id}/status"), json!({ "status": "snoozed", "until": until })).await;
    for body in ["one", "two", "three"] {
        node.send(SAM, body, 30).await;
    }
    let several: Vec<String> = (0..20).map(|n| format!("+141555503{n:02}")).collect();
    for customer in &several {
        node.send(customer, "hello", 30).await;
    }
    node.twilio.next([Then::Wait]);
    let twilio = node.twilio.clone();
    let slow = tokio::spawn(async move {
        twilio.until_posted(1).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
        twilio.release(1);
    });
    let moved = node.post("/api/simulator/clock", json!({ "advanceSeconds": 7200 })).await;
    // Nothing is waited for from here on.
    assert_eq!(moved["now"], json!((START + Span::secs(7200)).rfc3339()));
    assert!(slow.is_finished());
    assert_eq!(node.conversation(MARIA).await["status"], "open");
    assert_eq!(node.twilio.taken().len(), 23);
    for customer in several.iter().map(String::as_str).chain([SAM]) {
        let thread = node.thread(customer).await;
        assert!(thread.iter().all(|m| m["status"] == "queued"), "{thread:?}");
    }
    let mine: Vec<_> = node.twilio.taken().into_iter().filter(|t| t.to == SAM).map(|t| t.body).collect();
    assert_eq!(mine, ["one", "two", "three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_does_not_hold_the_clock() {
    let node = Node::start().await;
    node.twilio.mute_lists(true);
    node.twilio.next([Then::Lose]);
    let id = node.send(MARIA, "lost", 30).await;
    node.post("/api/simulator/clock", json!({ "advanceSeconds": 60 })).await;
    assert_eq!(node.message(MARIA, &id).await["status"], "unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_said() {
    let valve = crate::valve::Valve::new(1);
    let pace = Pace { settle: Duration::from_millis(500), ..Pace::default() };
    let node = Node::with(Setup { store: Some(valve.clone()), pace, ..Setup::default() }).await;
    node.send(MARIA, "stuck", 30).await;
    valve.shut(1);
    let moved = node.call("POST", "/api/simulator/clock", Some(json!({ "advanceSeconds": 60 }))).await;
    let refused = moved.refused(503, "unavailable");
    assert!(refused["detail"].as_str().unwrap().contains("clock"), "{refused}");
}
