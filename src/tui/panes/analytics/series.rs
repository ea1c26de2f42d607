//! Verifications over time.

use super::view::{Chart, Target, View, moments};
use super::{Pivot, overview};
use crate::api::analytics::{VerifyAnalytics, VerifyBucket};
use crate::tui::app::App;
use crate::tui::shown::Shown;
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{Line, Series, Unit};

/// The lines of what is drawn; what lies ahead of now is a gap, not nothing.
pub fn view(app: &App, answer: &VerifyAnalytics) -> View {
    let now = app.clock.now();
    let is_ahead = |bucket: &VerifyBucket| now.is_some_and(|now| bucket.from.0 > now);
    let line = |name: &str, role: Role, number: &dyn Fn(&VerifyBucket) -> Option<f64>| Series {
        name: Shown::of(name),
        role,
        points: answer.series.iter().map(|b| if is_ahead(b) { None } else { number(b) }).collect(),
    };
    // One scale has one currency: that in which most was spent. Of the others it is said that they are not in it.
    let most = answer.costs.currencies.iter().max_by_key(|c| c.total.nanos());
    let currency = most.map_or_else(|| "USD".to_owned(), |c| c.unit.clone());
    let others: Vec<&str> =
        answer.costs.currencies.iter().map(|c| c.unit.as_str()).filter(|unit| *unit != currency).collect();
    let apart =
        if others.is_empty() { String::new() } else { format!(" in {currency}, without {}", others.join(", ")) };
    let (unit, series) = match app.rooms.analytics.pivot() {
        Pivot::Rate => {
            let rate = |b: &VerifyBucket| b.funnel.approved_of_all.map(overview::number);
            (Unit::Percent, vec![line("approved of all", Role::Accent, &rate)])
        }
        Pivot::Fees => {
            let fees = |b: &VerifyBucket| {
                let of = b.costs.currencies.iter().find(|c| c.unit == currency);
                Some(of.map_or(0.0, |c| f64::try_from(c.total.amount).unwrap_or(0.0)))
            };
            let series = vec![line(&format!("channel and success fees{apart}"), Role::Accent, &fees)];
            (Unit::Money(currency.clone()), series)
        }
        Pivot::Each => {
            // Nothing approved is no price: there is a gap.
            let each = |b: &VerifyBucket| {
                let of = b.costs.currencies.iter().find(|c| c.unit == currency)?;
                of.per_conversion.as_ref().and_then(|each| f64::try_from(each.amount).ok())
            };
            (Unit::Money(currency.clone()), vec![line(&format!("each approved one{apart}"), Role::Accent, &each)])
        }
        _ => {
            let asked = |b: &VerifyBucket| Some(b.funnel.requested as f64);
            let approved = |b: &VerifyBucket| Some(b.funnel.approved as f64);
            (Unit::Count, vec![line("requested", Role::Accent, &asked), line("approved", Role::Ok, &approved)])
        }
    };
    let moments = moments(app.clock.zone(), answer.range.grain, answer.series.iter().map(|b| b.from));
    let target = |b: &VerifyBucket| (b.funnel.requested > 0).then_some(Target::Bucket(b.from, b.to));
    let targets = answer.series.iter().map(target).collect();
    View { chart: Chart::Line(Line { unit, moments, series, at: None }), targets }
}
