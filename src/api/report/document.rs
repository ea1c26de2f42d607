//! The document behind a report: tables of texts, each number as the operations answer it.

use super::Figures;
use crate::api::analytics::{Category, Costs, Funnel, Histogram, Ledger, LedgerLine, MessageCounts, OtherCost};
use crate::api::transcript::cell;
use crate::domain::money::Money;
use crate::domain::shown::shown;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What it is about.
    pub title: String,
    /// What stands in the columns; the first names the row.
    pub columns: Vec<String>,
    /// The rows, each as long as the columns.
    pub rows: Vec<Vec<String>>,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// The day or moment it begins.
    pub from: String,
    /// The first one that does not belong to it.
    pub to: String,
    /// The zone.
    pub zone: String,
    /// The tables, in order.
    pub tables: Vec<Table>,
}

const FUNNEL: [&str; 16] = [
    "requested",
    "blocked",
    "sent",
    "delivered",
    "checked",
    "approved",
    "expired",
    "max checks",
    "canceled",
    "failed",
    "waiting",
    "approved % of all",
    "approved % excl. blocked",
    "sends",
    "resends",
    "wrong codes",
];
const COSTS: [&str; 7] = ["currency", "charged", "expected", "success fees", "total", "per conversion", "pending"];
const SPANS: [&str; 3] = ["measured", "p50 ms", "p95 ms"];
const MESSAGES: [&str; 7] = ["incoming", "outgoing", "delivered", "failed", "failed %", "segments in", "segments out"];

fn funnel(f: &Funnel) -> Vec<String> {
    let share = |share: &Option<crate::api::analytics::Percent>| share.map(|p| p.0.to_string()).unwrap_or_default();
    let counts = [
        f.requested,
        f.blocked,
        f.sent,
        f.delivered,
        f.checked,
        f.approved,
        f.expired,
        f.max_checks,
        f.canceled,
        f.failed,
        f.waiting,
    ];
    let mut cells: Vec<String> = counts.iter().map(u64::to_string).collect();
    cells.extend([share(&f.approved_of_all), share(&f.approved_of_unblocked)]);
    cells.extend([f.sends, f.resends, f.wrong_codes].iter().map(u64::to_string));
    cells
}

/// A row for each currency; one without any when only pending things are there, none when there is nothing.
fn costs(name: &str, costs: &Costs) -> Vec<Vec<String>> {
    let amount = |money: &Money| money.amount.to_string();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for c in &costs.currencies {
        let each = c.per_conversion.as_ref().map(amount).unwrap_or_default();
        let amounts = [amount(&c.charged), amount(&c.expected), amount(&c.success_fees), amount(&c.total), each];
        let mut row = vec![name.to_owned(), c.unit.clone()];
        row.extend(amounts);
        row.push(costs.pending.to_string());
        rows.push(row);
    }
    if rows.is_empty() && costs.pending > 0 {
        let mut row = vec![name.to_owned()];
        row.extend(std::iter::repeat_n(String::new(), 6));
        row.push(costs.pending.to_string());
        rows.push(row);
    }
    rows
}

/// A category as it stands in JSON.
fn word(category: Category) -> String {
    serde_json::to_value(category).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A row for each currency; one without any while no price is known.
fn others(other: &OtherCost) -> Vec<Vec<String>> {
    let row = |money: Option<&Money>| {
        let unit = money.map(|money| money.unit.clone()).unwrap_or_default();
        let amount = money.map(|money| money.amount.to_string()).unwrap_or_default();
        vec![word(other.category), other.quantity.to_string(), unit, amount, other.pending.to_string()]
    };
    if other.amounts.is_empty() { vec![row(None)] } else { other.amounts.iter().map(|m| row(Some(m))).collect() }
}

/// The lines of a ledger, and whose each is where it may be anybody's.
fn ledger(ledger: &Ledger, of_all: bool) -> Option<Table> {
    let money = |money: &Option<Money>| money.as_ref().map(|m| m.amount.to_string()).unwrap_or_default();
    let row = |line: &LedgerLine| {
        let mut cells = vec![line.from.0.rfc3339()];
        if of_all {
            cells.push(line.scope.as_ref().map(|scope| scope.name.clone()).unwrap_or_default());
        }
        let unit = line.amount.as_ref().or(line.expected.as_ref()).map(|m| m.unit.clone());
        cells.extend([
            word(line.category),
            line.quantity.to_string(),
            unit.unwrap_or_default(),
            money(&line.amount),
            money(&line.expected),
            line.pending.to_string(),
        ]);
        cells
    };
    let mut columns = vec!["category", "quantity", "currency", "amount", "expected", "pending"];
    if of_all {
        columns.insert(0, "business");
    }
    table("Ledger", "from", &columns, ledger.items.iter().map(row).collect())
}

fn spans(h: &Histogram) -> Vec<String> {
    let millis = |span: Option<u64>| span.map(|ms| ms.to_string()).unwrap_or_default();
    vec![h.count.to_string(), millis(h.p50_millis), millis(h.p95_millis)]
}

fn messages(m: &MessageCounts) -> Vec<String> {
    let share = m.failed_of_outgoing.map(|p| p.0.to_string()).unwrap_or_default();
    let mut cells: Vec<String> = [m.incoming, m.outgoing, m.delivered, m.failed].iter().map(u64::to_string).collect();
    cells.push(share);
    cells.extend([m.segments_in, m.segments_out].iter().map(u64::to_string));
    cells
}

fn table(title: &str, first: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Option<Table> {
    let columns = std::iter::once(&first).chain(columns).map(|c| (*c).to_owned()).collect();
    (!rows.is_empty()).then(|| Table { title: title.to_owned(), columns, rows })
}

fn named(name: &str, cells: Vec<String>) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(cells).collect()
}

impl Document {
    /// The document of these figures.
    pub fn of(figures: &Figures) -> Document {
        let (v, m) = (&figures.verifications, &figures.messages);
        let mut tables = Vec::new();
        tables.extend(table("Verifications", "range", &FUNNEL, vec![named("all", funnel(&v.funnel))]));
        if let Some(before) = &v.before {
            tables.extend(table("The range before", "range", &FUNNEL, vec![named("before", funnel(&before.funnel))]));
        }
        for (title, slices) in [
            ("Verifications by channel", &v.by_channel),
            ("Verifications by country", &v.by_country),
            ("Verifications by template", &v.by_template),
            ("Verifications by error", &v.by_error),
            ("Verifications by business", &v.by_business),
        ] {
            let rows = slices.iter().map(|s| named(&s.name, funnel(&s.funnel))).collect();
            tables.extend(table(title, "name", &FUNNEL, rows));
        }
        let mut spent = costs("all", &v.costs);
        spent.extend(v.by_channel.iter().flat_map(|s| costs(&s.name, &s.costs)));
        tables.extend(table("Cost of verifications", "channel", &COSTS, spent));
        let others = v.others.iter().flat_map(others).collect();
        let columns = ["quantity", "currency", "amount", "pending"];
        tables.extend(table("Other costs", "what", &columns, others));
        let mut saved: Vec<Vec<String>> = Vec::new();
        saved.extend(v.saved.iter().map(|m| vec!["blocked".to_owned(), m.unit.clone(), m.amount.to_string()]));
        tables.extend(table("Saved by blocking, as estimated", "what", &["currency", "amount"], saved));
        let mut took = vec![named("all", spans(&v.time_to_verify))];
        let timed = v.by_channel.iter().filter_map(|s| Some(named(&s.name, spans(s.time_to_verify.as_ref()?))));
        took.extend(timed);
        tables.extend(table("Time to verify", "channel", &SPANS, took));
        let over_time = v.series.iter().map(|b| named(&b.from.0.rfc3339(), funnel(&b.funnel))).collect();
        tables.extend(table("Verifications over time", "from", &FUNNEL, over_time));
        tables.extend(table("Messages", "range", &MESSAGES, vec![named("all", messages(&m.counts))]));
        for (title, slices) in [
            ("Messages by sender", &m.by_sender),
            ("Messages by country", &m.by_country),
            ("Messages by error", &m.by_error),
            ("Messages by business", &m.by_business),
        ] {
            let rows = slices.iter().map(|s| named(&s.name, messages(&s.counts))).collect();
            tables.extend(table(title, "name", &MESSAGES, rows));
        }
        tables.extend(table("Cost of messages", "what", &COSTS, costs("all", &m.costs)));
        let answers = vec![named("all", spans(&m.first_response))];
        tables.extend(table("Time to the first answer", "what", &SPANS, answers));
        let loads = m.by_agent.iter().map(|a| {
            let mut cells = vec![a.counts.outgoing.to_string()];
            cells.extend(spans(&a.first_response));
            cells.push(a.open_now.to_string());
            named(&a.agent, cells)
        });
        let columns = ["written", "first answers", "p50 ms", "p95 ms", "open now"];
        tables.extend(table("Agents", "agent", &columns, loads.collect()));
        tables.extend(ledger(&figures.ledger, v.scope.business.is_none()));
        let notes = figures.ledger.notes.iter().enumerate();
        let notes = notes.map(|(n, note)| vec![(n + 1).to_string(), note.clone()]).collect();
        tables.extend(table("What is not known", "note", &["says"], notes));
        Document {
            title: format!("{}: verifications and messages", v.scope.name),
            from: v.range.from.0.rfc3339().replace(':', ""),
            to: v.range.to.0.rfc3339().replace(':', ""),
            zone: v.range.zone.clone(),
            tables,
        }
    }

    /// One row for each figure: table, row, column, value. No cell is a formula.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn csv(&self) -> Result<String, String> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(["table", "row", "name", "column", "value"]).map_err(|e| e.to_string())?;
        for table in &self.tables {
            for (n, row) in table.rows.iter().enumerate() {
                let name = row.first().cloned().unwrap_or_default();
                for (column, value) in table.columns.iter().zip(row).skip(1) {
                    let n = (n + 1).to_string();
                    let cells = [table.title.clone(), n, name.clone(), column.clone(), value.clone()];
                    out.write_record(cells.map(cell)).map_err(|e| e.to_string())?;
                }
            }
        }
        let bytes = out.into_inner().map_err(|e| e.to_string())?;
        String::from_utf8(bytes).map_err(|e| e.to_string())
    }

    /// Headings and tables; nothing in a cell is taken for markup.
    pub fn markdown(&self) -> String {
        let mut out = format!("# {}\n\nTime zone {}.\n", escaped(&self.title), escaped(&self.zone));
        for table in &self.tables {
            out.push_str(&format!("\n## {}\n\n", escaped(&table.title)));
            let line = |cells: &[String]| {
                format!("| {} |\n", cells.iter().map(|c| escaped(c)).collect::<Vec<_>>().join(" | "))
            };
            out.push_str(&line(&table.columns));
            out.push_str(&format!("|{}\n", " --- |".repeat(table.columns.len())));
            table.rows.iter().for_each(|row| out.push_str(&line(row)));
        }
        out
    }
}

/// A text as a cell of Markdown: what would be markup is escaped, line breaks are gone.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown(text).to_string().chars() {
        if matches!(c, '\\' | '|' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' | '&') {
            out.push('\\');
        }
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}
