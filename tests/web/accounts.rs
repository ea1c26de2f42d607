//! Several accounts: each one's webhooks by its own token, each one's endpoints sent and listed by it.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::core::Pace;
use tempfile::TempDir;

use crate::hooks::{SMS, but, signature, status, text};
use crate::node::{MARIA, NUMBER, Node, OLD_AUTH, PUBLIC, SAM, Setup, until_some};
use crate::numbers::Sandbox;

const SPARE: &str = "+14155550199";
const SUB: &str = "AC0000000000000000000000000000beef";
const FIRST: &str = "11112222333344445555666677778888";
const SECOND: &str = "88887777666655554444333322221111";

/// A file that holds a token, and the reference to it.
fn file(dir: &TempDir, name: &str, token: &str) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, format!("{token}\n")).unwrap();
    format!("file:{}", path.display())
}

/// A subaccount that has the spare number: its SID and its auth token.
async fn subaccount(sandbox: &Sandbox, hook: Option<&str>) -> (String, String) {
    let sub = sandbox.ask("POST", "api/2010-04-01/Accounts.json", &[("FriendlyName", "Blue Kite")]).await;
    let (sid, token) = (sub["sid"].as_str().unwrap(), sub["auth_token"].as_str().unwrap());
    let list = sandbox.ask("GET", "api/2010-04-01/Accounts/ACCOUNT/IncomingPhoneNumbers.json", &[]).await;
    let numbers = list["incoming_phone_numbers"].as_array().unwrap();
    let number = numbers.iter().find(|n| n["phone_number"] == SPARE).unwrap()["sid"].as_str().unwrap().to_owned();
    let moved = format!("api/2010-04-01/Accounts/ACCOUNT/IncomingPhoneNumbers/{number}.json");
    let hook = hook.map(|hook| ("SmsUrl", hook));
    sandbox.ask("POST", &moved, &std::iter::once(("AccountSid", sid)).chain(hook).collect::<Vec<_>>()).await;
    (sid.to_owned(), token.to_owned())
}

/// The node's clock is told the sandbox's time.
async fn same_time(node: &Node, sandbox: &Sandbox) {
    let now: jiff::Timestamp = sandbox.shown("state").await["now"].as_str().unwrap().parse().unwrap();
    node.core.clock().tell(switchboard::domain::time::Time(now.as_microsecond()), true);
}

async fn endpoint_in(node: &Node, account: &str) -> String {
    let made = node.post("/api/businesses", json!({ "name": "Blue Kite Tours" })).await;
    let business = made["id"].as_str().unwrap().to_owned();
    let endpoint = json!({ "addresses": [SPARE], "account": account });
    node.post(&format!("/api/businesses/{business}/endpoints"), endpoint).await;
    business
}

async fn bodies(node: &Node, business: &str) -> Vec<String> {
    let page = node.get(&format!("/api/conversations?business={business}")).await;
    let Some(id) = page["items"][0]["id"].as_str() else { return Vec::new() };
    let thread = node.get(&format!("/api/conversations/{id}/messages")).await;
    thread["items"].as_array().unwrap().iter().rev().map(|m| m["body"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subaccount_is_heard_by_its_token_and_sends_and_settles_by_itself() {
    let (sandbox, dir) = (Sandbox::start().await, TempDir::new().unwrap());
    let node = sandbox.node_with(Setup { public_is_own: true, ..Setup::default() }).await;
    let (sid, token) = subaccount(&sandbox, Some(&format!("{}{SMS}", node.base))).await;
    let (sid, token) = (sid.as_str(), token.as_str());
    let business = endpoint_in(&node, sid).await;

    // Nothing is known of its token: refused, and the letter says what to do.
    sandbox.text(MARIA, SPARE, "first").await;
    let letter = node.dead_letters().await[0].clone();
    assert_eq!(letter["reason"], "unknownAccount");
    assert!(letter["detail"].as_str().unwrap().contains("switchboard accounts add"), "{letter}");
    let accounts = node.get("/api/accounts").await;
    let stranger = accounts["items"].as_array().unwrap().iter().find(|a| a["sid"] == sid).unwrap();
    assert!(stranger["trouble"].as_str().unwrap().contains("not known"), "{stranger}");

    // Another account's token is no use: the letter explains the signature.
    let place = format!("/api/accounts/{sid}");
    node.put(&place, json!({ "authToken": file(&dir, "wrong", OLD_AUTH) })).await;
    sandbox.text(MARIA, SPARE, "second").await;
    let letter = node.dead_letters().await[0].clone();
    assert_eq!(letter["reason"], "badSignature", "{letter}");
    let path = format!("/api/dead-letters/{}/explain", letter["id"].as_str().unwrap());
    assert_eq!(node.get(&path).await["trials"][0]["fits"], false);

    // The right one, and everything is heard.
    let view = node.put(&place, json!({ "authToken": file(&dir, "right", token) })).await;
    assert_eq!((&view["trouble"], &view["isOwn"]), (&Value::Null, &json!(false)));
    sandbox.text(MARIA, SPARE, "third").await;
    node.applied().await;
    assert_eq!(bodies(&node, &business).await, ["third"]);
    for reason in ["unknownAccount", "badSignature"] {
        node.post("/api/dead-letters/replay", json!({ "reason": reason })).await;
    }
    let all = || async { Some(bodies(&node, &business).await).filter(|bodies| bodies.len() == 3) };
    until_some("the refused ones are in", all).await;

    // An answer goes by the account, loses its answer, and is found in the account's own list.
    let lose =
        json!({ "match": { "method": "POST", "path": "/Messages.json" }, "action": { "dropAfterAccept": true } });
    sandbox.control("faults", lose).await;
    let send = json!({ "business": business, "to": MARIA, "body": "an answer", "holdSeconds": 0 });
    node.post("/api/conversations/messages", send).await;
    let path = format!("api/2010-04-01/Accounts/{sid}/Messages.json");
    until_some("it is there, once, and known here", || async {
        let theirs = sandbox.ask("GET", &path, &[]).await;
        let sent: Vec<_> = theirs["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|m| m["direction"] == "outbound-api")
            .cloned()
            .collect();
        let page = node.get(&format!("/api/conversations?business={business}")).await;
        let last = page["items"][0]["last"]["status"].as_str().unwrap_or_default().to_owned();
        (sent.len() == 1 && ["queued", "sent", "delivered"].contains(&last.as_str())).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_number_is_pointed_here_its_history_comes_and_it_is_forgotten_when_nothing_is_of_it() {
    let (sandbox, dir) = (Sandbox::start().await, TempDir::new().unwrap());
    let (sid, token) = subaccount(&sandbox, None).await;
    sandbox.text(MARIA, SPARE, "long ago").await;
    let node = sandbox.node().await;
    same_time(&node, &sandbox).await;
    let business = endpoint_in(&node, &sid).await;
    let of_number = |verb: &str| format!("/api/numbers/{}/{verb}", SPARE.replace('+', "%2B"));
    let place = format!("/api/accounts/{sid}");

    // Webhooks that would be refused are not asked for.
    let refused = node.call("POST", &of_number("point"), Some(json!({}))).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("switchboard accounts add"), "{refused}");
    node.put(&place, json!({ "authToken": file(&dir, "right", &token) })).await;
    let pointed = node.post(&of_number("point"), json!({})).await;
    assert_eq!((&pointed["account"], &pointed["points"]), (&json!(sid), &json!("here")), "{pointed}");
    let list = format!("api/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json");
    let url = async || sandbox.ask("GET", &list, &[]).await["incoming_phone_numbers"][0]["sms_url"].clone();
    assert_eq!(url().await, json!(format!("{PUBLIC}{SMS}#rc=3&rp=all")));
    let numbers = node.get("/api/numbers").await;
    let row = numbers["items"].as_array().unwrap().iter().find(|n| n["number"] == SPARE).unwrap().clone();
    assert_eq!((&row["account"], &row["points"]), (&json!(sid), &json!("here")), "{row}");
    let ended = node.post(&of_number("unpoint"), json!({})).await;
    assert_eq!((&ended["ending"], url().await), (&json!("restored"), json!("")));
    // Borrowed, and given back when nobody renews it.
    node.post(&of_number("borrow"), json!({ "session": "a", "seconds": 3600 })).await;
    assert_eq!(url().await, json!(format!("{PUBLIC}{SMS}#rc=3&rp=all")));
    node.post(&of_number("return"), json!({ "session": "a" })).await;
    assert_eq!(url().await, json!(""));

    // What was said in both accounts is imported.
    sandbox.text(SAM, NUMBER, "in the first account").await;
    same_time(&node, &sandbox).await;
    node.post("/api/keeping/import", json!({})).await;
    let done = until_some("the import is done", || async {
        Some(node.get("/api/keeping").await["import"].clone()).filter(|import| import["state"] == "done")
    })
    .await;
    assert_eq!((&done["imported"], bodies(&node, &business).await), (&json!(2), vec!["long ago".to_owned()]));
    assert_eq!(node.thread(SAM).await[0]["body"], "in the first account");

    let refused = node.call("DELETE", &place, None).await.refused(409, "conflict");
    assert!(refused["detail"].as_str().unwrap().contains("endpoints"), "{refused}");
    let gone = node.call("DELETE", &format!("/api/businesses/{business}?confirm=Blue%20Kite%20Tours"), None).await;
    gone.ok();
    node.call("DELETE", &place, None).await.ok();
    let accounts = node.get("/api/accounts").await;
    assert!(!accounts.to_string().contains(&sid), "{accounts}");
    node.call("DELETE", &place, None).await.refused(404, "not_found");
    let own = format!("/api/accounts/{}", node.get("/api/node").await["account"].as_str().unwrap());
    node.call("DELETE", &own, None).await.refused(409, "conflict");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_read_holds_up_no_other_and_is_made_up_for() {
    let sandbox = Sandbox::start().await;
    let pace = Pace { poll: Duration::from_millis(50), ..Setup::default().pace };
    let node = sandbox.node_with(Setup { pace, ..Setup::default() }).await;
    let (sid, _) = subaccount(&sandbox, None).await;
    let business = endpoint_in(&node, &sid).await;
    same_time(&node, &sandbox).await;
    let list = format!("/Accounts/{sid}/Messages.json");
    sandbox.control("faults", json!({ "match": { "path": list }, "action": { "status": 503 }, "times": 1000 })).await;
    let node = node
        .restart_with(|| {
            let texts = [sandbox.text(MARIA, SPARE, "to the subaccount"), sandbox.text(SAM, NUMBER, "to the first")];
            tokio::task::block_in_place(|| {
                let runtime = tokio::runtime::Handle::current();
                for text in texts {
                    runtime.block_on(text);
                }
            });
        })
        .await;
    let heard = || async {
        let page = node.get("/api/conversations").await;
        page["items"].as_array().unwrap().first().cloned()
    };
    until_some("the first account is heard", heard).await;
    until_some("the other's trouble is told", || async {
        let keeping = node.get("/api/keeping").await;
        (keeping["openGaps"] == 1 && keeping["troubles"] != json!([])).then_some(())
    })
    .await;
    sandbox.clear_faults().await;
    let all = || async { (bodies(&node, &business).await == ["to the subaccount"]).then_some(()) };
    until_some("the other is made up for", all).await;
    until_some("nothing is open any more", || async {
        (node.get("/api/keeping").await["openGaps"] == 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_tokens_hold_during_a_rotation_and_are_there_after_a_restart() {
    let dir = TempDir::new().unwrap();
    let node = Node::start().await;
    let business = endpoint_in(&node, SUB).await;
    let place = format!("/api/accounts/{SUB}");
    let both = json!({ "authToken": file(&dir, "first", FIRST), "otherAuthToken": file(&dir, "second", SECOND) });
    node.put(&place, both).await;
    let post = async |node: &Node, n: u64, token: &str| {
        let form = but(but(text(n, MARIA, &format!("text {n}")), "AccountSid", SUB), "To", SPARE);
        node.webhook_with(SMS, &form, &signature(token, &format!("{PUBLIC}{SMS}"), &form)).await.status
    };
    assert_eq!(
        (post(&node, 1, FIRST).await, post(&node, 2, SECOND).await, post(&node, 3, OLD_AUTH).await),
        (200, 200, 403)
    );
    let node = node.restart().await;
    assert_eq!((post(&node, 4, FIRST).await, post(&node, 5, SECOND).await), (200, 200));
    // The rotation is over.
    node.put(&place, json!({ "authToken": file(&dir, "second", SECOND) })).await;
    assert_eq!((post(&node, 6, FIRST).await, post(&node, 7, SECOND).await), (403, 200));
    node.applied().await;
    assert_eq!(bodies(&node, &business).await.len(), 5);
    // A file that is gone is told of, and hinders nothing else.
    std::fs::remove_file(dir.path().join("second")).unwrap();
    let node = node.restart().await;
    assert_eq!(post(&node, 8, SECOND).await, 403);
    let accounts = node.get("/api/accounts").await;
    let gone = accounts["items"].as_array().unwrap().iter().find(|a| a["sid"] == SUB).unwrap();
    assert!(gone["trouble"].as_str().unwrap().contains("cannot be read"), "{gone}");
    node.text_in(9, MARIA, "to the first").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_one_accounts_token_reports_on_no_others_messages() {
    let dir = TempDir::new().unwrap();
    let node = Node::start().await;
    endpoint_in(&node, SUB).await;
    node.put(&format!("/api/accounts/{SUB}"), json!({ "authToken": file(&dir, "first", FIRST) })).await;
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    let taken = node.twilio.taken()[0].clone();
    let callback = taken.callback.unwrap();
    let url = callback.split('#').next().unwrap();
    let forged = but(status(&taken.sid, "failed", Some(30003)), "AccountSid", SUB);
    let path = url.strip_prefix(PUBLIC).unwrap();
    assert_eq!(node.webhook_with(path, &forged, &signature(FIRST, url, &forged)).await.status, 200);
    node.applied().await;
    assert_eq!(node.message(MARIA, &id).await["status"], "queued");
    assert_eq!(node.dead_letters().await[0]["reason"], "unknownMessage");
    node.report(&callback, &status(&taken.sid, "delivered", None)).await;
    assert_eq!(node.message(MARIA, &id).await["status"], "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_place_is_named_and_a_command_only_at_the_machine() {
    let node = Node::start().await;
    let place = format!("/api/accounts/{SUB}");
    let refused = node.call("PUT", &place, Some(json!({ "authToken": FIRST }))).await.refused(400, "invalid_input");
    assert!(!refused.to_string().contains(FIRST), "{refused}");
    let nowhere = json!({ "authToken": "file:/nowhere/at/all" });
    let refused = node.call("PUT", &place, Some(nowhere)).await.refused(400, "invalid_input");
    assert_eq!(refused["field"], "authToken");
    let command = json!({ "authToken": format!("cmd:echo {FIRST}") });
    node.put("/api/agents/kim", json!({ "name": "Kim", "role": "admin" })).await;
    let (_, guest) = node.token(json!({ "label": "ci", "kind": "secret", "agent": "kim", "role": "admin" })).await;
    node.call_as(&guest, "PUT", &place, Some(command.clone())).await.refused(403, "forbidden");
    node.put(&place, command).await;
    let own = format!("/api/accounts/{}", crate::twilio::ACCOUNT);
    node.call("PUT", &own, Some(json!({ "authToken": "env:X" }))).await.refused(409, "conflict");
}
