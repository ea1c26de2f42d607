//! What messages cost: expected at first, then what Twilio says.

use std::time::Duration;

use serde_json::json;
use switchboard::core::Pace;

use crate::hooks;
use crate::node::{MARIA, Node, Setup, until_some};

async fn priced() -> Node {
    let pace = Pace { prices: Duration::from_millis(20), ..Setup::default().pace };
    Node::with(Setup { pace, ..Setup::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_estimate_settles_on_what_twilio_charged() {
    let node = priced().await;
    node.text_in(1, MARIA, "hello").await;
    let body = "a".repeat(161);
    let id = node.send(MARIA, &body, 0).await;
    let sent = until_some("it is at Twilio", || async {
        Some(node.message(MARIA, &id).await).filter(|m| m["sid"].is_string())
    })
    .await;
    assert_eq!(sent["expectedPrice"], json!({ "amount": "0.0166", "unit": "USD" }));
    let cost = node.conversation(MARIA).await["cost"].clone();
    assert_eq!(cost, json!({ "expected": { "amount": "0.0166", "unit": "USD" }, "unpriced": 1 }));

    let sid = sent["sid"].as_str().unwrap();
    node.twilio.change(sid, |m| (m.status, m.price) = ("delivered".into(), Some("-0.01580")));
    node.webhook(hooks::STATUS, &hooks::status(sid, "delivered", None)).await;
    let priced = until_some("its price is known", || async {
        Some(node.message(MARIA, &id).await).filter(|m| m["price"].is_object())
    })
    .await;
    assert_eq!(priced["price"], json!({ "amount": "0.0158", "unit": "USD" }));
    let cost = node.conversation(MARIA).await["cost"].clone();
    assert_eq!(cost, json!({ "reported": { "amount": "0.0158", "unit": "USD" }, "unpriced": 0 }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_refused_costs_nothing_and_is_not_asked_for() {
    let node = priced().await;
    node.text_in(1, MARIA, "hello").await;
    let id = node.send(MARIA, "hello", 0).await;
    let sent = until_some("it is at Twilio", || async {
        Some(node.message(MARIA, &id).await).filter(|m| m["sid"].is_string())
    })
    .await;
    node.webhook(hooks::STATUS, &hooks::status(sent["sid"].as_str().unwrap(), "failed", Some(30007))).await;
    let failed = node.until_status(MARIA, &id, "failed").await;
    assert_eq!((&failed["failure"]["title"], &failed["failure"]["fault"]), (&json!("Filtered"), &json!("carrier")));
    assert_eq!(failed["failure"]["retry"], "never");
    assert_eq!(node.conversation(MARIA).await["cost"], json!({ "unpriced": 0 }));
    assert_eq!(node.twilio.fetched(), 0);
}
