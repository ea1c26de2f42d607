//! Verifications: codes asked for, answered, checked and ended.
//!
//! Sending a code is not idempotent at Twilio: the start is durable before the request leaves, and what
//! became of it is a change of its own. No change carries a code.

mod answered;
mod checked;
mod ended;
mod matrix;
mod seen;
mod started;
mod wording;

pub use answered::{AttemptAccepted, AttemptRefused, AttemptUnknown};
pub use checked::CheckRecorded;
pub use ended::{FlowExpired, LegEnded};
pub use matrix::{MatrixDeleted, MatrixRan, MatrixSaved};
pub use seen::{AttemptSeen, LookedUp, VerifyServiceSet};
pub use started::AttemptStarted;
pub use wording::WordingSaved;

use std::rc::Rc;

use crate::api::ApiError;
use crate::core::rows::verify::{attempt_key, flow_key};
use crate::core::world::{Stop, World};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::domain::verification::{Attempt, Flow, Journey, Status};

fn flow(world: &mut World<'_>, business: Id, id: Id) -> Result<Flow, Stop> {
    let row: Rc<Flow> = world.need(&flow_key(business, id), || ApiError::not_found(format!("verification {id}")))?;
    Ok((*row).clone())
}

fn attempt(world: &mut World<'_>, business: Id, id: Id) -> Result<Attempt, Stop> {
    let row: Rc<Attempt> = world.need(&attempt_key(business, id), || ApiError::not_found(format!("send {id}")))?;
    Ok((*row).clone())
}

/// A verification of a flow comes to `status`, and its sends show it. `false` when that cannot follow.
fn go_on(world: &mut World<'_>, flow: &mut Flow, leg: usize, status: Status, now: Time) -> Result<bool, Stop> {
    let Some(row) = flow.legs.get_mut(leg) else { return Ok(false) };
    if !row.go_on(status, now) {
        return Ok(false);
    }
    for id in row.attempts.clone() {
        let mut attempt = attempt(world, flow.business, id)?;
        // One that never left did not end with the others.
        if !attempt.progress.is_refusal() && attempt.outcome != status {
            attempt.outcome = status;
            if attempt.nth == 1 {
                attempt.journey.ended_at = (!status.is_open()).then_some(now);
            }
            world.put(attempt);
        }
    }
    Ok(true)
}

/// Keeps at the first send of a verification what became of it.
fn travel(world: &mut World<'_>, flow: &Flow, leg: usize, step: impl FnOnce(&mut Journey)) -> Result<(), Stop> {
    let Some(first) = flow.legs.get(leg).and_then(|leg| leg.attempts.first()) else { return Ok(()) };
    let mut first = attempt(world, flow.business, *first)?;
    step(&mut first.journey);
    world.put(first);
    Ok(())
}

/// A flow that has changed.
fn save(world: &mut World<'_>, mut flow: Flow, now: Time) {
    flow.version += 1;
    flow.updated_at = now;
    world.put(flow);
}
