//! Operations on contacts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
