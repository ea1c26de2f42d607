//! Content templates and their approval, and messages made of them.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use switchboard::domain::id::Sid;
use switchboard::twilio::contents::{ApprovalStatus, Content};
use switchboard::twilio::messages::NewMessage;
use switchboard::twilio::{Base, Client, Config, Credential};

use crate::support::{MARIA, NUMBER, World, text};

fn client(world: &World) -> Client {
    let base = Base::At(world.base.parse().unwrap());
    let credential = Credential::AuthToken(world.token.clone().into());
    Client::new(Config::new(base, world.account.parse().unwrap(), credential)).unwrap()
}

async fn all(client: &Client) -> BTreeMap<String, Content> {
    let first = client.contents().with_approvals().await.unwrap();
    let rows: Vec<Content> = client.rows(first).try_collect().await.unwrap();
    rows.into_iter().map(|content| (content.friendly_name.clone(), content)).collect()
}

fn made_of(sid: Sid, variables: &str) -> NewMessage {
    NewMessage {
        to: format!("whatsapp:{MARIA}"),
        from: Some(format!("whatsapp:{NUMBER}")),
        content_sid: Some(sid),
        content_variables: Some(variables.into()),
        ..NewMessage::default()
    }
}

#[tokio::test]
async fn approved_templates_reach_whoever_has_not_written_for_a_day() {
    let world = World::new(42).await;
    let client = client(&world);
    let all = all(&client).await;
    let status = |name: &str| all[name].approval_requests.as_ref().and_then(|a| a.status.clone());
    assert_eq!(status("appointment_reminder"), Some(ApprovalStatus::Approved));
    assert_eq!(status("spring_offer"), Some(ApprovalStatus::Pending));
    assert_eq!(status("act_now"), Some(ApprovalStatus::Rejected));
    let reminder = &all["appointment_reminder"];
    assert_eq!(reminder.text().map(|(kind, _)| kind), Some("twilio/quick-reply"));
    assert_eq!(reminder.sample("1").as_deref(), Some("Maria"));
    let sent = client.messages().create(&made_of(reminder.sid, r#"{"1":"Ana","2":"Tuesday","3":"9"}"#)).await.unwrap();
    assert!(sent.body.starts_with("Hi Ana, this is a reminder of your appointment on Tuesday at 9."), "{}", sent.body);
    // Without approval it is a text like any other; refused by WhatsApp it has a code of its own.
    let pending = client.messages().create(&made_of(all["spring_offer"].sid, "{}")).await.unwrap();
    let refused = client.messages().create(&made_of(all["act_now"].sid, "{}")).await.unwrap();
    world.advance(10.0).await;
    let phone = world.phone(&format!("whatsapp:{MARIA}")).await;
    assert_eq!(phone.len(), 1, "{phone:?}");
    assert!(text(&phone[0], "body").starts_with("Hi Ana"));
    for (message, code) in [(pending, 63016), (refused, 63040)] {
        let seen = client.messages().fetch(message.sid).await.unwrap();
        assert_eq!((seen.status.as_str(), seen.error_code), ("failed", Some(code)));
    }
    for (sid, variables, code) in [
        ("HX00000000000000000000000000000000".parse().unwrap(), "{}", 21655),
        (reminder.sid, r#"["Ana"]"#, 21656),
        (reminder.sid, r#"{"1":{}}"#, 21656),
    ] {
        let e = client.messages().create(&made_of(sid, variables)).await.unwrap_err();
        assert_eq!(e.code(), Some(code), "{variables}: {e}");
    }
    world.end().await;
}

#[tokio::test]
async fn a_template_is_made_reviewed_and_deleted() {
    let world = World::new(42).await;
    let ask = async |method: &str, path: &str, body: Value| {
        let mut request = world.request(method, path);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or(Value::Null))
    };
    let body = json!({
        "friendly_name": "closing", "language": "en", "variables": { "1": "Friday" },
        "types": { "twilio/text": { "body": "We are closed on {{1}}." } },
    });
    let (status, made) = ask("POST", "/content/v1/Content", body.clone()).await;
    assert_eq!(status, 201, "{made}");
    let sid = text(&made, "sid");
    assert!(
        sid.starts_with("HX") && made["types"] == body["types"] && made["variables"] == body["variables"],
        "{made}"
    );
    let one = format!("/content/v1/Content/{sid}");
    assert_eq!(ask("GET", &one, Value::Null).await, (200, made));
    let approvals = format!("{one}/ApprovalRequests");
    let standing = async || ask("GET", &approvals, Value::Null).await.1["whatsapp"]["status"].clone();
    assert_eq!(standing().await, "unsubmitted");
    let wrong = json!({ "name": "Not Plain", "category": "UTILITY" });
    assert_eq!(ask("POST", &format!("{approvals}/whatsapp"), wrong).await.0, 400);
    let right = json!({ "name": "closing", "category": "UTILITY" });
    assert_eq!(ask("POST", &format!("{approvals}/whatsapp"), right.clone()).await.0, 201);
    assert_eq!(ask("POST", &format!("{approvals}/whatsapp"), right).await.0, 400, "asked twice");
    assert_eq!(standing().await, "pending");
    world.advance(301.0).await;
    assert_eq!(standing().await, "approved");
    let (_, listed) = ask("GET", "/content/v1/Content?PageSize=2", Value::Null).await;
    assert_eq!((text(&listed["contents"][0], "sid"), listed["contents"].as_array().unwrap().len()), (sid, 2));
    assert!(listed["meta"]["next_page_url"].is_string(), "{listed}");
    assert_eq!(ask("POST", "/content/v1/Content", json!({ "language": "en" })).await.0, 400);
    assert_eq!(ask("PUT", &one, body).await.0, 405);
    assert_eq!(ask("DELETE", &one, Value::Null).await.0, 204);
    assert_eq!(ask("GET", &one, Value::Null).await.0, 404);
    world.end().await;
}
