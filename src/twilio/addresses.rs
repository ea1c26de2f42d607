//! Postal addresses of an account, which some countries ask for with a number.

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{Micros, loose, loose_date, or_default};
use crate::domain::id::Sid;

/// An address.
#[derive(Debug, Clone, Deserialize)]
pub struct Address {
    /// `AD...`
    pub sid: Sid,
    /// Whose address it is.
    #[serde(default, deserialize_with = "loose")]
    pub customer_name: Option<String>,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// Number and street.
    #[serde(default, deserialize_with = "loose")]
    pub street: Option<String>,
    /// Its second line.
    #[serde(default, deserialize_with = "loose")]
    pub street_secondary: Option<String>,
    /// The city.
    #[serde(default, deserialize_with = "loose")]
    pub city: Option<String>,
    /// State or region.
    #[serde(default, deserialize_with = "loose")]
    pub region: Option<String>,
    /// The postal code.
    #[serde(default, deserialize_with = "loose")]
    pub postal_code: Option<String>,
    /// ISO alpha-2.
    #[serde(default, deserialize_with = "loose")]
    pub iso_country: Option<String>,
    /// Whether it may be used for emergency calls.
    #[serde(default, deserialize_with = "or_default")]
    pub emergency_enabled: bool,
    /// Whether it meets the country's rules.
    #[serde(default, deserialize_with = "or_default")]
    pub verified: bool,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
}

/// What can be set on an address. All but the last four are needed for a new one; `None` leaves a field as
/// it is.
#[derive(Debug, Clone, Default)]
pub struct AddressSettings {
    /// Whose address it is.
    pub customer_name: Option<String>,
    /// Number and street.
    pub street: Option<String>,
    /// The city.
    pub city: Option<String>,
    /// State or region.
    pub region: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// ISO alpha-2; cannot be changed later.
    pub iso_country: Option<String>,
    /// Its second line.
    pub street_secondary: Option<String>,
    /// A name for people.
    pub friendly_name: Option<String>,
    /// Use it for emergency calls.
    pub emergency_enabled: Option<bool>,
    /// Let Twilio correct it; on if not said.
    pub auto_correct_address: Option<bool>,
}

impl AddressSettings {
    fn params(&self) -> Params {
        Params::new()
            .text("CustomerName", &self.customer_name)
            .text("Street", &self.street)
            .text("City", &self.city)
            .text("Region", &self.region)
            .text("PostalCode", &self.postal_code)
            .text("IsoCountry", &self.iso_country)
            .text("StreetSecondary", &self.street_secondary)
            .text("FriendlyName", &self.friendly_name)
            .maybe("EmergencyEnabled", self.emergency_enabled)
            .maybe("AutoCorrectAddress", self.auto_correct_address)
    }
}

/// The addresses of an account.
#[derive(Debug, Clone, Copy)]
pub struct Addresses<'a>(&'a Client);

impl Client {
    /// The account's addresses.
    pub fn addresses(&self) -> Addresses<'_> {
        Addresses(self)
    }
}

impl Addresses<'_> {
    /// All addresses, or those of a country (ISO alpha-2).
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self, iso_country: Option<&str>) -> Result<Page<Address>, Error> {
        let query = Params::new().maybe("IsoCountry", iso_country);
        self.0.first_page("api", &self.0.account_path("/Addresses.json"), query, "addresses").await
    }

    /// Makes an address.
    ///
    /// # Errors
    /// As any POST.
    pub async fn create(&self, settings: &AddressSettings) -> Result<Address, Error> {
        self.0.post("api", &self.0.account_path("/Addresses.json"), settings.params()).await
    }

    /// One address.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<Address, Error> {
        self.0.get("api", &self.path(sid), Params::new()).await
    }

    /// Changes an address.
    ///
    /// # Errors
    /// As any POST.
    pub async fn update(&self, sid: Sid, settings: &AddressSettings) -> Result<Address, Error> {
        self.0.post("api", &self.path(sid), settings.params()).await
    }

    /// Deletes an address.
    ///
    /// # Errors
    /// As any deletion; an address that a number depends on stays.
    pub async fn delete(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("api", &self.path(sid)).await
    }

    fn path(&self, sid: Sid) -> String {
        self.0.account_path(&format!("/Addresses/{sid}.json"))
    }
}
