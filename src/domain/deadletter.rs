//! Dead letters: webhooks that were refused, could not be routed or never found their message.

use serde::{Deserialize, Serialize};

use super::id::Id;
use super::time::Time;

/// Why a webhook did not become a message or a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Reason {
    /// No `X-Twilio-Signature` header.
    MissingSignature,
    /// A signature that none of our tokens makes for any form of the URL.
    BadSignature,
    /// An account that no endpoint belongs to.
    UnknownAccount,
    /// No endpoint answers to the address texted to.
    Unroutable,
    /// A status for a message nobody knows, ten minutes later.
    UnknownMessage,
    /// A form without the fields it must have.
    Malformed,
    /// The store refused the change itself.
    Poison,
}

/// What is kept of a refused request, to find out why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Whether it came by GET.
    pub is_get: bool,
    /// The `X-Twilio-Signature` as it came.
    pub signature: Option<String>,
    /// Headers that tell how it came here, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The address at the other end of the connection.
    pub peer: Option<String>,
}

/// One kept webhook, with the evidence. They live in a bounded ring outside the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Our id.
    pub id: Id,
    /// When it came (wall clock).
    pub at: Time,
    /// The path it came to, e.g. `/api/webhooks/twilio-sms`.
    pub path: String,
    /// Why it is here.
    pub reason: Reason,
    /// A sentence for a person, with the evidence.
    pub detail: String,
    /// The raw body, at most 64 KiB.
    pub body: String,
    /// The raw query.
    #[serde(default)]
    pub query: String,
    /// Business time then; replayed, a text keeps it.
    #[serde(default)]
    pub business_time: Option<Time>,
    /// How the request came; absent for what was signed well.
    #[serde(default)]
    pub evidence: Option<Evidence>,
    /// Whether it has been replayed since.
    #[serde(default)]
    pub replayed_at: Option<Time>,
}
