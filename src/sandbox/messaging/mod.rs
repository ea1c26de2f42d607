//! `messaging.twilio.com`: Messaging Services and the senders in their pools.

pub mod alpha;
pub mod opt_out;
pub mod pool;
pub mod senders;
pub mod service;
pub mod short_codes;

use super::account::Caller;
use super::answer::{Answer, Outcome};
use super::call::Call;
use super::router::not_found;
use super::service::{all, one};
use super::world::World;
use service::{Messaging, Service};

/// Routes a call below `/v1`.
pub fn route(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let segments = call.route();
    let ["v1", "Services", rest @ ..] = segments.as_slice() else { return Err(not_found(call)) };
    let Some((sid, rest)) = rest.split_first() else {
        return all::<Messaging>(world, caller, call);
    };
    if let ("GET", "Usecases", []) = (call.method.as_str(), *sid, rest) {
        return Ok(service::usecases());
    }
    let found = Service::get(world, sid)?.filter(|service| service.account == caller.account);
    let service = found.ok_or_else(|| not_found(call))?;
    match rest {
        [] => one(world, call, service),
        ["PhoneNumbers", rest @ ..] => senders::route(world, call, &service, rest),
        ["ShortCodes", rest @ ..] => short_codes::route(world, call, &service, rest),
        ["AlphaSenders", rest @ ..] => alpha::route(world, call, &service, alpha::Form::Plain, rest),
        ["DestinationAlphaSenders", rest @ ..] => alpha::route(world, call, &service, alpha::Form::Destination, rest),
        ["ChannelSenders"] => senders::none(call, "senders"),
        _ => Err(not_found(call)),
    }
}
