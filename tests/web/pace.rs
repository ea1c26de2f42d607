//! Each sender at its own pace: what exceeds it waits in line, and says so.

use serde_json::{Value, json};
use switchboard::domain::time::Span;

use crate::hooks::{STATUS, status};
use crate::node::{MARIA, NUMBER, Node, SAM, START, Setup, until, until_some};
use crate::twilio::Then;

const BANK: &str = "+14155550200";

async fn slow(pace: u32) -> Node {
    Node::with(Setup { sender_pace: Some(pace), ..Setup::default() }).await
}

fn customer(n: u32) -> String {
    format!("+1415555{:04}", 3000 + n)
}

async fn send_as(node: &Node, business: &str, to: &str, body: &str) -> String {
    let send = json!({ "business": business, "to": to, "body": body, "holdSeconds": 0 });
    node.post("/api/conversations/messages", send).await["id"].as_str().unwrap().to_owned()
}

/// Waits until a message stands in line; answers it.
async fn in_line(node: &Node, customer: &str, id: &str) -> Value {
    until_some("it stands in line", || async {
        Some(node.message(customer, id).await).filter(|m| m["inLine"] == true && m["status"] == "held")
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_exceeds_the_pace_stands_in_line_and_leaves_at_its_pace() {
    let node = slow(2).await;
    let mut ids = Vec::new();
    for n in 0..26 {
        ids.push(node.send(&customer(n), &format!("number {n}"), 0).await);
    }
    // Ten seconds' worth leaves at once.
    node.twilio.until_posted(20).await;
    for n in 20..26 {
        let waiting = in_line(&node, &customer(n), &ids[n as usize]).await;
        let due = START + Span::millis(500 * (i64::from(n) - 19));
        assert_eq!(waiting["due"], json!(due.rfc3339()), "number {n}");
    }
    // Whoever comes now overtakes nobody, and can still be taken back.
    let last = node.send(MARIA, "the last", 0).await;
    assert_eq!(in_line(&node, MARIA, &last).await["due"], json!((START + Span::millis(3500)).rfc3339()));
    let regretted = node.send(SAM, "taken back", 0).await;
    in_line(&node, SAM, &regretted).await;
    node.post(&format!("/api/messages/{regretted}/undo"), json!({})).await;
    for second in 1..=3 {
        node.pass(1);
        node.twilio.until_posted(20 + 2 * second).await;
        assert_eq!(node.twilio.posted(), 20 + 2 * second, "after {second} seconds");
    }
    node.pass(1);
    let sent = node.until_status(MARIA, &last, "queued").await;
    assert_eq!((&sent["inLine"], &sent["due"]), (&json!(false), &Value::Null));
    let bodies = node.twilio.posts("Body");
    assert_eq!((bodies.len(), bodies.last().map(String::as_str)), (27, Some("the last")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_keeps_its_order_in_the_line() {
    let node = slow(1).await;
    for n in 0..12 {
        node.send(MARIA, &format!("number {n}"), 0).await;
    }
    for posted in 10..=12 {
        node.twilio.until_posted(posted).await;
        node.pass(2);
    }
    let wanted: Vec<String> = (0..12).map(|n| format!("number {n}")).collect();
    assert_eq!(node.twilio.posts("Body"), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_behind_what_goes_out_in_bulk() {
    let node = slow(1).await;
    let mut ids = Vec::new();
    for n in 0..40 {
        ids.push(node.send(&customer(n), &format!("campaign {n}"), 0).await);
    }
    node.twilio.until_posted(10).await;
    in_line(&node, &customer(39), &ids[39]).await;
    // A customer writes and is answered; another one asks for a code.
    node.text_in(1, MARIA, "are you open?").await;
    let answer = node.send(MARIA, "We are.", 0).await;
    in_line(&node, MARIA, &answer).await;
    let code = json!({ "to": SAM, "body": "Your code is 123456", "holdSeconds": 0, "priority": "code" });
    let code = node.post("/api/conversations/messages", code).await["id"].as_str().unwrap().to_owned();
    in_line(&node, SAM, &code).await;
    // Where bulk waits in the same conversation it goes first, and at once.
    node.text_in(2, &customer(35), "who is this?").await;
    let late = node.send(&customer(35), "Harbor Dental", 0).await;
    until_some("what waits before an answer is in a hurry, too", || async {
        let waiting = node.message(&customer(35), &ids[35]).await;
        let due: jiff::Timestamp = waiting["due"].as_str()?.parse().ok()?;
        (due.as_microsecond() < (START + Span::secs(10)).0).then_some(())
    })
    .await;
    for posted in 11..=15 {
        node.pass(1);
        node.twilio.until_posted(posted).await;
    }
    let bodies = node.twilio.posts("Body");
    assert_eq!(bodies[10..12], ["Your code is 123456", "We are."]);
    let order = |body: &str| bodies.iter().position(|b| b == body);
    assert!(order("campaign 35") < order("Harbor Dental") && order("Harbor Dental").is_some(), "{bodies:?}");
    node.until_status(&customer(35), &late, "queued").await;
    // The others go on, each once.
    for posted in [25, 35, 43] {
        node.pass(60);
        node.twilio.until_posted(posted).await;
    }
    let mut bodies = node.twilio.posts("Body");
    bodies.sort();
    bodies.dedup();
    assert_eq!(bodies.len(), 43);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_twilio_that_does_not_answer_bulk_still_hears_an_answer() {
    let node = Node::start().await;
    node.text_in(1, MARIA, "are you open?").await;
    node.twilio.next(vec![Then::Wait; 40]);
    for n in 0..40 {
        node.send(&customer(n), "campaign", 0).await;
    }
    node.twilio.until_posted(12).await;
    node.send(MARIA, "We are.", 0).await;
    until("the answer is asked for", || node.twilio.posts("Body").iter().any(|body| body == "We are.")).await;
    assert_eq!(node.twilio.posted(), 13, "the campaign waits for those that are under way");
    node.twilio.release(13);
    node.twilio.release(40);
    node.twilio.until_posted(41).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn senders_do_not_wait_for_each_other() {
    let node = slow(1).await;
    let (bank, _) = node.add_business("Northwind Bank", &[BANK], None).await;
    for n in 0..40 {
        node.send(&customer(n), "a campaign", 5).await;
    }
    for n in 0..4 {
        let send = json!({ "business": bank.to_string(), "to": customer(n), "body": "an answer", "holdSeconds": 5 });
        node.post("/api/conversations/messages", send).await;
    }
    node.pass(5);
    node.twilio.until_posted(14).await;
    let by_bank = || node.twilio.posts("From").iter().filter(|from| *from == BANK).count();
    until("the bank's have left", || by_bank() == 4).await;
    assert_eq!(node.twilio.posted(), 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_slow_one_sender_and_repeat_what_was_not_taken() {
    let node = slow(100).await;
    let (bank, _) = node.add_business("Northwind Bank", &[BANK], None).await;
    node.twilio.next([Then::Limit(7)]);
    let first = node.send(MARIA, "refused at first", 0).await;
    let back = in_line(&node, MARIA, &first).await;
    assert_eq!(back["due"], json!((START + Span::secs(7)).rfc3339()));
    // The sender is closed for everybody, other senders are not.
    let second = node.send(SAM, "waits, too", 0).await;
    assert_eq!(in_line(&node, SAM, &second).await["due"], back["due"]);
    send_as(&node, &bank.to_string(), MARIA, "from elsewhere").await;
    node.twilio.until_posted(2).await;
    node.pass(7);
    node.twilio.until_posted(4).await;
    let mut bodies = node.twilio.posts("Body");
    bodies.sort();
    assert_eq!(bodies, ["from elsewhere", "refused at first", "refused at first", "waits, too"]);
    assert_eq!(node.twilio.taken().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_at_twilio_is_waited_for() {
    let node = slow(100).await;
    node.twilio.next([Then::Refuse(21611)]);
    let id = node.send(MARIA, "there was no room", 0).await;
    let back = in_line(&node, MARIA, &id).await;
    assert_eq!((&back["due"], &back["error"]), (&json!((START + Span::secs(60)).rfc3339()), &Value::Null));
    node.pass(60);
    node.until_status(MARIA, &id, "queued").await;
    assert_eq!((node.twilio.posted(), node.twilio.taken().len()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_took_is_not_repeated_however_fast_it_was() {
    for code in [30001, 30022] {
        let node = slow(1).await;
        let id = node.send(MARIA, "too fast", 0).await;
        node.until_status(MARIA, &id, "queued").await;
        let sid = node.twilio.taken()[0].sid.clone();
        node.webhook(STATUS, &status(&sid, "failed", Some(code))).await;
        node.until_status(MARIA, &id, "failed").await;
        // Half the pace: of ten more, those leave whose two seconds each fit into what is left of the ten.
        let mut ids = Vec::new();
        for n in 0..10 {
            ids.push(node.send(&customer(n), "more", 0).await);
        }
        in_line(&node, &customer(9), &ids[9]).await;
        assert_eq!(node.twilio.posted(), 5, "{code}");
        node.pass(600);
        node.twilio.until_posted(11).await;
        assert_eq!(node.message(MARIA, &id).await["status"], "failed");
        assert_eq!(node.twilio.posts("Body").iter().filter(|body| *body == "too fast").count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_has_its_own_pace() {
    let node = Node::with(Setup { sender_pace: None, ..Setup::default() }).await;
    let endpoints = format!("/api/businesses/{}/endpoints", node.business);
    let listed = node.get(&endpoints).await;
    assert_eq!((&listed["items"][0]["segmentsPerSecond"], &listed["items"][0]["pace"]), (&json!(1), &Value::Null));
    let path = format!("/api/endpoints/{}", node.endpoint);
    for wrong in [1001, 100_000] {
        let refused = node.call("PUT", &path, Some(json!({ "pace": wrong }))).await.refused(400, "invalid_input");
        assert_eq!(refused["field"], "pace");
    }
    let changed = node.put(&path, json!({ "pace": 3 })).await;
    assert_eq!((&changed["segmentsPerSecond"], &changed["addresses"][0]), (&json!(3), &json!(NUMBER)));
    for n in 0..31 {
        node.send(&customer(n), "thirty at once", 0).await;
    }
    node.twilio.until_posted(30).await;
    let last = node.thread(&customer(30)).await[0]["id"].as_str().unwrap().to_owned();
    in_line(&node, &customer(30), &last).await;
    let usual = node.put(&path, json!({ "pace": 0 })).await;
    assert_eq!((&usual["segmentsPerSecond"], &usual["pace"]), (&json!(1), &Value::Null));
}

/// The line is in the store: a start neither lets everybody go at once nor asks about each.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_outlives_the_node_and_asks_nobody() {
    let node = slow(1).await;
    let mut ids = Vec::new();
    for n in 0..14 {
        ids.push(node.send(&customer(n), "in line", 0).await);
    }
    in_line(&node, &customer(13), &ids[13]).await;
    let node = node.restart().await;
    node.pass(1);
    node.twilio.until_posted(11).await;
    assert_eq!(node.message(&customer(13), &ids[13]).await["inLine"], true);
    node.pass(3);
    node.twilio.until_posted(14).await;
    assert_eq!(node.twilio.taken().len(), 14);
    assert_eq!(node.get("/api/messages/held").await["items"], json!([]));
}
