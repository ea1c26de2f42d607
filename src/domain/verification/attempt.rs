//! An attempt: one send of a code, what was asked for, and what became of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Channel, RiskCheck, Status};
use crate::domain::address::Address;
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::time::Time;

/// How far a code has come, in the words of messages and of calls. The order is that in which they follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
pub enum Progress {
    /// Twilio is being asked.
    Starting,
    /// Twilio's answer was lost: it is being looked up.
    Unknown,
    /// Twilio has accepted it.
    Queued,
    /// It is on its way.
    Sent,
    /// The phone rings.
    Ringing,
    /// Somebody listens.
    InProgress,
    /// It arrived.
    Delivered,
    /// The call was heard to its end.
    Completed,
    /// The carrier could not deliver it.
    Undelivered,
    /// Twilio could not send it.
    Failed,
    /// The line was busy.
    Busy,
    /// Nobody answered.
    NoAnswer,
    /// Taken back.
    Canceled,
    /// Not sent on purpose: Fraud Guard, a country that is not allowed.
    Blocked,
    /// Not sent: Twilio refused it.
    Refused,
}

impl Progress {
    /// The progress behind Twilio's word for a message or a call.
    pub fn from_twilio(word: &str) -> Option<Progress> {
        Some(match word {
            "accepted" | "scheduled" | "queued" | "sending" => Progress::Queued,
            "sent" => Progress::Sent,
            "delivered" | "read" => Progress::Delivered,
            "undelivered" => Progress::Undelivered,
            "failed" => Progress::Failed,
            "ringing" => Progress::Ringing,
            "in-progress" => Progress::InProgress,
            "completed" => Progress::Completed,
            "busy" => Progress::Busy,
            "no-answer" => Progress::NoAnswer,
            "canceled" => Progress::Canceled,
            _ => return None,
        })
    }

    /// For a person.
    pub fn words(self) -> &'static str {
        match self {
            Progress::Starting => "starting",
            Progress::Unknown => "unknown",
            Progress::Queued => "queued",
            Progress::Sent => "sent",
            Progress::Ringing => "ringing",
            Progress::InProgress => "in progress",
            Progress::Delivered => "delivered",
            Progress::Completed => "completed",
            Progress::Undelivered => "undelivered",
            Progress::Failed => "failed",
            Progress::Busy => "busy",
            Progress::NoAnswer => "no answer",
            Progress::Canceled => "canceled",
            Progress::Blocked => "blocked",
            Progress::Refused => "refused",
        }
    }

    /// Whether nothing more follows.
    pub fn is_final(self) -> bool {
        self >= Progress::Delivered
    }

    /// Whether Twilio has not answered yet.
    pub fn is_unanswered(self) -> bool {
        matches!(self, Progress::Starting | Progress::Unknown)
    }

    /// Whether it reached the other side.
    pub fn has_arrived(self) -> bool {
        matches!(self, Progress::Delivered | Progress::Completed)
    }

    /// Whether it never left.
    pub fn is_refusal(self) -> bool {
        matches!(self, Progress::Blocked | Progress::Refused)
    }

    /// Whether it may go on to `next`: only forward, and nothing follows an end.
    pub fn may_become(self, next: Progress) -> bool {
        !self.is_final() && next > self && (!next.is_refusal() || self.is_unanswered())
    }
}

/// When an attempt came how far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// How far.
    pub progress: Progress,
    /// When; for what Twilio does, when it was seen here unless Twilio tells it.
    pub at: Time,
}

/// What is asked for with a send, so that it can be asked for again. A code of one's own is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// How it travels.
    pub channel: Channel,
    /// The language of the text; by the recipient's country when absent.
    pub locale: Option<String>,
    /// The template of the text.
    pub template: Option<Sid>,
    /// Which version of the business's own choice of template it was, if that chose.
    pub template_version: Option<u64>,
    /// Values of the template's placeholders.
    pub substitutions: BTreeMap<String, String>,
    /// The name in the text, in place of the service's.
    pub name: Option<String>,
    /// Keys of Twilio's programmable rate limits.
    pub rate_limits: BTreeMap<String, String>,
    /// The amount of a payment to confirm.
    pub amount: Option<String>,
    /// The receiver of that payment.
    pub payee: Option<String>,
    /// Keys that are dialled when a call is answered.
    pub send_digits: Option<String>,
    /// The app that reads the SMS by itself.
    pub app_hash: Option<String>,
    /// Whether Fraud Guard looks at it; as the service has it when absent.
    pub risk_check: Option<RiskCheck>,
    /// What stands with it in Twilio's events.
    pub tags: BTreeMap<String, String>,
    /// Whether the code was given by the caller.
    pub own_code: bool,
}

/// One send of a code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The tenant.
    pub business: Id,
    /// Our id.
    pub id: Id,
    /// Its flow.
    pub flow: Id,
    /// Which of the flow's verifications, from 0.
    pub leg: usize,
    /// The n-th send of that verification, from 1.
    pub nth: u32,
    /// The recipient: E.164, or an email address.
    pub to: Address,
    /// The Verify service.
    pub service: Sid,
    /// What was asked for.
    pub wish: Wish,
    /// The verification at Twilio (VE).
    #[serde(default)]
    pub verification: Option<Sid>,
    /// The attempt at Twilio (VL).
    #[serde(default)]
    pub sid: Option<Sid>,
    /// How far it has come.
    pub progress: Progress,
    /// How its verification ended, or stands.
    pub outcome: Status,
    /// Twilio's code, when something went wrong.
    #[serde(default)]
    pub error: Option<u32>,
    /// What it said.
    #[serde(default)]
    pub error_text: Option<String>,
    /// Segments of the text; 0 where nobody counts them.
    #[serde(default)]
    pub segments: u32,
    /// What the send is expected to cost.
    #[serde(default)]
    pub estimate: Option<Money>,
    /// What Twilio charged for it.
    #[serde(default)]
    pub price: Option<Money>,
    /// Whether Twilio counts it as converted.
    #[serde(default)]
    pub converted: Option<bool>,
    /// Two letters of the recipient's country, as Twilio sees it, else as the number says.
    #[serde(default)]
    pub country: Option<String>,
    /// The recipient's carrier.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Who asked.
    pub actor: String,
    /// When it was asked for.
    pub at: Time,
    /// The way it went.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// When Twilio was asked (wall clock).
    pub started: Time,
    /// Whether everything that Twilio will tell is known.
    #[serde(default)]
    pub settled: bool,
    /// What became of the verification that it is the first send of; kept there only.
    #[serde(default)]
    pub journey: Journey,
}

/// What became of a verification, beside how it ended; kept at its first send, for analytics.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Journey {
    /// Checks that were looked at.
    pub checks: u32,
    /// Those that were wrong.
    pub wrong: u32,
    /// Whether one of the later sends arrived.
    pub arrived: bool,
    /// When it ended.
    pub ended_at: Option<Time>,
    /// What a right code is expected to cost, by the rate card when it was asked for.
    pub fee: Option<Money>,
}

impl Attempt {
    /// Goes on to `progress`; `false` when that cannot follow.
    pub fn go_on(&mut self, progress: Progress, at: Time) -> bool {
        if !self.progress.may_become(progress) {
            return false;
        }
        self.progress = progress;
        self.steps.push(Step { progress, at });
        true
    }

    /// What it costs: what Twilio charged, else what is expected; with whether it is an estimate. Nothing
    /// for what never left.
    pub fn cost(&self) -> Option<(Money, bool)> {
        if self.progress.is_refusal() {
            return None;
        }
        let reported = self.price.clone().map(|price| (price, false));
        reported.or_else(|| self.estimate.clone().map(|estimate| (estimate, true)))
    }

    /// Whether Twilio may tell something new by itself. One that has arrived and has its price says nothing
    /// more until its verification ends.
    pub fn awaits_news(&self) -> bool {
        let quiet = self.progress.is_final() && self.price.is_some() && self.outcome.is_open();
        !self.settled && !quiet && !self.progress.is_unanswered() && !self.progress.is_refusal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_send_goes_forward_only() {
        assert!(Progress::Queued.may_become(Progress::Delivered) && !Progress::Delivered.may_become(Progress::Sent));
        assert!(!Progress::Sent.may_become(Progress::Refused) && Progress::Unknown.may_become(Progress::Refused));
        assert!(!Progress::Refused.may_become(Progress::Queued) && Progress::Unknown.may_become(Progress::Queued));
        assert!(!Progress::Delivered.may_become(Progress::Failed), "the first end stands");
    }
}
