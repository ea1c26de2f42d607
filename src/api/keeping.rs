//! Operations on keeping up with Twilio: intervals without webhooks, asking Twilio's list, the import.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Page, When};
use crate::domain::id::Id;
use crate::domain::keeping::{Found, ImportState, Why};

/// Input: how far the node has kept up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct GetKeeping {}

/// How far the node has kept up with Twilio.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct KeepingView {
    /// Whether Twilio can reach this node; else its list is polled.
    pub webhooks: bool,
    /// Until when somebody is known to have listened (written down now and then).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub heard_until: Option<When>,
    /// Up to where Twilio's list was merged.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub listed_until: Option<When>,
    /// Seconds until Twilio is asked again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_look_seconds: Option<u64>,
    /// Intervals that were not looked through yet.
    pub open_gaps: u64,
    /// The import of the history, if there was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub import: Option<ImportView>,
    /// Messages and sends that an older version left without figures and that were counted when this run began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counted_anew: Option<u64>,
    /// What is wrong at the moment, one sentence each.
    #[serde(default)]
    pub troubles: Vec<String>,
}

/// Input: intervals in which webhooks may have been lost, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListGaps {
    /// Where to go on: `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// An interval in which webhooks may have been lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GapView {
    /// Its id.
    pub id: Id,
    /// Why.
    pub why: Why,
    /// Since when nothing certain was known.
    pub from: When,
    /// Until when; absent while it lasts.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<When>,
    /// Webhooks that were answered 503 in it.
    pub shed: u64,
    /// What Twilio's list brought.
    pub found: Found,
    /// When the list had been read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub swept_at: Option<When>,
}

/// A page of intervals.
pub type GapPage = Page<GapView>;

/// Input: merge a part of Twilio's list now.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Sweep {
    /// From when; a day before the end when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<When>,
    /// Until when; now when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<When>,
}

/// What asking Twilio brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Swept {
    /// From when.
    pub from: When,
    /// Until when.
    pub until: When,
    /// What it brought.
    pub found: Found,
}

/// Input: import what was said before, from the newest to the oldest. It makes nothing unread.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StartImport {
    /// How many days back (1 to 400, 30 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// At most so many messages of each account (10000 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Input: end the import; what it brought stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct StopImport {}

/// How an import stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    /// Whether it is under way.
    pub state: ImportState,
    /// Nothing older is imported.
    pub since: When,
    /// No more messages of an account than this.
    pub limit: u64,
    /// It has come down to here.
    pub down_to: When,
    /// Messages that Twilio listed so far.
    pub listed: u64,
    /// Messages that were not here before.
    pub imported: u64,
    /// When it began.
    pub started_at: When,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<When>,
    /// While it runs though nobody asked for it: why it does, and how to end it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}
