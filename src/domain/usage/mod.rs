//! What Twilio's usage records say, beside what is counted here.
//!
//! Owns what is compared with what, and which reasons for a difference are known ([`reconcile`]). Twilio's days
//! are those of GMT, its categories overlap: only those are named here that do not. It knows no store and asks
//! nobody.

mod reconcile;
#[cfg(test)]
mod tests;

use std::fmt;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::id::Sid;
use super::money::Money;
use super::time::Time;
pub use reconcile::{Day, Line, Ours, Reason, Side, Why, reconcile, totals};

/// A day of GMT in microseconds.
const DAY: i64 = 86_400_000_000;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UsageSubject")]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Texts to customers, with pictures or without.
    MessagesOut,
    /// Texts from customers.
    MessagesIn,
    /// WhatsApp messages to customers.
    WhatsappOut,
    /// WhatsApp messages from customers.
    WhatsappIn,
    /// Codes by text message.
    VerifySms,
    /// Codes by call.
    VerifyCall,
    /// Codes by WhatsApp.
    VerifyWhatsapp,
    /// Codes by email.
    VerifyEmail,
    /// Right codes.
    VerifySuccess,
    /// Lookups of what kind of line a number is.
    Lookups,
    /// Rent of numbers and short codes.
    Numbers,
    /// Everything else that Twilio bills: carrier fees, media, registrations.
    Other,
    /// All that Twilio bills.
    Total,
}

impl Subject {
    /// All of them, in the order of tables.
    pub const ALL: [Subject; 13] = [
        Subject::MessagesOut,
        Subject::MessagesIn,
        Subject::WhatsappOut,
        Subject::WhatsappIn,
        Subject::VerifySms,
        Subject::VerifyCall,
        Subject::VerifyWhatsapp,
        Subject::VerifyEmail,
        Subject::VerifySuccess,
        Subject::Lookups,
        Subject::Numbers,
        Subject::Other,
        Subject::Total,
    ];

    /// Twilio's categories of it; none holds another. `Other` is what is left of the total.
    pub fn categories(self) -> &'static [&'static str] {
        match self {
            Subject::MessagesOut => &["sms-outbound", "mms-outbound"],
            Subject::MessagesIn => &["sms-inbound", "mms-inbound"],
            Subject::WhatsappOut => &["channels-whatsapp-outbound"],
            Subject::WhatsappIn => &["channels-whatsapp-inbound"],
            Subject::VerifySms => &["authy-sms-outbound"],
            Subject::VerifyCall => &["authy-calls-outbound"],
            Subject::VerifyWhatsapp => &["verify-whatsapp-conversations-business-initiated"],
            Subject::VerifyEmail => &["authy-verify-outbound-email"],
            Subject::VerifySuccess => &["authy-phone-verifications", "authy-verify-email-verifications"],
            Subject::Lookups => &["enhanced-line-type-lookups"],
            Subject::Numbers => &["phonenumbers", "shortcodes"],
            Subject::Other => &[],
            Subject::Total => &["totalprice"],
        }
    }

    /// For people.
    pub fn name(self) -> &'static str {
        match self {
            Subject::MessagesOut => "texts out",
            Subject::MessagesIn => "texts in",
            Subject::WhatsappOut => "WhatsApp out",
            Subject::WhatsappIn => "WhatsApp in",
            Subject::VerifySms => "codes by SMS",
            Subject::VerifyCall => "codes by call",
            Subject::VerifyWhatsapp => "codes by WhatsApp",
            Subject::VerifyEmail => "codes by email",
            Subject::VerifySuccess => "right codes",
            Subject::Lookups => "lookups",
            Subject::Numbers => "numbers",
            Subject::Other => "everything else",
            Subject::Total => "total",
        }
    }

    /// The messages that went this way.
    pub fn of_messages(is_out: bool, is_whatsapp: bool) -> Subject {
        match (is_out, is_whatsapp) {
            (true, false) => Subject::MessagesOut,
            (false, false) => Subject::MessagesIn,
            (true, true) => Subject::WhatsappOut,
            (false, true) => Subject::WhatsappIn,
        }
    }

    /// Whether they are counted here, too.
    pub fn is_counted(self) -> bool {
        !matches!(self, Subject::Numbers | Subject::Other | Subject::Total)
    }

    /// Whether what they cost is known here by Twilio's own prices.
    fn is_priced(self) -> bool {
        use Subject::*;
        matches!(self, MessagesOut | WhatsappOut | VerifySms | VerifyCall | VerifyWhatsapp | VerifyEmail)
    }

    /// Whether what they cost is taken from the rate card: Twilio says no price of the single one.
    fn is_by_rate_card(self) -> bool {
        matches!(self, Subject::VerifySuccess | Subject::Lookups)
    }
}

/// What Twilio says of one category on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Twilio's name of it.
    pub category: String,
    /// How many.
    pub count: u64,
    /// What they cost; absent where Twilio names no amount.
    #[serde(default)]
    pub price: Option<Money>,
}

/// Messages that Twilio lists on a day and that are not here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Strangers {
    /// What they are.
    pub subject: Subject,
    /// Why they are not here.
    pub why: Why,
    /// How many.
    pub count: u64,
    /// What they cost, by currency, as far as Twilio has said it.
    #[serde(default)]
    pub amounts: Vec<Money>,
}

/// Twilio's records of one account and day, as they were when it was asked last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UsageDay {
    /// The account, without its subaccounts.
    pub account: Sid,
    /// The day of GMT, counted from the epoch.
    pub day: u32,
    /// When Twilio was asked (business time).
    pub asked_at: Time,
    /// The categories that something was used of.
    pub records: Vec<Record>,
    /// Messages that are not here; looked for only where Twilio counts more than are here.
    #[serde(default)]
    pub strangers: Vec<Strangers>,
}

impl UsageDay {
    /// The day of GMT that a moment lies in.
    pub fn of(at: Time) -> u32 {
        u32::try_from(at.0.div_euclid(DAY)).unwrap_or(0)
    }

    /// Where a day begins.
    pub fn start(day: u32) -> Time {
        Time(i64::from(day) * DAY)
    }

    /// Whether the day was over when Twilio was asked, and a day more had passed: usage lags by hours.
    pub fn is_settled(&self) -> bool {
        self.asked_at >= UsageDay::start(self.day.saturating_add(2))
    }
}

/// A difference of two amounts, with its sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// What Twilio says less what is known here, as a decimal text.
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// The currency, ISO 4217.
    pub unit: String,
}

impl Difference {
    /// For people: `+$0.0083`, `-$0.0083`.
    pub fn signed(&self) -> String {
        let sign = if self.amount.is_sign_negative() { '-' } else { '+' };
        format!("{sign}{}", Money::new(self.amount, &self.unit).fine())
    }
}

impl fmt::Display for Side {
    /// A count with its amounts, `3 $0.0249 (1 pending)`: what has no price is told, never a zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.count.map(|n| n.to_string()).into_iter().collect();
        parts.extend(self.amounts.iter().map(Money::fine));
        if self.pending > 0 {
            parts.push(format!("({} pending)", self.pending));
        }
        f.write_str(if parts.is_empty() { "nothing".to_owned() } else { parts.join(" ") }.as_str())
    }
}

impl Line {
    /// By how much Twilio's count and amounts are more than ours, `+2 +$0.0166`; empty where they are not.
    pub fn more(&self) -> String {
        let mut parts: Vec<String> =
            self.difference.filter(|n| *n != 0).map(|n| format!("{n:+}")).into_iter().collect();
        parts.extend(self.price_differences.iter().filter(|d| !d.amount.is_zero()).map(Difference::signed));
        parts.join(" ")
    }

    /// Whether nothing of it is unexplained.
    pub fn is_explained(&self) -> bool {
        self.reasons.iter().all(|reason| reason.why != Why::NotExplained)
    }
}

/// Adds an amount to those of its currency.
pub fn add(amounts: &mut Vec<Money>, more: &Money) {
    match amounts.iter_mut().find(|have| have.unit == more.unit) {
        Some(have) => *have = have.plus(more).unwrap_or_else(|| have.clone()),
        None => amounts.push(more.clone()),
    }
}
