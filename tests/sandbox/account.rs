//! Numbers, keys, subaccounts, addresses.

use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, SPARE, Sink, World, escape, text};

#[tokio::test]
async fn a_fresh_sandbox_has_two_numbers_without_webhooks() {
    let world = World::new(42).await;
    let (_, list) = world.get(&world.path("/IncomingPhoneNumbers.json")).await;
    let numbers = list["incoming_phone_numbers"].as_array().unwrap();
    let mut phones: Vec<String> = numbers.iter().map(|number| text(number, "phone_number")).collect();
    phones.sort();
    assert_eq!(phones, [NUMBER, SPARE]);
    for number in numbers {
        assert_eq!((&number["sms_url"], &number["sms_method"]), (&json!(""), &json!("POST")));
        assert_eq!(number["capabilities"], json!({ "voice": true, "sms": true, "mms": true, "fax": false }));
    }
    let form =
        [("FriendlyName", "Front desk"), ("SmsUrl", "https://example.com/sms"), ("VoiceUrl", "https://example.com/v")];
    let number = world.configure(NUMBER, &form).await;
    assert_eq!(
        (&number["friendly_name"], &number["voice_url"]),
        (&json!("Front desk"), &json!("https://example.com/v"))
    );
    let (_, refused) = world
        .post(&world.path(&format!("/IncomingPhoneNumbers/{}.json", text(&number, "sid"))), &[("SmsUrl", "nowhere")])
        .await;
    assert_eq!(refused["code"], 21402);
    world.end().await;
}

#[tokio::test]
async fn a_number_is_found_bought_used_and_released() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    let search = world.path("/AvailablePhoneNumbers/US/Local.json?AreaCode=415&SmsEnabled=true&PageSize=5");
    let (_, found) = world.get(&search).await;
    let offers = found["available_phone_numbers"].as_array().unwrap();
    assert_eq!(offers.len(), 5);
    assert_eq!((&offers[0]["region"], &offers[0]["capabilities"]["SMS"]), (&json!("CA"), &json!(true)));
    let phone = text(&offers[0], "phone_number");
    let buy = world.path("/IncomingPhoneNumbers.json");
    let (status, bought) = world.post(&buy, &[("PhoneNumber", &phone), ("SmsUrl", &sink.url("/sms"))]).await;
    assert_eq!((status.as_u16(), &bought["phone_number"]), (201, &json!(phone)));
    assert_eq!(world.post(&buy, &[("PhoneNumber", &phone)]).await.1["code"], 21422);
    assert_eq!(world.post(&buy, &[("PhoneNumber", "+14155550123")]).await.1["code"], 21422);
    assert_eq!(world.post(&buy, &[("PhoneNumber", "+1")]).await.1["code"], 21421);
    assert_eq!(world.post(&buy, &[("AreaCode", "999")]).await.1["code"], 21452);
    assert_eq!(world.post(&buy, &[("AreaCode", "212")]).await.0, 201);
    let (_, again) = world.get(&search).await;
    assert!(
        again["available_phone_numbers"].as_array().unwrap().iter().all(|offer| offer["phone_number"] != json!(phone))
    );
    let (_, free) = world.get(&world.path("/AvailablePhoneNumbers/US/TollFree.json")).await;
    assert!(text(&free["available_phone_numbers"][0], "phone_number").starts_with("+18"));

    world.text(MARIA, &phone, "Hi").await;
    assert_eq!(sink.take()[0].get("To"), Some(phone.as_str()));
    let path = world.path(&format!("/IncomingPhoneNumbers/{}.json", text(&bought, "sid")));
    assert_eq!(world.delete(&path).await, 204);
    assert_eq!(world.get(&path).await.0, 404);
    let (status, body) =
        world.try_control("POST", &format!("phones/{MARIA}/send"), json!({ "to": phone, "body": "x" })).await;
    assert_eq!(status, 404, "{body}");
    let (_, filtered) =
        world.get(&world.path(&format!("/IncomingPhoneNumbers.json?PhoneNumber={}", escape("550199")))).await;
    assert_eq!(filtered["incoming_phone_numbers"].as_array().unwrap().len(), 1);
    world.end().await;
}

#[tokio::test]
async fn a_key_is_made_used_and_revoked() {
    let world = World::new(42).await;
    let (status, key) = world.post(&world.path("/Keys.json"), &[("FriendlyName", "CI")]).await;
    assert_eq!(status, 201);
    let (sid, secret) = (text(&key, "sid"), text(&key, "secret"));
    let get = async |path: String| {
        let request = world.client.get(format!("{}{path}", world.base)).basic_auth(&sid, Some(&secret));
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(get(world.path("/Messages.json")).await, 200);
    // A standard key has no reach to keys and accounts.
    assert_eq!(get(world.path("/Keys.json")).await, 401);
    assert_eq!(get(world.path(".json")).await, 401);
    let (_, list) = world.get(&world.path("/Keys.json")).await;
    assert_eq!(list["keys"].as_array().unwrap().len(), 2);
    assert!(list["keys"].as_array().unwrap().iter().all(|key| key.get("secret").is_none()));
    assert_eq!(world.delete(&world.path(&format!("/Keys/{sid}.json"))).await, 204);
    assert_eq!(get(world.path("/Messages.json")).await, 401);
    let (_, list) = world.get(&world.path("/Keys.json")).await;
    assert_eq!(list["keys"].as_array().unwrap().len(), 1);
    world.end().await;
}

#[tokio::test]
async fn a_subaccount_is_its_own_world() {
    let world = World::new(42).await;
    let (status, sub) = world.post("/api/2010-04-01/Accounts.json", &[("FriendlyName", "Tenant")]).await;
    assert_eq!((status.as_u16(), &sub["owner_account_sid"]), (201, &json!(world.account)));
    let (sid, token) = (text(&sub, "sid"), text(&sub, "auth_token"));
    let own = |path: &str| format!("/api/2010-04-01/Accounts/{sid}{path}");
    // The parent acts for it; it does not see the parent.
    let (_, bought) = world.post(&own("/IncomingPhoneNumbers.json"), &[("AreaCode", "415")]).await;
    let phone = text(&bought, "phone_number");
    let as_sub = async |path: String| {
        let request = world.client.get(format!("{}{path}", world.base)).basic_auth(&sid, Some(&token));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(
        as_sub(own("/IncomingPhoneNumbers.json")).await.1["incoming_phone_numbers"][0]["phone_number"],
        json!(phone)
    );
    assert_eq!(as_sub(world.path("/Messages.json")).await.0, 404);
    let (_, refused) =
        world.post(&world.path("/Messages.json"), &[("To", MARIA), ("From", &phone), ("Body", "x")]).await;
    assert_eq!(refused["code"], 21606);
    // Its webhooks are signed with its own token.
    let sink = Sink::new().await;
    world
        .post(&own(&format!("/IncomingPhoneNumbers/{}.json", text(&bought, "sid"))), &[("SmsUrl", &sink.url("/sub"))])
        .await;
    world.text(MARIA, &phone, "Hi").await;
    let hooks = sink.take();
    assert!(hooks[0].signed_by(&token) && !hooks[0].signed_by(&world.token));
    assert_eq!(hooks[0].get("AccountSid"), Some(sid.as_str()));
    // A number can move between the parent and its subaccounts.
    let spare = world.number(SPARE).await;
    world.post(&world.path(&format!("/IncomingPhoneNumbers/{spare}.json")), &[("AccountSid", &sid)]).await;
    assert_eq!(
        as_sub(own("/IncomingPhoneNumbers.json")).await.1["incoming_phone_numbers"].as_array().unwrap().len(),
        2
    );
    assert_eq!(world.get(&world.path(&format!("/IncomingPhoneNumbers/{spare}.json"))).await.0, 404);
    world.post(&own(".json"), &[("Status", "suspended")]).await;
    assert_eq!(as_sub(own("/Messages.json")).await.1["code"], 20005);
    world.end().await;
}

#[tokio::test]
async fn addresses_are_kept() {
    let world = World::new(42).await;
    let path = world.path("/Addresses.json");
    assert_eq!(world.post(&path, &[("CustomerName", "Harbor Dental")]).await.1["code"], 21631);
    let form = [
        ("CustomerName", "Harbor Dental"),
        ("Street", "1 Pier"),
        ("City", "San Francisco"),
        ("Region", "CA"),
        ("PostalCode", "94103"),
        ("IsoCountry", "US"),
    ];
    let (status, address) = world.post(&path, &form).await;
    assert_eq!(
        (status.as_u16(), &address["city"], &address["street_secondary"]),
        (201, &json!("San Francisco"), &Value::Null)
    );
    let own = world.path(&format!("/Addresses/{}.json", text(&address, "sid")));
    assert_eq!(world.post(&own, &[("City", "Oakland")]).await.1["city"], "Oakland");
    assert_eq!(world.delete(&own).await, 204);
    assert_eq!(world.get(&path).await.1["addresses"], json!([]));
    world.end().await;
}

#[tokio::test]
async fn an_auth_token_is_rotated_without_a_gap() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    world.configure(NUMBER, &[("SmsUrl", &sink.url("/sms"))]).await;
    let (status, second) = world.post("/accounts/v1/AuthTokens/Secondary", &[]).await;
    assert_eq!(status, 201);
    let token = text(&second, "secondary_auth_token");
    let with = async |token: &str| {
        let url = format!("{}{}", world.base, world.path("/Messages.json"));
        world.client.get(url).basic_auth(&world.account, Some(token)).send().await.unwrap().status().as_u16()
    };
    assert_eq!((with(&world.token).await, with(&token).await), (200, 200));
    world.text(MARIA, NUMBER, "before").await;
    assert!(sink.take()[0].signed_by(&world.token));
    assert_eq!(world.post("/accounts/v1/AuthTokens/Promote", &[]).await.0, 200);
    assert_eq!((with(&world.token).await, with(&token).await), (401, 200));
    world.text(MARIA, NUMBER, "after").await;
    assert!(sink.take()[0].signed_by(&token));
    world.end().await;
}
