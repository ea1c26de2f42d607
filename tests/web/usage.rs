//! What Twilio says was used beside what is counted here, and why they differ.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::core::Pace;
use switchboard::core::change::{Change, LookedUp};
use switchboard::core::rows::verify::Lookup;
use switchboard::domain::money::Money;
use switchboard::domain::time::{Span, Time};

use crate::chaos::follow;
use crate::figures::{BANK, MORNING};
use crate::hooks;
use crate::node::{MARIA, NUMBER, Node, Setup, until, until_some};
use crate::numbers::Sandbox;
use crate::two_hundred::{self, tell};

const DAY: &str = "/api/analytics/usage?from=2026-03-02&to=2026-03-03";

fn line<'a>(lines: &'a Value, subject: &str) -> &'a Value {
    lines.as_array().unwrap().iter().find(|l| l["subject"] == subject).unwrap_or_else(|| panic!("{subject}: {lines}"))
}

/// The reasons of a line: which, how many, in words.
fn reasons(line: &Value) -> Vec<(String, i64, String)> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let all = line["reasons"].as_array().unwrap().iter();
    all.map(|r| (text(&r["why"]), r["count"].as_i64().unwrap(), text(&r["text"]))).collect()
}

async fn fetched(node: &Node) -> Value {
    node.post("/api/analytics/usage", json!({ "from": "2026-03-02", "to": "2026-03-04" })).await
}

/// A node on a real sandbox, whose prices are asked for soon.
async fn at_sandbox(sandbox: &Sandbox) -> Node {
    let pace = Pace { prices: Duration::from_millis(20), ..Setup::default().pace };
    let node = sandbox.node_with(Setup { public_is_own: true, hold: 0, pace, ..Setup::default() }).await;
    sandbox.control("clock", json!({ "paused": true })).await;
    sandbox.control("webhooks", json!({ "sms": format!("{}/api/webhooks/twilio-sms", node.base) })).await;
    follow(sandbox, &node, 1).await;
    node
}

/// A text in and an answer that has arrived and has its price.
async fn talked(sandbox: &Sandbox, node: &Node) {
    sandbox.text(MARIA, NUMBER, "hello").await;
    node.applied().await;
    let id = node.send(MARIA, "hi", 0).await;
    until_some("the answer has its price", || async {
        follow(sandbox, node, 30).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some(node.message(MARIA, &id).await).filter(|m| m["price"].is_object())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_fresh_world_both_count_the_same_and_what_another_program_sent_is_told() {
    let sandbox = Sandbox::start().await;
    let node = at_sandbox(&sandbox).await;
    talked(&sandbox, &node).await;
    let told = fetched(&node).await;
    for (subject, amount) in [("messages-out", json!("0.0083")), ("messages-in", Value::Null)] {
        let line = line(&told["totals"], subject);
        assert_eq!((&line["ours"]["count"], &line["twilio"]["count"]), (&json!(1), &json!(1)), "{subject}");
        assert_eq!((&line["difference"], &line["ours"]["amounts"][0]["amount"]), (&json!(0), &amount), "{line}");
        assert!(line["priceDifferences"].as_array().unwrap().iter().all(|d| d["amount"] == "0"), "{line}");
        assert!(reasons(line).iter().all(|(why, ..)| why == "notCounted"), "{line}");
    }
    assert_eq!(told["days"][0]["settled"], false);
    // Another program sends with the same account.
    for n in 0..2 {
        let form = [("From", NUMBER), ("To", MARIA), ("Body", "not by us")];
        sandbox.ask("POST", "api/2010-04-01/Accounts/ACCOUNT/Messages.json", &form).await;
        follow(&sandbox, &node, 60 + n).await;
    }
    follow(&sandbox, &node, 600).await;
    let told = fetched(&node).await;
    let out = line(&told["totals"], "messages-out");
    assert_eq!((&out["ours"]["count"], &out["twilio"]["count"]), (&json!(1), &json!(3)));
    let why = reasons(out);
    assert_eq!(why, [("outside".to_owned(), 2, "2 were sent outside of Switchboard ($0.0166)".to_owned())], "{out}");
    assert_eq!(out["priceDifferences"], json!([{ "amount": "0.0166", "unit": "USD" }]));
    // And a code.
    let service = sandbox.ask("POST", "verify/v2/Services", &[("FriendlyName", "Theirs")]).await;
    let path = format!("verify/v2/Services/{}/Verifications", service["sid"].as_str().unwrap());
    sandbox.ask("POST", &path, &[("To", MARIA), ("Channel", "sms")]).await;
    follow(&sandbox, &node, 600).await;
    let codes = fetched(&node).await;
    let codes = line(&codes["totals"], "verify-sms");
    let why = reasons(codes);
    assert_eq!(why, [("outside".to_owned(), 1, "1 was sent outside of Switchboard ($0.0083)".to_owned())], "{codes}");
    // What was said is kept: a start forgets nothing.
    let node = node.restart().await;
    let kept = node.get(DAY).await;
    assert_eq!(line(&kept["totals"], "messages-out"), out);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_at_midnight_stands_on_the_day_beside() {
    let node = Node::start().await;
    // Written a minute before midnight GMT, and sent after it.
    node.pass(7 * 3600 - 60 - 4 * 60);
    node.text_in(1, MARIA, "hello").await;
    node.pass(4 * 60);
    let id = node.send(MARIA, "good night", 0).await;
    let sid =
        until_some("it is at Twilio", || async { node.message(MARIA, &id).await["sid"].as_str().map(str::to_owned) })
            .await;
    node.pass(120);
    node.webhook(hooks::STATUS, &hooks::status(&sid, "sent", None)).await;
    node.until_status(MARIA, &id, "sent").await;
    node.twilio
        .used(&[("sms-inbound", "2026-03-02", 1, "0.0083", "usd"), ("sms-outbound", "2026-03-03", 1, "0.0083", "usd")]);
    let told = fetched(&node).await;
    let days = told["days"].as_array().unwrap();
    assert_eq!((days.len(), &days[0]["day"], &days[1]["day"]), (2, &json!("2026-03-02"), &json!("2026-03-03")));
    for (day, difference) in days.iter().zip([-1, 1]) {
        let out = line(&day["lines"], "messages-out");
        assert_eq!(out["difference"], difference, "{out}");
        assert!(reasons(out).iter().any(|(why, n, _)| why == "midnight" && *n == difference), "{out}");
        assert!(reasons(out).iter().all(|(why, ..)| why != "notExplained"), "{out}");
    }
    let out = line(&told["totals"], "messages-out");
    assert_eq!(out["difference"], 0);
    assert!(reasons(out).iter().all(|(why, ..)| why == "pending"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_explains_is_said_to_be_so() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "hello").await;
    node.twilio.used(&[
        ("sms-inbound", "2026-03-02", 4, "0.0332", "usd"),
        ("authy-sms-outbound", "2026-03-02", 2, "0.14", "eur"),
        ("phonenumbers", "2026-03-02", 1, "1.15", "usd"),
        ("totalprice", "2026-03-02", 0, "1.5", "usd"),
    ]);
    let told = fetched(&node).await;
    let days = &told["days"][0]["lines"];
    let why = reasons(line(days, "messages-in"));
    assert!(why.contains(&("notExplained".to_owned(), 3, "3 more at Twilio, not explained".to_owned())), "{why:?}");
    // This Twilio has no list of codes: the records are kept all the same, and why they lack a reason is told.
    assert!(told["trouble"].as_str().unwrap().contains("may lack their reason"), "{told}");
    let why = reasons(line(days, "verify-sms"));
    assert_eq!(why[0], ("notExplained".to_owned(), 2, "2 more at Twilio, not explained".to_owned()));
    let rent = line(days, "numbers");
    assert_eq!((&rent["ours"], &rent["twilio"]["amounts"][0]["amount"]), (&Value::Null, &json!("1.15")));
    // Of the total in dollars what the lines say is taken off: 1.50 - 0.0332 - 1.15.
    assert_eq!(line(days, "other")["twilio"]["amounts"][0]["amount"], "0.3168");
    let notes = told["notes"].to_string();
    assert!(notes.contains("not settled"), "{notes}");
    // A business that was deleted is counted with the others, and named.
    node.call("DELETE", &format!("/api/businesses/{}?confirm=Harbor%20Dental", node.business), None).await.ok();
    let told = node.get(DAY).await;
    assert_eq!(line(&told["totals"], "messages-in")["ours"]["count"], 1);
    assert!(told["notes"].to_string().contains("deleted businesses are counted with the others: Harbor Dental"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_deleted_business_is_the_reason_for_its_texts() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "hello").await;
    node.call("DELETE", &format!("/api/businesses/{}?confirm=Harbor%20Dental", node.business), None).await.ok();
    let now = node.core.clock().now();
    node.twilio.put_in(1, MARIA, NUMBER, "hello", now);
    node.twilio.put_in(2, MARIA, NUMBER, "are you there?", now);
    node.twilio.put_in(3, MARIA, "+14155550777", "who is this?", now);
    node.twilio.put_in(4, MARIA, NUMBER, "long ago", Time::from_secs(1_772_409_600));
    node.twilio.used(&[("sms-inbound", "2026-03-02", 4, "0.0332", "usd")]);
    let told = fetched(&node).await;
    let why = reasons(line(&told["days"][0]["lines"], "messages-in"));
    let counts: Vec<(&str, i64)> = why.iter().map(|(why, n, _)| (why.as_str(), *n)).collect();
    assert!(counts.contains(&("deleted", 1)) && counts.contains(&("unrouted", 1)), "{why:?}");
    assert!(counts.contains(&("beforeUs", 1)) && !counts.iter().any(|(why, _)| *why == "notExplained"), "{why:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn when_twilio_does_not_answer_what_it_said_before_stays() {
    let node = Node::start().await;
    node.twilio.used(&[("sms-inbound", "2026-03-02", 4, "0.0332", "usd")]);
    let before = fetched(&node).await;
    assert_eq!(before["trouble"], Value::Null);
    node.pass(60);
    node.twilio.fail_usage(true);
    let answer = node.call("POST", "/api/analytics/usage", Some(json!({ "from": "2026-03-02" }))).await;
    let refused = answer.refused(502, "upstream");
    assert!(refused["detail"].as_str().unwrap().contains("stays as it is"), "{refused}");
    let after = node.get(DAY).await;
    assert_eq!((&after["totals"], &after["askedAt"]), (&before["totals"], &before["askedAt"]));
    assert!(after["trouble"].as_str().unwrap().contains("could not be read"), "{after}");
    node.twilio.fail_usage(false);
    assert_eq!(fetched(&node).await["trouble"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_asked_once_a_day_and_not_while_the_clock_stands() {
    let pace = Pace { usage: Duration::from_millis(10), ..Setup::default().pace };
    let node = Node::with(Setup { pace, ..Setup::default() }).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(node.twilio.asked_for_usage(), 0, "the clock stands");
    let now = node.core.clock().now();
    node.core.clock().tell(now, false);
    until("it is asked once", || node.twilio.asked_for_usage() == 1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(node.twilio.asked_for_usage(), 1, "once a day");
    node.core.clock().tell(now + Span::secs(86_400), false);
    until("the next day has come", || node.twilio.asked_for_usage() == 2).await;
    node.core.clock().tell(now + Span::secs(90_000), true);
    let told = node.get(DAY).await;
    assert_eq!(told["days"][0]["lines"], json!([]), "nothing was used, and that is known");
    assert!(told["days"][0]["askedAt"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_refused_where_it_is_none_and_a_tenant_sees_nothing() {
    let node = Node::start().await;
    for query in ["from=never", "from=2026-03-02&to=2026-03-01", "from=2024-01-01&to=2026-01-01"] {
        node.call("GET", &format!("/api/analytics/usage?{query}"), None).await.refused(400, "invalid_input");
    }
    for body in [json!({ "from": "2026-01-01" }), json!({ "from": "2027-01-01", "to": "2027-01-02" })] {
        node.call("POST", "/api/analytics/usage", Some(body)).await.refused(400, "invalid_input");
    }
    let business = node.business.to_string();
    let (_, token) = node.token(json!({ "label": "own", "kind": "secret", "business": business })).await;
    node.call_as(&token, "GET", "/api/analytics/usage", None).await.refused(403, "forbidden");
}

fn looked_up(number: &str, cost: Option<&str>, hours: i64) -> (Time, Change) {
    let at = MORNING + Span::secs(hours * 3600);
    let row = Lookup {
        business: BANK,
        number: number.to_owned(),
        valid: true,
        line_type: Some("mobile".into()),
        carrier: None,
        risk: None,
        cost: cost.map(|amount| Money::parse(amount, "USD").unwrap()),
        at,
        earlier: Vec::new(),
    };
    (at, Change::LookedUp(LookedUp { row }))
}

/// The lines of a ledger that are about neither messages nor codes.
fn besides(ledger: &Value) -> Vec<(String, u64, String, u64)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let all = ledger["items"].as_array().unwrap().iter();
    let other = all.filter(|l| l["category"] == "lookups" || l["category"] == "numbers");
    let number = |v: &Value| v.as_u64().unwrap();
    other
        .map(|l| (text(&l["category"]), number(&l["quantity"]), text(&l["amount"]["amount"]), number(&l["pending"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_and_the_rent_of_numbers_are_told_and_are_in_no_total() {
    let store = two_hundred::store().await;
    let lookups = [
        looked_up("+14155550142", Some("0.008"), 0),
        looked_up("+88213000001", None, 1),
        // The same number again, which is paid for again.
        looked_up("+14155550142", Some("0.008"), 2),
        looked_up("+14155550142", Some("0.008"), 26),
    ];
    tell(&store, lookups.to_vec()).await;
    let node = Node::with(Setup { store: Some(store), ..Setup::default() }).await;
    const MARCH: &str = "from=2026-03-01&to=2026-03-02";
    let line = |category: &str, n, amount: &str, pending| (category.to_owned(), n, amount.to_owned(), pending);
    let own = node.get(&format!("/api/analytics/ledger?business=5&{MARCH}")).await;
    let both = [line("lookups", 2, "0.016", 0), line("lookups", 1, "", 1)];
    assert_eq!(besides(&own), both, "{own}");
    let costs = node.get(&format!("/api/analytics/verifications?business=5&{MARCH}")).await;
    let sum = json!([{ "category": "lookups", "quantity": 3, "amounts": [{ "amount": "0.016", "unit": "USD" }], "pending": 1 }]);
    assert_eq!((&costs["others"], &costs["costs"]["currencies"][0]["total"]["amount"]), (&sum, &json!("10.1011")));
    let narrowed = node.get(&format!("/api/analytics/verifications?business=5&{MARCH}&channel=sms")).await;
    assert_eq!(narrowed["others"], json!([]), "a lookup has no channel");
    // Rent that Twilio was not asked for is not known, which is not nothing.
    node.twilio.used(&[
        ("phonenumbers", "2026-03-01", 2, "2.3", "usd"),
        ("phonenumbers-local", "2026-03-01", 2, "2.3", "usd"),
        ("shortcodes", "2026-03-01", 1, "1000", "usd"),
        ("totalprice", "2026-03-01", 0, "1002.3", "usd"),
    ]);
    let everyone = format!("/api/analytics/ledger?all=true&{MARCH}&zone=UTC");
    let before = node.get(&everyone).await;
    assert!(before["notes"][0].as_str().unwrap().contains("on 1 days is not known"), "{before}");
    node.post("/api/analytics/usage", json!({ "from": "2026-03-01", "to": "2026-03-02" })).await;
    let after = node.get(&everyone).await;
    assert_eq!(after["notes"], json!([]));
    let rent = line("numbers", 3, "1002.3", 0);
    assert_eq!(
        besides(&after).into_iter().filter(|l| l.0 == "numbers").collect::<Vec<_>>(),
        std::slice::from_ref(&rent)
    );
    assert!(after["items"].as_array().unwrap().iter().all(|l| (l["category"] == "numbers") == l["scope"].is_null()));
    // One business in the account: its rent. Two: nobody's in particular, and that is said.
    let harbor = format!("/api/analytics/ledger?business={}&{MARCH}", node.business);
    assert_eq!(besides(&node.get(&harbor).await), [rent]);
    node.add_business("Luna Pizza", &["+14155550300"], None).await;
    let shared = node.get(&harbor).await;
    assert!(besides(&shared).is_empty() && shared["notes"][0].as_str().unwrap().contains("several businesses share"));
    // In every form of the report the same.
    let csv = node.get(&format!("/api/reports?all=true&{MARCH}&zone=UTC&format=csv")).await;
    let csv = csv.as_str().unwrap();
    for row in ["Other costs,1,lookups,amount,0.016", "Other costs,2,numbers,amount,1002.3", "business,Northwind Bank"]
    {
        assert!(csv.contains(row), "{row}: {csv}");
    }
    let one = node.get(&format!("/api/reports?business={}&{MARCH}&format=markdown", node.business)).await;
    assert!(one.as_str().unwrap().contains("several businesses share"), "{one}");
}
