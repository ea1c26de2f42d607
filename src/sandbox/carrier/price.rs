//! What a message costs, and what its error codes say. List prices of 2026, US; carrier fees are not in a
//! message's price.

use super::message::{Message, Status};
use rust_decimal::Decimal;

/// Price of a message: none until it was sent, negative after, five decimals.
pub fn of(message: &Message) -> Option<String> {
    let rated = message.sent.is_some() || message.inbound();
    if !rated || matches!(message.status, Status::Failed | Status::Canceled) {
        return None;
    }
    let (unit, parts) = match (message.whatsapp(), message.media.is_empty(), message.inbound()) {
        (true, ..) if message.inbound() => (Decimal::new(500, 5), 1),
        (true, ..) => (Decimal::new(1470, 5), 1),
        (false, true, _) => (Decimal::new(830, 5), message.segments),
        (false, false, true) => (Decimal::new(1650, 5), 1),
        (false, false, false) => (Decimal::new(2200, 5), 1),
    };
    Some(format!("-{:.5}", unit * Decimal::from(parts)))
}

/// Twilio's words for the error of a message that did not arrive.
pub fn error_text(code: u32) -> Option<&'static str> {
    Some(match code {
        21610 => "Attempt to send to unsubscribed recipient",
        21703 => "The Messaging Service does not have a phone number available to send a message",
        30001 => "Queue overflow",
        30002 => "Account suspended",
        30003 => "Unreachable destination handset",
        30004 => "Message blocked",
        30005 => "Unknown destination handset",
        30006 => "Landline or unreachable carrier",
        30007 => "Message filtered",
        30008 => "Unknown error",
        30009 => "Missing inbound segment",
        30011 => "MMS not supported by the receiving phone number in this region",
        30017 => "Carrier network congestion",
        30018 => "Destination carrier requires sender ID pre-registration",
        30019 => "Content size exceeds carrier limit",
        30024 => "Numeric Sender ID Not Provisioned on Carrier",
        30022 => "US A2P 10DLC - Rate Limits Exceeded",
        30023 => "US A2P 10DLC - Daily Message Cap Reached",
        30032 => "Toll-Free Number Has Not Been Verified",
        30033 => "US A2P 10DLC - Campaign Suspended",
        30034 => "US A2P 10DLC - Message from an Unregistered Number",
        30036 => "Validity Period Expired",
        30410 => "Provider Timeout",
        30450 => "Message delivery blocked",
        63016 => "Failed to send freeform message because you are outside the allowed window",
        _ => return None,
    })
}
