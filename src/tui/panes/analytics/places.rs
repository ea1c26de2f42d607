//! Where verifications and messages go.

use super::Pivot;
use super::overview::{conversion, name, target};
use super::view::{Chart, View};
use crate::api::analytics::{MessageAnalytics, VerifyAnalytics};
use crate::tui::ink::Piece;
use crate::tui::shown::shown;
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{Place, Places, short};

/// Verifications by country.
pub fn codes(answer: &VerifyAnalytics) -> View {
    let rows = &answer.by_country;
    let places = rows.iter().map(|row| {
        let mut said = vec![(shown!("{:>5}  ", short(row.funnel.requested).as_str()), Role::Strong)];
        said.extend(conversion(&row.funnel));
        Place { code: row.key.clone(), n: row.funnel.requested, said }
    });
    view(places.collect(), rows.iter().map(|row| (row.key.as_str(), row.name.as_str())))
}

/// Messages by country.
pub fn texts(answer: &MessageAnalytics) -> View {
    let rows = &answer.by_country;
    let places = rows.iter().map(|row| {
        let n = row.counts.incoming + row.counts.outgoing;
        let said = vec![
            (shown!("{:>5}", short(n).as_str()), Role::Strong),
            (shown!("  in {} · out {}", short(row.counts.incoming), short(row.counts.outgoing)), Role::Text),
        ];
        Place { code: row.key.clone(), n, said }
    });
    view(places.collect(), rows.iter().map(|row| (row.key.as_str(), row.name.as_str())))
}

/// How many are on no list and no map, as their country is not known.
pub fn unplaced(all: u64, known: impl Iterator<Item = u64>, why: &'static str) -> Vec<Vec<Piece>> {
    let rest = all.saturating_sub(known.sum());
    let said = |n: u64| vec![(shown!("{} of {} have no country: {why}", short(n), short(all)), Role::Dim)];
    Some(rest).filter(|n| *n > 0).map(said).into_iter().collect()
}

fn view<'a>(places: Vec<Place>, keys: impl Iterator<Item = (&'a str, &'a str)>) -> View {
    let targets = keys.map(|(key, said)| target(Pivot::Country, key, name(Pivot::Country, key, said))).collect();
    View { chart: Chart::Places(Places { places, ..Places::default() }), targets }
}
