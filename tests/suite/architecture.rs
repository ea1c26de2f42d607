//! The shape of the source tree, as a table, and the checker that holds the tree to it.
//!
//! A wrong arrow between rooms, a crate that a room must not know, a file that has grown too large, a
//! name that says nothing, a path of somebody's machine: each is a line in the failure.

mod source;

use std::fs;
use std::path::{Path, PathBuf};

use source::{Use, fields_of_struct, uses};

/// What each room may import of ours: a room, or one module of a room. `*` is everything.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("api", &["domain"]),
    ("clock", &["domain"]),
    ("config", &["domain"]),
    ("telemetry", &["config"]),
    ("store", &["domain", "clock", "telemetry"]),
    ("twilio", &["domain", "clock", "telemetry"]),
    ("core", &["domain", "api", "store", "twilio", "clock", "config", "telemetry"]),
    ("web", &["domain", "api", "core", "twilio", "clock", "config", "telemetry"]),
    ("link", &["domain", "api", "core", "clock", "telemetry"]),
    ("tui", &["domain", "api", "link", "clock", "config", "telemetry"]),
    ("sandbox", &["domain::phone", "domain::sms"]),
    ("cli", &["domain", "api", "link", "config", "telemetry"]),
    // The one place that starts everything.
    ("cli::run", &["*"]),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Crates and modules of others that a room must not know.
const STRANGERS: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "std::fs",
            "std::net",
            "std::process",
            "std::env",
            "std::thread",
            "std::time::SystemTime",
            "std::time::Instant",
            "tokio",
            "futures_util",
            "reqwest",
            "warp",
            "redb",
            "ratatui",
            "crossterm",
        ],
    ),
    ("api", &["std::fs", "std::net", "tokio", "reqwest", "warp", "redb", "ratatui", "crossterm"]),
    ("store", &["reqwest", "warp", "ratatui", "crossterm"]),
    ("twilio", &["redb", "warp", "ratatui", "crossterm"]),
    ("core", &["redb", "warp", "ratatui", "crossterm"]),
    ("web", &["redb", "ratatui", "crossterm"]),
    ("link", &["redb", "warp", "ratatui", "crossterm"]),
    ("tui", &["redb", "reqwest", "warp"]),
    ("sandbox", &["ratatui", "crossterm"]),
    ("cli", &["redb", "warp", "ratatui"]),
    ("config", &["tokio", "reqwest", "warp", "redb", "ratatui", "crossterm"]),
];

/// Rooms in which time is carried in.
const CLOCKLESS: &[&str] = &["domain", "api"];

/// A file longer than this fails; one longer than the other is printed.
const MAX_LINES: usize = 500;
const LONG_LINES: usize = 350;

/// `tui::App` has fewer fields than this: each pane owns its own state.
const APP_FIELDS: usize = 15;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["util", "utils", "helper", "helpers", "base", "manager", "managers"];

/// Beginnings of paths that exist on one machine only. In pieces, so that this file has none of them.
const MACHINE_PATHS: &[&str] = &[
    concat!("/ho", "me/"),
    concat!("/ro", "ot/"),
    concat!("/Us", "ers/"),
    concat!("/wo", "rk/"),
    concat!("/tm", "p/wt"),
    concat!("C:", "\\Us", "ers"),
];

/// What is found in a tree: faults, and remarks that fail nothing.
#[derive(Debug, Default)]
struct Findings {
    faults: Vec<String>,
    remarks: Vec<String>,
}

fn check(root: &Path) -> Findings {
    let mut found = Findings::default();
    let src = root.join("src");
    for file in files(&src) {
        if file.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&file).unwrap();
            let module = module_of(file.strip_prefix(&src).unwrap());
            check_arrows(&shown(root, &file), &module, &text, &mut found);
            if module.first().is_some_and(|room| room == "tui") {
                check_app(&shown(root, &file), &text, &mut found);
            }
        }
    }
    for file in files(root) {
        check_file(root, &file, &mut found);
    }
    found
}

fn check_arrows(file: &str, module: &[String], text: &str, found: &mut Findings) {
    let name = module.join("::");
    let row = ARROWS.iter().filter(|(room, _)| is_or_within(&name, room)).max_by_key(|(room, _)| room.len());
    let Some((room, allowed)) = row else {
        found.faults.push(format!("{file}: `{name}` is in no room of the table"));
        return;
    };
    let top = room.split("::").next().unwrap_or(room);
    let strangers = STRANGERS.iter().find(|(r, _)| r == room).map_or(&[][..], |(_, s)| *s);
    for Use { line, path } in uses(text, module) {
        let whole = path.join("::");
        if let Some(ours) = whole.strip_prefix("crate::") {
            let known = ARROWS.iter().any(|(r, _)| is_or_within(ours, r));
            let fine = is_or_within(ours, top) || allowed.iter().any(|a| *a == "*" || is_or_within(ours, a));
            if known && !fine {
                found.faults.push(format!("{file}:{line}: {room} must not import {ours}"));
            }
        } else if let Some(stranger) = strangers.iter().find(|s| is_or_within(&whole, s)) {
            found.faults.push(format!("{file}:{line}: {room} must not know {stranger}"));
        }
        if CLOCKLESS.contains(room) && path.last().is_some_and(|last| last == "now") && path.len() > 1 {
            found.faults.push(format!("{file}:{line}: {room} has no clock: carry the time in instead of {whole}"));
        }
    }
}

fn check_app(file: &str, text: &str, found: &mut Findings) {
    if let Some(count) = fields_of_struct(text, "App").filter(|count| *count >= APP_FIELDS) {
        found.faults.push(format!("{file}: App has {count} fields: give them to the panes that own them"));
    }
}

fn check_file(root: &Path, file: &Path, found: &mut Findings) {
    let name = shown(root, file);
    let parts = Path::new(&name).components().map(|c| c.as_os_str().to_string_lossy().into_owned());
    for part in parts {
        let stem = part.split('.').next().unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            found.faults.push(format!("{name}: `{stem}` does not say what is inside"));
        }
    }
    let Ok(text) = fs::read_to_string(file) else { return };
    if name.ends_with(".rs") {
        match text.lines().count() {
            lines if lines > MAX_LINES => found.faults.push(format!("{name}: {lines} lines: split it")),
            lines if lines > LONG_LINES => found.remarks.push(format!("{name}: {lines} lines")),
            _ => {}
        }
    }
    for (number, line) in text.lines().enumerate() {
        if let Some(path) = MACHINE_PATHS.iter().find(|p| line.contains(**p)) {
            found.faults.push(format!("{name}:{}: `{path}` is a path of one machine", number + 1));
        }
        let source = line.strip_prefix("source = ").filter(|_| name == "Cargo.lock");
        if source.is_some_and(|s| s != "\"registry+https://github.com/rust-lang/crates.io-index\"") {
            found.faults.push(format!("{name}:{}: a package that is not from crates.io", number + 1));
        }
    }
}

fn is_or_within(path: &str, room: &str) -> bool {
    path.strip_prefix(room).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The module that a file of `src` is: `tui/app.rs` is `[tui, app]`.
fn module_of(file: &Path) -> Vec<String> {
    let mut parts: Vec<String> =
        file.with_extension("").components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

fn shown(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

/// Every file below, without what is built or downloaded.
fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return out };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if ["target", ".git", "node_modules", "__pycache__", ".venv"].iter().any(|skip| name == *skip) {
            continue;
        }
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => out.extend(files(&path)),
            Ok(kind) if kind.is_file() => out.push(path),
            _ => {}
        }
    }
    out.sort();
    out
}

#[test]
fn the_tree_keeps_its_shape() {
    let found = check(Path::new(env!("CARGO_MANIFEST_DIR")));
    for remark in &found.remarks {
        println!("long: {remark}");
    }
    assert!(found.faults.is_empty(), "\n{}\n", found.faults.join("\n"));
}

/// A tree with one file, and what is found in it.
fn planted(file: &str, text: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    check(dir.path()).faults
}

#[test]
fn a_planted_fault_is_found() {
    let fields: String = (0..15).map(|n| format!("pub f{n}: std::collections::HashMap<u8, u8>,\n")).collect();
    let app = format!("/// x: y\npub struct App {{\n{fields}}}");
    let machine = concat!("let p = \"/ro", "ot/x\";");
    let cases = [
        (
            "src/tui/panes/inbox.rs",
            "use crate::core::Core;",
            "src/tui/panes/inbox.rs:1: tui must not import core::Core",
        ),
        ("src/domain/x.rs", "\nuse crate::{\n  api::When,\n};", "src/domain/x.rs:3: domain must not import api::When"),
        ("src/api/x.rs", "fn f() { crate::store::open(); }", "src/api/x.rs:1: api must not import store::open"),
        ("src/store/redb/x.rs", "use super::super::super::web::y;", "store must not import web::y"),
        (
            "src/web/x.rs",
            "mod a { mod b { fn f() { super::super::super::super::store::g() } } }",
            "web must not import",
        ),
        ("src/sandbox/x.rs", "use crate::domain::{phone, id::Sid};", "sandbox must not import domain::id::Sid"),
        ("src/link/x.rs", "use ratatui::widgets::{Block, List};", "link must not know ratatui"),
        ("src/core/x.rs", "async fn f() { warp::serve(x).await }", "core must not know warp"),
        ("src/domain/x.rs", "use std::{fmt, fs};", "domain must not know std::fs"),
        ("src/domain/x.rs", "fn f() -> T { Timestamp::now() }", "domain has no clock"),
        ("src/cli/doctor.rs", "use crate::store::redb;", "cli must not import store::redb"),
        ("src/attic/x.rs", "", "`attic::x` is in no room of the table"),
        ("src/tui/app.rs", &app, "App has 15 fields"),
        ("src/core/utils.rs", "", "`utils` does not say what is inside"),
        ("tests/long.rs", &"\n".repeat(501), "501 lines: split it"),
        ("assets/x.toml", machine, "is a path of one machine"),
        ("Cargo.lock", "source = \"registry+https://mirror.example/index\"", "is not from crates.io"),
    ];
    for (file, text, part) in cases {
        let faults = planted(file, text);
        assert!(faults.iter().any(|f| f.contains(part)), "{file}: {text}\n{faults:?}");
    }
}

#[test]
fn what_is_right_is_left_alone() {
    let cases = [
        ("src/cli/run/serve.rs", "use crate::{core::Core, web, sandbox};"),
        (
            "src/sandbox/x.rs",
            "use super::super::domain::phone::Phone;\nuse super::clock::now;\nuse crate::sandbox::state;",
        ),
        (
            "src/tui/x.rs",
            "// use crate::core::Core;\n/* crate::store /* nested */ ::x */\nconst S: &str = \"crate::core::X\";",
        ),
        (
            "src/tui/y.rs",
            "const R: &str = r#\"use crate::core::X; \" \"#; fn f<'a>(c: char) -> bool { c == '\"' || c == '\\'' }",
        ),
        ("src/tui/app.rs", "pub struct App { pub a: u8, b: Vec<(u8, u8)> }\npub struct Apple { a: u8 }"),
        ("src/domain/x.rs", "use std::time::Duration;\nfn f(now: u8) -> u8 { now }"),
        ("src/web/x.rs", "fn f() -> impl Send + use<> { { ; } } fn g() {}\nuse {;"),
        ("src/main.rs", "fn main() { switchboard::cli::main() }"),
    ];
    for (file, text) in cases {
        assert_eq!(planted(file, text), Vec::<String>::new(), "{file}: {text}");
    }
}
