//! Operations that sum up: verifications, messages, the health of all businesses, what stands behind a figure.
//!
//! All ranges run from `from` to `to`, `to` not included, in the calendar of a zone, on quarters of an hour.
//! Every figure is a count or an exact decimal; amounts are kept apart by currency.

mod cells;
mod ledger;
mod messages;
mod overview;
mod usage;
mod verify;

pub use cells::*;
pub use ledger::*;
pub use messages::*;
pub use overview::*;
pub use usage::*;
pub use verify::*;

pub use crate::domain::analytics::{
    Costs, Currency, Funnel, Grain, Histogram, HistogramBucket, MessageCounts, Percent,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::When;
use crate::domain::id::Id;

/// The range that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RangeView {
    /// Its start.
    pub from: When,
    /// The first moment that does not belong to it.
    pub to: When,
    /// The time zone whose days and hours are meant, by its IANA name.
    pub zone: String,
    /// How wide the buckets of the series are.
    pub grain: Grain,
}

/// When there is something, told of a range that holds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outside {
    /// When the first one was, to the quarter of an hour.
    pub first: When,
    /// When the last one was, likewise.
    pub last: When,
}

/// Whose figures they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// The business; absent when it is about all of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// Its name, or `all businesses`.
    pub name: String,
}
