//! Who may see and do what: tokens, roles, tenants.

use serde_json::{Value, json};
use switchboard::api::OPERATIONS;

use crate::hooks::{SMS, but, text};
use crate::node::{MARIA, Node, answer};

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_token_nothing_is_answered() {
    let node = Node::start().await;
    for spec in OPERATIONS {
        let path = spec.path.replace("{id}", "1").replace("{address}", "1").replace("{handle}", "kim");
        let bare = answer(node.request(spec.method.as_str(), &path)).await;
        assert_eq!(bare.headers["www-authenticate"], "Bearer");
        bare.refused(401, "unauthenticated");
    }
    node.call_as("swb_made-up", "GET", "/api/node", None).await.refused(401, "unauthenticated");
    node.call_as("", "GET", "/api/events", None).await.refused(401, "unauthenticated");
    let basic = node.request("GET", "/api/node").basic_auth("kim", Some(node.core.session_token()));
    answer(basic).await.refused(401, "unauthenticated");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_what_they_say() {
    let node = Node::start().await;
    node.put("/api/agents/kim", json!({ "name": "Kim" })).await;
    let make = |role: &str| json!({ "label": role, "kind": "secret", "agent": "kim", "role": role });
    let (_, agent) = node.token(make("agent")).await;
    let (_, auditor) = node.token(make("auditor")).await;
    let send = json!({ "to": MARIA, "body": "hello", "holdSeconds": 30 });
    let sent = node.call_as(&agent, "POST", "/api/conversations/messages", Some(send.clone())).await.ok();
    assert_eq!(sent["author"], "kim");
    node.call_as(&agent, "POST", "/api/businesses", Some(json!({ "name": "x" }))).await.refused(403, "forbidden");
    node.call_as(&agent, "GET", "/api/tokens", None).await.refused(403, "forbidden");
    node.call_as(&auditor, "GET", "/api/dead-letters", None).await.ok();
    let refused = node.call_as(&auditor, "POST", "/api/conversations/messages", Some(send)).await;
    assert!(refused.refused(403, "forbidden")["detail"].as_str().unwrap().contains("inboxWrite"));
    let mut heard = node.events_as(&auditor, None).await;
    heard.caught_up().await;
    node.text_in(1, MARIA, "private").await;
    let event = heard.event("message.received").await;
    assert_eq!((&event["message"], &event["conversation"]), (&Value::Null, &Value::Null), "no right to read it");
    // What stands in a web page can do next to nothing, whatever role was asked for.
    let publishable = json!({ "label": "page", "kind": "publishable", "agent": "kim", "role": "admin" });
    node.call("POST", "/api/tokens", Some(publishable)).await.refused(400, "invalid_input");
    let business = json!({ "label": "page", "kind": "publishable", "business": node.business.to_string() });
    let (_, page) = node.token(business).await;
    node.call_as(&page, "GET", "/api/businesses", None).await.refused(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_ends_at_once_with_its_streams() {
    let node = Node::start().await;
    node.put("/api/agents/kim", json!({ "name": "Kim" })).await;
    let business = node.business.to_string();
    for fields in [
        json!({ "label": "a", "kind": "secret", "agent": "kim" }),
        json!({ "label": "b", "kind": "secret", "business": business, "role": "agent" }),
    ] {
        let (id, token) = node.token(fields).await;
        node.call_as(&token, "GET", "/api/node", None).await.ok();
        let mut stream = node.events_as(&token, None).await;
        stream.caught_up().await;
        node.call("DELETE", &format!("/api/tokens/{id}"), None).await.ok();
        // Nothing else happens: the stream ends by itself.
        stream.ends().await;
        node.call_as(&token, "GET", "/api/node", None).await.refused(401, "unauthenticated");
        node.call("DELETE", &format!("/api/tokens/{id}"), None).await.ok();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attached_agent_is_known_from_the_first_call() {
    let node = Node::start().await;
    let as_agent = |agent: &str| {
        let request = node.request("GET", "/api/node").bearer_auth(node.core.session_token());
        answer(request.header("x-switchboard-agent", agent))
    };
    assert_eq!(as_agent("robin").await.ok()["agent"], "robin");
    as_agent("Robin Hood").await.refused(400, "invalid_input");
    let id = node.text_in(1, MARIA, "hello").await["id"].as_str().unwrap().to_owned();
    let mine = node.put(&format!("/api/conversations/{id}/assignee"), json!({ "assignee": "robin" })).await;
    assert_eq!(mine["assignee"], "robin");
    let events = node.events(None).await;
    drop(events);
}

/// What a token of another business may name: nothing of this one's.
#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_does_not_exist() {
    let node = Node::start().await;
    let (bank, endpoint) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    let maria = node.text_in(1, MARIA, "to the dentist").await["id"].as_str().unwrap().to_owned();
    let held = node.send(MARIA, "held", 30).await;
    node.webhook(SMS, &but(text(2, MARIA, "to the bank"), "To", "+14155550200")).await;
    node.applied().await;
    let fields = json!({ "label": "bank", "kind": "secret", "business": bank.to_string(), "role": "admin" });
    let (token_id, token) = node.token(fields).await;
    let call = |method: &'static str, path: String, body: Option<Value>| {
        let (node, token) = (&node, token.clone());
        async move { node.call_as(&token, method, &path, body).await }
    };

    let own = call("GET", "/api/conversations".into(), None).await.ok();
    assert_eq!((&own["business"], own["items"].as_array().unwrap().len()), (&json!(bank.to_string()), 1));
    assert_eq!(own["items"][0]["last"]["preview"], "to the bank");
    let businesses = call("GET", "/api/businesses".into(), None).await.ok();
    assert_eq!(businesses["items"].as_array().unwrap().len(), 1);
    let listed = call("GET", format!("/api/businesses/{bank}/endpoints"), None).await.ok();
    assert_eq!(listed["items"][0]["id"], endpoint.to_string());

    let dental = node.business;
    let body = |text: &str| Some(json!({ "body": text }));
    for (method, path, body) in [
        ("GET", format!("/api/conversations?business={dental}"), None),
        ("GET", format!("/api/conversations/{maria}"), None),
        ("GET", format!("/api/conversations/{maria}/messages"), None),
        ("POST", format!("/api/conversations/{maria}/notes"), body("x")),
        ("PUT", format!("/api/conversations/{maria}/assignee"), Some(json!({}))),
        ("PUT", format!("/api/conversations/{maria}/status"), Some(json!({ "status": "resolved" }))),
        ("PUT", format!("/api/conversations/{maria}/read"), Some(json!({ "arrival": 1 }))),
        ("POST", "/api/conversations/messages".into(), Some(json!({ "conversation": maria, "body": "x" }))),
        (
            "POST",
            "/api/conversations/messages".into(),
            Some(json!({ "business": dental.to_string(), "to": MARIA, "body": "x" })),
        ),
        ("POST", format!("/api/messages/{held}/undo"), None),
        ("POST", format!("/api/messages/{held}/retry"), None),
        ("PUT", format!("/api/contacts/%2B14155550123?business={dental}"), Some(json!({ "name": "x" }))),
        ("GET", format!("/api/businesses/{dental}"), None),
        ("PUT", format!("/api/businesses/{dental}"), Some(json!({ "name": "x" }))),
        ("DELETE", format!("/api/businesses/{dental}?confirm=Harbor%20Dental"), None),
        ("GET", format!("/api/businesses/{dental}/endpoints"), None),
        ("POST", format!("/api/businesses/{dental}/endpoints"), Some(json!({ "addresses": ["+14155550999"] }))),
    ] {
        let refused = call(method, path.clone(), body.clone()).await.refused(404, "not_found");
        // The same words as for what does not exist at all.
        let nothing = path.replace(&maria, "99").replace(&held, "99").replace(&dental.to_string(), "99");
        if nothing != path {
            let missing = call(method, nothing, body).await.refused(404, "not_found")["detail"].to_string();
            let told = refused["detail"].to_string();
            let told = told.replace(&maria, "99").replace(&held, "99").replace(&dental.to_string(), "99");
            assert_eq!(told, missing, "{method} {path}");
        }
    }
    // What belongs to nobody alone is not for one of them, even with all permissions.
    for (method, path, body) in [
        ("GET", "/api/tokens".into(), None),
        (
            "POST",
            "/api/tokens".into(),
            Some(json!({ "label": "all", "kind": "secret", "agent": "setup", "role": "admin" })),
        ),
        ("DELETE", format!("/api/tokens/{token_id}"), None),
        ("PUT", "/api/agents/me".into(), Some(json!({ "name": "Me", "role": "admin" }))),
        ("GET", "/api/dead-letters".into(), None),
        ("GET", "/api/audit/verify".into(), None),
        ("POST", "/api/businesses".into(), Some(json!({ "name": "Mine too" }))),
        ("POST", "/api/simulator/clock".into(), Some(json!({ "advanceSeconds": 60 }))),
        ("GET", "/api/simulator/phones/%2B14155550123".into(), None),
    ] {
        call(method, path, body).await.refused(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_hears_only_its_own_events() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    let fields = json!({ "label": "bank", "kind": "secret", "business": bank.to_string(), "role": "agent" });
    let (_, token) = node.token(fields).await;
    let mut stream = node.events_as(&token, None).await;
    stream.caught_up().await;
    node.text_in(1, MARIA, "to the dentist").await;
    node.put("/api/agents/kim", json!({ "name": "Kim" })).await;
    node.webhook(SMS, &but(text(2, MARIA, "to the bank"), "To", "+14155550200")).await;
    let first = stream.next().await.unwrap();
    assert_eq!(
        (&first.data["kind"], &first.data["message"]["body"]),
        (&json!("message.received"), &json!("to the bank"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_business_is_gone_with_its_conversations() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    node.webhook(SMS, &but(text(2, MARIA, "to the bank"), "To", "+14155550200")).await;
    node.applied().await;
    let page = node.get(&format!("/api/conversations?business={bank}")).await;
    let conversation = page["items"][0]["id"].as_str().unwrap().to_owned();
    let held = json!({ "conversation": conversation, "body": "too late", "holdSeconds": 5 });
    node.post("/api/conversations/messages", held).await;
    node.call("DELETE", &format!("/api/businesses/{bank}?confirm=Northwind%20Bank"), None).await.ok();
    node.call("GET", &format!("/api/conversations?business={bank}"), None).await.refused(404, "not_found");
    node.call("GET", &format!("/api/conversations/{conversation}"), None).await.refused(404, "not_found");
    let before = node.events(None).await.caught_up().await.len();
    node.pass(10);
    let own = node.send(MARIA, "from the dentist", 0).await;
    node.until_status(MARIA, &own, "queued").await;
    assert_eq!((before, node.twilio.posts("Body")), (0, vec!["from the dentist".to_owned()]), "nothing was sent");
}
