//! Operations on what a business has at Twilio: made by remote steps, each shown with its state.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::When;
use crate::domain::address::Address;
use crate::domain::id::{Id, Sid};
use crate::domain::remote::{Kind, State};

/// Input: how the setup of a business stands.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetSetup {
    /// The business.
    pub id: Id,
}

/// Input: begin the setup of a business, or let it go on. What it has already is not made again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StartSetup {
    /// The business.
    pub id: Id,
    /// Whether it gets a Verify service; yes when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verify: Option<bool>,
    /// Whether it gets a messaging service with its endpoint; yes when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub messaging: Option<bool>,
    /// The name in texts with codes (at most 30 letters, digits, spaces, `-`, `_`); made of the business's name when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verify_name: Option<String>,
    /// Digits of a code, 4 to 10; 6 when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code_length: Option<u32>,
    /// A number of the account that customers shall text to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<Address>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// What it does.
    pub step: Kind,
    /// What Twilio is asked.
    pub call: String,
    /// How it stands.
    pub state: State,
    /// What it made or changed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<Sid>,
    /// How long the answer took.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub milliseconds: Option<u64>,
    /// How often Twilio was asked.
    pub tries: u32,
    /// Whether it was found at Twilio, for its answer was lost.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub found: bool,
    /// Why it failed, or what is not known, with what to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Twilio's code for that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub twilio: Option<u32>,
    /// When it goes on by itself (wall clock), should it wait for that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub again: Option<When>,
}

/// How the setup of a business stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetupView {
    /// The business.
    pub business: Id,
    /// How the whole stands; pending when none was ever asked for.
    pub state: State,
    /// The steps in order; empty when none was ever asked for.
    pub steps: Vec<StepView>,
    /// The name in texts with codes.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub verify_name: String,
    /// Digits of a code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code_length: Option<u32>,
    /// The number that customers text to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<Address>,
}
