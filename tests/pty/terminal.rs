//! The terminal is taken and given back, whatever happens, and in whatever size it is.

use std::process::Stdio;

use crate::console::Console;
use crate::home::{Home, ended, until};

/// The terminal is as it was before: own screen gone, cursor there, no modes left over.
fn is_given_back(console: &Console) {
    console.look(|screen, _| {
        assert!(!screen.alternate_screen(), "still on the other screen");
        assert!(!screen.hide_cursor(), "the cursor is hidden");
        assert!(!screen.bracketed_paste(), "pastes are still bracketed");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
    assert!(console.is_cooked(), "no echo, or no lines");
    let raw = console.raw();
    let last = |wanted: &[u8]| raw.windows(wanted.len()).rposition(|w| w == wanted);
    assert!(last(b"\x1b[?1004l") > last(b"\x1b[?1004h"), "focus is still reported");
    assert!(last(b"\x1b[<1u") > last(b"\x1b[>1u"), "keys are still told apart");
}

#[test]
fn quitting_gives_the_terminal_back() {
    let home = Home::new();
    let mut console = Console::open(&home, (80, 24));
    console.sees("● live");
    assert!(console.look(|screen, _| screen.alternate_screen() && screen.bracketed_paste()));
    assert!(!console.is_cooked());
    console.keys("q");
    assert_eq!(console.wait().exit_code(), 0);
    is_given_back(&console);
    assert!(home.node_file().is_none(), "the node is gone, its file is not");
}

#[test]
fn signals_give_the_terminal_back() {
    for name in ["TERM", "HUP"] {
        let home = Home::new();
        let mut console = Console::open(&home, (80, 24));
        console.sees("● live");
        console.signal(name);
        assert_eq!(console.wait().exit_code(), 0, "{name}");
        is_given_back(&console);
        assert!(home.node_file().is_none(), "{name}: the node is gone, its file is not");
    }
}

#[test]
fn stopped_it_lends_the_terminal_and_takes_it_again() {
    let home = Home::new();
    let mut console = Console::open(&home, (80, 24));
    console.sees("Unassigned 3");
    console.signal("TSTP");
    console.until("the shell's screen", |screen, _| !screen.alternate_screen() && !screen.hide_cursor());
    until("it is stopped", || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", console.pid)).ok()?;
        stat.rsplit(") ").next()?.starts_with('T').then_some(())
    });
    assert!(console.is_cooked());
    console.signal("CONT");
    console.until("the console's screen", |screen, _| screen.alternate_screen());
    console.sees("Unassigned 3");
    assert!(!console.is_cooked());
    console.keys("q");
    assert_eq!(console.wait().exit_code(), 0);
    is_given_back(&console);
}

#[test]
fn an_error_before_the_first_frame_leaves_the_terminal_alone() {
    let home = Home::new();
    let mut console = Console::with(&home, (80, 24), &[], &[("SWITCHBOARD_CONSOLE_THEME", "no-such-theme")]);
    assert_eq!(console.wait().exit_code(), 2);
    let said = console.screen();
    assert!(said.starts_with("switchboard: ") && said.contains("no-such-theme"), "{said}");
    assert!(console.look(|screen, _| !screen.alternate_screen()) && console.is_cooked());
    assert!(!home.state().join("store.redb").exists(), "a console that cannot open makes no world");
}

#[test]
fn without_a_terminal_there_is_a_sentence() {
    let home = Home::new();
    let (code, out, said) = ended(home.command(&[]).stdin(Stdio::null()).output().unwrap());
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(said.starts_with("switchboard: ") && said.contains("run the console in one"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(!home.state().join("store.redb").exists(), "no world is made for nobody to look at");
}

#[test]
fn any_size_can_be_had() {
    let home = Home::new();
    let mut console = Console::open(&home, (200, 60));
    console.sees("Unassigned 3");
    console.sees("Phones");
    console.resize((60, 16));
    console.sees("Unassigned 3");
    for size in [(20, 5), (1, 1)] {
        console.resize(size);
        let first = "T";
        console.until("a word about the size", |screen, _| screen.contents().starts_with(first));
    }
    console.resize((80, 24));
    console.sees("Ctrl-P commands · ? help");
    console.sees("Unassigned 3");
    console.keys("q");
    assert_eq!(console.wait().exit_code(), 0);
}

#[test]
fn no_color_means_none() {
    let home = Home::new();
    let mut console = Console::with(&home, (120, 40), &[], &[("NO_COLOR", "1")]);
    console.sees("SANDBOX");
    console.sees("Sam Ortiz");
    console.keys("\r");
    console.sees("write");
    console.keys("q");
    assert_eq!(console.wait().exit_code(), 0);
    let colours = colours(&console.raw());
    assert!(colours.is_empty(), "colours with NO_COLOR: {colours:?}");
}

#[test]
fn colours_are_there_unless_they_are_unwanted() {
    let home = Home::new();
    let console = Console::open(&home, (120, 40));
    console.sees("Unassigned 3");
    assert!(!colours(&console.raw()).is_empty());
}

/// The SGR parameters that set a colour.
fn colours(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    let mut found = Vec::new();
    for sequence in text.split("\x1b[").skip(1) {
        let Some(end) = sequence.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':') else { continue };
        if !sequence[end..].starts_with('m') {
            continue;
        }
        let is_colour = |n: &u16| matches!(n, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107);
        let numbers: Vec<u16> = sequence[..end].split([';', ':']).filter_map(|n| n.parse().ok()).collect();
        if numbers.iter().any(is_colour) {
            found.push(sequence[..end].to_owned());
        }
    }
    found.dedup();
    found
}
