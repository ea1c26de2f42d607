//! Keeping up with what no webhook brought: intervals without a listener, lost callbacks, polling, the
//! import of the history.

use std::time::Duration;

use serde_json::{Value, json};
use switchboard::api::node::World;
use switchboard::core::Pace;
use switchboard::domain::time::{Span, Time};

use crate::hooks::{SMS, status, text};
use crate::node::{MARIA, NUMBER, Node, SAM, START, Setup, until, until_some};
use crate::numbers::Sandbox;
use crate::valve::Valve;

/// Everything at a pace for tests; what is looked at by itself is left to each test.
fn pace() -> Pace {
    Pace {
        beat: Duration::from_millis(20),
        quiet: Duration::from_millis(150),
        prices: Duration::from_secs(3600),
        ..Pace::default()
    }
}

fn with(pace: Pace) -> Setup {
    Setup { pace, ..Setup::default() }
}

async fn gaps(node: &Node) -> Vec<Value> {
    node.get("/api/keeping/gaps").await["items"].as_array().unwrap().clone()
}

/// The newest interval of a kind, once it was looked through.
async fn swept(node: &Node, why: &str) -> Value {
    let found = || async {
        gaps(node).await.into_iter().find(|g| g["why"] == why && g["sweptAt"].is_string() && g["until"].is_string())
    };
    until_some("the interval is looked through", found).await
}

fn at(seconds: i64) -> Time {
    START + Span::secs(seconds)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_nobody_listened_is_there_after_the_start() {
    let node = Node::with(with(pace())).await;
    node.text_in(1, MARIA, "heard by webhook").await;
    let delivered = node.send(MARIA, "delivered meanwhile", 0).await;
    node.until_status(MARIA, &delivered, "queued").await;
    let sid = node.twilio.taken()[0].sid.clone();
    assert!(gaps(&node).await.is_empty(), "the first start was not away");
    node.twilio.put_in(1, MARIA, NUMBER, "heard by webhook", at(0));
    let twilio = node.twilio.clone();
    let node = node
        .restart_with(|| {
            twilio.put_in(2, SAM, NUMBER, "is anybody there?", at(1));
            let picture = twilio.put_in(3, SAM, NUMBER, "look", at(2));
            twilio.change(&picture, |t| t.files = 2);
            twilio.put_in(4, SAM, "+14155559999", "to another program", at(3));
            twilio.change(&sid, |t| t.status = "delivered".into());
            twilio.change(&sid, |t| t.at = at(0));
        })
        .await;
    let away = swept(&node, "away").await;
    assert_eq!(away["found"], json!({ "listed": 5, "texts": 2, "reports": 1, "strangers": 1 }), "{away}");
    let bodies: Vec<_> = node.thread(SAM).await.into_iter().map(|m| m["body"].clone()).collect();
    assert_eq!(bodies, ["look", "is anybody there?"]);
    assert_eq!(node.conversation(SAM).await["unread"], 2, "a healed message is unread");
    let media = node.thread(SAM).await[0]["media"].clone();
    assert_eq!((media.as_array().unwrap().len(), &media[0]["contentType"]), (2, &json!("image/jpeg")));
    assert_eq!(node.thread(MARIA).await.len(), 2, "what was here is not there twice");
    assert_eq!(node.message(MARIA, &delivered).await["status"], "delivered");
    // The webhook comes after all.
    assert_eq!(node.webhook(SMS, &text(2, SAM, "is anybody there?")).await.status, 200);
    node.applied().await;
    assert_eq!(node.thread(SAM).await.len(), 2);
    let keeping = node.get("/api/keeping").await;
    assert_eq!(
        (&keeping["openGaps"], &keeping["webhooks"], &keeping["troubles"]),
        (&json!(0), &json!(true), &json!([]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interval_survives_a_twilio_that_does_not_answer_and_a_second_crash() {
    let node = Node::with(with(Pace { poll: Duration::from_millis(5), ..pace() })).await;
    node.text_in(1, MARIA, "before").await;
    let twilio = node.twilio.clone();
    let node = node
        .restart_with(|| {
            twilio.mute_lists(true);
            for n in 0..7 {
                twilio.put_in(10 + n, SAM, NUMBER, &format!("missed {n}"), at(n as i64));
            }
        })
        .await;
    until("it was asked", || twilio.listed() >= 2).await;
    let keeping = node.get("/api/keeping").await;
    assert_eq!(keeping["openGaps"], 1);
    until_some("the trouble is told", || async {
        let troubles = node.get("/api/node").await["troubles"].to_string();
        troubles.contains("list of messages could not be read").then_some(())
    })
    .await;
    // Two pages are read, then Twilio fails again, and so does the node.
    twilio.page(3);
    twilio.fail_lists_after(Some(1));
    twilio.mute_lists(false);
    // Written down, too: a crash before that would find them here and count them as nothing new.
    until_some("a part is here and counted", || async {
        gaps(&node).await.iter().any(|gap| gap["found"]["texts"] == 3).then_some(())
    })
    .await;
    let after = node.crash().await;
    twilio.fail_lists_after(None);
    let first = until_some("both are looked through", || async {
        let gaps = gaps(&after).await;
        (gaps.len() == 2 && gaps.iter().all(|g| g["sweptAt"].is_string())).then(|| gaps[1].clone())
    })
    .await;
    assert_eq!(first["found"]["texts"], 7, "{first}");
    let bodies: Vec<_> = after.thread(SAM).await.into_iter().map(|m| m["body"].clone()).collect();
    assert_eq!(bodies, (0..7).rev().map(|n| json!(format!("missed {n}"))).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn shedding_is_written_down_and_made_up_for() {
    let valve = Valve::new(1);
    let node = Node::with(Setup { backlog: 2, store: Some(valve.clone()), ..with(pace()) }).await;
    valve.shut(1);
    for n in 1..=6 {
        node.twilio.put_in(n, MARIA, NUMBER, &format!("text {n}"), at(n as i64));
        let answer = node.webhook(SMS, &text(n, MARIA, &format!("text {n}"))).await;
        assert_eq!(answer.status, if n <= 2 { 200 } else { 503 }, "{n}");
    }
    // The store takes nothing: that it shed is not forgotten for that.
    tokio::time::sleep(Duration::from_millis(300)).await;
    valve.shut(0);
    let shed = swept(&node, "shed").await;
    assert_eq!((&shed["shed"], &shed["found"]["texts"]), (&json!(4), &json!(4)), "{shed}");
    let bodies: Vec<_> = node.thread(MARIA).await.into_iter().map(|m| m["body"].clone()).collect();
    assert_eq!(bodies, ["text 6", "text 5", "text 4", "text 3", "text 2", "text 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callback_that_never_came_is_asked_for_ever_more_seldom() {
    let node = Node::with(with(Pace { behind: Duration::from_millis(200), ..pace() })).await;
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    let sid = node.twilio.taken()[0].sid.clone();
    node.pass(1);
    until("it is asked for", || node.twilio.fetched() >= 1).await;
    node.twilio.change(&sid, |t| (t.status, t.error) = ("undelivered".into(), Some(30003)));
    let failed = node.until_status(MARIA, &id, "undelivered").await;
    assert_eq!(failed["error"], 30003);
    let asked = node.twilio.fetched();
    assert!(asked < 6, "{asked} questions");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(node.twilio.fetched(), asked, "what is settled is not asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_lost_callbacks_cost_one_list() {
    let node = Node::with(with(Pace { behind: Duration::from_secs(3600), ..pace() })).await;
    let mut ids = Vec::new();
    for n in 0..30 {
        let to = format!("+141555504{n:02}");
        ids.push((to.clone(), node.send(&to, "campaign", 0).await));
    }
    until("all are taken", || node.twilio.taken().len() == 30).await;
    for (to, id) in &ids {
        node.until_status(to, id, "queued").await;
    }
    let twilio = node.twilio.clone();
    let node = node
        .restart_with(|| {
            for taken in twilio.taken() {
                twilio.change(&taken.sid, |t| t.status = "delivered".into());
            }
        })
        .await;
    for (to, id) in &ids {
        node.until_status(to, id, "delivered").await;
    }
    assert!(twilio.fetched() == 0 && twilio.listed() <= 3, "{} lists", twilio.listed());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_public_url_twilio_is_polled_and_slowly_when_nothing_happens() {
    let quick = Pace { poll: Duration::from_millis(20), poll_at_most: Duration::from_millis(400), ..pace() };
    let node = Node::with(Setup { public: None, ..with(quick) }).await;
    node.twilio.put_in(1, MARIA, NUMBER, "hi", at(0));
    until_some("it is found", || async {
        let page = node.get("/api/conversations").await;
        page["items"].as_array().unwrap().first().cloned()
    })
    .await;
    let id = node.send(MARIA, "hello", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    let sid = node.twilio.taken().into_iter().find(|t| t.direction == "outbound-api").unwrap().sid;
    node.twilio.change(&sid, |t| t.status = "delivered".into());
    node.until_status(MARIA, &id, "delivered").await;
    assert_eq!(node.thread(MARIA).await.len(), 2);
    // Nothing happens: the pauses grow to their bound.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let before = node.twilio.listed();
    tokio::time::sleep(Duration::from_millis(2000)).await;
    let idle = node.twilio.listed() - before;
    assert!((2..=9).contains(&idle), "{idle} lists in two idle seconds");
    assert_eq!(node.get("/api/keeping").await["webhooks"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_that_do_not_arrive_are_made_up_for_and_told() {
    let quick = Pace { patrol: Duration::from_millis(100), poll_at_most: Duration::from_millis(50), ..pace() };
    let node = Node::with(with(quick)).await;
    node.twilio.put_in(1, MARIA, NUMBER, "lost on the way", at(0));
    until_some("it is told", || async {
        let troubles = node.get("/api/node").await["troubles"].to_string();
        troubles.contains("webhooks do not reach this node").then_some(())
    })
    .await;
    assert_eq!(node.thread(MARIA).await.len(), 1);
    until_some("the trouble ends when nothing is missed", || async {
        (node.get("/api/node").await["troubles"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_about_opting_out_count_in_the_order_of_twilios_time() {
    let node = Node::with(with(pace())).await;
    node.pass(100);
    node.text_in(1, MARIA, "START").await;
    node.twilio.put_in(2, MARIA, NUMBER, "STOP", at(10));
    let swept = node.post("/api/keeping/sweep", json!({})).await;
    assert_eq!(swept["found"]["texts"], 1);
    assert_eq!(node.conversation(MARIA).await["optedOutAt"], Value::Null, "they have come back since");
    node.twilio.put_in(3, MARIA, NUMBER, "STOP", at(150));
    node.pass(100);
    node.post("/api/keeping/sweep", json!({})).await;
    assert!(node.conversation(MARIA).await["optedOutAt"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_import_brings_history_and_disturbs_nobody() {
    let node = Node::with(with(pace())).await;
    node.text_in(100, MARIA, "already here").await;
    node.twilio.put_in(100, MARIA, NUMBER, "already here", at(0));
    let day = 86_400;
    for n in 0..10 {
        node.twilio.put_in(n, SAM, NUMBER, &format!("text {n}"), at(-20 * day + n as i64));
        let answer = node.twilio.put(SAM, NUMBER, &format!("answer {n}"), at(-19 * day + n as i64));
        node.twilio.change(&answer, |t| (t.status, t.error) = ("undelivered".into(), Some(30003)));
    }
    node.twilio.put_in(50, SAM, NUMBER, "STOP", at(-18 * day));
    node.twilio.put_in(51, SAM, NUMBER, "too old", at(-40 * day));
    let before = node.counts().await;
    let mut live = node.events(None).await;
    live.caught_up().await;
    node.twilio.page(4);
    node.twilio.fail_lists_after(Some(2));
    node.post("/api/keeping/import", json!({ "days": 30 })).await;
    until_some("two pages are here", || async {
        Some(node.get("/api/keeping").await["import"].clone()).filter(|i| i["listed"].as_u64() >= Some(8))
    })
    .await;
    let twilio = node.twilio.clone();
    let node = node.restart_with(|| twilio.fail_lists_after(None)).await;
    let done = until_some("it is done", || async {
        Some(node.get("/api/keeping").await["import"].clone()).filter(|i| i["state"] == "done")
    })
    .await;
    assert_eq!(done["imported"], 21, "{done}");
    assert!(done["endedAt"].is_string(), "{done}");
    let sam = node.conversation(SAM).await;
    assert_eq!((&sam["unread"], &sam["status"], &sam["failed"]), (&json!(0), &json!("resolved"), &json!(0)));
    assert_eq!((&sam["waitingSince"], &sam["last"]["preview"]), (&Value::Null, &json!("STOP")));
    assert!(sam["optedOutAt"].is_string(), "that they opted out is known");
    assert_eq!(node.thread(SAM).await.len(), 21);
    assert_eq!(node.thread(MARIA).await.len(), 1);
    let after = node.counts().await;
    for tab in ["mine", "unassigned", "waiting", "failed", "snoozed"] {
        assert_eq!(before[tab], after[tab], "{tab}");
    }
    // A failure of long ago can be sent again, and a new text opens the conversation.
    node.text_in(200, SAM, "START").await;
    let sam = node.conversation(SAM).await;
    assert_eq!((&sam["unread"], &sam["status"], &sam["optedOutAt"]), (&json!(1), &json!("open"), &Value::Null));
    let old = node.thread(SAM).await.into_iter().find(|m| m["body"] == "answer 3").unwrap();
    let again = node.post(&format!("/api/messages/{}/retry", old["id"].as_str().unwrap()), json!({})).await;
    node.until_status(SAM, again["id"].as_str().unwrap(), "queued").await;
    assert_eq!(node.conversation(SAM).await["failed"], 0);
    // Bounds by number, newest first.
    let small = node.post("/api/keeping/import", json!({ "limit": 3 })).await;
    assert_eq!(small["state"], "running");
    let small = until_some("it is done", || async {
        Some(node.get("/api/keeping").await["import"].clone()).filter(|i| i["state"] == "done" && i["limit"] == 3)
    })
    .await;
    assert_eq!((&small["listed"], &small["imported"]), (&json!(3), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_does_not_take_the_sid_of_a_message_that_is_being_settled() {
    let node = Node::with(with(Pace { look: Duration::from_secs(3600), ..pace() })).await;
    node.twilio.next([crate::twilio::Then::Lose]);
    node.twilio.mute_lists(true);
    let id = node.send(MARIA, "whose is it?", 0).await;
    node.until_status(MARIA, &id, "unknown").await;
    until("settling has looked and rests", || node.twilio.listed() >= 2).await;
    node.twilio.mute_lists(false);
    node.post("/api/keeping/import", json!({})).await;
    until_some("it is done", || async {
        Some(node.get("/api/keeping").await["import"].clone()).filter(|i| i["state"] == "done")
    })
    .await;
    assert_eq!(node.thread(MARIA).await.len(), 1);
    let taken = node.twilio.taken()[0].clone();
    node.report(&taken.callback.unwrap(), &status(&taken.sid, "delivered", None)).await;
    assert_eq!(node.message(MARIA, &id).await["status"], "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_whose_webhook_came_late_goes_to_its_place() {
    let node = Node::with(with(Pace { patrol: Duration::from_millis(50), ..pace() })).await;
    node.twilio.put_in(1, MARIA, NUMBER, "first", at(-60));
    node.twilio.put_in(2, MARIA, NUMBER, "second", at(-30));
    node.text_in(2, MARIA, "second").await;
    node.pass(1);
    node.text_in(1, MARIA, "first").await;
    let order = || async {
        let thread = node.thread(MARIA).await;
        thread.iter().rev().map(|m| m["body"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    until_some("they stand in Twilio's order", || async { (order().await == ["first", "second"]).then_some(()) }).await;
    let head = node.conversation(MARIA).await;
    assert_eq!((&head["unread"], node.thread(MARIA).await.len()), (&json!(2), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_account_that_is_new_here_is_imported_by_itself_once() {
    let sandbox = Sandbox::start().await;
    let now = switchboard::clock::wall();
    sandbox.control("clock", json!({ "now": (now - Span::secs(86_400)).rfc3339() })).await;
    for n in 0..5 {
        sandbox.text(MARIA, NUMBER, &format!("yesterday {n}")).await;
    }
    let node = sandbox.node_with(Setup { world: World::Live, ..with(pace()) }).await;
    let import = async |node: &Node| Some(node.get("/api/keeping").await["import"].clone());
    let done = until_some("it was imported by itself", || async {
        import(&node).await.filter(|import| import["state"] == "done")
    })
    .await;
    assert_eq!((&done["imported"], &done["limit"], &done["note"]), (&json!(5), &json!(10_000), &Value::Null), "{done}");
    assert_eq!((node.conversation(MARIA).await["unread"].clone(), node.thread(MARIA).await.len()), (json!(0), 5));
    // Neither a start nor another endpoint begins it anew.
    let node = node.restart().await;
    node.add_business("Northwind Bank", &["+14155550200"], None).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(import(&node).await, Some(done));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_import_says_how_to_end_it_goes_on_after_a_start_and_stays_ended() {
    let live = || Setup { world: World::Live, ..with(Pace { poll: Duration::from_millis(20), ..pace() }) };
    let node = Node::with(live()).await;
    let running = until_some("it begins by itself", || async {
        Some(node.get("/api/keeping").await["import"].clone()).filter(|import| !import.is_null())
    })
    .await;
    assert!(running["state"] == "running" || running["state"] == "done", "{running}");
    // Another account is new: Twilio answers nothing, so that it stays under way.
    node.twilio.mute_lists(true);
    let sub = json!({ "addresses": ["+14155550300"], "account": "AC0000000000000000000000000000beef" });
    node.post(&format!("/api/businesses/{}/endpoints", node.business), sub).await;
    let first = async |node: &Node| {
        let found = || async {
            Some(node.get("/api/keeping").await["import"].clone()).filter(|import| import["state"] == "running")
        };
        until_some("it is under way", found).await
    };
    let note = first(&node).await["note"].as_str().unwrap_or_default().to_owned();
    assert!(note.contains("new here") && note.contains("switchboard keeping stop-import"), "{note}");
    let node = node.restart().await;
    first(&node).await;
    let stopped = node.call("DELETE", "/api/keeping/import", None).await.ok();
    assert_eq!((&stopped["state"], &stopped["note"]), (&json!("stopped"), &Value::Null), "{stopped}");
    let node = node.restart().await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(node.get("/api/keeping").await["import"]["state"], "stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_sandbox_nothing_is_imported_by_itself() {
    let node = Node::with(with(pace())).await;
    node.text_in(1, MARIA, "hello").await;
    assert_eq!(node.get("/api/keeping").await["import"], Value::Null);
}
