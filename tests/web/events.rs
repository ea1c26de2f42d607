//! The event stream.

use serde_json::json;
use switchboard::api::events::Cursor;

use crate::node::{MARIA, NUMBER, Node};
use crate::numbers::Sandbox;
use crate::valve::Valve;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_goes_on_behind_its_cursor() {
    let node = Node::start().await;
    let mut first = node.events(None).await;
    assert!(first.caught_up().await.is_empty(), "it begins at the present");
    for n in 1..=5 {
        node.text_in(n, MARIA, &format!("text {n}")).await;
    }
    let second = first.next().await.unwrap();
    let third = first.next().await.unwrap();
    drop(first);
    assert_eq!(second.data["message"]["body"], "text 1");
    let again = node.events(Some(&third.id)).await.caught_up().await;
    let bodies: Vec<_> = again.iter().map(|f| f.data["message"]["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["text 3", "text 4", "text 5"]);
    // A browser's EventSource says it in a header.
    let request = node.request("GET", "/api/events").bearer_auth(node.core.session_token());
    let response = request.header("last-event-id", &third.id).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut response = response;
    let chunk = response.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&chunk).contains("text 3"), "{chunk:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_store_is_reset() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "hello").await;
    let now = node.core.cursor();
    let foreign = Cursor { epoch: now.epoch ^ 1, lanes: now.lanes.clone() };
    let ahead = Cursor { lanes: vec![now.lanes[0] + 1], ..now.clone() };
    let lanes = Cursor { lanes: vec![0, 0], ..now.clone() };
    for cursor in [foreign, ahead, lanes] {
        let frames = node.events(Some(&cursor.encode())).await.caught_up().await;
        let names: Vec<_> = frames.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["reset"]);
        assert_eq!(frames[0].data["cursor"], now.encode());
    }
    node.call("GET", "/api/events?after=rubbish", None).await.refused(400, "invalid_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_lanes_are_one_stream() {
    let node = Node::with(crate::node::Setup { store: Some(Valve::new(8)), ..Default::default() }).await;
    let mut live = node.events(None).await;
    live.caught_up().await;
    let mut businesses = vec![node.business];
    for n in 0..6 {
        businesses.push(node.add_business(&format!("Tenant {n}"), &[&format!("+1415555030{n}")], None).await.0);
    }
    let mut seen = 0;
    let mut cursor = String::new();
    while seen < 6 {
        let frame = live.next().await.unwrap();
        seen += u32::from(frame.data["kind"] == "endpoint.saved");
        cursor = frame.id;
    }
    assert!(node.events(Some(&cursor)).await.caught_up().await.is_empty(), "the last cursor stands for all lanes");
    for business in &businesses {
        node.put(&format!("/api/businesses/{business}"), json!({ "phoneNumber": "1" })).await;
    }
    let missed = node.events(Some(&cursor)).await.caught_up().await;
    assert_eq!(missed.len(), businesses.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_says_whether_the_audit_log_has_it() {
    let node = Node::start().await;
    let before = node.core.cursor().encode();
    node.text_in(1, MARIA, "hello").await;
    node.put(&format!("/api/businesses/{}", node.business), json!({ "phoneNumber": "1" })).await;
    let log = node.get("/api/audit?limit=200").await;
    let logged: Vec<_> = log["items"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    let frames = node.events(Some(&before)).await.caught_up().await;
    let told: Vec<_> = frames.iter().map(|f| (f.data["kind"].as_str().unwrap(), f.data["audited"] == true)).collect();
    assert!(told.contains(&("message.received", false)) && told.contains(&("business.saved", true)), "{told:?}");
    assert!(frames.iter().all(|f| (f.data["audited"] == true) == logged.contains(&&f.data["kind"])), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_is_told_and_the_stop_ends_it() {
    let mut node = Node::start().await;
    let mut live = node.events(None).await;
    live.caught_up().await;
    node.pass(60);
    let clock = live.next().await.unwrap();
    assert_eq!((clock.name.as_str(), &clock.data["paused"]), ("clock", &json!(true)));
    node.stop().await;
    live.ends().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_a_handset_without_passing_the_node_is_told() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node().await;
    sandbox.points_to(&node.base).await;
    let business = node.get("/api/businesses").await["default"].as_str().unwrap().to_owned();
    let (_, token) = node.token(json!({ "label": "shop", "kind": "secret", "business": business })).await;
    let mut shop = node.events_as(&token, None).await;
    shop.caught_up().await;
    let mut agent = node.events(None).await;
    agent.caught_up().await;
    node.core.spawn_sandbox_follower();
    // The first that it hears is what time it is there.
    while agent.next().await.unwrap().name != "clock" {}
    let path = format!("/api/simulator/phones/{}/send", MARIA.replace('+', "%2B"));
    node.post(&path, json!({ "to": NUMBER, "body": "STOP" })).await;
    let mut told = 0;
    // The text itself, and Twilio's own answer to it, which is a message of nobody here.
    while told < 2 {
        let frame = agent.next().await.unwrap();
        if frame.name == "handset" {
            assert_eq!(frame.data["address"], json!(MARIA));
            told += 1;
        }
    }
    let phone = node.get(&format!("/api/simulator/phones/{}", MARIA.replace('+', "%2B"))).await;
    let last = phone["messages"].as_array().unwrap().last().unwrap();
    assert!(last["body"].as_str().unwrap().contains("unsubscribed"), "{phone}");
    // The phones are not a tenant's.
    node.post("/api/conversations/messages", json!({ "to": "+14155550177", "body": "hello", "holdSeconds": 0 })).await;
    loop {
        let frame = shop.next().await.unwrap();
        assert_ne!(frame.name, "handset", "{frame:?}");
        if frame.data["kind"] == "message.sendRequested" {
            break;
        }
    }
}
