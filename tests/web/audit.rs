//! The audit log: who did what, newest first, how it was before, page by page, and as a file.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::node::{MARIA, Node, SAM};

async fn list(node: &Node, query: &str) -> Vec<Value> {
    node.get(&format!("/api/audit?{query}")).await["items"].as_array().unwrap().clone()
}

/// A node in which several things happened, one a second.
async fn busy() -> Node {
    let node = Node::start().await;
    node.put("/api/agents/ann", json!({ "name": "Ann" })).await;
    node.text_in(1, MARIA, "hello").await;
    node.pass(1);
    node.send(MARIA, "my private words", 30).await;
    node.pass(1);
    let conversation = node.conversation(MARIA).await["id"].as_str().unwrap().to_owned();
    node.put(&format!("/api/conversations/{conversation}/assignee"), json!({ "assignee": "ann" })).await;
    node.pass(1);
    node.put(&format!("/api/businesses/{}", node.business), json!({ "contactEmail": "desk@harbor.example" })).await;
    node.pass(1);
    node.put("/api/agents/kim", json!({ "name": "Kim", "role": "auditor" })).await;
    node.pass(1);
    node.put("/api/agents/kim", json!({ "name": "Kim Doe", "role": "auditor" })).await;
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_who_did_what_and_how_it_was_before() {
    let node = busy().await;
    let all = list(&node, "limit=200").await;
    let said: Vec<&str> = all.iter().take(5).map(|e| e["said"].as_str().unwrap()).collect();
    assert_eq!(
        said,
        [
            "changed the agent kim: name `Kim` → `Kim Doe`",
            "made the agent kim",
            "changed the business Harbor Dental: contactEmail nothing → `desk@harbor.example`",
            "gave a conversation to ann",
            "sent a text to +14155550123",
        ]
    );
    assert_eq!(all[0]["actor"], "agent1");
    assert_eq!(all[0]["changes"], json!([{ "field": "name", "before": "Kim", "after": "Kim Doe" }]));
    assert_eq!((all[0]["business"].as_str(), all[2]["businessName"].as_str()), (None, Some("Harbor Dental")));
    assert_eq!((&all[4]["details"]["body"], &all[4]["sound"]), (&json!("my private words"), &json!(true)));
    assert!(all.windows(2).all(|pair| pair[0]["at"].as_str() >= pair[1]["at"].as_str()), "newest first");
    // Each names the one before it: the list is the chain itself.
    assert!(all.windows(2).all(|pair| pair[0]["previous"] == pair[1]["hash"]), "{all:?}");
    let report = node.get("/api/audit/verify").await;
    assert_eq!((report["ok"].as_bool(), report["entries"].as_u64()), (Some(true), Some(all.len() as u64)));
    assert!(all.last().unwrap()["previous"].as_str().unwrap().chars().all(|c| c == '0'), "the first has none before");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_filters_find_each_entry_once() {
    let node = busy().await;
    // What the node hears and notes by itself.
    node.text_in(2, SAM, "STOP").await;
    let all = list(&node, "limit=200").await;
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = node.get(&format!("/api/audit?limit=3{after}")).await;
        seen.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    let ids: HashSet<&str> = seen.iter().map(|e| e["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len());

    let count = |found: Vec<Value>, fits: &dyn Fn(&Value) -> bool| {
        assert!(!found.is_empty() && found.iter().all(fits), "{found:?}");
        found.len()
    };
    let kind = |e: &Value, start: &str| e["kind"].as_str().unwrap().starts_with(start);
    assert_eq!(count(list(&node, "kind=agent.saved&search=kim").await, &|e| kind(e, "agent.saved")), 2);
    count(list(&node, "kind=business").await, &|e| kind(e, "business."));
    assert!(list(&node, "kind=busi").await.is_empty(), "half a word is no kind");
    assert!(list(&node, "actor=nobody").await.is_empty());
    count(list(&node, "actor=agent1").await, &|e| e["actor"] == "agent1");
    count(list(&node, "actor=-").await, &|e| e["actor"].is_null());
    assert_eq!(count(list(&node, "search=DESK@harbor").await, &|e| kind(e, "business.saved")), 1);
    let business = format!("business={}", node.business);
    count(list(&node, &business).await, &|e| e["businessName"] == "Harbor Dental");
    let all = &all[1..];
    // From a moment on, up to another that does not belong to it.
    let (from, to) = (all[3]["at"].as_str().unwrap(), all[1]["at"].as_str().unwrap());
    assert_eq!(list(&node, &format!("from={from}&to={to}")).await, all[2..4]);
    assert_eq!(list(&node, &format!("from={from}&to={to}&{business}")).await, all[2..4]);
    // Both sides of a page boundary within the range.
    let first = node.get(&format!("/api/audit?from={from}&to={to}&limit=1")).await;
    let next = first["next"].as_str().unwrap();
    assert_eq!(list(&node, &format!("from={from}&to={to}&limit=1&after={next}")).await, all[3..4]);
    node.call("GET", "/api/audit?after=zz", None).await.refused(400, "invalid_input");
    node.call("GET", "/api/audit?business=77", None).await.refused(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_sees_what_was_done_and_not_what_was_written() {
    let node = busy().await;
    let (_, token) = node.token(json!({ "label": "audit", "kind": "secret", "agent": "kim", "role": "auditor" })).await;
    let all = node.call_as(&token, "GET", "/api/audit?limit=200", None).await.ok();
    assert!(!all.to_string().contains("my private words"), "{all}");
    let sent = all["items"].as_array().unwrap().iter().find(|e| e["kind"] == "message.sendRequested").unwrap();
    assert_eq!((&sent["details"]["to"], &sent["sound"]), (&json!(MARIA), &json!(true)));
    let export = node.call_as(&token, "GET", "/api/audit/export?format=jsonl", None).await.ok();
    assert!(!export["text"].as_str().unwrap().contains("my private words"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_every_entry_and_no_formula() {
    let node = busy().await;
    node.put(&format!("/api/businesses/{}", node.business), json!({ "name": "=1+1" })).await;
    let all = list(&node, "limit=200").await;
    let export = node.get("/api/audit/export").await;
    assert_eq!((export["entries"].as_u64(), &export["next"]), (Some(all.len() as u64), &Value::Null));
    assert_eq!(export["contentType"], "text/csv; charset=utf-8");
    let text = export["text"].as_str().unwrap();
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), all.len());
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '@'])), "{text}");
    assert!(text.contains("desk@harbor.example"), "{text}");
    let lines = node.get("/api/audit/export?format=jsonl&kind=agent").await;
    let lines: Vec<Value> = lines["text"].as_str().unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines, list(&node, "kind=agent&limit=200").await);
}
