//! STOP, START and HELP.

use serde_json::json;

use crate::support::{MARIA, NUMBER, SAM, SPARE, Sink, World, text};

#[tokio::test]
async fn stop_blocks_and_start_opens_again() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    let form = [("To", MARIA), ("From", NUMBER), ("Body", "Hello")];

    world.text(MARIA, NUMBER, " stop ").await;
    let hooks = sink.take();
    assert_eq!((hooks.len(), hooks[0].get("Body"), hooks[0].get("OptOutType")), (1, Some(" stop "), None));
    let (status, body) = world.post(&world.path("/Messages.json"), &form).await;
    assert_eq!((status.as_u16(), &body["code"]), (400, &json!(21610)));
    assert_eq!(body["message"], "Attempt to send to unsubscribed recipient");
    // Another sender, and another customer, are not concerned.
    world.send(&[("To", MARIA), ("From", SPARE), ("Body", "Hello")]).await;
    world.send(&[("To", SAM), ("From", NUMBER), ("Body", "Hello")]).await;

    world.advance(2.0).await;
    let texts = world.phone(MARIA).await;
    let told = texts.iter().find(|text| text["from"] == NUMBER && text["direction"] == "in").unwrap();
    assert!(text(told, "body").starts_with("You have successfully been unsubscribed."));

    world.text(MARIA, NUMBER, "Start").await;
    world.send(&form).await;
    world.text(MARIA, NUMBER, "HELP").await;
    world.advance(2.0).await;
    let bodies: Vec<String> = world.phone(MARIA).await.iter().map(|t| text(t, "body")).collect();
    assert!(bodies.iter().any(|body| body.starts_with("You have successfully been re-subscribed")));
    assert!(bodies.iter().any(|body| body == "Reply STOP to unsubscribe. Msg&Data Rates May Apply."));
    world.end().await;
}

#[tokio::test]
async fn a_reply_to_who_has_stopped_is_left_out() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    sink.will_answer(&[(200, "text/xml", "<Response><Message>But why?</Message></Response>")]);
    world.text(MARIA, NUMBER, "STOP").await;
    world.advance(2.0).await;
    let bodies: Vec<String> = world.phone(MARIA).await.iter().map(|t| text(t, "body")).collect();
    assert!(!bodies.iter().any(|body| body == "But why?"), "{bodies:?}");
    world.end().await;
}

#[tokio::test]
async fn in_a_messaging_service_stop_holds_for_the_whole_service() {
    let world = World::new(42).await;
    let (_, service) = world.post("/messaging/v1/Services", &[("FriendlyName", "Desk")]).await;
    let sid = text(&service, "sid");
    for number in [NUMBER, SPARE] {
        let number = world.number(number).await;
        world.post(&format!("/messaging/v1/Services/{sid}/PhoneNumbers"), &[("PhoneNumberSid", &number)]).await;
    }
    world.text(MARIA, NUMBER, "STOP").await;
    for form in [[("From", SPARE)], [("MessagingServiceSid", sid.as_str())]] {
        let form = [&form[..], &[("To", MARIA), ("Body", "Hello")]].concat();
        let (_, body) = world.post(&world.path("/Messages.json"), &form).await;
        assert_eq!(body["code"], 21610, "{form:?}");
    }
    world.end().await;
}
