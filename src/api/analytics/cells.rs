//! What stands behind a figure: exactly as many rows as it says.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::RangeView;
use crate::api::events::Cursor;
use crate::api::inbox::MessageView;
use crate::api::verify::AttemptView;
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Direction, Status};
use crate::domain::verification::Channel;

/// A figure of a funnel or of costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Asked for.
    #[default]
    Requested,
    /// Not sent on purpose.
    Blocked,
    /// Taken by Twilio.
    Sent,
    /// Arrived.
    Delivered,
    /// A code was given.
    Checked,
    /// The right one.
    Approved,
    /// The time ran out.
    Expired,
    /// Five checks were used up.
    MaxChecks,
    /// Ended by us.
    Canceled,
    /// Refused by Twilio.
    Failed,
    /// Not over yet.
    Waiting,
    /// All sends.
    Sends,
    /// Sends but the first ones.
    Resends,
    /// Sends without a price.
    Pending,
}

/// Input: the sends behind a figure, newest first. Of a verification it is the first send.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListAttemptsBehind {
    /// The business; the caller's own, or the default one, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// Those of all businesses, deleted ones included.
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
    /// Which figure.
    pub stage: Stage,
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
    /// Only those approved that took at least so many milliseconds from the first send to the right code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_from_millis: Option<u64>,
    /// Only those approved that took less than so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took_to_millis: Option<u64>,
    /// Rows at most (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Input: the messages behind a figure, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListMessagesBehind {
    /// The business; the caller's own, or the default one, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// Those of all businesses, deleted ones included.
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
    /// Only those that went this way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Only those of this status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Only those without a price although they cost something.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
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
    /// Only those of this weekday of the zone: 0 is Monday, 6 is Sunday.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 6))]
    pub weekday: Option<u8>,
    /// Only those of this hour of the zone: 0 to 23.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 23))]
    pub hour: Option<u8>,
    /// Only first answers for which the customer waited at least so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_from_millis: Option<u64>,
    /// Only first answers for which the customer waited less than so many milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_to_millis: Option<u64>,
    /// Rows at most (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// A page of what stands behind a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Behind<T> {
    /// The range.
    pub range: RangeView,
    /// How many there are in all: the figure itself.
    pub count: u64,
    /// The rows, newest first.
    pub items: Vec<T>,
    /// Give it as `after` to get the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next: Option<String>,
    /// Where the feed stood before these rows were read.
    pub as_of: Cursor,
}

/// Sends behind a figure.
pub type AttemptsBehind = Behind<AttemptView>;

/// Messages behind a figure.
pub type MessagesBehind = Behind<MessageView>;
