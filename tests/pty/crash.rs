//! kill -9 of the console: what was typed, what was held and the sandbox's world are there again.

use serde_json::json;

use crate::api::SAM;
use crate::console::Console;
use crate::home::{Home, until};

/// Opens Sam's conversation and begins to write.
fn write(console: &Console, text: &str) {
    console.sees("Unassigned 3");
    console.keys("/sam");
    console.misses("Dana Brooks");
    console.keys("\r");
    console.sees("Is parking free at your office?");
    console.keys("i");
    console.sees("Enter sends");
    console.keys(text);
    console.sees(text);
}

#[test]
fn a_draft_is_there_again_with_its_cursor() {
    let home = Home::new();
    let console = Console::open(&home, (100, 30));
    write(&console, "Yes, behind the house");
    console.keys("\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D");
    let drafts = home.state().join("drafts-agent1.json");
    let saved = || std::fs::read_to_string(&drafts).unwrap_or_default();
    // Twenty-one letters, five to the left.
    until("the draft is on the disk", || saved().contains("\"cursor\":[0,16]").then_some(()));
    let before = (console.look(|screen, _| screen.cursor_position()), home.node_file().unwrap());
    console.kill();

    let console = Console::open(&home, (100, 30));
    console.sees("Yes, behind the house");
    console.until("the cursor in its place", |screen, _| screen.cursor_position() == before.0);
    console.keys("ware");
    console.sees("Yes, behind the warehouse");
    let api = home.api_of(console.pid);
    assert_eq!((before.1["base"].as_str(), before.1["sandbox"].as_str()), (Some(&*api.base), Some(&*api.sandbox)));
    assert!(api.received(SAM).is_empty(), "a draft was sent");
}

#[test]
fn a_held_message_leaves_once() {
    let home = Home::new();
    let console = Console::open(&home, (100, 30));
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    api.post("/api/simulator/clock", json!({ "paused": true }));
    console.sees("paused");
    write(&console, "Yes, it is free");
    console.keys("\r");
    console.sees("sending in ");
    let state = api.get("/sandbox/state");
    let phone = api.get("/api/simulator/phones/%2B14155550123");
    console.kill();

    let console = Console::open(&home, (100, 30));
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    let after = api.get("/sandbox/state");
    for kept in ["instance", "accountSid", "authToken", "seed", "epoch", "paused", "now"] {
        assert_eq!(after[kept], state[kept], "{kept}");
    }
    assert_eq!(api.get("/api/simulator/phones/%2B14155550123"), phone);
    let held = &api.messages(&api.conversation(SAM))[0];
    assert_eq!((&held["status"], &held["body"]), (&json!("held"), &json!("Yes, it is free")));
    assert!(api.received(SAM).is_empty(), "it left before its time");
    console.keys("/sam");
    console.misses("Dana Brooks");
    console.keys("\r");
    console.sees("sending in ");
    api.post("/api/simulator/clock", json!({ "advanceSeconds": 60 }));
    console.misses("sending in ");
    // It has left; on a standing clock it arrives when the clock is moved again.
    api.post("/api/simulator/clock", json!({ "advanceSeconds": 60 }));
    until("Sam has it", || (!api.received(SAM).is_empty()).then_some(()));
    api.post("/api/simulator/clock", json!({ "advanceSeconds": 600 }));
    assert_eq!(api.received(SAM), ["Yes, it is free"]);
}
