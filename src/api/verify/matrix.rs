//! Matrices of sends: every channel in every language, tried together, kept under a name, run again.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::When;
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::verification::Channel;
pub use crate::domain::verification::matrix::Fate;

/// What a matrix sends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixInput {
    /// The number of texts, calls and WhatsApp messages, as people write it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
    /// The address of a channel that has its own: `email`, which needs one, or any other.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub addresses: BTreeMap<String, String>,
    /// The channels: `sms`, `call`, `whatsapp`, `email`; all that have an address when absent.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub channels: Vec<String>,
    /// The languages, such as `en,es,de`; `en` when absent.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub locales: Vec<String>,
    /// The template (HJ...) of channels that have templates; the business's own wording when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Values of the template's placeholders: `brand` for all languages, `de/brand` for one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub substitutions: BTreeMap<String, String>,
}

/// Input: keep a matrix under a name; one of this name gets a new version.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SaveMatrix {
    /// The business.
    pub business: Id,
    /// Its name: 1 to 40 letters, digits, `-`, `_` or `.`.
    pub name: String,
    /// What it sends.
    #[serde(flatten)]
    pub matrix: MatrixInput,
    /// The version that was read, 0 for a new one; refused when it is no longer the newest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<u64>,
}

/// Input: the matrices of a business.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListMatrices {
    /// The business.
    pub business: Id,
}

/// Input: a matrix, with how it went last.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetMatrix {
    /// The business.
    pub business: Id,
    /// Its name.
    pub name: String,
}

/// Input: drop a matrix and how it went.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeleteMatrix {
    /// The business.
    pub business: Id,
    /// Its name.
    pub name: String,
}

/// Input: send every cell of a matrix, and end each again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct RunMatrix {
    /// The business.
    pub business: Id,
    /// Its name.
    pub name: String,
    /// What an answer asked to be repeated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// Input: send every cell of a matrix that is not kept, and end each again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct TryMatrix {
    /// The business.
    pub business: Id,
    /// What it sends.
    #[serde(flatten)]
    pub matrix: MatrixInput,
    /// What an answer asked to be repeated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// A matrix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatrixView {
    /// Its name.
    pub name: String,
    /// Its version, from 1.
    pub version: u64,
    /// Who saved it.
    pub actor: String,
    /// When.
    pub saved_at: When,
    /// The channels.
    pub channels: Vec<Channel>,
    /// The languages.
    pub locales: Vec<String>,
    /// Where each channel goes.
    pub addresses: BTreeMap<String, String>,
    /// The template; absent for the business's own wording.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Values of its placeholders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub substitutions: BTreeMap<String, String>,
    /// How it went last.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub run: Option<MatrixRun>,
}

/// The matrices, by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MatrixList {
    /// The rows.
    pub items: Vec<MatrixView>,
}

/// One cell of a matrix that ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CellView {
    /// Channel and language, such as `sms/de`.
    pub cell: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What became of it.
    pub outcome: Fate,
    /// The channel.
    pub channel: Channel,
    /// The language.
    pub locale: String,
    /// The text with dots for the code; empty where nobody knows it.
    pub text: String,
    /// Whether these are the very words; else it is worded by Twilio in this sense.
    pub is_exact: bool,
    /// The template used, or `no template`.
    pub template: String,
    /// From the request to the end, in milliseconds.
    pub took_ms: u64,
    /// What it cost, the fee for a right code included, as far as known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost: Option<Money>,
    /// Why it is not as it should be; a value that is missing is named, such as `de/{{brand}}`.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub detail: String,
    /// Twilio's code, if it refused.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u32>,
    /// Its flow, if one began.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flow: Option<Id>,
}

/// A matrix that ran.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatrixRun {
    /// Whether every cell is as it should be.
    pub ok: bool,
    /// How many are.
    pub passed: usize,
    /// How many there are.
    pub cells: usize,
    /// When it began.
    pub at: When,
    /// Who ran it.
    pub actor: String,
    /// The version of the matrix; 0 when it is not kept.
    pub version: u64,
    /// The cells, language by language.
    pub items: Vec<CellView>,
}
