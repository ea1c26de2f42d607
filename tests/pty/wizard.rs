//! The wizard of a new business is killed in the middle, and goes on where it was.

use serde_json::{Value, json};

use crate::api::{Api, client, runtime};
use crate::console::Console;
use crate::home::{Home, signal, until};

/// The names of the Verify services at Twilio.
fn services(api: &Api) -> Vec<String> {
    let known = api.get("/sandbox/state");
    let (account, token) = (known["accountSid"].as_str().unwrap(), known["authToken"].as_str());
    let request = client().get(format!("{}/verify/v2/Services?PageSize=100", api.sandbox)).basic_auth(account, token);
    let list: Value = runtime().block_on(async { request.send().await.unwrap().json().await.unwrap() });
    list["services"].as_array().unwrap().iter().map(|row| row["friendly_name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn it_resumes_at_the_messaging_service_and_makes_no_second_verify_service() {
    let home = Home::new();
    let mut console = Console::open(&home, (120, 40));
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    let before = services(&api).len();
    let matching = json!({ "product": "messaging", "method": "POST", "path": "/v1/Services" });
    api.post("/sandbox/faults", json!({ "match": matching, "action": { "delayMs": 30_000 }, "times": 1 }));
    console.keys("gb");
    console.sees("Harbor Dental · shown");
    console.keys("N");
    console.sees("New business");
    console.keys("Blue Kite Tours\r");
    console.sees("✓ Verify service");
    console.sees("◐ Messaging service");
    let made = api.get("/api/businesses");
    let kite = made["items"].as_array().unwrap().iter().find(|b| b["name"] == "Blue Kite Tours").unwrap();
    let setup = format!("/api/businesses/{}/setup", kite["id"].as_str().unwrap());
    signal(console.pid, "KILL");
    console.wait();

    let console = Console::open(&home, (120, 40));
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    console.keys("gb");
    console.sees("Blue Kite Tours");
    console.keys("\x1b[A\x1b[A\x1b[A");
    console.sees("at Twilio  done");
    console.sees("✓ Messaging service");
    let steps = api.get(&setup)["steps"].clone();
    let step = |name: &str| steps.as_array().unwrap().iter().find(|s| s["step"] == name).unwrap().clone();
    assert_eq!(step("verifyService")["tries"], 1, "{steps}");
    let names = services(&api);
    let ours = names.iter().filter(|name| *name == "Blue Kite Tours" || name.starts_with("setup ")).count();
    assert_eq!((ours, names.len()), (1, before + 1), "{names:?}");
    // The chain holds over both runs, and the events say that this one went on with it.
    assert_eq!(api.get("/api/audit/verify")["ok"], true);
    console.keys("ge");
    until("it is told", || console.screen().contains("setup").then_some(()));
}
