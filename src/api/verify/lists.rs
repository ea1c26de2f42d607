//! The log of verifications: flows, sends and checks, found by what people remember of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AttemptView, CheckView, FlowView};
use crate::api::{Page, When};
use crate::domain::id::{Id, Sid};
use crate::domain::verification::{Channel, Status};

/// Input: a flow with its timeline.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetFlow {
    /// The business.
    pub business: Id,
    /// The flow.
    pub flow: Id,
    /// Ask Twilio how it stands first.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub refresh: bool,
}

/// Input: the flows of a business, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListFlows {
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

/// Input: the sends of a business, newest first. What is given must all fit.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListAttempts {
    /// The business.
    pub business: Id,
    /// The sends of all businesses instead, deleted ones included.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub all: bool,
    /// Anything remembered: three or more digits of a number, a part of an email address, a SID (VE, VL, HJ)
    /// or its beginning, an error code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub search: Option<String>,
    /// How the verification ended, or stands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<Status>,
    /// How it travelled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// Twilio's error code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u32>,
    /// The template of the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<When>,
    /// Only before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<When>,
    /// Rows at most (1 to 200, 50 when absent).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<u32>,
    /// The `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<String>,
}

/// Input: the checks of a business, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListChecks {
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

/// A page of flows.
pub type FlowPage = Page<FlowView>;

/// A page of sends. With rare finds a page may have fewer rows than asked for, or none, and still a `next`.
pub type AttemptPage = Page<AttemptView>;

/// A page of checks.
pub type CheckPage = Page<CheckView>;
