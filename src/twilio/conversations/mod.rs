//! Conversations v1: conversations of the account's default service, and its configuration. People in
//! them and their messages stand in [`participants`] and [`messages`].
//!
//! A closed conversation is final. Its (customer, our number) pair may then take part in a new one.

pub mod messages;
pub mod participants;
#[cfg(test)]
mod tests;

use serde::Deserialize;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::params::{Params, segment};
use super::wire::{Micros, loose, loose_date, or_default, words};
use crate::domain::id::Sid;

words! {
    /// Where a conversation stands in its life.
    ConversationState {
        /// Being set up.
        Initializing = "initializing",
        /// In use.
        Active = "active",
        /// Quiet; a new message makes it active.
        Inactive = "inactive",
        /// Over for good.
        Closed = "closed",
    }
}

/// A conversation.
#[derive(Debug, Clone, Deserialize)]
pub struct Conversation {
    /// `CH...`
    pub sid: Sid,
    /// Its service, `IS...`
    #[serde(default, deserialize_with = "loose")]
    pub chat_service_sid: Option<Sid>,
    /// The messaging service that sends for it.
    #[serde(default, deserialize_with = "loose")]
    pub messaging_service_sid: Option<Sid>,
    /// A name for people.
    #[serde(default, deserialize_with = "loose")]
    pub friendly_name: Option<String>,
    /// A name for machines; can stand in place of the SID.
    #[serde(default, deserialize_with = "loose")]
    pub unique_name: Option<String>,
    /// A JSON object as text.
    #[serde(default, deserialize_with = "or_default")]
    pub attributes: String,
    /// Where it stands.
    pub state: Option<ConversationState>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// What can be set on a conversation; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct ConversationSettings {
    /// A name for people, at most 256 characters.
    pub friendly_name: Option<String>,
    /// A name for machines.
    pub unique_name: Option<String>,
    /// The messaging service that sends for it. Without one US messages go out unregistered.
    pub messaging_service_sid: Option<Sid>,
    /// A JSON object as text, at most 16 KB.
    pub attributes: Option<String>,
    /// Where it stands; `closed` is final.
    pub state: Option<ConversationState>,
    /// Becomes inactive after this time of silence, e.g. `PT30M`.
    pub timer_inactive: Option<String>,
    /// Closes after this time of being inactive, e.g. `P7D`.
    pub timer_closed: Option<String>,
}

impl ConversationSettings {
    fn params(&self) -> Params {
        Params::new()
            .text("FriendlyName", &self.friendly_name)
            .text("UniqueName", &self.unique_name)
            .maybe("MessagingServiceSid", self.messaging_service_sid)
            .text("Attributes", &self.attributes)
            .maybe("State", self.state.as_ref())
            .text("Timers.Inactive", &self.timer_inactive)
            .text("Timers.Closed", &self.timer_closed)
    }
}

/// Which conversations to list.
#[derive(Debug, Clone, Default)]
pub struct ConversationFilter {
    /// Changed at or after.
    pub from: Option<Micros>,
    /// Changed at or before.
    pub to: Option<Micros>,
    /// Only in this state.
    pub state: Option<ConversationState>,
    /// Rows a page, at most 100.
    pub page_size: Option<u32>,
}

/// The account's defaults.
#[derive(Debug, Clone, Deserialize)]
pub struct Configuration {
    /// The service that the paths without a service mean.
    #[serde(default, deserialize_with = "loose")]
    pub default_chat_service_sid: Option<Sid>,
    /// The messaging service of conversations that name none.
    #[serde(default, deserialize_with = "loose")]
    pub default_messaging_service_sid: Option<Sid>,
    /// The timer until inactive.
    #[serde(default, deserialize_with = "loose")]
    pub default_inactive_timer: Option<String>,
    /// The timer until closed.
    #[serde(default, deserialize_with = "loose")]
    pub default_closed_timer: Option<String>,
}

/// Where events of all conversations go.
#[derive(Debug, Clone, Deserialize)]
pub struct ConversationWebhooks {
    /// Asked before an action; can refuse it.
    #[serde(default, deserialize_with = "loose")]
    pub pre_webhook_url: Option<String>,
    /// Told after an action.
    #[serde(default, deserialize_with = "loose")]
    pub post_webhook_url: Option<String>,
    /// The events told, e.g. `onMessageAdded`.
    #[serde(default, deserialize_with = "or_default")]
    pub filters: Vec<String>,
    /// `GET` or `POST`.
    #[serde(default, deserialize_with = "loose")]
    pub method: Option<String>,
}

/// Conversations of the account's default service.
#[derive(Debug, Clone, Copy)]
pub struct Conversations<'a>(pub(super) &'a Client);

impl Client {
    /// Conversations of the account's default service.
    pub fn conversations(&self) -> Conversations<'_> {
        Conversations(self)
    }
}

impl Conversations<'_> {
    /// Makes a conversation.
    ///
    /// # Errors
    /// As any POST; a unique name makes it easy to find after [`Error::Unknown`].
    pub async fn create(&self, settings: &ConversationSettings) -> Result<Conversation, Error> {
        self.0.post("conversations", "/v1/Conversations", settings.params()).await
    }

    /// A conversation by its SID or unique name.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch(&self, name: &str) -> Result<Conversation, Error> {
        self.0.get("conversations", &format!("/v1/Conversations/{}", segment(name)), Params::new()).await
    }

    /// The conversations that fit.
    ///
    /// # Errors
    /// As any read.
    pub async fn list(&self, filter: &ConversationFilter) -> Result<Page<Conversation>, Error> {
        let query = Params::new()
            .moment("StartDate", filter.from)
            .moment("EndDate", filter.to)
            .maybe("State", filter.state.as_ref())
            .maybe("PageSize", filter.page_size);
        self.0.first_page("conversations", "/v1/Conversations", query, "conversations").await
    }

    /// Changes a conversation.
    ///
    /// # Errors
    /// Code 50377 if it is closed.
    pub async fn update(&self, sid: Sid, settings: &ConversationSettings) -> Result<Conversation, Error> {
        self.0.post("conversations", &path(sid, ""), settings.params()).await
    }

    /// Deletes a conversation with its messages for good.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn delete(&self, sid: Sid) -> Result<(), Error> {
        self.0.delete("conversations", &path(sid, "")).await
    }

    /// The account's defaults.
    ///
    /// # Errors
    /// As any read.
    pub async fn configuration(&self) -> Result<Configuration, Error> {
        self.0.get("conversations", "/v1/Configuration", Params::new()).await
    }

    /// Where events go.
    ///
    /// # Errors
    /// As any read.
    pub async fn webhooks(&self) -> Result<ConversationWebhooks, Error> {
        self.0.get("conversations", "/v1/Configuration/Webhooks", Params::new()).await
    }

    /// Sets where events go after an action, and which.
    ///
    /// # Errors
    /// As any POST.
    pub async fn set_webhooks(&self, post_url: &str, filters: &[&str]) -> Result<ConversationWebhooks, Error> {
        let params = Params::new().set("PostWebhookUrl", post_url).set("Method", "POST").each("Filters", filters);
        self.0.post("conversations", "/v1/Configuration/Webhooks", params).await
    }
}

fn path(conversation: Sid, rest: &str) -> String {
    format!("/v1/Conversations/{conversation}{rest}")
}
