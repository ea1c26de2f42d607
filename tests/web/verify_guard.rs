//! Fraud Guard as an operator sets it in the sandbox, and what becomes of codes then.

use serde_json::{Value, json};
use switchboard::api::node::World;

use crate::node::{Node, Setup};
use crate::verify::Bench;

const SATELLITE: &str = "+88213000001";
const OTHER_SATELLITE: &str = "+88216000001";

impl Bench {
    async fn guard(&self, level: &str) -> Value {
        self.node.put(&self.at("fraud-guard"), json!({ "level": level })).await
    }

    /// What Twilio says to a send; nothing when it goes out.
    async fn said(&self, to: &str) -> Value {
        self.ask("send", json!({ "to": to, "confirm": "cancel" })).await.body["twilio"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_level_decides_what_is_blocked() {
    let bench = Bench::start().await;
    assert_eq!(bench.get("service").await["fraudGuard"], "standard", "Twilio's own choice");
    for (level, satellite, other) in [
        ("off", Value::Null, Value::Null),
        ("basic", json!(60410), Value::Null),
        ("standard", json!(60410), Value::Null),
        ("max", json!(60410), json!(60410)),
    ] {
        assert_eq!(bench.guard(level).await["fraudGuard"], level);
        assert_eq!((bench.said(SATELLITE).await, bench.said(OTHER_SATELLITE).await), (satellite, other), "{level}");
    }
    assert_eq!(bench.get("service").await["fraudGuard"], "max");
    bench
        .node
        .call("PUT", &bench.at("fraud-guard"), Some(json!({ "level": "most" })))
        .await
        .refused(400, "invalid_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_blocked_costs_nothing_and_goes_on_by_email() {
    let bench = Bench::start().await;
    bench.guard("max").await;
    let refused = bench.ask("send", json!({ "to": SATELLITE })).await.refused(502, "upstream");
    assert_eq!(refused["twilio"], 60410);
    let flow = json!({ "id": refused["about"] });
    let detail = bench.detail(&flow).await;
    assert_eq!((&detail["flow"]["status"], &detail["flow"]["cost"]["total"]), (&json!("blocked"), &Value::Null));
    let line = detail["timeline"].as_array().unwrap().iter().find(|l| l["error"] == 60410).expect("it is told").clone();
    assert_eq!(line["saved"]["amount"], "0.0083", "{line}");
    assert_eq!(bench.sandbox.shown("phones/%2B88213000001").await["messages"], json!([]));

    let at = format!("flows/{}/fallback", flow["id"].as_str().unwrap());
    let mailed = bench.ask(&at, json!({ "channel": "email", "to": "kim@example.com" })).await.ok();
    assert_eq!((&mailed["id"], &mailed["status"]), (&flow["id"], &json!("pending")), "under the same flow");
    bench.pass(3).await;
    let mailbox = bench.node.get("/api/simulator/phones/kim@example.com").await;
    let body =
        mailbox["messages"].as_array().unwrap().last().expect("a mail came")["body"].as_str().unwrap().to_owned();
    let code = body.split(|c: char| !c.is_ascii_digit()).find(|d| d.len() == 6).expect("it has six digits");
    let checked = bench.ask("check", json!({ "flow": flow["id"], "code": code })).await.ok();
    assert_eq!((&checked["success"], &checked["flow"]["status"]), (&json!(true), &json!("approved")), "{checked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_real_twilio_it_is_set_in_its_console() {
    let node = Node::with(Setup { world: World::Live, ..Setup::default() }).await;
    let business = json!({ "name": "Live", "verifyServiceId": "VA0123456789abcdef0123456789abcdef" });
    let id = node.post("/api/businesses", business).await["id"].clone();
    let at = format!("/api/businesses/{}/verify/fraud-guard", id.as_str().unwrap());
    let told = node.call("PUT", &at, Some(json!({ "level": "max" }))).await.refused(409, "conflict");
    assert!(told["detail"].as_str().unwrap().contains("in Twilio's console"), "{told}");
}
