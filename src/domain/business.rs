//! A business: one tenant, with the fields its owner planned and a few of ours.

use serde::{Deserialize, Serialize};

use super::id::{Id, Sid};
use super::time::Time;

/// A tenant. `business` is first in every key and row but those of the directory tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Business {
    /// Our id.
    pub id: Id,
    /// Shown in the frame and to customers.
    pub name: String,
    /// Whom to write to about this business.
    #[serde(default)]
    pub contact_email: String,
    /// The business's own phone, not necessarily a number at Twilio.
    #[serde(default)]
    pub phone_number: String,
    /// Its Verify service (VA...), when it has one.
    #[serde(default)]
    pub verify_service: Option<Sid>,
    /// How many codes may be sent for it in a minute; no limit of its own when absent.
    #[serde(default)]
    pub verify_per_minute: Option<u32>,
    /// The number bought for it, if any.
    #[serde(default)]
    pub custom_number: Option<String>,
    /// Its 10DLC brand (BN...), if any.
    #[serde(default)]
    pub branding: Option<Sid>,
    /// An inactive business keeps its logs and sends nothing.
    pub active: bool,
    /// IANA time zone of its day, e.g. `America/Los_Angeles`.
    #[serde(default)]
    pub time_zone: String,
    /// The colour beside its name; one follows from the id when none was chosen.
    #[serde(default)]
    pub colour: Option<Colour>,
    /// Its latest series of remote steps, which made what it has at Twilio.
    #[serde(default)]
    pub setup: Option<Id>,
    /// Who saved it last.
    #[serde(default)]
    pub updated_by: String,
    /// When it was made.
    pub created_at: Time,
    /// When it last changed.
    pub updated_at: Time,
    /// Rises with each change; `If-Match` compares it.
    #[serde(default)]
    pub version: u64,
    /// Set when deleted: the row stays so that old events keep their name.
    #[serde(default)]
    pub deleted_at: Option<Time>,
}

/// A colour of the terminal's own, beside the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Colour {
    /// Blue.
    #[default]
    Blue,
    /// Green.
    Green,
    /// Magenta.
    Magenta,
    /// Cyan.
    Cyan,
    /// Yellow.
    Yellow,
    /// Red.
    Red,
}

impl Colour {
    /// All of them.
    pub const ALL: [Colour; 6] =
        [Colour::Blue, Colour::Green, Colour::Magenta, Colour::Cyan, Colour::Yellow, Colour::Red];

    /// The colour of a business that has chosen none: the same one for ever.
    pub fn of(id: Id) -> Colour {
        // The low bits of ids are mostly zero; the product's high ones are mixed.
        let mixed = id.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61;
        Colour::ALL[usize::try_from(mixed).unwrap_or(0) % Colour::ALL.len()]
    }

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Colour::Blue => "blue",
            Colour::Green => "green",
            Colour::Magenta => "magenta",
            Colour::Cyan => "cyan",
            Colour::Yellow => "yellow",
            Colour::Red => "red",
        }
    }
}

impl Business {
    /// Its colour.
    pub fn colour(&self) -> Colour {
        self.colour.unwrap_or_else(|| Colour::of(self.id))
    }

    /// Whether anything may leave in its name.
    pub fn may_send(&self) -> bool {
        self.active && self.deleted_at.is_none()
    }
}

/// What is wrong with the name of a Verify service. It stands in customers' texts, so Twilio is strict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadServiceName {
    /// Nothing but spaces.
    #[error("the name in texts with codes is missing")]
    Empty,
    /// Longer than 30 characters.
    #[error("the name in texts with codes has at most 30 characters, and this has {0}")]
    TooLong(usize),
    /// A character that Verify does not take.
    #[error("the name in texts with codes takes letters, digits, spaces, `-` and `_`, but no `{0}`")]
    Character(char),
    /// More than four digits look like a number to call.
    #[error("the name in texts with codes takes at most 4 digits, and this has {0}")]
    Digits(usize),
}

/// The most characters of a Verify service's name (Twilio takes 32 of them, but shows 30).
pub const SERVICE_NAME: usize = 30;
/// The most digits in it; with five Twilio answers 60200.
pub const SERVICE_NAME_DIGITS: usize = 4;

fn fits_service_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')
}

/// Checks the name of a Verify service and trims it. Words that Twilio restricts (60248) it tells itself.
pub fn service_name(text: &str) -> Result<String, BadServiceName> {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    if text.is_empty() {
        Err(BadServiceName::Empty)
    } else if let Some(c) = text.chars().find(|c| !fits_service_name(*c)) {
        Err(BadServiceName::Character(c))
    } else if text.chars().count() > SERVICE_NAME {
        Err(BadServiceName::TooLong(text.chars().count()))
    } else if digits > SERVICE_NAME_DIGITS {
        Err(BadServiceName::Digits(digits))
    } else {
        Ok(text.to_owned())
    }
}

/// What a business's name becomes as the name of its Verify service: what Verify does not take is left out.
pub fn suggested_service_name(name: &str) -> String {
    let mut digits = 0;
    let kept = name.chars().filter(|c| fits_service_name(*c)).filter(|c| {
        digits += usize::from(c.is_ascii_digit());
        !c.is_ascii_digit() || digits <= SERVICE_NAME_DIGITS
    });
    let kept: String = kept.collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    let whole: String = words.join(" ").chars().take(SERVICE_NAME).collect();
    whole.trim().to_owned()
}

/// What is wrong with a business's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing but spaces.
    #[error("a business needs a name")]
    Empty,
    /// Longer than 120 characters.
    #[error("a business's name has at most 120 characters")]
    TooLong,
    /// Contains control characters.
    #[error("a business's name has no control characters")]
    Control,
}

/// Checks a name and trims it.
pub fn name(text: &str) -> Result<String, BadName> {
    let text = text.trim();
    if text.is_empty() {
        Err(BadName::Empty)
    } else if text.chars().count() > 120 {
        Err(BadName::TooLong)
    } else if text.chars().any(char::is_control) {
        Err(BadName::Control)
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_name_is_checked_as_twilio_does() {
        for good in ["Northwind Bank", " Blue Kite ", "Café_1234", "李伟牙科"] {
            assert_eq!(service_name(good).as_deref(), Ok(good.trim()), "{good}");
        }
        assert_eq!(service_name("  "), Err(BadServiceName::Empty));
        assert_eq!(service_name("Joe's"), Err(BadServiceName::Character('\'')));
        assert_eq!(service_name("call 12345"), Err(BadServiceName::Digits(5)));
        assert_eq!(service_name(&"x".repeat(31)), Err(BadServiceName::TooLong(31)));
    }

    #[test]
    fn a_suggestion_passes_the_check_or_is_empty() {
        assert_eq!(suggested_service_name("Joe's & Sons, est. 19876"), "Joes Sons est 1987");
        assert_eq!(suggested_service_name("a.b.c"), "abc");
        assert_eq!(suggested_service_name("!!!"), "");
        let long = suggested_service_name(&"word ".repeat(20));
        assert_eq!(service_name(&long).as_deref(), Ok(long.as_str()));
    }

    #[test]
    fn neighbours_get_colours_and_keep_them() {
        let some = (1..60).map(|n| Colour::of(Id(n << 22)));
        let kinds: std::collections::HashSet<Colour> = some.collect();
        assert_eq!(kinds.len(), Colour::ALL.len());
    }
}
