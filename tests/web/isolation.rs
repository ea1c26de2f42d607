//! A business isolates what belongs to it: over the whole table of operations, with a token of one business
//! and the ids of another, there is nothing there, and nothing of it shows in lists, counts or events.

use std::collections::HashSet;

use serde_json::{Value, json};
use switchboard::api::OPERATIONS;

use crate::hooks::{SMS, but, text};
use crate::node::{MARIA, NUMBER, Node};

/// What must never show in an answer to somebody else: words and ids of the first business.
struct Secrets(Vec<String>);

impl Secrets {
    #[track_caller]
    fn not_in(&self, what: &str, answer: &str) {
        for secret in &self.0 {
            assert!(!answer.contains(secret.as_str()), "{what} tells `{secret}`: {answer}");
        }
    }
}

/// How an operation answers a token of another business.
enum Expected {
    /// As if there were no such thing: paths (with bodies) that name what is not theirs.
    Nothing(Vec<(String, Value)>),
    /// It tells the caller's own: the query names nothing.
    Own(String),
    /// It tells what is at Twilio for all businesses.
    Elsewhere(&'static str),
    /// It concerns all businesses, so it is for none of them.
    Refused,
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_of_another_business_there_is_nothing_there() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    let conversation = node.text_in(1, MARIA, "my secret tooth").await["id"].as_str().unwrap().to_owned();
    node.put("/api/contacts/%2B14155550123", json!({ "name": "Maria Lopez" })).await;
    node.put(&format!("/api/conversations/{conversation}/labels"), json!({ "add": ["sealed"] })).await;
    let held = node.send(MARIA, "held secret", 30).await;
    let later = json!({ "to": MARIA, "body": "later secret", "sendAt": "2027-03-02T17:00:00Z" });
    let later = node.post("/api/conversations/messages", later).await["id"].as_str().unwrap().to_owned();
    let stranger = but(text(2, MARIA, "to the bank"), "To", "+14155550200");
    node.webhook(SMS, &stranger).await;
    node.applied().await;
    let (dental, endpoint) = (node.business.to_string(), node.endpoint.to_string());
    let words = ["Harbor Dental", "secret", "Maria Lopez", "sealed", NUMBER, &conversation, &held, &later, &dental];
    let secrets = Secrets(words.iter().map(|w| (*w).to_owned()).chain([endpoint.clone()]).collect());
    let fields = json!({ "label": "bank", "kind": "secret", "business": bank.to_string(), "role": "admin" });
    let (_, token) = node.token(fields).await;

    let of_message = |rest: &str, body: Value| {
        Expected::Nothing([&held, &later].map(|id| (format!("/api/messages/{id}{rest}"), body.clone())).to_vec())
    };
    let talk =
        |rest: &str, body: Value| Expected::Nothing(vec![(format!("/api/conversations/{conversation}{rest}"), body)]);
    let theirs = |rest: &str, body: Value| Expected::Nothing(vec![(format!("/api/businesses/{dental}{rest}"), body)]);
    let of_figures =
        |what: &str| Expected::Nothing(vec![(format!("/api/analytics/{what}?business={dental}"), Value::Null)]);
    let list = |path: &str| Expected::Own(path.to_owned());
    let mut seen = HashSet::new();
    for spec in OPERATIONS {
        let expected = match spec.name {
            "GetConversation" => talk("", Value::Null),
            "ListMessages" => talk("/messages", Value::Null),
            "AddNote" => talk("/notes", json!({ "body": "x" })),
            "AssignConversation" => talk("/assignee", json!({})),
            "LabelConversation" => talk("/labels", json!({ "add": ["x"] })),
            "SetConversationStatus" => talk("/status", json!({ "status": "resolved" })),
            "MarkRead" => talk("/read", json!({ "arrival": 1 })),
            "SetPresence" => talk("/presence", json!({ "doing": "viewing" })),
            "SendMessage" => {
                let path = "/api/conversations/messages".to_owned();
                Expected::Nothing(vec![
                    (path.clone(), json!({ "conversation": conversation, "body": "x" })),
                    (path, json!({ "business": dental, "to": MARIA, "body": "x" })),
                ])
            }
            "UndoMessage" => of_message("/undo", json!({})),
            "ReleaseMessage" => of_message("/release", json!({})),
            "RetryMessage" => of_message("/retry", json!({})),
            "ShowUpstream" => of_message("/upstream", Value::Null),
            "ListMedia" => of_message("/media", Value::Null),
            "GetMedia" => of_message("/media/0", Value::Null),
            "RetryMedia" => of_message("/media/0/retry", json!({})),
            "ChangeLater" => of_message("/later", json!({ "body": "x" })),
            "GetContact" | "SaveContact" => {
                let path = format!("/api/contacts/%2B14155550123?business={dental}");
                Expected::Nothing(vec![(path, json!({ "name": "x" }))])
            }
            "GetBusiness" => theirs("", Value::Null),
            "UpdateBusiness" => theirs("", json!({ "name": "x" })),
            "DeleteBusiness" => theirs("?confirm=Harbor%20Dental", Value::Null),
            "GetSetup" => theirs("/setup", Value::Null),
            "StartSetup" => theirs("/setup", json!({})),
            "ListEndpoints" => theirs("/endpoints", Value::Null),
            "CreateEndpoint" => theirs("/endpoints", json!({ "addresses": ["+14155550999"] })),
            "UpdateEndpoint" => Expected::Nothing(vec![
                (format!("/api/endpoints/{endpoint}"), json!({ "pace": 1 })),
                (format!("/api/endpoints/{endpoint}?business={dental}"), json!({ "pace": 1 })),
            ]),
            "GetVerifyAnalytics" => of_figures("verifications"),
            "GetMessageAnalytics" => of_figures("messages"),
            "ListLedger" => of_figures("ledger"),
            "GetReport" => {
                Expected::Nothing(vec![(format!("/api/reports?business={dental}&format=html"), Value::Null)])
            }
            "ListAudit" | "ExportAudit" => Expected::Nothing(
                ["?", "?search=secret&", "?kind=message&limit=200&"]
                    .map(|with| (format!("{}{with}business={dental}", spec.path), Value::Null))
                    .to_vec(),
            ),
            "ListAttemptsBehind" => of_figures("verifications/behind"),
            "ListMessagesBehind" => of_figures("messages/behind"),
            "ListConversations" => list("/api/conversations"),
            "ListHeld" => list("/api/messages/held"),
            "ListLater" => list("/api/messages/later"),
            "ListLabels" => list("/api/labels"),
            "ListBusinesses" => list("/api/businesses"),
            "ListAgents" => list("/api/agents"),
            "GetRates" => list("/api/rates"),
            "GetNode" => list("/api/node"),
            // What a later operation names by a business is its own; what else there is concerns everybody.
            _ if spec.path.starts_with("/api/businesses/{") => {
                let rest = spec.path.splitn(5, '/').nth(4).unwrap_or_default();
                let body = json!({ "to": MARIA, "number": MARIA, "code": "123456", "channel": "sms" });
                theirs(&format!("/{}", named(rest, "7")), body)
            }
            // The templates of the account, which are no business's; this Twilio has none.
            "ListContents" => Expected::Elsewhere("/api/contents"),
            _ => Expected::Refused,
        };
        let call = |path: String, body: Value| {
            let body = Some(body).filter(|_| !spec.method.is_bodiless());
            let (node, token, method) = (&node, &token, spec.method.as_str());
            async move { node.call_as(token, method, &path, body).await }
        };
        match expected {
            Expected::Nothing(asked) => {
                for (path, body) in asked {
                    let answer = call(path.clone(), body).await;
                    let what = format!("{} {path}", spec.name);
                    // A body that does not fit is told before anything is looked for: that tells nothing either.
                    let known = matches!(spec.name, "GetConversation" | "GetBusiness") || answer.status != 400;
                    assert!(answer.status == 404 || !known, "{what}: {} {}", answer.status, answer.body);
                    let told = answer.body.to_string();
                    let told = told.replace(&conversation, "").replace(&held, "").replace(&later, "");
                    secrets.not_in(&what, &told.replace(&dental, "").replace(&endpoint, ""));
                }
            }
            Expected::Own(path) => {
                let answer = call(path.clone(), json!({})).await;
                assert_eq!(answer.status, 200, "{}: {}", spec.name, answer.body);
                secrets.not_in(spec.name, &answer.body.to_string());
            }
            Expected::Elsewhere(path) => {
                let answer = call(path.to_owned(), json!({})).await;
                assert_eq!(answer.status, 502, "{}: {}", spec.name, answer.body);
                secrets.not_in(spec.name, &answer.body.to_string());
            }
            Expected::Refused => {
                let account = "AC00000000000000000000000000000000";
                let id = if spec.path.ends_with("{sid}") { account } else { &held };
                let answer = call(named(spec.path, id), filled(spec.name)).await;
                let told = answer.body.to_string();
                assert!(matches!(answer.status, 403 | 404), "{}: {} {told}", spec.name, answer.status);
                secrets.not_in(spec.name, &told.replace(&held, ""));
            }
        }
        seen.insert(spec.name);
    }
    assert_eq!(seen.len(), OPERATIONS.len());
    // Nothing of all that was done.
    let business = node.get(&format!("/api/businesses/{dental}")).await;
    assert_eq!((&business["name"], &business["active"]), (&json!("Harbor Dental"), &json!(true)));
    assert_eq!(node.message(MARIA, &held).await["status"], "held");
    assert_eq!(node.conversation(MARIA).await["labels"], json!(["sealed"]));
}

/// A path whose fields have something in them.
fn named(path: &str, id: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The least that an operation needs to be understood.
fn filled(operation: &str) -> Value {
    match operation {
        "CreateBusiness" | "SaveAgent" => json!({ "name": "x" }),
        "CreateToken" => json!({ "label": "x", "kind": "secret", "agent": "setup" }),
        "ReplayDeadLetters" => json!({ "reason": "poison" }),
        "BorrowNumber" | "ReturnNumber" => json!({ "session": "x" }),
        "TextFromPhone" => json!({ "to": "+14155550200", "body": "x" }),
        "SaveAccount" => json!({ "authToken": "env:NONE" }),
        "SetOutcome" => json!({ "status": "failed" }),
        "AddFault" => json!({ "trouble": "slow" }),
        "AdvanceClock" => json!({ "advanceSeconds": 1 }),
        _ => json!({}),
    }
}

/// An address that another business has is refused without saying whose it is.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_does_not_say_by_whom() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    let fields = json!({ "label": "bank", "kind": "secret", "business": bank.to_string(), "role": "admin" });
    let (_, token) = node.token(fields).await;
    let path = format!("/api/businesses/{bank}/endpoints");
    let refused = node.call_as(&token, "POST", &path, Some(json!({ "addresses": [NUMBER] }))).await;
    let told = refused.refused(409, "conflict").to_string();
    assert!(!told.contains(&node.business.to_string()) && !told.contains("Harbor"), "{told}");
    // Texts still go where they went.
    node.text_in(1, MARIA, "hello").await;
}

/// The feed of a business has its own events only, also those of settings, setups and deletions.
#[tokio::test(flavor = "multi_thread")]
async fn the_feed_tells_nothing_of_others() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    let fields = json!({ "label": "bank", "kind": "secret", "business": bank.to_string(), "role": "admin" });
    let (_, token) = node.token(fields).await;
    let before = node.core.cursor().encode();
    let conversation = node.text_in(1, MARIA, "my secret tooth").await["id"].as_str().unwrap().to_owned();
    node.send(MARIA, "held secret", 30).await;
    node.post(&format!("/api/conversations/{conversation}/notes"), json!({ "body": "secret note" })).await;
    node.put(&format!("/api/businesses/{}", node.business), json!({ "contactEmail": "secret@example.com" })).await;
    node.put("/api/agents/kim", json!({ "name": "secret Kim" })).await;
    node.put(&format!("/api/businesses/{bank}"), json!({ "contactEmail": "bank@example.com" })).await;
    let heard = node.events_as(&token, Some(&before)).await.caught_up().await;
    let kinds: Vec<&Value> = heard.iter().map(|frame| &frame.data["kind"]).collect();
    assert_eq!(kinds, ["business.saved"]);
    assert_eq!(heard[0].data["business"], bank.to_string());
    assert!(!format!("{:?}", heard[0].data).contains("secret"));
}

/// The audit log of a business has its own entries only, and nothing of the platform's.
#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_nothing_of_others() {
    let node = Node::start().await;
    let (bank, _) = node.add_business("Northwind Bank", &["+14155550200"], None).await;
    let fields = json!({ "label": "bank", "kind": "secret", "business": bank.to_string(), "role": "admin" });
    let (_, token) = node.token(fields).await;
    node.text_in(1, MARIA, "my secret tooth").await;
    node.send(MARIA, "held secret", 30).await;
    node.put(&format!("/api/businesses/{}", node.business), json!({ "contactEmail": "secret@example.com" })).await;
    node.put("/api/agents/kim", json!({ "name": "secret Kim" })).await;
    node.put(&format!("/api/businesses/{bank}"), json!({ "contactEmail": "bank@example.com" })).await;
    let all = node.get("/api/audit?limit=200").await;
    assert!(all.to_string().contains("secret Kim") && all.to_string().contains("held secret"), "{all}");
    for path in ["/api/audit?limit=200", "/api/audit?search=secret", "/api/audit/export?format=jsonl"] {
        let own = node.call_as(&token, "GET", path, None).await.ok();
        let told = own.to_string();
        assert!(!told.contains("secret") && !told.contains("Harbor") && !told.contains("kim"), "{path}: {told}");
    }
    let own = node.call_as(&token, "GET", "/api/audit?limit=200", None).await.ok();
    let own = own["items"].as_array().unwrap();
    assert!(own.iter().all(|e| e["business"] == bank.to_string() && e["businessName"] == "Northwind Bank"), "{own:?}");
    assert!(own.iter().any(|e| e["said"].as_str().unwrap().contains("contactEmail nothing → `bank@example.com`")));
    // A page of another's log leads nowhere in one's own.
    let next = node.get("/api/audit?limit=1").await["next"].as_str().unwrap().to_owned();
    let stolen = node.call_as(&token, "GET", &format!("/api/audit?after={next}"), None).await;
    stolen.refused(400, "invalid_input");
    // What a business's server may usually do does not include it.
    let fields = json!({ "label": "shop", "kind": "secret", "business": bank.to_string() });
    let (_, token) = node.token(fields).await;
    node.call_as(&token, "GET", "/api/audit", None).await.refused(403, "forbidden");
}
