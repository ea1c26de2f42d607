//! Two consoles on one machine: one node, and the second takes over when the first is killed.

use std::time::Instant;

use serde_json::json;

use crate::api::SAM;
use crate::console::Console;
use crate::home::{Home, until};

fn second(home: &Home) -> Console {
    Console::with(home, (100, 30), &["--agent", "agent2"], &[])
}

#[test]
fn what_one_does_the_other_shows() {
    let home = Home::new();
    let first = Console::open(&home, (100, 30));
    first.sees("Unassigned 3");
    let second = second(&home);
    second.sees("Unassigned 3");
    second.sees("agent2");
    assert_eq!(home.node_file().unwrap()["pid"], first.pid, "the second one did not attach");

    first.keys("/sam");
    first.misses("Dana Brooks");
    first.keys("\r");
    first.sees("Is parking free at your office?");
    first.keys("a");
    first.sees("Assign Sam Ortiz to");
    first.keys("agent2");
    first.misses("nobody");
    first.keys("\r");
    first.sees("assigned to agent2");
    second.sees("Unassigned 2");
    second.sees("Mine 2");

    second.keys("/sam");
    second.misses("Dana Brooks");
    second.keys("\r");
    second.sees("assigned to agent2 (you)");
    second.keys("i");
    second.sees("Alt-Enter new line");
    second.keys("It is free for patients.\r");
    first.sees("It is free for patients.");
    first.sees("agent2 · ");
}

#[test]
fn the_second_becomes_the_node_when_the_first_is_killed() {
    let home = Home::new();
    let first = Console::open(&home, (100, 30));
    first.sees("Unassigned 3");
    let mut second = second(&home);
    second.sees("● live");
    second.sees("Sam Ortiz");
    let before = home.node_file().unwrap();
    second.keys("/sam");
    second.misses("Dana Brooks");
    second.keys("\r");
    second.sees("Is parking free at your office?");
    second.keys("i");
    second.sees("Alt-Enter new line");
    second.keys("Yes, behind the ho");
    second.sees("Yes, behind the ho");

    first.kill();
    let killed = Instant::now();
    second.sees("▲ stale");
    second.sees("● live");
    println!("live again {:.1} s after the kill", killed.elapsed().as_secs_f32());
    let api = home.api_of(second.pid);
    assert_eq!((before["base"].as_str(), before["sandbox"].as_str()), (Some(&*api.base), Some(&*api.sandbox)));
    second.sees("Yes, behind the ho");
    api.text_in(SAM, "And for how long?");
    second.sees("And for how long?");

    second.keys("use\r");
    second.sees("sending in ");
    api.post("/api/simulator/clock", json!({ "advanceSeconds": 60 }));
    until("Sam has the answer", || (api.received(SAM) == ["Yes, behind the house"]).then_some(()));
    second.keys("\x1b");
    second.misses("Alt-Enter new line");
    second.keys("q");
    assert_eq!(second.wait().exit_code(), 0);
    assert!(home.node_file().is_none());
}

#[test]
fn two_that_start_at_once_share_one_node() {
    let home = Home::new();
    let consoles = [Console::open(&home, (80, 24)), second(&home)];
    for console in &consoles {
        console.sees("● live");
        console.sees("Unassigned 3");
    }
    let owner = home.node_file().unwrap()["pid"].as_u64().unwrap();
    assert!(consoles.iter().any(|c| u64::from(c.pid) == owner));
}
