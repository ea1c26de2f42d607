//! The storm: thousands of webhooks at the same moment, each on a connection of its own, half of them
//! repeats of others, some from clients that are slow to say what they want.
//!
//! `STORM=10000 cargo bench --bench ingest`. The load is another process, so that the memory is the server's.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Barrier;

use crate::load::{Random, request};
use crate::stack::Node;

/// One client in so many is slow.
const SLOW: u64 = 20;
/// How long a slow one rests in the middle of its body.
const REST: Duration = Duration::from_secs(2);

/// What each client saw.
struct Seen {
    status: u16,
    took: Duration,
    is_slow: bool,
}

/// Measures and prints.
pub fn run(runtime: &tokio::runtime::Runtime, node: &Node, count: u64) {
    let before = memory();
    runtime.block_on(node.drained(0));
    let stored = runtime.block_on(node.count());
    let spec = format!("{} {count}", node.base());
    let program = std::env::current_exe().unwrap();
    let out = std::process::Command::new(program).env("INGEST_STORM", spec).output().unwrap();
    let peak = memory();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    print!("{}", String::from_utf8_lossy(&out.stdout));
    let t = Instant::now();
    runtime.block_on(node.drained(count / 2));
    let new = runtime.block_on(node.count()) - stored;
    println!(
        "stored {new} of {} different texts, each once, {:.2} s after the last answer",
        count / 2,
        t.elapsed().as_secs_f64()
    );
    assert_eq!(new, count / 2);
    println!(
        "server's memory: {:.1} MiB before, {:.1} MiB after, {:.1} MiB at most; at most {} open files",
        before.resident,
        memory().resident,
        peak.most,
        switchboard::web::raise_open_files().unwrap_or(u64::MAX)
    );
}

/// The other process's main.
pub fn child() {
    switchboard::web::raise_open_files();
    let spec = std::env::var("INGEST_STORM").unwrap();
    let (base, count) = spec.split_once(' ').unwrap();
    let (base, count) = (base.trim_start_matches("http://").to_owned(), count.parse::<u64>().unwrap());
    let mut random = Random(42);
    let different: Vec<Vec<u8>> = (0..count / 2).map(|_| request(&mut random, 2_000)).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let seen = runtime.block_on(async {
        let ready = std::sync::Arc::new(Barrier::new(count as usize));
        let clients: Vec<_> = (0..count)
            .map(|n| {
                let (body, base, ready) = (different[(n % (count / 2)) as usize].clone(), base.clone(), ready.clone());
                tokio::spawn(async move { client(&base, &body, n % SLOW == 0, &ready).await })
            })
            .collect();
        let mut seen = Vec::new();
        for client in clients {
            seen.push(client.await.unwrap());
        }
        seen
    });
    let with = |status: u16| seen.iter().filter(|s| s.status == status).count();
    println!(
        "{count} webhooks at once on {count} connections, half of them repeats, {} slow: {} answered 200, {} answered 503, {} cut off or other",
        seen.iter().filter(|s| s.is_slow).count(),
        with(200),
        with(503),
        seen.iter().filter(|s| ![200, 503].contains(&s.status)).count()
    );
    let mut times: Vec<Duration> = seen.iter().filter(|s| !s.is_slow).map(|s| s.took).collect();
    times.sort_unstable();
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize].as_secs_f64() * 1e3;
    println!(
        "from the common start to the answer: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// Connects, waits for all the others, and asks.
async fn client(base: &str, request: &[u8], is_slow: bool, ready: &Barrier) -> Seen {
    let stream = TcpStream::connect(base).await;
    ready.wait().await;
    let t = Instant::now();
    let status = match stream {
        Ok(stream) => ask(stream, request, is_slow).await.unwrap_or(0),
        Err(_) => 0,
    };
    Seen { status, took: t.elapsed(), is_slow }
}

async fn ask(mut stream: TcpStream, request: &[u8], is_slow: bool) -> std::io::Result<u16> {
    let cut = if is_slow { request.len() - 100 } else { request.len() };
    stream.write_all(&request[..cut]).await?;
    if is_slow {
        tokio::time::sleep(REST).await;
        stream.write_all(&request[cut..]).await?;
    }
    let mut answer = [0; 512];
    let have = stream.read(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer[..have]);
    Ok(text.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or(0))
}

struct Memory {
    resident: f64,
    most: f64,
}

/// This process's memory, in MiB.
fn memory() -> Memory {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    let mib = |name| field(name).unwrap_or(f64::NAN) / 1024.0;
    Memory { resident: mib("VmRSS:"), most: mib("VmHWM:") }
}
