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
    is_read_and_assigned(&console, size.0);
    is_answered_once(&console, &api, size.0);
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

fn is_read_and_assigned(console: &Console, columns: u16) {
    console.keys("/maria");
    console.misses("Sam Ortiz");
    console.keys("\r");
    console.sees("— new —");
    console.sees("▏ Hi, can I move");
    let screen = console.screen();
    let new = screen.find("— new —").unwrap();
    assert!(screen[new..].contains("▏ Hi, can I move"), "the line does not stand above the new text:\n{screen}");
    console.keys("a");
    console.sees("Assign Maria Lopez to");
    console.keys("me");
    console.sees("me · agent1");
    console.keys("\r");
    console.misses("Assign Maria Lopez to");
    console.sees(if columns < 100 { "assigned to agent1" } else { "assigned to agent1 (you)" });
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

/// Lets what is held leave, and then arrive.
fn let_go(api: &Api) {
    advance(api, 30);
    advance(api, 60);
}

fn is_answered_once(console: &Console, api: &Api, columns: u16) {
    let before = api.received(MARIA);
    write(console, &ANSWER.replace("Should", "Shall"));
    console.sees(if columns < 100 { "sending in 5…" } else { "sending in 5… (Ctrl-Z to undo)" });
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
    let_go(api);
    console.until("two ticks under the answer", |screen, _| {
        let text = screen.contents();
        let meta = text.lines().rfind(|line| line.contains("agent1 (you) ·")).unwrap_or_default().to_owned();
        meta.contains("✓✓")
    });
    assert_eq!(&api.received(MARIA)[before.len()..], [ANSWER]);
    let_go(api);
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
    // The carrier's own answer to it arrives first.
    let_go(api);
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
    let_go(api);
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
    let_go(api);
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

#[test]
fn a_morning_of_putting_aside() {
    let home = Home::new();
    let console = Console::open(&home, (120, 40));
    let api = opens(&home, &console);
    api.post("/api/simulator/clock", json!({ "paused": true }));
    console.sees("paused");
    a_customer_writes(&console, &api);
    is_read_and_assigned(&console, 120);

    // A curly apostrophe makes two messages of one.
    let text =
        "Hi Maria, you’re booked for Friday 10:30. Please arrive 10 minutes early and bring your insurance card.";
    console.keys("i");
    console.sees("Enter sends");
    console.keys(text);
    console.sees("103/UCS-2 · 2 seg");
    console.keys("\x07");
    console.sees("103/GSM-7 · 1 seg");
    console.keys("\r");
    console.sees("sending in ");
    let_go(&api);
    until("she has it in plain letters", || api.received(MARIA).contains(&text.replace('’', "'")).then_some(()));
    console.keys(ESC);
    console.misses("Enter sends");

    console.keys("z");
    console.sees("tomorrow 9");
    console.keys("\r");
    console.sees("wakes Tue 3 Mar 09:00");
    console.sees("Snoozed 1");
    console.sees("Mine 0");
    console.keys("n");
    console.sees("Sam Ortiz  +14155550111");
    advance(&api, 24 * 3600);
    console.sees("Tue 3 Mar");
    console.sees("Snoozed 0");
    console.sees("Mine 1");
}
