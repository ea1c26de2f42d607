//! A contact: what a business knows of the person behind an address.

use serde::{Deserialize, Serialize};

use super::address::Address;
use super::id::Id;
use super::time::Time;

/// One row for (business, address). The name is copied into the heads of its conversations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// The tenant.
    pub business: Id,
    /// Where they are reached.
    pub address: Address,
    /// What agents call them.
    #[serde(default)]
    pub name: Option<String>,
    /// Their conversations in this business, oldest first (one per endpoint).
    #[serde(default)]
    pub conversations: Vec<Id>,
    /// When the row was made.
    pub created_at: Time,
    /// Rises with each change.
    #[serde(default)]
    pub version: u64,
}
