//! What a send brings beside recipient, channel and text: rate limits, a payment, keys to dial, an app's hash,
//! tags, and a way around Fraud Guard.

use serde_json::{Value, json};

use crate::verify::{Bench, KIM};

const LEE: &str = "+14155550143";

impl Bench {
    /// Changes a setting of the Verify service, as Twilio's API does.
    async fn set(&self, name: &str, value: &str) {
        self.sandbox.ask("POST", &format!("verify/v2/Services/{}", self.service), &[(name, value)]).await;
        self.get("service?again=true").await;
    }

    /// The newest thing on a handset.
    async fn newest(&self, address: &str) -> String {
        self.pass(15).await;
        let phone = self.node.get(&format!("/api/simulator/phones/{}", address.replace('+', "%2B"))).await;
        phone["messages"].as_array().unwrap().last().expect("something came")["body"].as_str().unwrap().to_owned()
    }

    /// The parameters of the latest start, as Twilio got them.
    async fn asked_last(&self) -> Value {
        let journal = self.sandbox.shown("requests").await;
        let all = journal["requests"].as_array().or(journal["entries"].as_array()).expect("a journal").clone();
        let start = |entry: &&Value| {
            entry["method"] == "POST" && entry["path"].as_str().is_some_and(|path| path.ends_with("/Verifications"))
        };
        all.iter().rev().find(start).expect("a start")["request"].clone()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_send_brings_along_reaches_twilio_and_is_sent_again() {
    let bench = Bench::start().await;
    let body = json!({
        "to": KIM, "appHash": "FA+9qCX9VSu", "tags": { "order": "17", "shop": "reno" }, "riskCheck": "disable",
    });
    let sent = bench.ask("send", body).await.ok();
    let asked = bench.asked_last().await;
    assert_eq!((&asked["AppHash"], &asked["RiskCheck"]), (&json!("FA+9qCX9VSu"), &json!("disable")), "{asked}");
    assert_eq!(asked["Tags"], r#"{"order":"17","shop":"reno"}"#);
    assert!(bench.newest(KIM).await.contains("FA+9qCX9VSu"), "the app finds it in the text");
    let flow = sent["id"].as_str().unwrap();
    bench.ask(&format!("flows/{flow}/resend"), json!({})).await.ok();
    assert_eq!(bench.asked_last().await["Tags"], asked["Tags"], "the same wishes");
    bench.ask(&format!("flows/{flow}/fallback"), json!({ "channel": "call" })).await.ok();
    let call = bench.asked_last().await;
    assert_eq!((&call["Channel"], &call["AppHash"], &call["Tags"]), (&json!("call"), &Value::Null, &asked["Tags"]));

    let dialled = json!({ "to": LEE, "channel": "call", "sendDigits": "1ww22#" });
    bench.ask("send", dialled).await.ok();
    assert_eq!(bench.asked_last().await["SendDigits"], "1ww22#");
    // Around Fraud Guard.
    let blocked = json!({ "to": "+88213000001" });
    assert_eq!(bench.ask("send", blocked.clone()).await.refused(502, "upstream")["twilio"], 60410);
    bench.ask("send", json!({ "to": "+88213000001", "riskCheck": "disable" })).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_confirmed_as_it_was_shown() {
    let bench = Bench::start().await;
    bench.set("Psd2Enabled", "true").await;
    let warned = bench.ask("preview", json!({ "to": KIM })).await.ok();
    assert!(warned["warnings"][0].as_str().unwrap().contains("60206"), "{warned}");
    assert_eq!(bench.ask("send", json!({ "to": KIM })).await.refused(400, "invalid_input")["twilio"], 60206);
    let payment = json!({ "to": KIM, "amount": "49.90 EUR", "payee": "Shoe Shop" });
    let shown = bench.ask("preview", payment.clone()).await.ok();
    assert_eq!((&shown["warnings"], &shown["isExact"]), (&json!([]), &json!(false)), "{shown}");
    bench.ask("send", payment).await.ok();
    let text = bench.newest(KIM).await;
    assert!(text.contains("49.90 EUR") && text.contains("Shoe Shop"), "{text}");
    let code = bench.code(KIM).await;
    let check = |amount: &str| json!({ "to": KIM, "code": code, "amount": amount, "payee": "Shoe Shop" });
    bench.check(KIM, &code).await.refused(400, "invalid_input");
    assert_eq!(bench.ask("check", check("1.00 EUR")).await.ok()["success"], false, "another payment");
    assert_eq!(bench.ask("check", check("49.90 EUR")).await.ok()["success"], true);
    let called = bench.ask("preview", json!({ "to": KIM, "channel": "call", "amount": "1", "payee": "x" })).await.ok();
    assert!(called["warnings"][0].as_str().unwrap().contains("60214"), "{called}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_and_a_code_of_ones_own_are_as_the_service_has_them() {
    let bench = Bench::start().await;
    let warned = bench.ask("preview", json!({ "to": KIM, "ownCode": true })).await.ok();
    assert!(warned["warnings"][0].as_str().unwrap().contains("60204"), "{warned}");
    let own = json!({ "to": KIM, "customCode": "481516" });
    assert_eq!(bench.ask("send", own.clone()).await.refused(502, "upstream")["twilio"], 60204);
    bench.set("CustomCodeEnabled", "true").await;
    assert_eq!(bench.ask("preview", json!({ "to": KIM, "ownCode": true })).await.ok()["warnings"], json!([]));
    bench.ask("send", own).await.ok();
    assert!(bench.newest(KIM).await.contains("481516"));

    let limits = format!("verify/v2/Services/{}/RateLimits", bench.service);
    let limit = bench.sandbox.ask("POST", &limits, &[("UniqueName", "ip")]).await["sid"].clone();
    let buckets = format!("{limits}/{}/Buckets", limit.as_str().unwrap());
    bench.sandbox.ask("POST", &buckets, &[("Max", "1"), ("Interval", "60")]).await;
    let limited = json!({ "to": LEE, "rateLimits": { "ip": "203.0.113.7" } });
    bench.ask("send", limited.clone()).await.ok();
    let refused = bench.ask("send", limited).await;
    assert_eq!(refused.headers["retry-after"], "60");
    assert_eq!(refused.refused(429, "too_many_requests")["twilio"], 20429);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_could_not_understand_is_said_at_its_field() {
    let bench = Bench::start().await;
    let eleven: serde_json::Map<String, Value> = (0..11).map(|n| (format!("t{n}"), json!("x"))).collect();
    for (body, field) in [
        (json!({ "to": KIM, "amount": "49.90" }), "payee"),
        (json!({ "to": KIM, "payee": "Shoe Shop" }), "amount"),
        (json!({ "to": KIM, "sendDigits": "1" }), "sendDigits"),
        (json!({ "to": KIM, "channel": "call", "sendDigits": "one" }), "sendDigits"),
        (json!({ "to": KIM, "channel": "call", "appHash": "FA+9qCX9VSu" }), "appHash"),
        (json!({ "to": KIM, "tags": eleven }), "tags"),
        (json!({ "to": KIM, "rateLimits": { "end user": "1" } }), "rateLimits"),
    ] {
        let refused = bench.ask("send", body.clone()).await.refused(400, "invalid_input");
        assert_eq!(refused["field"], field, "{body}");
    }
    bench.ask("send", json!({ "to": KIM, "riskCheck": "maybe" })).await.refused(400, "invalid_input");
    assert_eq!(bench.get("attempts").await["items"], json!([]), "nothing was asked of Twilio");
}
