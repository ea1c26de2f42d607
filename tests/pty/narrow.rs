//! The way of an agent through a morning: a customer writes, is answered, and the case is closed.

use serde_json::json;

use crate::api::{Api, MARIA};
use crate::console::Console;
use crate::home::{Home, until};

const ASKED: &str = "Hi, can I move my cleaning to Friday?";
const ANSWER: &str = "Hi Maria, Friday 10:30 is open. Should I book it?";
const CTRL_Z: &str = "\x1a";
const ESC: &str = "\x1b";

#[test]
fn an_agents_morning_at_80_columns() {
    morning((80, 24));
}

#[test]
fn an_agents_morning_at_120_columns() {
    morning((120, 40));
}

fn morning(size: (u16, u16)) {
    let home = Home::new();
    let mut console = Console::open(&home, size);
    let api = opens(&home, &console);
    a_customer_writes(&console, &api);
    // From here on only the test moves the clock: a slow machine must not let a held text go.
    api.post("/api/simulator/clock", json!({ "paused": true }));
    console.sees("paused");
    is_read_and_assigned(&console);
    is_answered_once(&console, &api);
    a_note_stays_here(&console, &api);
    opting_out_is_respected(&console, &api);
    a_failure_is_shown_and_retried(&console, &api);
    is_resolved(&console, &api);
    console.keys("q");
    assert_eq!(console.wait().exit_code(), 0);
}

fn opens(home: &Home, console: &Console) -> Api {
    console.sees("SANDBOX");
    console.sees("Harbor Dental");
    console.sees("Unassigned 3");
    console.sees("Ctrl-P commands · ? help");
    for name in ["Sam Ortiz", "李伟", "+14155550113", "Dana Brooks", "Maria Lopez"] {
        console.sees(name);
    }
    console.until("the title", |_, told| told.title == "(3) switchboard");
    home.api_of(console.pid)
}

fn a_customer_writes(console: &Console, api: &Api) {
    let bells = console.bells();
    api.text_in(MARIA, ASKED);
    let row = console.line("●1 Maria Lopez");
    assert!(row.contains("14:5") || row.contains("15:00"), "no time left to answer: {row}");
    console.sees("Unassigned 4");
    console.until("the title", |_, told| told.title == "(4) switchboard");
    console.until("the bell", |_, told| told.bells > bells);
    let screen = console.screen();
    let place = |name: &str| screen.lines().position(|l| l.contains(name));
    assert!(place("Maria Lopez") < place("+14155550113"), "it is not the first row:\n{screen}");
}

fn is_read_and_assigned(console: &Console) {
    console.keys("/maria");
    console.misses("Sam Ortiz");
    console.keys("\r");
    console.sees("— new —");
    let screen = console.screen();
    let new = screen.find("— new —").unwrap();
    assert!(screen[new..].contains("▏ Hi, can I move"), "the line does not stand above the new text:\n{screen}");
    console.keys("a");
    console.sees("Assign Maria Lopez to");
    console.keys("me");
    console.sees("me · agent1");
    console.keys("\r");
    console.misses("Assign Maria Lopez to");
    console.sees("assigned to agent1");
    console.sees("Mine 1");
    console.sees("Unassigned 3");
}

/// Types a message and sends it. The hold ends when the clock is moved.
fn write(console: &Console, text: &str) {
    console.keys("i");
    console.sees("Enter sends");
    console.keys(text);
    console.sees(&text[text.len() - 12..]);
    console.keys("\r");
    console.sees("sending in ");
}

fn advance(api: &Api, seconds: u64) {
    api.post("/api/simulator/clock", json!({ "advanceSeconds": seconds }));
}

fn is_answered_once(console: &Console, api: &Api) {
    let before = api.received(MARIA);
    write(console, &ANSWER.replace("Should", "Shall"));
    console.keys(CTRL_Z);
    console.misses("sending in ");
    console.sees("taken back");
    console.until("the text in the composer", |screen, _| {
        let text = screen.contents();
        let composer = text.rsplit("Enter sends").next().unwrap_or_default().to_owned();
        composer.contains("Shall I book it?")
    });
    advance(api, 30);
    assert_eq!(api.received(MARIA), before, "taken back, and yet it arrived");

    // Back to the word, and a better one.
    console.keys(&"\x7f".repeat("Shall I book it?".len()));
    console.keys("Should I book it?");
    console.sees("Should I book it?");
    console.keys("\r");
    console.sees("sending in ");
    advance(api, 4);
    assert_eq!(api.received(MARIA), before, "it left before its time");
    advance(api, 30);
    console.until("two ticks under the answer", |screen, _| {
        let text = screen.contents();
        let meta = text.lines().rfind(|line| line.contains("agent1 (you) ·")).unwrap_or_default().to_owned();
        meta.contains("✓✓")
    });
    assert_eq!(&api.received(MARIA)[before.len()..], [ANSWER]);
    advance(api, 60);
    assert_eq!(api.received(MARIA).len(), before.len() + 1);
    console.keys(ESC);
    console.misses("Enter sends");
}

fn a_note_stays_here(console: &Console, api: &Api) {
    let before = api.received(MARIA);
    console.keys("N");
    console.sees("only agents see this");
    console.keys("@agent2 she prefers mornings\r");
    console.sees("NOTE · agent1 (you)");
    console.sees("she prefers mornings");
    advance(api, 60);
    assert_eq!(api.received(MARIA), before, "a note reached the customer");
}

fn opting_out_is_respected(console: &Console, api: &Api) {
    api.text_in(MARIA, "STOP");
    console.sees("opted out of +14155550100");
    let before = api.received(MARIA);
    console.sees("cannot send: 21610");
    console.keys("i");
    console.keys("But why?");
    console.keys("\r");
    console.sees("cannot send: 21610");
    advance(api, 60);
    assert_eq!(api.received(MARIA), before, "a customer who opted out was texted");
    console.keys("\x15");
    console.misses("But why?");
    console.keys(ESC);
    api.text_in(MARIA, "START");
    console.misses("opted out of +14155550100");
    console.misses("cannot send: 21610");
}

fn a_failure_is_shown_and_retried(console: &Console, api: &Api) {
    api.outcome(MARIA, json!({ "status": "failed", "errorCode": 30003, "times": 1 }));
    write(console, "See you then, Maria");
    advance(api, 60);
    console.sees("✗ failed 30003");
    console.keys(ESC);
    console.misses("Enter sends");
    console.keys("?");
    console.sees("Why it failed");
    console.sees("30003 ");
    console.keys(ESC);
    console.misses("Why it failed");
    console.keys("r");
    console.sees("retry of SM");
    advance(api, 60);
    console.sees("✗ failed 30003 · retried");
    until("the retry is delivered", || {
        let sent = sent(api);
        (sent[0]["status"] == "delivered").then_some(sent)
    });
    let sent = sent(api);
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_ne!(sent[0]["sid"], sent[1]["sid"]);
    assert_eq!((&sent[0]["retryOf"], &sent[1]["retriedBy"]), (&sent[1]["id"], &sent[0]["id"]));
    assert_eq!(api.received(MARIA).iter().filter(|body| *body == "See you then, Maria").count(), 1);
}

/// The messages with the text that failed, newest first.
fn sent(api: &Api) -> Vec<serde_json::Value> {
    let all = api.messages(&api.conversation(MARIA));
    all.into_iter().filter(|m| m["body"] == "See you then, Maria").collect()
}

fn is_resolved(console: &Console, api: &Api) {
    console.keys("e");
    console.sees("resolved (u undo)");
    until("it is resolved", || (api.conversation(MARIA)["status"] == "resolved").then_some(()));
    console.sees("Mine 0");
}
