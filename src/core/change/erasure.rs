//! What was said in an audited event is erased: the chain stays whole, and a receipt says so.
//!
//! The row with payload and salt is taken away; the sealed entry keeps its ids and its digest, which
//! without the salt tells nothing. The receipt is an audited event itself and can not be erased.

use serde_json::json;

use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::{Kind, Receipt};
use crate::core::rows::audit::EventRow;
use crate::core::rows::from_json;
use crate::core::world::{Row, Stop, World};
use crate::domain::audit::Payload;
use crate::domain::id::Id;
use crate::store::{Key, Table, event_key};

/// The payload of one audited event is erased.
#[derive(Debug, Clone)]
pub struct PayloadErased {
    /// The tenant of the event; `None` for platform matters.
    pub business: Option<Id>,
    /// The event's lane.
    pub lane: u16,
    /// The event's number in it.
    pub number: u64,
}

impl PayloadErased {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let number = event_key(self.lane, self.number);
        let nothing = || {
            let detail = "payload of this event: it was erased before, or there never was one";
            Stop::Refused(ApiError::not_found(detail))
        };
        let payload = Key::new(Table::Payloads, &[&number]);
        if world.get::<Erasable>(&payload)?.is_none() {
            return Err(nothing());
        }
        let event = world.get::<EventRow>(&Key::new(Table::Events, &[&number]))?;
        let Some(sealed) = event.as_ref().and_then(|event| event.sealed.as_ref()) else {
            return Err(nothing());
        };
        if sealed.business != self.business {
            return Err(nothing());
        }
        if sealed.kind == Kind::PayloadErased.name() {
            let detail = "a receipt of an erasure is not erased: it holds nothing but a number";
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        let receipt = json!(Receipt { lane: self.lane, number: self.number });
        let event = match self.business {
            Some(business) => {
                envelope.event(Kind::PayloadErased, business, sealed.conversation, sealed.message, receipt)
            }
            None => envelope.platform_event(Kind::PayloadErased, receipt),
        };
        world.say(event);
        world.remove(payload);
        Ok(Outcome::Done)
    }
}

/// The erasable part of an event, as far as an erasure asks: whether it is there.
#[derive(Clone)]
struct Erasable;

impl Row for Erasable {
    const TABLE: Table = Table::Payloads;
    /// It is only ever taken away, by the key it was found under.
    fn key(&self) -> Key {
        Key::new(Table::Payloads, &[])
    }
    fn encode(&self) -> Vec<u8> {
        Vec::new()
    }
    fn decode(_: &[u8], format: u8, bytes: &[u8]) -> Option<Erasable> {
        from_json::<Payload>(format, bytes).map(|_| Erasable)
    }
}
