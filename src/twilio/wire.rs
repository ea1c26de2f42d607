//! How Twilio writes values: words that may gain new members, numbers as text, two kinds of dates.
//!
//! Everything here reads leniently (Twilio adds words and fields without notice, and sends the same
//! number as text in one place and as a number in another) and keeps what it does not know.

use serde::{Deserialize, Deserializer};

/// Microseconds of the Unix epoch.
pub type Micros = i64;

/// Declares an enum of words on the wire. A word that is not listed is kept as `Other`; a listed one is
/// recognised in any case.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// A word this version does not know, as it came.
            Other(Box<str>),
        }

        impl $name {
            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $word,)*
                    $name::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> $name {
                $(if word.eq_ignore_ascii_case($word) {
                    return $name::$variant;
                })*
                $name::Other(word.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<$name, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(d)?;
                Ok($name::from(word.as_ref()))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The status of a message at Twilio.
    MessageStatus {
        /// Waits for a sender of its messaging service.
        Accepted = "accepted",
        /// Waits for its time.
        Scheduled = "scheduled",
        /// Waits in the sender's queue.
        Queued = "queued",
        /// On its way to the carrier.
        Sending = "sending",
        /// The carrier took it; many carriers never say more.
        Sent = "sent",
        /// The carrier says it arrived.
        Delivered = "delivered",
        /// The carrier says it did not arrive.
        Undelivered = "undelivered",
        /// It was never sent.
        Failed = "failed",
        /// The customer saw it (WhatsApp, RCS).
        Read = "read",
        /// Cancelled before it was sent.
        Canceled = "canceled",
        /// Inbound, not complete yet.
        Receiving = "receiving",
        /// Inbound.
        Received = "received",
        /// Of a group, some got it. Not used any more.
        PartiallyDelivered = "partially_delivered",
    }
}

/// Reads a date as any of Twilio's products writes it: RFC 2822, ISO 8601 with or without fraction, or a
/// day alone (its first moment in UTC).
pub fn date(text: &str) -> Option<Micros> {
    let text = text.trim();
    let timestamp = text
        .parse::<jiff::Timestamp>()
        .or_else(|_| jiff::fmt::rfc2822::parse(text).map(|zoned| zoned.timestamp()))
        .or_else(|_| {
            let day = text.parse::<jiff::civil::Date>()?;
            day.to_zoned(jiff::tz::TimeZone::UTC).map(|zoned| zoned.timestamp())
        });
    timestamp.ok().map(|timestamp| timestamp.as_microsecond())
}

/// Writes a moment as Twilio's parameters want it: `2026-11-23T09:30:00Z`, fractions dropped.
pub fn iso(at: Micros) -> String {
    match jiff::Timestamp::from_second(at.div_euclid(1_000_000)) {
        Ok(timestamp) => timestamp.to_string(),
        Err(_) => String::new(),
    }
}

/// Text, a number or a boolean where Twilio cannot decide which one it sends.
#[derive(Deserialize)]
#[serde(untagged)]
enum Loose {
    Text(String),
    Number(serde_json::Number),
    Bool(bool),
    Other(serde::de::IgnoredAny),
}

impl Loose {
    fn text(self) -> Option<String> {
        match self {
            Loose::Text(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Loose::Number(number) => Some(number.to_string()),
            Loose::Bool(flag) => Some(flag.to_string()),
            Loose::Other(_) => None,
        }
    }
}

/// For `deserialize_with`: anything that parses from text; null, empty and unreadable are `None`.
pub fn loose<'de, T: std::str::FromStr, D: Deserializer<'de>>(d: D) -> Result<Option<T>, D::Error> {
    let text = Option::<Loose>::deserialize(d)?.and_then(Loose::text);
    Ok(text.and_then(|text| text.parse().ok()))
}

/// For `deserialize_with`: a date in any of Twilio's forms; null and unreadable are `None`.
pub fn loose_date<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Micros>, D::Error> {
    let text = Option::<Loose>::deserialize(d)?.and_then(Loose::text);
    Ok(text.and_then(|text| date(&text)))
}

/// For `deserialize_with`: null counts as the default.
pub fn or_default<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(d)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_all_products() {
        let moment = Some(1_692_853_305_000_000);
        for text in ["Thu, 24 Aug 2023 05:01:45 +0000", "2023-08-24T05:01:45Z", "2023-08-24T05:01:45+00:00"] {
            assert_eq!(date(text), moment, "{text}");
        }
        assert_eq!(date("2026-08-11T13:06:45.433Z"), Some(1_786_453_605_433_000));
        assert_eq!(date("2021-07-29T20:38:28.759979905Z"), Some(1_627_591_108_759_979));
        assert_eq!(date("2023-08-24"), Some(1_692_835_200_000_000));
        assert_eq!(date("soon"), None);
        assert_eq!(iso(1_692_853_305_999_999), "2023-08-24T05:01:45Z");
    }

    #[test]
    fn words_are_recognised_in_any_case_and_unknown_ones_kept() {
        assert_eq!(MessageStatus::from("DELIVERED"), MessageStatus::Delivered);
        assert_eq!(MessageStatus::from("teleported").as_str(), "teleported");
        let status: MessageStatus = serde_json::from_str("\"queued\"").unwrap();
        assert_eq!(serde_json::to_string(&status).unwrap(), "\"queued\"");
    }

    #[test]
    fn numbers_come_as_text_or_number_or_not_at_all() {
        #[derive(Deserialize)]
        struct Row {
            #[serde(default, deserialize_with = "loose")]
            n: Option<u32>,
        }
        for (json, n) in [("{\"n\":\"3\"}", Some(3)), ("{\"n\":3}", Some(3)), ("{\"n\":null}", None), ("{}", None)] {
            assert_eq!(serde_json::from_str::<Row>(json).unwrap().n, n);
        }
        assert_eq!(serde_json::from_str::<Row>("{\"n\":[1]}").unwrap().n, None);
    }
}
