//! Messaging Services: pools, sticky senders, scheduled messages.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, SPARE, Sink, World, statuses, text};

async fn service(world: &World, form: &[(&str, &str)], numbers: &[&str]) -> String {
    let (status, service) = world.post("/messaging/v1/Services", form).await;
    assert_eq!(status, 201, "{service}");
    let sid = text(&service, "sid");
    for number in numbers {
        let number = world.number(number).await;
        let path = format!("/messaging/v1/Services/{sid}/PhoneNumbers");
        let (status, sender) = world.post(&path, &[("PhoneNumberSid", &number)]).await;
        assert_eq!((status.as_u16(), &sender["sid"], &sender["service_sid"]), (201, &json!(number), &json!(sid)));
    }
    sid
}

#[tokio::test]
async fn a_service_chooses_the_sender_and_keeps_it() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let callback = sink.url("/status");
    let sid = service(&world, &[("FriendlyName", "Desk"), ("StatusCallback", &callback)], &[NUMBER, SPARE]).await;
    let form = [("To", MARIA), ("MessagingServiceSid", sid.as_str()), ("Body", "It’s time")];
    let sent = world.send(&form).await;
    assert_eq!(
        (&sent["status"], &sent["from"], &sent["num_segments"]),
        (&json!("accepted"), &Value::Null, &json!("0"))
    );
    // Smart encoding is on by default in a service.
    assert_eq!(sent["body"], "It's time");
    let message = text(&sent, "sid");
    world.advance(3.0).await;
    let first = world.message(&message).await;
    assert_eq!((&first["status"], &first["num_segments"]), (&json!("delivered"), &json!("1")));
    let hooks = sink.take();
    assert_eq!(statuses(&hooks, &message), ["queued", "sent", "delivered"]);
    assert_eq!(hooks[0].get("MessagingServiceSid"), Some(sid.as_str()));
    for _ in 0..4 {
        let again = text(&world.send(&form).await, "sid");
        world.advance(3.0).await;
        assert_eq!(world.message(&again).await["from"], first["from"]);
    }
    world.end().await;
}

#[tokio::test]
async fn inbound_to_a_pooled_number_names_the_service() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/number"))]).await;
    let sid =
        service(&world, &[("FriendlyName", "Desk"), ("InboundRequestUrl", &sink.url("/service"))], &[NUMBER]).await;
    world.text(MARIA, NUMBER, "Hi").await;
    let hooks = sink.take();
    assert_eq!((hooks[0].path.as_str(), hooks[0].get("MessagingServiceSid")), ("/service", Some(sid.as_str())));
    world.post(&format!("/messaging/v1/Services/{sid}"), &[("UseInboundWebhookOnNumber", "true")]).await;
    world.text(MARIA, NUMBER, "Hi").await;
    let hooks = sink.take();
    assert_eq!((hooks[0].path.as_str(), hooks[0].get("MessagingServiceSid")), ("/number", Some(sid.as_str())));
    world.end().await;
}

#[tokio::test]
async fn a_number_is_in_one_service_only() {
    let world = World::new(42).await;
    let first = service(&world, &[("FriendlyName", "One")], &[NUMBER]).await;
    let second = service(&world, &[("FriendlyName", "Two")], &[]).await;
    let number = world.number(NUMBER).await;
    let again =
        world.post(&format!("/messaging/v1/Services/{first}/PhoneNumbers"), &[("PhoneNumberSid", &number)]).await;
    assert_eq!(again.1["code"], 21710);
    let path = format!("/messaging/v1/Services/{second}/PhoneNumbers");
    assert_eq!(world.post(&path, &[("PhoneNumberSid", &number)]).await.1["code"], 21712);
    let (_, refused) = world
        .post(&world.path("/Messages.json"), &[("To", MARIA), ("MessagingServiceSid", &second), ("Body", "x")])
        .await;
    assert_eq!(refused["code"], 21704);
    assert_eq!(world.delete(&format!("/messaging/v1/Services/{first}")).await, 204);
    assert_eq!(world.post(&path, &[("PhoneNumberSid", &number)]).await.0, 201);
    assert_eq!(world.delete(&format!("{path}/{number}")).await, 204);
    world.end().await;
}

#[tokio::test]
async fn a_scheduled_message_waits_and_can_be_cancelled() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let sid = service(&world, &[("FriendlyName", "Desk"), ("StatusCallback", &sink.url("/status"))], &[NUMBER]).await;
    let at = |time: &'static str| {
        [
            ("To", MARIA),
            ("MessagingServiceSid", sid.as_str()),
            ("Body", "Later"),
            ("ScheduleType", "fixed"),
            ("SendAt", time),
        ]
    };
    let (_, early) = world.post(&world.path("/Messages.json"), &at("2026-03-02T17:04:00Z")).await;
    assert_eq!(early["code"], 35114);
    let sent = world.send(&at("2026-03-02T17:30:00Z")).await;
    assert_eq!((&sent["status"], &sent["num_segments"]), (&json!("scheduled"), &json!("0")));
    let cancelled = text(&world.send(&at("2026-03-02T17:30:00Z")).await, "sid");
    let path = world.path(&format!("/Messages/{cancelled}.json"));
    assert_eq!(world.post(&path, &[("Status", "canceled")]).await.1["status"], "canceled");
    let (_, again) = world.post(&path, &[("Status", "canceled")]).await;
    assert_eq!((&again["code"], &again["message"]), (&json!(30409), &json!("This message cannot be canceled")));
    world.advance(29.0 * 60.0).await;
    assert_eq!(world.message(&text(&sent, "sid")).await["status"], "scheduled");
    world.advance(63.0).await;
    assert_eq!(world.message(&text(&sent, "sid")).await["status"], "delivered");
    let hooks = sink.take();
    assert_eq!(statuses(&hooks, &text(&sent, "sid")), ["queued", "sent", "delivered"]);
    assert_eq!(statuses(&hooks, &cancelled), ["canceled"]);
    assert_eq!(world.phone(MARIA).await.len(), 1);
    world.end().await;
}
