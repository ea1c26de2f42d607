//! A code is asked for. The start is durable before Twilio is told.

use std::rc::Rc;

use serde_json::json;

use crate::api::{ApiError, Code};
use crate::core::change::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::business_key;
use crate::core::rows::verify::{Recipient, flow_key, meter_key, recipient_key};
use crate::core::world::{Stop, World};
use crate::domain::business::Business;
use crate::domain::id::Id;
use crate::domain::verification::rehearsal::KEPT_SENDS;
use crate::domain::verification::{Attempt, Flow, Leg, Meter, Progress, Step};

/// Verifications that one flow may hold.
const KEPT_LEGS: usize = 50;

/// A code is asked for.
#[derive(Debug, Clone)]
pub struct AttemptStarted {
    /// The send; its flow, leg, place and times are set here.
    pub attempt: Attempt,
    /// The flow it goes on with; else the waiting one of its recipient, else a new one.
    pub flow: Option<Id>,
    /// The id of a new flow, should there be none.
    pub new_flow: Id,
}

impl AttemptStarted {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut attempt = self.attempt.clone();
        let (business, now) = (attempt.business, envelope.at);
        let row: Rc<Business> =
            world.need(&business_key(business), || ApiError::not_found(format!("business {business}")))?;
        if !row.may_send() {
            let detail = format!("{} is not active and sends no codes: activate it first", row.name);
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        if row.verify_service != Some(attempt.service) {
            let detail = format!("the Verify service of {} was changed at this moment: try again", row.name);
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        if let Some(limit) = row.verify_per_minute {
            take(world, &row, limit, envelope)?;
        }
        let recipient = world.get::<Recipient>(&recipient_key(business, &attempt.to))?;
        let mut flow = match self.flow {
            Some(id) => super::flow(world, business, id)?,
            None => self.waiting(world, recipient.as_deref(), envelope)?,
        };
        let place = match flow.leg_for(&attempt.to, attempt.service, now) {
            Some(place) => place,
            None if flow.legs.len() >= KEPT_LEGS => {
                let detail = format!("this flow holds {KEPT_LEGS} verifications already: begin a new one");
                return Err(ApiError::new(Code::Conflict, detail).into());
            }
            None => {
                flow.legs.push(Leg::begin(attempt.to.clone(), attempt.service, now));
                flow.legs.len() - 1
            }
        };
        // The latest send decides which of the flow's verifications it is about.
        flow.at = place;
        let Some(leg) = flow.legs.get_mut(place) else { return Ok(Outcome::Done) };
        if leg.attempts.len() >= KEPT_SENDS {
            let detail =
                format!("{KEPT_SENDS} sends of this verification were tried: cancel it, or wait until it expires");
            return Err(ApiError { about: Some(flow.id), ..ApiError::new(Code::TooManyRequests, detail) }.into());
        }
        leg.attempts.push(attempt.id);
        attempt.flow = flow.id;
        attempt.leg = place;
        attempt.nth = u32::try_from(leg.attempts.len()).unwrap_or(u32::MAX);
        attempt.outcome = leg.status;
        attempt.progress = Progress::Starting;
        attempt.steps = vec![Step { progress: Progress::Starting, at: now }];
        (attempt.at, attempt.started) = (now, envelope.wall);
        attempt.actor.clone_from(&envelope.actor);
        let payload = json!({
            "attempt": attempt.id, "to": attempt.to, "channel": attempt.wish.channel, "locale": attempt.wish.locale,
            "template": attempt.wish.template, "templateVersion": attempt.wish.template_version,
            "service": attempt.service, "nth": attempt.nth, "estimate": attempt.estimate,
        });
        world.say(envelope.flow_event(Kind::CodeStarted, business, flow.id, payload));
        world.put(Recipient { business, to: attempt.to.clone(), flow: flow.id });
        let id = attempt.id;
        world.insert(attempt);
        super::save(world, flow, now);
        Ok(Outcome::Made(id))
    }

    /// The flow of the recipient whose code still waits, or a new one.
    fn waiting(&self, world: &mut World<'_>, recipient: Option<&Recipient>, envelope: &Envelope) -> Result<Flow, Stop> {
        let Attempt { business, to, service, .. } = &self.attempt;
        if let Some(recipient) = recipient
            && let Some(flow) = world.get::<Flow>(&flow_key(*business, recipient.flow))?
            && flow.leg_for(to, *service, envelope.at).is_some()
        {
            return Ok((*flow).clone());
        }
        Ok(Flow {
            business: *business,
            id: self.new_flow,
            legs: Vec::new(),
            at: 0,
            actor: envelope.actor.clone(),
            created_at: envelope.at,
            updated_at: envelope.at,
            version: 0,
        })
    }
}

/// Counts one more code of the business, or refuses.
fn take(world: &mut World<'_>, business: &Business, limit: u32, envelope: &Envelope) -> Result<(), Stop> {
    let key = meter_key(business.id);
    let mut meter = world.get::<Meter>(&key)?.map_or_else(|| Meter::new(business.id), |meter| (*meter).clone());
    if let Err(wait) = meter.take(envelope.at, limit) {
        let detail = format!(
            "{} sends {limit} codes a minute at most, by its own limit: try again in {wait} s, or raise `verifyPerMinute`",
            business.name
        );
        return Err(ApiError { retry_after: Some(wait), ..ApiError::new(Code::TooManyRequests, detail) }.into());
    }
    world.put(meter);
    Ok(())
}
