//! A conversation written out by a command, and requests written down as code that does what it says.

use std::process::Command;

use serde_json::Value;

use crate::api::{Api, MARIA, OURS};
use crate::home::{Home, Serve};

/// A node in whose conversation with Maria a text stands that is a formula to a spreadsheet.
fn told() -> (Home, Serve, Api, String) {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = Api::of(&home.node_file().unwrap());
    api.text_in(MARIA, "=HYPERLINK(\"http://x\")\n\u{1b}[2J, it's me");
    let id = crate::home::until("it is there", || {
        let view = api.conversation(MARIA);
        (view["unread"] == 1).then(|| view["id"].as_str().unwrap().to_owned())
    });
    (home, serve, api, id)
}

#[test]
fn a_conversation_is_written_out_whole() {
    let (home, _serve, api, id) = told();
    let (code, out, said) = home.run(&["export", "--thread", &id]);
    assert_eq!(code, 0, "{said}");
    assert!(out.starts_with(&format!("Maria Lopez {MARIA} with {OURS}\n")), "{out}");
    assert!(
        out.contains("\n  =HYPERLINK(\"http://x\")\n  \u{1b}[2J, it's me\n"),
        "raw where no terminal reads it: {out}"
    );
    let (_, out, _) = home.run(&["export", "--thread", &id, "--format", "json"]);
    let whole: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(whole["messages"].as_array().unwrap().len(), api.messages(&api.conversation(MARIA)).len());
    let path = home.dir.path().join("maria.csv");
    let path = path.to_str().unwrap();
    let (code, _, said) = home.run(&["export", "--thread", &id, "--format", "csv", "--output", path]);
    assert_eq!(code, 0, "{said}");
    let table = std::fs::read_to_string(path).unwrap();
    assert!(table.contains("\"'=HYPERLINK(\"\"http://x\"\")"), "{table}");
    assert!(table.contains("'+14155550123"), "{table}");
    let (code, _, said) = home.run(&["export", "--thread", &id, "--output", path]);
    assert_eq!(code, 1, "a file that is there stays: {said}");
}

#[test]
fn what_is_written_down_as_code_does_the_same() {
    let (home, _serve, api, id) = told();
    let body = "it's $(touch x) \"on\"\nFriday";
    let send = ["send", "--conversation", &id, "--body", body, "--hold-seconds", "0"];
    let (code, curl, said) = home.run(&[&send[..], &["--as", "curl"]].concat());
    assert_eq!(code, 0, "{said}");
    let ran = Command::new("sh").arg("-c").arg(curl.trim_end()).env("SWITCHBOARD_TOKEN", api.token()).output().unwrap();
    let answer: Value = serde_json::from_slice(&ran.stdout)
        .unwrap_or_else(|_| panic!("{curl}\n{}", String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat())));
    assert_eq!(answer["body"], body, "{answer}");
    let message = answer["id"].as_str().unwrap();
    crate::home::until("Maria has it", || api.received(MARIA).contains(&body.to_owned()).then_some(()));
    let (code, asked, said) = home.run(&["messages", "upstream", message, "--as", "twilio-python"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        asked.contains("client.messages.create(\n    to=\"+14155550123\",\n    from_=\"+14155550100\","),
        "{asked}"
    );
    let (code, _, said) = home.run(&["conversations", "list", "--as", "twilio-node"]);
    assert_eq!(code, 2, "{said}");
}
