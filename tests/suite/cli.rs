//! The program as people and scripts run it: words, exit codes, and what stands on which stream.

use serde_json::{Value, json};
use switchboard::api::OPERATIONS;

use crate::node::{Home, Node, TOKEN, ended, text};

/// A home with a node that runs in it, and the arguments that lead there.
fn with_node() -> (Home, Node, String) {
    let home = Home::new();
    let node = Node::start(Some(&home.paths()));
    let state = text(&home.dir.path().join("state")).to_owned();
    (home, node, state)
}

#[test]
fn help_lists_every_operation_and_starts_nothing() {
    let home = Home::new();
    let (code, help, _) = home.run(&["--help"]);
    assert_eq!(code, 0);
    for spec in OPERATIONS {
        let words: Vec<&str> = spec.command.split(' ').collect();
        assert!(help.contains(&format!("  {}", words[0])), "{}", spec.command);
        let (code, said, _) = home.run(&[&words[..], &["--help"]].concat());
        assert_eq!(code, 0, "{}", spec.command);
        assert!(said.contains(&format!("{} {}", spec.method.as_str(), spec.path)), "{said}");
    }
    assert_eq!(std::fs::read_dir(home.dir.path()).unwrap().count(), 0, "help leaves nothing behind");
}

#[test]
fn completions_and_manual_know_the_operations() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = home.run(&["completions", shell]);
        assert!(code == 0 && script.contains("conversations"), "{shell}");
    }
    let (code, page, _) = home.run(&["man"]);
    assert!(code == 0 && page.contains(".TH switchboard"), "{page}");
    let pages = home.dir.path().join("pages");
    assert_eq!(home.run(&["man", "--dir", text(&pages)]).0, 0);
    assert!(pages.join("switchboard-conversations-list.1").exists());
}

#[test]
fn without_a_node_an_operation_ends_with_3() {
    let (code, out, said) = Home::new().run(&["conversations", "list"]);
    assert_eq!((code, out.as_str()), (3, ""));
    assert!(said.starts_with("switchboard: no node runs here in the sandbox: start one with"), "{said}");
}

#[test]
fn a_wrong_line_or_setting_ends_with_2() {
    let home = Home::new();
    assert_eq!(home.run(&["conversations", "list", "--tab", "nine"]).0, 2);
    assert_eq!(home.run(&["conversations", "show", "none"]).0, 2);
    assert_eq!(home.run(&["conversations"]).0, 2);
    let ended = ended(home.command(&["node"]).env("SWITCHBOARD_STORE_CACHE_MB", "much").output().unwrap());
    assert_eq!(ended.0, 2);
    assert_eq!(ended.2, "switchboard: SWITCHBOARD_STORE_CACHE_MB: `store.cache_mb` takes a whole number\n");
}

#[test]
fn an_operation_finds_the_node_and_says_who_asks() {
    let (home, node, state) = with_node();
    let (code, out, said) =
        home.run(&["--state-dir", &state, "conversations", "list", "--business", "Harbor Dental", "--json"]);
    assert_eq!((code, said.as_str()), (0, ""));
    let reply: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&reply["business"], out.lines().count()), (&json!("3"), 1));
    assert_eq!(node.last().agent.as_deref(), Some("kim"));
    assert_eq!(node.last().body, json!("business=3"));
    home.run(&["--state-dir", &state, "--agent", "agent2", "agents", "list"]);
    assert_eq!(node.last().agent.as_deref(), Some("agent2"));
    let (code, _, said) = home.run(&["--state-dir", &state, "conversations", "list", "--business", "north"]);
    assert_eq!(code, 2);
    assert!(said.contains("Northwind Bank (4), Northern Lights (5)"), "{said}");
}

#[test]
fn what_comes_from_outside_cannot_speak_to_the_terminal() {
    let (home, _node, state) = with_node();
    let (code, out, _) = home.run(&["--state-dir", &state, "agents", "list"]);
    assert_eq!((code, out.as_str()), (0, "HANDLE  NAME\nagent1  Kim␛]0;owned␇\n"));
}

#[test]
fn what_needs_a_yes_ends_with_4_until_it_is_given() {
    let (home, node, state) = with_node();
    let delete = ["--state-dir", &state, "businesses", "delete", "4"];
    let (code, out, said) = home.run(&delete);
    assert_eq!((code, out.as_str()), (4, ""));
    assert!(
        said.contains("this deletes Northwind Bank: repeat with --yes, or with --confirm \"Northwind Bank\""),
        "{said}"
    );
    assert_eq!(home.run(&[&delete[..], &["--yes"]].concat()), (0, "done\n".into(), String::new()));
    assert_eq!(home.run(&[&delete[..], &["--confirm", "Northwind Bank"]].concat()).0, 0);
    assert_eq!(home.run(&[&delete[..], &["--confirm", "Northwind"]].concat()).0, 4);
    assert_eq!(node.last().line, "DELETE /api/businesses/4");
}

#[test]
fn a_refusal_ends_with_1_and_is_json_for_programs() {
    let (home, _node, state) = with_node();
    let (code, out, said) = home.run(&["--state-dir", &state, "conversations", "show", "77", "--json"]);
    assert_eq!((code, out.as_str()), (1, ""));
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["exit"], &said["error"]["code"]), (&json!(1), &json!("not_found")));
    let (code, out, said) = home.run(&["--state-dir", &state, "audit", "verify"]);
    assert_eq!((code, out.as_str()), (1, "audit chain BROKEN (9 entries)\n  lane 0, entry 3\n"));
    assert!(said.contains("found faults"), "{said}");
}

#[test]
fn a_node_elsewhere_wants_a_token_that_is_no_flag() {
    let home = Home::new();
    let node = Node::start(None);
    let list = ["agents", "list", "--connect", &node.base];
    let (code, _, said) = home.run(&list);
    assert_eq!(code, 2);
    assert!(said.contains("set SWITCHBOARD_TOKEN or give --token-file"), "{said}");
    let (code, ..) = ended(home.command(&list).env("SWITCHBOARD_TOKEN", TOKEN).output().unwrap());
    assert_eq!(code, 0);
    assert_eq!(node.last().agent, None, "a person's own token says who they are");
    let file = home.dir.path().join("token");
    std::fs::write(&file, "wrong\n").unwrap();
    let (code, _, said) = home.run(&[&list[..], &["--token-file", text(&file)]].concat());
    assert_eq!(code, 1);
    assert!(said.contains("this token is not known"), "{said}");
    let gone = node.base.clone();
    drop(node);
    let list = ["agents", "list", "--connect", &gone];
    let (code, _, said) = ended(home.command(&list).env("SWITCHBOARD_TOKEN", TOKEN).output().unwrap());
    assert_eq!(code, 3, "{said}");
}

#[test]
fn doctor_names_the_node_and_what_is_wrong() {
    let (home, node, state) = with_node();
    let (code, out, said) = home.run(&["--state-dir", &state, "doctor", "--json"]);
    assert_eq!(code, 0, "{out}{said}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["base"], node.base);
    assert_eq!(report["sandbox"], "http://127.0.0.1:2");
    assert!(report["findings"].as_array().unwrap().iter().all(|f| f["level"] != "error"));
    let half = ended(home.command(&["doctor"]).env("TWILIO_AUTH_TOKEN", "very-secret").output().unwrap());
    assert_eq!(half.0, 1);
    assert!(half.1.starts_with("ERROR    settings      `twilio.account_sid` is missing"), "{}", half.1);
    assert!(!half.1.contains("very-secret") && !half.2.contains("very-secret"));
}

#[test]
fn files_are_brought_along_and_written_where_a_person_wants_them() {
    let (home, node, state) = with_node();
    let picture = home.dir.path().join("car.png");
    std::fs::write(&picture, "png").unwrap();
    let send = ["--state-dir", &state, "send", "--to", "+14155550123", "--media", text(&picture)];
    let (code, _, said) = home.run(&[&send[..], &["--media", "https://x.example/a.png"]].concat());
    assert_eq!((code, said.as_str()), (0, ""));
    let sent = json!({"to": "+14155550123", "media": ["77", "https://x.example/a.png"]});
    assert_eq!((node.last().line.as_str(), node.last().body), ("POST /api/conversations/messages", sent));
    let asked = node.asked.lock().unwrap().clone();
    let upload = asked.iter().find(|a| a.line == "POST /api/media").unwrap();
    assert_eq!(upload.body, json!("name=car.png"));
    let (code, _, said) = home.run(&["--state-dir", &state, "send", "--to", "+14155550123", "--media", "none.png"]);
    assert_eq!(code, 2);
    assert!(said.contains("the file none.png cannot be read"), "{said}");

    let output = home.dir.path().join("saved.png");
    let save = ["--state-dir", &state, "media", "save", "5", "0", "--output", text(&output)];
    assert_eq!(home.run(&save).0, 0);
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "\"the file\"");
    std::fs::write(&output, "mine").unwrap();
    let (code, _, said) = home.run(&save);
    assert_eq!(code, 1);
    assert!(said.contains("is there already: name another with --output, or replace it with --force"), "{said}");
    assert_eq!(std::fs::read_to_string(&output).unwrap(), "mine");
    let (code, out, _) = home.run(&[&save[..], &["--force", "--json"]].concat());
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &said["size"]), (0, &json!(10)));
    assert_eq!(home.run(&["--state-dir", &state, "media", "save", "6"]).0, 1);
}
