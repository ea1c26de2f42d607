//! Receiving: what is taken, what is refused, and what is kept of it.

use std::time::Duration;

use serde_json::json;
use switchboard::twilio::signature::sha256_hex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::hooks::{SMS, STATUS, but, encode, sid, signature, status, text};
use crate::node::{AUTH, MARIA, NUMBER, Node, OLD_AUTH, PUBLIC, SAM, Setup, answer, until};
use crate::twilio::ACCOUNT;
use crate::valve::Valve;

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_text_reaches_list_thread_and_stream() {
    let node = Node::start().await;
    let before = node.get("/api/conversations?tab=unassigned").await;
    assert_eq!(before["counts"]["unassigned"], 0);
    let as_of = before["asOf"].as_str().unwrap().to_owned();
    let mut live = node.events(None).await;
    live.caught_up().await;
    let answer = node.webhook(SMS, &text(1, MARIA, "Hi, can I move my cleaning to Friday?")).await;
    assert_eq!((answer.status, &answer.headers["content-type"]), (200, &"text/xml; charset=utf-8".parse().unwrap()));
    assert!(answer.body.as_str().unwrap().ends_with("<Response/>"), "{:?}", answer.body);

    let event = live.event("message.received").await;
    assert_eq!(event["message"]["body"], "Hi, can I move my cleaning to Friday?");
    assert_eq!((&event["conversation"]["unread"], &event["counts"]["unassigned"]), (&json!(1), &json!(1)));
    let row = node.conversation(MARIA).await;
    assert_eq!((&row["unread"], &row["status"], &row["ours"]), (&json!(1), &json!("open"), &json!(NUMBER)));
    assert_eq!(row["last"]["preview"], "Hi, can I move my cleaning to Friday?");
    let thread = node.thread(MARIA).await;
    assert_eq!((thread.len(), &thread[0]["direction"], &thread[0]["arrival"]), (1, &json!("in"), &json!(1)));
    assert_eq!((&thread[0]["from"], &thread[0]["to"]), (&json!(MARIA), &json!(NUMBER)));

    // The list was older than the text: following from its `asOf` brings exactly that.
    let missed = node.events(Some(&as_of)).await.caught_up().await;
    assert_eq!(missed.len(), 1);
    assert_eq!((&missed[0].data["kind"], &missed[0].data["cursor"]), (&json!("message.received"), &event["cursor"]));
    assert_eq!(missed[0].id, event["cursor"].as_str().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_keep_their_order_and_repeats_change_nothing() {
    let node = Node::start().await;
    for n in [1, 2, 2, 3, 1, 3] {
        assert_eq!(node.webhook(SMS, &text(n, MARIA, &format!("text {n}"))).await.status, 200);
    }
    let four = text(4, MARIA, "text 4");
    let repeats = (0..8).map(|_| node.webhook(SMS, &four));
    for answer in futures_util::future::join_all(repeats).await {
        assert_eq!(answer.status, 200);
    }
    node.applied().await;
    let bodies: Vec<_> = node.thread(MARIA).await.into_iter().map(|m| m["body"].clone()).collect();
    assert_eq!(bodies, ["text 4", "text 3", "text 2", "text 1"]);
    assert_eq!(node.conversation(MARIA).await["unread"], 4);
    let page = node.get("/api/conversations").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_webhooks_are_refused_and_kept_with_the_reason() {
    let node = Node::start().await;
    let form = text(1, MARIA, "let me in");
    let plain = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
    let missing = answer(plain.body(encode(&form))).await;
    assert_eq!(missing.status, 403);
    // Whoever forges with curl rarely names an account, and never a signature.
    let curl = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(answer(curl.body("From=%2B14155550123&To=%2B14155550100&Body=hi")).await.status, 403);
    let wrong = signature("another token", &format!("{PUBLIC}{SMS}"), &form);
    assert_eq!(node.webhook_with(SMS, &form, &wrong).await.status, 403);
    assert_eq!(node.webhook_with(SMS, &form, "no base64").await.status, 403);
    let stranger = but(form.clone(), "AccountSid", "AC000000000000000000000000000000ff");
    assert_eq!(node.webhook(SMS, &stranger).await.status, 403);
    let right = signature(AUTH, &format!("{PUBLIC}{SMS}"), &form);
    assert_eq!(node.webhook_with(STATUS, &form, &right).await.status, 403, "a signature is good for its own URL only");

    let letters = node.dead_letters().await;
    let reasons: Vec<_> = letters.iter().rev().map(|l| l["reason"].as_str().unwrap()).collect();
    assert_eq!(
        reasons,
        ["missingSignature", "missingSignature", "badSignature", "badSignature", "unknownAccount", "badSignature"]
    );
    assert!(letters.iter().all(|l| !l["detail"].as_str().unwrap().contains(&right)), "no signature to copy");
    assert!(letters[5]["body"].as_str().unwrap().contains("let+me+in") && letters[5]["path"] == SMS);
    assert!(letters[2]["detail"].as_str().unwrap().contains(&format!("{PUBLIC}{SMS}")), "{}", letters[2]);
    let told = missing.body.as_str().unwrap();
    assert!(!told.contains(PUBLIC) && !told.contains(&right), "the evidence is not for the sender: {told}");
    assert_eq!(node.get("/api/conversations").await["items"], json!([]));
    node.webhook(SMS, &form).await;
    node.applied().await;
    assert_eq!(node.thread(MARIA).await.len(), 1, "the right one still passes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_forgeries_is_refused_but_not_kept_whole() {
    let node = Node::start().await;
    let form = text(1, MARIA, "again");
    let sent = (0..60).map(|_| node.webhook_with(SMS, &form, "forged"));
    assert!(futures_util::future::join_all(sent).await.iter().all(|a| a.status == 403));
    let kept = node.dead_letters().await.len();
    assert!((1..60).contains(&kept), "{kept} of 60 were kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_may_come_by_get() {
    let node = Node::start().await;
    let path = format!("{SMS}?{}", encode(&text(1, MARIA, "It's me + you")));
    let signed = signature(AUTH, &format!("{PUBLIC}{path}"), &[]);
    let taken = answer(node.request("GET", &path).header("x-twilio-signature", &signed)).await;
    assert_eq!(taken.status, 200);
    node.applied().await;
    assert_eq!(node.thread(MARIA).await[0]["body"], "It's me + you");
    let altered = path.replace("you", "them");
    assert_eq!(answer(node.request("GET", &altered).header("x-twilio-signature", &signed)).await.status, 403);
    assert_eq!(answer(node.request("DELETE", SMS)).await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_a_pool_is_found_by_its_messaging_service() {
    let node = Node::start().await;
    let service = "MG000000000000000000000000000000aa";
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], Some(service)).await;
    let pooled = but(but(text(1, MARIA, "which pool?"), "To", "+14155550299"), "MessagingServiceSid", service);
    assert_eq!(node.webhook(SMS, &pooled).await.status, 200);
    let nowhere = but(text(2, MARIA, "to nobody"), "To", "+14155550298");
    assert_eq!(node.webhook(SMS, &nowhere).await.status, 200, "Twilio cannot help it");
    node.applied().await;
    let page = node.get(&format!("/api/conversations?business={bank}")).await;
    assert_eq!((&page["items"][0]["customer"], &page["items"][0]["ours"]), (&json!(MARIA), &json!("+14155550299")));
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let letters = node.dead_letters().await;
    assert_eq!((letters.len(), &letters[0]["reason"]), (1, &json!("unroutable")));
    assert!(letters[0]["body"].as_str().unwrap().contains("to+nobody"));
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_to_a_deleted_business_are_not_lost_in_it() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    node.call("DELETE", &format!("/api/businesses/{bank}?confirm=Northwind%20Bank"), None).await.ok();
    node.webhook(SMS, &but(text(1, MARIA, "anybody there?"), "To", "+14155550200")).await;
    node.applied().await;
    let letters = node.dead_letters().await;
    assert_eq!((letters.len(), &letters[0]["reason"]), (1, &json!("unroutable")));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_listed_proxy_is_believed() {
    let form = text(1, MARIA, "through the tunnel");
    let signed = signature(AUTH, &format!("https://tunnel.example{SMS}"), &form);
    for (trusted, expected) in [("127.0.0.0/8", 200), ("10.0.0.0/8", 403)] {
        let node =
            Node::with(Setup { public: None, trusted: vec![trusted.parse().unwrap()], ..Setup::default() }).await;
        let forwarded = |host: &str| {
            let request = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
            let request = request.header("x-forwarded-proto", "https").header("x-forwarded-host", host);
            request.header("x-twilio-signature", &signed).body(encode(&form))
        };
        assert_eq!(answer(forwarded("tunnel.example")).await.status, expected, "{trusted}");
        assert_eq!(answer(forwarded("other.example")).await.status, 403);
    }
    // Many proxies only say the scheme and leave `Host` as it came.
    let trusted = vec!["127.0.0.1/32".parse().unwrap()];
    let node = Node::with(Setup { public: None, trusted, ..Setup::default() }).await;
    let request = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
    let request = request.header("host", "tunnel.example").header("x-forwarded-proto", "https");
    assert_eq!(answer(request.header("x-twilio-signature", &signed).body(encode(&form))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_tokens_hold_during_a_rotation() {
    let node = Node::start().await;
    for (n, token) in [(1, AUTH), (2, OLD_AUTH)] {
        let form = text(n, MARIA, "signed");
        let signed = signature(token, &format!("{PUBLIC}{SMS}"), &form);
        assert_eq!(node.webhook_with(SMS, &form, &signed).await.status, 200);
    }
    let explicit = text(3, MARIA, "with the port");
    let signed = signature(AUTH, &format!("{PUBLIC}:443{SMS}"), &explicit);
    assert_eq!(node.webhook_with(SMS, &explicit, &signed).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_json_body_is_held_to_its_hash() {
    let node = Node::start().await;
    let body = json!({ "AccountSid": ACCOUNT, "event": "something new" }).to_string();
    let path = format!("{SMS}?bodySHA256={}", sha256_hex(body.as_bytes()));
    let signed = signature(AUTH, &format!("{PUBLIC}{path}"), &[]);
    let post = |body: String| {
        let request = node.request("POST", &path).header("content-type", "application/json");
        request.header("x-twilio-signature", &signed).body(body)
    };
    assert_eq!(answer(post(body.clone())).await.status, 200, "it is Twilio's, whatever it means");
    assert_eq!(answer(post(body.replace("new", "old"))).await.status, 403);
    node.applied().await;
    let letters = node.dead_letters().await;
    let reasons: Vec<_> = letters.iter().map(|l| l["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons.len(), 2);
    assert!(reasons.contains(&"malformed") && reasons.contains(&"badSignature"), "{reasons:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_and_too_slow_bodies_are_refused() {
    let node = Node::with(Setup { body_time: Duration::from_millis(300), ..Setup::default() }).await;
    let large = text(1, MARIA, &"x".repeat(70 << 10));
    node.webhook(SMS, &large).await.refused(413, "too_large");
    let mut slow = tokio::net::TcpStream::connect(node.base.trim_start_matches("http://")).await.unwrap();
    let head = format!("POST {SMS} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nFrom=");
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut told = [0; 64];
    let n = slow.read(&mut told).await.unwrap();
    let told = String::from_utf8_lossy(&told[..n]);
    assert!(told.starts_with("HTTP/1.1 400"), "{told}");
    assert_eq!(node.dead_letters().await.len(), 0, "what did not arrive is no evidence");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_becomes_a_dead_letter() {
    let node = Node::start().await;
    for form in [
        but(text(1, MARIA, "no sender"), "From", ""),
        but(text(2, MARIA, "bad sid"), "MessageSid", "SMxyz"),
        status(&sid(7), "teleported", None),
        vec![("AccountSid".to_owned(), ACCOUNT.to_owned())],
    ] {
        assert_eq!(node.webhook(SMS, &form).await.status, 200);
    }
    node.applied().await;
    let letters = node.dead_letters().await;
    assert_eq!(letters.len(), 4);
    assert!(letters.iter().all(|l| l["reason"] == "malformed"), "{letters:?}");
    assert!(letters.iter().any(|l| l["detail"].as_str().unwrap().contains("teleported")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_backlog_is_shed_and_what_was_taken_is_not_lost() {
    let valve = Valve::new(1);
    let node = Node::with(Setup { backlog: 3, store: Some(valve.clone()), ..Setup::default() }).await;
    valve.shut(1);
    for n in 1..=3 {
        assert_eq!(node.webhook(SMS, &text(n, MARIA, &format!("text {n}"))).await.status, 200);
    }
    let shed = node.webhook(SMS, &text(4, MARIA, "text 4")).await;
    assert_eq!(shed.status, 503);
    assert!(shed.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 0);
    let refused = node.call("PUT", "/api/agents/kim", Some(json!({ "name": "Kim" }))).await.refused(503, "unavailable");
    assert!(refused["retryAfter"].as_u64().is_some());
    until("applying was tried", || valve.failed() > 2).await;
    assert_eq!(node.get("/api/node").await["backlog"], 3);
    valve.shut(0);
    node.applied().await;
    assert_eq!(node.webhook(SMS, &text(4, MARIA, "text 4")).await.status, 200);
    node.applied().await;
    assert_eq!(node.thread(MARIA).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_goes_on_where_it_was() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "before").await;
    let as_of = node.get("/api/conversations").await["asOf"].as_str().unwrap().to_owned();
    let node = node.restart().await;
    node.text_in(1, MARIA, "before").await;
    node.text_in(2, SAM, "after").await;
    assert_eq!(node.thread(MARIA).await.len(), 1, "the repeat is known");
    let missed = node.events(Some(&as_of)).await.caught_up().await;
    let bodies: Vec<_> = missed.iter().map(|f| f.data["message"]["body"].clone()).collect();
    assert_eq!(bodies, ["after"], "a cursor outlives a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_a_ring_and_a_reader_far_behind_begins_anew() {
    const RING: usize = 10_000;
    let node = Node::with(Setup { backlog: 20_000, ..Setup::default() }).await;
    let before = node.core.cursor().encode();
    let bury = |from: u64, to: u64| {
        let taken = (from..to).map(|n| {
            let body = encode(&but(text(n, MARIA, &format!("letter {n}")), "To", "+14155550999")).into_bytes();
            node.core.take(switchboard::core::receive::Path::Sms, String::new(), body)
        });
        futures_util::future::join_all(taken)
    };
    assert!(bury(0, 10_020).await.into_iter().all(|t| t.is_ok()));
    node.applied().await;
    node.webhook_with(SMS, &text(1, MARIA, "forged"), "forged").await;
    let (mut bodies, mut after) = (Vec::new(), String::new());
    loop {
        let page = node.get(&format!("/api/dead-letters?limit=200{after}")).await;
        bodies.extend(page["items"].as_array().unwrap().iter().map(|l| l["body"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(bodies.len(), RING);
    assert!(bodies[0].contains("forged") && bodies[1].contains("letter+10019"));
    assert!(bodies[RING - 1].contains("letter+21"), "{}", bodies[RING - 1]);
    // Ten thousand events are not streamed: what is shown is fetched again.
    let mut late = node.events(Some(&before)).await;
    let reset = late.next().await.unwrap();
    assert_eq!((reset.name.as_str(), reset.id), ("reset", node.core.cursor().encode()));
    assert_eq!(late.next().await.unwrap().name, "caughtUp");
    node.webhook(SMS, &text(2, SAM, "live again")).await;
    assert_eq!(late.event("message.received").await["message"]["body"], "live again");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_sees_every_webhook_with_its_answer() {
    let node = Node::start().await;
    let mut live = node.stream(node.core.session_token(), "/api/events?webhooks=true").await;
    live.caught_up().await;
    let mut quiet = node.events(None).await;
    quiet.caught_up().await;
    node.webhook(SMS, &text(1, MARIA, "hello")).await;
    node.webhook(SMS, &text(2, MARIA, " stop ")).await;
    node.webhook(STATUS, &status(&sid(7), "delivered", None)).await;
    let forged = node.request("POST", SMS).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(answer(forged.body(encode(&text(3, SAM, "x")))).await.status, 403);
    let mut seen = Vec::new();
    while seen.len() < 4 {
        let frame = live.next().await.unwrap();
        if frame.name == "webhook" {
            seen.push(
                [&frame.data["kind"], &frame.data["status"], &frame.data["reason"], &frame.data["from"]]
                    .map(Clone::clone),
            );
        }
    }
    let none = json!(null);
    let expected = [
        [json!("sms"), json!(200), none.clone(), json!(MARIA)],
        [json!("optOut"), json!(200), none.clone(), json!(MARIA)],
        [json!("status.delivered"), json!(200), none, json!(NUMBER)],
        [json!("sms"), json!(403), json!("missingSignature"), json!(SAM)],
    ];
    assert_eq!(seen, expected);
    let dead = quiet.event("webhook.deadLetter").await;
    assert!(dead["message"].is_null());
    let (_, text) =
        node.token(json!({ "label": "shop", "kind": "secret", "business": node.business.to_string() })).await;
    node.call_as(&text, "GET", "/api/events?webhooks=true", None).await.refused(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_are_remembered_with_their_answers() {
    let node = Node::start().await;
    node.webhook(SMS, &text(1, MARIA, "hello")).await;
    let long = text(2, MARIA, &"x".repeat(3000));
    assert_eq!(answer(node.request("POST", SMS).form(&long)).await.status, 403);
    let log = node.get("/api/webhooks").await;
    assert_eq!((&log["answered"], &log["refused"]), (&json!(2), &json!(1)));
    let [refused, taken] = &log["items"].as_array().unwrap()[..] else { panic!("{log}") };
    assert_eq!(
        (&refused["number"], &refused["status"], &refused["reason"]),
        (&json!(2), &json!(403), &json!("missingSignature"))
    );
    assert_eq!((&taken["number"], &taken["status"], &taken["kind"]), (&json!(1), &json!(200), &json!("sms")));
    assert_eq!((&taken["from"], &taken["to"]), (&json!(MARIA), &json!(NUMBER)));
    assert!(taken["form"].as_str().unwrap().contains("Body=hello"), "{taken}");
    assert_eq!(refused["form"].as_str().unwrap().len(), 2000);
    for n in 0..205 {
        node.webhook(SMS, &text(100 + n, SAM, "more")).await;
    }
    let log = node.get("/api/webhooks?limit=200").await;
    let numbers: Vec<_> = log["items"].as_array().unwrap().iter().map(|w| w["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (8..=207).rev().collect::<Vec<_>>());
}
