//! The audit log for a person: a line for each entry, what does not fit it below.
//!
//! ```text
//! 2026-03-02 17:00:01  agent1   Harbor Dental   changed the business Harbor Dental: active `yes` → `no`
//! 2026-03-02 17:00:00  (node)   Blue Kite Tou…  started again and goes on with the setup at Twilio
//! ```

use serde_json::{Map, Value};
use unicode_width::UnicodeWidthStr;

use super::grid::{cut, wrapped};
use crate::domain::shown::shown;

/// The widest that who and the business get.
const WHO: usize = 12;
const BUSINESS: usize = 20;
/// The narrowest that what was done gets beside them; else it stands below.
const SAID: usize = 30;
/// Cells of a line that goes to no terminal.
const UNBOUND: usize = 200;

/// A page of the audit log, in lines; `None` for any other reply.
pub(super) fn told(reply: &Map<String, Value>, width: Option<usize>) -> Option<String> {
    let entries = reply.get("items")?.as_array()?;
    let is_entry = |entry: &Value| entry["hash"].is_string() && entry["said"].is_string();
    if entries.is_empty() || !entries.iter().all(is_entry) {
        return None;
    }
    let width = width.unwrap_or(UNBOUND);
    let text = |entry: &Value, name: &str| shown(entry[name].as_str().unwrap_or_default()).into_owned();
    let who = |entry: &Value| if entry["actor"].is_string() { text(entry, "actor") } else { "(node)".to_owned() };
    let widest = |of: &dyn Fn(&Value) -> String, most: usize| {
        entries.iter().map(|entry| of(entry).width()).max().unwrap_or(0).min(most)
    };
    let whos = widest(&who, WHO);
    let businesses = widest(&|entry: &Value| text(entry, "businessName"), BUSINESS);
    let left = 19 + 2 + whos + 2 + if businesses > 0 { businesses + 2 } else { 0 };
    let beside = width >= left + SAID;
    let (indent, room) = if beside { (left, width - left) } else { (4, width.saturating_sub(4).max(SAID)) };
    let mut out = String::new();
    for entry in entries {
        let at = text(entry, "at");
        let at: String = at.chars().take(19).map(|c| if c == 'T' { ' ' } else { c }).collect();
        let mut line = format!("{at:<19}  {}", padded(&cut(&who(entry), whos), whos));
        if businesses > 0 {
            let name = cut(&text(entry, "businessName"), businesses);
            line.push_str(&format!("  {}", padded(&name, businesses)));
        }
        let mut said = text(entry, "said");
        if entry["sound"] == false {
            said.insert_str(0, "✗ DOES NOT FIT ITS SEAL: ");
        }
        let mut parts = wrapped(&said, room).into_iter();
        if beside {
            line.push_str(&format!("  {}", parts.next().unwrap_or_default()));
        }
        out.push_str(&format!("{}\n", line.trim_end()));
        for part in parts {
            out.push_str(&format!("{:indent$}{part}\n", ""));
        }
    }
    if let Some(next) = reply.get("next").and_then(Value::as_str) {
        out.push_str(&format!("more  --after {}\n", shown(next)));
    }
    Some(out)
}

fn padded(text: &str, cells: usize) -> String {
    format!("{text}{}", " ".repeat(cells.saturating_sub(text.width())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_is_a_line_that_fits_and_says_who_did_what() {
        let entry = |actor: Option<&str>, said: &str| {
            json!({
                "id": "0-7", "at": "2026-03-02T17:00:01.25Z", "actor": actor, "said": said, "hash": "ab",
                "businessName": "Blue Kite Tours of San Francisco", "sound": true,
            })
        };
        let mut meddled = entry(Some("kim"), "sent a text");
        meddled["sound"] = json!(false);
        let long = "changed the business Blue Kite Tours: contactEmail nothing → `desk@kite.example`";
        let reply =
            json!({ "items": [entry(Some("agent1"), long), entry(None, "started again"), meddled], "next": "ff" });
        let told = |width| super::told(reply.as_object().unwrap(), Some(width)).unwrap();
        for width in [80, 60, 120] {
            assert!(told(width).lines().all(|line| line.width() <= width), "{}", told(width));
        }
        let wide = told(200);
        assert!(wide.starts_with("2026-03-02 17:00:01  agent1  Blue Kite Tours of …  changed the business"), "{wide}");
        assert!(wide.contains("(node)  Blue Kite Tours of …  started again\n"), "{wide}");
        assert!(wide.contains("✗ DOES NOT FIT ITS SEAL: sent a text\n"), "{wide}");
        assert!(wide.ends_with("more  --after ff\n"), "{wide}");
        assert!(told(60).contains("\n    changed the business Blue Kite Tours:"), "{}", told(60));
        assert_eq!(super::told(json!({ "items": [{ "id": "7" }] }).as_object().unwrap(), None), None);
    }
}
