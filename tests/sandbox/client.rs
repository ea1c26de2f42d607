//! Our own client against the sandbox: every resource both have, with both forms of credentials.

use std::time::Duration;

use futures_util::TryStreamExt;
use serde_json::json;
use switchboard::domain::id::Sid;
use switchboard::twilio::accounts::AccountStatus;
use switchboard::twilio::addresses::AddressSettings;
use switchboard::twilio::messages::{MessageFilter, NewMessage};
use switchboard::twilio::messaging::ServiceSettings;
use switchboard::twilio::numbers::search::{NumberKind, NumberSearch};
use switchboard::twilio::numbers::{NumberChoice, NumberFilter, NumberSettings};
use switchboard::twilio::short_codes::ShortCodeSettings;
use switchboard::twilio::{Base, Client, Config, Credential, Error, MessageStatus};

use crate::support::{MARIA, NUMBER, SAM, World, text};

fn with(world: &World, credential: Credential) -> Client {
    let base = Base::At(world.base.parse().unwrap());
    Client::new(Config::new(base, world.account.parse().unwrap(), credential)).unwrap()
}

fn client(world: &World) -> Client {
    with(world, Credential::AuthToken(world.token.clone().into()))
}

fn hello(to: &str, body: &str) -> NewMessage {
    NewMessage { to: to.into(), from: Some(NUMBER.into()), body: Some(body.into()), ..NewMessage::default() }
}

#[tokio::test]
async fn messages_from_the_call_to_the_grave() {
    let world = World::new(42).await;
    let client = client(&world);
    let messages = client.messages();
    let sent = messages.create(&hello(MARIA, "Hi")).await.unwrap();
    assert_eq!((sent.status.clone(), sent.date_sent, sent.price), (MessageStatus::Queued, None, None));
    assert_eq!(sent.date_created, Some(1_772_470_800_000_000));
    let early = messages.delete(sent.sid).await.unwrap_err();
    assert_eq!(early.code(), Some(20009), "{early}");
    world.advance(3.0).await;
    let done = messages.fetch(sent.sid).await.unwrap();
    assert_eq!((done.status, done.num_segments), (MessageStatus::Delivered, Some(1)));
    assert!(done.price.is_some_and(|price| price.is_sign_negative()), "{:?}", done.price);
    messages.feedback(sent.sid, true).await.unwrap();
    assert_eq!(messages.redact(sent.sid).await.unwrap().body, "");
    messages.delete(sent.sid).await.unwrap();
    assert!(messages.fetch(sent.sid).await.unwrap_err().is_not_found());
    let refused = messages.create(&hello("+1500", "x")).await.unwrap_err();
    assert_eq!(refused.code(), Some(21211));
    assert!(refused.explain().contains("(21211)"), "{}", refused.explain());
    world.end().await;
}

#[tokio::test]
async fn lists_are_streams_over_pages_with_every_filter() {
    let world = World::new(42).await;
    let client = client(&world);
    let messages = client.messages();
    for n in 0..7 {
        messages.create(&hello(if n % 2 == 0 { MARIA } else { SAM }, &format!("Text {n}"))).await.unwrap();
    }
    let bodies = async |filter: MessageFilter| -> Vec<String> {
        let stream = messages.stream(&filter).await.unwrap();
        stream.map_ok(|message| message.body).try_collect().await.unwrap()
    };
    let all = bodies(MessageFilter { page_size: Some(2), ..MessageFilter::default() }).await;
    assert_eq!(all, ["Text 6", "Text 5", "Text 4", "Text 3", "Text 2", "Text 1", "Text 0"]);
    let to_sam = MessageFilter { to: Some(SAM.into()), page_size: Some(1), ..MessageFilter::default() };
    assert_eq!(bodies(to_sam).await, ["Text 5", "Text 3", "Text 1"]);
    let today = 1_772_470_800_000_000;
    let tomorrow = MessageFilter { sent_after: Some(today + 86_400_000_000), ..MessageFilter::default() };
    assert!(bodies(tomorrow).await.is_empty());
    let on = MessageFilter { sent_on: Some(today), from: Some(NUMBER.into()), ..MessageFilter::default() };
    assert_eq!(bodies(on).await.len(), 7);
    world.end().await;
}

#[tokio::test]
async fn a_key_is_made_used_and_ended() {
    let world = World::new(42).await;
    let owner = client(&world);
    let key = owner.keys().create("desk").await.unwrap();
    let credential = || Credential::ApiKey { sid: key.sid, secret: key.secret.clone().unwrap() };
    let by_key = with(&world, credential());
    by_key.messages().create(&hello(MARIA, "By key")).await.unwrap();
    assert!(matches!(by_key.keys().list().await, Err(Error::Unauthorized { .. })));
    assert_eq!(owner.keys().rename(key.sid, "front desk").await.unwrap().friendly_name.as_deref(), Some("front desk"));
    assert!(owner.keys().fetch(key.sid).await.unwrap().secret.is_none());
    assert_eq!(owner.keys().list().await.unwrap().items.len(), 2);
    owner.keys().delete(key.sid).await.unwrap();
    assert!(matches!(by_key.messages().create(&hello(MARIA, "x")).await, Err(Error::Unauthorized { .. })));
    world.end().await;
}

#[tokio::test]
async fn numbers_addresses_and_accounts() {
    let world = World::new(42).await;
    let client = client(&world);
    let search = NumberSearch { area_code: Some("512".into()), ..NumberSearch::default() };
    let offer = client.numbers().search("US", &NumberKind::Local, &search).await.unwrap().items.remove(0);
    let settings = NumberSettings { friendly_name: Some("Austin".into()), ..NumberSettings::default() };
    let choice = NumberChoice::Number(offer.phone_number.clone());
    let bought = client.numbers().buy(&choice, &settings).await.unwrap();
    assert_eq!(client.numbers().buy(&choice, &settings).await.unwrap_err().code(), Some(21422));
    let filter = NumberFilter { phone_number: Some("+1512*".into()), ..NumberFilter::default() };
    assert_eq!(client.numbers().list(&filter).await.unwrap().items[0].sid, bought.sid);
    client.numbers().release(bought.sid).await.unwrap();

    let text = |text: &str| Some(text.to_owned());
    let settings = AddressSettings {
        customer_name: text("Harbor Dental"),
        street: text("1 Pier"),
        city: text("San Francisco"),
        region: text("CA"),
        postal_code: text("94105"),
        iso_country: text("US"),
        ..AddressSettings::default()
    };
    let address = client.addresses().create(&settings).await.unwrap();
    let moved = AddressSettings { street: text("2 Pier"), ..AddressSettings::default() };
    assert_eq!(client.addresses().update(address.sid, &moved).await.unwrap().street.as_deref(), Some("2 Pier"));
    assert_eq!(client.addresses().fetch(address.sid).await.unwrap().city.as_deref(), Some("San Francisco"));
    let listed = async |country| client.addresses().list(Some(country)).await.unwrap().items.len();
    assert_eq!((listed("US").await, listed("GB").await), (1, 0));
    client.addresses().delete(address.sid).await.unwrap();
    assert!(client.addresses().fetch(address.sid).await.unwrap_err().is_not_found());

    let sub = client.accounts().create_subaccount("Blue Kite").await.unwrap();
    let theirs = client.for_subaccount(sub.sid);
    assert_eq!(theirs.numbers().list(&NumberFilter::default()).await.unwrap().items.len(), 0);
    theirs.accounts().update(None, Some(&AccountStatus::Closed)).await.unwrap();
    assert_eq!(client.accounts().list().await.unwrap().items.len(), 2);
    world.end().await;
}

#[tokio::test]
async fn a_service_with_senders_of_all_kinds() {
    let world = World::new(42).await;
    let client = client(&world);
    let services = client.messaging_services();
    let settings = ServiceSettings {
        friendly_name: Some("Desk".into()),
        fallback_to_long_code: Some(false),
        scan_message_content: Some("disable".into()),
        ..ServiceSettings::default()
    };
    let service = services.create(&settings).await.unwrap();
    assert_eq!((service.fallback_to_long_code, service.validity_period), (Some(false), Some(36_000)));
    let code = client.short_codes().list(None).await.unwrap().items.remove(0);
    let named = ShortCodeSettings { friendly_name: Some("Alerts".into()), ..ShortCodeSettings::default() };
    assert_eq!(client.short_codes().update(code.sid, &named).await.unwrap().friendly_name.as_deref(), Some("Alerts"));
    assert_eq!(client.short_codes().fetch(code.sid).await.unwrap().short_code, code.short_code);
    services.add_short_code(service.sid, code.sid).await.unwrap();
    assert_eq!(services.add_short_code(service.sid, code.sid).await.unwrap_err().code(), Some(21710));
    let everywhere = services.add_alpha_sender(service.sid, "Harbor", None).await.unwrap();
    let german = services.add_alpha_sender(service.sid, "HarborDE", Some("DE")).await.unwrap();
    assert_eq!(german.iso_country_code.as_deref(), Some("DE"));
    let number: Sid = world.number(NUMBER).await.parse().unwrap();
    services.add_number(service.sid, number).await.unwrap();
    let counts = async || {
        (
            services.short_codes(service.sid).await.unwrap().items.len(),
            services.alpha_senders(service.sid).await.unwrap().items.len(),
            services.numbers(service.sid).await.unwrap().items.len(),
        )
    };
    assert_eq!(counts().await, (1, 2, 1));
    services.remove_short_code(service.sid, code.sid).await.unwrap();
    services.remove_alpha_sender(service.sid, everywhere.sid).await.unwrap();
    services.remove_number(service.sid, number).await.unwrap();
    assert_eq!(counts().await, (0, 1, 0));
    services.delete(service.sid).await.unwrap();
    world.end().await;
}

#[tokio::test]
async fn trouble_is_told_apart_and_a_post_is_never_repeated() {
    let world = World::new(42).await;
    let client = client(&world);
    let fault = async |action| {
        let matching = json!({ "product": "api", "method": "POST" });
        world.control("POST", "faults", json!({ "match": matching, "action": action })).await;
    };
    fault(json!({ "status": 429, "retryAfter": 2 })).await;
    match client.messages().create(&hello(MARIA, "limited")).await {
        Err(Error::RateLimited { retry_after }) => assert_eq!(retry_after, Some(Duration::from_secs(2))),
        other => panic!("{other:?}"),
    }
    fault(json!({ "dropAfterAccept": true })).await;
    let lost = client.messages().create(&hello(MARIA, "lost")).await.unwrap_err();
    assert!(matches!(lost, Error::Unknown { .. }) && lost.may_have_happened(), "{lost:?}");
    fault(json!({ "reset": true })).await;
    assert!(matches!(client.messages().create(&hello(MARIA, "cut")).await, Err(Error::Unknown { .. })));
    world.control("DELETE", "faults", json!(null)).await;
    let found = client.messages().list(&MessageFilter::default()).await.unwrap().items;
    assert_eq!(found.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["lost"]);
    let journal = world.control("GET", "requests", json!(null)).await;
    let posts = journal["requests"].as_array().unwrap().iter().filter(|entry| entry["method"] == "POST");
    assert_eq!(posts.map(|entry| text(&entry["request"], "Body")).collect::<Vec<_>>(), ["limited", "lost", "cut"]);
    // Reads are repeated: two failures are not noticed.
    let failing = json!({ "match": { "method": "GET" }, "action": { "status": 503 }, "times": 2 });
    world.control("POST", "faults", failing).await;
    client.messages().fetch(found[0].sid).await.unwrap();
    world.end().await;
}
