//! Spans of time in fixed logarithmic buckets, so that percentiles of any range add up from stored counts.

use serde::{Deserialize, Serialize};

/// Buckets for each doubling: a bucket's end is at most a quarter above its start.
const STEPS: u32 = 4;
/// How many buckets there are: up to 2^31 ms, 24 days.
const BUCKETS: u8 = 124;

/// The bucket of a span in milliseconds.
pub fn bucket_of(millis: u64) -> u8 {
    if millis < u64::from(STEPS) {
        return u8::try_from(millis).unwrap_or(0);
    }
    let octave = millis.ilog2();
    let step = (millis >> (octave - 2)) & u64::from(STEPS - 1);
    let bucket = (octave - 1) * STEPS + u32::try_from(step).unwrap_or(0);
    u8::try_from(bucket).unwrap_or(BUCKETS).min(BUCKETS - 1)
}

/// Where a bucket starts, in milliseconds; it ends where the next one starts.
fn start_of(bucket: u8) -> u64 {
    let bucket = u32::from(bucket);
    if bucket < STEPS {
        return u64::from(bucket);
    }
    let octave = bucket / STEPS + 1;
    u64::from(STEPS + bucket % STEPS) << (octave - 2)
}

/// Spans that fell into one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HistogramBucket {
    /// From here on, in milliseconds.
    pub from_millis: u64,
    /// Up to here, in milliseconds, without it.
    pub to_millis: u64,
    /// How many.
    pub count: u64,
}

/// How long something took.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Histogram {
    /// How many spans were measured.
    pub count: u64,
    /// Half of them took no longer, in milliseconds: the end of the bucket in which the median lies, which is
    /// at most a quarter too much. Absent when nothing was measured.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p50_millis: Option<u64>,
    /// Nineteen of twenty took no longer, likewise.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p95_millis: Option<u64>,
    /// The buckets that hold something, in order.
    pub buckets: Vec<HistogramBucket>,
}

impl Histogram {
    /// Of the counts of buckets, in order of the bucket.
    pub fn of(counts: impl IntoIterator<Item = (u8, u64)>) -> Histogram {
        let held = counts.into_iter().filter(|(_, count)| *count > 0);
        let buckets: Vec<HistogramBucket> = held
            .map(|(bucket, count)| HistogramBucket {
                from_millis: start_of(bucket),
                to_millis: start_of(bucket.saturating_add(1)),
                count,
            })
            .collect();
        let count: u64 = buckets.iter().map(|b| b.count).sum();
        let share = |hundredths: u64| {
            let wanted = (count * hundredths).div_ceil(100);
            let mut below = 0;
            let reaches = buckets.iter().find(|b| {
                below += b.count;
                below >= wanted
            });
            reaches.map(|b| b.to_millis)
        };
        Histogram { p50_millis: share(50), p95_millis: share(95), count, buckets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket in 0..BUCKETS {
            let (start, end) = (start_of(bucket), start_of(bucket + 1));
            assert!(start < end, "{bucket}");
            assert!(bucket < 4 || end - start <= start / 4, "{bucket} is too wide");
            assert_eq!((bucket_of(start), bucket_of(end - 1)), (bucket, bucket));
        }
        assert_eq!(bucket_of(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_those_of_the_spans_within_a_quarter() {
        let mut spans: Vec<u64> = (1..=1000).map(|n| n * n % 7919 + 5).collect();
        let mut counts = [0; BUCKETS as usize];
        for span in &spans {
            counts[usize::from(bucket_of(*span))] += 1;
        }
        let told = Histogram::of((0..).zip(counts));
        spans.sort_unstable();
        for (told, exact) in [(told.p50_millis, spans[499]), (told.p95_millis, spans[949])] {
            let told = told.unwrap();
            assert!(exact < told && told <= exact + exact / 4 + 1, "{exact} {told}");
        }
        assert_eq!(Histogram::of([]), Histogram::default());
    }
}
