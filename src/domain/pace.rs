//! How fast a sender may send: Twilio's limits by kind of number, and the line that forms before one.
//!
//! Twilio takes requests faster than a sender may send and queues what exceeds its pace, for ten hours'
//! worth; what is beyond fails (21611, 30001). So what exceeds the pace waits here instead, where it can be
//! seen, taken back and overtaken by nobody. The unit is a segment: Twilio counts those.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::address::{Address, AddressKind};
use super::time::{Span, Time};

/// Segments a second by kind of sender, unless an endpoint says otherwise: (kind, pace, source).
///
/// A registered US long code may do more, by the trust score of its brand; how much is told to its owner
/// alone, so that is what an endpoint's own pace is for.
pub const BY_KIND: &[(&str, u32, &str)] = &[
    ("short code", 100, "Twilio's error reference, 21611"),
    ("toll-free number", 3, "Twilio's error reference, 21611"),
    ("long code", 1, "Twilio's error reference, 21611"),
    ("WhatsApp sender", 80, "commonly known of Twilio's WhatsApp senders"),
    ("other sender", 1, "the slowest of the others"),
];

/// What is let through at once after a rest, in seconds of pace: so much Twilio's own queue may smooth, and
/// an agent who writes to a few customers waits for nothing.
const BURST: Span = Span::secs(10);
/// The prefixes of toll-free numbers in the North American plan.
const TOLL_FREE: [&str; 7] = ["+1800", "+1888", "+1877", "+1866", "+1855", "+1844", "+1833"];
/// The fastest pace an endpoint can be given, in segments a second.
pub const FASTEST: u32 = 1000;
/// How long a sender goes at half its pace after Twilio said that it was too fast.
const CHASTENED: Span = Span::secs(300);

/// Twilio's words for a sender that is too fast once a message was accepted: the queue ran over, or the
/// campaign's rate was exceeded.
pub fn is_too_fast(code: u32) -> bool {
    matches!(code, 30001 | 30022)
}

/// The pace of a sender by its kind, in segments a second.
pub fn of(sender: &Address) -> u32 {
    let kind = match sender.kind() {
        AddressKind::ShortCode => "short code",
        AddressKind::E164 if TOLL_FREE.iter().any(|prefix| sender.as_str().starts_with(prefix)) => "toll-free number",
        AddressKind::E164 => "long code",
        AddressKind::Whatsapp => "WhatsApp sender",
        AddressKind::Alphanumeric | AddressKind::Email | AddressKind::Other => "other sender",
    };
    BY_KIND.iter().find(|(known, ..)| *known == kind).map_or(1, |(_, pace, _)| *pace)
}

/// What goes first when messages wait for the same sender.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    Encode,
    Decode,
    schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
#[cbor(index_only)]
pub enum Priority {
    /// A one-time code: somebody waits for it with a form before them.
    #[n(0)]
    Code,
    /// An agent and a customer talk.
    #[default]
    #[n(1)]
    Chat,
    /// One of many: it lets everything else go first.
    #[n(2)]
    Bulk,
}

/// So much earlier than a place in line is asked for whatever is the more urgent, or has stood longer, of two
/// that have the same place.
const LEAD: Span = Span::millis(1);

impl Priority {
    /// How much earlier than its place it is tried.
    fn lead(self, stood: bool) -> Span {
        Span(LEAD.0 * (2 * (Priority::Bulk as i64 - self as i64) + i64::from(stood)))
    }
}

/// What a sender has spent, and the lines that wait before it, one for each priority. All times are business
/// time.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    /// When all that has left is paid for: nobody has waited since then.
    paid: Time,
    /// The first moment behind each line.
    lines: [Time; 3],
    /// The first moment behind those who stood in line and found no place after all.
    again: [Time; 3],
    /// Twilio takes nothing from it until then.
    closed: Time,
    /// It goes at half its pace until then.
    chastened: Time,
}

impl Default for Meter {
    fn default() -> Meter {
        let long_ago = Time(0);
        let lines = [long_ago; 3];
        Meter { paid: long_ago, lines, again: lines, closed: long_ago, chastened: long_ago }
    }
}

impl Meter {
    /// Whether a message may leave now, which is then paid for; else about when. One that `stood` in line
    /// already is not sent to its end again.
    ///
    /// # Errors
    /// The moment at which it shall be tried.
    pub fn ask(&mut self, pace: u32, segments: u32, priority: Priority, stood: bool, now: Time) -> Result<(), Time> {
        let slowed = if now < self.chastened { 2 } else { 1 };
        let micros = 1_000_000 * slowed * i64::from(segments.max(1)) / i64::from(pace.clamp(1, FASTEST));
        let cost = Span(micros);
        // What was spent within the burst is forgiven; a text that is dearer than all of it waits for all.
        let free = self.paid + Span((cost.0 - BURST.0).min(0));
        let first = free.max(self.closed);
        let (at, lead) = (priority as usize, priority.lead(stood));
        // Whoever is less urgent is not waited for.
        let line = |lines: &[Time; 3]| lines[..=at].iter().copied().max().unwrap_or_default();
        if if stood { first - lead <= now } else { first <= now && line(&self.lines) <= now } {
            if !stood {
                self.put_off_after(at, cost, now);
            }
            self.paid = self.paid.max(now) + cost;
            return Ok(());
        }
        let lines = if stood { &mut self.again } else { &mut self.lines };
        let place = first.max(line(lines)).max(now);
        lines[at] = place + cost;
        if !stood {
            self.put_off_after(at, cost, now);
        }
        Err((place - lead).max(now + Span(1)))
    }

    /// The lines of what is less urgent get longer by what goes before them.
    fn put_off_after(&mut self, at: usize, cost: Span, now: Time) {
        for line in self.lines[at + 1..].iter_mut().filter(|line| **line > now) {
            *line = *line + cost;
        }
    }

    /// Twilio takes nothing from this sender for a while.
    pub fn close(&mut self, until: Time) {
        self.closed = self.closed.max(until);
    }

    /// Twilio said that it was too fast.
    pub fn chasten(&mut self, now: Time) {
        self.chastened = now + CHASTENED;
    }

    /// Whether nothing of it needs to be remembered.
    pub fn is_at_rest(&self, now: Time) -> bool {
        let times = [self.paid, self.closed, self.chastened];
        times.iter().chain(&self.lines).chain(&self.again).all(|at| *at < now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_secs(1_772_470_800);

    /// Plays a line: each asks at its moment until it may leave. Answers when each left.
    fn drain(meter: &mut Meter, pace: u32, arrivals: &[Time]) -> Vec<Time> {
        let arrivals: Vec<_> = arrivals.iter().map(|at| (*at, Priority::Bulk)).collect();
        mixed(meter, pace, &arrivals)
    }

    /// The same of several priorities. Of those at the same moment the last one asks first, as it may come
    /// where the order of a moment is that of keys.
    fn mixed(meter: &mut Meter, pace: u32, arrivals: &[(Time, Priority)]) -> Vec<Time> {
        let mut waiting: Vec<(Time, usize, bool)> =
            arrivals.iter().enumerate().map(|(n, (at, _))| (*at, n, false)).collect();
        let mut left = vec![Time(0); arrivals.len()];
        while !waiting.is_empty() {
            waiting.sort_by_key(|(at, n, stood)| (*at, if *stood { usize::MAX - *n } else { *n }));
            let (now, n, stood) = waiting.remove(0);
            match meter.ask(pace, 1, arrivals[n].1, stood, now) {
                Ok(()) => left[n] = now,
                Err(later) => {
                    assert!(later > now, "it would be asked without end");
                    waiting.push((later, n, true));
                }
            }
        }
        left
    }

    #[test]
    fn after_the_burst_one_leaves_each_turn_and_none_is_idle() {
        let left = drain(&mut Meter::default(), 2, &[START; 100]);
        assert!(left[..20].iter().all(|at| *at == START), "ten seconds' worth at once");
        for (n, at) in left.iter().enumerate().skip(20) {
            assert_eq!(*at, START + Span::millis(500 * (n as i64 - 19)), "number {n}");
        }
    }

    #[test]
    fn nobody_overtakes_the_line() {
        let mut arrivals = vec![START; 30];
        arrivals.extend([START + Span::millis(2500), START + Span::millis(2501)]);
        let left = drain(&mut Meter::default(), 1, &arrivals);
        assert!(left.is_sorted(), "{left:?}");
        assert_eq!(left[31], START + Span::secs(22));
    }

    #[test]
    fn an_answer_does_not_wait_behind_what_goes_out_in_bulk_and_a_code_goes_first() {
        use Priority::{Bulk, Chat, Code};
        let mut arrivals = vec![(START, Bulk); 100];
        arrivals.extend([(START + Span::millis(20_500), Chat), (START + Span::millis(20_600), Chat)]);
        arrivals.push((START + Span::millis(20_700), Code));
        let left = mixed(&mut Meter::default(), 1, &arrivals);
        let at = |n: usize| (left[n] - START).0 / 1000;
        assert_eq!((at(102), at(100), at(101)), (20_996, 21_997, 22_997), "code, then the answers in order");
        let last = left.iter().max().copied().unwrap_or_default();
        assert!(last <= START + Span::secs(90 + 2 * 3), "the others lose no more than what went before them: {left:?}");
    }

    #[test]
    fn an_answer_leaves_at_once_when_its_sender_has_a_place_though_many_wait() {
        let mut meter = Meter::default();
        // Two segments a second: a place every half second, and the line goes by in between.
        for _ in 0..40 {
            let _ = meter.ask(2, 1, Priority::Bulk, false, START);
        }
        let later = START + Span::millis(700);
        assert!(meter.ask(2, 1, Priority::Bulk, false, later).is_err());
        assert_eq!(meter.ask(2, 1, Priority::Chat, false, later), Ok(()));
    }

    #[test]
    fn a_closed_sender_waits_and_then_goes_on_at_its_pace() {
        let mut meter = Meter::default();
        assert!(drain(&mut meter, 10, &[START; 100]).iter().all(|at| *at == START));
        meter.close(START + Span::secs(5));
        let left = drain(&mut meter, 10, &[START + Span::secs(1); 60]);
        assert_eq!(left[0], START + Span::secs(5));
        assert_eq!(left[59], START + Span::millis(10_900));
    }

    #[test]
    fn a_chastened_sender_goes_at_half_its_pace_for_a_while() {
        let mut meter = Meter::default();
        meter.chasten(START);
        let left = drain(&mut meter, 1, &[START; 7]);
        assert_eq!((left[4], left[5], left[6]), (START, START + Span::secs(2), START + Span::secs(4)));
        let after = START + CHASTENED;
        assert!(drain(&mut meter, 1, &[after; 10]).iter().all(|at| *at == after));
        assert!(!meter.is_at_rest(after) && meter.is_at_rest(after + Span::secs(60)));
    }

    #[test]
    fn long_texts_cost_more_and_the_longest_still_leaves() {
        let mut meter = Meter::default();
        let mut ask = |stood, at| meter.ask(1, 11, Priority::Bulk, stood, at);
        assert_eq!(ask(false, START), Ok(()));
        assert_eq!(ask(false, START), Err(START + Span::secs(11)));
        assert_eq!(ask(true, START + Span::secs(11)), Ok(()));
    }

    #[test]
    fn each_kind_has_its_pace() {
        let pace = |sender: &str| of(&sender.parse().unwrap());
        assert_eq!((pace("12345"), pace("+18335550100"), pace("+14155550100")), (100, 3, 1));
        assert_eq!((pace("whatsapp:+14155550100"), pace("HARBOR")), (80, 1));
    }
}
