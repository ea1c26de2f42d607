//! A code was checked, and what Twilio said to it.

use serde_json::json;

use crate::core::change::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::world::{Stop, World};
use crate::domain::verification::{Check, Status, Verdict};

/// A check and what it changed.
#[derive(Debug, Clone)]
pub struct CheckRecorded {
    /// The check; its actor and time are set here.
    pub check: Check,
    /// How its verification stands after it, where that is known.
    pub status: Option<Status>,
}

impl CheckRecorded {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut check = self.check.clone();
        check.actor.clone_from(&envelope.actor);
        check.at = envelope.at;
        let mut flow = super::flow(world, check.business, check.flow)?;
        if let Some(leg) = flow.legs.get_mut(check.leg)
            && matches!(check.verdict, Verdict::Pending | Verdict::Approved)
        {
            leg.checks += 1;
            super::travel(world, &flow, check.leg, |journey| {
                journey.checks += 1;
                journey.wrong += u32::from(check.verdict == Verdict::Pending);
            })?;
        }
        if let Some(status) = self.status.filter(|status| *status != Status::Pending) {
            super::go_on(world, &mut flow, check.leg, status, envelope.at)?;
        }
        let payload = json!({ "check": check.id, "to": check.to, "verdict": check.verdict, "code": check.error });
        world.say(envelope.flow_event(Kind::CodeChecked, check.business, flow.id, payload));
        let id = check.id;
        world.insert(check);
        super::save(world, flow, envelope.at);
        Ok(Outcome::Made(id))
    }
}
