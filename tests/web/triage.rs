//! What agents do with conversations, and the counts beside the tabs.

use serde_json::{Value, json};

use crate::hooks::status;
use crate::node::{MARIA, Node, SAM, START, answer, until_some};
use crate::twilio::Then;

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_ends_at_its_time_or_with_a_reply() {
    let node = Node::start().await;
    for (n, customer) in [MARIA, SAM].into_iter().enumerate() {
        let id = node.text_in(n as u64, customer, "tomorrow, please").await["id"].as_str().unwrap().to_owned();
        let until = (START + switchboard::domain::time::Span::secs(86_400)).rfc3339();
        let body = json!({ "status": "snoozed", "until": until });
        let snoozed = node.put(&format!("/api/conversations/{id}/status"), body).await;
        assert_eq!(snoozed["snoozedUntil"], json!(until));
    }
    let counts = node.counts().await;
    assert_eq!((&counts["all"], &counts["unassigned"], &counts["snoozed"]), (&json!(0), &json!(0), &json!(2)));
    let mut live = node.events(None).await;
    live.caught_up().await;
    node.text_in(7, SAM, "no, today").await;
    let early = node.conversation(SAM).await;
    assert_eq!((&early["status"], &early["woke"]["byReply"]), (&json!("open"), &json!(true)));
    node.pass(86_399);
    assert_eq!(node.conversation(MARIA).await["status"], "snoozed");
    node.pass(2);
    let woke = live.event("conversation.woke").await;
    assert_eq!((&woke["conversation"]["customer"], &woke["conversation"]["status"]), (&json!(MARIA), &json!("open")));
    assert_eq!(
        woke["conversation"]["woke"],
        json!({ "at": (START + switchboard::domain::time::Span::secs(86_400)).rfc3339(), "byReply": false })
    );
    let counts = node.counts().await;
    assert_eq!((&counts["all"], &counts["snoozed"]), (&json!(2), &json!(0)));
    // Whoever answers or decides has seen it.
    node.send(MARIA, "now then", 30).await;
    assert_eq!(node.conversation(MARIA).await["woke"], Value::Null);
    let id = early["id"].as_str().unwrap();
    let resolved = node.put(&format!("/api/conversations/{id}/status"), json!({ "status": "resolved" })).await;
    assert_eq!(resolved["woke"], Value::Null);
    // Taken back, the customer waits as before.
    assert_eq!(resolved["waitingSince"], Value::Null);
    let open = node.put(&format!("/api/conversations/{id}/status"), json!({ "status": "open" })).await;
    assert_eq!((&open["waitingSince"], early["waitingSince"].is_string()), (&early["waitingSince"], true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snooze_that_ended_while_the_node_was_away_ends_at_the_start() {
    let node = Node::start().await;
    let id = node.text_in(1, MARIA, "later").await["id"].as_str().unwrap().to_owned();
    let until = (START + switchboard::domain::time::Span::secs(60)).rfc3339();
    node.put(&format!("/api/conversations/{id}/status"), json!({ "status": "snoozed", "until": until })).await;
    node.core.stop().await;
    node.pass(120);
    let node = node.restart().await;
    until_some("it woke", || awake(&node)).await;
}

async fn awake(node: &Node) -> Option<()> {
    (node.conversation(MARIA).await["status"] == "open").then_some(())
}

#[tokio::test(flavor = "multi_thread")]
async fn read_marks_are_each_agents_own_and_only_move_on() {
    let node = Node::start().await;
    for n in 1..=3 {
        node.text_in(n, MARIA, "one more").await;
    }
    let id = node.conversation(MARIA).await["id"].as_str().unwrap().to_owned();
    let as_agent = |agent: &'static str, arrival: Option<u64>| {
        let method = if arrival.is_some() { "PUT" } else { "GET" };
        let path = format!("/api/conversations/{id}{}", if arrival.is_some() { "/read" } else { "" });
        let request = node.request(method, &path).bearer_auth(node.core.session_token());
        let request = request.header("x-switchboard-agent", agent);
        async move {
            let request = match arrival {
                Some(arrival) => request.json(&json!({ "arrival": arrival })),
                None => request,
            };
            let view = answer(request).await.ok();
            (view["unread"].as_u64().unwrap(), view["seen"].as_u64().unwrap())
        }
    };
    assert_eq!(as_agent("kim", Some(2)).await, (1, 2));
    assert_eq!(as_agent("robin", None).await, (3, 0));
    assert_eq!(as_agent("kim", Some(1)).await, (1, 2), "back is no way");
    assert_eq!(as_agent("kim", Some(99)).await, (0, 3), "nobody has read what did not come");
    node.text_in(4, MARIA, "a fourth").await;
    assert_eq!(as_agent("kim", None).await, (1, 3));
    assert!(node.conversation(MARIA).await["waitingSince"].is_string(), "reading is no answer");
}

/// The counts as the lists themselves say, page by page.
async fn recounted(node: &Node, agent: &str) -> (Value, Value) {
    let get = async |path: String| {
        let request = node.request("GET", &path).bearer_auth(node.core.session_token());
        answer(request.header("x-switchboard-agent", agent)).await.ok()
    };
    let mut counted = serde_json::Map::new();
    let mut told = Value::Null;
    for tab in ["mine", "unassigned", "all", "waiting", "failed", "snoozed"] {
        let (mut count, mut after) = (0, String::new());
        loop {
            let page = get(format!("/api/conversations?tab={tab}&limit=2{after}")).await;
            count += page["items"].as_array().unwrap().len();
            told = page["counts"].clone();
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        counted.insert(tab.into(), json!(count));
    }
    (Value::Object(counted), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_what_the_lists_show_after_every_step() {
    let node = Node::start().await;
    for agent in ["ann", "anna"] {
        node.put(&format!("/api/agents/{agent}"), json!({ "name": agent })).await;
    }
    let mut ids = Vec::new();
    for n in 0..5 {
        let row = node.text_in(n, &format!("+1415555020{n}"), "hello").await;
        ids.push(row["id"].as_str().unwrap().to_owned());
    }
    let at = |n: usize, what: &str| format!("/api/conversations/{}/{what}", ids[n]);
    let until = (START + switchboard::domain::time::Span::secs(60)).rfc3339();
    let steps: [(usize, &str, Value); 10] = [
        (0, "assignee", json!({ "assignee": "ann" })),
        (1, "assignee", json!({ "assignee": "anna" })),
        (2, "assignee", json!({ "assignee": "ann" })),
        (2, "status", json!({ "status": "resolved" })),
        (0, "status", json!({ "status": "snoozed", "until": until })),
        (3, "status", json!({ "status": "pending" })),
        (1, "assignee", json!({ "assignee": "ann" })),
        (1, "assignee", json!({})),
        (2, "status", json!({ "status": "open" })),
        (4, "status", json!({ "status": "snoozed" })),
    ];
    for (step, (n, what, body)) in steps.into_iter().enumerate() {
        node.put(&at(n, what), body).await;
        for agent in ["ann", "anna"] {
            let (counted, told) = recounted(&node, agent).await;
            assert_eq!(told, counted, "{agent} after step {step}");
        }
    }
    node.pass(61);
    until_some("the snooze ended", || async { Some(node.counts().await).filter(|c| c["snoozed"] == 1) }).await;
    node.twilio.next([Then::Refuse(30001)]);
    let failed = node.send("+14155550203", "fails", 0).await;
    node.until_status("+14155550203", &failed, "failed").await;
    let held = node.send("+14155550202", "held", 30).await;
    let (counted, told) = recounted(&node, "ann").await;
    assert_eq!((&told, &told["failed"], &told["mine"]), (&counted, &json!(1), &json!(2)));
    node.post(&format!("/api/messages/{held}/undo"), json!({})).await;
    let again = node.post(&format!("/api/messages/{failed}/retry"), json!({})).await;
    node.until_status("+14155550203", again["id"].as_str().unwrap(), "queued").await;
    let taken = node.twilio.taken()[0].clone();
    node.report(&taken.callback.unwrap(), &status(&taken.sid, "undelivered", Some(30005))).await;
    let (counted, told) = recounted(&node, "ann").await;
    assert_eq!((&told, &told["failed"]), (&counted, &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_waiting_comes_first() {
    let node = Node::start().await;
    for (n, customer) in ["+14155550201", "+14155550202", "+14155550203"].into_iter().enumerate() {
        node.pass(60);
        node.text_in(n as u64, customer, "hello").await;
    }
    node.pass(60);
    node.text_in(9, "+14155550201", "still here").await;
    let page = node.get("/api/conversations?tab=waiting").await;
    let first: Vec<_> = page["items"].as_array().unwrap().iter().map(|c| c["customer"].clone()).collect();
    assert_eq!(first, ["+14155550201", "+14155550202", "+14155550203"]);
    let newest = node.get("/api/conversations?tab=all&limit=1").await;
    assert_eq!(newest["items"][0]["customer"], "+14155550201");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_by_a_query_page_by_page() {
    let node = Node::start().await;
    let customer = |n: u64| format!("+1415555{:04}", 2000 + n);
    for n in 0..12 {
        let id = node.text_in(n, &customer(n), "hello").await["id"].as_str().unwrap().to_owned();
        if n % 3 == 0 {
            node.put(&format!("/api/conversations/{id}/labels"), json!({ "add": ["Refund"] })).await;
        }
        if n == 3 {
            node.put(&format!("/api/conversations/{id}/status"), json!({ "status": "snoozed" })).await;
        }
        if n == 6 {
            node.put(&format!("/api/conversations/{id}/status"), json!({ "status": "resolved" })).await;
        }
    }
    node.pass(1200);
    let list = async |query: &str, more: &str| {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        node.get(&format!("/api/conversations?query={query}{more}")).await
    };
    let who = |page: &Value| -> Vec<String> {
        let rows = page["items"].as_array().unwrap();
        rows.iter().map(|c| c["customer"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(who(&list("label:refund", "").await), [9, 6, 0].map(customer));
    assert_eq!(who(&list("label:refund is:snoozed", "").await), [3].map(customer));
    assert_eq!(who(&list("label:refund -is:resolved waiting:>10m", "").await), [9, 0].map(customer));
    assert!(who(&list("waiting:>30m", "").await).is_empty());
    assert_eq!(who(&list("2011 via:+1415", "").await), [11].map(customer));
    // In pages of one the same rows come, each once.
    let (mut found, mut after) = (Vec::new(), String::new());
    for _ in 0..9 {
        let page = list("label:refund", &format!("&limit=1{after}")).await;
        found.extend(who(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(found, [9, 6, 0].map(customer));
    let refused = node.call("GET", "/api/conversations?query=is%3Aopne", None).await.refused(400, "invalid_input");
    assert_eq!(refused["field"], "query");
}
