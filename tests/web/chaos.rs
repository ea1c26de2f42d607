//! Nothing lost, nothing doubled, nothing unexplained: agents and customers talk through a real sandbox
//! while everything that can go wrong between it and the node does, and in the end both tell the same.
//!
//! Small in the suite. `CHAOS_CONVERSATIONS=1000 CHAOS_SECONDS=3600` is the long one, `CHAOS_SEED` repeats
//! a run's draws (not its timing).

mod blind;
mod talk;
mod verdict;

use std::time::{Duration, Instant};

use serde_json::json;
use switchboard::core::Pace;
use switchboard::domain::time::Span;

use crate::node::{Node, Setup};
use crate::numbers::Sandbox;
use talk::Talk;
use verdict::{Fault, Told};

/// Seconds of simulated time between two steps; of one customer there is one text in a step at most, and
/// Twilio's list dates to the second.
const STEP: i64 = 10;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// What goes wrong, and how often. The calls first: a fault that is drawn hides those behind it.
fn faults() -> Vec<serde_json::Value> {
    let post = json!({ "product": "api", "method": "POST", "path": "/Messages.json" });
    let list = json!({ "product": "api", "method": "GET", "path": "/Messages" });
    vec![
        json!({ "match": post, "action": { "status": 429, "retryAfter": 1 }, "rate": 0.05 }),
        json!({ "match": post, "action": { "status": 503 }, "rate": 0.03 }),
        json!({ "match": post, "action": { "reset": true }, "rate": 0.03 }),
        json!({ "match": post, "action": { "dropAfterAccept": true }, "rate": 0.06 }),
        json!({ "match": list, "action": { "status": 503 }, "rate": 0.05 }),
        json!({ "match": list, "action": { "reset": true }, "rate": 0.05 }),
        json!({ "webhook": { "drop": true }, "rate": 0.10 }),
        json!({ "webhook": { "duplicate": true }, "rate": 0.10 }),
        json!({ "webhook": { "reorder": true, "delayMs": 150 }, "rate": 0.05 }),
        json!({ "webhook": { "delayMs": 150 }, "rate": 0.10 }),
    ]
}

/// Patience in proportion to the hurry of the test.
fn pace() -> Pace {
    Pace {
        settling: Span::millis(1500),
        look: Duration::from_millis(200),
        offer: Duration::from_millis(100),
        patrol: Duration::from_millis(500),
        poll: Duration::from_millis(100),
        poll_at_most: Duration::from_millis(500),
        behind: Duration::from_millis(500),
        ..Pace::default()
    }
}

/// Plays it all through and compares.
async fn play(seed: u64, conversations: u64, seconds: i64, setup: Setup) -> Result<Told, Fault> {
    let sandbox = Sandbox::start().await;
    let node = sandbox.node_with(Setup { pace: pace(), public_is_own: true, hold: 0, ..setup }).await;
    sandbox.control("clock", json!({ "paused": true })).await;
    let hook = format!("{}/api/webhooks/twilio-sms", node.base);
    sandbox.control("webhooks", json!({ "sms": hook })).await;
    for fault in faults() {
        sandbox.control("faults", fault).await;
    }
    let began = Instant::now();
    let mut talk = Talk::new(&node, &sandbox, seed, conversations, (seconds / STEP) as u64).await;
    for _ in 0..seconds / STEP {
        talk.step().await;
        talk.count_faults().await;
        follow(&sandbox, &node, STEP).await;
    }
    let talked = began.elapsed();
    sandbox.clear_faults().await;
    let mut told = verdict::reach(&sandbox, &node, &mut talk).await?;
    told.talked = talked;
    Ok(told)
}

/// Simulated time goes on for both.
pub async fn follow(sandbox: &Sandbox, node: &Node, seconds: i64) {
    let answer = sandbox.control("clock", json!({ "advanceSeconds": seconds })).await;
    let now: jiff::Timestamp = answer["now"].as_str().unwrap().parse().unwrap();
    node.core.clock().tell(switchboard::domain::time::Time(now.as_microsecond()), true);
}

#[tokio::test(flavor = "multi_thread")]
async fn both_tell_the_same_after_everything_went_wrong() {
    let seed = number("CHAOS_SEED", 7);
    let (conversations, seconds) = (number("CHAOS_CONVERSATIONS", 40), number("CHAOS_SECONDS", 240));
    let told = play(seed, conversations, seconds as i64, Setup::default()).await;
    println!("seed {seed}, {conversations} conversations, {seconds} simulated seconds: {told:?}");
    told.unwrap();
}

/// The control: without the memory of SIDs, what comes twice is there twice, and the comparison says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_forgets_sids_is_found_out() {
    let store = blind::store();
    let told = play(7, 12, 120, Setup { store: Some(store), ..Setup::default() }).await;
    assert!(told.is_err(), "{told:?}");
}
