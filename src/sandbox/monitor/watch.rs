//! Which calls change a resource, and what an event says of them.
//!
//! What was there before is asked of the resource itself, as a caller would ask: so an event says of each
//! resource what its own answers say, and nothing here knows any of them.

use serde_json::{Map, Value, json};

use super::event::Event;
use super::keep;
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Content};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::carrier::send::count;
use crate::sandbox::error::StoreError;
use crate::sandbox::world::World;

/// The resources that are watched: product, collection, Twilio's word.
const WATCHED: &[(&str, &str, &str)] = &[
    ("api", "Accounts", "account"),
    ("api", "Addresses", "address"),
    ("api", "IncomingPhoneNumbers", "phone-number"),
    ("api", "Keys", "api-key"),
    ("api", "ShortCodes", "short-code"),
    ("api", "SigningKeys", "api-key"),
    ("api", "Triggers", "usage-trigger"),
    ("content", "Content", "content-template"),
    ("messaging", "Services", "messaging-service"),
    ("verify", "Services", "verify-service"),
];
/// Fields that are nobody's business, and those that change with every change.
const LEFT_OUT: [&str; 5] = ["auth_token", "date_updated", "meta", "secret", "subresource_uris"];

/// A change that is watched.
pub struct Watched {
    kind: &'static str,
    /// The resource before it, unless it is a new one.
    before: Option<Value>,
}

/// What a call is about to change, if it is watched; `ask` answers a call as a caller would be answered.
pub fn begin(call: &Call, mut ask: impl FnMut(&Call) -> Option<Value>) -> Option<Watched> {
    if !matches!(call.method.as_str(), "POST" | "DELETE") {
        return None;
    }
    let segments = call.route();
    let collection = |name: &str| WATCHED.iter().find(|(product, known, _)| *product == call.product && *known == name);
    let last = segments.last().copied().unwrap_or_default();
    let parent = segments.len().checked_sub(2).and_then(|at| segments.get(at)).copied().unwrap_or_default();
    // `IncomingPhoneNumbers/Local` is bought from, too.
    let kind_below = matches!(last, "Local" | "TollFree" | "Mobile").then_some(parent);
    if let Some((_, _, kind)) = collection(kind_below.unwrap_or(last)) {
        return Some(Watched { kind, before: None });
    }
    let (_, _, kind) = collection(parent)?;
    let asked = Call { method: "GET".into(), form: Params::default(), json_body: None, ..call.clone() };
    Some(Watched { kind, before: Some(ask(&asked)?) })
}

/// The call was carried out: keeps the event.
pub fn end(
    world: &mut World,
    caller: &Caller,
    call: &Call,
    watched: Watched,
    answer: &Answer,
) -> Result<(), StoreError> {
    let after = match &answer.body {
        Content::Json(body) => Some(body),
        _ => None,
    };
    let Watched { kind, before } = watched;
    let verb = match (&before, after) {
        (None, _) => "created",
        (Some(_), Some(_)) => "updated",
        (Some(_), None) => "deleted",
    };
    let named = |body: Option<&Value>| body.and_then(|body| body["sid"].as_str()).map(str::to_owned);
    let Some(resource) = named(after).or_else(|| named(before.as_ref())) else { return Ok(()) };
    let path = match before {
        Some(_) => call.path.clone(),
        None => match call.path.strip_suffix(".json") {
            Some(path) => format!("{path}/{resource}.json"),
            None => format!("{}/{resource}", call.path),
        },
    };
    let actor = call.credentials.as_ref().map_or_else(|| caller.account.clone(), |(user, _)| user.clone());
    let nth = count(world, &["audit event", &caller.account, &resource])?.to_string();
    let event = Event {
        sid: world.seed().sid("AE", &[&caller.account, &resource, &nth]),
        account: caller.account.clone(),
        actor,
        kind: kind.to_owned(),
        verb: verb.to_owned(),
        resource,
        place: (call.product.clone(), path),
        data: changes(before.as_ref(), after),
        at: world.now(),
        sequence: world.sequence(),
    };
    keep(world, &event)
}

/// The fields that differ, with what they were and are.
fn changes(before: Option<&Value>, after: Option<&Value>) -> Value {
    let fields = |body: Option<&Value>| body.and_then(Value::as_object).cloned().unwrap_or_default();
    let (before, after) = (fields(before), fields(after));
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let differ = names.filter(|name| !LEFT_OUT.contains(&name.as_str()) && before.get(*name) != after.get(*name));
    let pair = |name: &String| {
        let value = |map: &Map<String, Value>| map.get(name).cloned().unwrap_or(Value::Null);
        (name.clone(), json!({ "previous": value(&before), "updated": value(&after) }))
    };
    Value::Object(differ.map(pair).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_and_no_secret() {
        let before = json!({ "sid": "PN1", "friendly_name": "Desk", "sms_url": "", "auth_token": "x" });
        let after = json!({ "sid": "PN1", "friendly_name": "Door", "sms_url": "", "auth_token": "y" });
        let told = json!({ "friendly_name": { "previous": "Desk", "updated": "Door" } });
        assert_eq!(changes(Some(&before), Some(&after)), told);
        assert_eq!(changes(Some(&before), None)["sid"], json!({ "previous": "PN1", "updated": null }));
        assert_eq!(changes(None, Some(&json!({ "secret": "s" }))), json!({}));
    }
}
