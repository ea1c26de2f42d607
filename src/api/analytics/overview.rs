//! All businesses by their health.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Costs, Funnel, MessageCounts, RangeView};
use crate::api::events::Cursor;
use crate::domain::id::Id;

/// Input: all businesses by how they do, those that need a look first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GetOverview {
    /// From this day (`2026-03-01`) or moment on; six days before the end when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Up to this day or moment, which does not belong to it; the end of today when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The time zone whose days are meant, by its IANA name; that of the default business when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// How a business does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Health {
    /// Something is wrong.
    Bad,
    /// Something asks for a look.
    Watch,
    /// All is well.
    Good,
    /// Nothing happened.
    Idle,
}

/// One business.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusinessHealth {
    /// Its id.
    pub business: Id,
    /// Its name; `(deleted)` follows when it is gone.
    pub name: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// How it does.
    pub health: Health,
    /// Why, a sentence each; empty when all is well.
    pub why: Vec<String>,
    /// Its verifications.
    pub funnel: Funnel,
    /// What they cost.
    pub verify_costs: Costs,
    /// Its messages.
    pub messages: MessageCounts,
    /// What they cost.
    pub message_costs: Costs,
    /// Conversations that wait for an answer, now.
    pub waiting_now: u64,
}

/// All businesses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The range.
    pub range: RangeView,
    /// Each business, those that need a look first.
    pub businesses: Vec<BusinessHealth>,
    /// Where the feed stood before this was read.
    pub as_of: Cursor,
}
