//! The drain: many queued texts leave by several senders, each at its pace; how much of it was idle?
//!
//! `DRAIN=100000 cargo bench --bench ingest`; `SENDERS` (10) and `PACE` (100 segments a second each). Twilio
//! is another process that takes everything at once and notes when it came.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::json;
use switchboard::api::{Reply, Request, inbox::SendMessage};
use warp::Filter;

use crate::load::ACCOUNT;
use crate::number;
use crate::stack::Node;

/// What Twilio takes of a sender at once after a rest, in seconds of its pace; the product's burst.
const BURST: u64 = 10;
/// Sends under way at the same time while the queue is filled.
const AT_ONCE: usize = 256;

/// The sender of a number.
pub fn sender(n: u64) -> String {
    format!("+1415555{:04}", 1000 + n)
}

/// Measures and prints.
pub fn run(runtime: &tokio::runtime::Runtime, dir: &std::path::Path, count: u64) {
    let (senders, pace) = (number("SENDERS", 10), number("PACE", 100));
    let twilio = Twilio::start();
    let numbers: Vec<String> = (0..senders).map(sender).collect();
    let node = runtime.block_on(Node::start_at(dir, &twilio.base, &numbers, Some(pace as u32)));
    let t = Instant::now();
    let asked = stream::iter(0..count).map(|n| {
        let node = &node;
        // Each text to a customer of its own; a business has one sender, so they take turns.
        let send = SendMessage {
            business: Some(node.businesses[(n % senders) as usize]),
            to: Some(format!("+1650{:07}", n / senders)),
            body: format!("text {n}"),
            hold_seconds: Some(0),
            confirm: Some("live".into()),
            ..SendMessage::default()
        };
        async move {
            let sent = node.call(Request::SendMessage(send)).await;
            assert!(matches!(sent, Reply::SendMessage(_)));
        }
    });
    runtime.block_on(asked.buffer_unordered(AT_ONCE).for_each(|()| async {}));
    println!("{count} texts of {senders} senders asked for in {:.1} s", t.elapsed().as_secs_f64());
    let ideal = (count as f64 - (senders * pace * BURST) as f64).max(0.0) / (senders * pace) as f64;
    let patience = Duration::from_secs_f64(ideal * 1.5 + 60.0);
    while runtime.block_on(node.waiting()) > 0 {
        assert!(t.elapsed() < patience, "{} still wait", runtime.block_on(node.waiting()));
        std::thread::sleep(Duration::from_millis(50));
    }
    let cpu = crate::cpu_of(std::process::id());
    runtime.block_on(node.stop());
    let seen = twilio.end();
    println!(
        "Twilio had {} in {:.2} s ({:.0}/s), {} twice; at the permitted pace of {pace}/s each it takes {ideal:.2} s: idle {:.2} %",
        seen.count,
        seen.took,
        seen.count as f64 / seen.took,
        seen.twice,
        100.0 * (1.0 - ideal / seen.took)
    );
    println!(
        "each sender: {} to {} texts, {:.2} to {:.2} s; the most of one sender within a second after the burst: {}; CPU {:.0} us a text",
        seen.least,
        seen.most,
        seen.first_done,
        seen.last_done,
        seen.densest,
        cpu.as_secs_f64() * 1e6 / count as f64
    );
    assert_eq!((seen.count, seen.twice), (count, 0));
}

struct Twilio {
    base: String,
    child: Child,
    out: BufReader<ChildStdout>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Seen {
    count: u64,
    twice: u64,
    took: f64,
    least: u64,
    most: u64,
    first_done: f64,
    last_done: f64,
    densest: usize,
}

impl Twilio {
    fn start() -> Twilio {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new(program)
            .env("DRAIN_TWILIO", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut base = String::new();
        out.read_line(&mut base).unwrap();
        Twilio { base: base.trim().to_owned(), child, out }
    }

    /// Ends it; answers what it saw.
    fn end(mut self) -> Seen {
        drop(self.child.stdin.take());
        let mut text = String::new();
        self.out.read_to_string(&mut text).unwrap();
        self.child.wait().unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

type Came = Arc<Mutex<Vec<(String, String, Instant)>>>;

/// The other process's main: takes texts until nobody holds its input open.
pub fn child() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let came: Came = Arc::default();
    let taken = came.clone();
    let post = warp::post().and(warp::body::bytes()).map(move |body: bytes::Bytes| {
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
        let (from, text) = (form["From"].clone(), form["Body"].clone());
        let mut taken = taken.lock().unwrap();
        taken.push((from.clone(), text.clone(), Instant::now()));
        let date = "Mon, 02 Mar 2026 17:00:00 +0000";
        let message = json!({
            "sid": format!("SM{:032x}", taken.len()), "account_sid": ACCOUNT, "to": form["To"], "from": from, "body": text,
            "status": "queued", "direction": "outbound-api", "num_segments": "1", "num_media": "0", "date_created": date,
            "date_sent": null, "date_updated": date, "error_code": null, "error_message": null, "price": null,
            "price_unit": "USD", "messaging_service_sid": null, "api_version": "2010-04-01",
        });
        warp::reply::with_status(warp::reply::json(&message), warp::http::StatusCode::CREATED)
    });
    let list = warp::get().map(|| warp::reply::json(&json!({ "messages": [], "next_page_uri": null })));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    runtime.spawn(warp::serve(post.or(list)).incoming(listener).run());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    println!("{}", serde_json::to_string(&seen(&came.lock().unwrap())).unwrap());
}

fn seen(came: &[(String, String, Instant)]) -> Seen {
    let mut by_sender: BTreeMap<&str, Vec<Instant>> = BTreeMap::new();
    let mut texts = HashSet::new();
    let mut twice = 0;
    for (from, text, at) in came {
        by_sender.entry(from).or_default().push(*at);
        twice += u64::from(!texts.insert(text));
    }
    let start = came.iter().map(|(.., at)| *at).min().unwrap_or_else(Instant::now);
    let seconds = |at: &Instant| at.duration_since(start).as_secs_f64();
    let done: Vec<f64> = by_sender.values().filter_map(|times| times.last()).map(seconds).collect();
    let counts: Vec<u64> = by_sender.values().map(|times| times.len() as u64).collect();
    // The burst comes as fast as the machine can, in the first seconds.
    let later = by_sender.values().map(|times| times.iter().map(seconds).filter(|at| *at > 15.0).collect::<Vec<_>>());
    let densest = later.map(|times| {
        let within = |from: usize| times[from..].iter().take_while(|at| **at < times[from] + 1.0).count();
        (0..times.len()).map(within).max().unwrap_or(0)
    });
    Seen {
        count: came.len() as u64,
        twice,
        took: done.iter().copied().fold(0.0, f64::max),
        least: counts.iter().copied().min().unwrap_or(0),
        most: counts.iter().copied().max().unwrap_or(0),
        first_done: done.iter().copied().fold(f64::INFINITY, f64::min),
        last_done: done.iter().copied().fold(0.0, f64::max),
        densest: densest.max().unwrap_or(0),
    }
}
