//! What is learned from Twilio later: how far a send came, its price; what a number is; new settings.

use serde_json::{Value, json};

use crate::core::change::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::verify::{Lookup, attempt_key, lookup_key};
use crate::core::world::{Stop, World};
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::time::Time;
use crate::domain::verification::{Attempt, Progress};

/// Twilio told more of a send.
#[derive(Debug, Clone)]
pub struct AttemptSeen {
    /// The tenant.
    pub business: Id,
    /// The send.
    pub attempt: Id,
    /// How far it has come, and when.
    pub progress: Option<(Progress, Time)>,
    /// What it cost.
    pub price: Option<Money>,
    /// Why it failed.
    pub error: Option<u32>,
    /// What that means.
    pub error_text: Option<String>,
    /// Whether Twilio counts it as converted.
    pub converted: Option<bool>,
    /// Two letters of the recipient's country.
    pub country: Option<String>,
    /// The recipient's carrier.
    pub carrier: Option<String>,
    /// Nothing more is expected: it is too long ago.
    pub gave_up: bool,
}

impl AttemptSeen {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let Some(row) = world.get::<Attempt>(&attempt_key(self.business, self.attempt))? else {
            return Ok(Outcome::Duplicate);
        };
        let mut attempt = (*row).clone();
        if let Some((progress, at)) = self.progress {
            attempt.go_on(progress, at);
        }
        attempt.price = self.price.clone().or(attempt.price);
        attempt.converted = self.converted.or(attempt.converted);
        attempt.country = self.country.clone().or(attempt.country);
        attempt.carrier = self.carrier.clone().or(attempt.carrier);
        if self.error.is_some() {
            attempt.error = self.error;
            attempt.error_text.clone_from(&self.error_text);
        }
        // What Twilio said after the end is the last word, as soon as the price is in it.
        let complete = attempt.progress.is_final() && attempt.price.is_some() && !attempt.outcome.is_open();
        attempt.settled |= self.gave_up || (complete && self.converted.is_some());
        if attempt == *row {
            return Ok(Outcome::Duplicate);
        }
        let (flow, leg, nth) = (attempt.flow, attempt.leg, attempt.nth);
        let arrived = attempt.progress.has_arrived() && !row.progress.has_arrived();
        world.put(attempt);
        if arrived && nth > 1 {
            let whole = super::flow(world, self.business, flow)?;
            super::travel(world, &whole, leg, |journey| journey.arrived = true)?;
        }
        world.say(envelope.flow_event(Kind::CodeProgress, self.business, flow, Value::Null));
        Ok(Outcome::Done)
    }
}

/// Twilio told what a number is.
#[derive(Debug, Clone)]
pub struct LookedUp {
    /// The row.
    pub row: Lookup,
}

impl LookedUp {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        let have = world.get::<Lookup>(&lookup_key(self.row.business, &self.row.number))?;
        let earlier = have.map(|have| have.paid().collect()).unwrap_or_default();
        world.put(Lookup { earlier, ..self.row.clone() });
        Ok(Outcome::Done)
    }
}

/// The settings of a Verify service were changed at Twilio.
#[derive(Debug, Clone)]
pub struct VerifyServiceSet {
    /// The tenant.
    pub business: Id,
    /// The service.
    pub service: Sid,
    /// What was set.
    pub set: Value,
}

impl VerifyServiceSet {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let payload = json!({ "service": self.service, "set": self.set });
        world.say(envelope.event(Kind::VerifyServiceSet, self.business, None, None, payload));
        Ok(Outcome::Done)
    }
}
