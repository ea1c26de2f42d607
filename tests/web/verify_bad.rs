//! Verifications on bad days: lost answers, refusals, a service that is gone, limits, wrong input.

use serde_json::{Value, json};

use crate::verify::{Bench, KIM};

fn fault(path: &str, action: Value) -> Value {
    json!({ "match": { "product": "verify", "method": "POST", "path": path }, "action": action, "times": 1 })
}

async fn texts(bench: &Bench, to: &str) -> usize {
    bench.sandbox.shown(&format!("phones/{}", to.replace('+', "%2B"))).await["messages"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_looked_up_and_nothing_goes_twice() {
    let bench = Bench::start().await;
    bench.sandbox.control("faults", fault("/Verifications", json!({ "dropAfterAccept": true }))).await;
    let sent = bench.send(KIM).await;
    let settled = bench.until(&sent, "it is settled", |d| d["flow"]["status"] == "pending").await;
    assert!(settled["flow"]["sid"].as_str().unwrap().starts_with("VE"), "{settled}");
    assert!(settled["attempts"][0]["sid"].as_str().unwrap().starts_with("VL"), "{settled}");
    let words: Vec<&Value> = settled["timeline"].as_array().unwrap().iter().map(|l| &l["what"]).collect();
    assert!(words.contains(&&json!("unknown")) && words.contains(&&json!("queued")), "{words:?}");
    let code = bench.code(KIM).await;
    assert_eq!(texts(&bench, KIM).await, 1);
    // The answer to the right code is lost, too.
    bench.sandbox.control("faults", fault("/VerificationCheck", json!({ "dropAfterAccept": true }))).await;
    let checked = bench.check(KIM, &code).await.ok();
    assert_eq!((&checked["success"], &checked["flow"]["status"]), (&json!(true), &json!("approved")), "{checked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_accepted_is_not_sent_again_by_itself() {
    let setup = crate::node::Setup::default();
    let pace = switchboard::core::Pace { settling: switchboard::domain::time::Span::millis(300), ..setup.pace };
    let bench = Bench::with(crate::node::Setup { pace, ..setup }).await;
    bench.sandbox.control("faults", fault("/Verifications", json!({ "reset": true }))).await;
    let sent = bench.send(KIM).await;
    let settled = bench.until(&sent, "it is given up", |d| d["flow"]["status"] == "refused").await;
    let why = settled["flow"]["errorText"].as_str().unwrap();
    assert!(why.contains("was not sent"), "{why}");
    bench.pass(5).await;
    assert_eq!(texts(&bench, KIM).await, 0);
    assert_eq!(settled["flow"]["cost"]["total"], Value::Null, "what never left costs nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_say_what_to_do_and_leave_a_trace() {
    let bench = Bench::start().await;
    let cases = [
        (json!({ "status": 429, "code": 20429, "retryAfter": 7 }), 429, "too_many_requests", json!(20429)),
        (json!({ "status": 403, "code": 60605 }), 502, "upstream", json!(60605)),
        (json!({ "status": 400, "code": 60238 }), 400, "invalid_input", json!(60238)),
    ];
    for (nth, (action, status, code, twilio)) in cases.into_iter().enumerate() {
        bench.sandbox.control("faults", fault("/Verifications", action)).await;
        let to = format!("+1415555017{nth}");
        let refused = bench.ask("send", json!({ "to": to })).await.refused(status, code);
        assert_eq!(refused["twilio"], twilio);
        let flow = bench.detail(&json!({ "id": refused["about"] })).await;
        assert_eq!(flow["attempts"][0]["error"], twilio, "{flow}");
    }
    for (body, field) in [
        (json!({ "to": "call me" }), "to"),
        (json!({ "to": "" }), "to"),
        (json!({ "to": "+1415" }), "to"),
        (json!({ "to": "kim@example.com", "channel": "sms" }), "channel"),
        (json!({ "to": KIM, "channel": "email" }), "to"),
        (json!({ "to": KIM, "friendlyName": "call 123456 now" }), "friendlyName"),
        (json!({ "to": KIM, "friendlyName": "see http://x" }), "friendlyName"),
        (json!({ "to": KIM, "customCode": "12" }), "customCode"),
    ] {
        let refused = bench.ask("send", body.clone()).await.refused(400, "invalid_input");
        assert_eq!(refused["field"], field, "{body}");
    }
    bench.get("service").await;
    bench.send(KIM).await;
    for code in ["12345", "1234567", "", "12a456"] {
        let refused = bench.check(KIM, code).await.refused(400, "invalid_input");
        assert_eq!(refused["field"], "code", "{code}");
    }
    assert_eq!(bench.get("checks").await["items"], json!([]), "no check was spent");
    bench.check("+14155550199", "123456").await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_deleted_behind_our_back_is_said_to_be_gone() {
    let bench = Bench::start().await;
    bench.get("service").await;
    let sent = bench.send(KIM).await;
    bench.sandbox.delete(&format!("verify/v2/Services/{}", bench.service)).await;
    let refused = bench.ask("send", json!({ "to": "+14155550143" })).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("deleted at Twilio"), "{refused}");
    bench.node.call("GET", &bench.at("service"), None).await.refused(409, "conflict");
    assert_eq!(bench.check(KIM, "123456").await.refused(404, "not_found")["about"], sent["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_without_a_service_gets_one_after_a_yes() {
    let bench = Bench::start().await;
    let business = format!("/api/businesses/{}", bench.node.business);
    let at = format!("{business}/verify/send");
    let send =
        |to: &str, confirm: Option<&str>| bench.node.call("POST", &at, Some(json!({ "to": to, "confirm": confirm })));
    let asked = send(KIM, None).await.refused(409, "confirmation_required");
    assert!(asked["detail"].as_str().unwrap().contains("has no Verify service"), "{asked}");
    assert_eq!(asked["confirm"], "service");
    send(KIM, Some("live")).await.refused(409, "confirmation_required");
    assert_eq!(bench.node.get(&business).await["verifyServiceId"], "", "nothing was made without a yes");

    let sent = send(KIM, Some("service")).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    let made = bench.node.get(&business).await["verifyServiceId"].clone();
    assert_eq!(sent.body["service"], made);
    // The next one is asked nothing, and goes by the same.
    let next = send("+14155550143", None).await;
    assert_eq!((next.status, &next.body["service"]), (200, &made), "{next:?}");

    // A key of a business sends codes, and makes nothing at Twilio.
    let other = bench.node.post("/api/businesses", json!({ "name": "Bare" })).await["id"].clone();
    let key = json!({ "label": "shop", "kind": "secret", "business": other });
    let (_, key) = bench.node.token(key).await;
    let at = format!("/api/businesses/{}/verify/send", other.as_str().unwrap());
    let told = bench.node.call_as(&key, "POST", &at, Some(json!({ "to": KIM }))).await.refused(409, "conflict");
    assert!(told["detail"].as_str().unwrap().contains("has no Verify service"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_sends_exactly_as_many_as_it_may_a_minute() {
    let bench = Bench::start().await;
    let at = format!("/api/businesses/{}", bench.bank);
    bench.node.put(&at, json!({ "verifyPerMinute": 2 })).await;
    let sends = (0..6).map(|n| bench.ask("send", json!({ "to": format!("+1415555015{n}") })));
    let answers = futures_util::future::join_all(sends).await;
    let passed = answers.iter().filter(|a| a.status == 200).count();
    assert_eq!(passed, 2, "{answers:?}");
    let refused = answers.into_iter().find(|a| a.status == 429).unwrap();
    assert_eq!(refused.headers["retry-after"], "60");
    refused.refused(429, "too_many_requests");
    bench.pass(59).await;
    bench.ask("send", json!({ "to": KIM })).await.refused(429, "too_many_requests");
    bench.pass(1).await;
    bench.send(KIM).await;
    bench.node.put(&at, json!({ "verifyPerMinute": 0 })).await;
    for n in 0..4 {
        bench.send(&format!("+1415555016{n}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_sends_once() {
    let bench = Bench::start().await;
    let send = async |key: &str, body: Value| {
        let request = bench.node.request("POST", &bench.at("send")).bearer_auth(bench.node.core.session_token());
        crate::node::answer(request.header("idempotency-key", key).json(&body)).await
    };
    let first = send("a", json!({ "to": KIM })).await.ok();
    let again = send("a", json!({ "to": KIM })).await.ok();
    assert_eq!((&first["id"], &first["sends"]), (&again["id"], &again["sends"]));
    send("a", json!({ "to": "+14155550143" })).await.refused(422, "key_reused");
    bench.pass(3).await;
    assert_eq!(texts(&bench, KIM).await, 1);
    // A refusal is the same answer again, and nothing is asked of Twilio.
    let blocked = send("b", json!({ "to": "+88213000001" })).await.refused(502, "upstream");
    let again = send("b", json!({ "to": "+88213000001" })).await.refused(502, "upstream");
    assert_eq!((&blocked["twilio"], &blocked["about"]), (&again["twilio"], &again["about"]));
    assert_eq!(bench.get("attempts?status=blocked").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_landline_is_known_after_one_paid_question() {
    let bench = Bench::start().await;
    let line = "+14155550001";
    let asked = bench.ask("lookup", json!({ "number": line })).await.refused(409, "confirmation_required");
    assert_eq!(asked["confirm"], "$0.0080");
    let known = bench.ask("lookup", json!({ "number": line, "confirm": "$0.0080" })).await.ok();
    assert_eq!((&known["lineType"], &known["isCached"]), (&json!("landline"), &json!(false)));
    let again = bench.ask("lookup", json!({ "number": "(415) 555-0001" })).await.ok();
    assert_eq!((&again["lineType"], &again["isCached"]), (&json!("landline"), &json!(true)));
    let shown = bench.ask("preview", json!({ "to": line })).await.ok();
    assert!(shown["warnings"][0].as_str().unwrap().contains("is a landline"), "{shown}");
    let refused = bench.ask("send", json!({ "to": line })).await.refused(409, "confirmation_required");
    assert_eq!(refused["confirm"], "landline");
    bench.ask("send", json!({ "to": line, "channel": "call" })).await.ok();
    bench.ask("send", json!({ "to": line, "confirm": "landline" })).await.ok();
    bench.pass(31 * 86_400).await;
    bench.ask("lookup", json!({ "number": line })).await.refused(409, "confirmation_required");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_stand_in_a_web_page_sends_and_checks_and_no_more() {
    let bench = Bench::start().await;
    let fields = json!({ "label": "page", "kind": "publishable", "business": bench.bank });
    let page = bench.node.token(fields).await.1;
    let send = bench.node.call_as(&page, "POST", &bench.at("send"), Some(json!({ "to": KIM }))).await.ok();
    assert_eq!(send["cost"], Value::Null, "a visitor sees no money");
    let flow = send["id"].as_str().unwrap();
    for (method, path) in [
        ("POST", format!("flows/{flow}/approve")),
        ("POST", format!("flows/{flow}/cancel")),
        ("GET", format!("flows/{flow}")),
        ("GET", "attempts".into()),
        ("GET", "templates".into()),
    ] {
        let body = (method == "POST").then(|| json!({}));
        bench.node.call_as(&page, method, &bench.at(&path), body).await.refused(403, "forbidden");
    }
    let code = bench.code(KIM).await;
    let right = json!({ "to": KIM, "code": code });
    assert_eq!(bench.node.call_as(&page, "POST", &bench.at("check"), Some(right)).await.ok()["success"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_tells_of_verifications_and_of_no_code() {
    let bench = Bench::start().await;
    let mut reader = bench.node.events_as(bench.node.core.session_token(), None).await;
    reader.caught_up().await;
    let sent = bench.send(KIM).await;
    let code = bench.code(KIM).await;
    bench.check(KIM, &code).await.ok();
    let (mut kinds, mut said) = (Vec::new(), String::new());
    while !kinds.iter().any(|kind| kind == "verification.checked") {
        let frame = reader.next().await.expect("the stream goes on");
        said.push_str(&frame.data.to_string());
        if frame.data["verification"]["id"] == sent["id"] {
            kinds.push(frame.data["kind"].as_str().unwrap().to_owned());
        }
    }
    assert!(kinds.starts_with(&["verification.started".to_owned(), "verification.accepted".to_owned()]), "{kinds:?}");
    assert!(!said.contains(&code));
    let report = bench.node.get("/api/audit/verify").await;
    assert_eq!(report["ok"], true, "{report}");
}
