//! One verification, by its SID or its recipient: fetched, approved or cancelled.

use super::errors::{invalid, refuse};
use super::rules;
use super::service::Service;
use super::verification::{self, Status};
use super::window::{self, Bound};
use crate::sandbox::answer::{Answer, Outcome};
use crate::sandbox::call::Call;
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// `GET Verifications/{Sid}`.
pub fn fetch(world: &mut World, call: &Call, service: &Service, name: &str) -> Outcome<Answer> {
    let found = verification::named(world, &service.sid, name)?.filter(verification::Verification::kept);
    let found = found.ok_or_else(|| not_found(call))?;
    let bound = |(most, seconds)| Bound { key: format!("poll/{}/{seconds}", found.sid), most, seconds };
    if let Some(wait) = window::take(world, &rules::POLLS.map(bound))? {
        return Err(window::too_many(refuse(20429), wait, "verification").into());
    }
    Ok(Answer::ok(found.show(world, call)))
}

/// `POST Verifications/{Sid}`: for codes that were checked elsewhere, or that are not wanted any more.
pub fn update(world: &mut World, call: &Call, service: &Service, name: &str) -> Outcome<Answer> {
    let status = match call.form.text("Status") {
        Some("approved") => Status::Approved,
        Some("canceled") => Status::Canceled,
        _ => return Err(invalid("Status").into()),
    };
    let found = verification::named(world, &service.sid, name)?.filter(|found| found.status == Status::Pending);
    let mut found = found.ok_or_else(|| not_found(call))?;
    found.end(world, status)?;
    Ok(Answer::ok(found.show(world, call)))
}
