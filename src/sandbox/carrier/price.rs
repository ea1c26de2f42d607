//! What a message costs, and what its error codes say. Carrier fees are not in a message's price.

use super::message::{Message, Status};
use crate::sandbox::billing::price::Price;
use crate::sandbox::billing::{tariff, usage};
use crate::sandbox::error::StoreError;
use crate::sandbox::world::World;

/// Fixes the price of a message that was sent or received just now, and counts it as used.
pub fn charge(world: &mut World, message: &mut Message) -> Result<(), StoreError> {
    let ours = if message.inbound() { Some(&message.to) } else { message.from.as_ref() };
    let kind = ours.map(|ours| tariff::kind_of(world, ours)).transpose()?.unwrap_or("local");
    let (leaf, nano) = listed(message, kind);
    message.price = Some(Price::fix(world, &message.sid, nano));
    usage::add(world, &message.account, leaf, 1, message.segments as u64, nano)
}

/// What Twilio takes for handling a text that failed, after a sender was found.
pub fn charge_failed(world: &mut World, message: &Message) -> Result<(), StoreError> {
    if message.whatsapp() || message.from.is_none() {
        return Ok(());
    }
    let fee = tariff::nano(tariff::table().failed);
    usage::add(world, &message.account, "failed-message-processing-fee", 1, 1, fee)
}

/// The price as an answer shows it, once it is said: negative, five decimals.
pub fn said(message: &Message, now: u64) -> Option<String> {
    let amount = match &message.price {
        Some(price) => price.said(now)?,
        // Sent by an older version, which kept no price.
        None if message.sent.is_some() && !matches!(message.status, Status::Failed | Status::Canceled) => {
            tariff::amount(listed(message, "local").1)
        }
        None => return None,
    };
    Some(format!("-{amount:.5}"))
}

/// The currency an answer shows.
pub fn unit(message: &Message) -> &str {
    message.price.as_ref().map_or(&tariff::table().unit, |price| &price.unit)
}

/// The category of a message's usage, and its price by the table, for a kind of number of ours.
fn listed(message: &Message, kind: &str) -> (&'static str, u64) {
    let (table, inbound) = (tariff::table(), message.inbound());
    let way = |ways: tariff::Ways| tariff::nano(if inbound { ways.inward } else { ways.out });
    if message.whatsapp() {
        let leaf = if inbound { "channels-whatsapp-inbound" } else { "channels-whatsapp-outbound" };
        return (leaf, way(table.whatsapp));
    }
    // Both what is sent and what is received is priced where it arrives.
    let country = table.at(&message.to);
    if message.media.is_empty() {
        let leaf = match (inbound, kind) {
            (true, "toll free") => "sms-inbound-tollfree",
            (true, "shortcode") => "sms-inbound-shortcode",
            (true, _) => "sms-inbound-longcode",
            (false, "toll free") => "sms-outbound-tollfree",
            (false, "shortcode") => "sms-outbound-shortcode",
            (false, _) => "sms-outbound-longcode",
        };
        return (leaf, way(country.segment(kind)) * message.segments as u64);
    }
    let leaf = match (inbound, kind) {
        (true, "toll free") => "mms-inbound-toll-free",
        (true, "shortcode") => "mms-inbound-shortcode",
        (true, _) => "mms-inbound-longcode",
        (false, "toll free") => "mms-outbound-tollfree",
        (false, "shortcode") => "mms-outbound-shortcode",
        (false, _) => "mms-outbound-longcode",
    };
    (leaf, way(country.mms))
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
