//! A node's REST API and its sandbox's control API, asked as any program would ask them.

// Two test binaries share this file, and neither needs all of it.
#![allow(dead_code)]

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// One runtime and one client for all tests of a binary.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap()
}

/// A running node.
#[derive(Clone)]
pub struct Api {
    pub http: reqwest::Client,
    pub base: String,
    pub sandbox: String,
    token: String,
}

impl Api {
    /// By what it wrote into `node.json`.
    pub fn of(file: &Value) -> Api {
        let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        Api { http: client(), base: text("base"), sandbox: text("sandbox"), token: text("token") }
    }

    /// The token of the node's run.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Asks; `None` when nobody answers.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let url = match path.strip_prefix("/sandbox/") {
            Some(_) => format!("{}{path}", self.sandbox),
            None => format!("{}{path}", self.base),
        };
        let mut request = self.http.request(method.parse().unwrap(), url);
        // The sandbox is no part of the node: the node's token is none of its business.
        if !path.starts_with("/sandbox/") {
            request = request.bearer_auth(&self.token).header("x-switchboard-agent", "agent2");
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        let bytes = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
    }

    /// The event stream after a cursor.
    pub async fn stream(&self, after: &str) -> reqwest::Response {
        let url = format!("{}/api/events?after={after}", self.base);
        self.http.get(url).bearer_auth(&self.token).header("x-switchboard-agent", "agent2").send().await.unwrap()
    }

    fn good(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let answer = runtime().block_on(self.ask(method, path, body));
        let (status, reply) = answer.unwrap_or_else(|| panic!("{method} {path}: nobody answers"));
        assert_eq!(status, 200, "{method} {path}: {reply}");
        reply
    }

    pub fn get(&self, path: &str) -> Value {
        self.good("GET", path, None)
    }

    pub fn post(&self, path: &str, body: Value) -> Value {
        self.good("POST", path, Some(body))
    }

    pub fn put(&self, path: &str, body: Value) -> Value {
        self.good("PUT", path, Some(body))
    }

    /// A customer texts in; answers when the receiver has it.
    pub fn text_in(&self, from: &str, body: &str) {
        let path = format!("/api/simulator/phones/{}/send", from.replace('+', "%2B"));
        let texted = self.post(&path, json!({ "to": OURS, "body": body }));
        assert_eq!(texted["webhookStatus"], 200, "{texted}");
    }

    /// What the customer's handset received, oldest first.
    pub fn received(&self, address: &str) -> Vec<String> {
        let phone = self.get(&format!("/api/simulator/phones/{}", address.replace('+', "%2B")));
        let messages = phone["messages"].as_array().unwrap().iter();
        messages.filter(|m| m["direction"] == "in").map(|m| m["body"].as_str().unwrap().to_owned()).collect()
    }

    /// What becomes of messages to a handset.
    pub fn outcome(&self, address: &str, outcome: Value) {
        self.post(&format!("/api/simulator/phones/{}/outcome", address.replace('+', "%2B")), outcome);
    }

    /// The conversation with a customer.
    pub fn conversation(&self, customer: &str) -> Value {
        let page = self.get("/api/conversations?limit=200");
        let found = page["items"].as_array().unwrap().iter().find(|c| c["customer"] == customer);
        found.cloned().unwrap_or_else(|| panic!("no conversation with {customer}: {page}"))
    }

    /// All messages of a conversation, newest first.
    pub fn messages(&self, conversation: &Value) -> Vec<Value> {
        let path = format!("/api/conversations/{}/messages?limit=200", conversation["id"].as_str().unwrap());
        self.pages(&path)
    }

    /// All rows of a list.
    pub fn pages(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = String::new();
        loop {
            let page = self.get(&format!("{path}{next}"));
            rows.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(after) = page["next"].as_str() else { return rows };
            next = format!("&after={}", url::form_urlencoded::byte_serialize(after.as_bytes()).collect::<String>());
            assert!(rows.len() < 100_000, "{path} has no end");
        }
    }
}

/// The number of the demo's default business.
pub const OURS: &str = "+14155550100";
/// The demo's customers.
pub const MARIA: &str = "+14155550123";
pub const SAM: &str = "+14155550111";
