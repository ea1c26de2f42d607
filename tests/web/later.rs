//! Messages that are put off: they go at their moment, change, and ask when the customer has written first.

use serde_json::{Value, json};
use switchboard::domain::time::Span;

use crate::hooks::{but, text};
use crate::node::{MARIA, Node, SAM, until};

impl Node {
    /// A moment so many seconds from now.
    fn moment(&self, seconds: i64) -> String {
        (self.core.clock().now() + Span::secs(seconds)).rfc3339()
    }

    async fn put_off(&self, to: &str, body: &str, seconds: i64, unless_they_reply: bool) -> String {
        let send = json!({
            "to": to, "body": body, "sendAt": self.moment(seconds), "unlessTheyReply": unless_they_reply,
        });
        self.post("/api/conversations/messages", send).await["id"].as_str().unwrap().to_owned()
    }

    async fn later(&self) -> Vec<Value> {
        self.get("/api/messages/later").await["items"].as_array().unwrap().clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_at_its_moment_and_chat_goes_before_it() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "when are you open?").await;
    let id = node.put_off(MARIA, "See you tomorrow!", 86_400, false).await;
    let waiting = node.conversation(MARIA).await;
    assert!(waiting["waitingSince"].is_string(), "nothing was said yet");
    assert_eq!(waiting["last"]["preview"], "when are you open?");
    let chat = node.send(MARIA, "From nine.", 0).await;
    node.until_status(MARIA, &chat, "queued").await;
    assert_eq!(node.conversation(MARIA).await["waitingSince"], Value::Null);
    node.pass(86_399);
    assert_eq!(node.message(MARIA, &id).await["status"], "held");
    assert_eq!(node.later().await.len(), 1);
    node.text_in(2, MARIA, "thanks").await;
    node.pass(1);
    let sent = node.until_status(MARIA, &id, "queued").await;
    assert_eq!((&sent["at"], &sent["sendAt"]), (&json!(node.core.clock().now().rfc3339()), &Value::Null));
    assert_eq!(node.twilio.posts("Body"), ["From nine.", "See you tomorrow!"]);
    let head = node.conversation(MARIA).await;
    assert_eq!((&head["last"]["preview"], &head["waitingSince"]), (&json!("See you tomorrow!"), &Value::Null));
    assert_eq!(node.thread(MARIA).await[0]["id"], json!(id), "it stands where it was said");
    assert!(node.later().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_can_be_changed_and_taken_back() {
    let node = Node::start().await;
    let first = node.put_off(MARIA, "first", 600, false).await;
    let second = node.put_off(MARIA, "second", 1200, false).await;
    let ids = |rows: Vec<Value>| rows.into_iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(node.later().await), [first.clone(), second.clone()]);
    let change = json!({ "sendAt": node.moment(1800), "body": "first, but later" });
    let changed = node.put(&format!("/api/messages/{first}/later"), change).await;
    assert_eq!((&changed["body"], &changed["sendAt"]), (&json!("first, but later"), &json!(node.moment(1800))));
    assert_eq!(ids(node.later().await), [second.clone(), first.clone()]);
    node.post(&format!("/api/messages/{second}/undo"), json!({})).await;
    assert_eq!(ids(node.later().await), std::slice::from_ref(&first));
    node.pass(1800);
    node.until_status(MARIA, &first, "queued").await;
    assert_eq!(node.twilio.posts("Body"), ["first, but later"]);
    let gone = node.call("PUT", &format!("/api/messages/{first}/later"), Some(json!({ "body": "too late" }))).await;
    gone.refused(409, "conflict");
    let past = json!({ "to": MARIA, "body": "x", "sendAt": node.moment(0) });
    let refused = node.call("POST", "/api/conversations/messages", Some(past)).await.refused(400, "invalid_input");
    assert_eq!(refused["field"], "sendAt");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_when_they_wrote_first() {
    let node = Node::start().await;
    let careful = node.put_off(MARIA, "Still interested?", 3600, true).await;
    let stubborn = node.put_off(SAM, "Reminder", 3600, false).await;
    node.pass(60);
    node.text_in(1, MARIA, "I have booked elsewhere").await;
    node.text_in(2, SAM, "ok").await;
    assert!(node.message(MARIA, &careful).await["asksSince"].is_string());
    node.pass(3600);
    node.until_status(SAM, &stubborn, "queued").await;
    assert_eq!(node.twilio.posts("Body"), ["Reminder"]);
    assert_eq!(node.message(MARIA, &careful).await["status"], "held");
    // Chat goes past it, and a person may let it go after all.
    let chat = node.send(MARIA, "What a pity", 0).await;
    node.until_status(MARIA, &chat, "queued").await;
    node.post(&format!("/api/messages/{careful}/release"), json!({})).await;
    node.until_status(MARIA, &careful, "queued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_does_not_take_it_for_old() {
    let node = Node::start().await;
    let id = node.put_off(MARIA, "next week", 7 * 86_400, false).await;
    node.pass(6 * 86_400);
    let node = node.restart().await;
    assert_eq!(node.message(MARIA, &id).await["asksSince"], Value::Null);
    node.pass(86_400);
    node.until_status(MARIA, &id, "queued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_opts_out_meanwhile_is_not_texted() {
    let node = Node::start().await;
    let id = node.put_off(MARIA, "our news", 600, false).await;
    let stop = but(text(1, MARIA, "stop"), "OptOutType", "STOP");
    node.webhook(crate::hooks::SMS, &stop).await;
    node.applied().await;
    node.pass(600);
    let failed = node.until_status(MARIA, &id, "failed").await;
    assert_eq!(failed["error"], 21610);
    assert!(failed["errorText"].as_str().unwrap().contains("START"), "{failed}");
    until("nothing was posted", || node.twilio.posted() == 0).await;
}
