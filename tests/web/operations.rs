//! Every operation of the table, once good and once bad.

use std::collections::HashSet;

use serde_json::{Value, json};
use switchboard::api::OPERATIONS;
use switchboard::domain::time::Span;

use crate::node::{MARIA, Node, START, until_some};

/// Calls by operation: method, path, body, and for bad ones the status and code expected.
pub struct Walk<'a> {
    node: &'a Node,
    good: HashSet<&'static str>,
    bad: HashSet<&'static str>,
}

impl Walk<'_> {
    fn method(name: &str) -> (&'static str, &'static str) {
        let spec = OPERATIONS.iter().find(|s| s.name == name).expect("an operation of the table");
        (spec.name, spec.method.as_str())
    }

    /// Calls it well; answers what came.
    pub async fn good(&mut self, name: &str, path: &str, body: Option<Value>) -> Value {
        let (name, method) = Self::method(name);
        let answer = self.node.call(method, path, body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        self.good.insert(name);
        answer.body
    }

    /// Calls it badly; answers the refusal.
    pub async fn bad(&mut self, name: &str, path: &str, body: Option<Value>, status: u16, code: &str) -> Value {
        let (name, method) = Self::method(name);
        let answer = self.node.call(method, path, body).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{name}: {}", answer.body);
        self.bad.insert(name);
        answer.refused(status, code)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_answers_and_refuses() {
    let node = Node::start().await;
    let conversation = node.text_in(1, MARIA, "hello").await["id"].as_str().unwrap().to_owned();
    let mut walk = Walk { node: &node, good: HashSet::new(), bad: HashSet::new() };
    inbox(&mut walk, &conversation).await;
    messages(&mut walk, &conversation).await;
    businesses(&mut walk).await;
    people(&mut walk).await;
    simulator(&mut walk).await;
    keeping(&mut walk).await;
    later(&mut walk).await;
    dead_letters(&mut walk).await;
    let before = Node::start().await;
    let late = before.send(MARIA, "this morning", 30).await;
    let clock = before.core.clock().clone();
    let node = before.restart_with(|| clock.tell(clock.now() + Span::secs(601), true)).await;
    let mut walk = Walk { node: &node, ..walk };
    held(&mut walk, &late).await;
    media(&mut walk).await;
    let sandbox = crate::numbers::Sandbox::start().await;
    let elsewhere = sandbox.node().await;
    let mut walk = Walk { node: &elsewhere, ..walk };
    numbers(&mut walk).await;
    setups(&mut walk).await;
    contents(&mut walk).await;
    let bench = crate::verify::Bench::start().await;
    let mut walk = Walk { node: &bench.node, ..walk };
    crate::operations_verify::verifications(&mut walk, &bench).await;
    figures(&mut walk).await;
    let all: HashSet<&str> = OPERATIONS.iter().map(|s| s.name).collect();
    let missing: Vec<_> = all.difference(&walk.good).collect();
    assert!(missing.is_empty(), "not called well: {missing:?}");
    // These take nothing that could be wrong.
    let harmless = HashSet::from([
        "GetNode",
        "ListAccounts",
        "ListAgents",
        "ListTokens",
        "ListBusinesses",
        "VerifyAudit",
        "ListPhones",
        "GetKeeping",
        "SumDeadLetters",
        "ListNumbers",
        "GetRates",
        "RecountAnalytics",
        "ListFaults",
        "ClearFaults",
    ]);
    let missing: Vec<_> = all.difference(&walk.bad).filter(|n| !harmless.contains(**n)).collect();
    assert!(missing.is_empty(), "not called badly: {missing:?}");
}

/// The figures of what the others have done.
async fn figures(walk: &mut Walk<'_>) {
    let picture = walk.good("GetVerifyAnalytics", "/api/analytics/verifications?all=true", None).await;
    let sends = picture["funnel"]["sends"].as_u64().unwrap();
    assert!(sends > 0 && picture["series"].as_array().unwrap().len() == 7, "{picture}");
    let bank = picture["byBusiness"][0]["key"].as_str().unwrap();
    let path = format!("/api/analytics/verifications/behind?business={bank}&stage=sends");
    let behind = walk.good("ListAttemptsBehind", &path, None).await;
    assert_eq!(
        (behind["count"].as_u64(), behind["items"].as_array().map(Vec::len)),
        (Some(sends), Some(sends as usize))
    );
    walk.good("GetMessageAnalytics", "/api/analytics/messages", None).await;
    walk.good("ListMessagesBehind", "/api/analytics/messages/behind?direction=in", None).await;
    walk.good("GetOverview", "/api/analytics/overview", None).await;
    walk.good("ListLedger", "/api/analytics/ledger", None).await;
    let recounted = walk.good("RecountAnalytics", "/api/analytics/recount", None).await;
    assert!(recounted["ok"] == true && recounted["rows"].as_u64().unwrap() > 0, "{recounted}");
    walk.good("ListUsage", "/api/analytics/usage", None).await;
    walk.good("FetchUsage", "/api/analytics/usage", Some(json!({}))).await;
    walk.bad("FetchUsage", "/api/analytics/usage", Some(json!({ "to": "never" })), 400, "invalid_input").await;
    walk.good("GetReport", "/api/reports?month=true", None).await;
    walk.bad("GetReport", "/api/reports?week=true&month=true", None, 400, "invalid_input").await;
    for (name, path) in [
        ("GetVerifyAnalytics", "verifications?from=yesterday"),
        ("GetMessageAnalytics", "messages?zone=Mars/Olympus"),
        ("GetOverview", "overview?from=2026-03-02&to=2026-03-01"),
        ("ListLedger", "ledger?to=never"),
        ("ListUsage", "usage?from=2000-01-01"),
        ("ListAttemptsBehind", "verifications/behind?after=7"),
        ("ListMessagesBehind", "messages/behind?limit=201"),
    ] {
        walk.bad(name, &format!("/api/analytics/{path}"), None, 400, "invalid_input").await;
    }
}

async fn contents(walk: &mut Walk<'_>) {
    let listed = walk.good("ListContents", "/api/contents", None).await;
    assert_eq!((&listed["items"][0]["name"], &listed["others"]), (&json!("appointment_reminder"), &json!(2)));
    walk.bad("ListContents", "/api/contents?business=99", None, 404, "not_found").await;
}

async fn setups(walk: &mut Walk<'_>) {
    let made = json!({ "name": "Blue Kite Tours" });
    let id = walk.good("CreateBusiness", "/api/businesses", Some(made)).await["id"].as_str().unwrap().to_owned();
    let at = format!("/api/businesses/{id}/setup");
    walk.good("StartSetup", &at, Some(json!({ "number": "+14155550199" }))).await;
    walk.bad("StartSetup", &at, Some(json!({ "codeLength": 11 })), 400, "invalid_input").await;
    walk.good("GetSetup", &at, None).await;
    walk.bad("GetSetup", "/api/businesses/99/setup", None, 404, "not_found").await;
}

async fn dead_letters(walk: &mut Walk<'_>) {
    let nobody = crate::hooks::but(crate::hooks::text(77, MARIA, "to nobody"), "To", "+14155550999");
    walk.node.webhook(crate::hooks::SMS, &nobody).await;
    walk.node.applied().await;
    let id = walk.node.dead_letters().await[0]["id"].as_str().unwrap().to_owned();
    walk.good("SumDeadLetters", "/api/dead-letters/summary", None).await;
    walk.good("ExplainDeadLetter", &format!("/api/dead-letters/{id}/explain"), None).await;
    walk.bad("ExplainDeadLetter", "/api/dead-letters/99/explain", None, 404, "not_found").await;
    walk.good("ReplayDeadLetters", "/api/dead-letters/replay", Some(json!({ "reason": "poison" }))).await;
    let unknown = json!({ "reason": "mood" });
    walk.bad("ReplayDeadLetters", "/api/dead-letters/replay", Some(unknown), 400, "invalid_input").await;
    let replay = format!("/api/dead-letters/{id}/replay");
    walk.bad("ReplayDeadLetter", &replay, None, 409, "conflict").await;
    walk.node.add_business("Somebody", &["+14155550999"], None).await;
    walk.good("ReplayDeadLetter", &replay, Some(json!({}))).await;
}

async fn held(walk: &mut Walk<'_>, late: &str) {
    let node = walk.node;
    until_some("the start has looked through the outbox", || async {
        let held = node.get("/api/messages/held").await;
        held["items"][0]["id"].as_str().filter(|id| *id == late).map(|_| ())
    })
    .await;
    walk.good("ListHeld", "/api/messages/held?limit=10", None).await;
    walk.bad("ListHeld", "/api/messages/held?limit=0", None, 400, "invalid_input").await;
    let released = walk.good("ReleaseMessage", &format!("/api/messages/{late}/release"), None).await;
    assert_eq!(released["asksSince"], Value::Null);
    walk.bad("ReleaseMessage", "/api/messages/99/release", None, 404, "not_found").await;
}

async fn media(walk: &mut Walk<'_>) {
    let picture = [("NumMedia", "1"), ("MediaUrl0", "https://x.example/a.png")];
    let form = crate::hooks::text(88, MARIA, "look");
    let form = picture.iter().fold(form, |form, (name, value)| crate::hooks::but(form, name, value));
    walk.node.webhook(crate::hooks::SMS, &form).await;
    walk.node.applied().await;
    let id = until_some("no credentials go there", || async {
        let newest = walk.node.thread(MARIA).await.remove(0);
        (newest["media"][0]["state"] == "failed").then(|| newest["id"].as_str().unwrap().to_owned())
    });
    let at = format!("/api/messages/{}/media", id.await);
    walk.good("ListMedia", &at, None).await;
    walk.bad("ListMedia", "/api/messages/99/media", None, 404, "not_found").await;
    walk.good("GetMedia", &format!("{at}/0"), None).await;
    walk.bad("GetMedia", &format!("{at}/1"), None, 404, "not_found").await;
    walk.good("RetryMedia", &format!("{at}/0/retry"), Some(json!({}))).await;
    walk.bad("RetryMedia", &format!("{at}/1/retry"), Some(json!({})), 404, "not_found").await;
}

async fn later(walk: &mut Walk<'_>) {
    let send = json!({ "to": MARIA, "body": "later", "sendAt": "2027-03-02T17:00:00Z" });
    let id =
        walk.good("SendMessage", "/api/conversations/messages", Some(send)).await["id"].as_str().unwrap().to_owned();
    walk.good("ListLater", "/api/messages/later?limit=10", None).await;
    walk.bad("ListLater", "/api/messages/later?limit=0", None, 400, "invalid_input").await;
    let path = format!("/api/messages/{id}/later");
    walk.good("ChangeLater", &path, Some(json!({ "body": "even later" }))).await;
    walk.bad("ChangeLater", &path, Some(json!({ "body": " " })), 400, "invalid_input").await;
}

async fn keeping(walk: &mut Walk<'_>) {
    walk.good("GetKeeping", "/api/keeping", None).await;
    walk.good("ListGaps", "/api/keeping/gaps?limit=10", None).await;
    walk.bad("ListGaps", "/api/keeping/gaps?after=zz", None, 400, "invalid_input").await;
    walk.good("Sweep", "/api/keeping/sweep", Some(json!({}))).await;
    let turned = json!({ "from": "2026-03-02T17:00:00Z", "until": "2026-03-02T16:00:00Z" });
    walk.bad("Sweep", "/api/keeping/sweep", Some(turned), 400, "invalid_input").await;
    let long = json!({ "from": "2025-03-02T17:00:00Z", "until": "2026-03-02T16:00:00Z" });
    walk.bad("Sweep", "/api/keeping/sweep", Some(long), 400, "invalid_input").await;
    walk.bad("StopImport", "/api/keeping/import", None, 409, "conflict").await;
    walk.bad("StartImport", "/api/keeping/import", Some(json!({ "days": 0 })), 400, "invalid_input").await;
    walk.bad("StartImport", "/api/keeping/import", Some(json!({ "limit": 0 })), 400, "invalid_input").await;
    walk.node.twilio.mute_lists(true);
    walk.good("StartImport", "/api/keeping/import", Some(json!({ "days": 7 }))).await;
    walk.good("StopImport", "/api/keeping/import", None).await;
}

async fn inbox(walk: &mut Walk<'_>, conversation: &str) {
    let at = format!("/api/conversations/{conversation}");
    for tab in ["mine", "unassigned", "all", "waiting", "failed", "snoozed"] {
        walk.good("ListConversations", &format!("/api/conversations?tab={tab}&limit=10"), None).await;
    }
    let refused = walk.bad("ListConversations", "/api/conversations?limit=0", None, 400, "invalid_input").await;
    assert_eq!(refused["field"], "limit");
    walk.bad("ListConversations", "/api/conversations?limit=many", None, 400, "invalid_input").await;
    walk.bad("ListConversations", "/api/conversations?tab=everything", None, 400, "invalid_input").await;
    walk.bad("ListConversations", "/api/conversations?after=zz", None, 400, "invalid_input").await;
    walk.bad("ListConversations", "/api/conversations?business=99", None, 404, "not_found").await;
    walk.good("GetConversation", &at, None).await;
    walk.bad("GetConversation", "/api/conversations/99", None, 404, "not_found").await;
    walk.bad("GetConversation", "/api/conversations/maria", None, 400, "invalid_input").await;
    walk.good("ListMessages", &format!("{at}/messages?limit=1"), None).await;
    walk.bad("ListMessages", &format!("{at}/messages?limit=201"), None, 400, "invalid_input").await;
    walk.good("AddNote", &format!("{at}/notes"), Some(json!({ "body": "she prefers mornings" }))).await;
    walk.bad("AddNote", &format!("{at}/notes"), Some(json!({ "body": " " })), 400, "invalid_input").await;
    let account = "/api/accounts/AC0000000000000000000000000000beef";
    walk.good("SaveAccount", account, Some(json!({ "authToken": "cmd:echo 00112233445566778899aabbccddeeff" }))).await;
    walk.bad("SaveAccount", account, Some(json!({ "authToken": "00112233" })), 400, "invalid_input").await;
    assert_eq!(walk.good("ListAccounts", "/api/accounts", None).await["items"].as_array().unwrap().len(), 2);
    walk.good("RemoveAccount", account, None).await;
    walk.bad("RemoveAccount", account, None, 404, "not_found").await;
    walk.good("SaveAgent", "/api/agents/kim", Some(json!({ "name": "Kim", "role": "operator" }))).await;
    walk.bad("SaveAgent", "/api/agents/Kim%20B", Some(json!({ "name": "Kim" })), 400, "invalid_input").await;
    walk.bad("SaveAgent", "/api/agents/kim", Some(json!({ "name": "Kim", "role": "root" })), 400, "invalid_input")
        .await;
    let kim = walk.good("AssignConversation", &format!("{at}/assignee"), Some(json!({ "assignee": "kim" }))).await;
    assert_eq!(kim["assignee"], "kim");
    let nobody = walk.good("AssignConversation", &format!("{at}/assignee"), Some(json!({}))).await;
    assert_eq!(nobody["assignee"], Value::Null);
    let stranger = json!({ "assignee": "nobody-here" });
    walk.bad("AssignConversation", &format!("{at}/assignee"), Some(stranger), 400, "invalid_input").await;
    let line = json!({ "assignee": "kim", "handOver": " wants Friday " });
    walk.good("AssignConversation", &format!("{at}/assignee"), Some(line)).await;
    let notes = walk.good("ListMessages", &format!("{at}/messages?limit=1"), None).await;
    assert_eq!(
        (&notes["items"][0]["direction"], &notes["items"][0]["body"]),
        (&json!("note"), &json!("@kim wants Friday"))
    );
    let to_nobody = json!({ "handOver": "who?" });
    walk.bad("AssignConversation", &format!("{at}/assignee"), Some(to_nobody), 400, "invalid_input").await;
    walk.good("AssignConversation", &format!("{at}/assignee"), Some(json!({}))).await;
    let labels = format!("{at}/labels");
    let labelled =
        walk.good("LabelConversation", &labels, Some(json!({ "add": ["urgent", "refund", "Urgent"] }))).await;
    assert_eq!(labelled["labels"], json!(["refund", "urgent"]));
    let fewer = json!({ "add": ["vip"], "remove": ["REFUND"] });
    let labelled = walk.good("LabelConversation", &labels, Some(fewer)).await;
    assert_eq!(labelled["labels"], json!(["urgent", "vip"]));
    for wrong in [" ", "two\nlines", &"x".repeat(31)] {
        walk.bad("LabelConversation", &labels, Some(json!({ "add": [wrong] })), 400, "invalid_input").await;
    }
    let used = walk.good("ListLabels", "/api/labels", None).await;
    let one = |name: &str| json!({ "name": name, "conversations": 1 });
    assert_eq!(used["items"], json!([one("urgent"), one("vip")]));
    walk.bad("ListLabels", "/api/labels?business=99", None, 404, "not_found").await;
    let status = |status: &str| Some(json!({ "status": status }));
    walk.good("SetConversationStatus", &format!("{at}/status"), status("resolved")).await;
    walk.good("SetConversationStatus", &format!("{at}/status"), status("open")).await;
    walk.bad("SetConversationStatus", &format!("{at}/status"), status("gone"), 400, "invalid_input").await;
    let past = json!({ "status": "snoozed", "until": "2001-01-01T00:00:00Z" });
    walk.bad("SetConversationStatus", &format!("{at}/status"), Some(past), 400, "invalid_input").await;
    let read = walk.good("MarkRead", &format!("{at}/read"), Some(json!({ "arrival": 1 }))).await;
    assert_eq!(read["unread"], 0);
    walk.bad("MarkRead", "/api/conversations/99/read", Some(json!({ "arrival": 1 })), 404, "not_found").await;
    let saved = walk.good("SaveContact", "/api/contacts/%2B14155550123", Some(json!({ "name": "Maria Lopez" }))).await;
    assert_eq!((&saved["name"], &saved["conversations"][0]), (&json!("Maria Lopez"), &json!(conversation)));
    let long = json!({ "name": "x".repeat(201) });
    walk.bad("SaveContact", "/api/contacts/%2B14155550123", Some(long), 400, "invalid_input").await;
    let known = walk.good("GetContact", "/api/contacts/%2B14155550123", None).await;
    let notes: Vec<&Value> = known["notes"].as_array().unwrap().iter().map(|note| &note["body"]).collect();
    assert!(known["name"] == "Maria Lopez" && notes.contains(&&json!("she prefers mornings")), "{known}");
    walk.bad("GetContact", "/api/contacts/%2B14155550999", None, 404, "not_found").await;
    let viewing = json!({ "doing": "viewing" });
    walk.good("SetPresence", &format!("{at}/presence"), Some(viewing.clone())).await;
    walk.bad("SetPresence", "/api/conversations/99/presence", Some(viewing), 404, "not_found").await;
}

async fn messages(walk: &mut Walk<'_>, conversation: &str) {
    let send = json!({ "conversation": conversation, "body": "on our way", "holdSeconds": 30 });
    let held = walk.good("SendMessage", "/api/conversations/messages", Some(send)).await;
    assert_eq!((&held["status"], held["due"].is_string()), (&json!("held"), true));
    let both = json!({ "conversation": conversation, "to": MARIA, "body": "x" });
    let refused = walk.bad("SendMessage", "/api/conversations/messages", Some(both), 400, "invalid_input").await;
    assert_eq!(refused["field"], "to");
    let held = held["id"].as_str().unwrap();
    let undone = walk.good("UndoMessage", &format!("/api/messages/{held}/undo"), Some(json!({}))).await;
    assert_eq!(undone["status"], "canceled");
    walk.bad("UndoMessage", &format!("/api/messages/{held}/undo"), None, 409, "conflict").await;
    walk.bad("RetryMessage", &format!("/api/messages/{held}/retry"), None, 409, "conflict").await;
    walk.node.twilio.next([crate::twilio::Then::Refuse(30001)]);
    let failed = walk.node.send(MARIA, "queue is full", 0).await;
    walk.node.until_status(MARIA, &failed, "failed").await;
    let again = walk.good("RetryMessage", &format!("/api/messages/{failed}/retry"), None).await;
    assert_eq!(again["retryOf"], json!(failed));
    let asked = walk.good("ShowUpstream", &format!("/api/messages/{failed}/upstream"), None).await;
    assert_eq!((&asked["method"], &asked["product"]), (&json!("POST"), &json!("api")));
    walk.bad("ShowUpstream", "/api/messages/99/upstream", None, 404, "not_found").await;
}

async fn businesses(walk: &mut Walk<'_>) {
    let create = json!({ "name": "Blue Kite Tours", "timeZone": "America/Los_Angeles", "contactEmail": "a@b.example" });
    let made = walk.good("CreateBusiness", "/api/businesses", Some(create)).await;
    let planned = ["id", "name", "contactEmail", "phoneNumber", "verifyServiceId", "hasCustomNumber", "active"];
    assert!(planned.iter().all(|field| !made[*field].is_null()), "{made}");
    walk.bad("CreateBusiness", "/api/businesses", Some(json!({ "name": "  " })), 400, "invalid_input").await;
    let at = format!("/api/businesses/{}", made["id"].as_str().unwrap());
    walk.good("GetBusiness", &at, None).await;
    walk.bad("GetBusiness", "/api/businesses/99", None, 404, "not_found").await;
    assert_eq!(walk.good("UpdateBusiness", &at, Some(json!({ "active": false }))).await["active"], false);
    walk.bad("UpdateBusiness", &at, Some(json!({ "timeZone": "Mars/North" })), 400, "invalid_input").await;
    let address = json!({ "addresses": ["+14155550300"] });
    walk.good("CreateEndpoint", &format!("{at}/endpoints"), Some(address.clone())).await;
    walk.bad("CreateEndpoint", &format!("{at}/endpoints"), Some(json!({ "addresses": [] })), 400, "invalid_input")
        .await;
    let elsewhere = format!("/api/businesses/{}/endpoints", walk.node.business);
    walk.bad("CreateEndpoint", &elsewhere, Some(address), 409, "conflict").await;
    let listed = walk.good("ListEndpoints", &format!("{at}/endpoints"), None).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let endpoint = format!("/api/endpoints/{}", listed["items"][0]["id"].as_str().unwrap());
    let business = at.rsplit('/').next().unwrap();
    walk.good("UpdateEndpoint", &endpoint, Some(json!({ "business": business, "pace": 12 }))).await;
    walk.bad("UpdateEndpoint", &endpoint, Some(json!({ "pace": 12 })), 404, "not_found").await;
    walk.bad("ListEndpoints", "/api/businesses/99/endpoints", None, 404, "not_found").await;
    assert_eq!(walk.good("ListBusinesses", "/api/businesses", None).await["items"].as_array().unwrap().len(), 2);
    let asked = walk.bad("DeleteBusiness", &at, None, 409, "confirmation_required").await;
    assert_eq!(asked["confirm"], "Blue Kite Tours");
    walk.good("DeleteBusiness", &format!("{at}?confirm=Blue%20Kite%20Tours"), None).await;
    walk.bad("DeleteBusiness", &format!("{at}?confirm=Blue%20Kite%20Tours"), None, 404, "not_found").await;
}

async fn people(walk: &mut Walk<'_>) {
    let agents = walk.good("ListAgents", "/api/agents", None).await;
    assert!(agents["items"].as_array().unwrap().iter().any(|a| a["handle"] == "kim"), "{agents}");
    let make = json!({ "label": "ci", "kind": "secret", "agent": "kim" });
    let token = walk.good("CreateToken", "/api/tokens", Some(make)).await;
    assert!(token["secret"].as_str().unwrap().starts_with("swb_"));
    let nobody = json!({ "label": "ci", "kind": "secret" });
    walk.bad("CreateToken", "/api/tokens", Some(nobody), 400, "invalid_input").await;
    let session = json!({ "label": "ci", "kind": "session", "agent": "kim" });
    walk.bad("CreateToken", "/api/tokens", Some(session), 400, "invalid_input").await;
    let listed = walk.good("ListTokens", "/api/tokens", None).await;
    assert_eq!((&listed["items"][0]["label"], &listed["items"][0]["secret"]), (&json!("ci"), &Value::Null));
    let at = format!("/api/tokens/{}", token["id"].as_str().unwrap());
    walk.good("RevokeToken", &at, None).await;
    walk.bad("RevokeToken", "/api/tokens/99", None, 404, "not_found").await;
    let log = walk.good("ListWebhooks", "/api/webhooks?limit=1", None).await;
    assert_eq!(log["items"].as_array().map(Vec::len), Some(1), "{log}");
    walk.bad("ListWebhooks", "/api/webhooks?limit=0", None, 400, "invalid_input").await;
    walk.good("ListDeadLetters", "/api/dead-letters", None).await;
    walk.bad("ListDeadLetters", "/api/dead-letters?limit=1000", None, 400, "invalid_input").await;
    let rates = walk.good("GetRates", "/api/rates", None).await;
    assert_eq!((&rates["currency"], &rates["default"]["sms"]), (&json!("USD"), &json!("0.0083")));
    let node = walk.good("GetNode", "/api/node", None).await;
    assert_eq!((&node["world"], &node["paused"], &node["troubles"]), (&json!("sandbox"), &json!(true), &json!([])));
    walk.good("VerifyAudit", "/api/audit/verify", None).await;
    let log = walk.good("ListAudit", "/api/audit?kind=token.created&limit=1", None).await;
    assert_eq!(log["items"][0]["kind"], "token.created", "{log}");
    walk.bad("ListAudit", "/api/audit?limit=0", None, 400, "invalid_input").await;
    let file = walk.good("ExportAudit", "/api/audit/export?kind=token", None).await;
    assert!(file["text"].as_str().unwrap().starts_with("id,at,actor,"), "{file}");
    walk.bad("ExportAudit", "/api/audit/export?after=zz", None, 400, "invalid_input").await;
}

async fn numbers(walk: &mut Walk<'_>) {
    let listed = walk.good("ListNumbers", "/api/numbers", None).await;
    assert_eq!(listed["items"][0]["points"], "nowhere", "{listed}");
    let at = |number: &str, verb: &str| format!("/api/numbers/{}/{verb}", number.replace('+', "%2B"));
    let (ours, foreign) = ("+14155550100", "+14155559999");
    let pointed = walk.good("PointNumber", &at(ours, "point"), Some(json!({}))).await;
    assert_eq!((&pointed["points"], &pointed["previous"]), (&json!("here"), &json!("")));
    walk.bad("PointNumber", &at(foreign, "point"), Some(json!({})), 404, "not_found").await;
    walk.bad("PointNumber", &at("hello", "point"), Some(json!({})), 404, "not_found").await;
    walk.bad("PointNumber", &at(&format!("SM{}", "0".repeat(32)), "point"), None, 400, "invalid_input").await;
    let loan = walk.good("BorrowNumber", &at(ours, "borrow"), Some(json!({ "session": "a" }))).await;
    assert_eq!(loan["name"], ours);
    let short = json!({ "session": "a", "seconds": 1 });
    walk.bad("BorrowNumber", &at(ours, "borrow"), Some(short), 400, "invalid_input").await;
    let returned = walk.good("ReturnNumber", &at(ours, "return"), Some(json!({ "session": "a" }))).await;
    assert_eq!(returned["ending"], "unchanged", "it is pointed here for good");
    walk.bad("ReturnNumber", &at(ours, "return"), Some(json!({ "session": "a" })), 409, "conflict").await;
    let unpointed = walk.good("UnpointNumber", &at(ours, "unpoint"), None).await;
    assert_eq!((&unpointed["ending"], &unpointed["url"]), (&json!("restored"), &json!("")));
    walk.bad("UnpointNumber", &at(ours, "unpoint"), None, 409, "conflict").await;
}

async fn simulator(walk: &mut Walk<'_>) {
    walk.good("ListPhones", "/api/simulator/phones", None).await;
    let phone = walk.good("GetPhone", "/api/simulator/phones/%2B14155550123", None).await;
    assert_eq!(phone["messages"][0]["body"], "hi");
    walk.bad("GetPhone", "/api/simulator/phones/%2B19", None, 400, "invalid_input").await;
    let at = "/api/simulator/phones/%2B14155550123";
    let text = json!({ "to": "+14155550100", "body": "hi" });
    let texted = walk.good("TextFromPhone", &format!("{at}/send"), Some(text)).await;
    assert_eq!(texted["webhookStatus"], 200);
    walk.bad("TextFromPhone", &format!("{at}/send"), Some(json!({ "to": "x" })), 400, "invalid_input").await;
    let outcome = json!({ "status": "failed", "errorCode": 30003, "times": 1 });
    walk.good("SetOutcome", &format!("{at}/outcome"), Some(outcome)).await;
    walk.bad("SetOutcome", &format!("{at}/outcome"), Some(json!({})), 400, "invalid_input").await;
    let faults = walk.good("ListFaults", "/api/simulator/faults", None).await;
    assert_eq!(faults["items"], json!([{ "what": "webhook: drop", "times": 2 }]));
    walk.good("AddFault", "/api/simulator/faults", Some(json!({ "trouble": "webhookLost", "times": 2 }))).await;
    walk.bad("AddFault", "/api/simulator/faults", Some(json!({ "trouble": "weather" })), 400, "invalid_input").await;
    let never = json!({ "trouble": "slow", "times": 0 });
    walk.bad("AddFault", "/api/simulator/faults", Some(never), 400, "invalid_input").await;
    walk.good("ClearFaults", "/api/simulator/faults", None).await;
    let moved = walk.good("AdvanceClock", "/api/simulator/clock", Some(json!({ "advanceSeconds": 60 }))).await;
    let later = START + switchboard::domain::time::Span::secs(60);
    assert_eq!((&moved["now"], &moved["paused"]), (&json!(later.rfc3339()), &json!(true)));
    walk.bad("AdvanceClock", "/api/simulator/clock", Some(json!({})), 400, "invalid_input").await;
}
