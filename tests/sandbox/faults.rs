//! Things that go wrong on purpose.

use std::time::Instant;

use serde_json::json;

use crate::support::{MARIA, NUMBER, Sink, World, statuses, text};

const FORM: [(&str, &str); 3] = [("To", MARIA), ("From", NUMBER), ("Body", "Hi")];

#[tokio::test]
async fn calls_are_refused_so_often_and_then_work() {
    let world = World::new(42).await;
    let matching = json!({ "product": "api", "method": "POST", "path": "/Messages" });
    world.control("POST", "faults", json!({ "match": matching, "action": { "status": 429 }, "times": 2 })).await;
    for _ in 0..2 {
        let (status, body) = world.post(&world.path("/Messages.json"), &FORM).await;
        assert_eq!(
            (status.as_u16(), &body["code"], &body["message"]),
            (429, &json!(20429), &json!("Too Many Requests"))
        );
    }
    assert_eq!(world.get(&world.path("/Messages.json")).await.0, 200);
    world.send(&FORM).await;
    world.control("POST", "faults", json!({ "action": { "code": 21611 } })).await;
    let (status, body) = world.post(&world.path("/Messages.json"), &FORM).await;
    assert_eq!((status.as_u16(), &body["code"]), (400, &json!(21611)));
    world.control("POST", "faults", json!({ "action": { "status": 503 }, "times": 9 })).await;
    let cleared = world.control("DELETE", "faults", json!(null)).await;
    assert_eq!(cleared, json!({ "calls": [], "webhooks": [], "prices": null }));
    assert_eq!(world.get(&world.path("/Messages.json")).await.1["messages"].as_array().unwrap().len(), 1);
    world.end().await;
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer() {
    let world = World::new(42).await;
    let url = world.path("/Messages.json");
    world.control("POST", "faults", json!({ "action": { "reset": true }, "match": { "method": "POST" } })).await;
    world.request("POST", &url).form(&FORM).send().await.expect_err("the connection was cut");
    assert!(world.get(&url).await.1["messages"].as_array().unwrap().is_empty());
    world
        .control("POST", "faults", json!({ "action": { "dropAfterAccept": true }, "match": { "method": "POST" } }))
        .await;
    world.request("POST", &url).form(&FORM).send().await.expect_err("the connection was cut");
    let (_, list) = world.get(&url).await;
    assert_eq!(list["messages"].as_array().unwrap().len(), 1);
    let journal = world.control("GET", "requests", json!(null)).await;
    let notes = journal["requests"].as_array().unwrap().iter().filter(|entry| entry["error"].is_string()).count();
    assert_eq!(notes, 2);
    world.end().await;
}

#[tokio::test]
async fn a_delayed_call_comes_late_and_whole() {
    let world = World::new(42).await;
    world.control("POST", "faults", json!({ "action": { "delayMs": 120 } })).await;
    let begun = Instant::now();
    world.send(&FORM).await;
    assert!(begun.elapsed().as_millis() >= 120);
    world.end().await;
}

#[tokio::test]
async fn webhooks_are_doubled_swapped_and_lost() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", "webhooks", json!({ "status": sink.url("/status") })).await;
    let fault = async |webhook: serde_json::Value| {
        world.control("POST", "faults", json!({ "webhook": webhook, "times": 1 })).await;
        let sid = text(&world.send(&FORM).await, "sid");
        world.advance(2.0).await;
        let hooks = sink.take();
        (statuses(&hooks, &sid), hooks)
    };
    let (doubled, hooks) = fault(json!({ "duplicate": true })).await;
    assert_eq!(doubled, ["sent", "sent", "delivered"]);
    assert_eq!(hooks[0].idempotency, hooks[1].idempotency);
    assert_eq!(fault(json!({ "reorder": true })).await.0, ["delivered", "sent"]);
    assert_eq!(fault(json!({ "drop": true })).await.0, ["delivered"]);
    assert_eq!(fault(json!({ "delayMs": 30 })).await.0, ["sent", "delivered"]);
    world.end().await;
}

#[tokio::test]
async fn a_handset_decides_what_becomes_of_messages_to_it() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", "webhooks", json!({ "status": sink.url("/status") })).await;
    let outcome = format!("phones/{MARIA}/outcome");
    let cases = [
        (json!({ "status": "failed", "errorCode": 30007, "times": 1 }), "failed", vec!["failed"], Some("30007")),
        (json!({ "status": "undelivered", "times": 1 }), "undelivered", vec!["sent", "undelivered"], Some("30003")),
        (json!({ "status": "stuck", "times": 1 }), "sent", vec!["sent"], None),
        (json!({ "status": "read", "times": 1 }), "read", vec!["sent", "delivered", "read"], None),
    ];
    for (body, status, callbacks, code) in cases {
        world.control("POST", &outcome, body).await;
        let sid = text(&world.send(&FORM).await, "sid");
        world.advance(10.0).await;
        let message = world.message(&sid).await;
        assert_eq!(message["status"], status);
        let hooks = sink.take();
        assert_eq!(statuses(&hooks, &sid), callbacks);
        assert_eq!(hooks.last().unwrap().get("ErrorCode"), code);
        assert_eq!(message["error_code"].as_u64().map(|code| code.to_string()).as_deref(), code);
        assert_eq!(message["error_message"].is_string(), code.is_some());
        assert_eq!(message["price"].is_null(), status == "failed");
    }
    let sid = text(&world.send(&FORM).await, "sid");
    world.advance(10.0).await;
    assert_eq!(world.message(&sid).await["status"], "delivered");
    world.end().await;
}
