//! Rows that only the core uses: directories, cursors, leases.

use serde::{Deserialize, Serialize};

use super::json_row;
use crate::core::world::Row;
use crate::domain::address::Address;
use crate::domain::id::{Id, Sid};
use crate::domain::message::Status;
use crate::domain::time::Time;
use crate::store::{Index, Key, Table};

/// Format byte of rows that repeat their key behind what they say.
const WHOLE: u8 = 3;
/// The same without the key.
const KEYED: u8 = 4;

fn id(bytes: &[u8], at: usize) -> Option<Id> {
    Some(Id(u64::from_be_bytes(bytes.get(at..at + 8)?.try_into().ok()?)))
}

/// What a Twilio SID names. Kept short: there is one for each message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SidRow {
    /// The SID.
    pub sid: Sid,
    /// The tenant.
    pub business: Id,
    /// The message.
    pub message: Id,
}

impl Row for SidRow {
    const TABLE: Table = Table::Sids;
    fn key(&self) -> Key {
        super::sid_key(self.sid)
    }
    fn encode(&self) -> Vec<u8> {
        [&[KEYED], &self.business.to_key()[..], &self.message.to_key()].concat()
    }
    fn decode(key: &[u8], format: u8, bytes: &[u8]) -> Option<SidRow> {
        matches!(format, WHOLE | KEYED).then_some(())?;
        Some(SidRow { business: id(bytes, 0)?, message: id(bytes, 8)?, sid: Sid::from_key(key)? })
    }
}

/// Which business a conversation or an outgoing message belongs to: calls name them by id alone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnerRow {
    /// The conversation or message.
    pub id: Id,
    /// Its tenant.
    pub business: Id,
}

impl OwnerRow {
    /// Its key.
    pub fn key_of(id: Id) -> Key {
        Key::new(Table::Owners, &[&id.to_key()])
    }
}

impl Row for OwnerRow {
    const TABLE: Table = Table::Owners;
    fn key(&self) -> Key {
        OwnerRow::key_of(self.id)
    }
    fn encode(&self) -> Vec<u8> {
        [&[KEYED], &self.business.to_key()[..]].concat()
    }
    fn decode(key: &[u8], format: u8, bytes: &[u8]) -> Option<OwnerRow> {
        matches!(format, WHOLE | KEYED).then_some(())?;
        Some(OwnerRow { business: id(bytes, 0)?, id: id(key, 0)? })
    }
}

/// The conversation of a customer at an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct ThreadRow {
    /// The tenant.
    pub business: Id,
    /// The endpoint.
    pub endpoint: Id,
    /// The customer's address.
    pub customer: Address,
    /// The conversation.
    pub conversation: Id,
}

impl Row for ThreadRow {
    const TABLE: Table = Table::Threads;
    fn key(&self) -> Key {
        super::thread_key(self.business, self.endpoint, &self.customer)
    }
    fn encode(&self) -> Vec<u8> {
        [&[KEYED], &self.conversation.to_key()[..]].concat()
    }
    fn decode(key: &[u8], format: u8, bytes: &[u8]) -> Option<ThreadRow> {
        matches!(format, WHOLE | KEYED).then_some(())?;
        let customer = std::str::from_utf8(key.get(16..)?).ok()?.parse().ok()?;
        Some(ThreadRow { conversation: id(bytes, 0)?, business: id(key, 0)?, endpoint: id(key, 8)?, customer })
    }
}

/// Which token has this hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HashRow {
    /// SHA-256 of the token's text, hex.
    pub hash: String,
    /// The token.
    pub token: Id,
}

impl HashRow {
    /// Its key.
    pub fn key_of(hash: &str) -> Key {
        Key::new(Table::TokenHashes, &[hash.as_bytes()])
    }
}

json_row!(HashRow, TokenHashes, |h| HashRow::key_of(&h.hash), |_h, _out| ());

/// Key of a token.
pub fn token_key(id: Id) -> Key {
    Key::new(Table::Tokens, &[&id.to_key()])
}

/// How far an intake is applied in a lane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// The intake's number.
    pub intake: u64,
    /// The lane.
    pub lane: u16,
    /// Everything up to here is in the store.
    pub sequence: u64,
}

impl Cursor {
    /// Its key.
    pub fn key_of(intake: u64, lane: u16) -> Key {
        Key::new(Table::Cursors, &[&intake.to_be_bytes(), &lane.to_be_bytes()])
    }
}

json_row!(Cursor, Cursors, |c| Cursor::key_of(c.intake, c.lane), |_c, _out| ());

/// Which writer numbers of ids were given out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Writers {
    /// The number given out last; the next node gets the next one (0 to 1023, then around).
    pub last: u16,
}

impl Writers {
    /// Its key: there is one row.
    pub fn key_of() -> Key {
        Key::new(Table::Writers, &[b"ids"])
    }
}

json_row!(Writers, Writers, |_w| Writers::key_of(), |_w, _out| ());

/// Up to here the durable events of a lane are trimmed; what is missing behind it was taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrimMark {
    /// The lane.
    pub lane: u16,
    /// The number.
    pub number: u64,
}

impl TrimMark {
    /// Its key: beside the lane's head.
    pub fn key_of(lane: u16) -> Key {
        Key::new(Table::Lanes, &[&lane.to_be_bytes(), b"trimmed"])
    }
}

json_row!(TrimMark, Lanes, |m| TrimMark::key_of(m.lane), |_m, _out| ());

/// A status report whose message nobody knows yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parked {
    /// The SID reported.
    pub sid: Sid,
    /// The status.
    pub status: Status,
    /// The error code with it.
    pub error: Option<u32>,
    /// The raw form, for the dead letter.
    pub body: String,
    /// When it came (wall clock): dead after ten minutes.
    pub since: Time,
}

impl Parked {
    /// Its key.
    pub fn key_of(sid: Sid, status: Status) -> Key {
        Key::new(Table::Parked, &[&sid.to_key(), &[status as u8]])
    }
}

json_row!(Parked, Parked, |p| Parked::key_of(p.sid, p.status), |p, out| out
    .add(Index::Parked, &[&p.since.to_key(), &p.sid.to_key(), &[p.status as u8]]));
