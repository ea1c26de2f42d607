//! Which template a business's codes are worded by, and its versions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{Page, When};
use crate::domain::id::{Id, Sid};

/// Input: the wording of a business.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetWording {
    /// The business.
    pub business: Id,
}

/// Input: word a business's codes by a template. Values must fit the placeholders of every language.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SaveWording {
    /// The business.
    pub business: Id,
    /// The template (HJ...); Twilio's own words when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Values of its placeholders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub substitutions: BTreeMap<String, String>,
    /// The version that was read; refused when it is no longer the newest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
}

/// Input: bring an earlier version back, as a new one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RestoreWording {
    /// The business.
    pub business: Id,
    /// The version.
    pub version: u64,
}

/// Input: the versions of a business's wording, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListWordings {
    /// The business.
    pub business: Id,
    /// Rows at most (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
}

/// A version of a wording.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WordingView {
    /// Its version; 0 when nothing was ever saved.
    pub version: u64,
    /// The template; absent for Twilio's own words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Values of its placeholders.
    pub substitutions: BTreeMap<String, String>,
    /// Who saved it.
    pub actor: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<When>,
    /// What it changed: `- brand = Old`, `+ brand = New`.
    pub changes: Vec<String>,
}

/// A page of versions.
pub type WordingPage = Page<WordingView>;
