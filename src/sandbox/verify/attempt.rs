//! An attempt: one send of a code, with what the channel knows of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::verification::Status;
use crate::sandbox::billing::price::Price;
use crate::sandbox::billing::{tariff, usage};
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
    /// Whether it was on its way, in files of older versions; now it has a price then.
    #[serde(default)]
    pub rated: bool,
    /// What it costs; none until it is on its way.
    #[serde(default)]
    pub price: Option<Price>,
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

    /// Fixes the price, for it is on its way now, and counts it as used.
    pub fn charge(&mut self, world: &mut World) -> Result<(), StoreError> {
        let (leaf, nano) = self.listed();
        self.price = Some(Price::fix(world, &self.sid, nano));
        usage::add(world, &self.account, leaf, 1, 1, nano)
    }

    /// The category of its usage, and its price by the table; a right code costs extra.
    fn listed(&self) -> (&'static str, u64) {
        let (table, country) = (tariff::table(), tariff::table().at(&self.to));
        match self.channel {
            Channel::Sms => ("authy-sms-outbound", tariff::nano(country.segment("shortcode").out)),
            Channel::Call => ("authy-calls-outbound", tariff::nano(country.call.out)),
            Channel::Whatsapp => ("verify-whatsapp-conversations-business-initiated", tariff::nano(table.whatsapp.out)),
            Channel::Email => ("authy-verify-outbound-email", 0),
        }
    }

    /// The price as an answer shows it, once it is said.
    fn said(&self, now: u64) -> Option<Value> {
        let (amount, unit) = match &self.price {
            Some(price) => (price.said(now)?, price.unit.as_str()),
            None if self.rated => (tariff::amount(self.listed().1), tariff::table().unit.as_str()),
            None => return None,
        };
        Some(json!({ "value": format!("{amount:.4}"), "currency": unit.to_ascii_lowercase() }))
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
            "price": self.said(world.now()),
            "channel_data": data,
            "url": format!("{}/v2/Attempts/{}", call.origin, self.sid),
        })
    }
}
