//! Numbers for sale.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Capabilities, Numbers};
use crate::twilio::error::Error;
use crate::twilio::http::page::Page;
use crate::twilio::params::{Params, segment};
use crate::twilio::wire::{loose, or_default, words};

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

impl Numbers<'_> {
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
}
