//! A server in a process of its own, and what the system says of it.

use std::fs::read_to_string;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;

/// A command that has one core, where the system can give it one.
pub fn pinned(core: u32, program: &Path) -> Command {
    let there = Command::new("taskset").args(["-c", "0", "true"]).status().is_ok_and(|status| status.success());
    if !there {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

/// A server that is ready.
pub struct Server {
    /// What its URLs begin with.
    pub base: String,
    /// The account of a sandbox.
    pub account: String,
    /// Its auth token.
    pub token: String,
    ready: Duration,
    home: PathBuf,
    child: Child,
}

impl Server {
    /// The sandbox as a command with a home of its own.
    pub fn sandbox(home: &Path) -> Server {
        std::fs::create_dir_all(home).unwrap();
        let mut command = pinned(0, Path::new(env!("CARGO_BIN_EXE_switchboard")));
        command.args(["sandbox", "--json", "--listen", "127.0.0.1:0"]);
        command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Server::start(command, home)
    }

    /// The reference.
    pub fn fixed() -> Server {
        let mut command = pinned(0, &std::env::current_exe().unwrap());
        command.env("SANDBOX_FIXED", "1");
        Server::start(command, Path::new(""))
    }

    fn start(mut command: Command, home: &Path) -> Server {
        let begun = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready = begun.elapsed();
        let said: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| said[name].as_str().unwrap_or_default().to_owned();
        let (base, account, token) = (text("base"), text("accountSid"), text("authToken"));
        Server { base, account, token, ready, home: home.to_owned(), child }
    }

    /// Ends it; answers how long it had taken to be ready.
    pub fn stop(mut self) -> Duration {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status().is_ok_and(|status| status.success());
        if !asked {
            self.child.kill().unwrap();
        }
        self.child.wait().unwrap();
        self.ready
    }

    /// Memory that is in RAM, in MiB.
    pub fn resident(&self) -> f64 {
        let status = read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// CPU time so far.
    pub fn cpu(&self) -> Duration {
        let stat = read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let after = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Bytes of its files.
    pub fn size(&self) -> u64 {
        fn walk(path: &Path) -> u64 {
            let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
            entries.map(|e| if e.path().is_dir() { walk(&e.path()) } else { e.metadata().map_or(0, |m| m.len()) }).sum()
        }
        walk(&self.home)
    }

    /// Waits until these messages have been delivered.
    pub fn delivered(&self, sids: &[String]) {
        let begun = Instant::now();
        for sid in sids {
            let path = format!("/api/2010-04-01/Accounts/{}/Messages/{sid}.json", self.account);
            while get(&self.base, &path, &self.account, &self.token)["status"] != "delivered" {
                assert!(begun.elapsed() < Duration::from_secs(60), "{sid} was not delivered");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// The `Authorization` header of an account.
pub fn authorization(account: &str, token: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{account}:{token}")))
}

fn get(base: &str, path: &str, account: &str, token: &str) -> Value {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    let head = format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n");
    write!(stream, "{head}authorization: {}\r\n\r\n", authorization(account, token)).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}
