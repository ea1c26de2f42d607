//! Dead letters: explained, summed, and replayed once what was wrong is put right.

use serde_json::{Value, json};
use switchboard::twilio::signature::sha256_hex;

use crate::hooks::{SMS, STATUS, but, encode, sid, signature, status, text};
use crate::node::{AUTH, MARIA, NUMBER, Node, PUBLIC, SAM, Setup, answer, until_some};
use crate::twilio::ACCOUNT;

async fn explain(node: &Node, letter: &Value) -> Value {
    node.get(&format!("/api/dead-letters/{}/explain", letter["id"].as_str().unwrap())).await
}

fn replay(letter: &Value) -> String {
    format!("/api/dead-letters/{}/replay", letter["id"].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_debugger_names_the_header_and_a_replay_waits_for_the_fix() {
    let node = Node::with(Setup { public: None, ..Setup::default() }).await;
    let form = text(1, MARIA, "through an unknown proxy");
    let signed = signature(AUTH, &format!("https://tunnel.example{SMS}"), &form);
    let request = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("x-forwarded-proto", "https").header("x-forwarded-host", "tunnel.example");
    assert_eq!(answer(request.header("x-twilio-signature", &signed).body(encode(&form))).await.status, 403);
    let letter = node.dead_letters().await[0].clone();
    let said = explain(&node, &letter).await;
    assert_eq!((&said["reason"], &said["replayable"]), (&json!("badSignature"), &json!(false)), "{said}");
    assert!(said["found"].as_str().unwrap().contains(&format!("https://tunnel.example{SMS}")), "{said}");
    assert!(said["found"].as_str().unwrap().contains("X-Forwarded-Host"), "{said}");
    assert!(said["fix"].as_str().unwrap().contains("server.trusted_proxies"), "{said}");
    assert_eq!((&said["received"], &said["peer"]), (&json!(signed), &json!("127.0.0.1")));
    let fits: Vec<&Value> = said["trials"].as_array().unwrap().iter().filter(|t| t["fits"] == true).collect();
    assert_eq!((fits.len(), &fits[0]["used"], &fits[0]["expected"][0]), (1, &json!(false), &json!(signed)));
    assert!(fits[0]["signed"].as_str().unwrap().ends_with(&format!("To{NUMBER}ToCountryUS")), "{}", fits[0]);
    let refused = node.call("POST", &replay(&letter), None).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("refused again"), "{refused}");

    let node = node.restart_as(|setup| setup.trusted = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let said = explain(&node, &letter).await;
    assert_eq!((&said["replayable"], said["found"].as_str().unwrap().contains("allow now")), (&json!(true), true));
    for _ in 0..2 {
        assert_eq!(node.post(&replay(&letter), json!({})).await["replayed"], 1);
    }
    node.applied().await;
    assert_eq!(node.thread(MARIA).await.len(), 1, "however often it is replayed");
    assert!(node.dead_letters().await[0]["replayedAt"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_to_a_number_without_a_business_wait_and_are_replayed_in_their_order() {
    let node = Node::start().await;
    let new = "+14155550300";
    for (n, from) in [(1, MARIA), (2, SAM), (3, MARIA)] {
        node.webhook(SMS, &but(text(n, from, &format!("text {n}")), "To", new)).await;
    }
    node.webhook_with(SMS, &text(9, MARIA, "forged"), "forged").await;
    node.applied().await;
    node.pass(3600);
    let sums = node.get("/api/dead-letters/summary").await["items"].clone();
    assert_eq!(
        (&sums[0]["reason"], &sums[0]["letters"], &sums[0]["customers"]),
        (&json!("unroutable"), &json!(3), &json!(2))
    );
    assert_eq!(sums[0]["to"], json!([new]));
    let all = json!({ "reason": "unroutable" });
    let none = node.post("/api/dead-letters/replay", all.clone()).await;
    assert_eq!((&none["replayed"], &none["left"]), (&json!(0), &json!(3)));
    assert!(none["why"].as_str().unwrap().contains(new), "{none}");

    let (bank, _) = node.add_business("Northwind Bank", &[new], None).await;
    let done = node.post("/api/dead-letters/replay", all.clone()).await;
    assert_eq!((&done["replayed"], &done["left"]), (&json!(3), &json!(0)));
    assert_eq!(node.post("/api/dead-letters/replay", all).await["replayed"], 0);
    node.applied().await;
    let page = node.get(&format!("/api/conversations?business={bank}")).await;
    let maria = page["items"].as_array().unwrap().iter().find(|c| c["customer"] == MARIA).unwrap().clone();
    let thread = node.get(&format!("/api/conversations/{}/messages", maria["id"].as_str().unwrap())).await;
    let bodies: Vec<_> = thread["items"].as_array().unwrap().iter().map(|m| m["body"].clone()).collect();
    assert_eq!(bodies, ["text 3", "text 1"]);
    assert_eq!(thread["items"][0]["at"], "2026-03-02T17:00:00Z", "the time at which they wrote");
    let left = node.get("/api/dead-letters/summary").await["items"].clone();
    assert_eq!((left.as_array().unwrap().len(), &left[0]["reason"]), (1, &json!("badSignature")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgery_stays_out_however_it_is_asked_for() {
    let node = Node::start().await;
    let form = text(1, MARIA, "let me in");
    node.webhook_with(SMS, &form, "bm90IHNpZ25lZCBieSBhbnlib2R5").await;
    let plain = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
    answer(plain.body(encode(&form))).await;
    for letter in node.dead_letters().await {
        node.call("POST", &replay(&letter), None).await.refused(409, "conflict");
        let said = explain(&node, &letter).await;
        assert_eq!(said["replayable"], false, "{said}");
        assert!(said["trials"].as_array().unwrap().iter().all(|t| t["fits"] == false));
    }
    for reason in ["badSignature", "missingSignature"] {
        let done = node.post("/api/dead-letters/replay", json!({ "reason": reason })).await;
        assert_eq!((&done["replayed"], &done["left"]), (&json!(0), &json!(1)));
    }
    node.applied().await;
    assert_eq!(node.get("/api/conversations").await["items"], json!([]));
    // What would be a right signature is for admins alone.
    node.put("/api/agents/kim", json!({ "name": "Kim" })).await;
    let (_, auditor) = node.token(json!({ "label": "a", "kind": "secret", "agent": "kim", "role": "auditor" })).await;
    let letter = node.dead_letters().await[0].clone();
    let path = format!("/api/dead-letters/{}/explain", letter["id"].as_str().unwrap());
    node.call_as(&auditor, "GET", &path, None).await.refused(403, "forbidden");
    node.call("GET", "/api/dead-letters/99/explain", None).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_twilio_tries_again_is_kept_once() {
    let node = Node::start().await;
    for token in ["one", "one", "two", "one"] {
        let request = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("i-twilio-idempotency-token", token).header("x-twilio-signature", "wrong");
        assert_eq!(answer(request.body(encode(&text(1, MARIA, "hi")))).await.status, 403);
    }
    assert_eq!(node.dead_letters().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_replayed_when_its_message_is_known() {
    let pace = switchboard::core::Pace {
        parked: switchboard::domain::time::Span::millis(50),
        offer: std::time::Duration::from_millis(20),
        ..switchboard::core::Pace::default()
    };
    let node = Node::with(Setup { pace, ..Setup::default() }).await;
    let early = sid(1);
    node.webhook(STATUS, &status(&early, "delivered", None)).await;
    let letter = until_some("it is given up", || async { node.dead_letters().await.first().cloned() }).await;
    node.call("POST", &replay(&letter), None).await.refused(409, "conflict");
    // The first message that this Twilio takes has that SID.
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    node.post(&replay(&letter), json!({})).await;
    node.until_status(MARIA, &id, "delivered").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_get_and_a_changed_json_body_are_explained_too() {
    let node = Node::start().await;
    let path = format!("{SMS}?{}", encode(&text(1, MARIA, "by get")));
    let signed = signature(AUTH, &format!("http{}{path}", PUBLIC.trim_start_matches("https")), &[]);
    assert_eq!(answer(node.request("GET", &path).header("x-twilio-signature", &signed)).await.status, 403);
    let said = explain(&node, &node.dead_letters().await[0]).await;
    assert!(said["found"].as_str().unwrap().contains("server.public_url with http"), "{said}");
    assert!(said["fix"].as_str().unwrap().contains("\"http://shop.example\""), "{said}");

    let body = json!({ "AccountSid": ACCOUNT }).to_string();
    let path = format!("{SMS}?bodySHA256={}", sha256_hex(body.as_bytes()));
    let signed = signature(AUTH, &format!("{PUBLIC}{path}"), &[]);
    let request = node.request("POST", &path).header("content-type", "application/json");
    let changed = body.replace('{', "{ ");
    assert_eq!(answer(request.header("x-twilio-signature", signed).body(changed)).await.status, 403);
    let said = explain(&node, &node.dead_letters().await[0]).await;
    assert!(said["found"].as_str().unwrap().contains("what arrived has"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_number_behind_a_tls_terminating_proxy_on_another_port() {
    // Twilio knows https://shop.example:8443/hooks; the proxy there speaks HTTP to us and cuts the prefix.
    let setup = Setup { public: Some("https://shop.example:8443/hooks"), ..Setup::default() };
    let node = Node::with(setup).await;
    let service = "MG000000000000000000000000000000aa";
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], Some(service)).await;
    for (n, origin) in [(1, "https://shop.example:8443/hooks"), (2, "https://shop.example/hooks")] {
        let form = but(but(text(n, MARIA, "pooled"), "To", "+14155550299"), "MessagingServiceSid", service);
        let signed = signature(AUTH, &format!("{origin}{SMS}"), &form);
        let request = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("host", "10.0.0.7:9000").header("x-forwarded-proto", "http");
        assert_eq!(answer(request.header("x-twilio-signature", signed).body(encode(&form))).await.status, 200);
    }
    node.applied().await;
    let page = node.get(&format!("/api/conversations?business={bank}")).await;
    assert_eq!((&page["items"][0]["customer"], &page["items"][0]["unread"]), (&json!(MARIA), &json!(2)));
}
