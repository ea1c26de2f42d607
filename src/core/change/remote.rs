//! Remote steps: written down before Twilio is asked, and what became of them.

use serde_json::json;

use super::{BusinessSaved, Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind as Event;
use crate::core::rows::{business_key, series_key};
use crate::core::world::{Stop, World};
use crate::domain::business::Business;
use crate::domain::id::Id;
use crate::domain::remote::{Kind, Moved, Series, State};

/// A business is to have something at Twilio: its series of steps begins, together with the business where
/// that is new.
#[derive(Debug, Clone)]
pub struct SeriesBegun {
    /// The new business, if it is new.
    pub saved: Option<BusinessSaved>,
    /// The steps.
    pub series: Series,
    /// Which run of the node began them.
    pub run: String,
}

impl SeriesBegun {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        if let Some(saved) = &self.saved {
            saved.apply(world, envelope)?;
        }
        let mut business = living(world, self.series.business)?;
        if let Some(id) = business.setup
            && let Some(have) = world.get::<Series>(&series_key(business.id, id))?
            && have.state() != State::Done
        {
            let detail = format!("the setup of {} is under way already: resume it instead", business.name);
            return Err(ApiError::new(Code::Conflict, detail).into());
        }
        business.setup = Some(self.series.id);
        business.version += 1;
        world.say(envelope.event(
            Event::RemoteBegun,
            business.id,
            None,
            None,
            json!({
                "series": self.series.id,
                "steps": self.series.steps.iter().map(|step| step.kind).collect::<Vec<_>>(),
                "wish": self.series.wish,
                "run": self.run,
            }),
        ));
        let id = business.id;
        world.put(business);
        world.insert(self.series.clone());
        Ok(Outcome::Made(id))
    }
}

/// A step of a series goes on.
#[derive(Debug, Clone)]
pub struct RemoteMoved {
    /// The tenant.
    pub business: Id,
    /// The series.
    pub series: Id,
    /// Which step.
    pub kind: Kind,
    /// What becomes of it.
    pub moved: Moved,
    /// Which run of the node did it.
    pub run: String,
}

impl RemoteMoved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut series = series(world, self.business, self.series)?;
        let gone = || ApiError::not_found(format!("step {:?} of this setup", self.kind));
        let at = series.steps.iter().position(|step| step.kind == self.kind).ok_or_else(gone)?;
        if series.next().map(|step| step.kind) != Some(self.kind) || !series.steps[at].allows(&self.moved) {
            return Err(ApiError::new(Code::Conflict, "this step has gone on meanwhile").into());
        }
        if series.given_up && self.moved == Moved::Started {
            return Err(ApiError::new(Code::Conflict, "the business was deleted: its setup does not go on").into());
        }
        let step = series.steps[at].clone().after(&self.moved, envelope.wall);
        let payload = json!({
            "series": series.id,
            "step": step.kind,
            "state": step.state,
            "sid": step.sid,
            "nonce": step.nonce,
            "tries": step.tries,
            "found": step.found,
            "milliseconds": step.millis,
            "why": step.why,
            "run": self.run,
        });
        world.say(envelope.event(Event::RemoteMoved, self.business, None, None, payload));
        let done = step.state == State::Done;
        series.steps[at] = step;
        series.version += 1;
        if done && self.kind == Kind::VerifySettings {
            self.adopt(world, envelope, &series)?;
        }
        world.put(series);
        Ok(Outcome::Done)
    }

    /// Only now do texts of the service bear the right name: the business sends its codes with it.
    fn adopt(&self, world: &mut World<'_>, envelope: &Envelope, series: &Series) -> Result<(), Stop> {
        let mut business = living(world, self.business)?;
        let before = serde_json::to_value(&business).unwrap_or_default();
        business.verify_service = series.made(Kind::VerifyService);
        business.updated_at = envelope.at;
        business.version += 1;
        let after = serde_json::to_value(&business).unwrap_or_default();
        let payload = json!({ "before": before, "after": after });
        world.say(envelope.event(Event::BusinessSaved, business.id, None, None, payload));
        world.put(business);
        Ok(())
    }
}

/// A person lets a series go on that waits for them, with another wish if they say one.
#[derive(Debug, Clone)]
pub struct SeriesResumed {
    /// The series as it shall be; its version is the one that was read.
    pub series: Series,
    /// Which run of the node goes on with it.
    pub run: String,
}

impl SeriesResumed {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        living(world, self.series.business)?;
        let have = series(world, self.series.business, self.series.id)?;
        if have.version != self.series.version {
            let detail = "the setup has gone on meanwhile: look at it again";
            return Err(ApiError::new(Code::VersionMismatch, detail).into());
        }
        let mut row = self.series.clone();
        row.resume(envelope.wall);
        row.version += 1;
        let payload = json!({ "series": row.id, "wish": row.wish, "run": self.run });
        world.say(envelope.event(Event::RemoteResumed, row.business, None, None, payload));
        world.put(row);
        Ok(Outcome::Done)
    }
}

fn living(world: &mut World<'_>, id: Id) -> Result<Business, Stop> {
    let not_found = || ApiError::not_found(format!("business {id}"));
    let row = world.need::<Business>(&business_key(id), not_found)?;
    if row.deleted_at.is_some() {
        return Err(not_found().into());
    }
    Ok((*row).clone())
}

fn series(world: &mut World<'_>, business: Id, id: Id) -> Result<Series, Stop> {
    let row = world.need::<Series>(&series_key(business, id), || ApiError::not_found("such setup"))?;
    Ok((*row).clone())
}
