//! What is counted of verifications and messages, and how sums of it are read.
//!
//! Owns the words of analytics: facts, metrics, dimensions, ranges of time with their buckets, histograms
//! and percentages. It knows no rows, no store and no screens.

mod fact;
mod histogram;
mod percent;
mod range;
mod sums;

pub use fact::{Dim, Facts, Family, Metric, QUARTERS, Series, kinds, quarter_of, unit_of};
pub use histogram::{Histogram, HistogramBucket, bucket_of};
pub use percent::Percent;
pub use range::{BadRange, Grain, Range, Zone};
pub use sums::{Costs, Currency, Funnel, MessageCounts, Sums};
