//! Alerts for what went wrong, and events for what was changed.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, Sink, World, text};

async fn list(world: &World, what: &str, query: &str) -> Vec<Value> {
    let (status, body) = world.get(&format!("/monitor/v1/{what}?{query}")).await;
    assert_eq!(status, 200, "{body}");
    body[what.to_ascii_lowercase()].as_array().unwrap().clone()
}

#[tokio::test]
async fn failures_of_webhooks_messages_and_calls_are_alerts() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    sink.will_answer(&[(500, "text/plain", "out of order"), (200, "text/xml", "<Response><Sing/></Response>")]);
    let sid = text(&world.text(MARIA, NUMBER, "Hi").await, "sid");
    world.advance(60.0).await;
    world.text(MARIA, NUMBER, "Ho").await;
    world
        .control("POST", &format!("phones/{MARIA}/outcome"), json!({ "status": "undelivered", "errorCode": 30005 }))
        .await;
    let lost = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hello")]).await, "sid");
    world.advance(5.0).await;
    world.post(&world.path("/Messages.json"), &[("To", MARIA), ("From", NUMBER)]).await;
    world.get(&world.path("/Messages/SM00000000000000000000000000000000.json")).await;

    let alerts = list(&world, "Alerts", "").await;
    let codes: Vec<String> = alerts.iter().map(|alert| text(alert, "error_code")).collect();
    assert_eq!(codes, ["21602", "30005", "12200", "11200"]);
    assert_eq!((&alerts[1]["resource_sid"], &alerts[3]["resource_sid"]), (&json!(lost), &json!(sid)));
    assert_eq!((&alerts[1]["request_url"], &alerts[0]["resource_sid"]), (&Value::Null, &json!(world.account)));
    let warnings = list(&world, "Alerts", "LogLevel=warning").await;
    assert_eq!(warnings.iter().map(|alert| &alert["error_code"]).collect::<Vec<_>>(), ["12200"]);
    assert_eq!(list(&world, "Alerts", "EndDate=2026-03-02T17:00:30Z").await.len(), 1);
    assert_eq!(list(&world, "Alerts", "StartDate=2026-03-02&EndDate=2026-03-02").await.len(), 4);
    assert!(list(&world, "Alerts", "StartDate=2026-03-03").await.is_empty());

    let one = format!("/monitor/v1/Alerts/{}", text(&alerts[3], "sid"));
    let (_, whole) = world.get(&one).await;
    assert_eq!((&whole["request_method"], &whole["request_url"]), (&json!("POST"), &json!(sink.url("/sms"))));
    assert_eq!(whole["response_body"], "out of order");
    assert!(text(&whole, "request_variables").contains("Body=Hi"), "{whole}");
    assert!(text(&whole, "response_headers").contains("content-type=text%2Fplain"), "{whole}");
    assert!(alerts[3].get("response_body").is_none());

    // They are kept for a month; what is too old is forgotten when the next one comes.
    world.advance(31.0 * 86_400.0).await;
    for _ in 0..4 {
        world.post(&world.path("/Messages.json"), &[("To", MARIA), ("From", NUMBER)]).await;
    }
    assert!(list(&world, "Alerts", "").await.iter().all(|alert| alert["error_code"] == "21602"));
    assert_eq!(world.get(&one).await.0, 404);
    assert_eq!(world.get("/monitor/v1/Alerts?LogLevel=bad").await.0, 400);
    assert_eq!(world.get("/monitor/v1/Alerts?StartDate=soon").await.0, 400);
    world.end().await;
}

#[tokio::test]
async fn a_reply_that_is_not_sent_is_an_alert() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    let long = "a".repeat(1601);
    let foreign = "<Response><Message from=\"+12125550199\">Hi</Message></Response>";
    sink.will_answer(&[(200, "text/plain", &long), (200, "text/xml", foreign)]);
    for body in ["one", "two"] {
        world.text(MARIA, NUMBER, body).await;
        world.advance(5.0).await;
    }
    let codes: Vec<String> = list(&world, "Alerts", "").await.iter().map(|alert| text(alert, "error_code")).collect();
    assert_eq!(codes, ["21606", "21617"]);
    assert!(world.phone(MARIA).await.iter().all(|shown| shown["direction"] == "out"));
    world.end().await;
}

#[tokio::test]
async fn no_alert_says_a_code() {
    let world = World::new(42).await;
    let (_, service) = world.post("/verify/v2/Services", &[("FriendlyName", "Bank")]).await;
    let path = format!("/verify/v2/Services/{}/VerificationCheck", text(&service, "sid"));
    world.post(&path, &[("To", MARIA), ("Code", "1")]).await;
    let alerts = list(&world, "Alerts", "").await;
    let (_, whole) = world.get(&format!("/monitor/v1/Alerts/{}", text(&alerts[0], "sid"))).await;
    assert!(text(&whole, "request_variables").ends_with("Code=***"), "{whole}");
    world.end().await;
}

#[tokio::test]
async fn what_is_made_changed_and_deleted_is_an_event() {
    let world = World::new(42).await;
    world.configure(NUMBER, &[("FriendlyName", "Front desk")]).await;
    world.advance(1.0).await;
    let (_, bought) = world.post(&world.path("/IncomingPhoneNumbers.json"), &[("AreaCode", "510")]).await;
    let sid = text(&bought, "sid");
    world.advance(1.0).await;
    world.delete(&world.path(&format!("/IncomingPhoneNumbers/{sid}.json"))).await;
    world.post("/api/2010-04-01/Accounts.json", &[("FriendlyName", "Tenant")]).await;
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hello")]).await;

    let events = list(&world, "Events", "").await;
    let kinds: Vec<String> = events.iter().map(|event| text(event, "event_type")).collect();
    assert_eq!(kinds, ["account.created", "phone-number.deleted", "phone-number.created", "phone-number.updated"]);
    let told = json!({ "friendly_name": { "previous": "(415) 555-0100", "updated": "Front desk" } });
    assert_eq!(events[3]["event_data"], told);
    assert!(!events[0].to_string().contains("auth_token"));
    assert_eq!((&events[0]["actor_sid"], &events[0]["actor_type"]), (&json!(world.account), &json!("account")));
    assert_eq!(events[1]["event_data"]["phone_number"], json!({ "previous": bought["phone_number"], "updated": null }));
    for (query, count) in [
        (format!("ResourceSid={sid}"), 2),
        ("EventType=phone-number.updated".to_owned(), 1),
        (format!("ActorSid={}", world.account), 4),
        ("SourceIpAddress=10.0.0.1".to_owned(), 0),
        ("StartDate=2026-03-02T17:00:02Z".to_owned(), 2),
    ] {
        assert_eq!(list(&world, "Events", &query).await.len(), count, "{query}");
    }
    let one = world.get(&format!("/monitor/v1/Events/{}", text(&events[2], "sid"))).await.1;
    assert_eq!(one, events[2]);
    assert_eq!(
        one["links"]["resource"],
        format!("{}{}", world.base, world.path(&format!("/IncomingPhoneNumbers/{sid}.json")))
    );
    world.end().await;
}
