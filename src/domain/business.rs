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
