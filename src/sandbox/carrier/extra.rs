//! Parameters of an inbound webhook that only some messages have: buttons, locations, replies, adverts.
//! Which ones there are is Twilio's guide to the messaging webhook request.

/// Of WhatsApp and other channels.
const CHANNEL: &[&str] = &[
    "Address",
    "ButtonPayload",
    "ButtonText",
    "ButtonType",
    "ChannelMetadata",
    "ExternalUserId",
    "FlowData",
    "Forwarded",
    "FrequentlyForwarded",
    "InteractiveData",
    "Label",
    "Latitude",
    "Longitude",
    "MessageType",
    "OriginalRepliedMessageSender",
    "OriginalRepliedMessageSid",
    "ReferralBody",
    "ReferralCtwaClid",
    "ReferralHeadline",
    "ReferralMediaContentType",
    "ReferralMediaId",
    "ReferralMediaUrl",
    "ReferralNumMedia",
    "ReferralSourceId",
    "ReferralSourceType",
    "ReferralSourceUrl",
];

/// The others in a group text, numbered from 0.
const GROUP: &str = "OtherRecipients";

/// Whether Twilio sends such a parameter, by WhatsApp or by text message.
pub fn known(name: &str, whatsapp: bool) -> bool {
    let other = name.strip_prefix(GROUP).is_some_and(|n| (1..=2).contains(&n.len()) && n.parse::<u8>().is_ok());
    if whatsapp { CHANNEL.contains(&name) } else { other }
}

/// Whether a parameter says something even without a text.
pub fn speaks(name: &str) -> bool {
    matches!(name, "ButtonPayload" | "FlowData" | "InteractiveData" | "Latitude")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_numbered_and_buttons_are_a_channels() {
        assert!(known("OtherRecipients0", false) && known("OtherRecipients12", false));
        assert!(!known("OtherRecipients", false) && !known("OtherRecipients0", true));
        assert!(known("ButtonText", true) && !known("ButtonText", false) && !known("Body", true));
    }
}
