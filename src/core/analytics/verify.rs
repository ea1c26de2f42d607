//! The picture of a range of verifications.

use super::asked::{When, filter, range_view};
use super::gather::{ByValue, Gathered, Want, gather};
use super::outside::outside;
use crate::api::analytics::{GetVerifyAnalytics, VerifyAnalytics, VerifyBefore, VerifyBucket, VerifySlice};
use crate::api::{ApiError, Caller};
use crate::core::Core;
use crate::domain::analytics::{Costs, Dim, Family, Funnel, Histogram, Percent, Range, Sums};
use crate::twilio::error::lookup;

/// So many points of success less than before ask for a look.
const WORSE_POINTS: u32 = 5;
/// Of fewer verifications nothing is concluded.
const ENOUGH: u64 = 20;

impl Core {
    pub(in crate::core) fn verify_analytics(
        &self,
        caller: &Caller,
        input: &GetVerifyAnalytics,
    ) -> Result<VerifyAnalytics, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let when = When { from: &input.from, to: &input.to, zone: &input.zone, grain: input.grain };
        let asked = self.asked(&*reader, caller, input.business, input.all, &when)?;
        let filter = verify_filter(
            input.channel.map(|channel| channel.word().to_owned()),
            input.country.clone(),
            input.template.map(|template| template.to_string()),
            input.carrier.clone(),
            input.error.map(|code| code.to_string()),
        );
        let pivots = [Dim::Channel, Dim::Country, Dim::Template, Dim::Carrier, Dim::Error];
        let want = Want { family: Family::Verify, filter: &filter, range: &asked.range, pivots: &pivots };
        let before = asked.range.before().ok();
        let (mut all, mut earlier) = (Gathered::default(), Gathered::default());
        let mut by_business = Vec::new();
        for business in &asked.businesses {
            let gathered = gather(&*reader, business.id, &want)?;
            if input.all && !gathered.total.is_empty() {
                let spans = Some(gathered.spans.histogram());
                by_business.push(slice(business.id.to_string(), business.name.clone(), &gathered.total, spans));
            }
            all.join(gathered);
            if let Some(range) = &before {
                let want = Want { range, pivots: &[Dim::Channel], ..want };
                earlier.join(gather(&*reader, business.id, &want)?);
            }
        }
        most_used_first(&mut by_business);
        let others = if filter.is_empty() { self.others(&*reader, &asked)?.sums() } else { Vec::new() };
        let funnel = Funnel::of(&all.total);
        let time_to_verify = all.spans.histogram();
        let by_channel = slices(&mut all, Dim::Channel);
        Ok(VerifyAnalytics {
            before: before.map(|range| compared(&range, earlier, &funnel, &time_to_verify, &by_channel)),
            outside: if all.total.is_empty() { outside(&*reader, &asked.businesses, Family::Verify)? } else { None },
            costs: Costs::of(&all.total),
            others,
            saved: all.total.saved(),
            series: series(&asked.range, &all.series),
            by_channel,
            by_country: slices(&mut all, Dim::Country),
            by_template: slices(&mut all, Dim::Template),
            by_carrier: slices(&mut all, Dim::Carrier),
            by_error: slices(&mut all, Dim::Error),
            range: range_view(&asked.range),
            scope: asked.scope,
            by_business,
            funnel,
            time_to_verify,
            as_of,
        })
    }
}

/// The filter of verifications.
pub(super) fn verify_filter(
    channel: Option<String>,
    country: Option<String>,
    template: Option<String>,
    carrier: Option<String>,
    error: Option<String>,
) -> Vec<(Dim, String)> {
    filter([
        (Dim::Channel, channel),
        (Dim::Country, country),
        (Dim::Template, template),
        (Dim::Carrier, carrier),
        (Dim::Error, error),
    ])
}

fn series(range: &Range, sums: &[Sums]) -> Vec<VerifyBucket> {
    let limits = range.limits.windows(2);
    let bucket = |(limits, sums): (&[crate::domain::time::Time], &Sums)| VerifyBucket {
        from: limits[0].into(),
        to: limits[1].into(),
        funnel: Funnel::of(sums),
        costs: Costs::of(sums),
    };
    limits.zip(sums).map(bucket).collect()
}

fn slice(key: String, name: String, sums: &Sums, spans: Option<Histogram>) -> VerifySlice {
    VerifySlice { key, name, funnel: Funnel::of(sums), costs: Costs::of(sums), time_to_verify: spans }
}

fn slices(all: &mut Gathered, dim: Dim) -> Vec<VerifySlice> {
    let values: ByValue = all.pivots.remove(&dim).unwrap_or_default();
    // Of two dimensions at once no histograms are kept: then there is none, which is not an empty one.
    let mut spans = all.pivot_spans.remove(&dim);
    let each = values.into_iter().filter(|(_, sums)| !sums.is_empty()).map(|(value, sums)| {
        let histogram = spans.as_mut().map(|spans| spans.remove(&value).unwrap_or_default().histogram());
        let name = name_of(dim, &value);
        slice(value, name, &sums, histogram)
    });
    let mut slices: Vec<VerifySlice> = each.collect();
    most_used_first(&mut slices);
    slices
}

/// What a value of a dimension is called.
pub(super) fn name_of(dim: Dim, value: &str) -> String {
    match dim {
        Dim::Channel => match value {
            "sms" => "SMS",
            "whatsapp" => "WhatsApp",
            other => other,
        }
        .to_owned(),
        Dim::Error => {
            let known = value.parse().ok().and_then(lookup);
            known.map_or_else(|| value.to_owned(), |error| format!("{value} {}", error.title))
        }
        Dim::Country | Dim::Template | Dim::Sender | Dim::Agent | Dim::Carrier => value.to_owned(),
    }
}

fn most_used_first(slices: &mut [VerifySlice]) {
    slices.sort_by(|a, b| {
        let used = |s: &VerifySlice| (s.funnel.requested, s.funnel.sends);
        used(b).cmp(&used(a)).then_with(|| a.key.cmp(&b.key))
    });
}

/// The range before, and in what this one is worse.
fn compared(
    range: &Range,
    mut earlier: Gathered,
    now: &Funnel,
    spans: &Histogram,
    by_channel: &[VerifySlice],
) -> VerifyBefore {
    let channels = slices(&mut earlier, Dim::Channel);
    let funnel = Funnel::of(&earlier.total);
    let time_to_verify = earlier.spans.histogram();
    let mut worse = Vec::new();
    if now.requested >= ENOUGH && funnel.requested >= ENOUGH {
        let rates = (now.approved_of_unblocked, funnel.approved_of_unblocked);
        if let (Some(rate), Some(was)) = rates
            && was.points_over(rate) >= WORSE_POINTS.into()
        {
            worse.push(format!("{rate} of those not blocked were approved, after {was} in the range before"));
        }
        worse.extend(slower(spans, &time_to_verify));
    }
    for channel in by_channel {
        let was = channels.iter().find(|was| was.key == channel.key).and_then(|was| was.time_to_verify.as_ref());
        if let (Some(spans), Some(was)) = (&channel.time_to_verify, was)
            && let Some(why) = slower(spans, was).filter(|_| by_channel.len() > 1)
        {
            worse.push(format!("{}: {why}", channel.name));
        }
    }
    VerifyBefore {
        from: range.from.into(),
        to: range.to.into(),
        costs: Costs::of(&earlier.total),
        funnel,
        time_to_verify,
        by_channel: channels,
        worse,
    }
}

/// That codes took longer than before. Ends of neighbouring buckets lie a quarter apart at most: half as much
/// again is more than chance.
fn slower(now: &Histogram, before: &Histogram) -> Option<String> {
    let (p95, was) = (now.p95_millis?, before.p95_millis?);
    let enough = now.count >= ENOUGH && before.count >= ENOUGH;
    let is_slower = enough && p95 > was.saturating_add(was / 2);
    is_slower
        .then(|| format!("nineteen of twenty took up to {} s, after {} s in the range before", p95 / 1000, was / 1000))
}

/// Whether a business's verifications ask for a look, a sentence each, and whether it is bad.
pub(super) fn trouble(now: &Funnel) -> (bool, Vec<String>) {
    let mut why = Vec::new();
    let mut bad = false;
    if now.requested >= ENOUGH {
        let rate = now.approved_of_unblocked.filter(|rate| *rate < Percent(60.into()));
        if let Some(rate) = rate {
            bad |= rate < Percent(40.into());
            why.push(format!("{rate} of the verifications that were not blocked were approved"));
        }
        if let Some(blocked) = Percent::of(now.blocked, now.requested).filter(|share| *share >= Percent(10.into())) {
            why.push(format!("{blocked} of the verifications were blocked"));
        }
        if let Some(failed) = Percent::of(now.failed, now.requested).filter(|share| *share >= Percent(5.into())) {
            bad = true;
            why.push(format!("Twilio refused {failed} of the verifications"));
        }
    }
    (bad, why)
}
