//! The contract: every operation that can be asked, and the events that can be heard.
//!
//! Owns the one table from which the request enum, the REST routes, the typed calls of `link`, the
//! OpenAPI document and the command names are made. It does not know who executes an operation.

mod error;
mod shape;
mod table;

pub mod accounts;
pub mod analytics;
pub mod audit;
pub mod businesses;
pub mod code;
pub mod contacts;
pub mod contents;
pub mod deadletters;
pub mod events;
pub mod inbox;
pub mod keeping;
pub mod media;
pub mod node;
pub mod numbers;
pub mod openapi;
pub mod presence;
pub mod rates;
pub mod report;
pub mod setup;
pub mod simulator;
pub mod transcript;
pub mod upstream;
pub mod verify;
pub mod webhooks;

pub use error::{ApiError, Code, Difference};
pub use shape::{Field, Shape, Takes};
pub use table::{Fields, Method, OPERATIONS, Operation, Reply, Request, Spec, methods, route};

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::access::{Permission, Permissions};
use crate::domain::id::Id;
use crate::domain::time::Time;

/// Who asks. Made from a token, or by right of the file for the console in this process.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The agent's handle: what events and the audit log name.
    pub agent: String,
    /// What may be done.
    pub permissions: Permissions,
    /// The only business that may be seen, if limited to one.
    pub business: Option<Id>,
    /// Whether they sit at the machine itself, by right of the node's file: they may name commands that it runs.
    pub is_at_the_machine: bool,
}

impl Caller {
    /// The caller at the machine itself, with all permissions.
    pub fn local(agent: impl Into<String>) -> Caller {
        Caller { agent: agent.into(), permissions: Permissions::ALL, business: None, is_at_the_machine: true }
    }

    /// Refuses when `permission` is missing.
    pub fn need(&self, permission: Permission) -> Result<(), ApiError> {
        if self.permissions.has(permission) {
            return Ok(());
        }
        let word =
            serde_json::to_value(permission).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
        Err(ApiError::new(
            Code::Forbidden,
            format!("{} lacks the permission `{word}`: ask an admin for it", self.agent),
        ))
    }
}

/// A moment in JSON: RFC 3339 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct When(pub Time);

impl From<Time> for When {
    fn from(t: Time) -> When {
        When(t)
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0.rfc3339())
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<When, D::Error> {
        let text = Cow::<'de, str>::deserialize(d)?;
        let at: jiff::Timestamp = text
            .parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is no moment such as 2026-03-02T17:00:00Z")))?;
        Ok(When(Time(at.as_microsecond())))
    }
}

impl schemars::JsonSchema for When {
    fn schema_name() -> Cow<'static, str> {
        "When".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// One page of a list. Show it, then follow the events after `as_of`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The rows, in the order asked for.
    pub items: Vec<T>,
    /// Give it as `after` to get the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// Where the feed stood before these rows were read.
    pub as_of: events::Cursor,
}

/// The answer of an operation that has nothing to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Done {}
