//! The program is killed at each call of a business's setup: in the end there is one Verify service and one
//! messaging service, whatever became of the call.

use serde_json::{Value, json};

use crate::api::{Api, client, runtime};
use crate::home::{Home, Serve, until};

/// The sandbox's number that no business of the demo has.
const SPARE: &str = "+14155550199";
const NAME: &str = "Blue Kite Tours";

/// Product, path and step of each call.
const CALLS: [(&str, &str, &str); 5] = [
    ("verify", "/v2/Services", "verifyService"),
    ("messaging", "/v1/Services", "messagingService"),
    ("verify", "/v2/Services/VA", "verifySettings"),
    ("messaging", "/v1/Services/MG", "webhooks"),
    ("messaging", "/PhoneNumbers", "senderPool"),
];

/// When the program is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// Twilio has the request, and has not carried it out.
    Before,
    /// Twilio has carried it out, and the answer is lost.
    Lost,
    /// The answer is here.
    Answered,
}

#[test]
fn killed_before_twilio_carries_a_call_out() {
    CALLS.iter().for_each(|call| kill_at(*call, Moment::Before));
}

#[test]
fn killed_when_an_answer_is_lost() {
    CALLS.iter().for_each(|call| kill_at(*call, Moment::Lost));
}

#[test]
fn killed_when_a_call_is_answered() {
    CALLS.iter().for_each(|call| kill_at(*call, Moment::Answered));
}

fn kill_at((product, path, step): (&str, &str, &str), moment: Moment) {
    let home = Home::new();
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let action = match moment {
        Moment::Before => Some(json!({ "delayMs": 20_000 })),
        Moment::Lost => Some(json!({ "dropAfterAccept": true })),
        Moment::Answered => None,
    };
    if let Some(action) = action {
        let matching = json!({ "product": product, "method": "POST", "path": path });
        api.post("/sandbox/faults", json!({ "match": matching, "action": action, "times": 1 }));
    }
    let made = api.post("/api/businesses", json!({ "name": NAME, "setUp": true, "number": SPARE }));
    let at = format!("/api/businesses/{}/setup", made["id"].as_str().unwrap());
    until("the moment comes", || match moment {
        // It waits at Twilio, and nothing else is in its way.
        Moment::Before => api.get("/sandbox/faults")["calls"].as_array().unwrap().is_empty().then_some(()),
        Moment::Lost => {
            let journal = api.get("/sandbox/requests");
            let lost = |r: &Value| r["error"].as_str().is_some_and(|e| e.starts_with("carried out, then"));
            journal["requests"].as_array().unwrap().iter().any(lost).then_some(())
        }
        Moment::Answered => (state(&api, &at, step) == "done").then_some(()),
    });
    serve.kill();

    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    let done = until("the setup is done", || Some(api.get(&at)).filter(|setup| setup["state"] == "done"));
    let (verify, messaging) = services(&api);
    let told = find(&done, step);
    println!(
        "killed {moment:?} at {step}: Verify services {verify:?}, messaging services {messaging:?}, tries {}, found {}",
        told["tries"],
        told["found"].as_bool().unwrap_or(false),
    );
    // The demo's businesses may have services of their own.
    let ours = |names: &[String]| names.iter().filter(|n| *n == NAME || n.starts_with("setup ")).count();
    assert_eq!((ours(&verify), ours(&messaging)), (1, 1), "{verify:?} {messaging:?}");
    let business = api.get(&format!("/api/businesses/{}", made["id"].as_str().unwrap()));
    assert_eq!(business["verifyServiceId"], find(&done, "verifyService")["sid"]);
    assert_eq!(api.get("/api/audit/verify")["ok"], true);
    both_runs_are_told(&api, made["id"].as_str().unwrap());
}

/// The audit log tells what the run that was killed did from what the next one did.
fn both_runs_are_told(api: &Api, business: &str) {
    let log = api.get(&format!("/api/audit?business={business}&kind=remote&limit=200"));
    let mut entries: Vec<&Value> = log["items"].as_array().unwrap().iter().collect();
    // In the order of the chain: the sandbox's clock may stand a little earlier after it was killed.
    let place = |entry: &Value| entry["id"].as_str().unwrap().split_once('-').unwrap().1.parse::<u64>().unwrap();
    entries.sort_by_key(|entry| place(entry));
    let run = |entry: &Value| entry["run"].as_str().expect("every step says which run took it").to_owned();
    let (first, last) = (run(entries[0]), run(entries[entries.len() - 1]));
    if first == last {
        // The first run was faster than the kill: then it has done all of it.
        assert_eq!(entries[entries.len() - 1]["said"], "has done step Endpoint", "{entries:?}");
        return;
    }
    let from = entries.iter().position(|e| run(e) == last).unwrap();
    assert_eq!(entries[0]["said"].as_str().unwrap().split(':').next(), Some("began to set it up at Twilio"));
    assert_eq!(entries[from]["said"], "started again and goes on with the setup at Twilio");
    assert!(entries[..from].iter().all(|e| run(e) == first), "nothing of one run stands in the other: {entries:?}");
    assert!(entries[from..].iter().all(|e| run(e) == last), "{entries:?}");
    assert!(entries[from..].iter().any(|e| e["kind"] == "remote.moved"), "{entries:?}");
    assert!(entries.iter().all(|e| e["businessName"] == NAME), "{entries:?}");
}

fn find<'a>(setup: &'a Value, step: &str) -> &'a Value {
    setup["steps"].as_array().unwrap().iter().find(|s| s["step"] == step).expect("a step of this name")
}

fn state(api: &Api, at: &str, step: &str) -> String {
    find(&api.get(at), step)["state"].as_str().unwrap().to_owned()
}

/// The names of all Verify services, and of all messaging services, at Twilio.
fn services(api: &Api) -> (Vec<String>, Vec<String>) {
    let known = api.get("/sandbox/state");
    let (account, token) = (known["accountSid"].as_str().unwrap(), known["authToken"].as_str().unwrap());
    let names = |path: &str| {
        let request = client().get(format!("{}/{path}?PageSize=100", api.sandbox)).basic_auth(account, Some(token));
        let list: Value = runtime().block_on(async { request.send().await.unwrap().json().await.unwrap() });
        let rows = list["services"].as_array().unwrap().iter();
        rows.map(|row| row["friendly_name"].as_str().unwrap().to_owned()).collect()
    };
    (names("verify/v2/Services"), names("messaging/v1/Services"))
}
