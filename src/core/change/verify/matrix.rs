//! A matrix of sends is kept under a name, ran, or is dropped.

use serde_json::json;

use crate::api::{ApiError, Code};
use crate::core::change::{Envelope, Outcome};
use crate::core::event::Kind;
use crate::core::rows::business_key;
use crate::core::rows::verify::matrix_key;
use crate::core::world::{Stop, World};
use crate::domain::business::Business;
use crate::domain::id::Id;
use crate::domain::verification::matrix::{Matrix, MatrixWish, Run};

/// A matrix is kept, as a new version of the one of its name if there is one.
#[derive(Debug, Clone)]
pub struct MatrixSaved {
    /// The tenant.
    pub business: Id,
    /// Its name.
    pub name: String,
    /// What it sends.
    pub wish: MatrixWish,
    /// The version it was read at: refused when there is a newer one.
    pub expects: Option<u64>,
}

impl MatrixSaved {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let business = self.business;
        world.need::<Business>(&business_key(business), || ApiError::not_found(format!("business {business}")))?;
        let before = world.get::<Matrix>(&matrix_key(business, &self.name))?;
        let have = before.as_ref().map_or(0, |matrix| matrix.version);
        if self.expects.is_some_and(|expected| expected != have) {
            let detail = format!("the matrix {} changed meanwhile (version {have}): read it again", self.name);
            return Err(ApiError::new(Code::VersionMismatch, detail).into());
        }
        let run = before.as_ref().and_then(|matrix| matrix.run.clone());
        let wish = before.as_ref().map(|matrix| &matrix.wish);
        let payload = json!({ "name": self.name, "version": have + 1, "before": wish, "after": self.wish });
        world.say(envelope.event(Kind::MatrixSaved, business, None, None, payload));
        world.put(Matrix {
            business,
            name: self.name.clone(),
            version: have + 1,
            actor: envelope.actor.clone(),
            at: envelope.at,
            wish: self.wish.clone(),
            run,
        });
        Ok(Outcome::Done)
    }
}

/// A matrix ran. How it went is kept until it runs again.
#[derive(Debug, Clone)]
pub struct MatrixRan {
    /// The tenant.
    pub business: Id,
    /// The name of the matrix.
    pub name: String,
    /// How it went.
    pub run: Run,
}

impl MatrixRan {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let passed = self.run.cells.iter().filter(|cell| cell.fate.is_green()).count();
        let red: Vec<String> = self
            .run
            .cells
            .iter()
            .filter(|cell| !cell.fate.is_green())
            .map(|cell| format!("{}/{}", cell.channel.word(), cell.locale))
            .collect();
        let payload = json!({ "name": self.name, "version": self.run.version, "passed": passed, "red": red });
        world.say(envelope.event(Kind::MatrixRan, self.business, None, None, payload));
        // It may have been dropped while it ran.
        if let Some(matrix) = world.get::<Matrix>(&matrix_key(self.business, &self.name))? {
            world.put(Matrix { run: Some(self.run.clone()), ..(*matrix).clone() });
        }
        Ok(Outcome::Done)
    }
}

/// A matrix is dropped.
#[derive(Debug, Clone)]
pub struct MatrixDeleted {
    /// The tenant.
    pub business: Id,
    /// Its name.
    pub name: String,
}

impl MatrixDeleted {
    pub(in crate::core::change) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let key = matrix_key(self.business, &self.name);
        let matrix = world.need::<Matrix>(&key, || ApiError::not_found(format!("matrix {}", self.name)))?;
        let payload = json!({ "name": self.name, "version": matrix.version, "before": matrix.wish });
        world.say(envelope.event(Kind::MatrixDeleted, self.business, None, None, payload));
        world.remove(key);
        Ok(Outcome::Done)
    }
}
