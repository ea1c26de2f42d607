//! When there is something at all: what is told of a range that holds nothing.

use super::asked::Counted;
use crate::api::ApiError;
use crate::api::analytics::Outside;
use crate::core::broken;
use crate::core::rows::rollups::{day_of_key, each, family_prefix, is_whole_day, quarters_key};
use crate::core::world::unreadable;
use crate::domain::analytics::{Family, QUARTERS, Series};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::store::{Reader, Table};

/// When the first and the last one of these businesses were; `None` when there has never been one.
pub(super) fn outside(
    reader: &dyn Reader,
    businesses: &[Counted],
    family: Family,
) -> Result<Option<Outside>, ApiError> {
    let mut bounds: Option<(Time, Time)> = None;
    for business in businesses {
        if let Some((first, last)) = of_business(reader, business.id, family)? {
            bounds = Some(bounds.map_or((first, last), |(from, to)| (from.min(first), to.max(last))));
        }
    }
    Ok(bounds.map(|(first, last)| Outside { first: first.into(), last: last.into() }))
}

fn of_business(reader: &dyn Reader, business: Id, family: Family) -> Result<Option<(Time, Time)>, ApiError> {
    let mut days: Option<(u32, u32)> = None;
    let mut row = |key: &[u8], _: &[u8]| {
        if let Some(day) = day_of_key(key).filter(|_| is_whole_day(key)) {
            days = Some(days.map_or((day, day), |(first, last)| (first.min(day), last.max(day))));
        }
    };
    reader.scan(Table::Rollups, &family_prefix(business, family), &mut row).map_err(broken)?;
    let Some((first, last)) = days else { return Ok(None) };
    let bounds = (quarters(reader, business, family, first)?, quarters(reader, business, family, last)?);
    let (Some((first, _)), Some((_, last))) = bounds else { return Ok(None) };
    Ok(Some((first, last)))
}

/// Where the first and the last quarter of a day that hold something begin.
fn quarters(reader: &dyn Reader, business: Id, family: Family, day: u32) -> Result<Option<(Time, Time)>, ApiError> {
    let key = quarters_key(business, family, day, &Series::default());
    let Some(raw) = reader.get(&key).map_err(broken)? else { return Ok(None) };
    let mut found: Option<(u8, u8)> = None;
    each(&raw, |quarter, _, _| {
        found = Some(found.map_or((quarter, quarter), |(first, last)| (first.min(quarter), last.max(quarter))));
    })
    .ok_or_else(|| broken(unreadable(Table::Rollups, "it is damaged")))?;
    let moment = |quarter: u8| Time((i64::from(day) * QUARTERS + i64::from(quarter)) * 900_000_000);
    Ok(found.map(|(first, last)| (moment(first), moment(last))))
}
