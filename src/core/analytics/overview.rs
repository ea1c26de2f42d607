//! All businesses by their health.

use super::asked::{When, range_view};
use super::gather::{Want, gather};
use super::{messages, verify};
use crate::api::analytics::{BusinessHealth, GetOverview, Health, Overview};
use crate::api::{ApiError, Caller};
use crate::core::{Core, views};
use crate::domain::analytics::{Costs, Family, Funnel, MessageCounts};

impl Core {
    pub(in crate::core) fn overview(&self, caller: &Caller, input: &GetOverview) -> Result<Overview, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let when = When { from: &input.from, to: &input.to, zone: &input.zone, grain: None };
        let asked = self.asked(&*reader, caller, None, true, &when)?;
        let mut businesses = Vec::with_capacity(asked.businesses.len());
        for business in asked.businesses {
            let want = |family| Want { family, filter: &[], range: &asked.range, pivots: &[] };
            let verified = gather(&*reader, business.id, &want(Family::Verify))?;
            let written = gather(&*reader, business.id, &want(Family::Messages))?;
            let (funnel, counts) = (Funnel::of(&verified.total), MessageCounts::of(&written.total));
            let waiting_now = views::counts(&*reader, business.id, "")?.waiting;
            let ((bad, mut why), (worse, more)) = (verify::trouble(&funnel), messages::trouble(&counts));
            why.extend(more);
            let is_idle = verified.total.is_empty() && written.total.is_empty();
            businesses.push(BusinessHealth {
                health: match (is_idle, bad || worse, why.is_empty()) {
                    (true, ..) => Health::Idle,
                    (_, true, _) => Health::Bad,
                    (_, false, false) => Health::Watch,
                    (_, false, true) => Health::Good,
                },
                business: business.id,
                name: business.name,
                deleted: business.deleted,
                why,
                verify_costs: Costs::of(&verified.total),
                message_costs: Costs::of(&written.total),
                funnel,
                messages: counts,
                waiting_now,
            });
        }
        let used = |b: &BusinessHealth| b.funnel.requested + b.messages.incoming + b.messages.outgoing;
        businesses
            .sort_by(|a, b| a.health.cmp(&b.health).then(used(b).cmp(&used(a))).then(a.business.cmp(&b.business)));
        Ok(Overview { range: range_view(&asked.range), businesses, as_of })
    }
}
