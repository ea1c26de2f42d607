//! The twins of bars: the same rows as a table, a column for each number.

use super::Pivot;
use super::overview::name;
use crate::api::analytics::{
    AgentLoad, BusinessHealth, Costs, Currency, Histogram, MessageSlice, Percent, VerifyBefore, VerifySlice,
};
use crate::tui::shown::{Shown, shown};
use crate::tui::widgets::chart::{Table, Unit};

/// What the rows of a pivot are.
fn word(pivot: Pivot) -> &'static str {
    match pivot {
        Pivot::Channel | Pivot::Speed => "channel",
        Pivot::Country => "country",
        Pivot::Carrier => "carrier",
        Pivot::Template => "template",
        Pivot::Error => "error",
        Pivot::Business => "business",
        Pivot::Sender => "our number",
        Pivot::Agent => "agent",
        _ => "which",
    }
}

fn number(n: u64) -> Shown {
    shown!("{n}")
}

fn percent(percent: Option<Percent>) -> Shown {
    percent.map(|percent| shown!("{percent}")).unwrap_or_else(|| Shown::from("–"))
}

fn millis(millis: Option<u64>) -> Shown {
    millis.map(|millis| Unit::Seconds.show(millis as f64 / 1000.0)).unwrap_or_else(|| Shown::from("–"))
}

/// Verifications by how many of them were approved.
pub fn conversions(pivot: Pivot, rows: &[VerifySlice]) -> Table {
    let mut table = Table::of(&[
        word(pivot),
        "requested",
        "blocked",
        "approved",
        "of all",
        "excl. blocked",
        "expired",
        "max checks",
    ]);
    let row = |row: &VerifySlice| {
        let f = &row.funnel;
        vec![
            name(pivot, &row.key, &row.name),
            number(f.requested),
            number(f.blocked),
            number(f.approved),
            percent(f.approved_of_all),
            percent(f.approved_of_unblocked),
            number(f.expired),
            number(f.max_checks),
        ]
    };
    table.rows = rows.iter().map(row).collect();
    table
}

/// Verifications by what they cost: a group of columns for each currency.
pub fn costs(pivot: Pivot, rows: &[VerifySlice], all: &Costs) -> Table {
    let mut titles = vec![word(pivot).to_owned()];
    for currency in &all.currencies {
        let unit = &currency.unit;
        titles.extend([
            format!("total {unit}"),
            format!("each {unit}"),
            format!("channel {unit}"),
            format!("success {unit}"),
        ]);
    }
    titles.extend(["approved".to_owned(), "pending".to_owned()]);
    let mut table = Table::of(&titles.iter().map(String::as_str).collect::<Vec<_>>());
    let row = |row: &VerifySlice| {
        let mut cells = vec![name(pivot, &row.key, &row.name)];
        for unit in all.currencies.iter().map(|currency| &currency.unit) {
            let of: Option<&Currency> = row.costs.currencies.iter().find(|currency| currency.unit == *unit);
            let cell = |money: Option<String>| money.map_or_else(|| Shown::from("–"), Shown::from);
            cells.extend([
                cell(of.map(|c| c.total.to_string())),
                cell(of.and_then(|c| c.per_conversion.as_ref()).map(ToString::to_string)),
                cell(of.map(|c| c.charged.to_string())),
                cell(of.map(|c| c.success_fees.to_string())),
            ]);
        }
        cells.extend([number(row.funnel.approved), number(row.costs.pending)]);
        cells
    };
    table.rows = rows.iter().map(row).collect();
    table
}

/// How long codes took by channel, and before.
pub fn speed(rows: &[VerifySlice], before: Option<&VerifyBefore>) -> Table {
    let mut table = Table::of(&[word(Pivot::Speed), "approved", "p50", "p95", "p50 before", "p95 before"]);
    let row = |row: &VerifySlice| {
        let now = row.time_to_verify.clone().unwrap_or_default();
        let was = earlier(row, before).cloned().unwrap_or_default();
        vec![
            name(Pivot::Channel, &row.key, &row.name),
            number(now.count),
            millis(now.p50_millis),
            millis(now.p95_millis),
            millis(was.p50_millis),
            millis(was.p95_millis),
        ]
    };
    table.rows = rows.iter().map(row).collect();
    table
}

/// How long it took in the time before.
pub fn earlier<'a>(row: &VerifySlice, before: Option<&'a VerifyBefore>) -> Option<&'a Histogram> {
    let was = before?.by_channel.iter().find(|was| was.key == row.key)?;
    was.time_to_verify.as_ref().filter(|was| was.count > 0)
}

/// Messages by how many there were.
pub fn messages(pivot: Pivot, rows: &[MessageSlice]) -> Table {
    let mut table = Table::of(&[word(pivot), "in", "out", "delivered", "failed", "of out", "cost"]);
    let row = |row: &MessageSlice| {
        let c = &row.counts;
        let cost: Vec<String> = row.costs.currencies.iter().map(|c| c.total.to_string()).collect();
        vec![
            name(pivot, &row.key, &row.name),
            number(c.incoming),
            number(c.outgoing),
            number(c.delivered),
            number(c.failed),
            percent(c.failed_of_outgoing),
            if cost.is_empty() { Shown::from("–") } else { Shown::from(cost.join(" + ")) },
        ]
    };
    table.rows = rows.iter().map(row).collect();
    table
}

/// How much each agent did.
pub fn agents(rows: &[AgentLoad]) -> Table {
    let mut table = Table::of(&[word(Pivot::Agent), "written", "open now", "first answers", "p50", "p95"]);
    let row = |row: &AgentLoad| {
        let answers = &row.first_response;
        vec![
            Shown::of(&row.agent),
            number(row.counts.outgoing),
            number(row.open_now),
            number(answers.count),
            millis(answers.p50_millis),
            millis(answers.p95_millis),
        ]
    };
    table.rows = rows.iter().map(row).collect();
    table
}

/// How businesses do; `health` says it in a word.
pub fn businesses(rows: &[BusinessHealth], health: impl Fn(&BusinessHealth) -> Shown) -> Table {
    let mut table = Table::of(&[
        word(Pivot::Business),
        "health",
        "requested",
        "approved",
        "of all",
        "texts in",
        "texts out",
        "waiting",
    ]);
    table.columns[1].is_number = false;
    let row = |row: &BusinessHealth| {
        vec![
            Shown::of(&row.name),
            health(row),
            number(row.funnel.requested),
            number(row.funnel.approved),
            percent(row.funnel.approved_of_all),
            number(row.messages.incoming),
            number(row.messages.outgoing),
            number(row.waiting_now),
        ]
    };
    table.rows = rows.iter().map(row).collect();
    table
}
