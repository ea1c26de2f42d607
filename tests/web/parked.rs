//! Status reports that come before anybody knows their message.

use std::time::Duration;

use serde_json::json;
use switchboard::core::Pace;
use switchboard::domain::time::Span;

use crate::hooks::{STATUS, sid, status, text};
use crate::node::{MARIA, Node, Setup, until_some};
use crate::twilio::Then;

fn forgetful(parked: Span) -> Setup {
    Setup { pace: Pace { parked, offer: Duration::from_millis(50), ..Pace::default() }, ..Setup::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_for_nobody_becomes_a_dead_letter_in_time() {
    let node = Node::with(forgetful(Span::millis(400))).await;
    for word in ["sent", "delivered", "delivered"] {
        node.webhook(STATUS, &status(&sid(77), word, None)).await;
    }
    node.applied().await;
    assert!(node.dead_letters().await.is_empty(), "it may still find its message");
    let letters =
        until_some("they are given up", || async { Some(node.dead_letters().await).filter(|l| l.len() >= 2) }).await;
    assert_eq!(letters.len(), 2, "one for each status");
    assert!(letters.iter().all(|l| l["reason"] == "unknownMessage" && l["path"] == STATUS), "{letters:?}");
    assert!(letters.iter().all(|l| l["body"].as_str().unwrap().contains(&sid(77))), "with the evidence");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_our_ids_finds_its_message_by_sid() {
    let node = Node::start().await;
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    node.webhook(STATUS, &status(&node.twilio.taken()[0].sid, "delivered", None)).await;
    node.applied().await;
    assert_eq!(node.message(MARIA, &id).await["status"], "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_came_too_early_is_offered_again() {
    let node = Node::with(forgetful(Span::secs(600))).await;
    node.twilio.next([Then::Wait]);
    let id = node.send(MARIA, "hello", 0).await;
    node.twilio.until_posted(1).await;
    node.webhook(STATUS, &status(&node.twilio.taken()[0].sid, "sent", None)).await;
    node.applied().await;
    assert_eq!(node.message(MARIA, &id).await["status"], "sending");
    node.twilio.release(1);
    node.until_status(MARIA, &id, "sent").await;
    assert!(node.dead_letters().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_names_a_wrong_message_moves_nothing() {
    let node = Node::with(forgetful(Span::millis(100))).await;
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    let inbound = node.text_in(1, MARIA, "hi").await["last"]["id"].as_str().unwrap().to_owned();
    for (business, message) in [
        (node.business.to_string(), id.clone()),
        (node.business.to_string(), inbound),
        (node.business.to_string(), "99".to_owned()),
        ("99".to_owned(), id.clone()),
    ] {
        let path = format!("{STATUS}?b={business}&m={message}");
        node.webhook(&path, &status(&sid(55), "failed", Some(30003))).await;
        node.applied().await;
    }
    assert_eq!(node.message(MARIA, &id).await["status"], "queued");
    let letters = until_some("it is given up", || async { Some(node.dead_letters().await).filter(|l| !l.is_empty()) });
    let letters = letters.await;
    assert_eq!((letters.len(), &letters[0]["reason"]), (1, &json!("unknownMessage")));
    assert!(letters[0]["body"].as_str().unwrap().contains(&sid(55)), "with the evidence: {}", letters[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_on_an_incoming_text_is_kept_too() {
    let node = Node::with(forgetful(Span::millis(100))).await;
    node.text_in(1, MARIA, "hi").await;
    let form = text(1, MARIA, "hi");
    let sid = &form.iter().find(|(n, _)| n == "MessageSid").unwrap().1;
    node.webhook(STATUS, &status(sid, "delivered", None)).await;
    node.applied().await;
    let letters =
        until_some("it is kept", || async { Some(node.dead_letters().await).filter(|l| !l.is_empty()) }).await;
    assert_eq!(letters[0]["reason"], "unknownMessage");
    assert_eq!(node.thread(MARIA).await[0]["status"], "received");
}
