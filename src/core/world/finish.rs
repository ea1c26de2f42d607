//! Ending a batch: what changed becomes rows, index differences, counters and numbered events.

use std::rc::Rc;

use super::row::{AnyRow, Entries, Tally};
use super::{Loaded, World};
use crate::core::event::{LaneHead, Written};
use crate::core::rows::audit::entries_of;
use crate::core::rows::rollups::{Cells, Rolled};
use crate::store::{Index, Key, StoreError, Table, Writes};

/// What a finished batch saves and says.
pub struct Finished {
    /// For the store.
    pub writes: Writes,
    /// The number of the lane's last event.
    pub number: u64,
    /// How many events were written.
    pub events: usize,
}

impl World<'_> {
    /// Ends the batch. `salt` makes the random bytes of an audited event.
    pub fn finish(mut self, salt: &mut dyn FnMut() -> Result<[u8; 32], StoreError>) -> Result<Finished, StoreError> {
        let mut writes = Writes::default();
        let (mut tally, mut rolled) = (Tally::default(), Rolled::default());
        for (key, loaded) in std::mem::take(&mut self.rows) {
            let Loaded::Slot(slot) = loaded else { continue };
            if !slot.dirty {
                continue;
            }
            differ(&slot.before, &slot.now, &mut writes, &mut tally);
            roll(&slot.before, &slot.now, &mut rolled);
            let value = slot.now.as_ref().map(|row| row.encode());
            if value.is_some() || slot.before.is_some() {
                writes.rows.push((key, value));
            }
        }
        self.counters(tally, &mut writes)?;
        self.rollups(rolled, &mut writes)?;
        let (number, events) = self.number_events(salt, &mut writes)?;
        Ok(Finished { writes, number, events })
    }

    fn counters(&mut self, tally: Tally, writes: &mut Writes) -> Result<(), StoreError> {
        let mut sums: Vec<(Key, i64)> =
            tally.into_sums().map(|(key, sum)| (Key { table: Table::Counters, bytes: key.into() }, sum)).collect();
        if sums.is_empty() {
            return Ok(());
        }
        sums.sort_unstable();
        let keys: Vec<&Key> = sums.iter().map(|(key, _)| key).collect();
        let found = self.store.load(&keys)?;
        for ((key, sum), raw) in sums.into_iter().zip(found) {
            let had = match raw {
                Some(raw) => i64::from_be_bytes(
                    raw.as_slice().try_into().map_err(|_| super::unreadable(Table::Counters, "it is no number"))?,
                ),
                None => 0,
            };
            let now = had + sum;
            writes.rows.push((key, (now != 0).then(|| now.to_be_bytes().to_vec())));
        }
        Ok(())
    }

    fn rollups(&mut self, rolled: Rolled, writes: &mut Writes) -> Result<(), StoreError> {
        let rows = rolled.into_rows();
        if rows.is_empty() {
            return Ok(());
        }
        let found = self.store.load(&rows.keys().collect::<Vec<_>>())?;
        for ((key, added), raw) in rows.into_iter().zip(found) {
            let had =
                raw.map(|raw| Cells::decode(&raw).ok_or_else(|| super::unreadable(Table::Rollups, "it is damaged")));
            let mut cells = had.transpose()?.unwrap_or_default();
            cells.join(&added);
            writes.rows.push((key, cells.encode()));
        }
        Ok(())
    }

    fn number_events(
        &mut self,
        salt: &mut dyn FnMut() -> Result<[u8; 32], StoreError>,
        writes: &mut Writes,
    ) -> Result<(u64, usize), StoreError> {
        let events = std::mem::take(&mut self.events);
        if events.is_empty() {
            return Ok((0, 0));
        }
        let key = LaneHead::key(self.lane);
        let mut head = match self.store.load(&[&key])?.pop().flatten() {
            Some(raw) => LaneHead::decode(&raw)?,
            None => LaneHead::default(),
        };
        let count = events.len();
        for event in events {
            let audited = event.kind.is_audited().then_some((event.business, event.at));
            let Written { row, payload } = head.write(self.lane, event, salt)?;
            if let Some((business, at)) = audited {
                let entries = entries_of(business, at, self.lane, head.number);
                writes.entries.extend(entries.map(|entry| (Index::Audit, entry, true)));
            }
            writes.rows.push(row);
            writes.rows.extend(payload);
        }
        writes.rows.push((key, Some(head.encode())));
        Ok((head.number, count))
    }
}

/// Adds what a row says of itself now and takes away what it said before.
fn roll(before: &Option<Rc<dyn AnyRow>>, now: &Option<Rc<dyn AnyRow>>, rolled: &mut Rolled) {
    if cfg!(feature = "without-rollups") {
        return;
    }
    let facts = |row: &Option<Rc<dyn AnyRow>>| row.as_ref().and_then(|row| row.facts());
    let (old, new) = (facts(before), facts(now));
    // Most changes say nothing new.
    if old != new {
        for (facts, sign) in [(old, -1), (new, 1)] {
            if let Some(facts) = facts {
                rolled.take(&facts, sign);
            }
        }
    }
}

fn differ(before: &Option<Rc<dyn AnyRow>>, now: &Option<Rc<dyn AnyRow>>, writes: &mut Writes, tally: &mut Tally) {
    let entries = |row: &Option<Rc<dyn AnyRow>>| {
        let mut out = Entries::default();
        if let Some(row) = row {
            row.entries(&mut out);
        }
        out.0
    };
    let (old, new): (Vec<(Index, Vec<u8>)>, Vec<_>) = (entries(before), entries(now));
    writes.entries.extend(old.iter().filter(|e| !new.contains(e)).map(|(i, k)| (*i, k.clone(), false)));
    writes.entries.extend(new.into_iter().filter(|e| !old.contains(e)).map(|(i, k)| (i, k, true)));
    for (row, sign) in [(before, -1), (now, 1)] {
        if let Some(row) = row {
            tally.sign = sign;
            row.tally(tally);
        }
    }
}
