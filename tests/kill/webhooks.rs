//! Signed webhooks pour in, the node is killed in the middle, and what it answered is kept.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use switchboard::twilio::signature;

use crate::api::{Api, OURS, runtime};
use crate::chance::{Chance, rounds};
use crate::feed;
use crate::home::{Home, Serve, until};

/// Webhooks under way at the same time.
const AT_ONCE: u64 = 16;
/// Customers that write.
const CUSTOMERS: u64 = 40;
/// A reader further behind is told to begin anew; a round must stay below.
const MOST: u64 = 6_000;

/// What the load knows of the world.
struct Load {
    api: Api,
    account: String,
    token: String,
    next: AtomicU64,
    sent: AtomicU64,
    answered: Mutex<HashSet<String>>,
    refused: Mutex<HashMap<u16, u64>>,
}

impl Load {
    fn sid(n: u64) -> String {
        format!("SM{:032x}", 0x000b_1ad0_0000_0000_u64 + n)
    }

    /// Posts one webhook after another until nobody answers.
    async fn pour(&self, mut chance: Chance, from: u64) {
        while self.sent.fetch_add(1, Ordering::Relaxed) < MOST {
            let newest = self.next.load(Ordering::Relaxed);
            // Three in ten are repeats, of this round or an earlier one.
            let again = newest > from && chance.below(10) < 3;
            let n = if again { chance.below(newest) } else { self.next.fetch_add(1, Ordering::Relaxed) };
            let sid = Load::sid(n);
            match self.post(n, &sid).await {
                Some(200) => drop(self.answered.lock().unwrap().insert(sid)),
                Some(other) => *self.refused.lock().unwrap().entry(other).or_default() += 1,
                None => return,
            }
        }
    }

    async fn post(&self, n: u64, sid: &str) -> Option<u16> {
        let from = format!("+1415557{:04}", n % CUSTOMERS);
        let body = format!("text {n}");
        let form = [
            ("AccountSid", self.account.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("Body", &body),
            ("From", &from),
            ("MessageSid", sid),
            ("NumMedia", "0"),
            ("NumSegments", "1"),
            ("SmsMessageSid", sid),
            ("SmsSid", sid),
            ("SmsStatus", "received"),
            ("To", OURS),
        ];
        let url = format!("{}/api/webhooks/twilio-sms", self.api.base);
        let signature = signature::sign(&self.token, &url, form);
        let request = self.api.http.post(url).header("x-twilio-signature", signature).form(&form);
        Some(request.send().await.ok()?.status().as_u16())
    }
}

#[test]
fn every_answered_webhook_is_stored_once() {
    let home = Home::new();
    let mut chance = Chance::new();
    let mut serve = Serve::start(&home);
    let mut api = home.api_of(serve.child.id());
    let state = api.get("/sandbox/state");
    let text = |name: &str| state[name].as_str().unwrap().to_owned();
    let (account, token) = (text("accountSid"), text("authToken"));
    let first = feed::cursor(&api);
    let (mut answered, mut next, mut seen) = (HashSet::new(), 0, 0);
    for round in 1..=rounds() {
        let load = Arc::new(Load {
            api: api.clone(),
            account: account.clone(),
            token: token.clone(),
            next: next.into(),
            sent: 0.into(),
            answered: Mutex::default(),
            refused: Mutex::default(),
        });
        let cursor = feed::cursor(&api);
        let pouring: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                let (load, chance) = (load.clone(), Chance::of(chance.below(u64::MAX)));
                runtime().spawn(async move { load.pour(chance, next).await })
            })
            .collect();
        until("the first one is answered", || (!load.answered.lock().unwrap().is_empty()).then_some(()));
        std::thread::sleep(chance.millis(0, 1500));
        serve.kill();
        for task in pouring {
            runtime().block_on(task).unwrap();
        }
        next = load.next.load(Ordering::Relaxed);
        let new = load.answered.lock().unwrap().clone();
        let refused = load.refused.lock().unwrap().clone();
        assert!(refused.is_empty(), "answers other than 200: {refused:?}");
        answered.extend(new.iter().cloned());

        serve = Serve::start(&home);
        api = home.api_of(serve.child.id());
        assert_eq!(api.base, load.api.base, "another port: the webhooks would go astray");
        caught_up(&api);
        let stored = stored(&api);
        let lost: Vec<&String> = answered.iter().filter(|sid| !stored.contains_key(*sid)).collect();
        let twice: Vec<_> = stored.iter().filter(|(_, times)| **times != 1).collect();
        println!(
            "round {round}: {} webhooks, {} new SIDs answered, {} answered in all, {} stored, {} lost, {} twice",
            load.sent.load(Ordering::Relaxed),
            new.len(),
            answered.len(),
            stored.len(),
            lost.len(),
            twice.len()
        );
        assert!(lost.is_empty(), "answered and lost: {lost:?}");
        assert!(twice.is_empty(), "stored more than once: {twice:?}");
        let events = feed::events(&api, &cursor);
        feed::has_no_gap(&cursor, &events);
        no_sid_twice(&events);
        seen += events.len();
        let audit = api.get("/api/audit/verify");
        assert_eq!(audit["ok"], true, "{audit}");
        println!("round {round}: {} events without a gap, audit chain OK ({} entries)", events.len(), audit["entries"]);
    }
    println!("{seen} events since {first}, {} SIDs answered, none lost, none twice", answered.len());
}

/// Waits until what was accepted before the kill has been applied.
fn caught_up(api: &Api) {
    until("the node has caught up", || {
        let node = api.get("/api/node");
        (node["backlog"] == 0 && node["catchingUp"] == false).then_some(())
    });
}

/// How often each SID of the load is stored, over all conversations.
fn stored(api: &Api) -> HashMap<String, u32> {
    let mut stored = HashMap::new();
    for conversation in api.pages("/api/conversations?limit=200") {
        for message in api.messages(&conversation) {
            let sid = message["sid"].as_str().unwrap_or_default();
            if sid.starts_with("SM000000000000") {
                *stored.entry(sid.to_owned()).or_default() += 1;
            }
        }
    }
    stored
}

fn no_sid_twice(events: &[Value]) {
    let mut seen = HashSet::new();
    for event in events.iter().filter(|e| e["kind"] == "message.received") {
        let sid = event["message"]["sid"].as_str().unwrap();
        assert!(seen.insert(sid), "{sid} was received twice");
    }
}

/// A forged webhook is refused and stored nowhere, before a kill as after it.
#[test]
fn what_was_refused_stays_refused() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let account = api.get("/sandbox/state")["accountSid"].as_str().unwrap().to_owned();
    let forge = |api: &Api| {
        let url = format!("{}/api/webhooks/twilio-sms", api.base);
        let sid = Load::sid(7);
        let form = [("AccountSid", account.as_str()), ("MessageSid", &sid), ("From", "+14155557001"), ("To", OURS)];
        let request = api.http.post(url).header("x-twilio-signature", "bm90IHNpZ25lZA==").form(&form);
        runtime().block_on(async { request.send().await.unwrap().status().as_u16() })
    };
    assert_eq!(forge(&api), 403);
    serve.kill();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    caught_up(&api);
    assert!(stored(&api).is_empty());
    let dead = until("the dead letter is kept", || {
        let dead = api.pages("/api/dead-letters?limit=50");
        (!dead.is_empty()).then_some(dead)
    });
    assert_eq!((dead.len(), &dead[0]["reason"]), (1, &json!("badSignature")), "{dead:?}");
    assert_eq!(forge(&api), 403);
}
