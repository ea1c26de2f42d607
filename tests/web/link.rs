//! The two ways to a node give the same replies and the same refusals.

use futures_util::StreamExt;
use serde_json::{Value, json};
use switchboard::api::inbox::{
    AddNote, AssignConversation, GetConversation, ListConversations, ListMessages, MarkRead, SendMessage,
    SetConversationStatus, Tab, UndoMessage,
};
use switchboard::api::node::{ListAgents, SaveAgent};
use switchboard::api::{ApiError, Caller, OPERATIONS, When, businesses, contacts};
use switchboard::domain::conversation::Status;
use switchboard::link::{Connection, Heard, Link, Local, Remote};

use crate::node::{MARIA, Node, START};

/// Both ways to one node, for the same agent.
pub fn ways(node: &Node) -> [Link; 2] {
    let local = Link::Local(Local::new(node.core.clone(), Caller::local("kim")));
    let remote = Remote::new(node.base.parse().unwrap(), node.core.session_token(), Some("kim")).unwrap();
    [local, Link::Remote(remote)]
}

fn told<T: serde::Serialize>(result: Result<T, ApiError>) -> Value {
    match result {
        Ok(reply) => json!({ "ok": serde_json::to_value(reply).unwrap() }),
        Err(e) => json!({ "refused": serde_json::to_value(e).unwrap() }),
    }
}

/// Replaces what must differ between two runs: ids and cursors.
fn without_ids(mut value: Value) -> Value {
    fn walk(value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (name, inner) in map.iter_mut() {
                    match name.as_str() {
                        "id" | "conversation" | "business" | "asOf" | "default" | "next" => *inner = Value::Null,
                        "conversations" => *inner = Value::Null,
                        "detail" => *inner = json!(inner.as_str().unwrap_or_default().replace(char::is_numeric, "#")),
                        _ => walk(inner),
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    value
}

async fn scenario(node: &Node, link: &Link) -> Vec<Value> {
    let mut said = Vec::new();
    let id = node.text_in(1, MARIA, "hello").await["id"].as_str().unwrap().parse().unwrap();
    let list = |tab, limit| ListConversations { tab, limit, ..ListConversations::default() };
    said.push(told(link.call(list(Tab::Unassigned, Some(1))).await));
    said.push(told(link.call(list(Tab::All, Some(0))).await));
    said.push(told(link.call(GetConversation { id }).await));
    said.push(told(link.call(GetConversation { id: "99".parse().unwrap() }).await));
    let save = |handle: &str| SaveAgent { handle: handle.into(), name: "Kim".into(), role: None };
    said.push(told(link.call(save("kim")).await));
    said.push(told(link.call(save("K I M")).await));
    said.push(told(link.call(ListAgents {}).await));
    said.push(told(link.call(AssignConversation { id, assignee: Some("kim".into()), hand_over: None }).await));
    said.push(told(link.call(AssignConversation { id, assignee: Some("nobody".into()), hand_over: None }).await));
    said.push(told(link.call(MarkRead { id, arrival: 1 }).await));
    said.push(told(link.call(AddNote { id, body: "mornings, please\n\u{1b}[2J 李伟 👋".into() }).await));
    let send = SendMessage {
        conversation: Some(id),
        body: "See you".into(),
        hold_seconds: Some(30),
        ..SendMessage::default()
    };
    let sent = link.call(send.clone()).await;
    let message = sent.as_ref().unwrap().id;
    said.push(told(sent));
    said.push(told(link.call(SendMessage { body: String::new(), ..send }).await));
    said.push(told(link.call(UndoMessage { id: message }).await));
    said.push(told(link.call(UndoMessage { id: message }).await));
    let until = Some(When(START + switchboard::domain::time::Span::secs(3600)));
    said.push(told(link.call(SetConversationStatus { id, status: Status::Snoozed, until }).await));
    said.push(told(link.call(SetConversationStatus { id, status: Status::Open, until }).await));
    let contact =
        contacts::SaveContact { business: None, address: MARIA.parse().unwrap(), name: "Maria / Lopez".into() };
    said.push(told(link.call(contact).await));
    let strange =
        contacts::SaveContact { business: None, address: "whatsapp:+1 a/b?c%d#e".parse().unwrap(), name: "X".into() };
    said.push(told(link.call(strange).await));
    said.push(told(link.call(ListMessages { id, after: None, limit: None }).await));
    said.push(told(link.call(ListMessages { id, after: Some("zz".into()), limit: Some(5) }).await));
    let delete =
        |confirm: Option<&str>| businesses::DeleteBusiness { id: node.business, confirm: confirm.map(str::to_owned) };
    said.push(told(link.call(delete(None)).await));
    said.push(told(link.call(delete(Some("Harbor"))).await));
    let spec = OPERATIONS.iter().find(|s| s.name == "ListConversations").unwrap();
    let fields = json!({ "tab": "mine", "limit": 5 }).as_object().unwrap().clone();
    said.push(told(link.call_raw(spec, fields).await.map_err(ApiError::from)));
    let fields = json!({ "tab": "mine", "limit": 0 }).as_object().unwrap().clone();
    said.push(told(link.call_raw(spec, fields).await.map_err(ApiError::from)));
    said.into_iter().map(without_ids).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_say_the_same() {
    let (one, two) = (Node::start().await, Node::start().await);
    let local = scenario(&one, &ways(&one)[0]).await;
    let remote = scenario(&two, &ways(&two)[1]).await;
    assert_eq!(local.len(), remote.len());
    for (n, (local, remote)) in local.iter().zip(&remote).enumerate() {
        assert_eq!(local, remote, "step {n}");
    }
    assert!(local.iter().any(|s| s["refused"]["confirm"] == "Harbor Dental"));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_hear_the_same() {
    let node = Node::start().await;
    node.core.welcome("kim").await.unwrap();
    let mut heard = Vec::new();
    for link in ways(&node) {
        let mut events = link.events(None);
        assert_eq!(events.next().await, Some(Heard::Connection(Connection::Live)));
        assert!(matches!(events.next().await, Some(Heard::Frame(f)) if f.cursor().is_some()));
        heard.push(events);
    }
    node.text_in(1, MARIA, "hello").await;
    node.pass(5);
    let mut frames = Vec::new();
    for events in &mut heard {
        let two: Vec<Heard> = events.take(2).collect().await;
        frames.push(two);
    }
    assert_eq!(frames[0], frames[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_a_state_and_taken_up_again() {
    let mut node = Node::start().await;
    let mut events = ways(&node)[1].events(None);
    assert_eq!(events.next().await, Some(Heard::Connection(Connection::Live)));
    events.next().await;
    let remote = ways(&node)[1].clone();
    node.stop().await;
    let mut stale = false;
    while !stale {
        stale = matches!(events.next().await, Some(Heard::Connection(Connection::Stale(_))));
    }
    let refused = remote.call(ListAgents {}).await.unwrap_err();
    assert_eq!(refused.code, switchboard::api::Code::Unavailable);
}
