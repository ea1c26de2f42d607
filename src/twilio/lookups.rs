//! Lookups v2: what is known about a number. Formatting and validation are free, other packages cost.

use serde::Deserialize;
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::params::{Params, segment};
use super::wire::{loose, or_default, words};

words! {
    /// A package of data to ask for.
    Package {
        /// Whether the number can exist. Free.
        Validation = "validation",
        /// Carrier and kind of line.
        LineType = "line_type_intelligence",
        /// The name shown at calls (US).
        CallerName = "caller_name",
        /// How likely messages to it are fraud.
        PumpingRisk = "sms_pumping_risk",
        /// Whether the phone is in use.
        LineStatus = "line_status",
        /// Whether the SIM card changed lately.
        SimSwap = "sim_swap",
        /// Whether calls are forwarded.
        CallForwarding = "call_forwarding",
        /// Whether the number has a new owner.
        ReassignedNumber = "reassigned_number",
        /// A score of quality.
        QualityScore = "phone_number_quality_score",
    }
}

/// What is known about a number. Packages not asked for are `None`.
#[derive(Debug, Clone, Deserialize)]
pub struct Lookup {
    /// E.164, or what was asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub phone_number: String,
    /// As people of the country write it.
    #[serde(default, deserialize_with = "loose")]
    pub national_format: Option<String>,
    /// Two letters.
    #[serde(default, deserialize_with = "loose")]
    pub country_code: Option<String>,
    /// Without plus.
    #[serde(default, deserialize_with = "loose")]
    pub calling_country_code: Option<String>,
    /// Whether the number can exist. An invalid one is an answer, not an error.
    #[serde(default, deserialize_with = "or_default")]
    pub valid: bool,
    /// Why it cannot, e.g. `TOO_LONG`.
    #[serde(default, deserialize_with = "or_default")]
    pub validation_errors: Vec<String>,
    /// Carrier and kind of line.
    pub line_type_intelligence: Option<LineType>,
    /// The name shown at calls.
    pub caller_name: Option<CallerName>,
    /// How likely messages to it are fraud.
    pub sms_pumping_risk: Option<PumpingRisk>,
    /// Whether the phone is in use.
    pub line_status: Option<Value>,
    /// Whether the SIM card changed lately.
    pub sim_swap: Option<Value>,
    /// Whether calls are forwarded.
    pub call_forwarding: Option<Value>,
    /// Whether the number has a new owner.
    pub reassigned_number: Option<Value>,
    /// A score of quality.
    pub phone_number_quality_score: Option<Value>,
}

/// Carrier and kind of line.
#[derive(Debug, Clone, Deserialize)]
pub struct LineType {
    /// `mobile`, `landline`, `nonFixedVoip`, `tollFree`, `premium`, ...
    #[serde(default, rename = "type", deserialize_with = "loose")]
    pub kind: Option<String>,
    /// The carrier's name.
    #[serde(default, deserialize_with = "loose")]
    pub carrier_name: Option<String>,
    /// The country's part of the network code.
    #[serde(default, deserialize_with = "loose")]
    pub mobile_country_code: Option<String>,
    /// The network's part of it.
    #[serde(default, deserialize_with = "loose")]
    pub mobile_network_code: Option<String>,
    /// Why nothing is known.
    #[serde(default, deserialize_with = "loose")]
    pub error_code: Option<u32>,
}

/// The name shown at calls.
#[derive(Debug, Clone, Deserialize)]
pub struct CallerName {
    /// The name. Hostile text.
    #[serde(default, deserialize_with = "loose")]
    pub caller_name: Option<String>,
    /// `CONSUMER`, `BUSINESS` or `UNDETERMINED`.
    #[serde(default, deserialize_with = "loose")]
    pub caller_type: Option<String>,
    /// Why nothing is known.
    #[serde(default, deserialize_with = "loose")]
    pub error_code: Option<u32>,
}

/// How likely messages to a number are fraud.
#[derive(Debug, Clone, Deserialize)]
pub struct PumpingRisk {
    /// 0 to 100; 75 and more is bad.
    #[serde(default, deserialize_with = "loose")]
    pub sms_pumping_risk_score: Option<u32>,
    /// `low`, `mild`, `moderate`, `high`.
    #[serde(default, deserialize_with = "loose")]
    pub carrier_risk_category: Option<String>,
    /// Whether Twilio blocks it now.
    #[serde(default, deserialize_with = "loose")]
    pub number_blocked: Option<bool>,
    /// Why nothing is known.
    #[serde(default, deserialize_with = "loose")]
    pub error_code: Option<u32>,
}

impl Client {
    /// Looks a number up. `country` (two letters) is needed for a number in national form.
    ///
    /// # Errors
    /// As any read; a number that cannot exist is an answer with `valid` false.
    pub async fn lookup(&self, number: &str, packages: &[Package], country: Option<&str>) -> Result<Lookup, Error> {
        let fields = packages.iter().map(Package::as_str).collect::<Vec<_>>().join(",");
        let query = Params::new()
            .maybe("Fields", Some(fields).filter(|fields| !fields.is_empty()))
            .maybe("CountryCode", country);
        self.get("lookups", &format!("/v2/PhoneNumbers/{}", segment(number)), query).await
    }
}
