//! What an idle console costs: nothing, in no thread of the process that is node, sandbox and console.

use std::time::Duration;

use serde_json::json;

use crate::console::Console;
use crate::home::{Home, until};
use crate::process::{Wakes, threads};

/// Longer than any stream says that it lives, and than the goal's ten seconds.
const IN_A_ROW: u64 = 20;
/// What the start leaves behind (idle threads, connections) is gone by then; each goes once.
const AT_MOST: u64 = 75;

#[test]
fn nothing_due_wakes_nobody_and_draws_nothing() {
    let home = Home::new();
    let mut first = Console::open(&home, (80, 24));
    first.sees("Unassigned 3");
    let api = home.api_of(first.pid);
    // What Twilio has not told yet is asked for, now and then; while its clock stands it tells nothing more.
    until("the prices of what was sent", || {
        let page = api.get("/api/conversations");
        let costs: Vec<_> = page["items"].as_array()?.iter().map(|c| &c["cost"]).collect();
        let known = costs.iter().filter(|cost| cost["reported"].is_object()).count();
        (known == 2 && costs.iter().all(|cost| cost["unpriced"] == 0)).then_some(())
    });
    api.post("/api/simulator/clock", json!({ "paused": true }));
    first.sees("paused");
    first.keys("q");
    first.wait();
    // A second start plays no world, so no connections of that are left over.
    let console = Console::open(&home, (80, 24));
    console.sees("paused");
    console.rests();
    let (mut wakes, mut quiet) = (Wakes::default(), 0);
    let (mut last, mut written) = (threads(console.pid), console.raw().len());
    assert!(last.len() > 3, "the threads of the process cannot be seen");
    for second in 1..=AT_MOST {
        std::thread::sleep(Duration::from_secs(1));
        let (now, bytes) = (threads(console.pid), console.raw().len());
        let before = wakes.total();
        wakes.add(second, &last, &now);
        quiet = if wakes.total() == before && bytes == written { quiet + 1 } else { 0 };
        (last, written) = (now, bytes);
        if quiet == IN_A_ROW {
            break;
        }
    }
    assert_eq!(quiet, IN_A_ROW, "somebody is woken again and again: {:?}", wakes.lines());
    // Asleep, not deaf: somebody else starts the clock at the sandbox itself.
    home.api_of(console.pid).post("/sandbox/clock", json!({ "paused": false }));
    console.misses("paused");
}
