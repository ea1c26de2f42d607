//! What Twilio said to a send: accepted, refused, or nothing that was heard.

use serde_json::json;

use crate::core::change::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::verify::{attempt_key, flow_key};
use crate::core::world::{Stop, World};
use crate::domain::id::{Id, Sid};
use crate::domain::time::Time;
use crate::domain::verification::{Attempt, Flow, LIFETIME, Leg, Progress, SENDS, Status, codes};

/// Twilio accepted a send.
#[derive(Debug, Clone)]
pub struct AttemptAccepted {
    /// The tenant.
    pub business: Id,
    /// The send.
    pub attempt: Id,
    /// The verification (VE).
    pub verification: Sid,
    /// The attempt (VL).
    pub sid: Option<Sid>,
    /// How many sends Twilio counts.
    pub sends: u32,
    /// When it was accepted: the code of a first send holds from then on.
    pub at: Time,
    /// The recipient's carrier, if the service looks it up.
    pub carrier: Option<String>,
}

impl AttemptAccepted {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut attempt = super::attempt(world, self.business, self.attempt)?;
        if !attempt.go_on(Progress::Queued, self.at) {
            return Ok(Outcome::Duplicate);
        }
        let mut flow = super::flow(world, self.business, attempt.flow)?;
        attempt.verification = Some(self.verification);
        attempt.sid = self.sid;
        attempt.error = None;
        attempt.error_text = None;
        attempt.carrier = self.carrier.clone().or(attempt.carrier);
        // Checks that were used up without a SID of ours were those of a verification begun elsewhere.
        let is_another = flow.legs.get(attempt.leg).is_some_and(|leg| match leg.sid {
            Some(sid) => sid != self.verification,
            None => leg.status == Status::MaxAttempts,
        });
        let (id, leg) = (attempt.id, attempt.leg);
        world.put(attempt.clone());
        if is_another {
            // The one that we thought was waiting was ended elsewhere: Twilio has begun another.
            let (to, service) = (attempt.to.clone(), attempt.service);
            super::go_on(world, &mut flow, leg, Status::Canceled, envelope.at)?;
            if let Some(old) = flow.legs.get_mut(leg) {
                old.attempts.retain(|have| *have != id);
            }
            flow.legs.push(Leg { attempts: vec![id], ..Leg::begin(to, service, self.at) });
            attempt.leg = flow.legs.len() - 1;
            attempt.nth = 1;
            flow.at = attempt.leg;
            world.put(attempt.clone());
        }
        if let Some(leg) = flow.legs.get_mut(attempt.leg) {
            if leg.sid.is_none() {
                leg.sid = Some(self.verification);
                leg.expires_at = self.at + LIFETIME;
            }
            leg.sends = leg.sends.max(self.sends).max(1);
        }
        super::go_on(world, &mut flow, attempt.leg, Status::Pending, envelope.at)?;
        // A send that joins a waiting one stands as it does.
        if let Some(leg) = flow.legs.get(attempt.leg) {
            attempt.outcome = leg.status;
            world.put(attempt);
        }
        world.say(envelope.flow_event(Kind::CodeAccepted, self.business, flow.id, json!({})));
        super::save(world, flow, envelope.at);
        Ok(Outcome::Made(self.attempt))
    }
}

/// A send was refused: nothing left.
#[derive(Debug, Clone)]
pub struct AttemptRefused {
    /// The tenant.
    pub business: Id,
    /// The send.
    pub attempt: Id,
    /// Twilio's code.
    pub code: Option<u32>,
    /// What it said.
    pub text: String,
}

impl AttemptRefused {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut attempt = super::attempt(world, self.business, self.attempt)?;
        let is_blocked = self.code.is_some_and(|code| codes::BLOCKED.contains(&code));
        let (progress, outcome) =
            if is_blocked { (Progress::Blocked, Status::Blocked) } else { (Progress::Refused, Status::Refused) };
        if !attempt.go_on(progress, envelope.at) {
            return Ok(Outcome::Duplicate);
        }
        (attempt.outcome, attempt.error, attempt.error_text) = (outcome, self.code, Some(self.text.clone()));
        attempt.settled = true;
        let place = attempt.leg;
        let mut flow = super::flow(world, self.business, attempt.flow)?;
        let payload = json!({ "attempt": attempt.id, "to": attempt.to, "code": self.code, "text": self.text });
        world.put(attempt);
        self.conclude(world, &mut flow, place, outcome, envelope.at)?;
        world.say(envelope.flow_event(Kind::CodeRefused, self.business, flow.id, payload));
        super::save(world, flow, envelope.at);
        Ok(Outcome::Made(self.attempt))
    }

    /// What the refusal says of the verification: a first send that is refused leaves none behind.
    fn conclude(
        &self,
        world: &mut World<'_>,
        flow: &mut Flow,
        place: usize,
        outcome: Status,
        now: Time,
    ) -> Result<(), Stop> {
        if self.code == Some(codes::CHECKS_USED_UP) {
            super::go_on(world, flow, place, Status::MaxAttempts, now)?;
        }
        let Some(leg) = flow.legs.get_mut(place) else { return Ok(()) };
        if self.code == Some(codes::SENDS_USED_UP) {
            leg.sends = leg.sends.max(u32::from(SENDS));
        }
        let (began, others) = (leg.sid.is_some(), leg.attempts.clone());
        for id in others {
            if super::attempt(world, self.business, id)?.progress.is_unanswered() {
                return Ok(());
            }
        }
        if !began {
            super::go_on(world, flow, place, outcome, now)?;
        }
        Ok(())
    }
}

/// The answer to a send was lost: it is looked up, and never asked for again by itself.
#[derive(Debug, Clone)]
pub struct AttemptUnknown {
    /// The tenant.
    pub business: Id,
    /// The send.
    pub attempt: Id,
    /// What happened.
    pub text: String,
}

impl AttemptUnknown {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let Some(row) = world.get::<Attempt>(&attempt_key(self.business, self.attempt))? else {
            return Ok(Outcome::Duplicate);
        };
        let mut attempt = (*row).clone();
        if !attempt.go_on(Progress::Unknown, envelope.at) {
            return Ok(Outcome::Duplicate);
        }
        attempt.error_text = Some(self.text.clone());
        let (place, to) = (attempt.leg, attempt.to.clone());
        let flow = world.get::<Flow>(&flow_key(self.business, attempt.flow))?;
        world.put(attempt);
        let Some(flow) = flow else { return Ok(Outcome::Duplicate) };
        let mut flow = (*flow).clone();
        super::go_on(world, &mut flow, place, Status::Unknown, envelope.at)?;
        let payload = json!({ "attempt": self.attempt, "to": to, "text": self.text });
        world.say(envelope.flow_event(Kind::CodeUnknown, self.business, flow.id, payload));
        super::save(world, flow, envelope.at);
        Ok(Outcome::Made(self.attempt))
    }
}
