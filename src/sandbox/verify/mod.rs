//! `verify.twilio.com`: one-time codes.
//!
//! ```text
//! services   settings            start -> send -> a handset or mailbox      rules    what Twilio leaves open
//! templates  texts in languages  check, update -> verification              errors   what refusals say
//! guard, safelist, rate_limits, configurations: who may be sent to, how often, by which sender
//! rehearsal: many starts in a row on a world that is thrown away
//! ```
//!
//! The code is on the handset and in the sandbox's file; no answer of this product has it.

pub mod attempt;
mod attempts;
mod buckets;
mod check;
mod configurations;
pub mod errors;
mod events;
pub mod guard;
mod rate_limits;
pub mod rehearsal;
mod rules;
mod safelist;
pub mod send;
pub mod service;
mod start;
pub mod templates;
mod text;
mod verification;
mod verifications;
mod wanted;
mod webhooks;
mod window;
mod words;

use super::account::Caller;
use super::answer::{Answer, Outcome, Refusal};
use super::call::Call;
use super::router::not_found;
use super::service::{all, one};
use super::world::World;
use service::{Service, Verify};

pub use verification::expire;

/// Routes a call below `/v2`.
pub fn route(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let segments = call.route();
    match segments.as_slice() {
        ["v2", "Services"] => all::<Verify>(world, caller, call),
        ["v2", "Services", sid, rest @ ..] => {
            let found = Service::get(world, sid)?.filter(|service| service.account == caller.account);
            let service = found.ok_or_else(|| not_found(call))?;
            below(world, call, service, rest)
        }
        ["v2", "Templates"] => templates::list(world, caller, call),
        ["v2", "Attempts", rest @ ..] => attempts::route(world, caller, call, rest),
        ["v2", "SafeList", "Numbers", rest @ ..] => safelist::route(world, caller, call, rest),
        _ => Err(not_found(call)),
    }
}

/// What hangs below a service.
fn below(world: &mut World, call: &Call, service: Service, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        (_, []) => one(world, call, service),
        ("POST", ["Verifications"]) => start::start(world, call, &service),
        ("GET", ["Verifications", name]) => verifications::fetch(world, call, &service, name),
        ("POST", ["Verifications", name]) => verifications::update(world, call, &service, name),
        ("POST", ["VerificationCheck"]) => check::check(world, call, &service),
        (_, ["RateLimits", rest @ ..]) => rate_limits::route(world, call, &service, rest),
        (_, ["MessagingConfigurations", rest @ ..]) => configurations::route(world, call, &service, rest),
        (_, ["Webhooks", rest @ ..]) => webhooks::route(world, call, &service, rest),
        (_, ["Verifications"] | ["Verifications", _] | ["VerificationCheck"]) => {
            Err(Refusal::method_not_allowed().into())
        }
        _ => Err(not_found(call)),
    }
}
