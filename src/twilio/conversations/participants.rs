//! Who takes part in a conversation: customers by their address and one of our numbers, agents by name.

use serde::Deserialize;

use super::{ConversationState, Conversations, path};
use crate::domain::id::Sid;
use crate::twilio::error::Error;
use crate::twilio::http::page::Page;
use crate::twilio::params::Params;
use crate::twilio::wire::{Micros, loose, loose_date, or_default};

/// Somebody in a conversation.
#[derive(Debug, Clone, Deserialize)]
pub struct Participant {
    /// `MB...`
    pub sid: Sid,
    /// The conversation.
    #[serde(default, deserialize_with = "loose")]
    pub conversation_sid: Option<Sid>,
    /// A chat user's name; none for a customer.
    #[serde(default, deserialize_with = "loose")]
    pub identity: Option<String>,
    /// How a customer is reached; none for a chat user.
    pub messaging_binding: Option<MessagingBinding>,
    /// A JSON object as text.
    #[serde(default, deserialize_with = "or_default")]
    pub attributes: String,
    /// When they joined.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
}

/// How a customer is reached.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct MessagingBinding {
    /// `sms`, `whatsapp`, ...
    #[serde(default, rename = "type", deserialize_with = "loose")]
    pub kind: Option<String>,
    /// The customer's address.
    #[serde(default, deserialize_with = "loose")]
    pub address: Option<String>,
    /// Our number.
    #[serde(default, deserialize_with = "loose")]
    pub proxy_address: Option<String>,
    /// Our number towards the members of a group text.
    #[serde(default, deserialize_with = "loose")]
    pub projected_address: Option<String>,
}

/// Who joins.
#[derive(Debug, Clone)]
pub enum NewParticipant {
    /// A customer.
    Customer {
        /// Their address.
        address: String,
        /// Our number, of the same channel.
        proxy_address: String,
    },
    /// A chat user.
    User {
        /// Their name.
        identity: String,
    },
}

/// A conversation somebody takes part in.
#[derive(Debug, Clone, Deserialize)]
pub struct ParticipantConversation {
    /// The conversation.
    pub conversation_sid: Sid,
    /// Where it stands.
    pub conversation_state: Option<ConversationState>,
    /// Its name for people.
    #[serde(default, deserialize_with = "loose")]
    pub conversation_friendly_name: Option<String>,
    /// Their part in it.
    #[serde(default, deserialize_with = "loose")]
    pub participant_sid: Option<Sid>,
    /// How they are reached there.
    pub participant_messaging_binding: Option<MessagingBinding>,
}

impl Conversations<'_> {
    /// Everybody in a conversation.
    ///
    /// # Errors
    /// As any read.
    pub async fn participants(&self, conversation: Sid) -> Result<Page<Participant>, Error> {
        let path = path(conversation, "/Participants");
        self.0.first_page("conversations", &path, Params::new(), "participants").await
    }

    /// Lets somebody join.
    ///
    /// # Errors
    /// Code 50416 if the customer and our number are in another active conversation, see
    /// [`conversation_in_use`]; 50404 or 50433 if a user is there already.
    pub async fn add_participant(&self, conversation: Sid, new: &NewParticipant) -> Result<Participant, Error> {
        let params = match new {
            NewParticipant::Customer { address, proxy_address } => Params::new()
                .set("MessagingBinding.Address", address)
                .set("MessagingBinding.ProxyAddress", proxy_address),
            NewParticipant::User { identity } => Params::new().set("Identity", identity),
        };
        self.0.post("conversations", &path(conversation, "/Participants"), params).await
    }

    /// Takes somebody out of a conversation.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn remove_participant(&self, conversation: Sid, participant: Sid) -> Result<(), Error> {
        self.0.delete("conversations", &path(conversation, &format!("/Participants/{participant}"))).await
    }

    /// The conversations of a customer's address, over all our numbers.
    ///
    /// # Errors
    /// As any read.
    pub async fn of_address(&self, address: &str) -> Result<Page<ParticipantConversation>, Error> {
        let query = Params::new().set("Address", address);
        self.0.first_page("conversations", "/v1/ParticipantConversations", query, "conversations").await
    }
}

/// The conversation that a refusal with code 50416 names: the one in which customer and number are.
pub fn conversation_in_use(error: &Error) -> Option<Sid> {
    match error {
        Error::Refused { code: 50416, message, .. } => message
            .split(|c: char| !c.is_ascii_alphanumeric())
            .find_map(|word| word.parse::<Sid>().ok().filter(|sid| sid.kind() == "CH")),
        _ => None,
    }
}
