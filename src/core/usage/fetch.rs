//! Asks Twilio what was used, and which of its messages are not here where it counts more.

use std::collections::BTreeMap;

use rust_decimal::prelude::ToPrimitive;

use super::ours::{Counted, Whole};
use crate::api::ApiError;
use crate::core::change::{Change, UsageKept};
use crate::core::rows::{SidRow, business_key, route_key, sid_key};
use crate::core::{Core, read};
use crate::domain::business::Business;
use crate::domain::endpoint::Route;
use crate::domain::id::Sid;
use crate::domain::money::Money;
use crate::domain::time::Time;
use crate::domain::usage::{Record, Strangers, Subject, UsageDay, Why, add};
use crate::store::Reader;
use crate::twilio::messages::{Direction, Message, MessageFilter};
use crate::twilio::usage::{Period, UsageFilter, UsageRecord};
use crate::twilio::{Client, Error, MessageStatus, Page};

/// Rows of a page; Twilio's most.
const PAGE: u32 = 1000;
/// More pages of messages of one day are not looked through for those that are not here.
const PAGES: usize = 20;
/// More pages of usage records than this are no answer: a month of all 643 categories has twenty.
const RECORD_PAGES: usize = 100;

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

/// Asks about an account's days, the last included, and keeps the answer.
pub(super) async fn fetch(core: &Core, client: &Client, from: u32, to: u32) -> Result<(), Failed> {
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
    for row in days.values_mut().filter(|row| has_strangers(row, &counted)) {
        row.strangers = strangers(core, client, row.day, began).await?;
    }
    core.submit_work(Change::UsageKept(UsageKept { days: days.into_values().collect() })).await?;
    Ok(())
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
    let mut page = client.usage().records(&Period::Daily, &filter).await?;
    let mut records = std::mem::take(&mut page.items);
    for _ in 1..RECORD_PAGES {
        let Some(mut next) = client.next_page(&page).await? else { return Ok(records) };
        records.append(&mut next.items);
        page = next;
    }
    let why = format!("its list of usage has more than {RECORD_PAGES} pages: ask about fewer days");
    if page.has_next() { Err(Failed(why)) } else { Ok(records) }
}

/// What is kept of a record; nothing of a category that nothing was used of.
fn kept(record: UsageRecord) -> Option<Record> {
    let count = record.count.and_then(|n| n.to_u64()).unwrap_or(0);
    let unit = record.price_unit.unwrap_or_else(|| "USD".to_owned());
    let price = record.price.map(|amount| Money::new(amount, &unit)).filter(|price| !price.is_zero());
    (count > 0 || price.is_some()).then_some(Record { category: record.category, count, price })
}

/// Whether Twilio counts more messages of a kind than are here.
fn has_strangers(row: &UsageDay, counted: &Counted) -> bool {
    let kinds = [Subject::MessagesOut, Subject::MessagesIn, Subject::WhatsappOut, Subject::WhatsappIn];
    kinds.into_iter().any(|subject| {
        let of = |record: &&Record| subject.categories().contains(&record.category.as_str());
        let told: u64 = row.records.iter().filter(of).map(|record| record.count).sum();
        let ours = counted.get(&row.day).and_then(|day| day.get(&subject)).and_then(|ours| ours.side.count);
        told > ours.unwrap_or(0)
    })
}

/// The messages that Twilio lists on a day and that are not here.
async fn strangers(core: &Core, client: &Client, day: u32, began: Option<Time>) -> Result<Vec<Strangers>, Failed> {
    let filter =
        MessageFilter { sent_on: Some(UsageDay::start(day).0), page_size: Some(PAGE), ..MessageFilter::default() };
    let mut page: Page<Message> = client.messages().list(&filter).await?;
    let mut found: Vec<Strangers> = Vec::new();
    for _ in 0..PAGES {
        note(core, client.account(), &page.items, began, &mut found)?;
        match client.next_page(&page).await? {
            Some(next) => page = next,
            None => break,
        }
    }
    Ok(found)
}

fn note(
    core: &Core,
    account: Sid,
    listed: &[Message],
    began: Option<Time>,
    found: &mut Vec<Strangers>,
) -> Result<(), Failed> {
    let reader = core.reader()?;
    for m in listed.iter().filter(|m| has_left(m)) {
        if read::<SidRow>(&*reader, &sid_key(m.sid))?.is_some() {
            continue;
        }
        let is_out = !matches!(m.direction, Some(Direction::Inbound));
        let ours = if is_out { &m.from } else { &m.to };
        let is_whatsapp = ours.as_deref().is_some_and(|ours| ours.starts_with("whatsapp:"));
        let sent = m.date_sent.or(m.date_created).map(Time);
        let is_before = began.zip(sent).is_some_and(|(began, sent)| sent < began);
        let why = if is_before { Why::BeforeUs } else { whose(&*reader, account, m, ours.as_deref(), is_out)? };
        let subject = Subject::of_messages(is_out, is_whatsapp);
        let at = found.iter().position(|group| (group.subject, group.why) == (subject, why));
        let at = at.unwrap_or_else(|| {
            found.push(Strangers { subject, why, count: 0, amounts: Vec::new() });
            found.len() - 1
        });
        if let Some(group) = found.get_mut(at) {
            group.count += 1;
            let price = m.price.map(|amount| Money::new(amount, m.price_unit.as_deref().unwrap_or("USD")));
            price.iter().for_each(|price| add(&mut group.amounts, price));
        }
    }
    Ok(())
}

/// Why a message is not here, by the number of ours.
fn whose(reader: &dyn Reader, account: Sid, m: &Message, ours: Option<&str>, is_out: bool) -> Result<Why, ApiError> {
    let service = m.messaging_service_sid.map(|sid| sid.to_string());
    for alias in ours.map(str::to_owned).into_iter().chain(service) {
        let Some(route) = read::<Route>(reader, &route_key(account, &alias))? else { continue };
        let business: Option<Business> = read(reader, &business_key(route.business))?;
        return Ok(match business.is_none_or(|b| b.deleted_at.is_some()) {
            true => Why::Deleted,
            false if is_out => Why::Outside,
            false => Why::Missing,
        });
    }
    Ok(if is_out { Why::Outside } else { Why::Unrouted })
}

/// Whether it went out or came in: what waits, failed or was taken back is not counted as a message.
fn has_left(m: &Message) -> bool {
    use MessageStatus::*;
    !matches!(m.status, Accepted | Scheduled | Queued | Sending | Failed | Canceled)
}
