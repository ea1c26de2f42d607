//! An address: where a customer or a sender can be reached, kept exactly as it came.
//!
//! A customer is not always a phone number: short codes (5-6 digits) text in, alphanumeric senders
//! cannot be answered, WhatsApp addresses carry a prefix. Nothing is normalised away here; two texts
//! that mean the same phone are made equal by [`crate::domain::phone`] before they become an address.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What an address is, by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AddressKind {
    /// `+` and 7 to 15 digits.
    E164,
    /// 3 to 8 digits without a plus; can be texted, cannot be called.
    ShortCode,
    /// A sender name such as `HARBOR`: at most 11 letters, digits or spaces. Cannot be answered.
    Alphanumeric,
    /// `whatsapp:` before an E.164 number.
    Whatsapp,
    /// An email address (verification only).
    Email,
    /// Anything else a channel may bring (`messenger:...`, `rcs:...`).
    Other,
}

/// A lossless address. Compare and store it by its text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Box<str>);

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Nothing, or only spaces.
    #[error("an address is missing: give a phone number such as +14155550100")]
    Empty,
    /// Longer than any channel allows.
    #[error("an address has at most 256 characters")]
    TooLong,
    /// Contains characters no address has.
    #[error("an address has no control characters or line breaks")]
    Control,
}

impl Address {
    /// The address as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of address this is.
    pub fn kind(&self) -> AddressKind {
        let text = self.as_str();
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        let e164 = |s: &str| s.strip_prefix('+').is_some_and(|d| digits(d) && (7..=15).contains(&d.len()));
        if e164(text) {
            AddressKind::E164
        } else if digits(text) && (3..=8).contains(&text.len()) {
            AddressKind::ShortCode
        } else if text.strip_prefix("whatsapp:").is_some_and(e164) {
            AddressKind::Whatsapp
        } else if text.contains('@') && !text.contains(' ') && !text.contains(':') {
            AddressKind::Email
        } else if text.len() <= 11 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ') {
            AddressKind::Alphanumeric
        } else {
            AddressKind::Other
        }
    }

    /// Whether texts go from one of the two to the other: WhatsApp is a channel of its own.
    pub fn is_on_channel_of(&self, other: &Address) -> bool {
        (self.kind() == AddressKind::Whatsapp) == (other.kind() == AddressKind::Whatsapp)
    }

    /// Whether a text message can be sent to it.
    pub fn can_be_answered(&self) -> bool {
        matches!(self.kind(), AddressKind::E164 | AddressKind::ShortCode | AddressKind::Whatsapp | AddressKind::Other)
    }

    /// The digits alone, for searching by part of a number.
    pub fn digits(&self) -> String {
        self.0.chars().filter(char::is_ascii_digit).collect()
    }
}

impl FromStr for Address {
    type Err = BadAddress;
    fn from_str(s: &str) -> Result<Address, BadAddress> {
        let text = s.trim();
        if text.is_empty() {
            Err(BadAddress::Empty)
        } else if text.len() > 256 {
            Err(BadAddress::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(BadAddress::Control)
        } else {
            Ok(Address(text.into()))
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", self.0)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Address, D::Error> {
        let text = Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Address {
    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "minLength": 1, "maxLength": 256 })
    }
}

impl<C> minicbor::Encode<C> for Address {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.str(&self.0)?;
        Ok(())
    }
}

impl<'b, C> minicbor::Decode<'b, C> for Address {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Address, minicbor::decode::Error> {
        Ok(Address(d.str()?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_the_form() {
        let cases = [
            ("+14155550100", AddressKind::E164),
            ("72975", AddressKind::ShortCode),
            ("HARBOR", AddressKind::Alphanumeric),
            ("whatsapp:+14155550100", AddressKind::Whatsapp),
            ("kim@example.com", AddressKind::Email),
            ("messenger:123", AddressKind::Other),
        ];
        for (text, kind) in cases {
            assert_eq!(text.parse::<Address>().unwrap().kind(), kind, "{text}");
        }
        assert_eq!("".parse::<Address>(), Err(BadAddress::Empty));
        assert_eq!("+1\u{1b}[2J".parse::<Address>(), Err(BadAddress::Control));
        assert!(!"HARBOR".parse::<Address>().unwrap().can_be_answered());
    }
}
