//! Messages: SMS, MMS, WhatsApp and RCS of the 2010 API.

use futures_util::Stream;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::asked::Asked;
use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::Params;
use super::wire::{MessageStatus, Micros, loose, loose_date, or_default, words};
use crate::domain::id::Sid;

words! {
    /// Which way a message went, and who caused it.
    Direction {
        /// From a customer.
        Inbound = "inbound",
        /// Sent by a request.
        OutboundApi = "outbound-api",
        /// Sent during a call.
        OutboundCall = "outbound-call",
        /// Sent by the answer to a webhook.
        OutboundReply = "outbound-reply",
    }
}

/// A message at Twilio. What Twilio left out or sent empty is `None`.
#[derive(Debug, Clone, Deserialize)]
pub struct Message {
    /// `SM...` or `MM...`.
    pub sid: Sid,
    /// Its account.
    #[serde(default, deserialize_with = "loose")]
    pub account_sid: Option<Sid>,
    /// The messaging service it was sent through.
    #[serde(default, deserialize_with = "loose")]
    pub messaging_service_sid: Option<Sid>,
    /// The sender; unknown until a messaging service has chosen one.
    #[serde(default, deserialize_with = "loose")]
    pub from: Option<String>,
    /// The recipient.
    #[serde(default, deserialize_with = "loose")]
    pub to: Option<String>,
    /// The text; empty when it was redacted or only media were sent.
    #[serde(default, deserialize_with = "or_default")]
    pub body: String,
    /// What became of it.
    pub status: MessageStatus,
    /// Which way it went.
    pub direction: Option<Direction>,
    /// Segments billed; 0 until a sender is chosen.
    #[serde(default, deserialize_with = "loose")]
    pub num_segments: Option<u32>,
    /// Attached files.
    #[serde(default, deserialize_with = "loose")]
    pub num_media: Option<u32>,
    /// What it cost, negative; known some time after sending, without carrier fees.
    #[serde(default, deserialize_with = "loose")]
    pub price: Option<Decimal>,
    /// The currency of the price.
    #[serde(default, deserialize_with = "loose")]
    pub price_unit: Option<String>,
    /// Why it failed.
    #[serde(default, deserialize_with = "loose")]
    pub error_code: Option<u32>,
    /// Why it failed, in Twilio's words.
    #[serde(default, deserialize_with = "loose")]
    pub error_message: Option<String>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it went out, or came in.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_sent: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// A message to send. `to`, one of `from` and `messaging_service_sid`, and one of `body`, `media_urls`
/// and `content_sid` are needed; Twilio checks the rest.
#[derive(Debug, Clone, Default)]
pub struct NewMessage {
    /// E.164 or a channel address such as `whatsapp:+1...`.
    pub to: String,
    /// A number, short code, sender name or channel address of the account.
    pub from: Option<String>,
    /// The service that chooses the sender.
    pub messaging_service_sid: Option<Sid>,
    /// At most 1600 characters.
    pub body: Option<String>,
    /// At most ten public URLs.
    pub media_urls: Vec<String>,
    /// A content template.
    pub content_sid: Option<Sid>,
    /// The template's values, a JSON object as text.
    pub content_variables: Option<String>,
    /// Where status callbacks go.
    pub status_callback: Option<String>,
    /// A TwiML application whose status callback is used.
    pub application_sid: Option<Sid>,
    /// Seconds the message may wait, 1 to 36000.
    pub validity_period: Option<u32>,
    /// Replace look-alike characters to save segments.
    pub smart_encoded: Option<bool>,
    /// Send at this time instead of now; needs a messaging service.
    pub send_at: Option<Micros>,
    /// Feedback will be given whether the message reached its purpose.
    pub provide_feedback: Option<bool>,
    /// The number of this try, for Twilio's statistics.
    pub attempt: Option<u32>,
    /// Reserved by Twilio.
    pub force_delivery: Option<bool>,
    /// `retain` or `discard`.
    pub content_retention: Option<String>,
    /// `retain` or `obfuscate`.
    pub address_retention: Option<String>,
    /// Rich actions of a channel, e.g. `geo:52.5,13.4|Office`.
    pub persistent_actions: Vec<String>,
    /// `free` for traffic that is not billed to the end user.
    pub traffic_type: Option<String>,
    /// Shorten links; needs a messaging service.
    pub shorten_urls: Option<bool>,
    /// One MMS instead of several segments.
    pub send_as_mms: Option<bool>,
    /// `disable` skips the check for SMS pumping.
    pub risk_check: Option<String>,
    /// The sender for SMS when RCS does not reach.
    pub fallback_from: Option<String>,
    /// Tags, a JSON object as text.
    pub tags: Option<String>,
}

impl NewMessage {
    fn params(&self) -> Params {
        Params::new()
            .set("To", self.to.as_str())
            .text("From", &self.from)
            .maybe("MessagingServiceSid", self.messaging_service_sid)
            .text("Body", &self.body)
            .each("MediaUrl", &self.media_urls)
            .maybe("ContentSid", self.content_sid)
            .text("ContentVariables", &self.content_variables)
            .text("StatusCallback", &self.status_callback)
            .maybe("ApplicationSid", self.application_sid)
            .maybe("ValidityPeriod", self.validity_period)
            .maybe("SmartEncoded", self.smart_encoded)
            .maybe("ScheduleType", self.send_at.map(|_| "fixed"))
            .moment("SendAt", self.send_at)
            .maybe("ProvideFeedback", self.provide_feedback)
            .maybe("Attempt", self.attempt)
            .maybe("ForceDelivery", self.force_delivery)
            .text("ContentRetention", &self.content_retention)
            .text("AddressRetention", &self.address_retention)
            .each("PersistentAction", &self.persistent_actions)
            .text("TrafficType", &self.traffic_type)
            .maybe("ShortenUrls", self.shorten_urls)
            .maybe("SendAsMms", self.send_as_mms)
            .text("RiskCheck", &self.risk_check)
            .text("FallbackFrom", &self.fallback_from)
            .text("Tags", &self.tags)
    }
}

/// Which messages to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Only to this address.
    pub to: Option<String>,
    /// Only from this address.
    pub from: Option<String>,
    /// Sent at or after.
    pub sent_after: Option<Micros>,
    /// Sent at or before.
    pub sent_before: Option<Micros>,
    /// Sent on this day (UTC).
    pub sent_on: Option<Micros>,
    /// Rows a page, at most 1000; 50 if not said.
    pub page_size: Option<u32>,
}

/// The messages of an account.
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a>(pub(super) &'a Client);

impl Client {
    /// The account's messages.
    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }
}

impl Messages<'_> {
    /// Sends a message: one POST, never repeated here.
    ///
    /// # Errors
    /// [`Error::Unknown`] means that the message may be on its way: look before sending again.
    pub async fn create(&self, new: &NewMessage) -> Result<Message, Error> {
        self.0.post("api", &self.0.account_path("/Messages.json"), new.params()).await
    }

    /// The request that would send a message, without sending it.
    ///
    /// # Errors
    /// When the base is no URL.
    pub fn describe(&self, new: &NewMessage) -> Result<Asked, Error> {
        self.0.describe("POST", "api", self.0.account_path("/Messages.json"), &new.params())
    }

    /// One message.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, sid: Sid) -> Result<Message, Error> {
        self.0.get("api", &self.path(sid), Params::new()).await
    }

    /// The first page of the messages that fit; go on with [`Client::next_page`] or [`Client::rows`].
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self, filter: &MessageFilter) -> Result<Page<Message>, Error> {
        // The operator is part of the name: `DateSent>=...` is the parameter `DateSent>`.
        let query = Params::new()
            .text("To", &filter.to)
            .text("From", &filter.from)
            .day("DateSent", filter.sent_on)
            .moment("DateSent>", filter.sent_after)
            .moment("DateSent<", filter.sent_before)
            .maybe("PageSize", filter.page_size);
        self.0.first_page("api", &self.0.account_path("/Messages.json"), query, "messages").await
    }

    /// All messages that fit, fetched page by page as the stream is read.
    ///
    /// # Errors
    /// As any read; the stream ends after an error.
    pub async fn stream(
        &self,
        filter: &MessageFilter,
    ) -> Result<impl Stream<Item = Result<Message, Error>> + use<>, Error> {
        Ok(self.0.rows(self.list(filter).await?))
    }

    /// Removes the text of a message for good; the rest of the record stays.
    ///
    /// # Errors
    /// Code 20009 while the message is on its way.
    pub async fn redact(&self, sid: Sid) -> Result<Message, Error> {
        self.0.post("api", &self.path(sid), Params::new().set("Body", "")).await
    }

    /// Cancels a scheduled message.
    ///
    /// # Errors
    /// Code 30409 if it is too late.
    pub async fn cancel(&self, sid: Sid) -> Result<Message, Error> {
        self.0.post("api", &self.path(sid), Params::new().set("Status", "canceled")).await
    }

    /// Tells Twilio whether a message reached its purpose; it was sent with `provide_feedback`.
    ///
    /// # Errors
    /// As any POST.
    pub async fn feedback(&self, sid: Sid, confirmed: bool) -> Result<(), Error> {
        let path = self.0.account_path(&format!("/Messages/{sid}/Feedback.json"));
        let params = Params::new().set("Outcome", if confirmed { "confirmed" } else { "unconfirmed" });
        self.0.post::<serde::de::IgnoredAny>("api", &path, params).await.map(|_| ())
    }

    /// Deletes a message and its media for good.
    ///
    /// # Errors
    /// Code 20009 while the message is on its way.
    pub async fn delete(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("api", &self.path(sid)).await
    }

    fn path(&self, sid: Sid) -> String {
        self.0.account_path(&format!("/Messages/{sid}.json"))
    }
}
