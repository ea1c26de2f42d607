//! The references in Node: the same webhook with Twilio's own check and an fsync'd SQLite, once over
//! Node's HTTP server and once as a Next.js route. Their packages come by name from npm.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::load::{PUBLIC, TOKEN};

/// A server of another stack, ended with this value.
pub struct Server {
    /// What it is called in the table.
    pub name: &'static str,
    /// Where it listens.
    pub base: String,
    child: Child,
}

impl Server {
    /// The CPU time of it and all below it so far.
    pub fn cpu(&self) -> Duration {
        tree(self.child.id()).into_iter().map(crate::cpu_of).sum()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for pid in tree(self.child.id()).into_iter().rev() {
            let _ = Command::new("kill").arg(pid.to_string()).status();
        }
        let _ = self.child.wait();
    }
}

/// Installs, builds and starts both in a directory of the bench.
pub fn start(dir: &Path) -> Vec<Server> {
    let dir = dir.join("node");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/ingest/node"), &dir);
    done(Command::new("npm").args(["install", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&dir));
    let next = dir.join("node_modules/.bin/next");
    done(with_settings(Command::new(&next).arg("build").current_dir(dir.join("next")), &dir, "build"));
    vec![
        serve("Node http", Command::new("node").arg("server.js").current_dir(&dir), &dir),
        serve("Next.js route", Command::new(&next).arg("start").current_dir(dir.join("next")), &dir),
    ]
}

fn serve(name: &'static str, command: &mut Command, dir: &Path) -> Server {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let child = with_settings(command, dir, name)
        .env("PORT", port.to_string())
        .env("HOSTNAME", "127.0.0.1")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Made at once, so that the child also ends when it never listens.
    let server = Server { name, base: format!("http://127.0.0.1:{port}"), child };
    for _ in 0..600 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return server;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{name} did not listen within 30 s");
}

fn with_settings<'a>(command: &'a mut Command, dir: &Path, name: &str) -> &'a mut Command {
    command
        .env("NODE_ENV", "production")
        .env("NEXT_TELEMETRY_DISABLED", "1")
        .env("INGEST_DB", dir.join(format!("{}.db", name.replace(' ', "-"))))
        .env("INGEST_TOKEN", TOKEN)
        .env("INGEST_URL", format!("{PUBLIC}/api/webhooks/twilio-sms"))
        .env("INGEST_KEEP", dir.join("keep.js"))
}

fn done(command: &mut Command) {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&out.stderr));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target: PathBuf = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A process and all that came of it, parents first.
fn tree(root: u32) -> Vec<u32> {
    let mut found = vec![root];
    let mut at = 0;
    while let Some(pid) = found.get(at) {
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        found.extend(children.split_whitespace().filter_map(|p| p.parse::<u32>().ok()));
        at += 1;
    }
    found
}
