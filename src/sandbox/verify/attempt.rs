//! An attempt: one send of a code, with what the channel knows of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::verification::Status;
use crate::sandbox::call::Call;
use crate::sandbox::carrier::message::Fate;
use crate::sandbox::carrier::{geography, line};
use crate::sandbox::clock::rfc3339;
use crate::sandbox::error::StoreError;
use crate::sandbox::paging;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// How a code travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "Twilio's own words")]
pub enum Channel {
    Sms,
    Call,
    Whatsapp,
    Email,
}

impl Channel {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Sms, Self::Call, Self::Whatsapp, Self::Email];

    /// Twilio's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Call => "call",
            Self::Whatsapp => "whatsapp",
            Self::Email => "email",
        }
    }

    /// The word in a verification's list of sends, where some channels stand in capitals.
    pub fn sent(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Call => "CALL",
            Self::Whatsapp => "whatsapp",
            Self::Email => "EMAIL",
        }
    }

    /// List prices of 2026 for a send, US, in dollars; a right code costs extra.
    pub fn price(self) -> &'static str {
        match self {
            Self::Sms => "0.0083",
            Self::Call => "0.0140",
            Self::Whatsapp => "0.0147",
            Self::Email => "0.0000",
        }
    }

    /// The handset or mailbox of a recipient.
    pub fn address(self, to: &str) -> String {
        if self == Self::Whatsapp { format!("whatsapp:{to}") } else { to.to_owned() }
    }
}

/// What arrives.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// The sender.
    pub from: String,
    /// The text, or what the call says.
    pub text: String,
    /// Of an email.
    pub subject: String,
    /// The email template, and its substitutions.
    pub email: Option<Value>,
}

/// An attempt.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// `VL...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// The service.
    pub service: String,
    /// The verification.
    pub verification: String,
    /// The recipient.
    pub to: String,
    /// How it travels.
    pub channel: Channel,
    /// Where it stands, in the words of messages or of calls.
    pub progress: String,
    /// What will become of it.
    pub fate: Fate,
    /// The error it will have, or has.
    #[serde(default)]
    pub error: Option<u32>,
    /// What arrives.
    pub content: Content,
    /// The language.
    pub locale: String,
    /// Digits of the code.
    pub code_length: usize,
    /// `unconfirmed`, `confirmed` or `expired`.
    pub state: String,
    /// Whether it was on its way, which is what costs.
    #[serde(default)]
    pub rated: bool,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Attempt {
    const KIND: &'static str = "verify-attempt";
}

/// The index of an account's attempts.
pub const INDEX: &str = "verify-attempts";

/// Whether a verification with this status has not ended.
pub fn open(status: Status) -> bool {
    matches!(status, Status::Pending | Status::MaxAttemptsReached)
}

impl Attempt {
    /// Saves a new one.
    pub fn begin(&self, world: &mut World) -> Result<(), StoreError> {
        world.link(INDEX, &paging::key(&self.account, self.created, self.sequence), &self.sid)?;
        world.count("verifyAttempts", true);
        world.put(&self.sid, self)
    }

    /// The verification ended. Twilio's sources do not say which of several sends counts as the one that
    /// led to the right code; here it is the last.
    pub fn conclude(&mut self, status: Status, last: bool, now: u64) {
        let state = match status {
            Status::Approved if last => "confirmed",
            Status::Expired => "expired",
            _ => "unconfirmed",
        };
        self.state = state.to_owned();
        self.updated = now;
    }

    /// Whether it led to the right code.
    pub fn converted(&self) -> bool {
        self.state == "confirmed"
    }

    /// The country of the recipient, ISO alpha-2; none for an email address.
    pub fn country(&self) -> Option<String> {
        let country = geography::place(&self.to).country;
        (self.channel != Channel::Email && !country.is_empty()).then_some(country)
    }

    /// What an answer shows; never the code.
    pub fn show(&self, world: &World, call: &Call) -> Value {
        let phone = self.channel != Channel::Email;
        let network = if phone { line::network(world.seed(), &self.to) } else { line::Network::default() };
        let failed = matches!(self.progress.as_str(), "undelivered" | "failed" | "busy" | "no-answer");
        let progress = if self.channel == Channel::Call { "call_status" } else { "message_status" };
        let mut data = json!({
            "verification_sid": self.verification,
            "to": self.to,
            "status": self.state,
            "error_code": self.error.filter(|_| failed).map(|code| code.to_string()),
            "country": self.country(),
            "code_length": self.code_length,
            "locale": self.locale,
            "mcc": network.mcc,
            "mnc": network.mnc,
            "carrier": network.carrier,
        });
        data[progress] = json!(self.progress);
        json!({
            "sid": self.sid,
            "account_sid": self.account,
            "service_sid": self.service,
            "verification_sid": self.verification,
            "date_created": rfc3339(self.created),
            "date_updated": rfc3339(self.updated),
            "conversion_status": if self.converted() { "converted" } else { "unconverted" },
            "channel": self.channel.word(),
            "price": self.rated.then(|| json!({ "value": self.channel.price(), "currency": "usd" })),
            "channel_data": data,
            "url": format!("{}/v2/Attempts/{}", call.origin, self.sid),
        })
    }
}
