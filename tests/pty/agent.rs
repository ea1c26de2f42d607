//! An agent's morning at the dentist's, key by key, with a colleague in a second terminal: what each of them
//! sees, what the customer's phone gets, what it costs.

use serde_json::json;

use crate::api::MARIA;
use crate::console::Console;
use crate::home::{Home, until};

const FIRST: &str = "Hi Maria, Friday 10:30 is open. Shall I book it?";
const CURLY: &str =
    "Hi Maria, you’re booked for Friday 10:30. Please arrive 10 minutes early and bring your insurance card.";

/// Opens Maria's thread.
fn open_maria(console: &Console) {
    console.keys("/maria");
    console.misses("Dana Brooks");
    console.keys("\r");
    console.sees("Hi, can I move my cleaning to Friday?");
}

#[test]
fn maria_moves_her_cleaning() {
    let home = Home::new();
    let first = Console::open(&home, (120, 40));
    first.sees("Unassigned 3");
    let api = home.api_of(first.pid);
    let second = Console::with(&home, (110, 34), &["--agent", "agent2"], &[]);
    second.sees("Unassigned 3");

    // She writes; the row jumps to the top.
    api.text_in(MARIA, "Hi, can I move my cleaning to Friday?");
    first.sees("●1 Maria Lopez");
    first.sees("Unassigned 4");
    first.until("the title", |_, told| told.title == "(4) switchboard");
    open_maria(&first);
    first.sees("— new —");
    first.keys("a");
    first.sees("Assign Maria Lopez to");
    first.keys("me\r");
    first.sees("assigned to agent1 (you)");
    first.sees("Unassigned 3");
    // What was said three weeks ago has been paid for.
    first.sees("cost $0.0083");

    // While one types the other sees it.
    open_maria(&second);
    first.keys("i");
    first.sees("agent2 is here");
    first.keys(FIRST);
    first.sees("48/GSM-7 · 1 seg · $0.0083");
    second.sees("agent1 is typing");
    second.sees("agent1 is here");

    // Sent, taken back, changed, sent.
    first.keys("\r");
    first.sees("sending in ");
    first.sees("… (Ctrl-Z to undo)");
    first.keys("\x1a");
    first.sees("taken back, nothing was sent");
    first.sees(FIRST);
    first.keys(&"\x1b[D".repeat(" I book it?".len()));
    first.keys("\x7f\x7f\x7f\x7f\x7fShould");
    first.sees("Should I book it?");
    first.keys("\r");
    first.sees("sending in ");
    first.misses("sending in ");
    first.sees("09:0");
    first.sees("✓✓");
    let should = FIRST.replace("Shall", "Should");
    until("one message arrives", || (api.received(MARIA).last() == Some(&should)).then_some(()));
    assert!(!api.received(MARIA).contains(&FIRST.to_owned()), "what was taken back arrived");
    first.sees("cost $0.0166");

    // One curly quote costs a segment.
    first.keys(CURLY);
    first.sees("103/UCS-2 · 2 seg · $0.0166");
    first.until("the culprit underlined", |screen, _| {
        let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
        (0..rows).any(|y| (0..columns).any(|x| screen.cell(y, x).is_some_and(|c| c.contents() == "’" && c.underline())))
    });
    first.keys("\x07");
    first.sees("103/GSM-7 · 1 seg · $0.0083");
    first.keys("\r");
    first.sees("cost $0.0249");

    // A note for the colleague, who is elsewhere meanwhile.
    second.keys("\x1b");
    second.sees("/ find");
    second.keys("\x1b");
    second.sees("opens a conversation");
    let before = api.received(MARIA).len();
    first.keys("\x1b");
    first.sees("Enter to write");
    first.keys("N");
    first.sees("NOTE · only agents see this");
    first.keys("@agent2 she prefers mornings\r");
    first.sees("NOTE · agent1 (you)");
    let row = second.line("@1");
    assert!(row.contains("Maria Lopez"), "{row}");
    assert_eq!(api.received(MARIA).len(), before, "a note left the house");

    // The next one fails; why, and again.
    api.outcome(MARIA, json!({ "status": "undelivered", "errorCode": 30003, "times": 1 }));
    first.keys("i");
    first.sees("Enter sends");
    first.keys("See you then\r");
    first.sees("✗ failed 30003");
    first.sees("cost $0.0332");
    first.keys("\x1b");
    first.sees("Enter to write");
    first.keys("?");
    first.sees("✗ 30003 Unreachable handset");
    first.sees("may work later · charged $0.0083");
    first.keys("r");
    first.sees("retry of SM");
    first.sees("✗ failed 30003 · retried");
    until("it arrives", || (api.received(MARIA).last()? == "See you then").then_some(()));
    let sids: Vec<_> =
        api.messages(&api.conversation(MARIA)).into_iter().filter(|m| m["body"] == "See you then").collect();
    assert!(sids.len() == 2 && sids[0]["sid"] != sids[1]["sid"], "{sids:?}");

    // STOP closes the composer, START opens it.
    api.text_in(MARIA, "STOP");
    first.sees("⊘ opted out of +14155550100 on Mon 2 Mar");
    first.sees("by STOP");
    first.sees("cannot send: 21610");
    first.keys("i");
    first.keys("hello");
    first.sees("nothing can be sent");
    until("the automatic answer", || api.received(MARIA).last()?.contains("unsubscribed").then_some(()));
    api.text_in(MARIA, "START");
    first.misses("opted out of");
    first.sees("✓ opted in again by START");
    first.keys("Welcome back");
    first.sees("12/GSM-7 · 1 seg · $0.0083");
    let audit = api.get("/api/audit/verify");
    assert_eq!(audit["ok"], true, "{audit}");
}

#[test]
fn an_editor_has_the_terminal_for_a_while() {
    let home = Home::new();
    let editor = home.dir.path().join("editor");
    // It says that it is there, waits for a line from the terminal and writes what it was given.
    let script = "#!/bin/sh\necho 'editor here'\nread -r line\nprintf 'From outside: %s\\n' \"$line\" >> \"$1\"\n";
    std::fs::write(&editor, script).unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut console = Console::with(&home, (100, 30), &[], &[("EDITOR", editor.to_str().unwrap())]);
    console.sees("Unassigned 3");
    console.keys("/sam");
    console.misses("Dana Brooks");
    console.keys("\ri");
    console.sees("Enter sends");
    console.keys("Yes. \x0f");
    console.until("the editor on the shell's screen", |screen, _| {
        !screen.alternate_screen() && screen.contents().contains("editor here")
    });
    assert!(console.is_cooked());
    // What happens meanwhile is not drawn over the editor, and keys are the editor's.
    let api = home.api_of(console.pid);
    api.text_in(MARIA, "Hello?");
    console.keys("q is text here\n");
    console.until("the console's screen", |screen, _| screen.alternate_screen());
    console.sees("From outside: q is text here");
    console.sees("Unassigned 4");
    assert!(!console.is_cooked());
    let left: Vec<_> = std::fs::read_dir(home.state()).unwrap().map(|f| f.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().starts_with("message-")), "{left:?}");
    assert!(api.received(crate::api::SAM).is_empty());
    console.keys("\x1b");
    console.misses("Enter sends");
    assert!(api.received(crate::api::SAM).is_empty());
    console.keys("q");
    assert_eq!(console.wait().exit_code(), 0);
}

#[test]
fn a_message_waits_and_asks_when_they_write_first() {
    let home = Home::new();
    let console = Console::open(&home, (110, 34));
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    api.post("/api/simulator/clock", json!({ "paused": true }));
    console.sees("paused");
    console.keys("/sam");
    console.misses("Dana Brooks");
    console.keys("\ri");
    console.sees("Enter sends");
    console.keys("How was your visit?\x13");
    console.sees("Send later");
    console.keys("\r");
    console.sees("waits until Tue 09:00 unless they write");
    api.text_in(crate::api::SAM, "Thanks, it was fine");
    console.sees("? they wrote first");
    api.post("/api/simulator/clock", json!({ "advanceSeconds": 90_000 }));
    console.sees("Tue 3 Mar");
    assert!(api.received(crate::api::SAM).is_empty(), "it left though they wrote first");
    console.keys("\x1b");
    console.misses("Enter sends");
    console.keys("r");
    until("it leaves when an agent says so", || {
        api.post("/api/simulator/clock", json!({ "advanceSeconds": 60 }));
        (api.received(crate::api::SAM) == ["How was your visit?"]).then_some(())
    });
}
