//! Moving webhooks into a store of several lanes of which some fail: each counts once.

use serde_json::json;

use crate::hooks::{SMS, but, text};
use crate::node::{MARIA, Node, Setup, until};
use crate::valve::Valve;

/// A node with businesses in several lanes, and a text to each and one to nobody in the intake.
async fn waiting(valve: &std::sync::Arc<Valve>) -> (Node, Vec<switchboard::domain::id::Id>) {
    let node = Node::with(Setup { store: Some(valve.clone()), ..Setup::default() }).await;
    let mut businesses = Vec::new();
    for n in 0..12 {
        businesses.push(node.add_business(&format!("Tenant {n}"), &[&format!("+141555503{n:02}")], None).await.0);
    }
    valve.shut(0xff);
    // These come first, so that they are in the first batch that is tried.
    assert_eq!(node.webhook(SMS, &but(text(90, MARIA, "to nobody"), "To", "+14155550999")).await.status, 200);
    assert_eq!(node.webhook(SMS, &but(text(91, MARIA, "from nobody"), "From", "")).await.status, 200);
    for n in 0..12 {
        let form = but(text(n, MARIA, &format!("to tenant {n}")), "To", &format!("+141555503{n:02}"));
        assert_eq!(node.webhook(SMS, &form).await.status, 200);
    }
    (node, businesses)
}

async fn all_there_once(node: &Node, businesses: &[switchboard::domain::id::Id]) {
    for (n, business) in businesses.iter().enumerate() {
        let page = node.get(&format!("/api/conversations?business={business}")).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 1, "tenant {n}");
        let conversation = page["items"][0]["id"].as_str().unwrap();
        let thread = node.get(&format!("/api/conversations/{conversation}/messages")).await;
        let bodies: Vec<_> = thread["items"].as_array().unwrap().iter().map(|m| m["body"].clone()).collect();
        assert_eq!(bodies, [json!(format!("to tenant {n}"))]);
    }
    let mut reasons: Vec<_> = node.dead_letters().await.iter().map(|l| l["reason"].to_string()).collect();
    reasons.sort();
    assert_eq!(reasons, ["\"malformed\"", "\"unroutable\""], "no dead letter twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_fails_halfway_repeats_nothing_in_the_others() {
    let valve = Valve::new(8);
    let (node, businesses) = waiting(&valve).await;
    // Lane 0, which has the dead letters, works again; one behind it does not.
    valve.shut(0b1000_0000);
    let failed = valve.failed();
    until("it was tried some times", || valve.failed() > failed + 1).await;
    let troubles = node.get("/api/node").await["troubles"].to_string();
    assert!(troubles.contains("webhooks are answered and kept, but cannot be stored yet"), "{troubles}");
    valve.shut(0);
    node.applied().await;
    all_there_once(&node, &businesses).await;
    assert_eq!(node.get("/api/node").await["troubles"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_halfway_repeats_nothing() {
    let valve = Valve::new(8);
    let (node, businesses) = waiting(&valve).await;
    valve.shut(0b1000_0000);
    let failed = valve.failed();
    until("it was tried some times", || valve.failed() > failed + 1).await;
    let node = node.restart_with(|| valve.shut(0)).await;
    node.applied().await;
    all_there_once(&node, &businesses).await;
    assert_eq!(node.get("/api/node").await["catchingUp"], false);
}
