//! Verify over HTTP: the rules that an application's sign-in depends on, to the second.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::{MARIA, SAM, World, text};

pub async fn service(world: &World, more: &[(&str, &str)]) -> String {
    let form = [&[("FriendlyName", "Northwind Bank")], more].concat();
    let (status, made) = world.post("/verify/v2/Services", &form).await;
    assert_eq!(status, 201, "{made}");
    text(&made, "sid")
}

pub async fn start(world: &World, service: &str, to: &str, more: &[(&str, &str)]) -> (StatusCode, Value) {
    let mut form = vec![("To", to)];
    if !more.iter().any(|(name, _)| *name == "Channel") {
        form.push(("Channel", "sms"));
    }
    form.extend(more);
    world.post(&format!("/verify/v2/Services/{service}/Verifications"), &form).await
}

async fn check(world: &World, service: &str, to: &str, code: &str) -> (StatusCode, Value) {
    world.post(&format!("/verify/v2/Services/{service}/VerificationCheck"), &[("To", to), ("Code", code)]).await
}

async fn fetch(world: &World, service: &str, name: &str) -> (StatusCode, Value) {
    world.get(&format!("/verify/v2/Services/{service}/Verifications/{name}")).await
}

/// The digits at the end of the newest text on a handset.
pub async fn code(world: &World, address: &str) -> String {
    let body = text(world.phone(address).await.last().expect("a text on the handset"), "body");
    digits(&body)
}

fn digits(body: &str) -> String {
    body.split(|c: char| !c.is_ascii_digit()).max_by_key(|run| run.len()).unwrap_or_default().to_owned()
}

/// A code that is not this one.
fn wrong(code: &str) -> &'static str {
    if code == "000000" { "111111" } else { "000000" }
}

#[tokio::test]
async fn a_code_reaches_the_handset_and_is_accepted_once() {
    let world = World::new(42).await;
    let service = service(&world, &[]).await;
    let (status, started) = start(&world, &service, MARIA, &[]).await;
    assert_eq!((status.as_u16(), &started["status"], &started["valid"]), (201, &json!("pending"), &json!(false)));
    assert!(world.phone(MARIA).await.is_empty(), "a text takes its time");
    world.advance(2.0).await;
    let sent = &world.phone(MARIA).await[0];
    let code = code(&world, MARIA).await;
    assert_eq!(sent["body"], format!("Your Northwind Bank verification code is: {code}"));
    assert_eq!((code.len(), sent["from"].as_str()), (6, Some("80274")));
    let (status, answer) = check(&world, &service, MARIA, wrong(&code)).await;
    assert_eq!((status.as_u16(), &answer["status"], &answer["valid"]), (200, &json!("pending"), &json!(false)));
    let (_, answer) = check(&world, &service, MARIA, &code).await;
    assert_eq!(
        (&answer["status"], &answer["valid"], &answer["sid"]),
        (&json!("approved"), &json!(true), &started["sid"])
    );
    let (status, gone) = check(&world, &service, MARIA, &code).await;
    let path = format!("/Services/{service}/VerificationCheck");
    assert_eq!((status.as_u16(), gone["code"].as_u64()), (404, Some(20404)));
    assert_eq!(gone["message"], format!("The requested resource {path} was not found"));
    assert_eq!(fetch(&world, &service, &text(&started, "sid")).await.0, 404);
    // No answer has the code, nor has the journal what was tried.
    let journal = world.control("GET", "requests", Value::Null).await.to_string();
    assert!(!journal.contains(&code) && journal.contains("VerificationCheck"), "{code} in {journal}");
    world.end().await;
}

#[tokio::test]
async fn five_sends_are_one_verification_and_the_sixth_is_refused() {
    let world = World::new(42).await;
    let service = service(&world, &[]).await;
    let mut sids = Vec::new();
    for (n, channel) in ["sms", "call", "whatsapp", "sms", "sms"].into_iter().enumerate() {
        let (status, sent) = start(&world, &service, MARIA, &[("Channel", channel)]).await;
        assert_eq!((status.as_u16(), &sent["channel"]), (201, &json!(channel)));
        assert_eq!(sent["send_code_attempts"].as_array().unwrap().len(), n + 1);
        sids.push(text(&sent, "sid"));
    }
    sids.dedup();
    assert_eq!(sids.len(), 1, "one verification");
    let (status, refused) = start(&world, &service, MARIA, &[]).await;
    assert_eq!((status.as_u16(), refused["code"].as_u64()), (429, Some(60203)));
    assert_eq!(refused["message"], "Max send attempts reached");
    world.advance(20.0).await;
    let code = code(&world, MARIA).await;
    assert!(world.phone(MARIA).await.iter().all(|text| digits(text["body"].as_str().unwrap()) == code));
    let shown = world.control("GET", &format!("phones/{MARIA}"), Value::Null).await;
    let transcript = text(&shown["calls"][0], "transcript");
    assert!(transcript.contains(&code.chars().map(String::from).collect::<Vec<_>>().join(" ")), "{transcript}");
    let whatsapp = &world.phone(&format!("whatsapp:{MARIA}")).await[0];
    assert_eq!(digits(whatsapp["body"].as_str().unwrap()), code);
    // Cancelled, everything begins anew.
    let path = format!("/verify/v2/Services/{service}/Verifications/{}", sids[0]);
    assert_eq!(world.post(&path, &[("Status", "canceled")]).await.1["status"], "canceled");
    assert_eq!(fetch(&world, &service, &sids[0]).await.1["status"], "canceled", "it can still be fetched");
    assert_eq!(world.post(&path, &[("Status", "approved")]).await.0, 404);
    assert_eq!(check(&world, &service, MARIA, &code).await.0, 404);
    let (status, again) = start(&world, &service, MARIA, &[]).await;
    assert_eq!(status, 201);
    assert_ne!(text(&again, "sid"), sids[0]);
    world.end().await;
}

#[tokio::test]
async fn five_checks_are_carried_out_and_the_sixth_is_refused_even_if_right() {
    let world = World::new(42).await;
    let service = service(&world, &[]).await;
    let (_, started) = start(&world, &service, MARIA, &[]).await;
    world.advance(2.0).await;
    let code = code(&world, MARIA).await;
    for _ in 0..5 {
        assert_eq!(check(&world, &service, MARIA, wrong(&code)).await.1["status"], "pending");
    }
    for _ in 0..2 {
        let (status, refused) = check(&world, &service, MARIA, &code).await;
        assert_eq!((status.as_u16(), refused["code"].as_u64()), (429, Some(60202)));
        assert_eq!(refused["message"], "Max check attempts reached");
    }
    let (status, kept) = fetch(&world, &service, &text(&started, "sid")).await;
    assert_eq!((status.as_u16(), &kept["status"]), (200, &json!("max_attempts_reached")));
    assert_eq!(start(&world, &service, MARIA, &[]).await.1["code"], 60202, "a new one waits for its end");
    world.advance(600.0).await;
    assert_eq!(check(&world, &service, MARIA, &code).await.0, 404);
    assert_eq!(start(&world, &service, MARIA, &[]).await.0, 201);
    world.end().await;
}

#[tokio::test]
async fn a_verification_ends_after_ten_minutes_whatever_was_sent_again() {
    let world = World::new(42).await;
    let service = service(&world, &[]).await;
    let (_, started) = start(&world, &service, MARIA, &[]).await;
    let sid = text(&started, "sid");
    world.advance(590.0).await;
    let code = code(&world, MARIA).await;
    assert_eq!(start(&world, &service, MARIA, &[]).await.1["sid"], sid.as_str());
    world.advance(9.9).await;
    assert_eq!(fetch(&world, &service, MARIA).await.1["sid"], sid.as_str(), "by its recipient too");
    world.advance(0.2).await;
    assert_eq!(fetch(&world, &service, &sid).await.0, 404);
    assert_eq!(check(&world, &service, MARIA, &code).await.1["code"], 20404);
    let (_, list) = world.get(&format!("/verify/v2/Attempts?VerificationSid={sid}")).await;
    let attempts = list["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    for attempt in attempts {
        assert_eq!(
            (&attempt["conversion_status"], &attempt["channel_data"]["status"]),
            (&json!("unconverted"), &json!("expired"))
        );
    }
    let (_, again) = start(&world, &service, MARIA, &[]).await;
    assert_ne!(text(&again, "sid"), sid);
    world.end().await;
}

#[tokio::test]
async fn two_services_and_two_people_do_not_share_a_verification() {
    let world = World::new(42).await;
    let (one, two) = (service(&world, &[]).await, service(&world, &[("CodeLength", "4")]).await);
    assert_ne!(one, two);
    let mut sids = Vec::new();
    for (service, to) in [(&one, MARIA), (&one, SAM), (&two, MARIA)] {
        sids.push(text(&start(&world, service, to, &[]).await.1, "sid"));
    }
    world.advance(2.0).await;
    let texts = world.phone(MARIA).await;
    let mut lengths: Vec<usize> = texts.iter().map(|text| digits(text["body"].as_str().unwrap()).len()).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [4, 6]);
    sids.dedup();
    assert_eq!(sids.len(), 3);
    assert_eq!(fetch(&world, &two, &sids[0]).await.0, 404, "a verification is its service's");
    world.end().await;
}

#[tokio::test]
async fn what_the_handset_does_becomes_of_the_code() {
    let world = World::new(42).await;
    let service = service(&world, &[]).await;
    for (to, channel, status, code, ends) in [
        ("+14155550150", "sms", "undelivered", 30005, "undelivered"),
        ("+14155550151", "call", "undelivered", 30003, "no-answer"),
        ("+14155550152", "sms", "failed", 30007, "failed"),
    ] {
        world.control("POST", &format!("phones/{to}/outcome"), json!({ "status": status, "errorCode": code })).await;
        let (_, sent) = start(&world, &service, to, &[("Channel", channel)]).await;
        world.advance(15.0).await;
        let sid = text(&sent["send_code_attempts"][0], "attempt_sid");
        let (_, attempt) = world.get(&format!("/verify/v2/Attempts/{sid}")).await;
        let data = &attempt["channel_data"];
        let word = if channel == "call" { &data["call_status"] } else { &data["message_status"] };
        assert_eq!((word, &data["error_code"]), (&json!(ends), &json!(code.to_string())));
        assert!(world.phone(to).await.is_empty());
    }
    world.end().await;
}

#[tokio::test]
async fn fraud_guard_blocks_prefixes_for_twelve_hours() {
    let world = World::new(42).await;
    let service = service(&world, &[]).await;
    let pumped = "+88213000001";
    let (status, refused) = start(&world, &service, pumped, &[]).await;
    assert_eq!((status.as_u16(), refused["code"].as_u64()), (403, Some(60410)), "{refused}");
    let path = format!("services/{service}/fraud-guard");
    world.control("POST", &path, json!({ "level": "off" })).await;
    assert_eq!(start(&world, &service, pumped, &[]).await.0, 201);
    world.control("POST", &path, json!({ "level": "max" })).await;
    assert_eq!(start(&world, &service, pumped, &[]).await.1["code"], 60410);
    assert_eq!(start(&world, &service, pumped, &[("RiskCheck", "disable")]).await.0, 201);
    world.control("POST", "fraud", json!({ "prefixes": ["+1415555"], "countries": ["LV"] })).await;
    assert_eq!(start(&world, &service, MARIA, &[]).await.1["code"], 60410);
    assert_eq!(start(&world, &service, "+37120000123", &[("Channel", "call")]).await.1["code"], 60605);
    assert_eq!(start(&world, &service, MARIA, &[("Channel", "whatsapp")]).await.0, 201, "only texts are watched");
    world.advance(12.0 * 3600.0 + 1.0).await;
    assert_eq!(start(&world, &service, MARIA, &[]).await.0, 201);
    assert_eq!(start(&world, &service, "+989121234567", &[]).await.1["code"], 60238);
    world.end().await;
}

#[tokio::test]
async fn a_template_of_ones_own_speaks_several_languages() {
    let world = World::new(42).await;
    let service = service(&world, &[]).await;
    let told = json!({
        "friendlyName": "Ticket", "translations": {
            "en": "Seat {{seat}}: {{code}}", "de": { "text": "Platz {{seat}}: {{code}}", "status": "rejected" },
        },
    });
    let template = text(&world.control("POST", "templates", told).await, "sid");
    let form = [("TemplateSid", template.as_str()), ("TemplateCustomSubstitutions", r#"{"seat":"12A"}"#)];
    assert_eq!(start(&world, &service, MARIA, &form).await.0, 201);
    world.advance(2.0).await;
    let body = text(&world.phone(MARIA).await[0], "body");
    assert!(body.starts_with("Seat 12A: ") && body.len() == 16, "{body}");
    let german = [&form[..], &[("Locale", "de")]].concat();
    assert_eq!(start(&world, &service, MARIA, &german).await.1["code"], 60201);
    let (_, refused) = start(&world, &service, MARIA, &form[..1]).await;
    assert_eq!(
        (&refused["code"], &refused["message"]),
        (&json!(60224), &json!("Missing template substitutions: seat"))
    );
    world.end().await;
}
