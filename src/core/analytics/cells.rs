//! The rows behind a figure. They are counted from the rows themselves, by what they say: so there are
//! exactly as many as the figure says.

use super::asked::{Counted, When, range_view};
use super::messages::message_filter;
use super::verify::verify_filter;
use crate::api::analytics::{AttemptsBehind, Behind, ListAttemptsBehind, ListMessagesBehind, MessagesBehind, Stage};
use crate::api::{ApiError, Caller};
use crate::core::paging::rows;
use crate::core::rows::{facts, message_key, verify::attempt_key};
use crate::core::world::{Row, decode};
use crate::core::{Core, broken, read, verify, views};
use crate::domain::analytics::{Facts, Metric, kinds};
use crate::domain::id::Id;
use crate::domain::message::{Direction, Message};
use crate::domain::time::Time;
use crate::domain::verification::Attempt;
use crate::store::Reader;

impl Core {
    pub(in crate::core) fn attempts_behind(
        &self,
        caller: &Caller,
        input: &ListAttemptsBehind,
    ) -> Result<AttemptsBehind, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let when = When { from: &input.from, to: &input.to, zone: &input.zone, grain: None };
        let asked = self.asked(&*reader, caller, input.business, input.all, &when)?;
        let filter = verify_filter(
            input.channel.map(|channel| channel.word().to_owned()),
            input.country.clone(),
            input.template.map(|template| template.to_string()),
            input.carrier.clone(),
            input.error.map(|code| code.to_string()),
        );
        let found = found::<Attempt>(&*reader, &asked.businesses, |row| {
            let facts = facts::of_attempt(row);
            let fits = asked.range.bucket_of(facts.at).is_some()
                && facts.fits(&filter)
                && lasted(&facts, input.took_from_millis, input.took_to_millis);
            (fits && is_at(&facts, input.stage)).then_some((row.at, row.id, row.business))
        })?;
        let (keys, next) = page(&found, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for (_, id, business) in keys {
            items.extend(read::<Attempt>(&*reader, &attempt_key(*business, *id))?.map(verify::attempt_view));
        }
        Ok(Behind { range: range_view(&asked.range), count: found.len() as u64, items, next, as_of })
    }

    pub(in crate::core) fn messages_behind(
        &self,
        caller: &Caller,
        input: &ListMessagesBehind,
    ) -> Result<MessagesBehind, ApiError> {
        if input.weekday.is_some_and(|day| day > 6) {
            return Err(ApiError::field("weekday", "a weekday is 0 (Monday) to 6 (Sunday)"));
        }
        if input.hour.is_some_and(|hour| hour > 23) {
            return Err(ApiError::field("hour", "an hour is 0 to 23"));
        }
        let as_of = self.cursor();
        let reader = self.reader()?;
        let when = When { from: &input.from, to: &input.to, zone: &input.zone, grain: None };
        let asked = self.asked(&*reader, caller, input.business, input.all, &when)?;
        let error = input.error.map(|code| code.to_string());
        let filter = message_filter(input.sender.clone(), input.country.clone(), error, input.author.clone());
        let found = found::<Message>(&*reader, &asked.businesses, |row| {
            let facts = facts::of_message(row)?;
            let (day, hour) = asked.range.zone.hour_of_week(facts.at);
            let fits = asked.range.bucket_of(facts.at).is_some()
                && facts.fits(&filter)
                && input.weekday.is_none_or(|wanted| usize::from(wanted) == day)
                && input.hour.is_none_or(|wanted| usize::from(wanted) == hour)
                && lasted(&facts, input.waited_from_millis, input.waited_to_millis)
                && input.direction.is_none_or(|way| way == row.direction && way != Direction::Note)
                && input.status.is_none_or(|status| status == row.status)
                && (!input.pending || has(&facts, kinds::PENDING));
            fits.then_some((row.at, row.id, row.business))
        })?;
        let (keys, next) = page(&found, input.after.as_deref(), input.limit)?;
        let mut items = Vec::with_capacity(keys.len());
        for (_, id, business) in keys {
            items.extend(read::<Message>(&*reader, &message_key(*business, *id))?.map(views::message));
        }
        Ok(Behind { range: range_view(&asked.range), count: found.len() as u64, items, next, as_of })
    }
}

/// Whether what a row measured lies between these bounds, if any are given.
fn lasted(facts: &Facts, from: Option<u64>, to: Option<u64>) -> bool {
    if from.is_none() && to.is_none() {
        return true;
    }
    let inside = |millis: u64| from.is_none_or(|from| millis >= from) && to.is_none_or(|to| millis < to);
    facts.span.is_some_and(|(_, millis)| inside(millis))
}

fn has(facts: &Facts, kind: u8) -> bool {
    facts.metrics.iter().any(|(metric, n)| *metric == Metric::count(kind) && *n > 0)
}

fn is_at(facts: &Facts, stage: Stage) -> bool {
    let has = |kind| has(facts, kind);
    match stage {
        Stage::Requested => has(kinds::REQUESTED),
        Stage::Blocked => has(kinds::BLOCKED),
        Stage::Sent => has(kinds::SENT),
        Stage::Delivered => has(kinds::DELIVERED),
        Stage::Checked => has(kinds::CHECKED),
        Stage::Approved => has(kinds::APPROVED),
        Stage::Expired => has(kinds::EXPIRED),
        Stage::MaxChecks => has(kinds::MAX_CHECKS),
        Stage::Canceled => has(kinds::CANCELED),
        Stage::Failed => has(kinds::FAILED),
        Stage::Waiting => {
            let ends =
                [kinds::BLOCKED, kinds::APPROVED, kinds::EXPIRED, kinds::MAX_CHECKS, kinds::CANCELED, kinds::FAILED];
            has(kinds::REQUESTED) && !ends.into_iter().any(has)
        }
        Stage::Sends => has(kinds::SENDS),
        Stage::Resends => has(kinds::RESENDS),
        Stage::Pending => has(kinds::PENDING),
    }
}

/// A row by its moment and id, and whose it is.
type Found = (Time, Id, Id);

/// The rows of these businesses that fit, newest first.
fn found<R: Row>(
    reader: &dyn Reader,
    businesses: &[Counted],
    fits: impl Fn(&R) -> Option<Found>,
) -> Result<Vec<Found>, ApiError> {
    let (mut found, mut failed) = (Vec::new(), None);
    let mut each = |key: &[u8], raw: &[u8]| match decode::<R>(key, raw) {
        Ok(row) => found.extend(fits(&row)),
        Err(e) => failed = Some(e),
    };
    for business in businesses {
        reader.scan(R::TABLE, &business.id.to_key(), &mut each).map_err(broken)?;
    }
    if let Some(e) = failed {
        return Err(broken(e));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found)
}

type Part<'a> = (&'a [Found], Option<String>);

/// One page of what was found, behind the row that `after` names by its moment and id.
fn page<'a>(found: &'a [Found], after: Option<&str>, limit: Option<u32>) -> Result<Part<'a>, ApiError> {
    let limit = rows(limit)?;
    let start = match after {
        None => 0,
        Some(text) => {
            let bad = || ApiError::field("after", "this is no `next` of a page of this list");
            let (at, id) = text.split_once('-').ok_or_else(bad)?;
            let last = (Time(at.parse().map_err(|_| bad())?), id.parse().map_err(|_| bad())?);
            found.partition_point(|(at, id, _)| (*at, *id) >= last)
        }
    };
    let rest = found.get(start..).unwrap_or_default();
    let part = rest.get(..limit.min(rest.len())).unwrap_or_default();
    let next = part.last().filter(|_| rest.len() > part.len()).map(|(at, id, _)| format!("{}-{id}", at.0));
    Ok((part, next))
}
