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
    /// Whether it has been replayed since.
    #[serde(default)]
    pub replayed_at: Option<Time>,
}
