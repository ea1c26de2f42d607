//! What the workers keep for themselves: cursors, writer numbers, dead letters, parked reports.

use serde_json::json;

use super::{Envelope, Outcome};
use crate::core::event::{self, Kind};
use crate::core::rows::{Cursor, Parked, TrimMark, Writers, dead_letter_key};
use crate::core::world::{Row, Stop, World};
use crate::domain::deadletter::DeadLetter;
use crate::domain::id::{Id, Sid};
use crate::domain::message::Status;
use crate::domain::time::Time;
use crate::store::{Key, Table, event_key};

/// An intake is applied up to here in this lane. Travels with the batch it speaks of, and is refused
/// there when a webhook before it found no place: it comes again when that was set aside.
#[derive(Debug, Clone)]
pub struct IntakeAdvanced {
    /// The intake's number.
    pub intake: u64,
    /// The lane.
    pub lane: u16,
    /// The last sequence applied.
    pub sequence: u64,
}

impl IntakeAdvanced {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        let key = Cursor::key_of(self.intake, self.lane);
        if world.get::<Cursor>(&key)?.is_some_and(|c| c.sequence >= self.sequence) {
            return Ok(Outcome::Duplicate);
        }
        world.put(Cursor { intake: self.intake, lane: self.lane, sequence: self.sequence });
        Ok(Outcome::Done)
    }
}

/// Durable events of a lane that nobody needs any more are taken away. Audited ones stay.
#[derive(Debug, Clone)]
pub struct EventsTrimmed {
    /// The lane.
    pub lane: u16,
    /// Up to this number, included.
    pub up_to: u64,
    /// The durable ones among them.
    pub durable: Vec<u64>,
}

impl EventsTrimmed {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        let mark = world.get::<TrimMark>(&TrimMark::key_of(self.lane))?;
        if mark.is_some_and(|mark| mark.number >= self.up_to) {
            return Ok(Outcome::Duplicate);
        }
        for number in &self.durable {
            let key = Key::new(Table::Events, &[&event_key(self.lane, *number)]);
            if world.get::<DurableRow>(&key)?.is_some() {
                world.remove(key);
            }
        }
        world.put(TrimMark { lane: self.lane, number: self.up_to });
        Ok(Outcome::Done)
    }
}

/// A durable event, as far as trimming asks: that it is no audited one.
#[derive(Clone)]
struct DurableRow;

impl Row for DurableRow {
    const TABLE: Table = Table::Events;
    /// It is only ever taken away, by the key it was found under.
    fn key(&self) -> Key {
        Key::new(Table::Events, &[])
    }
    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }
    fn decode(_: &[u8], format: u8, _: &[u8]) -> Option<DurableRow> {
        (!event::is_sealed(format)).then_some(DurableRow)
    }
}

/// A node asks for a writer number for its ids. Each start gets another one, so that a clock that
/// stepped back between two runs cannot make the same id twice.
#[derive(Debug, Clone)]
pub struct WriterLeased;

impl WriterLeased {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        let last = world.get::<Writers>(&Writers::key_of())?.map_or(0, |w| w.last);
        let next = (last + 1) & 0x3ff;
        world.put(Writers { last: next });
        Ok(Outcome::Writer(next))
    }
}

/// A webhook is set aside with its reason. Its oldest neighbour makes room when the ring is full.
#[derive(Debug, Clone)]
pub struct DeadLettered {
    /// The row.
    pub letter: DeadLetter,
    /// The letter that makes room.
    pub evict: Option<DeadLetter>,
}

impl DeadLettered {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        if let Some(old) = &self.evict {
            let key = dead_letter_key(old.id);
            if world.get::<DeadLetter>(&key)?.is_some() {
                world.remove(key);
            }
        }
        let payload = json!({ "reason": self.letter.reason });
        world.say(envelope.platform_event(Kind::DeadLetter, payload));
        world.put(self.letter.clone());
        Ok(Outcome::Done)
    }
}

/// A dead letter was taken in after all.
#[derive(Debug, Clone)]
pub struct LetterReplayed {
    /// The dead letter.
    pub letter: Id,
    /// When (wall clock).
    pub at: Time,
}

impl LetterReplayed {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = dead_letter_key(self.letter);
        // It may have made room for others meanwhile.
        let Some(have) = world.get::<DeadLetter>(&key)? else { return Ok(Outcome::Duplicate) };
        if have.replayed_at.is_some() {
            return Ok(Outcome::Duplicate);
        }
        let mut letter = (*have).clone();
        letter.replayed_at = Some(self.at);
        let payload = json!({ "letter": letter.id, "reason": letter.reason });
        world.say(envelope.platform_event(Kind::LetterReplayed, payload));
        world.put(letter);
        Ok(Outcome::Done)
    }
}

/// A status report waits for its message to become known.
#[derive(Debug, Clone)]
pub struct ReportParked {
    /// The row.
    pub report: Parked,
}

impl ReportParked {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        let key = Parked::key_of(self.report.sid, self.report.status);
        if world.get::<Parked>(&key)?.is_some() {
            return Ok(Outcome::Duplicate);
        }
        world.put(self.report.clone());
        Ok(Outcome::Done)
    }
}

/// A parked report found its message, or became a dead letter.
#[derive(Debug, Clone)]
pub struct ReportTaken {
    /// The SID reported.
    pub sid: Sid,
    /// The status reported.
    pub status: Status,
}

impl ReportTaken {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        let key = Parked::key_of(self.sid, self.status);
        if world.get::<Parked>(&key)?.is_none() {
            return Ok(Outcome::Duplicate);
        }
        world.remove(key);
        Ok(Outcome::Done)
    }
}
