//! Several accounts: each one's webhooks by its own token, each one's endpoints sent and listed by it.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::hooks::{SMS, but, signature, text};
use crate::node::{MARIA, Node, OLD_AUTH, PUBLIC, Setup, until_some};
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
    let sub = sandbox.ask("POST", "api/2010-04-01/Accounts.json", &[("FriendlyName", "Blue Kite")]).await;
    let (sid, token) = (sub["sid"].as_str().unwrap(), sub["auth_token"].as_str().unwrap());
    let list = sandbox.ask("GET", "api/2010-04-01/Accounts/ACCOUNT/IncomingPhoneNumbers.json", &[]).await;
    let numbers = list["incoming_phone_numbers"].as_array().unwrap();
    let number = numbers.iter().find(|n| n["phone_number"] == SPARE).unwrap()["sid"].as_str().unwrap().to_owned();
    let hook = format!("{}{SMS}", node.base);
    let moved = format!("api/2010-04-01/Accounts/ACCOUNT/IncomingPhoneNumbers/{number}.json");
    sandbox.ask("POST", &moved, &[("AccountSid", sid), ("SmsUrl", &hook)]).await;
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
async fn only_a_place_is_named_and_a_command_only_at_the_machine() {
    let node = Node::start().await;
    let place = format!("/api/accounts/{SUB}");
    let refused = node.call("PUT", &place, Some(json!({ "authToken": FIRST }))).await.refused(400, "invalid_input");
    assert!(!refused.to_string().contains(FIRST), "{refused}");
    let nowhere = json!({ "authToken": "file:/nowhere/at/all" });
    let refused = node.call("PUT", &place, Some(nowhere)).await.refused(400, "invalid_input");
    assert_eq!(refused["field"], "authToken");
    let command = json!({ "authToken": format!("cmd:echo {FIRST}") });
    let (_, guest) = node.token(json!({ "label": "ci", "kind": "secret", "agent": "kim", "role": "admin" })).await;
    node.call_as(&guest, "PUT", &place, Some(command.clone())).await.refused(403, "forbidden");
    node.put(&place, command).await;
    let own = format!("/api/accounts/{}", crate::twilio::ACCOUNT);
    node.call("PUT", &own, Some(json!({ "authToken": "env:X" }))).await.refused(409, "conflict");
}
