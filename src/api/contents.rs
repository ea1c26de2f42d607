//! Operations on content templates: what WhatsApp has approved, for customers who have not written for a day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::{Id, Sid};

/// Input: the content templates that WhatsApp has approved.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListContents {
    /// The business; the caller's default when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
}

/// The approved content templates, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentList {
    /// The templates.
    pub items: Vec<ContentView>,
    /// How many others there are that WhatsApp has not approved.
    pub others: u64,
}

/// A content template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContentView {
    /// Twilio's SID: what a message names it by.
    pub sid: Sid,
    /// What the account calls it.
    pub name: String,
    /// Two letters.
    pub language: String,
    /// What it is for, in WhatsApp's words: `UTILITY`, `MARKETING` or `AUTHENTICATION`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub category: Option<String>,
    /// Its text, with blanks such as `{{1}}`.
    pub body: String,
    /// Its blanks, in the order of the text.
    pub blanks: Vec<BlankView>,
}

/// A blank of a content template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BlankView {
    /// What it is called.
    pub name: String,
    /// What may stand there, for example.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sample: Option<String>,
}
