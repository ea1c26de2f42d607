//! From a call to the product that answers it.
//!
//! Credentials come first, then the product. What is not built answers as Twilio does for what does not
//! exist: 404 with code 20404.

use super::account::{self, Caller};
use super::answer::{Answer, Content, Failure, Outcome, Refusal};
use super::call::Call;
use super::error::StoreError;
use super::journal::{self, Entry};
use super::monitor::{self, raise, watch};
use super::world::World;
use super::{api, clock, content, lookups, magic, messaging, pricing, tokens, verify};

/// Carries out a call and records it with its answer.
pub fn carry_out(world: &mut World, call: &Call) -> Result<Answer, StoreError> {
    let (answer, entry) = perform(world, call)?;
    world.record(entry);
    Ok(answer)
}

/// Carries out a call whose answer is lost on purpose, and records why.
pub fn carry_out_unanswered(world: &mut World, call: &Call, why: &str) -> Result<(), StoreError> {
    let (_, entry) = perform(world, call)?;
    world.record(Entry { status: None, error: Some(why.to_owned()), ..entry });
    Ok(())
}

fn perform(world: &mut World, call: &Call) -> Result<(Answer, Entry), StoreError> {
    let (account, result) = match account::authenticate(world, call) {
        Ok(caller) if caller.account == world.meta().test_account => {
            (caller.account.clone(), magic::route(world, &caller, call))
        }
        Ok(caller) => (caller.account.clone(), noticed(world, &caller, call)),
        Err(failure) => (String::new(), Err(failure)),
    };
    let answer = match result {
        Ok(answer) => answer,
        Err(Failure::Refused(refusal)) => refusal.answer(),
        Err(Failure::Store(error)) => return Err(error),
    };
    let entry = entry(world, call, account, &answer);
    Ok((answer, entry))
}

/// Carries out a call, and tells the monitor what it changed, or why it was refused.
fn noticed(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let watched = watch::begin(call, |asked| match dispatch(world, caller, asked) {
        Ok(Answer { body: Content::Json(body), .. }) => Some(body),
        _ => None,
    });
    let result = dispatch(world, caller, call);
    match &result {
        Ok(answer) => {
            if let Some(watched) = watched {
                watch::end(world, caller, call, watched, answer)?;
            }
        }
        Err(Failure::Refused(refusal)) => raise::refused(world, &caller.account, call, refusal)?,
        Err(Failure::Store(_)) => {}
    }
    result
}

fn dispatch(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    match call.product.as_str() {
        "api" => api::route(world, caller, call),
        "accounts" => tokens::route(world, caller, call),
        "messaging" => messaging::route(world, caller, call),
        "verify" => verify::route(world, caller, call),
        "content" => content::route(world, caller, call),
        "monitor" => monitor::route(world, caller, call),
        "pricing" => pricing::route(world, caller, call),
        "lookups" => lookups::route(world, caller, call),
        _ => Err(not_found(call)),
    }
}

/// 404 for the path of a call.
pub fn not_found(call: &Call) -> Failure {
    Refusal::not_found(call.named_path()).into()
}

/// The journal's entry for a call; `status` is none for one that was cut off.
pub fn entry(world: &World, call: &Call, account_sid: String, answer: &Answer) -> Entry {
    let response = match &answer.body {
        Content::Json(value) => value.clone(),
        Content::Bytes(kind, bytes) => serde_json::json!(format!("{} bytes of {kind}", bytes.len())),
        Content::Empty => serde_json::Value::Null,
    };
    let code = response.get("code").and_then(serde_json::Value::as_u64).and_then(|code| u32::try_from(code).ok());
    Entry {
        kind: "request".into(),
        at: clock::precise(world.now()),
        product: call.product.clone(),
        method: call.method.clone(),
        path: call.path.clone(),
        account_sid,
        request: journal::object(call.query.pairs().chain(call.form.pairs().map(masked))),
        status: Some(answer.status),
        code: code.filter(|_| answer.status >= 400),
        response: if answer.status < 400 && call.method == "GET" { brief(response) } else { response },
        ..Entry::default()
    }
}

/// One-time codes are for nobody to read.
pub fn masked<'a>((name, value): (&'a str, &'a str)) -> (&'a str, &'a str) {
    if matches!(name, "Code" | "CustomCode") { (name, "***") } else { (name, value) }
}

/// A list is recorded by its length: polling would fill the journal with copies.
fn brief(response: serde_json::Value) -> serde_json::Value {
    let Some(map) = response.as_object() else { return response };
    if !map.contains_key("meta") && !map.contains_key("first_page_uri") {
        return response;
    }
    let lists = map.iter().map(|(name, value)| match value.as_array() {
        Some(list) => (name.clone(), serde_json::json!(format!("{} items", list.len()))),
        None => (name.clone(), value.clone()),
    });
    serde_json::Value::Object(lists.collect())
}
