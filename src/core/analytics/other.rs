//! What was paid for besides messages and codes: lookups, by the rate card, and the rent of numbers, by Twilio's
//! usage records.
//!
//! A lookup is paid by the business that asked. Rent is known by account only: it belongs to a business when no
//! other one lives in its account, else to all together.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::Asked;
use crate::api::ApiError;
use crate::api::analytics::{Category, LedgerLine, OtherCost, Scope};
use crate::core::rows::verify::Lookup;
use crate::core::{Core, read_all, usage};
use crate::domain::endpoint::Endpoint;
use crate::domain::id::{Id, Sid};
use crate::domain::money::Money;
use crate::domain::time::Time;
use crate::domain::usage::{Subject, UsageDay, add};
use crate::store::Reader;

/// One thing that was paid for.
struct Paid {
    category: Category,
    /// Whose it is; absent when it is the account's.
    scope: Option<Scope>,
    /// The day it stands on.
    from: Time,
    to: Time,
    quantity: u64,
    amount: Option<Money>,
    /// Whether it costs something that is not known.
    is_pending: bool,
}

/// What was paid for in a range.
pub(super) struct Other {
    paid: Vec<Paid>,
    /// What is not known, a sentence each.
    pub(super) notes: Vec<String>,
}

impl Core {
    /// What was paid for besides messages and codes.
    pub(super) fn others(&self, reader: &dyn Reader, asked: &Asked) -> Result<Other, ApiError> {
        let mut other = Other { paid: Vec::new(), notes: Vec::new() };
        for business in &asked.businesses {
            let scope = || Some(Scope { business: Some(business.id), name: business.name.clone() });
            for paid in read_all::<Lookup>(reader, &business.id.to_key())?.iter().flat_map(Lookup::paid) {
                let Some(bucket) = asked.range.bucket_of(paid.at) else { continue };
                let limits = asked.range.limits.get(bucket).zip(asked.range.limits.get(bucket + 1));
                let Some((from, to)) = limits else { continue };
                other.paid.push(Paid {
                    category: Category::Lookups,
                    scope: scope(),
                    from: *from,
                    to: *to,
                    quantity: 1,
                    is_pending: paid.cost.is_none(),
                    amount: paid.cost,
                });
            }
        }
        self.rent(reader, asked, &mut other)?;
        Ok(other)
    }

    /// The rent of numbers, on the days of GMT that begin in the range.
    fn rent(&self, reader: &dyn Reader, asked: &Asked, into: &mut Other) -> Result<(), ApiError> {
        let mut unknown = 0;
        for account in self.accounts_of(reader, asked, &mut into.notes)? {
            let days = UsageDay::of(asked.range.from)..=UsageDay::of(asked.range.to);
            let kept = usage::kept(reader, account, days)?;
            let begins = |day: u32| (asked.range.from..asked.range.to).contains(&UsageDay::start(day));
            let last = UsageDay::of(self.now()).min(UsageDay::of(asked.range.to));
            let known: BTreeSet<u32> = kept.iter().map(|row| row.day).collect();
            let days = UsageDay::of(asked.range.from)..=last;
            unknown += days.filter(|day| begins(*day) && !known.contains(day)).count();
            for row in kept.iter().filter(|row| begins(row.day)) {
                let rent = row.records.iter().filter(|r| Subject::Numbers.categories().contains(&r.category.as_str()));
                for record in rent {
                    into.paid.push(Paid {
                        category: Category::Numbers,
                        scope: None,
                        from: UsageDay::start(row.day),
                        to: UsageDay::start(row.day.saturating_add(1)),
                        quantity: record.count,
                        is_pending: false,
                        amount: record.price.clone(),
                    });
                }
            }
        }
        if unknown > 0 {
            into.notes.push(format!(
                "the rent of numbers on {unknown} days is not known: Twilio has not been asked about them (`switchboard analytics fetch-usage` does)"
            ));
        }
        Ok(())
    }

    /// The accounts whose rent belongs to those that are asked about.
    fn accounts_of(&self, reader: &dyn Reader, asked: &Asked, notes: &mut Vec<String>) -> Result<Vec<Sid>, ApiError> {
        let Some(business) = asked.scope.business else {
            return Ok(self.clients()?.iter().map(crate::twilio::Client::account).collect());
        };
        let mut tenants: BTreeMap<Sid, BTreeSet<Id>> = BTreeMap::new();
        for endpoint in read_all::<Endpoint>(reader, &[])? {
            tenants.entry(endpoint.account).or_default().insert(endpoint.business);
        }
        tenants.retain(|_, businesses| businesses.contains(&business));
        if tenants.values().any(|businesses| businesses.len() > 1) {
            notes.push(
                "the rent of numbers is the account's, which several businesses share: it stands in the ledger of all"
                    .to_owned(),
            );
        }
        Ok(tenants.into_iter().filter(|(_, businesses)| businesses.len() == 1).map(|(account, _)| account).collect())
    }
}

impl Other {
    /// A line for each day, whose it is, kind and currency.
    pub(super) fn lines(&self, tells_whose: bool) -> Vec<LedgerLine> {
        let mut lines: Vec<LedgerLine> = Vec::new();
        for paid in &self.paid {
            let scope = paid.scope.clone().filter(|_| tells_whose);
            let unit = paid.amount.as_ref().map(|money| &money.unit);
            let same = |line: &&mut LedgerLine| {
                (line.from.0, line.category, &line.scope) == (paid.from, paid.category, &scope)
                    && line.amount.as_ref().map(|money| &money.unit) == unit
            };
            let pending = u64::from(paid.is_pending);
            match lines.iter_mut().find(same) {
                Some(line) => {
                    line.quantity += paid.quantity;
                    line.pending += pending;
                    line.amount = line.amount.take().map(|have| match &paid.amount {
                        Some(more) => have.plus(more).unwrap_or(have),
                        None => have,
                    });
                }
                None => lines.push(LedgerLine {
                    from: paid.from.into(),
                    to: paid.to.into(),
                    scope,
                    category: paid.category,
                    quantity: paid.quantity,
                    amount: paid.amount.clone(),
                    expected: None,
                    pending,
                }),
            }
        }
        lines
    }

    /// The sums of the range, kind by kind.
    pub(super) fn sums(&self) -> Vec<OtherCost> {
        let mut sums: Vec<OtherCost> = Vec::new();
        for category in [Category::Lookups, Category::Numbers] {
            let mut sum = OtherCost { category, quantity: 0, amounts: Vec::new(), pending: 0 };
            for paid in self.paid.iter().filter(|paid| paid.category == category) {
                sum.quantity += paid.quantity;
                sum.pending += u64::from(paid.is_pending);
                paid.amount.iter().for_each(|money| add(&mut sum.amounts, money));
            }
            if sum.quantity > 0 {
                sums.push(sum);
            }
        }
        sums
    }
}
