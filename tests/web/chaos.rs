//! Nothing lost, nothing doubled, nothing unexplained: agents and customers talk through a real sandbox
//! while everything that can go wrong between it and the node does, and in the end both tell the same.
//!
//! Small in the suite. `CHAOS_CONVERSATIONS=1000 CHAOS_SECONDS=3600` is the long one, for which
//! `.config/nextest.toml` leaves time; `CHAOS_SEED` repeats a run's draws (not its timing).
//!
//! What the comparison is worth is shown by controls: worlds in which something is wrong that it must find.

mod blind;
mod talk;
mod verdict;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchboard::core::Pace;
use switchboard::domain::time::Span;

use crate::node::{NUMBER, Node, Setup};
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
fn faults() -> Vec<Value> {
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

/// What is played.
struct Play {
    seed: u64,
    conversations: u64,
    seconds: i64,
    setup: Setup,
    /// What else goes wrong.
    faults: Vec<Value>,
    /// Whether a text that no agent asked for is at Twilio in the end.
    has_stranger: bool,
    /// How long it may take until both tell the same.
    patience: Duration,
}

impl Play {
    fn small(conversations: u64, seconds: i64) -> Play {
        let setup = Setup { pace: pace(), ..Setup::default() };
        let patience = Duration::from_millis(60_000 + 600 * conversations);
        Play { seed: 7, conversations, seconds, setup, faults: faults(), has_stranger: false, patience }
    }
}

/// Plays it all through and compares.
async fn play(play: Play) -> Result<Told, Fault> {
    let Play { seed, conversations, seconds, setup, faults, has_stranger, patience } = play;
    let sandbox = Sandbox::start().await;
    let node = sandbox.node_with(Setup { public_is_own: true, hold: 0, ..setup }).await;
    sandbox.control("clock", json!({ "paused": true })).await;
    let hook = format!("{}/api/webhooks/twilio-sms", node.base);
    sandbox.control("webhooks", json!({ "sms": hook })).await;
    for fault in faults {
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
    if has_stranger {
        let form = [("From", NUMBER), ("To", talk.customers()[0].as_str()), ("Body", "ok")];
        sandbox.ask("POST", "api/2010-04-01/Accounts/ACCOUNT/Messages.json", &form).await;
    }
    let mut told = verdict::reach(&sandbox, &node, &mut talk, patience).await?;
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
    let told = play(Play { seed, ..Play::small(conversations, seconds as i64) }).await;
    println!("seed {seed}, {conversations} conversations, {seconds} simulated seconds: {told:?}");
    told.unwrap();
}

/// What the comparison finds in a world that is not as it should be.
async fn found(wrong: Play) -> String {
    let fault = play(wrong).await.expect_err("the comparison finds what is wrong");
    println!("{fault:?}");
    format!("{fault:?}")
}

/// A control: without the memory of SIDs, what comes twice is there twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_forgets_sids_is_found_out() {
    let small = Play::small(12, 120);
    let found = found(Play { setup: Setup { store: Some(blind::store()), ..small.setup }, ..small }).await;
    assert!(found.contains("doubled here") || found.contains("not settled"), "{found}");
}

/// A control: without settling, what was accepted while its answer and its callback were lost stays open.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_settle_is_found_out() {
    let mut small = Play::small(12, 120);
    // Its first look fails, and it never looks again.
    small.setup.pace = Pace { look: Duration::from_secs(3600), ..pace() };
    let post = json!({ "product": "api", "method": "POST", "path": "/Messages.json" });
    let list = json!({ "product": "api", "method": "GET", "path": "/Messages" });
    small.faults = vec![
        json!({ "match": post, "action": { "dropAfterAccept": true }, "rate": 0.06 }),
        json!({ "match": list, "action": { "status": 503 }, "rate": 1.0 }),
        json!({ "webhook": { "drop": true }, "rate": 1.0 }),
    ];
    let found = found(Play { patience: Duration::from_secs(8), ..small }).await;
    assert!(found.contains("at Twilio, and no message of ours is it"), "{found}");
}

/// A control: one text too many at Twilio, with the words of others, in a conversation of ours.
#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_nobody_asked_for_is_found_out() {
    let small = Play::small(12, 120);
    let found = found(Play { has_stranger: true, patience: Duration::from_secs(8), ..small }).await;
    assert!(found.contains("at Twilio, and no message of ours is it"), "{found}");
}
