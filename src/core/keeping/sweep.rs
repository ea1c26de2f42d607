//! Reads a part of Twilio's list and brings what is missing here: texts of customers, and the statuses
//! of our messages. Everything goes through the changes of the receiver, which find what is known.

use std::collections::{BTreeMap, HashMap};

use super::super::change::{Change, Envelope, Inbound, InboundDated, Outcome, StatusReported, lane_of};
use super::super::rows::{SidRow, message_key, sid_key};
use super::super::{Core, meaning, read};
use super::Trouble;
use crate::api::{ApiError, Code};
use crate::clock;
use crate::domain::address::Address;
use crate::domain::id::{Id, Sid};
use crate::domain::keeping::Found;
use crate::domain::media::{Media, plain_type};
use crate::domain::message::{Message, Status, Step, step};
use crate::domain::money::Money;
use crate::domain::pace;
use crate::domain::sms;
use crate::domain::time::Time;
use crate::store::Reader;
use crate::twilio::messages::{self, Direction, MessageFilter};
use crate::twilio::{Client, Page};

/// Rows of a page; Twilio's most.
const PAGE: u32 = 1000;

/// A part of Twilio's list, by its own time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// Nothing older.
    pub from: Time,
    /// Nothing newer.
    pub until: Time,
}

/// What one page came to.
pub(super) struct Part {
    /// The counts.
    pub found: Found,
    /// The list has been read down to here.
    pub down_to: Option<Time>,
    /// Whether it was the last page.
    pub is_last: bool,
}

/// Reads a span page by page, the newest first.
pub(super) struct Sweep {
    client: Client,
    span: Span,
    page: Option<Page<messages::Message>>,
    is_done: bool,
}

impl Sweep {
    /// Begins at the newest, or goes on where an earlier one had come down to.
    pub fn begin(client: Client, span: Span, down_to: Option<Time>) -> Sweep {
        let until = down_to.map_or(span.until, |at| at.min(span.until));
        Sweep { client, span: Span { until, ..span }, page: None, is_done: false }
    }

    /// Reads one page and merges it; `None` after the last.
    pub async fn next(&mut self, core: &Core) -> Result<Option<Part>, Trouble> {
        let Some(page) = self.read().await? else { return Ok(None) };
        let found = merge(core, &self.client, &page.items).await?;
        let down_to = page.items.last().and_then(when);
        self.is_done = !page.has_next();
        self.page = Some(page);
        Ok(Some(Part { found, down_to, is_last: self.is_done }))
    }

    /// This page has been dealt with.
    pub fn after(mut self, page: Page<messages::Message>) -> Sweep {
        self.is_done = !page.has_next();
        self.page = Some(page);
        self
    }

    /// The next page as it is; [`Sweep::after`] goes on behind it.
    pub async fn read(&mut self) -> Result<Option<Page<messages::Message>>, Trouble> {
        if self.is_done {
            return Ok(None);
        }
        Ok(match &self.page {
            None => Some(self.client.messages().list(&filter(self.span)).await?),
            Some(page) => self.client.next_page(page).await?,
        })
    }
}

/// Reads and merges a whole span, of all accounts that do not rest.
pub(super) async fn whole(core: &Core, span: Span) -> Result<Found, Trouble> {
    let mut found = Found::default();
    for client in core.awake()? {
        let account = client.account();
        found.add(core.noted(account, of_one(core, client, span).await)?.unwrap_or_default());
    }
    Ok(found)
}

/// Reads and merges a whole span of one account.
pub(super) async fn of_one(core: &Core, client: Client, span: Span) -> Result<Found, Trouble> {
    let mut sweep = Sweep::begin(client, span, None);
    let mut found = Found::default();
    while let Some(part) = sweep.next(core).await? {
        found.add(part.found);
    }
    Ok(found)
}

/// Reads and merges one message; answers whether its account could be asked. One that was deleted at Twilio
/// tells nothing more.
pub(super) async fn one(core: &Core, account: Sid, sid: Sid) -> Result<bool, Trouble> {
    if core.is_resting(account) {
        return Ok(false);
    }
    let client = core.client_of(account);
    let read = match client.messages().fetch(sid).await {
        Ok(made) => merge(core, &client, &[made]).await.map(drop),
        Err(e) if e.is_not_found() => Ok(()),
        Err(e) => Err(e.into()),
    };
    Ok(core.noted(account, read)?.is_some())
}

fn filter(span: Span) -> MessageFilter {
    MessageFilter {
        sent_after: Some(span.from.0),
        sent_before: Some(span.until.0),
        page_size: Some(PAGE),
        ..MessageFilter::default()
    }
}

/// Twilio's time of a message.
pub(super) fn when(m: &messages::Message) -> Option<Time> {
    m.date_sent.or(m.date_created).map(Time)
}

/// Brings what is missing here of these messages (the newest first, as listed).
pub(super) async fn merge(core: &Core, client: &Client, listed: &[messages::Message]) -> Result<Found, Trouble> {
    let mut found = Found { listed: listed.len() as u64, ..Found::default() };
    let (mut texts, mut changes, mut dates) = (Vec::new(), Vec::new(), Vec::new());
    {
        let reader = core.reader()?;
        let mut routes = Routes::default();
        for m in listed.iter().rev() {
            match m.direction.as_ref() {
                Some(Direction::Inbound) => match text(core, &*reader, m, &mut routes)? {
                    Placed::New(new) => texts.push((new, m.num_media.unwrap_or(0))),
                    Placed::Known => dates.extend(late(&*reader, m)?),
                    Placed::Strange => found.strangers += 1,
                },
                _ => match report(core, &*reader, m)? {
                    Placed::New(report) => changes.push(report),
                    Placed::Known => {}
                    Placed::Strange => found.strangers += 1,
                },
            }
        }
    }
    for (mut text, files) in texts {
        if files > 0 {
            let there = media(client, text.sid).await?;
            text.media = there.into_iter().map(|m| Media::to_fetch(m.url, m.content_type, clock::wall())).collect();
        }
        changes.push((Brings::Text, Change::Inbound(text)));
    }
    if !dates.is_empty() {
        submit(core, dates).await?;
    }
    let (brings, changes): (Vec<Brings>, Vec<Change>) = changes.into_iter().unzip();
    for (brings, moved) in brings.into_iter().zip(submit(core, changes).await?) {
        match brings {
            Brings::Text => found.texts += u64::from(moved),
            Brings::Status => found.reports += u64::from(moved),
            // No webhook tells prices: that one was not heard says nothing.
            Brings::Price => {}
        }
    }
    Ok(found)
}

/// The businesses and endpoints of addresses, looked up once.
#[derive(Default)]
pub(super) struct Routes(HashMap<(Sid, String), Option<(Id, Id)>>);

impl Routes {
    /// Whose an address or messaging service of ours is.
    pub fn find(
        &mut self,
        reader: &dyn Reader,
        account: Sid,
        ours: &str,
        service: Option<Sid>,
    ) -> Result<Option<(Id, Id)>, ApiError> {
        for alias in std::iter::once(ours.to_owned()).chain(service.map(|s| s.to_string())) {
            let key = (account, alias);
            let known = match self.0.get(&key) {
                Some(known) => *known,
                None => {
                    let known = meaning::routed(reader, key.0, &key.1)?;
                    self.0.insert(key, known);
                    known
                }
            };
            if known.is_some() {
                return Ok(known);
            }
        }
        Ok(None)
    }
}

/// What becomes of a listed message.
enum Placed<T> {
    New(T),
    Known,
    Strange,
}

fn text(
    core: &Core,
    reader: &dyn Reader,
    m: &messages::Message,
    routes: &mut Routes,
) -> Result<Placed<Box<Inbound>>, ApiError> {
    if read::<SidRow>(reader, &sid_key(m.sid))?.is_some() {
        return Ok(Placed::Known);
    }
    let parties = m.from.as_deref().zip(m.to.as_deref());
    let parties = parties.and_then(|(from, to)| Some((from.parse::<Address>().ok()?, to.parse::<Address>().ok()?)));
    let Some((from, to)) = parties else { return Ok(Placed::Strange) };
    let account = m.account_sid.unwrap_or(core.settings().account);
    let owner = routes.find(reader, account, to.as_str(), m.messaging_service_sid)?;
    let Some((business, endpoint)) = owner else { return Ok(Placed::Strange) };
    Ok(Placed::New(Box::new(Inbound {
        business,
        endpoint,
        sid: m.sid,
        keyword: sms::keyword(&m.body),
        from,
        to,
        body: m.body.clone(),
        segments: m.num_segments.unwrap_or(0),
        media: Vec::new(),
        profile_name: None,
        sent: when(m).unwrap_or_else(|| core.now()),
        message: core.new_id(),
        conversation: core.new_id(),
    })))
}

/// What a row of the list brings.
enum Brings {
    Text,
    Status,
    Price,
}

/// A known text that stands where its webhook came late.
fn late(reader: &dyn Reader, m: &messages::Message) -> Result<Option<Change>, ApiError> {
    let Some((SidRow { business, message, .. }, sent)) = read(reader, &sid_key(m.sid))?.zip(when(m)) else {
        return Ok(None);
    };
    let have: Option<Message> = read(reader, &message_key(business, message))?;
    let is_late = have.is_some_and(|have| InboundDated::is_adrift(have.at, sent));
    Ok(is_late.then_some(Change::InboundDated(InboundDated { business, message, sent })))
}

/// The status or the price of one of our messages, if it tells more than we know.
fn report(core: &Core, reader: &dyn Reader, m: &messages::Message) -> Result<Placed<(Brings, Change)>, ApiError> {
    let Some(SidRow { business, message, sid }) = read(reader, &sid_key(m.sid))? else { return Ok(Placed::Strange) };
    let have: Option<Message> = read(reader, &message_key(business, message))?;
    let status = Status::from_twilio(m.status.as_str());
    let (Some(have), Some(status)) = (have, status) else { return Ok(Placed::Known) };
    let tells_more = !have.imported
        && match step(have.status, status) {
            Step::Advance => true,
            Step::Conflict => have.conflict != Some(status),
            Step::Stale => false,
        };
    let error = m.error_code.filter(|code| *code != 0);
    let price = m.price.map(|amount| Money::new(amount, m.price_unit.as_deref().unwrap_or("USD")));
    let tells_price = !have.imported && have.price.is_none() && price.is_some();
    if tells_more && error.is_some_and(pace::is_too_fast) {
        meaning::too_fast(core, reader, business, message)?;
    }
    let change = Change::StatusReported(StatusReported { business, message, sid, status, error, price });
    Ok(match (tells_more, tells_price) {
        (true, _) => Placed::New((Brings::Status, change)),
        (false, true) => Placed::New((Brings::Price, change)),
        (false, false) => Placed::Known,
    })
}

/// The files of a text; a webhook would have named them.
pub(super) async fn media(client: &Client, sid: Sid) -> Result<Vec<Media>, Trouble> {
    let messages = client.messages();
    let mut files = Vec::new();
    for file in messages.media(sid).await?.items {
        let url = messages.media_url(sid, file.sid)?.to_string();
        files.push(Media::at(url, plain_type(&file.content_type.unwrap_or_default())));
    }
    Ok(files)
}

/// Submits changes, lane by lane, in their order. Answers for each whether it changed anything.
pub(super) async fn submit(core: &Core, changes: Vec<Change>) -> Result<Vec<bool>, Trouble> {
    let lanes = core.0.lanes.count();
    let mut moved = vec![false; changes.len()];
    let mut by_lane: BTreeMap<u16, (Vec<usize>, Vec<Envelope>)> = BTreeMap::new();
    for (at, change) in changes.into_iter().enumerate() {
        let (places, envelopes) = by_lane.entry(lane_of(change.business(), lanes)).or_default();
        places.push(at);
        envelopes.push(Envelope::by_worker(change, core.now(), clock::wall()));
    }
    for (lane, (places, envelopes)) in by_lane {
        for (at, answer) in places.into_iter().zip(core.0.lanes.submit_all(lane, envelopes).await?) {
            match answer {
                Ok(outcome) => moved[at] = matches!(outcome, Outcome::Message(_)),
                Err(e) if e.code == Code::Unavailable => return Err(e.into()),
                Err(e) => tracing::error!(error = %e, "a message that Twilio lists could not be merged"),
            }
        }
    }
    Ok(moved)
}
