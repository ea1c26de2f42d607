//! `Balance`: what an account has left. It starts at the table's figure and falls with each price, also of
//! its subaccounts, who have none of their own.

use rust_decimal::Decimal;
use serde_json::json;

use super::category::{self, TOTAL};
use super::{price, records, tariff, usage};
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock;
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// `GET Balance`.
pub fn balance(world: &World, call: &Call, account: &Account) -> Outcome<Answer> {
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    if account.owner != account.sid {
        return Err(not_found(call));
    }
    let accounts = usage::accounts(world, account, true)?;
    let opened = records::opened(world, account, &accounts)?;
    let sums = usage::between(world, &accounts, opened, clock::day(world.now()))?;
    let left: Decimal = tariff::table().balance - tariff::amount(category::sum(TOTAL, &sums).nano);
    Ok(Answer::ok(json!({
        "account_sid": account.sid, "balance": price::text(left), "currency": price::unit(world),
    })))
}
