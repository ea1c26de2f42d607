//! What the console asks for is what it can ask for: the call behind each operation is compiled in by a list.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use switchboard::api::OPERATIONS;

/// Asked for otherwise, or the name of an action as well.
const OTHERWISE: &[&str] = &["SetPresence"];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, found),
            false => found.push(path),
        }
    }
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').collect()
}

#[test]
fn the_console_can_ask_for_every_operation_that_it_names() {
    let tui = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui");
    let list = fs::read_to_string(tui.join("call.rs")).unwrap();
    let listed = words(&list);
    let mut files = Vec::new();
    sources(&tui, &mut files);
    let mut missing = BTreeSet::new();
    let mut named = 0;
    for file in files.iter().filter(|file| !file.ends_with("call.rs")) {
        let text = fs::read_to_string(file).unwrap();
        let words = words(&text);
        for spec in OPERATIONS.iter().filter(|spec| words.contains(spec.name) && !OTHERWISE.contains(&spec.name)) {
            named += 1;
            if !listed.contains(spec.name) {
                missing.insert(format!("{} ({})", spec.name, file.display()));
            }
        }
    }
    assert!(named > 40, "the sources of the console were not read: {named}");
    assert!(missing.is_empty(), "not in the list of src/tui/call.rs: {missing:#?}");
}
