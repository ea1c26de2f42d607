//! What can become due in simulated time, and where it is carried out.

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::world::World;
use super::{billing, carrier, verify};

/// Something that happens at its time, in order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Due {
    /// A message takes its next step on the way to the handset.
    Message {
        /// The message.
        sid: String,
    },
    /// A code takes its next step on the way to the handset.
    VerifyAttempt {
        /// The attempt.
        sid: String,
    },
    /// A verification's time is over.
    Verification {
        /// The verification.
        sid: String,
    },
    /// A month of a number begins.
    Rent {
        /// The number.
        sid: String,
    },
    /// An account's usage triggers are looked at.
    Usage {
        /// The account.
        account: String,
    },
}

/// Fires all timers due up to a time, in order, each at its own time; those they set in between too.
/// Answers whether more are due than `limit` allowed.
pub fn fire(world: &mut World, until: u64, limit: usize) -> Result<bool, StoreError> {
    for _ in 0..limit {
        match world.first_timer()? {
            Some((due, name, what)) if due <= until => {
                world.unschedule(due, &name)?;
                world.at(due);
                carry_out(world, what)?;
            }
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn carry_out(world: &mut World, what: Due) -> Result<(), StoreError> {
    match what {
        Due::Message { sid } => carrier::lifecycle::step(world, &sid),
        Due::VerifyAttempt { sid } => verify::send::step(world, &sid),
        Due::Verification { sid } => verify::expire(world, &sid),
        Due::Rent { sid } => billing::rent::due(world, &sid),
        Due::Usage { account } => billing::triggers::look(world, &account),
    }
}
