//! Operations on the webhooks that were answered lately.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::events::Webhook;

/// Input: the webhooks that were answered lately.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListWebhooks {
    /// At most this many (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// The newest webhooks, as far as the node remembers: they are never stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookLog {
    /// The rows, newest first.
    pub items: Vec<Webhook>,
    /// How many were answered since the node started.
    pub answered: u64,
    /// How many of those were refused.
    pub refused: u64,
}
