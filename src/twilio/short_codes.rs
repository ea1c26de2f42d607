//! Short codes of an account. They are leased by contract; the API only configures them.

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{Micros, loose, loose_date};
use crate::domain::id::Sid;

/// A short code.
#[derive(Debug, Clone, Deserialize)]
pub struct ShortCode {
    /// `SC...`
    pub sid: Sid,
    /// Five or six digits.
    pub short_code: String,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
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
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
}

/// What can be set on a short code. `None` leaves a field as it is; empty text clears it.
#[derive(Debug, Clone, Default)]
pub struct ShortCodeSettings {
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
}

/// The short codes of an account.
#[derive(Debug, Clone, Copy)]
pub struct ShortCodes<'a>(&'a Client);

impl Client {
    /// The account's short codes.
    pub fn short_codes(&self) -> ShortCodes<'_> {
        ShortCodes(self)
    }
}

impl ShortCodes<'_> {
    /// All short codes, or those that contain some digits.
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self, digits: Option<&str>) -> Result<Page<ShortCode>, Error> {
        let query = Params::new().maybe("ShortCode", digits);
        self.0.first_page("api", &self.0.account_path("/SMS/ShortCodes.json"), query, "short_codes").await
    }

    /// One short code.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<ShortCode, Error> {
        self.0.get("api", &self.path(sid), Params::new()).await
    }

    /// Configures a short code.
    ///
    /// # Errors
    /// As any POST.
    pub async fn update(&self, sid: Sid, settings: &ShortCodeSettings) -> Result<ShortCode, Error> {
        let params = Params::new()
            .text("FriendlyName", &settings.friendly_name)
            .text("SmsUrl", &settings.sms_url)
            .text("SmsMethod", &settings.sms_method)
            .text("SmsFallbackUrl", &settings.sms_fallback_url)
            .text("SmsFallbackMethod", &settings.sms_fallback_method);
        self.0.post("api", &self.path(sid), params).await
    }

    fn path(&self, sid: Sid) -> String {
        self.0.account_path(&format!("/SMS/ShortCodes/{sid}.json"))
    }
}
