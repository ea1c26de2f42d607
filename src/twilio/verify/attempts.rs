//! What Verify remembers for about 30 days: every send with its price and fate; and the text templates.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Channel, Verify};
use crate::domain::id::Sid;
use crate::twilio::error::Error;
use crate::twilio::http::page::Page;
use crate::twilio::params::{Params, segment};
use crate::twilio::wire::{Micros, loose, loose_date, or_default, words};

words! {
    /// Whether a send led to a right code.
    Conversion {
        /// The code came back.
        Converted = "converted",
        /// It has not.
        Unconverted = "unconverted",
    }
}

/// One send of a code, as Twilio remembers it.
#[derive(Debug, Clone, Deserialize)]
pub struct Attempt {
    /// `VL...`
    pub sid: Sid,
    /// Its service.
    #[serde(default, deserialize_with = "loose")]
    pub service_sid: Option<Sid>,
    /// Its verification.
    #[serde(default, deserialize_with = "loose")]
    pub verification_sid: Option<Sid>,
    /// Whether it led to a right code.
    pub conversion_status: Option<Conversion>,
    /// How it travelled.
    pub channel: Option<Channel>,
    /// What the channel cost; known some time later, without the fee for success.
    #[serde(default, deserialize_with = "or_default")]
    pub price: Price,
    /// What the channel knows.
    #[serde(default, deserialize_with = "or_default")]
    pub channel_data: ChannelData,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// An amount with its currency.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Price {
    /// The amount.
    #[serde(default, deserialize_with = "loose")]
    pub value: Option<Decimal>,
    /// `usd`, ...
    #[serde(default, deserialize_with = "loose")]
    pub currency: Option<String>,
}

/// What the channel knows of a send.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ChannelData {
    /// The recipient.
    #[serde(default, deserialize_with = "loose")]
    pub to: Option<String>,
    /// `confirmed`, `unconfirmed` or `expired`.
    #[serde(default, deserialize_with = "loose")]
    pub status: Option<String>,
    /// The status of the message.
    #[serde(default, deserialize_with = "loose")]
    pub message_status: Option<String>,
    /// The status of the call.
    #[serde(default, deserialize_with = "loose")]
    pub call_status: Option<String>,
    /// Why it failed.
    #[serde(default, deserialize_with = "loose")]
    pub error_code: Option<u32>,
    /// Two letters.
    #[serde(default, deserialize_with = "loose")]
    pub country: Option<String>,
    /// The language of the text.
    #[serde(default, deserialize_with = "loose")]
    pub locale: Option<String>,
    /// The recipient's carrier.
    #[serde(default, deserialize_with = "loose")]
    pub carrier: Option<String>,
    /// The country's part of the network code.
    #[serde(default, deserialize_with = "loose")]
    pub mcc: Option<String>,
    /// The network's part of it.
    #[serde(default, deserialize_with = "loose")]
    pub mnc: Option<String>,
}

/// Which attempts to list or to sum up.
#[derive(Debug, Clone, Default)]
pub struct AttemptFilter {
    /// Of this service.
    pub service: Option<Sid>,
    /// Of this verification (list only).
    pub verification: Option<Sid>,
    /// To this recipient (list only).
    pub to: Option<String>,
    /// Over this channel.
    pub channel: Option<Channel>,
    /// To this country, two letters.
    pub country: Option<String>,
    /// With or without a right code (list only).
    pub conversion: Option<Conversion>,
    /// To numbers that begin so (summary only).
    pub destination_prefix: Option<String>,
    /// Made after.
    pub after: Option<Micros>,
    /// Made before.
    pub before: Option<Micros>,
    /// Rows a page, at most 1000 (list only).
    pub page_size: Option<u32>,
}

impl AttemptFilter {
    fn common(&self) -> Params {
        Params::new()
            .maybe("VerifyServiceSid", self.service)
            .moment("DateCreatedAfter", self.after)
            .moment("DateCreatedBefore", self.before)
            .text("Country", &self.country)
            .maybe("Channel", self.channel.as_ref())
    }
}

/// Attempts summed up.
#[derive(Debug, Clone, Deserialize)]
pub struct AttemptsSummary {
    /// Sends.
    #[serde(default, deserialize_with = "loose")]
    pub total_attempts: Option<u64>,
    /// Those that led to a right code.
    #[serde(default, deserialize_with = "loose")]
    pub total_converted: Option<u64>,
    /// Those that did not.
    #[serde(default, deserialize_with = "loose")]
    pub total_unconverted: Option<u64>,
    /// Converted of all, in percent.
    #[serde(default, deserialize_with = "loose")]
    pub conversion_rate_percentage: Option<Decimal>,
}

/// A text template.
#[derive(Debug, Clone, Deserialize)]
pub struct Template {
    /// `HJ...`
    pub sid: Sid,
    /// Its name.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// Where it can be used.
    #[serde(default, deserialize_with = "or_default")]
    pub channels: Vec<Channel>,
    /// The texts, by language.
    #[serde(default, deserialize_with = "or_default")]
    pub translations: BTreeMap<String, Translation>,
}

/// A template's text in one language.
#[derive(Debug, Clone, Deserialize)]
pub struct Translation {
    /// The text, with placeholders such as `{{code}}`.
    #[serde(default, deserialize_with = "or_default")]
    pub text: String,
    /// `approved`, ...
    #[serde(default, deserialize_with = "loose")]
    pub status: Option<String>,
    /// Used when no language fits.
    #[serde(default, deserialize_with = "or_default")]
    pub is_default_translation: bool,
}

impl Verify<'_> {
    /// The attempts that fit, over all services.
    ///
    /// # Errors
    /// As any read.
    pub async fn attempts(&self, filter: &AttemptFilter) -> Result<Page<Attempt>, Error> {
        let query = filter
            .common()
            .maybe("VerificationSid", filter.verification)
            .text("ChannelData.To", &filter.to)
            .maybe("Status", filter.conversion.as_ref())
            .maybe("PageSize", filter.page_size);
        self.0.first_page("verify", "/v2/Attempts", query, "attempts").await
    }

    /// One attempt.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch_attempt(&self, sid: Sid) -> Result<Attempt, Error> {
        self.0.get("verify", &format!("/v2/Attempts/{sid}"), Params::new()).await
    }

    /// The attempts that fit, summed up.
    ///
    /// # Errors
    /// As any read.
    pub async fn attempts_summary(&self, filter: &AttemptFilter) -> Result<AttemptsSummary, Error> {
        let query = filter.common().text("DestinationPrefix", &filter.destination_prefix);
        self.0.get("verify", "/v2/Attempts/Summary", query).await
    }

    /// The account's templates.
    ///
    /// # Errors
    /// As any read.
    pub async fn templates(&self) -> Result<Page<Template>, Error> {
        self.0.first_page("verify", "/v2/Templates", Params::new(), "templates").await
    }

    /// Puts a number on the safe list: Fraud Guard and country permissions let it pass.
    ///
    /// # Errors
    /// Code 60411 if it is there already.
    pub async fn safelist(&self, number: &str) -> Result<(), Error> {
        let params = Params::new().set("PhoneNumber", number);
        self.0.post::<serde::de::IgnoredAny>("verify", "/v2/SafeList/Numbers", params).await.map(drop)
    }

    /// Takes a number off the safe list.
    ///
    /// # Errors
    /// 20404 if it is not there.
    pub async fn unsafelist(&self, number: &str) -> Result<(), Error> {
        self.0.delete("verify", &format!("/v2/SafeList/Numbers/{}", segment(number))).await
    }
}
