//! Messages and conversation heads: compact form, tabs, counts.

use super::facts;
use super::{CBOR, conversation_key, head, media_due, message_key, owner};
use crate::core::world::{Entries, Row, Tally};
use crate::domain::analytics::Facts;
use crate::domain::conversation::{Conversation, Status};
use crate::domain::id::Id;
use crate::domain::message::{self, Direction, Message};
use crate::domain::pace::Priority;
use crate::domain::time::Time;
use crate::store::{Index, Key, Table};

/// The views of the inbox, as the second part of an index entry. A conversation stands in exactly one of
/// unassigned, assigned, resolved and snoozed: "all" is their union, merged when it is read, for each text
/// moves its conversation, and each entry that has to move costs.
pub mod view {
    /// Open, nobody's.
    pub const UNASSIGNED: u8 = 2;
    /// The longest waiting first.
    pub const WAITING: u8 = 3;
    /// With a message that failed, or that asks.
    pub const FAILED: u8 = 4;
    /// Out of sight.
    pub const SNOOZED: u8 = 5;
    /// Open, somebody's: the handle follows.
    pub const ASSIGNED: u8 = 6;
    /// With a message that asks whether it still shall go, the longest asking first.
    pub const ASKING: u8 = 7;
    /// Done.
    pub const RESOLVED: u8 = 8;

    /// What is this agent's. The zero byte ends the handle, so that `ann` does not see what is `anna`'s.
    pub fn assigned(handle: &str) -> Vec<u8> {
        [&[ASSIGNED], handle.as_bytes(), &[0]].concat()
    }
}

/// Counter keys: business, series, what follows.
pub mod counters {
    /// Conversations by view (the view's byte follows, for `ASSIGNED` also the handle).
    pub const INBOX: u8 = 1;
    /// Was messages by quarter of an hour; rollups have it.
    pub const FORMER_VOLUME: u8 = 2;
    /// Was segments by quarter of an hour; rollups have it.
    pub const FORMER_SEGMENTS: u8 = 3;
    /// Conversations by label (its text follows).
    pub const LABELS: u8 = 16;
}

impl Row for Message {
    const TABLE: Table = Table::Messages;

    fn key(&self) -> Key {
        let (business, id) = owner(self);
        message_key(business, id)
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(192 + self.body.len());
        bytes.push(CBOR);
        // Writing to memory cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        bytes
    }

    fn decode(_: &[u8], format: u8, bytes: &[u8]) -> Option<Message> {
        if format == CBOR { minicbor::decode(bytes).ok() } else { None }
    }

    fn entries(&self, out: &mut Entries) {
        let (business, id) = (self.business.to_key(), self.id.to_key());
        out.add(Index::Thread, &[&business, &self.conversation.to_key(), &self.at.to_key(), &id]);
        if self.status.is_ours() && self.due.is_none() {
            out.add(Index::Unsettled, &[&business, &id]);
        }
        if let (message::Status::Held, Some(at)) = (self.status, self.send_at) {
            out.add(Index::Later, &[&business, &at.to_key(), &id]);
        }
        if let Some(next) = self.media.iter().filter_map(|media| media.next).min() {
            out.add(Index::MediaDue, &[&next.to_key(), &business, &id, &[media_due::MESSAGE]]);
        }
        if self.is_at_twilio() {
            out.add(Index::AtTwilio, &[&self.at.to_key(), &business, &id]);
        }
        if self.lacks_price() {
            out.add(Index::Unpriced, &[&self.at.to_key(), &business, &id]);
        }
        if self.direction == Direction::Note {
            out.add(Index::Notes, &[&business, &self.conversation.to_key(), &self.at.to_key(), &id]);
        }
    }

    fn facts(&self) -> Option<Facts> {
        facts::of_message(self)
    }
}

impl Row for Conversation {
    const TABLE: Table = Table::Conversations;

    fn key(&self) -> Key {
        let (business, id) = head(self);
        conversation_key(business, id)
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.push(CBOR);
        // Writing to memory cannot fail.
        let _ = minicbor::encode(self, &mut bytes);
        bytes
    }

    fn decode(_: &[u8], format: u8, bytes: &[u8]) -> Option<Conversation> {
        if format == CBOR { minicbor::decode(bytes).ok() } else { super::from_json(format, bytes) }
    }

    fn entries(&self, out: &mut Entries) {
        let (business, id) = (self.business.to_key(), self.id.to_key());
        let mut tab = |view: &[u8], at: Time| out.add(Index::Inbox, &[&business, view, &at.to_key(), &id]);
        for (view, at) in views(self) {
            tab(&view, at);
        }
        if let Some(due) = self.next_due() {
            let urgent = self.urgency() < Priority::Bulk;
            let index = if urgent { Index::Outbox } else { Index::OutboxBulk };
            out.add(index, &[&due.to_key(), &business, &id]);
        }
        if let (Status::Snoozed, Some(until)) = (self.status, self.snoozed_until) {
            out.add(Index::Wake, &[&until.to_key(), &business, &id]);
        }
    }

    fn tally(&self, out: &mut Tally) {
        let business: Id = self.business;
        for (view, _) in views(self) {
            out.add(&[&business.to_key(), &[counters::INBOX], &view], 1);
        }
        for label in &self.labels {
            out.add(&[&business.to_key(), &[counters::LABELS], label.as_bytes()], 1);
        }
    }
}

/// The views a conversation stands in, each with the moment that orders it there.
fn views(c: &Conversation) -> Vec<(Vec<u8>, Time)> {
    let at = c.active_at();
    let mut out = Vec::with_capacity(4);
    out.push(match (c.status, &c.assignee) {
        (Status::Snoozed, _) => (vec![view::SNOOZED], c.snoozed_until.unwrap_or(at)),
        (Status::Resolved, _) => (vec![view::RESOLVED], at),
        (Status::Open | Status::Pending, None) => (vec![view::UNASSIGNED], at),
        (Status::Open | Status::Pending, Some(handle)) => (view::assigned(handle), at),
    });
    if let (true, Some(since)) = (c.needs_answer(), c.waiting_since) {
        out.push((vec![view::WAITING], since));
    }
    let asking = c.asking().find_map(|p| p.asks_since);
    if c.failed > 0 || asking.is_some() {
        out.push((vec![view::FAILED], at));
    }
    if let Some(since) = asking {
        out.push((vec![view::ASKING], since));
    }
    out
}
