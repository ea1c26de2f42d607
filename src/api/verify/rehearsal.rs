//! Rehearsals: a burst of codes, and which limit would bite where (sandbox only).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::verification::Channel;

/// Input: what would become of many sends in a row. Nothing is sent, and nothing of it is kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RehearseVerifications {
    /// The business.
    pub business: Id,
    /// How many codes, 1 to 2000; 200 when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 2000))]
    pub sends: Option<u32>,
    /// In how many seconds, 1 to 600, spread evenly; 60 when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 600))]
    pub seconds: Option<u32>,
    /// To how many people in turn; each code goes to another one when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(range(min = 1, max = 2000))]
    pub recipients: Option<u32>,
    /// How they travel; `sms` when absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channel: Option<Channel>,
    /// The language of the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// The template of the text, as for a send.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<Sid>,
    /// Values of the template's placeholders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub substitutions: BTreeMap<String, String>,
    /// Keys of the service's programmable rate limits and the values that each send has.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub rate_limits: BTreeMap<String, String>,
    /// The amount of a payment, where the service confirms payments.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amount: Option<String>,
    /// The receiver of that payment.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub payee: Option<String>,
}

/// Whose a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Whose {
    /// The business's own, or this node's: nothing leaves for Twilio.
    Ours,
    /// Twilio's.
    Twilio,
}

/// A limit that bites.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BiteView {
    /// Whose it is.
    pub whose: Whose,
    /// Twilio's code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<u32>,
    /// What it is called, in a few words.
    pub name: String,
    /// When it bites first: milliseconds from the beginning of the burst.
    pub at_ms: u64,
    /// How many sends it holds back.
    pub times: u32,
    /// Seconds after which the first of them may try again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<u32>,
    /// What it means, as a sentence.
    pub detail: String,
    /// What to do, as a sentence.
    pub remedy: String,
}

/// What became of the sends of one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecondView {
    /// Which one, from 0.
    pub second: u32,
    /// Accepted by Twilio.
    pub accepted: u32,
    /// Refused by our own limits.
    pub held: u32,
    /// Refused by Twilio.
    pub refused: u32,
}

/// What a burst would come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    /// Codes that were asked for.
    pub sends: u32,
    /// In so many seconds.
    pub seconds: u32,
    /// To so many people.
    pub recipients: u32,
    /// How they travel.
    pub channel: Channel,
    /// How many Twilio accepts.
    pub accepted: u32,
    /// How many our own limits hold back.
    pub held: u32,
    /// How many Twilio refuses.
    pub refused: u32,
    /// What the accepted ones cost, by the rate card.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cost: Option<Money>,
    /// What each right code adds to that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub success_fee: Option<Money>,
    /// The outcome in a sentence.
    pub verdict: String,
    /// The limits that bite, the first one first.
    pub bites: Vec<BiteView>,
    /// What is not in it, as sentences.
    pub notes: Vec<String>,
    /// The seconds, in order.
    pub items: Vec<SecondView>,
}

/// Some seconds of a rehearsal together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first second.
    pub from: u32,
    /// The first second after it.
    pub until: u32,
    /// What became of its sends.
    pub count: SecondView,
}

impl Stretch {
    /// All its sends.
    pub fn sends(&self) -> u32 {
        self.count.accepted + self.count.held + self.count.refused
    }

    /// How many cells of a bar each of the three gets, where the fullest stretch has `full` sends and `cells`
    /// cells. What there is at all has one cell, at the cost of the longest.
    pub fn cells(&self, full: u32, cells: usize) -> [usize; 3] {
        let scaled = |n: u32| (n as usize * cells).div_ceil(full.max(1) as usize);
        let all = scaled(self.sends());
        let mut parts = [self.count.accepted, self.count.held, self.count.refused].map(scaled);
        while parts.iter().sum::<usize>() > all {
            let Some(longest) = parts.iter_mut().max().filter(|longest| **longest > 1) else { break };
            *longest -= 1;
        }
        parts
    }
}

impl Rehearsal {
    /// Its seconds in at most so many stretches of the same length; the last one may be shorter.
    pub fn stretches(&self, most: usize) -> Vec<Stretch> {
        let step = self.items.len().div_ceil(most.max(1)).max(1);
        let sum = |part: &[SecondView]| {
            part.iter().fold(SecondView::default(), |sum, second| SecondView {
                second: 0,
                accepted: sum.accepted + second.accepted,
                held: sum.held + second.held,
                refused: sum.refused + second.refused,
            })
        };
        let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let chunks = self.items.chunks(step).enumerate();
        chunks
            .map(|(n, part)| Stretch { from: place(n * step), until: place(n * step + part.len()), count: sum(part) })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_put_together_and_every_part_is_seen() {
        let second = |second, accepted, held, refused| SecondView { second, accepted, held, refused };
        let items: Vec<SecondView> =
            (0..60).map(|n| if n < 20 { second(n, 3, 0, 0) } else { second(n, 0, 3, 1) }).collect();
        let rehearsal = Rehearsal {
            sends: 220,
            seconds: 60,
            recipients: 200,
            channel: Channel::Sms,
            accepted: 60,
            held: 120,
            refused: 40,
            cost: None,
            success_fee: None,
            verdict: String::new(),
            bites: Vec::new(),
            notes: Vec::new(),
            items,
        };
        let parts = rehearsal.stretches(12);
        assert_eq!((parts.len(), parts[0].from, parts[0].until, parts[11].until), (12, 0, 5, 60));
        assert_eq!((parts[0].sends(), parts[4].sends()), (15, 20));
        assert_eq!((parts[0].cells(20, 20), parts[4].cells(20, 20)), ([15, 0, 0], [0, 15, 5]));
        let rare = Stretch { count: second(0, 0, 99, 1), ..parts[0] };
        assert_eq!(rare.cells(100, 10), [0, 9, 1], "the one is seen");
        let sum: u32 = rehearsal.stretches(7).iter().map(Stretch::sends).sum();
        assert_eq!(sum, 220);
    }
}
