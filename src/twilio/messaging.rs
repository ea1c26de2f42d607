//! Messaging services: pools of senders with common settings.

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::numbers::Capabilities;
use super::params::Params;
use super::wire::{Micros, loose, loose_date};
use crate::domain::id::Sid;

/// A messaging service.
#[derive(Debug, Clone, Deserialize)]
pub struct MessagingService {
    /// `MG...`
    pub sid: Sid,
    /// Its account.
    #[serde(default, deserialize_with = "loose")]
    pub account_sid: Option<Sid>,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// Where inbound messages to its senders are announced; without one they are dropped unlogged.
    #[serde(default, deserialize_with = "loose")]
    pub inbound_request_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "loose")]
    pub inbound_method: Option<String>,
    /// Where they are announced when that fails.
    #[serde(default, deserialize_with = "loose")]
    pub fallback_url: Option<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "loose")]
    pub fallback_method: Option<String>,
    /// Where status callbacks go.
    #[serde(default, deserialize_with = "loose")]
    pub status_callback: Option<String>,
    /// The same sender for the same customer.
    #[serde(default, deserialize_with = "loose")]
    pub sticky_sender: Option<bool>,
    /// Media become a link where media messages do not work.
    #[serde(default, deserialize_with = "loose")]
    pub mms_converter: Option<bool>,
    /// Look-alike characters are replaced to save segments.
    #[serde(default, deserialize_with = "loose")]
    pub smart_encoding: Option<bool>,
    /// A long code takes over where a short code is not taken.
    #[serde(default, deserialize_with = "loose")]
    pub fallback_to_long_code: Option<bool>,
    /// Answers wait until a message has been checked.
    #[serde(default, deserialize_with = "loose")]
    pub synchronous_validation: Option<bool>,
    /// `inherit`, `enable` or `disable`.
    #[serde(default, deserialize_with = "loose")]
    pub scan_message_content: Option<String>,
    /// A sender of the customer's area is preferred.
    #[serde(default, deserialize_with = "loose")]
    pub area_code_geomatch: Option<bool>,
    /// Seconds a message may wait.
    #[serde(default, deserialize_with = "loose")]
    pub validity_period: Option<u32>,
    /// `notifications`, `marketing`, `verification`, ...
    #[serde(default, deserialize_with = "loose")]
    pub usecase: Option<String>,
    /// Whether a US campaign is registered for it.
    #[serde(default, deserialize_with = "loose")]
    pub us_app_to_person_registered: Option<bool>,
    /// Whether the number's own webhook wins.
    #[serde(default, deserialize_with = "loose")]
    pub use_inbound_webhook_on_number: Option<bool>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// What can be set on a messaging service; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct ServiceSettings {
    /// A name for people; needed for a new one.
    pub friendly_name: Option<String>,
    /// Where inbound messages are announced.
    pub inbound_request_url: Option<String>,
    /// `GET` or `POST`.
    pub inbound_method: Option<String>,
    /// Where they are announced when that fails.
    pub fallback_url: Option<String>,
    /// `GET` or `POST`.
    pub fallback_method: Option<String>,
    /// Where status callbacks go.
    pub status_callback: Option<String>,
    /// The same sender for the same customer.
    pub sticky_sender: Option<bool>,
    /// Media become a link where media messages do not work.
    pub mms_converter: Option<bool>,
    /// Replace look-alike characters.
    pub smart_encoding: Option<bool>,
    /// Let a long code take over where a short code is not taken.
    pub fallback_to_long_code: Option<bool>,
    /// Let answers wait until a message has been checked.
    pub synchronous_validation: Option<bool>,
    /// `inherit`, `enable` or `disable`.
    pub scan_message_content: Option<String>,
    /// Prefer a sender of the customer's area.
    pub area_code_geomatch: Option<bool>,
    /// Seconds a message may wait, 1 to 36000.
    pub validity_period: Option<u32>,
    /// `notifications`, `marketing`, `verification`, ...
    pub usecase: Option<String>,
    /// Let the number's own webhook win.
    pub use_inbound_webhook_on_number: Option<bool>,
}

impl ServiceSettings {
    fn params(&self) -> Params {
        Params::new()
            .text("FriendlyName", &self.friendly_name)
            .text("InboundRequestUrl", &self.inbound_request_url)
            .text("InboundMethod", &self.inbound_method)
            .text("FallbackUrl", &self.fallback_url)
            .text("FallbackMethod", &self.fallback_method)
            .text("StatusCallback", &self.status_callback)
            .maybe("StickySender", self.sticky_sender)
            .maybe("MmsConverter", self.mms_converter)
            .maybe("SmartEncoding", self.smart_encoding)
            .maybe("FallbackToLongCode", self.fallback_to_long_code)
            .maybe("SynchronousValidation", self.synchronous_validation)
            .text("ScanMessageContent", &self.scan_message_content)
            .maybe("AreaCodeGeomatch", self.area_code_geomatch)
            .maybe("ValidityPeriod", self.validity_period)
            .text("Usecase", &self.usecase)
            .maybe("UseInboundWebhookOnNumber", self.use_inbound_webhook_on_number)
    }
}

/// A number in a service's pool.
#[derive(Debug, Clone, Deserialize)]
pub struct ServiceNumber {
    /// `PN...`
    pub sid: Sid,
    /// E.164.
    pub phone_number: String,
    /// Two letters.
    #[serde(default, deserialize_with = "loose")]
    pub country_code: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Capabilities,
}

/// The account's messaging services.
#[derive(Debug, Clone, Copy)]
pub struct MessagingServices<'a>(pub(super) &'a Client);

impl Client {
    /// The account's messaging services.
    pub fn messaging_services(&self) -> MessagingServices<'_> {
        MessagingServices(self)
    }
}

impl MessagingServices<'_> {
    /// All services.
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self) -> Result<Page<MessagingService>, Error> {
        self.0.first_page("messaging", "/v1/Services", Params::new(), "services").await
    }

    /// One service.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<MessagingService, Error> {
        self.0.get("messaging", &format!("/v1/Services/{sid}"), Params::new()).await
    }

    /// Makes a service. Its name can carry a nonce by which it is found again.
    ///
    /// # Errors
    /// As any POST.
    pub async fn create(&self, settings: &ServiceSettings) -> Result<MessagingService, Error> {
        self.0.post("messaging", "/v1/Services", settings.params()).await
    }

    /// Changes a service's settings.
    ///
    /// # Errors
    /// As any POST.
    pub async fn update(&self, sid: Sid, settings: &ServiceSettings) -> Result<MessagingService, Error> {
        self.0.post("messaging", &format!("/v1/Services/{sid}"), settings.params()).await
    }

    /// Deletes a service. Its numbers stay with the account.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn delete(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("messaging", &format!("/v1/Services/{sid}")).await
    }

    /// The numbers in a service's pool.
    ///
    /// # Errors
    /// As any read.
    pub async fn numbers(&self, service: Sid) -> Result<Page<ServiceNumber>, Error> {
        let path = format!("/v1/Services/{service}/PhoneNumbers");
        self.0.first_page("messaging", &path, Params::new(), "phone_numbers").await
    }

    /// Puts a number into a service's pool.
    ///
    /// # Errors
    /// Code 21710 if it is there already, 21712 if it is in another service.
    pub async fn add_number(&self, service: Sid, number: Sid) -> Result<ServiceNumber, Error> {
        let path = format!("/v1/Services/{service}/PhoneNumbers");
        self.0.post("messaging", &path, Params::new().set("PhoneNumberSid", number)).await
    }

    /// Takes a number out of a service's pool; the account keeps it.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn remove_number(&self, service: Sid, number: Sid) -> Result<(), Error> {
        self.0.delete("messaging", &format!("/v1/Services/{service}/PhoneNumbers/{number}")).await
    }
}
