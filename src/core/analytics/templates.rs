//! How the templates of codes are used: counted from rollups; when last is read off the log's own order.

use std::collections::HashMap;

use super::asked::When as Asks;
use super::bad;
use super::gather::{ByValue, Want, gather};
use crate::api::verify::TemplateUse;
use crate::api::{ApiError, Caller, When};
use crate::core::rows::verify::series;
use crate::core::{Core, broken};
use crate::domain::analytics::{Dim, Family, Funnel, Range};
use crate::domain::id::{Id, Sid};
use crate::domain::time::{Span, Time};
use crate::store::{Index, Order, PageQuery, Reader};

/// Bytes of an entry of the log behind the moment: the id of the send.
const ID: usize = 8;

impl Core {
    /// How each of these templates is used by a business, or by all of them; and from when on that is counted.
    /// A caller who is limited to one business is refused all of them.
    pub(in crate::core) fn template_uses(
        &self,
        caller: &Caller,
        business: Option<Id>,
        days: u32,
        templates: &[Sid],
    ) -> Result<(When, HashMap<Sid, TemplateUse>), ApiError> {
        let reader = self.reader()?;
        let when = Asks { from: &None, to: &None, zone: &None, grain: None };
        let asked = self.asked(&*reader, caller, business, business.is_none(), &when)?;
        let to = asked.range.to;
        let from = to - Span::secs(i64::from(days) * 86_400);
        let range = Range::new(from, to, asked.range.zone.clone(), None).map_err(|e| bad(&e))?;
        let want = Want { family: Family::Verify, filter: &[], range: &range, pivots: &[Dim::Template] };
        let mut sums = ByValue::new();
        let mut uses: HashMap<Sid, TemplateUse> = HashMap::new();
        for business in &asked.businesses {
            let mut gathered = gather(&*reader, business.id, &want)?;
            for (value, more) in gathered.pivots.remove(&Dim::Template).unwrap_or_default() {
                sums.entry(value).or_default().join(&more);
            }
            for sid in templates {
                let last = last_used(&*reader, business.id, *sid)?.map(When);
                let one = uses.entry(*sid).or_default();
                one.last_used = one.last_used.max(last);
            }
        }
        for (sid, one) in &mut uses {
            let Some(sums) = sums.get(&sid.to_string()) else { continue };
            let funnel = Funnel::of(sums);
            (one.sends, one.verifications, one.approved) = (funnel.sends, funnel.requested, funnel.approved);
            one.conversion = funnel.approved_of_unblocked;
        }
        Ok((When(range.from), uses))
    }
}

/// When a business asked for a code with a template last.
fn last_used(reader: &dyn Reader, business: Id, template: Sid) -> Result<Option<Time>, ApiError> {
    let prefix = [&business.to_key()[..], &[series::BY_TEMPLATE], template.to_string().as_bytes()].concat();
    let query = PageQuery { index: Index::VerifyLog, prefix: &prefix, after: None, order: Order::Falling, limit: 1 };
    let keys = reader.page(&query).map_err(broken)?;
    let moment = |key: &Vec<u8>| key.get(prefix.len()..key.len().checked_sub(ID)?)?.try_into().ok().map(Time::from_key);
    Ok(keys.first().and_then(moment))
}
