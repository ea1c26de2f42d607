//! Who looks at a conversation and who writes in it. Told to those who listen, never stored.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::Id;

/// What an agent does in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Doing {
    /// It is open before them.
    Viewing,
    /// They write to the customer. It holds for a few seconds: say it again while they go on.
    Typing,
    /// They have left it.
    Gone,
}

/// Input: what the caller does in a conversation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetPresence {
    /// The conversation.
    pub id: Id,
    /// What they do there.
    pub doing: Doing,
}

/// What an agent does now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// The agent's handle.
    pub agent: String,
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// What they do there.
    pub doing: Doing,
}
