//! An event of the audit: who changed which resource, and how.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Kept, window};
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome};
use crate::sandbox::call::Call;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// Every caller is on this machine.
const ADDRESS: &str = "127.0.0.1";

/// An event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// `AE...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// Whose credentials were used: an account's, or an API key's.
    pub actor: String,
    /// `phone-number`, `account`, ...
    pub kind: String,
    /// `created`, `updated` or `deleted`.
    pub verb: String,
    /// What was changed.
    pub resource: String,
    /// Its product, and its path there.
    pub place: (String, String),
    /// By field: what it was, and what it is.
    pub data: Value,
    /// Simulated time.
    pub at: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Event {
    const KIND: &'static str = "audit-event";
}

impl Kept for Event {
    const INDEX: &'static str = "auditEvents";

    fn place(&self) -> (&str, u64, u64) {
        (&self.account, self.at, self.sequence)
    }

    fn sid(&self) -> &str {
        &self.sid
    }
}

/// `GET Events`, `GET Events/{Sid}`.
pub fn route(world: &World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome<Answer> {
    match rest {
        [] => {
            let asked = Asked::read(call, 50, 1000)?;
            let (from, until) = window(call)?;
            let same = |name: &str, has: &str| call.query.text(name).is_none_or(|wanted| wanted == has);
            let page = paging::read(world, Event::INDEX, &caller.account, asked, |world, sid| {
                Ok(world.get::<Event>(sid)?.filter(|event| {
                    (from..until).contains(&event.at)
                        && same("ActorSid", &event.actor)
                        && same("EventType", &event.name())
                        && same("ResourceSid", &event.resource)
                        && same("SourceIpAddress", ADDRESS)
                }))
            })?;
            Ok(page.modern(call, "events", |event| event.show(call)))
        }
        [sid] => {
            let found = world.get::<Event>(sid)?.filter(|event| event.account == caller.account);
            Ok(Answer::ok(found.ok_or_else(|| not_found(call))?.show(call)))
        }
        _ => Err(not_found(call)),
    }
}

impl Event {
    fn name(&self) -> String {
        format!("{}.{}", self.kind, self.verb)
    }

    fn show(&self, call: &Call) -> Value {
        let at = |product: &str, path: &str| format!("{}{path}", call.origin.replace("monitor", product));
        let key = self.actor.starts_with("SK");
        let actor = if key {
            format!("/2010-04-01/Accounts/{}/Keys/{}", self.account, self.actor)
        } else {
            format!("/2010-04-01/Accounts/{}", self.actor)
        };
        json!({
            "sid": self.sid,
            "account_sid": self.account,
            "actor_sid": self.actor,
            "actor_type": if key { "api_key" } else { "account" },
            "description": null,
            "event_data": self.data,
            "event_date": rfc3339(self.at),
            "event_type": self.name(),
            "resource_sid": self.resource,
            "resource_type": self.kind,
            "source": "api",
            "source_ip_address": ADDRESS,
            "url": format!("{}/v1/Events/{}", call.origin, self.sid),
            "links": { "actor": at("api", &actor), "resource": at(&self.place.0, &self.place.1) },
        })
    }
}
