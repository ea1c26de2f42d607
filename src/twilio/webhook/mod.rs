//! The payloads Twilio posts to us: inbound messages, status callbacks, events of conversations.
//!
//! Reads the raw body once. Unknown parameters are ignored and missing optional ones are `None`, for
//! Twilio adds and omits them without notice; a missing or unreadable *essential* one is an error that
//! names it. Whether the request really came from Twilio is [`super::signature`]'s business.

mod conversation;
mod inbound;
mod status;

pub use conversation::{ConversationEvent, ConversationEventType};
pub use inbound::{InboundMessage, Location, Media, OptOutType, Place};
pub use status::StatusCallback;

use super::form::Form;
use crate::domain::address::Address;
use crate::domain::id::Sid;

/// A messaging webhook, told apart by what it carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// A customer wrote.
    Inbound(Box<InboundMessage>),
    /// A message of ours changed its status.
    Status(Box<StatusCallback>),
}

/// A webhook that lacks what it must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPayload {
    /// An essential parameter is not there or empty.
    #[error("the webhook has no {0}: it is not one of Twilio's messaging webhooks, or a proxy cut it short")]
    Missing(&'static str),
    /// An essential parameter cannot be read.
    #[error("the webhook's {field} cannot be read: {why}")]
    Invalid {
        /// The parameter's name at Twilio.
        field: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl BadPayload {
    /// The parameter at fault.
    pub fn field(&self) -> &'static str {
        match self {
            BadPayload::Missing(field) | BadPayload::Invalid { field, .. } => field,
        }
    }
}

/// Reads the raw body (or, for a GET, the raw query) of a messaging webhook.
///
/// # Errors
/// Names the essential parameter that is missing or unreadable.
pub fn parse(raw: &[u8]) -> Result<Payload, BadPayload> {
    read(&Form::parse(raw))
}

/// The same from a form decoded before, as it is when its signature has been checked.
///
/// # Errors
/// Names the essential parameter that is missing or unreadable.
pub fn read(form: &Form<'_>) -> Result<Payload, BadPayload> {
    // Only a status callback has MessageStatus; an inbound message says SmsStatus=received.
    if form.pairs().iter().any(|(name, _)| name == "MessageStatus") {
        StatusCallback::read(form).map(|status| Payload::Status(Box::new(status)))
    } else {
        InboundMessage::read(form).map(|message| Payload::Inbound(Box::new(message)))
    }
}

fn essential<'a>(field: &'static str, value: Option<&'a str>) -> Result<&'a str, BadPayload> {
    value.filter(|text| !text.is_empty()).ok_or(BadPayload::Missing(field))
}

fn sid(field: &'static str, value: Option<&str>) -> Result<Sid, BadPayload> {
    let invalid = |bad: crate::domain::id::BadId| BadPayload::Invalid { field, why: bad.to_string() };
    essential(field, value)?.parse().map_err(invalid)
}

fn address(field: &'static str, value: Option<&str>) -> Result<Address, BadPayload> {
    let invalid = |bad: crate::domain::address::BadAddress| BadPayload::Invalid { field, why: bad.to_string() };
    essential(field, value)?.parse().map_err(invalid)
}

/// Text that is there and not empty.
fn filled(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests;
