//! The webhooks of Conversations: messages, deliveries, participants, states.

use super::{BadPayload, essential, filled, sid};
use crate::domain::id::Sid;
use crate::twilio::conversations::messages::ConversationMedia;
use crate::twilio::form::Form;
use crate::twilio::wire::{MessageStatus, Micros, date, words};

words! {
    /// What happened. Only events told after the fact are listed; others are kept as `Other`.
    ConversationEventType {
        /// A message came in or was written.
        MessageAdded = "onMessageAdded",
        /// A message was edited.
        MessageUpdated = "onMessageUpdated",
        /// A message was deleted.
        MessageRemoved = "onMessageRemoved",
        /// What became of a message at a participant.
        DeliveryUpdated = "onDeliveryUpdated",
        /// A conversation was made.
        ConversationAdded = "onConversationAdded",
        /// A conversation changed.
        ConversationUpdated = "onConversationUpdated",
        /// A conversation was deleted.
        ConversationRemoved = "onConversationRemoved",
        /// A conversation became active, inactive or closed.
        StateUpdated = "onConversationStateUpdated",
        /// Somebody joined.
        ParticipantAdded = "onParticipantAdded",
        /// Somebody changed.
        ParticipantUpdated = "onParticipantUpdated",
        /// Somebody left.
        ParticipantRemoved = "onParticipantRemoved",
    }
}

/// An event of a conversation. Which fields are there depends on what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationEvent {
    /// What happened.
    pub event_type: ConversationEventType,
    /// The account.
    pub account_sid: Sid,
    /// The conversation, `CH...`
    pub conversation_sid: Sid,
    /// Its messaging service.
    pub messaging_service_sid: Option<Sid>,
    /// The message, `IM...`
    pub message_sid: Option<Sid>,
    /// The participant, `MB...`
    pub participant_sid: Option<Sid>,
    /// The message sent over the channel, `SM...` (deliveries).
    pub channel_message_sid: Option<Sid>,
    /// Place of the message in the conversation.
    pub index: Option<u64>,
    /// Who wrote: an address, an identity or `system`.
    pub author: Option<String>,
    /// The text of the message.
    pub body: String,
    /// Files of the message.
    pub media: Vec<ConversationMedia>,
    /// A JSON object as text; carries our own id.
    pub attributes: Option<String>,
    /// What became of the message (deliveries).
    pub status: Option<MessageStatus>,
    /// Why it failed (deliveries).
    pub error_code: Option<u32>,
    /// The state a conversation has now, and had before.
    pub state: Option<(String, String)>,
    /// The customer's address (participants, new conversations).
    pub address: Option<String>,
    /// Our number (participants, new conversations).
    pub proxy_address: Option<String>,
    /// A chat user's name (participants).
    pub identity: Option<String>,
    /// `SMS`, `WHATSAPP`, `SDK` or `API`.
    pub source: Option<String>,
    /// When the message or resource was made.
    pub date_created: Option<Micros>,
}

impl ConversationEvent {
    /// Reads the pairs of a Conversations webhook.
    ///
    /// # Errors
    /// `EventType`, `AccountSid` or `ConversationSid` missing or unreadable.
    pub fn read(form: &Form<'_>) -> Result<ConversationEvent, BadPayload> {
        let text = |name: &str| form.get(name).and_then(filled);
        let id = |name: &str| form.get(name).and_then(|value| value.parse().ok());
        let media = form.get("Media").and_then(|json| serde_json::from_str(json).ok());
        Ok(ConversationEvent {
            event_type: essential("EventType", form.get("EventType"))?.into(),
            account_sid: sid("AccountSid", form.get("AccountSid"))?,
            conversation_sid: sid("ConversationSid", form.get("ConversationSid"))?,
            messaging_service_sid: id("MessagingServiceSid"),
            message_sid: id("MessageSid"),
            participant_sid: id("ParticipantSid"),
            channel_message_sid: id("ChannelMessageSid"),
            index: form.get("Index").and_then(|index| index.parse().ok()),
            author: text("Author"),
            body: text("Body").unwrap_or_default(),
            media: media.unwrap_or_default(),
            attributes: text("Attributes"),
            status: text("Status").map(|word| word.as_str().into()),
            error_code: form.get("ErrorCode").and_then(|code| code.parse().ok()).filter(|code| *code != 0),
            state: text("StateTo").zip(text("StateFrom")),
            address: text("MessagingBinding.Address"),
            proxy_address: text("MessagingBinding.ProxyAddress"),
            identity: text("Identity"),
            source: text("Source"),
            date_created: form.get("DateCreated").and_then(date),
        })
    }
}
