//! The node is killed while it sends codes: what Twilio sent is in our log, once, and nothing else is.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{Api, runtime};
use crate::chance::{Chance, rounds};
use crate::home::{Home, Serve, until};

/// Requests under way at the same time.
const AT_ONCE: usize = 4;
/// A code that nobody can find at Twilio is given up after a minute.
const SETTLED: Duration = Duration::from_secs(150);

/// The demo's business that has a Verify service.
fn bank(api: &Api) -> String {
    let all = api.get("/api/businesses");
    let has = |b: &&Value| b["verifyServiceId"].as_str().is_some_and(|sid| sid.starts_with("VA"));
    all["items"].as_array().unwrap().iter().find(has).unwrap()["id"].as_str().unwrap().to_owned()
}

/// Sends codes, each to another person, until nobody answers.
async fn send(api: Api, bank: String, next: Arc<AtomicU64>) {
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let body = json!({ "to": format!("+1415557{n:04}") });
        if api.ask("POST", &format!("/api/businesses/{bank}/verify/send"), Some(body)).await.is_none() {
            return;
        }
    }
}

fn ours(api: &Api, bank: &str) -> Vec<Value> {
    api.pages(&format!("/api/businesses/{bank}/verify/attempts?limit=200"))
}

/// Every attempt that Twilio has.
fn theirs(api: &Api) -> BTreeSet<String> {
    let state = api.get("/sandbox/state");
    let text = |name: &str| state[name].as_str().unwrap().to_owned();
    let mut url = format!("{}/verify/v2/Attempts?PageSize=1000", api.sandbox);
    let mut all = BTreeSet::new();
    for _ in 0..100 {
        let request = api.http.get(&url).basic_auth(text("accountSid"), Some(text("authToken")));
        let page: Value = runtime().block_on(async { request.send().await.unwrap().json().await.unwrap() });
        all.extend(page["attempts"].as_array().unwrap().iter().map(|a| a["sid"].as_str().unwrap().to_owned()));
        match page["meta"]["next_page_url"].as_str() {
            Some(next) => url = next.to_owned(),
            None => return all,
        }
    }
    panic!("Twilio's list has no end");
}

#[test]
fn every_code_that_left_is_known_once() {
    let home = Home::new();
    let mut chance = Chance::new();
    let mut serve = Serve::start(&home);
    let bank = bank(&home.api_of(serve.child.id()));
    let lost = json!({ "match": { "product": "verify", "method": "POST", "path": "/Verifications" },
        "action": { "dropAfterAccept": true }, "rate": 0.2 });
    home.api_of(serve.child.id()).post("/sandbox/faults", lost);
    let next = Arc::new(AtomicU64::new(0));
    for _ in 0..rounds() {
        let api = home.api_of(serve.child.id());
        let before = next.load(Ordering::Relaxed);
        let sending: Vec<_> =
            (0..AT_ONCE).map(|_| runtime().spawn(send(api.clone(), bank.clone(), next.clone()))).collect();
        until("some were asked for", || (next.load(Ordering::Relaxed) > before + 8).then_some(()));
        std::thread::sleep(chance.millis(0, 400));
        serve.kill();
        for task in sending {
            runtime().block_on(task).unwrap();
        }
        serve = Serve::start(&home);
    }
    let api = home.api_of(serve.child.id());
    let start = Instant::now();
    let waits = |a: &&Value| matches!(a["progress"].as_str(), Some("starting" | "unknown"));
    while ours(&api, &bank).iter().any(|a| waits(&a)) {
        assert!(start.elapsed() < SETTLED, "some never settled");
        std::thread::sleep(Duration::from_secs(1));
    }
    let all = ours(&api, &bank);
    let sids: Vec<String> = all.iter().filter_map(|a| a["sid"].as_str().map(str::to_owned)).collect();
    let known: BTreeSet<String> = sids.iter().cloned().collect();
    assert_eq!(known.len(), sids.len(), "two sends of ours are bound to one of Twilio's");
    assert_eq!(known, theirs(&api), "what Twilio sent is what the log has");
    let numbers: BTreeSet<&str> = all.iter().filter_map(|a| a["phoneNumber"].as_str()).collect();
    assert_eq!(numbers.len(), all.len(), "each person was sent one code");
    assert_eq!(api.get("/api/audit/verify")["ok"], true);
}
