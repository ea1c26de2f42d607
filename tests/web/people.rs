//! Agents among themselves: who is where, who is called by a note, what is known of a customer.

use serde_json::{Value, json};

use crate::hooks;
use crate::node::{MARIA, NUMBER, Node, until_some};
use crate::stream::Reader;

/// The next word about where an agent is.
async fn presence(reader: &mut Reader) -> (String, String) {
    loop {
        let frame = reader.next().await.expect("the stream goes on");
        if frame.name == "presence" {
            let text = |name: &str| frame.data[name].as_str().unwrap().to_owned();
            return (text("agent"), text("doing"));
        }
    }
}

async fn agent(node: &Node, handle: &str) -> String {
    node.put(&format!("/api/agents/{handle}"), json!({ "name": handle, "role": "agent" })).await;
    node.token(json!({ "label": handle, "kind": "secret", "agent": handle })).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn others_see_who_types_until_they_leave() {
    let node = Node::start().await;
    let id = node.text_in(1, MARIA, "hello").await["id"].as_str().unwrap().to_owned();
    let (ann, bob) = (agent(&node, "ann").await, agent(&node, "bob").await);
    let told = |path: String, doing: &'static str| (path, Some(json!({ "doing": doing })));
    let mut at_bob = node.events_as(&bob, None).await;
    at_bob.caught_up().await;
    let at_ann = node.events_as(&ann, None).await;
    let path = format!("/api/conversations/{id}/presence");
    for doing in ["viewing", "typing", "viewing"] {
        let (path, body) = told(path.clone(), doing);
        node.call_as(&ann, "PUT", &path, body).await.ok();
        assert_eq!(presence(&mut at_bob).await, ("ann".to_owned(), doing.to_owned()));
    }
    // Who comes later hears who is there, and nobody hears of themselves.
    let mut late = node.events_as(&bob, None).await;
    assert_eq!(presence(&mut late).await, ("ann".to_owned(), "viewing".to_owned()));
    // Nothing of it is stored: the feed has no event of it.
    let events = node.core.gauges().events;
    let (path, body) = told(path, "typing");
    node.call_as(&ann, "PUT", &path, body).await.ok();
    assert_eq!(presence(&mut at_bob).await.1, "typing");
    assert_eq!(node.core.gauges().events, events);
    // Her connection ends without a word.
    drop(at_ann);
    assert_eq!(presence(&mut at_bob).await, ("ann".to_owned(), "gone".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_mentions_an_agent_waits_for_them() {
    let node = Node::start().await;
    let id = node.text_in(1, MARIA, "hello").await["id"].as_str().unwrap().to_owned();
    let (ann, bob) = (agent(&node, "ann").await, agent(&node, "bob").await);
    let at = format!("/api/conversations/{id}");
    let note = json!({ "body": "@bob she prefers mornings, says @ann; ask @nobody" });
    let note = node.call_as(&ann, "POST", &format!("{at}/notes"), Some(note)).await.ok();
    assert_eq!(note["mentions"], json!(["bob", "ann"]));
    assert_eq!(node.twilio.posted(), 0, "a note left the house");
    let seen = async |token: &str| node.call_as(token, "GET", &at, None).await.ok()["mentions"].clone();
    assert_eq!((seen(&bob).await, seen(&ann).await), (json!(1), json!(0)));
    let read = node.call_as(&bob, "PUT", &format!("{at}/read"), Some(json!({ "arrival": 1 }))).await.ok();
    assert_eq!((&read["mentions"], &read["unread"]), (&json!(0), &json!(0)));
    // Read once and mentioned again: the mark does not go back.
    node.call_as(&ann, "POST", &format!("{at}/notes"), Some(json!({ "body": "@bob?" }))).await.ok();
    let view = node.call_as(&bob, "GET", &at, None).await.ok();
    assert_eq!((&view["mentions"], &view["unread"]), (&json!(1), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_a_customer_stands_together() {
    let node = Node::start().await;
    let first = node.text_in(1, MARIA, "hello").await;
    let second = json!({ "addresses": ["+14155550177"] });
    node.post(&format!("/api/businesses/{}/endpoints", node.business), second).await;
    node.webhook(hooks::SMS, &hooks::but(hooks::text(2, MARIA, "STOP"), "To", "+14155550177")).await;
    node.applied().await;
    node.send(MARIA, "Good morning", 0).await;
    let at = format!("/api/conversations/{}", first["id"].as_str().unwrap());
    node.post(&format!("{at}/notes"), json!({ "body": "mornings" })).await;
    let path = format!("/api/contacts/{}", MARIA.replace('+', "%2B"));
    let known = until_some("what was sent is at Twilio", || async {
        Some(node.get(&path).await).filter(|known| known["outgoing"] == 1)
    })
    .await;
    let count = |name: &str| known[name].as_array().unwrap().len();
    assert_eq!((count("conversations"), count("notes")), (2, 1), "{known}");
    assert_eq!((&known["incoming"], &known["outgoing"]), (&json!(2), &json!(1)));
    assert_eq!((&known["cost"]["expected"]["amount"], &known["cost"]["unpriced"]), (&json!("0.0083"), &json!(1)));
    let out: Vec<&Value> = known["conversations"].as_array().unwrap().iter().map(|c| &c["optedOutBy"]).collect();
    assert_eq!(out, [&Value::Null, &json!("STOP")]);
    assert_eq!(known["conversations"][0]["ours"], NUMBER);
}
