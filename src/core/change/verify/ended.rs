//! Verifications that end without a check: canceled, approved by hand, found ended at Twilio, run out.

use serde_json::json;

use crate::core::change::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::verify::flow_key;
use crate::core::world::{Stop, World};
use crate::domain::id::Id;
use crate::domain::verification::{Flow, Status};

/// A verification has come to its end at Twilio.
#[derive(Debug, Clone)]
pub struct LegEnded {
    /// The tenant.
    pub business: Id,
    /// The flow.
    pub flow: Id,
    /// Which of its verifications.
    pub leg: usize,
    /// How it ended.
    pub status: Status,
}

impl LegEnded {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut flow = super::flow(world, self.business, self.flow)?;
        if !super::go_on(world, &mut flow, self.leg, self.status, envelope.at)? {
            return Ok(Outcome::Duplicate);
        }
        let to = flow.legs.get(self.leg).map(|leg| leg.to.clone());
        let payload = json!({ "to": to, "status": self.status });
        world.say(envelope.flow_event(Kind::VerificationEnded, self.business, flow.id, payload));
        super::save(world, flow, envelope.at);
        Ok(Outcome::Done)
    }
}

/// The time of a flow's verifications may have run out.
#[derive(Debug, Clone)]
pub struct FlowExpired {
    /// The tenant.
    pub business: Id,
    /// The flow.
    pub flow: Id,
}

impl FlowExpired {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let Some(row) = world.get::<Flow>(&flow_key(self.business, self.flow))? else {
            return Ok(Outcome::Duplicate);
        };
        let mut flow = (*row).clone();
        let mut ended = false;
        for place in 0..flow.legs.len() {
            // It ran out then, however late somebody looks.
            let over = flow.legs[place].expires_at;
            if flow.legs[place].status == Status::Pending && over <= envelope.at {
                ended |= super::go_on(world, &mut flow, place, Status::Expired, over)?;
            }
        }
        if !ended {
            return Ok(Outcome::Duplicate);
        }
        let payload = json!({ "status": Status::Expired });
        world.say(envelope.flow_event(Kind::VerificationEnded, self.business, flow.id, payload));
        super::save(world, flow, envelope.at);
        Ok(Outcome::Done)
    }
}
