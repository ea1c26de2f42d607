//! The same seed gives the same world, and a restart changes nothing.

use serde_json::{Value, json};
use switchboard::sandbox::{Config, SandboxError, start};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

use crate::support::{MARIA, NUMBER, SAM, Sink, World, run, statuses, text};

/// What a conversation looks like from outside: SIDs, and how long each step took.
async fn conversation(world: &World, sink: &Sink, customer: &str, bodies: &[&str]) -> Vec<String> {
    let mut seen = Vec::new();
    for body in bodies {
        let form = [("To", customer), ("From", NUMBER), ("Body", *body)];
        let sid = text(&world.send(&form).await, "sid");
        let state = world.control("GET", "state", Value::Null).await;
        let begun = text(&state, "now");
        world.advance(3.0).await;
        let hooks = sink.take();
        let arrived = world.phone(customer).await.pop().unwrap();
        seen.push(format!("{sid} {:?} {}", statuses(&hooks, &sid), took(&begun, &text(&arrived, "at"))));
    }
    seen
}

fn took(from: &str, until: &str) -> i64 {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
    at(until) - at(from)
}

#[tokio::test]
async fn the_same_seed_gives_the_same_sids_and_timings_in_any_order() {
    let sink = Sink::new().await;
    let mut runs = Vec::new();
    for maria_first in [true, false] {
        let world = World::new(42).await;
        world.control("POST", "webhooks", json!({ "status": sink.url("/status") })).await;
        let (mut maria, mut sam) = (Vec::new(), Vec::new());
        if maria_first {
            maria = conversation(&world, &sink, MARIA, &["one", "two"]).await;
        }
        sam.extend(conversation(&world, &sink, SAM, &["a", "b", "c"]).await);
        if !maria_first {
            world.text(SAM, NUMBER, "something else").await;
            maria = conversation(&world, &sink, MARIA, &["one", "two"]).await;
        }
        runs.push((maria, sam));
        world.end().await;
    }
    assert_eq!(runs[0], runs[1]);
    let other = World::new(43).await;
    other.control("POST", "webhooks", json!({ "status": sink.url("/status") })).await;
    assert_ne!(conversation(&other, &sink, MARIA, &["one", "two"]).await, runs[0].0);
    // A reset to the first seed brings the first world back.
    let state = other.control("POST", "reset", json!({ "seed": 42 })).await;
    assert_eq!((&state["epoch"], &state["authToken"]), (&json!(2), &json!(other.token)));
    assert_eq!(state["accountSid"], json!(other.account));
    other.stand_still().await;
    assert_eq!(conversation(&other, &sink, MARIA, &["one", "two"]).await, runs[0].0);
    other.end().await;
}

#[tokio::test]
async fn a_restart_in_the_middle_of_a_delivery_changes_nothing() {
    let sink = Sink::new().await;
    let mut ends = Vec::new();
    for restart in [false, true] {
        let mut world = World::new(42).await;
        world.control("POST", "webhooks", json!({ "status": sink.url("/status"), "sms": sink.url("/sms") })).await;
        world
            .control("POST", &format!("phones/{MARIA}/outcome"), json!({ "status": "undelivered", "errorCode": 30005 }))
            .await;
        world.text(MARIA, NUMBER, "Hi").await;
        let sid = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hello")]).await, "sid");
        world.advance(0.5).await;
        assert_eq!(world.message(&sid).await["status"], "sent");
        let before = world.control("GET", "state", Value::Null).await;
        if restart {
            world.restart().await;
            let mut after = world.control("GET", "state", Value::Null).await;
            assert_eq!(after["now"], before["now"]);
            after["now"] = before["now"].clone();
            assert_eq!(after, before);
        }
        world.advance(2.0).await;
        let again = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Again")]).await, "sid");
        world.advance(2.0).await;
        let hooks = sink.take();
        let journal = world.control("GET", "requests", Value::Null).await;
        let numbers: Vec<u64> =
            journal["requests"].as_array().unwrap().iter().map(|e| e["n"].as_u64().unwrap()).collect();
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        let messages = (world.message(&sid).await, world.message(&again).await);
        ends.push((statuses(&hooks, &sid), statuses(&hooks, &again), messages, world.phone(MARIA).await));
        world.end().await;
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].0, ["sent", "undelivered"]);
}

#[tokio::test]
async fn what_was_answered_survives_a_crash() {
    let world = World::new(42).await;
    let mut sids = Vec::new();
    for n in 0..20 {
        let body = n.to_string();
        sids.push(text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", &body)]).await, "sid"));
    }
    world.advance(0.5).await;
    // The file as a crash would leave it: copied while the sandbox has it open.
    let elsewhere = tempfile::TempDir::new().unwrap();
    std::fs::copy(world.directory.path().join("sandbox.redb"), elsewhere.path().join("sandbox.redb")).unwrap();
    let before = world.control("GET", "state", Value::Null).await;
    world.advance(2.0).await;
    let expected = world.phone(MARIA).await;

    let survivor = run(elsewhere.path(), 7).await;
    let world = World { base: survivor.base.clone(), running: Some(survivor), ..world };
    let mut after = world.control("GET", "state", Value::Null).await;
    after["now"] = before["now"].clone();
    assert_eq!(after, before);
    world.control("POST", "clock", json!({ "now": before["now"] })).await;
    world.advance(2.0).await;
    for sid in &sids {
        assert_eq!(world.message(sid).await["status"], "delivered");
    }
    assert_eq!(world.phone(MARIA).await, expected);
    world.end().await;
}

/// Reads one request and leaves it without an answer.
async fn overhear(listener: &TcpListener) -> (TcpStream, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut heard, mut buffer) = (String::new(), [0; 4096]);
    while !heard.contains("MessageStatus=") {
        let n = stream.read(&mut buffer).await.unwrap();
        assert_ne!(n, 0, "the request ended early: {heard}");
        heard.push_str(std::str::from_utf8(&buffer[..n]).unwrap());
    }
    (stream, heard)
}

#[tokio::test]
async fn a_webhook_that_was_under_way_is_sent_again_after_a_restart() {
    let mut world = World::new(42).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/status", listener.local_addr().unwrap());
    world.control("POST", "webhooks", json!({ "status": url })).await;
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hello")]).await;
    let advance = world.client.post(format!("{}/sandbox/clock", world.base)).json(&json!({ "advanceSeconds": 0.5 }));
    let moving = tokio::spawn(advance.send());
    let (silent, first) = overhear(&listener).await;
    world.restart().await;
    drop((silent, moving));
    let (_stream, second) = overhear(&listener).await;
    let token = |heard: &str| {
        let line = heard.lines().find(|line| line.starts_with("i-twilio-idempotency-token")).unwrap().to_owned();
        (line, heard.contains("MessageStatus=sent"))
    };
    assert_eq!(token(&first), token(&second));
    assert!(token(&second).1);
    world.end().await;
}

#[tokio::test]
async fn a_state_that_is_open_elsewhere_and_a_port_that_is_taken_are_said_so() {
    let world = World::new(42).await;
    let config = |directory: &std::path::Path, listen| Config { state_dir: directory.to_owned(), listen, seed: 1 };
    let anywhere = ([127, 0, 0, 1], 0).into();
    let Err(error) = start(config(world.directory.path(), anywhere)).await else {
        panic!("the state was opened twice")
    };
    assert!(matches!(error, SandboxError::Locked { .. }), "{error}");
    assert!(error.to_string().starts_with("another process has the sandbox's state open"));
    let elsewhere = tempfile::TempDir::new().unwrap();
    let taken = world.running.as_ref().unwrap().addr;
    let Err(error) = start(config(elsewhere.path(), taken)).await else { panic!("the port was taken twice") };
    assert!(error.to_string().contains("choose another address"), "{error}");
    world.end().await;
}
