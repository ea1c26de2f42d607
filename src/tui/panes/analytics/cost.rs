//! What verifications cost, with the sums written out.

use rust_decimal::Decimal;

use super::overview::{name, of, target};
use super::view::{Chart, View};
use super::{Analytics, Pivot, twin};
use crate::api::analytics::{Category, Costs, Currency, OtherCost, VerifyAnalytics, VerifySlice};
use crate::tui::ink::Piece;
use crate::tui::shown::{Shown, shown};
use crate::tui::theme::Role;
use crate::tui::widgets::chart::{Bar, Bars};

/// A bar for each row of the pivot: what it cost in the currency in which most was spent.
pub fn view(analytics: &Analytics, answer: &VerifyAnalytics) -> View {
    let pivot = analytics.pivot();
    let most = answer.costs.currencies.iter().max_by_key(|c| c.total.nanos()).map(|c| c.unit.clone());
    let unit = most.unwrap_or_default();
    let rows = of(pivot, answer);
    let bar = |row: &VerifySlice| {
        let cost = row.costs.currencies.iter().find(|c| c.unit == unit);
        Bar {
            label: name(pivot, &row.key, &row.name),
            value: cost.and_then(|c| f64::try_from(c.total.amount).ok()),
            said: said(&row.costs),
            role: Role::Accent,
        }
    };
    let bars = Bars { rows: rows.iter().map(bar).collect(), ..Bars::default() };
    let targets = rows.iter().map(|row| target(pivot, &row.key, name(pivot, &row.key, &row.name))).collect();
    View { chart: Chart::Bars(bars, twin::costs(pivot, rows, &answer.costs)), targets }
}

/// `$7.0871 · $0.0595 each · 3 pending`.
fn said(costs: &Costs) -> Vec<Piece> {
    let mut said = Vec::new();
    for currency in &costs.currencies {
        said.push((shown!("{}", currency.total), Role::Strong));
        let each = currency.per_conversion.as_ref().map(|each| shown!(" · {each} each"));
        said.extend(each.map(|each| (each, Role::Text)));
        said.push((Shown::from("  "), Role::Text));
    }
    if costs.pending > 0 {
        said.push((shown!("{} pending", costs.pending), Role::Warn));
    } else if said.is_empty() {
        said.push((Shown::from("nothing charged"), Role::Dim));
    }
    said
}

/// The sums, currency by currency.
pub fn lines(answer: &VerifyAnalytics) -> Vec<Vec<Piece>> {
    let costs = &answer.costs;
    let mut lines = Vec::new();
    for currency in &costs.currencies {
        let terms = terms(&answer.by_channel, currency);
        lines.push(sum("channel fees", &terms, &currency.charged.to_string()));
        let fee = times(answer.funnel.approved, currency.success_fees.amount, 2);
        lines.push(sum("success fees", fee.as_slice(), &currency.success_fees.to_string()));
        let mut total = vec![(Shown::from("total "), Role::Dim), (shown!("{}", currency.total), Role::Strong)];
        if let Some(each) = &currency.per_conversion {
            total.push((Shown::from(" · cost per conversion "), Role::Dim));
            total.push((shown!("{each}"), Role::Strong));
        }
        lines.push(total);
    }
    if costs.currencies.is_empty() {
        lines.push(vec![(Shown::from("nothing was charged"), Role::Dim)]);
    }
    let expected: Vec<String> =
        costs.currencies.iter().filter(|c| !c.expected.is_zero()).map(|c| c.expected.to_string()).collect();
    lines.push(match (costs.pending, expected.is_empty()) {
        (0, _) => vec![(Shown::from("0 pending: every price is known"), Role::Dim)],
        (n, true) => vec![(shown!("{n} pending: their price is not known, they are in no total"), Role::Warn)],
        (n, false) => {
            let text = shown!("{n} pending: about {} more, in no total", expected.join(" + "));
            vec![(text, Role::Warn)]
        }
    });
    lines.extend(answer.others.iter().map(other));
    if costs.fees_unknown > 0 {
        let text = shown!("{} right codes have a fee that the rate card does not know", costs.fees_unknown);
        lines.push(vec![(text, Role::Warn)]);
    }
    lines
}

/// `besides: 3 lookups $0.0240 by the rate card`.
fn other(other: &OtherCost) -> Vec<Piece> {
    let (what, by) = match other.category {
        Category::Numbers => ("numbers' rent", "by Twilio's records"),
        _ => ("lookups", "by the rate card"),
    };
    let mut parts: Vec<String> = other.amounts.iter().map(ToString::to_string).collect();
    if other.pending > 0 {
        parts.push(format!("{} pending", other.pending));
    }
    vec![
        (shown!("besides: {} {what} ", other.quantity), Role::Dim),
        (shown!("{}", parts.join(" + ")), Role::Strong),
        (shown!(" {by}, in no total"), Role::Dim),
    ]
}

fn sum(what: &'static str, terms: &[String], result: &str) -> Vec<Piece> {
    let written = terms.join(" + ");
    let equals = if written.is_empty() { "" } else { " = " };
    vec![(shown!("{what} "), Role::Dim), (shown!("{written}{equals}"), Role::Text), (Shown::of(result), Role::Strong)]
}

/// `137×0.0083`, channel by channel; a channel whose sends had several prices as one amount.
fn terms(slices: &[VerifySlice], currency: &Currency) -> Vec<String> {
    let term = |slice: &VerifySlice| {
        let charged = slice.costs.currencies.iter().find(|c| c.unit == currency.unit)?.charged.amount;
        if charged.is_zero() {
            return None;
        }
        let funnel = &slice.funnel;
        let counts = [funnel.sends, funnel.sends.saturating_sub(funnel.blocked), funnel.sent + funnel.resends];
        let written = counts.into_iter().find_map(|n| times(n, charged, 4));
        let plain = || format!("{} {}", name(Pivot::Channel, &slice.key, &slice.name), charged.normalize());
        Some(written.unwrap_or_else(plain))
    };
    slices.iter().filter_map(term).collect()
}

/// `165×0.05`, if so many times a price of at most six places is exactly the amount.
fn times(n: u64, amount: Decimal, least: u32) -> Option<String> {
    let each = amount.checked_div(Decimal::from(n))?.round_dp(6).normalize();
    let exact = each.checked_mul(Decimal::from(n))? == amount && !amount.is_zero();
    let places = each.scale().max(least) as usize;
    exact.then(|| format!("{n}×{each:.places$}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_written_out_only_where_it_is_exact() {
        let amount = |text: &str| text.parse::<Decimal>().unwrap();
        assert_eq!(times(137, amount("1.1371"), 4).as_deref(), Some("137×0.0083"));
        assert_eq!(times(30, amount("0.42"), 4).as_deref(), Some("30×0.0140"));
        assert_eq!(times(165, amount("8.25"), 2).as_deref(), Some("165×0.05"));
        assert_eq!(times(3, amount("0.01"), 4), None);
        assert_eq!((times(0, amount("1"), 4), times(5, amount("0"), 4)), (None, None));
    }
}
