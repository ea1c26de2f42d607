//! The settings under which codes are sent, and the templates of their texts.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::When;
use crate::domain::analytics::Percent;
use crate::domain::id::{Id, Sid};

/// Input: the settings of a business's Verify service.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct GetVerifyService {
    /// The business.
    pub business: Id,
    /// Ask Twilio although the answer is known.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub again: bool,
}

/// Input: change the settings of a business's Verify service; absent fields stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateVerifyService {
    /// The business.
    pub business: Id,
    /// The name in the texts: at most 30 letters, digits, spaces, dashes and underscores.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub friendly_name: Option<String>,
    /// Digits of a code, 4 to 10.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 4, max = 10))]
    pub code_length: Option<u32>,
    /// Look up the carrier at each send (Twilio bills it).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lookup_enabled: Option<bool>,
    /// Do not send SMS to landlines; needs the lookup.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub skip_sms_to_landlines: Option<bool>,
    /// A key must be pressed before a code is spoken.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dtmf_input_required: Option<bool>,
    /// Codes confirm payments.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub psd2_enabled: Option<bool>,
    /// The text warns not to share the code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub do_not_share_warning_enabled: Option<bool>,
    /// Codes of your own are allowed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub custom_code_enabled: Option<bool>,
    /// The template of SMS that name none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default_template: Option<Sid>,
}

/// How much Twilio's Fraud Guard blocks for a Verify service, from nothing to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FraudLevel {
    /// Nothing.
    Off,
    /// What is known for pumping.
    Basic,
    /// The same and what looks like it: Twilio's own choice.
    Standard,
    /// Earlier than that, and now and then somebody who means well.
    Max,
}

impl FraudLevel {
    /// All of them.
    pub const ALL: [FraudLevel; 4] = [FraudLevel::Off, FraudLevel::Basic, FraudLevel::Standard, FraudLevel::Max];

    /// Twilio's word.
    pub fn word(self) -> &'static str {
        match self {
            FraudLevel::Off => "off",
            FraudLevel::Basic => "basic",
            FraudLevel::Standard => "standard",
            FraudLevel::Max => "max",
        }
    }
}

/// Input: how much Fraud Guard blocks. Twilio's console sets it, its API does not: so in the sandbox only.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SetFraudGuard {
    /// The business.
    pub business: Id,
    /// How much.
    pub level: FraudLevel,
}

/// The settings of a Verify service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyServiceView {
    /// `VA...`
    pub sid: Sid,
    /// The name in the texts.
    pub friendly_name: String,
    /// Digits of a code.
    pub code_length: u32,
    /// Look up the carrier at each send.
    pub lookup_enabled: bool,
    /// Do not send SMS to landlines.
    pub skip_sms_to_landlines: bool,
    /// A key must be pressed before a code is spoken.
    pub dtmf_input_required: bool,
    /// Codes confirm payments.
    pub psd2_enabled: bool,
    /// The text warns not to share the code.
    pub do_not_share_warning_enabled: bool,
    /// Codes of your own are allowed.
    pub custom_code_enabled: bool,
    /// The template of SMS that name none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub default_template: Option<Sid>,
    /// How much Fraud Guard blocks; the sandbox tells it, Twilio's API does not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fraud_guard: Option<FraudLevel>,
}

/// Input: the templates that Twilio has for this account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ListTemplates {
    /// The business.
    pub business: Id,
    /// Ask Twilio although the answer is known.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub again: bool,
    /// Tell also how all businesses together use them, deleted ones included.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub all: bool,
    /// So many days are counted, today included (1 to 366, 30 when absent).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 366))]
    pub days: Option<u32>,
}

/// How a template is used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateUse {
    /// Sends with it, the first ones of verifications included.
    pub sends: u64,
    /// Verifications that began with it.
    pub verifications: u64,
    /// Those of them that were approved.
    pub approved: u64,
    /// Approved of those that were not blocked, in percent with one decimal; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conversion: Option<Percent>,
    /// When a code was asked for with it last, however long ago; absent when it never was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_used: Option<When>,
}

/// A template in one language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TranslationView {
    /// The language.
    pub locale: String,
    /// The text, with placeholders such as `{{code}}`.
    pub text: String,
    /// `approved`, `pending` or `rejected`.
    pub status: String,
    /// Whether it serves when no language is asked for.
    pub is_default: bool,
    /// Its placeholders, the code apart.
    pub placeholders: Vec<String>,
    /// Segments of an SMS of it, with the placeholders as they stand.
    pub segments: usize,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateView {
    /// `HJ...`
    pub sid: Sid,
    /// Its name.
    pub name: String,
    /// Where it can be used: `sms`, `voice`.
    pub channels: Vec<String>,
    /// Where it stands with Twilio: `approved` when all its texts are, else `rejected` or `pending`.
    #[serde(default)]
    pub status: String,
    /// How the business uses it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used: Option<TemplateUse>,
    /// How all businesses together use it, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_by_all: Option<TemplateUse>,
    /// The texts, by language.
    pub translations: Vec<TranslationView>,
}

/// The templates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateList {
    /// The rows, by name.
    pub items: Vec<TemplateView>,
    /// From when on sends are counted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub since: Option<When>,
}
