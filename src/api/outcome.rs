//! What became of messages: what they have cost, and why they failed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::failure::{Charged, Fault, Retry};
use crate::domain::money::Money;

/// What the outgoing messages of a conversation have cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct CostView {
    /// The sum of the prices that Twilio reported; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported: Option<Money>,
    /// What is expected for the messages that have no price yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Money>,
    /// How many messages have no price yet.
    pub unpriced: u64,
}

/// Why a message failed, in plain words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// A few words.
    pub title: String,
    /// What happened.
    pub cause: String,
    /// What to do.
    pub remedy: String,
    /// Whose doing it is.
    pub fault: Fault,
    /// Whether trying again can help.
    pub retry: Retry,
    /// Whether Twilio bills what failed, as far as the code tells; the price of the message knows better.
    pub charged: Charged,
}
