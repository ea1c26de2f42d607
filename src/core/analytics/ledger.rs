//! The ledger of a business, the recount of all figures, and reports.

use super::asked::{Asked, When, range_view};
use super::bad;
use super::gather::{Want, gather};
use crate::api::analytics::{
    Category, Costs, GetMessageAnalytics, GetVerifyAnalytics, Ledger, LedgerLine, ListLedger, MessageCounts, Recounted,
    Scope,
};
use crate::api::report::{Figures, GetReport, Report, write};
use crate::api::{ApiError, Caller, Code};
use crate::core::{Core, broken, recount};
use crate::domain::analytics::{Dim, Family, Grain, Range, Sums, kinds};
use crate::domain::verification::Channel;
use crate::store::Reader;

impl Core {
    pub(in crate::core) fn list_ledger(&self, caller: &Caller, input: &ListLedger) -> Result<Ledger, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let when = When { from: &input.from, to: &input.to, zone: &input.zone, grain: Some(Grain::Day) };
        let asked = self.asked(&*reader, caller, input.business, input.all, &when)?;
        let other = self.others(&*reader, &asked)?;
        let mut items = lines(&*reader, &asked, input.all)?;
        items.extend(other.lines(input.all));
        let whose = |line: &LedgerLine| line.scope.as_ref().and_then(|scope| scope.business);
        items.sort_by_key(|line| (line.from, whose(line), line.category));
        Ok(Ledger { range: range_view(&asked.range), scope: asked.scope, items, notes: other.notes, as_of })
    }

    pub(in crate::core) async fn recount_analytics(&self) -> Result<Recounted, ApiError> {
        let core = self.clone();
        let work = move || {
            let reader = core.reader()?;
            recount::verify_rollups(&*reader).map_err(broken)
        };
        let ended = |_| ApiError::new(Code::Internal, "the recount broke off inside the node; its log says where");
        let (rows, differences) = tokio::task::spawn_blocking(work).await.map_err(ended)??;
        let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
        Ok(Recounted { ok: differences.is_empty(), rows, differences })
    }

    pub(in crate::core) fn report(&self, caller: &Caller, input: &GetReport) -> Result<Report, ApiError> {
        let (mut from, mut to) = (input.from.clone(), input.to.clone());
        if input.week || input.month {
            if from.is_some() || to.is_some() || (input.week && input.month) {
                return Err(ApiError::field("week", "give one of: a week, a month, or `from` and `to`"));
            }
            let reader = self.reader()?;
            let when = When { from: &None, to: &None, zone: &input.zone, grain: None };
            let zone = self.asked(&*reader, caller, input.business, input.all, &when)?.range.zone;
            let grain = if input.week { Grain::Week } else { Grain::Month };
            let last = Range::last_whole(zone, grain, self.now()).map_err(|e| bad(&e))?;
            (from, to) = (Some(last.from.rfc3339()), Some(last.to.rfc3339()));
        }
        let (business, all, zone) = (input.business, input.all, input.zone.clone());
        let asked = GetVerifyAnalytics { business, all, from, to, zone, ..GetVerifyAnalytics::default() };
        let verifications = self.verify_analytics(caller, &asked)?;
        let GetVerifyAnalytics { from, to, zone, .. } = asked;
        let asked = GetMessageAnalytics { business, all, from, to, zone, ..GetMessageAnalytics::default() };
        let messages = self.message_analytics(caller, &asked)?;
        let GetMessageAnalytics { from, to, zone, .. } = asked;
        let ledger = self.list_ledger(caller, &ListLedger { business, all, from, to, zone })?;
        let figures = Figures { verifications, messages, ledger };
        let failed = |why| ApiError::new(Code::Internal, format!("the report could not be written: {why}"));
        write(input.format.unwrap_or_default(), &figures).map_err(failed)
    }
}

/// The lines of a ledger, a day after the other.
fn lines(reader: &dyn Reader, asked: &Asked, tells_whose: bool) -> Result<Vec<LedgerLine>, ApiError> {
    let range = &asked.range;
    let mut all = Vec::new();
    for business in &asked.businesses {
        let mut lines = Vec::new();
        let series = |family, filter: &[_]| {
            let want = Want { family, filter, range, pivots: &[] };
            gather(reader, business.id, &want).map(|gathered| gathered.series)
        };
        for channel in Channel::ALL {
            let category = match channel {
                Channel::Sms => Category::VerifySms,
                Channel::Call => Category::VerifyCall,
                Channel::Whatsapp => Category::VerifyWhatsapp,
                Channel::Email => Category::VerifyEmail,
            };
            let filter = [(Dim::Channel, channel.word().to_owned())];
            let days = series(Family::Verify, &filter)?;
            add(&mut lines, range, category, &days, |sums| sums.count(kinds::SENDS));
        }
        let days = series(Family::Verify, &[])?;
        add(&mut lines, range, Category::VerifySuccess, &days, |sums| sums.count(kinds::APPROVED));
        let days = series(Family::Messages, &[])?;
        add(&mut lines, range, Category::Messages, &days, |sums| MessageCounts::of(sums).outgoing);
        if tells_whose {
            let scope = Scope { business: Some(business.id), name: business.name.clone() };
            lines.iter_mut().for_each(|line| line.scope = Some(scope.clone()));
        }
        all.append(&mut lines);
    }
    Ok(all)
}

fn add(lines: &mut Vec<LedgerLine>, range: &Range, category: Category, days: &[Sums], of: impl Fn(&Sums) -> u64) {
    let success = category == Category::VerifySuccess;
    for (limits, sums) in range.limits.windows(2).zip(days) {
        let costs = Costs::of(sums);
        let pending = if success { costs.fees_unknown } else { costs.pending };
        let line = LedgerLine {
            from: limits[0].into(),
            to: limits[1].into(),
            scope: None,
            category,
            quantity: of(sums),
            amount: None,
            expected: None,
            pending,
        };
        let before = lines.len();
        for currency in costs.currencies {
            let (amount, expected) = if success {
                (Some(currency.success_fees), None)
            } else {
                (Some(currency.charged), Some(currency.expected).filter(|money| !money.is_zero()))
            };
            let amount = amount.filter(|money| !money.is_zero());
            if amount.is_some() || expected.is_some() {
                lines.push(LedgerLine { amount, expected, ..line.clone() });
            }
        }
        if lines.len() == before && line.quantity > 0 {
            lines.push(line);
        }
    }
}
