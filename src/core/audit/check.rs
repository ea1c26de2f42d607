//! Checks the audit chain of each lane from its beginning.
//!
//! It reads what the store holds, event by event, and believes nothing but the hashes. Memory stays
//! bounded: a chunk of events, and a limited number of erased payloads whose receipts are looked for
//! together. It must not know who wrote the events or why.

use std::collections::BTreeSet;
use std::fmt;

use crate::core::event::{self, Kind, LaneHead, Receipt};
use crate::core::rows::{TrimMark, from_json};
use crate::core::world::decode;
use crate::domain::audit::{Hash, Payload, Sealed};
use crate::store::{Key, Reader, StoreError, Table, event_key};

/// How many events are read at a time.
const CHUNK: usize = 1024;
/// How many erased payloads are remembered before their receipts are looked for.
const ERASED_AT_ONCE: usize = 1 << 16;
/// How many faults are told in words; the rest is counted.
const FAULTS_TOLD: usize = 100;

/// What a check of the chains found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// How many audited entries there are.
    pub entries: u64,
    /// How many of them had their payload erased, each by receipt.
    pub erased: u64,
    /// What is wrong, a sentence each; after the first hundred only their number.
    pub faults: Vec<String>,
    /// How many faults there are in all.
    pub faults_found: u64,
}

impl Report {
    /// Whether everything was found as it was written.
    pub fn is_sound(&self) -> bool {
        self.faults_found == 0
    }

    fn fault(&mut self, what: impl fmt::Display) {
        self.faults_found += 1;
        if self.faults.len() < FAULTS_TOLD {
            self.faults.push(what.to_string());
        }
    }
}

/// Checks lanes `0..lanes`: numbers without gaps, each entry's link to the one before it, digests
/// against payloads, a receipt for each payload that is gone, and the head against what was found,
/// so that a cut-off tail is noticed. Changed data is a fault in the report, never an error.
///
/// # Errors
/// When the store cannot be read.
pub fn verify(reader: &dyn Reader, lanes: u16) -> Result<Report, StoreError> {
    let mut check = Check { reader, lanes, report: Report::default(), missing: BTreeSet::new() };
    for lane in 0..lanes {
        check.lane(lane)?;
    }
    check.settle_missing()?;
    Ok(check.report)
}

struct Check<'a> {
    reader: &'a dyn Reader,
    lanes: u16,
    report: Report,
    /// Entries without a payload, by lane and number.
    missing: BTreeSet<(u16, u64)>,
}

/// What was found of a lane so far.
#[derive(Default)]
struct Found {
    last: u64,
    sealed: u64,
    payloads: u64,
    chain: Hash,
}

impl Check<'_> {
    fn lane(&mut self, lane: u16) -> Result<(), StoreError> {
        let mut found = Found::default();
        let mark = self.mark(lane)?;
        loop {
            let chunk = self.reader.events(lane, found.last, CHUNK)?;
            if chunk.is_empty() {
                break;
            }
            for (number, raw) in &chunk {
                // Up to the mark what is durable is gone; audited events are missed by the chain.
                if *number != found.last + 1 && *number - 1 > mark {
                    let first = found.last.max(mark) + 1;
                    self.report.fault(format_args!("lane {lane}: events {first} to {} are missing", number - 1));
                }
                found.last = *number;
                self.event(lane, *number, raw, &mut found)?;
            }
        }
        let mut payloads = 0;
        self.reader.scan(Table::Payloads, &lane.to_be_bytes(), &mut |_, _| payloads += 1)?;
        if payloads > found.payloads {
            let more = payloads - found.payloads;
            self.report.fault(format_args!("lane {lane}: {more} payloads belong to no audited event"));
        }
        self.report.entries += found.sealed;
        found.last = found.last.max(mark);
        self.head(lane, &found)
    }

    /// Up to which number durable events were trimmed.
    fn mark(&mut self, lane: u16) -> Result<u64, StoreError> {
        let key = TrimMark::key_of(lane);
        let Some(raw) = self.reader.get(&key)? else { return Ok(0) };
        match decode::<TrimMark>(&key.bytes, &raw) {
            Ok(mark) => Ok(mark.number),
            Err(e) => {
                self.report.fault(format_args!("lane {lane}: its mark of what was trimmed: {e}"));
                Ok(0)
            }
        }
    }

    fn event(&mut self, lane: u16, number: u64, raw: &[u8], found: &mut Found) -> Result<(), StoreError> {
        let (sealed, hash) = match event::read_sealed(raw) {
            Ok(Some(sealed)) => sealed,
            Ok(None) => {
                if let Err(e) = event::read(raw) {
                    self.report.fault(format_args!("lane {lane}: event {number}: {e}"));
                }
                return Ok(());
            }
            Err(e) => {
                self.report.fault(format_args!("lane {lane}: event {number}: {e}"));
                return Ok(());
            }
        };
        if (sealed.lane, sealed.number) != (lane, number) {
            let says = format!("it says that it is event {} of lane {}", sealed.number, sealed.lane);
            self.report.fault(format_args!("lane {lane}: event {number} is out of place: {says}"));
        }
        if sealed.previous != found.chain {
            let what = "an audited event before it was changed or taken away";
            self.report.fault(format_args!("lane {lane}: the chain breaks at event {number}: {what}"));
        }
        found.chain = hash;
        found.sealed += 1;
        self.payload(lane, number, &sealed, found)
    }

    fn payload(&mut self, lane: u16, number: u64, sealed: &Sealed, found: &mut Found) -> Result<(), StoreError> {
        let Some(raw) = self.reader.get(&payload_key(lane, number))? else {
            self.missing.insert((lane, number));
            if self.missing.len() >= ERASED_AT_ONCE {
                self.settle_missing()?;
            }
            return Ok(());
        };
        found.payloads += 1;
        let Some(payload) = fitting(&raw, sealed) else {
            let what = "what it said does not fit its digest";
            self.report.fault(format_args!("lane {lane}: event {number} ({}): {what}", sealed.kind));
            return Ok(());
        };
        if let Some(gone) = receipt(sealed, &payload)
            && self.reader.get(&payload_key(gone.lane, gone.number))?.is_some()
        {
            let what = format!("says that event {} of lane {} was erased, but it is there", gone.number, gone.lane);
            self.report.fault(format_args!("lane {lane}: the receipt {number} {what}"));
        }
        Ok(())
    }

    fn head(&mut self, lane: u16, found: &Found) -> Result<(), StoreError> {
        let head = match self.reader.get(&LaneHead::key(lane))?.as_deref().map(LaneHead::decode) {
            None => LaneHead::default(),
            Some(Ok(head)) => head,
            Some(Err(e)) => {
                self.report.fault(format_args!("lane {lane}: its head: {e}"));
                return Ok(());
            }
        };
        if head.number != found.last {
            let (said, last) = (head.number, found.last);
            self.report.fault(format_args!(
                "lane {lane}: its head counts {said} events and the last one found is {last}: the end was cut off or added to"
            ));
        }
        if head.sealed != found.sealed {
            let (said, have) = (head.sealed, found.sealed);
            self.report.fault(format_args!("lane {lane}: its head counts {said} audited events, {have} were found"));
        }
        if head.chain != found.chain {
            self.report.fault(format_args!("lane {lane}: its head does not fit the last audited event"));
        }
        Ok(())
    }

    /// Looks for the receipts of the payloads that are gone, in all lanes: an old lane is closed, so
    /// its receipts stand in another one.
    fn settle_missing(&mut self) -> Result<(), StoreError> {
        let gone = self.missing.len();
        for lane in 0..self.lanes {
            let mut last = 0;
            while !self.missing.is_empty() {
                let chunk = self.reader.events(lane, last, CHUNK)?;
                let Some((number, _)) = chunk.last() else { break };
                last = *number;
                for (number, raw) in &chunk {
                    let Ok(Some((sealed, _))) = event::read_sealed(raw) else { continue };
                    if sealed.kind != Kind::PayloadErased.name() {
                        continue;
                    }
                    let Some(raw) = self.reader.get(&payload_key(lane, *number))? else { continue };
                    if let Some(receipt) = fitting(&raw, &sealed).and_then(|payload| receipt(&sealed, &payload)) {
                        self.missing.remove(&(receipt.lane, receipt.number));
                    }
                }
            }
        }
        self.report.erased += (gone - self.missing.len()) as u64;
        for (lane, number) in std::mem::take(&mut self.missing) {
            self.report.fault(format_args!("lane {lane}: what event {number} said is gone, without a receipt"));
        }
        Ok(())
    }
}

fn payload_key(lane: u16, number: u64) -> Key {
    Key::new(Table::Payloads, &[&event_key(lane, number)])
}

/// The payload, if it is the one that was sealed.
fn fitting(raw: &[u8], sealed: &Sealed) -> Option<Payload> {
    let (format, bytes) = raw.split_first()?;
    from_json::<Payload>(*format, bytes).filter(|payload| payload.digest() == sealed.digest)
}

fn receipt(sealed: &Sealed, payload: &Payload) -> Option<Receipt> {
    (sealed.kind == Kind::PayloadErased.name()).then(|| serde_json::from_str(&payload.text).ok())?
}
