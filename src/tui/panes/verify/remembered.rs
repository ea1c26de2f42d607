//! What is remembered of a test of a business, for the next one.

use serde::{Deserialize, Serialize};

use crate::domain::id::Sid;
use crate::domain::verification::Channel;

/// The inputs of the last test of a business, for the next one. A code of one's own is not among them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Inputs {
    /// The recipient as typed.
    pub to: String,
    /// How it travels.
    pub channel: Channel,
    /// The language.
    pub locale: String,
    /// The template.
    pub template: Option<Sid>,
    /// The values of its placeholders, as typed.
    pub values: String,
    /// The name in place of the service's.
    pub name: String,
    /// Values of the service's rate limits, as typed.
    pub limits: String,
    /// The amount of a payment.
    pub amount: String,
    /// Its receiver.
    pub payee: String,
    /// Tags, as typed.
    pub tags: String,
    /// Keys to dial.
    pub digits: String,
    /// The hash of an app.
    pub app_hash: String,
    /// Whether it goes around Fraud Guard.
    pub unguarded: bool,
}
