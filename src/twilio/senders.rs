//! Senders of a messaging service beside its numbers: short codes, and names that stand for the business.

use serde::Deserialize;

use super::error::Error;
use super::http::page::Page;
use super::messaging::MessagingServices;
use super::params::Params;
use super::wire::loose;
use crate::domain::id::Sid;

/// A short code in a service's pool.
#[derive(Debug, Clone, Deserialize)]
pub struct ServiceShortCode {
    /// `SC...`
    pub sid: Sid,
    /// Five or six digits.
    pub short_code: String,
    /// Two letters.
    #[serde(default, deserialize_with = "loose")]
    pub country_code: Option<String>,
}

/// A sender name in a service's pool.
#[derive(Debug, Clone, Deserialize)]
pub struct AlphaSender {
    /// `AI...`
    pub sid: Sid,
    /// At most eleven characters.
    pub alpha_sender: String,
    /// The country it is for; none is for all that take names.
    #[serde(default, deserialize_with = "loose")]
    pub iso_country_code: Option<String>,
}

impl MessagingServices<'_> {
    /// The short codes in a service's pool.
    ///
    /// # Errors
    /// As any read.
    pub async fn short_codes(&self, service: Sid) -> Result<Page<ServiceShortCode>, Error> {
        self.0.first_page("messaging", &path(service, "ShortCodes"), Params::new(), "short_codes").await
    }

    /// Puts a short code into a service's pool.
    ///
    /// # Errors
    /// Code 21710 if it is there already, 21712 if it is in another service.
    pub async fn add_short_code(&self, service: Sid, code: Sid) -> Result<ServiceShortCode, Error> {
        let params = Params::new().set("ShortCodeSid", code);
        self.0.post("messaging", &path(service, "ShortCodes"), params).await
    }

    /// Takes a short code out of a service's pool; the account keeps it.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn remove_short_code(&self, service: Sid, code: Sid) -> Result<(), Error> {
        self.0.delete("messaging", &format!("{}/{code}", path(service, "ShortCodes"))).await
    }

    /// The sender names in a service's pool, those for single countries included.
    ///
    /// # Errors
    /// As any read.
    pub async fn alpha_senders(&self, service: Sid) -> Result<Page<AlphaSender>, Error> {
        let path = path(service, "DestinationAlphaSenders");
        self.0.first_page("messaging", &path, Params::new(), "alpha_senders").await
    }

    /// Puts a sender name into a service's pool, for one country (ISO alpha-2) or for all.
    ///
    /// # Errors
    /// Code 21710 if there is one for that country already.
    pub async fn add_alpha_sender(
        &self,
        service: Sid,
        name: &str,
        iso_country: Option<&str>,
    ) -> Result<AlphaSender, Error> {
        let params = Params::new().set("AlphaSender", name).maybe("IsoCountryCode", iso_country);
        self.0.post("messaging", &path(service, "DestinationAlphaSenders"), params).await
    }

    /// Takes a sender name out of a service's pool.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn remove_alpha_sender(&self, service: Sid, sender: Sid) -> Result<(), Error> {
        self.0.delete("messaging", &format!("{}/{sender}", path(service, "DestinationAlphaSenders"))).await
    }
}

fn path(service: Sid, kind: &str) -> String {
    format!("/v1/Services/{service}/{kind}")
}
