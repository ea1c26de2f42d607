//! A conversation: one customer at one endpoint of one business, for ever.
//!
//! The compact stored form (CBOR with numbered fields) is defined here by the numbers: never reuse one,
//! only add. The head row keeps everything that a list shows or a rule asks for, so that nothing has to look
//! through messages: the newest one, counts, what waits in the outbox.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::address::{Address, AddressKind};
use super::id::Id;
use super::message::{Direction, Status as MessageStatus};
use super::pace::Priority;
use super::pricing::Cost;
use super::time::{Span, Time};

/// Where a conversation stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Encode, Decode, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
#[cbor(index_only)]
pub enum Status {
    /// Somebody should look at it.
    #[default]
    #[n(0)]
    Open,
    /// Waiting for the customer.
    #[n(1)]
    Pending,
    /// Out of sight until a time, or until they reply.
    #[n(2)]
    Snoozed,
    /// Done; a new text reopens it.
    #[n(3)]
    Resolved,
}

/// The newest message, as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Last {
    /// Its id.
    #[n(0)]
    pub id: Id,
    /// Twilio's time.
    #[n(1)]
    pub at: Time,
    /// Which way it went.
    #[n(2)]
    pub direction: Direction,
    /// The beginning of its text (at most [`PREVIEW`] characters), raw.
    #[n(3)]
    pub preview: String,
    /// What became of it.
    #[n(4)]
    pub status: MessageStatus,
}

/// How many characters of a message a head keeps.
pub const PREVIEW: usize = 160;

/// Cuts a text to what a head keeps.
pub fn preview(body: &str) -> String {
    body.chars().take(PREVIEW).collect()
}

/// What was agreed about a message that is put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Later {
    /// It asks before it goes if the customer writes first.
    #[n(0)]
    pub unless_they_reply: bool,
}

/// How a snooze ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Woke {
    /// When (business time).
    #[n(0)]
    pub at: Time,
    /// The customer wrote before its time had come.
    #[n(1)]
    pub by_reply: bool,
}

/// A message waiting in the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Pending {
    /// The message.
    #[n(0)]
    pub id: Id,
    /// When it may leave (business time).
    #[n(1)]
    pub due: Time,
    /// Since when the customer waited before this answer: comes back when it is taken back.
    #[serde(default)]
    #[n(2)]
    pub waiting_since: Option<Time>,
    /// The newest message before it.
    #[serde(default)]
    #[n(3)]
    pub last: Option<Last>,
    /// Since when it asks a person whether it still shall go; then it does not leave by itself.
    #[serde(default)]
    #[n(4)]
    pub asks_since: Option<Time>,
    /// Put off by an agent to a moment of their choice: what is said now goes before it.
    #[serde(default)]
    #[n(5)]
    pub later: Option<Later>,
    /// What goes first when messages wait for the same sender.
    #[serde(default)]
    #[n(6)]
    #[cbor(default)]
    pub priority: Priority,
}

/// The head row of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Encode, Decode)]
#[cbor(map)]
pub struct Conversation {
    /// The tenant.
    #[n(0)]
    pub business: Id,
    /// Our id.
    #[n(1)]
    pub id: Id,
    /// What the customer texts to.
    #[n(2)]
    pub endpoint: Id,
    /// The customer.
    #[n(3)]
    pub customer: Address,
    /// Our address in it: what replies come from.
    #[n(4)]
    pub ours: Address,
    /// The contact's name, copied here for lists.
    #[serde(default)]
    #[n(5)]
    pub name: Option<String>,
    /// Where it stands.
    #[serde(default)]
    #[n(6)]
    pub status: Status,
    /// The agent it belongs to.
    #[serde(default)]
    #[n(7)]
    pub assignee: Option<String>,
    /// Labels, sorted.
    #[serde(default)]
    #[n(8)]
    pub labels: Vec<String>,
    /// When a snooze ends, if at a time.
    #[serde(default)]
    #[n(9)]
    pub snoozed_until: Option<Time>,
    /// Since when the customer waits for an answer.
    #[serde(default)]
    #[n(10)]
    pub waiting_since: Option<Time>,
    /// The newest message by Twilio's time.
    #[serde(default)]
    #[n(11)]
    pub last: Option<Last>,
    /// How many incoming messages there are: the horizon of read marks counts against it.
    #[serde(default)]
    #[n(12)]
    pub incoming: u64,
    /// How many outgoing ones.
    #[serde(default)]
    #[n(13)]
    pub outgoing: u64,
    /// How many failed and were not retried.
    #[serde(default)]
    #[n(14)]
    pub failed: u64,
    /// The outbox of this conversation, in order; only the first may leave.
    #[serde(default)]
    #[n(15)]
    pub outbox: Vec<Pending>,
    /// The message whose request to Twilio is under way or unknown: nothing else leaves meanwhile.
    #[serde(default)]
    #[n(16)]
    pub in_flight: Option<Id>,
    /// How the message in flight stood in the outbox: it comes back so if Twilio never took it.
    #[serde(default)]
    #[n(17)]
    pub begun: Option<Pending>,
    /// Since when the customer has opted out of this endpoint.
    #[serde(default)]
    #[n(18)]
    pub opted_out_at: Option<Time>,
    /// The word that decided about opting out was of this moment: an older one that comes late decides nothing.
    #[serde(default)]
    #[n(21)]
    pub consent_at: Option<Time>,
    /// How a snooze ended, until somebody has done something about it.
    #[serde(default)]
    #[n(60)]
    pub woke: Option<Woke>,
    /// Since when the customer waited as it was resolved: comes back when it is opened again before
    /// anybody has written.
    #[serde(default)]
    #[n(61)]
    pub rested: Option<Time>,
    /// When the row was made.
    #[n(19)]
    pub created_at: Time,
    /// Rises with each change.
    #[serde(default)]
    #[n(20)]
    pub version: u64,
    /// What its outgoing messages have cost.
    #[serde(default)]
    #[n(40)]
    #[cbor(default)]
    pub cost: Cost,
    /// The word by which the customer opted out; none when Twilio told it by refusing a message.
    #[serde(default)]
    #[n(41)]
    pub opted_out_by: Option<String>,
    /// Twilio's time of the customer's newest message.
    #[serde(default)]
    #[n(42)]
    pub last_in: Option<Time>,
    /// Who wrote to the customer last.
    #[serde(default)]
    #[n(43)]
    pub last_agent: Option<String>,
}

/// WhatsApp lets a business write freely so long after the customer's last message.
pub const WHATSAPP_WINDOW: Span = Span::secs(24 * 3600);

/// How many messages of one conversation may wait in the outbox.
pub const OUTBOX_LIMIT: usize = 50;

impl Conversation {
    /// When something last happened in it: the order of lists.
    pub fn active_at(&self) -> Time {
        self.last.as_ref().map_or(self.created_at, |last| last.at)
    }

    /// The newest message, and what will be the newest should those waiting or under way be taken back.
    fn newest(&mut self) -> impl Iterator<Item = &mut Option<Last>> {
        // One that is put off is not said yet: it remembers nothing of what was said before it.
        let said = self.outbox.iter_mut().filter(|p| p.later.is_none());
        let waiting = said.chain(&mut self.begun).map(|pending| &mut pending.last);
        std::iter::once(&mut self.last).chain(waiting)
    }

    /// A message came in: it is the newest, unless Twilio's time of it says otherwise.
    pub fn came_in(&mut self, message: &Last) {
        for newest in self.newest().filter(|n| n.as_ref().is_none_or(|last| last.at <= message.at)) {
            *newest = Some(message.clone());
        }
    }

    /// A message's status moved.
    pub fn restate(&mut self, id: Id, status: MessageStatus) {
        for last in self.newest().flatten().filter(|last| last.id == id) {
            last.status = status;
        }
    }

    /// Puts a message into the outbox: one that is put off behind everything that leaves before it, any
    /// other before all that are put off.
    pub fn queue(&mut self, pending: Pending) {
        let goes_later =
            |other: &Pending| other.later.is_some() && (pending.later.is_none() || other.due > pending.due);
        let at = self.outbox.iter().position(goes_later).unwrap_or(self.outbox.len());
        self.outbox.insert(at, pending);
    }

    /// A message of the outbox is taken back: everything is as if it had never been asked for. `false`
    /// when it has left.
    pub fn take_back(&mut self, id: Id) -> bool {
        let Some(at) = self.outbox.iter().position(|p| p.id == id) else { return false };
        let gone = self.outbox.remove(at);
        // The message behind it inherits since when the customer waits.
        let next = self.outbox.get_mut(at).filter(|next| next.later.is_none());
        let heir = next.map_or(&mut self.waiting_since, |next| &mut next.waiting_since);
        *heir = gone.waiting_since.or(*heir);
        for newest in self.newest().filter(|n| n.as_ref().is_some_and(|last| last.id == id)) {
            newest.clone_from(&gone.last);
        }
        true
    }

    /// The customer waits no longer, whatever becomes of the messages in the outbox.
    pub fn rest(&mut self) {
        self.waiting_since = None;
        for pending in self.outbox.iter_mut().chain(&mut self.begun) {
            pending.waiting_since = None;
        }
    }

    /// Until when anything may be written to the customer: WhatsApp closes a day after their last message,
    /// and is closed before their first. `None` on channels without such a window.
    pub fn window_until(&self) -> Option<Time> {
        let whatsapp = self.customer.kind() == AddressKind::Whatsapp;
        whatsapp.then(|| self.last_in.map_or(self.created_at, |at| at + WHATSAPP_WINDOW))
    }

    /// Whether somebody should look at it.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Status::Open | Status::Pending)
    }

    /// Whether the customer waits for an answer; drives tabs and the window title.
    pub fn needs_answer(&self) -> bool {
        self.is_open() && self.waiting_since.is_some()
    }

    /// When the first message of the outbox may leave; none while one is in flight, and none while it asks.
    pub fn next_due(&self) -> Option<Time> {
        let first = self.outbox.first().filter(|p| p.asks_since.is_none());
        if self.in_flight.is_some() { None } else { first.map(|p| p.due) }
    }

    /// How urgent its first message is: as urgent as the most urgent of those that wait behind it, for nothing
    /// overtakes within a conversation. What is put off, or asks, is waited for by nobody.
    pub fn urgency(&self) -> Priority {
        let behind = self.outbox.iter().skip(1).filter(|p| p.later.is_none() && p.asks_since.is_none());
        self.outbox.iter().take(1).chain(behind).map(|p| p.priority).min().unwrap_or_default()
    }

    /// The messages that ask a person whether they still shall go, in order.
    pub fn asking(&self) -> impl Iterator<Item = &Pending> {
        self.outbox.iter().filter(|p| p.asks_since.is_some())
    }
}

/// How far one agent has read one conversation, by arrival.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadMark {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// The agent's handle.
    pub agent: String,
    /// Incoming messages up to this arrival are read.
    pub seen: u64,
    /// How many notes that mention the agent they have not seen.
    #[serde(default)]
    pub mentions: u64,
    /// When the mark last moved.
    pub at: Time,
}
