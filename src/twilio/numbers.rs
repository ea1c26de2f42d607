//! Phone numbers: those of the account, and those for sale.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::{Params, segment};
use super::wire::{Micros, loose, loose_date, or_default, words};
use crate::domain::id::Sid;

words! {
    /// The kinds of numbers that can be searched for.
    NumberKind {
        /// With an area code.
        Local = "Local",
        /// Free for the caller.
        TollFree = "TollFree",
        /// Of a mobile range.
        Mobile = "Mobile",
        /// Valid in the whole country.
        National = "National",
        /// The caller pays a part.
        SharedCost = "SharedCost",
        /// Of a range for internet telephony.
        Voip = "Voip",
        /// For machines.
        MachineToMachine = "MachineToMachine",
    }
}

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

/// Which numbers for sale to look for.
#[derive(Debug, Clone, Default)]
pub struct NumberSearch {
    /// Three digits (US, Canada).
    pub area_code: Option<String>,
    /// 2 to 16 characters; `*` stands for any digit, letters for their key.
    pub contains: Option<String>,
    /// Must take text messages.
    pub sms_enabled: Option<bool>,
    /// Must take media messages.
    pub mms_enabled: Option<bool>,
    /// Must take calls.
    pub voice_enabled: Option<bool>,
    /// Leave out those that need an address.
    pub exclude_all_address_required: Option<bool>,
    /// In this state or province.
    pub in_region: Option<String>,
    /// In this city.
    pub in_locality: Option<String>,
    /// In this postal code.
    pub in_postal_code: Option<String>,
    /// Near this number, E.164.
    pub near_number: Option<String>,
    /// Rows; Twilio rarely gives more than 30.
    pub page_size: Option<u32>,
}

/// A number for sale. It is not reserved: the purchase may fail with 21422.
#[derive(Debug, Clone, Deserialize)]
pub struct AvailableNumber {
    /// E.164.
    pub phone_number: String,
    /// As people of the country write it.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// City.
    #[serde(default, deserialize_with = "loose")]
    pub locality: Option<String>,
    /// State or province.
    #[serde(default, deserialize_with = "loose")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, deserialize_with = "loose")]
    pub postal_code: Option<String>,
    /// Two letters.
    #[serde(default, deserialize_with = "loose")]
    pub iso_country: Option<String>,
    /// Degrees north.
    #[serde(default, deserialize_with = "loose")]
    pub latitude: Option<Decimal>,
    /// Degrees east.
    #[serde(default, deserialize_with = "loose")]
    pub longitude: Option<Decimal>,
    /// `none`, `any`, `local` or `foreign`.
    #[serde(default, deserialize_with = "loose")]
    pub address_requirements: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// New at Twilio, perhaps with limits.
    #[serde(default, deserialize_with = "or_default")]
    pub beta: bool,
}

/// The account's numbers.
#[derive(Debug, Clone, Copy)]
pub struct Numbers<'a>(&'a Client);

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

    /// Looks for numbers for sale. `country` is two letters.
    ///
    /// # Errors
    /// As any read; 20404 if the country has no numbers of this kind.
    pub async fn search(
        &self,
        country: &str,
        kind: &NumberKind,
        search: &NumberSearch,
    ) -> Result<Page<AvailableNumber>, Error> {
        let query = Params::new()
            .text("AreaCode", &search.area_code)
            .text("Contains", &search.contains)
            .maybe("SmsEnabled", search.sms_enabled)
            .maybe("MmsEnabled", search.mms_enabled)
            .maybe("VoiceEnabled", search.voice_enabled)
            .maybe("ExcludeAllAddressRequired", search.exclude_all_address_required)
            .text("InRegion", &search.in_region)
            .text("InLocality", &search.in_locality)
            .text("InPostalCode", &search.in_postal_code)
            .text("NearNumber", &search.near_number)
            .maybe("PageSize", search.page_size);
        let place = format!("/AvailablePhoneNumbers/{}/{}.json", segment(country), segment(kind.as_str()));
        self.0.first_page("api", &self.0.account_path(&place), query, "available_phone_numbers").await
    }

    fn path(&self, sid: Sid) -> String {
        self.0.account_path(&format!("/IncomingPhoneNumbers/{sid}.json"))
    }
}
