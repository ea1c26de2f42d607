//! The figures of an admin, and what they do at the edges.

use std::sync::Arc;

use serde_json::{Value, json};
use switchboard::core::change::{AttemptSeen, BusinessDeleted, BusinessSaved, Change};
use switchboard::domain::money::Money;
use switchboard::domain::time::{Span, Time};
use switchboard::domain::verification::Channel;
use switchboard::store::Store;

use crate::figures::{BANK, End, MORNING, bank, seen, story};
use crate::node::{MARIA, Node, Setup};
use crate::two_hundred::{self, tell};

const DAY: &str = "business=5&from=2026-03-01&to=2026-03-02";

async fn node(store: Arc<dyn Store>) -> Node {
    Node::with(Setup { store: Some(store), ..Setup::default() }).await
}

async fn picture(node: &Node, rest: &str) -> Value {
    node.get(&format!("/api/analytics/verifications?{rest}")).await
}

/// The slice of this key.
fn slice<'a>(slices: &'a Value, key: &str) -> &'a Value {
    slices.as_array().unwrap().iter().find(|s| s["key"] == key).unwrap_or_else(|| panic!("{key}: {slices}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_verifications_come_to_the_known_figures() {
    let node = node(two_hundred::store().await).await;
    let told = picture(&node, DAY).await;
    let funnel = &told["funnel"];
    for (what, n) in [
        ("requested", 200),
        ("approved", 165),
        ("blocked", 3),
        ("sent", 197),
        ("delivered", 197),
        ("checked", 171),
        ("expired", 26),
        ("maxChecks", 6),
        ("canceled", 0),
        ("failed", 0),
        ("waiting", 0),
        ("sends", 197),
        ("resends", 0),
        ("checks", 195),
        ("wrongCodes", 30),
    ] {
        assert_eq!(funnel[what], n, "{what}: {funnel}");
    }
    assert_eq!((&funnel["approvedOfAll"], &funnel["approvedOfUnblocked"]), (&json!("82.5"), &json!("83.8")));
    let by = &told["byChannel"];
    for (channel, of_all, of_unblocked) in
        [("sms", "85.0", "86.9"), ("call", "70.0", "70.0"), ("whatsapp", "85.0", "85.0"), ("email", "80.0", "80.0")]
    {
        let funnel = &slice(by, channel)["funnel"];
        assert_eq!((&funnel["approvedOfAll"], &funnel["approvedOfUnblocked"]), (&json!(of_all), &json!(of_unblocked)));
    }
    let costs = &told["costs"]["currencies"][0];
    for (what, amount) in
        [("charged", "1.8511"), ("successFees", "8.25"), ("total", "10.1011"), ("perConversion", "0.0612")]
    {
        assert_eq!(costs[what], json!({ "amount": amount, "unit": "USD" }), "{what}");
    }
    assert_eq!(told["costs"]["pending"], 0, "an email is free, not without a price");
    assert_eq!(told["saved"][0]["amount"], "0.0249");
    assert_eq!(told["timeToVerify"]["count"], 165);
    assert_eq!(told["range"]["grain"], "hour");
    let series = told["series"].as_array().unwrap();
    assert_eq!(series.len(), 24);
    assert_eq!(series.iter().map(|b| b["funnel"]["requested"].as_u64().unwrap()).sum::<u64>(), 200);
    // All together, by business, and in the overview: the same.
    let all = picture(&node, "all=true&from=2026-03-01&to=2026-03-02").await;
    assert_eq!((&all["funnel"], &all["costs"]), (&told["funnel"], &told["costs"]));
    assert_eq!(slice(&all["byBusiness"], "5")["funnel"], told["funnel"]);
    let overview = node.get("/api/analytics/overview?from=2026-03-01&to=2026-03-02&zone=America/Los_Angeles").await;
    let health = overview["businesses"].as_array().unwrap().iter().find(|b| b["business"] == "5").unwrap();
    assert_eq!((&health["funnel"], &health["health"]), (&told["funnel"], &json!("good")));
    let recounted = node.get("/api/analytics/recount").await;
    assert_eq!((&recounted["ok"], &recounted["rows"]), (&json!(true), &json!(200)), "{recounted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_long_it_took_is_absent_where_it_is_not_kept_and_never_an_empty_histogram() {
    let node = node(two_hundred::store().await).await;
    let counts = |picture: &Value| -> Vec<Option<u64>> {
        picture["byChannel"].as_array().unwrap().iter().map(|s| s["timeToVerify"]["count"].as_u64()).collect()
    };
    assert_eq!(counts(&picture(&node, DAY).await), [Some(119), Some(21), Some(17), Some(8)]);
    // Its own filter leaves one value, whose histogram is the whole one.
    let own = picture(&node, &format!("{DAY}&channel=call")).await;
    assert_eq!((counts(&own), &own["timeToVerify"]["count"]), (vec![Some(21)], &json!(21)));
    // By channel and country at once none is kept: the whole one is right, the others are absent.
    let other = picture(&node, &format!("{DAY}&country=US")).await;
    assert_eq!(other["timeToVerify"]["count"], 165);
    assert_eq!(counts(&other), [None, None, None, None]);
    assert!(other["byChannel"][0].get("timeToVerify").is_none(), "{other}");
    // Of more filters the rows themselves are read: then all is known.
    let both = picture(&node, &format!("{DAY}&country=US&channel=sms")).await;
    assert_eq!((counts(&both), &both["timeToVerify"]["count"]), (vec![Some(119)], &json!(119)));
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_that_were_counted_at_the_start_are_told_once() {
    let node = node(two_hundred::store().await).await;
    assert_eq!(node.get("/api/keeping").await["countedAnew"], 200);
    let node = node.restart().await;
    assert_eq!(node.get("/api/keeping").await.get("countedAnew"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_figure_are_exactly_as_many_rows_as_it_says() {
    let node = node(two_hundred::store().await).await;
    let told = picture(&node, DAY).await;
    let stages = [
        ("requested", "requested"),
        ("blocked", "blocked"),
        ("approved", "approved"),
        ("checked", "checked"),
        ("expired", "expired"),
        ("maxChecks", "maxChecks"),
        ("waiting", "waiting"),
        ("sends", "sends"),
    ];
    for channel in ["sms", "call", "whatsapp", "email"] {
        let funnel = &slice(&told["byChannel"], channel)["funnel"];
        for (stage, figure) in stages {
            let path = format!("/api/analytics/verifications/behind?{DAY}&channel={channel}&stage={stage}&limit=7");
            let (mut items, mut next) = (Vec::new(), String::new());
            loop {
                let page = node.get(&format!("{path}{next}")).await;
                assert_eq!(page["count"], funnel[figure], "{channel} {stage}");
                items.extend(page["items"].as_array().unwrap().clone());
                let Some(token) = page["next"].as_str() else { break };
                next = format!("&after={token}");
            }
            assert_eq!(items.len() as u64, funnel[figure].as_u64().unwrap(), "{channel} {stage}");
            assert!(items.iter().all(|a| a["channel"] == channel));
            assert!(items.windows(2).all(|w| w[0]["createdAt"].as_str() >= w[1]["createdAt"].as_str()));
        }
    }
    let expired = node.get(&format!("/api/analytics/verifications/behind?{DAY}&channel=sms&stage=expired")).await;
    assert_eq!(expired["items"].as_array().unwrap().len(), 12);
    // Of all businesses together as well: those of the other ones come with whose they are.
    let all = node.get("/api/analytics/verifications/behind?all=true&from=2026-03-01&to=2026-03-02&limit=200").await;
    assert_eq!((&all["count"], &all["items"][0]["businessId"]), (&json!(200), &json!("5")));
    // Each bar of the histogram holds as many as stand behind it.
    let bars = told["timeToVerify"]["buckets"].as_array().unwrap();
    assert!(!bars.is_empty());
    for bar in bars {
        let (from, to) = (&bar["fromMillis"], &bar["toMillis"]);
        let path = format!("/api/analytics/verifications/behind?{DAY}&tookFromMillis={from}&tookToMillis={to}");
        assert_eq!(node.get(&path).await["count"], bar["count"], "{bar}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_slower_is_said_of_the_channel_that_it_is_of() {
    let node = node(two_hundred::store().await).await;
    let next = picture(&node, "business=5&from=2026-03-02&to=2026-03-03").await;
    let before = slice(&next["before"]["byChannel"], "sms");
    assert_eq!((&before["funnel"]["approved"], &before["timeToVerify"]["count"]), (&json!(119), &json!(119)));
    assert_eq!(next["before"]["worse"], json!([]), "of nothing no conclusion is drawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn carriers_are_told_apart_where_twilio_names_them() {
    let store = two_hundred::store().await;
    let named = |n: u64, carrier: &str| {
        (MORNING, Change::AttemptSeen(Box::new(AttemptSeen { carrier: Some(carrier.into()), ..seen(n) })))
    };
    tell(&store, vec![named(1, "Verizon Wireless"), named(2, "T-Mobile USA, Inc."), named(3, "Verizon Wireless")])
        .await;
    let node = node(store).await;
    let told = picture(&node, DAY).await;
    let carriers = told["byCarrier"].as_array().unwrap();
    let rows: Vec<_> = carriers.iter().map(|c| (c["name"].as_str().unwrap(), &c["funnel"]["requested"])).collect();
    assert_eq!(rows, [("Verizon Wireless", &json!(2)), ("T-Mobile USA, Inc.", &json!(1))]);
    let one = picture(&node, &format!("{DAY}&carrier=Verizon%20Wireless")).await;
    assert_eq!(one["funnel"]["requested"], 2);
    let path = format!("/api/analytics/verifications/behind?{DAY}&carrier=T-Mobile%20USA%2C%20Inc.");
    assert_eq!(node.get(&path).await["count"], 1);
    assert_eq!(node.get("/api/analytics/recount").await["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_outside_is_empty_and_what_comes_late_is_counted_where_it_belongs() {
    let store = two_hundred::store().await;
    // A price a week late, in another currency; a send that has none yet.
    let late = MORNING + Span::secs(7 * 86_400);
    let next_day = MORNING + Span::secs(86_400);
    let mut changes = story(900, Channel::Sms, End::Expired, next_day);
    for (_, change) in &mut changes {
        if let Change::AttemptSeen(seen) = change {
            seen.price = None;
        }
    }
    tell(&store, changes).await;
    let node = node(store.clone()).await;
    for empty in ["from=1999-01-01&to=1999-02-01", "from=2030-01-01&to=2030-01-08", "from=2026-02-27&to=2026-02-28"] {
        let told = picture(&node, &format!("business=5&{empty}")).await;
        assert_eq!(told["funnel"]["requested"], 0, "{empty}");
        assert_eq!((&told["costs"]["currencies"], &told["funnel"]["approvedOfAll"]), (&json!([]), &Value::Null));
        assert!(told["series"].as_array().unwrap().iter().all(|b| b["funnel"]["sends"] == 0));
        let there = &told["outside"];
        let day = |at: &Value| at.as_str().unwrap()[..13].to_owned();
        assert_eq!((day(&there["first"]), day(&there["last"])), ("2026-03-01T17".into(), "2026-03-02T17".into()));
    }
    let second = "business=5&from=2026-03-02&to=2026-03-03";
    let told = picture(&node, second).await;
    assert_eq!(told["costs"]["pending"], 1);
    let expected = &told["costs"]["currencies"][0];
    assert_eq!((&expected["expected"]["amount"], &expected["total"]["amount"]), (&json!("0.0083"), &json!("0")));
    assert_eq!(told["before"]["funnel"]["requested"], 200, "the day before");
    assert_eq!(told["outside"], Value::Null, "the range holds something");
    let price = AttemptSeen { price: Money::parse("0.0075", "EUR"), ..seen(900) };
    tell(&store, vec![(late, Change::AttemptSeen(Box::new(price)))]).await;
    let told = picture(&node, second).await;
    assert_eq!((&told["costs"]["pending"], &told["costs"]["currencies"][0]["unit"]), (&json!(0), &json!("EUR")));
    let both = picture(&node, "business=5&from=2026-03-01&to=2026-03-03").await;
    let units: Vec<&str> =
        both["costs"]["currencies"].as_array().unwrap().iter().map(|c| c["unit"].as_str().unwrap()).collect();
    assert_eq!(units, ["EUR", "USD"], "kept apart");
    assert_eq!(node.get("/api/analytics/recount").await["ok"], true);
    // Another zone: other days, the same verifications. Nothing has to be built anew.
    let tokyo = switchboard::domain::business::Business { time_zone: "Asia/Tokyo".into(), ..bank() };
    tell(&store, vec![(late, Change::BusinessSaved(BusinessSaved { business: tokyo, expects: None }))]).await;
    let told = picture(&node, "business=5&from=2026-03-01&to=2026-03-04").await;
    assert_eq!((&told["range"]["zone"], &told["funnel"]["requested"]), (&json!("Asia/Tokyo"), &json!(201)));
    let days = picture(&node, "business=5&from=2026-03-01&to=2026-03-04&grain=day").await;
    let days: Vec<u64> =
        days["series"].as_array().unwrap().iter().map(|b| b["funnel"]["requested"].as_u64().unwrap()).collect();
    // It began at two in the morning of the second there; twenty-two hours are left of that day.
    assert_eq!(days, [0, 200, 1]);
    // Deleted, it is still counted, under its name.
    tell(&store, vec![(late, Change::BusinessDeleted(BusinessDeleted { business: BANK }))]).await;
    let all = picture(&node, "all=true&from=2026-03-01&to=2026-03-04").await;
    assert_eq!(slice(&all["byBusiness"], "5")["name"], "Northwind Bank (deleted)");
    assert_eq!(all["funnel"]["requested"], 201);
    assert_eq!(picture(&node, "business=5&from=2026-03-01&to=2026-03-04").await["funnel"]["requested"], 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn days_have_as_many_hours_as_the_calendar_says() {
    let store = two_hundred::store().await;
    let node = node(store).await;
    for (day, next, hours) in [("2026-03-08", "2026-03-09", 23), ("2026-11-01", "2026-11-02", 25)] {
        let told = picture(&node, &format!("business=5&from={day}&to={next}&grain=hour")).await;
        assert_eq!(told["series"].as_array().unwrap().len(), hours, "{day}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_business_sees_its_own_figures_only() {
    let store = two_hundred::store().await;
    let node = node(store).await;
    let fields = json!({ "label": "bank", "kind": "secret", "business": "5" });
    let (_, token) = node.token(fields).await;
    let own =
        node.call_as(&token, "GET", "/api/analytics/verifications?from=2026-03-01&to=2026-03-02", None).await.ok();
    assert_eq!((&own["funnel"]["requested"], &own["scope"]["name"]), (&json!(200), &json!("Northwind Bank")));
    let report = node.call_as(&token, "GET", "/api/reports?from=2026-03-01&to=2026-03-02&format=csv", None).await.ok();
    assert!(report.as_str().unwrap().contains("10.1011"));
    for path in ["verifications", "messages", "ledger", "verifications/behind"] {
        let other = format!("/api/analytics/{path}?business={}", node.business);
        node.call_as(&token, "GET", &other, None).await.refused(404, "not_found");
    }
    let everybodys = ["verifications?all=true", "overview", "usage"].map(|path| format!("/api/analytics/{path}"));
    for path in everybodys.iter().map(String::as_str).chain(["/api/reports?all=true"]) {
        node.call_as(&token, "GET", path, None).await.refused(403, "forbidden");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_has_a_line_for_each_kind_and_day_and_adds_up() {
    let node = node(two_hundred::store().await).await;
    let ledger = node.get(&format!("/api/analytics/ledger?{DAY}")).await;
    let lines: Vec<(&str, u64, &str)> = ledger["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| {
            let amount = l["amount"]["amount"].as_str().unwrap_or_default();
            (l["category"].as_str().unwrap(), l["quantity"].as_u64().unwrap(), amount)
        })
        .collect();
    let expected = [
        ("verify-sms", 137, "1.1371"),
        ("verify-call", 30, "0.42"),
        ("verify-whatsapp", 20, "0.294"),
        ("verify-email", 10, ""),
        ("verify-success", 165, "8.25"),
    ];
    assert_eq!(lines, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_counted_by_all_that_was_asked_for() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "hello").await;
    node.text_in(2, MARIA, "anybody?").await;
    node.pass(90);
    let sent = node.send(MARIA, "Hi Maria", 0).await;
    node.until_status(MARIA, &sent, "queued").await;
    let told = node.get("/api/analytics/messages").await;
    assert_eq!((&told["counts"]["incoming"], &told["counts"]["outgoing"]), (&json!(2), &json!(1)), "{told}");
    assert_eq!(slice(&told["byCountry"], "US")["counts"]["incoming"], 2);
    assert_eq!(told["bySender"].as_array().unwrap().len(), 1);
    assert_eq!(told["byAgent"][0]["counts"]["outgoing"], 1);
    assert_eq!(
        (&told["firstResponse"]["count"], &told["byAgent"][0]["firstResponse"]["count"]),
        (&json!(1), &json!(1))
    );
    let p50 = told["firstResponse"]["p50Millis"].as_u64().unwrap();
    assert!((80_000..150_000).contains(&p50), "{p50}");
    let week = told["incomingByHour"].as_array().unwrap();
    assert_eq!((week.len(), week.iter().all(|day| day.as_array().unwrap().len() == 24)), (7, true));
    let cells = week.iter().flat_map(|day| day.as_array().unwrap()).map(|n| n.as_u64().unwrap());
    assert_eq!(cells.sum::<u64>(), 2);
    // Each cell of the heat map holds as many as stand behind it; so does each bar of the waiting times.
    for (day, hours) in week.iter().enumerate() {
        for (hour, n) in hours.as_array().unwrap().iter().enumerate().filter(|(_, n)| **n != json!(0)) {
            let cell = format!("/api/analytics/messages/behind?direction=in&weekday={day}&hour={hour}");
            assert_eq!(&node.get(&cell).await["count"], n, "{day} {hour}");
            let other = format!("/api/analytics/messages/behind?direction=in&weekday={day}&hour={}", (hour + 1) % 24);
            assert_eq!(node.get(&other).await["count"], 0, "{day} {hour}");
        }
    }
    for (never, field) in [("weekday=7", "weekday"), ("hour=24", "hour")] {
        let refused = node.call("GET", &format!("/api/analytics/messages/behind?{never}"), None).await;
        assert_eq!(refused.refused(400, "invalid_input")["field"], field);
    }
    let bar = &told["firstResponse"]["buckets"][0];
    let (from, to) = (&bar["fromMillis"], &bar["toMillis"]);
    let bar = format!("/api/analytics/messages/behind?waitedFromMillis={from}&waitedToMillis={to}");
    assert_eq!(node.get(&bar).await["count"], 1);
    for (rest, n) in
        [("", 3), ("?direction=in", 2), ("?direction=out&author=setup", 0), ("?country=US", 3), ("?country=FR", 0)]
    {
        let behind = node.get(&format!("/api/analytics/messages/behind{rest}")).await;
        assert_eq!(behind["count"], n, "{rest}: {behind}");
    }
    assert_eq!(node.get("/api/analytics/recount").await["ok"], true);
}

#[test]
fn there_are_two_hundred() {
    assert_eq!(two_hundred::two_hundred().len(), 200);
    assert!(MORNING > Time(0));
}
