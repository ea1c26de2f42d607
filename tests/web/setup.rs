//! What a business has at Twilio is made by remote steps, at a real sandbox: once, whatever goes wrong.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::core::Pace;
use switchboard::domain::time::Span;

use crate::node::{NUMBER, Node, Setup, until_some};
use crate::numbers::Sandbox;

/// The sandbox's other number.
const SPARE: &str = "+14155550199";

/// A node that does not look for long for what was never made.
async fn node(sandbox: &Sandbox) -> Node {
    let usual = Setup::default();
    let pace = Pace { absent: Span::millis(600), ..usual.pace };
    sandbox.node_with(Setup { pace, ..usual }).await
}

/// A business that is set up with the spare number; answers its id.
async fn begin(node: &Node, name: &str) -> String {
    let made = node.post("/api/businesses", json!({ "name": name, "setUp": true, "number": SPARE })).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn setup(node: &Node, id: &str) -> Value {
    node.get(&format!("/api/businesses/{id}/setup")).await
}

/// Waits until a setup stands like this.
async fn until(node: &Node, id: &str, state: &str) -> Value {
    until_some(&format!("the setup is {state}"), || async {
        Some(setup(node, id).await).filter(|setup| setup["state"] == state)
    })
    .await
}

fn step<'a>(setup: &'a Value, name: &str) -> &'a Value {
    setup["steps"].as_array().unwrap().iter().find(|step| step["step"] == name).expect("a step of this name")
}

/// The names of all Verify services, and of all messaging services.
async fn services(sandbox: &Sandbox) -> (Vec<String>, Vec<String>) {
    let names = |list: Value| {
        let rows = list["services"].as_array().unwrap().clone();
        rows.iter().map(|row| row["friendly_name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let verify = sandbox.ask("GET", "verify/v2/Services?PageSize=100", &[]).await;
    let messaging = sandbox.ask("GET", "messaging/v1/Services?PageSize=100", &[]).await;
    (names(verify), names(messaging))
}

/// Everything is there, once, and belongs together.
async fn is_whole(node: &Node, sandbox: &Sandbox, id: &str, name: &str) {
    let (verify, messaging) = services(sandbox).await;
    assert_eq!((verify, messaging), (vec![name.to_owned()], vec![name.to_owned()]));
    let done = setup(node, id).await;
    let (va, mg) = (&step(&done, "verifyService")["sid"], &step(&done, "messagingService")["sid"]);
    let business = node.get(&format!("/api/businesses/{id}")).await;
    assert_eq!((&business["verifyServiceId"], &business["setup"]), (va, &json!("done")));
    let endpoints = node.get(&format!("/api/businesses/{id}/endpoints")).await;
    let endpoints = endpoints["items"].as_array().unwrap();
    assert_eq!(endpoints.len(), 1, "{endpoints:?}");
    assert_eq!((&endpoints[0]["addresses"], &endpoints[0]["messagingService"]), (&json!([SPARE]), mg));
    let service = sandbox.ask("GET", &format!("messaging/v1/Services/{}", mg.as_str().unwrap()), &[]).await;
    assert_eq!(service["inbound_request_url"], "https://shop.example/api/webhooks/twilio-sms#rc=3&rp=all");
    assert_eq!(service["status_callback"], "https://shop.example/api/webhooks/twilio-status#rc=3&rp=all");
    let pool = sandbox.ask("GET", &format!("messaging/v1/Services/{}/PhoneNumbers", mg.as_str().unwrap()), &[]).await;
    let pool: Vec<&Value> = pool["phone_numbers"].as_array().unwrap().iter().map(|n| &n["phone_number"]).collect();
    assert_eq!(pool, [SPARE]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_gets_its_services_once_and_shows_every_call() {
    let sandbox = Sandbox::start().await;
    let node = node(&sandbox).await;
    let id = begin(&node, "Blue Kite Tours").await;
    let done = until(&node, &id, "done").await;
    let states: Vec<(&str, &str)> = done["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| (s["step"].as_str().unwrap(), s["state"].as_str().unwrap()))
        .collect();
    let names = ["verifyService", "messagingService", "verifySettings", "webhooks", "senderPool", "endpoint"];
    assert_eq!(states, names.map(|name| (name, "done")));
    for step in done["steps"].as_array().unwrap() {
        assert!(step["milliseconds"].is_u64() && step["tries"] == 1 && step["call"].is_string(), "{step}");
    }
    is_whole(&node, &sandbox, &id, "Blue Kite Tours").await;
    // Again: there is nothing left to make.
    let again = node.call("POST", &format!("/api/businesses/{id}/setup"), Some(json!({}))).await;
    again.refused(409, "conflict");
    let report = node.get("/api/audit/verify").await;
    assert_eq!(report["ok"], true);
}

/// The answer to each call in turn gets lost after Twilio has carried it out.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lost_after_acceptance_makes_no_second_one() {
    for (product, path, step_name, looked_for) in CALLS {
        let sandbox = Sandbox::start().await;
        let node = node(&sandbox).await;
        lose(&sandbox, product, path, json!({ "dropAfterAccept": true })).await;
        let id = begin(&node, "Blue Kite Tours").await;
        let done = until(&node, &id, "done").await;
        let step = step(&done, step_name);
        let expected = if looked_for { (json!(1), json!(true)) } else { (json!(2), Value::Null) };
        assert_eq!((step["tries"].clone(), step["found"].clone()), expected, "{step}");
        is_whole(&node, &sandbox, &id, "Blue Kite Tours").await;
        println!("{product} {path}: tries {}, found by its nonce: {}", step["tries"], looked_for);
    }
}

/// The connection breaks before Twilio has carried it out: after a while it is asked again.
#[tokio::test(flavor = "multi_thread")]
async fn what_never_arrived_is_asked_again() {
    for (product, path, step_name, _) in CALLS {
        let sandbox = Sandbox::start().await;
        let node = node(&sandbox).await;
        lose(&sandbox, product, path, json!({ "reset": true })).await;
        let id = begin(&node, "Blue Kite Tours").await;
        let done = until(&node, &id, "done").await;
        assert_eq!(step(&done, step_name)["tries"], 2);
        is_whole(&node, &sandbox, &id, "Blue Kite Tours").await;
    }
}

/// Each call, the step it belongs to, and whether asking twice would make two.
const CALLS: [(&str, &str, &str, bool); 5] = [
    ("verify", "/v2/Services", "verifyService", true),
    ("messaging", "/v1/Services", "messagingService", true),
    ("verify", "/v2/Services/VA", "verifySettings", false),
    ("messaging", "/v1/Services/MG", "webhooks", false),
    ("messaging", "/PhoneNumbers", "senderPool", false),
];

async fn lose(sandbox: &Sandbox, product: &str, path: &str, action: Value) {
    let fault =
        json!({ "match": { "product": product, "method": "POST", "path": path }, "action": action, "times": 1 });
    sandbox.control("faults", fault).await;
}

/// What a crash leaves while Twilio is being asked is looked for by the next run.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_twilio_is_asked_makes_no_second_one() {
    for (product, path, step_name, _) in CALLS {
        let sandbox = Sandbox::start().await;
        let first = node(&sandbox).await;
        lose(&sandbox, product, path, json!({ "delayMs": 300 })).await;
        let id = begin(&first, "Blue Kite Tours").await;
        until_some("Twilio is being asked", || async {
            let setup = setup(&first, &id).await;
            (step(&setup, step_name)["state"] == "running").then_some(())
        })
        .await;
        let second = first.crash_and_end().await;
        until(&second, &id, "done").await;
        is_whole(&second, &sandbox, &id, "Blue Kite Tours").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_refuses_waits_for_a_person_and_what_it_has_no_room_for_does_not() {
    let sandbox = Sandbox::start().await;
    let node = node(&sandbox).await;
    lose(&sandbox, "verify", "/v2/Services/VA", json!({ "status": 400, "code": 60248 })).await;
    lose(&sandbox, "messaging", "/v1/Services", json!({ "status": 429, "code": 20429 })).await;
    let id = begin(&node, "Blue Kite Tours").await;
    let failed = until(&node, &id, "failed").await;
    let refused = step(&failed, "verifySettings");
    assert_eq!((&refused["twilio"], &refused["again"]), (&json!(60248), &Value::Null), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("60248"), "{refused}");
    assert_eq!(step(&failed, "messagingService")["tries"], 2, "it was tried again by itself");
    assert_eq!(step(&failed, "webhooks")["state"], "pending");
    // The business has no service whose texts would bear a made-up name.
    assert_eq!(node.get(&format!("/api/businesses/{id}")).await["verifyServiceId"], "");
    let at = format!("/api/businesses/{id}/setup");
    let bad = node.call("POST", &at, Some(json!({ "verifyName": "call 12345" }))).await.refused(400, "invalid_input");
    assert_eq!(bad["field"], "verifyName");
    node.post(&at, json!({ "verifyName": "Kite Tours", "codeLength": 8 })).await;
    until(&node, &id, "done").await;
    let (verify, _) = services(&sandbox).await;
    assert_eq!(verify, ["Kite Tours"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_before_anything_is_made() {
    let sandbox = Sandbox::start().await;
    let node = node(&sandbox).await;
    let with = |more: Value| {
        let mut body = json!({ "name": "Blue Kite", "setUp": true });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (more, status, code, field) in [
        (json!({ "verifyName": "Joe's" }), 400, "invalid_input", "verifyName"),
        (json!({ "name": "!!!" }), 400, "invalid_input", "verifyName"),
        (json!({ "codeLength": 3 }), 400, "invalid_input", "codeLength"),
        (json!({ "number": "+14155550777" }), 404, "not_found", "number"),
        (json!({ "number": NUMBER }), 409, "conflict", "number"),
        (json!({ "name": " " }), 400, "invalid_input", "name"),
    ] {
        let refused = node.call("POST", "/api/businesses", Some(with(more))).await.refused(status, code);
        assert_eq!(refused["field"], field, "{refused}");
    }
    assert_eq!(node.get("/api/businesses").await["items"].as_array().unwrap().len(), 1);
    assert_eq!(services(&sandbox).await, (Vec::new(), Vec::new()));
}

/// A business that was there before gets what it lacks, and keeps the endpoint that its customers text to.
#[tokio::test(flavor = "multi_thread")]
async fn a_business_gets_only_what_it_lacks() {
    let sandbox = Sandbox::start().await;
    let node = node(&sandbox).await;
    let id = node.business.to_string();
    let at = format!("/api/businesses/{id}/setup");
    assert_eq!(node.get(&at).await["state"], "pending");
    node.post(&at, json!({ "messaging": false })).await;
    let done = until(&node, &id, "done").await;
    assert_eq!(done["steps"].as_array().unwrap().len(), 2);
    let begun = node.post(&at, json!({})).await;
    assert_eq!(begun["steps"].as_array().unwrap().len(), 4, "{begun}");
    until(&node, &id, "done").await;
    let endpoints = node.get(&format!("/api/businesses/{id}/endpoints")).await;
    assert_eq!(endpoints["items"].as_array().unwrap().len(), 1);
    assert_eq!(endpoints["items"][0]["id"], node.endpoint.to_string());
    assert!(endpoints["items"][0]["messagingService"].is_string());
    let (verify, messaging) = services(&sandbox).await;
    assert_eq!((verify.len(), messaging.len()), (1, 1));
}

/// Deleted while Twilio refuses a step: nothing of it goes on, and its number is free again.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_business_lets_go() {
    let sandbox = Sandbox::start().await;
    let node = node(&sandbox).await;
    let id = begin(&node, "Blue Kite Tours").await;
    until(&node, &id, "done").await;
    let asked = node.call("DELETE", &format!("/api/businesses/{id}"), None).await.refused(409, "confirmation_required");
    assert_eq!(asked["confirm"], "Blue Kite Tours");
    let detail = asked["detail"].as_str().unwrap();
    for part in ["sets +14155550199 free", "the messaging service MG", "the Verify service VA", "stay in the account"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }
    node.call("DELETE", &format!("/api/businesses/{id}?confirm=Blue%20Kite%20Tours"), None).await.ok();
    node.call("GET", &format!("/api/businesses/{id}/setup"), None).await.refused(404, "not_found");
    let next = json!({ "name": "Red Kite", "setUp": true, "number": SPARE, "verifyName": "Red Kite" });
    let next = node.post("/api/businesses", next).await["id"].as_str().unwrap().to_owned();
    // The number is still in the pool of the service that stayed: Twilio says so, and the step waits.
    let failed = until(&node, &next, "failed").await;
    assert_eq!(step(&failed, "senderPool")["twilio"], 21712, "{failed}");
    tokio::time::sleep(Duration::from_millis(50)).await;
    node.call("DELETE", &format!("/api/businesses/{next}?confirm=Red%20Kite"), None).await.ok();
    let events = node.get("/api/audit/verify").await;
    assert_eq!(events["ok"], true);
}
