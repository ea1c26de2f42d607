//! What Twilio says was used: kept as it said it last.

use super::{Envelope, Outcome};
use crate::core::rows::usage_key;
use crate::core::world::{Stop, World};
use crate::domain::usage::UsageDay;

/// Twilio answered what an account used on some days. An answer that is older than what is kept changes nothing.
#[derive(Debug, Clone)]
pub struct UsageKept {
    /// The rows.
    pub days: Vec<UsageDay>,
}

impl UsageKept {
    pub(super) fn apply(&self, world: &mut World<'_>, _: &Envelope) -> Result<Outcome, Stop> {
        for day in &self.days {
            let have = world.get::<UsageDay>(&usage_key(day.account, day.day))?;
            if have.is_none_or(|have| have.asked_at <= day.asked_at) {
                world.put(day.clone());
            }
        }
        Ok(Outcome::Done)
    }
}
