//! Whom and which range a question is about.

use super::bad;
use crate::api::analytics::{RangeView, Scope};
use crate::api::{ApiError, Caller};
use crate::core::call::for_all;
use crate::core::rows::business_key;
use crate::core::{Core, read, read_all};
use crate::domain::analytics::{Dim, Grain, Range, Zone};
use crate::domain::business::Business;
use crate::domain::id::Id;
use crate::store::Reader;

/// A business that is counted, deleted or not.
pub(super) struct Counted {
    pub(super) id: Id,
    pub(super) name: String,
    pub(super) deleted: bool,
    pub(super) zone: String,
}

impl Counted {
    fn of(row: Business) -> Counted {
        let deleted = row.deleted_at.is_some();
        let name = if deleted { format!("{} (deleted)", row.name) } else { row.name };
        Counted { id: row.id, name, deleted, zone: row.time_zone }
    }
}

/// What is asked, understood.
pub(super) struct Asked {
    /// Those it is about; several only when all are meant.
    pub(super) businesses: Vec<Counted>,
    pub(super) scope: Scope,
    pub(super) range: Range,
}

/// The fields that say which range.
pub(super) struct When<'a> {
    pub(super) from: &'a Option<String>,
    pub(super) to: &'a Option<String>,
    pub(super) zone: &'a Option<String>,
    pub(super) grain: Option<Grain>,
}

impl Core {
    /// Understands whose figures of which range are asked for.
    pub(super) fn asked(
        &self,
        reader: &dyn Reader,
        caller: &Caller,
        business: Option<Id>,
        all: bool,
        when: &When<'_>,
    ) -> Result<Asked, ApiError> {
        let (businesses, scope) = if all {
            for_all(caller, "leave out `all`")?;
            if business.is_some() {
                return Err(ApiError::field("all", "give either one business, or all of them"));
            }
            (all_businesses(reader)?, Scope { business: None, name: "all businesses".to_owned() })
        } else {
            let one = self.counted(reader, caller, business)?;
            let scope = Scope { business: Some(one.id), name: one.name.clone() };
            (vec![one], scope)
        };
        let own = match businesses.first() {
            Some(one) if !all => one.zone.clone(),
            _ => self.default_zone(reader)?,
        };
        let zone = Zone::named(when.zone.as_deref().unwrap_or(&own)).map_err(|e| bad(&e))?;
        let range = Range::read(when.from.as_deref(), when.to.as_deref(), zone, when.grain, self.now());
        Ok(Asked { businesses, scope, range: range.map_err(|e| bad(&e))? })
    }

    /// The business that is meant; a deleted one still has its figures.
    fn counted(&self, reader: &dyn Reader, caller: &Caller, named: Option<Id>) -> Result<Counted, ApiError> {
        let id = match named.or(caller.business) {
            Some(id) => id,
            None => self.default_business()?,
        };
        self.allow(caller, id)?;
        let row: Option<Business> = read(reader, &business_key(id))?;
        row.map(Counted::of).ok_or_else(|| ApiError::not_found(format!("business {id}")))
    }

    /// The zone of the default business; none when there is no business yet.
    fn default_zone(&self, reader: &dyn Reader) -> Result<String, ApiError> {
        let Ok(id) = self.default_business() else { return Ok(String::new()) };
        let row: Option<Business> = read(reader, &business_key(id))?;
        Ok(row.map(|row| row.time_zone).unwrap_or_default())
    }
}

fn all_businesses(reader: &dyn Reader) -> Result<Vec<Counted>, ApiError> {
    Ok(read_all(reader, &[])?.into_iter().map(Counted::of).collect())
}

/// The range as callers see it.
pub(super) fn range_view(range: &Range) -> RangeView {
    RangeView { from: range.from.into(), to: range.to.into(), zone: range.zone.name.clone(), grain: range.grain }
}

/// A filter of the values that were given.
pub(super) fn filter(values: impl IntoIterator<Item = (Dim, Option<String>)>) -> Vec<(Dim, String)> {
    let given = values.into_iter().filter_map(|(dim, value)| Some((dim, value?.trim().to_owned())));
    let mut filter: Vec<(Dim, String)> = given.filter(|(_, value)| !value.is_empty()).collect();
    for (dim, value) in &mut filter {
        if *dim == Dim::Country {
            value.make_ascii_uppercase();
        }
    }
    filter
}
