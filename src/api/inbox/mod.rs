//! Operations of the inbox: conversations and their labels here, what is in them in [`messages`].

mod messages;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::events::Cursor;
use super::{Page, When};
use crate::domain::address::Address;
use crate::domain::conversation::Status as ConversationStatus;
use crate::domain::id::Id;
use crate::domain::message::{Direction, Status};
use crate::domain::money::Money;

pub use messages::*;

/// Which conversations a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Tab {
    /// Open ones that are assigned to the caller.
    Mine,
    /// Open ones that are assigned to nobody.
    Unassigned,
    /// All but the snoozed.
    #[default]
    All,
    /// Customers who wait for an answer, the longest first.
    Waiting,
    /// Conversations with a failed message that was not retried.
    Failed,
    /// Out of sight until later.
    Snoozed,
}

/// Input of the list of conversations.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListConversations {
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// Which ones.
    pub tab: Tab,
    /// Narrows them further: `is:open label:refund waiting:>10m via:+1415… assignee:me maria`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Where to go on: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of conversations, with the counts of all tabs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationPage {
    /// The rows.
    #[serde(flatten)]
    pub page: Page<ConversationView>,
    /// How many there are in each tab.
    pub counts: InboxCounts,
    /// The business shown.
    pub business: Id,
}

/// How many conversations each tab has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InboxCounts {
    /// Open and assigned to the caller.
    pub mine: u64,
    /// Open and assigned to nobody.
    pub unassigned: u64,
    /// All but the snoozed.
    pub all: u64,
    /// Waiting for an answer.
    pub waiting: u64,
    /// With a failed message.
    pub failed: u64,
    /// Snoozed.
    pub snoozed: u64,
}

/// The newest message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastMessage {
    /// Its id.
    pub id: Id,
    /// When.
    pub at: When,
    /// Which way.
    pub direction: Direction,
    /// The beginning of its text, raw.
    pub preview: String,
    /// What became of it.
    pub status: Status,
}

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

/// A conversation as the caller sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConversationView {
    /// Its id.
    pub id: Id,
    /// The tenant.
    pub business: Id,
    /// The customer's address.
    pub customer: Address,
    /// Our address in it.
    pub ours: Address,
    /// The contact's name, raw.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// Where it stands.
    pub status: ConversationStatus,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub assignee: Option<String>,
    /// Labels, sorted.
    #[serde(default)]
    pub labels: Vec<String>,
    /// When a snooze ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub snoozed_until: Option<When>,
    /// How its snooze ended, until somebody has done something about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub woke: Option<WokeView>,
    /// Since when the customer waits.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waiting_since: Option<When>,
    /// The newest message.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<LastMessage>,
    /// Incoming messages the caller has not read.
    pub unread: u64,
    /// Incoming messages up to this arrival are read by the caller: where the new line stands.
    pub seen: u64,
    /// Failed messages that were not retried.
    pub failed: u64,
    /// How many messages ask whether they still shall go.
    #[serde(default)]
    pub asking: u64,
    /// Since when the customer has opted out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opted_out_at: Option<When>,
    /// The word by which they did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opted_out_by: Option<String>,
    /// How many notes that mention the caller they have not seen.
    #[serde(default)]
    pub mentions: u64,
    /// What its outgoing messages have cost.
    #[serde(default)]
    pub cost: CostView,
    /// WhatsApp only: until when anything but a template may be written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub window_until: Option<When>,
    /// Who wrote to the customer last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_agent: Option<String>,
    /// When something last happened in it: the order of lists.
    pub active_at: When,
    /// Rises with each change.
    pub version: u64,
}

/// How a snooze ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WokeView {
    /// When.
    pub at: When,
    /// The customer wrote before its time had come.
    pub by_reply: bool,
}

/// Input: one conversation.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetConversation {
    /// Its id.
    pub id: Id,
}

/// Input: give a conversation to an agent, or to nobody.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AssignConversation {
    /// The conversation.
    pub id: Id,
    /// The agent's handle; absent for nobody.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub assignee: Option<String>,
    /// A line for the agent who takes it over: becomes a note that mentions them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hand_over: Option<String>,
}

/// Input: put labels on a conversation, or take them off.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LabelConversation {
    /// The conversation.
    pub id: Id,
    /// Labels to put on: 1 to 30 characters each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub add: Vec<String>,
    /// Labels to take off.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub remove: Vec<String>,
}

/// Input: the labels that a business uses.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListLabels {
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
}

/// A label in use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LabelView {
    /// Its text, raw.
    pub name: String,
    /// How many conversations have it.
    pub conversations: u64,
}

/// The labels in use, the most used first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LabelList {
    /// The rows.
    pub items: Vec<LabelView>,
}

/// Input: open, set aside, snooze or resolve.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetConversationStatus {
    /// The conversation.
    pub id: Id,
    /// The new status.
    pub status: ConversationStatus,
    /// When a snooze ends; absent means when they reply.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<When>,
}

/// Input: the caller has read the incoming messages up to `arrival`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MarkRead {
    /// The conversation.
    pub id: Id,
    /// The newest incoming message read (its `arrival`).
    pub arrival: u64,
}

/// Where the feed stands now; for a client that wants only what is new.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Now {
    /// The present.
    pub cursor: Cursor,
}
