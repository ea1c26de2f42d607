//! Operations that exist only in the sandbox: simulated phones, clock and faults.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::When;
use crate::domain::verification::handset;

/// Input: the simulated handsets.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListPhones {}

/// The handsets, most recently used first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneList {
    /// Their addresses.
    pub items: Vec<String>,
}

/// Input: one handset.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetPhone {
    /// Its address.
    pub address: String,
}

/// What a handset shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneView {
    /// Its address.
    pub address: String,
    /// Its messages, calls and emails, newest last.
    pub messages: Vec<PhoneMessage>,
}

impl PhoneView {
    /// The newest code that came, of `digits` digits.
    pub fn newest_code(&self, digits: usize) -> Option<String> {
        self.messages.iter().rev().filter(|message| message.direction == "in").find_map(|message| message.code(digits))
    }
}

/// How something came to a handset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Medium {
    /// As a text.
    #[default]
    Text,
    /// As a call: the text is what was said.
    Call,
    /// As an email: the text is its subject and, below, its body.
    Email,
}

/// A message, a call or an email on a handset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PhoneMessage {
    /// `in` or `out`, seen from the handset.
    pub direction: String,
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// The text, raw.
    pub body: String,
    /// Its pictures and other files.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub media: Vec<PhoneMedia>,
    /// When.
    pub at: When,
    /// Twilio's SID.
    pub sid: String,
    /// How it came.
    #[serde(default)]
    pub medium: Medium,
}

impl PhoneMessage {
    /// The code of `digits` digits that its owner reads or hears.
    pub fn code(&self, digits: usize) -> Option<String> {
        match self.medium {
            Medium::Call => handset::spoken(&self.body, digits),
            Medium::Text | Medium::Email => handset::written(&self.body, digits),
        }
    }
}

/// A picture or other file on a handset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PhoneMedia {
    /// MIME type.
    pub content_type: String,
    /// Where the sandbox has it; it asks for the account's credentials.
    pub url: String,
}

/// Input: the handset texts in.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TextFromPhone {
    /// The handset.
    pub address: String,
    /// The number it texts.
    pub to: String,
    /// The text; with media it may be empty.
    #[serde(default)]
    pub body: String,
    /// Pictures and other files: the ids of uploaded ones.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub media: Vec<String>,
}

/// What the sandbox did with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Texted {
    /// The message's SID.
    pub sid: String,
    /// The status our receiver answered, if a webhook was called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub webhook_status: Option<u16>,
}

/// Input: move or stop the simulated clock. The answer comes after every timer due has committed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct AdvanceClock {
    /// Seconds forward.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advance_seconds: Option<u64>,
    /// Stop or go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// A moment to set it to; scenarios begin with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<When>,
}

/// The simulated clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClockView {
    /// Business time.
    pub now: When,
    /// Whether it stands still.
    pub paused: bool,
}

/// Input: what becomes of the next messages to a handset.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetOutcome {
    /// The handset.
    pub address: String,
    /// `delivered`, `undelivered`, `failed` or `stuck`.
    pub status: String,
    /// Twilio's code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_code: Option<u32>,
    /// For how many messages; for all when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub times: Option<u32>,
}

/// What goes wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Trouble {
    /// The next sends are answered 429: too many requests.
    Throttled,
    /// The next sends are answered 503 and nothing is done.
    Unavailable,
    /// The next sends are taken, but their answer is lost.
    LostAnswer,
    /// The connection of the next sends is cut, and nothing is done.
    Cut,
    /// The next sends are answered three seconds late.
    Slow,
    /// The next webhooks come twice.
    WebhookTwice,
    /// The next webhooks come after the one that follows them.
    WebhookOutOfOrder,
    /// The next webhooks come five seconds late.
    WebhookLate,
    /// The next webhooks never come.
    WebhookLost,
}

/// Input: something shall go wrong in the sandbox.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddFault {
    /// What.
    pub trouble: Trouble,
    /// How often (once when absent).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub times: Option<u32>,
    /// With the next requests for codes, instead of the next messages. Webhooks are for both.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub codes: bool,
}

/// Input: the faults that wait.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListFaults {}

/// Input: nothing shall go wrong on purpose any more.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ClearFaults {}

/// The faults that wait, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultList {
    /// The rows.
    pub items: Vec<FaultView>,
}

/// A fault that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaultView {
    /// What goes wrong, in words.
    pub what: String,
    /// For how many calls or webhooks it still is.
    pub times: u64,
}
