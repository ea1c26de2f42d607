//! A business's codes are worded by another template, or with other values.

use std::collections::BTreeMap;

use serde_json::json;

use crate::api::{ApiError, Code};
use crate::core::change::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::business_key;
use crate::core::rows::verify::wording_key;
use crate::core::world::{Stop, World};
use crate::domain::business::Business;
use crate::domain::id::{Id, Sid};
use crate::domain::verification::wording::Wording;

/// A wording is saved as a new version.
#[derive(Debug, Clone)]
pub struct WordingSaved {
    /// The tenant.
    pub business: Id,
    /// The template, if any.
    pub template: Option<Sid>,
    /// Values of its placeholders.
    pub substitutions: BTreeMap<String, String>,
    /// The version it was read at: refused when there is a newer one.
    pub expects: Option<u64>,
}

impl WordingSaved {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let business = self.business;
        world.need::<Business>(&business_key(business), || ApiError::not_found(format!("business {business}")))?;
        let before = world.get::<Wording>(&wording_key(business, 0))?;
        let have = before.as_ref().map_or(0, |w| w.version);
        if self.expects.is_some_and(|expected| expected != have) {
            let detail = format!("the wording changed meanwhile (version {have}): read it again");
            return Err(ApiError::new(Code::VersionMismatch, detail).into());
        }
        let wording = Wording {
            business,
            place: have + 1,
            version: have + 1,
            template: self.template,
            substitutions: self.substitutions.clone(),
            actor: envelope.actor.clone(),
            at: envelope.at,
        };
        let payload = json!({ "before": before.as_deref(), "after": wording });
        world.say(envelope.event(Kind::WordingSaved, business, None, None, payload));
        world.insert(wording.clone());
        world.put(Wording { place: 0, ..wording });
        Ok(Outcome::Done)
    }
}
