//! `switchboard trigger`: every webhook that it can make is taken by the node and does what it says.

use serde_json::{Value, json};

use crate::api::{Api, OURS};
use crate::home::{Home, Serve, until};

const CUSTOMER: &str = "+12025550142";

/// Triggers; answers what it printed, which says that the node took it.
fn trigger(home: &Home, args: &[&str]) -> Value {
    let (code, out, said) = home.run(&[&["trigger", "--json"], args].concat());
    assert_eq!(code, 0, "{args:?}: {out}{said}");
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(said["status"], 200, "{said}");
    said
}

/// The message that has this SID, once it is there.
fn message(api: &Api, customer: &str, sid: &Value) -> Value {
    until("the message is there", || {
        let page = api.get("/api/conversations?tab=all&limit=200");
        let row = page["items"].as_array().unwrap().iter().find(|c| c["customer"] == customer)?.clone();
        api.messages(&row).into_iter().find(|m| m["sid"] == *sid)
    })
}

#[test]
fn what_customers_do_reaches_the_inbox() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let said = trigger(&home, &["sms", "--body", "Is it open?"]);
    assert!(said["body"].as_str().unwrap().contains("<Response/>"), "{said}");
    assert_eq!(message(&api, CUSTOMER, &said["sid"])["body"], "Is it open?");
    let said = trigger(&home, &["mms", "--from", "+12025550143"]);
    let picture = message(&api, "+12025550143", &said["sid"]);
    assert_eq!(picture["media"][0]["contentType"], "image/png", "{picture}");
    let named =
        ["mms", "--media-url", "https://pictures.example/a.gif", "--media-url", "https://pictures.example/b.pdf"];
    let two = trigger(&home, &named);
    let media = message(&api, CUSTOMER, &two["sid"])["media"].clone();
    assert_eq!((&media[0]["contentType"], &media[1]["contentType"]), (&json!("image/gif"), &json!("application/pdf")));
    let said = trigger(&home, &["whatsapp", "--from", "+12025550144"]);
    assert_eq!(message(&api, "whatsapp:+12025550144", &said["sid"])["to"], format!("whatsapp:{OURS}"));
    trigger(&home, &["opt-out"]);
    until("the customer has opted out", || (api.conversation(CUSTOMER)["optedOutAt"].is_string()).then_some(()));
    trigger(&home, &["opt-in"]);
    until("the customer has opted in", || (api.conversation(CUSTOMER)["optedOutAt"].is_null()).then_some(()));
    assert_eq!(api.get("/api/dead-letters")["items"], json!([]));
}

#[test]
fn a_status_has_a_message_to_be_about() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    for (status, error) in [("delivered", json!(null)), ("failed", json!(30003)), ("undelivered", json!(30005))] {
        let code = error.to_string();
        let mut args = vec!["status", "--status", status];
        if error == 30005 {
            args.extend(["--error-code", &code]);
        }
        let said = trigger(&home, &args);
        let reached = until("the status is there", || {
            let message = message(&api, CUSTOMER, &said["sid"]);
            (message["status"] == status).then_some(message)
        });
        assert_eq!((&reached["id"], &reached["error"]), (&said["message"], &error));
        // Without our ids in its address it is found by its SID.
        trigger(&home, &["status", "--status", "sent", "--sid", said["sid"].as_str().unwrap()]);
        assert_eq!(message(&api, CUSTOMER, &said["sid"])["status"], status, "the end is the end");
    }
}

#[test]
fn what_is_not_taken_is_said() {
    let home = Home::new();
    let (code, _, said) = home.run(&["trigger", "sms"]);
    assert_eq!(code, 3, "{said}");
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let (code, _, said) = home.run(&["trigger", "sms", "--url", &format!("{}/api/nothing", api.base)]);
    assert!(code == 1 && said.contains("answered 40"), "{code}: {said}");
    // A port on which nobody listens any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, _, said) = home.run(&["trigger", "sms", "--url", &format!("http://127.0.0.1:{port}/x")]);
    assert!(code == 3 && said.contains("refused"), "{code}: {said}");
    let (code, _, said) = home.run(&["trigger", "mms", "--url", &format!("http://127.0.0.1:{port}/x")]);
    assert!(code == 2 && said.contains("--media-url"), "{code}: {said}");
    // Signed with another account's token it is no webhook of this one.
    let foreign = home
        .command(&["trigger", "sms", "--url", &format!("{}/api/webhooks/twilio-sms", api.base), "--connect", &api.base])
        .env("SWITCHBOARD_TOKEN", api.token())
        .env("TWILIO_ACCOUNT_SID", format!("AC{}", "0".repeat(32)))
        .env("TWILIO_AUTH_TOKEN", "not-its-token")
        .output()
        .unwrap();
    let (code, _, said) = crate::home::ended(foreign);
    assert!(code == 1 && said.contains("answered 403"), "{code}: {said}");
    assert_eq!(api.get("/api/dead-letters")["items"][0]["reason"], "unknownAccount");
}
