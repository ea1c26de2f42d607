//! What the sandbox knows of itself, saved with every batch that changes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::faults::Faults;

/// Where callbacks go when a resource names no URL.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Defaults {
    /// Inbound messages.
    pub sms: Option<String>,
    /// Message statuses.
    pub status: Option<String>,
    /// Conversations events.
    pub conversations: Option<String>,
    /// Event Streams.
    pub events: Option<String>,
    /// Usage triggers.
    pub usage: Option<String>,
}

/// What the sandbox knows of itself; saved with every batch that changes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Meta {
    /// Names this sandbox for ever, across resets.
    pub instance: String,
    /// Counts resets, from 1.
    pub epoch: u64,
    /// The seed of this epoch.
    pub seed: u64,
    /// The main account.
    pub account: String,
    /// The account of the test credentials.
    pub test_account: String,
    /// The API key a fresh sandbox has.
    pub key: String,
    /// Where callbacks go by default.
    pub webhooks: Defaults,
    /// Faults that wait for a matching call or webhook.
    #[serde(default)]
    pub faults: Faults,
    /// Whether anything that has a date has happened since the reset.
    pub happened: bool,
    /// How many there are of what (`messages`, `numbers`, ...).
    #[serde(default)]
    pub counts: BTreeMap<String, u64>,
    /// The last number given to a row, for order within one instant.
    pub sequence: u64,
    /// The last journal entry.
    pub entry: u64,
    /// The last webhook.
    pub delivery: u64,
}
