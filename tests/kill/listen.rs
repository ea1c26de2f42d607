//! `switchboard listen` is killed, and the number has its old webhooks afterwards.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use crate::api::{Api, MARIA, OURS, client, runtime};
use crate::home::{Home, PATIENCE, Serve, signal, until, wait};

/// `switchboard listen --json`; killed when it is dropped.
struct Listen {
    child: Child,
    lines: Receiver<String>,
}

impl Listen {
    fn start(home: &Home, args: &[&str]) -> Listen {
        let mut child = home.command(&[&["listen", "--json"], args].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let (line, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| line.send(l)));
        Listen { child, lines }
    }

    fn next(&self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("listen says something");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}"))
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The account of a sandbox, as another program sees it.
struct Account {
    numbers: String,
    sid: String,
    token: String,
}

impl Account {
    fn of(sandbox: &str) -> Account {
        let state = runtime().block_on(async {
            client().get(format!("{sandbox}/sandbox/state")).send().await.unwrap().json::<Value>().await.unwrap()
        });
        let text = |name: &str| state[name].as_str().unwrap().to_owned();
        let (sid, token) = (text("accountSid"), text("authToken"));
        Account { numbers: format!("{sandbox}/api/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers"), sid, token }
    }

    fn ask(&self, request: reqwest::RequestBuilder) -> Value {
        runtime().block_on(async {
            let answer = request.basic_auth(&self.sid, Some(&self.token)).send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
            answer.json().await.unwrap()
        })
    }

    fn number(&self) -> Value {
        let list = self.ask(client().get(format!("{}.json?PhoneNumber={}", self.numbers, OURS.replace('+', "%2B"))));
        list["incoming_phone_numbers"][0].clone()
    }

    fn set(&self, form: &[(&str, &str)]) {
        let sid = self.number()["sid"].as_str().unwrap().to_owned();
        self.ask(client().post(format!("{}/{sid}.json", self.numbers)).form(form));
    }

    /// What `listen` changes and must bring back.
    fn hooks(&self) -> Vec<Value> {
        let number = self.number();
        let names = ["sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method", "sms_application_sid"];
        names.iter().map(|name| number[*name].clone()).chain([number["status_callback"].clone()]).collect()
    }
}

const OLD: &[(&str, &str)] = &[
    ("SmsUrl", "https://old.example/sms?key=1#rc=1"),
    ("SmsMethod", "GET"),
    ("SmsFallbackUrl", "https://old.example/fallback"),
    ("StatusCallback", "https://old.example/calls"),
];

fn serve_with_old(home: &Home) -> (Serve, Api, Account) {
    let serve = Serve::start(home);
    let api = home.api_of(serve.child.id());
    let account = Account::of(&api.sandbox);
    account.set(OLD);
    (serve, api, account)
}

#[test]
fn killed_and_started_again_the_number_has_its_old_webhooks_after_the_exit() {
    let home = Home::new();
    let (_serve, api, account) = serve_with_old(&home);
    let old = account.hooks();
    let first = Listen::start(&home, &["--number", OURS]);
    let said = first.next();
    assert_eq!(said["listening"]["before"], "https://old.example/sms?key=1#rc=1", "{said}");
    let ours = account.hooks();
    let url = format!("{}/api/webhooks/twilio-sms#rc=3&rp=all", api.base);
    assert_eq!((&ours[0], &ours[2], &ours[5]), (&json!(url), &json!(url), &old[5]), "{ours:?}");
    api.text_in(MARIA, "Is anybody listening?");
    let webhook = first.next();
    assert_eq!((&webhook["webhook"]["kind"], &webhook["webhook"]["status"]), (&json!("sms"), &json!(200)), "{webhook}");
    assert!(!webhook.to_string().contains(MARIA), "{webhook}");
    first.kill();
    assert_eq!(account.hooks(), ours, "nobody was there to bring them back");

    let mut second = Listen::start(&home, &["--number", OURS, "--show-private"]);
    assert_eq!(second.next()["listening"]["before"], "https://old.example/sms?key=1#rc=1");
    api.text_in(MARIA, "And now?");
    assert_eq!(second.next()["webhook"]["from"], MARIA);
    signal(second.child.id(), "INT");
    assert_eq!(second.next()["ended"]["ending"], "restored");
    assert_eq!(wait(&mut second.child).code(), Some(0));
    assert_eq!(account.hooks(), old);
    let (code, listed, _) = home.run(&["numbers", "list", "--json"]);
    assert!(code == 0 && !listed.contains("afterLoan"), "{listed}");
}

#[test]
fn the_node_brings_them_back_when_nobody_comes_again() {
    let home = Home::new();
    // `listen` is the node itself here, and its sandbox dies with it.
    let listen = Listen::start(&home, &[]);
    assert_eq!(listen.next()["listening"]["name"], OURS);
    let account = Account::of(&home.api_of(listen.child.id()).sandbox);
    assert!(account.hooks()[0].as_str().unwrap().contains("/api/webhooks/twilio-sms"));
    listen.kill();
    let serve = Serve::start(&home);
    let account = Account::of(&home.api_of(serve.child.id()).sandbox);
    until("the number goes nowhere again", || (account.hooks()[0] == "").then_some(()));
    // A listener that only attached is killed: the node that goes on notices.
    account.set(OLD);
    let old = account.hooks();
    let listen = Listen::start(&home, &[]);
    listen.next();
    assert_ne!(account.hooks(), old);
    listen.kill();
    until("the old webhooks are back", || (account.hooks() == old).then_some(()));
}

#[test]
fn what_somebody_else_set_meanwhile_is_left() {
    let home = Home::new();
    let (_serve, _, account) = serve_with_old(&home);
    let mut listen = Listen::start(&home, &["--number", OURS]);
    listen.next();
    account.set(&[("SmsUrl", "https://colleague.example/sms")]);
    let theirs = account.hooks();
    signal(listen.child.id(), "TERM");
    let ended = listen.next();
    assert_eq!(
        (&ended["ended"]["ending"], &ended["ended"]["url"]),
        (&json!("leftAlone"), &json!("https://colleague.example/sms"))
    );
    assert_eq!(wait(&mut listen.child).code(), Some(0));
    assert_eq!(account.hooks(), theirs);
}

#[test]
fn another_program_gets_each_webhook_rightly_signed() {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let token = Account::of(&api.sandbox).token;
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?key=1", other.local_addr().unwrap());
    let answered = std::thread::spawn(move || {
        let (mut stream, _) = other.accept().unwrap();
        let mut from = BufReader::new(stream.try_clone().unwrap());
        let (mut signature, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            from.read_line(&mut line).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                if line.trim_end().is_empty() {
                    break;
                }
                continue;
            };
            match name {
                "x-twilio-signature" => value.clone_into(&mut signature),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        from.read_exact(&mut body).unwrap();
        stream.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        (signature, body)
    });
    let mut child = home
        .command(&["listen", "--json", "--number", OURS, "--forward-to", &url])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut notes = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("listening"));
    api.text_in(MARIA, "For both of you & more");
    let webhook = lines.next().unwrap().unwrap();
    assert!(!webhook.contains("more"), "what was said is not printed: {webhook}");
    let note = notes.next().unwrap().unwrap();
    assert!(note.contains(&format!("sms passed on to {url}: 202")), "{note}");
    let (signature, body) = answered.join().unwrap();
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    assert!(form.contains(&("Body".into(), "For both of you & more".into())), "{form:?}");
    let pairs = form.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    assert_eq!(signature, switchboard::twilio::signature::sign(&token, &url, pairs));
    signal(child.id(), "INT");
    assert_eq!(wait(&mut child).code(), Some(0));
}
