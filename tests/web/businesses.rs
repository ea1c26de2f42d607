//! Businesses: two who change the same one, and one that is not active.

use serde_json::json;
use switchboard::domain::id::Id;
use switchboard::domain::time::Span;

use crate::node::{MARIA, Node, answer, until_some};

#[tokio::test(flavor = "multi_thread")]
async fn who_saves_second_is_told_what_the_first_one_changed() {
    let node = Node::start().await;
    let at = format!("/api/businesses/{}", node.business);
    let read = node.get(&at).await;
    let version = read["version"].as_u64().unwrap();
    let save = |agent: &'static str, body: serde_json::Value| {
        let request = node.request("PUT", &at).bearer_auth(node.core.session_token());
        answer(request.header("x-switchboard-agent", agent).header("if-match", version.to_string()).json(&body))
    };
    save("robin", json!({ "name": "Harbor Dental Care", "timeZone": "America/Denver" })).await.ok();
    let mine = json!({ "name": "Harbor Smiles", "contactEmail": "me@example.com" });
    let refused = save("kim", mine).await.refused(412, "version_mismatch");
    let detail = refused["detail"].as_str().unwrap();
    for part in ["robin changed", "name is `Harbor Dental Care` now, you have `Harbor Smiles`", "Read it again"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    let fields: Vec<&str> =
        refused["differences"].as_array().unwrap().iter().map(|d| d["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["name", "contactEmail"]);
    assert_eq!(refused["differences"][0]["yours"], "Harbor Smiles");
    let now = node.get(&at).await;
    assert_eq!((&now["name"], &now["contactEmail"]), (&json!("Harbor Dental Care"), &json!("")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inactive_business_sends_nothing_keeps_its_logs_and_comes_back() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "hello").await;
    let waiting = node.send(MARIA, "on its way", 5).await;
    let at = format!("/api/businesses/{}", node.business);
    node.put(&at, json!({ "active": false })).await;
    let send = json!({ "to": MARIA, "body": "now", "holdSeconds": 0 });
    let refused = node.call("POST", "/api/conversations/messages", Some(send)).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("not active"), "{refused}");
    // At once: nobody waits until its time comes.
    let failed = node.until_status(MARIA, &waiting, "failed").await;
    assert!(failed["errorText"].as_str().unwrap_or_default().contains("deactivated"), "{failed}");
    assert!(node.twilio.posts("Body").is_empty());
    // Customers are still heard, and what was said is still there.
    node.text_in(2, MARIA, "anybody there?").await;
    assert_eq!(node.thread(MARIA).await.len(), 3);
    node.put(&at, json!({ "active": true })).await;
    let again = node.send(MARIA, "here we are", 0).await;
    node.until_status(MARIA, &again, "queued").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_waits_for_a_closed_business_fails_and_nothing_of_another_one() {
    let node = Node::start().await;
    let (other, _) = node.add_business("Northwind Bank", &["+14155550101"], None).await;
    let tomorrow = (node.core.clock().now() + Span::secs(86_400)).rfc3339();
    let later = |business: Id, n: u32| {
        let to = format!("+1415555{n:04}");
        let body = json!({ "business": business, "to": to, "body": "See you then", "sendAt": tomorrow });
        node.call("POST", "/api/conversations/messages", Some(body))
    };
    // More than a page of conversations, and between them those of another business.
    let put_off = async |business: Id| {
        let sends = (0..300).map(|n| later(business, n));
        futures_util::future::join_all(sends).await.into_iter().filter(|sent| sent.status == 200).count()
    };
    assert_eq!((put_off(node.business).await, put_off(other).await), (300, 300));
    let waiting = |business: Id| {
        let (at, node) = (format!("/api/messages/later?business={business}&limit=200"), &node);
        async move { node.get(&at).await["items"].as_array().unwrap().len() }
    };
    assert_eq!((waiting(node.business).await, waiting(other).await), (200, 200));
    node.put(&format!("/api/businesses/{}", node.business), json!({ "active": false })).await;
    until_some("nothing waits for it", || async { (waiting(node.business).await == 0).then_some(()) }).await;
    assert_eq!(node.counts().await["failed"], 300);
    assert_eq!(waiting(other).await, 200);
    assert!(node.twilio.posts("Body").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colour_is_there_from_the_start_and_can_be_chosen() {
    let node = Node::start().await;
    let at = format!("/api/businesses/{}", node.business);
    let given = node.get(&at).await["colour"].clone();
    assert!(given.is_string());
    assert_eq!(node.put(&at, json!({ "colour": "red" })).await["colour"], "red");
    assert_eq!(node.put(&at, json!({ "name": "Harbor" })).await["colour"], "red");
    node.call("PUT", &at, Some(json!({ "colour": "mauve" }))).await.refused(400, "invalid_input");
}
