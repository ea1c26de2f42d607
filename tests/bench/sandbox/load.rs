//! The load: a child process with keep-alive connections, each posting messages one after the other.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::server::{authorization, pinned};

/// What is posted to.
pub enum Target {
    /// The reference.
    Fixed,
    /// A sandbox's messages, with or without status callbacks.
    Messages { account: String, token: String, callback: Option<String> },
}

/// What to send.
pub struct Load {
    pub base: String,
    pub connections: u64,
    pub count: u64,
    pub round: u64,
    pub target: Target,
}

/// What came back.
pub struct Answered {
    pub failed: u64,
    /// Of each connection, the last message.
    pub last: Vec<String>,
    pub preparing: Duration,
    pub p50_us: f64,
    pub p99_us: f64,
}

impl Load {
    /// Runs it in a process of its own.
    pub fn run(&self) -> Answered {
        let (account, token, callback) = match &self.target {
            Target::Fixed => ("-", "-", "-"),
            Target::Messages { account, token, callback } => {
                (account.as_str(), token.as_str(), callback.as_deref().unwrap_or("-"))
            }
        };
        let base = self.base.trim_start_matches("http://");
        let spec = format!("{base} {} {} {} {account} {token} {callback}", self.connections, self.count, self.round);
        let out = pinned(1, &std::env::current_exe().unwrap()).env("SANDBOX_LOAD", spec).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8(out.stdout).unwrap();
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |n: usize| words[n].parse::<f64>().unwrap();
        Answered {
            failed: number(0) as u64,
            preparing: Duration::from_secs_f64(number(1)),
            p50_us: number(2),
            p99_us: number(3),
            last: words[4..].iter().map(|word| (*word).to_owned()).collect(),
        }
    }
}

/// The child's main.
pub fn child() {
    let begun = Instant::now();
    let spec = std::env::var("SANDBOX_LOAD").unwrap();
    let words: Vec<&str> = spec.split_whitespace().collect();
    let number = |n: usize| words[n].parse::<u64>().unwrap();
    let (connections, count, round) = (number(1), number(2), number(3));
    let base = words[0].to_owned();
    let requests: Vec<Vec<u8>> = (0..count).map(|n| request(&words[4..], round, n)).collect();
    let share = requests.len().div_ceil(connections as usize);
    let preparing = begun.elapsed();
    let (mut failed, mut times, mut last) = (0, Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let workers: Vec<_> = requests
            .chunks(share)
            .map(|part| {
                let base = &base;
                scope.spawn(move || connection(base, part))
            })
            .collect();
        for worker in workers {
            let (bad, part, sid) = worker.join().unwrap();
            failed += bad;
            times.extend(part);
            last.extend(sid);
        }
    });
    times.sort_unstable();
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    println!("{failed} {} {} {} {}", preparing.as_secs_f64(), at(0.5), at(0.99), last.join(" "));
}

fn connection(base: &str, requests: &[Vec<u8>]) -> (u64, Vec<u32>, Option<String>) {
    let mut stream = TcpStream::connect(base).unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut failed, mut times, mut last) = (0, Vec::with_capacity(requests.len()), None);
    let mut answer = [0u8; 8192];
    for request in requests {
        let t = Instant::now();
        stream.write_all(request).unwrap();
        let mut have = 0;
        let body = loop {
            let read = stream.read(&mut answer[have..]).unwrap();
            assert!(read > 0, "the connection was closed");
            have += read;
            let Some(head) = answer[..have].windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let text = std::str::from_utf8(&answer[..head]).unwrap().to_ascii_lowercase();
            let length: usize =
                text.split("content-length: ").nth(1).and_then(|t| t.split("\r\n").next()?.parse().ok()).unwrap();
            if have >= head + 4 + length {
                break head + 4..head + 4 + length;
            }
        };
        times.push(t.elapsed().as_micros() as u32);
        failed += u64::from(!answer.starts_with(b"HTTP/1.1 20"));
        let sid = serde_json::from_slice::<serde_json::Value>(&answer[body]).ok();
        last = sid.and_then(|message| message["sid"].as_str().map(str::to_owned)).or(last);
    }
    (failed, times, last)
}

/// One call, to one of many customers.
fn request(words: &[&str], round: u64, n: u64) -> Vec<u8> {
    let [account, token, callback] = words else { panic!("account, token, callback") };
    let to = format!("+1415555{:04}", 200 + (round * 7919 + n) % 9_000);
    let body = format!("Your table for {} is ready, see you soon.", 2 + n % 7);
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("To", &to).append_pair("From", "+14155550100").append_pair("Body", &body);
    if *callback != "-" {
        form.append_pair("StatusCallback", callback);
    }
    let form = form.finish();
    let path =
        if *account == "-" { "/x".to_owned() } else { format!("/api/2010-04-01/Accounts/{account}/Messages.json") };
    let auth = authorization(account, token);
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {auth}\r\naccept: application/json\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}
