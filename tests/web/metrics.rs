//! What a monitor reads.

use serde_json::json;

use crate::hooks::{SMS, text};
use crate::node::{MARIA, Node, answer};

#[tokio::test(flavor = "multi_thread")]
async fn counts_stand_in_the_metrics() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "hello").await;
    node.webhook_with(SMS, &text(2, MARIA, "forged"), "forged").await;
    let read = answer(node.request("GET", "/metrics").bearer_auth(node.core.session_token())).await;
    assert_eq!((read.status, read.headers["content-type"].to_str().unwrap()), (200, "text/plain; version=0.0.4"));
    let text = read.body.as_str().unwrap();
    for line in [
        "switchboard_webhooks_total{path=\"/api/webhooks/twilio-sms\",status=\"200\"} 1",
        "switchboard_webhooks_total{path=\"/api/webhooks/twilio-sms\",status=\"403\"} 1",
        "switchboard_intake_backlog 0",
        "switchboard_intake_appended_total 1",
        "switchboard_intake_applied_total 1",
        "# TYPE switchboard_events_total counter",
        "switchboard_outbox_under_way 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} is missing in\n{text}");
    }
    answer(node.request("GET", "/metrics")).await.refused(401, "unauthenticated");
    node.put("/api/agents/kim", json!({ "name": "Kim" })).await;
}
