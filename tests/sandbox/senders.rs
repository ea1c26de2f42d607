//! Senders of every kind: short codes, sender names, and which of a pool a message leaves from.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, SPARE, Sink, World, statuses, text};

const SHORT: &str = "89250";
const LONDON: &str = "+442071838750";

async fn service(world: &World, form: &[(&str, &str)]) -> String {
    let (status, service) = world.post("/messaging/v1/Services", form).await;
    assert_eq!(status, 201, "{service}");
    text(&service, "sid")
}

async fn short_code(world: &World) -> String {
    let (_, list) = world.get(&world.path("/SMS/ShortCodes.json?ShortCode=89")).await;
    text(&list["short_codes"][0], "sid")
}

async fn join(world: &World, service: &str, kind: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let (status, body) = world.post(&format!("/messaging/v1/Services/{service}/{kind}"), form).await;
    (status.as_u16(), body)
}

async fn sent_from(world: &World, service: &str, to: &str) -> Value {
    let sid = text(&world.send(&[("To", to), ("MessagingServiceSid", service), ("Body", "Hi")]).await, "sid");
    world.advance(3.0).await;
    world.message(&sid).await
}

#[tokio::test]
async fn a_short_code_is_configured_and_texts_both_ways_in_its_country() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let sid = short_code(&world).await;
    let path = world.path(&format!("/SMS/ShortCodes/{sid}.json"));
    let (status, code) = world.post(&path, &[("SmsUrl", &sink.url("/short")), ("FriendlyName", "Alerts")]).await;
    assert_eq!((status.as_u16(), &code["short_code"], &code["friendly_name"]), (200, &json!(SHORT), &json!("Alerts")));
    assert_eq!(world.get(&path).await.1, code);
    let (_, none) = world.get(&world.path("/SMS/ShortCodes.json?FriendlyName=Other")).await;
    assert_eq!(none["short_codes"], json!([]));
    assert_eq!(world.delete(&path).await, 405);

    let sent = world.send(&[("To", MARIA), ("From", SHORT), ("Body", "Your code is near")]).await;
    assert_eq!((&sent["from"], &sent["status"]), (&json!(SHORT), &json!("queued")));
    world.advance(3.0).await;
    assert_eq!(world.phone(MARIA).await[0]["from"], SHORT);
    world.text(MARIA, SHORT, "Thanks").await;
    let hooks = sink.take();
    assert_eq!(
        (hooks[0].path.as_str(), hooks[0].get("To"), hooks[0].get("ToCountry")),
        ("/short", Some(SHORT), Some("US"))
    );
    let (_, abroad) =
        world.post(&world.path("/Messages.json"), &[("To", LONDON), ("From", SHORT), ("Body", "x")]).await;
    assert_eq!(abroad["code"], 21612);
    let (_, foreign) =
        world.post(&world.path("/Messages.json"), &[("To", MARIA), ("From", "12345"), ("Body", "x")]).await;
    assert_eq!(foreign["code"], 21606);
    // It is no phone number that could be released.
    assert_eq!(world.delete(&world.path(&format!("/IncomingPhoneNumbers/{sid}.json"))).await, 404);
    world.end().await;
}

#[tokio::test]
async fn names_are_sent_from_where_they_are_taken() {
    let world = World::new(42).await;
    for (to, expected) in [(LONDON, json!(null)), (MARIA, json!(21612))] {
        let (_, body) =
            world.post(&world.path("/Messages.json"), &[("To", to), ("From", "Harbor-1"), ("Body", "x")]).await;
        assert_eq!(body.get("code").cloned().unwrap_or_default(), expected, "{body}");
    }
    for name in ["TwelveLetter", "Caf\u{e9}", "a.b"] {
        let (_, body) =
            world.post(&world.path("/Messages.json"), &[("To", LONDON), ("From", name), ("Body", "x")]).await;
        assert_eq!(body["code"], 21212, "{name}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_pool_prefers_short_codes_then_names_then_numbers() {
    let world = World::new(42).await;
    let sid = service(&world, &[("FriendlyName", "Desk"), ("StickySender", "false")]).await;
    let number = world.number(SPARE).await;
    join(&world, &sid, "PhoneNumbers", &[("PhoneNumberSid", &number)]).await;
    assert_eq!(sent_from(&world, &sid, LONDON).await["from"], SPARE);

    let (status, name) = join(&world, &sid, "AlphaSenders", &[("AlphaSender", "Harbor")]).await;
    assert_eq!((status, &name["alpha_sender"], &name["capabilities"]), (201, &json!("Harbor"), &json!(["SMS"])));
    assert_eq!(join(&world, &sid, "AlphaSenders", &[("AlphaSender", "Other")]).await.1["code"], 21710);
    let british = [("AlphaSender", "HarborUK"), ("IsoCountryCode", "gb")];
    assert_eq!(join(&world, &sid, "DestinationAlphaSenders", &british).await.1["iso_country_code"], "GB");
    assert_eq!(sent_from(&world, &sid, LONDON).await["from"], "HarborUK");
    assert_eq!(sent_from(&world, &sid, "+4915123456789").await["from"], "Harbor");
    assert_eq!(sent_from(&world, &sid, MARIA).await["from"], SPARE);
    let listed = |kind: &'static str| {
        let path = format!("/messaging/v1/Services/{sid}/{kind}");
        let world = &world;
        async move { world.get(&path).await.1["alpha_senders"].as_array().unwrap().len() }
    };
    assert_eq!((listed("AlphaSenders").await, listed("DestinationAlphaSenders?IsoCountryCode=GB").await), (1, 1));

    let code = short_code(&world).await;
    let (status, joined) = join(&world, &sid, "ShortCodes", &[("ShortCodeSid", &code)]).await;
    assert_eq!((status, &joined["short_code"], &joined["country_code"]), (201, &json!(SHORT), &json!("US")));
    assert_eq!(join(&world, &sid, "ShortCodes", &[("ShortCodeSid", &code)]).await.1["code"], 21710);
    assert_eq!(sent_from(&world, &sid, MARIA).await["from"], SHORT);
    assert_eq!(sent_from(&world, &sid, LONDON).await["from"], "HarborUK");
    for (kind, member) in [("ShortCodes", &code), ("AlphaSenders", &text(&name, "sid"))] {
        let path = format!("/messaging/v1/Services/{sid}/{kind}/{member}");
        assert_eq!(world.get(&path).await.0, 200);
        assert_eq!(world.delete(&path).await, 204);
        assert_eq!(world.get(&path).await.0, 404);
    }
    assert_eq!(sent_from(&world, &sid, MARIA).await["from"], SPARE);
    world.end().await;
}

#[tokio::test]
async fn a_long_code_takes_over_where_a_short_code_is_not_taken() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let form = [("FriendlyName", "Desk"), ("StatusCallback", &sink.url("/status"))];
    let sid = service(&world, &form).await;
    let (code, number) = (short_code(&world).await, world.number(NUMBER).await);
    join(&world, &sid, "ShortCodes", &[("ShortCodeSid", &code)]).await;
    join(&world, &sid, "PhoneNumbers", &[("PhoneNumberSid", &number)]).await;
    let untaken = json!({ "status": "failed", "errorCode": 30024 });
    world.control("POST", &format!("phones/{MARIA}/outcome"), untaken).await;
    let message = sent_from(&world, &sid, MARIA).await;
    assert_eq!(
        (&message["from"], &message["status"], &message["error_code"]),
        (&json!(NUMBER), &json!("delivered"), &json!(null))
    );
    assert_eq!(statuses(&sink.take(), &text(&message, "sid")), ["queued", "sent", "delivered"]);
    let (_, by_sender) = world.get(&world.path(&format!("/Messages.json?From={SHORT}"))).await;
    assert_eq!(by_sender["messages"], json!([]));
    world
        .post(&format!("/messaging/v1/Services/{sid}"), &[("FallbackToLongCode", "false"), ("StickySender", "false")])
        .await;
    let message = sent_from(&world, &sid, MARIA).await;
    assert_eq!((&message["status"], &message["error_code"]), (&json!("failed"), &json!(30024)));
    world.end().await;
}

#[tokio::test]
async fn a_service_that_has_nothing_for_a_country_fails_later() {
    let world = World::new(42).await;
    let sid = service(&world, &[("FriendlyName", "Desk")]).await;
    join(&world, &sid, "ShortCodes", &[("ShortCodeSid", &short_code(&world).await)]).await;
    let message = sent_from(&world, &sid, LONDON).await;
    assert_eq!((&message["status"], &message["error_code"]), (&json!("failed"), &json!(21703)));
    let (_, none) = world
        .post(
            &world.path("/Messages.json"),
            &[("To", MARIA), ("MessagingServiceSid", &sid), ("From", NUMBER), ("Body", "x")],
        )
        .await;
    assert_eq!(none["code"], 21711);
    world.end().await;
}

#[tokio::test]
async fn a_message_that_waits_too_long_expires() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", &format!("phones/{MARIA}/outcome"), json!({ "status": "queued" })).await;
    let callback = sink.url("/status");
    let short =
        [("To", MARIA), ("From", NUMBER), ("Body", "Soon"), ("ValidityPeriod", "60"), ("StatusCallback", &callback)];
    let short = text(&world.send(&short).await, "sid");
    let long = text(&world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Whenever")]).await, "sid");
    let sid = service(&world, &[("FriendlyName", "Desk"), ("ValidityPeriod", "90")]).await;
    join(&world, &sid, "PhoneNumbers", &[("PhoneNumberSid", &world.number(NUMBER).await)]).await;
    let pooled = text(&world.send(&[("To", MARIA), ("MessagingServiceSid", &sid), ("Body", "Hm")]).await, "sid");
    world.advance(59.0).await;
    assert_eq!(world.message(&short).await["status"], "queued");
    world.advance(1.5).await;
    let expired = world.message(&short).await;
    assert_eq!(
        (&expired["status"], &expired["error_code"], &expired["price"]),
        (&json!("failed"), &json!(30036), &json!(null))
    );
    let hooks = sink.take();
    assert_eq!((statuses(&hooks, &short), hooks[0].get("ErrorCode")), (vec!["failed".to_owned()], Some("30036")));
    assert_eq!(world.message(&pooled).await["status"], "queued");
    world.advance(30.0).await;
    assert_eq!(world.message(&pooled).await["error_code"], 30036);
    world.advance(35_900.0).await;
    assert_eq!(world.message(&long).await["status"], "queued");
    world.advance(100.0).await;
    assert_eq!(world.message(&long).await["status"], "failed");
    assert!(world.phone(MARIA).await.is_empty());
    world.end().await;
}

#[tokio::test]
async fn options_of_a_message_are_checked() {
    let world = World::new(42).await;
    let bad = [
        ("Attempt", "0", 20422),
        ("ContentRetention", "burn", 20422),
        ("AddressRetention", "burn", 20422),
        ("TrafficType", "paid", 20422),
        ("RiskCheck", "maybe", 20422),
        ("ProvideFeedback", "perhaps", 20422),
        ("Tags", "[1]", 20422),
        ("ShortenUrls", "true", 21701),
        ("FallbackFrom", NUMBER, 21701),
        ("ValidityPeriod", "36001", 21624),
    ];
    for (name, value, code) in bad {
        let form = [("To", MARIA), ("From", NUMBER), ("Body", "x"), (name, value)];
        assert_eq!(world.post(&world.path("/Messages.json"), &form).await.1["code"], code, "{name}");
    }
    let good = [
        ("Attempt", "2"),
        ("ContentRetention", "retain"),
        ("AddressRetention", "obfuscate"),
        ("TrafficType", "free"),
        ("RiskCheck", "disable"),
        ("ProvideFeedback", "true"),
        ("ForceDelivery", "false"),
        ("Tags", "{\"campaign\":\"spring\"}"),
        ("SendAsMms", "false"),
        ("MaxPrice", "0.1"),
        ("PersistentAction", "geo:1,2|Here"),
    ];
    world.send(&[&[("To", MARIA), ("From", NUMBER), ("Body", "x")], &good[..]].concat()).await;
    world.end().await;
}
