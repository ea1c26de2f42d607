//! The picture of a range of messages.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Costs, Grain, Histogram, MessageCounts, Outside, RangeView, Scope};
use crate::api::When;
use crate::api::events::Cursor;
use crate::domain::id::Id;
use crate::domain::message::{Direction, Status};

/// Input: how the messages of a range did.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GetMessageAnalytics {
    /// The business; the caller's own, or the default one, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// All businesses together, deleted ones included.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// From this day (`2026-03-01`) or moment on; six days before the end when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Up to this day or moment, which does not belong to it; the end of today when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The time zone whose days are meant, by its IANA name; the business's own when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// How wide the buckets of the series are; by the length of the range when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// Only those of this address of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Only those with customers in this country (two letters).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Only those with this error of Twilio's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<u32>,
    /// Only those that this agent wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
}

/// Messages of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageSlice {
    /// What they have in common, as it is asked for in a filter: `+14155550100`, `US`, `30003`, a business's id.
    pub key: String,
    /// The same for people.
    pub name: String,
    /// How many.
    pub counts: MessageCounts,
    /// What they cost.
    pub costs: Costs,
}

/// How many messages have one status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatusCount {
    /// Which way they went.
    pub direction: Direction,
    /// What became of them.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// What an agent did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AgentLoad {
    /// The agent's handle.
    pub agent: String,
    /// Messages written in the range.
    pub counts: MessageCounts,
    /// How long customers waited for those of them that were first answers.
    pub first_response: Histogram,
    /// Conversations that are open and theirs, now.
    pub open_now: u64,
}

/// One bucket of the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageBucket {
    /// Where it starts.
    pub from: When,
    /// Where it ends.
    pub to: When,
    /// How many.
    pub counts: MessageCounts,
    /// What they cost.
    pub costs: Costs,
}

/// The same figures of the range right before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessagesBefore {
    /// Where it starts.
    pub from: When,
    /// Where it ends.
    pub to: When,
    /// How many.
    pub counts: MessageCounts,
    /// What they cost.
    pub costs: Costs,
    /// How long customers waited for a first answer.
    pub first_response: Histogram,
}

/// How the messages of a range did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageAnalytics {
    /// Whose they are.
    pub scope: Scope,
    /// The range.
    pub range: RangeView,
    /// How many.
    pub counts: MessageCounts,
    /// What they cost.
    pub costs: Costs,
    /// By direction and status; those that there are none of are left out.
    pub by_status: Vec<StatusCount>,
    /// How long customers waited for the first answer of an agent; it counts at the moment of the answer.
    pub first_response: Histogram,
    /// Over time: one for each bucket of the range, empty ones too.
    pub series: Vec<MessageBucket>,
    /// By our side's address, the most used first, as all pivots.
    pub by_sender: Vec<MessageSlice>,
    /// By the customer's country.
    pub by_country: Vec<MessageSlice>,
    /// By error; those without one are in none.
    pub by_error: Vec<MessageSlice>,
    /// By business; only when it is about all of them.
    pub by_business: Vec<MessageSlice>,
    /// By agent.
    pub by_agent: Vec<AgentLoad>,
    /// Messages from customers by weekday (Monday first) and hour of the zone: seven rows of 24.
    pub incoming_by_hour: Vec<Vec<u64>>,
    /// Messages to customers, likewise.
    pub outgoing_by_hour: Vec<Vec<u64>>,
    /// Only when the range holds nothing: when there is a message of these businesses, whatever the filter.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outside: Option<Outside>,
    /// The range before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<MessagesBefore>,
    /// Where the feed stood before this was read.
    pub as_of: Cursor,
}
