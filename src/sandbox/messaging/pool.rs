//! The senders of a Messaging Service, and which of them a message leaves from.

use serde::{Deserialize, Serialize};

use super::service;
use crate::sandbox::error::StoreError;
use crate::sandbox::number::Number;
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

/// The most senders one service has.
pub const LARGEST: usize = 400;

/// The numbers of a service, in the order they joined.
pub fn numbers(world: &World, service: &str) -> Result<Vec<Number>, StoreError> {
    let found = world.scan("pool", &format!("{service}/"), &format!("{service}0"), true, LARGEST)?;
    found.into_iter().filter_map(|(_, sid)| world.get::<Number>(&sid).transpose()).collect()
}

/// Adds a number to a service.
pub fn join(world: &mut World, number: &mut Number, service: &str) -> Result<(), StoreError> {
    number.service = Some(service.to_owned());
    world.put(&number.sid, number)?;
    world.link("pool", &paging::key(service, number.created, number.sequence), &number.sid)
}

/// Takes a number out of its service.
pub fn leave(world: &mut World, number: &mut Number) -> Result<(), StoreError> {
    if let Some(service) = number.service.take() {
        world.unlink("pool", &paging::key(&service, number.created, number.sequence))?;
    }
    world.put(&number.sid, number)
}

/// The sender for a customer: the one they know, else one of their area code, else by the seed.
pub fn choose(world: &mut World, service: &str, to: &str) -> Result<Option<String>, StoreError> {
    let Some(settings) = service::get(world, service)? else { return Ok(None) };
    let pool = numbers(world, service)?;
    let (prefix, plain) = match to.strip_prefix("whatsapp:") {
        Some(plain) => ("whatsapp:", plain),
        None => ("", to),
    };
    let key = format!("{service}/{to}");
    let known = world.get::<Sticky>(&key)?.map(|sticky| sticky.from);
    let known = known.filter(|from| settings.sticky_sender() && pool.iter().any(|number| number.phone == *from));
    let same_area = |number: &&Number| {
        settings.area_code_geomatch() && plain.starts_with("+1") && number.phone.get(..5) == plain.get(..5)
    };
    let from = match known.or_else(|| pool.iter().find(same_area).map(|number| number.phone.clone())) {
        Some(from) => from,
        None if pool.is_empty() => return Ok(None),
        None => {
            let last = pool.len() as u64 - 1;
            let at = world.seed().between(0, last, &["sender", service, to]);
            match pool.get(usize::try_from(at).unwrap_or(0)) {
                Some(number) => number.phone.clone(),
                None => return Ok(None),
            }
        }
    };
    world.put(&key, &Sticky { from: from.clone() })?;
    Ok(Some(format!("{prefix}{from}")))
}
