//! Durable state behind one small trait.
//!
//! A store loads rows by key, saves what changed in one durable transaction, appends events and
//! answers one range question. It decides nothing: rules live in `core`. It must not know HTTP,
//! Twilio or screens, and it sees rows as bytes.

pub mod intake;
pub mod memory;
pub mod redb;

use std::path::PathBuf;

/// The tables. A row's key begins with its business; the directory tables are keyed by what is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Table {
    /// Lane -> next event number and the head of the audit chain.
    Lanes,
    /// Writer numbers of ids, leased.
    Writers,
    /// Intake and lane -> how far it is applied.
    Cursors,
    /// Business -> business.
    Businesses,
    /// AC SID -> account (directory).
    Accounts,
    /// Handle -> agent (directory).
    Agents,
    /// Token id -> token (directory).
    Tokens,
    /// SHA-256 of a token's text -> token id (directory).
    TokenHashes,
    /// Business, id -> endpoint.
    Endpoints,
    /// Account, alias -> route (directory).
    Routes,
    /// Business, address -> contact.
    Contacts,
    /// Business, endpoint, address -> conversation id.
    Threads,
    /// Business, id -> conversation head.
    Conversations,
    /// Business, id -> message.
    Messages,
    /// Twilio SID -> business and message id (directory).
    Sids,
    /// Conversation or outgoing message -> business (directory).
    Owners,
    /// Business, conversation, agent -> read mark.
    ReadMarks,
    /// Business, series, ... -> a derived number.
    Counters,
    /// Id -> dead letter (directory, lane 0).
    DeadLetters,
    /// SID, status -> a status report that found no message yet (directory, lane 0).
    Parked,
    /// Caller, operation, key -> the answer given (directory).
    Idempotency,
    /// Lane, number -> event.
    Events,
    /// Lane, number -> payload and salt of an audited event; may be erased.
    Payloads,
    /// Id -> an interval in which webhooks may have been lost (directory, lane 0).
    Gaps,
    /// Account -> how far we have kept up with it (directory, lane 0).
    Watches,
    /// Account -> the import of its history (directory, lane 0).
    Imports,
    /// PN or MG SID -> its webhooks before they were pointed here (directory, lane 0).
    Pointings,
    /// Business, id -> a file that is kept here.
    Files,
    /// Business, id -> a series of steps at Twilio.
    RemoteSteps,
    /// Business, id -> a flow of verifications.
    Flows,
    /// Business, id -> one send of a code.
    Attempts,
    /// Business, id -> one check of a code.
    Checks,
    /// Business, recipient -> their latest flow.
    Recipients,
    /// Business -> the codes sent in the last minute.
    VerifyMeters,
    /// Business, number -> what Twilio knows of it.
    Lookups,
    /// Business, version -> how its codes are worded.
    Wordings,
    /// Business, name -> a matrix of sends.
    Matrices,
    /// Business, family, day, series -> derived sums for analytics.
    Rollups,
    /// Account, day of GMT -> what Twilio says was used (directory, lane 0).
    Usage,
}

impl Table {
    /// Every table, in the order of its number.
    pub const ALL: [Table; 39] = [
        Table::Lanes,
        Table::Writers,
        Table::Cursors,
        Table::Businesses,
        Table::Accounts,
        Table::Agents,
        Table::Tokens,
        Table::TokenHashes,
        Table::Endpoints,
        Table::Routes,
        Table::Contacts,
        Table::Threads,
        Table::Conversations,
        Table::Messages,
        Table::Sids,
        Table::Owners,
        Table::ReadMarks,
        Table::Counters,
        Table::DeadLetters,
        Table::Parked,
        Table::Idempotency,
        Table::Events,
        Table::Payloads,
        Table::Gaps,
        Table::Watches,
        Table::Imports,
        Table::Pointings,
        Table::Files,
        Table::RemoteSteps,
        Table::Flows,
        Table::Attempts,
        Table::Checks,
        Table::Recipients,
        Table::VerifyMeters,
        Table::Lookups,
        Table::Wordings,
        Table::Matrices,
        Table::Rollups,
        Table::Usage,
    ];
}

/// The orders in which rows can be paged. An entry is a key; rows name their entries themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Index {
    /// Business, view, moment, conversation: the tabs of the inbox.
    Inbox,
    /// Business, conversation, Twilio's time, message: a thread.
    Thread,
    /// Due moment, business, conversation: what the outbox may send, apart from what goes out in bulk.
    Outbox,
    /// Business, message: requests whose answer is missing.
    Unsettled,
    /// Moment, business, conversation: snoozes that end.
    Wake,
    /// Business: all of them.
    Businesses,
    /// Handle: all agents.
    Agents,
    /// Token id: all tokens.
    Tokens,
    /// Business, endpoint: all endpoints.
    Endpoints,
    /// Id: dead letters by age.
    DeadLetters,
    /// Moment, SID, status: parked reports by age.
    Parked,
    /// Id: intervals in which webhooks may have been lost, by age.
    Gaps,
    /// Id: those of them that were not looked through yet.
    OpenGaps,
    /// Moment, business, message: ours that are at Twilio and whose end is not known.
    AtTwilio,
    /// Business, moment, message: messages that are put off.
    Later,
    /// SID: numbers and messaging services that are pointed here.
    Pointings,
    /// Moment, business, message or file, which of both: what is to be fetched, or thrown away unused.
    MediaDue,
    /// File, business: files by age.
    Files,
    /// Moment, business, message: ours that have arrived and whose price is not known.
    Unpriced,
    /// Business, conversation, moment, message: notes.
    Notes,
    /// Moment, business, series: steps at Twilio that go on by themselves.
    RemoteDue,
    /// Due moment, business, conversation: what the outbox may send in bulk.
    OutboxBulk,
    /// Business, series, what is searched for, moment, id: flows, sends and checks.
    VerifyLog,
    /// Business, ending of an address, address: who codes were sent to.
    VerifyRecipients,
    /// Moment, business, flow: verifications whose time runs out.
    VerifyDue,
    /// Business, send: codes whose request has no answer yet.
    VerifyUnanswered,
    /// Moment, business, send: codes of which Twilio will tell more.
    VerifyNews,
    /// Business, name: matrices of sends.
    VerifyMatrices,
    /// Business (or none, for all of them), moment, lane, number: audited events.
    Audit,
}

impl Index {
    /// Every index, in the order of its number.
    pub const ALL: [Index; 29] = [
        Index::Inbox,
        Index::Thread,
        Index::Outbox,
        Index::Unsettled,
        Index::Wake,
        Index::Businesses,
        Index::Agents,
        Index::Tokens,
        Index::Endpoints,
        Index::DeadLetters,
        Index::Parked,
        Index::Gaps,
        Index::OpenGaps,
        Index::AtTwilio,
        Index::Later,
        Index::Pointings,
        Index::MediaDue,
        Index::Files,
        Index::Unpriced,
        Index::Notes,
        Index::RemoteDue,
        Index::OutboxBulk,
        Index::VerifyLog,
        Index::VerifyRecipients,
        Index::VerifyDue,
        Index::VerifyUnanswered,
        Index::VerifyNews,
        Index::VerifyMatrices,
        Index::Audit,
    ];
}

/// Where a row lives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The table.
    pub table: Table,
    /// The key in it; sorts bytewise.
    pub bytes: Box<[u8]>,
}

impl Key {
    /// A key of these parts, one behind the other.
    pub fn new(table: Table, parts: &[&[u8]]) -> Key {
        Key { table, bytes: parts.concat().into() }
    }
}

/// What one batch changes.
#[derive(Debug, Default)]
pub struct Writes {
    /// Rows to put, or to take away.
    pub rows: Vec<(Key, Option<Vec<u8>>)>,
    /// Index entries to add (`true`) or to take away.
    pub entries: Vec<(Index, Vec<u8>, bool)>,
}

impl Writes {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.entries.is_empty()
    }
}

/// Which way a page runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// From the smallest key up.
    Rising,
    /// From the greatest key down.
    Falling,
}

/// One page of an index.
#[derive(Debug, Clone)]
pub struct PageQuery<'a> {
    /// Which index.
    pub index: Index,
    /// Entries that begin with this.
    pub prefix: &'a [u8],
    /// Only entries strictly behind this one (a whole key), seen in `order`.
    pub after: Option<&'a [u8]>,
    /// Which way.
    pub order: Order,
    /// At most this many.
    pub limit: usize,
}

/// Inside the transaction of a batch.
pub trait Batch {
    /// The rows of these keys, in order; `None` where there is none.
    fn load(&mut self, keys: &[&Key]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;
    /// Whether a load costs no round trip, so that rows may be read one by one.
    fn is_near(&self) -> bool;
}

/// A consistent view for reading. Never held across an await or a frame: it pins pages.
pub trait Reader {
    /// One row.
    fn get(&self, key: &Key) -> Result<Option<Vec<u8>>, StoreError>;
    /// One page of an index: whole keys.
    fn page(&self, query: &PageQuery<'_>) -> Result<Vec<Vec<u8>>, StoreError>;
    /// Up to `limit` events of a lane behind number `after`, with their numbers.
    fn events(&self, lane: u16, after: u64, limit: usize) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;
    /// Every counter whose key begins with `prefix`.
    fn counters(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, i64)>, StoreError>;
    /// Every row of a table whose key begins with `prefix`, in order; for checks and recounts.
    fn scan(&self, table: Table, prefix: &[u8], each: &mut dyn FnMut(&[u8], &[u8])) -> Result<(), StoreError>;
}

/// What a batch does inside its transaction: loads rows and answers what to save.
pub type Work<'a> = &'a mut dyn FnMut(&mut dyn Batch) -> Result<Writes, StoreError>;

/// A durable store. Shared by threads.
pub trait Store: Send + Sync {
    /// How many lanes it has. Within a lane commits are serial.
    fn lanes(&self) -> u16;
    /// A number that changes when the store is replaced: cursors of another epoch are void.
    fn epoch(&self) -> u64;
    /// Runs one batch in one durable transaction. When this returns `Ok`, what was written survives
    /// a power cut. When `work` fails, nothing is written.
    fn commit(&self, lane: u16, work: Work<'_>) -> Result<(), StoreError>;
    /// A view for reading.
    fn reader(&self) -> Result<Box<dyn Reader + '_>, StoreError>;
}

/// What can go wrong with a store. Each variant's sentence says what to do.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Another process has it.
    #[error("the store {path} is in use by another process: attach to it with `switchboard`, or stop that process")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// Written by a newer version.
    #[error(
        "the store {path} was written by a newer version (it needs format {needs}, this binary has {have}): install that version or newer; nothing was changed"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The format it asks for.
        needs: u64,
        /// The newest format of this binary.
        have: u64,
    },
    /// Written by a version from before the first release.
    #[error(
        "the store {path} has format {format}, from before the first release, which this version does not read: move it away, a fresh one is made"
    )]
    Unreleased {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// It belongs to another Twilio, account or sandbox.
    #[error(
        "the store {path} belongs to {bound}, but this run uses {asked}: point the configuration back, or choose another --state-dir"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is bound to.
        bound: String,
        /// What was asked for.
        asked: String,
    },
    /// The store refuses this very write; others may pass.
    #[error("the store refuses a row: {0}")]
    Rejected(String),
    /// No room.
    #[error("the disk that holds {path} is full: free some space; nothing is lost, and nothing is accepted until then")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Damaged.
    #[error("the store {path} is damaged ({why}): restore a backup; the damaged file is left as it is")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        why: String,
    },
    /// The disk failed.
    #[error("the store {path} cannot be read or written ({why}): check the disk; nothing is accepted until it works")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// A row that this binary cannot read.
    #[error("a row of {table:?} cannot be read: {why}")]
    Unreadable {
        /// The table.
        table: Table,
        /// Why.
        why: String,
    },
}

/// The smallest key that is greater than every key with this prefix; `None` when there is none.
pub(crate) fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// The key of an event.
pub fn event_key(lane: u16, number: u64) -> [u8; 10] {
    let mut key = [0; 10];
    key[..2].copy_from_slice(&lane.to_be_bytes());
    key[2..].copy_from_slice(&number.to_be_bytes());
    key
}
