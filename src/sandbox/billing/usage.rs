//! The counters: what each account has used, by day in GMT and by leaf of the categories.
//!
//! Added to in the moment something happens, in the same batch, so that no answer ever reads all messages.
//! A day of an account is one entry of an ordered index, and a stretch of days one scan of it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::category::Sums;
use super::triggers;
use crate::sandbox::account::Account;
use crate::sandbox::clock;
use crate::sandbox::error::StoreError;
use crate::sandbox::world::World;

const INDEX: &str = "usage";

fn key(account: &str, day: Date) -> String {
    format!("{account}/{}", day.strftime("%Y%m%d"))
}

/// Counts something that an account has used now.
pub fn add(world: &mut World, account: &str, leaf: &str, count: u64, usage: u64, nano: u64) -> Result<(), StoreError> {
    let key = key(account, clock::day(world.now()));
    let found = world.scan(INDEX, &key, &format!("{key}\u{0}"), false, 1)?;
    let mut sums = found.first().map(|(_, text)| read(text)).transpose()?.unwrap_or_default();
    let sum = sums.entry(leaf.to_owned()).or_default();
    *sum = sum.and(super::category::Sum { count, usage, nano });
    let text = serde_json::to_string(&sums).map_err(StoreError::Value)?;
    world.link(INDEX, &key, &text)?;
    triggers::wake(world, account)
}

/// What accounts have used from one day to another, both included.
pub fn between(world: &World, accounts: &[String], from: Date, to: Date) -> Result<Sums, StoreError> {
    let mut all = Sums::new();
    for account in accounts {
        let until = format!("{}\u{0}", key(account, to));
        for (_, text) in world.scan(INDEX, &key(account, from), &until, false, usize::MAX)? {
            for (leaf, sum) in read(&text)? {
                let total = all.entry(leaf).or_default();
                *total = total.and(sum);
            }
        }
    }
    Ok(all)
}

/// The first day on which one of these accounts used anything.
pub fn first_day(world: &World, accounts: &[String]) -> Result<Option<Date>, StoreError> {
    let mut days = BTreeSet::new();
    for account in accounts {
        let found = world.scan(INDEX, &format!("{account}/"), &format!("{account}0"), false, 1)?;
        let text = found.first().and_then(|(key, _)| key.rsplit('/').next().map(str::to_owned));
        days.extend(text.and_then(|text| Date::strptime("%Y%m%d", text).ok()));
    }
    Ok(days.into_iter().next())
}

/// An account, with its subaccounts if it has any and they are wanted.
pub fn accounts(world: &World, account: &Account, with_subaccounts: bool) -> Result<Vec<String>, StoreError> {
    let mut all = vec![account.sid.clone()];
    if with_subaccounts && account.owner == account.sid {
        let below =
            world.scan("accounts", &format!("{}/", account.sid), &format!("{}0", account.sid), false, usize::MAX)?;
        all.extend(below.into_iter().map(|(_, sid)| sid).filter(|sid| *sid != account.sid));
    }
    Ok(all)
}

fn read(text: &str) -> Result<Sums, StoreError> {
    serde_json::from_str(text).map_err(StoreError::Value)
}
