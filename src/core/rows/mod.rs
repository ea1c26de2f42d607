//! The stored form, keys, index entries and counts of each row.

pub mod audit;
mod directory;
pub mod facts;
mod inbox;
pub mod rollups;
pub mod verify;

pub use directory::{Cursor, HashRow, OwnerRow, Parked, SidRow, ThreadRow, TrimMark, Writers, token_key};
pub use inbox::{counters, view};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::access::{Agent, Token};
use crate::domain::address::Address;
use crate::domain::business::Business;
use crate::domain::contact::Contact;
use crate::domain::conversation::{Conversation, ReadMark};
use crate::domain::deadletter::DeadLetter;
use crate::domain::endpoint::{Account, Endpoint, Route};
use crate::domain::id::{Id, Sid};
use crate::domain::keeping::{Gap, Import, Watch};
use crate::domain::media::File;
use crate::domain::message::Message;
use crate::domain::pointing::Pointing;
use crate::domain::remote::Series;
use crate::domain::usage::UsageDay;
use crate::store::{Key, Table};

/// Format byte of JSON rows.
const JSON: u8 = 1;
/// Format byte of CBOR rows.
const CBOR: u8 = 2;

/// The stored form of a JSON row.
pub fn json<T: Serialize>(row: &T) -> Vec<u8> {
    let mut bytes = vec![JSON];
    // Rows hold maps with string keys only, so writing them to memory cannot fail.
    if serde_json::to_writer(&mut bytes, row).is_err() {
        bytes.truncate(1);
    }
    bytes
}

/// Reads a JSON row.
pub fn from_json<T: DeserializeOwned>(format: u8, bytes: &[u8]) -> Option<T> {
    if format == JSON { serde_json::from_slice(bytes).ok() } else { None }
}

/// Key of a business.
pub fn business_key(id: Id) -> Key {
    Key::new(Table::Businesses, &[&id.to_key()])
}

/// Key of an account.
pub fn account_key(sid: Sid) -> Key {
    Key::new(Table::Accounts, &[&sid.to_key()])
}

/// Key of an agent.
pub fn agent_key(handle: &str) -> Key {
    Key::new(Table::Agents, &[handle.as_bytes()])
}

/// Key of an endpoint.
pub fn endpoint_key(business: Id, id: Id) -> Key {
    Key::new(Table::Endpoints, &[&business.to_key(), &id.to_key()])
}

/// Key of a route.
pub fn route_key(account: Sid, alias: &str) -> Key {
    Key::new(Table::Routes, &[&account.to_key(), alias.as_bytes()])
}

/// Key of a contact.
pub fn contact_key(business: Id, address: &Address) -> Key {
    Key::new(Table::Contacts, &[&business.to_key(), address.as_str().as_bytes()])
}

/// Key of the conversation of a customer at an endpoint.
pub fn thread_key(business: Id, endpoint: Id, customer: &Address) -> Key {
    Key::new(Table::Threads, &[&business.to_key(), &endpoint.to_key(), customer.as_str().as_bytes()])
}

/// Key of a conversation head.
pub fn conversation_key(business: Id, id: Id) -> Key {
    Key::new(Table::Conversations, &[&business.to_key(), &id.to_key()])
}

/// Key of a message.
pub fn message_key(business: Id, id: Id) -> Key {
    Key::new(Table::Messages, &[&business.to_key(), &id.to_key()])
}

/// Key of what a Twilio SID names.
pub fn sid_key(sid: Sid) -> Key {
    Key::new(Table::Sids, &[&sid.to_key()])
}

/// Key of an agent's read mark.
pub fn read_key(business: Id, conversation: Id, agent: &str) -> Key {
    Key::new(Table::ReadMarks, &[&business.to_key(), &conversation.to_key(), agent.as_bytes()])
}

/// Key of a dead letter.
pub fn dead_letter_key(id: Id) -> Key {
    Key::new(Table::DeadLetters, &[&id.to_key()])
}

/// Key of an interval in which webhooks may have been lost.
pub fn gap_key(id: Id) -> Key {
    Key::new(Table::Gaps, &[&id.to_key()])
}

/// Key of how far we have kept up with an account.
pub fn watch_key(account: Sid) -> Key {
    Key::new(Table::Watches, &[&account.to_key()])
}

/// Key of what Twilio says that an account used on a day of GMT.
pub fn usage_key(account: Sid, day: u32) -> Key {
    Key::new(Table::Usage, &[&account.to_key(), &day.to_be_bytes()])
}

/// Key of the import of an account's history.
pub fn import_key(account: Sid) -> Key {
    Key::new(Table::Imports, &[&account.to_key()])
}

/// Key of a file.
pub fn file_key(business: Id, id: Id) -> Key {
    Key::new(Table::Files, &[&business.to_key(), &id.to_key()])
}

/// Key of a pointing.
pub fn pointing_key(resource: Sid) -> Key {
    Key::new(Table::Pointings, &[&resource.to_key()])
}

/// Key of a series of remote steps.
pub fn series_key(business: Id, id: Id) -> Key {
    Key::new(Table::RemoteSteps, &[&business.to_key(), &id.to_key()])
}

/// A row kept as JSON: its key, its index entries, and what it says of itself for analytics, if it does.
macro_rules! json_row {
    ($type:ty, $table:ident, |$row:ident| $key:expr, |$entry:ident, $out:ident| $entries:expr $(, $facts:expr)?) => {
        impl crate::core::world::Row for $type {
            const TABLE: crate::store::Table = crate::store::Table::$table;
            fn key(&self) -> crate::store::Key {
                let $row = self;
                $key
            }
            fn encode(&self) -> Vec<u8> {
                crate::core::rows::json(self)
            }
            fn decode(_: &[u8], format: u8, bytes: &[u8]) -> Option<Self> {
                crate::core::rows::from_json(format, bytes)
            }
            fn entries(&self, $out: &mut crate::core::world::Entries) {
                let $entry = self;
                $entries
            }
            $(fn facts(&self) -> Option<crate::domain::analytics::Facts> {
                Some($facts(self))
            })?
        }
    };
}
pub(super) use json_row;

use crate::store::Index;

json_row!(Business, Businesses, |b| business_key(b.id), |b, out| if b.deleted_at.is_none() {
    out.add(Index::Businesses, &[&b.id.to_key()]);
});
json_row!(Account, Accounts, |a| account_key(a.sid), |_a, _out| ());
json_row!(Agent, Agents, |a| agent_key(&a.handle), |a, out| out.add(Index::Agents, &[a.handle.as_bytes()]));
json_row!(Token, Tokens, |t| token_key(t.id), |t, out| out.add(Index::Tokens, &[&t.id.to_key()]));
json_row!(Endpoint, Endpoints, |e| endpoint_key(e.business, e.id), |e, out| out
    .add(Index::Endpoints, &[&e.business.to_key(), &e.id.to_key()]));
json_row!(Route, Routes, |r| route_key(r.account, &r.alias), |_r, _out| ());
json_row!(Contact, Contacts, |c| contact_key(c.business, &c.address), |_c, _out| ());
json_row!(ReadMark, ReadMarks, |m| read_key(m.business, m.conversation, &m.agent), |_m, _out| ());
json_row!(DeadLetter, DeadLetters, |d| dead_letter_key(d.id), |d, out| out.add(Index::DeadLetters, &[&d.id.to_key()]));

json_row!(Gap, Gaps, |g| gap_key(g.id), |g, out| {
    out.add(Index::Gaps, &[&g.id.to_key()]);
    if g.swept_at.is_none() {
        out.add(Index::OpenGaps, &[&g.id.to_key()]);
    }
});
json_row!(Watch, Watches, |w| watch_key(w.account), |_w, _out| ());
json_row!(UsageDay, Usage, |u| usage_key(u.account, u.day), |_u, _out| ());
json_row!(Import, Imports, |i| import_key(i.account), |_i, _out| ());
json_row!(Pointing, Pointings, |p| pointing_key(p.resource), |p, out| out
    .add(Index::Pointings, &[&p.resource.to_key()]));
json_row!(Series, RemoteSteps, |s| series_key(s.business, s.id), |s, out| if let Some(due) = s.due() {
    out.add(Index::RemoteDue, &[&due.to_key(), &s.business.to_key(), &s.id.to_key()]);
});
json_row!(File, Files, |f| file_key(f.business, f.id), |f, out| {
    out.add(Index::Files, &[&f.id.to_key(), &f.business.to_key()]);
    if f.messages.is_empty() {
        let due = f.unused_until().to_key();
        out.add(Index::MediaDue, &[&due, &f.business.to_key(), &f.id.to_key(), &[media_due::FILE]]);
    }
});

/// The last part of an entry of what is due: what it is about.
pub mod media_due {
    /// A message whose media are to be fetched.
    pub const MESSAGE: u8 = 0;
    /// A file that no message uses.
    pub const FILE: u8 = 1;
}

/// A message or conversation of this business, for the rows below.
pub(super) fn owner(message: &Message) -> (Id, Id) {
    (message.business, message.id)
}

/// The owner of a conversation head.
pub(super) fn head(conversation: &Conversation) -> (Id, Id) {
    (conversation.business, conversation.id)
}
