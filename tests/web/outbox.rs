//! Sending: held, in order, once, and told what became of it.

use serde_json::{Value, json};

use crate::hooks::status;
use crate::node::{MARIA, NUMBER, Node, PUBLIC, SAM, Setup, until, until_some};
use crate::twilio::Then;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_held_then_leaves_once() {
    let node = Node::start().await;
    let id = node.send(MARIA, "Friday 10:30 is open.", 5).await;
    node.pass(4);
    assert_eq!(node.message(MARIA, &id).await["status"], "held");
    assert_eq!(node.twilio.posted(), 0);
    node.pass(1);
    let sent = node.until_status(MARIA, &id, "queued").await;
    assert_eq!((&sent["sid"], &sent["due"]), (&json!(node.twilio.taken()[0].sid), &Value::Null));
    assert_eq!(node.twilio.posts("To"), [MARIA]);
    assert_eq!(
        (node.twilio.posts("From"), node.twilio.posts("Body")),
        (vec![NUMBER.to_owned()], vec!["Friday 10:30 is open.".to_owned()])
    );
    let callback = node.twilio.taken()[0].callback.clone().unwrap();
    let expected = format!("{PUBLIC}/api/webhooks/twilio-status?b={}&m={id}#rc=3&rp=all", node.business);
    assert_eq!(callback, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_is_asked_is_shown_as_it_was_asked() {
    let node = Node::start().await;
    let id = node.send(MARIA, "It's “Friday”\n10:30 & more", 5).await;
    // Before it leaves and after: the request is the same.
    let before = node.get(&format!("/api/messages/{id}/upstream")).await;
    node.pass(5);
    node.until_status(MARIA, &id, "queued").await;
    let asked = node.get(&format!("/api/messages/{id}/upstream")).await;
    assert_eq!(asked, before);
    let params = asked["params"].as_array().unwrap();
    assert!(!params.is_empty());
    for param in params {
        let name = param["name"].as_str().unwrap();
        assert_eq!(node.twilio.posts(name), [param["value"].as_str().unwrap()], "{name}");
    }
    assert_eq!(params.len(), node.twilio.names(0).len(), "{asked}");
    let note = node.text_in(1, SAM, "hello").await["id"].as_str().unwrap().to_owned();
    let note = node.post(&format!("/api/conversations/{note}/notes"), json!({ "body": "mornings" })).await;
    let path = format!("/api/messages/{}/upstream", note["id"].as_str().unwrap());
    let refused = node.call("GET", &path, None).await;
    assert!([404, 409].contains(&refused.status), "a note goes nowhere: {}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_never_leaves() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "are you open?").await;
    let before = node.conversation(MARIA).await;
    let id = node.send(MARIA, "Shall I book it?", 5).await;
    assert_eq!(node.conversation(MARIA).await["waitingSince"], Value::Null);
    node.post(&format!("/api/messages/{id}/undo"), json!({})).await;
    node.pass(60);
    let other = node.send(SAM, "another one", 0).await;
    node.until_status(SAM, &other, "queued").await;
    assert_eq!(node.twilio.posts("Body"), ["another one"]);
    let after = node.conversation(MARIA).await;
    assert_eq!((&after["waitingSince"], &after["last"]), (&before["waitingSince"], &before["last"]));
    let again = node.call("POST", &format!("/api/messages/{other}/undo"), None).await;
    again.refused(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_keeps_its_order_with_one_message_under_way() {
    let node = Node::start().await;
    node.twilio.next([Then::Wait]);
    for body in ["one", "two", "three"] {
        node.send(MARIA, body, 1).await;
    }
    node.pass(2);
    node.twilio.until_posted(1).await;
    let sam = node.send(SAM, "meanwhile", 0).await;
    node.until_status(SAM, &sam, "queued").await;
    assert_eq!(node.twilio.posts("Body"), ["one", "meanwhile"]);
    node.twilio.release(1);
    node.twilio.until_posted(4).await;
    assert_eq!(node.twilio.posts("Body"), ["one", "meanwhile", "two", "three"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_move_the_ticks_one_way() {
    let node = Node::start().await;
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    let taken = node.twilio.taken()[0].clone();
    let callback = taken.callback.unwrap();
    let mut live = node.events(None).await;
    live.caught_up().await;
    for (word, expected) in [
        ("sending", "queued"),
        ("sent", "sent"),
        ("queued", "sent"),
        ("delivered", "delivered"),
        ("delivered", "delivered"),
        ("sent", "delivered"),
        ("undelivered", "delivered"),
        ("read", "read"),
        ("delivered", "read"),
    ] {
        node.report(&callback, &status(&taken.sid, word, None)).await;
        assert_eq!(node.message(MARIA, &id).await["status"], expected, "after {word}");
    }
    assert_eq!(node.conversation(MARIA).await["last"]["status"], "read");
    // Each step was told; late and repeated reports were not.
    node.text_in(1, SAM, "the end").await;
    let mut told = Vec::new();
    loop {
        let event = live.next().await.unwrap().data;
        match event["kind"].as_str() {
            Some("message.status") => told.push(event["kind"].clone()),
            Some("message.received") => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(told.len(), 4, "sent, delivered, the conflict, read");
    assert!(node.dead_letters().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_may_overtake_the_answer() {
    let node = Node::start().await;
    node.twilio.next([Then::Wait]);
    let id = node.send(MARIA, "quick", 0).await;
    node.twilio.until_posted(1).await;
    let taken = node.twilio.taken()[0].clone();
    node.report(&taken.callback.unwrap(), &status(&taken.sid, "sent", None)).await;
    let early = node.message(MARIA, &id).await;
    assert_eq!((&early["status"], &early["sid"]), (&json!("sent"), &json!(taken.sid)));
    node.twilio.release(1);
    let second = node.send(MARIA, "next", 0).await;
    node.until_status(MARIA, &second, "queued").await;
    assert_eq!(node.message(MARIA, &id).await["status"], "sent");
    assert_eq!(node.twilio.posted(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_and_a_permanent_one_is_not_repeated() {
    let node = Node::start().await;
    node.twilio.next([Then::Refuse(21211)]);
    let id = node.send(MARIA, "to a bad number", 0).await;
    let failed = node.until_status(MARIA, &id, "failed").await;
    assert_eq!(failed["error"], 21211);
    assert!(failed["errorText"].as_str().unwrap().contains("21211"), "{failed}");
    assert_eq!(
        (node.conversation(MARIA).await["failed"].clone(), node.counts().await["failed"].clone()),
        (json!(1), json!(1))
    );
    let refused = node.call("POST", &format!("/api/messages/{id}/retry"), None).await.refused(409, "conflict");
    assert_eq!(refused["twilio"], 21211);
    node.pass(600);
    let next = node.send(MARIA, "goes on", 0).await;
    node.until_status(MARIA, &next, "queued").await;
    assert_eq!(node.twilio.posted(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_message_is_sent_again_once_however_often_it_is_asked() {
    let node = Node::start().await;
    let old = node.send(MARIA, "See you then", 0).await;
    node.until_status(MARIA, &old, "queued").await;
    let taken = node.twilio.taken()[0].clone();
    node.report(&taken.callback.unwrap(), &status(&taken.sid, "undelivered", Some(30003))).await;
    let failed = node.message(MARIA, &old).await;
    assert_eq!((&failed["status"], &failed["error"]), (&json!("undelivered"), &json!(30003)));
    assert!(failed["errorText"].is_string() && node.counts().await["failed"] == 1);

    let path = format!("/api/messages/{old}/retry");
    let asked = futures_util::future::join_all((0..4).map(|_| node.call("POST", &path, None))).await;
    let mut made: Vec<_> = asked.iter().filter(|a| a.status == 200).collect();
    assert_eq!(made.len(), 1, "{asked:?}");
    let new = made.pop().unwrap().body.clone();
    assert!(asked.iter().filter(|a| a.status != 200).all(|a| a.body["code"] == "conflict"));
    let new_id = new["id"].as_str().unwrap();
    let sent = node.until_status(MARIA, new_id, "queued").await;
    assert_ne!(sent["sid"], json!(taken.sid));
    assert_eq!((&sent["retryOf"], &sent["body"]), (&json!(old), &json!("See you then")));
    let first = node.message(MARIA, &old).await;
    assert_eq!((&first["status"], &first["retriedBy"]), (&json!("undelivered"), &json!(new_id)));
    assert_eq!((node.counts().await["failed"].clone(), node.twilio.posted()), (json!(0), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_that_is_refused_may_be_tried_again() {
    let node = Node::start().await;
    node.twilio.next([Then::Refuse(30001), Then::Refuse(30001), Then::Accept]);
    let first = node.send(MARIA, "third time lucky", 0).await;
    node.until_status(MARIA, &first, "failed").await;
    let second = node.post(&format!("/api/messages/{first}/retry"), json!({})).await;
    let second = second["id"].as_str().unwrap().to_owned();
    node.until_status(MARIA, &second, "failed").await;
    assert_eq!(node.message(MARIA, &first).await["retriedBy"], Value::Null, "the link is given free");
    assert_eq!(node.counts().await["failed"], 1, "the mark stays until Twilio accepts");
    let third = node.post(&format!("/api/messages/{second}/retry"), json!({})).await["id"].as_str().unwrap().to_owned();
    node.until_status(MARIA, &third, "queued").await;
    assert_eq!(node.twilio.taken().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_means_later_and_once() {
    let node = Node::start().await;
    node.twilio.next([Then::Limit(7)]);
    let id = node.send(MARIA, "patience", 0).await;
    node.twilio.until_posted(1).await;
    let back = until_some("it is back in the outbox", || async {
        Some(node.message(MARIA, &id).await).filter(|m| m["status"] == "held" && node.twilio.posted() == 1)
    })
    .await;
    assert_eq!(back["due"], json!((node.core.clock().now() + switchboard::domain::time::Span::secs(7)).rfc3339()));
    node.pass(8);
    node.until_status(MARIA, &id, "queued").await;
    assert_eq!((node.twilio.posted(), node.twilio.taken().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_opted_out_is_not_texted() {
    let node = Node::start().await;
    node.text_in(1, MARIA, " stop ").await;
    let out = node.conversation(MARIA).await;
    assert!(out["optedOutAt"].is_string());
    let send = json!({ "to": MARIA, "body": "please come back" });
    let refused = node.call("POST", "/api/conversations/messages", Some(send.clone())).await.refused(409, "conflict");
    assert_eq!(refused["twilio"], 21610);
    node.text_in(2, MARIA, "START").await;
    assert_eq!(node.conversation(MARIA).await["optedOutAt"], Value::Null);
    node.post("/api/conversations/messages", send).await;
    // With Advanced Opt-Out the words are the customer's own, and Twilio says what they mean.
    let arret = crate::hooks::but(crate::hooks::text(3, MARIA, "arret"), "OptOutType", "STOP");
    node.webhook(crate::hooks::SMS, &arret).await;
    node.applied().await;
    assert!(node.conversation(MARIA).await["optedOutAt"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_and_start_need_no_answer() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "are you open?").await;
    assert!(node.conversation(MARIA).await["waitingSince"].is_string());
    node.text_in(2, MARIA, "STOP").await;
    assert_eq!(node.conversation(MARIA).await["waitingSince"], Value::Null);
    node.text_in(3, SAM, "Stop").await;
    assert_eq!(node.conversation(SAM).await["waitingSince"], Value::Null);
    // What is done stays done; a START opens it, for now they can be written to again, but Twilio answers it.
    let id = node.conversation(SAM).await["id"].as_str().unwrap().to_owned();
    node.call("PUT", &format!("/api/conversations/{id}/status"), Some(json!({ "status": "resolved" }))).await;
    node.text_in(4, SAM, "stop").await;
    assert_eq!(node.conversation(SAM).await["status"], "resolved");
    node.text_in(5, SAM, "START").await;
    let back = node.conversation(SAM).await;
    assert_eq!((&back["status"], &back["waitingSince"]), (&json!("open"), &Value::Null));
    assert_eq!((&back["unread"], &back["last"]["preview"]), (&json!(3), &json!("START")));
    assert_eq!(node.counts().await["waiting"], 0);
    // A yes answers a question of ours, unless it says that messages are wanted again.
    node.text_in(6, SAM, "Yes").await;
    let asks = node.conversation(SAM).await;
    assert!(asks["waitingSince"].is_string(), "{asks}");
    node.text_in(7, MARIA, "yes").await;
    let back = node.conversation(MARIA).await;
    assert_eq!((&back["optedOutAt"], &back["waitingSince"]), (&Value::Null, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_for_opting_out_marks_the_conversation() {
    let node = Node::start().await;
    // They texted STOP elsewhere, or while we were away: only Twilio knows.
    node.twilio.next([Then::Refuse(21610)]);
    let id = node.send(MARIA, "Friday?", 0).await;
    let failed = node.until_status(MARIA, &id, "failed").await;
    assert_eq!(failed["error"], 21610);
    let out = node.conversation(MARIA).await;
    assert!(out["optedOutAt"].is_string(), "{out}");
    let send = json!({ "to": MARIA, "body": "please come back" });
    let refused = node.call("POST", "/api/conversations/messages", Some(send)).await.refused(409, "conflict");
    assert_eq!((&refused["twilio"], node.twilio.posted()), (&json!(21610), 1));
    // A messaging service takes it first and reports the refusal.
    let id = node.send(SAM, "Saturday?", 0).await;
    node.until_status(SAM, &id, "queued").await;
    let sid = node.twilio.taken()[0].sid.clone();
    assert_eq!(node.conversation(SAM).await["optedOutAt"], Value::Null);
    node.webhook(crate::hooks::STATUS, &status(&sid, "failed", Some(21610))).await;
    node.until_status(SAM, &id, "failed").await;
    assert!(node.conversation(SAM).await["optedOutAt"].is_string());
    let retry = format!("/api/messages/{id}/retry");
    let refused = node.call("POST", &retry, None).await.refused(409, "conflict");
    assert_eq!((&refused["twilio"], node.twilio.posted()), (&json!(21610), 2));
    node.text_in(9, SAM, "START").await;
    assert_eq!(node.conversation(SAM).await["optedOutAt"], Value::Null);
    let again = node.call("POST", &retry, None).await.ok();
    node.until_status(SAM, again["id"].as_str().unwrap(), "queued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_name_cannot_be_answered() {
    let node = Node::start().await;
    let parcel = node.text_in(1, "PARCELS", "Your parcel is here").await;
    let send = json!({ "conversation": parcel["id"], "body": "thanks" });
    let refused = node.call("POST", "/api/conversations/messages", Some(send)).await.refused(400, "invalid_input");
    assert_eq!(refused["field"], "to");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_due_conversations_leave_side_by_side_and_no_tenant_waits_for_another() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    for n in 0..60 {
        node.send(&format!("+141555503{n:02}"), "a campaign", 5).await;
    }
    let one = json!({ "business": bank.to_string(), "to": SAM, "body": "one answer", "holdSeconds": 5 });
    node.post("/api/conversations/messages", one).await;
    node.twilio.next((0..16).map(|_| Then::Wait));
    node.pass(5);
    until("all places for bulk are taken", || node.twilio.most_under_way() >= 12).await;
    node.twilio.release(16);
    node.twilio.until_posted(61).await;
    let place = node.twilio.posts("Body").iter().position(|b| b == "one answer").unwrap();
    assert!(place < 30, "it came as number {place}");
    assert!(node.twilio.most_under_way() <= 16);
    until("every message has its SID", || node.twilio.taken().len() == 61).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_nothing_new_leave_and_a_start_sends_the_rest_once() {
    let node = Node::start().await;
    node.twilio.next((0..16).map(|_| Then::Wait));
    for n in 0..40 {
        node.send(&format!("+141555503{n:02}"), &format!("message {n}"), 5).await;
    }
    node.pass(5);
    until("all places for bulk are taken", || node.twilio.posted() == 12).await;
    let (core, twilio) = (node.core.clone(), node.twilio.clone());
    let stopping = tokio::spawn(async move { core.stop().await });
    until("the stop has begun", || node.core.stopping().is_cancelled()).await;
    twilio.release(16);
    stopping.await.unwrap();
    assert_eq!(twilio.posted(), 12, "nothing new leaves after the stop");
    let node = node.restart().await;
    node.twilio.until_posted(40).await;
    until("all are taken", || node.twilio.taken().len() == 40).await;
    let mut bodies = node.twilio.posts("Body");
    bodies.sort();
    bodies.dedup();
    assert_eq!((bodies.len(), node.twilio.posted()), (40, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_public_url_no_callback_is_asked_for() {
    let node = Node::with(Setup { public: None, ..Setup::default() }).await;
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    assert_eq!(node.twilio.taken()[0].callback, None);
}
