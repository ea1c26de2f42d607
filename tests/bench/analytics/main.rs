//! Charts over a year of verifications, from rollups, beside a full scan of rows in the same run.
//!
//! The year is made through the writer of rollups itself: each send's facts are taken as the committer takes
//! them, and the rows of a day are written in one commit. The sends themselves are not stored (ten million
//! would take nine gigabytes); the scan reads rows of its own, fewer, and is told per row and for as many as the
//! year has. Options by environment: `ATTEMPTS` (10000000), `ROWS` of the scan (200000), `REPEATS` (40).

mod node;
mod year;

use std::time::{Duration, Instant};

use switchboard::api::Request;
use switchboard::api::analytics::{GetOverview, GetVerifyAnalytics, Grain, ListLedger};
use switchboard::domain::verification::Channel;

/// A whole number from the environment.
fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default)
}

fn charts() -> Vec<(&'static str, Request)> {
    let year = |change: &dyn Fn(&mut GetVerifyAnalytics)| {
        let mut ask = GetVerifyAnalytics {
            from: Some("2025-03-01".into()),
            to: Some("2026-03-01".into()),
            ..GetVerifyAnalytics::default()
        };
        change(&mut ask);
        Request::GetVerifyAnalytics(ask)
    };
    let (from, to) = (Some("2025-03-01".to_owned()), Some("2026-03-01".to_owned()));
    vec![
        ("a year by weeks, all pivots, the year before", year(&|_| ())),
        ("a year by days", year(&|ask| ask.grain = Some(Grain::Day))),
        ("a year by hours", year(&|ask| ask.grain = Some(Grain::Hour))),
        ("a year by months", year(&|ask| ask.grain = Some(Grain::Month))),
        ("a year of one channel, all pivots", year(&|ask| ask.channel = Some(Channel::Sms))),
        ("a year of one country, all pivots", year(&|ask| ask.country = Some("DE".into()))),
        ("a year in another zone, by days", {
            year(&|ask| (ask.zone, ask.grain) = (Some("Asia/Kathmandu".into()), Some(Grain::Day)))
        }),
        ("a year of all businesses", year(&|ask| ask.all = true)),
        ("a week by days", year(&|ask| ask.from = Some("2026-02-22".into()))),
        ("the overview of a year", {
            Request::GetOverview(GetOverview { from: from.clone(), to: to.clone(), zone: None })
        }),
        ("the ledger of a year", Request::ListLedger(ListLedger { from, to, ..ListLedger::default() })),
    ]
}

fn shown(mut took: Vec<Duration>) -> (f64, f64) {
    took.sort_unstable();
    let millis = |place: usize| took[place.min(took.len() - 1)].as_secs_f64() * 1000.0;
    (millis(took.len() / 2), millis(took.len() * 99 / 100))
}

fn main() {
    let (attempts, rows) = (number("ATTEMPTS", 10_000_000), number("ROWS", 200_000));
    let repeats = number("REPEATS", 40).max(1);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("threads");
    let begun = Instant::now();
    let store = year::make(dir.path(), attempts);
    println!("{attempts} sends of a year rolled up in {:.1} s", begun.elapsed().as_secs_f64());
    let scan = year::scan(dir.path(), rows);
    let per_row = scan.as_secs_f64() / rows as f64;
    let whole = per_row * attempts as f64;
    println!(
        "reference: a scan of {rows} rows takes {:.0} ms; as many as the year has, {whole:.1} s\n",
        scan.as_secs_f64() * 1000.0
    );
    println!("{:48} {:>9} {:>9} {:>14}", "chart", "p50 ms", "p99 ms", "scan / p50");
    runtime.block_on(async {
        let node = node::Node::start(dir.path(), store).await;
        for (name, request) in charts() {
            let mut took = Vec::new();
            for _ in 0..repeats {
                let begun = Instant::now();
                node.call(request.clone()).await;
                took.push(begun.elapsed());
            }
            let (p50, p99) = shown(took);
            println!("{name:48} {p50:9.2} {p99:9.2} {:14.0}", whole * 1000.0 / p50);
        }
        node.stop().await;
    });
}
