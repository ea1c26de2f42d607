//! Pacing: which of the due messages may leave now, and where the others stand in their sender's line.
//!
//! What a sender has spent is known for this run only: after a start it begins with a burst, and whoever
//! stood in line before stands there still, for its place is in the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::change::{Change, SendLinedUp};
use super::rows::{business_key, conversation_key, endpoint_key, message_key};
use super::{Core, read};
use crate::api::ApiError;
use crate::domain::address::Address;
use crate::domain::business::Business;
use crate::domain::conversation::Conversation;
use crate::domain::endpoint::Endpoint;
use crate::domain::id::Id;
use crate::domain::message::Message;
use crate::domain::pace::{self, Meter};
use crate::domain::time::Time;
use crate::store::Reader;

/// So many senders are remembered; of more, those at rest are forgotten.
const SENDERS: usize = 4096;

/// The senders of this run.
#[derive(Default)]
pub(super) struct Senders(Mutex<HashMap<Address, Meter>>);

impl Senders {
    fn with<T>(&self, sender: &Address, now: Time, what: impl FnOnce(&mut Meter) -> T) -> T {
        // A holder that panicked leaves true values: each change is a few assignments.
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if senders.len() >= SENDERS && !senders.contains_key(sender) {
            senders.retain(|_, meter| !meter.is_at_rest(now));
        }
        what(senders.entry(sender.clone()).or_default())
    }

    /// Twilio takes nothing from a sender until then.
    pub fn close(&self, sender: &Address, now: Time, until: Time) {
        self.with(sender, now, |meter| meter.close(until));
    }

    /// Twilio reported that a sender was too fast.
    pub fn chasten(&self, sender: &Address, now: Time) {
        tracing::warn!("Twilio says that a sender was too fast: it goes at half its pace for five minutes");
        self.with(sender, now, |meter| meter.chasten(now));
    }
}

/// What becomes of a due conversation in this pass.
pub(super) enum Turn {
    /// Its first message leaves.
    Now(Box<First>),
    /// It stands in line.
    InLine(Box<Change>),
    /// Nothing of it can leave.
    Nothing,
}

/// The first message of a conversation, and whose it is.
pub(super) struct First {
    pub business: Id,
    pub message: Id,
    /// Whether the customer has opted out.
    pub opted_out: bool,
    /// Whether the business may send.
    pub may_send: bool,
}

/// One look at what is due; rows that many conversations share are read once.
pub(super) struct Desk<'a> {
    core: &'a Core,
    reader: Box<dyn Reader + 'a>,
    now: Time,
    businesses: HashMap<Id, bool>,
    endpoints: HashMap<Id, Option<Endpoint>>,
}

impl Core {
    /// How many segments a second a sender of an endpoint sends.
    pub(super) fn pace_of(&self, endpoint: &Endpoint, sender: &Address) -> u32 {
        endpoint.pace.or(self.settings().sender_pace).unwrap_or_else(|| pace::of(sender))
    }
}

impl<'a> Desk<'a> {
    pub fn new(core: &'a Core) -> Result<Desk<'a>, ApiError> {
        let (reader, now) = (core.reader()?, core.now());
        Ok(Desk { core, reader, now, businesses: HashMap::new(), endpoints: HashMap::new() })
    }

    /// Decides about a due conversation. What may leave is paid for.
    pub fn turn(&mut self, business: Id, conversation: Id) -> Result<Turn, ApiError> {
        let head: Option<Conversation> = read(&*self.reader, &conversation_key(business, conversation))?;
        let Some((head, id)) = head.and_then(|head| head.outbox.first().map(|p| p.id).map(|id| (head, id))) else {
            return Ok(Turn::Nothing);
        };
        let (opted_out, may_send) = (head.opted_out_at.is_some(), self.may_send(business)?);
        let first = Box::new(First { business, message: id, opted_out, may_send });
        let message: Option<Message> = read(&*self.reader, &message_key(business, id))?;
        let (Some(message), true, false) = (message, may_send, opted_out) else {
            // It is refused here, and costs its sender nothing.
            return Ok(Turn::Now(first));
        };
        let pace = self.pace(business, head.endpoint, &message.ours)?;
        let (segments, stood, now) = (message.segments, message.in_line, self.now);
        let (senders, urgency) = (&self.core.0.outbox.senders, head.urgency());
        Ok(match senders.with(&message.ours, now, |meter| meter.ask(pace, segments, urgency, stood, now)) {
            Ok(()) => Turn::Now(first),
            Err(due) => Turn::InLine(Box::new(Change::SendLinedUp(SendLinedUp { business, message: id, due }))),
        })
    }

    fn may_send(&mut self, business: Id) -> Result<bool, ApiError> {
        if let Some(known) = self.businesses.get(&business) {
            return Ok(*known);
        }
        let row: Option<Business> = read(&*self.reader, &business_key(business))?;
        let may = row.is_some_and(|b| b.may_send());
        self.businesses.insert(business, may);
        Ok(may)
    }

    fn pace(&mut self, business: Id, endpoint: Id, sender: &Address) -> Result<u32, ApiError> {
        if !self.endpoints.contains_key(&endpoint) {
            let row = read(&*self.reader, &endpoint_key(business, endpoint))?;
            self.endpoints.insert(endpoint, row);
        }
        let known = self.endpoints.get(&endpoint).and_then(Option::as_ref);
        Ok(known.map_or_else(|| pace::of(sender), |endpoint| self.core.pace_of(endpoint, sender)))
    }
}
