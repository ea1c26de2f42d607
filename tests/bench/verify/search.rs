//! The first page of attempts by what people remember of them, beside a plain scan of all rows.

use std::time::{Duration, Instant};

use serde_json::Value;
use switchboard::core::rows::verify::{attempt_key, series};
use switchboard::domain::id::Id;
use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Index, Order, PageQuery, Store};

use crate::home::Serve;
use crate::preload::{self, World, recipient, sid};
use crate::quantile;

/// Rows of a page.
const PAGE: u64 = 50;

/// What is searched, and the n-th query for it.
type Kind<'a> = (&'static str, Box<dyn Fn(u64) -> String + 'a>);

/// Measures and prints.
pub fn run(world: &World, searches: u64) {
    let scanned = scan(world);
    let serve = Serve::start(&world.home);
    let api = world.home.api_of(serve.child.id());
    let at = format!("/api/businesses/{}/verify/attempts?limit={PAGE}", world.bank);
    // Always another one, so that nothing is answered from what was just read; none that was refused, for
    // such a one has no SID.
    let nth = |n: u64| {
        let nth = n.wrapping_mul(7919) % world.count;
        nth - u64::from(preload::is_refused(nth))
    };
    let kinds: [Kind<'_>; 8] = [
        ("all of a business", Box::new(|_| String::new())),
        ("a whole number", Box::new(move |n| format!("&search=%2B{}", &recipient(nth(n))[1..]))),
        ("four last digits", Box::new(move |n| format!("&search={}", &recipient(nth(n))[8..]))),
        ("a SID (VL)", Box::new(move |n| format!("&search={}", sid(b"VL", nth(n))))),
        ("the beginning of a SID", Box::new(move |n| format!("&search={}", &sid(b"VE", nth(n)).to_string()[..10]))),
        ("an error", Box::new(|_| "&error=60410".to_owned())),
        ("a template", Box::new(|_| format!("&template={}", world.template))),
        ("status and channel", Box::new(|_| "&status=blocked&channel=call".to_owned())),
    ];
    println!("\nfirst page of {PAGE} among {} attempts, over REST, ms; {searches} of each", world.count);
    println!("{:28} {:>6} {:>8} {:>8} {:>22}", "", "rows", "p50", "p95", "p50 / a plain scan");
    for (name, query) in &kinds {
        let (mut times, mut rows) = (Vec::new(), 0);
        for n in 0..searches {
            let path = format!("{at}{}", query(n));
            let start = Instant::now();
            let page = api.get(&path);
            times.push(start.elapsed());
            rows = page["items"].as_array().map_or(0, Vec::len);
            assert!(rows > 0, "{name}: nothing was found by {path}");
        }
        let p50 = quantile(&times, 0.5);
        println!(
            "{name:28} {rows:>6} {p50:>8.2} {:>8.2} {:>21.4}x",
            quantile(&times, 0.95),
            p50 / (scanned.as_secs_f64() * 1e3)
        );
    }
    println!("{:28} {:>6} {:>8.2}", "a plain scan, in process", world.count, scanned.as_secs_f64() * 1e3);
}

/// The reference: every row is read, and looked at for digits that no number has.
fn scan(world: &World) -> Duration {
    let path = world.home.state().join("store.redb");
    let store = RedbStore::open(&Options { path, cache: 256 << 20, binding: None }).unwrap();
    let reader = store.reader().unwrap();
    let (start, mut seen, mut found) = (Instant::now(), 0, 0);
    let prefix = [&world.bank.to_key()[..], &[series::ATTEMPTS]].concat();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let query = PageQuery {
            index: Index::VerifyLog,
            prefix: &prefix,
            after: after.as_deref(),
            order: Order::Falling,
            limit: 5000,
        };
        let keys = reader.page(&query).unwrap();
        let Some(last) = keys.last().cloned() else { break };
        for key in &keys {
            let id = Id(u64::from_be_bytes(key[key.len() - 8..].try_into().unwrap()));
            let bytes = reader.get(&attempt_key(world.bank, id)).unwrap().expect("the row of the key");
            let row: Value = serde_json::from_slice(&bytes[1..]).unwrap_or_default();
            seen += 1;
            found += u64::from(row["to"].as_str().is_some_and(|to| to.contains("000000000")));
        }
        after = Some(last);
    }
    assert_eq!((seen, found), (world.count, 0), "the scan sees every attempt");
    start.elapsed()
}
