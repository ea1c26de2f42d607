//! A Twilio that does what a test says: takes messages, refuses them, loses its answer, and lists what
//! it took. It has a simulated clock to be moved, as a sandbox has.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard::domain::sms::smart_encode;
use switchboard::domain::time::Time;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::node::until;

pub const ACCOUNT: &str = "AC00000000000000000000000000000001";

/// What becomes of the next message that is posted.
#[derive(Debug, Clone)]
pub enum Then {
    /// It is taken.
    Accept,
    /// It is refused with Twilio's code.
    Refuse(u32),
    /// Too many requests, with `Retry-After`.
    Limit(u64),
    /// It is taken, but the connection ends before the answer.
    Lose,
    /// The connection ends before it is taken.
    Drop,
    /// It is taken, but the answer waits for [`Twilio::release`].
    Wait,
}

/// What becomes of the next file that is asked for.
#[derive(Debug, Clone)]
pub enum File {
    /// It is refused with this status.
    Refused(u16),
    /// It is elsewhere.
    At(String),
}

/// A message that was taken.
#[derive(Debug, Clone)]
pub struct Taken {
    pub sid: String,
    pub to: String,
    pub from: String,
    pub body: String,
    pub callback: Option<String>,
    pub at: Time,
    pub direction: &'static str,
    pub status: String,
    pub error: Option<u32>,
    pub files: usize,
    pub price: Option<&'static str>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Then>,
    files: VecDeque<File>,
    asked_for_files: Vec<String>,
    posted: Vec<Vec<(String, String)>>,
    taken: Vec<Taken>,
    smart: bool,
    listed: usize,
    fetched: usize,
    page: Option<usize>,
    fail_pages_after: Option<usize>,
    mute_lists: bool,
    usage: Vec<Value>,
    asked_for_usage: usize,
    fail_usage: bool,
    now: Time,
    under_way: usize,
    most_under_way: usize,
}

/// See the module. It ends with its last clone's runtime.
#[derive(Clone)]
pub struct Twilio {
    pub base: String,
    state: Arc<Mutex<State>>,
    gate: Arc<Semaphore>,
}

impl Twilio {
    pub async fn start(now: Time) -> Twilio {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State { now, ..State::default() }));
        let twilio = Twilio { base, state, gate: Arc::new(Semaphore::new(0)) };
        let server = twilio.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        twilio
    }

    /// What happens to the next messages, one each; those after them are taken.
    pub fn next(&self, script: impl IntoIterator<Item = Then>) {
        self.state.lock().unwrap().script.extend(script);
    }

    /// What happens when the next files are asked for; those after them are not found.
    pub fn files(&self, script: impl IntoIterator<Item = File>) {
        self.state.lock().unwrap().files.extend(script);
    }

    /// The heads of all requests for files.
    pub fn asked_for_files(&self) -> Vec<String> {
        self.state.lock().unwrap().asked_for_files.clone()
    }

    /// All values of a field of one post.
    pub fn all_of_post(&self, post: usize, field: &str) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.posted[post].iter().filter(|(n, _)| n == field).map(|(_, v)| v.clone()).collect()
    }

    /// Bodies are smart-encoded, as a messaging service may be told to do.
    pub fn smart(&self) {
        self.state.lock().unwrap().smart = true;
    }

    /// Lists are not answered any more, or again.
    pub fn mute_lists(&self, mute: bool) {
        self.state.lock().unwrap().mute_lists = mute;
    }

    /// A message that another program sent.
    pub fn put(&self, to: &str, from: &str, body: &str, at: Time) -> String {
        let mut state = self.state.lock().unwrap();
        let sid = sid(state.taken.len() + 1);
        state.taken.push(Taken { at, ..taken(&sid, to, from, body) });
        sid
    }

    /// A text from a customer, of which no webhook tells.
    pub fn put_in(&self, n: u64, from: &str, to: &str, body: &str, at: Time) -> String {
        let sid = crate::hooks::sid(0xaaaa_0000 + n);
        let text = taken(&sid, to, from, body);
        let text = Taken { direction: "inbound", status: "received".into(), at, ..text };
        self.state.lock().unwrap().taken.push(text);
        sid
    }

    /// Changes a message that is there.
    pub fn change(&self, sid: &str, change: impl FnOnce(&mut Taken)) {
        change(self.state.lock().unwrap().taken.iter_mut().find(|t| t.sid == sid).expect("the message is there"));
    }

    /// Lists have so many rows a page at most.
    pub fn page(&self, rows: usize) {
        self.state.lock().unwrap().page = Some(rows);
    }

    /// What was used: category, day, count, price, currency.
    pub fn used(&self, records: &[(&str, &str, u64, &str, &str)]) {
        let record = |(category, day, count, price, unit): &(&str, &str, u64, &str, &str)| {
            json!({
                "category": category, "start_date": day, "end_date": day, "count": count.to_string(),
                "usage": count.to_string(), "price": price, "price_unit": unit,
            })
        };
        self.state.lock().unwrap().usage = records.iter().map(record).collect();
    }

    /// Whether usage is answered with 503.
    pub fn fail_usage(&self, fail: bool) {
        self.state.lock().unwrap().fail_usage = fail;
    }

    /// How many times usage was asked for.
    pub fn asked_for_usage(&self) -> usize {
        self.state.lock().unwrap().asked_for_usage
    }

    /// Only so many more lists are answered.
    pub fn fail_lists_after(&self, lists: Option<usize>) {
        let mut state = self.state.lock().unwrap();
        state.fail_pages_after = lists.map(|n| state.listed + n);
    }

    /// How many messages were asked for by their SID.
    pub fn fetched(&self) -> usize {
        self.state.lock().unwrap().fetched
    }

    /// How many times a message was posted.
    pub fn posted(&self) -> usize {
        self.state.lock().unwrap().posted.len()
    }

    /// A field of every post, in order.
    pub fn posts(&self, field: &str) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let value = |form: &Vec<(String, String)>| form.iter().find(|(n, _)| n == field).map(|(_, v)| v.clone());
        state.posted.iter().map(|form| value(form).unwrap_or_default()).collect()
    }

    /// The names of the fields of a post, as they came.
    pub fn names(&self, post: usize) -> Vec<String> {
        self.state.lock().unwrap().posted[post].iter().map(|(name, _)| name.clone()).collect()
    }

    /// What was taken, oldest first.
    pub fn taken(&self) -> Vec<Taken> {
        self.state.lock().unwrap().taken.clone()
    }

    /// How many lists were asked for.
    pub fn listed(&self) -> usize {
        self.state.lock().unwrap().listed
    }

    /// The most posts that were under way at the same time.
    pub fn most_under_way(&self) -> usize {
        self.state.lock().unwrap().most_under_way
    }

    /// Lets so many waiting answers go.
    pub fn release(&self, count: usize) {
        self.gate.add_permits(count);
    }

    /// Waits until so many messages were posted.
    pub async fn until_posted(&self, count: usize) {
        until("a message is posted", || self.posted() >= count).await;
    }

    async fn serve(&self, mut stream: TcpStream) {
        let Some((head, body)) = read(&mut stream).await else { return };
        let mut words = head.lines().next().unwrap_or_default().split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let answer = if path.ends_with("/Messages.json") && method == "POST" {
            let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
            self.state.lock().unwrap().under_way += 1;
            let answer = self.create(form).await;
            self.state.lock().unwrap().under_way -= 1;
            answer
        } else if path.ends_with("/Messages.json") {
            self.list(query)
        } else if path.contains("/Usage/Records/") {
            self.usage(query)
        } else if path.starts_with("/media/") {
            self.file(&head)
        } else if path.contains("/Messages/") {
            self.one(path)
        } else {
            self.command(path, &body)
        };
        let Some((status, extra, body)) = answer else { return };
        let text = body.to_string();
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n{extra}content-length: {}\r\n\r\n",
            text.len()
        );
        let _ = stream.write_all(format!("{head}{text}").as_bytes()).await;
    }

    /// `None` ends the connection without an answer.
    async fn create(&self, form: Vec<(String, String)>) -> Option<(u16, String, Value)> {
        let get = |name: &str| form.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let (then, made) = {
            let mut state = self.state.lock().unwrap();
            state.most_under_way = state.most_under_way.max(state.under_way);
            state.posted.push(form.clone());
            let then = state.script.pop_front().unwrap_or(Then::Accept);
            let body = get("Body").unwrap_or_default();
            let (to, from) = (get("To").unwrap_or_default(), get("From").unwrap_or_default());
            let body = if state.smart { smart_encode(&body) } else { body };
            let taken = Taken {
                callback: get("StatusCallback"),
                at: state.now,
                ..taken(&sid(state.taken.len() + 1), &to, &from, &body)
            };
            let made = shown(&taken);
            if matches!(then, Then::Accept | Then::Lose | Then::Wait) {
                state.taken.push(taken);
            }
            (then, made)
        };
        match then {
            Then::Accept => Some((201, String::new(), made)),
            Then::Wait => {
                self.gate.acquire().await.ok()?.forget();
                Some((201, String::new(), made))
            }
            Then::Refuse(code) => {
                Some((400, String::new(), json!({ "code": code, "message": "refused by the test", "status": 400 })))
            }
            Then::Limit(after) => {
                let body = json!({ "code": 20429, "message": "Too many requests", "status": 429 });
                Some((429, format!("retry-after: {after}\r\n"), body))
            }
            Then::Lose | Then::Drop => None,
        }
    }

    fn list(&self, query: &str) -> Option<(u16, String, Value)> {
        let mut state = self.state.lock().unwrap();
        state.listed += 1;
        if state.mute_lists {
            return None;
        }
        let wanted = |name: &str| {
            url::form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
        };
        if state.fail_pages_after.is_some_and(|last| state.listed > last) {
            return Some((503, String::new(), json!({ "message": "out of order", "status": 503 })));
        }
        let (to, from) = (wanted("To"), wanted("From"));
        let moment = |name: &str| wanted(name).map(|t| Time(t.parse::<jiff::Timestamp>().unwrap().as_microsecond()));
        // The operator is part of the name: `DateSent>=...`.
        let (after, before) = (moment("DateSent>"), moment("DateSent<"));
        let day = wanted("DateSent");
        let fits = |t: &&Taken| {
            to.as_ref().is_none_or(|to| *to == t.to)
                && from.as_ref().is_none_or(|f| *f == t.from)
                && after.is_none_or(|after| t.at >= after)
                && before.is_none_or(|before| t.at <= before)
                && day.as_ref().is_none_or(|day| t.at.rfc3339().starts_with(day))
        };
        let mut newest: Vec<&Taken> = state.taken.iter().filter(fits).collect();
        newest.sort_by_key(|t| std::cmp::Reverse(t.at));
        let rows: Vec<Value> = newest.into_iter().map(shown).collect();
        let size = state.page.or(wanted("PageSize").and_then(|n| n.parse().ok())).unwrap_or(50);
        let page: usize = wanted("Page").and_then(|n| n.parse().ok()).unwrap_or(0);
        let rest: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(url::form_urlencoded::parse(query.as_bytes()).filter(|(n, _)| n != "Page"))
            .finish();
        let next = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json?{rest}&Page={}", page + 1);
        let next = (rows.len() > (page + 1) * size).then_some(next);
        let rows: Vec<Value> = rows.into_iter().skip(page * size).take(size).collect();
        Some((200, String::new(), json!({ "messages": rows, "next_page_uri": next })))
    }

    fn usage(&self, query: &str) -> Option<(u16, String, Value)> {
        let mut state = self.state.lock().unwrap();
        state.asked_for_usage += 1;
        if state.fail_usage {
            return Some((503, String::new(), json!({ "message": "out of order", "status": 503 })));
        }
        let wanted = |name: &str| url::form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).unwrap().1;
        let (from, to) = (wanted("StartDate"), wanted("EndDate"));
        let within = |r: &&Value| (&*from..=&*to).contains(&r["start_date"].as_str().unwrap());
        let rows: Vec<&Value> = state.usage.iter().filter(within).collect();
        Some((200, String::new(), json!({ "usage_records": rows, "next_page_uri": null })))
    }

    fn file(&self, head: &str) -> Option<(u16, String, Value)> {
        let mut state = self.state.lock().unwrap();
        state.asked_for_files.push(head.to_owned());
        Some(match state.files.pop_front().unwrap_or(File::Refused(404)) {
            File::Refused(status) => (status, String::new(), json!({ "message": "no file", "status": status })),
            File::At(url) => (307, format!("location: {url}\r\n"), Value::Null),
        })
    }

    /// One message, or the files of one.
    fn one(&self, path: &str) -> Option<(u16, String, Value)> {
        let mut state = self.state.lock().unwrap();
        let rest = path.split("/Messages/").nth(1)?;
        let (name, what) = rest.split_once(['.', '/'])?;
        let Some(found) = state.taken.iter().find(|t| t.sid == name).cloned() else {
            return Some((404, String::new(), json!({ "code": 20404, "message": "not found", "status": 404 })));
        };
        if what == "json" {
            state.fetched += 1;
            return Some((200, String::new(), shown(&found)));
        }
        if what != "Media.json" {
            // The bytes of a file, which nobody has.
            return Some((404, String::new(), json!({ "code": 20404, "message": "not found", "status": 404 })));
        }
        let files: Vec<Value> = (0..found.files)
            .map(|n| json!({ "sid": format!("ME{n:032x}"), "parent_sid": name, "content_type": "image/jpeg" }))
            .collect();
        Some((200, String::new(), json!({ "media_list": files, "next_page_uri": null })))
    }

    /// The control API of a sandbox, as far as the node asks for it.
    fn command(&self, path: &str, body: &[u8]) -> Option<(u16, String, Value)> {
        let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let mut state = self.state.lock().unwrap();
        if path == "/sandbox/clock" {
            if let Some(seconds) = body["advanceSeconds"].as_i64() {
                state.now = Time(state.now.0 + seconds * 1_000_000);
            }
            if let Some(now) = body["now"].as_str() {
                state.now = Time(now.parse::<jiff::Timestamp>().unwrap().as_microsecond());
            }
        }
        let clock = json!({ "now": state.now.rfc3339(), "paused": true });
        let answer = match path {
            "/sandbox/clock" | "/sandbox/state" => clock,
            "/sandbox/phones" => json!({ "phones": ["+14155550123"] }),
            p if p.ends_with("/send") => json!({ "sid": sid(9999), "webhook": { "status": 200 } }),
            p if p.ends_with("/outcome") => json!({}),
            "/sandbox/faults" => json!({ "calls": [], "webhooks": [{ "webhook": { "drop": true }, "times": 2 }] }),
            p if p.ends_with("/%2B14155550123") || p.ends_with("/+14155550123") => json!({ "messages": [
                { "direction": "in", "from": "+14155550100", "to": "+14155550123", "body": "hi", "at": state.now.rfc3339(), "sid": sid(1) }
            ] }),
            _ => return Some((404, String::new(), json!({ "message": "there is no such handset" }))),
        };
        Some((200, String::new(), answer))
    }
}

fn sid(n: usize) -> String {
    format!("SM{n:032x}")
}

fn taken(sid: &str, to: &str, from: &str, body: &str) -> Taken {
    Taken {
        sid: sid.into(),
        to: to.into(),
        from: from.into(),
        body: body.into(),
        callback: None,
        at: Time::default(),
        direction: "outbound-api",
        status: "queued".into(),
        error: None,
        files: 0,
        price: None,
    }
}

fn shown(t: &Taken) -> Value {
    let date = jiff::Timestamp::from_microsecond(t.at.0).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
    let date = jiff::fmt::rfc2822::to_string(&date).unwrap();
    json!({
        "sid": t.sid, "account_sid": ACCOUNT, "to": t.to, "from": t.from, "body": t.body, "status": t.status,
        "direction": t.direction, "num_segments": "1", "num_media": t.files.to_string(), "date_created": date,
        "date_sent": null, "date_updated": date, "error_code": t.error, "error_message": null, "price": t.price, "price_unit": "USD",
        "messaging_service_sid": null, "api_version": "2010-04-01",
    })
}

/// One request: its head and its body.
async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut raw = Vec::new();
    let mut part = [0; 4096];
    let head = loop {
        if let Some(at) = raw.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        let n = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut part)).await.ok()?.ok()?;
        if n == 0 {
            return None;
        }
        raw.extend_from_slice(&part[..n]);
    };
    let text = String::from_utf8_lossy(&raw[..head]).into_owned();
    let length = text.to_ascii_lowercase();
    let length =
        length.split("content-length: ").nth(1).and_then(|t| t.split("\r\n").next()?.parse().ok()).unwrap_or(0);
    let mut body = raw.split_off(head + 4);
    while body.len() < length {
        let n = stream.read(&mut part).await.ok()?;
        if n == 0 {
            return None;
        }
        body.extend_from_slice(&part[..n]);
    }
    Some((text, body))
}
