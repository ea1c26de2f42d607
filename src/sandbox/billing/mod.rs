//! Money: what things cost, what an account has used, what it has left, and triggers that tell.
//!
//! ```text
//! tariff   the table of prices         price     what one record costs, and from when on it says so
//! usage    counters by account and day category  how counters add up to Twilio's categories
//! records, triggers, balance           the API over them          rent   what numbers cost each month
//! ```
//!
//! Whoever makes a record that costs something says so here at that moment; nothing is counted afterwards,
//! so what is deleted later was used all the same.

pub mod balance;
pub mod category;
mod fire;
pub mod price;
pub mod records;
pub mod rent;
pub mod tariff;
pub mod triggers;
pub mod usage;
mod window;

use super::account::Account;
use super::answer::{Answer, Outcome};
use super::call::Call;
use super::router::not_found;
use super::world::World;

/// Routes a call below `Usage`.
pub fn route(world: &mut World, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    match rest {
        ["Records", rest @ ..] => records::route(world, call, account, rest),
        ["Triggers", rest @ ..] => triggers::route(world, call, account, rest),
        _ => Err(not_found(call)),
    }
}
