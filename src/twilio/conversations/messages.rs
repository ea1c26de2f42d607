//! Messages in a conversation, and what became of them at each participant.

use serde::Deserialize;

use super::{Conversations, path};
use crate::domain::id::Sid;
use crate::twilio::error::Error;
use crate::twilio::http::page::Page;
use crate::twilio::params::Params;
use crate::twilio::wire::{Micros, loose, loose_date, or_default, words};

/// A message in a conversation.
#[derive(Debug, Clone, Deserialize)]
pub struct ConversationMessage {
    /// `IM...`
    pub sid: Sid,
    /// The conversation.
    #[serde(default, deserialize_with = "loose")]
    pub conversation_sid: Option<Sid>,
    /// Its place; rises, may skip.
    #[serde(default, deserialize_with = "loose")]
    pub index: Option<u64>,
    /// Who wrote it: an address, an identity or `system`.
    #[serde(default, deserialize_with = "loose")]
    pub author: Option<String>,
    /// The participant who wrote it.
    #[serde(default, deserialize_with = "loose")]
    pub participant_sid: Option<Sid>,
    /// The text.
    #[serde(default, deserialize_with = "or_default")]
    pub body: String,
    /// Attached files.
    #[serde(default, deserialize_with = "or_default")]
    pub media: Vec<ConversationMedia>,
    /// A JSON object as text; carries our own id.
    #[serde(default, deserialize_with = "or_default")]
    pub attributes: String,
    /// What became of it, summed up; none before it went out.
    pub delivery: Option<Delivery>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it was edited.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// A file in a conversation; its bytes live at the `mcs` host.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ConversationMedia {
    /// `ME...`
    #[serde(alias = "Sid", alias = "MediaSid")]
    pub sid: Sid,
    /// Bytes.
    #[serde(default, alias = "Size", deserialize_with = "loose")]
    pub size: Option<u64>,
    /// Its MIME type.
    #[serde(default, alias = "ContentType", deserialize_with = "loose")]
    pub content_type: Option<String>,
    /// Its name. Hostile text.
    #[serde(default, alias = "Filename", deserialize_with = "loose")]
    pub filename: Option<String>,
}

words! {
    /// How many of the recipients.
    Share {
        /// Every one.
        All = "all",
        /// Not every one.
        Some = "some",
        /// Not one.
        None = "none",
    }
}

/// What became of a message, summed up over its recipients outside chat.
#[derive(Debug, Clone, Deserialize)]
pub struct Delivery {
    /// Recipients.
    #[serde(default, deserialize_with = "loose")]
    pub total: Option<u32>,
    /// Sent.
    pub sent: Option<Share>,
    /// Delivered.
    pub delivered: Option<Share>,
    /// Read.
    pub read: Option<Share>,
    /// Failed.
    pub failed: Option<Share>,
    /// Not delivered.
    pub undelivered: Option<Share>,
}

/// What became of a message at one participant.
#[derive(Debug, Clone, Deserialize)]
pub struct Receipt {
    /// `DY...`
    pub sid: Sid,
    /// The message in the conversation.
    #[serde(default, deserialize_with = "loose")]
    pub message_sid: Option<Sid>,
    /// The message that was sent over the channel, `SM...`
    #[serde(default, deserialize_with = "loose")]
    pub channel_message_sid: Option<Sid>,
    /// The participant.
    #[serde(default, deserialize_with = "loose")]
    pub participant_sid: Option<Sid>,
    /// What became of it.
    pub status: Option<crate::twilio::wire::MessageStatus>,
    /// Why it failed; 0 if it did not.
    #[serde(default, deserialize_with = "loose")]
    pub error_code: Option<u32>,
    /// When it was made.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
    /// When it changed last.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_updated: Option<Micros>,
}

/// A message to put into a conversation; it goes to everybody but its author.
#[derive(Debug, Clone, Default)]
pub struct NewConversationMessage {
    /// Who writes; `system` if not said.
    pub author: Option<String>,
    /// The text.
    pub body: Option<String>,
    /// A file uploaded before.
    pub media_sid: Option<Sid>,
    /// A content template.
    pub content_sid: Option<Sid>,
    /// The template's values, a JSON object as text.
    pub content_variables: Option<String>,
    /// A JSON object as text, at most 4 KB.
    pub attributes: Option<String>,
}

impl Conversations<'_> {
    /// Writes a message: one POST, never repeated here.
    ///
    /// # Errors
    /// Code 50377 if the conversation is closed. After [`Error::Unknown`] list the messages and look for
    /// our id in their attributes.
    pub async fn create_message(
        &self,
        conversation: Sid,
        new: &NewConversationMessage,
    ) -> Result<ConversationMessage, Error> {
        let params = Params::new()
            .text("Author", &new.author)
            .text("Body", &new.body)
            .maybe("MediaSid", new.media_sid)
            .maybe("ContentSid", new.content_sid)
            .text("ContentVariables", &new.content_variables)
            .text("Attributes", &new.attributes);
        self.0.post("conversations", &path(conversation, "/Messages"), params).await
    }

    /// The messages of a conversation, oldest or newest first.
    ///
    /// # Errors
    /// As any read.
    pub async fn messages(&self, conversation: Sid, newest_first: bool) -> Result<Page<ConversationMessage>, Error> {
        let query = Params::new().set("Order", if newest_first { "desc" } else { "asc" }).set("PageSize", 100);
        self.0.first_page("conversations", &path(conversation, "/Messages"), query, "messages").await
    }

    /// One message.
    ///
    /// # Errors
    /// As any read.
    pub async fn fetch_message(&self, conversation: Sid, message: Sid) -> Result<ConversationMessage, Error> {
        self.0.get("conversations", &path(conversation, &format!("/Messages/{message}")), Params::new()).await
    }

    /// Deletes a message for good.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn delete_message(&self, conversation: Sid, message: Sid) -> Result<(), Error> {
        self.0.delete("conversations", &path(conversation, &format!("/Messages/{message}"))).await
    }

    /// What became of a message at each participant.
    ///
    /// # Errors
    /// As any read.
    pub async fn receipts(&self, conversation: Sid, message: Sid) -> Result<Page<Receipt>, Error> {
        let path = path(conversation, &format!("/Messages/{message}/Receipts"));
        self.0.first_page("conversations", &path, Params::new(), "delivery_receipts").await
    }
}
