//! Messages and notes: read, sent, put off, held, taken back, tried again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::media::MediaView;
use crate::api::{Page, When};
use crate::domain::address::Address;
use crate::domain::failure::Failure;
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Consent, Direction, Status};
use crate::domain::money::Money;
use crate::domain::pace::Priority;

/// A message as the caller sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MessageView {
    /// Its id.
    pub id: Id,
    /// Its conversation.
    pub conversation: Id,
    /// Which way it went.
    pub direction: Direction,
    /// Twilio's SID, once known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<Sid>,
    /// Sender's address.
    pub from: Address,
    /// Receiver's address.
    pub to: Address,
    /// The text, raw: it may hold anything.
    pub body: String,
    /// Twilio's time, or ours until there is one.
    pub at: When,
    /// The n-th incoming message, from 1; 0 for others.
    #[serde(default)]
    pub arrival: u64,
    /// What became of it.
    pub status: Status,
    /// Twilio's error code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u32>,
    /// What went wrong, and what to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_text: Option<String>,
    /// The error code explained, when there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<Failure>,
    /// What it cost, once Twilio has said it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub price: Option<Money>,
    /// What it was expected to cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected_price: Option<Money>,
    /// The agents whom a note mentions.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub mentions: Vec<String>,
    /// What this text changed about whether the customer may be texted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub consent: Option<Consent>,
    /// With `sendAt`: whether it asks before it goes if the customer writes first.
    #[serde(default)]
    pub unless_they_reply: bool,
    /// Segments, as charged.
    #[serde(default)]
    pub segments: u32,
    /// Pictures and other media.
    #[serde(default)]
    pub media: Vec<MediaView>,
    /// Who wrote it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub author: Option<String>,
    /// When it leaves, while it can still be taken back.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<When>,
    /// Since when it asks whether it still shall go: it waited too long to leave by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asks_since: Option<When>,
    /// The later moment that was chosen for it, while it is put off.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub send_at: Option<When>,
    /// Whether it stands in its sender's line, for the sender has sent as much as it may; `due` is then
    /// about when it leaves.
    #[serde(default)]
    pub in_line: bool,
    /// The content template that its text was made of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub content_sid: Option<Sid>,
    /// The failed message that this one retries.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_of: Option<Id>,
    /// The message that retries this one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retried_by: Option<Id>,
    /// What the sender called it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_ref: Option<String>,
}

/// Input: messages of a conversation, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMessages {
    /// The conversation.
    pub id: Id,
    /// Where to go on: `next` of the page before (older messages).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
    /// At most this many (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<u32>,
}

/// Input: send a text, into a conversation or to an address (then the conversation is made).
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct SendMessage {
    /// The business; the caller's default when absent. Not needed with `conversation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// The conversation to answer in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Id>,
    /// Whom to text, instead of `conversation`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The text: 1 to 1600 characters; with media or a template it may be empty.
    pub body: String,
    /// Pictures and other files: the ids of uploaded ones, or URLs for Twilio to fetch (10 at most).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<String>,
    /// Further URLs for Twilio to fetch, under Twilio's name for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub media_url: Vec<String>,
    /// A content template, in place of a text: `HX...`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_sid: Option<Sid>,
    /// What stands in its blanks, by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub content_variables: BTreeMap<String, String>,
    /// What the sender calls this message, to find it again in events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ref: Option<String>,
    /// Seconds in which it can be taken back (0 to 30, 5 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_seconds: Option<u32>,
    /// When it shall go, instead of now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_at: Option<When>,
    /// With `sendAt`: it asks before it goes if the customer writes first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unless_they_reply: Option<bool>,
    /// What goes first when messages wait for the same sender: `code`, `chat` or `bulk`. When absent an answer to
    /// a customer who wrote in the last 24 hours is chat, and anything else is bulk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The word that `confirmation_required` asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm: Option<String>,
}

/// Input: messages that are put off, the next one first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListLater {
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// Where to go on: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Input: changes to a message that is put off; what is absent stays. `UndoMessage` takes it back.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeLater {
    /// The message.
    pub id: Id,
    /// When it shall go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub send_at: Option<When>,
    /// Its text: 1 to 1600 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<String>,
    /// Whether it asks before it goes if the customer writes first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unless_they_reply: Option<bool>,
}

/// Input: take back a message that is still held.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndoMessage {
    /// The message.
    pub id: Id,
}

/// Input: messages that ask whether they still shall go, those of the longest asking conversation first
/// and in the order of their conversation. `UndoMessage` discards one.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListHeld {
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// Where to go on: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most the messages of this many conversations (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Input: let a message go that asks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseMessage {
    /// The message.
    pub id: Id,
    /// The word that `confirmation_required` asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// Input: send a failed message again, as a new one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryMessage {
    /// The failed message.
    pub id: Id,
    /// The word that `confirmation_required` asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// Input: a note among agents; no customer ever sees it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddNote {
    /// The conversation.
    pub id: Id,
    /// The text.
    pub body: String,
}

/// A page of messages, newest first.
pub type MessagePage = Page<MessageView>;
