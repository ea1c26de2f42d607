//! Changes: validated facts and decisions, and the rules that apply them.
//!
//! `apply` is pure: it reads and writes rows by key in a [`World`] and says events. Ids and times are
//! made outside and carried in, so the same changes in the same order give the same rows, whatever
//! the batches and however many lanes.

mod content;
mod erasure;
mod held;
mod inbound;
mod keeping;
mod label;
mod later;
mod media;
mod plumbing;
mod pointing;
mod remote;
mod send;
mod sent;
mod settings;
mod status;
mod triage;
mod usage;
mod verify;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::event::{Kind, NewEvent};
use super::rows::{from_json, json};
use super::world::{Row, Stop, World};
use crate::api::{ApiError, Code};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::store::{Key, Reader, Table};

pub use erasure::PayloadErased;
pub use held::{OldHeldBack, SendReleased};
pub use inbound::{Inbound, InboundDated};
pub use keeping::{GapSaved, ImportSaved, Imported, WatchMoved};
pub use label::Labelled;
pub use later::LaterChanged;
pub use media::{FileAdded, FileDropped, MediaAsked, MediaKept, MediaTried, Tried};
pub use plumbing::{
    DeadLettered, EventsTrimmed, IntakeAdvanced, LetterReplayed, ReportParked, ReportTaken, WriterLeased,
};
pub use pointing::PointingSet;
pub use remote::{RemoteMoved, SeriesBegun, SeriesResumed};
pub use send::{SendRequested, SendUndone, Target};
pub use sent::{SendAccepted, SendClosed, SendLinedUp, SendRefused, SendRequeued, SendStarted, SendUnknown};
pub use settings::{
    AccountRemoved, AccountSaved, AgentSaved, BusinessDeleted, BusinessSaved, EndpointSaved, RoutesClaimed,
    TokenCreated, TokenRevoked,
};
pub use status::StatusReported;
pub use triage::{Assigned, ContactSaved, NoteAdded, Read, StatusSet, Woke};
pub use usage::UsageKept;
pub use verify::{
    AttemptAccepted, AttemptRefused, AttemptSeen, AttemptStarted, AttemptUnknown, CheckRecorded, FlowExpired, LegEnded,
    LookedUp, MatrixDeleted, MatrixRan, MatrixSaved, VerifyServiceSet, WordingSaved,
};

/// One change.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "each variant is documented at its type")]
pub enum Change {
    Inbound(Box<Inbound>),
    InboundDated(InboundDated),
    StatusReported(StatusReported),
    SendRequested(Box<SendRequested>),
    SendUndone(SendUndone),
    SendStarted(SendStarted),
    SendAccepted(SendAccepted),
    SendRefused(SendRefused),
    SendClosed(SendClosed),
    SendUnknown(SendUnknown),
    SendRequeued(SendRequeued),
    SendLinedUp(SendLinedUp),
    OldHeldBack(OldHeldBack),
    SendReleased(SendReleased),
    NoteAdded(NoteAdded),
    Assigned(Assigned),
    StatusSet(StatusSet),
    Woke(Woke),
    Read(Read),
    ContactSaved(ContactSaved),
    BusinessSaved(BusinessSaved),
    BusinessDeleted(BusinessDeleted),
    RoutesClaimed(RoutesClaimed),
    EndpointSaved(EndpointSaved),
    AccountSaved(AccountSaved),
    AccountRemoved(AccountRemoved),
    AgentSaved(AgentSaved),
    TokenCreated(TokenCreated),
    TokenRevoked(TokenRevoked),
    DeadLettered(Box<DeadLettered>),
    ReportParked(ReportParked),
    ReportTaken(ReportTaken),
    IntakeAdvanced(IntakeAdvanced),
    EventsTrimmed(EventsTrimmed),
    WriterLeased(WriterLeased),
    PayloadErased(PayloadErased),
    GapSaved(GapSaved),
    WatchMoved(WatchMoved),
    ImportSaved(ImportSaved),
    Imported(Box<Imported>),
    LetterReplayed(LetterReplayed),
    LaterChanged(LaterChanged),
    Labelled(Labelled),
    PointingSet(Box<PointingSet>),
    MediaKept(Box<MediaKept>),
    MediaTried(MediaTried),
    MediaAsked(MediaAsked),
    FileAdded(Box<FileAdded>),
    FileDropped(FileDropped),
    SeriesBegun(Box<SeriesBegun>),
    RemoteMoved(Box<RemoteMoved>),
    SeriesResumed(Box<SeriesResumed>),
    AttemptStarted(Box<AttemptStarted>),
    AttemptAccepted(AttemptAccepted),
    AttemptRefused(AttemptRefused),
    AttemptUnknown(AttemptUnknown),
    AttemptSeen(Box<AttemptSeen>),
    CheckRecorded(Box<CheckRecorded>),
    LegEnded(LegEnded),
    FlowExpired(FlowExpired),
    LookedUp(LookedUp),
    VerifyServiceSet(VerifyServiceSet),
    WordingSaved(WordingSaved),
    MatrixSaved(Box<MatrixSaved>),
    MatrixRan(Box<MatrixRan>),
    MatrixDeleted(MatrixDeleted),
    UsageKept(UsageKept),
}

/// A change with what surrounds it.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// What to do.
    pub change: Change,
    /// Business time.
    pub at: Time,
    /// Wall time.
    pub wall: Time,
    /// Who asks: an agent's handle, or empty for a worker.
    pub actor: String,
    /// The caller's idempotency key, if one was given.
    pub once: Option<Once>,
}

/// Makes an operation happen once: the same key and body give the same answer for a day.
#[derive(Debug, Clone)]
pub struct Once {
    /// Caller, operation and key, joined.
    pub key: String,
    /// SHA-256 of the body.
    pub body: String,
}

/// What a change did. Small: callers read the rows they want to show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It had been done before; nothing was written twice.
    Duplicate,
    /// A message was made or changed.
    Message(Id),
    /// A conversation changed.
    Conversation(Id),
    /// A business, an endpoint or a token was made or changed.
    Made(Id),
    /// No message of this id or SID is known.
    UnknownMessage,
    /// A writer number of ids.
    Writer(u16),
}

/// Applies one change on the world's overlay. The caller keeps or forgets the overlay.
pub fn apply(world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
    let Some(once) = &envelope.once else { return dispatch(world, envelope) };
    let key = OnceRow::key_of(&once.key);
    if let Some(row) = world.get::<OnceRow>(&key)?
        && let Some(outcome) = row.answers(once, envelope.wall)?
    {
        return Ok(outcome);
    }
    let outcome = dispatch(world, envelope)?;
    world.put(OnceRow {
        key: once.key.clone(),
        body: once.body.clone(),
        outcome: outcome.clone(),
        wall: envelope.wall,
    });
    Ok(outcome)
}

/// What was answered under an idempotency key, if it was used before: for operations of several changes.
pub fn answered(reader: &dyn Reader, once: &Once, wall: Time) -> Result<Option<Outcome>, ApiError> {
    let row: Option<OnceRow> = super::read(reader, &OnceRow::key_of(&once.key))?;
    row.map_or(Ok(None), |row| row.answers(once, wall))
}

fn dispatch(world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
    match &envelope.change {
        Change::Inbound(c) => c.apply(world, envelope),
        Change::InboundDated(c) => c.apply(world, envelope),
        Change::StatusReported(c) => c.apply(world, envelope),
        Change::SendRequested(c) => c.apply(world, envelope),
        Change::SendUndone(c) => c.apply(world, envelope),
        Change::SendStarted(c) => c.apply(world, envelope),
        Change::SendAccepted(c) => c.apply(world, envelope),
        Change::SendRefused(c) => c.apply(world, envelope),
        Change::SendClosed(c) => c.apply(world, envelope),
        Change::SendUnknown(c) => c.apply(world, envelope),
        Change::SendRequeued(c) => c.apply(world, envelope),
        Change::SendLinedUp(c) => c.apply(world, envelope),
        Change::OldHeldBack(c) => c.apply(world, envelope),
        Change::SendReleased(c) => c.apply(world, envelope),
        Change::NoteAdded(c) => c.apply(world, envelope),
        Change::Assigned(c) => c.apply(world, envelope),
        Change::StatusSet(c) => c.apply(world, envelope),
        Change::Woke(c) => c.apply(world, envelope),
        Change::Read(c) => c.apply(world, envelope),
        Change::ContactSaved(c) => c.apply(world, envelope),
        Change::BusinessSaved(c) => c.apply(world, envelope),
        Change::BusinessDeleted(c) => c.apply(world, envelope),
        Change::RoutesClaimed(c) => c.apply(world, envelope),
        Change::EndpointSaved(c) => c.apply(world, envelope),
        Change::AccountSaved(c) => c.apply(world, envelope),
        Change::AccountRemoved(c) => c.apply(world, envelope),
        Change::AgentSaved(c) => c.apply(world, envelope),
        Change::TokenCreated(c) => c.apply(world, envelope),
        Change::TokenRevoked(c) => c.apply(world, envelope),
        Change::DeadLettered(c) => c.apply(world, envelope),
        Change::ReportParked(c) => c.apply(world, envelope),
        Change::ReportTaken(c) => c.apply(world, envelope),
        Change::IntakeAdvanced(c) => c.apply(world, envelope),
        Change::EventsTrimmed(c) => c.apply(world, envelope),
        Change::WriterLeased(c) => c.apply(world, envelope),
        Change::PayloadErased(c) => c.apply(world, envelope),
        Change::GapSaved(c) => c.apply(world, envelope),
        Change::WatchMoved(c) => c.apply(world, envelope),
        Change::ImportSaved(c) => c.apply(world, envelope),
        Change::Imported(c) => c.apply(world, envelope),
        Change::LetterReplayed(c) => c.apply(world, envelope),
        Change::LaterChanged(c) => c.apply(world, envelope),
        Change::Labelled(c) => c.apply(world, envelope),
        Change::PointingSet(c) => c.apply(world, envelope),
        Change::MediaKept(c) => c.apply(world, envelope),
        Change::MediaTried(c) => c.apply(world, envelope),
        Change::MediaAsked(c) => c.apply(world, envelope),
        Change::FileAdded(c) => c.apply(world, envelope),
        Change::FileDropped(c) => c.apply(world, envelope),
        Change::SeriesBegun(c) => c.apply(world, envelope),
        Change::RemoteMoved(c) => c.apply(world, envelope),
        Change::SeriesResumed(c) => c.apply(world, envelope),
        Change::AttemptStarted(c) => c.apply(world, envelope),
        Change::AttemptAccepted(c) => c.apply(world, envelope),
        Change::AttemptRefused(c) => c.apply(world, envelope),
        Change::AttemptUnknown(c) => c.apply(world, envelope),
        Change::AttemptSeen(c) => c.apply(world, envelope),
        Change::CheckRecorded(c) => c.apply(world, envelope),
        Change::LegEnded(c) => c.apply(world, envelope),
        Change::FlowExpired(c) => c.apply(world, envelope),
        Change::LookedUp(c) => c.apply(world, envelope),
        Change::VerifyServiceSet(c) => c.apply(world, envelope),
        Change::WordingSaved(c) => c.apply(world, envelope),
        Change::MatrixSaved(c) => c.apply(world, envelope),
        Change::MatrixRan(c) => c.apply(world, envelope),
        Change::MatrixDeleted(c) => c.apply(world, envelope),
        Change::UsageKept(c) => c.apply(world, envelope),
    }
}

impl Change {
    /// Whether it is what a webhook said, and must not be lost when it finds no place.
    pub fn is_webhook(&self) -> bool {
        use Change::*;
        matches!(self, Inbound(_) | StatusReported(_) | ReportParked(_) | DeadLettered(_))
    }

    /// The business whose lane it belongs to; `None` for platform matters, which live in lane 0.
    pub fn business(&self) -> Option<Id> {
        Some(match self {
            Change::Inbound(c) => c.business,
            Change::InboundDated(c) => c.business,
            Change::StatusReported(c) => c.business,
            Change::SendRequested(c) => c.business,
            Change::SendUndone(c) => c.business,
            Change::SendStarted(c) => c.business,
            Change::SendAccepted(c) => c.business,
            Change::SendRefused(c) => c.business,
            Change::SendClosed(c) => c.business,
            Change::SendUnknown(c) => c.business,
            Change::SendRequeued(c) => c.business,
            Change::SendLinedUp(c) => c.business,
            Change::OldHeldBack(c) => c.business,
            Change::SendReleased(c) => c.business,
            Change::NoteAdded(c) => c.business,
            Change::Assigned(c) => c.business,
            Change::StatusSet(c) => c.business,
            Change::Woke(c) => c.business,
            Change::Read(c) => c.business,
            Change::ContactSaved(c) => c.business,
            Change::BusinessSaved(c) => c.business.id,
            Change::BusinessDeleted(c) => c.business,
            Change::EndpointSaved(c) => c.endpoint.business,
            Change::PayloadErased(c) => return c.business,
            Change::Imported(c) => c.business,
            Change::LaterChanged(c) => c.business,
            Change::MediaKept(c) => c.file.business,
            Change::MediaTried(c) => c.business,
            Change::MediaAsked(c) => c.business,
            Change::FileAdded(c) => c.file.business,
            Change::FileDropped(c) => c.business,
            Change::SeriesBegun(c) => c.series.business,
            Change::RemoteMoved(c) => c.business,
            Change::SeriesResumed(c) => c.series.business,
            Change::Labelled(c) => c.business,
            Change::AttemptStarted(c) => c.attempt.business,
            Change::AttemptAccepted(c) => c.business,
            Change::AttemptRefused(c) => c.business,
            Change::AttemptUnknown(c) => c.business,
            Change::AttemptSeen(c) => c.business,
            Change::CheckRecorded(c) => c.check.business,
            Change::LegEnded(c) => c.business,
            Change::FlowExpired(c) => c.business,
            Change::LookedUp(c) => c.row.business,
            Change::VerifyServiceSet(c) => c.business,
            Change::WordingSaved(c) => c.business,
            Change::MatrixSaved(c) => c.business,
            Change::MatrixRan(c) => c.business,
            Change::MatrixDeleted(c) => c.business,
            Change::RoutesClaimed(_)
            | Change::AccountSaved(_)
            | Change::AccountRemoved(_)
            | Change::AgentSaved(_)
            | Change::TokenCreated(_)
            | Change::TokenRevoked(_)
            | Change::DeadLettered(_)
            | Change::ReportParked(_)
            | Change::ReportTaken(_)
            | Change::IntakeAdvanced(_)
            | Change::EventsTrimmed(_)
            | Change::WriterLeased(_)
            | Change::GapSaved(_)
            | Change::WatchMoved(_)
            | Change::ImportSaved(_)
            | Change::LetterReplayed(_)
            | Change::PointingSet(_)
            | Change::UsageKept(_) => return None,
        })
    }
}

/// The lane of a business: by hash, so that neighbours in time spread.
pub fn lane_of(business: Option<Id>, lanes: u16) -> u16 {
    let Some(business) = business else { return 0 };
    // Fibonacci hashing: the top bits of the product mix all bits of the id.
    let mixed = business.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    u16::try_from(mixed % u64::from(lanes.max(1))).unwrap_or(0)
}

impl Envelope {
    /// A change by a worker.
    pub fn by_worker(change: Change, at: Time, wall: Time) -> Envelope {
        Envelope { change, at, wall, actor: String::new(), once: None }
    }

    /// An event of this change.
    fn event(
        &self,
        kind: Kind,
        business: Id,
        conversation: Option<Id>,
        message: Option<Id>,
        payload: Value,
    ) -> NewEvent {
        let (at, actor) = (self.at, self.actor.clone());
        NewEvent { kind, at, actor, business: Some(business), conversation, message, flow: None, payload }
    }

    /// An event of this change about a flow of verifications.
    fn flow_event(&self, kind: Kind, business: Id, flow: Id, payload: Value) -> NewEvent {
        NewEvent { flow: Some(flow), ..self.event(kind, business, None, None, payload) }
    }

    /// An event about no business.
    fn platform_event(&self, kind: Kind, payload: Value) -> NewEvent {
        let (at, actor) = (self.at, self.actor.clone());
        NewEvent { kind, at, actor, business: None, conversation: None, message: None, flow: None, payload }
    }
}

/// The answer given under an idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OnceRow {
    key: String,
    body: String,
    outcome: Outcome,
    wall: Time,
}

impl OnceRow {
    const KEPT: crate::domain::time::Span = crate::domain::time::Span::secs(86_400);

    /// The answer, unless it is too old or was given to another request.
    fn answers(&self, once: &Once, wall: Time) -> Result<Option<Outcome>, ApiError> {
        if self.wall + OnceRow::KEPT <= wall {
            return Ok(None);
        }
        if self.body != once.body {
            let detail = "this Idempotency-Key was used for another request within the last day: use a new key";
            return Err(ApiError::new(Code::KeyReused, detail));
        }
        Ok(Some(self.outcome.clone()))
    }

    fn key_of(key: &str) -> Key {
        Key::new(Table::Idempotency, &[key.as_bytes()])
    }
}

impl Row for OnceRow {
    const TABLE: Table = Table::Idempotency;
    fn key(&self) -> Key {
        OnceRow::key_of(&self.key)
    }
    fn encode(&self) -> Vec<u8> {
        json(self)
    }
    fn decode(_: &[u8], format: u8, bytes: &[u8]) -> Option<OnceRow> {
        from_json(format, bytes)
    }
}
