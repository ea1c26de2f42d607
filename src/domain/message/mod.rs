//! A message: what was said, by whom, and what became of it.
//!
//! The compact stored form (CBOR with numbered fields) is defined here by the numbers: never reuse one, only
//! add.

mod status;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

pub use self::status::{Status, Step, step};
use super::address::Address;
use super::content::Used;
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
    /// The content template that it was made of; `body` is then what came of it.
    #[n(50)]
    pub content: Option<Used>,
    /// Since when the customer had waited for it, when it is the first answer to what they wrote.
    #[n(60)]
    pub answers_since: Option<Time>,
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
            content: None,
            answers_since: None,
        }
    }
}
