//! Verifications over time.

use super::view::{Chart, Target, View, moment};
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
    let line = |name: &'static str, role: Role, number: &dyn Fn(&VerifyBucket) -> Option<f64>| Series {
        name: Shown::from(name),
        role,
        points: answer.series.iter().map(|b| if is_ahead(b) { None } else { number(b) }).collect(),
    };
    let currency = answer.costs.currencies.first().map(|c| c.unit.clone()).unwrap_or_else(|| "USD".to_owned());
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
            let series = vec![line("channel and success fees", Role::Accent, &fees)];
            (Unit::Money(currency.clone()), series)
        }
        _ => {
            let asked = |b: &VerifyBucket| Some(b.funnel.requested as f64);
            let approved = |b: &VerifyBucket| Some(b.funnel.approved as f64);
            (Unit::Count, vec![line("requested", Role::Accent, &asked), line("approved", Role::Ok, &approved)])
        }
    };
    let moments = answer.series.iter().map(|b| moment(app.clock.zone(), answer.range.grain, b.from)).collect();
    let target = |b: &VerifyBucket| (b.funnel.requested > 0).then_some(Target::Bucket(b.from, b.to));
    let targets = answer.series.iter().map(target).collect();
    View { chart: Chart::Line(Line { unit, moments, series, at: None }), targets }
}
