//! Gathers from rollups: a row a day for a series over time, the sums of a day for tables.

use std::collections::HashMap;

use super::gather::{Gathered, Want};
use crate::api::ApiError;
use crate::core::broken;
use crate::core::rows::rollups::{beside_prefix, day_key, day_of, days_prefix, each, quarters_key, series_of, until};
use crate::core::world::unreadable;
use crate::domain::analytics::{Dim, Family, Metric, QUARTERS, Range, Series, Sums, quarter_of};
use crate::domain::id::Id;
use crate::domain::time::Time;
use crate::store::{Key, Reader, Table};

/// Quarters from the epoch on: `from` to `to`, `to` not included, within one day of UTC.
#[derive(Clone, Copy)]
struct Part {
    day: u32,
    from: i64,
    to: i64,
}

impl Part {
    fn is_whole(self) -> bool {
        self.to - self.from == QUARTERS
    }
}

/// The days of UTC that a range touches, with the part of each that belongs to it.
fn parts(range: &Range) -> Vec<Part> {
    let (first, last) = (quarter_of(range.from).max(0), quarter_of(range.to));
    let mut parts = Vec::new();
    let mut from = first;
    while from < last {
        let to = ((from.div_euclid(QUARTERS) + 1) * QUARTERS).min(last);
        parts.push(Part { day: day_of(from), from, to });
        from = to;
    }
    parts
}

/// Sums that are added to one by one: counts lie in a table, amounts of money in a short list.
struct Heap {
    counts: [i64; 256],
    amounts: Vec<(Metric, i64)>,
}

impl Heap {
    fn new() -> Heap {
        Heap { counts: [0; 256], amounts: Vec::new() }
    }

    fn add(&mut self, metric: Metric, amount: i64) {
        if metric.unit == [0; 3] {
            self.counts[usize::from(metric.kind)] += amount;
            return;
        }
        match self.amounts.iter_mut().find(|(have, _)| *have == metric) {
            Some((_, sum)) => *sum += amount,
            None => self.amounts.push((metric, amount)),
        }
    }

    /// Moves what is here into sums.
    fn pour(&mut self, sums: &mut Sums) {
        for (kind, amount) in (0..=u8::MAX).zip(&mut self.counts) {
            if *amount != 0 {
                sums.add(Metric::count(kind), std::mem::take(amount));
            }
        }
        for (metric, amount) in self.amounts.drain(..) {
            sums.add(metric, amount);
        }
    }
}

/// Whether rollups know the answer: they have two values of a dimension at most, and of messages one.
pub(super) fn knows(want: &Want<'_>) -> bool {
    let alone = want.pivots.is_empty() || want.pivots.iter().all(|dim| want.filter.iter().any(|(have, _)| have == dim));
    match (want.family, want.filter.len()) {
        (_, 0) | (Family::Verify, 1) => true,
        (Family::Messages, 1) => alone,
        _ => false,
    }
}

/// Gathers what is wanted of one business, which rollups must know.
pub(super) fn gather(reader: &dyn Reader, business: Id, want: &Want<'_>) -> Result<Gathered, ApiError> {
    let parts = parts(want.range);
    let whole = Series::of(want.filter.to_vec());
    let spans = if want.family == Family::Verify { Family::VerifySpans } else { Family::AnswerSpans };
    let mut gathered = Gathered { series: vec![Sums::default(); want.range.buckets()], ..Gathered::default() };
    over_time(reader, business, want, &whole, &parts, &mut gathered)?;
    for sums in &gathered.series {
        gathered.total.join(sums);
    }
    gathered.spans = one(reader, business, spans, &whole, &parts)?;
    for dim in want.pivots {
        // What is filtered by a dimension has that one value in it.
        if let Some((_, value)) = want.filter.iter().find(|(have, _)| have == dim) {
            gathered.pivots.entry(*dim).or_default().insert(value.clone(), gathered.total.clone());
            gathered.pivot_spans.entry(*dim).or_default().insert(value.clone(), gathered.spans.clone());
        }
    }
    if want.pivots.iter().any(|dim| want.filter.iter().all(|(have, _)| have != dim)) {
        for (series, sums) in several(reader, business, want.family, want.filter, want.pivots, &parts)? {
            if let Some((dim, value)) = other(&series, want) {
                gathered.pivots.entry(dim).or_default().insert(value, sums);
            }
        }
    }
    if want.filter.is_empty() && !want.pivots.is_empty() {
        gathered.pivot_spans.extend(want.pivots.iter().map(|dim| (*dim, Default::default())));
        for (series, sums) in several(reader, business, spans, &[], want.pivots, &parts)? {
            if let Some((dim, value)) = other(&series, want) {
                gathered.pivot_spans.entry(dim).or_default().insert(value, sums);
            }
        }
    }
    Ok(gathered)
}

/// The value of a series that is told apart: the one that is not filtered by.
fn other(series: &Series, want: &Want<'_>) -> Option<(Dim, String)> {
    let (dim, value) = series.values().iter().find(|value| !want.filter.contains(value))?;
    want.pivots.contains(dim).then(|| (*dim, value.clone()))
}

fn read(reader: &dyn Reader, key: &Key) -> Result<Option<Vec<u8>>, ApiError> {
    reader.get(key).map_err(broken)
}

fn cells(bytes: &[u8], take: impl FnMut(u8, Metric, i64)) -> Result<(), ApiError> {
    each(bytes, take).ok_or_else(|| broken(unreadable(Table::Rollups, "it is damaged")))
}

/// The series by bucket, and of messages by hour of the week.
fn over_time(
    reader: &dyn Reader,
    business: Id,
    want: &Want<'_>,
    series: &Series,
    parts: &[Part],
    into: &mut Gathered,
) -> Result<(), ApiError> {
    let by_hour = want.family == Family::Messages && !want.pivots.is_empty();
    let (mut heap, mut hours) = (Heap::new(), HashMap::new());
    let limits = &want.range.limits;
    let mut bucket = 0;
    let moment = |quarter: i64| Time(quarter * 900_000_000);
    for part in parts {
        while limits.get(bucket + 1).is_some_and(|end| *end <= moment(part.from)) {
            bucket += 1;
        }
        let in_one = limits.get(bucket + 1).is_none_or(|end| moment(part.to) <= *end);
        if in_one && part.is_whole() && !by_hour {
            if let Some(raw) = read(reader, &day_key(business, want.family, part.day, series))? {
                cells(&raw, |_, metric, amount| heap.add(metric, amount))?;
            }
            if let Some(sums) = into.series.get_mut(bucket) {
                heap.pour(sums);
            }
            continue;
        }
        if part.is_whole() && !by_hour && limits.get(bucket + 2).is_none_or(|end| moment(part.to) <= *end) {
            divided(reader, business, want, series, *part, &mut into.series, bucket)?;
            continue;
        }
        let Some(raw) = read(reader, &quarters_key(business, want.family, part.day, series))? else { continue };
        let midnight = i64::from(part.day) * QUARTERS;
        let mut hour = (i64::MIN, (0, 0));
        cells(&raw, |quarter, metric, amount| {
            let at = midnight + i64::from(quarter);
            if !(part.from..part.to).contains(&at) {
                return;
            }
            if limits.get(bucket + 1).is_some_and(|end| *end <= moment(at)) {
                if let Some(sums) = into.series.get_mut(bucket) {
                    heap.pour(sums);
                }
                while limits.get(bucket + 1).is_some_and(|end| *end <= moment(at)) {
                    bucket += 1;
                }
            }
            heap.add(metric, amount);
            if by_hour {
                if hour.0 != at {
                    hour = (at, want.range.zone.hour_of_week(moment(at)));
                }
                hours.entry(hour.1).or_insert_with(Heap::new).add(metric, amount);
            }
        })?;
        if let Some(sums) = into.series.get_mut(bucket) {
            heap.pour(sums);
        }
    }
    for (hour, mut heap) in hours {
        heap.pour(into.hours.entry(hour).or_default());
    }
    Ok(())
}

/// A day of UTC in which one bucket ends and the next begins, as days of most zones do: the quarters of the
/// first one are read, the other has the rest of the day.
fn divided(
    reader: &dyn Reader,
    business: Id,
    want: &Want<'_>,
    series: &Series,
    part: Part,
    into: &mut [Sums],
    bucket: usize,
) -> Result<(), ApiError> {
    let Some(whole) = read(reader, &day_key(business, want.family, part.day, series))? else { return Ok(()) };
    let quarters = read(reader, &quarters_key(business, want.family, part.day, series))?.unwrap_or_default();
    let end = want.range.limits.get(bucket + 1).map_or(QUARTERS, |end| quarter_of(*end) - part.from);
    let (mut first, mut rest) = (Heap::new(), Heap::new());
    cells(&whole, |_, metric, amount| rest.add(metric, amount))?;
    until(&quarters, u8::try_from(end).unwrap_or(u8::MAX), |metric, amount| {
        first.add(metric, amount);
        rest.add(metric, -amount);
    })
    .ok_or_else(|| broken(unreadable(Table::Rollups, "it is damaged")))?;
    for (heap, sums) in [&mut first, &mut rest].into_iter().zip(into.iter_mut().skip(bucket)) {
        heap.pour(sums);
    }
    Ok(())
}

/// One series over the whole range.
fn one(reader: &dyn Reader, business: Id, family: Family, series: &Series, parts: &[Part]) -> Result<Sums, ApiError> {
    let mut heap = Heap::new();
    for part in parts {
        take(reader, business, family, series, *part, &mut heap)?;
    }
    let mut sums = Sums::default();
    heap.pour(&mut sums);
    Ok(sums)
}

/// Adds a part of a day of a series.
fn take(
    reader: &dyn Reader,
    business: Id,
    family: Family,
    series: &Series,
    part: Part,
    heap: &mut Heap,
) -> Result<(), ApiError> {
    if part.is_whole() {
        let raw = read(reader, &day_key(business, family, part.day, series))?;
        return raw.map_or(Ok(()), |raw| cells(&raw, |_, metric, amount| heap.add(metric, amount)));
    }
    let Some(raw) = read(reader, &quarters_key(business, family, part.day, series))? else { return Ok(()) };
    let midnight = i64::from(part.day) * QUARTERS;
    cells(&raw, |quarter, metric, amount| {
        if (part.from..part.to).contains(&(midnight + i64::from(quarter))) {
            heap.add(metric, amount);
        }
    })
}

/// Every series that has one value more than the filter, and the filter's. With a filter, only those of the
/// dimensions that are told apart.
fn several(
    reader: &dyn Reader,
    business: Id,
    family: Family,
    filter: &[(Dim, String)],
    pivots: &[Dim],
    parts: &[Part],
) -> Result<Vec<(Series, Sums)>, ApiError> {
    let values = u8::try_from(filter.len() + 1).unwrap_or(u8::MAX);
    let places: Vec<Vec<u8>> = match filter {
        [only] => pivots.iter().filter(|dim| **dim != only.0).map(|dim| beside_prefix(only, *dim)).collect(),
        _ => vec![Vec::new()],
    };
    // By the bytes of the series: most days have the same ones.
    let mut known: HashMap<Vec<u8>, Option<(Series, Heap)>> = HashMap::new();
    for part in parts {
        let day = days_prefix(business, family, part.day, values);
        let (mut failed, mut edges) = (None, Vec::new());
        let mut row = |key: &[u8], raw: &[u8]| {
            let bytes = key.get(14..).unwrap_or_default();
            if !known.contains_key(bytes) {
                let series = series_of(key).filter(|series| filter.iter().all(|v| series.values().contains(v)));
                known.insert(bytes.to_vec(), series.map(|series| (series, Heap::new())));
            }
            let Some(Some((_, heap))) = known.get_mut(bytes) else { return };
            if !part.is_whole() {
                edges.push(bytes.to_vec());
            } else if let Err(e) = cells(raw, |_, metric, amount| heap.add(metric, amount)) {
                failed = Some(e);
            }
        };
        for place in &places {
            let prefix = [&day[..], place].concat();
            reader.scan(Table::Rollups, &prefix, &mut row).map_err(broken)?;
        }
        if let Some(e) = failed {
            return Err(e);
        }
        for bytes in edges {
            if let Some(Some((series, heap))) = known.get_mut(&bytes) {
                take(reader, business, family, series, *part, heap)?;
            }
        }
    }
    let found = known.into_values().flatten().map(|(series, mut heap)| {
        let mut sums = Sums::default();
        heap.pour(&mut sums);
        (series, sums)
    });
    Ok(found.filter(|(_, sums)| !sums.is_empty()).collect())
}
