//! `switchboard doctor` with a node, a sandbox as the account, and what can be wrong with them.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::api::{OURS, client, runtime};
use crate::console::Console;
use crate::home::{Home, Serve, ended};

/// Runs it; answers the exit code and the report.
fn doctor(home: &Home, args: &[&str], variables: &[(&str, &str)]) -> (i32, Value) {
    let mut command = home.command(&[&["doctor", "--json"], args].concat());
    let output = command.envs(variables.iter().copied()).stdout(Stdio::piped()).output().unwrap();
    let (code, out, said) = ended(output);
    (code, serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}{said}")))
}

/// The findings of one check: level and text.
fn found(report: &Value, check: &str) -> Vec<(String, String)> {
    let rows = report["findings"].as_array().unwrap().iter().filter(|f| f["check"] == check);
    let text = |f: &Value, name: &str| f[name].as_str().unwrap().to_owned();
    rows.map(|f| (text(f, "level"), text(f, "text"))).collect()
}

fn says(report: &Value, check: &str, level: &str, part: &str) {
    let found = found(report, check);
    assert!(
        found.iter().any(|(l, t)| l == level && t.contains(part)),
        "{check}: no {level} with {part:?} in {found:?}"
    );
    let has_remedy = |f: &&Value| f["level"] != "info" && f["remedy"].as_str().is_none_or(str::is_empty);
    let without: Vec<&Value> = report["findings"].as_array().unwrap().iter().filter(has_remedy).collect();
    assert!(without.is_empty(), "no remedy: {without:?}");
}

#[test]
fn numbers_that_go_elsewhere_are_found_and_pointed_here_after_a_yes() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let ask = |method: &str, path: &str, form: &[(&str, &str)]| -> Value {
        runtime().block_on(async {
            let state = client().get(format!("{}/sandbox/state", api.sandbox)).send().await.unwrap();
            let state: Value = state.json().await.unwrap();
            let (sid, token) = (state["accountSid"].as_str().unwrap(), state["authToken"].as_str().unwrap());
            let url = format!("{}/api/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers{path}", api.sandbox);
            let request = client().request(method.parse().unwrap(), url).basic_auth(sid, Some(token));
            let request = if method == "POST" { request.form(form) } else { request };
            request.send().await.unwrap().json().await.unwrap()
        })
    };
    let numbers = ask("GET", ".json", &[]);
    let rows = numbers["incoming_phone_numbers"].as_array().unwrap();
    let sid = rows.iter().find(|n| n["phone_number"] == OURS).unwrap()["sid"].as_str().unwrap().to_owned();
    let one = format!("/{sid}.json");
    let (code, report) = doctor(&home, &[], &[]);
    assert_eq!(code, 0);
    says(&report, "numbers", "info", "of 2 numbers 2 go here, or where the sandbox was told");
    says(&report, "store", "info", "a running node has it open");
    ask("POST", &one, &[("SmsUrl", "https://old.example/sms")]);
    let (_, report) = doctor(&home, &["--fix"], &[]);
    says(&report, "numbers", "warning", "goes to https://old.example/sms, not here");
    assert_eq!(ask("GET", &one, &[])["sms_url"], "https://old.example/sms", "nothing without a yes");
    let (_, report) = doctor(&home, &["--fix", "--yes"], &[]);
    says(&report, "numbers", "info", "not here: put right");
    let url = ask("GET", &one, &[])["sms_url"].as_str().unwrap().to_owned();
    assert!(url.starts_with(&api.base), "{url}");
    assert_eq!(home.run(&["numbers", "unpoint", OURS]).0, 0);
    assert_eq!(ask("GET", &one, &[])["sms_url"], "https://old.example/sms");
}

#[test]
fn a_directory_that_others_can_read_is_closed() {
    let home = Home::new();
    let serve = Serve::start(&home);
    serve.kill();
    let mode = || std::fs::metadata(home.state()).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(home.state(), PermissionsExt::from_mode(0o755)).unwrap();
    let (code, report) = doctor(&home, &[], &[]);
    assert_eq!((code, mode()), (0, 0o755), "looking changes nothing");
    says(&report, "files", "warning", "mode 755");
    says(&report, "node", "warning", "did not end properly");
    let (_, report) = doctor(&home, &["--fix"], &[]);
    assert_eq!(mode(), 0o700);
    let fixed = report["findings"].as_array().unwrap().iter().find(|f| f["fixed"] == true).unwrap();
    assert_eq!(fixed["level"], "info");
    says(&doctor(&home, &[], &[]).1, "files", "info", "state lies in");
}

/// A server that answers every connection with these bytes.
fn answers(bytes: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            let _ = stream.write_all(bytes.as_bytes());
        }
    });
    base
}

#[test]
fn the_public_address_is_asked_and_what_is_wrong_with_it_told_apart() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let at = |url: &str| doctor(&home, &[], &[("SWITCHBOARD_SERVER_PUBLIC_URL", url)]).1;
    says(&at(&api.base), "reachability", "info", "leads to this node");
    let other = Home::new();
    let second = Serve::start(&other);
    says(&at(second.said["base"].as_str().unwrap()), "reachability", "error", "another Switchboard node");
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    says(&at(&format!("http://{gone}")), "reachability", "error", "refused");
    let web = answers("HTTP/1.1 404 Not Found\r\nserver: nginx\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    says(&at(&web), "reachability", "error", "another server (nginx)");
    let proxy = answers("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    says(&at(&proxy), "reachability", "error", "does not reach this node");
    says(&at(&web.replace("http:", "https:")), "reachability", "error", "TLS fails");
    says(&at("http://no-such-name.invalid"), "reachability", "error", "(DNS)");
}

#[test]
fn credentials_are_asked_for_at_the_account() {
    let home = Home::new();
    // A sandbox that plays the account of another program.
    let twilio = Serve::with(&home, &["sandbox", "--json"]);
    let text = |name: &str| twilio.said[name].as_str().unwrap().to_owned();
    let (base, account, token) = (text("base"), text("accountSid"), text("authToken"));
    let (key, secret) = (text("apiKeySid"), text("apiKeySecret"));
    let ask = |token: &str, key: Option<(&str, &str)>| {
        let mut variables =
            vec![("TWILIO_BASE_URL", base.as_str()), ("TWILIO_ACCOUNT_SID", &account), ("TWILIO_AUTH_TOKEN", token)];
        if let Some((key, secret)) = key {
            variables.extend([("TWILIO_API_KEY", key), ("TWILIO_API_SECRET", secret)]);
        }
        doctor(&home, &[], &variables)
    };
    let (code, report) = ask(&token, None);
    assert_eq!(code, 0, "{report}");
    says(&report, "credentials", "info", "the credentials are right");
    says(&report, "clock", "info", "agrees");
    let wrong = "0".repeat(32);
    let (code, report) = ask(&wrong, None);
    assert_eq!(code, 1);
    says(&report, "credentials", "error", "accepts neither");
    assert!(!report.to_string().contains(&wrong), "{report}");
    says(&ask(&token, Some((&key, &secret))).1, "credentials", "info", "the credentials are right");
    says(&ask(&token, Some((&key, "wrong"))).1, "credentials", "error", "API key or its secret is wrong");
    says(&ask(&wrong, Some((&key, &secret))).1, "credentials", "error", "the auth token is wrong");
    drop(twilio);
    says(&ask(&token, None).1, "credentials", "error", "cannot be asked");
    assert_eq!(json!(null), ask(&token, None).1["base"]);
}

#[test]
fn a_terminal_is_looked_at_where_there_is_one() {
    let home = Home::new();
    let mut small = Console::with(&home, (110, 15), &["doctor"], &[("LANG", "C"), ("NO_COLOR", "1")]);
    small.sees("110x15 is too small for the console");
    small.sees("the locale has no UTF-8");
    small.sees("xterm-256color, no colours");
    assert_eq!(small.wait().exit_code(), 0);
}
