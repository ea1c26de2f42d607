//! Twilio's usage records beside ours, for a person: a line for each thing that is compared, why they differ below it.
//!
//! ```text
//! 2026-03-01 of AC5a4d... · asked 2026-03-02T17:00:07Z · not settled
//!   texts out           Twilio 3 $0.0249            here 1 $0.0083            +2 +$0.0166
//!                       2 were sent outside of Switchboard ($0.0166)
//! ```

use serde::Deserialize;
use serde_json::{Map, Value};

use super::grid::wrapped;
use crate::api::analytics::{Line, Side, UsageAnalytics};
use crate::domain::shown::shown;

/// Where the columns after a name begin.
const NAME: usize = 22;
/// Cells of a line that goes to no terminal.
const UNBOUND: usize = 160;

/// The records, in lines; `None` for any other reply.
pub(super) fn told(reply: &Map<String, Value>, width: Option<usize>) -> Option<String> {
    if !(reply.contains_key("totals") && reply.contains_key("days")) {
        return None;
    }
    let told = UsageAnalytics::deserialize(Value::Object(reply.clone())).ok()?;
    let room = width.unwrap_or(UNBOUND).saturating_sub(NAME).max(20);
    let mut out = String::new();
    for day in &told.days {
        let asked = match (&day.asked_at, day.settled) {
            (None, _) => "Twilio has not been asked".to_owned(),
            (Some(at), true) => format!("asked {}", at.0.rfc3339()),
            (Some(at), false) => format!("asked {} · not settled", at.0.rfc3339()),
        };
        out.push_str(&format!("{} of {} · {asked}\n", day.day, day.account));
        day.lines.iter().for_each(|line| put(&mut out, line, room));
    }
    if told.days.len() > 1 {
        out.push_str("all these days\n");
        told.totals.iter().for_each(|line| put(&mut out, line, room));
    }
    let trouble = told.trouble.iter();
    for note in trouble.chain(&told.notes) {
        wrapped(&shown(note), room + NAME).iter().for_each(|part| out.push_str(&format!("{part}\n")));
    }
    Some(out)
}

fn put(out: &mut String, line: &Line, room: usize) {
    let side = |side: &Option<Side>, none: &str| side.as_ref().map_or_else(|| none.to_owned(), ToString::to_string);
    let twilio = format!("Twilio {}", side(&line.twilio, "not asked"));
    let ours = line.ours.as_ref().map_or_else(String::new, |ours| format!("here {ours}"));
    let text = format!("  {:<19} {twilio:<27} {ours:<27} {}", line.subject.name(), line.more());
    out.push_str(&format!("{}\n", text.trim_end()));
    for reason in &line.reasons {
        wrapped(&shown(&reason.text), room).iter().for_each(|part| out.push_str(&format!("{:NAME$}{part}\n", "")));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_line_has_both_counts_and_its_reasons_below() {
        let line = json!({
            "subject": "messages-out", "categories": ["sms-outbound"], "difference": 2,
            "ours": { "count": 1, "amounts": [{ "amount": "0.0083", "unit": "USD" }], "pending": 1 },
            "twilio": { "count": 3, "amounts": [{ "amount": "0.0249", "unit": "USD" }] },
            "priceDifferences": [{ "amount": "0.0166", "unit": "USD" }],
            "reasons": [{ "why": "outside", "count": 2, "amounts": [], "text": "2 were sent outside of \u{1b}Switchboard" }],
        });
        let account = "AC00000000000000000000000000000001";
        let day = json!({
            "day": "2026-03-01", "from": "2026-03-01T00:00:00Z", "account": account, "settled": false,
            "askedAt": "2026-03-02T17:00:00Z", "lines": [line],
        });
        let reply = json!({
            "range": { "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z", "zone": "UTC", "grain": "day" },
            "askedAt": "2026-03-02T17:00:00Z", "notes": ["Twilio's days are those of GMT"], "totals": [line],
            "days": [day], "asOf": "AAAAAAAAAAE",
        });
        let told = told(reply.as_object().unwrap(), None).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(
            lines,
            [
                "2026-03-01 of AC00000000000000000000000000000001 · asked 2026-03-02T17:00:00Z · not settled",
                "  texts out           Twilio 3 $0.0249            here 1 $0.0083 (1 pending)  +2 +$0.0166",
                "                      2 were sent outside of ␛Switchboard",
                "Twilio's days are those of GMT",
            ]
        );
    }
}
