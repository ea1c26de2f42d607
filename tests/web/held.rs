//! What an earlier run left behind and is old asks a person before it goes.

use serde_json::{Value, json};

use crate::node::{MARIA, Node, SAM};
use crate::twilio::Then;

fn bodies(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|m| m["body"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_texts_ask_at_the_start_and_keep_their_order() {
    let old = Node::start().await;
    old.twilio.next([Then::Wait]);
    let zero = old.send(MARIA, "zero", 0).await;
    old.twilio.until_posted(1).await;
    let one = old.send(MARIA, "one", 0).await;
    let two = old.send(MARIA, "two", 0).await;
    old.pass(601);
    let fresh = old.send(SAM, "fresh", 30).await;
    assert!(bodies(&old.get("/api/messages/held").await).is_empty(), "only a start asks");

    let node = old.crash().await;
    // Twilio has the first one; that is found out, and then those behind it would have their turn.
    node.until_status(MARIA, &zero, "queued").await;
    node.pass(31);
    node.until_status(SAM, &fresh, "queued").await;
    assert_eq!(node.twilio.posts("Body"), ["zero", "fresh"]);
    assert_eq!(bodies(&node.get("/api/messages/held").await), ["one", "two"]);
    let maria = node.conversation(MARIA).await;
    assert_eq!(maria["asking"], 2);
    let tab = node.get("/api/conversations?tab=failed").await;
    assert_eq!((&tab["items"][0]["id"], &tab["counts"]["failed"]), (&maria["id"], &json!(1)));
    let held = node.message(MARIA, &one).await;
    assert_eq!((&held["status"], &held["due"]), (&json!("held"), &Value::Null));
    assert!(held["asksSince"].is_string());

    // What is let go still waits behind what asks, and goes when that is discarded.
    node.post(&format!("/api/messages/{two}/release"), json!({})).await;
    let late = node.send(SAM, "later", 0).await;
    node.until_status(SAM, &late, "queued").await;
    assert_eq!(bodies(&node.get("/api/messages/held").await), ["one"]);
    node.post(&format!("/api/messages/{one}/undo"), json!({})).await;
    node.until_status(MARIA, &two, "queued").await;
    assert_eq!(node.message(MARIA, &one).await["status"], "canceled");
    assert_eq!(node.twilio.posts("Body"), ["zero", "fresh", "later", "two"]);
    let again = node.call("POST", &format!("/api/messages/{two}/release"), Some(json!({}))).await;
    again.refused(409, "conflict");
    assert_eq!(node.conversation(MARIA).await["asking"], 0);
    assert!(bodies(&node.get("/api/messages/held").await).is_empty());
    let audit = node.get("/api/audit/verify").await;
    assert_eq!(audit["ok"], true, "{audit}");
}
