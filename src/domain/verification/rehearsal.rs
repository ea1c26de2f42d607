//! A rehearsal: a burst of codes that is thought through before it happens, to see which limit bites first.
//!
//! Owns when each send of the burst is, our own rules for it, and what the answers sum up to. What Twilio
//! would answer is asked elsewhere: it is an input here, in the order of the sends.

use super::Meter;
use crate::domain::id::Id;
use crate::domain::time::{Span, Time};

/// The most sends of one rehearsal: it answers within one request.
pub const MOST_SENDS: u32 = 2000;
/// The longest rehearsal, in seconds: no code of it runs out before it ends.
pub const LONGEST: u32 = 600;
/// Sends that are kept of one verification, refused ones included; the next one is refused here. Twilio
/// accepts five of them.
pub const KEPT_SENDS: usize = 50;

/// How a burst is spread: evenly over its time, and over its recipients in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// Sends.
    pub sends: u32,
    /// In so many seconds.
    pub seconds: u32,
    /// To so many people.
    pub recipients: u32,
}

impl Burst {
    /// When a send is, from the beginning on.
    pub fn moment(self, nth: u32) -> Span {
        Span(i64::from(nth) * i64::from(self.seconds) * 1_000_000 / i64::from(self.sends.max(1)))
    }

    /// To whom a send goes.
    pub fn recipient(self, nth: u32) -> usize {
        (nth % self.recipients.max(1)) as usize
    }

    /// Sends in the fullest minute of it.
    pub fn a_minute(self) -> u32 {
        let all = u64::from(self.sends) * 60;
        u32::try_from(all.div_ceil(u64::from(self.seconds.max(60)))).unwrap_or(u32::MAX)
    }
}

/// Why a send does not leave the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Own {
    /// The business sends so many codes a minute; there is room in so many seconds.
    Rate(u32),
    /// So many sends of one verification are kept.
    Kept,
}

/// Our own rules during a rehearsal: those of a real send, on a meter that nobody keeps.
#[derive(Debug)]
pub struct Gate {
    meter: Meter,
    limit: Option<u32>,
    tried: Vec<usize>,
}

impl Gate {
    /// The rules of a business: what it sent lately, and its limit of codes a minute if it has one.
    pub fn new(business: Id, lately: Option<Meter>, limit: Option<u32>, recipients: u32) -> Gate {
        let meter = lately.unwrap_or_else(|| Meter::new(business));
        Gate { meter, limit, tried: vec![0; recipients.max(1) as usize] }
    }

    /// Whether a send leaves for Twilio.
    ///
    /// # Errors
    /// The rule that holds it back; it is then not counted.
    pub fn pass(&mut self, at: Time, recipient: usize) -> Result<(), Own> {
        let before = self.limit.map(|_| self.meter.clone());
        if let Some(limit) = self.limit {
            self.meter.take(at, limit).map_err(Own::Rate)?;
        }
        let tried = self.tried.get_mut(recipient).filter(|tried| **tried < KEPT_SENDS);
        match tried {
            Some(tried) => {
                *tried += 1;
                Ok(())
            }
            None => {
                // A change that is refused leaves nothing behind, the count of this minute neither.
                if let Some(before) = before {
                    self.meter = before;
                }
                Err(Own::Kept)
            }
        }
    }
}

/// What Twilio says no with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Its code; the HTTP status where it names none.
    pub code: u32,
    /// The limit of ours at Twilio that was reached, by its unique name.
    pub reached: Option<String>,
    /// Seconds after which it may be tried again, if Twilio says.
    pub wait: Option<u32>,
}

/// What becomes of one send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Twilio accepts it.
    Accepted,
    /// It does not leave the node.
    Held(Own),
    /// Twilio refuses it.
    Refused(Refusal),
}

/// How many of each there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Accepted by Twilio.
    pub accepted: u32,
    /// Refused here.
    pub held: u32,
    /// Refused by Twilio.
    pub refused: u32,
}

impl Count {
    fn add(&mut self, fate: &Fate) {
        match fate {
            Fate::Accepted => self.accepted += 1,
            Fate::Held(_) => self.held += 1,
            Fate::Refused(_) => self.refused += 1,
        }
    }
}

/// A limit that bites: where first, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bite {
    /// The first send that it holds back, with the wait that it was told.
    pub first: Fate,
    /// When that was, from the beginning on.
    pub at: Span,
    /// How many sends it holds back.
    pub times: u32,
}

/// What a rehearsal comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// All of it.
    pub all: Count,
    /// Second by second.
    pub seconds: Vec<Count>,
    /// The limits, the first that bites first.
    pub bites: Vec<Bite>,
}

/// Sums up what became of the sends, which stand in their order.
pub fn tally(burst: Burst, fates: &[Fate]) -> Tally {
    let mut tally = Tally {
        all: Count::default(),
        seconds: vec![Count::default(); burst.seconds.max(1) as usize],
        bites: Vec::new(),
    };
    for (nth, fate) in (0u32..).zip(fates) {
        let at = burst.moment(nth);
        tally.all.add(fate);
        let second = usize::try_from(at.0 / 1_000_000).unwrap_or(usize::MAX);
        if let Some(count) = tally.seconds.get_mut(second) {
            count.add(fate);
        }
        if *fate == Fate::Accepted {
            continue;
        }
        match tally.bites.iter_mut().find(|bite| same(&bite.first, fate)) {
            Some(bite) => bite.times += 1,
            None => tally.bites.push(Bite { first: fate.clone(), at, times: 1 }),
        }
    }
    tally
}

/// Whether two sends were held back by the same limit.
fn same(one: &Fate, other: &Fate) -> bool {
    match (one, other) {
        (Fate::Held(one), Fate::Held(other)) => std::mem::discriminant(one) == std::mem::discriminant(other),
        (Fate::Refused(one), Fate::Refused(other)) => (one.code, &one.reached) == (other.code, &other.reached),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BURST: Burst = Burst { sends: 200, seconds: 60, recipients: 200 };

    fn refused(code: u32) -> Fate {
        Fate::Refused(Refusal { code, reached: None, wait: None })
    }

    #[test]
    fn sends_are_spread_evenly_and_in_turn() {
        assert_eq!((BURST.moment(0), BURST.moment(1), BURST.moment(199)), (Span(0), Span(300_000), Span(59_700_000)));
        let few = Burst { recipients: 3, ..BURST };
        assert_eq!([0, 1, 2, 3].map(|n| few.recipient(n)), [0, 1, 2, 0]);
        assert_eq!((BURST.a_minute(), Burst { seconds: 20, ..BURST }.a_minute()), (200, 200));
        assert_eq!(Burst { seconds: 600, ..BURST }.a_minute(), 20);
    }

    #[test]
    fn the_gate_has_the_rules_of_a_send() {
        let at = |nth: u32| Time::from_secs(1000) + BURST.moment(nth);
        // Ten were sent half a minute before: they count until they are a minute old.
        let lately = Meter { business: Id(1), sends: vec![Time::from_secs(970); 10] };
        let mut gate = Gate::new(Id(1), Some(lately), Some(60), 200);
        let held: Vec<u32> = (0..200).filter(|nth| gate.pass(at(*nth), *nth as usize).is_err()).collect();
        // 50 fit at once; at 30 s the ten are over, and ten more fit.
        assert_eq!((held.first(), held.len()), (Some(&50), 140));
        assert!(held.contains(&99) && !held.contains(&100) && held.contains(&110), "{held:?}");

        let mut gate = Gate::new(Id(1), None, Some(60), 1);
        let answers: Vec<Result<(), Own>> = (0..61).map(|_| gate.pass(at(0), 0)).collect();
        assert_eq!((answers[49], answers[50], answers[60]), (Ok(()), Err(Own::Kept), Err(Own::Kept)));
        assert_eq!(gate.meter.sends.len(), KEPT_SENDS, "what is refused is not counted");
        assert_eq!(Gate::new(Id(1), None, None, 1).pass(at(0), 0), Ok(()), "no limit of its own");
    }

    #[test]
    fn a_tally_names_each_limit_once_where_it_bites_first() {
        let burst = Burst { sends: 6, seconds: 3, recipients: 1 };
        let held = |wait| Fate::Held(Own::Rate(wait));
        let fates = [Fate::Accepted, refused(60203), held(59), refused(60203), held(58), refused(20429)];
        let tally = tally(burst, &fates);
        assert_eq!(tally.all, Count { accepted: 1, held: 2, refused: 3 });
        assert_eq!(tally.seconds[0], Count { accepted: 1, held: 0, refused: 1 });
        assert_eq!(tally.seconds[1], Count { accepted: 0, held: 1, refused: 1 });
        let bites: Vec<(i64, u32)> = tally.bites.iter().map(|bite| (bite.at.0 / 1000, bite.times)).collect();
        assert_eq!(bites, [(500, 2), (1000, 2), (2500, 1)]);
        assert_eq!(tally.bites[1].first, held(59), "with the wait that was told first");
    }
}
