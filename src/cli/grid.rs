//! How a matrix of sends went, for a person: a line for each cell, why it is red below it.
//!
//! ```text
//! ✓ sms/en       approved     41 ms  $0.0583  Your Northwind Bank code is ••••••
//! ✗ sms/de       refused       2 ms           Brand
//!                the template needs a value for de/{{brand}}: give it in `substitutions`
//! 11 of 12 cells are green
//! ```

use serde::Deserialize;
use serde_json::{Map, Value};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::domain::money::Money;
use crate::domain::shown::shown;

/// Where the columns after the cell's name begin.
const NAME: usize = 15;
/// Cells of a line that goes to no terminal.
const UNBOUND: usize = 160;

/// The cells of a reply, if it is a matrix that ran.
fn cells(reply: &Map<String, Value>) -> Option<&Vec<Value>> {
    let cells = reply.get("items")?.as_array()?;
    (reply.contains_key("passed") && cells.iter().all(|cell| cell["cell"].is_string())).then_some(cells)
}

/// A matrix that ran, in lines; `None` for any other reply.
pub(super) fn told(reply: &Map<String, Value>, width: Option<usize>) -> Option<String> {
    let cells = cells(reply)?;
    let width = width.unwrap_or(UNBOUND);
    let mut out = String::new();
    for cell in cells {
        let green = cell["ok"] == true;
        let text = |name: &str| shown(cell[name].as_str().unwrap_or_default()).into_owned();
        let cost = Money::deserialize(&cell["cost"]).map(|cost| cost.fine());
        let said = [text("text"), text("template")].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
        let said = if text("template") == "no template" { format!("no template · {said}") } else { said };
        let line = format!(
            "{} {:<12} {:<9} {:>6} ms {:>8}  {said}",
            if green { '✓' } else { '✗' },
            text("cell"),
            text("outcome"),
            cell["tookMs"].as_u64().unwrap_or_default(),
            cost.unwrap_or_default(),
        );
        out.push_str(&format!("{}\n", cut(&line, width)));
        for part in wrapped(&text("detail"), width.saturating_sub(NAME).max(20)) {
            out.push_str(&format!("{:NAME$}{part}\n", ""));
        }
    }
    let passed = reply.get("passed").and_then(Value::as_u64).unwrap_or_default();
    out.push_str(&format!("{passed} of {} cells are green\n", cells.len()));
    Some(out)
}

/// What is wrong with a matrix that ran, in a sentence: each reason once, with the cells that have it.
pub(super) fn faults(reply: &Value) -> Option<String> {
    let cells = cells(reply.as_object()?)?;
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for cell in cells.iter().filter(|cell| cell["ok"] != true) {
        let (name, why) = (cell["cell"].as_str().unwrap_or_default(), cell["detail"].as_str().unwrap_or_default());
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    let parts: Vec<String> = reasons.iter().map(|(why, names)| format!("{} red: {why}", names.join(", "))).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A line of at most so many cells.
pub(super) fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.trim_end().to_owned();
    }
    let mut used = 0;
    let kept = line.graphemes(true).take_while(|g| {
        used += g.width();
        used < width
    });
    kept.chain(["…"]).collect()
}

/// The words of a text in lines of at most so many cells; a longer word stands alone.
pub(super) fn wrapped(text: &str, cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= cells => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_cell_has_a_line_that_fits_and_red_ones_say_why() {
        let cell = |name: &str, ok: bool, detail: &str| {
            json!({
                "cell": name, "ok": ok, "outcome": if ok { "approved" } else { "refused" }, "tookMs": 41,
                "text": "Your Northwind Bank code is ••••••. Do not share it with anyone, whoever asks",
                "template": "Brand", "detail": detail, "cost": { "amount": "0.0583", "unit": "USD" },
            })
        };
        let why = "the template needs a value for de/{{brand}}: give it in `substitutions`, or leave de out";
        let mut mail = cell("email/en", true, "");
        mail["template"] = json!("no template");
        let reply = json!({
            "ok": false, "passed": 2, "cells": 4,
            "items": [cell("sms/en", true, ""), mail, cell("sms/de", false, why), cell("call/de", false, why)],
        });
        let told = told(reply.as_object().unwrap(), Some(80)).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines.iter().all(|line| line.width() <= 80), "{told}");
        assert!(lines[0].starts_with("✓ sms/en       approved      41 ms  $0.0583  Your Northwind"), "{told}");
        assert!(lines[1].contains("$0.0583  no template · Your"), "{told}");
        assert!(lines[2].starts_with("✗ sms/de       refused"), "{told}");
        assert_eq!(lines[3].trim(), "the template needs a value for de/{{brand}}: give it in");
        assert_eq!(lines.last(), Some(&"2 of 4 cells are green"));
        assert_eq!(faults(&reply), Some(format!("sms/de, call/de red: {why}")));
        assert_eq!(super::told(json!({ "items": [] }).as_object().unwrap(), None), None);
    }
}
