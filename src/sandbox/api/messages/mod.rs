//! The Message resource.

pub mod check;
pub mod create;
pub mod list;

use serde_json::json;

use super::media;
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::lifecycle;
use crate::sandbox::carrier::message::{Message, Status};
use crate::sandbox::clock::rfc2822;
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// Routes a call below `Messages`.
pub fn route(world: &mut World, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    let Some((sid, rest)) = rest.split_first() else {
        return match call.method.as_str() {
            "POST" => create::create(world, call, account),
            "GET" => list::list(world, call, account),
            _ => Err(Refusal::method_not_allowed().into()),
        };
    };
    let found = world.get::<Message>(sid)?.filter(|message| message.account == account.sid);
    let message = found.ok_or_else(|| not_found(call))?;
    match (call.method.as_str(), rest) {
        ("GET", []) => Ok(Answer::ok(message.show(world.now()))),
        ("POST", []) => update(world, call, message),
        ("DELETE", []) => delete(world, message),
        ("POST", ["Feedback"]) => feedback(world, call, &message),
        (_, ["Media", rest @ ..]) => media::route(world, call, &message, rest),
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

/// Redacts (`Body` empty) or cancels (`Status=canceled`).
fn update(world: &mut World, call: &Call, mut message: Message) -> Outcome<Answer> {
    let (body, status) = (call.form.get("Body"), call.form.text("Status"));
    if status.is_some_and(|status| status != "canceled") {
        return Err(Refusal::bad(20422, "Invalid parameter: Status").into());
    }
    if body.is_some_and(|body| !body.is_empty()) {
        return Err(Refusal::bad(20422, "Invalid parameter: Body can only be emptied").into());
    }
    if status.is_some() {
        if !matches!(message.status, Status::Scheduled | Status::Accepted | Status::Queued) {
            return Err(Refusal::new(409, 30409, "This message cannot be canceled").into());
        }
        lifecycle::halt(world, &mut message)?;
        lifecycle::enter(world, message.clone(), Status::Canceled)?;
        message.status = Status::Canceled;
        message.updated = world.now();
    }
    if body.is_some() {
        if !settled(&message) {
            return Err(in_flight().into());
        }
        message.body.clear();
        message.updated = world.now();
        world.put(&message.sid, &message)?;
    }
    Ok(Answer::ok(message.show(world.now())))
}

fn delete(world: &mut World, message: Message) -> Outcome<Answer> {
    if !settled(&message) {
        return Err(in_flight().into());
    }
    media::delete_all(world, &message)?;
    message.delete(world)?;
    Ok(Answer::gone())
}

/// Whether a message has nothing more to expect: it is done, or its carrier will never report.
fn settled(message: &Message) -> bool {
    message.status.done() || (message.status == Status::Sent && message.due.is_none())
}

fn in_flight() -> Refusal {
    Refusal::new(409, 20009, "Cannot delete message before it is complete; wait several minutes and try again")
}

fn feedback(world: &mut World, call: &Call, message: &Message) -> Outcome<Answer> {
    let outcome = call.form.text("Outcome").unwrap_or("confirmed");
    if !matches!(outcome, "confirmed" | "unconfirmed") {
        return Err(Refusal::bad(20422, "Invalid parameter: Outcome").into());
    }
    let now = rfc2822(world.now());
    Ok(Answer::ok(json!({
        "account_sid": message.account,
        "message_sid": message.sid,
        "outcome": outcome,
        "date_created": now,
        "date_updated": now,
        "uri": format!("{}/Feedback.json", message.uri()),
    })))
}
