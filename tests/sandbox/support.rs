//! A sandbox on a free port in a temporary directory, and a small server that receives its webhooks and
//! checks their signatures with code of its own.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex};

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use switchboard::sandbox::{Config, Running, start};
use tempfile::TempDir;
use warp::Filter;

pub const NUMBER: &str = "+14155550100";
pub const SPARE: &str = "+14155550199";
pub const MARIA: &str = "+14155550123";
pub const SAM: &str = "+14155550111";

pub struct World {
    pub running: Option<Running>,
    pub base: String,
    pub directory: TempDir,
    pub client: Client,
    pub account: String,
    pub token: String,
    pub state: Value,
}

pub async fn run(directory: &Path, seed: u64) -> Running {
    let config = Config { state_dir: directory.to_owned(), listen: ([127, 0, 0, 1], 0).into(), seed };
    start(config).await.expect("the sandbox starts")
}

impl World {
    pub async fn new(seed: u64) -> Self {
        let directory = TempDir::new().unwrap();
        let running = run(directory.path(), seed).await;
        let client = Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut world = Self {
            base: running.base.clone(),
            running: Some(running),
            directory,
            client,
            account: String::new(),
            token: String::new(),
            state: Value::Null,
        };
        world.state = world.control("GET", "state", Value::Null).await;
        world.account = text(&world.state, "accountSid");
        world.token = text(&world.state, "authToken");
        world.stand_still().await;
        world
    }

    /// Timers fire only when a test moves the clock, and it starts on the second.
    pub async fn stand_still(&self) {
        self.control("POST", "clock", json!({ "paused": true, "now": "2026-03-02T17:00:00Z" })).await;
    }

    /// Stops the clock where it is.
    pub async fn stand_still_here(&self) {
        self.control("POST", "clock", json!({ "paused": true })).await;
    }

    pub async fn restart(&mut self) {
        self.running.take().unwrap().stop().await;
        let running = run(self.directory.path(), 999).await;
        self.base.clone_from(&running.base);
        self.running = Some(running);
    }

    pub async fn end(mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, value) = self.try_control(method, path, body).await;
        assert!(status.is_success(), "{method} {path}: {status} {value}");
        value
    }

    pub async fn try_control(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let method: Method = method.parse().unwrap();
        let mut request = self.client.request(method, format!("{}/sandbox/{path}", self.base));
        if !body.is_null() {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    pub async fn advance(&self, seconds: f64) {
        self.control("POST", "clock", json!({ "advanceSeconds": seconds })).await;
    }

    pub fn path(&self, tail: &str) -> String {
        format!("/api/2010-04-01/Accounts/{}{tail}", self.account)
    }

    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.base);
        self.client.request(method.parse().unwrap(), url).basic_auth(&self.account, Some(&self.token))
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        read(self.request("POST", path).form(form).send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request("GET", path).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> StatusCode {
        self.request("DELETE", path).send().await.unwrap().status()
    }

    /// Sends a message and answers the resource.
    pub async fn send(&self, form: &[(&str, &str)]) -> Value {
        let (status, value) = self.post(&self.path("/Messages.json"), form).await;
        assert_eq!(status, 201, "{value}");
        value
    }

    pub async fn text(&self, from: &str, to: &str, body: &str) -> Value {
        self.control("POST", &format!("phones/{from}/send"), json!({ "to": to, "body": body })).await
    }

    pub async fn phone(&self, address: &str) -> Vec<Value> {
        let shown = self.control("GET", &format!("phones/{address}"), Value::Null).await;
        shown["messages"].as_array().unwrap().clone()
    }

    pub async fn message(&self, sid: &str) -> Value {
        let (status, value) = self.get(&self.path(&format!("/Messages/{sid}.json"))).await;
        assert_eq!(status, 200, "{value}");
        value
    }

    /// The SID of a number, and a way to configure it.
    pub async fn number(&self, phone: &str) -> String {
        let (_, list) =
            self.get(&self.path(&format!("/IncomingPhoneNumbers.json?PhoneNumber={}", escape(phone)))).await;
        text(&list["incoming_phone_numbers"][0], "sid")
    }

    pub async fn configure(&self, phone: &str, form: &[(&str, &str)]) -> Value {
        let sid = self.number(phone).await;
        let (status, value) = self.post(&self.path(&format!("/IncomingPhoneNumbers/{sid}.json")), form).await;
        assert_eq!(status, 200, "{value}");
        value
    }
}

async fn read(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

pub fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("{name} in {value}")).to_owned()
}

pub fn escape(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// A webhook as it was received.
#[derive(Debug, Clone)]
pub struct Hook {
    pub method: String,
    pub path: String,
    pub url: String,
    pub params: Vec<(String, String)>,
    pub signature: String,
    pub idempotency: String,
    pub user_agent: String,
}

impl Hook {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Twilio's algorithm from its documentation: the URL, then each parameter by name with its value.
    pub fn signed_by(&self, token: &str) -> bool {
        let mut params = if self.method == "POST" { self.params.clone() } else { Vec::new() };
        params.sort();
        params.dedup();
        let text = params.iter().fold(self.url.clone(), |text, (name, value)| text + name + value);
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
        let signature = BASE64_STANDARD.decode(&self.signature).unwrap();
        ring::hmac::verify(&key, text.as_bytes(), &signature).is_ok()
    }
}

/// What the server answers: status, content type, body.
pub type Answer = (u16, &'static str, String);

#[derive(Clone, Default)]
pub struct Sink {
    pub base: String,
    hooks: Arc<Mutex<Vec<Hook>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Sink {
    /// Listens until the test's runtime ends.
    pub async fn new() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let sink = Self { base, ..Self::default() };
        let inner = sink.clone();
        let filter = warp::method()
            .and(warp::path::full())
            .and(warp::query::raw().or(warp::any().map(String::new)).unify())
            .and(warp::header::headers_cloned())
            .and(warp::body::bytes())
            .map(
                move |method: warp::http::Method,
                      path: warp::path::FullPath,
                      query: String,
                      headers,
                      body: bytes::Bytes| {
                    inner.receive(method.as_str(), path.as_str(), &query, &headers, &body)
                },
            );
        tokio::spawn(warp::serve(filter).incoming(listener).run());
        sink
    }

    fn receive(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &warp::http::HeaderMap,
        body: &[u8],
    ) -> warp::http::Response<String> {
        let header = |name: &str| headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let tail = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        let encoded = if method == "GET" { query.as_bytes() } else { body };
        self.hooks.lock().unwrap().push(Hook {
            method: method.to_owned(),
            path: path.to_owned(),
            url: format!("{}{tail}", self.base),
            params: url::form_urlencoded::parse(encoded).into_owned().collect(),
            signature: header("x-twilio-signature"),
            idempotency: header("i-twilio-idempotency-token"),
            user_agent: header("user-agent"),
        });
        let (status, kind, body) =
            self.answers.lock().unwrap().pop_front().unwrap_or((200, "text/xml", "<Response/>".into()));
        warp::http::Response::builder().status(status).header("content-type", kind).body(body).unwrap()
    }

    /// The next answers, instead of an empty `<Response/>`.
    pub fn will_answer(&self, answers: &[(u16, &'static str, &str)]) {
        let owned = answers.iter().map(|(status, kind, body)| (*status, *kind, (*body).to_owned()));
        self.answers.lock().unwrap().extend(owned);
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What was received since the last time, in order.
    pub fn take(&self) -> Vec<Hook> {
        std::mem::take(&mut self.hooks.lock().unwrap())
    }
}

/// The statuses that callbacks reported for a message, in order.
pub fn statuses(hooks: &[Hook], sid: &str) -> Vec<String> {
    let of = hooks.iter().filter(|hook| hook.get("MessageSid") == Some(sid));
    of.filter_map(|hook| hook.get("MessageStatus").map(str::to_owned)).collect()
}
