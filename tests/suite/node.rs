//! A home of its own for the program, and a small node to answer it: it knows some operations, checks
//! who asks, and remembers what it was asked.

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use switchboard::cli::node_file::{self, NodeFile};
use switchboard::config::{Flags, Paths, load_with};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use warp::Filter;
use warp::http::{Response, StatusCode};

/// The token of the node's run.
pub const TOKEN: &str = "per-run-token";

/// What was asked of the node.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    pub line: String,
    pub agent: Option<String>,
    pub body: Value,
}

/// A home directory, and the program run in it with nothing else in its environment.
pub struct Home {
    pub dir: TempDir,
}

impl Home {
    pub fn new() -> Home {
        Home { dir: tempfile::tempdir().unwrap() }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(args).env_clear().env("HOME", self.dir.path()).env("USER", "kim").stdin(Stdio::null());
        command
    }

    /// Runs to the end: exit code, stdout, stderr.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        ended(self.command(args).output().unwrap())
    }

    /// Where the program keeps its sandbox's state when told to use this home.
    pub fn paths(&self) -> Paths {
        let flags = Flags { state_dir: Some(self.dir.path().join("state")), ..Flags::default() };
        load_with(&flags, &|name| (name == "SWITCHBOARD_CONFIG").then(|| "/dev/null".to_owned())).unwrap().paths
    }
}

pub fn ended(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// The little node; it ends when it is dropped.
pub struct Node {
    pub base: String,
    pub asked: Arc<Mutex<Vec<Asked>>>,
    _file: Option<node_file::Announced>,
    _runtime: Runtime,
}

impl Node {
    /// Starts it, and announces it in the state directory of `paths` if given.
    pub fn start(paths: Option<&Paths>) -> Node {
        let runtime = Runtime::new().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let record = asked.clone();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let routes = warp::method()
            .and(warp::path::full())
            .and(warp::query::raw().or(warp::any().map(String::new)).unify())
            .and(warp::header::optional::<String>("authorization"))
            .and(warp::header::optional::<String>("x-switchboard-agent"))
            .and(warp::body::bytes())
            .map(
                move |method: warp::http::Method,
                      path: warp::path::FullPath,
                      query: String,
                      token,
                      agent,
                      body: bytes::Bytes| {
                    let token: Option<String> = token;
                    if token.as_deref() != Some(&format!("Bearer {TOKEN}")) {
                        return answer(401, &json!({"code": "unauthenticated", "detail": "this token is not known"}));
                    }
                    let line = format!("{method} {}", path.as_str());
                    let body = serde_json::from_slice(&body).unwrap_or(Value::String(query));
                    let (status, reply) = reply(&line, &body);
                    record.lock().unwrap().push(Asked { line, agent, body });
                    answer(status, &reply)
                },
            );
        runtime.spawn(warp::serve(routes).incoming(listener).run());
        let file = paths.map(|paths| {
            let started_at = serde_json::from_value(json!("2026-03-02T17:00:00Z")).unwrap();
            let file = NodeFile {
                base: base.clone(),
                token: TOKEN.into(),
                pid: std::process::id(),
                sandbox: None,
                started_at,
            };
            node_file::write(paths, file).unwrap()
        });
        Node { base, asked, _file: file, _runtime: runtime }
    }

    /// What was asked last, beside the question whether it is there.
    pub fn last(&self) -> Asked {
        let asked = self.asked.lock().unwrap();
        asked.iter().rev().find(|a| a.line != "GET /api/node").unwrap().clone()
    }
}

fn answer(status: u16, body: &Value) -> Response<String> {
    Response::builder().status(StatusCode::from_u16(status).unwrap()).body(body.to_string()).unwrap()
}

/// What the little node knows.
fn reply(line: &str, body: &Value) -> (u16, Value) {
    let now = "2026-03-02T17:00:00Z";
    let business = |id: &str, name: &str| {
        json!({"id": id, "name": name, "contactEmail": "", "phoneNumber": "", "verifyServiceId": "", "hasCustomNumber": false,
               "active": true, "createdAt": now, "updatedAt": now, "version": 1})
    };
    match line {
        "GET /api/node" => {
            let account = "AC5a4db0c5000000000000000000000000";
            let node = json!({"version": env!("CARGO_PKG_VERSION"), "world": "sandbox", "account": account, "now": now,
                              "paused": false, "agent": "kim", "backlog": 0, "catchingUp": false,
                              "base": "http://127.0.0.1:1", "sandbox": "http://127.0.0.1:2"});
            (200, node)
        }
        "GET /api/businesses" => {
            let rows =
                [business("3", "Harbor Dental"), business("4", "Northwind Bank"), business("5", "Northern Lights")];
            (200, json!({"items": rows, "default": "3"}))
        }
        "GET /api/agents" => (200, json!({"items": [{"handle": "agent1", "name": "Kim\u{1b}]0;owned\u{7}"}]})),
        "GET /api/conversations" => {
            let counts = json!({"mine": 0, "unassigned": 0, "all": 0, "waiting": 0, "failed": 0, "snoozed": 0});
            (200, json!({"items": [], "asOf": "x", "counts": counts, "business": "3"}))
        }
        "DELETE /api/businesses/4" if !body.as_str().is_some_and(|query| query.contains("confirm=Northwind+Bank")) => (
            409,
            json!({"code": "confirmation_required", "detail": "this deletes Northwind Bank", "confirm": "Northwind Bank"}),
        ),
        "DELETE /api/businesses/4" => (200, json!({})),
        "POST /api/media" => {
            (200, json!({"id": "77", "contentType": "image/png", "size": 3, "digest": "00", "unusedUntil": now}))
        }
        "POST /api/conversations/messages" => (200, json!({"id": "5"})),
        "GET /api/conversations/9" => (404, json!({"code": "not_found", "detail": "there is no such conversation"})),
        "GET /api/messages/5/media/0/content" => (200, json!("the file")),
        "GET /api/audit/verify" => {
            (200, json!({"ok": false, "entries": 9, "erased": 0, "faults": ["lane 0, entry 3"]}))
        }
        _ => (404, json!({"code": "not_found", "detail": "there is no such conversation"})),
    }
}

/// A path as the text that arguments are made of.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
