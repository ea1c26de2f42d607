//! Operations of Twilio accounts besides the node's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::Sid;

/// A Twilio account that endpoints live in. No secret is ever shown: only where it is found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// `AC...`
    pub sid: Sid,
    /// Whether it is the node's own, whose tokens stand in the settings.
    pub is_own: bool,
    /// Where its auth token is found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub auth_token: Option<String>,
    /// Where its other auth token is found during a rotation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub other_auth_token: Option<String>,
    /// What is wrong with it, and what to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
}

impl AccountView {
    /// An account of which nothing is known.
    pub fn of(sid: Sid) -> AccountView {
        AccountView { sid, is_own: false, auth_token: None, other_auth_token: None, trouble: None }
    }
}

/// Input: the accounts.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListAccounts {}

/// The accounts: the node's own, those that were made known, and those that endpoints name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AccountList {
    /// The rows.
    pub items: Vec<AccountView>,
}

/// Input: a new account, or a change of where its tokens are found. They are fetched anew.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SaveAccount {
    /// `AC...`
    pub sid: Sid,
    /// Where its auth token is found: `env:NAME`, `file:/PATH` or `cmd:COMMAND`. Never the token itself.
    pub auth_token: String,
    /// Where its other auth token is found during a rotation: webhooks signed with it are accepted, too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub other_auth_token: Option<String>,
}

/// Input: an account is forgotten. Refused while endpoints are of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RemoveAccount {
    /// `AC...`
    pub sid: Sid,
}
