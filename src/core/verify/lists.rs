//! The log: flows, sends and checks, newest first, found by what people remember of them.
//!
//! One filter of a search picks the order that is read; the others are looked at row by row, up to a
//! bound, after which the page ends with a `next`.

use super::{timeline, views};
use crate::api::verify::*;
use crate::api::{ApiError, Caller, Page};
use crate::core::inbox::last_id;
use crate::core::paging::{latest_of, page};
use crate::core::rows::verify::{
    SHORTEST_PART, attempt_key, check_key, is_sid_part, recipient_of, recipient_term, series, status_byte,
};
use crate::core::{Core, broken, read};
use crate::domain::address::Address;
use crate::domain::id::Id;
use crate::domain::verification::{Attempt, Check, Flow};
use crate::store::{Index, Order, PageQuery, Reader};

/// So many recipients of a part of a number are looked at one by one; of more the whole log is read.
const RECIPIENTS: usize = 100;
/// Rows looked at for one page.
pub(super) const LOOKED_AT: usize = 20_000;
/// Rows read at a time while looking.
const CHUNK: u32 = 200;

impl Core {
    pub(in crate::core) async fn get_flow(&self, caller: &Caller, input: &GetFlow) -> Result<FlowDetail, ApiError> {
        self.business(caller, input.business)?;
        let mut flow = self.flow(input.business, input.flow)?;
        if input.refresh {
            self.refresh(caller, &flow).await?;
            flow = self.flow(input.business, input.flow)?;
        }
        let reader = self.reader()?;
        let attempts = views::attempts_of(&*reader, &flow)?;
        let checks = checks_of(&*reader, &flow)?;
        let rates = &self.settings().rates;
        Ok(FlowDetail {
            timeline: timeline::lines(rates, &flow, &attempts, &checks),
            flow: views::view(rates, flow, &attempts),
            attempts: attempts.into_iter().map(views::attempt).collect(),
            checks: checks.into_iter().map(views::check).collect(),
        })
    }

    pub(in crate::core) fn list_flows(&self, caller: &Caller, input: &ListFlows) -> Result<FlowPage, ApiError> {
        self.business(caller, input.business)?;
        let as_of = self.cursor();
        let reader = self.reader()?;
        let prefix = prefix(input.business, series::FLOWS, &[]);
        let (keys, next) =
            page(&*reader, Index::VerifyLog, &prefix, Order::Falling, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            items.extend(self.flow_now(&*reader, input.business, last_id(&key))?);
        }
        Ok(Page { items, next, as_of })
    }

    pub(in crate::core) fn list_checks(&self, caller: &Caller, input: &ListChecks) -> Result<CheckPage, ApiError> {
        self.business(caller, input.business)?;
        let as_of = self.cursor();
        let reader = self.reader()?;
        let prefix = prefix(input.business, series::CHECKS, &[]);
        let (keys, next) =
            page(&*reader, Index::VerifyLog, &prefix, Order::Falling, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for key in keys {
            let row: Option<Check> = read(&*reader, &check_key(input.business, last_id(&key)))?;
            items.extend(row.map(views::check));
        }
        Ok(Page { items, next, as_of })
    }

    pub(in crate::core) fn list_attempts(
        &self,
        caller: &Caller,
        input: &ListAttempts,
    ) -> Result<AttemptPage, ApiError> {
        self.business(caller, input.business)?;
        if input.all {
            return self.list_attempts_of_all(caller, input);
        }
        let as_of = self.cursor();
        let reader = self.reader()?;
        let search = Search::read(&*reader, input)?;
        let limit = input.limit.unwrap_or(50) as usize;
        let (mut items, mut after, mut looked) = (Vec::new(), input.after.clone(), 0);
        loop {
            let asked = if search.is_exact { input.limit } else { Some(CHUNK) };
            let (keys, next) = latest_of(
                &*reader,
                Index::VerifyLog,
                &input.business.to_key(),
                &search.parts,
                after.as_deref(),
                asked,
            )?;
            let count = keys.len();
            for (place, key) in keys.into_iter().enumerate() {
                looked += 1;
                let row: Option<Attempt> = read(&*reader, &attempt_key(input.business, last_id(&key)))?;
                let Some(row) = row else { continue };
                if input.from.is_some_and(|from| row.at < from.0) {
                    // Newest first: nothing behind it fits either.
                    return Ok(Page { items, next: None, as_of });
                }
                if search.fits(input, &row) {
                    items.push(views::attempt(row));
                }
                if items.len() >= limit || looked >= LOOKED_AT {
                    let more = place + 1 < count || next.is_some();
                    let here = crate::domain::audit::to_hex(&key);
                    return Ok(Page { items, next: more.then_some(here), as_of });
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => return Ok(Page { items, next: None, as_of }),
            }
        }
    }
}

fn prefix(business: Id, series: u8, term: &[u8]) -> Vec<u8> {
    [&business.to_key()[..], &[series], term].concat()
}

fn checks_of(reader: &dyn Reader, flow: &Flow) -> Result<Vec<Check>, ApiError> {
    let prefix = prefix(flow.business, series::CHECKS_OF_FLOW, &flow.id.to_key());
    let query = PageQuery { index: Index::VerifyLog, prefix: &prefix, after: None, order: Order::Rising, limit: 1000 };
    let mut all = Vec::new();
    for key in reader.page(&query).map_err(broken)? {
        all.extend(read::<Check>(reader, &check_key(flow.business, last_id(&key)))?);
    }
    Ok(all)
}

/// What a search reads, and what it still looks for in each row.
pub(super) struct Search {
    pub(super) parts: Vec<Vec<u8>>,
    /// Whether every row that is read fits.
    is_exact: bool,
    /// A part of the recipient.
    part: Option<String>,
    error: Option<u32>,
    pub(super) sid: Option<String>,
}

impl Search {
    /// The whole log of a business.
    pub(super) fn whole(business: Id) -> Vec<u8> {
        prefix(business, series::ATTEMPTS, &[])
    }

    pub(super) fn read(reader: &dyn Reader, input: &ListAttempts) -> Result<Search, ApiError> {
        let business = input.business;
        let mut search = Search { parts: Vec::new(), is_exact: false, part: None, error: input.error, sid: None };
        let text = input.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if let Some(text) = text {
            search.understand(text)?;
        }
        let mut recipients = match &search.part {
            Some(part) => recipients(reader, business, part)?,
            None => None,
        };
        search.parts = if let Some(sid) = &search.sid {
            let series = if sid.starts_with("HJ") { series::BY_TEMPLATE } else { series::BY_SID };
            vec![prefix(business, series, sid.as_bytes())]
        } else if let Some(recipients) = recipients.take() {
            recipients.iter().map(|to| prefix(business, series::BY_RECIPIENT, &recipient_term(to))).collect()
        } else if let Some(code) = search.error {
            vec![prefix(business, series::BY_ERROR, &code.to_be_bytes())]
        } else if let Some(template) = input.template {
            vec![prefix(business, series::BY_TEMPLATE, template.to_string().as_bytes())]
        } else if let Some(status) = input.status {
            vec![prefix(business, series::BY_STATUS, &[status_byte(status)])]
        } else {
            vec![prefix(business, series::ATTEMPTS, &[])]
        };
        search.is_exact = text.is_none()
            && input.status.is_none()
            && input.channel.is_none()
            && input.error.is_none()
            && input.template.is_none()
            && input.until.is_none();
        Ok(search)
    }

    /// What a text means: a SID, an error code, or a part of a recipient.
    fn understand(&mut self, text: &str) -> Result<(), ApiError> {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let is_number = text.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
        if is_sid_part(text) {
            self.sid = Some(text.to_owned());
        } else if text.len() == 5
            && digits.len() == 5
            && crate::twilio::error::lookup(text.parse().unwrap_or(0)).is_some()
        {
            self.error = text.parse().ok();
        } else if is_number && digits.len() >= SHORTEST_PART {
            self.part = Some(digits);
        } else if !is_number && text.len() >= SHORTEST_PART {
            self.part = Some(text.to_lowercase());
        } else {
            let detail = format!(
                "give at least {SHORTEST_PART} digits of a number, a part of an address, a SID or an error code"
            );
            return Err(ApiError::field("search", detail));
        }
        Ok(())
    }

    pub(super) fn fits(&self, input: &ListAttempts, row: &Attempt) -> bool {
        let part = |part: &String| crate::core::rows::verify::searchable(&row.to).contains(part.as_str());
        let sid = |sid: &String| {
            [row.verification, row.sid, row.wish.template].into_iter().flatten().any(|s| s.to_string().starts_with(sid))
        };
        self.part.as_ref().is_none_or(part)
            && self.sid.as_ref().is_none_or(sid)
            && self.error.is_none_or(|code| row.error == Some(code))
            && input.status.is_none_or(|status| row.outcome == status)
            && input.channel.is_none_or(|channel| row.wish.channel == channel)
            && input.template.is_none_or(|template| row.wish.template == Some(template))
            && input.until.is_none_or(|until| row.at < until.0)
    }
}

/// The recipients whose address has this part; `None` when there are too many to look at one by one.
fn recipients(reader: &dyn Reader, business: Id, part: &str) -> Result<Option<Vec<Address>>, ApiError> {
    let prefix = [&business.to_key()[..], part.as_bytes()].concat();
    let query = PageQuery {
        index: Index::VerifyRecipients,
        prefix: &prefix,
        after: None,
        order: Order::Rising,
        limit: RECIPIENTS + 1,
    };
    let keys = reader.page(&query).map_err(broken)?;
    if keys.len() > RECIPIENTS {
        return Ok(None);
    }
    let mut all: Vec<Address> = keys.iter().filter_map(|key| recipient_of(key)).collect();
    all.sort();
    all.dedup();
    Ok(Some(all))
}
