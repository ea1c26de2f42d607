//! What numbers cost each month: the first when a number is bought, the next on the same day of each month
//! until it is released. Numbers that a world begins with were paid for; their first month ends later.

use super::{tariff, usage};
use crate::sandbox::clock;
use crate::sandbox::error::StoreError;
use crate::sandbox::number::Number;
use crate::sandbox::timer::Due;
use crate::sandbox::world::World;

/// Charges the first month of a number that was bought.
pub fn begin(world: &mut World, number: &Number) -> Result<(), StoreError> {
    charge(world, number)?;
    later(world, number)
}

/// Sets the day on which the next month begins. Short codes are lent.
pub fn later(world: &mut World, number: &Number) -> Result<(), StoreError> {
    if number.is_short() {
        return Ok(());
    }
    let due = clock::month_after(number.created, world.now());
    world.schedule(due, &format!("rent {}", number.sid), &Due::Rent { sid: number.sid.clone() })
}

/// A month begins.
pub fn due(world: &mut World, sid: &str) -> Result<(), StoreError> {
    let Some(number) = world.get::<Number>(sid)? else { return Ok(()) };
    begin(world, &number)
}

fn charge(world: &mut World, number: &Number) -> Result<(), StoreError> {
    let leaf = match number.kind.as_str() {
        "toll-free" => "phonenumbers-tollfree",
        "mobile" => "phonenumbers-mobile",
        _ => "phonenumbers-local",
    };
    let rents = &tariff::table().at(&number.phone).rent;
    let rent = rents.get(tariff::kind_word(&number.kind)).or_else(|| rents.values().next());
    let nano = rent.map_or(0, |rent| tariff::nano(*rent));
    usage::add(world, &number.account, leaf, 1, 1, nano)
}
