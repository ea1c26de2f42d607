//! A customer's text speaks to people, never to the terminal.

use serde_json::json;

use crate::api::MARIA;
use crate::console::Console;
use crate::home::Home;

/// What a terminal would obey: a title, a colour, a bell, the clipboard, an 8-bit CSI, and marks that
/// turn the direction of writing.
const BODY: &str = "\x1b]0;owned\x07 \x1b[31mred\x1b[0m \x1b]52;c;b3duZWQ=\x07 \u{9b}2J \u{202e}txt.exe\u{202c} \u{2066}x\u{2069} \u{200f}end\x08";

/// None of these may reach the terminal; the program itself writes none of them.
const FORBIDDEN: [&[u8]; 10] = [
    b"\x1b]0;owned",
    b"\x1b]52;",
    b"\x1b[31mred",
    b"owned\x07",
    "\u{9b}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{202c}".as_bytes(),
    "\u{2066}".as_bytes(),
    "\u{2069}".as_bytes(),
    b"\x08",
];

#[test]
fn no_byte_of_it_reaches_the_terminal() {
    let home = Home::new();
    let console = Console::open(&home, (140, 40));
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    api.text_in(MARIA, BODY);
    api.put("/api/contacts/%2B14155550123", json!({ "address": MARIA, "name": format!("Maria {BODY}") }));
    console.sees("●1 Maria ␛]0;owned");
    console.until("the title", |_, told| told.title == "(4) switchboard");
    // The list, the thread with its head, the phone, and what is laid over them.
    console.keys("/maria");
    console.misses("Sam Ortiz");
    console.keys("\r");
    console.sees("— new —");
    console.sees("▏ ␛]0;owned␇ ␛[31mred␛[0m");
    console.keys("a");
    console.sees("Assign Maria ␛]0;owned");
    console.keys("\x1b");
    console.misses("Assign Maria");
    console.keys("\x10");
    console.sees("Commands and conversations");
    console.keys("maria");
    console.keys("\x1b");
    console.misses("Commands and conversations");
    console.keys("gp");
    console.sees("as Maria ␛]0;owned");
    let raw = console.raw();
    for bytes in FORBIDDEN {
        let there = raw.windows(bytes.len()).position(|w| w == bytes);
        assert_eq!(there, None, "{:?} reached the terminal", String::from_utf8_lossy(bytes));
    }
    assert_eq!(console.look(|_, told| told.title.clone()), "(4) switchboard");

    // A command prints the same text to a terminal of its own.
    let (code, out, _) = home.run(&["conversations", "list"]);
    assert_eq!(code, 0);
    assert!(out.contains("␛]0;owned"), "{out}");
    for bytes in FORBIDDEN {
        assert!(!out.as_bytes().windows(bytes.len()).any(|w| w == bytes), "{:?}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn what_is_pasted_is_text() {
    let home = Home::new();
    let console = Console::open(&home, (100, 30));
    console.sees("Unassigned 3");
    console.keys("/sam");
    console.misses("Dana Brooks");
    console.keys("\r");
    console.sees("Is parking free");
    console.keys("i");
    console.sees("Enter sends");
    // A line break in what is pasted sends nothing.
    console.keys("\x1b[200~first\rsecond \x1b]0;owned\x07third\x1b[201~");
    console.sees("first");
    console.sees("third");
    assert!(!console.screen().contains("sending in"));
    assert!(!console.raw().windows(9).any(|w| w == b"\x1b]0;owned"));
}
