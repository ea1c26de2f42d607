//! What Twilio lists on a day and is not here: messages and codes that other programs sent, and what else the lists
//! tell. They are looked for only where Twilio counts more than is counted here.

use futures_util::{StreamExt, TryStreamExt};

use super::fetch::{Failed, PAGE};
use super::ours::Counted;
use crate::api::ApiError;
use crate::core::rows::verify::series;
use crate::core::rows::{SidRow, business_key, route_key, sid_key};
use crate::core::{Core, broken, read};
use crate::domain::business::Business;
use crate::domain::endpoint::Route;
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::time::Time;
use crate::domain::usage::{Strangers, Subject, UsageDay, Why, add};
use crate::store::{Index, Order, PageQuery, Reader};
use crate::twilio::messages::{Direction, Message, MessageFilter};
use crate::twilio::verify::Channel;
use crate::twilio::verify::attempts::{Attempt, AttemptFilter, Conversion};
use crate::twilio::{Client, MessageStatus};

/// More rows of one day's list are not looked through.
const ROWS: usize = 20_000;
/// Messages, by way and by what carries them.
const MESSAGES: [Subject; 4] = [Subject::MessagesOut, Subject::MessagesIn, Subject::WhatsappOut, Subject::WhatsappIn];
/// Codes, by channel, and those that were right.
const CODES: [Subject; 5] =
    [Subject::VerifySms, Subject::VerifyCall, Subject::VerifyWhatsapp, Subject::VerifyEmail, Subject::VerifySuccess];

/// Finds what explains that Twilio counts more on a day.
pub(super) async fn find(
    core: &Core,
    client: &Client,
    row: &UsageDay,
    counted: &Counted,
    began: Option<Time>,
) -> Result<Vec<Strangers>, Failed> {
    let mut found = Vec::new();
    if has_more(row, counted, &MESSAGES) {
        messages(core, client, row.day, began, &mut found).await?;
    }
    // Codes are sent with the node's own credentials only: in other accounts all of them are strangers.
    if has_more(row, counted, &CODES) {
        codes(core, client, row.day, began, &mut found).await?;
    }
    Ok(found)
}

/// Whether Twilio counts more of any of these than is counted here.
fn has_more(row: &UsageDay, counted: &Counted, subjects: &[Subject]) -> bool {
    subjects.iter().any(|subject| {
        let told = row.records.iter().filter(|r| subject.categories().contains(&r.category.as_str()));
        let ours = counted.get(&row.day).and_then(|day| day.get(subject)).and_then(|ours| ours.side.count);
        told.map(|record| record.count).sum::<u64>() > ours.unwrap_or(0)
    })
}

/// One more of a kind.
fn put(found: &mut Vec<Strangers>, subject: Subject, why: Why, price: Option<Money>) {
    let at = found.iter().position(|group| (group.subject, group.why) == (subject, why));
    let at = at.unwrap_or_else(|| {
        found.push(Strangers { subject, why, count: 0, amounts: Vec::new() });
        found.len() - 1
    });
    if let Some(group) = found.get_mut(at) {
        group.count += 1;
        price.iter().for_each(|price| add(&mut group.amounts, price));
    }
}

async fn codes(
    core: &Core,
    client: &Client,
    day: u32,
    began: Option<Time>,
    found: &mut Vec<Strangers>,
) -> Result<(), Failed> {
    let (from, to) = (UsageDay::start(day), UsageDay::start(day.saturating_add(1)));
    let filter =
        AttemptFilter { after: Some(from.0), before: Some(to.0), page_size: Some(PAGE), ..AttemptFilter::default() };
    let first = client.verify().attempts(&filter).await?;
    let listed: Vec<Attempt> = client.rows(first).take(ROWS).try_collect().await?;
    note_codes(core, &listed, (from, to), began, found)
}

fn note_codes(
    core: &Core,
    listed: &[Attempt],
    (from, to): (Time, Time),
    began: Option<Time>,
    found: &mut Vec<Strangers>,
) -> Result<(), Failed> {
    let reader = core.reader()?;
    let businesses = super::ours::Whole::read(&*reader)?.businesses;
    for attempt in listed {
        let Some(at) = attempt.date_created.map(Time).filter(|at| (from..to).contains(at)) else { continue };
        let subject = match attempt.channel {
            Some(Channel::Sms) => Subject::VerifySms,
            Some(Channel::Call) => Subject::VerifyCall,
            Some(Channel::Whatsapp) => Subject::VerifyWhatsapp,
            Some(Channel::Email) => Subject::VerifyEmail,
            _ => continue,
        };
        if is_ours(&*reader, businesses.iter().map(|b| b.id), attempt.sid)? {
            continue;
        }
        let why = if began.is_some_and(|began| at < began) { Why::BeforeUs } else { Why::Outside };
        let unit = attempt.price.currency.as_deref().unwrap_or("USD");
        let price = attempt.price.value.map(|amount| Money::new(amount, unit));
        if price.is_some() || has_gone(attempt) {
            put(found, subject, why, price);
        }
        if matches!(attempt.conversion_status, Some(Conversion::Converted)) {
            put(found, Subject::VerifySuccess, why, None);
        }
    }
    Ok(())
}

/// Whether a code left: one that never did is not counted.
fn has_gone(attempt: &Attempt) -> bool {
    let data = &attempt.channel_data;
    let is = |state: &Option<String>, of: &[&str]| state.as_deref().is_some_and(|state| of.contains(&state));
    is(&data.message_status, &["sent", "delivered", "undelivered", "read"]) || is(&data.call_status, &["completed"])
}

/// Whether a send is one of ours: the log of its business has its SID.
fn is_ours(reader: &dyn Reader, businesses: impl Iterator<Item = Id>, sid: Sid) -> Result<bool, ApiError> {
    for business in businesses {
        let prefix = [&business.to_key()[..], &[series::BY_SID], sid.to_string().as_bytes()].concat();
        let query = PageQuery { index: Index::VerifyLog, prefix: &prefix, after: None, order: Order::Rising, limit: 1 };
        if !reader.page(&query).map_err(broken)?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn messages(
    core: &Core,
    client: &Client,
    day: u32,
    began: Option<Time>,
    found: &mut Vec<Strangers>,
) -> Result<(), Failed> {
    let filter =
        MessageFilter { sent_on: Some(UsageDay::start(day).0), page_size: Some(PAGE), ..MessageFilter::default() };
    let first = client.messages().list(&filter).await?;
    let listed: Vec<Message> = client.rows(first).take(ROWS).try_collect().await?;
    note_messages(core, client.account(), &listed, began, found)
}

fn note_messages(
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
        let price = m.price.map(|amount| Money::new(amount, m.price_unit.as_deref().unwrap_or("USD")));
        put(found, subject, why, price);
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
