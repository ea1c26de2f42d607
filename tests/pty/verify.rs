//! An operator tries a verification for a bank, key by key: what stands there before and after it is sent,
//! wrong codes, the right one, and the right one once more.

use serde_json::{Value, json};

use crate::api::{Api, runtime};
use crate::console::Console;
use crate::home::Home;

const KIM: &str = "+14155550142";

/// A Verify service with codes of six digits, as somebody makes it in Twilio's own console.
fn make_service(api: &Api) -> Value {
    let asked = runtime().block_on(async {
        let state: Value =
            api.http.get(format!("{}/sandbox/state", api.sandbox)).send().await.unwrap().json().await.unwrap();
        let (user, password) = (state["accountSid"].as_str().unwrap(), state["authToken"].as_str());
        let form = [("FriendlyName", "Northwind Bank"), ("CodeLength", "6")];
        let request =
            api.http.post(format!("{}/verify/v2/Services", api.sandbox)).basic_auth(user, password).form(&form);
        request.send().await.unwrap().json::<Value>().await.unwrap()
    });
    asked["sid"].clone()
}

#[test]
fn a_code_is_tried_for_the_bank() {
    let home = Home::new();
    let console = Console::open(&home, (80, 24));
    console.sees("Unassigned 3");
    let api = home.api_of(console.pid);
    let all = api.get("/api/businesses");
    let bank = all["items"].as_array().unwrap().iter().find(|b| b["name"] == "Northwind Bank").unwrap();
    let path = format!("/api/businesses/{}", bank["id"].as_str().unwrap());
    if bank["verifyServiceId"].as_str().is_none_or(str::is_empty) {
        api.put(&path, json!({ "verifyServiceId": make_service(&api) }));
    }

    // Which business, which service, and that nobody is texted for real.
    console.keys("b");
    console.sees("Switch business");
    console.keys("north\r");
    console.until("the bank", |screen, _| screen.rows(0, 80).next().is_some_and(|row| row.contains("Northwind Bank")));
    console.keys("gv");
    console.sees("Northwind Bank · VA");
    console.sees("… · live: no");

    // What will be sent is seen before.
    console.keys("(415) 555-0142\t\t\t");
    console.sees("+14155550142 US");
    console.keys("\x1b[C");
    console.sees("Your Northwind Bank code is ••••••");
    console.sees("1 seg · $0.0083");
    assert!(api.received(KIM).is_empty(), "a preview sends nothing");

    // Sent, and followed to the handset. The code is there and nowhere else.
    console.keys("\r");
    console.sees("sends 1/5 · checks 0/5");
    console.sees("pending · expires in 9:");
    console.sees("created VE");
    console.sees("queued");
    console.sees("✓ delivered");
    let text = api.received(KIM).pop().expect("the text is there");
    let code = text.strip_prefix("Your Northwind Bank code is ").expect("the template's words").to_owned();
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{text}");
    let flows = api.get(&format!("{path}/verify/flows"));
    assert!(!flows.to_string().contains(&code), "the code stands in an answer: {flows}");
    assert!(!console.screen().contains(&code), "{}", console.screen());

    // Twice wrong, then right: each by one key.
    console.keys("\x1b[18~");
    console.sees("pending checks 1/5");
    console.keys("\x1b[18~");
    console.sees("pending checks 2/5");
    console.keys("\x1b[19~");
    console.sees("✓ approved in 00:");
    console.sees("0.0083 + 0.0500 = $0.0583");

    // The right code once more.
    console.keys("\r");
    console.sees("404 20404 — verification already finished (approved)");
    console.keys("?");
    console.sees("Twilio deletes finished verifications");
    console.keys("\x1b");
    console.misses("Twilio deletes finished verifications");

    // The log has it, and leads back to it.
    console.keys("l");
    console.sees("[Attempts]");
    console.sees("approved");
    console.keys("/0142\r\r");
    console.sees("[Test]");
    console.sees("✓ delivered");
    console.keys("\x1b");
    console.sees("[Attempts]");
}
