//! Many starts in a row, as they would be answered: the very code that answers a real start, on a world
//! that is thrown away afterwards.
//!
//! Time is moved from start to start and what is due in between happens, so codes run out, windows of rate
//! limits open again and handsets' outcomes are used up as they would be. Faults on purpose are not met:
//! they are for calls, and none is made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::service::Service;
use super::start;
use crate::sandbox::answer::{Failure, Refusal};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::error::StoreError;
use crate::sandbox::timer;
use crate::sandbox::world::World;

/// A start that is planned.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Planned {
    /// The recipient.
    pub to: String,
    /// When, in simulated microseconds from now.
    pub after_micros: u64,
}

/// What a start would be answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// The HTTP status.
    status: u16,
    /// Twilio's code, of a refusal.
    code: Option<u32>,
    /// `Retry-After`, in seconds.
    retry_after: Option<u64>,
    /// `Twilio-Reached-Rate-Limit`.
    reached: Option<String>,
}

/// Carries the starts out in their order; `parameters` are those of each but for its recipient.
pub fn run(
    world: &mut World,
    service: &Service,
    parameters: &BTreeMap<String, String>,
    sends: &[Planned],
) -> Result<Vec<Answered>, StoreError> {
    let begin = world.now();
    let mut call = call(world, service);
    let mut answers = Vec::with_capacity(sends.len());
    for send in sends {
        let at = begin.saturating_add(send.after_micros);
        timer::fire(world, at, usize::MAX)?;
        world.at(at);
        let to = std::iter::once(("To".to_owned(), send.to.clone()));
        let others = parameters.iter().filter(|(name, _)| *name != "To");
        call.form = Params(to.chain(others.map(|(name, value)| (name.clone(), value.clone()))).collect());
        answers.push(match start::start(world, &call, service) {
            Ok(answer) => Answered { status: answer.status, code: None, retry_after: None, reached: None },
            Err(Failure::Refused(refusal)) => refused(&refusal),
            Err(Failure::Store(error)) => return Err(error),
        });
    }
    Ok(answers)
}

fn refused(refusal: &Refusal) -> Answered {
    let header = |wanted: &str| refusal.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value);
    Answered {
        status: refusal.status,
        code: Some(refusal.code),
        retry_after: header("Retry-After").and_then(|seconds| seconds.parse().ok()),
        reached: header("Twilio-Reached-Rate-Limit").cloned(),
    }
}

/// The call that a start comes with.
fn call(world: &World, service: &Service) -> Call {
    let segments = ["v2", "Services", &service.sid, "Verifications"].map(str::to_owned);
    Call {
        product: "verify".to_owned(),
        method: "POST".to_owned(),
        path: format!("/{}", segments.join("/")),
        segments: segments.into(),
        json: false,
        query: Params::default(),
        form: Params::default(),
        json_body: None,
        origin: format!("{}/verify", world.base()),
        credentials: None,
    }
}
