//! How a rehearsal went, for a person: a bar for every few seconds, then each limit that bites.
//!
//! ```text
//! 60 of 200 codes in 60 s go out: our own limit bites first, after 18.0 s
//!   15-20 s  ##############==========  10 out, 6 held
//! after 18.0 s  own limit, 60 a minute: 140 times, again in 42 s
//!   Northwind Bank sends 60 codes a minute at most ...
//! ```

use serde::Deserialize;
use serde_json::{Map, Value};

use super::grid::wrapped;
use crate::api::verify::{Rehearsal, Stretch};
use crate::domain::shown::shown;

/// Bars at most, and the cells of the longest.
const BARS: usize = 12;
const CELLS: usize = 40;
/// Cells of a line that goes to no terminal.
const UNBOUND: usize = 100;

/// A rehearsal in lines; `None` for any other reply.
pub(super) fn told(reply: &Map<String, Value>, width: Option<usize>) -> Option<String> {
    if !reply.contains_key("bites") {
        return None;
    }
    let rehearsal = Rehearsal::deserialize(&Value::Object(reply.clone())).ok()?;
    let width = width.unwrap_or(UNBOUND).max(40);
    let mut out = String::new();
    let mut say = |text: &str, by: usize| {
        for part in wrapped(&shown(text), width - by) {
            out.push_str(&format!("{:by$}{part}\n", ""));
        }
    };
    say(&rehearsal.verdict, 0);
    let stretches = rehearsal.stretches(BARS);
    let full = stretches.iter().map(Stretch::sends).max().unwrap_or(0);
    let cells = CELLS.min(width.saturating_sub(40)).max(8);
    let bars: Vec<String> = stretches.iter().map(|stretch| bar(stretch, full, cells)).collect();
    let cost = rehearsal.cost.as_ref().map(|cost| format!("{} for what goes out", cost.fine()));
    let fee = rehearsal.success_fee.as_ref().map(|fee| format!("each right code adds {}", fee.fine()));
    let money: Vec<String> = cost.into_iter().chain(fee).collect();
    for bite in &rehearsal.bites {
        let code = bite.code.map(|code| format!("{code} ")).unwrap_or_default();
        let again = bite.retry_after.map(|wait| format!(", again in {wait} s")).unwrap_or_default();
        let at = bite.at_ms as f64 / 1000.0;
        say(&format!("after {at:.1} s: {code}{}, {} times{again}", bite.name, bite.times), 0);
        say(&bite.detail, 2);
        say(&bite.remedy, 2);
    }
    if !money.is_empty() {
        say(&format!("{}.", money.join("; ")), 0);
    }
    for note in &rehearsal.notes {
        say(note, 0);
    }
    // The bars stand below the verdict, and are not wrapped.
    let end = out.find('\n').map_or(out.len(), |at| at + 1);
    out.insert_str(end, &bars.concat());
    Some(out)
}

/// `  15-20 s  #######===  10 out, 6 held`: `#` goes out, `=` is held here, `x` is refused by Twilio.
fn bar(stretch: &Stretch, full: u32, cells: usize) -> String {
    let parts = stretch.cells(full, cells);
    let drawn: String = ["#", "=", "x"].iter().zip(parts).map(|(mark, n)| mark.repeat(n)).collect();
    let said = [(stretch.count.accepted, "out"), (stretch.count.held, "held"), (stretch.count.refused, "refused")];
    let said: Vec<String> = said.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
    let span = format!("{}-{}", stretch.from, stretch.until);
    let line = format!("{span:>9} s  {drawn:<cells$}  {}", said.join(", "));
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use unicode_width::UnicodeWidthStr;

    use super::*;

    #[test]
    fn bars_and_limits_fit_a_line() {
        let items: Vec<Value> = (0..60)
            .map(|n| {
                let (accepted, held) = if n < 18 { (3, 0) } else { (0, 3) };
                json!({ "second": n, "accepted": accepted, "held": held, "refused": u32::from(n == 59) })
            })
            .collect();
        let reply = json!({
            "sends": 181, "seconds": 60, "recipients": 181, "channel": "sms",
            "accepted": 54, "held": 126, "refused": 1,
            "cost": { "amount": "0.4482", "unit": "USD" }, "successFee": { "amount": "0.05", "unit": "USD" },
            "verdict": "54 of 181 codes in 60 s go out: our own limit bites first, after 18.0 s",
            "bites": [{
                "whose": "ours", "name": "own limit, 54 a minute", "atMs": 18_000, "times": 126, "retryAfter": 42,
                "detail": "Northwind Bank sends 54 codes a minute at most, by its own limit (verifyPerMinute); the others get 429.",
                "remedy": "Raise it.",
            }],
            "notes": ["Codes go to fictional numbers."],
            "items": items,
        });
        let told = told(reply.as_object().unwrap(), Some(80)).unwrap();
        let lines: Vec<&str> = told.lines().collect();
        assert!(lines.iter().all(|line| line.width() <= 80), "{told}");
        assert!(lines[0].starts_with("54 of 181 codes"), "{told}");
        assert_eq!(lines[1].trim(), format!("0-5 s  {}    15 out", "#".repeat(38)).trim(), "{told}");
        assert!(lines[4].contains("15-20 s  #") && lines[4].ends_with("9 out, 6 held"), "{told}");
        assert!(lines[12].contains("55-60 s  ===") && lines[12].ends_with("15 held, 1 refused"), "{told}");
        assert!(told.contains("after 18.0 s: own limit, 54 a minute, 126 times, again in 42 s\n  Northwind"), "{told}");
        assert!(told.contains("$0.4482 for what goes out; each right code adds $0.0500."), "{told}");
        assert_eq!(super::told(json!({ "items": [] }).as_object().unwrap(), None), None);
    }
}
