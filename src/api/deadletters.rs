//! Operations on dead letters: webhooks that were refused or found no place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Page, When};
use crate::domain::deadletter::Reason;
use crate::domain::id::Id;

/// Input: kept webhooks, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ListDeadLetters {
    /// Where to go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A kept webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterView {
    /// Its id.
    pub id: Id,
    /// When it came.
    pub at: When,
    /// The path it came to.
    pub path: String,
    /// Why it is here.
    pub reason: Reason,
    /// The evidence, for a person.
    pub detail: String,
    /// The raw body.
    pub body: String,
    /// When it was replayed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replayed_at: Option<When>,
}

/// A page of dead letters.
pub type DeadLetterPage = Page<DeadLetterView>;

/// Input: how many there are of each reason, and who waits behind them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct SumDeadLetters {}

/// Dead letters that have the same reason and were not replayed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterGroup {
    /// Why they are here.
    pub reason: Reason,
    /// How many.
    pub letters: u64,
    /// Customers whose texts are among them: they wait for an answer.
    pub customers: u64,
    /// The addresses that were texted to, at most ten.
    pub to: Vec<String>,
    /// When the oldest came.
    pub oldest: When,
    /// When the newest came.
    pub newest: When,
    /// What is known of the newest.
    pub detail: String,
}

/// What waits, the reason with most customers first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetterSums {
    /// The groups.
    pub items: Vec<DeadLetterGroup>,
}

/// Input: why a webhook was refused, with everything that was tried.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ExplainDeadLetter {
    /// The dead letter.
    pub id: Id,
}

/// One URL that was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignatureTrial {
    /// The URL.
    pub url: String,
    /// The setting or header that names it.
    pub source: String,
    /// Whether the receiver tries it, too.
    pub used: bool,
    /// Whether it gives the signature that came.
    pub fits: bool,
    /// The whole string that is signed.
    pub signed: String,
    /// The signature that each known token gives.
    pub expected: Vec<String>,
}

/// Why a webhook is a dead letter. Holds valid signatures: not for everybody's eyes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetterExplained {
    /// The dead letter.
    pub id: Id,
    /// Why it was kept.
    pub reason: Reason,
    /// Whether it can be replayed now.
    pub replayable: bool,
    /// What was found.
    pub found: String,
    /// What to change.
    pub fix: String,
    /// The signature that came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub received: Option<String>,
    /// Headers that tell how it came here, as `name: value`.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Who was at the other end of the connection.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub peer: Option<String>,
    /// Every URL that was tried.
    #[serde(default)]
    pub trials: Vec<SignatureTrial>,
}

/// Input: take a webhook in after what was wrong has been fixed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReplayDeadLetter {
    /// The dead letter.
    pub id: Id,
}

/// Input: take in all webhooks of one reason that are right by now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReplayDeadLetters {
    /// The reason.
    pub reason: Reason,
}

/// What a replay came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// Taken in.
    pub replayed: u64,
    /// Still not right.
    pub left: u64,
    /// Why the newest of those is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}
