//! Counts again: every counter from the rows, every index entry from the row behind it.
//!
//! Rows are the truth; counters and index entries are derived from them by the rows' own words. What
//! is stored must be what they say, no more and no less. Memory holds one counter each, never rows.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use super::rows::audit::{EventRow, number_of};
use super::rows::rollups::{self, Cells, Rolled};
use super::rows::{Cursor, HashRow, OwnerRow, Parked, SidRow, ThreadRow, Writers};
use super::rows::{
    agent_key, conversation_key, dead_letter_key, endpoint_key, file_key, media_due, message_key, token_key, verify,
};
use super::world::{AnyRow, Entries, Row, Tally, decode};
use crate::domain::access::{Agent, Token};
use crate::domain::audit::to_hex;
use crate::domain::business::Business;
use crate::domain::contact::Contact;
use crate::domain::conversation::{Conversation, ReadMark};
use crate::domain::deadletter::DeadLetter;
use crate::domain::endpoint::{Account, Endpoint, Route};
use crate::domain::id::Id;
use crate::domain::keeping::{Gap, Import, Watch};
use crate::domain::media::File;
use crate::domain::message::Message;
use crate::domain::pointing::Pointing;
use crate::domain::remote::Series;
use crate::domain::usage::UsageDay;
use crate::domain::verification::matrix::Matrix;
use crate::domain::verification::wording::Wording;
use crate::domain::verification::{Attempt, Check, Flow, Meter};
use crate::store::{Index, Key, Order, PageQuery, Reader, StoreError, Table};

/// How many differences are told; a store that has more is broken as a whole.
const TOLD: usize = 1000;
/// How many index entries are read at a time.
const CHUNK: usize = 1024;

/// Where the store differs from its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A counter.
    Counter {
        /// Its key.
        key: Vec<u8>,
        /// What is stored.
        stored: i64,
        /// What the rows add up to.
        counted: i64,
    },
    /// A row of rollups.
    Rollup {
        /// Its key.
        key: Vec<u8>,
        /// How many of its sums are wrong.
        wrong: usize,
    },
    /// A row names an entry that is not stored.
    EntryMissing(Index, Vec<u8>),
    /// An entry is stored that no row names.
    EntryLeft(Index, Vec<u8>),
    /// A row lies under another key than its own.
    Misplaced(Table, Vec<u8>),
    /// A row cannot be read.
    Unreadable(Table, Vec<u8>),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Counter { key, stored, counted } => {
                write!(f, "counter {} says {stored}, the rows add up to {counted}", to_hex(key))
            }
            Difference::Rollup { key, wrong } => {
                write!(f, "the rollup {} has {wrong} sums that the rows do not add up to", to_hex(key))
            }
            Difference::EntryMissing(index, key) => write!(f, "{index:?} lacks the entry {}", to_hex(key)),
            Difference::EntryLeft(index, key) => write!(f, "{index:?} has an entry of no row: {}", to_hex(key)),
            Difference::Misplaced(table, key) => write!(f, "a row of {table:?} lies at a wrong key: {}", to_hex(key)),
            Difference::Unreadable(table, key) => write!(f, "a row of {table:?} cannot be read: {}", to_hex(key)),
        }
    }
}

/// Compares every counter and every index entry with the rows. Empty when all is well; at most a
/// thousand differences.
///
/// # Errors
/// When the store cannot be read.
pub fn verify(reader: &dyn Reader) -> Result<Vec<Difference>, StoreError> {
    let mut recount =
        Recount { reader, tally: Tally::adding(), rolled: Rolled::default(), differences: Vec::new(), failed: None };
    for table in Table::ALL {
        reader.scan(table, &[], &mut |key, raw| recount.row(table, key, raw))?;
        if let Some(e) = recount.failed.take() {
            return Err(e);
        }
    }
    recount.entries_left()?;
    recount.rollups()?;
    recount.counters()
}

/// Compares every rollup with the rows, and answers how many rows they are made of.
///
/// # Errors
/// When the store cannot be read.
pub fn verify_rollups(reader: &dyn Reader) -> Result<(u64, Vec<Difference>), StoreError> {
    let mut recount =
        Recount { reader, tally: Tally::adding(), rolled: Rolled::default(), differences: Vec::new(), failed: None };
    let mut rows = 0;
    for table in [Table::Messages, Table::Attempts] {
        reader.scan(table, &[], &mut |key, raw| match read(table, key, raw) {
            Some(Ok((_, row))) => {
                rows += 1;
                recount.roll(&*row);
            }
            Some(Err(_)) => recount.differ(Difference::Unreadable(table, key.to_vec())),
            None => {}
        })?;
    }
    recount.rollups()?;
    Ok((rows, recount.differences))
}

/// What the rollups of a store ought to be, and of how many messages and sends they are made.
///
/// # Errors
/// When the store cannot be read, or a row of it.
pub fn rolled(reader: &dyn Reader) -> Result<(u64, BTreeMap<Key, Cells>), StoreError> {
    let (mut rolled, mut failed, mut rows) = (Rolled::default(), None, 0);
    for table in [Table::Messages, Table::Attempts] {
        reader.scan(table, &[], &mut |key, raw| match read(table, key, raw) {
            Some(Ok((_, row))) => {
                if let Some(facts) = row.facts() {
                    rows += 1;
                    rolled.take(&facts, 1);
                }
            }
            Some(Err(e)) => failed = Some(e),
            None => {}
        })?;
    }
    failed.map_or_else(|| Ok((rows, rolled.into_rows())), Err)
}

struct Recount<'a> {
    reader: &'a dyn Reader,
    tally: Tally,
    rolled: Rolled,
    differences: Vec<Difference>,
    failed: Option<StoreError>,
}

impl Recount<'_> {
    fn differ(&mut self, difference: Difference) {
        if self.differences.len() < TOLD {
            self.differences.push(difference);
        }
    }

    fn row(&mut self, table: Table, key: &[u8], raw: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let (own, row) = match read(table, key, raw) {
            None => return,
            Some(Ok(row)) => row,
            Some(Err(_)) => return self.differ(Difference::Unreadable(table, key.to_vec())),
        };
        if &*own.bytes != key {
            self.differ(Difference::Misplaced(table, key.to_vec()));
        }
        row.tally(&mut self.tally);
        self.roll(&*row);
        let mut entries = Entries::default();
        row.entries(&mut entries);
        for (index, entry) in entries.into_list() {
            let query = PageQuery { index, prefix: &entry, after: None, order: Order::Rising, limit: 1 };
            match self.reader.page(&query) {
                Ok(found) if found.first() == Some(&entry) => {}
                Ok(_) => self.differ(Difference::EntryMissing(index, entry)),
                Err(e) => self.failed = Some(e),
            }
        }
    }

    fn roll(&mut self, row: &dyn AnyRow) {
        if let Some(facts) = row.facts() {
            self.rolled.take(&facts, 1);
        }
    }

    fn rollups(&mut self) -> Result<(), StoreError> {
        let mut counted = std::mem::take(&mut self.rolled).into_rows();
        let mut found = Vec::new();
        let mark = rollups::mark_key();
        self.reader.scan(Table::Rollups, &[], &mut |key, raw| {
            let key = Key { table: Table::Rollups, bytes: key.into() };
            if key == mark {
                return;
            }
            let counted = counted.remove(&key).unwrap_or_default();
            match Cells::decode(raw) {
                Some(stored) if stored == counted => {}
                Some(stored) => {
                    found.push(Difference::Rollup { wrong: stored.wrong(&counted), key: key.bytes.to_vec() })
                }
                None => found.push(Difference::Unreadable(Table::Rollups, key.bytes.to_vec())),
            }
        })?;
        found.extend(
            counted.into_iter().map(|(key, cells)| Difference::Rollup {
                wrong: cells.wrong(&Cells::default()),
                key: key.bytes.to_vec(),
            }),
        );
        found.into_iter().for_each(|difference| self.differ(difference));
        Ok(())
    }

    /// Every stored entry must be named by the row it leads to.
    fn entries_left(&mut self) -> Result<(), StoreError> {
        for index in Index::ALL {
            let mut last: Option<Vec<u8>> = None;
            loop {
                let query =
                    PageQuery { index, prefix: &[], after: last.as_deref(), order: Order::Rising, limit: CHUNK };
                let chunk = self.reader.page(&query)?;
                for entry in &chunk {
                    if !self.is_named(index, entry)? {
                        self.differ(Difference::EntryLeft(index, entry.clone()));
                    }
                }
                match chunk.into_iter().next_back() {
                    Some(entry) => last = Some(entry),
                    None => break,
                }
            }
        }
        Ok(())
    }

    fn is_named(&self, index: Index, entry: &[u8]) -> Result<bool, StoreError> {
        let Some(key) = behind(index, entry) else { return Ok(false) };
        let Some(raw) = self.reader.get(&key)? else { return Ok(false) };
        let Some(Ok((_, row))) = read(key.table, &key.bytes, &raw) else { return Ok(false) };
        let mut entries = Entries::default();
        row.entries(&mut entries);
        Ok(entries.into_list().iter().any(|(i, e)| *i == index && e == entry))
    }

    fn counters(mut self) -> Result<Vec<Difference>, StoreError> {
        let mut stored = HashMap::new();
        let mut unreadable = Vec::new();
        self.reader.scan(Table::Counters, &[], &mut |key, raw| match raw.try_into() {
            Ok(raw) => drop(stored.insert(key.to_vec(), i64::from_be_bytes(raw))),
            Err(_) => unreadable.push(key.to_vec()),
        })?;
        for key in unreadable {
            self.differ(Difference::Unreadable(Table::Counters, key));
        }
        let tally = std::mem::replace(&mut self.tally, Tally::adding());
        for (key, counted) in tally.into_sums() {
            let stored = stored.remove(&key).unwrap_or(0);
            if stored != counted {
                self.differ(Difference::Counter { key, stored, counted });
            }
        }
        for (key, stored) in stored {
            // A counter of zero is no row.
            self.differ(Difference::Counter { key, stored, counted: 0 });
        }
        Ok(self.differences)
    }
}

type Found = Result<(Key, Box<dyn AnyRow>), StoreError>;

/// Reads a row of a table whose rows have a type; `None` for those that count for nothing.
fn read(table: Table, key: &[u8], raw: &[u8]) -> Option<Found> {
    fn of<R: Row>(key: &[u8], raw: &[u8]) -> Found {
        let row = decode::<R>(key, raw)?;
        Ok((row.key(), Box::new(row)))
    }
    Some(match table {
        Table::Businesses => of::<Business>(key, raw),
        Table::Accounts => of::<Account>(key, raw),
        Table::Agents => of::<Agent>(key, raw),
        Table::Tokens => of::<Token>(key, raw),
        Table::TokenHashes => of::<HashRow>(key, raw),
        Table::Endpoints => of::<Endpoint>(key, raw),
        Table::Routes => of::<Route>(key, raw),
        Table::Contacts => of::<Contact>(key, raw),
        Table::Threads => of::<ThreadRow>(key, raw),
        Table::Conversations => of::<Conversation>(key, raw),
        Table::Messages => of::<Message>(key, raw),
        Table::Sids => of::<SidRow>(key, raw),
        Table::Owners => of::<OwnerRow>(key, raw),
        Table::ReadMarks => of::<ReadMark>(key, raw),
        Table::DeadLetters => of::<DeadLetter>(key, raw),
        Table::Parked => of::<Parked>(key, raw),
        Table::Pointings => of::<Pointing>(key, raw),
        Table::Cursors => of::<Cursor>(key, raw),
        Table::Writers => of::<Writers>(key, raw),
        Table::Gaps => of::<Gap>(key, raw),
        Table::Watches => of::<Watch>(key, raw),
        Table::Imports => of::<Import>(key, raw),
        Table::Files => of::<File>(key, raw),
        Table::RemoteSteps => of::<Series>(key, raw),
        Table::Flows => of::<Flow>(key, raw),
        Table::Attempts => of::<Attempt>(key, raw),
        Table::Checks => of::<Check>(key, raw),
        Table::Recipients => of::<verify::Recipient>(key, raw),
        Table::VerifyMeters => of::<Meter>(key, raw),
        Table::Lookups => of::<verify::Lookup>(key, raw),
        Table::Wordings => of::<Wording>(key, raw),
        Table::Matrices => of::<Matrix>(key, raw),
        Table::Events => of::<EventRow>(key, raw),
        Table::Usage => of::<UsageDay>(key, raw),
        Table::Lanes | Table::Counters | Table::Rollups | Table::Idempotency | Table::Payloads => return None,
    })
}

/// The row that an index entry leads to.
fn behind(index: Index, entry: &[u8]) -> Option<Key> {
    let id = |at: usize| Some(Id(u64::from_be_bytes(entry.get(at..at + 8)?.try_into().ok()?)));
    let last = || id(entry.len().checked_sub(8)?);
    Some(match index {
        Index::Inbox => conversation_key(id(0)?, last()?),
        Index::Thread | Index::Unsettled | Index::Later | Index::Notes => message_key(id(0)?, last()?),
        Index::Outbox | Index::OutboxBulk | Index::Wake => conversation_key(id(8)?, last()?),
        Index::Businesses => super::rows::business_key(id(0)?),
        Index::Agents => agent_key(std::str::from_utf8(entry).ok()?),
        Index::Tokens => token_key(id(0)?),
        Index::Endpoints => endpoint_key(id(0)?, last()?),
        Index::DeadLetters => dead_letter_key(id(0)?),
        Index::Parked => Key::new(Table::Parked, &[entry.get(8..)?]),
        Index::Gaps | Index::OpenGaps => super::rows::gap_key(id(0)?),
        Index::AtTwilio | Index::Unpriced => message_key(id(8)?, last()?),
        Index::Pointings => Key::new(Table::Pointings, &[entry]),
        Index::Files => file_key(last()?, id(0)?),
        Index::RemoteDue => super::rows::series_key(id(8)?, last()?),
        Index::MediaDue if entry.last() == Some(&media_due::FILE) => file_key(id(8)?, id(16)?),
        Index::MediaDue => message_key(id(8)?, id(16)?),
        Index::VerifyLog => verify::behind(id(0)?, *entry.get(8)?, last()?),
        Index::VerifyRecipients => verify::recipient_key(id(0)?, &verify::recipient_of(entry)?),
        Index::VerifyDue => verify::flow_key(id(8)?, last()?),
        Index::VerifyUnanswered => verify::attempt_key(id(0)?, last()?),
        Index::VerifyNews => verify::attempt_key(id(8)?, last()?),
        Index::Audit => Key::new(Table::Events, &[number_of(entry)?]),
        Index::VerifyMatrices => verify::matrix_key(id(0)?, std::str::from_utf8(entry.get(8..)?).ok()?),
    })
}
