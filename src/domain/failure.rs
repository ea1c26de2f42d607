//! What is known of a failure: whose it is, whether trying again can help, whether it costs money.
//!
//! The words of the error table and of the screens. Of codes it knows the one that rules turn on.

use serde::{Deserialize, Serialize};

/// Twilio's code for a receiver who opted out.
pub const OPTED_OUT: u32 = 21610;

/// Whether the same request may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Retry {
    /// It fails again until something is changed.
    Never,
    /// It may succeed unchanged after a while.
    Later,
    /// Nothing was processed: it may be repeated after a pause.
    Safe,
}

impl Retry {
    /// For a person.
    pub fn words(self) -> &'static str {
        match self {
            Retry::Never => "permanent: it fails again until something is changed",
            Retry::Later => "may work later",
            Retry::Safe => "safe to repeat: nothing was processed",
        }
    }
}

/// Whether what failed is billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Charged {
    /// Refused before anything was sent.
    No,
    /// Billed all the same.
    Yes,
    /// Twilio does not say; the price of the message tells.
    Unknown,
}

/// Whose doing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Our request, our settings or our sender.
    Us,
    /// The customer's phone, number or choice.
    Customer,
    /// The carrier, or what it does not let through.
    Carrier,
    /// Twilio itself.
    Twilio,
    /// Nobody says.
    Unknown,
}

impl Fault {
    /// For a person.
    pub fn words(self) -> &'static str {
        match self {
            Fault::Us => "ours: the request, a setting or the sender",
            Fault::Customer => "the customer's phone, number or choice; not yours",
            Fault::Carrier => "the carrier's; not yours",
            Fault::Twilio => "Twilio's; not yours",
            Fault::Unknown => "nobody says whose it is",
        }
    }
}

/// Why something failed, in plain words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// A few words, for a list.
    pub title: String,
    /// What happened, as a sentence.
    pub cause: String,
    /// What to do, as a sentence.
    pub remedy: String,
    /// Whose doing it is.
    pub fault: Fault,
    /// Whether trying again can help.
    pub retry: Retry,
    /// Whether Twilio bills what failed, as far as the code tells; the price of the message knows better.
    pub charged: Charged,
}
