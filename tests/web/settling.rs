//! Answers that were lost: nobody gets a message twice, and none vanishes.

use std::time::Duration;

use serde_json::json;
use switchboard::core::Pace;
use switchboard::domain::time::Span;

use crate::hooks::status;
use crate::node::{MARIA, NUMBER, Node, SAM, START, Setup, until};
use crate::twilio::Then;

fn quick(settling: Span) -> Setup {
    let pace = Pace { look: Duration::from_millis(50), settling, ..Pace::default() };
    Setup { pace, ..Setup::default() }
}

/// After a first look nothing is looked for at Twilio for as long as a test lasts.
fn blind() -> Setup {
    let pace = Pace { look: Duration::from_secs(600), ..Pace::default() };
    Setup { pace, ..Setup::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_by_the_report() {
    let node = Node::with(blind()).await;
    node.twilio.mute_lists(true);
    node.twilio.next([Then::Lose]);
    let id = node.send(MARIA, "did it arrive?", 0).await;
    let unknown = node.until_status(MARIA, &id, "unknown").await;
    assert!(unknown["errorText"].as_str().unwrap().contains("look before trying again"), "{unknown}");
    let next = node.send(MARIA, "the next one", 0).await;
    node.call("POST", &format!("/api/messages/{id}/retry"), None).await.refused(409, "conflict");
    let sam = node.send(SAM, "others go on", 0).await;
    node.until_status(SAM, &sam, "queued").await;
    assert_eq!(node.message(MARIA, &next).await["status"], "held", "it waits for the one before it");
    let taken = node.twilio.taken()[0].clone();
    node.report(&taken.callback.unwrap(), &status(&taken.sid, "delivered", None)).await;
    let settled = node.message(MARIA, &id).await;
    assert_eq!((&settled["status"], &settled["sid"]), (&json!("delivered"), &json!(taken.sid)));
    node.until_status(MARIA, &next, "queued").await;
    assert_eq!(node.twilio.posted(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_settled_by_the_list_and_binds_only_its_own() {
    let node = Node::with(Setup { public: None, ..quick(Span::secs(60)) }).await;
    node.twilio.smart();
    // The same words to the same person, sent yesterday by another program.
    node.twilio.put(MARIA, NUMBER, "You're booked.", START - Span::secs(86_400));
    node.twilio.next([Then::Lose]);
    let id = node.send(MARIA, "You\u{2019}re booked.", 0).await;
    let settled = node.until_status(MARIA, &id, "queued").await;
    assert_eq!(settled["sid"], json!(node.twilio.taken()[1].sid));
    // Twice the same text: each is bound to its own.
    node.twilio.next([Then::Lose]);
    let twin = node.send(MARIA, "You\u{2019}re booked.", 0).await;
    let settled = node.until_status(MARIA, &twin, "queued").await;
    assert_eq!(settled["sid"], json!(node.twilio.taken()[2].sid));
    assert_eq!((node.twilio.posted(), node.twilio.taken().len()), (2, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_from_before_is_not_taken_for_ours() {
    let node = Node::with(quick(Span::millis(200))).await;
    node.twilio.put(MARIA, NUMBER, "Thanks!", START - Span::secs(86_400));
    node.twilio.next([Then::Drop]);
    let id = node.send(MARIA, "Thanks!", 0).await;
    node.until_status(MARIA, &id, "queued").await;
    assert_eq!(
        (node.twilio.posted(), node.twilio.taken().len()),
        (2, 2),
        "it had not been taken, so it was sent again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilio_never_took_is_sent_after_settling() {
    let node = Node::with(quick(Span::millis(300))).await;
    node.twilio.next([Then::Drop]);
    let id = node.send(MARIA, "lost on the way", 0).await;
    node.until_status(MARIA, &id, "unknown").await;
    let next = node.send(MARIA, "behind it", 0).await;
    node.until_status(MARIA, &next, "queued").await;
    assert_eq!(node.message(MARIA, &id).await["status"], "queued");
    assert_eq!(node.twilio.posts("Body"), ["lost on the way", "lost on the way", "behind it"]);
    assert_eq!(node.twilio.taken().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_again_while_twilio_cannot_be_asked() {
    let node = Node::with(quick(Span::millis(1))).await;
    node.twilio.mute_lists(true);
    node.twilio.next([Then::Lose]);
    let id = node.send(MARIA, "only once", 0).await;
    until("it is looked for", || node.twilio.listed() >= 4).await;
    assert_eq!((node.message(MARIA, &id).await["status"].clone(), node.twilio.posted()), (json!("unknown"), 1));
    // Meanwhile others are served.
    let sam = node.send(SAM, "others go on", 0).await;
    node.until_status(SAM, &sam, "queued").await;
    node.twilio.mute_lists(false);
    node.until_status(MARIA, &id, "queued").await;
    assert_eq!((node.twilio.posted(), node.twilio.taken().len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn steady_traffic_does_not_put_the_looking_off() {
    let node =
        Node::with(Setup { pace: Pace { look: Duration::from_millis(400), ..Pace::default() }, ..Setup::default() })
            .await;
    node.twilio.next([Then::Lose]);
    let id = node.send(MARIA, "in the crowd", 0).await;
    let caller = switchboard::api::Caller::local("kim");
    let conversation = node.conversation(MARIA).await["id"].as_str().unwrap().parse().unwrap();
    let core = node.core.clone();
    let crowd = tokio::spawn(async move {
        for _ in 0..200 {
            let note = switchboard::api::inbox::AddNote { id: conversation, body: "busy".into() };
            core.call(&caller, switchboard::api::Request::AddNote(note), None).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    node.until_status(MARIA, &id, "queued").await;
    assert!(!crowd.is_finished(), "it was settled in the midst of the traffic");
    crowd.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_while_twilio_is_asked_loses_and_repeats_nothing() {
    let node = Node::with(quick(Span::secs(60))).await;
    node.twilio.next([Then::Wait]);
    let id = node.send(MARIA, "sent in the last moment", 0).await;
    let held = node.send(SAM, "still held", 30).await;
    node.twilio.until_posted(1).await;
    assert_eq!(node.message(MARIA, &id).await["status"], "sending");
    let after = node.crash().await;
    let settled = after.until_status(MARIA, &id, "queued").await;
    assert_eq!(settled["sid"], json!(after.twilio.taken()[0].sid));
    assert_eq!(after.message(SAM, &held).await["status"], "held");
    after.pass(30);
    after.until_status(SAM, &held, "queued").await;
    assert_eq!((after.twilio.posted(), after.twilio.taken().len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_store_could_not_take_is_kept_until_it_can() {
    let valve = crate::valve::Valve::new(1);
    let node = Node::with(Setup { store: Some(valve.clone()), ..blind() }).await;
    node.twilio.next([Then::Wait]);
    let id = node.send(MARIA, "hello", 0).await;
    node.twilio.until_posted(1).await;
    valve.shut(1);
    node.twilio.release(1);
    until("saving was tried", || valve.failed() >= 2).await;
    assert_eq!(node.message(MARIA, &id).await["status"], "sending");
    valve.shut(0);
    node.until_status(MARIA, &id, "queued").await;
    assert_eq!(node.twilio.posted(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_not_hammered() {
    let valve = crate::valve::Valve::new(1);
    let node = Node::with(Setup { store: Some(valve.clone()), ..blind() }).await;
    let id = node.send(MARIA, "hello", 5).await;
    valve.shut(1);
    node.pass(6);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let tried = valve.failed();
    assert!((1..20).contains(&tried), "{tried} commits were tried in a second and a half");
    valve.shut(0);
    node.until_status(MARIA, &id, "queued").await;
}
