//! Bursts that are rehearsed at a real sandbox: where limits bite, and that nothing of it stays.

use serde_json::{Value, json};
use switchboard::api::node::World;

use crate::node::{Node, Setup};
use crate::verify::{Bench, KIM};

impl Bench {
    async fn rehearse(&self, body: Value) -> Value {
        self.ask("rehearsal", body).await.ok()
    }

    /// At most so many codes a minute; 0 for no limit of its own.
    async fn limit(&self, a_minute: u32) {
        self.node.put(&format!("/api/businesses/{}", self.bank), json!({ "verifyPerMinute": a_minute })).await;
    }
}

/// Accepted, held here, refused by Twilio.
fn counts(rehearsal: &Value) -> [u64; 3] {
    ["accepted", "held", "refused"].map(|name| rehearsal[name].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_own_limit_bites_where_it_would_and_nothing_stays() {
    let bench = Bench::start().await;
    bench.limit(60).await;
    let (before, clock) = (bench.sandbox.shown("state").await, bench.node.get("/api/node").await["now"].clone());
    let rehearsal = bench.rehearse(json!({})).await;
    assert_eq!(counts(&rehearsal), [60, 140, 0], "{rehearsal}");
    assert_eq!(rehearsal["verdict"], "60 of 200 codes in 60 s go out: our own limit bites first, after 18.0 s");
    let bites = rehearsal["bites"].as_array().unwrap();
    assert_eq!(bites.len(), 1, "{rehearsal}");
    let bite = &bites[0];
    assert_eq!((&bite["whose"], &bite["atMs"], &bite["times"]), (&json!("ours"), &json!(18_000), &json!(140)));
    assert_eq!(bite["retryAfter"], 42, "the first of the sixty is a minute old then");
    assert!(bite["remedy"].as_str().unwrap().contains("--verify-per-minute 200"), "{bite}");
    assert_eq!(rehearsal["cost"], json!({ "amount": "0.498", "unit": "USD" }), "sixty at $0.0083");
    assert_eq!(rehearsal["items"].as_array().unwrap().len(), 60);
    assert_eq!(rehearsal["items"][0], json!({ "second": 0, "accepted": 4, "held": 0, "refused": 0 }));

    // Twice says the same, for nothing is left of it: not here, not at Twilio, not on the clock.
    assert_eq!(bench.rehearse(json!({})).await, rehearsal);
    for list in ["attempts", "flows"] {
        assert_eq!(bench.get(list).await["items"], json!([]), "{list}");
    }
    let after = bench.sandbox.shown("state").await;
    assert_eq!((&after["counts"], &after["now"]), (&before["counts"], &before["now"]));
    assert_eq!(bench.sandbox.shown("phones/%2B12025550100").await["messages"], json!([]));
    assert_eq!(bench.node.get("/api/node").await["now"], clock);
    // What is really sent counts; what was rehearsed does not.
    for n in 0..3 {
        bench.send(&format!("+1415555015{n}")).await;
    }
    bench.limit(5).await;
    let next = bench.rehearse(json!({ "sends": 10, "seconds": 1 })).await;
    assert_eq!(counts(&next), [2, 8, 0], "{next}");
    bench.send(KIM).await;
    assert_eq!(bench.node.get("/api/audit/verify").await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn twilios_limits_bite_where_they_would() {
    let bench = Bench::start().await;
    // One person: five sends are accepted, the next are 60203, and after fifty none leaves.
    let one = bench.rehearse(json!({ "recipients": 1 })).await;
    assert_eq!(counts(&one), [5, 150, 45], "{one}");
    let bites = one["bites"].as_array().unwrap();
    assert_eq!((&bites[0]["code"], &bites[0]["atMs"], &bites[0]["times"]), (&json!(60203), &json!(1500), &json!(45)));
    assert_eq!((&bites[1]["whose"], &bites[1]["atMs"]), (&json!("ours"), &json!(15_000)));
    assert!(bites.iter().all(|bite| bite["remedy"].as_str().unwrap().ends_with('.')), "{one}");
    // Real sends to the same person show that it is so.
    for n in 0..50 {
        let answer = bench.ask("send", json!({ "to": KIM })).await;
        let status = if n < 5 { 200 } else { 429 };
        assert_eq!((answer.status, &answer.body["twilio"]), (status, &if n < 5 { Value::Null } else { json!(60203) }));
    }
    let last = bench.ask("send", json!({ "to": KIM })).await.refused(429, "too_many_requests");
    assert_eq!(last["twilio"], Value::Null, "{last}");

    // A rate limit of the service: ten with one value in thirty seconds.
    let limits = format!("verify/v2/Services/{}/RateLimits", bench.service);
    let limit = bench.sandbox.ask("POST", &limits, &[("UniqueName", "ip")]).await["sid"].clone();
    let buckets = format!("{limits}/{}/Buckets", limit.as_str().unwrap());
    bench.sandbox.ask("POST", &buckets, &[("Max", "10"), ("Interval", "30")]).await;
    let with = json!({ "rateLimits": { "ip": "203.0.113.7" } });
    let limited = bench.rehearse(with.clone()).await;
    assert_eq!(counts(&limited), [20, 0, 180], "ten in each half minute: {limited}");
    let bite = &limited["bites"][0];
    assert_eq!((&bite["code"], &bite["name"], &bite["atMs"]), (&json!(20429), &json!("rate limit ip"), &json!(3000)));
    assert_eq!(bite["retryAfter"], 27, "{bite}");
    assert_eq!(limited["items"][30]["accepted"], 4, "the bucket is empty again: {limited}");
    // Both limits at once: each is told, the first that bites first.
    bench.pass(61).await;
    bench.limit(12).await;
    let both = bench.rehearse(with).await;
    let names: Vec<&str> = both["bites"].as_array().unwrap().iter().map(|b| b["name"].as_str().unwrap()).collect();
    assert_eq!((counts(&both), names), ([10, 188, 2], vec!["rate limit ip", "own limit, 12 a minute"]), "{both}");

    // A country that is switched off: nothing goes out, and nothing is billed.
    bench.limit(0).await;
    bench.sandbox.control("fraud", json!({ "countries": ["US"] })).await;
    let abroad = bench.rehearse(json!({ "sends": 20, "seconds": 1 })).await;
    assert_eq!((counts(&abroad), &abroad["bites"][0]["code"]), ([0, 0, 20], &json!(60605)));
    assert_eq!(abroad["cost"]["amount"], "0");
    // Emails have no country.
    let mails = bench.rehearse(json!({ "sends": 20, "seconds": 1, "channel": "email" })).await;
    assert_eq!(counts(&mails), [20, 0, 0], "{mails}");
    assert!(mails["verdict"].as_str().unwrap().contains("no limit bites"), "{mails}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_is_refused_where_it_makes_no_sense() {
    let bench = Bench::start().await;
    for (body, field) in [
        (json!({ "sends": 0 }), "sends"),
        (json!({ "sends": 2001 }), "sends"),
        (json!({ "seconds": 601 }), "seconds"),
        (json!({ "recipients": 0 }), "recipients"),
    ] {
        assert_eq!(bench.ask("rehearsal", body.clone()).await.refused(400, "invalid_input")["field"], field, "{body}");
    }
    let unknown = bench.rehearse(json!({ "sends": 2, "rateLimits": { "nothing": "1" } })).await;
    assert_eq!((counts(&unknown), &unknown["bites"][0]["code"]), ([0, 0, 2], &json!(60200)));
    let body = json!({ "active": false });
    bench.node.put(&format!("/api/businesses/{}", bench.bank), body).await;
    let told = bench.ask("rehearsal", json!({})).await.refused(409, "conflict");
    assert!(told["detail"].as_str().unwrap().contains("is not active"), "{told}");

    // At the real Twilio it would be the burst itself.
    let node = Node::with(Setup { world: World::Live, ..Setup::default() }).await;
    let business = json!({ "name": "Live", "verifyServiceId": "VA0123456789abcdef0123456789abcdef" });
    let id = node.post("/api/businesses", business).await["id"].clone();
    let at = format!("/api/businesses/{}/verify/rehearsal", id.as_str().unwrap());
    let told = node.call("POST", &at, Some(json!({}))).await.refused(409, "conflict");
    assert!(told["detail"].as_str().unwrap().contains("in the sandbox only"), "{told}");
}
