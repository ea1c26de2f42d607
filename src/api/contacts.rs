//! Operations on contacts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::When;
use super::inbox::{ConversationView, CostView, MessageView};
use crate::domain::address::Address;
use crate::domain::id::Id;

/// Input: what agents call the person behind an address.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SaveContact {
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// Where they are reached.
    pub address: Address,
    /// Their name; empty takes it away.
    pub name: String,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactView {
    /// The tenant.
    pub business: Id,
    /// Where they are reached.
    pub address: Address,
    /// Their name, raw.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Their conversations.
    pub conversations: Vec<Id>,
}

/// Input: what is known of the person behind an address.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetContact {
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// Where they are reached.
    pub address: Address,
}

/// Everything that is known of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContactDetail {
    /// The tenant.
    pub business: Id,
    /// Where they are reached.
    pub address: Address,
    /// Their name, raw.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// When they were first known.
    pub first_seen: When,
    /// When they wrote last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_seen: Option<When>,
    /// Who wrote to them last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_agent: Option<String>,
    /// Texts from them.
    pub incoming: u64,
    /// Texts to them.
    pub outgoing: u64,
    /// What the texts to them have cost.
    pub cost: CostView,
    /// Their conversations, one per endpoint.
    pub conversations: Vec<ConversationView>,
    /// What agents noted about them, newest first (at most 20).
    pub notes: Vec<MessageView>,
}
