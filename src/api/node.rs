//! Operations on the node itself: its state, agents, tokens, the audit chain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::When;
use crate::domain::access::TokenKind;
use crate::domain::id::{Id, Sid};

/// Input: how the node is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetNode {}

/// Which Twilio the node talks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum World {
    /// The simulated one.
    Sandbox,
    /// The real one: messages reach people and cost money.
    Live,
}

/// How the node is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeView {
    /// This binary's version.
    pub version: String,
    /// Which Twilio it talks to.
    pub world: World,
    /// The account.
    pub account: Sid,
    /// Business time.
    pub now: When,
    /// Whether business time stands still.
    pub paused: bool,
    /// Who the caller is.
    pub agent: String,
    /// Webhooks accepted but not yet applied.
    pub backlog: u64,
    /// Whether rows from before a crash are still being replayed.
    pub catching_up: bool,
    /// Where the node listens.
    pub base: String,
    /// The sandbox's base URL.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sandbox: Option<String>,
    /// What is wrong at the moment, one sentence each.
    #[serde(default)]
    pub troubles: Vec<String>,
}

/// Input: the agents.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListAgents {}

/// An agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentView {
    /// Short and unique.
    pub handle: String,
    /// Their name.
    pub name: String,
}

/// The agents, by handle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AgentList {
    /// The rows.
    pub items: Vec<AgentView>,
}

/// Input: a new agent, or changes to one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SaveAgent {
    /// Short and unique: lower-case letters, digits, `-`, `_`, `.`.
    pub handle: String,
    /// Their name.
    pub name: String,
    /// A named set: `agent`, `operator`, `admin`, `auditor`; `agent` when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
}

/// Input: a new API token.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateToken {
    /// A word to tell tokens apart.
    pub label: String,
    /// What it may be used for.
    pub kind: TokenKind,
    /// The agent it speaks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<String>,
    /// The business it is limited to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// A named set of permissions; `agent` for an agent's, `business` for a business's when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub role: Option<String>,
}

/// A token; its text is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    /// Its id.
    pub id: Id,
    /// A word to tell tokens apart.
    pub label: String,
    /// What it may be used for.
    pub kind: TokenKind,
    /// The agent it speaks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<String>,
    /// The business it is limited to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// When it was made.
    pub created_at: When,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub revoked_at: Option<When>,
    /// The token itself; only in the answer to its creation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub secret: Option<String>,
}

/// Input: the tokens.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListTokens {}

/// The tokens, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenList {
    /// The rows.
    pub items: Vec<TokenView>,
}

/// Input: a token that shall no longer work.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RevokeToken {
    /// Its id.
    pub id: Id,
}

/// Input: check the audit chain from its beginning.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct VerifyAudit {}

/// What the check found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    /// Whether every link holds.
    pub ok: bool,
    /// Entries checked.
    pub entries: u64,
    /// Entries whose payload was erased by receipt.
    pub erased: u64,
    /// What is wrong, with lane and number.
    #[serde(default)]
    pub faults: Vec<String>,
}
