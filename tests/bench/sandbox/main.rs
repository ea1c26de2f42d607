//! `switchboard sandbox` alone: how soon it is ready, what it holds in memory, how many messages a second
//! it carries from the call to the handset on one core.
//!
//! Three processes: the sandbox as a command, the load, and as reference a warp server with a static
//! answer of the same size. Where `taskset` is there, the servers have one core and the load another.
//! Options by environment: `SENT` (messages in each measurement, 10000), `ROUNDS` (3), `CONNECTIONS` (32),
//! `STARTS` (9).

mod fixed;
mod load;
mod server;

use std::time::Instant;

use load::{Load, Target};
use server::Server;

/// A goal, and what it is compared with.
const READY_MS: f64 = 100.0;
const RESIDENT_MIB: f64 = 40.0;
const PER_SECOND: f64 = 1000.0;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// The middle one, the lowest and the highest.
fn spread(mut of: Vec<f64>) -> (f64, f64, f64) {
    of.sort_by(f64::total_cmp);
    (of[of.len() / 2], of[0], of[of.len() - 1])
}

fn verdict(kept: bool) -> &'static str {
    if kept { "kept" } else { "MISSED" }
}

fn main() {
    if std::env::var_os("SANDBOX_LOAD").is_some() {
        return load::child();
    }
    if std::env::var_os("SANDBOX_FIXED").is_some() {
        return fixed::child();
    }
    let (sent, rounds, connections) = (number("SENT", 10_000), number("ROUNDS", 3), number("CONNECTIONS", 32));
    let dir = tempfile::tempdir_in(std::env::var("BENCH_DIR").unwrap_or_else(|_| ".".into())).unwrap();

    let (mut fresh, mut again) = (Vec::new(), Vec::new());
    for start in 0..number("STARTS", 9) {
        let home = dir.path().join(format!("start{start}"));
        fresh.push(Server::sandbox(&home).stop().as_secs_f64() * 1e3);
        again.push(Server::sandbox(&home).stop().as_secs_f64() * 1e3);
    }
    let (first, low, high) = spread(fresh);
    println!(
        "ready, fresh state     {first:6.1} ms ({low:.1}..{high:.1})  goal {READY_MS} ms: {}",
        verdict(first <= READY_MS)
    );
    let (later, low, high) = spread(again);
    println!(
        "ready, state kept      {later:6.1} ms ({low:.1}..{high:.1})  goal {READY_MS} ms: {}",
        verdict(later <= READY_MS)
    );

    let sandbox = Server::sandbox(&dir.path().join("load"));
    let fixed = Server::fixed();
    println!("resident, idle         {:6.1} MiB", sandbox.resident());
    let mut results: [Vec<Measured>; 3] = [const { Vec::new() }; 3];
    for round in 0..rounds {
        // The order rotates, so that none always runs on a warm or a tired machine.
        for turn in 0..3 {
            let contender = (turn + round) % 3;
            let callback = (contender == 2).then(|| format!("{}/status", fixed.base));
            let (server, target) = match contender {
                0 => (&fixed, Target::Fixed),
                _ => (
                    &sandbox,
                    Target::Messages { account: sandbox.account.clone(), token: sandbox.token.clone(), callback },
                ),
            };
            let before = server.cpu();
            let begun = Instant::now();
            let load = Load { base: server.base.clone(), connections, count: sent, round: round * 3 + turn, target };
            let answered = load.run();
            assert_eq!(answered.failed, 0, "{} calls were not answered with success", answered.failed);
            sandbox.delivered(&answered.last);
            let took = begun.elapsed() - answered.preparing;
            results[contender as usize].push(Measured {
                per_second: sent as f64 / took.as_secs_f64(),
                cpu_us: (server.cpu() - before).as_secs_f64() * 1e6 / sent as f64,
                p50_us: answered.p50_us,
                p99_us: answered.p99_us,
            });
        }
    }
    println!(
        "\n{connections} connections, {sent} messages each time, until the last is on its handset; medians of {rounds} (range)"
    );
    let names = ["warp, static answer", "messages", "messages + callbacks"];
    let ceiling = spread(results[0].iter().map(|m| m.per_second).collect()).0;
    for (name, all) in names.into_iter().zip(&results) {
        let (rate, low, high) = spread(all.iter().map(|m| m.per_second).collect());
        let cpu = spread(all.iter().map(|m| m.cpu_us).collect()).0;
        println!(
            "{name:21} {rate:8.0}/s ({low:.0}..{high:.0})  {:5.3} of static  CPU {cpu:5.0} us each = {:6.0}/s of one core  p50 {:6.0} us  p99 {:6.0} us",
            rate / ceiling,
            1e6 / cpu,
            spread(all.iter().map(|m| m.p50_us).collect()).0,
            spread(all.iter().map(|m| m.p99_us).collect()).0,
        );
    }
    let rate = spread(results[1].iter().map(|m| m.per_second).collect()).0;
    println!("goal {PER_SECOND}/s on one core: {}", verdict(rate >= PER_SECOND));
    let (resident, size) = (sandbox.resident(), sandbox.size());
    println!(
        "resident, after {} messages {resident:.1} MiB  goal {RESIDENT_MIB} MiB: {}",
        sent * rounds * 2,
        verdict(resident <= RESIDENT_MIB)
    );
    println!("file {:.1} KiB a message", size as f64 / 1024.0 / (sent * rounds * 2) as f64);
    sandbox.stop();
    fixed.stop();
}

struct Measured {
    per_second: f64,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
}
