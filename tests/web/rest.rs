//! The rules of the REST API that hold for every operation.

use futures_util::future::join_all;
use serde_json::{Value, json};
use switchboard::api::OPERATIONS;

use crate::node::{MARIA, NUMBER, Node, Setup, answer};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_apart() {
    let node = Node::start().await;
    node.call("GET", "/api/nothing", None).await.refused(404, "not_found");
    node.call("GET", "/elsewhere", None).await.refused(404, "not_found");
    node.call("DELETE", "/api/conversations", None).await.refused(405, "method_not_allowed");
    node.call("POST", "/api/events", None).await.refused(405, "method_not_allowed");
    node.call("POST", "/api/openapi.json", None).await.refused(405, "method_not_allowed");
    node.call("GET", "/api/conversations/%zz", None).await.refused(404, "not_found");
    for path in ["/healthz", "/api/webhooks/healthz"] {
        let health = answer(node.request("GET", path)).await.ok();
        assert_eq!((&health["ok"], &health["run"]), (&json!(true), &json!(node.core.run())));
        assert!(!node.core.session_token().contains(health["run"].as_str().unwrap()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_read_are_refused() {
    let node = Node::start().await;
    let post = |body: String| {
        let request = node.request("POST", "/api/businesses").bearer_auth(node.core.session_token());
        answer(request.header("content-type", "application/json").body(body))
    };
    for body in ["{", "[]", "7", "\"x\"", "{\"name\": 7}", "{} {}"] {
        post(body.into()).await.refused(400, "invalid_input");
    }
    post(format!("{{\"name\": \"{}\"}}", "x".repeat(1 << 20))).await.refused(413, "too_large");
    post(json!({ "name": "a\u{1b}[2J" }).to_string()).await.refused(400, "invalid_input");
    let made = post(json!({ "name": "Blue Kite Tours", "invented": true }).to_string()).await;
    assert_eq!(made.ok()["name"], "Blue Kite Tours", "a field of a newer client is no error");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_to_their_end_while_they_move() {
    let node = Node::start().await;
    for n in 0..7 {
        node.pass(1);
        node.text_in(n, &format!("+1415555020{n}"), "hello").await;
    }
    let page = node.get("/api/conversations?limit=3").await;
    let mut seen: Vec<String> = customers(&page);
    // Somebody on the first page writes again: nobody else is skipped or shown twice.
    node.pass(1);
    node.text_in(100, "+14155550206", "and another thing").await;
    let mut next = page["next"].as_str().map(str::to_owned);
    let mut pages = 1;
    while let Some(after) = next {
        let page = node.get(&format!("/api/conversations?limit=3&after={after}")).await;
        seen.extend(customers(&page));
        next = page["next"].as_str().map(str::to_owned);
        pages += 1;
    }
    let expected: Vec<String> = (0..7).rev().map(|n| format!("+1415555020{n}")).collect();
    assert_eq!((pages, seen), (3, expected));
    let other = node.get("/api/conversations?limit=1").await["next"].as_str().unwrap().to_owned();
    node.call("GET", &format!("/api/conversations?tab=waiting&after={other}"), None)
        .await
        .refused(400, "invalid_input");
    let maria = node.conversation("+14155550206").await["id"].as_str().unwrap().to_owned();
    let first = node.get(&format!("/api/conversations/{maria}/messages?limit=1")).await;
    let after = first["next"].as_str().unwrap();
    let second = node.get(&format!("/api/conversations/{maria}/messages?limit=1&after={after}")).await;
    assert_eq!((&second["items"][0]["body"], &second["next"]), (&json!("hello"), &Value::Null));
}

fn customers(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|c| c["customer"].as_str().unwrap().to_owned()).collect()
}

async fn keyed(node: &Node, key: &str, path: &str, body: Value) -> crate::node::Answer {
    let request = node.request("POST", path).bearer_auth(node.core.session_token());
    answer(request.header("idempotency-key", key).json(&body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_makes_it_happen_once() {
    let node = Node::start().await;
    let send = json!({ "to": MARIA, "body": "only once", "holdSeconds": 30 });
    let path = "/api/conversations/messages";
    let sent = join_all((0..5).map(|_| keyed(&node, "k1", path, send.clone()))).await;
    let ids: Vec<Value> = sent.into_iter().map(|a| a.ok()["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(node.thread(MARIA).await.len(), 1);
    let other = json!({ "to": MARIA, "body": "something else", "holdSeconds": 30 });
    keyed(&node, "k1", path, other.clone()).await.refused(422, "key_reused");
    keyed(&node, "k2", path, other).await.ok();
    assert_eq!(node.thread(MARIA).await.len(), 2);
    keyed(&node, "", path, json!({})).await.refused(400, "invalid_input");
    // A refusal is not kept: once the reason is gone the same key may succeed.
    let bad = json!({ "name": "" });
    keyed(&node, "k3", "/api/businesses", bad).await.refused(400, "invalid_input");
    keyed(&node, "k3", "/api/businesses", json!({ "name": "Later" })).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_under_a_key_is_answered_again() {
    let node = Node::start().await;
    let kite = json!({ "name": "Blue Kite Tours" });
    let first = keyed(&node, "b", "/api/businesses", kite.clone()).await.ok();
    let again = keyed(&node, "b", "/api/businesses", kite).await.ok();
    assert_eq!(first["id"], again["id"]);
    assert_eq!(node.get("/api/businesses").await["items"].as_array().unwrap().len(), 2);

    let path = format!("/api/businesses/{}/endpoints", first["id"].as_str().unwrap());
    let address = json!({ "addresses": ["+14155550300"] });
    let made = keyed(&node, "e", &path, address.clone()).await.ok();
    let again = keyed(&node, "e", &path, address.clone()).await.ok();
    assert_eq!(made["id"], again["id"]);
    keyed(&node, "e2", &path, address.clone()).await.refused(409, "conflict");
    node.call("POST", &path, Some(address)).await.refused(409, "conflict");
    assert_eq!(node.get(&path).await["items"].as_array().unwrap().len(), 1);
    let hook = crate::hooks::but(crate::hooks::text(1, MARIA, "hello"), "To", "+14155550300");
    node.webhook(crate::hooks::SMS, &hook).await;
    node.applied().await;
    let id = first["id"].as_str().unwrap();
    let reply = json!({ "business": id, "to": MARIA, "body": "hello back", "holdSeconds": 30 });
    let reply = node.post("/api/conversations/messages", reply).await;
    let page = node.get(&format!("/api/conversations?business={id}")).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "the answer is in the same thread");
    assert_eq!(page["items"][0]["id"], reply["conversation"]);

    let agent = json!({ "name": "Kim" });
    node.put("/api/agents/kim", agent).await;
    let token = json!({ "label": "ci", "kind": "secret", "agent": "kim" });
    let made = keyed(&node, "t", "/api/tokens", token.clone()).await.ok();
    let again = keyed(&node, "t", "/api/tokens", token).await.ok();
    assert_eq!((&made["id"], &again["secret"]), (&again["id"], &Value::Null), "the text is shown once");
    assert_eq!(node.get("/api/tokens").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_version_is_not_written_over() {
    let node = Node::start().await;
    let path = format!("/api/businesses/{}", node.business);
    let version = node.get(&path).await["version"].as_u64().unwrap();
    let put = |version: String, body: Value| {
        let request = node.request("PUT", &path).bearer_auth(node.core.session_token());
        answer(request.header("if-match", version).json(&body))
    };
    put(format!("\"{version}\""), json!({ "contactEmail": "one@b.example" })).await.ok();
    put(format!("\"{version}\""), json!({ "contactEmail": "two@b.example" })).await.refused(412, "version_mismatch");
    put("soon".into(), json!({})).await.refused(400, "invalid_input");
    put("*".into(), json!({ "phoneNumber": "+14155550199" })).await.ok();
    let now = node.get(&path).await;
    assert_eq!((&now["contactEmail"], &now["version"]), (&json!("one@b.example"), &json!(version + 2)));
    let query = format!("{path}?version={}", version + 2);
    let stale = node.request("PUT", &query).bearer_auth(node.core.session_token()).header("if-match", "1");
    answer(stale.json(&json!({ "contactEmail": "" }))).await.refused(412, "version_mismatch");
    // Where no version is checked, a client must not believe that one was.
    let agent = node.request("PUT", "/api/agents/kim").bearer_auth(node.core.session_token());
    answer(agent.header("if-match", "\"1\"").json(&json!({ "name": "Kim" }))).await.refused(400, "invalid_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_lists_the_table() {
    let node = Node::start().await;
    let document = answer(node.request("GET", "/api/openapi.json")).await.ok();
    for spec in OPERATIONS {
        let operation = &document["paths"][spec.path][spec.method.as_str().to_ascii_lowercase()];
        assert_eq!(operation["operationId"], spec.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_have_limits() {
    let node = Node::start().await;
    let send = |body: String| {
        let body = json!({ "to": MARIA, "body": body, "holdSeconds": 30 });
        node.call("POST", "/api/conversations/messages", Some(body))
    };
    assert_eq!(send("é".repeat(1601)).await.refused(400, "invalid_input")["field"], "body");
    assert_eq!(send(String::new()).await.refused(400, "invalid_input")["field"], "body");
    send("é".repeat(1600)).await.ok();
    let hold = json!({ "to": MARIA, "body": "x", "holdSeconds": 31 });
    let refused = node.call("POST", "/api/conversations/messages", Some(hold)).await.refused(400, "invalid_input");
    assert_eq!(refused["field"], "holdSeconds");
    for to in ["HARBOR", "", "12", "+1415555"] {
        let body = json!({ "to": to, "body": "x" });
        let refused = node.call("POST", "/api/conversations/messages", Some(body)).await.refused(400, "invalid_input");
        assert_eq!(refused["field"], "to", "{to}");
    }
    for _ in 1..50 {
        send("waiting".into()).await.ok();
    }
    send("one too many".into()).await.refused(429, "too_many_requests");
    let typed = json!({ "to": "(415) 555-0111", "body": "typed as people do", "holdSeconds": 30 });
    assert_eq!(node.post("/api/conversations/messages", typed).await["to"], "+14155550111");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_node_asks_before_its_first_send() {
    let node =
        Node::with(Setup { world: switchboard::api::node::World::Live, sandbox: false, ..Setup::default() }).await;
    let send = json!({ "to": MARIA, "body": "for real", "holdSeconds": 30 });
    let path = "/api/conversations/messages";
    let asked = node.call("POST", path, Some(send.clone())).await.refused(409, "confirmation_required");
    let mut yes = send.clone();
    yes["confirm"] = asked["confirm"].clone();
    node.post(path, yes).await;
    node.post(path, send).await;
    node.call("GET", "/api/simulator/phones", None).await.refused(409, "conflict");
    assert_eq!(node.thread(MARIA).await[0]["from"], NUMBER);
    node.twilio.next([crate::twilio::Then::Refuse(30001)]);
    let failed = node.send(crate::node::SAM, "fails", 0).await;
    node.until_status(crate::node::SAM, &failed, "failed").await;
    // The next run asks again, whichever way the first message of it would go.
    let node = node.restart().await;
    let path = format!("/api/messages/{failed}/retry");
    node.call("POST", &path, Some(json!({}))).await.refused(409, "confirmation_required");
    node.post(&path, json!({ "confirm": "live" })).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_node_takes_no_more_calls() {
    let node = Node::start().await;
    node.core.stop().await;
    let caller = switchboard::api::Caller::local("kim");
    let create = switchboard::api::businesses::CreateBusiness { name: "Too late".into(), ..Default::default() };
    let late = node.core.call(&caller, switchboard::api::Request::CreateBusiness(create), None).await;
    assert_eq!(late.unwrap_err().code, switchboard::api::Code::Unavailable);
}
