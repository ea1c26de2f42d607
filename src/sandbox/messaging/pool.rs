//! The senders of a Messaging Service, and which of them a message leaves from.

use serde::{Deserialize, Serialize};

use super::{alpha, service};
use crate::sandbox::error::StoreError;
use crate::sandbox::number::{self, Number};
use crate::sandbox::paging;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// That a customer was last written to from a sender of a service.
#[derive(Serialize, Deserialize)]
struct Sticky {
    from: String,
}

impl Row for Sticky {
    const KIND: &'static str = "sticky";
}

/// The index of a service's phone numbers.
pub const LONG: &str = "pool";
/// The index of a service's short codes.
pub const SHORT: &str = "pool/short";

/// The most senders one service has.
pub const LARGEST: usize = 400;

/// The numbers of a service, in the order they joined.
pub fn numbers(world: &World, service: &str) -> Result<Vec<Number>, StoreError> {
    members(world, LONG, service)
}

/// The short codes of a service, in the order they joined.
pub fn short_codes(world: &World, service: &str) -> Result<Vec<Number>, StoreError> {
    members(world, SHORT, service)
}

fn members(world: &World, index: &str, service: &str) -> Result<Vec<Number>, StoreError> {
    let found = world.scan(index, &format!("{service}/"), &format!("{service}0"), true, LARGEST)?;
    found.into_iter().filter_map(|(_, sid)| world.get::<Number>(&sid).transpose()).collect()
}

/// Whether a service has no sender of any kind.
pub fn is_empty(world: &World, service: &str) -> Result<bool, StoreError> {
    let numbers = numbers(world, service)?.is_empty() && short_codes(world, service)?.is_empty();
    Ok(numbers && !alpha::any(world, service)?)
}

/// Adds a number or short code to a service.
pub fn join(world: &mut World, number: &mut Number, service: &str) -> Result<(), StoreError> {
    number.service = Some(service.to_owned());
    world.put(&number.sid, number)?;
    world.link(index_of(number), &paging::key(service, number.created, number.sequence), &number.sid)
}

/// Takes a number or short code out of its service.
pub fn leave(world: &mut World, number: &mut Number) -> Result<(), StoreError> {
    if let Some(service) = number.service.take() {
        world.unlink(index_of(number), &paging::key(&service, number.created, number.sequence))?;
    }
    world.put(&number.sid, number)
}

/// Takes all senders out of a service.
pub fn clear(world: &mut World, service: &str) -> Result<(), StoreError> {
    for mut number in [numbers(world, service)?, short_codes(world, service)?].concat() {
        leave(world, &mut number)?;
    }
    alpha::clear(world, service)
}

fn index_of(number: &Number) -> &'static str {
    if number.is_short() { SHORT } else { LONG }
}

/// The sender for a customer: the one they know; else a short code of their country, a sender name where
/// names are taken, a number of their area, of their country, any number. `None` when nothing serves.
pub fn choose(world: &mut World, service: &str, to: &str) -> Result<Option<String>, StoreError> {
    let Some(settings) = service::Service::get(world, service)? else { return Ok(None) };
    let pool = numbers(world, service)?;
    let (prefix, plain) = match to.strip_prefix("whatsapp:") {
        Some(plain) => ("whatsapp:", plain),
        None => ("", to),
    };
    let key = format!("{service}/{to}");
    let mut short = if prefix.is_empty() { short_codes(world, service)? } else { Vec::new() };
    let country = number::country(plain).unwrap_or_default();
    short.retain(|code| code.country().as_deref() == Some(&country));
    let known = world.get::<Sticky>(&key)?.map(|sticky| sticky.from);
    let there = |from: &String| pool.iter().chain(&short).any(|number| number.phone == *from);
    let known = known.filter(|from| settings.sticky_sender() && there(from));
    let from = match known {
        Some(from) => from,
        None => {
            if prefix.is_empty()
                && short.is_empty()
                && let Some(name) = alpha::choose(world, service, &country)?
            {
                return Ok(Some(name));
            }
            let first = short.first().map(|code| code.phone.clone());
            let long = || by_area(world, &settings, &pool, plain, &country, to);
            match first.or_else(long) {
                Some(from) => from,
                None => return Ok(None),
            }
        }
    };
    world.put(&key, &Sticky { from: from.clone() })?;
    Ok(Some(format!("{prefix}{from}")))
}

/// The long code that takes over where a short code is not taken, if the service allows that.
pub fn fall_back(world: &World, service: &str, to: &str) -> Result<Option<String>, StoreError> {
    let settings = service::Service::get(world, service)?.filter(service::Service::falls_back_to_long_code);
    let Some(settings) = settings else { return Ok(None) };
    let country = number::country(to).unwrap_or_default();
    Ok(by_area(world, &settings, &numbers(world, service)?, to, &country, to))
}

/// One of the customer's area code, else by the seed among those of the country, else among all.
fn by_area(
    world: &World,
    settings: &service::Service,
    pool: &[Number],
    plain: &str,
    country: &str,
    to: &str,
) -> Option<String> {
    let same_area = |number: &&Number| {
        settings.area_code_geomatch() && plain.starts_with("+1") && number.phone.get(..5) == plain.get(..5)
    };
    if let Some(near) = pool.iter().find(same_area) {
        return Some(near.phone.clone());
    }
    let home: Vec<&Number> = pool.iter().filter(|number| number.country().as_deref() == Some(country)).collect();
    let choice = if home.is_empty() { pool.iter().collect() } else { home };
    let last = (choice.len() as u64).checked_sub(1)?;
    let at = world.seed().between(0, last, &["sender", &settings.sid, to]);
    Some(choice.get(usize::try_from(at).ok()?)?.phone.clone())
}
