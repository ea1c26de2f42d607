//! The picture of a range of messages.

use std::collections::BTreeMap;

use super::asked::{When, filter, range_view};
use super::gather::{Gathered, Want, gather};
use super::outside::outside;
use super::verify::name_of;
use crate::api::analytics::{
    AgentLoad, GetMessageAnalytics, MessageAnalytics, MessageBucket, MessageSlice, MessagesBefore, StatusCount,
};
use crate::api::{ApiError, Caller};
use crate::core::rows::{counters, view};
use crate::core::{Core, broken};
use crate::domain::analytics::{Costs, Dim, Family, MessageCounts, Percent, Range, Sums, kinds};
use crate::domain::id::Id;
use crate::domain::message::{Direction, Status};
use crate::store::Reader;

impl Core {
    pub(in crate::core) fn message_analytics(
        &self,
        caller: &Caller,
        input: &GetMessageAnalytics,
    ) -> Result<MessageAnalytics, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let when = When { from: &input.from, to: &input.to, zone: &input.zone, grain: input.grain };
        let asked = self.asked(&*reader, caller, input.business, input.all, &when)?;
        let error = input.error.map(|code| code.to_string());
        let filter = message_filter(input.sender.clone(), input.country.clone(), error, input.author.clone());
        let pivots = [Dim::Sender, Dim::Country, Dim::Error, Dim::Agent];
        let want = Want { family: Family::Messages, filter: &filter, range: &asked.range, pivots: &pivots };
        let before = asked.range.before().ok();
        let (mut all, mut earlier) = (Gathered::default(), Gathered::default());
        let (mut by_business, mut open) = (Vec::new(), BTreeMap::new());
        for business in &asked.businesses {
            let gathered = gather(&*reader, business.id, &want)?;
            if input.all && !gathered.total.is_empty() {
                by_business.push(slice(business.id.to_string(), business.name.clone(), &gathered.total));
            }
            all.join(gathered);
            if let Some(range) = &before {
                let want = Want { range, pivots: &[], ..want };
                earlier.join(gather(&*reader, business.id, &want)?);
            }
            for (agent, count) in open_by_agent(&*reader, business.id)? {
                *open.entry(agent).or_insert(0) += count;
            }
        }
        most_used_first(&mut by_business);
        Ok(MessageAnalytics {
            outside: if all.total.is_empty() { outside(&*reader, &asked.businesses, Family::Messages)? } else { None },
            counts: MessageCounts::of(&all.total),
            costs: Costs::of(&all.total),
            by_status: by_status(&all.total),
            first_response: all.spans.histogram(),
            series: series(&asked.range, &all.series),
            incoming_by_hour: by_hour(&all, |counts| counts.incoming),
            outgoing_by_hour: by_hour(&all, |counts| counts.outgoing),
            by_agent: loads(&mut all, open, input.author.as_deref()),
            by_sender: slices(&mut all, Dim::Sender),
            by_country: slices(&mut all, Dim::Country),
            by_error: slices(&mut all, Dim::Error),
            by_business,
            before: before.map(|range| MessagesBefore {
                from: range.from.into(),
                to: range.to.into(),
                counts: MessageCounts::of(&earlier.total),
                costs: Costs::of(&earlier.total),
                first_response: earlier.spans.histogram(),
            }),
            range: range_view(&asked.range),
            scope: asked.scope,
            as_of,
        })
    }
}

/// The filter of messages.
pub(super) fn message_filter(
    sender: Option<String>,
    country: Option<String>,
    error: Option<String>,
    author: Option<String>,
) -> Vec<(Dim, String)> {
    filter([(Dim::Sender, sender), (Dim::Country, country), (Dim::Error, error), (Dim::Agent, author)])
}

fn slice(key: String, name: String, sums: &Sums) -> MessageSlice {
    MessageSlice { key, name, counts: MessageCounts::of(sums), costs: Costs::of(sums) }
}

fn slices(all: &mut Gathered, dim: Dim) -> Vec<MessageSlice> {
    let values = all.pivots.remove(&dim).unwrap_or_default();
    let each = values.into_iter().filter(|(_, sums)| !sums.is_empty());
    let mut slices: Vec<MessageSlice> = each
        .map(|(value, sums)| {
            let name = name_of(dim, &value);
            slice(value, name, &sums)
        })
        .collect();
    most_used_first(&mut slices);
    slices
}

fn most_used_first(slices: &mut [MessageSlice]) {
    let used = |s: &MessageSlice| s.counts.incoming + s.counts.outgoing;
    slices.sort_by(|a, b| used(b).cmp(&used(a)).then_with(|| a.key.cmp(&b.key)));
}

fn by_status(sums: &Sums) -> Vec<StatusCount> {
    let mut all = Vec::new();
    for (direction, base) in [(Direction::In, kinds::INCOMING), (Direction::Out, kinds::OUTGOING)] {
        let counts = Status::ALL.into_iter().map(|status| (status, sums.count(base + status as u8)));
        let held = counts.filter(|(_, count)| *count > 0);
        all.extend(held.map(|(status, count)| StatusCount { direction, status, count }));
    }
    all
}

fn series(range: &Range, sums: &[Sums]) -> Vec<MessageBucket> {
    let bucket = |(limits, sums): (&[crate::domain::time::Time], &Sums)| MessageBucket {
        from: limits[0].into(),
        to: limits[1].into(),
        counts: MessageCounts::of(sums),
        costs: Costs::of(sums),
    };
    range.limits.windows(2).zip(sums).map(bucket).collect()
}

fn by_hour(all: &Gathered, of: impl Fn(&MessageCounts) -> u64) -> Vec<Vec<u64>> {
    let mut week = vec![vec![0; 24]; 7];
    for ((day, hour), sums) in &all.hours {
        if let Some(cell) = week.get_mut(*day).and_then(|day| day.get_mut(*hour)) {
            *cell += of(&MessageCounts::of(sums));
        }
    }
    week
}

/// Conversations that are open and somebody's, by agent.
fn open_by_agent(reader: &dyn Reader, business: Id) -> Result<Vec<(String, u64)>, ApiError> {
    let prefix = [&business.to_key()[..], &[counters::INBOX, view::ASSIGNED]].concat();
    let counted = reader.counters(&prefix).map_err(broken)?;
    let handle = |key: &[u8]| {
        let handle = key.get(prefix.len()..)?.strip_suffix(&[0])?;
        Some(std::str::from_utf8(handle).ok()?.to_owned())
    };
    Ok(counted.iter().filter_map(|(key, n)| Some((handle(key)?, u64::try_from(*n).ok()?))).collect())
}

fn loads(all: &mut Gathered, mut open: BTreeMap<String, u64>, only: Option<&str>) -> Vec<AgentLoad> {
    let values = all.pivots.remove(&Dim::Agent).unwrap_or_default();
    let mut spans = all.pivot_spans.remove(&Dim::Agent).unwrap_or_default();
    let mut loads: Vec<AgentLoad> = values
        .into_iter()
        .map(|(agent, sums)| AgentLoad {
            counts: MessageCounts::of(&sums),
            first_response: spans.remove(&agent).unwrap_or_default().histogram(),
            open_now: open.remove(&agent).unwrap_or(0),
            agent,
        })
        .collect();
    let idle = open.into_iter().filter(|(agent, _)| only.is_none_or(|only| only == agent));
    loads.extend(idle.map(|(agent, open_now)| AgentLoad {
        agent,
        counts: MessageCounts::default(),
        first_response: Default::default(),
        open_now,
    }));
    loads.sort_by(|a, b| b.counts.outgoing.cmp(&a.counts.outgoing).then_with(|| a.agent.cmp(&b.agent)));
    loads
}

/// Whether a business's messages ask for a look, a sentence each, and whether it is bad.
pub(super) fn trouble(now: &MessageCounts) -> (bool, Vec<String>) {
    let failed = now.failed_of_outgoing.filter(|share| now.outgoing >= 20 && *share >= Percent(5.into()));
    match failed {
        Some(share) => (share >= Percent(20.into()), vec![format!("{share} of the messages to customers failed")]),
        None => (false, Vec::new()),
    }
}
