//! The load: a child process with keep-alive connections, each sending signed webhooks one by one.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use switchboard::twilio::signature;

/// The auth token both sides know.
pub const TOKEN: &str = "00112233445566778899aabbccddeeff";
/// The account of every webhook.
pub const ACCOUNT: &str = "AC00000000000000000000000000000001";
/// The number texted to.
pub const NUMBER: &str = "+14155550100";
/// Where the webhooks are sent, as Twilio would know it.
pub const PUBLIC: &str = "https://bench.example.com";

/// What to send.
pub struct Load {
    pub base: String,
    pub connections: u64,
    pub count: u64,
    pub duplicates: f64,
    pub seed: u64,
}

/// What came back.
#[derive(Default)]
pub struct Answered {
    pub failed: u64,
    pub distinct: u64,
    pub preparing: Duration,
    pub p50_us: f64,
    pub p99_us: f64,
}

impl Load {
    /// Runs it in a process of its own.
    pub fn run(&self) -> Answered {
        let spec = format!("{} {} {} {} {}", self.base, self.connections, self.count, self.duplicates, self.seed);
        let out =
            std::process::Command::new(std::env::current_exe().unwrap()).env("INGEST_LOAD", spec).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8(out.stdout).unwrap();
        let n: Vec<f64> = text.split_whitespace().map(|w| w.parse().unwrap()).collect();
        Answered {
            failed: n[0] as u64,
            distinct: n[1] as u64,
            preparing: Duration::from_secs_f64(n[2]),
            p50_us: n[3],
            p99_us: n[4],
        }
    }
}

/// A small generator: the same seed gives the same load.
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The child's main.
pub fn child() {
    let spec = std::env::var("INGEST_LOAD").unwrap();
    let words: Vec<&str> = spec.split_whitespace().collect();
    let (base, connections) = (words[0].trim_start_matches("http://").to_owned(), words[1].parse::<u64>().unwrap());
    let (count, duplicates) = (words[2].parse::<u64>().unwrap(), words[3].parse::<f64>().unwrap());
    let t = Instant::now();
    let mut random = Random(words[4].parse::<u64>().unwrap().wrapping_mul(77));
    let conversations = std::env::var("CONVERSATIONS").ok().and_then(|v| v.parse().ok()).unwrap_or(20_000u64);
    let mut requests: Vec<Vec<u8>> = Vec::with_capacity(count as usize);
    let mut distinct = 0;
    for _ in 0..count {
        let repeat = !requests.is_empty() && (random.next() % 1000) as f64 / 1000.0 < duplicates;
        if repeat {
            // Repeats come soon after, as Twilio's retries do.
            let back = random.next() % requests.len().min(2000) as u64;
            requests.push(requests[requests.len() - 1 - back as usize].clone());
        } else {
            distinct += 1;
            requests.push(request(&mut random, conversations));
        }
    }
    let preparing = t.elapsed();
    let share = requests.len().div_ceil(connections as usize);
    let (mut failed, mut times) = (0, Vec::new());
    std::thread::scope(|scope| {
        let workers: Vec<_> = requests
            .chunks(share)
            .map(|part| {
                let base = base.clone();
                std::thread::Builder::new()
                    .stack_size(128 << 10)
                    .spawn_scoped(scope, move || connection(&base, part))
                    .unwrap()
            })
            .collect();
        for worker in workers {
            let (bad, part) = worker.join().unwrap();
            failed += bad;
            times.extend(part);
        }
    });
    times.sort_unstable();
    let at = |q: f64| times[((times.len() - 1) as f64 * q) as usize];
    println!("{failed} {distinct} {} {} {}", preparing.as_secs_f64(), at(0.5), at(0.99));
}

fn connection(base: &str, requests: &[Vec<u8>]) -> (u64, Vec<u32>) {
    let mut stream = TcpStream::connect(base).unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut failed, mut times) = (0, Vec::with_capacity(requests.len()));
    let mut answer = [0u8; 4096];
    for request in requests {
        let t = Instant::now();
        stream.write_all(request).unwrap();
        let mut have = 0;
        loop {
            have += stream.read(&mut answer[have..]).unwrap();
            let head = answer[..have].windows(4).position(|w| w == b"\r\n\r\n");
            let Some(head) = head else { continue };
            let text = std::str::from_utf8(&answer[..head]).unwrap().to_ascii_lowercase();
            let length = text.split("content-length: ").nth(1).and_then(|t| t.split("\r\n").next());
            let ended = match length {
                Some(length) => have >= head + 4 + length.parse::<usize>().unwrap(),
                // Next.js answers in chunks; a small body ends with the empty one.
                None => answer[..have].ends_with(b"0\r\n\r\n"),
            };
            if ended {
                break;
            }
        }
        times.push(t.elapsed().as_micros() as u32);
        failed += u64::from(!answer.starts_with(b"HTTP/1.1 200"));
    }
    (failed, times)
}

/// One inbound SMS as Twilio sends it: 25 fields, signed.
pub fn request(random: &mut Random, conversations: u64) -> Vec<u8> {
    let sid = format!("SM{:016x}{:016x}", random.next(), random.next());
    let from = format!("+1415{:07}", 2_000_000 + random.next() % conversations);
    let words = ["Hello", "can", "I", "move", "my", "appointment", "to", "Friday", "please?", "Thanks", "a", "lot"];
    let body: Vec<&str> = (0..4 + random.next() % 12).map(|_| words[(random.next() % 12) as usize]).collect();
    let body = body.join(" ");
    let fields: [(&str, &str); 25] = [
        ("ToCountry", "US"),
        ("ToState", "CA"),
        ("SmsMessageSid", &sid),
        ("NumMedia", "0"),
        ("ToCity", "SAN FRANCISCO"),
        ("FromZip", "94105"),
        ("SmsSid", &sid),
        ("FromState", "CA"),
        ("SmsStatus", "received"),
        ("FromCity", "SAN FRANCISCO"),
        ("Body", &body),
        ("FromCountry", "US"),
        ("To", NUMBER),
        ("ToZip", "94105"),
        ("NumSegments", "1"),
        ("ReferralNumMedia", "0"),
        ("MessageSid", &sid),
        ("AccountSid", ACCOUNT),
        ("From", &from),
        ("ApiVersion", "2010-04-01"),
        ("AddOns", ""),
        ("ForwardedFrom", ""),
        ("Latitude", ""),
        ("Longitude", ""),
        ("Label", ""),
    ];
    let path = "/api/webhooks/twilio-sms";
    let signed = signature::sign(TOKEN, &format!("{PUBLIC}{path}"), fields);
    let form: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let token = format!("{:016x}-{:016x}", random.next(), random.next());
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench.example.com\r\nuser-agent: TwilioProxy/1.1\r\naccept: */*\r\nx-twilio-signature: {signed}\r\ni-twilio-idempotency-token: {token}\r\ncontent-type: application/x-www-form-urlencoded; charset=UTF-8\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}
