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

#[tokio::test]
async fn advanced_opt_out_has_its_own_words_and_tells_the_webhook() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let form = [("FriendlyName", "Desk"), ("InboundRequestUrl", &sink.url("/sms"))];
    let (_, service) = world.post("/messaging/v1/Services", &form).await;
    let sid = text(&service, "sid");
    let number = world.number(NUMBER).await;
    world.post(&format!("/messaging/v1/Services/{sid}/PhoneNumbers"), &[("PhoneNumberSid", &number)]).await;
    let words = json!({ "stop": { "keywords": ["Basta"], "reply": "Bye from Harbor Dental." }, "start": { "keywords": ["Ciao"] } });
    world.control("POST", &format!("services/{sid}/opt-out"), words).await;
    for (said, told) in [("basta ", Some("STOP")), ("ciao", Some("START")), ("help", Some("HELP")), ("basta now", None)]
    {
        world.text(MARIA, NUMBER, said).await;
        assert_eq!(sink.take()[0].get("OptOutType"), told, "{said}");
    }
    world.advance(2.0).await;
    let bodies: Vec<String> = world.phone(MARIA).await.iter().map(|t| text(t, "body")).collect();
    assert!(bodies.iter().any(|body| body == "Bye from Harbor Dental."), "{bodies:?}");
    assert!(bodies.iter().any(|body| body.starts_with("You have successfully been re-subscribed")), "{bodies:?}");
    world.text(MARIA, NUMBER, "stop").await;
    assert_eq!(sink.take()[0].get("OptOutType"), Some("STOP"));
    let (_, body) = world.post(&world.path("/Messages.json"), &[("To", MARIA), ("From", NUMBER), ("Body", "Hi")]).await;
    assert_eq!(body["code"], 21610);
    let unknown = format!("services/MG{}/opt-out", "0".repeat(32));
    assert_eq!(world.try_control("POST", &unknown, json!({})).await.0, 404);
    world.end().await;
}

#[tokio::test]
async fn the_network_keeps_back_what_a_stopped_toll_free_number_sends() {
    let world = World::new(42).await;
    let (_, offers) = world.get(&world.path("/AvailablePhoneNumbers/US/TollFree.json?PageSize=1")).await;
    let free = text(&offers["available_phone_numbers"][0], "phone_number");
    let (status, _) = world.post(&world.path("/IncomingPhoneNumbers.json"), &[("PhoneNumber", &free)]).await;
    assert_eq!(status, 201);
    let send = async || text(&world.send(&[("To", MARIA), ("From", &free), ("Body", "Sale")]).await, "sid");
    world.text(MARIA, &free, "Stop").await;
    let blocked = send().await;
    world.advance(3.0).await;
    let message = world.message(&blocked).await;
    assert_eq!((&message["status"], &message["error_code"]), (&json!("undelivered"), &json!(30004)));
    let texts = world.phone(MARIA).await;
    assert!(text(&texts[1], "body").starts_with("NETWORK MSG: You replied with the word"), "{texts:?}");
    world.text(MARIA, &free, "UNSTOP").await;
    let sent = send().await;
    world.advance(3.0).await;
    assert_eq!(world.message(&sent).await["status"], "delivered");
    // HELP is the business's to answer.
    let before = world.phone(MARIA).await.len();
    world.text(MARIA, &free, "HELP").await;
    world.advance(3.0).await;
    assert_eq!(world.phone(MARIA).await.len(), before + 1);
    world.end().await;
}
