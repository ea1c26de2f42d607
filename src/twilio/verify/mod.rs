//! Verify v2: one-time codes. Services, verifications and checks here; what Twilio remembers about them
//! (attempts, templates) in [`attempts`].
//!
//! A wrong code is no error: the check answers `pending` and not valid. An approved, expired or cancelled
//! verification is gone and answers 20404.

pub mod attempts;
mod service;
#[cfg(test)]
mod tests;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

pub use service::{VerifyService, VerifyServiceSettings};

use super::client::Client;
use super::error::Error;
use super::params::{Params, segment};
use super::wire::{Micros, loose, loose_date, or_default, words};
use crate::domain::id::Sid;

words! {
    /// How a code travels.
    Channel {
        /// Text message.
        Sms = "sms",
        /// Phone call.
        Call = "call",
        /// Email.
        Email = "email",
        /// WhatsApp.
        Whatsapp = "whatsapp",
        /// Silently, by the phone's carrier.
        Sna = "sna",
        /// RCS; only in attempts.
        Rbm = "rbm",
        /// Twilio chooses.
        Auto = "auto",
    }
}

words! {
    /// What became of a verification.
    VerificationStatus {
        /// Waits for the code.
        Pending = "pending",
        /// The right code came.
        Approved = "approved",
        /// Ended by us.
        Canceled = "canceled",
        /// Five wrong codes.
        MaxAttemptsReached = "max_attempts_reached",
        /// Removed.
        Deleted = "deleted",
        /// It could not be sent.
        Failed = "failed",
        /// Ten minutes went by.
        Expired = "expired",
    }
}

/// A verification: one or more sends of the same code to one recipient.
#[derive(Debug, Clone, Deserialize)]
pub struct Verification {
    /// `VE...`; the same for every resend while it is pending.
    pub sid: Sid,
    /// Its service.
    #[serde(default, deserialize_with = "loose")]
    pub service_sid: Option<Sid>,
    /// The recipient.
    #[serde(default, deserialize_with = "or_default")]
    pub to: String,
    /// How the latest code travelled.
    pub channel: Option<Channel>,
    /// What became of it.
    pub status: VerificationStatus,
    /// Whether the right code came.
    #[serde(default, deserialize_with = "or_default")]
    pub valid: bool,
    /// Every send so far.
    #[serde(default, deserialize_with = "or_default")]
    pub send_code_attempts: Vec<SentCode>,
    /// What a lookup found out, if the service does one.
    #[serde(default, deserialize_with = "or_default")]
    pub lookup: CarrierLookup,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// One send of a code.
#[derive(Debug, Clone, Deserialize)]
pub struct SentCode {
    /// `VL...`
    #[serde(default, deserialize_with = "loose")]
    pub attempt_sid: Option<Sid>,
    /// How it travelled.
    pub channel: Option<Channel>,
    /// When.
    #[serde(default, deserialize_with = "loose_date")]
    pub time: Option<Micros>,
}

/// What a lookup found out about the recipient.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct CarrierLookup {
    /// The carrier.
    pub carrier: Option<Carrier>,
}

/// The recipient's carrier.
#[derive(Debug, Clone, Deserialize)]
pub struct Carrier {
    /// Its name.
    #[serde(default, deserialize_with = "loose")]
    pub name: Option<String>,
    /// `mobile`, `landline` or `voip`.
    #[serde(default, rename = "type", deserialize_with = "loose")]
    pub kind: Option<String>,
    /// The country's part of the network code.
    #[serde(default, deserialize_with = "loose")]
    pub mobile_country_code: Option<String>,
    /// The network's part of it.
    #[serde(default, deserialize_with = "loose")]
    pub mobile_network_code: Option<String>,
}

/// A code to send, or to send again.
#[derive(Clone, Default)]
pub struct NewVerification {
    /// E.164, or an email address.
    pub to: String,
    /// How it travels; `sms` if not said.
    pub channel: Option<Channel>,
    /// The language of the text.
    pub locale: Option<String>,
    /// The name in the text, in place of the service's.
    pub custom_friendly_name: Option<String>,
    /// A code of our own, where the service allows it.
    pub custom_code: Option<SecretString>,
    /// Digits to dial after a call is answered.
    pub send_digits: Option<String>,
    /// The amount of a payment to confirm.
    pub amount: Option<String>,
    /// The receiver of that payment.
    pub payee: Option<String>,
    /// Programmable rate limits: a JSON object of names and values.
    pub rate_limits: Option<String>,
    /// Settings of the email channel: a JSON object.
    pub channel_configuration: Option<String>,
    /// The app that reads the SMS by itself.
    pub app_hash: Option<String>,
    /// A template of the text.
    pub template_sid: Option<Sid>,
    /// Values for its placeholders: a JSON object.
    pub template_custom_substitutions: Option<String>,
    /// The address of the customer's device.
    pub device_ip: Option<String>,
    /// `disable` goes around Fraud Guard.
    pub risk_check: Option<String>,
    /// At most ten tags: a JSON object.
    pub tags: Option<String>,
}

impl NewVerification {
    fn params(&self) -> Params {
        Params::new()
            .set("To", &self.to)
            .set("Channel", self.channel.as_ref().unwrap_or(&Channel::Sms))
            .text("Locale", &self.locale)
            .text("CustomFriendlyName", &self.custom_friendly_name)
            .maybe("CustomCode", self.custom_code.as_ref().map(ExposeSecret::expose_secret))
            .text("SendDigits", &self.send_digits)
            .text("Amount", &self.amount)
            .text("Payee", &self.payee)
            .text("RateLimits", &self.rate_limits)
            .text("ChannelConfiguration", &self.channel_configuration)
            .text("AppHash", &self.app_hash)
            .maybe("TemplateSid", self.template_sid)
            .text("TemplateCustomSubstitutions", &self.template_custom_substitutions)
            .text("DeviceIp", &self.device_ip)
            .text("RiskCheck", &self.risk_check)
            .text("Tags", &self.tags)
    }

    /// The parameters that Twilio is given, by name.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        self.params().pairs().to_vec()
    }
}

/// Shows no recipient and no code.
impl fmt::Debug for NewVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewVerification").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// Which verification a code is checked against.
#[derive(Debug, Clone)]
pub enum Checked {
    /// The pending one of this recipient.
    To(String),
    /// This one.
    Verification(Sid),
}

/// The outcome of a check.
#[derive(Debug, Clone, Deserialize)]
pub struct VerificationCheck {
    /// The verification, `VE...`
    pub sid: Sid,
    /// The recipient.
    #[serde(default, deserialize_with = "or_default")]
    pub to: String,
    /// How the latest code travelled.
    pub channel: Option<Channel>,
    /// `approved` if the code was right, else `pending`.
    pub status: VerificationStatus,
    /// Whether the code was right.
    #[serde(default, deserialize_with = "or_default")]
    pub valid: bool,
    /// When the verification was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// Verify.
#[derive(Debug, Clone, Copy)]
pub struct Verify<'a>(pub(super) &'a Client);

impl Client {
    /// Verify: services, verifications, checks, attempts, templates.
    pub fn verify(&self) -> Verify<'_> {
        Verify(self)
    }
}

impl Verify<'_> {
    /// Sends a code; while a verification of the recipient is pending, the same code again.
    ///
    /// # Errors
    /// Code 60203 after five sends, 60410 when Fraud Guard blocks the range, 60605 for a country that is
    /// not enabled. [`Error::RateLimited`] also when one of our own programmable limits was reached.
    pub async fn start(&self, service: Sid, new: &NewVerification) -> Result<Verification, Error> {
        self.0.post("verify", &format!("/v2/Services/{service}/Verifications"), new.params()).await
    }

    /// The pending verification of a recipient, or one by its SID.
    ///
    /// # Errors
    /// 20404 once it is approved or expired.
    pub async fn fetch(&self, service: Sid, which: &Checked) -> Result<Verification, Error> {
        self.0.get("verify", &path(service, which), Params::new()).await
    }

    /// Ends a pending verification.
    ///
    /// # Errors
    /// 20404 if it is over already.
    pub async fn cancel(&self, service: Sid, which: &Checked) -> Result<Verification, Error> {
        self.set_status(service, which, VerificationStatus::Canceled).await
    }

    /// Says that a code of our own was right.
    ///
    /// # Errors
    /// 20404 if it is over already.
    pub async fn approve(&self, service: Sid, which: &Checked) -> Result<Verification, Error> {
        self.set_status(service, which, VerificationStatus::Approved).await
    }

    async fn set_status(
        &self,
        service: Sid,
        which: &Checked,
        status: VerificationStatus,
    ) -> Result<Verification, Error> {
        self.0.post("verify", &path(service, which), Params::new().set("Status", status)).await
    }

    /// Checks a code. A wrong one is an answer, not an error.
    ///
    /// # Errors
    /// 20404 if nothing is pending, 60202 after five checks. After [`Error::Unknown`] fetch the
    /// verification: it is gone if the code was right.
    pub async fn check(
        &self,
        service: Sid,
        which: &Checked,
        code: &SecretString,
        payment: Option<(&str, &str)>,
    ) -> Result<VerificationCheck, Error> {
        let params = match which {
            Checked::To(to) => Params::new().set("To", to),
            Checked::Verification(sid) => Params::new().set("VerificationSid", sid),
        };
        let params = params
            .set("Code", code.expose_secret())
            .maybe("Amount", payment.map(|(amount, _)| amount))
            .maybe("Payee", payment.map(|(_, payee)| payee));
        self.0.post("verify", &format!("/v2/Services/{service}/VerificationCheck"), params).await
    }
}

fn path(service: Sid, which: &Checked) -> String {
    let which = match which {
        Checked::To(to) => segment(to),
        Checked::Verification(sid) => sid.to_string(),
    };
    format!("/v2/Services/{service}/Verifications/{which}")
}
