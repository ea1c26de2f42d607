//! Events: what is said in the same transaction as a change, numbered per lane without gaps.
//!
//! *Audited* ones are sealed into the lane's hash chain and kept; *durable* ones are kept for the
//! feed. (Ephemeral ones are never stored and do not pass here.)

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::world::unreadable;
use crate::domain::audit::{self, Hash, Payload, Sealed};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::store::{Key, StoreError, Table, event_key};

/// What happened. Stored by number in durable events and by name in sealed ones: only add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode)]
#[cbor(index_only)]
pub enum Kind {
    /// A customer's text arrived.
    #[n(0)]
    MessageReceived,
    /// A message's status moved.
    #[n(1)]
    MessageStatus,
    /// An agent asked for a message to be sent.
    #[n(2)]
    SendRequested,
    /// A message was taken back before it left.
    #[n(3)]
    SendUndone,
    /// The request to Twilio began.
    #[n(4)]
    SendStarted,
    /// Twilio accepted a message.
    #[n(5)]
    SendAccepted,
    /// A message was refused before or by Twilio.
    #[n(6)]
    SendRefused,
    /// The answer of Twilio was lost.
    #[n(7)]
    SendUnknown,
    /// A note was added.
    #[n(8)]
    NoteAdded,
    /// A conversation changed hands.
    #[n(9)]
    ConversationAssigned,
    /// A conversation was opened, set aside, snoozed or resolved.
    #[n(10)]
    ConversationStatus,
    /// A snooze ended at its time.
    #[n(11)]
    ConversationWoke,
    /// An agent read.
    #[n(12)]
    ConversationRead,
    /// A contact was named.
    #[n(13)]
    ContactSaved,
    /// A business was made or changed.
    #[n(14)]
    BusinessSaved,
    /// A business was deleted.
    #[n(15)]
    BusinessDeleted,
    /// An endpoint was made or changed.
    #[n(16)]
    EndpointSaved,
    /// An account was made known.
    #[n(17)]
    AccountSaved,
    /// An agent was made or changed.
    #[n(18)]
    AgentSaved,
    /// A token was made.
    #[n(19)]
    TokenCreated,
    /// A token was revoked.
    #[n(20)]
    TokenRevoked,
    /// A webhook was set aside as a dead letter.
    #[n(21)]
    DeadLetter,
    /// A customer opted out or in again.
    #[n(22)]
    OptOut,
    /// The payload of an audited event was erased.
    #[n(23)]
    PayloadErased,
    /// An interval without webhooks began, or was looked through and brought something.
    #[n(24)]
    Gap,
    /// The import of an account's history went on or ended.
    #[n(25)]
    Import,
    /// A message from before this store began was brought in.
    #[n(26)]
    MessageImported,
    /// A webhook that had been refused was taken in by an agent.
    #[n(32)]
    LetterReplayed,
    /// Labels were put on a conversation or taken off it.
    #[n(50)]
    ConversationLabelled,
    /// A message that is put off was changed.
    #[n(33)]
    SendPutOff,
    /// A file of a message was fetched, failed, is to be tried again or is gone.
    #[n(34)]
    Media,
    /// A number's webhooks are pointed here.
    #[n(27)]
    NumberPointed,
    /// A number's webhooks are given back, or were found changed by somebody else.
    #[n(28)]
    NumberReturned,
    /// A message waited too long to leave by itself: it asks first.
    #[n(29)]
    SendHeldBack,
    /// A person let a message go that asked.
    #[n(30)]
    SendReleased,
    /// Steps at Twilio were asked for, for a business.
    #[n(70)]
    RemoteBegun,
    /// A step at Twilio began, was done, failed or is not known.
    #[n(71)]
    RemoteMoved,
    /// A person let steps at Twilio go on.
    #[n(72)]
    RemoteResumed,
    /// An account was forgotten.
    #[n(73)]
    AccountRemoved,
    /// A code was asked for: Twilio is about to be told.
    #[n(60)]
    CodeStarted,
    /// Twilio accepted the send of a code.
    #[n(61)]
    CodeAccepted,
    /// The send of a code was refused or blocked.
    #[n(62)]
    CodeRefused,
    /// The answer to the send of a code was lost.
    #[n(63)]
    CodeUnknown,
    /// More became known of the send of a code: how far it came, its price, whether it converted.
    #[n(64)]
    CodeProgress,
    /// A code was checked.
    #[n(65)]
    CodeChecked,
    /// A verification ended without a check: canceled, approved by hand, run out.
    #[n(66)]
    VerificationEnded,
    /// A Verify service's settings were changed.
    #[n(67)]
    VerifyServiceSet,
    /// A business words its codes in another way.
    #[n(68)]
    WordingSaved,
    /// A matrix of sends was kept under a name.
    #[n(74)]
    MatrixSaved,
    /// A matrix of sends ran.
    #[n(75)]
    MatrixRan,
    /// A matrix of sends was dropped.
    #[n(76)]
    MatrixDeleted,
}

impl Kind {
    /// Its name in the feed and in the chain.
    pub fn name(self) -> &'static str {
        match self {
            Kind::MessageReceived => "message.received",
            Kind::MessageStatus => "message.status",
            Kind::SendRequested => "message.sendRequested",
            Kind::SendUndone => "message.undone",
            Kind::SendStarted => "message.sendStarted",
            Kind::SendAccepted => "message.accepted",
            Kind::SendRefused => "message.refused",
            Kind::SendUnknown => "message.unknown",
            Kind::NoteAdded => "note.added",
            Kind::ConversationAssigned => "conversation.assigned",
            Kind::ConversationStatus => "conversation.status",
            Kind::ConversationWoke => "conversation.woke",
            Kind::ConversationRead => "conversation.read",
            Kind::ContactSaved => "contact.saved",
            Kind::BusinessSaved => "business.saved",
            Kind::BusinessDeleted => "business.deleted",
            Kind::EndpointSaved => "endpoint.saved",
            Kind::AccountSaved => "account.saved",
            Kind::AccountRemoved => "account.removed",
            Kind::AgentSaved => "agent.saved",
            Kind::TokenCreated => "token.created",
            Kind::TokenRevoked => "token.revoked",
            Kind::DeadLetter => "webhook.deadLetter",
            Kind::OptOut => "conversation.optOut",
            Kind::PayloadErased => "audit.erased",
            Kind::SendHeldBack => "message.heldBack",
            Kind::SendReleased => "message.released",
            Kind::Gap => "keeping.gap",
            Kind::Import => "keeping.import",
            Kind::MessageImported => "message.imported",
            Kind::SendPutOff => "message.putOff",
            Kind::Media => "message.media",
            Kind::LetterReplayed => "webhook.replayed",
            Kind::NumberPointed => "number.pointed",
            Kind::NumberReturned => "number.returned",
            Kind::ConversationLabelled => "conversation.labelled",
            Kind::RemoteBegun => "remote.begun",
            Kind::RemoteMoved => "remote.moved",
            Kind::RemoteResumed => "remote.resumed",
            Kind::CodeStarted => "verification.started",
            Kind::CodeAccepted => "verification.accepted",
            Kind::CodeRefused => "verification.refused",
            Kind::CodeUnknown => "verification.unknown",
            Kind::CodeProgress => "verification.progress",
            Kind::CodeChecked => "verification.checked",
            Kind::VerificationEnded => "verification.ended",
            Kind::VerifyServiceSet => "verification.serviceSet",
            Kind::WordingSaved => "verification.wordingSaved",
            Kind::MatrixSaved => "verification.matrixSaved",
            Kind::MatrixRan => "verification.matrixRan",
            Kind::MatrixDeleted => "verification.matrixDeleted",
        }
    }

    /// Whether it is sealed into the chain: settings, access, money, sends, assignment, erasure.
    pub fn is_audited(self) -> bool {
        use Kind::*;
        !matches!(
            self,
            MessageReceived
                | MessageStatus
                | SendStarted
                | SendAccepted
                | ConversationWoke
                | ConversationRead
                | DeadLetter
                | Gap
                | Import
                | MessageImported
                | Media
                | CodeAccepted
                | CodeProgress
        )
    }
}

/// What the receipt of an erasure says: the payload of which event is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The event's lane.
    pub lane: u16,
    /// The event's number in it.
    pub number: u64,
}

/// An event before it has a number.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What happened.
    pub kind: Kind,
    /// Business time.
    pub at: Time,
    /// Who did it.
    pub actor: String,
    /// The tenant.
    pub business: Option<Id>,
    /// The conversation it concerns.
    pub conversation: Option<Id>,
    /// The message it concerns.
    pub message: Option<Id>,
    /// The flow of verifications it concerns.
    pub flow: Option<Id>,
    /// What was said, for audited events; erasable.
    pub payload: serde_json::Value,
}

/// A stored durable event. The feed gives the rows it names as they are when it is read.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[cbor(map)]
pub struct Stored {
    /// What happened: [`Kind`], or a kind that a newer version invented.
    #[n(0)]
    pub kind: Option<Kind>,
    /// Business time.
    #[n(1)]
    pub at: Time,
    /// Who did it, unless a worker.
    #[n(2)]
    pub actor: Option<String>,
    /// The tenant.
    #[n(3)]
    pub business: Option<Id>,
    /// The conversation.
    #[n(4)]
    pub conversation: Option<Id>,
    /// The message.
    #[n(5)]
    pub message: Option<Id>,
    /// The flow of verifications.
    #[n(6)]
    pub flow: Option<Id>,
}

/// An event read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its name.
    pub kind: String,
    /// Business time.
    pub at: Time,
    /// Who did it.
    pub actor: Option<String>,
    /// The tenant.
    pub business: Option<Id>,
    /// The conversation.
    pub conversation: Option<Id>,
    /// The message.
    pub message: Option<Id>,
    /// The flow of verifications.
    pub flow: Option<Id>,
    /// Whether it is a link of the audit chain.
    pub sealed: bool,
}

const SEALED: u8 = 1;
const COMPACT: u8 = 2;

/// Whether a row of this format is an audited event.
pub fn is_sealed(format: u8) -> bool {
    format == SEALED
}

/// Reads the row of an event.
pub fn read(raw: &[u8]) -> Result<Read, StoreError> {
    match raw.split_first() {
        Some((&COMPACT, bytes)) => {
            let e: Stored = minicbor::decode(bytes).map_err(|e| unreadable(Table::Events, &e.to_string()))?;
            let kind = e.kind.map_or("unknown", Kind::name).to_owned();
            let Stored { at, actor, business, conversation, message, flow, .. } = e;
            Ok(Read { kind, at, actor, business, conversation, message, flow, sealed: false })
        }
        Some((&SEALED, bytes)) => {
            let Sealed { kind, at, actor, business, conversation, message, flow, .. } = sealed(bytes)?;
            Ok(Read { kind, at, actor: Some(actor), business, conversation, message, flow, sealed: true })
        }
        _ => Err(unreadable(Table::Events, "its format is not known")),
    }
}

/// The sealed part of an audited event's row, with the hash of its bytes; `None` for durable ones.
pub fn read_sealed(raw: &[u8]) -> Result<Option<(Sealed, Hash)>, StoreError> {
    match raw.split_first() {
        Some((&SEALED, bytes)) => Ok(Some((sealed(bytes)?, audit::hash(bytes)))),
        _ => Ok(None),
    }
}

fn sealed(bytes: &[u8]) -> Result<Sealed, StoreError> {
    serde_json::from_slice(bytes).map_err(|e| unreadable(Table::Events, &e.to_string()))
}

/// Where a lane's events and chain stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LaneHead {
    /// Number of the last event.
    pub number: u64,
    /// How many of them are sealed.
    pub sealed: u64,
    /// Hash of the last sealed one; the next names it.
    pub chain: Hash,
}

/// The rows of one numbered event.
pub struct Written {
    /// Into the events table.
    pub row: (Key, Option<Vec<u8>>),
    /// Into the payload table, for audited ones.
    pub payload: Option<(Key, Option<Vec<u8>>)>,
}

impl LaneHead {
    /// The row's key.
    pub fn key(lane: u16) -> Key {
        Key::new(Table::Lanes, &[&lane.to_be_bytes()])
    }

    /// Reads the row.
    pub fn decode(raw: &[u8]) -> Result<LaneHead, StoreError> {
        match raw.split_first() {
            Some((1, bytes)) => serde_json::from_slice(bytes).map_err(|e| unreadable(Table::Lanes, &e.to_string())),
            _ => Err(unreadable(Table::Lanes, "its format is not known")),
        }
    }

    /// The row.
    pub fn encode(&self) -> Vec<u8> {
        super::rows::json(self)
    }

    /// Gives an event its number and, when audited, its place in the chain.
    pub fn write(
        &mut self,
        lane: u16,
        event: NewEvent,
        salt: &mut dyn FnMut() -> Result<Hash, StoreError>,
    ) -> Result<Written, StoreError> {
        self.number += 1;
        let key = event_key(lane, self.number);
        let NewEvent { kind, at, actor, business, conversation, message, flow, payload } = event;
        if !kind.is_audited() {
            let actor = (!actor.is_empty()).then_some(actor);
            let stored = Stored { kind: Some(kind), at, actor, business, conversation, message, flow };
            let mut bytes = vec![COMPACT];
            minicbor::encode(&stored, &mut bytes).map_err(|e| StoreError::Rejected(e.to_string()))?;
            return Ok(Written { row: (Key::new(Table::Events, &[&key]), Some(bytes)), payload: None });
        }
        let payload = Payload { salt: salt()?, text: payload.to_string() };
        let sealed = Sealed {
            lane,
            number: self.number,
            previous: self.chain,
            at,
            actor,
            business,
            kind: kind.name().to_owned(),
            conversation,
            message,
            flow,
            digest: payload.digest(),
        };
        let bytes = super::rows::json(&sealed);
        self.chain = audit::hash(&bytes[1..]);
        self.sealed += 1;
        Ok(Written {
            row: (Key::new(Table::Events, &[&key]), Some(bytes)),
            payload: Some((Key::new(Table::Payloads, &[&key]), Some(super::rows::json(&payload)))),
        })
    }
}
