//! Businesses, endpoints, accounts, agents, tokens.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Envelope, Outcome};
use crate::api::{ApiError, Code, Difference};
use crate::core::event::Kind;
use crate::core::rows::{
    HashRow, account_key, agent_key, business_key, endpoint_key, route_key, series_key, token_key,
};
use crate::core::world::{Stop, World};
use crate::domain::access::{Agent, Token};
use crate::domain::business::{self, Business};
use crate::domain::endpoint::{Account, Endpoint, Route};
use crate::domain::id::{Id, Sid};
use crate::domain::remote::Series;

/// A business is made or changed.
#[derive(Debug, Clone)]
pub struct BusinessSaved {
    /// The row as it shall be; version and times are set here.
    pub business: Business,
    /// The version it was read at: refused when there is a newer one. `None` for a new row.
    pub expects: Option<u64>,
}

impl BusinessSaved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut row = self.business.clone();
        row.name = business::name(&row.name).map_err(|e| ApiError::field("name", e.to_string()))?;
        if !row.time_zone.is_empty() && jiff::tz::TimeZone::get(&row.time_zone).is_err() {
            let detail = format!("`{}` is no IANA time zone such as America/Los_Angeles", row.time_zone);
            return Err(ApiError::field("timeZone", detail).into());
        }
        let have = world.get::<Business>(&business_key(row.id))?;
        match (&have, self.expects) {
            (Some(have), _) if have.deleted_at.is_some() => {
                return Err(ApiError::not_found(format!("business {}", row.id)).into());
            }
            (Some(have), Some(expected)) if have.version != expected => {
                return Err(changed_meanwhile(have, &row, expected).into());
            }
            (None, Some(_)) => return Err(ApiError::not_found(format!("business {}", row.id)).into()),
            _ => {}
        }
        row.created_at = have.as_ref().map_or(envelope.at, |b| b.created_at);
        row.updated_at = envelope.at;
        row.updated_by.clone_from(&envelope.actor);
        row.version = have.as_ref().map_or(1, |b| b.version + 1);
        let payload = before_and_after(have.as_deref(), &row);
        world.say(envelope.event(Kind::BusinessSaved, row.id, None, None, payload));
        let id = row.id;
        world.put(row);
        Ok(Outcome::Made(id))
    }
}

/// How a row was, and how it is since.
fn before_and_after<R: Serialize>(before: Option<&R>, after: &R) -> Value {
    json!({ "before": before, "after": after })
}

/// What a later save is told that would overwrite an earlier one: who was first, and where both differ.
fn changed_meanwhile(have: &Business, wanted: &Business, expected: u64) -> ApiError {
    let on = |active: bool| if active { "active" } else { "inactive" }.to_owned();
    let text = |sid: &Option<Sid>| sid.map(|sid| sid.to_string()).unwrap_or_default();
    let pairs = [
        ("name", have.name.clone(), wanted.name.clone()),
        ("contactEmail", have.contact_email.clone(), wanted.contact_email.clone()),
        ("phoneNumber", have.phone_number.clone(), wanted.phone_number.clone()),
        ("timeZone", have.time_zone.clone(), wanted.time_zone.clone()),
        ("colour", have.colour().name().to_owned(), wanted.colour().name().to_owned()),
        ("active", on(have.active), on(wanted.active)),
        ("verifyServiceId", text(&have.verify_service), text(&wanted.verify_service)),
    ];
    let differ = pairs.into_iter().filter(|(_, now, yours)| now != yours);
    let differences: Vec<Difference> =
        differ.map(|(field, now, yours)| Difference { field: field.to_owned(), now, yours }).collect();
    let said: Vec<String> =
        differences.iter().map(|d| format!("{} is `{}` now, you have `{}`", d.field, d.now, d.yours)).collect();
    let who = if have.updated_by.is_empty() { "Somebody" } else { &have.updated_by };
    let said = if said.is_empty() { "what you wanted is there already".to_owned() } else { said.join("; ") };
    let detail = format!(
        "{who} changed {} meanwhile (version {}, you read {expected}): {said}. Read it again, then save what you still want",
        have.name, have.version
    );
    ApiError { differences, ..ApiError::new(Code::VersionMismatch, detail) }
}

/// A business is deleted: it no longer shows, sends or receives; its logs stay.
#[derive(Debug, Clone)]
pub struct BusinessDeleted {
    /// The business.
    pub business: Id,
}

impl BusinessDeleted {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = business_key(self.business);
        let not_found = || ApiError::not_found(format!("business {}", self.business));
        let have = world.need::<Business>(&key, not_found)?;
        if have.deleted_at.is_some() {
            return Err(not_found().into());
        }
        let mut row = (*have).clone();
        if let Some(id) = row.setup
            && let Some(series) = world.get::<Series>(&series_key(row.id, id))?
        {
            world.put(Series { given_up: true, version: series.version + 1, ..(*series).clone() });
        }
        row.deleted_at = Some(envelope.at);
        row.active = false;
        row.version += 1;
        world.say(envelope.event(Kind::BusinessDeleted, row.id, None, None, json!({ "name": row.name })));
        world.put(row);
        Ok(Outcome::Done)
    }
}

/// Aliases are claimed for an endpoint, in lane 0: an alias leads to one business only.
#[derive(Debug, Clone)]
pub struct RoutesClaimed {
    /// The rows.
    pub routes: Vec<Route>,
}

impl RoutesClaimed {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        for route in &self.routes {
            if let Some(have) = world.get::<Route>(&route_key(route.account, &route.alias))?
                && have.business != route.business
                // A deleted one has let it go. Deletion is final, so the row may be read from this lane.
                && world.get::<Business>(&business_key(have.business))?.is_none_or(|b| b.deleted_at.is_none())
            {
                let detail = format!("{} already belongs to another business: release it there first", route.alias);
                return Err(
                    ApiError { field: Some("addresses".into()), ..ApiError::new(Code::Conflict, detail) }.into()
                );
            }
            world.put(route.clone());
        }
        Ok(Outcome::Done)
    }
}

/// An endpoint is made or changed, after its aliases were claimed.
#[derive(Debug, Clone)]
pub struct EndpointSaved {
    /// The row.
    pub endpoint: Endpoint,
}

impl EndpointSaved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut row = self.endpoint.clone();
        world.need::<Business>(&business_key(row.business), || {
            ApiError::not_found(format!("business {}", row.business))
        })?;
        let have = world.get::<Endpoint>(&endpoint_key(row.business, row.id))?;
        row.created_at = have.as_ref().map_or(envelope.at, |e| e.created_at);
        row.version = have.as_ref().map_or(1, |e| e.version + 1);
        let payload = before_and_after(have.as_deref(), &row);
        world.say(envelope.event(Kind::EndpointSaved, row.business, None, None, payload));
        let id = row.id;
        world.put(row);
        Ok(Outcome::Made(id))
    }
}

/// A Twilio account is made known.
#[derive(Debug, Clone)]
pub struct AccountSaved {
    /// The row.
    pub account: Account,
}

impl AccountSaved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let have = world.get::<Account>(&account_key(self.account.sid))?;
        if have.as_ref().is_some_and(|a| a.credentials == self.account.credentials && a.other == self.account.other) {
            return Ok(Outcome::Duplicate);
        }
        let payload = before_and_after(have.as_deref(), &self.account);
        world.say(envelope.platform_event(Kind::AccountSaved, payload));
        world.put(self.account.clone());
        Ok(Outcome::Done)
    }
}

/// A Twilio account is forgotten.
#[derive(Debug, Clone)]
pub struct AccountRemoved {
    /// `AC...`
    pub sid: Sid,
}

impl AccountRemoved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = account_key(self.sid);
        world.need::<Account>(&key, || ApiError::not_found(format!("account {}", self.sid)))?;
        world.say(envelope.platform_event(Kind::AccountRemoved, json!({ "sid": self.sid })));
        world.remove(key);
        Ok(Outcome::Done)
    }
}

/// An agent is made or changed.
#[derive(Debug, Clone)]
pub struct AgentSaved {
    /// The row; its version is set here.
    pub agent: Agent,
    /// Leave an agent who exists as they are.
    pub only_new: bool,
}

impl AgentSaved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut row = self.agent.clone();
        let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
        if row.handle.is_empty() || row.handle.len() > 40 || !row.handle.bytes().all(fits) {
            let detail = "a handle has 1 to 40 lower-case letters, digits, `-`, `_` or `.`";
            return Err(ApiError::field("handle", detail).into());
        }
        let have = world.get::<Agent>(&agent_key(&row.handle))?;
        if have.is_some() && self.only_new {
            return Ok(Outcome::Duplicate);
        }
        row.created_at = have.as_ref().map_or(envelope.at, |a| a.created_at);
        row.version = have.as_ref().map_or(1, |a| a.version + 1);
        world.say(envelope.platform_event(Kind::AgentSaved, before_and_after(have.as_deref(), &row)));
        world.put(row);
        Ok(Outcome::Done)
    }
}

/// A token is made.
#[derive(Debug, Clone)]
pub struct TokenCreated {
    /// The row.
    pub token: Token,
}

impl TokenCreated {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let t = &self.token;
        if let Some(handle) = &t.agent
            && world.get::<Agent>(&agent_key(handle))?.is_none()
        {
            return Err(ApiError::field("agent", format!("there is no agent `{handle}`")).into());
        }
        let payload =
            json!({ "token": t.id, "label": t.label, "kind": t.kind, "agent": t.agent, "business": t.business });
        world.say(envelope.platform_event(Kind::TokenCreated, payload));
        world.put(HashRow { hash: t.hash.clone(), token: t.id });
        world.put(t.clone());
        Ok(Outcome::Made(t.id))
    }
}

/// A token no longer works.
#[derive(Debug, Clone)]
pub struct TokenRevoked {
    /// The token.
    pub token: Id,
}

impl TokenRevoked {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let have =
            world.need::<Token>(&token_key(self.token), || ApiError::not_found(format!("token {}", self.token)))?;
        if have.revoked_at.is_some() {
            return Ok(Outcome::Duplicate);
        }
        let mut row = (*have).clone();
        row.revoked_at = Some(envelope.wall);
        world.say(envelope.platform_event(Kind::TokenRevoked, json!({ "token": row.id, "label": row.label })));
        world.put(row);
        Ok(Outcome::Done)
    }
}
