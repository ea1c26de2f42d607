//! Durable events go after thirty days; audited ones stay, and whoever was away fetches the window again.

use crate::node::{MARIA, Node, SAM, until_some};

#[tokio::test(flavor = "multi_thread")]
async fn durable_events_go_after_thirty_days() {
    let node = Node::start().await;
    let before = node.core.cursor().encode();
    node.text_in(1, MARIA, "hello").await;
    let id = node.send(MARIA, "hi", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    let audited = node.get("/api/audit/verify").await["entries"].as_u64().unwrap();
    node.pass(29 * 86_400);
    node.text_in(2, SAM, "four weeks later").await;
    let kept = node.core.cursor().encode();
    // Nothing is thirty days old yet.
    let mut all = node.events(Some(&before)).await;
    assert_eq!(all.event("message.received").await["message"]["body"], "hello");
    assert_eq!(all.event("message.received").await["message"]["body"], "four weeks later");

    node.pass(3 * 86_400);
    until_some("the mark moved past the first days", || async {
        let first = node.events(Some(&before)).await.next().await.unwrap();
        (first.name == "reset").then_some(())
    })
    .await;
    // What is younger is there, without a gap behind the mark.
    node.text_in(3, SAM, "and again").await;
    let mut later = node.events(Some(&kept)).await;
    assert_eq!(later.event("message.received").await["message"]["body"], "and again");
    let audit = node.get("/api/audit/verify").await;
    assert_eq!((&audit["ok"], audit["entries"].as_u64()), (&serde_json::json!(true), Some(audited)), "{audit}");
    // The mark is kept.
    let node = node.restart().await;
    assert_eq!(node.events(Some(&before)).await.next().await.unwrap().name, "reset");
    assert_eq!(node.get("/api/audit/verify").await["ok"], true);
}
