//! Worlds told as data.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, Sink, World, text};

const DESK: &str = "+14155550142";

#[tokio::test]
async fn a_named_world_has_every_kind_of_sender_and_outcome() {
    let world = World::new(42).await;
    let state = world.control("POST", "reset", json!({ "scenario": "senders" })).await;
    assert_eq!((&state["epoch"], &state["counts"]["messages"]), (&json!(2), &json!(2)));
    assert!(text(&state, "now").starts_with("2026-03-02T17:00:0"), "{state}");
    let said: Vec<Value> = world.phone(MARIA).await;
    assert_eq!((said.len(), &said[0]["direction"], &said[1]["direction"]), (2, &json!("out"), &json!("in")));
    assert!(text(&said[0], "at").starts_with("2026-03-01T18:00:00."), "{said:?}");
    let reply = world.message(&text(&said[1], "sid")).await;
    assert_eq!((&reply["status"], &reply["from"]), (&json!("delivered"), &json!(DESK)));

    world.stand_still_here().await;
    let (_, services) = world.get("/messaging/v1/Services").await;
    let service = text(&services["services"][0], "sid");
    let mut ends = Vec::new();
    for to in ["+14155550129", "+14155550130", "+14155550131", "+14155550132", "+14155550133"] {
        let form = [("To", to), ("MessagingServiceSid", service.as_str()), ("Body", "Hi")];
        let sid = text(&world.send(&form).await, "sid");
        world.advance(5.0).await;
        let message = world.message(&sid).await;
        assert_eq!(message["from"], "24680");
        ends.push((text(&message, "status"), message["error_code"].clone()));
    }
    let expected = [
        ("delivered", json!(null)),
        ("undelivered", json!(30005)),
        ("failed", json!(30007)),
        ("sent", json!(null)),
        ("queued", json!(null)),
    ];
    assert_eq!(ends, expected.map(|(status, code)| (status.to_owned(), code)));
    world.end().await;
}

#[tokio::test]
async fn a_world_may_be_told_on_the_spot_and_its_texts_reach_the_webhooks() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let scenario = json!({
        "now": "2026-02-10T09:00:00Z",
        "paused": true,
        "webhooks": { "status": sink.url("/status") },
        "number": [{ "PhoneNumber": DESK, "SmsUrl": sink.url("/sms") }, { "PhoneNumber": NUMBER, "FriendlyName": "Old" }],
        "text": [
            { "at": "2026-02-09T09:05:00Z", "from": DESK, "to": MARIA, "body": "See you then." },
            { "at": "2026-02-09T09:00:00Z", "from": MARIA, "to": DESK, "body": "Three?" },
        ],
    });
    let state = world.control("POST", "reset", json!({ "seed": 7, "scenario": scenario })).await;
    assert_eq!(
        (&state["now"], &state["paused"], &state["seed"]),
        (&json!("2026-02-10T09:00:00.000000Z"), &json!(true), &json!(7))
    );
    let bodies: Vec<String> = world.phone(MARIA).await.iter().map(|said| text(said, "body")).collect();
    assert_eq!(bodies, ["Three?", "See you then."]);
    // The clock's answer waits for webhooks that are under way.
    world.advance(1.0).await;
    let mut hooks = Vec::new();
    for _ in 0..200 {
        hooks.extend(sink.take());
        if hooks.len() == 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let mut paths: Vec<&str> = hooks.iter().map(|hook| hook.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["/sms", "/status", "/status"]);
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_is_said_and_leaves_a_fresh_world() {
    let world = World::new(42).await;
    for (scenario, said) in [
        (json!("gone"), "there is no scenario \"gone\""),
        (json!({ "colour": 1 }), "unknown field `colour`"),
        (json!({ "number": [{ "PhoneNumber": "12" }] }), "12"),
        (json!({ "number": [{ "PhoneNumber": DESK, "SmsUrl": "ftp://x" }] }), "SmsUrl is not a valid URL"),
        (json!({ "service": [{ "FriendlyName": "Desk", "numbers": [DESK] }] }), "which is no number of the scenario"),
        (json!({ "text": [{ "at": "2026-03-03", "from": MARIA, "to": NUMBER, "body": "x" }] }), "later than `now`"),
        (json!({ "text": [{ "at": "soon", "from": MARIA, "to": NUMBER, "body": "x" }] }), "is no time"),
        (
            json!({ "text": [{ "at": "2026-03-01", "from": MARIA, "to": DESK, "body": "x" }] }),
            "is a number of the scenario",
        ),
    ] {
        let (status, body) = world.try_control("POST", "reset", json!({ "scenario": scenario })).await;
        assert_eq!(status, 400, "{body}");
        assert!(text(&body, "error").contains(said), "{body} instead of {said}");
        let (_, numbers) = world.get(&world.path("/IncomingPhoneNumbers.json")).await;
        assert_eq!(numbers["incoming_phone_numbers"].as_array().unwrap().len(), 2);
    }
    world.end().await;
}
