//! What is counted here, by account and day of GMT: read from rollups, whose days are those of GMT, too.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::api::ApiError;
use crate::core::rows::rollups::{day_key, days_prefix, each, quarters_key, series_of};
use crate::core::rows::verify::Lookup;
use crate::core::world::unreadable;
use crate::core::{Core, broken, read_all};
use crate::domain::analytics::{Costs, Dim, Family, Metric, QUARTERS, Series, Sums, kinds};
use crate::domain::business::Business;
use crate::domain::endpoint::Endpoint;
use crate::domain::id::{Id, Sid};
use crate::domain::message::Status;
use crate::domain::money::Money;
use crate::domain::time::Time;
use crate::domain::usage::{Ours, Side, Subject, UsageDay, add};
use crate::domain::verification::Channel;
use crate::store::{Key, Reader, Table};

/// Counts by day and subject.
pub(super) type Counted = BTreeMap<u32, BTreeMap<Subject, Ours>>;

/// A message that has left.
const LEFT: [Status; 4] = [Status::Sent, Status::Delivered, Status::Read, Status::Undelivered];
/// One that may have left, although its status has not come.
const ON_THE_WAY: [Status; 4] = [Status::Sending, Status::Unknown, Status::Accepted, Status::Queued];

/// The businesses of a store, deleted ones included, and in which account each address of theirs lives.
pub(super) struct Whole {
    pub(super) businesses: Vec<Business>,
    addresses: HashMap<(Id, String), Sid>,
    accounts: HashSet<(Id, Sid)>,
}

impl Whole {
    pub(super) fn read(reader: &dyn Reader) -> Result<Whole, ApiError> {
        let (mut addresses, mut accounts) = (HashMap::new(), HashSet::new());
        for endpoint in read_all::<Endpoint>(reader, &[])? {
            accounts.insert((endpoint.business, endpoint.account));
            for address in endpoint.addresses {
                addresses.insert((endpoint.business, address.as_str().to_owned()), endpoint.account);
            }
        }
        Ok(Whole { businesses: read_all(reader, &[])?, addresses, accounts })
    }

    /// Whether anything of a business may be counted in an account: what no endpoint claims is the node's own.
    fn may_live(&self, business: Id, account: Sid, own: Sid) -> bool {
        account == own || self.accounts.contains(&(business, account))
    }

    /// When the first business was set up here.
    pub(super) fn began(&self) -> Option<Time> {
        self.businesses.iter().map(|b| b.created_at).min()
    }
}

impl Core {
    /// What is counted here of an account on these days, the last included.
    pub(super) fn counted_here(
        &self,
        reader: &dyn Reader,
        whole: &Whole,
        account: Sid,
        days: std::ops::RangeInclusive<u32>,
    ) -> Result<Counted, ApiError> {
        let mut counted = Counted::new();
        let own = self.settings().account;
        for business in whole.businesses.iter().filter(|b| whole.may_live(b.id, account, own)) {
            let id = business.id;
            let lives_here = |address: &str| *whole.addresses.get(&(id, address.to_owned())).unwrap_or(&own) == account;
            for day in days.clone() {
                for (address, sums) in senders(reader, id, day)? {
                    if lives_here(&address) {
                        let into = counted.entry(day).or_default();
                        messages(reader, id, day, &address, &sums, into)?;
                    }
                }
                // Codes and lookups are asked for with the node's own credentials.
                if account == own {
                    codes(reader, id, day, counted.entry(day).or_default())?;
                }
            }
            if account == own {
                for paid in read_all::<Lookup>(reader, &id.to_key())?.iter().flat_map(Lookup::paid) {
                    let day = UsageDay::of(paid.at);
                    if days.contains(&day) {
                        let ours = counted.entry(day).or_default().entry(Subject::Lookups).or_default();
                        count(&mut ours.side, 1);
                        match &paid.cost {
                            Some(cost) => add(&mut ours.side.amounts, cost),
                            None => ours.side.pending += 1,
                        }
                    }
                }
            }
        }
        Ok(counted)
    }
}

fn count(side: &mut Side, n: u64) {
    side.count = Some(side.count.unwrap_or(0).saturating_add(n));
}

/// The sums of a day by our side's address.
fn senders(reader: &dyn Reader, business: Id, day: u32) -> Result<Vec<(String, Sums)>, ApiError> {
    let (mut found, mut damaged) = (Vec::new(), false);
    let mut row = |key: &[u8], raw: &[u8]| {
        let series = series_of(key);
        let Some([(Dim::Sender, address)]) = series.as_ref().map(Series::values) else { return };
        match sums(raw) {
            Some(sums) => found.push((address.clone(), sums)),
            None => damaged = true,
        }
    };
    reader.scan(Table::Rollups, &days_prefix(business, Family::Messages, day, 1), &mut row).map_err(broken)?;
    if damaged { Err(broken(unreadable(Table::Rollups, "it is damaged"))) } else { Ok(found) }
}

fn sums(raw: &[u8]) -> Option<Sums> {
    let mut sums = Sums::default();
    each(raw, |_, metric, amount| sums.add(metric, amount))?;
    Some(sums)
}

/// The sums of a series on a day, and those of its first and its last quarter of an hour.
fn with_edges(reader: &dyn Reader, key: &Key) -> Result<(Sums, Sums), ApiError> {
    let (mut first, mut last) = (Sums::default(), Sums::default());
    let Some(raw) = reader.get(key).map_err(broken)? else { return Ok((first, last)) };
    let mut take = |quarter: u8, metric: Metric, amount: i64| match i64::from(quarter) {
        0 => first.add(metric, amount),
        q if q == QUARTERS - 1 => last.add(metric, amount),
        _ => {}
    };
    each(&raw, &mut take).ok_or_else(|| broken(unreadable(Table::Rollups, "it is damaged")))?;
    Ok((first, last))
}

fn messages(
    reader: &dyn Reader,
    business: Id,
    day: u32,
    address: &str,
    sums: &Sums,
    into: &mut BTreeMap<Subject, Ours>,
) -> Result<(), ApiError> {
    let series = Series::of(vec![(Dim::Sender, address.to_owned())]);
    let (first, last) = with_edges(reader, &quarters_key(business, Family::Messages, day, &series))?;
    let of = |sums: &Sums, base: u8, which: &[Status]| -> u64 {
        which.iter().map(|status| sums.count(base + *status as u8)).sum()
    };
    let is_whatsapp = address.starts_with("whatsapp:");
    for (is_out, base, which) in [(true, kinds::OUTGOING, &LEFT[..]), (false, kinds::INCOMING, &Status::ALL[..])] {
        let ours = into.entry(Subject::of_messages(is_out, is_whatsapp)).or_default();
        count(&mut ours.side, of(sums, base, which));
        ours.edges.0 += of(&first, base, which);
        ours.edges.1 += of(&last, base, which);
        if is_out {
            ours.on_the_way += of(sums, base, &ON_THE_WAY);
            costs(&mut ours.side, sums, false);
        }
    }
    Ok(())
}

/// Adds the prices of sends, or the fees of right codes.
fn costs(side: &mut Side, sums: &Sums, is_fee: bool) {
    let costs = Costs::of(sums);
    side.pending += if is_fee { costs.fees_unknown } else { costs.pending };
    let put = |into: &mut Vec<Money>, money: Money| {
        if !money.is_zero() {
            add(into, &money);
        }
    };
    for currency in costs.currencies {
        put(&mut side.amounts, if is_fee { currency.success_fees } else { currency.charged });
        if !is_fee {
            put(&mut side.expected, currency.expected);
        }
    }
}

fn codes(reader: &dyn Reader, business: Id, day: u32, into: &mut BTreeMap<Subject, Ours>) -> Result<(), ApiError> {
    for channel in Channel::ALL {
        let series = Series::of(vec![(Dim::Channel, channel.word().to_owned())]);
        let key = day_key(business, Family::Verify, day, &series);
        let Some(raw) = reader.get(&key).map_err(broken)? else { continue };
        let sums = sums(&raw).ok_or_else(|| broken(unreadable(Table::Rollups, "it is damaged")))?;
        let (first, last) = with_edges(reader, &quarters_key(business, Family::Verify, day, &series))?;
        let subject = match channel {
            Channel::Sms => Subject::VerifySms,
            Channel::Call => Subject::VerifyCall,
            Channel::Whatsapp => Subject::VerifyWhatsapp,
            Channel::Email => Subject::VerifyEmail,
        };
        for (subject, kind) in [(subject, kinds::SENDS), (Subject::VerifySuccess, kinds::APPROVED)] {
            let ours = into.entry(subject).or_default();
            count(&mut ours.side, sums.count(kind));
            ours.edges.0 += first.count(kind);
            ours.edges.1 += last.count(kind);
            costs(&mut ours.side, &sums, kind == kinds::APPROVED);
        }
    }
    Ok(())
}
