//! What things cost and what was used: counted as it happens, equal to the prices on the single records.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::{MARIA, NUMBER, Sink, World, escape, text};

/// A category's record of a list, with its count, usage and price.
async fn used(world: &World, list: &str, category: &str) -> (String, String, String) {
    let rows = rows(world, list, &format!("Category={category}")).await;
    let [row] = rows.as_slice() else { panic!("{category}: {rows:?}") };
    (row["count"].as_str().unwrap_or_default().to_owned(), text(row, "usage"), text(row, "price"))
}

async fn rows(world: &World, list: &str, query: &str) -> Vec<Value> {
    let (status, body) = world.get(&world.path(&format!("/Usage/Records{list}.json?{query}"))).await;
    assert_eq!(status, 200, "{body}");
    body["usage_records"].as_array().unwrap().clone()
}

fn three(count: &str, usage: &str, price: &str) -> (String, String, String) {
    (count.to_owned(), usage.to_owned(), price.to_owned())
}

async fn send(world: &World, to: &str, body: &str) -> String {
    text(&world.send(&[("To", to), ("From", NUMBER), ("Body", body)]).await, "sid")
}

fn money(value: &Value) -> Decimal {
    value.as_str().unwrap().trim_start_matches('-').parse().unwrap()
}

#[tokio::test]
async fn what_is_sent_and_received_is_counted_with_its_price_and_stays_when_it_is_deleted() {
    let mut world = World::new(42).await;
    let long = "a".repeat(200);
    let mut sids = vec![send(&world, MARIA, "Hello").await, send(&world, MARIA, &long).await];
    sids.push(send(&world, "+442079460018", "Hello").await);
    let answer = world.text(MARIA, NUMBER, "Hi").await;
    sids.push(text(&answer, "sid"));
    world.control("POST", &format!("phones/{MARIA}/outcome"), json!({ "status": "failed", "times": 1 })).await;
    let failed = send(&world, MARIA, "never").await;
    world.advance(5.0).await;

    let mut total = Decimal::ZERO;
    for sid in &sids {
        let message = world.message(sid).await;
        assert_eq!(message["price_unit"], "USD");
        total += money(&message["price"]);
    }
    assert_eq!(world.message(&failed).await["price"], Value::Null);
    // Two texts to the United States in three segments, one to the United Kingdom.
    assert_eq!(used(&world, "/Today", "sms-outbound-longcode").await, three("3", "4", "0.0773"));
    assert_eq!(used(&world, "/Today", "sms-inbound-longcode").await, three("1", "1", "0.0083"));
    assert_eq!(used(&world, "/Today", "failed-message-processing-fee").await, three("1", "1", "0.001"));
    assert_eq!(used(&world, "/Today", "sms").await, three("4", "5", "0.0856"));
    let sum: Decimal = "0.0856".parse().unwrap();
    assert_eq!(total, sum);
    assert_eq!(used(&world, "", "totalprice").await, three("", "0.0866", "0.0866"));
    let balance = world.get(&world.path("/Balance.json")).await.1;
    assert_eq!((&balance["balance"], &balance["currency"]), (&json!("99.9134"), &json!("USD")));

    for sid in &sids {
        assert_eq!(world.delete(&world.path(&format!("/Messages/{sid}.json"))).await, 204);
    }
    world.restart().await;
    assert_eq!(used(&world, "/AllTime", "sms").await, three("4", "5", "0.0856"));
    world.control("POST", "reset", json!({})).await;
    assert_eq!(used(&world, "/AllTime", "totalprice").await, three("", "0", "0"));
    world.end().await;
}

#[tokio::test]
async fn each_category_of_each_day_is_listed_zeros_too_and_read_in_pages() {
    let world = World::new(42).await;
    send(&world, MARIA, "one").await;
    // The clock stands at 17:00: seven hours and a little later it is the next day in GMT.
    world.advance(8.0 * 3600.0).await;
    send(&world, MARIA, "two").await;
    send(&world, MARIA, "three").await;
    world.advance(40.0 * 86_400.0).await;

    let of = |row: &Value| (text(row, "start_date"), text(row, "end_date"), text(row, "count"));
    let daily = rows(&world, "/Daily", "Category=sms&PageSize=1000").await;
    assert_eq!(daily.len(), 42);
    let last = daily.iter().rev().take(3).map(of).collect::<Vec<_>>();
    let day = |day: &str, count: &str| (day.to_owned(), day.to_owned(), count.to_owned());
    assert_eq!(last, [day("2026-03-02", "1"), day("2026-03-03", "2"), day("2026-03-04", "0")]);
    let monthly: Vec<_> = rows(&world, "/Monthly", "Category=sms").await.iter().map(of).collect();
    let month = |from: &str, to: &str, count: &str| (from.to_owned(), to.to_owned(), count.to_owned());
    assert_eq!(monthly, [month("2026-04-01", "2026-04-12", "0"), month("2026-03-02", "2026-03-31", "3")]);
    let one = |list: &'static str| async { of(&rows(&world, list, "Category=sms").await[0]) };
    assert_eq!(one("/LastMonth").await, month("2026-03-01", "2026-03-31", "3"));
    assert_eq!(one("/ThisMonth").await, month("2026-04-01", "2026-04-12", "0"));
    assert_eq!(one("/Yearly").await, month("2026-03-02", "2026-04-12", "3"));
    assert_eq!(one("/Yesterday").await, day("2026-04-11", "0"));
    let asked = rows(&world, "", "Category=sms&StartDate=2026-03-03&EndDate=-39days").await;
    assert_eq!(of(&asked[0]), month("2026-03-03", "2026-03-04", "2"));
    assert!(rows(&world, "", "Category=no-such-thing").await.is_empty());

    // The rent of two numbers, a month after the beginning.
    assert_eq!(used(&world, "", "phonenumbers").await, three("2", "2", "2.3"));
    // All categories of two days, page by page.
    let mut path = world.path("/Usage/Records/Daily.json?StartDate=-1days&PageSize=70");
    let (mut seen, mut pages) = (Vec::new(), 0);
    loop {
        let (_, body) = world.get(&path).await;
        let records = body["usage_records"].as_array().unwrap().clone();
        seen.extend(records.iter().map(|row| (text(row, "start_date"), text(row, "category"))));
        pages += 1;
        match body["next_page_uri"].as_str() {
            Some(next) => path = format!("/api{next}"),
            None => break,
        }
    }
    let whole = rows(&world, "", "PageSize=1000").await.len();
    assert_eq!((seen.len(), pages), (2 * whole, (2 * whole).div_ceil(70)));
    assert!(seen[..whole].iter().all(|(day, _)| day == "2026-04-12"));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 2 * whole);
    for wrong in ["StartDate=soon", "EndDate=2026-02-30", "StartDate=2026-03-03&EndDate=2026-03-02"] {
        let (status, body) = world.get(&world.path(&format!("/Usage/Records.json?{wrong}"))).await;
        assert_eq!((status.as_u16(), &body["code"]), (400, &json!(20001)), "{wrong}");
    }
    world.end().await;
}

#[tokio::test]
async fn codes_and_look_ups_and_numbers_are_counted() {
    let world = World::new(42).await;
    let (_, service) = world.post("/verify/v2/Services", &[("FriendlyName", "Bank")]).await;
    let path = format!("/verify/v2/Services/{}", text(&service, "sid"));
    world.post(&format!("{path}/Verifications"), &[("To", MARIA), ("Channel", "sms")]).await;
    world.post(&format!("{path}/Verifications"), &[("To", MARIA), ("Channel", "call")]).await;
    world.advance(20.0).await;
    let shown = world.control("GET", &format!("phones/{MARIA}"), Value::Null).await;
    let code: String = text(&shown["messages"][0], "body").chars().filter(char::is_ascii_digit).collect();
    let (_, checked) = world.post(&format!("{path}/VerificationCheck"), &[("To", MARIA), ("Code", &code)]).await;
    assert_eq!(checked["status"], "approved");
    let (_, attempts) = world.get("/verify/v2/Attempts").await;
    let attempts = attempts["attempts"].as_array().unwrap();
    let paid: Decimal = attempts.iter().map(|attempt| money(&attempt["price"]["value"])).sum();
    assert_eq!(used(&world, "/Today", "authy-sms-outbound").await, three("1", "1", "0.0083"));
    assert_eq!(used(&world, "/Today", "authy-calls-outbound").await, three("1", "1", "0.014"));
    assert_eq!(used(&world, "/Today", "authy-phone-verifications").await, three("1", "1", "0.05"));
    let success: Decimal = "0.05".parse().unwrap();
    assert_eq!(used(&world, "/Today", "account-security").await.2, (paid + success).normalize().to_string());

    world.get(&format!("/lookups/v2/PhoneNumbers/{MARIA}?Fields=line_type_intelligence,caller_name")).await;
    world.get(&format!("/lookups/v2/PhoneNumbers/{MARIA}")).await;
    assert_eq!(used(&world, "/Today", "number-format-lookups").await, three("2", "2", "0"));
    assert_eq!(used(&world, "/Today", "lookups").await, three("4", "4", "0.018"));
    world.post(&world.path("/IncomingPhoneNumbers.json"), &[("AreaCode", "510")]).await;
    assert_eq!(used(&world, "/Today", "phonenumbers-local").await, three("1", "1", "1.15"));
    world.end().await;
}

#[tokio::test]
async fn a_parents_usage_holds_its_subaccounts_unless_it_is_asked_without() {
    let world = World::new(42).await;
    let (_, sub) = world.post("/api/2010-04-01/Accounts.json", &[("FriendlyName", "Tenant")]).await;
    let sub = text(&sub, "sid");
    let below = format!("/api/2010-04-01/Accounts/{sub}");
    let (status, bought) = world.post(&format!("{below}/IncomingPhoneNumbers.json"), &[("AreaCode", "510")]).await;
    assert_eq!(status, 201, "{bought}");
    let form = [("To", MARIA), ("From", bought["phone_number"].as_str().unwrap()), ("Body", "Hello")];
    assert_eq!(world.post(&format!("{below}/Messages.json"), &form).await.0, 201);
    send(&world, MARIA, "Hello").await;
    world.advance(5.0).await;
    let count = |query: &'static str| async { text(&rows(&world, "", query).await[0], "count") };
    assert_eq!(count("Category=sms").await, "2");
    assert_eq!(count("Category=sms&IncludeSubaccounts=false").await, "1");
    let (_, own) = world.get(&format!("{below}/Usage/Records.json?Category=sms")).await;
    assert_eq!(
        (&own["usage_records"][0]["count"], &own["usage_records"][0]["account_sid"]),
        (&json!("1"), &json!(sub))
    );
    assert_eq!(world.get(&format!("{below}/Balance.json")).await.0, 404);
    world.end().await;
}

#[tokio::test]
async fn a_trigger_fires_once_a_period_signed() {
    let (world, sink) = (World::new(42).await, Sink::new().await);
    send(&world, MARIA, "before").await;
    world.advance(5.0).await;
    let path = world.path("/Usage/Triggers.json");
    let form = [
        ("CallbackUrl", &*sink.url("/usage")),
        ("UsageCategory", "sms-outbound"),
        ("TriggerValue", "+2"),
        ("TriggerBy", "count"),
        ("Recurring", "daily"),
        ("FriendlyName", "Many texts"),
    ];
    let (status, trigger) = world.post(&path, &form).await;
    assert_eq!(status, 201, "{trigger}");
    let shown = |name: &str| trigger[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (shown("trigger_value"), shown("current_value"), &trigger["date_fired"]),
        ("3".into(), "1".into(), &Value::Null)
    );
    world.advance(120.0).await;
    assert!(sink.take().is_empty());

    for body in ["one", "two", "three"] {
        send(&world, MARIA, body).await;
    }
    world.advance(50.0).await;
    assert!(sink.take().is_empty(), "it is looked at on the full minute");
    world.advance(70.0).await;
    let [hook] = &sink.take()[..] else { panic!("one webhook") };
    assert!(hook.signed_by(&world.token) && hook.method == "POST");
    let names: Vec<&str> = hook.params.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "AccountSid",
            "UsageTriggerSid",
            "Recurring",
            "UsageCategory",
            "TriggerBy",
            "TriggerValue",
            "CurrentValue",
            "UsageRecordUri",
            "IdempotencyToken",
            "DateFired",
        ]
    );
    let sid = text(&trigger, "sid");
    assert_eq!((hook.get("UsageTriggerSid"), hook.get("CurrentValue")), (Some(sid.as_str()), Some("4")));
    assert_eq!((hook.get("Recurring"), hook.get("IdempotencyToken")), (Some("daily"), Some(hook.idempotency.as_str())));
    let one = world.path(&format!("/Usage/Triggers/{sid}.json"));
    assert_eq!(world.get(&one).await.1["date_fired"].as_str(), hook.get("DateFired"));

    send(&world, MARIA, "four").await;
    world.advance(120.0).await;
    assert!(sink.take().is_empty(), "once a day is enough");
    world.advance(86_400.0).await;
    assert_eq!(world.get(&one).await.1["current_value"], "0");
    for body in ["one", "two", "three"] {
        send(&world, MARIA, body).await;
    }
    world.advance(120.0).await;
    assert_eq!(sink.take().len(), 1);

    let (_, changed) = world.post(&one, &[("CallbackUrl", &sink.url("/other")), ("CallbackMethod", "get")]).await;
    assert_eq!((&changed["callback_url"], &changed["callback_method"]), (&json!(sink.url("/other")), &json!("GET")));
    assert_eq!(world.delete(&one).await, 204);
    assert_eq!(world.get(&one).await.0, 404);
    world.end().await;
}

#[tokio::test]
async fn a_trigger_for_a_price_fires_once_for_all_and_after_a_restart() {
    let (mut world, sink) = (World::new(42).await, Sink::new().await);
    world.control("POST", "webhooks", json!({ "usage": sink.url("/told") })).await;
    let path = world.path("/Usage/Triggers.json");
    let form = [("UsageCategory", "totalprice"), ("TriggerValue", "0.016"), ("TriggerBy", "price")];
    assert_eq!(world.post(&path, &form).await.0, 201);
    send(&world, MARIA, "one").await;
    world.advance(70.0).await;
    assert!(sink.take().is_empty());
    send(&world, MARIA, "two").await;
    world.advance(5.0).await;
    world.restart().await;
    world.stand_still_here().await;
    world.advance(60.0).await;
    let hooks = sink.take();
    assert_eq!(hooks.iter().map(|hook| hook.get("CurrentValue").unwrap()).collect::<Vec<_>>(), ["0.0166"]);
    send(&world, MARIA, "three").await;
    world.advance(90_000.0).await;
    assert!(sink.take().is_empty());
    for (form, code) in [
        (&[("TriggerValue", "1")][..], 20001),
        (&[("UsageCategory", "sms")], 20001),
        (&[("UsageCategory", "sms"), ("TriggerValue", "-1")], 20001),
        (&[("UsageCategory", "nothing"), ("TriggerValue", "1")], 20001),
        (&[("UsageCategory", "sms"), ("TriggerValue", "1"), ("Recurring", "hourly")], 20001),
        (&[("UsageCategory", "sms"), ("TriggerValue", "1"), ("CallbackUrl", "nowhere")], 20001),
    ] {
        let (status, body) = world.post(&path, form).await;
        assert_eq!((status.as_u16(), &body["code"]), (400, &json!(code)), "{form:?}");
    }
    world.control("POST", "webhooks", json!({ "usage": null })).await;
    assert_eq!(world.post(&path, &form).await.0, 400);
    world.end().await;
}

#[tokio::test]
async fn prices_come_late_or_in_another_currency_on_purpose() {
    let world = World::new(42).await;
    let week = 7 * 86_400;
    world.control("POST", "faults", json!({ "prices": { "delaySeconds": week, "unit": "EUR" } })).await;
    let sid = send(&world, MARIA, "Hello").await;
    world.advance(3600.0).await;
    assert_eq!(
        (&world.message(&sid).await["status"], &world.message(&sid).await["price"]),
        (&json!("delivered"), &Value::Null)
    );
    world.advance(f64::from(week)).await;
    let message = world.message(&sid).await;
    assert_eq!((&message["price"], &message["price_unit"]), (&json!("-0.00830"), &json!("EUR")));
    assert_eq!(world.get(&world.path("/Balance.json")).await.1["currency"], "EUR");
    for wrong in [
        json!({ "prices": { "unit": "euro" } }),
        json!({ "prices": { "delaySeconds": 1_000_000_000 } }),
        json!({ "prices": {}, "times": 1 }),
        json!({ "prices": { "colour": 1 } }),
    ] {
        assert_eq!(world.try_control("POST", "faults", wrong.clone()).await.0, 400, "{wrong}");
    }
    world.control("DELETE", "faults", Value::Null).await;
    let sid = send(&world, MARIA, "Hello").await;
    world.advance(5.0).await;
    assert_eq!(world.message(&sid).await["price_unit"], "USD");
    world.end().await;
}

#[tokio::test]
async fn the_pricing_api_says_what_is_charged() {
    let world = World::new(42).await;
    let (_, us) = world.get("/pricing/v1/Messaging/Countries/US").await;
    let kinds = us["outbound_sms_prices"][0]["prices"].as_array().unwrap();
    let local = kinds.iter().find(|price| price["number_type"] == "local").unwrap();
    let sid = send(&world, MARIA, "Hello").await;
    world.advance(5.0).await;
    assert_eq!(money(&local["current_price"]), money(&world.message(&sid).await["price"]));
    let (_, numbers) = world.get("/pricing/v1/PhoneNumbers/Countries/US").await;
    assert_eq!(
        numbers["phone_number_prices"][0],
        json!({ "number_type": "local", "base_price": "1.15", "current_price": "1.15" })
    );
    let (_, list) = world.get("/pricing/v1/Voice/Countries?PageSize=1000").await;
    assert!(list["countries"].as_array().unwrap().iter().any(|country| country["iso_country"] == "GB"));
    let (_, own) = world.get(&format!("/pricing/v2/Voice/Numbers/{NUMBER}?OriginationNumber={}", escape(MARIA))).await;
    assert_eq!(own["inbound_call_price"]["number_type"], "local");
    let (_, other) = world.get(&format!("/pricing/v1/Voice/Numbers/{MARIA}")).await;
    assert_eq!(
        (&other["inbound_call_price"], &other["outbound_call_price"]["base_price"]),
        (&Value::Null, &json!("0.0140"))
    );
    for gone in ["v1/Messaging/Countries/XX", "v2/Trunking/Numbers/hello", "v2/Messaging/Countries"] {
        assert_eq!(world.get(&format!("/pricing/{gone}")).await.0, 404, "{gone}");
    }
    world.end().await;
}
