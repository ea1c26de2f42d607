//! A message: what was said, by whom, and what became of it.
//!
//! Owns the one-way table of delivery statuses. The compact stored form (CBOR with numbered fields)
//! is defined here by the numbers: never reuse one, only add.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::conversation::Conversation;
use super::id::{Id, Sid};
use super::media::Media;
use super::money::Money;
use super::pricing::Share;
use super::time::Time;

/// Which way a message went, seen from us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Encode, Decode, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[cbor(index_only)]
pub enum Direction {
    /// From the customer.
    #[n(0)]
    In,
    /// To the customer.
    #[n(1)]
    Out,
    /// A note among agents; never leaves the house.
    #[n(2)]
    Note,
}

/// What became of a message. `Held`, `Sending` and `Unknown` are ours, the rest Twilio's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Encode, Decode, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[cbor(index_only)]
pub enum Status {
    /// In our outbox: inside the undo hold, or waiting for its turn.
    #[n(0)]
    Held,
    /// The request to Twilio has begun; its answer is not here yet.
    #[n(1)]
    Sending,
    /// The answer was lost: it may or may not have been accepted. Being settled.
    #[n(2)]
    Unknown,
    /// Taken by a messaging service that has not chosen a sender yet.
    #[n(3)]
    Accepted,
    /// Waiting at Twilio for its time.
    #[n(4)]
    Scheduled,
    /// Queued at Twilio.
    #[n(5)]
    Queued,
    /// Handed to the carrier.
    #[n(6)]
    Sent,
    /// The carrier says it arrived.
    #[n(7)]
    Delivered,
    /// Read by the customer (WhatsApp, RCS).
    #[n(8)]
    Read,
    /// The carrier says it did not arrive.
    #[n(9)]
    Undelivered,
    /// Refused, by us, by Twilio or by the carrier.
    #[n(10)]
    Failed,
    /// Taken back before it went.
    #[n(11)]
    Canceled,
    /// An incoming message, here.
    #[n(12)]
    Received,
}

impl Status {
    /// Reads Twilio's word. `sending` and `receiving` are steps that we do not tell apart.
    pub fn from_twilio(word: &str) -> Option<Status> {
        Some(match word {
            "accepted" => Status::Accepted,
            "scheduled" => Status::Scheduled,
            "queued" | "sending" => Status::Queued,
            "sent" => Status::Sent,
            "delivered" | "partially_delivered" => Status::Delivered,
            "read" => Status::Read,
            "undelivered" => Status::Undelivered,
            "failed" => Status::Failed,
            "canceled" => Status::Canceled,
            "received" | "receiving" => Status::Received,
            _ => return None,
        })
    }

    /// Whether nothing more is expected, `read` after `delivered` apart.
    pub fn is_terminal(self) -> bool {
        use Status::*;
        matches!(self, Delivered | Read | Undelivered | Failed | Canceled | Received)
    }

    /// Whether the customer did not get it.
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Undelivered | Status::Failed)
    }

    /// Whether it still waits in our outbox or at Twilio's door.
    pub fn is_ours(self) -> bool {
        matches!(self, Status::Held | Status::Sending | Status::Unknown)
    }

    fn rank(self) -> u8 {
        use Status::*;
        match self {
            Held => 0,
            Sending => 1,
            Unknown => 2,
            Accepted => 3,
            Scheduled => 4,
            Queued => 5,
            Sent => 6,
            Delivered | Undelivered | Failed | Canceled | Received => 7,
            Read => 8,
        }
    }
}

/// What a report of a status does to the status we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It moves us forward.
    Advance,
    /// We are there already, or past it: a late or repeated report.
    Stale,
    /// It contradicts a terminal state. The first one wins; the conflict is kept and shown.
    Conflict,
}

/// Compares a reported status with ours. Callbacks may come late, twice and out of order, so the
/// order of arrival decides nothing: only a higher rank moves, and only `read` moves past `delivered`.
pub fn step(have: Status, reported: Status) -> Step {
    if have == reported {
        return Step::Stale;
    }
    if have.is_terminal() {
        return match (have, reported) {
            (Status::Delivered, Status::Read) => Step::Advance,
            (Status::Read, Status::Delivered) => Step::Stale,
            (_, next) if next.is_terminal() => Step::Conflict,
            _ => Step::Stale,
        };
    }
    if reported.rank() > have.rank() { Step::Advance } else { Step::Stale }
}

/// One message of a conversation. The stored row; screens see `api::MessageView`.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Message {
    /// The tenant.
    #[n(0)]
    pub business: Id,
    /// Our id; rises in order of arrival.
    #[n(1)]
    pub id: Id,
    /// The conversation it belongs to.
    #[n(2)]
    pub conversation: Id,
    /// Which way it went.
    #[n(3)]
    pub direction: Direction,
    /// Twilio's SID, once known.
    #[n(4)]
    pub sid: Option<Sid>,
    /// What the customer's side is called.
    #[n(5)]
    pub customer: Address,
    /// Our side: the endpoint's address.
    #[n(6)]
    pub ours: Address,
    /// The text as it came.
    #[n(7)]
    pub body: String,
    /// Twilio's time, or ours until Twilio gives one: the thread's order.
    #[n(8)]
    pub at: Time,
    /// When it reached us: the order of read marks.
    #[n(9)]
    pub arrived: Time,
    /// The n-th incoming message of its conversation, from 1; 0 for others.
    #[n(10)]
    pub arrival: u64,
    /// What became of it.
    #[n(11)]
    pub status: Status,
    /// Twilio's error code, when it failed.
    #[n(12)]
    pub error: Option<u32>,
    /// A sentence with the failure, when there is no code or it needs one.
    #[n(13)]
    pub error_text: Option<String>,
    /// Segments, as charged.
    #[n(14)]
    pub segments: u32,
    /// Pictures and other media.
    #[n(15)]
    pub media: Vec<Media>,
    /// The agent who wrote it, for outgoing messages and notes.
    #[n(16)]
    pub author: Option<String>,
    /// When it may leave, while held (business time).
    #[n(17)]
    pub due: Option<Time>,
    /// The failed message that this one retries.
    #[n(18)]
    pub retry_of: Option<Id>,
    /// The message that retries this one.
    #[n(19)]
    pub retried_by: Option<Id>,
    /// A terminal status that came after another one had won.
    #[n(20)]
    pub conflict: Option<Status>,
    /// When the request to Twilio began (wall clock); settling looks from here on.
    #[n(21)]
    pub started: Option<Time>,
    /// What the sender called it, to match a pending bubble with its row.
    #[n(22)]
    pub client_ref: Option<String>,
    /// The price Twilio reported, as its decimal text.
    #[n(23)]
    pub price: Option<String>,
    /// Currency of `price`.
    #[n(24)]
    pub price_unit: Option<String>,
    /// Whether it came with the import of what was said before: it marks nothing as unread or failed.
    #[n(25)]
    #[cbor(default)]
    pub imported: bool,
    /// Since when it asks a person whether it still shall go (business time).
    #[n(26)]
    pub asks_since: Option<Time>,
    /// When it shall go (business time), while it is put off: an agent has chosen a later moment.
    #[n(27)]
    pub send_at: Option<Time>,
    /// Whether it stands in its sender's line; `due` is then about when it leaves.
    #[n(28)]
    #[cbor(default)]
    pub in_line: bool,
    /// What it was expected to cost when it was asked for, as decimal text.
    #[n(40)]
    pub estimate: Option<String>,
    /// Currency of `estimate`.
    #[n(41)]
    pub estimate_unit: Option<String>,
    /// The agents whom a note mentions.
    #[n(42)]
    #[cbor(default)]
    pub mentions: Vec<String>,
    /// What this text of the customer changed about whether they may be texted.
    #[n(43)]
    pub consent: Option<Consent>,
    /// While it is put off: it asks before it goes if the customer writes first.
    #[n(44)]
    #[cbor(default)]
    pub unless_they_reply: bool,
}

/// What a text of a customer changed about whether they may be texted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
#[cbor(index_only)]
pub enum Consent {
    /// Not any more: STOP.
    #[n(0)]
    Out,
    /// Again: START.
    #[n(1)]
    In,
}

impl Message {
    /// The moment it was meant for: when it was said, or the later one that was chosen or that its
    /// sender's line gave it.
    pub fn meant_for(&self) -> Time {
        let said = self.send_at.unwrap_or(self.at);
        self.due.filter(|_| self.in_line).map_or(said, |due| due.max(said))
    }

    /// Whether Twilio has it and may still tell what becomes of it.
    pub fn is_at_twilio(&self) -> bool {
        self.direction == Direction::Out
            && !self.imported
            && matches!(self.status, Status::Accepted | Status::Scheduled | Status::Queued | Status::Sent)
    }

    /// The price that Twilio reported.
    pub fn reported_price(&self) -> Option<Money> {
        Money::parse(self.price.as_deref()?, self.price_unit.as_deref()?)
    }

    /// What it was expected to cost.
    pub fn expected_price(&self) -> Option<Money> {
        Money::parse(self.estimate.as_deref()?, self.estimate_unit.as_deref()?)
    }

    /// Whether Twilio may yet say what it cost. What failed before it was sent has no price.
    pub fn lacks_price(&self) -> bool {
        self.direction == Direction::Out
            && !self.imported
            && self.sid.is_some()
            && self.price.is_none()
            && matches!(self.status, Status::Delivered | Status::Read | Status::Undelivered)
    }

    /// What it adds to the cost of its conversation. What customers send is not counted.
    pub fn share(&self) -> Share {
        if self.direction != Direction::Out || self.sid.is_none() {
            return Share::Nothing;
        }
        match self.reported_price() {
            Some(price) => Share::Reported(price),
            None if self.imported || matches!(self.status, Status::Failed | Status::Canceled) => Share::Nothing,
            None => Share::Expected(self.expected_price()),
        }
    }
}

impl Message {
    /// What has just been said in a conversation and nothing is known of beyond that; a message that is
    /// more than a note says so in its other fields.
    pub fn said(head: &Conversation, id: Id, direction: Direction, body: String, at: Time) -> Message {
        Message {
            business: head.business,
            id,
            conversation: head.id,
            direction,
            sid: None,
            customer: head.customer.clone(),
            ours: head.ours.clone(),
            body,
            at,
            arrived: at,
            arrival: 0,
            status: Status::Received,
            error: None,
            error_text: None,
            segments: 0,
            media: Vec::new(),
            author: None,
            due: None,
            retry_of: None,
            retried_by: None,
            conflict: None,
            started: None,
            client_ref: None,
            price: None,
            price_unit: None,
            imported: false,
            send_at: None,
            in_line: false,
            asks_since: None,
            estimate: None,
            estimate_unit: None,
            mentions: Vec::new(),
            consent: None,
            unless_they_reply: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status::*;
    use super::*;

    #[test]
    fn late_reports_never_regress() {
        let cases = [
            (Queued, Sent, Step::Advance),
            (Sent, Queued, Step::Stale),
            (Delivered, Sent, Step::Stale),
            (Delivered, Read, Step::Advance),
            (Read, Delivered, Step::Stale),
            (Delivered, Failed, Step::Conflict),
            (Undelivered, Delivered, Step::Conflict),
            (Unknown, Delivered, Step::Advance),
            (Sending, Queued, Step::Advance),
            (Failed, Failed, Step::Stale),
        ];
        for (have, reported, want) in cases {
            assert_eq!(step(have, reported), want, "{have:?} <- {reported:?}");
        }
    }

    #[test]
    fn any_order_of_reports_ends_in_the_same_state_unless_terminals_disagree() {
        let reports = [Queued, Sent, Delivered];
        let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        for order in orders {
            let mut have = Sending;
            for i in order {
                if step(have, reports[i]) == Step::Advance {
                    have = reports[i];
                }
            }
            assert_eq!(have, Delivered, "{order:?}");
        }
    }
}
