//! A template goes to a WhatsApp customer, from the operation to the handset, at a real sandbox.

use serde_json::{Value, json};

use crate::node::{MARIA, Node, until_some};
use crate::numbers::Sandbox;

async fn template(node: &Node, name: &str) -> Value {
    let listed = node.get("/api/contents").await;
    listed["items"].as_array().unwrap().iter().find(|one| one["name"] == name).expect("an approved template").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_reaches_whoever_has_never_written() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node().await;
    sandbox.points_to(&node.base).await;
    let business = node.get("/api/businesses").await["default"].clone();
    let at = format!("/api/businesses/{}/endpoints", business.as_str().unwrap());
    node.post(&at, json!({ "addresses": ["whatsapp:+14155550100"] })).await;
    let reminder = template(&node, "appointment_reminder").await;
    assert_eq!(reminder["blanks"][2], json!({ "name": "3", "sample": "10:30" }));
    let to = format!("whatsapp:{MARIA}");
    let send = json!({
        "to": to, "holdSeconds": 0, "contentSid": reminder["sid"],
        "contentVariables": { "1": "Ana", "2": "Tuesday", "3": "9:00" },
    });
    let sent = node.post("/api/conversations/messages", send.clone()).await;
    assert_eq!((&sent["from"], &sent["contentSid"]), (&json!("whatsapp:+14155550100"), &reminder["sid"]));
    let body = sent["body"].as_str().unwrap();
    let later = async || {
        until_some("Twilio has it", || async { node.thread(&to).await.remove(0)["sid"].as_str().map(drop) }).await;
        node.post("/api/simulator/clock", json!({ "advanceSeconds": 30 })).await;
    };
    later().await;
    assert!(body.starts_with("Hi Ana, this is a reminder of your appointment on Tuesday at 9:00."), "{body}");
    let phone = sandbox.shown(&format!("phones/{}", to.replace('+', "%2B"))).await;
    assert_eq!((&phone["messages"][0]["direction"], &phone["messages"][0]["body"]), (&json!("in"), &json!(body)));
    // Words of one's own are refused there, and a template is what they were not.
    let words = json!({ "to": to, "holdSeconds": 0, "body": "Hi Ana" });
    node.post("/api/conversations/messages", words).await;
    later().await;
    let sent = sandbox.ask("GET", "api/2010-04-01/Accounts/ACCOUNT/Messages.json", &[]).await;
    let newest = &sent["messages"][0];
    assert_eq!((&newest["body"], &newest["error_code"]), (&json!("Hi Ana"), &json!(63016)));
    for (change, field, part) in [
        (json!({ "contentVariables": { "1": "Ana", "2": "Tuesday" } }), "contentVariables", "{{3}}"),
        (json!({ "contentVariables": { "1": "A\nb", "2": "x", "3": "y" } }), "contentVariables", "one line"),
        (json!({ "contentVariables": { "1": "a", "2": "b", "3": "c", "4": "d" } }), "contentVariables", "{{4}}"),
        (json!({ "body": "Hi" }), "contentSid", "its own text"),
        (json!({ "contentSid": null }), "contentSid", "21654"),
        (json!({ "contentSid": "HX00000000000000000000000000000000" }), "contentSid", "21655"),
        (json!({ "contentSid": "SM00000000000000000000000000000000" }), "contentSid", "begins with HX"),
    ] {
        let mut bad = send.clone();
        for (name, value) in change.as_object().unwrap() {
            bad[name] = value.clone();
        }
        let answer = node.call("POST", "/api/conversations/messages", Some(bad)).await;
        assert_eq!((answer.status, answer.body["field"].as_str()), (400, Some(field)), "{}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{}", answer.body);
    }
}
