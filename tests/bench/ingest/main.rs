//! Ingest: signed inbound webhooks, durable and answered, beside its references in the same run.
//!
//! The load comes from a second process on the same machine over keep-alive connections. References:
//! a static warp answer (the ceiling), warp with the signature check alone, and for one connection a
//! bare durable write; with `NODE=1` also the same webhook in Node and in a Next.js route (npm, a C++
//! compiler and Node's headers are needed). Ours is sustained: the clock stops when every new message
//! is in the store and was counted there. Options by environment: `STORED` (messages stored before,
//! 1000000), `SENT` (webhooks in each measurement, 150000), `ROUNDS` (3), `CONNECTIONS` (1,64,256),
//! `CONVERSATIONS` (20000), `ONLY` (`switchboard` leaves the references out, for a profile).
//! `STORM=10000` measures that many webhooks at the same moment instead, `DRAIN=100000` how that many
//! queued texts leave.

mod bare;
mod drain;
mod load;
mod node;
mod stack;
mod storm;

use std::time::{Duration, Instant};

use load::Load;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

/// Our name in the table.
const OURS: &str = "switchboard";

/// One of those that answer the load.
struct Contender<'a> {
    name: &'static str,
    base: String,
    /// How many webhooks it gets, of those that ours gets.
    share: f64,
    /// The process it runs in, if not this one.
    other: Option<&'a node::Server>,
}

struct Measured {
    name: &'static str,
    connections: u64,
    per_second: f64,
    cpu_us: f64,
    p50_us: f64,
    p99_us: f64,
}

fn main() {
    if std::env::var_os("INGEST_LOAD").is_some() {
        return load::child();
    }
    if std::env::var_os("DRAIN_TWILIO").is_some() {
        return drain::child();
    }
    if std::env::var_os("INGEST_STORM").is_some() {
        return storm::child();
    }
    let (stored, sent, rounds) = (number("STORED", 1_000_000), number("SENT", 150_000), number("ROUNDS", 3));
    let connections = std::env::var("CONNECTIONS").unwrap_or_else(|_| "1,64,256".into());
    let connections: Vec<u64> = connections.split(',').filter_map(|c| c.trim().parse().ok()).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir_in(std::env::var("BENCH_DIR").unwrap_or_else(|_| ".".into())).unwrap();
    if std::env::var_os("DRAIN").is_some() {
        return drain::run(&runtime, dir.path(), number("DRAIN", 100_000));
    }
    let node = runtime.block_on(stack::Node::start(dir.path()));
    let t = Instant::now();
    runtime.block_on(node.preload(stored));
    println!("stored {stored} messages beforehand in {:.1} s", t.elapsed().as_secs_f64());
    if std::env::var_os("STORM").is_some() {
        storm::run(&runtime, &node, number("STORM", 10_000));
        return runtime.block_on(node.stop());
    }
    let references = runtime.block_on(stack::References::start());
    let others = if number("NODE", 0) == 1 { node::start(dir.path()) } else { Vec::new() };
    let mut contenders = vec![
        Contender { name: "warp static", base: references.fixed.clone(), share: 2.0, other: None },
        Contender { name: "warp + check", base: references.check.clone(), share: 2.0, other: None },
        Contender { name: OURS, base: node.base(), share: 1.0, other: None },
    ];
    // They need a tenth of the webhooks to take as long.
    contenders.extend(others.iter().map(|s| Contender {
        name: s.name,
        base: s.base.clone(),
        share: 0.05,
        other: Some(s),
    }));
    let mut all: Vec<Measured> = Vec::new();
    for round in 0..rounds {
        for c in &connections {
            // The order rotates, so that no contender always runs on a warm or a tired machine.
            for turn in 0..contenders.len() {
                let contender = &contenders[(turn + round as usize) % contenders.len()];
                let Contender { name, ref base, share, other } = *contender;
                if std::env::var("ONLY").is_ok_and(|only| only != name) {
                    continue;
                }
                let spent = || other.map_or_else(|| cpu_of(std::process::id()), node::Server::cpu);
                let before = spent();
                let t = Instant::now();
                let alone = if *c == 1 { 0.1 } else { 1.0 };
                let count = (sent as f64 * share * alone) as u64;
                let load = Load { base: base.clone(), connections: *c, count, duplicates: 0.3, seed: round * 1000 + c };
                let result = load.run();
                assert_eq!(result.failed, 0, "{name}: {} webhooks were not answered with 200", result.failed);
                if name == OURS {
                    runtime.block_on(node.drained(result.distinct));
                }
                let took = t.elapsed() - result.preparing;
                all.push(Measured {
                    name,
                    connections: *c,
                    per_second: count as f64 / took.as_secs_f64(),
                    cpu_us: (spent() - before).as_secs_f64() * 1e6 / count as f64,
                    p50_us: result.p50_us,
                    p99_us: result.p99_us,
                });
            }
        }
    }
    for c in &connections {
        println!("\n{c} connections, {stored} stored, 30 % duplicates; medians of {rounds} (range)");
        let median = |name: &str, f: fn(&Measured) -> f64| {
            let mut v: Vec<f64> = all.iter().filter(|m| m.name == name && m.connections == *c).map(f).collect();
            v.sort_by(f64::total_cmp);
            if v.is_empty() { (f64::NAN, f64::NAN, f64::NAN) } else { (v[v.len() / 2], v[0], v[v.len() - 1]) }
        };
        let check = median("warp + check", |m| m.per_second).0;
        for Contender { name, .. } in &contenders {
            let (rate, low, high) = median(name, |m| m.per_second);
            println!(
                "{name:13} {rate:9.0}/s ({low:.0}..{high:.0})  {:5.2} of warp + check  CPU {:5.1} us each  p50 {:7.0} us  p99 {:7.0} us",
                rate / check,
                median(name, |m| m.cpu_us).0,
                median(name, |m| m.p50_us).0,
                median(name, |m| m.p99_us).0,
            );
        }
        for other in &others {
            println!(
                "switchboard / {}: {:.1} of its rate, {:.3} of its CPU",
                other.name,
                median(OURS, |m| m.per_second).0 / median(other.name, |m| m.per_second).0,
                median(OURS, |m| m.cpu_us).0 / median(other.name, |m| m.cpu_us).0,
            );
        }
        if *c == 1 {
            let (committed, appended) = bare::run(dir.path(), 2000);
            let ours = median(OURS, |m| m.p50_us).0;
            println!(
                "one bare redb commit p50 {} us, switchboard {:.2} of it; one synced append p50 {} us, {:.2} of it",
                committed.as_micros(),
                ours / committed.as_micros() as f64,
                appended.as_micros(),
                ours / appended.as_micros() as f64,
            );
        }
    }
    let size = std::fs::metadata(dir.path().join("store.redb")).map_or(0, |m| m.len());
    println!("\nstore: {:.1} KiB a message on disk", size as f64 / 1024.0 / runtime.block_on(node.count()) as f64);
    runtime.block_on(node.stop());
}

/// CPU time of a process so far. The load is a process of its own and does not count.
fn cpu_of(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}
