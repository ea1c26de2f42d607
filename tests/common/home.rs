//! A home directory of its own for the program, and the program run in it with nothing else in its
//! environment. It knows where the program keeps its state, and how a node is asked over HTTP.

// Two test binaries share this file, and neither needs all of it.
#![allow(dead_code)]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::api::Api;

/// Long enough for a debug build on a busy machine; a test that needs so long has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_switchboard");

/// A home directory; it goes when this is dropped.
pub struct Home {
    pub dir: TempDir,
}

impl Home {
    pub fn new() -> Home {
        Home { dir: tempfile::tempdir().unwrap() }
    }

    /// Where the sandbox's world lies.
    pub fn state(&self) -> PathBuf {
        self.dir.path().join(".local/state/switchboard/sandbox")
    }

    /// The whole environment of the program.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = std::env::var("PATH").unwrap_or_default();
        let home = self.dir.path().to_str().unwrap().to_owned();
        let pairs = [("HOME", home), ("PATH", path), ("USER", "kim".into()), ("LANG", "C.UTF-8".into())];
        pairs.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Runs to the end: exit code, stdout, stderr.
    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        ended(self.command(args).output().unwrap())
    }

    /// What the running node wrote about itself.
    pub fn node_file(&self) -> Option<Value> {
        let text = std::fs::read_to_string(self.state().join("node.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The API of the node that process `pid` is, once it is announced.
    pub fn api_of(&self, pid: u32) -> Api {
        let file = until("the node announces itself", || self.node_file().filter(|f| f["pid"] == pid));
        Api::of(&file)
    }
}

/// Exit code (-1 for a signal), stdout, stderr.
pub fn ended(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// Asks again and again until there is an answer.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sends a signal by its name.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap();
    assert!(sent.success(), "process {pid} is gone already");
}

/// Waits for a process to end; it may not take for ever.
pub fn wait(child: &mut Child) -> ExitStatus {
    until("the process ends", || child.try_wait().unwrap())
}

/// `switchboard serve --json`; killed when it is dropped.
pub struct Serve {
    pub child: Child,
    /// The line it printed.
    pub said: Value,
    /// What it prints after that.
    pub lines: Receiver<String>,
}

impl Serve {
    /// Starts it and waits for its line.
    pub fn start(home: &Home) -> Serve {
        Serve::with(home, &["serve", "--json"])
    }

    /// The same with these arguments.
    pub fn with(home: &Home, args: &[&str]) -> Serve {
        let log = std::fs::File::options().create(true).append(true).open(home.dir.path().join("serve.log")).unwrap();
        let mut child = home.command(args).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let (line, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| line.send(l)));
        let Ok(said) = lines.recv_timeout(PATIENCE) else {
            let _ = child.kill();
            let log = std::fs::read_to_string(home.dir.path().join("serve.log")).unwrap_or_default();
            panic!("`serve` said nothing ({:?}):\n{log}", child.wait());
        };
        Serve { said: serde_json::from_str(&said).unwrap_or(Value::String(said)), child, lines }
    }

    /// SIGKILL: nothing is put in order.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
