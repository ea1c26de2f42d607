//! `api.twilio.com`, version 2010-04-01: accounts and what belongs to them.

pub mod accounts;
pub mod addresses;
pub mod available;
pub mod keys;
pub mod media;
pub mod messages;
pub mod numbers;
pub mod short_codes;

use super::account::{self, Caller};
use super::answer::{Answer, Outcome};
use super::billing::{self, balance};
use super::call::Call;
use super::router::not_found;
use super::world::World;

/// Routes a call below `/2010-04-01/Accounts`.
pub fn route(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let segments = call.route();
    let ["2010-04-01", "Accounts", rest @ ..] = segments.as_slice() else { return Err(not_found(call)) };
    let Some((sid, rest)) = rest.split_first() else { return accounts::collection(world, caller, call) };
    let Some(account) = account::acting(world, caller, sid)? else { return Err(not_found(call)) };
    // Only media's bytes are asked for without `.json`; XML answers are not built.
    let bytes = matches!(rest, ["Messages", _, "Media", _]);
    if !call.json && !bytes {
        return Err(not_found(call));
    }
    match rest {
        [] => accounts::resource(world, caller, call, account),
        ["Balance"] => balance::balance(world, call, &account),
        ["Usage", rest @ ..] => billing::route(world, call, &account, rest),
        ["Messages", rest @ ..] => messages::route(world, call, &account, rest),
        ["IncomingPhoneNumbers", rest @ ..] => numbers::route(world, caller, call, &account, rest),
        ["AvailablePhoneNumbers", rest @ ..] => available::route(world, call, &account, rest),
        ["Keys" | "SigningKeys", rest @ ..] => keys::route(world, caller, call, &account, rest),
        ["SMS", "ShortCodes", rest @ ..] => short_codes::route(world, call, &account, rest),
        ["Addresses", rest @ ..] => addresses::route(world, call, &account, rest),
        _ => Err(not_found(call)),
    }
}
