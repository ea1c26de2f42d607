//! `Usage/Records`: what was used, by category and by stretch of days.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::category::{self, Sums, TOTAL};
use super::window::{self, Cut, Stretch};
use super::{price, tariff, usage};
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock::{self, formatted};
use crate::sandbox::error::StoreError;
use crate::sandbox::paging::{Asked, Page};
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// The lists below `Records`: the name in answers, the name in paths.
const LISTS: [(&str, &str); 8] = [
    ("all_time", "AllTime"),
    ("daily", "Daily"),
    ("last_month", "LastMonth"),
    ("monthly", "Monthly"),
    ("this_month", "ThisMonth"),
    ("today", "Today"),
    ("yearly", "Yearly"),
    ("yesterday", "Yesterday"),
];

/// Routes a call below `Records`.
pub fn route(world: &World, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    let list = match rest {
        [] => "",
        [name] if LISTS.iter().any(|(_, path)| path == name) => name,
        _ => return Err(not_found(call)),
    };
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    let asked = Asked::read(call, 50, 1000)?;
    let categories: Vec<&str> = match call.query.text("Category") {
        Some(wanted) => category::all().filter(|name| *name == wanted).collect(),
        None => category::all().collect(),
    };
    let accounts = usage::accounts(world, account, call.query.flag("IncludeSubaccounts").unwrap_or(true))?;
    let pieces = pieces(world, call, account, &accounts, list)?;
    let start = asked.page.saturating_mul(asked.size);
    let total = pieces.len() * categories.len();
    let mut rows = Vec::new();
    let mut counted: Option<(usize, Sums)> = None;
    // Only what the page shows is added up.
    for row in start..total.min(start.saturating_add(asked.size)) {
        let (at, piece) = (row / categories.len(), pieces[row / categories.len()]);
        let sums = match counted.take() {
            Some((known, sums)) if known == at => sums,
            _ => usage::between(world, &accounts, piece.from, piece.to)?,
        };
        rows.push(show(world, account, list, categories[row % categories.len()], piece, &sums));
        counted = Some((at, sums));
    }
    Ok(Page::part(rows, total, asked).classic(call, "usage_records", Value::clone))
}

/// The stretches that a list has records of, newest first.
fn pieces(world: &World, call: &Call, account: &Account, accounts: &[String], list: &str) -> Outcome<Vec<Stretch>> {
    let today = clock::day(world.now());
    let given = |name: &str| call.query.text(name).map(|text| window::day(name, text, today)).transpose();
    let (from, to) = (given("StartDate")?, given("EndDate")?);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Refusal::bad(20001, "Invalid EndDate: it lies before the StartDate").into());
    }
    let opened = opened(world, account, accounts)?;
    let life = Stretch { from: opened.min(today), to: today };
    let asked = Stretch { from: from.unwrap_or(life.from), to: to.unwrap_or(today.max(from.unwrap_or(today))) };
    let cut = |cut| asked.within(life).map_or_else(Vec::new, |stretch| stretch.pieces(cut));
    Ok(match list {
        "Daily" => cut(Cut::Daily),
        "Monthly" => cut(Cut::Monthly),
        "Yearly" => cut(Cut::Yearly),
        "AllTime" => vec![life],
        "Today" => vec![Stretch::one(today)],
        "Yesterday" => vec![Stretch::one(today.yesterday().unwrap_or(today))],
        "ThisMonth" => vec![Stretch { from: window::month_of(today), to: today }],
        "LastMonth" => vec![Stretch::month_before(today)],
        _ => vec![asked],
    })
}

/// The day an account's usage begins.
pub fn opened(world: &World, account: &Account, accounts: &[String]) -> Result<Date, StoreError> {
    let made = clock::day(account.created);
    Ok(usage::first_day(world, accounts)?.map_or(made, |first| first.min(made)))
}

fn show(world: &World, account: &Account, list: &str, name: &str, piece: Stretch, sums: &Sums) -> Value {
    let sum = category::sum(name, sums);
    let (count_unit, usage_unit) = category::units(name);
    let cost = tariff::amount(sum.nano).normalize().to_string();
    let unit = price::unit(world).to_ascii_lowercase();
    let base = format!("/2010-04-01/Accounts/{}/Usage/Records", account.sid);
    let below: serde_json::Map<String, Value> = LISTS
        .iter()
        .map(|(key, path)| ((*key).to_owned(), json!(format!("{base}/{path}.json?Category={name}"))))
        .collect();
    let list = if list.is_empty() { String::new() } else { format!("/{list}") };
    let total = name == TOTAL;
    json!({
        "account_sid": account.sid,
        "api_version": "2010-04-01",
        "as_of": formatted(world.now(), "%Y-%m-%dT%H:%M:%S+00:00"),
        "category": name,
        "count": (!total).then(|| sum.count.to_string()),
        "count_unit": count_unit,
        "description": category::description(name),
        "end_date": piece.to.to_string(),
        "price": cost,
        "price_unit": unit,
        "start_date": piece.from.to_string(),
        "subresource_uris": below,
        "uri": format!("{base}{list}.json?Category={name}&StartDate={}&EndDate={}", piece.from, piece.to),
        "usage": if total { cost.clone() } else { sum.usage.to_string() },
        "usage_unit": if total { unit.clone() } else { usage_unit.to_owned() },
    })
}
