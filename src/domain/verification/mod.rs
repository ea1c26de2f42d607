//! What a verification is: a flow of sends and checks, and what may become of it.
//!
//! Owns the rules of one-time codes as Twilio's Verify has them: how long a code holds, how often it may be
//! sent and checked, which status may follow which. The code itself stands in no row, nor a hash of it: six
//! digits beside their key are plain text. It knows nothing of HTTP, and takes its times from outside.

mod attempt;
mod check;
pub mod extras;
mod flow;
pub mod handset;
pub mod matrix;
mod meter;
pub mod rehearsal;
pub mod render;
pub mod wording;

use serde::{Deserialize, Serialize};

pub use attempt::{Attempt, Journey, Progress, Step, Wish};
pub use check::{Check, Given, Verdict, code};
pub use flow::{Flow, Leg};
pub use meter::{MOST_A_MINUTE, Meter};

use super::pricing::Item;
use super::time::Span;

/// Sends of one verification; Twilio refuses the next one (60203).
pub const SENDS: u8 = 5;
/// Checks of one verification, right or wrong; Twilio refuses the next one (60202).
pub const CHECKS: u8 = 5;
/// How long a code holds. Twilio's support may set another span for a service; a resend extends nothing.
pub const LIFETIME: Span = Span::secs(600);

/// Twilio's codes that a rule turns on.
pub mod codes {
    /// There is no such verification any more: Twilio deletes those that are over.
    pub const NOT_FOUND: u32 = 20404;
    /// Five checks were made.
    pub const CHECKS_USED_UP: u32 = 60202;
    /// Five sends were made.
    pub const SENDS_USED_UP: u32 = 60203;
    /// A landline cannot take an SMS.
    pub const LANDLINE: u32 = 60205;
    /// Not sent on purpose: blocked by Twilio's review, Fraud Guard, its sign-up protection, or the
    /// countries that are allowed.
    pub const BLOCKED: [u32; 4] = [60238, 60410, 60412, 60605];
}

/// How a code travels.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
pub enum Channel {
    /// A text message.
    #[default]
    Sms,
    /// A call that reads the code.
    Call,
    /// A WhatsApp message.
    Whatsapp,
    /// An email.
    Email,
}

impl Channel {
    /// All there are.
    pub const ALL: [Channel; 4] = [Channel::Sms, Channel::Call, Channel::Whatsapp, Channel::Email];

    /// Twilio's word, and ours.
    pub fn word(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Call => "call",
            Channel::Whatsapp => "whatsapp",
            Channel::Email => "email",
        }
    }

    /// The channel of Twilio's word, in any case.
    pub fn from_twilio(word: &str) -> Option<Channel> {
        Channel::ALL.into_iter().find(|channel| channel.word().eq_ignore_ascii_case(word))
    }

    /// What a send over it is billed as.
    pub fn item(self) -> Item {
        match self {
            Channel::Sms => Item::Sms,
            Channel::Call => Item::Call,
            Channel::Whatsapp => Item::Whatsapp,
            Channel::Email => Item::Email,
        }
    }

    /// The word by which templates name it; `None` where templates do not exist.
    pub fn in_templates(self) -> Option<&'static str> {
        match self {
            Channel::Sms => Some("sms"),
            Channel::Call => Some("voice"),
            Channel::Whatsapp | Channel::Email => None,
        }
    }
}

/// Whether Twilio's Fraud Guard looks at a send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum RiskCheck {
    /// It does.
    Enable,
    /// The send goes around it.
    Disable,
}

impl RiskCheck {
    /// Twilio's word.
    pub fn word(self) -> &'static str {
        match self {
            RiskCheck::Enable => "enable",
            RiskCheck::Disable => "disable",
        }
    }
}

/// Where a verification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
pub enum Status {
    /// Twilio is being asked.
    Starting,
    /// Twilio's answer was lost: it is being looked up.
    Unknown,
    /// Waits for the code.
    Pending,
    /// The right code came.
    Approved,
    /// Ended by us.
    Canceled,
    /// Its time ran out.
    Expired,
    /// Five checks were used up: nothing helps until its time runs out.
    MaxAttempts,
    /// Not sent on purpose: Fraud Guard, a country that is not allowed.
    Blocked,
    /// Not sent: Twilio refused it.
    Refused,
}

impl Status {
    /// All there are.
    pub const ALL: [Status; 9] = [
        Status::Starting,
        Status::Unknown,
        Status::Pending,
        Status::Approved,
        Status::Canceled,
        Status::Expired,
        Status::MaxAttempts,
        Status::Blocked,
        Status::Refused,
    ];

    /// Whether a code may still be on its way or be checked.
    pub fn is_open(self) -> bool {
        matches!(self, Status::Starting | Status::Unknown | Status::Pending)
    }

    /// For a person.
    pub fn words(self) -> &'static str {
        match self {
            Status::Starting => "starting",
            Status::Unknown => "unknown",
            Status::Pending => "pending",
            Status::Approved => "approved",
            Status::Canceled => "canceled",
            Status::Expired => "expired",
            Status::MaxAttempts => "max attempts",
            Status::Blocked => "blocked",
            Status::Refused => "refused",
        }
    }

    /// Whether `next` may follow. An approval by Twilio also follows our own countdown, which may be ahead
    /// of Twilio's; nothing follows an approval.
    pub fn may_become(self, next: Status) -> bool {
        use Status::*;
        match self {
            Starting | Unknown => next != self && next != Starting,
            Pending => matches!(next, Approved | Canceled | Expired | MaxAttempts),
            MaxAttempts => matches!(next, Canceled),
            Expired => matches!(next, Approved),
            Approved | Canceled | Blocked | Refused => false,
        }
    }

    /// The status behind Twilio's word.
    pub fn from_twilio(word: &str) -> Option<Status> {
        Some(match word {
            "pending" => Status::Pending,
            "approved" => Status::Approved,
            "canceled" => Status::Canceled,
            "max_attempts_reached" => Status::MaxAttempts,
            "expired" | "deleted" => Status::Expired,
            "failed" => Status::Refused,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_over() {
        for from in [Status::Approved, Status::Canceled, Status::Blocked, Status::Refused] {
            assert!(Status::ALL.iter().all(|next| !from.may_become(*next)), "{from:?}");
        }
        assert!(Status::Pending.may_become(Status::MaxAttempts) && !Status::MaxAttempts.may_become(Status::Approved));
        assert!(Status::Expired.may_become(Status::Approved), "Twilio's clock decides");
        assert!(!Status::Pending.may_become(Status::Starting) && Status::Unknown.may_become(Status::Pending));
    }

    #[test]
    fn twilios_words_are_known() {
        for channel in Channel::ALL {
            assert_eq!(Channel::from_twilio(&channel.word().to_uppercase()), Some(channel));
        }
        assert_eq!(
            (Channel::from_twilio("sna"), Status::from_twilio("max_attempts_reached")),
            (None, Some(Status::MaxAttempts))
        );
    }
}
