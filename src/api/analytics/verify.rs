//! The picture of a range of verifications.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Costs, Funnel, Grain, Histogram, OtherCost, Outside, RangeView, Scope};
use crate::api::When;
use crate::api::events::Cursor;
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::verification::Channel;

/// Input: how the verifications of a range did.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct GetVerifyAnalytics {
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
    /// Only those of this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    /// Only those to this country (two letters).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Only those with this template (HJ...).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<Sid>,
    /// Only those that went over this carrier, by the name that Twilio gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Only those with this error of Twilio's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<u32>,
}

/// What verifications of one kind did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifySlice {
    /// What they have in common, as it is asked for in a filter: `sms`, `US`, `HJ...`, `30003`, a business's id.
    pub key: String,
    /// The same for people: a template or a business by its name, an error by its meaning.
    pub name: String,
    /// What became of them.
    pub funnel: Funnel,
    /// What they cost.
    pub costs: Costs,
    /// How long it took from the first send to the right code; absent where it is not kept.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_to_verify: Option<Histogram>,
}

/// One bucket of the series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyBucket {
    /// Where it starts.
    pub from: When,
    /// Where it ends.
    pub to: When,
    /// What became of the verifications that were asked for in it.
    pub funnel: Funnel,
    /// What they cost.
    pub costs: Costs,
}

/// The same figures of the range right before: of a week, the week before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyBefore {
    /// Where it starts.
    pub from: When,
    /// Where it ends.
    pub to: When,
    /// What became of them.
    pub funnel: Funnel,
    /// What they cost.
    pub costs: Costs,
    /// How long it took.
    pub time_to_verify: Histogram,
    /// The same by channel, the most used first.
    #[serde(default)]
    pub by_channel: Vec<VerifySlice>,
    /// Whether the range looked at is worse in a way that asks for a look, in a sentence each.
    pub worse: Vec<String>,
}

/// How the verifications of a range did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyAnalytics {
    /// Whose they are.
    pub scope: Scope,
    /// The range.
    pub range: RangeView,
    /// What became of them.
    pub funnel: Funnel,
    /// What they cost.
    pub costs: Costs,
    /// What else was paid for in the range: lookups, rent of numbers. Only where nothing is filtered.
    #[serde(default)]
    pub others: Vec<OtherCost>,
    /// What blocked sends would have cost, by currency: an estimate by the rate card.
    pub saved: Vec<Money>,
    /// How long it took from the first send to the right code.
    pub time_to_verify: Histogram,
    /// Over time: one for each bucket of the range, empty ones too.
    pub series: Vec<VerifyBucket>,
    /// By channel, the most used first, as all pivots.
    pub by_channel: Vec<VerifySlice>,
    /// By country.
    pub by_country: Vec<VerifySlice>,
    /// By template; those without one are in none.
    pub by_template: Vec<VerifySlice>,
    /// By the recipient's carrier; those of which Twilio has not named it are in none.
    #[serde(default)]
    pub by_carrier: Vec<VerifySlice>,
    /// By error; those without one are in none.
    pub by_error: Vec<VerifySlice>,
    /// By business; only when it is about all of them.
    pub by_business: Vec<VerifySlice>,
    /// Only when the range holds nothing: when there is a verification of these businesses, whatever the filter.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outside: Option<Outside>,
    /// The range before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<VerifyBefore>,
    /// Where the feed stood before this was read.
    pub as_of: Cursor,
}
