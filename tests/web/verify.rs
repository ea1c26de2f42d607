//! Codes sent and checked over the REST API, at a real sandbox.

use serde_json::{Value, json};

use crate::node::{Answer, Node, Setup, until_some};
use crate::numbers::Sandbox;

pub const KIM: &str = "+14155550142";

/// A node, its sandbox, and a bank with a Verify service. The clock stands still but where a test moves it.
pub struct Bench {
    pub sandbox: Sandbox,
    pub node: Node,
    pub bank: String,
    pub service: String,
}

impl Bench {
    pub async fn start() -> Bench {
        Bench::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Bench {
        let sandbox = Sandbox::start().await;
        let node = sandbox.node_with(setup).await;
        node.post("/api/simulator/clock", json!({ "paused": true })).await;
        let made = [("FriendlyName", "Northwind Bank"), ("CodeLength", "6")];
        let service = sandbox.ask("POST", "verify/v2/Services", &made).await;
        let service = service["sid"].as_str().unwrap().to_owned();
        let business = json!({ "name": "Northwind Bank", "verifyServiceId": service });
        let bank = node.post("/api/businesses", business).await["id"].as_str().unwrap().to_owned();
        Bench { sandbox, node, bank, service }
    }

    pub fn at(&self, path: &str) -> String {
        format!("/api/businesses/{}/verify/{path}", self.bank)
    }

    pub async fn get(&self, path: &str) -> Value {
        self.node.get(&self.at(path)).await
    }

    pub async fn ask(&self, path: &str, body: Value) -> Answer {
        self.node.call("POST", &self.at(path), Some(body)).await
    }

    /// Sends a code.
    pub async fn send(&self, to: &str) -> Value {
        self.ask("send", json!({ "to": to })).await.ok()
    }

    /// Checks a code.
    pub async fn check(&self, to: &str, code: &str) -> Answer {
        self.ask("check", json!({ "to": to, "code": code })).await
    }

    /// Time goes on, for the sandbox and the node.
    pub async fn pass(&self, seconds: u64) {
        self.node.post("/api/simulator/clock", json!({ "advanceSeconds": seconds })).await;
    }

    /// The code on the customer's phone.
    pub async fn code(&self, to: &str) -> String {
        self.pass(3).await;
        let phone = self.node.get(&format!("/api/simulator/phones/{}", to.replace('+', "%2B"))).await;
        let text =
            phone["messages"].as_array().unwrap().last().expect("a text came")["body"].as_str().unwrap().to_owned();
        text.split(|c: char| !c.is_ascii_digit()).find(|d| d.len() == 6).expect("it has six digits").to_owned()
    }

    pub async fn detail(&self, flow: &Value) -> Value {
        self.get(&format!("flows/{}", flow["id"].as_str().unwrap())).await
    }

    /// Waits until the flow is so.
    pub async fn until(&self, flow: &Value, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        until_some(what, || async { Some(self.detail(flow).await).filter(|detail| holds(detail)) }).await
    }
}

/// Another code than this one.
pub fn wrong(code: &str) -> String {
    let first = code.as_bytes()[0] - b'0';
    format!("{}{}", (first + 1) % 10, &code[1..])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_sent_checked_and_told_from_beginning_to_end() {
    let bench = Bench::start().await;
    let sent = bench.ask("send", json!({ "to": "(415) 555-0142" })).await.ok();
    let (status, sends) = (sent["status"].clone(), sent["sends"].clone());
    assert_eq!((status, sends, &sent["to"], &sent["checks"]), (json!("pending"), json!(1), &json!(KIM), &json!(0)));
    assert!(sent["sid"].as_str().unwrap().starts_with("VE"));
    let code = bench.code(KIM).await;
    for nth in 1..=2 {
        let checked = bench.check(KIM, &wrong(&code)).await.ok();
        assert_eq!((&checked["success"], &checked["flow"]["checks"]), (&json!(false), &json!(nth)), "{checked}");
        assert!(checked["detail"].as_str().unwrap().contains(&format!("{} checks are left", 5 - nth)));
    }
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let checked = bench.check(KIM, &spaced).await.ok();
    assert_eq!((&checked["success"], &checked["status"]), (&json!(true), &json!("approved")), "{checked}");
    assert!(checked["detail"].as_str().unwrap().contains("left out"));
    let detail = bench.until(&sent, "the price is known", |d| d["flow"]["converted"] == true).await;
    let cost = &detail["flow"]["cost"];
    assert_eq!(
        (&cost["sends"]["amount"], &cost["success"]["amount"], &cost["total"]["amount"]),
        (&json!("0.0083"), &json!("0.05"), &json!("0.0583"))
    );
    let words: Vec<&str> = detail["timeline"].as_array().unwrap().iter().map(|l| l["what"].as_str().unwrap()).collect();
    assert_eq!(words.first(), Some(&"created"), "{words:?}");
    assert_eq!(words.last(), Some(&"approved"), "{words:?}");
    assert!(["queued", "delivered", "wrongCode"].iter().all(|w| words.contains(w)), "{words:?}");
    let text = detail.to_string();
    assert!(!text.contains(&code), "the code is in an answer: {text}");
    // Twilio deletes what is finished.
    let again = bench.check(KIM, &code).await.refused(404, "not_found");
    assert_eq!(again["twilio"], 20404);
    assert!(again["detail"].as_str().unwrap().contains("already finished (approved)"), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_key_reaches_its_own_verifications_and_no_others() {
    let bench = Bench::start().await;
    let flow = bench.send(KIM).await;
    let flow = flow["id"].as_str().unwrap();
    let own = json!({ "label": "bank", "kind": "secret", "business": bench.bank });
    let other = json!({ "label": "dental", "kind": "secret", "business": bench.node.business });
    let (own, other) = (bench.node.token(own).await.1, bench.node.token(other).await.1);
    let calls: Vec<(&str, String, Option<Value>)> = vec![
        ("POST", "send".into(), Some(json!({ "to": "+14155550143" }))),
        ("POST", "check".into(), Some(json!({ "to": KIM, "code": "000000" }))),
        ("POST", "preview".into(), Some(json!({ "to": KIM }))),
        ("POST", "lookup".into(), Some(json!({ "number": KIM, "confirm": "$0.0080" }))),
        ("GET", "flows".into(), None),
        ("GET", "attempts?search=4155550".into(), None),
        ("GET", "checks".into(), None),
        ("GET", "templates".into(), None),
        ("GET", "service".into(), None),
        ("GET", format!("flows/{flow}"), None),
        ("POST", format!("flows/{flow}/resend"), Some(json!({}))),
        ("POST", format!("flows/{flow}/fallback"), Some(json!({ "channel": "call" }))),
        ("POST", format!("flows/{flow}/cancel"), Some(json!({}))),
    ];
    for (method, path, body) in calls {
        let at = bench.at(&path);
        let refused = bench.node.call_as(&other, method, &at, body.clone()).await;
        assert_eq!(refused.status, 404, "{method} {path}: {}", refused.body);
        bench.node.call_as(&own, method, &at, body.clone()).await.ok();
        // The flow of one tenant is none of another one's, whatever the path says.
        if path.starts_with("flows/") {
            let foreign = at.replace(&bench.bank, &bench.node.business.to_string());
            let service = json!({ "verifyServiceId": bench.sandbox.ask("POST", "verify/v2/Services", &[("FriendlyName", "Dental")]).await["sid"] });
            bench.node.put(&format!("/api/businesses/{}", bench.node.business), service).await;
            assert_eq!(bench.node.call_as(&other, method, &foreign, body).await.status, 404, "{foreign}");
        }
    }
    // Its service belongs to one business alone.
    let stolen = json!({ "verifyServiceId": bench.service });
    let at = format!("/api/businesses/{}", bench.node.business);
    bench.node.call("PUT", &at, Some(stolen)).await.refused(409, "conflict");
}
