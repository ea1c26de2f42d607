//! Verification: what a send and a check cost beside the sandbox's own answer, how soon an attempt is found
//! among many, and what the tester's frames cost then. Each figure stands beside a reference of the same run.
//!
//! Options by environment: `SENDS` (500, of each contender), `STORED` (attempts stored beforehand, 100000),
//! `SEARCHES` (40, of each kind), `SAMPLES` (frames of each kind, 2000), `KEPT` (a directory in which the
//! stored attempts are kept from run to run; a million take minutes to make). The home lies in `TMPDIR`.

#[path = "../../common/api.rs"]
mod api;
#[path = "../../common/home.rs"]
mod home;

mod calls;
mod frames;
mod preload;
mod search;

use std::time::Duration;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// The value below which this part of the values lies, in milliseconds.
fn quantile(times: &[Duration], part: f64) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let at = (sorted.len().saturating_sub(1) as f64 * part) as usize;
    sorted.get(at).map_or(f64::NAN, Duration::as_secs_f64) * 1e3
}

fn main() {
    let build = if cfg!(debug_assertions) { ", a DEBUG build" } else { "" };
    println!("verification{build}");
    let sends = number("SENDS", 500);
    if sends > 0 {
        calls::run(sends);
    }
    let stored = number("STORED", 100_000);
    if stored > 0 {
        let world = preload::world(stored);
        search::run(&world, number("SEARCHES", 40));
        frames::run(&world, number("SAMPLES", 2000) as usize);
    }
}
