//! The screen: what a key costs, how soon the program is of use, and what it does while nothing
//! happens. Each figure stands beside a reference of the same run.
//!
//! First the console alone over a node in memory, against ratatui's own list. Then the real program in
//! a pseudo-terminal and a home of its own, against `cat` there. Options by environment:
//! `CONVERSATIONS` (in memory, 100000), `SAMPLES` (frames of each kind, 3000), `STORED` (messages stored
//! before the restarts, over 20,000 conversations, 0), `RESTARTS` (5), `IDLE` (seconds of each idle
//! window, 10). The home lies in `TMPDIR`; a million messages need about 2 GB there.

#[path = "../../common/api.rs"]
mod api;
#[path = "../../common/home.rs"]
mod home;
#[path = "../../tui/world.rs"]
#[allow(dead_code, reason = "the tests of the console need all of it")]
mod world;

mod desk;
mod frames;
mod many;
mod preload;
mod process;
mod program;
mod terminal;

use std::time::Duration;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// The value below which this part of the (sorted) values lies, in milliseconds.
fn quantile(sorted: &[Duration], part: f64) -> f64 {
    let at = (sorted.len().saturating_sub(1) as f64 * part) as usize;
    sorted.get(at).map_or(f64::NAN, Duration::as_secs_f64) * 1e3
}

fn main() {
    frames::run(number("CONVERSATIONS", 100_000), number("SAMPLES", 3000) as usize);
    program::run(&program::Plan {
        stored: number("STORED", 0),
        restarts: number("RESTARTS", 5).max(1) as usize,
        idle: number("IDLE", 10),
    });
}
