//! A report as a page to print: tables, and bar charts as SVG. Everything is inside; nothing is fetched.

use super::{Document, Figures};
use crate::domain::shown::shown;

const STYLE: &str = "body{font:13px/1.4 system-ui,sans-serif;margin:2em;color:#111}h1{font-size:1.5em}\
h2{font-size:1.1em;margin:1.6em 0 .4em}table{border-collapse:collapse;width:100%}\
th,td{border:1px solid #bbb;padding:2px 6px;text-align:right;font-variant-numeric:tabular-nums}\
th:first-child,td:first-child{text-align:left}th{background:#eee}svg{width:100%;height:auto}\
td:first-child{min-width:7em}.scale{margin:.2em 0;color:#555}@page{size:A4 landscape;margin:10mm}\
@media print{body{margin:0;font-size:9px;print-color-adjust:exact}th,td{padding:1px 3px}h2{break-after:avoid}\
tr{break-inside:avoid}}";

const WIDTH: usize = 960;
const HEIGHT: u64 = 160;

/// The page.
pub(super) fn page(document: &Document, figures: &Figures) -> String {
    let title = escaped(&document.title);
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
<style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n<p>Time zone {}.</p>\n",
        escaped(&document.zone)
    );
    let requested = figures.verifications.series.iter().map(|b| (b.from.0.rfc3339(), b.funnel.requested));
    out.push_str(&chart("Verifications asked for, over time", requested.collect()));
    let written = figures.messages.series.iter().map(|b| (b.from.0.rfc3339(), b.counts.incoming + b.counts.outgoing));
    out.push_str(&chart("Messages in and out, over time", written.collect()));
    for table in &document.tables {
        out.push_str(&format!("<h2>{}</h2>\n<table><thead><tr>", escaped(&table.title)));
        table.columns.iter().for_each(|c| out.push_str(&format!("<th>{}</th>", escaped(c))));
        out.push_str("</tr></thead><tbody>\n");
        for row in &table.rows {
            let cells: String = row.iter().map(|c| format!("<td>{}</td>", escaped(c))).collect();
            out.push_str(&format!("<tr>{cells}</tr>\n"));
        }
        out.push_str("</tbody></table>\n");
    }
    out.push_str("</body></html>\n");
    out
}

/// Bars, one for each bucket, with what each stands for as its title.
fn chart(title: &str, bars: Vec<(String, u64)>) -> String {
    let most = bars.iter().map(|(_, n)| *n).max().unwrap_or(0);
    if most == 0 {
        return String::new();
    }
    let width = (WIDTH / bars.len().max(1)).max(1);
    let whole = width * bars.len();
    let mut out = format!(
        "<h2>{}</h2>\n<svg viewBox=\"0 0 {whole} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{} (highest {most})\">\n",
        escaped(title),
        escaped(title)
    );
    for (place, (from, n)) in bars.iter().enumerate() {
        let high = (n * HEIGHT).div_ceil(most);
        out.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{high}\" fill=\"#456\"><title>{}: {n}</title></rect>\n",
            place * width,
            HEIGHT - high,
            width.saturating_sub(1).max(1),
            escaped(from)
        ));
    }
    let (first, last) = (bars.first().map(|(at, _)| at.as_str()), bars.last().map(|(at, _)| at.as_str()));
    out.push_str(&format!(
        "</svg>\n<p class=\"scale\">{} to {}, a bar each; from 0 to {most}</p>\n",
        escaped(first.unwrap_or_default()),
        escaped(last.unwrap_or_default())
    ));
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown(text).to_string().chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
