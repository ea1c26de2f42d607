//! A send and a check over our API, beside the same calls of the sandbox asked directly.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{Api, client, runtime};
use crate::home::{Home, Serve};
use crate::quantile;

/// Sends before their checks: a code takes a second of the sandbox's time to its handset.
const ROUND: u64 = 50;

/// The sandbox's Verify API, asked as Twilio's own client would ask it.
struct Direct {
    http: reqwest::Client,
    at: String,
    account: String,
    token: String,
}

impl Direct {
    fn of(api: &Api, service: &str) -> Direct {
        let state = api.get("/sandbox/state");
        let text = |name: &str| state[name].as_str().unwrap().to_owned();
        let at = format!("{}/verify/v2/Services/{service}", api.sandbox);
        Direct { http: client(), at, account: text("accountSid"), token: text("authToken") }
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = self.http.post(format!("{}/{path}", self.at)).basic_auth(&self.account, Some(&self.token));
        runtime().block_on(async {
            let answer = request.form(form).send().await.unwrap().error_for_status().unwrap();
            answer.json().await.unwrap()
        })
    }
}

/// Measures and prints.
pub fn run(count: u64) {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let listed = api.get("/api/businesses")["items"].as_array().unwrap().clone();
    let bank = listed.iter().find(|b| b["name"] == "Northwind Bank").expect("the demo has a bank");
    let at = format!("/api/businesses/{}/verify", bank["id"].as_str().unwrap());
    let direct = Direct::of(&api, bank["verifyServiceId"].as_str().unwrap());
    let mut times: [Vec<Duration>; 4] = Default::default();
    let timed = |into: &mut Vec<Duration>, what: &dyn Fn() -> Value| {
        let start = Instant::now();
        let answer = what();
        into.push(start.elapsed());
        answer
    };
    for round in 0..count.div_ceil(ROUND) {
        let turns: Vec<u64> = (round * ROUND..((round + 1) * ROUND).min(count)).collect();
        let (ours, theirs) =
            (|n: u64| format!("+1212{:07}", 2_000_000 + n), |n: u64| format!("+1312{:07}", 2_000_000 + n));
        for n in &turns {
            let send = || api.post(&format!("{at}/send"), json!({ "to": ours(*n) }));
            let same = || direct.post("Verifications", &[("To", &theirs(*n)), ("Channel", "sms")]);
            // Turn by turn, so that none always runs on a warm or a tired machine.
            if n % 2 == 0 {
                timed(&mut times[0], &send);
                timed(&mut times[1], &same);
            } else {
                timed(&mut times[1], &same);
                timed(&mut times[0], &send);
            }
        }
        api.post("/api/simulator/clock", json!({ "advanceSeconds": 20 }));
        for n in &turns {
            // Some numbers are landlines: nothing arrives there.
            let (Some(mine), Some(other)) = (code(&api, &ours(*n)), code(&api, &theirs(*n))) else { continue };
            let check = || api.post(&format!("{at}/check"), json!({ "to": ours(*n), "code": mine }));
            let same = || direct.post("VerificationCheck", &[("To", &theirs(*n)), ("Code", &other)]);
            let (checked, same) = if n % 2 == 0 {
                (timed(&mut times[2], &check), timed(&mut times[3], &same))
            } else {
                let same = timed(&mut times[3], &same);
                (timed(&mut times[2], &check), same)
            };
            assert_eq!((&checked["success"], &same["status"]), (&json!(true), &json!("approved")), "{checked} {same}");
        }
    }
    println!("\n{count} sends and {} checks, one after the other, ms", times[2].len());
    println!("{:28} {:>8} {:>8} {:>22}", "", "p50", "p99", "p50 / the sandbox's");
    for (name, own, reference) in [("send: REST, with our core", 0, 1), ("check: REST, with our core", 2, 3)] {
        for (name, of) in [(name, own), ("  the sandbox alone", reference)] {
            let (p50, p99) = (quantile(&times[of], 0.5), quantile(&times[of], 0.99));
            println!("{name:28} {p50:>8.2} {p99:>8.2} {:>21.2}x", p50 / quantile(&times[reference], 0.5));
        }
    }
}

/// The code on a handset: the only six digits in its text. `None` where no text has arrived.
fn code(api: &Api, to: &str) -> Option<String> {
    let text = api.received(to).pop()?;
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6);
    Some(code.expect("a code of six digits").to_owned())
}
