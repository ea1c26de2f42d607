//! Determinism where it is hardest: many conversations at once in another order each time, and restarts at
//! every stage of a delivery.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{NUMBER, SPARE, Sink, World, statuses, text};

const CUSTOMERS: u64 = 12;

/// What one conversation leaves behind.
type Trace = Vec<String>;

fn customer(n: u64) -> String {
    format!("+1415555{:04}", 2000 + n)
}

/// Each customer sends and gets texts, one after the other, some by a service, some failing, one stopping.
async fn converse(world: Arc<World>, service: String, n: u64, hurry: u64) -> (u64, Vec<String>) {
    let customer = customer(n);
    let mut sids = Vec::new();
    if n.is_multiple_of(4) {
        let fate = json!({ "status": "undelivered", "errorCode": 30005, "times": 2 });
        world.control("POST", &format!("phones/{customer}/outcome"), fate).await;
    }
    for turn in 0..5_u64 {
        // Who goes first is another one in each run.
        for _ in 0..(n * 7 + turn * 13 + hurry * 31) % 17 {
            tokio::task::yield_now().await;
        }
        let body = format!("Text {turn} to {n}");
        let sid = match (n + turn) % 3 {
            0 => text(&world.text(&customer, NUMBER, &format!("Question {turn}")).await, "sid"),
            1 => text(&world.send(&[("To", &customer), ("From", SPARE), ("Body", &body)]).await, "sid"),
            _ => {
                let form = [("To", customer.as_str()), ("MessagingServiceSid", &service), ("Body", &body)];
                text(&world.send(&form).await, "sid")
            }
        };
        sids.push(sid);
    }
    if n.is_multiple_of(5) {
        sids.push(text(&world.text(&customer, NUMBER, "STOP").await, "sid"));
    }
    (n, sids)
}

async fn desk(world: &World) -> String {
    let (_, service) = world.post("/messaging/v1/Services", &[("FriendlyName", "Desk")]).await;
    let sid = text(&service, "sid");
    for number in [NUMBER, SPARE] {
        let number = world.number(number).await;
        world.post(&format!("/messaging/v1/Services/{sid}/PhoneNumbers"), &[("PhoneNumberSid", &number)]).await;
    }
    sid
}

async fn run(order: &[u64], steps: &[f64], hurry: u64) -> BTreeMap<u64, Trace> {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", "webhooks", json!({ "status": sink.url("/status") })).await;
    let service = desk(&world).await;
    let world = Arc::new(world);
    let tasks: Vec<_> =
        order.iter().map(|n| tokio::spawn(converse(world.clone(), service.clone(), *n, hurry))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    for step in steps {
        world.advance(*step).await;
    }
    let hooks = sink.take();
    let mut traces = BTreeMap::new();
    for (n, sids) in all {
        let mut trace = Vec::new();
        for sid in sids {
            let message = world.message(&sid).await;
            trace.push(format!("{sid} {:?} {} {}", statuses(&hooks, &sid), message["from"], message["error_code"]));
        }
        // When each text reached the handset or left it, to the microsecond.
        trace.extend(world.phone(&customer(n)).await.iter().map(Value::to_string));
        traces.insert(n, trace);
    }
    Arc::into_inner(world).unwrap().end().await;
    traces
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_load_in_another_order_changes_no_conversation() {
    let forward: Vec<u64> = (0..CUSTOMERS).collect();
    let backward: Vec<u64> = (0..CUSTOMERS).rev().collect();
    let mixed: Vec<u64> = (0..CUSTOMERS).map(|n| (n * 5 + 3) % CUSTOMERS).collect();
    let first = run(&forward, &[8.0], 0).await;
    assert!(first.values().all(|trace| trace.len() > 5));
    // The clock may go in one step or in many.
    let many = [0.1; 80];
    for (order, steps, hurry) in [(backward, &many[..], 1), (mixed, &[3.0, 5.0][..], 2)] {
        for (n, trace) in run(&order, steps, hurry).await {
            assert_eq!(sorted(&trace), sorted(&first[&n]), "customer {n}");
        }
    }
}

/// Texts of one instant have no order between a customer's two numbers.
fn sorted(trace: &Trace) -> Trace {
    let mut sorted = trace.clone();
    sorted.sort();
    sorted
}

#[tokio::test]
async fn restarts_at_every_stage_change_nothing() {
    let mut ends = Vec::new();
    for restart in [false, true] {
        let sink = Sink::new().await;
        let mut world = World::new(42).await;
        world.control("POST", "webhooks", json!({ "status": sink.url("/status"), "sms": sink.url("/sms") })).await;
        let service = desk(&world).await;
        world.control("POST", &format!("phones/{}/outcome", customer(3)), json!({ "status": "queued" })).await;
        let mut sids = Vec::new();
        for n in 0..4 {
            let to = customer(n);
            let mut form = vec![("To", to.as_str()), ("MessagingServiceSid", service.as_str()), ("Body", "Hello")];
            if n == 2 {
                form.extend([("ScheduleType", "fixed"), ("SendAt", "2026-03-02T17:05:00Z")]);
            }
            form.push(("ValidityPeriod", "200"));
            sids.push(text(&world.send(&form).await, "sid"));
        }
        world.text(&customer(1), NUMBER, "STOP").await;
        // Accepted, queued, sent, delivered; then the scheduled and the expired one.
        for step in [0.05, 0.1, 0.2, 0.4, 0.9, 197.0, 1.0, 101.0, 0.5, 2.0] {
            world.advance(step).await;
            if restart {
                world.restart().await;
            }
        }
        let hooks = sink.take();
        let mut end = Vec::new();
        for (n, sid) in (0..).zip(&sids) {
            end.push((statuses(&hooks, sid), world.message(sid).await, world.phone(&customer(n)).await));
        }
        assert_eq!(end[2].0, ["queued", "sent", "delivered"]);
        assert_eq!(end[3].0, ["queued", "failed"]);
        let to = customer(1);
        let (_, refused) = world
            .post(&world.path("/Messages.json"), &[("To", &to), ("MessagingServiceSid", &service), ("Body", "x")])
            .await;
        assert_eq!(refused["code"], 21610);
        ends.push(end);
        world.end().await;
    }
    assert_eq!(ends[0], ends[1]);
}

/// What each recipient got of a service, and what becomes of it: SIDs, texts, instants.
async fn verify(order: &[u64], hurry: u64, restart: bool) -> BTreeMap<u64, Trace> {
    let mut world = World::new(42).await;
    // The services' own order is another one too.
    let mut names = ["Northwind Bank", "Harbor Dental"];
    names.rotate_left((hurry % 2) as usize);
    let mut services = BTreeMap::new();
    for name in names {
        let (_, made) = world.post("/verify/v2/Services", &[("FriendlyName", name)]).await;
        services.insert(name, text(&made, "sid"));
    }
    let services: Vec<String> = services.into_values().collect();
    let shared = Arc::new(world);
    let tasks: Vec<_> = order
        .iter()
        .map(|n| {
            let (world, services, n) = (shared.clone(), services.clone(), *n);
            tokio::spawn(async move {
                let mut sids = Vec::new();
                for turn in 0..3_u64 {
                    for _ in 0..(n * 5 + turn * 11 + hurry * 17) % 13 {
                        tokio::task::yield_now().await;
                    }
                    let service = &services[((n + turn) % 2) as usize];
                    let (_, sent) = crate::verify::start(&world, service, &customer(n), &[]).await;
                    sids.push(format!("{} {}", sent["sid"], sent["send_code_attempts"]));
                }
                (n, sids)
            })
        })
        .collect();
    let mut traces = BTreeMap::new();
    for task in tasks {
        let (n, sids) = task.await.unwrap();
        traces.insert(n, sids);
    }
    world = Arc::into_inner(shared).unwrap();
    for step in [0.2, 0.3, 0.4, 3.0] {
        world.advance(step).await;
        if restart {
            world.restart().await;
        }
    }
    for (n, trace) in &mut traces {
        trace.extend(world.phone(&customer(*n)).await.iter().map(Value::to_string));
    }
    let to = customer(order[0]);
    let code = crate::verify::code(&world, &to).await;
    let right =
        [services[0].as_str(), &services[1]].map(|service| format!("/verify/v2/Services/{service}/VerificationCheck"));
    let mut approved = 0;
    for path in &right {
        let (_, answer) = world.post(path, &[("To", &to), ("Code", &code)]).await;
        approved += u32::from(answer["status"] == "approved");
    }
    assert_eq!(approved, 1, "the code is good for its own service");
    world.end().await;
    traces
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn codes_are_the_same_in_any_order_and_after_restarts() {
    let forward: Vec<u64> = (0..CUSTOMERS).collect();
    let mixed: Vec<u64> = (0..CUSTOMERS).map(|n| (n * 7 + 5) % CUSTOMERS).collect();
    let first = verify(&forward, 0, false).await;
    assert!(first.values().all(|trace| trace.len() == 6), "three sends, three texts");
    for (order, hurry, restart) in [(&mixed, 1, false), (&forward, 2, true)] {
        for (n, trace) in verify(order, hurry, restart).await {
            assert_eq!(sorted(&trace), sorted(&first[&n]), "customer {n}");
        }
    }
}
