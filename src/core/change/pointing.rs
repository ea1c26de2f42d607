//! Where the webhooks of numbers and messaging services go, and what to bring back.

use serde_json::Value;

use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind;
use crate::core::rows::pointing_key;
use crate::core::world::{Stop, World};
use crate::domain::id::Sid;
use crate::domain::pointing::Pointing;

/// What is remembered of a number's or messaging service's webhooks changes.
#[derive(Debug, Clone)]
pub struct PointingSet {
    /// `PN...` or `MG...`.
    pub resource: Sid,
    /// The row as it shall be; its version is set here. `None`: nothing is remembered any more.
    pub row: Option<Pointing>,
    /// The version it was read at; 0 when there was no row.
    pub expects: u64,
    /// What is said of it; a holder who only renews says nothing.
    pub said: Option<(Kind, Value)>,
}

impl PointingSet {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = pointing_key(self.resource);
        let have = world.get::<Pointing>(&key)?;
        let version = have.as_ref().map_or(0, |p| p.version);
        if version != self.expects {
            let detail = "somebody else points the same number at this moment: try again";
            return Err(ApiError::new(Code::VersionMismatch, detail).into());
        }
        if let Some((kind, payload)) = &self.said {
            world.say(envelope.platform_event(*kind, payload.clone()));
        }
        match &self.row {
            Some(row) => world.put(Pointing { version: version + 1, ..row.clone() }),
            None if have.is_some() => world.remove(key),
            None => {}
        }
        Ok(Outcome::Done)
    }
}
