//! The control API: the clock, the journal, and who may call it.

use eventsource_stream::Eventsource;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, Sink, World, text};

#[tokio::test]
async fn the_clock_starts_on_a_known_morning_and_is_moved() {
    let world = World::new(42).await;
    assert!(text(&world.state, "now").starts_with("2026-03-02T17:00:0"));
    let moved = world.control("POST", "clock", json!({ "advanceSeconds": 3600 })).await;
    assert_eq!(moved["paused"], true);
    assert!(text(&moved, "now").starts_with("2026-03-02T18:00:0"));
    // Before anything has happened, a scenario may begin weeks earlier.
    world.control("POST", "clock", json!({ "now": "2026-02-09T09:00:00-08:00" })).await;
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "See you next time.")]).await;
    let moved = world.control("POST", "clock", json!({ "now": "2026-03-02T09:00:00-08:00" })).await;
    assert_eq!(moved["now"], "2026-03-02T17:00:00.000000Z");
    assert!(text(&world.phone(MARIA).await[0], "at").starts_with("2026-02-09T17:00:0"));
    let (status, body) = world.try_control("POST", "clock", json!({ "now": "2026-02-09T09:00:00-08:00" })).await;
    assert_eq!(status, 409);
    assert!(text(&body, "error").contains("reset the sandbox first"));
    for wrong in [json!({ "advanceSeconds": -1 }), json!({ "now": "tomorrow" }), json!({ "hours": 1 })] {
        assert_eq!(world.try_control("POST", "clock", wrong).await.0, 400);
    }
    world.control("POST", "reset", json!({})).await;
    world.control("POST", "clock", json!({ "now": "2026-02-09T09:00:00-08:00" })).await;
    assert!(world.phone(MARIA).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn the_clock_ticks_by_itself() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", "webhooks", json!({ "status": sink.url("/status") })).await;
    world.control("POST", "clock", json!({ "paused": false })).await;
    let sid = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hi")]).await, "sid");
    let mut events =
        world.client.get(format!("{}/sandbox/events", world.base)).send().await.unwrap().bytes_stream().eventsource();
    let mut statuses = Vec::new();
    while statuses.len() < 2 {
        let event = events.next().await.unwrap().unwrap();
        let entry: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(event.id, entry["n"].to_string());
        if event.event == "webhook" && entry["sid"] == json!(sid) {
            statuses.push(text(&entry["request"], "MessageStatus"));
        }
    }
    assert_eq!(statuses, ["sent", "delivered"]);
    assert_eq!(world.message(&sid).await["status"], "delivered");
    drop(events);
    world.end().await;
}

#[tokio::test]
async fn the_journal_has_calls_and_webhooks_in_order() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", "webhooks", json!({ "sms": sink.url("/sms") })).await;
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hi")]).await;
    world.text(MARIA, NUMBER, "Hello").await;
    world.get(&world.path("/Messages.json")).await;
    let journal = world.control("GET", "requests", Value::Null).await;
    let entries = journal["requests"].as_array().unwrap();
    let kinds: Vec<(String, u64)> = entries.iter().map(|e| (text(e, "kind"), e["status"].as_u64().unwrap())).collect();
    assert_eq!(kinds, [("request".into(), 201), ("webhook".into(), 200), ("request".into(), 200)]);
    assert_eq!((&entries[0]["request"]["Body"], &entries[0]["response"]["status"]), (&json!("Hi"), &json!("queued")));
    assert_eq!(entries[2]["response"]["messages"], "2 items");
    assert!(!journal.to_string().contains(&world.token));
    let after = entries[1]["n"].as_u64().unwrap();
    let rest = world.control("GET", &format!("requests?after={after}"), Value::Null).await;
    assert_eq!(rest["requests"].as_array().unwrap().len(), 1);
    let phones = world.control("GET", "phones", Value::Null).await;
    assert_eq!(phones["phones"][0]["address"], MARIA);
    world.end().await;
}

#[tokio::test]
async fn only_loopback_and_json_are_answered() {
    let world = World::new(42).await;
    let url = format!("{}/sandbox/state", world.base);
    let rebound = world.client.get(&url).header("Host", "evil.example").send().await.unwrap();
    assert_eq!(rebound.status(), 403);
    let url = format!("{}/sandbox/reset", world.base);
    let form = world.client.post(&url).form(&[("seed", "1")]).send().await.unwrap();
    assert_eq!(form.status(), 415);
    let (status, body) = world.try_control("POST", "reviews/BU1", json!({ "outcome": "approved" })).await;
    assert_eq!((status.as_u16(), &body["code"]), (404, &json!(20404)));
    assert_eq!(world.control("GET", "state", Value::Null).await["epoch"], 1);
    world.end().await;
}

#[tokio::test]
async fn redacting_and_deleting_wait_for_the_end() {
    let world = World::new(42).await;
    let sid = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "secret")]).await, "sid");
    let path = world.path(&format!("/Messages/{sid}.json"));
    let (status, body) = world.post(&path, &[("Body", "")]).await;
    assert_eq!((status.as_u16(), &body["code"]), (409, &json!(20009)));
    assert_eq!(world.delete(&path).await, 409);
    world.advance(3.0).await;
    assert_eq!(world.post(&path, &[("Body", "")]).await.1["body"], "");
    assert_eq!(world.post(&path, &[("Body", "other")]).await.0, 400);
    // The handset keeps what it got.
    assert_eq!(world.phone(MARIA).await[0]["body"], "secret");
    assert_eq!(world.delete(&path).await, 204);
    assert_eq!(world.get(&path).await.0, 404);
    assert_eq!(world.get(&world.path("/Messages.json")).await.1["messages"], json!([]));
    world.end().await;
}
