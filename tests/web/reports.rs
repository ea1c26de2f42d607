//! Reports say in every form, to the last digit, what the operations answer.

use std::collections::BTreeMap;

use serde_json::Value;
use switchboard::api::report::{GetReport, ReportFormat};
use switchboard::link::Remote;

use crate::figures::BANK;
use crate::node::{Node, Setup};
use crate::two_hundred;

/// Figures by table, place of the row, and column.
type Figures = BTreeMap<(String, usize, String), String>;

async fn report(node: &Node, format: &str) -> String {
    let path = format!("/api/reports?business=5&from=2026-03-01&to=2026-03-02&format={format}");
    node.get(&path).await.as_str().unwrap().to_owned()
}

fn of_csv(text: &str) -> Figures {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(|row| row.unwrap());
    let plain = |cell: &str| cell.strip_prefix('\'').unwrap_or(cell).to_owned();
    rows.map(|row| ((plain(&row[0]), row[1].parse().unwrap(), plain(&row[3])), plain(&row[4]))).collect()
}

fn of_tables(tables: Vec<(String, Vec<String>, Vec<Vec<String>>)>) -> Figures {
    let mut figures = Figures::new();
    for (title, columns, rows) in tables {
        for (n, row) in (1..).zip(rows) {
            assert_eq!(row.len(), columns.len(), "{title}");
            for (column, value) in columns.iter().zip(row).skip(1) {
                figures.insert((title.clone(), n, column.clone()), value);
            }
        }
    }
    figures
}

fn of_markdown(text: &str) -> Figures {
    let mut tables: Vec<(String, Vec<String>, Vec<Vec<String>>)> = Vec::new();
    let cells = |line: &str| {
        let inner = line.strip_prefix("| ").unwrap().strip_suffix(" |").unwrap();
        inner.split(" | ").map(|cell| cell.replace('\\', "").trim().to_owned()).collect::<Vec<String>>()
    };
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            tables.push((title.to_owned(), Vec::new(), Vec::new()));
        } else if line.starts_with("| ") && !line.starts_with("| ---") {
            let (_, columns, rows) = tables.last_mut().unwrap();
            if columns.is_empty() { *columns = cells(line) } else { rows.push(cells(line)) }
        }
    }
    of_tables(tables)
}

fn of_html(text: &str) -> Figures {
    let between = |text: &str, open: &str, close: &str| {
        text.split(open).skip(1).map(|part| part.split(close).next().unwrap().to_owned()).collect::<Vec<String>>()
    };
    let mut tables = Vec::new();
    for part in text.split("<h2>").skip(1).filter(|part| part.contains("<table>")) {
        let title = part.split("</h2>").next().unwrap().to_owned();
        let rows = between(part, "<tr>", "</tr>");
        let columns = between(&rows[0], "<th>", "</th>");
        let body = rows.iter().skip(1).map(|row| between(row, "<td>", "</td>")).collect();
        tables.push((title, columns, body));
    }
    of_tables(tables)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_four_forms_say_the_same() {
    let node = Node::with(Setup { store: Some(two_hundred::store().await), ..Setup::default() }).await;
    let (csv, markdown, html) =
        (report(&node, "csv").await, report(&node, "markdown").await, report(&node, "html").await);
    let from_csv = of_csv(&csv);
    assert!(from_csv.len() > 500, "{}", from_csv.len());
    assert_eq!(from_csv, of_markdown(&markdown));
    assert_eq!(from_csv, of_html(&html));
    let json = node.get("/api/reports?business=5&from=2026-03-01&to=2026-03-02&format=json").await;
    let asked = node.get("/api/analytics/verifications?business=5&from=2026-03-01&to=2026-03-02").await;
    for part in ["funnel", "costs", "byChannel", "byCountry", "byError", "series", "timeToVerify", "saved", "range"] {
        assert_eq!(json["verifications"][part], asked[part], "{part}");
    }
    let figure = |table: &str, row: usize, column: &str| from_csv[&(table.to_owned(), row, column.to_owned())].clone();
    let funnel = &asked["funnel"];
    for (column, value) in [
        ("requested", funnel["requested"].to_string()),
        ("approved", funnel["approved"].to_string()),
        ("approved % of all", funnel["approvedOfAll"].as_str().unwrap().to_owned()),
        ("approved % excl. blocked", funnel["approvedOfUnblocked"].as_str().unwrap().to_owned()),
    ] {
        assert_eq!(figure("Verifications", 1, column), value);
    }
    assert_eq!(figure("Cost of verifications", 1, "total"), "10.1011");
    assert_eq!(figure("Cost of verifications", 1, "per conversion"), "0.0612");
    for (n, slice) in (1..).zip(asked["byChannel"].as_array().unwrap()) {
        assert_eq!(figure("Verifications by channel", n, "approved"), slice["funnel"]["approved"].to_string());
    }
    assert!(
        html.contains("@media print") && html.contains("<svg viewBox=") && html.contains("a bar each; from 0 to 15")
    );
    for outside in ["<script", "<link", "<img", " src=", " href=", "@import", "url(", "http:", "https:"] {
        assert!(!html.contains(outside), "{outside}");
    }
    let bars = html.matches("<rect ").count();
    assert_eq!(bars, 24, "a bar for each hour of the verifications; of messages there are none");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_a_report_is_a_file_and_a_console_that_is_attached_reads_it_as_before() {
    let node = Node::with(Setup { store: Some(two_hundred::store().await), ..Setup::default() }).await;
    let document = node.get("/api/openapi.json").await;
    let promised = &document["paths"]["/api/reports"]["get"]["responses"]["200"]["content"];
    let link = Remote::new(node.base.parse().unwrap(), node.core.session_token(), None).unwrap();
    for (format, media_type, ending) in [
        (ReportFormat::Markdown, "text/markdown; charset=utf-8", "md"),
        (ReportFormat::Csv, "text/csv; charset=utf-8", "csv"),
        (ReportFormat::Html, "text/html; charset=utf-8", "html"),
        (ReportFormat::Json, "application/json", "json"),
    ] {
        let (from, to) = (Some("2026-03-01".to_owned()), Some("2026-03-02".to_owned()));
        let ask = GetReport { business: Some(BANK), from, to, format: Some(format), ..GetReport::default() };
        let report = link.call(ask).await.unwrap();
        let name = format!("switchboard-2026-03-01T080000Z-to-2026-03-02T080000Z.{ending}");
        assert_eq!((report.format, &*report.content_type, &report.file_name), (format, media_type, &name));
        let word = serde_json::to_value(format).unwrap();
        let path = format!("/api/reports?business=5&from=2026-03-01&to=2026-03-02&format={}", word.as_str().unwrap());
        let request = node.request("GET", &path).bearer_auth(node.core.session_token());
        let answer = request.send().await.unwrap();
        let headers = answer.headers().clone();
        assert_eq!(headers["content-type"], media_type);
        assert_eq!(headers["content-disposition"], format!("attachment; filename=\"{name}\""));
        assert!(promised[media_type.split(';').next().unwrap()]["schema"].is_object(), "{promised}");
        let text = answer.text().await.unwrap();
        if format == ReportFormat::Json {
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap()["verifications"]["funnel"].clone();
            assert_eq!(read(&text), read(&report.text));
        } else {
            assert_eq!(text, report.text);
        }
    }
    // A refusal is one as ever.
    node.call("GET", "/api/reports?week=true&month=true&format=csv", None).await.refused(400, "invalid_input");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_lets_anything_out_or_in() {
    let node = Node::start().await;
    let hostile = "=cmd()|<script>alert(1)</script>";
    let fields = serde_json::json!({ "name": hostile });
    let business = node.post("/api/businesses", fields).await["id"].as_str().unwrap().to_owned();
    for format in ["csv", "markdown", "html", "json"] {
        let answer = node.get(&format!("/api/reports?business={business}&format={format}")).await;
        let text = answer.as_str().unwrap_or_default();
        match format {
            "html" => {
                assert!(text.contains("&lt;script&gt;") && !text.contains("<script"), "{text}");
                assert!(!text.contains("http") && !text.contains("url("), "nothing is fetched");
            }
            "csv" => {
                let mut rows = csv::Reader::from_reader(text.as_bytes());
                for row in rows.records() {
                    assert!(row.unwrap().iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])));
                }
            }
            "markdown" => assert!(text.contains("\\<script\\>"), "{text}"),
            _ => assert_eq!(answer["verifications"]["scope"]["name"], hostile),
        }
    }
}
