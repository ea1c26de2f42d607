//! `switchboard tail`, for programs and on a terminal.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::Value;

use crate::api::{MARIA, SAM};
use crate::console::Console;
use crate::home::{Home, PATIENCE, Serve, signal, until, wait};

/// A tail whose output is read; killed when it is dropped.
struct Tail {
    child: Child,
    lines: Receiver<String>,
    notes: Receiver<String>,
}

fn lines_of(from: impl Read + Send + 'static) -> Receiver<String> {
    let (line, lines) = channel();
    std::thread::spawn(move || BufReader::new(from).lines().map_while(Result::ok).try_for_each(|l| line.send(l)));
    lines
}

impl Tail {
    fn start(home: &Home, args: &[&str]) -> Tail {
        let mut command = home.command(&[&["tail"], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (lines, notes) = (lines_of(child.stdout.take().unwrap()), lines_of(child.stderr.take().unwrap()));
        Tail { child, lines, notes }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("a line")
    }

    fn note(&self) -> String {
        self.notes.recv_timeout(PATIENCE).expect("a note")
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn as_of(api: &crate::api::Api) -> String {
    api.get("/api/conversations")["asOf"].as_str().unwrap().to_owned()
}

#[test]
fn a_program_gets_every_event_once_whatever_the_node_does() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    // From before its start: nothing depends on who was faster.
    let mut tail = Tail::start(&home, &["--json", "--kind", "message.received", "--after", &as_of(&api)]);
    api.text_in(MARIA, "before");
    let event: Value = serde_json::from_str(&tail.next()).unwrap();
    assert_eq!((event["kind"].as_str(), event["message"]["body"].as_str()), (Some("message.received"), Some("before")));
    serve.kill();
    let gone: Value = serde_json::from_str(&tail.note()).unwrap();
    assert!(gone["note"].as_str().unwrap().contains("waiting for it"), "{gone}");
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    api.text_in(MARIA, "after");
    assert!(tail.note().contains("there again"));
    let event: Value = serde_json::from_str(&tail.next()).unwrap();
    assert_eq!(event["message"]["body"], "after");
    signal(tail.child.id(), "INT");
    assert_eq!(wait(&mut tail.child).code(), Some(0));
    assert!(tail.lines.try_recv().is_err(), "nothing came twice");
}

#[test]
fn lines_are_plain_and_quiet_is_quiet() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let after = as_of(&api);
    let full = Tail::start(&home, &["--kind", "message.received", "--after", &after]);
    let compact = Tail::start(&home, &["--compact", "--kind", "message.received", "--after", &after]);
    let mut quiet = Tail::start(&home, &["--quiet", "--after", &after]);
    api.text_in(SAM, "one\u{1b}]0;owned\u{7}\ntwo");
    let line = full.next();
    assert!(line.ends_with("one␛]0;owned␇⏎two"), "{line}");
    assert!(line.starts_with("20") && line.contains("Z  message.received        "), "{line}");
    let line = compact.next();
    assert!(line.contains(SAM) && !line.contains("one"), "{line}");
    api.text_in(SAM, "STOP");
    assert!(quiet.next().contains("conversation.optOut"));
    signal(quiet.child.id(), "TERM");
    assert_eq!(wait(&mut quiet.child).code(), Some(0));
    let (code, _, said) = home.run(&["tail", "--after", "nonsense"]);
    assert!(code == 2 && said.contains("cursor"), "{said}");
}

#[test]
fn it_ends_when_nobody_reads_any_more() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let mut child = home.command(&["tail", "--after", &as_of(&api)]).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    // The first line that cannot be written ends it.
    until("it ends", || {
        api.text_in(MARIA, "anybody?");
        child.try_wait().unwrap().map(|status| assert_eq!(status.code(), Some(0)))
    });
}

#[test]
fn on_a_terminal_keys_pause_and_filter() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let mut tail = Console::with(&home, (100, 20), &["tail", "--kind", "message.received"], &[]);
    tail.sees("following");
    // It follows from the moment at which it was let in: later than the first draw.
    until("it follows", || {
        api.text_in(MARIA, "the first");
        tail.screen().contains("the first").then_some(())
    });
    tail.keys(" ");
    tail.sees("PAUSED");
    api.text_in(SAM, "while it stood still");
    tail.misses("PAUSED, 0 waiting");
    assert!(!tail.screen().contains("while it stood still"));
    tail.keys(" ");
    tail.sees("while it stood still");
    tail.keys("fneedle\r");
    tail.sees("only \"needle\"");
    api.text_in(SAM, "hay");
    api.text_in(SAM, "a needle");
    tail.sees("a needle");
    assert!(!tail.screen().contains("hay"));
    tail.keys("q");
    assert_eq!(tail.wait().exit_code(), 0);
}
