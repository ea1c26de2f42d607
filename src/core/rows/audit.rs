//! How audited events are paged: by business and moment, and all together by moment.
//!
//! The events themselves are written by [`crate::core::event`], each with its entries in one commit.

use crate::core::event::is_sealed;
use crate::core::rows::from_json;
use crate::core::world::{Entries, Row};
use crate::domain::audit::Sealed;
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::store::{Index, Key, Table, event_key};

/// Bytes before the number of the event: whose it is, and when it was.
const BEFORE: usize = 16;

/// What entries of a business begin with; of all businesses together, and of none, when absent. No business
/// has the id zero.
pub fn scope_of(business: Option<Id>) -> [u8; 8] {
    business.unwrap_or(Id(0)).to_key()
}

/// The entries of an audited event.
pub fn entries_of(business: Option<Id>, at: Time, lane: u16, number: u64) -> impl Iterator<Item = Vec<u8>> {
    let scopes = [Some(None), business.map(Some)];
    let rest = [&at.to_key()[..], &event_key(lane, number)].concat();
    scopes.into_iter().flatten().map(move |scope| [&scope_of(scope)[..], &rest].concat())
}

/// The key of the event that an entry names.
pub fn number_of(entry: &[u8]) -> Option<&[u8]> {
    entry.get(BEFORE..BEFORE + 10)
}

/// When the event of an entry was.
pub fn moment_of(entry: &[u8]) -> Option<Time> {
    entry.get(8..BEFORE)?.try_into().ok().map(Time::from_key)
}

/// The row of an event as far as its entries ask. It is read, never written.
#[derive(Clone)]
pub struct EventRow {
    key: Vec<u8>,
    /// What was sealed of an audited one.
    pub sealed: Option<Sealed>,
}

impl Row for EventRow {
    const TABLE: Table = Table::Events;
    fn key(&self) -> Key {
        Key::new(Table::Events, &[&self.key])
    }
    fn encode(&self) -> Vec<u8> {
        self.sealed.as_ref().map(crate::core::rows::json).unwrap_or_default()
    }
    fn decode(key: &[u8], format: u8, bytes: &[u8]) -> Option<EventRow> {
        let sealed = if is_sealed(format) { Some(from_json(format, bytes)?) } else { None };
        Some(EventRow { key: key.to_vec(), sealed })
    }
    fn entries(&self, out: &mut Entries) {
        if let Some(sealed) = &self.sealed {
            for entry in entries_of(sealed.business, sealed.at, sealed.lane, sealed.number) {
                out.add(Index::Audit, &[&entry]);
            }
        }
    }
}
