//! Endpoints: what customers text to, and how an incoming text finds its business.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::id::{Id, Sid};
use super::time::Time;

/// Which of Twilio's two products is the authority for an endpoint's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Mode {
    /// Programmable Messaging: SM SIDs.
    #[default]
    Messaging,
    /// Conversations: IM SIDs.
    Conversations,
}

/// What customers text to: one or more addresses of one business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The tenant.
    pub business: Id,
    /// Our id.
    pub id: Id,
    /// The Twilio account it lives in.
    pub account: Sid,
    /// The addresses it answers to; the first is the sender shown to customers.
    pub addresses: Vec<Address>,
    /// The messaging service that holds them, if any (MG...).
    #[serde(default)]
    pub messaging_service: Option<Sid>,
    /// Which product is the authority.
    #[serde(default)]
    pub mode: Mode,
    /// Segments a second of each of its senders, where it is not the usual pace of its kind.
    #[serde(default)]
    pub pace: Option<u32>,
    /// When the row was made.
    pub created_at: Time,
    /// Rises with each change.
    #[serde(default)]
    pub version: u64,
}

/// A directory row: (account, alias) names an endpoint. The alias is an address or an MG SID.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The account that received.
    pub account: Sid,
    /// The address texted to, or the messaging service's SID.
    pub alias: String,
    /// The tenant.
    pub business: Id,
    /// Its endpoint.
    pub endpoint: Id,
}

/// A Twilio account and where its credentials are found (never the credentials themselves).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// AC...
    pub sid: Sid,
    /// Where its auth token is found: `env:NAME`, `file:PATH` or `cmd:COMMAND`.
    pub credentials: String,
    /// Where its other auth token is found during a rotation.
    #[serde(default)]
    pub other: Option<String>,
    /// When the row was made.
    pub created_at: Time,
}
