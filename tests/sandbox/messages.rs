//! A message from the API call to the handset, and back.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, SPARE, Sink, World, statuses, text};

#[tokio::test]
async fn a_message_goes_its_way() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let callback = sink.url("/status?m=7&b=harbor");
    let sent = world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hi"), ("StatusCallback", &callback)]).await;
    assert_eq!(sent["status"], "queued");
    assert_eq!(sent["num_segments"], "1");
    assert_eq!(sent["direction"], "outbound-api");
    assert_eq!(sent["price"], Value::Null);
    assert_eq!(sent["date_sent"], Value::Null);
    assert!(text(&sent, "date_created").ends_with(" +0000"));
    let sid = text(&sent, "sid");
    assert!(world.phone(MARIA).await.is_empty());

    world.advance(2.0).await;
    let message = world.message(&sid).await;
    assert_eq!(message["status"], "delivered");
    assert_eq!(message["price"], "-0.00830");
    assert!(message["date_sent"].is_string());
    let texts = world.phone(MARIA).await;
    assert_eq!((texts.len(), &texts[0]["direction"], &texts[0]["body"]), (1, &json!("in"), &json!("Hi")));

    let hooks = sink.take();
    assert_eq!(statuses(&hooks, &sid), ["sent", "delivered"]);
    for hook in &hooks {
        assert!(hook.signed_by(&world.token) && !hook.signed_by("wrong"));
        assert_eq!((hook.url.as_str(), hook.method.as_str()), (callback.as_str(), "POST"));
        assert_eq!(hook.get("SmsStatus"), hook.get("MessageStatus"));
        assert_eq!(hook.get("AccountSid"), Some(world.account.as_str()));
    }
    assert_eq!(hooks[1].get("RawDlrDoneDate"), Some("2603021700"));
    world.end().await;
}

#[tokio::test]
async fn a_handset_texts_in_and_the_webhook_answers() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let url = sink.url("/sms?tenant=harbor");
    world.configure(NUMBER, &[("SmsUrl", &url)]).await;
    sink.will_answer(&[(200, "text/xml", "<Response><Message>Hello &amp; welcome</Message></Response>")]);
    let received = world.text(MARIA, NUMBER, "Hi, it's me!").await;
    assert_eq!(received["webhook"]["status"], 200);
    assert_eq!(received["webhook"]["url"], json!(url));
    let hooks = sink.take();
    let hook = &hooks[0];
    assert!(hook.signed_by(&world.token));
    assert_eq!(hook.user_agent, "TwilioProxy/1.1");
    assert!(!hook.idempotency.is_empty());
    let sid = text(&received, "sid");
    let expected = [
        ("MessageSid", sid.as_str()),
        ("SmsSid", &sid),
        ("SmsMessageSid", &sid),
        ("Body", "Hi, it's me!"),
        ("From", MARIA),
        ("To", NUMBER),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
        ("FromCountry", "US"),
        ("FromState", "CA"),
    ];
    for (name, value) in expected {
        assert_eq!(hook.get(name), Some(value), "{name}");
    }
    assert_eq!(hook.get("MessageStatus"), None);
    world.advance(2.0).await;
    let texts = world.phone(MARIA).await;
    assert_eq!((texts.len(), &texts[1]["body"]), (2, &json!("Hello & welcome")));
    let inbound = world.message(&sid).await;
    assert_eq!((&inbound["direction"], &inbound["status"]), (&json!("inbound"), &json!("received")));
    world.end().await;
}

#[tokio::test]
async fn a_message_to_a_number_of_the_sandbox_comes_in_there() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(SPARE, &[("SmsUrl", &sink.url("/spare"))]).await;
    let sent = text(&world.send(&[("To", SPARE), ("From", NUMBER), ("Body", "Are you there?")]).await, "sid");
    world.advance(2.0).await;
    let hooks = sink.take();
    assert_eq!(
        (hooks[0].get("From"), hooks[0].get("To"), hooks[0].get("Body")),
        (Some(NUMBER), Some(SPARE), Some("Are you there?"))
    );
    assert_ne!(hooks[0].get("MessageSid"), Some(sent.as_str()));
    assert_eq!(world.message(&sent).await["status"], "delivered");
    world.end().await;
}
