//! Gathers sums over a range: in all, by bucket, by the values of dimensions.

use std::collections::BTreeMap;

use super::rolled;
use crate::api::ApiError;
use crate::core::broken;
use crate::core::rows::facts;
use crate::core::world::decode;
use crate::domain::analytics::{Dim, Facts, Family, Metric, Range, Sums, bucket_of, kinds};
use crate::domain::id::Id;
use crate::domain::message::Message;
use crate::domain::verification::Attempt;
use crate::store::{Reader, Table};

/// What is wanted.
pub(super) struct Want<'a> {
    pub(super) family: Family,
    pub(super) filter: &'a [(Dim, String)],
    pub(super) range: &'a Range,
    /// Dimensions whose values are told apart.
    pub(super) pivots: &'a [Dim],
}

/// Sums by the values of a dimension.
pub(super) type ByValue = BTreeMap<String, Sums>;

/// What was gathered of one business.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) total: Sums,
    pub(super) spans: Sums,
    /// One for each bucket of the range.
    pub(super) series: Vec<Sums>,
    pub(super) pivots: BTreeMap<Dim, ByValue>,
    /// Histograms by value, of the dimensions that they are kept of: nothing is known of one that is missing.
    pub(super) pivot_spans: BTreeMap<Dim, ByValue>,
    /// By weekday and hour of the zone.
    pub(super) hours: BTreeMap<(usize, usize), Sums>,
}

impl Gathered {
    /// Adds what was gathered of another business over the same range.
    pub(super) fn join(&mut self, other: Gathered) {
        self.total.join(&other.total);
        self.spans.join(&other.spans);
        self.series.resize_with(self.series.len().max(other.series.len()), Sums::default);
        for (sums, more) in self.series.iter_mut().zip(&other.series) {
            sums.join(more);
        }
        for (into, from) in [(&mut self.pivots, other.pivots), (&mut self.pivot_spans, other.pivot_spans)] {
            for (dim, values) in from {
                let by_value = into.entry(dim).or_default();
                for (value, sums) in values {
                    by_value.entry(value).or_default().join(&sums);
                }
            }
        }
        for (hour, sums) in other.hours {
            self.hours.entry(hour).or_default().join(&sums);
        }
    }

    /// Adds the facts of one row.
    fn take(&mut self, facts: &Facts, want: &Want<'_>) {
        let Some(bucket) = want.range.bucket_of(facts.at).filter(|_| facts.fits(want.filter)) else { return };
        let hour = want.range.zone.hour_of_week(facts.at);
        for (metric, amount) in &facts.metrics {
            self.total.add(*metric, *amount);
            if let Some(sums) = self.series.get_mut(bucket) {
                sums.add(*metric, *amount);
            }
            if want.family == Family::Messages {
                self.hours.entry(hour).or_default().add(*metric, *amount);
            }
        }
        let span = facts.span.map(|(_, millis)| Metric::count(kinds::SPAN + bucket_of(millis)));
        if let Some(span) = span {
            self.spans.add(span, 1);
        }
        for (dim, value) in facts.dims.iter().filter(|(dim, _)| want.pivots.contains(dim)) {
            let sums = self.pivots.entry(*dim).or_default().entry(value.clone()).or_default();
            for (metric, amount) in &facts.metrics {
                sums.add(*metric, *amount);
            }
            if let Some(span) = span {
                self.pivot_spans.entry(*dim).or_default().entry(value.clone()).or_default().add(span, 1);
            }
        }
    }
}

/// Gathers by reading every row of the business: what rollups must come to.
pub(super) fn scan(reader: &dyn Reader, business: Id, want: &Want<'_>) -> Result<Gathered, ApiError> {
    let mut gathered = Gathered { series: vec![Sums::default(); want.range.buckets()], ..Gathered::default() };
    // Reading the rows themselves, all of them are known.
    gathered.pivot_spans.extend(want.pivots.iter().map(|dim| (*dim, ByValue::new())));
    let mut failed = None;
    let table = if want.family == Family::Messages { Table::Messages } else { Table::Attempts };
    let mut each = |key: &[u8], raw: &[u8]| {
        let facts = match table {
            Table::Messages => decode::<Message>(key, raw).map(|m| facts::of_message(&m)),
            _ => decode::<Attempt>(key, raw).map(|a| Some(facts::of_attempt(&a))),
        };
        match facts {
            Ok(Some(facts)) => gathered.take(&facts, want),
            Ok(None) => {}
            Err(e) => failed = Some(e),
        }
    };
    reader.scan(table, &business.to_key(), &mut each).map_err(broken)?;
    match failed {
        Some(e) => Err(broken(e)),
        None => Ok(gathered),
    }
}

/// Gathers what is wanted of one business.
pub(super) fn gather(reader: &dyn Reader, business: Id, want: &Want<'_>) -> Result<Gathered, ApiError> {
    if rolled::knows(want) { rolled::gather(reader, business, want) } else { scan(reader, business, want) }
}
