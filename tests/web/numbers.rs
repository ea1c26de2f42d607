//! Numbers and messaging services are pointed at the node and given back, at a real sandbox.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::api::node::World;
use switchboard::sandbox::{Config, Running, start};
use tempfile::TempDir;

use crate::node::{NUMBER, Node, Setup, until_some};

const URL: &str = "https://shop.example/api/webhooks/twilio-sms#rc=3&rp=all";
const STATUS: &str = "https://shop.example/api/webhooks/twilio-status#rc=3&rp=all";

/// A sandbox, and how another program changes things in it. It goes when this is dropped.
pub struct Sandbox {
    running: Running,
    account: String,
    token: String,
    http: reqwest::Client,
    _dir: TempDir,
}

impl Sandbox {
    pub async fn start() -> Sandbox {
        let dir = TempDir::new().unwrap();
        let config = Config { state_dir: dir.path().to_owned(), listen: ([127, 0, 0, 1], 0).into(), seed: 42 };
        let running = start(config).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let state = http.get(format!("{}/sandbox/state", running.base)).send().await.unwrap();
        let state: Value = state.json().await.unwrap();
        let text = |name: &str| state[name].as_str().unwrap().to_owned();
        Sandbox { running, account: text("accountSid"), token: text("authToken"), http, _dir: dir }
    }

    /// A node whose Twilio this is.
    pub async fn node(&self) -> Node {
        self.node_with(Setup::default()).await
    }

    pub async fn node_with(&self, setup: Setup) -> Node {
        let upstream = Some((self.running.base.clone(), self.account.clone(), self.token.clone()));
        Node::with(Setup { upstream, ..setup }).await
    }

    /// Where it is.
    pub fn base(&self) -> &str {
        &self.running.base
    }

    /// Its texts and statuses go to a node.
    pub async fn points_to(&self, node: &str) {
        let hooks = json!({
            "sms": format!("{node}/api/webhooks/twilio-sms"),
            "status": format!("{node}/api/webhooks/twilio-status"),
        });
        let url = format!("{}/sandbox/webhooks", self.running.base);
        assert!(self.http.post(url).json(&hooks).send().await.unwrap().status().is_success());
    }

    /// A file that it has.
    pub async fn file(&self, url: &str) -> Vec<u8> {
        let request = self.http.get(url).basic_auth(&self.account, Some(&self.token));
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        answer.bytes().await.unwrap().to_vec()
    }

    pub async fn ask(&self, method: &str, path: &str, form: &[(&str, &str)]) -> Value {
        let url = format!("{}/{}", self.running.base, path.replace("ACCOUNT", &self.account));
        let request = self.http.request(method.parse().unwrap(), url).basic_auth(&self.account, Some(&self.token));
        let request = if method == "POST" { request.form(form) } else { request };
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{method} {path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// The SID of the first number.
    async fn number_sid(&self) -> String {
        let list = self.ask("GET", "api/2010-04-01/Accounts/ACCOUNT/IncomingPhoneNumbers.json", &[]).await;
        let rows = list["incoming_phone_numbers"].as_array().unwrap();
        let row = rows.iter().find(|n| n["phone_number"] == NUMBER).unwrap();
        row["sid"].as_str().unwrap().to_owned()
    }

    async fn number(&self, form: &[(&str, &str)]) -> Value {
        let path = format!("api/2010-04-01/Accounts/ACCOUNT/IncomingPhoneNumbers/{}.json", self.number_sid().await);
        self.ask(if form.is_empty() { "GET" } else { "POST" }, &path, form).await
    }

    async fn fault(&self, fault: Value) {
        self.control("faults", fault).await;
    }

    /// Asks the control API for something.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{path}", self.running.base);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// Another program deletes something.
    pub async fn delete(&self, path: &str) {
        let request = self.http.delete(format!("{}/{path}", self.running.base));
        let answer = request.basic_auth(&self.account, Some(&self.token)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    /// What the control API shows.
    pub async fn shown(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/{path}", self.running.base);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// A customer texts in.
    pub fn text(&self, from: &str, to: &str, body: &str) -> impl Future<Output = Value> + Send + 'static {
        let url = format!("{}/sandbox/phones/{from}/send", self.running.base);
        let request = self.http.post(url).json(&json!({ "to": to, "body": body }));
        async move { request.send().await.unwrap().json().await.unwrap() }
    }

    pub async fn clear_faults(&self) {
        let url = format!("{}/sandbox/faults", self.running.base);
        assert!(self.http.delete(url).send().await.unwrap().status().is_success());
    }
}

fn at(verb: &str) -> String {
    format!("/api/numbers/{}/{verb}", NUMBER.replace('+', "%2B"))
}

fn borrow(session: &str) -> Value {
    json!({ "session": session, "seconds": 3600 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_another_program_is_pointed_here_only_after_a_yes_and_comes_back() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node().await;
    let old = [
        ("SmsUrl", "https://kim:secret@old.example/sms"),
        ("SmsMethod", "GET"),
        ("SmsFallbackUrl", "https://old.example/b"),
        ("SmsApplicationSid", "AP00000000000000000000000000000007"),
    ];
    let before = sandbox.number(&old).await;
    let asked = node.call("POST", &at("point"), None).await.refused(409, "confirmation_required");
    assert_eq!(asked["confirm"], NUMBER);
    assert!(asked["detail"].as_str().unwrap().contains("AP0000"), "{asked}");
    sandbox.number(&[("SmsApplicationSid", "")]).await;
    let asked = node.call("POST", &at("point"), None).await.refused(409, "confirmation_required");
    assert!(!asked.to_string().contains("secret"), "{asked}");
    sandbox.number(&old).await;
    let pointed = node.post(&at("point"), json!({ "confirm": NUMBER })).await;
    assert_eq!((&pointed["points"], &pointed["url"]), (&json!("here"), &json!(URL)));
    assert_eq!(pointed["previous"], "https://kim:***@old.example/sms");
    let now = sandbox.number(&[]).await;
    assert_eq!((&now["sms_url"], &now["sms_fallback_url"]), (&json!(URL), &json!(URL)));
    assert_eq!((&now["sms_method"], &now["sms_application_sid"]), (&json!("POST"), &json!("")));
    // Once more changes nothing, also after a restart.
    let node = node.restart().await;
    node.post(&at("point"), json!({})).await;
    assert_eq!(node.post(&at("unpoint"), json!({})).await["ending"], "restored");
    let after = sandbox.number(&[]).await;
    for name in ["sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method", "sms_application_sid"] {
        assert_eq!(after[name], before[name], "{name}");
    }
    assert!(node.get("/api/audit/verify").await["ok"] == true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_and_the_feed_tell_of_it_once() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node().await;
    let mut live = node.events(None).await;
    live.caught_up().await;
    node.post(&at("borrow"), borrow("a")).await;
    for _ in 0..3 {
        node.post(&at("borrow"), json!({ "session": "a", "renew": true })).await;
    }
    node.post(&at("return"), json!({ "session": "a" })).await;
    let mut kinds = Vec::new();
    for _ in 0..2 {
        kinds.push(live.next().await.unwrap().data["kind"].clone());
    }
    assert_eq!(kinds, ["number.pointed", "number.returned"], "a renewal says nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_in_a_messaging_service_is_pointed_at_the_service() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node().await;
    let service = [("FriendlyName", "Desk"), ("InboundRequestUrl", "https://old.example/in")];
    let service = sandbox.ask("POST", "messaging/v1/Services", &service).await;
    let sid = service["sid"].as_str().unwrap();
    let number = sandbox.number_sid().await;
    let pool = format!("messaging/v1/Services/{sid}/PhoneNumbers");
    sandbox.ask("POST", &pool, &[("PhoneNumberSid", &number)]).await;
    let listed = node.get("/api/numbers").await;
    let row = listed["items"].as_array().unwrap().iter().find(|n| n["number"] == NUMBER).unwrap();
    assert_eq!((&row["sid"], &row["points"]), (&json!(sid), &json!("elsewhere")));
    let loan = node.post(&at("borrow"), borrow("a")).await;
    assert_eq!((&loan["name"], &loan["before"]), (&json!("Desk"), &json!("https://old.example/in")));
    let now = sandbox.ask("GET", &format!("messaging/v1/Services/{sid}"), &[]).await;
    assert_eq!((&now["inbound_request_url"], &now["fallback_url"]), (&json!(URL), &json!(URL)));
    assert_eq!(now["status_callback"], STATUS);
    assert_eq!(sandbox.number(&[]).await["sms_url"], "", "the number's own is not touched");
    // The same by the service's own SID, for a second listener; the last one brings it back.
    node.post(&format!("/api/numbers/{sid}/borrow"), borrow("b")).await;
    assert_eq!(node.post(&at("return"), json!({ "session": "a" })).await["ending"], "stillHeld");
    let ended = node.post(&format!("/api/numbers/{sid}/return"), json!({ "session": "b" })).await;
    assert_eq!(ended["ending"], "restored");
    let after = sandbox.ask("GET", &format!("messaging/v1/Services/{sid}"), &[]).await;
    for name in ["inbound_request_url", "fallback_url", "status_callback"] {
        assert_eq!(after[name].as_str().unwrap_or_default(), service[name].as_str().unwrap_or_default(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_looked_up_and_a_refusal_leaves_nothing() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node().await;
    let lose = json!({ "match": { "method": "POST", "path": "IncomingPhoneNumbers" }, "action": { "dropAfterAccept": true }, "times": 1 });
    sandbox.fault(lose).await;
    assert_eq!(node.post(&at("borrow"), borrow("a")).await["url"], URL);
    assert_eq!(sandbox.number(&[]).await["sms_url"], URL);
    assert_eq!(node.post(&at("return"), json!({ "session": "a" })).await["ending"], "restored");
    let refuse = json!({ "match": { "method": "POST", "path": "IncomingPhoneNumbers" }, "action": { "status": 400, "code": 21402 }, "times": 1 });
    sandbox.fault(refuse).await;
    let refused = node.call("POST", &at("borrow"), Some(borrow("a"))).await.refused(502, "upstream");
    assert_eq!(refused["twilio"], 21402, "{refused}");
    node.call("POST", &at("return"), Some(json!({ "session": "a" }))).await.refused(409, "conflict");
    assert_eq!(sandbox.number(&[]).await["sms_url"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_that_nobody_renews_is_given_back_even_when_twilio_fails_at_first() {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node().await;
    sandbox.number(&[("SmsUrl", "https://old.example/sms")]).await;
    node.post(&at("borrow"), json!({ "session": "a", "seconds": 5 })).await;
    let fail = json!({ "match": { "method": "POST", "path": "IncomingPhoneNumbers" }, "action": { "status": 503 }, "times": 1 });
    sandbox.fault(fail).await;
    until_some("the number is given back", || async {
        let now = sandbox.number(&[]).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        (now["sms_url"] == "https://old.example/sms").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_public_address_a_sentence_says_what_to_do() {
    let sandbox = Sandbox::start().await;
    let live = Setup { public: None, world: World::Live, sandbox: false, ..Setup::default() };
    let node = sandbox.node_with(live).await;
    for verb in ["point", "borrow"] {
        let refused = node.call("POST", &at(verb), Some(borrow("a"))).await.refused(409, "conflict");
        assert!(refused["detail"].as_str().unwrap().contains("`server.public_url`"), "{refused}");
    }
    let listed = node.get("/api/numbers").await;
    assert_eq!(listed["items"][0]["points"], "nowhere");
}
