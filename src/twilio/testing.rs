//! A server for tests that answers what it is told, in raw bytes, and remembers what it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::client::{Backoff, Base, Client, Config, Credential, Timeouts};

/// What the server does with the next request.
pub(super) enum Reply {
    /// Answers with a status, further header lines and a body.
    Say(u16, &'static str, String),
    /// Reads the request and closes the connection.
    HangUp,
    /// Reads the request and answers half of what it announced.
    BreakOff,
    /// Answers 200 after a while.
    Late(Duration, String),
    /// Reads the request and never answers.
    Silence,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) line: String,
    pub(super) head: String,
    pub(super) body: String,
    /// Which connection it came on, from 0.
    pub(super) connection: usize,
    /// Requests that were not answered yet, this one included.
    pub(super) at_once: usize,
}

pub(super) struct Server {
    pub(super) base: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

pub(super) fn ok(body: &str) -> Reply {
    Reply::Say(200, "", body.to_owned())
}

pub(super) fn refuse(status: u16, code: u32) -> Reply {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    Reply::Say(status, "", format!(r#"{{"code":{code},"message":"no","more_info":"{more}","status":{status}}}"#))
}

impl Server {
    /// Answers requests in this order, on as many connections as come. `BASE` in a body becomes the
    /// server's own URL.
    pub(super) async fn start(replies: Vec<Reply>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (log, own) = (Arc::clone(&seen), base.clone());
        tokio::spawn(async move {
            let replies = Arc::new(Mutex::new(std::collections::VecDeque::from(replies)));
            let open = Arc::new(AtomicUsize::new(0));
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                let shared = (Arc::clone(&replies), Arc::clone(&log), Arc::clone(&open));
                tokio::spawn(serve(stream, connection, shared, own.clone()));
                connection += 1;
            }
        });
        Server { base, seen }
    }

    /// What was asked so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn client(&self) -> Client {
        client_at(&self.base)
    }
}

/// A client of the account `AC00...01` that does not wait long.
pub(super) fn client_at(base: &str) -> Client {
    let account = "AC000000000000000000000000000000aa".parse().unwrap();
    let credential = Credential::AuthToken("t0ken".into());
    let brief = Duration::from_millis(1);
    Client::new(Config {
        timeouts: Timeouts { connect: Duration::from_secs(5), total: Duration::from_secs(10) },
        backoff: Backoff { tries: 3, first: brief, longest: Duration::from_secs(1) },
        ..Config::new(Base::At(base.parse().unwrap()), account, credential)
    })
    .unwrap()
}

/// What the connections of one server share.
type Shared = (Arc<Mutex<std::collections::VecDeque<Reply>>>, Arc<Mutex<Vec<Seen>>>, Arc<AtomicUsize>);

async fn serve(mut stream: TcpStream, connection: usize, (replies, seen, open): Shared, own: String) {
    while let Some(request) = read(&mut stream).await {
        let at_once = open.fetch_add(1, Ordering::SeqCst) + 1;
        seen.lock().unwrap().push(Seen { connection, at_once, ..request });
        let reply = replies.lock().unwrap().pop_front();
        let (status, headers, body) = match reply {
            Some(Reply::Say(status, headers, body)) => (status, headers, body.replace("BASE", &own)),
            Some(Reply::Late(after, body)) => {
                tokio::time::sleep(after).await;
                (200, "", body)
            }
            Some(Reply::HangUp) => return,
            Some(Reply::Silence) => {
                tokio::time::sleep(Duration::from_secs(60)).await;
                return;
            }
            Some(Reply::BreakOff) => {
                let _ = stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{\"sid\":").await;
                return;
            }
            None => (500, "", "more requests than the test expects".to_owned()),
        };
        let headers = headers.replace("BASE", &own);
        open.fetch_sub(1, Ordering::SeqCst);
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let length =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    while bytes.len() < end + length.unwrap_or(0) {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    Some(Seen { line, head, body: String::from_utf8_lossy(&bytes[end..]).into_owned(), connection: 0, at_once: 0 })
}
