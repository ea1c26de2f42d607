//! What each thing cost, line by line, and whether the figures are what the rows add up to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{RangeView, Scope};
use crate::api::When;
use crate::api::events::Cursor;
use crate::domain::id::Id;
use crate::domain::money::Money;

/// Input: what the things of a range cost, a line for each day, kind and currency.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ListLedger {
    /// The business; the caller's own, or the default one, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business: Option<Id>,
    /// All businesses, each by itself, deleted ones included; with the rent of all numbers.
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
}

/// What a line of the ledger is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Codes by text message.
    VerifySms,
    /// Codes by call.
    VerifyCall,
    /// Codes by WhatsApp.
    VerifyWhatsapp,
    /// Codes by email.
    VerifyEmail,
    /// Right codes.
    VerifySuccess,
    /// Messages to customers.
    Messages,
    /// What kind of line a number is.
    Lookups,
    /// The rent of numbers and short codes, on days of GMT.
    Numbers,
}

/// What one kind of thing came to in a range, besides messages and codes. It is in no total of theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OtherCost {
    /// What it is.
    pub category: Category,
    /// How many.
    pub quantity: u64,
    /// What they cost, by currency: lookups by the rate card, numbers by Twilio's usage records.
    pub amounts: Vec<Money>,
    /// How many cost something that is not known: they are in no amount.
    pub pending: u64,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LedgerLine {
    /// Where its day starts.
    pub from: When,
    /// Where its day ends.
    pub to: When,
    /// Whose it is; only when it is about all of them. Rent of numbers is the account's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<Scope>,
    /// What it is about.
    pub category: Category,
    /// How many of them there were that day, in all currencies.
    pub quantity: u64,
    /// What Twilio charged; of right codes and lookups, what the rate card says. Absent while nothing is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<Money>,
    /// What is expected for those without a price.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<Money>,
    /// How many of them have no price yet: they are not in the amount.
    pub pending: u64,
}

/// The lines, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    /// Whose they are.
    pub scope: Scope,
    /// The range.
    pub range: RangeView,
    /// The lines; days and kinds without anything are left out.
    pub items: Vec<LedgerLine>,
    /// What is not known, a sentence each: days whose rent of numbers has not been asked for, ...
    #[serde(default)]
    pub notes: Vec<String>,
    /// Where the feed stood before this was read.
    pub as_of: Cursor,
}

/// Input: count all figures again from the rows.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct RecountAnalytics {}

/// Whether the figures are what the rows add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recounted {
    /// Whether all are.
    pub ok: bool,
    /// How many messages and sends were counted.
    pub rows: u64,
    /// What differs, a sentence each; at most a thousand.
    pub differences: Vec<String>,
}
