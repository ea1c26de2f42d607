//! `monitor.twilio.com`: alerts, for what went wrong, and events, for who changed what.
//!
//! Both are kept for thirty days, and so many of each at most. Who notices something says so here:
//! [`raise`] knows how a failure becomes an alert, [`watch`] which calls change a resource.

mod alert;
mod event;
pub mod raise;
pub mod watch;

use super::account::Caller;
use super::answer::{Answer, Outcome, Refusal};
use super::call::Call;
use super::clock;
use super::error::StoreError;
use super::paging;
use super::router::not_found;
use super::store::Row;
use super::world::World;

const DAY: u64 = 86_400 * 1_000_000;
/// How long Twilio keeps them.
const KEPT: u64 = 30 * DAY;
/// How many of each kind are kept, over all accounts.
const MOST: u64 = 10_000;
/// Old ones that are forgotten with each new one: more than come in.
const AT_ONCE: usize = 2;

/// Something that is listed newest first and forgotten in time.
trait Kept: Row {
    /// The index of an account's, and the counter of all.
    const INDEX: &'static str;
    /// Whose it is, when it was, and its order within one instant.
    fn place(&self) -> (&str, u64, u64);
    /// Its SID.
    fn sid(&self) -> &str;
}

/// Routes a call below `/v1`.
pub fn route(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let segments = call.route();
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    match segments.as_slice() {
        ["v1", "Alerts", rest @ ..] => alert::route(world, caller, call, rest),
        ["v1", "Events", rest @ ..] => event::route(world, caller, call, rest),
        _ => Err(not_found(call)),
    }
}

/// Keeps a new one, and forgets what is too old or too much.
fn keep<K: Kept>(world: &mut World, new: &K) -> Result<(), StoreError> {
    let (account, at, sequence) = new.place();
    world.put(new.sid(), new)?;
    world.link(K::INDEX, &paging::key(account, at, sequence), new.sid())?;
    world.count(K::INDEX, true);
    let (low, high) = (format!("{account}/"), format!("{account}0"));
    for (key, sid) in world.scan(K::INDEX, &low, &high, true, AT_ONCE)? {
        let old = world.get::<K>(&sid)?.is_none_or(|found| found.place().1 + KEPT < world.now());
        let much = world.meta().counts.get(K::INDEX).is_some_and(|count| *count > MOST);
        if !old && !much {
            break;
        }
        world.unlink(K::INDEX, &key)?;
        world.remove::<K>(&sid)?;
        world.count(K::INDEX, false);
    }
    Ok(())
}

/// `StartDate` and `EndDate` of a call: times, or days that are meant whole.
fn window(call: &Call) -> Outcome<(u64, u64)> {
    let read = |name: &str| -> Outcome<Option<(u64, bool)>> {
        let Some(text) = call.query.text(name) else { return Ok(None) };
        let bad = || Refusal::bad(20001, format!("Invalid {name}: give a date or a time such as 2026-03-02T09:00:00Z"));
        Ok(Some((clock::parse(text).ok_or_else(bad)?, text.trim().len() <= 10)))
    };
    let from = read("StartDate")?.map_or(0, |(at, _)| at);
    // Times are shown in whole seconds, and what is shown must find what it was shown for.
    let until = read("EndDate")?.map_or(u64::MAX, |(at, is_day)| at + if is_day { DAY } else { 1_000_000 });
    Ok((from, until))
}
