//! Every way in which Twilio can refuse a code or a check, as a table: what the caller is told, what to do, and
//! that nothing stays in the way of the next one.

use serde_json::{Value, json};

use crate::verify::{Bench, KIM, wrong};

impl Bench {
    /// The next call of this path is answered so.
    async fn answers(&self, path: &str, action: Value) {
        let matching = json!({ "product": "verify", "method": "POST", "path": path });
        self.sandbox.control("faults", json!({ "match": matching, "action": action, "times": 1 })).await;
    }

    /// How many texts came to a person.
    async fn texts(&self, to: &str) -> usize {
        self.pass(3).await;
        let phone = self.sandbox.shown(&format!("phones/{}", to.replace('+', "%2B"))).await;
        phone["messages"].as_array().unwrap().len()
    }
}

/// What a refused send is: Twilio's code, our status and word, what it is called, what to do.
const SENDS: &[(u32, u16, &str, &str, &str)] = &[
    (60200, 400, "invalid_input", "Invalid parameter", "Correct that value."),
    (60201, 400, "invalid_input", "Template translation not approved", "wait for the approval"),
    (60202, 429, "too_many_requests", "Too many checks", "Wait until it expires"),
    (60203, 429, "too_many_requests", "Too many codes sent", "let the customer use the last code"),
    (60204, 502, "upstream", "Feature not enabled", "Enable it in the Verify service"),
    (60205, 502, "upstream", "Landline", "Call with the code instead."),
    (60206, 400, "invalid_input", "Amount and payee missing", "Give amount and payee."),
    (60207, 400, "invalid_input", "Too many rate limits", "Remove one first."),
    (60212, 429, "too_many_requests", "Too many requests for this number", "Wait a moment and try again."),
    (60214, 400, "invalid_input", "Call not possible for payments", "Use SMS."),
    (60223, 400, "invalid_input", "Channel disabled", "choose another"),
    (60224, 400, "invalid_input", "Template values missing", "Give a value for each."),
    (60227, 400, "invalid_input", "Template does not support the channel", "Choose another template or channel."),
    (60228, 400, "invalid_input", "Template not found", "Choose one of the list."),
    (60229, 400, "invalid_input", "Translation not found", "Choose another language."),
    (60238, 502, "upstream", "Verification blocked by Twilio", "Ask Twilio's support"),
    (60410, 502, "upstream", "Blocked by Fraud Guard", "use another channel"),
    (60550, 400, "invalid_input", "No channel possible", "Choose a channel yourself."),
    (60602, 400, "invalid_input", "App hash only with SMS", "Choose SMS."),
    (60605, 502, "upstream", "Country not enabled for verification", "geographic permissions"),
    (20429, 429, "too_many_requests", "Too many requests", "try again in 7 s"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_a_send_has_a_sentence_a_remedy_and_no_consequence() {
    let bench = Bench::start().await;
    for (nth, (twilio, status, code, title, remedy)) in SENDS.iter().enumerate() {
        let to = format!("+141555501{nth:02}");
        let wait = (*twilio == 20429).then_some(7);
        bench.answers("/Verifications", json!({ "code": twilio, "retryAfter": wait })).await;
        let answer = bench.ask("send", json!({ "to": to })).await;
        let waits = answer.headers.get("retry-after").map(|wait| wait.to_str().unwrap().to_owned());
        assert_eq!(waits.as_deref(), (*status == 429).then_some(if *twilio == 20429 { "7" } else { "1" }), "{twilio}");
        let refused = answer.refused(*status, code);
        assert_eq!(refused["twilio"], *twilio);
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.starts_with(title) && detail.contains(&format!("({twilio})")), "{detail}");
        assert!(detail.contains(remedy), "{twilio}: {detail}");
        // It is not repeated behind anybody's back, and nobody is told that it is.
        assert!(!detail.contains("by itself"), "{twilio}: {detail}");
        let told = bench.detail(&json!({ "id": refused["about"] })).await;
        let attempt = &told["attempts"][0];
        let blocked = [60238, 60410, 60605].contains(twilio);
        let ends = if blocked { "blocked" } else { "refused" };
        assert_eq!((&attempt["error"], &attempt["progress"]), (&json!(twilio), &json!(ends)), "{told}");
        assert!(!attempt["failure"]["remedy"].as_str().unwrap().is_empty(), "{twilio}: {attempt}");
        assert_eq!(told["flow"]["cost"]["total"], Value::Null, "{twilio}: what was not sent costs nothing");
        assert_eq!(bench.texts(&to).await, 0, "{twilio}");
        // The next one goes its way.
        assert_eq!(bench.send(&to).await["status"], "pending", "{twilio}");
        assert_eq!(bench.texts(&to).await, 1, "{twilio}");
        let found = bench.get(&format!("attempts?search={twilio}")).await;
        assert!(found["items"].as_array().unwrap().iter().any(|row| row["error"] == *twilio), "{twilio}: {found}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_a_check_leaves_the_right_code_right() {
    let bench = Bench::start().await;
    for (nth, (action, status, code, twilio, remedy)) in [
        (json!({ "code": 60200 }), 400, "invalid_input", 60200, "Correct that value."),
        (json!({ "code": 60212 }), 429, "too_many_requests", 60212, "Wait a moment"),
        (json!({ "code": 60206 }), 400, "invalid_input", 60206, "Give amount and payee."),
        (json!({ "code": 20429, "retryAfter": 3 }), 429, "too_many_requests", 20429, "try again in 3 s"),
        (json!({ "status": 403, "code": 20403 }), 502, "upstream", 20403, ""),
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("+1415555014{nth}");
        bench.send(&to).await;
        let right = bench.code(&to).await;
        bench.answers("/VerificationCheck", action).await;
        let refused = bench.check(&to, &right).await.refused(status, code);
        assert_eq!(refused["twilio"], twilio);
        assert!(refused["detail"].as_str().unwrap().contains(remedy), "{refused}");
        let logged = bench.get("checks").await["items"][0].clone();
        assert_eq!((&logged["error"], &logged["status"]), (&json!(twilio), &json!("refused")), "{logged}");
        assert_eq!(bench.check(&to, &right).await.ok()["success"], true, "{twilio}");
    }
    // Checks that Twilio says are used up: the verification is closed, and says so.
    bench.send(KIM).await;
    let right = bench.code(KIM).await;
    bench.answers("/VerificationCheck", json!({ "code": 60202 })).await;
    let refused = bench.check(KIM, &wrong(&right)).await.refused(429, "too_many_requests");
    assert_eq!(bench.detail(&json!({ "id": refused["about"] })).await["flow"]["status"], "maxAttempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_break_and_servers_that_dawdle_send_once() {
    let setup = crate::node::Setup::default();
    let pace = switchboard::core::Pace { settling: switchboard::domain::time::Span::millis(300), ..setup.pace };
    let bench = Bench::with(crate::node::Setup { pace, ..setup }).await;
    for (nth, status) in [500, 502, 503].into_iter().enumerate() {
        let to = format!("+1415555014{nth}");
        bench.answers("/Verifications", json!({ "status": status })).await;
        // Nobody knows at first whether it was sent; it is looked up, and was not.
        let sent = bench.send(&to).await;
        let settled = bench.until(&sent, "it is given up", |d| d["flow"]["status"] == "refused").await;
        assert!(settled["flow"]["errorText"].as_str().unwrap().contains("was not sent"), "{status}: {settled}");
        assert_eq!(bench.texts(&to).await, 0, "{status}: it is not repeated by itself");
        assert_eq!(bench.send(&to).await["status"], "pending", "{status}");
    }
    // The dial of the console does the same, for codes alone.
    let dial = |trouble: &str, codes: bool| json!({ "trouble": trouble, "codes": codes });
    bench.node.post("/api/simulator/faults", dial("throttled", false)).await;
    assert_eq!(bench.send("+14155550148").await["status"], "pending", "that waits for a message");
    bench.node.post("/api/simulator/faults", dial("throttled", true)).await;
    let refused = bench.ask("send", json!({ "to": "+14155550147" })).await.refused(429, "too_many_requests");
    assert_eq!(refused["twilio"], 20429);
    let slow = "+14155550149";
    bench.answers("/Verifications", json!({ "delayMs": 400 })).await;
    assert_eq!(bench.send(slow).await["status"], "pending");
    assert_eq!(bench.texts(slow).await, 1);
    // A check that breaks is no check: the code is still right.
    let right = bench.code(slow).await;
    bench.answers("/VerificationCheck", json!({ "status": 503 })).await;
    let broken = bench.check(slow, &right).await;
    assert!(broken.status == 503 || broken.body["success"] == false, "{broken:?}");
    assert_eq!(bench.check(slow, &right).await.ok()["success"], true);
}
