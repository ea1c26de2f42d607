//! Rollups: what rows say of themselves, summed by quarters of an hour and by days of UTC.
//!
//! For each series (everything, one value of a dimension, or two) there is one row a day with its quarters,
//! and one with their sum. So a chart reads one row a day, and a table over dimensions reads the sums of a day
//! side by side. Days and hours of any zone are made of quarters when they are read: nothing has to be built
//! anew when a business moves to another zone.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::domain::analytics::{Dim, Facts, Family, Metric, QUARTERS, Series, bucket_of, kinds, quarter_of};
use crate::domain::id::Id;
use crate::store::{Key, Table};

/// Rises when the facts of rows or the form of rollups change: then they are counted anew from the rows.
pub const VERSION: u32 = 2;

/// Sums of a day, by day and series.
const DAYS: u8 = 0;
/// Quarters of a day, by series and day.
const QUARTER_ROWS: u8 = 1;
/// The most bytes of a value that tell series apart.
const LONGEST: usize = 255;

/// Where it stands which version the rollups of a store have.
pub fn mark_key() -> Key {
    Key::new(Table::Rollups, &[b"version"])
}

/// The days of UTC from the epoch on; earlier ones count as the first.
pub fn day_of(quarter: i64) -> u32 {
    u32::try_from(quarter.div_euclid(QUARTERS)).unwrap_or(0)
}

/// Writes a series of values whose dimensions rise.
fn write_series<'v>(values: impl Iterator<Item = &'v (Dim, String)> + Clone, bytes: &mut Vec<u8>) {
    bytes.push(u8::try_from(values.clone().count()).unwrap_or(u8::MAX));
    bytes.extend(values.clone().map(|(dim, _)| *dim as u8));
    for (_, value) in values {
        let value = value.as_bytes().get(..LONGEST).unwrap_or(value.as_bytes());
        bytes.push(u8::try_from(value.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(value);
    }
}

fn series_bytes(series: &Series) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    write_series(series.values().iter(), &mut bytes);
    bytes
}

/// The series at the end of a key of [`days_prefix`].
pub fn series_of(key: &[u8]) -> Option<Series> {
    let mut rest = key.get(14..)?;
    let count = usize::from(*rest.split_off_first()?);
    let dims = rest.split_off(..count)?;
    let mut values = Vec::with_capacity(count);
    for dim in dims {
        let length = usize::from(*rest.split_off_first()?);
        let value = std::str::from_utf8(rest.split_off(..length)?).ok()?;
        values.push((Dim::from_byte(*dim)?, value.to_owned()));
    }
    rest.is_empty().then(|| Series::of(values))
}

/// Whether a key is that of the sum of a day of everything.
pub fn is_whole_day(key: &[u8]) -> bool {
    key.len() == 15 && key.get(9) == Some(&DAYS)
}

/// The sums of days of a family.
pub fn family_prefix(business: Id, family: Family) -> Vec<u8> {
    [&business.to_key()[..], &[family as u8, DAYS]].concat()
}

/// The day (from the epoch on) of a key of [`family_prefix`].
pub fn day_of_key(key: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*key.get(10..)?.first_chunk()?))
}

/// The sums of a day of all series with so many values.
pub fn days_prefix(business: Id, family: Family, day: u32, values: u8) -> Vec<u8> {
    [&business.to_key()[..], &[family as u8, DAYS], &day.to_be_bytes(), &[values]].concat()
}

/// What follows [`days_prefix`] in all series of this value and one of another dimension. Where the other
/// stands first, those of other values are among them.
pub fn beside_prefix((dim, value): &(Dim, String), other: Dim) -> Vec<u8> {
    if other < *dim {
        return vec![other as u8, *dim as u8];
    }
    let value = value.as_bytes().get(..LONGEST).unwrap_or(value.as_bytes());
    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
    [&[*dim as u8, other as u8, length], value].concat()
}

/// The sum of a day.
pub fn day_key(business: Id, family: Family, day: u32, series: &Series) -> Key {
    day_row(&business.to_key(), family as u8, day, &series_bytes(series))
}

/// The quarters of a day.
pub fn quarters_key(business: Id, family: Family, day: u32, series: &Series) -> Key {
    quarters_row(&business.to_key(), family as u8, day, &series_bytes(series))
}

fn day_row(business: &[u8], family: u8, day: u32, series: &[u8]) -> Key {
    Key::new(Table::Rollups, &[business, &[family, DAYS], &day.to_be_bytes(), series])
}

fn quarters_row(business: &[u8], family: u8, day: u32, series: &[u8]) -> Key {
    Key::new(Table::Rollups, &[business, &[family, QUARTER_ROWS], series, &day.to_be_bytes()])
}

/// Amounts by quarter of the day and metric, in order. Of the sum of a day, all are in quarter 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cells(BTreeMap<(u8, Metric), i64>);

impl Cells {
    /// Reads the stored form; `None` when it is damaged.
    pub fn decode(bytes: &[u8]) -> Option<Cells> {
        let mut cells = Cells::default();
        each(bytes, |quarter, metric, amount| {
            cells.0.insert((quarter, metric), amount);
        })?;
        Some(cells)
    }

    /// The stored form; `None` for nothing.
    pub fn encode(&self) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return None;
        }
        let mut bytes = Vec::with_capacity(self.0.len() * 4);
        for ((quarter, metric), amount) in &self.0 {
            bytes.extend([*quarter, metric.kind]);
            if is_amount(metric.kind) {
                bytes.extend(metric.unit);
            }
            let mut rest = ((amount << 1) ^ (amount >> 63)) as u64;
            while rest >= 0x80 {
                bytes.push((rest & 0x7f) as u8 | 0x80);
                rest >>= 7;
            }
            bytes.push((rest & 0x7f) as u8);
        }
        Some(bytes)
    }

    /// Adds an amount; one that comes to nothing is gone.
    pub fn add(&mut self, quarter: u8, metric: Metric, amount: i64) {
        let sum = self.0.entry((quarter, metric)).or_insert(0);
        *sum = sum.saturating_add(amount);
        if *sum == 0 {
            self.0.remove(&(quarter, metric));
        }
    }

    /// Adds all of another.
    pub fn join(&mut self, other: &Cells) {
        for ((quarter, metric), amount) in &other.0 {
            self.add(*quarter, *metric, *amount);
        }
    }

    /// How many amounts are not those of another.
    pub fn wrong(&self, other: &Cells) -> usize {
        let missing = other.0.keys().filter(|key| !self.0.contains_key(*key)).count();
        self.0.iter().filter(|(key, amount)| other.0.get(key) != Some(amount)).count() + missing
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn is_amount(kind: u8) -> bool {
    (kinds::REPORTED..=kinds::SAVED).contains(&kind)
}

/// Reads cells one by one without keeping them; `None` when they are damaged.
pub fn each(mut bytes: &[u8], mut take: impl FnMut(u8, Metric, i64)) -> Option<()> {
    while !bytes.is_empty() {
        let (quarter, metric, amount) = next(&mut bytes)?;
        take(quarter, metric, amount);
    }
    Some(())
}

/// Reads the cells before a quarter of the day, with which they rise; `None` when they are damaged.
pub fn until(mut bytes: &[u8], end: u8, mut take: impl FnMut(Metric, i64)) -> Option<()> {
    while bytes.first().is_some_and(|quarter| *quarter < end) {
        let (_, metric, amount) = next(&mut bytes)?;
        take(metric, amount);
    }
    Some(())
}

#[inline]
fn next(bytes: &mut &[u8]) -> Option<(u8, Metric, i64)> {
    let [quarter, kind] = *bytes.first_chunk()?;
    *bytes = bytes.get(2..)?;
    let mut unit = [0; 3];
    if is_amount(kind) {
        unit = *bytes.first_chunk()?;
        *bytes = bytes.get(3..)?;
    }
    let (mut raw, mut shift) = (0_u64, 0);
    loop {
        let byte = *bytes.split_off_first()?;
        raw |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte < 0x80 {
            break;
        }
        shift += 7;
    }
    let amount = (raw >> 1) as i64 ^ -((raw & 1) as i64);
    Some((quarter, Metric { kind, unit }, amount))
}

/// What rows add to rollups and take from them.
#[derive(Debug, Default)]
pub struct Rolled {
    /// By business, family and series, as they stand in keys; within, by quarter from the epoch on.
    sums: FxHashMap<Vec<u8>, FxHashMap<(i64, Metric), i64>>,
    /// A key under construction: most facts of a batch go where others went.
    key: Vec<u8>,
}

impl Rolled {
    /// Adds the facts of a row (`sign` 1) or takes them away (-1): to all, to each value it has, and for
    /// verifications to each two values.
    pub fn take(&mut self, facts: &Facts, sign: i64) {
        let quarter = quarter_of(facts.at).max(0);
        let span = facts.span.map(|(family, millis)| (family, Metric::count(kinds::SPAN + bucket_of(millis))));
        let dims = &facts.dims;
        let parts = std::iter::once((&dims[..0], &dims[..0]));
        let singles = (0..dims.len()).map(|n| (&dims[n..=n], &dims[..0]));
        for (first, second) in parts.chain(singles) {
            self.add(facts, facts.family, first, second, quarter, &facts.metrics, sign);
            if let Some((family, metric)) = span {
                self.add(facts, family, first, second, quarter, &[(metric, 1)], sign);
            }
        }
        if facts.family == Family::Verify {
            let pairs = (0..dims.len()).flat_map(|n| (n + 1..dims.len()).map(move |m| (n, m)));
            for (n, m) in pairs {
                self.add(facts, facts.family, &dims[n..=n], &dims[m..=m], quarter, &facts.metrics, sign);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of them make the one key")]
    fn add(
        &mut self,
        facts: &Facts,
        family: Family,
        first: &[(Dim, String)],
        second: &[(Dim, String)],
        quarter: i64,
        metrics: &[(Metric, i64)],
        sign: i64,
    ) {
        self.key.clear();
        self.key.extend(facts.business.to_key());
        self.key.push(family as u8);
        write_series(first.iter().chain(second), &mut self.key);
        if !self.sums.contains_key(&self.key) {
            self.sums.insert(self.key.clone(), FxHashMap::default());
        }
        let Some(sums) = self.sums.get_mut(&self.key) else { return };
        for (metric, amount) in metrics {
            *sums.entry((quarter, *metric)).or_insert(0) += sign * amount;
        }
    }

    /// What is to be added to each row.
    pub fn into_rows(self) -> BTreeMap<Key, Cells> {
        let mut rows: BTreeMap<Key, Cells> = BTreeMap::new();
        for (key, sums) in self.sums {
            let (business, rest) = key.split_at(8);
            let Some((family, series)) = rest.split_first() else { continue };
            let mut days: BTreeMap<u32, (Cells, Cells)> = BTreeMap::new();
            for ((quarter, metric), amount) in sums.into_iter().filter(|(_, amount)| *amount != 0) {
                let (whole, parts) = days.entry(day_of(quarter)).or_default();
                whole.add(0, metric, amount);
                parts.add(u8::try_from(quarter.rem_euclid(QUARTERS)).unwrap_or(0), metric, amount);
            }
            for (day, (whole, parts)) in days {
                // A sum may stay as it is while its quarters move.
                if !whole.is_empty() {
                    rows.insert(day_row(business, *family, day, series), whole);
                }
                if !parts.is_empty() {
                    rows.insert(quarters_row(business, *family, day, series), parts);
                }
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;

    fn facts(at: i64, dims: &[(Dim, &str)]) -> Facts {
        Facts {
            business: Id(7),
            family: Family::Verify,
            at: Time::from_secs(at),
            dims: dims.iter().map(|(dim, value)| (*dim, (*value).to_owned())).collect(),
            metrics: vec![
                (Metric::count(kinds::SENDS), 1),
                (Metric { kind: kinds::REPORTED, unit: *b"USD" }, 8_300_000),
            ],
            span: None,
        }
    }

    #[test]
    fn what_is_added_and_taken_away_leaves_nothing() {
        let mut rolled = Rolled::default();
        let facts = facts(1_772_470_800, &[(Dim::Channel, "sms"), (Dim::Country, "US")]);
        rolled.take(&facts, 1);
        rolled.take(&facts, -1);
        assert!(rolled.into_rows().is_empty());
    }

    #[test]
    fn a_row_counts_in_every_series_and_keys_tell_them() {
        let mut rolled = Rolled::default();
        let at = 1_772_470_800;
        rolled.take(&facts(at, &[(Dim::Channel, "sms"), (Dim::Country, "US"), (Dim::Error, "30003")]), 1);
        let rows = rolled.into_rows();
        // All, three values and three pairs, each by day and by quarter.
        assert_eq!(rows.len(), 14);
        let day = day_of(quarter_of(Time::from_secs(at)));
        let prefix = days_prefix(Id(7), Family::Verify, day, 2);
        let pairs: Vec<Series> =
            rows.keys().filter(|k| k.bytes.starts_with(&prefix)).filter_map(|k| series_of(&k.bytes)).collect();
        let pair = Series::of(vec![(Dim::Country, "US".into()), (Dim::Channel, "sms".into())]);
        assert!(pairs.len() == 3 && pairs.contains(&pair), "{pairs:?}");
        for (key, cells) in &rows {
            let bytes = cells.encode().unwrap();
            assert_eq!(Cells::decode(&bytes).as_ref(), Some(cells), "{key:?}");
            assert_eq!(Cells::decode(&bytes[..bytes.len() - 1]), None);
        }
    }

    proptest::proptest! {
        #[test]
        fn cells_are_read_as_they_were_written(
            cells in proptest::collection::vec((0u8..96, 1u8..=255, proptest::prelude::any::<i64>()), 0..60)
        ) {
            let mut written = Cells::default();
            for (quarter, kind, amount) in cells {
                let unit = if is_amount(kind) { *b"EUR" } else { [0; 3] };
                written.add(quarter, Metric { kind, unit }, amount);
            }
            let read = written.encode().map_or(Some(Cells::default()), |bytes| Cells::decode(&bytes));
            proptest::prop_assert_eq!(read, Some(written));
        }
    }
}
