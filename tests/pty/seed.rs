//! `switchboard seed`: worlds with a history, played through the sandbox and our own operations.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::home::{Home, Serve, signal, until, wait};

/// A day's attempts, as they are listed after the world was seeded and opened.
fn attempts(home: &Home) -> (Vec<Value>, Serve) {
    let (code, said, error) = home.run(&["seed", "admin-200", "--yes"]);
    assert_eq!(code, 0, "{said}{error}");
    assert!(error.contains("playing 200 verifications"), "{error}");
    let serve = Serve::start(home);
    let api = home.api_of(serve.child.id());
    let bank = api.get("/api/businesses")["default"].as_str().unwrap().to_owned();
    (api.pages(&format!("/api/businesses/{bank}/verify/attempts?limit=150")), serve)
}

fn word<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or("-")
}

#[test]
fn admin_200_is_two_hundred_verifications_that_end_as_told() {
    let home = Home::new();
    let (rows, serve) = attempts(&home);
    let mut counts = BTreeMap::new();
    for row in &rows {
        let price = row["price"]["amount"].as_str().unwrap_or("-");
        let converted = row["converted"].as_bool();
        *counts.entry((word(row, "channel"), word(row, "status"), price, converted)).or_insert(0) += 1;
    }
    let told = BTreeMap::from([
        (("call", "approved", "0.014", Some(true)), 21),
        (("call", "expired", "0.014", Some(false)), 9),
        (("email", "approved", "0", Some(true)), 8),
        (("email", "expired", "0", Some(false)), 2),
        (("sms", "approved", "0.0083", Some(true)), 119),
        (("sms", "blocked", "-", None), 3),
        (("sms", "expired", "0.0083", Some(false)), 12),
        (("sms", "maxAttempts", "0.0083", Some(false)), 6),
        (("whatsapp", "approved", "0.0147", Some(true)), 17),
        (("whatsapp", "expired", "0.0147", Some(false)), 3),
    ]);
    assert_eq!(counts, told);
    // The whole of it lies on March 1 in Los Angeles.
    let day = "2026-03-01T08:00:00Z".."2026-03-02T08:00:00Z";
    assert!(rows.iter().all(|row| day.contains(&word(row, "createdAt"))), "{rows:?}");

    let api = home.api_of(serve.child.id());
    assert_eq!(api.get("/api/audit/verify")["ok"], true);
    assert!(word(&api.get("/api/node"), "now").starts_with("2026-03-02T17:00"), "nine o'clock the day after");

    // What an approved one and a blocked one look like is what a lived one looks like.
    let bank = api.get("/api/businesses")["default"].as_str().unwrap().to_owned();
    let flow = |status: &str| {
        let row = rows.iter().find(|row| word(row, "status") == status && word(row, "channel") == "sms").unwrap();
        api.get(&format!("/api/businesses/{bank}/verify/flows/{}", word(row, "flow")))
    };
    let steps = |flow: &Value| -> Vec<String> {
        flow["timeline"].as_array().unwrap().iter().map(|line| word(line, "what").to_owned()).collect()
    };
    let approved = flow("approved");
    assert_eq!(steps(&approved), ["created", "queued", "delivered", "rightCode", "approved"], "{approved}");
    assert_eq!(approved["flow"]["cost"]["total"]["amount"], "0.0583");
    let blocked = flow("blocked");
    assert_eq!(blocked["attempts"][0]["error"], 60410, "{blocked}");
    assert_eq!(steps(&flow("maxAttempts")).iter().filter(|what| *what == "wrongCode").count(), 5);
}

#[test]
fn the_same_world_has_the_same_sids_and_times() {
    let of = || {
        let home = Home::new();
        let (rows, _serve) = attempts(&home);
        let fields = ["sid", "verification", "service", "phoneNumber", "createdAt"];
        rows.iter().map(|row| fields.map(|name| word(row, name).to_owned())).collect::<Vec<_>>()
    };
    let first = of();
    assert_eq!(first.len(), 200);
    assert_eq!(of(), first);
}

#[test]
fn a_seed_that_is_broken_off_leaves_the_world_as_it_was() {
    let home = Home::new();
    let mut serve = Serve::start(&home);
    let before = home.api_of(serve.child.id()).get("/api/businesses");
    signal(serve.child.id(), "TERM");
    assert!(wait(&mut serve.child).success());
    let quiet = || std::process::Stdio::null();
    let mut seed = home.command(&["seed", "admin-200", "--yes"]).stdout(quiet()).stderr(quiet()).spawn().unwrap();
    let store = home.state().with_extension("seeding").join("store.redb");
    until("it plays", || store.exists().then_some(()));
    seed.kill().unwrap();
    seed.wait().unwrap();
    let serve = Serve::start(&home);
    assert_eq!(home.api_of(serve.child.id()).get("/api/businesses"), before);
    // And it can be told again, when nobody is in it.
    let (code, _, said) = home.run(&["seed", "admin-200", "--yes"]);
    assert!(code != 0 && said.contains("a node runs here"), "{said}");
}
