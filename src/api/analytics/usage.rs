//! What Twilio says was used, beside what is counted here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RangeView;
use crate::api::When;
use crate::api::events::Cursor;
use crate::domain::id::Sid;
pub use crate::domain::usage::{Difference, Line, Reason, Side, Subject, Why};

/// Input: what Twilio counted and billed on the days of a range, beside ours, with the reasons for differences.
/// It asks Twilio nothing: the records are those that were read last.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListUsage {
    /// From this day of GMT (`2026-03-01`) on; six days before the end when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Up to this day, which does not belong to it; the end of today when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// Input: asks Twilio now what was used on the days of a range, at most 31; answers as [`ListUsage`].
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct FetchUsage {
    /// From this day of GMT (`2026-03-01`) on; six days before the end when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Up to this day, which does not belong to it; the end of today when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// One account on one day of GMT.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageDayView {
    /// The day, `2026-03-01`.
    pub day: String,
    /// Where it begins.
    pub from: When,
    /// The account, without its subaccounts: those have days of their own.
    pub account: Sid,
    /// When Twilio was asked; absent while it has not been.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_at: Option<When>,
    /// Whether a whole day had passed after it when Twilio was asked: before, its figures may still grow.
    pub settled: bool,
    /// What was used; what neither side counts is left out.
    pub lines: Vec<Line>,
}

/// What Twilio says was used, beside what is counted here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageAnalytics {
    /// The range, in whole days of GMT, as Twilio counts.
    pub range: RangeView,
    /// When Twilio was asked last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub asked_at: Option<When>,
    /// Why Twilio's last answer is missing, if it is; the records are then older ones.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trouble: Option<String>,
    /// What has to be known to read it, a sentence each.
    pub notes: Vec<String>,
    /// The sums of the days that Twilio was asked about.
    pub totals: Vec<Line>,
    /// Each account and day, oldest first.
    pub days: Vec<UsageDayView>,
    /// Where the feed stood before this was read.
    pub as_of: Cursor,
}
