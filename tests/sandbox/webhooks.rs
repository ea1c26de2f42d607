//! How webhooks are tried: retries, fallbacks, methods, redirects.

use serde_json::json;

use crate::support::{MARIA, NUMBER, Sink, World, text};

#[tokio::test]
async fn a_500_is_not_tried_again_unless_the_url_says_so() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    sink.will_answer(&[(500, "text/plain", "")]);
    let sent = world.text(MARIA, NUMBER, "one").await;
    assert_eq!((&sent["webhook"]["status"], &sent["webhook"]["code"]), (&json!(500), &json!(11200)));
    assert_eq!(sink.take().len(), 1);

    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms?x=1#rc=3&rp=all"))]).await;
    sink.will_answer(&[(500, "text/plain", ""), (404, "text/plain", "")]);
    let sent = world.text(MARIA, NUMBER, "two").await;
    assert_eq!((&sent["webhook"]["status"], &sent["webhook"]["url"]), (&json!(200), &json!(sink.url("/sms?x=1"))));
    let hooks = sink.take();
    assert_eq!(hooks.len(), 3);
    assert!(hooks.iter().all(|hook| hook.signed_by(&world.token) && hook.url == sink.url("/sms?x=1")));
    assert!(hooks.iter().all(|hook| hook.idempotency == hooks[0].idempotency));
    world.end().await;
}

#[tokio::test]
async fn the_fallback_is_asked_with_the_error() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let (url, fallback) = (sink.url("/sms"), sink.url("/fallback"));
    world.configure(NUMBER, &[("SmsUrl", &url), ("SmsFallbackUrl", &fallback), ("SmsFallbackMethod", "GET")]).await;
    sink.will_answer(&[(200, "text/xml", "<Respond>"), (200, "text/plain", "We are back soon.")]);
    world.text(MARIA, NUMBER, "Hi").await;
    let hooks = sink.take();
    assert_eq!((hooks.len(), hooks[1].path.as_str(), hooks[1].method.as_str()), (2, "/fallback", "GET"));
    assert_eq!((hooks[1].get("ErrorCode"), hooks[1].get("ErrorUrl")), (Some("12100"), Some(url.as_str())));
    assert_ne!(hooks[0].idempotency, hooks[1].idempotency);
    world.advance(2.0).await;
    assert_eq!(world.phone(MARIA).await[1]["body"], "We are back soon.");
    world.end().await;
}

#[tokio::test]
async fn a_get_webhook_has_everything_in_the_query_and_signs_it() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms?tenant=1")), ("SmsMethod", "GET")]).await;
    world.text(MARIA, NUMBER, "It's 5 o’clock & fine").await;
    let hooks = sink.take();
    assert_eq!((hooks[0].method.as_str(), hooks[0].get("Body")), ("GET", Some("It's 5 o’clock & fine")));
    assert_eq!(hooks[0].get("tenant"), Some("1"));
    assert!(hooks[0].signed_by(&world.token), "{}", hooks[0].url);
    world.end().await;
}

#[tokio::test]
async fn twiml_may_redirect_and_send_several() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let (first, status) = (sink.url("/a/first"), sink.url("/reply-status"));
    world.configure(NUMBER, &[("SmsUrl", &first)]).await;
    let one = format!(
        "<Response><Message statusCallback=\"{status}\">One</Message><Redirect>second?x=1</Redirect></Response>"
    );
    let two = "<Response><Message to=\"+14155550111\"><Body>Two</Body></Message></Response>";
    sink.will_answer(&[(200, "text/xml", &one), (200, "application/xml", two)]);
    world.text(MARIA, NUMBER, "Hi").await;
    assert_eq!(sink.take().iter().map(|hook| hook.url.clone()).collect::<Vec<_>>(), [first, sink.url("/a/second?x=1")]);
    world.advance(2.0).await;
    assert_eq!(world.phone(MARIA).await[1]["body"], "One");
    assert_eq!(world.phone("+14155550111").await[0]["body"], "Two");
    let reply = world.message(&text(&world.phone(MARIA).await[1], "sid")).await;
    assert_eq!(reply["direction"], "outbound-reply");
    assert_eq!(sink.take().len(), 2);
    world.end().await;
}

#[tokio::test]
async fn a_closed_door_is_tried_twice_and_recorded() {
    let world = World::new(42).await;
    // A port that was free a moment ago, and that nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.configure(NUMBER, &[("SmsUrl", &format!("http://{free}/sms"))]).await;
    let sent = world.text(MARIA, NUMBER, "Hi").await;
    assert_eq!((&sent["webhook"]["status"], &sent["webhook"]["code"]), (&json!(null), &json!(11205)));
    let journal = world.control("GET", "requests", json!(null)).await;
    let attempts: Vec<_> = journal["requests"].as_array().unwrap().iter().filter(|e| e["kind"] == "webhook").collect();
    assert_eq!((attempts.len(), &attempts[1]["attempt"], &attempts[1]["code"]), (2, &json!(2), &json!(11205)));
    world.end().await;
}

#[tokio::test]
async fn callbacks_go_to_the_default_when_nothing_names_a_url() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let set = json!({ "sms": sink.url("/default-sms"), "status": sink.url("/default-status") });
    let webhooks = world.control("POST", "webhooks", set).await;
    assert_eq!((&webhooks["sms"], &webhooks["usage"]), (&json!(sink.url("/default-sms")), &json!(null)));
    world.text(MARIA, NUMBER, "Hi").await;
    world.send(&[("To", MARIA), ("From", NUMBER), ("Body", "Hi")]).await;
    world.advance(2.0).await;
    let paths: Vec<String> = sink.take().into_iter().map(|hook| hook.path).collect();
    assert_eq!(paths, ["/default-sms", "/default-status", "/default-status"]);
    world.control("POST", "webhooks", json!({ "sms": null })).await;
    let sent = world.text(MARIA, NUMBER, "Hi").await;
    assert_eq!((&sent["webhook"], &sent["webhooks"]), (&json!(null), &json!([])));
    world.end().await;
}

#[tokio::test]
async fn whatsapp_brings_every_documented_parameter() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    let (from, to) = (format!("whatsapp:{MARIA}"), format!("whatsapp:{NUMBER}"));
    let parameters = json!({ "ButtonText": "Yes", "ButtonPayload": "yes-1", "ButtonType": "REPLY", "MessageType": "button",
        "OriginalRepliedMessageSid": "SM1", "Latitude": "37.78", "ReferralNumMedia": "1", "Forwarded": "true" });
    let send = json!({ "to": to, "profileName": "Maria", "parameters": parameters });
    world.control("POST", &format!("phones/{from}/send"), send).await;
    let hook = sink.take().remove(0);
    assert!(hook.signed_by(&world.token));
    for (name, value) in parameters.as_object().unwrap() {
        assert_eq!(hook.get(name), value.as_str(), "{name}");
        assert_eq!(hook.params.iter().filter(|(known, _)| known == name).count(), 1, "{name}");
    }
    assert_eq!(
        (hook.get("ProfileName"), hook.get("WaId"), hook.get("Body")),
        (Some("Maria"), Some("14155550123"), Some(""))
    );
    for (from, to, parameters) in
        [(MARIA, NUMBER, json!({ "ButtonText": "Yes" })), (from.as_str(), to.as_str(), json!({ "Body": "twice" }))]
    {
        let send = json!({ "to": to, "body": "x", "parameters": parameters });
        assert_eq!(world.try_control("POST", &format!("phones/{from}/send"), send).await.0, 400);
    }
    let group = json!({ "to": NUMBER, "body": "Hi all", "parameters": { "OtherRecipients0": "+14155550111" } });
    world.control("POST", &format!("phones/{MARIA}/send"), group).await;
    assert_eq!(sink.take()[0].get("OtherRecipients0"), Some("+14155550111"));
    world.end().await;
}
