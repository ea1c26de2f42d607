//! Codes of a history: asked for, read off a simulated phone, typed right, wrong or not at all.

use serde::Deserialize;

use super::days::Days;
use super::{Stage, wrong};
use crate::api::ApiError;
use crate::api::simulator::{GetPhone, SetOutcome};
use crate::api::verify::{CheckVerification, GetFlow, OneTimeCode, SendVerification};
use crate::domain::id::Id;
use crate::domain::time::{Span, Time};
use crate::domain::verification::{CHECKS, Channel, codes, handset};

/// The least time from the request to the typed code: a call has been heard to its end by then.
const TYPED: i64 = 15;
/// So much longer it takes some.
const LONGER: i64 = 41;
/// A code is over ten minutes after it was first sent; nobody asks about it in the very second.
const OVER: Span = Span::secs(602);
/// What the recipients' numbers begin with; two digits follow. Nobody has them: 555-0110 to 555-0199.
const PREFIXES: [&str; 6] = ["+121255501", "+131255501", "+150355501", "+161755501", "+170255501", "+180855501"];
/// How many numbers a prefix has, and the two digits of the first.
const EACH: usize = 90;
const FIRST: usize = 10;
/// What the blocked numbers begin with.
const BLOCKED: &str = "+1415555017";
/// The error of a handset that is out of reach.
const UNREACHABLE: u32 = 30003;

/// Verifications of a business over one channel, spread over days, by how they end.
#[derive(Debug, Clone, Deserialize)]
pub struct Codes {
    /// The business's name.
    business: String,
    channel: Channel,
    #[serde(flatten)]
    days: Days,
    /// What the recipients' numbers begin with, two digits short; American ones when absent.
    #[serde(default)]
    prefixes: Vec<String>,
    /// The right code came.
    #[serde(default)]
    approved: u32,
    /// No code came.
    #[serde(default)]
    expired: u32,
    /// Only wrong codes came.
    #[serde(default)]
    max_checks: u32,
    /// The handset was out of reach.
    #[serde(default)]
    undelivered: u32,
    /// Fraud Guard let nothing out.
    #[serde(default)]
    blocked: u32,
}

impl Codes {
    fn fates(&self) -> [(u32, Fate); 5] {
        [
            (self.approved, Fate::Approved),
            (self.expired, Fate::Expired),
            (self.max_checks, Fate::MaxChecks),
            (self.undelivered, Fate::Undelivered),
            (self.blocked, Fate::Blocked),
        ]
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        self.fates().iter().map(|(n, _)| n).sum()
    }
}

/// How one ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Approved,
    Expired,
    MaxChecks,
    Undelivered,
    Blocked,
}

/// One verification.
#[derive(Debug, Clone)]
pub struct Planned {
    /// When it is asked for.
    pub at: Time,
    business: String,
    channel: Channel,
    to: String,
    fate: Fate,
    /// Its place among all.
    nth: usize,
    /// Once it is sent.
    flow: Option<Id>,
}

/// All verifications, in order of time.
pub fn plan(groups: &[Codes]) -> Vec<Planned> {
    let mut all = Vec::new();
    for group in groups {
        let count = group.count();
        let fates = group.fates();
        let fates: Vec<Fate> = fates.iter().flat_map(|(n, fate)| std::iter::repeat_n(*fate, *n as usize)).collect();
        let stride = stride(fates.len());
        for n in 0..count {
            let fate = fates[n as usize * stride % fates.len()];
            let (business, channel) = (group.business.clone(), group.channel);
            let at = group.days.moment(n, count);
            all.push((Planned { at, business, channel, to: String::new(), fate, nth: 0, flow: None }, &group.prefixes));
        }
    }
    all.sort_by_key(|(planned, _)| planned.at);
    // By their place in time: the same person is not asked for two codes at once.
    let addressed = all.into_iter().enumerate().map(|(nth, (planned, prefixes))| {
        let to = match (planned.fate, planned.channel) {
            (Fate::Blocked, _) => format!("{BLOCKED}{}", nth % 10),
            (_, Channel::Email) => format!("guest{nth}@example.com"),
            _ => number(prefixes, nth),
        };
        Planned { to, nth, ..planned }
    });
    addressed.collect()
}

/// A step that meets each of `count` places once before it comes back: the fates mix.
fn stride(count: usize) -> usize {
    let common = |mut a: usize, mut b: usize| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    [11, 13, 17, 19, 23].into_iter().find(|step| common(*step, count) == 1).unwrap_or(1)
}

fn number(prefixes: &[String], nth: usize) -> String {
    let last = FIRST + nth % EACH;
    match prefixes.len() {
        0 => format!("{}{last}", PREFIXES[nth / EACH % PREFIXES.len()]),
        n => format!("{}{last}", prefixes[nth / EACH % n]),
    }
}

impl Planned {
    /// When a code is typed, if one is.
    pub fn typed(&self) -> Option<Time> {
        let after = TYPED + i64::try_from(self.nth).unwrap_or(0) * 7 % LONGER;
        matches!(self.fate, Fate::Approved | Fate::MaxChecks).then_some(self.at + Span::secs(after))
    }

    /// When it is over by itself, if it is.
    pub fn over(&self) -> Option<Time> {
        matches!(self.fate, Fate::Expired | Fate::Undelivered).then_some(self.at + OVER)
    }

    /// Asks for the code.
    pub async fn send(&mut self, stage: &Stage<'_>) -> Result<(), ApiError> {
        let business = stage.business(&self.business)?.id;
        match self.fate {
            // Fraud Guard forgets after hours.
            Fate::Blocked => stage.block(&[BLOCKED]).await?,
            Fate::Undelivered => {
                let (address, status) = (self.handset(), "undelivered".to_owned());
                let outcome = SetOutcome { address, status, error_code: Some(UNREACHABLE), times: Some(1) };
                stage.link.call(outcome).await?;
            }
            _ => {}
        }
        let sent = stage.link.call(SendVerification {
            business,
            to: self.to.clone(),
            channel: Some(self.channel),
            ..SendVerification::default()
        });
        match (self.fate, sent.await) {
            (Fate::Blocked, Err(e)) if e.twilio.is_some_and(|code| codes::BLOCKED.contains(&code)) => Ok(()),
            (Fate::Blocked, _) => Err(wrong(format!("{} should be blocked", self.to))),
            (_, sent) => {
                self.flow = Some(sent?.id);
                Ok(())
            }
        }
    }

    /// Types the code, or wrong ones until there are no more checks.
    pub async fn check(&self, stage: &Stage<'_>) -> Result<(), ApiError> {
        // How it came is asked before it is over: afterwards only the end of it is known.
        self.look(stage).await?;
        let business = stage.business(&self.business)?.id;
        let right = self.code(stage).await?;
        let check = |code: &str| {
            stage.link.call(CheckVerification {
                business,
                code: OneTimeCode(code.to_owned()),
                to: None,
                flow: self.flow,
                amount: None,
                payee: None,
            })
        };
        if self.fate == Fate::Approved {
            if !check(&right).await?.success {
                return Err(wrong(format!("the code of {} should be right", self.to)));
            }
            return self.look(stage).await;
        }
        let other = handset::another(&right);
        for _ in 0..CHECKS {
            check(&other).await?;
        }
        match check(&right).await {
            Err(e) if e.twilio == Some(codes::CHECKS_USED_UP) => self.look(stage).await,
            _ => Err(wrong(format!("a check of {} should be one too many", self.to))),
        }
    }

    /// Asks Twilio what became of it.
    pub async fn look(&self, stage: &Stage<'_>) -> Result<(), ApiError> {
        let business = stage.business(&self.business)?.id;
        let flow = self.flow.ok_or_else(|| wrong("a code is typed before it is sent"))?;
        stage.link.call(GetFlow { business, flow, refresh: true }).await.map(drop)
    }

    fn handset(&self) -> String {
        handset::address(&self.to, self.channel)
    }

    /// The code, as its recipient reads or hears it.
    async fn code(&self, stage: &Stage<'_>) -> Result<String, ApiError> {
        let phone = stage.link.call(GetPhone { address: self.handset() }).await?;
        let digits = stage.business(&self.business)?.digits;
        phone.newest_code(digits).ok_or_else(|| wrong(format!("no code reached {}", self.to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fate_is_met_as_often_as_told() {
        for count in 1..400 {
            let step = stride(count);
            let met: std::collections::BTreeSet<usize> = (0..count).map(|n| n * step % count).collect();
            assert_eq!(met.len(), count);
        }
    }

    #[test]
    fn numbers_are_those_that_nobody_has() {
        for nth in 0..600 {
            let number = number(&[], nth);
            assert_eq!(number.len(), 12, "{number}");
            assert_eq!(&number[5..10], "55501", "{number}");
        }
        assert_eq!(number(&["+4477009001".into()], 91), "+447700900111");
    }
}
