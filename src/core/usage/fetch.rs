//! Asks Twilio what was used.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt};
use rust_decimal::prelude::ToPrimitive;

use super::ours::{Counted, Whole};
use super::strangers;
use crate::api::ApiError;
use crate::core::Core;
use crate::core::change::{Change, UsageKept};
use crate::domain::id::Sid;
use crate::domain::money::Money;
use crate::domain::time::Time;
use crate::domain::usage::{Record, UsageDay};
use crate::twilio::usage::{Period, UsageFilter, UsageRecord};
use crate::twilio::{Client, Error};

/// Rows of a page; Twilio's most.
pub(super) const PAGE: u32 = 1000;
/// More usage records than this are no answer: a month of all 643 categories has twenty thousand.
const RECORDS: usize = 100_000;

/// Why Twilio could not be asked, in a sentence.
#[derive(Debug)]
pub(super) struct Failed(pub(super) String);

impl From<Error> for Failed {
    fn from(e: Error) -> Failed {
        Failed(e.explain())
    }
}

impl From<ApiError> for Failed {
    fn from(e: ApiError) -> Failed {
        Failed(e.detail)
    }
}

/// Asks about an account's days, the last included, and keeps the answer. Lists that cannot be read leave
/// differences without a reason, but the records are there: it answers why.
pub(super) async fn fetch(core: &Core, client: &Client, from: u32, to: u32) -> Result<Option<String>, Failed> {
    let (account, asked_at) = (client.account(), core.now());
    let mut days: BTreeMap<u32, UsageDay> = (from..=to)
        .map(|day| (day, UsageDay { account, day, asked_at, records: Vec::new(), strangers: Vec::new() }))
        .collect();
    for record in records(client, from, to).await? {
        let Some(day) = record.start_date.map(|at| UsageDay::of(Time(at))) else { continue };
        let (Some(row), Some(record)) = (days.get_mut(&day), kept(record)) else { continue };
        row.records.push(record);
    }
    let (counted, began) = here(core, account, from, to)?;
    let mut unlisted = None;
    for row in days.values_mut() {
        match strangers::find(core, client, row, &counted, began).await {
            Ok(found) => row.strangers = found,
            Err(Failed(why)) => unlisted = Some(why),
        }
    }
    core.submit_work(Change::UsageKept(UsageKept { days: days.into_values().collect() })).await?;
    Ok(unlisted)
}

fn here(core: &Core, account: Sid, from: u32, to: u32) -> Result<(Counted, Option<Time>), ApiError> {
    let reader = core.reader()?;
    let whole = Whole::read(&*reader)?;
    Ok((core.counted_here(&*reader, &whole, account, from..=to)?, whole.began()))
}

async fn records(client: &Client, from: u32, to: u32) -> Result<Vec<UsageRecord>, Failed> {
    let filter = UsageFilter {
        from: Some(UsageDay::start(from).0),
        to: Some(UsageDay::start(to).0),
        include_subaccounts: Some(false),
        page_size: Some(PAGE),
        ..UsageFilter::default()
    };
    let first = client.usage().records(&Period::Daily, &filter).await?;
    let records: Vec<UsageRecord> = client.rows(first).take(RECORDS + 1).try_collect().await?;
    if records.len() > RECORDS {
        return Err(Failed(format!("its list of usage has more than {RECORDS} rows: ask about fewer days")));
    }
    Ok(records)
}

/// What is kept of a record; nothing of a category that nothing was used of.
fn kept(record: UsageRecord) -> Option<Record> {
    let count = record.count.and_then(|n| n.to_u64()).unwrap_or(0);
    let unit = record.price_unit.unwrap_or_else(|| "USD".to_owned());
    let price = record.price.map(|amount| Money::new(amount, &unit)).filter(|price| !price.is_zero());
    (count > 0 || price.is_some()).then_some(Record { category: record.category, count, price })
}
