//! Phone numbers of the account: list, buy, change, give back. Those for sale are found by [`search`].

pub mod search;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{Micros, loose, loose_date, or_default};
use crate::domain::id::Sid;

/// What a number can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Calls.
    pub voice: bool,
    /// Text messages.
    pub sms: bool,
    /// Media messages.
    pub mms: bool,
    /// Faxes.
    pub fax: bool,
}

/// Twilio writes `{"sms": true}`, `{"SMS": true}` or `["SMS"]`.
impl<'de> Deserialize<'de> for Capabilities {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Capabilities, D::Error> {
        let has = |wanted: &str, value: &Value| match value {
            Value::Object(map) => map.iter().any(|(name, on)| name.eq_ignore_ascii_case(wanted) && *on == true),
            Value::Array(list) => {
                list.iter().any(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
            }
            _ => false,
        };
        let value = Value::deserialize(d)?;
        Ok(Capabilities {
            voice: has("voice", &value),
            sms: has("sms", &value),
            mms: has("mms", &value),
            fax: has("fax", &value),
        })
    }
}

/// A number of the account.
#[derive(Debug, Clone, Deserialize)]
pub struct IncomingPhoneNumber {
    /// `PN...`
    pub sid: Sid,
    /// The account that has it.
    #[serde(default, deserialize_with = "loose")]
    pub account_sid: Option<Sid>,
    /// E.164.
    pub phone_number: String,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Where inbound messages are announced.
    #[serde(default, deserialize_with = "loose")]
    pub sms_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "loose")]
    pub sms_method: Option<String>,
    /// Where they are announced when that fails.
    #[serde(default, deserialize_with = "loose")]
    pub sms_fallback_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "loose")]
    pub sms_fallback_method: Option<String>,
    /// A TwiML application; wins over the URLs.
    #[serde(default, deserialize_with = "loose")]
    pub sms_application_sid: Option<Sid>,
    /// Where calls are announced.
    #[serde(default, deserialize_with = "loose")]
    pub voice_url: Option<String>,
    /// Where the status of calls goes.
    #[serde(default, deserialize_with = "loose")]
    pub status_callback: Option<String>,
    /// The regulatory bundle it was bought under.
    #[serde(default, deserialize_with = "loose")]
    pub bundle_sid: Option<Sid>,
    /// The address given for it.
    #[serde(default, deserialize_with = "loose")]
    pub address_sid: Option<Sid>,
    /// `none`, `any`, `local` or `foreign`.
    #[serde(default, deserialize_with = "loose")]
    pub address_requirements: Option<String>,
    /// `twilio` or `hosted`.
    #[serde(default, deserialize_with = "loose")]
    pub origin: Option<String>,
    /// `in-use`.
    #[serde(default, deserialize_with = "loose")]
    pub status: Option<String>,
    /// `local`, `toll-free`, `mobile`, ...
    #[serde(default, rename = "type", deserialize_with = "loose")]
    pub kind: Option<String>,
    /// New at Twilio, perhaps with limits.
    #[serde(default, deserialize_with = "or_default")]
    pub beta: bool,
    /// When it was bought.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// What can be set on a number. `None` leaves a field as it is; empty text clears it.
#[derive(Debug, Clone, Default)]
pub struct NumberSettings {
    /// A name for people, at most 64 characters.
    pub friendly_name: Option<String>,
    /// Where inbound messages are announced.
    pub sms_url: Option<String>,
    /// `GET` or `POST`.
    pub sms_method: Option<String>,
    /// Where they are announced when that fails.
    pub sms_fallback_url: Option<String>,
    /// `GET` or `POST`.
    pub sms_fallback_method: Option<String>,
    /// A TwiML application; wins over the URLs. Empty removes it.
    pub sms_application_sid: Option<String>,
    /// Where calls are announced.
    pub voice_url: Option<String>,
    /// Where the status of calls goes.
    pub status_callback: Option<String>,
    /// An address, where the country asks for one.
    pub address_sid: Option<Sid>,
    /// A regulatory bundle, where the country asks for one.
    pub bundle_sid: Option<Sid>,
    /// An identity, where the country asks for one.
    pub identity_sid: Option<Sid>,
    /// Moves the number to this account of the same parent (update only).
    pub account_sid: Option<Sid>,
}

impl NumberSettings {
    fn params(&self, params: Params) -> Params {
        params
            .text("FriendlyName", &self.friendly_name)
            .text("SmsUrl", &self.sms_url)
            .text("SmsMethod", &self.sms_method)
            .text("SmsFallbackUrl", &self.sms_fallback_url)
            .text("SmsFallbackMethod", &self.sms_fallback_method)
            .text("SmsApplicationSid", &self.sms_application_sid)
            .text("VoiceUrl", &self.voice_url)
            .text("StatusCallback", &self.status_callback)
            .maybe("AddressSid", self.address_sid)
            .maybe("BundleSid", self.bundle_sid)
            .maybe("IdentitySid", self.identity_sid)
            .maybe("AccountSid", self.account_sid)
    }
}

/// Which number to buy.
#[derive(Debug, Clone)]
pub enum NumberChoice {
    /// This one, E.164.
    Number(String),
    /// Any of this area code (US, Canada).
    AreaCode(String),
}

/// Which of the account's numbers to list.
#[derive(Debug, Clone, Default)]
pub struct NumberFilter {
    /// A part of the number; `*` stands for any digit.
    pub phone_number: Option<String>,
    /// Exactly this name.
    pub friendly_name: Option<String>,
    /// Rows a page, at most 1000.
    pub page_size: Option<u32>,
}

/// The account's numbers.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a>(pub(super) &'a Client);

impl Client {
    /// The account's numbers, and those for sale.
    pub fn numbers(&self) -> Numbers<'_> {
        Numbers(self)
    }
}

impl Numbers<'_> {
    /// The account's numbers.
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self, filter: &NumberFilter) -> Result<Page<IncomingPhoneNumber>, Error> {
        let query = Params::new()
            .text("PhoneNumber", &filter.phone_number)
            .text("FriendlyName", &filter.friendly_name)
            .maybe("PageSize", filter.page_size);
        let path = self.0.account_path("/IncomingPhoneNumbers.json");
        self.0.first_page("api", &path, query, "incoming_phone_numbers").await
    }

    /// One number.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<IncomingPhoneNumber, Error> {
        self.0.get("api", &self.path(sid), Params::new()).await
    }

    /// Changes a number's settings.
    ///
    /// # Errors
    /// As any POST; the settings can be read again to see what became of an unknown one.
    pub async fn update(&self, sid: Sid, settings: &NumberSettings) -> Result<IncomingPhoneNumber, Error> {
        self.0.post("api", &self.path(sid), settings.params(Params::new())).await
    }

    /// Buys a number. It costs money at once and every month.
    ///
    /// # Errors
    /// Code 21422 if somebody else was faster. [`Error::Unknown`] means that it may be bought: list the
    /// account's numbers before trying again.
    pub async fn buy(&self, choice: &NumberChoice, settings: &NumberSettings) -> Result<IncomingPhoneNumber, Error> {
        let params = match choice {
            NumberChoice::Number(number) => Params::new().set("PhoneNumber", number),
            NumberChoice::AreaCode(code) => Params::new().set("AreaCode", code),
        };
        self.0.post("api", &self.0.account_path("/IncomingPhoneNumbers.json"), settings.params(params)).await
    }

    /// Gives a number back. It stops costing, and may go to somebody else.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn release(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("api", &self.path(sid)).await
    }

    fn path(&self, sid: Sid) -> String {
        self.0.account_path(&format!("/IncomingPhoneNumbers/{sid}.json"))
    }
}
