//! The node is killed while it sends. No message reaches a customer twice, and none vanishes.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{Api, runtime};
use crate::chance::{Chance, rounds};
use crate::home::{Home, Serve, until};

/// Requests under way at the same time.
const AT_ONCE: usize = 8;
/// Customers that are texted.
const CUSTOMERS: u64 = 12;
/// A message that nobody can find at Twilio goes again after a minute; others wait behind it.
const SETTLED: Duration = Duration::from_secs(150);
/// Messages in one round, at most.
const MOST: u64 = 400;

/// Each round texts others: a conversation with an unsure message waits for it, and takes no more when
/// too many wait behind it.
fn customer(round: u64, n: u64) -> String {
    format!("+1415558{:04}", round * CUSTOMERS + n % CUSTOMERS)
}

/// Sends texts until nobody answers; keeps the ids of those that were accepted.
async fn send(api: Api, round: u64, next: Arc<AtomicU64>, end: u64, accepted: Arc<Mutex<HashMap<String, String>>>) {
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= end {
            return;
        }
        let body = json!({ "to": customer(round, n), "body": format!("text number {n}."), "holdSeconds": 0 });
        match api.ask("POST", "/api/conversations/messages", Some(body)).await {
            Some((200, sent)) => {
                let id = sent["id"].as_str().unwrap().to_owned();
                accepted.lock().unwrap().insert(id, sent["body"].as_str().unwrap().to_owned());
            }
            // Too many wait in this conversation: that is an answer, and nothing was taken.
            Some((429, _)) => {}
            Some((status, answer)) => panic!("{status}: {answer}"),
            None => return,
        }
    }
}

/// A home whose settings let senders send faster than a kill comes.
fn home(settings: &str) -> Home {
    let home = Home::new();
    let config = home.dir.path().join(".config/switchboard");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("config.toml"), format!("{settings}[limits]\npace = 1000\n")).unwrap();
    home
}

#[test]
fn no_message_goes_twice_and_none_vanishes() {
    kill_while_sending(&home(""), &[]);
}

/// Answers that get lost after Twilio took the message, and some that say it takes nothing now.
fn losses() -> [Value; 2] {
    let post = json!({ "product": "api", "method": "POST", "path": "/Messages.json" });
    [
        json!({ "match": post, "action": { "dropAfterAccept": true }, "rate": 0.3 }),
        json!({ "match": post, "action": { "status": 429, "retryAfter": 1 }, "rate": 0.1 }),
    ]
}

/// The callback, which bears our id, settles what was lost.
#[test]
fn with_answers_lost_callbacks_settle() {
    kill_while_sending(&home(""), &losses());
}

/// Nobody calls: Twilio's list settles what was lost.
#[test]
fn with_answers_lost_and_no_public_url_the_list_settles() {
    kill_while_sending(&home("[server]\npolling = true\n"), &losses());
}

fn kill_while_sending(home: &Home, faults: &[Value]) {
    let mut chance = Chance::new();
    let mut serve = Serve::start(home);
    for fault in faults {
        home.api_of(serve.child.id()).post("/sandbox/faults", fault.clone());
    }
    let next = Arc::new(AtomicU64::new(0));
    let accepted: Arc<Mutex<HashMap<String, String>>> = Arc::default();
    for round in 1..=u64::from(rounds()) {
        let api = home.api_of(serve.child.id());
        let end = next.load(Ordering::Relaxed) + MOST;
        let sending: Vec<_> = (0..AT_ONCE)
            .map(|_| runtime().spawn(send(api.clone(), round, next.clone(), end, accepted.clone())))
            .collect();
        let before = accepted.lock().unwrap().len();
        until("the first one is accepted", || (accepted.lock().unwrap().len() > before).then_some(()));
        std::thread::sleep(chance.millis(0, 1200));
        serve.kill();
        for task in sending {
            runtime().block_on(task).unwrap();
        }
        serve = Serve::start(home);
        let api = home.api_of(serve.child.id());
        let world = World::read(&api);
        world.none_twice();
        world.none_gone(&accepted.lock().unwrap());
        println!("round {round}: {} accepted, after the start: {}", accepted.lock().unwrap().len(), world.counts());
    }
    let api = home.api_of(serve.child.id());
    // Answers that were lost are settled by looking; what Twilio never had goes again after a minute.
    let mut world = World::read(&api);
    let start = Instant::now();
    while !world.under_way().is_empty() {
        world.none_twice();
        assert!(start.elapsed() < SETTLED, "{} never settled: {:#?}", world.counts(), world.under_way());
        std::thread::sleep(Duration::from_secs(1));
        world = World::read(&api);
    }
    world.none_twice();
    world.none_gone(&accepted.lock().unwrap());
    world.agrees();
    let journal = api.get("/sandbox/requests");
    let lost = journal["requests"].as_array().unwrap().iter();
    let lost = lost.filter(|r| r["error"].as_str().is_some_and(|e| e.starts_with("carried out, then"))).count();
    assert!(faults.is_empty() || lost > 0, "no answer was lost: this shows nothing");
    println!("in the end: {} accepted, {lost} answers lost, {}", accepted.lock().unwrap().len(), world.counts());
}

/// What stands in the store and what the customers have.
struct World {
    messages: Vec<Value>,
    phones: HashMap<String, u32>,
}

impl World {
    fn read(api: &Api) -> World {
        let mut messages = Vec::new();
        for conversation in api.pages("/api/conversations?limit=200") {
            messages.extend(api.messages(&conversation));
        }
        messages.retain(|m| m["body"].as_str().unwrap().starts_with("text number"));
        // Read after the store: what it calls sent must be on the phone by now.
        let mut phones = HashMap::new();
        let customers: HashSet<String> = messages.iter().map(|m| m["to"].as_str().unwrap().to_owned()).collect();
        for customer in customers {
            for body in api.received(&customer) {
                *phones.entry(body).or_default() += 1;
            }
        }
        World { messages, phones }
    }

    fn with_status(&self, wanted: &[&str]) -> usize {
        self.messages.iter().filter(|m| wanted.contains(&m["status"].as_str().unwrap())).count()
    }

    fn on_phone(&self, message: &Value) -> u32 {
        self.phones.get(message["body"].as_str().unwrap()).copied().unwrap_or(0)
    }

    /// Those of which it is not known yet what becomes of them: neither arrived nor given up.
    fn under_way(&self) -> Vec<&Value> {
        let is_given_up = |m: &Value| ["failed", "undelivered", "canceled"].iter().any(|s| m["status"] == *s);
        let has_arrived = |m: &Value| m["sid"].is_string() && self.on_phone(m) > 0;
        self.messages.iter().filter(|m| !is_given_up(m) && !has_arrived(m)).collect()
    }

    fn none_twice(&self) {
        let twice: Vec<_> = self.phones.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "a customer got these more than once: {twice:?}");
        let mut bodies = HashMap::new();
        self.messages.iter().for_each(|m| *bodies.entry(m["body"].as_str().unwrap()).or_insert(0) += 1);
        let twice: Vec<_> = bodies.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "these stand in the store more than once: {twice:?}");
    }

    /// What was accepted is in the store, whatever became of it.
    fn none_gone(&self, accepted: &HashMap<String, String>) {
        let there: HashMap<&str, &Value> = self.messages.iter().map(|m| (m["id"].as_str().unwrap(), m)).collect();
        let gone: Vec<_> = accepted.iter().filter(|(id, _)| !there.contains_key(id.as_str())).collect();
        assert!(gone.is_empty(), "accepted and gone: {gone:?}");
    }

    /// When all is settled, the store and the phones tell the same. (A status may lag behind: the
    /// report of a delivery is lost when nobody is there to take it.)
    fn agrees(&self) {
        for message in &self.messages {
            let reached = ["queued", "sending", "sent", "delivered"].iter().any(|s| message["status"] == *s);
            assert_eq!(self.on_phone(message), u32::from(reached), "{message}");
        }
        let strangers = self.phones.keys().filter(|body| !self.messages.iter().any(|m| m["body"] == body.as_str()));
        assert_eq!(strangers.count(), 0, "the customers have what the store does not know");
    }

    fn counts(&self) -> String {
        let mut by_status: Vec<(String, u32)> = Vec::new();
        for message in &self.messages {
            let status = message["status"].as_str().unwrap();
            match by_status.iter_mut().find(|(s, _)| s == status) {
                Some((_, n)) => *n += 1,
                None => by_status.push((status.to_owned(), 1)),
            }
        }
        let words: Vec<String> = by_status.iter().map(|(status, n)| format!("{n} {status}")).collect();
        format!("{} stored ({}), {} on phones", self.messages.len(), words.join(", "), self.phones.len())
    }
}

/// A message that is held when the node is killed leaves afterwards, once.
#[test]
fn a_held_message_outlives_the_kill() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let body = json!({ "to": customer(0, 1), "body": "text number 1, held", "holdSeconds": 20 });
    let sent = api.post("/api/conversations/messages", body);
    assert_eq!(sent["status"], "held");
    serve.kill();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let world = World::read(&api);
    assert_eq!((world.with_status(&["held"]), world.phones.len()), (1, 0), "{}", world.counts());
    api.post("/api/simulator/clock", json!({ "advanceSeconds": 30 }));
    until("it has arrived", || World::read(&api).under_way().is_empty().then_some(()));
    let world = World::read(&api);
    world.none_twice();
    world.agrees();
}
