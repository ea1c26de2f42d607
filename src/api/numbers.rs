//! Operations on the account's phone numbers and messaging services: where their webhooks go.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::When;
use crate::domain::id::Sid;

/// Input: the numbers of the account.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ListNumbers {}

/// Where the inbound messages of a number go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Points {
    /// To this node.
    Here,
    /// To another address.
    Elsewhere,
    /// To a TwiML application, which wins over addresses.
    Application,
    /// Nowhere: they are dropped (in a sandbox they go where the sandbox was told).
    Nowhere,
}

/// A number of the account, or a messaging service, and where its webhooks go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumberView {
    /// E.164; absent for a messaging service that was named itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<String>,
    /// Its name at Twilio.
    pub name: String,
    /// What has the webhooks: `PN...` for the number itself, `MG...` for the messaging service it is in.
    pub sid: Sid,
    /// The account that it is in; absent for the node's own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Sid>,
    /// Where they go.
    pub points: Points,
    /// The address for inbound messages; a password in it is not shown.
    pub url: String,
    /// The address when that fails.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub fallback: String,
    /// The address for message statuses (messaging services only).
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub status_callback: String,
    /// The address that `unpoint` brings back; absent when it was not pointed here for good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<String>,
    /// The address that comes back when nobody listens any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after_loan: Option<String>,
}

/// The numbers of all accounts, the node's own first, in Twilio's order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NumberList {
    /// The rows.
    pub items: Vec<NumberView>,
    /// Whether there are more at Twilio than are listed here.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub cut: bool,
    /// Accounts whose numbers cannot be listed, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub troubles: Vec<String>,
}

/// Input: point a number's webhooks here for good.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct PointNumber {
    /// The number, or the SID of a number or messaging service.
    pub number: String,
    /// The number again, when its texts go to another program now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// Input: bring back what was set before a number was pointed here.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct UnpointNumber {
    /// The number, or the SID of a number or messaging service.
    pub number: String,
}

/// Input: point a number's webhooks here for a while, or say that they are still wanted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct BorrowNumber {
    /// The number, or the SID of a number or messaging service.
    pub number: String,
    /// A word of your own: the same one renews and ends it.
    pub session: String,
    /// How long without renewal (5 to 3600, 20 when absent).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub seconds: Option<u32>,
    /// Only lengthen the loan: what somebody else has set meanwhile is left alone.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub renew: bool,
}

/// Input: the webhooks of a borrowed number are not wanted any more.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ReturnNumber {
    /// The number, or the SID of a number or messaging service.
    pub number: String,
    /// The word that it was borrowed with.
    pub session: String,
}

/// A borrowed number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Loan {
    /// The number, or the messaging service's name.
    pub name: String,
    /// What has the webhooks.
    pub sid: Sid,
    /// The address that comes back; empty when there was none.
    pub before: String,
    /// The address that is set meanwhile.
    pub url: String,
    /// When it comes back unless renewed (wall clock).
    pub until: When,
}

/// What became of a number's webhooks in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// The old settings are back.
    Restored,
    /// They were as they should be.
    Unchanged,
    /// Somebody else had set something else meanwhile: that was left alone.
    LeftAlone,
    /// Somebody else still listens: the old settings come back after them.
    StillHeld,
}

/// The end of a pointing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// The number, or the messaging service's name.
    pub name: String,
    /// What became of it.
    pub ending: Ending,
    /// The address that is set now; empty when there is none.
    pub url: String,
}
