//! The figures of a day of a bank: the screen, what the screen reads, and every form of the report say the same,
//! to the last digit.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::console::Console;
use crate::home::{Home, Serve};

/// Cells of a report by table, name of the row, and column.
type Cells = BTreeMap<(String, String, String), String>;

fn report(home: &Home, format: &str) -> String {
    let (code, out, said) = home.run(&["report", "--format", format]);
    assert_eq!(code, 0, "{format}: {said}");
    out
}

/// What a spreadsheet would hold.
fn of_csv(text: &str) -> Cells {
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let rows = rows.records().map(|row| row.unwrap());
    rows.map(|row| ((row[0].to_owned(), row[2].to_owned(), row[3].to_owned()), row[4].to_owned())).collect()
}

/// The rows of a form with headings and tables, as texts of cells.
fn of_tables(parts: Vec<(String, Vec<Vec<String>>)>) -> Cells {
    let mut cells = Cells::new();
    for (title, rows) in parts {
        let Some((columns, rows)) = rows.split_first() else { continue };
        for row in rows {
            for (column, value) in columns.iter().zip(row).skip(1) {
                cells.insert((title.clone(), row[0].clone(), column.clone()), value.clone());
            }
        }
    }
    cells
}

fn of_markdown(text: &str) -> Cells {
    let row = |line: &str| line.trim_matches('|').split(" | ").map(|c| c.replace('\\', "").trim().to_owned()).collect();
    let part = |part: &str| {
        let lines = part.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| ---"));
        (part.lines().next().unwrap().to_owned(), lines.map(row).collect())
    };
    of_tables(text.split("\n## ").skip(1).map(part).collect())
}

fn of_html(text: &str) -> Cells {
    let cells = |row: &str| -> Vec<String> {
        let cells = row.split("<t").skip(1).map(|cell| cell.split('>').nth(1).unwrap().split('<').next().unwrap());
        cells.map(str::to_owned).collect()
    };
    let part = |part: &str| {
        let (title, rest) = part.split_once("</h2>").unwrap();
        (title.to_owned(), rest.split("<tr>").skip(1).map(cells).collect())
    };
    of_tables(text.split("<h2>").skip(1).map(part).collect())
}

#[test]
fn the_screen_the_api_and_every_form_of_the_report_say_the_same() {
    let home = Home::new();
    let (code, _, said) = home.run(&["seed", "admin-200", "--yes"]);
    assert_eq!(code, 0, "{said}");
    let serve = Serve::start(&home);
    let api = home.api_of(serve.child.id());
    // What the screen reads: a week that ends today.
    let asked = api.get("/api/analytics/verifications");
    let (funnel, costs) = (&asked["funnel"], &asked["costs"]["currencies"][0]);
    let number = |v: &Value, name: &str| match &v[name] {
        Value::String(text) => text.clone(),
        Value::Object(money) => money["amount"].as_str().unwrap().to_owned(),
        other => other.to_string(),
    };

    // Every form of the report against the API.
    let json: Value = serde_json::from_str(&report(&home, "json")).unwrap();
    for part in ["funnel", "costs", "byChannel", "byCountry", "byError", "series", "saved", "timeToVerify"] {
        assert_eq!(json["verifications"][part], asked[part], "{part}");
    }
    let forms =
        [of_csv(&report(&home, "csv")), of_markdown(&report(&home, "markdown")), of_html(&report(&home, "html"))];
    for form in &forms {
        assert!(form.len() > 200, "{}", form.len());
        let cell = |table: &str, row: &str, column: &str| {
            let key = (table.to_owned(), row.to_owned(), column.to_owned());
            form.get(&key).unwrap_or_else(|| panic!("{key:?} is missing")).clone()
        };
        for (column, name) in [
            ("requested", "requested"),
            ("blocked", "blocked"),
            ("approved", "approved"),
            ("approved % of all", "approvedOfAll"),
            ("approved % excl. blocked", "approvedOfUnblocked"),
        ] {
            assert_eq!(cell("Verifications", "all", column), number(funnel, name), "{column}");
            for slice in asked["byChannel"].as_array().unwrap() {
                let row = slice["name"].as_str().unwrap();
                assert_eq!(cell("Verifications by channel", row, column), number(&slice["funnel"], name), "{row}");
            }
        }
        for (column, name) in [
            ("charged", "charged"),
            ("success fees", "successFees"),
            ("total", "total"),
            ("per conversion", "perConversion"),
        ] {
            assert_eq!(cell("Cost of verifications", "all", column), number(costs, name), "{column}");
        }
        assert_eq!(form, &forms[0], "the forms differ");
    }

    // The screen against the API.
    let console = Console::open(&home, (120, 40));
    console.until("the bank", |screen, _| screen.rows(0, 120).next().is_some_and(|row| row.contains("Northwind Bank")));
    console.keys("gd");
    let (requested, approved, blocked) =
        (number(funnel, "requested"), number(funnel, "approved"), number(funnel, "blocked"));
    console.sees(&format!("{requested} verifications · {approved} approved"));
    let (all, unblocked) = (number(funnel, "approvedOfAll"), number(funnel, "approvedOfUnblocked"));
    console.sees(&format!("{all} % of all · {unblocked} % excluding {blocked} blocked"));
    console.keys("p");
    for slice in asked["byChannel"].as_array().unwrap() {
        let funnel = &slice["funnel"];
        let line = console.line(&format!("{}/{}", number(funnel, "approved"), number(funnel, "requested")));
        let name = slice["name"].as_str().unwrap();
        assert!(line.contains(name) && line.contains(&format!("{} %", number(funnel, "approvedOfAll"))), "{line}");
    }
    console.keys("\t\t");
    let total = console.line("cost per conversion");
    assert!(total.contains(&format!("total ${}", number(costs, "total"))), "{total}");
    assert!(total.contains(&format!("cost per conversion ${}", number(costs, "perConversion"))), "{total}");
    assert!(console.line("channel fees").contains(&format!("= ${}", number(costs, "charged"))));
    assert!(console.line("success fees").contains(&format!("= ${}", number(costs, "successFees"))));
    assert_eq!(asked["costs"]["pending"], 0);
    console.sees("0 pending");

    // And the world is the one whose figures are known beforehand.
    assert_eq!([requested, approved, blocked, all, unblocked], ["200", "165", "3", "82.5", "83.8"]);
    assert_eq!([number(costs, "total"), number(costs, "perConversion")], ["10.1011", "0.0612"]);

    // Twilio's own records of that day agree with all of it.
    let told = api.post("/api/analytics/usage", serde_json::json!({ "from": "2026-03-01", "to": "2026-03-03" }));
    for line in told["totals"].as_array().unwrap() {
        let reasons = line["reasons"].as_array().unwrap();
        assert!(reasons.iter().all(|reason| reason["why"] != "notExplained"), "{line}");
        assert!(line["difference"].is_null() || line["difference"] == 0, "{line}");
    }
    let success = told["totals"].as_array().unwrap().iter().find(|l| l["subject"] == "verify-success").unwrap();
    assert_eq!(
        (&success["twilio"]["count"], &success["twilio"]["amounts"][0]["amount"]),
        (&165.into(), &"8.25".into())
    );
}
