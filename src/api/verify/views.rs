//! Verifications as callers see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::When;
use crate::domain::failure::Failure;
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::sms::Segments;
use crate::domain::verification::{Channel, Progress, Status, Verdict};

/// One verification at Twilio within a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LegView {
    /// The recipient.
    pub to: String,
    /// The Verify service (VA...).
    pub service: Sid,
    /// The verification (VE...), once Twilio has named it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<Sid>,
    /// Where it stands.
    pub status: Status,
    /// Sends that Twilio accepted.
    pub sends: u32,
    /// Checks that Twilio looked at.
    pub checks: u32,
    /// When it was begun.
    pub created_at: When,
    /// When its code stops to hold.
    pub expires_at: When,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<When>,
}

/// What a flow costs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlowCost {
    /// The sends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sends: Option<Money>,
    /// The fee for a right code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub success: Option<Money>,
    /// Both together.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub total: Option<Money>,
    /// Whether some of it is an estimate by the rate card.
    pub is_estimate: bool,
}

/// A flow: what one person is asked for in one go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlowView {
    /// Its id.
    pub id: Id,
    /// The business.
    pub business: Id,
    /// The recipient now.
    pub to: String,
    /// The channel of the latest send.
    pub channel: Channel,
    /// Where it stands.
    pub status: Status,
    /// The Verify service (VA...).
    pub service: Sid,
    /// The verification now (VE...).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<Sid>,
    /// Sends of it that Twilio accepted.
    pub sends: u32,
    /// How many it accepts.
    pub sends_limit: u32,
    /// Checks of it that Twilio looked at.
    pub checks: u32,
    /// How many it looks at.
    pub checks_limit: u32,
    /// How far the latest send has come.
    pub progress: Progress,
    /// Twilio's code, when the latest send went wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u32>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_text: Option<String>,
    /// The language that the latest send asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// The template of the latest send.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// What it costs; only for those who may see the log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost: Option<FlowCost>,
    /// Whether Twilio counts its latest send as converted, once it says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub converted: Option<bool>,
    /// Who began it.
    pub actor: String,
    /// When.
    pub created_at: When,
    /// When its code stops to hold (business time).
    pub expires_at: When,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_at: Option<When>,
    /// Its verifications at Twilio, oldest first.
    pub legs: Vec<LegView>,
    /// Rises with each change.
    pub version: u64,
}

/// One send of a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptView {
    /// Its id.
    pub id: Id,
    /// The business.
    pub business_id: Id,
    /// What it is called, in a list of all businesses.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_name: Option<String>,
    /// Its flow.
    pub flow: Id,
    /// The recipient.
    pub phone_number: String,
    /// How it travels.
    pub channel: Channel,
    /// How far it has come.
    pub progress: Progress,
    /// How its verification ended, or stands.
    pub status: Status,
    /// The attempt at Twilio (VL...).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<Sid>,
    /// The verification at Twilio (VE...).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verification: Option<Sid>,
    /// The Verify service (VA...).
    pub service: Sid,
    /// The n-th send of that verification.
    pub nth: u32,
    /// The language asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// The template of the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Which version of the business's choice of template it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template_version: Option<u64>,
    /// Segments of the text; 0 where nobody counts them.
    pub segments: u32,
    /// What Twilio charged for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub price: Option<Money>,
    /// What it is expected to cost, as long as that is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected_price: Option<Money>,
    /// Whether Twilio counts it as converted, once it says so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub converted: Option<bool>,
    /// Two letters of the recipient's country.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
    /// The recipient's carrier.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub carrier: Option<String>,
    /// Twilio's code, when it went wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u32>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_text: Option<String>,
    /// What is known of that code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failure: Option<Failure>,
    /// Who asked.
    pub actor: String,
    /// When.
    pub created_at: When,
}

/// One check of a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckView {
    /// Its id.
    pub id: Id,
    /// The latest send before it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt_id: Option<Id>,
    /// The business.
    pub business_id: Id,
    /// Its flow.
    pub flow: Id,
    /// The recipient.
    pub phone_number: String,
    /// What Twilio said.
    pub status: Verdict,
    /// Whether the code was right.
    pub success: bool,
    /// Twilio's code, when it was not looked at.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u32>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_text: Option<String>,
    /// Who asked.
    pub actor: String,
    /// When.
    pub created_at: When,
    /// How long Twilio took to answer, in microseconds.
    pub took_micros: u64,
}

/// The answer to a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Whether it was right.
    pub success: bool,
    /// What Twilio said.
    pub status: Verdict,
    /// In a sentence, with what may still be done.
    pub detail: String,
    /// As it stands in the log.
    pub check: CheckView,
    /// The flow after it.
    pub flow: FlowView,
}

/// One line of a flow's timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimelineLine {
    /// When, to the microsecond.
    pub at: When,
    /// What: `created`, `queued`, `sent`, `ringing`, `inProgress`, `delivered`, `completed`, `undelivered`,
    /// `failed`, `blocked`, `refused`, `unknown`, `rightCode`, `wrongCode`, `checkRefused`, `checkUnknown`, `approved`,
    /// `canceled`, `expired`, `maxAttempts`.
    pub what: String,
    /// In a sentence.
    pub text: String,
    /// The channel, for what concerns a send.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// The send it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<Id>,
    /// What it names at Twilio: a verification (VE...) or an attempt (VL...).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<Sid>,
    /// What it cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub money: Option<Money>,
    /// Whether that is an estimate by the rate card.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub is_estimate: bool,
    /// What was not spent, because it was blocked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub saved: Option<Money>,
    /// Twilio's code, if something went wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<u32>,
}

/// A flow with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FlowDetail {
    /// The flow.
    pub flow: FlowView,
    /// What happened, in order.
    pub timeline: Vec<TimelineLine>,
    /// Its sends, oldest first.
    pub attempts: Vec<AttemptView>,
    /// Its checks, oldest first.
    pub checks: Vec<CheckView>,
}

/// What would be sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Preview {
    /// The recipient as Twilio is given it: E.164, or the email address.
    pub to: String,
    /// As people of the country write it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub national: Option<String>,
    /// Two letters of the country.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
    /// How it travels.
    pub channel: Channel,
    /// What the recipient reads or hears, the code as dots.
    pub text: String,
    /// Whether Twilio sends these very words; else it words them by itself in this sense.
    pub is_exact: bool,
    /// The template used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Its name, or why there is none.
    pub template_name: String,
    /// Which version of the business's own choice it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template_version: Option<u64>,
    /// How the text is counted; only for an SMS.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub measure: Option<Segments>,
    /// What the send is expected to cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost: Option<Money>,
    /// What a right code will cost besides.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub success_fee: Option<Money>,
    /// What speaks against sending it, each a sentence.
    pub warnings: Vec<String>,
    /// The placeholders that have no value: it would be refused (60224).
    pub missing: Vec<String>,
}

/// What Twilio knows of a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LookupView {
    /// E.164.
    pub number: String,
    /// As people of the country write it.
    pub national: String,
    /// Two letters.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
    /// Whether the number can exist.
    pub valid: bool,
    /// `mobile`, `landline`, `nonFixedVoip`, `tollFree`, ...; absent when Twilio does not know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub line_type: Option<String>,
    /// The carrier.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub carrier: Option<String>,
    /// How likely texts to it are fraud, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub risk: Option<u32>,
    /// What speaks against an SMS to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub warning: Option<String>,
    /// When Twilio was asked.
    pub asked_at: When,
    /// Whether this is that earlier answer: it cost nothing now.
    pub is_cached: bool,
    /// What it cost.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost: Option<Money>,
}
