//! Operations on verifications: codes sent, checked, sent again, and the log of it all.
//!
//! No code stands in any answer, event or log. Those that come in are wrapped so that they cannot be shown
//! by accident.

mod lists;
mod matrix;
mod rehearsal;
mod service;
mod views;
mod wording;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use lists::*;
pub use matrix::*;
pub use rehearsal::*;
pub use service::*;
pub use views::*;
pub use wording::*;

use crate::domain::id::{Id, Sid};
use crate::domain::verification::Channel;
pub use crate::domain::verification::RiskCheck;

/// A code that somebody gave. Goes to Twilio and nowhere else.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct OneTimeCode(pub String);

/// Shows nothing of it.
impl fmt::Debug for OneTimeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeCode(••••)")
    }
}

/// Input: send a code. While one to the same recipient waits, Twilio sends the same code again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SendVerification {
    /// The business.
    pub business: Id,
    /// The recipient: a phone number as people write it, or an email address.
    pub to: String,
    /// How it travels; `sms` when absent, `email` for an email address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// The language of the text, such as `en` or `pt-BR`; by the recipient's country when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// The template of the text (HJ...); the business's own choice when absent, if it has one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Values of the template's placeholders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub substitutions: BTreeMap<String, String>,
    /// The name in the text, in place of the service's; at most 30 characters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub friendly_name: Option<String>,
    /// A code of your own, where the service allows it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(with = "Option<String>")]
    pub custom_code: Option<OneTimeCode>,
    /// Keys of the service's programmable rate limits and their values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub rate_limits: BTreeMap<String, String>,
    /// The amount of a payment to confirm.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<String>,
    /// The receiver of that payment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payee: Option<String>,
    /// Keys that are dialled when a call is answered, `w` for a pause: to reach an extension.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub send_digits: Option<String>,
    /// The hash of an Android app that reads the SMS by itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub app_hash: Option<String>,
    /// Whether Fraud Guard looks at it: `disable` goes around it, for people you know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub risk_check: Option<RiskCheck>,
    /// At most ten names and values that stand with it in Twilio's events; no personal data.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub tags: BTreeMap<String, String>,
    /// What an answer asked to be repeated: `live`, `landline`, or `service` where a Verify service is to be made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// Input: check a code. It needs `to` or `flow`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckVerification {
    /// The business.
    pub business: Id,
    /// The code; spaces and dashes in it are left out.
    #[schemars(with = "String")]
    pub code: OneTimeCode,
    /// The recipient: their latest verification is checked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
    /// A flow: its latest verification is checked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub flow: Option<Id>,
    /// The amount of the payment, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<String>,
    /// The receiver of the payment, as it was sent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payee: Option<String>,
}

/// Input: send the code of a flow again, over the same channel with the same wishes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResendVerification {
    /// The business.
    pub business: Id,
    /// The flow.
    pub flow: Id,
    /// What an answer asked to be repeated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// Input: try another channel within a flow. To another recipient it is another verification at Twilio.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct FallBackVerification {
    /// The business.
    pub business: Id,
    /// The flow.
    pub flow: Id,
    /// The channel to try.
    pub channel: Channel,
    /// The recipient there; the same as before when absent. An email needs an email address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
    /// What an answer asked to be repeated.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}

/// Input: end the waiting verification of a flow, so that a new code can be sent.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CancelVerification {
    /// The business.
    pub business: Id,
    /// The flow.
    pub flow: Id,
}

/// Input: say that the code of a flow was right, checked by other means than Twilio.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ApproveVerification {
    /// The business.
    pub business: Id,
    /// The flow.
    pub flow: Id,
}

/// Input: what will be sent and what it will cost, without sending it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PreviewVerification {
    /// The business.
    pub business: Id,
    /// The recipient, as for a send.
    pub to: String,
    /// How it travels, as for a send.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// The language of the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// The template of the text, as for a send.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Values of the template's placeholders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub substitutions: BTreeMap<String, String>,
    /// The name in the text, in place of the service's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub friendly_name: Option<String>,
    /// The amount of a payment, as for a send.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<String>,
    /// The receiver of that payment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payee: Option<String>,
    /// Whether the code is one of your own; it is not needed for this.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub own_code: bool,
}

/// Input: what Twilio knows of a number. Costs money unless it was asked within 30 days.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct LookUpNumber {
    /// The business.
    pub business: Id,
    /// The number, as people write it.
    pub number: String,
    /// Ask Twilio again although the answer is known.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub again: bool,
    /// The price that the answer named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confirm: Option<String>,
}
