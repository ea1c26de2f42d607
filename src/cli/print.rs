//! What is printed: the reply as JSON, or a table and lines for a person.

use std::io::{ErrorKind, IsTerminal, Write};

use serde_json::{Map, Value};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::exit::Failure;
use crate::domain::shown::shown;

/// The widest that a cell of a table gets; `--json` has all of it.
const CELL: usize = 48;
/// The narrowest that a wide column is made so that it still fits a line.
const NARROW: usize = 12;

/// Fields in the order in which people look for them; others follow by name.
const ORDER: &[&str] = &[
    "ok",
    "id",
    "handle",
    "name",
    "label",
    "address",
    "customer",
    "at",
    "createdAt",
    "businessName",
    "phoneNumber",
    "channel",
    "direction",
    "from",
    "to",
    "status",
    "used.sends",
    "used.approved",
    "used.conversion",
    "used.lastUsed",
    "assignee",
    "unread",
    "last.preview",
    "body",
    "reason",
    "detail",
    "errorText",
    "sid",
    "kind",
    "agent",
    "contactEmail",
    "active",
    "version",
];

/// Fields that are for programs.
const HIDDEN: &[&str] = &["asOf"];

/// How to print.
#[derive(Debug, Clone, Copy)]
pub struct Out {
    /// JSON, for programs.
    pub json: bool,
    /// Cells in a line of the terminal; `None` when the output goes elsewhere.
    pub width: Option<usize>,
}

impl Out {
    /// To this process's stdout.
    pub fn new(json: bool) -> Out {
        let columns = || std::env::var("COLUMNS").ok()?.parse().ok();
        let size = || crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns));
        // Whoever says how wide a line is means it for a pipe, too.
        let width = match std::io::stdout().is_terminal() {
            true => Some(columns().or_else(size).unwrap_or(80)),
            false if json => None,
            false => columns(),
        };
        Out { json, width }
    }

    /// Prints one line.
    ///
    /// # Errors
    /// When stdout cannot be written to; a reader that has gone is none.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        self.raw(format!("{text}\n").as_bytes())
    }

    /// Prints what is given, as it is.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        self.write(bytes).map(drop)
    }

    /// Prints one line of many; answers whether somebody still reads.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn told(&self, text: &str) -> Result<bool, Failure> {
        self.write(format!("{text}\n").as_bytes())
    }

    fn write(&self, bytes: &[u8]) -> Result<bool, Failure> {
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
            Err(e) => Err(Failure::failed(format!("stdout cannot be written: {e}"))),
        }
    }

    /// Prints a reply: one line of JSON (several on a terminal), or words.
    ///
    /// # Errors
    /// As [`Out::line`].
    pub fn reply(&self, reply: &Value) -> Result<(), Failure> {
        if !self.json {
            return self.raw(self.words(reply).as_bytes());
        }
        match self.width {
            Some(_) => self.line(&serde_json::to_string_pretty(reply).unwrap_or_default()),
            None => self.line(&reply.to_string()),
        }
    }

    fn words(&self, reply: &Value) -> String {
        let Value::Object(reply) = reply else { return format!("{}\n", text(reply)) };
        if let Some(verdict) = verdict(reply) {
            return verdict;
        }
        if let Some(usage) = super::usage::told(reply, self.width) {
            return usage;
        }
        if let Some(lines) = super::grid::told(reply, self.width).or_else(|| super::log::told(reply, self.width)) {
            return lines;
        }
        if let Some(burst) = super::burst::told(reply, self.width) {
            return burst;
        }
        if reply.is_empty() {
            return "done\n".to_owned();
        }
        let mut out = String::new();
        let mut lines = Vec::new();
        for (name, value) in flat(reply, "") {
            match value {
                Value::Array(rows) if rows.iter().any(Value::is_object) || name == "items" => {
                    out.push_str(&self.table(&name, rows));
                }
                _ if name == "next" => lines.push(("more".to_owned(), format!("--after {}", text(value)))),
                _ => lines.push((name, text(value))),
            }
        }
        let widest = lines.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
        let room = self.width.map_or(usize::MAX, |width| width.saturating_sub(widest + 2).max(NARROW));
        for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
            let parts = if value.width() <= room { vec![value.clone()] } else { super::grid::wrapped(value, room) };
            for (nth, part) in parts.iter().enumerate() {
                let name = if nth == 0 { name.as_str() } else { "" };
                out.push_str(&format!("{name:<widest$}  {part}\n"));
            }
        }
        out
    }

    fn table(&self, name: &str, rows: &[Value]) -> String {
        let rows: Vec<Vec<(String, String)>> = rows
            .iter()
            .filter_map(Value::as_object)
            .map(|row| flat(row, "").into_iter().map(|(k, v)| (k, cut(&text(v), CELL))).collect())
            .collect();
        let mut columns: Vec<String> = Vec::new();
        for (column, cell) in rows.iter().flatten() {
            if !cell.is_empty() && !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        columns.sort_by_key(|c| rank(c));
        let cell = |row: &[(String, String)], column: &str| {
            row.iter().find(|(k, _)| k == column).map(|(_, v)| v.clone()).unwrap_or_default()
        };
        if columns.is_empty() {
            return if name == "items" { "(none)\n".to_owned() } else { format!("{name}: (none)\n") };
        }
        let widest =
            |column: &str| rows.iter().map(|row| cell(row, column).width()).chain([column.width()]).max().unwrap_or(0);
        let mut widths: Vec<(String, usize)> = columns.iter().map(|c| (c.clone(), widest(c))).collect();
        let all = widths.len();
        if let Some(width) = self.width {
            let mut left = width;
            let mut first = true;
            // What does not fit is made narrower if that leaves something to read, else left out.
            widths.retain_mut(|(name, cells)| {
                let room = if first { left } else { left.saturating_sub(2) };
                if *cells > room && room < NARROW.max(name.width()) {
                    return false;
                }
                *cells = (*cells).min(room);
                left = room - *cells;
                first = false;
                true
            });
        }
        let line = |cells: Vec<String>| {
            let padded: Vec<String> = cells
                .iter()
                .zip(&widths)
                .map(|(c, (_, w))| (cut(c, *w), w))
                .map(|(c, w)| format!("{c}{}", " ".repeat(w.saturating_sub(c.width()))))
                .collect();
            format!("{}\n", padded.join("  ").trim_end())
        };
        let mut out = if name == "items" { String::new() } else { format!("{name}:\n") };
        out.push_str(&line(widths.iter().map(|(c, _)| c.to_uppercase()).collect()));
        for row in &rows {
            out.push_str(&line(widths.iter().map(|(c, _)| cell(row, c)).collect()));
        }
        if widths.len() < all {
            out.push_str(&format!("({} of {all} columns; --json has all)\n", widths.len()));
        }
        out
    }
}

/// The audit chain's check is said in one sentence.
fn verdict(reply: &Map<String, Value>) -> Option<String> {
    let (ok, entries, faults) =
        (reply.get("ok")?.as_bool()?, reply.get("entries")?.as_u64()?, reply.get("faults")?.as_array()?);
    let erased = match reply.get("erased").and_then(Value::as_u64) {
        Some(n) if n > 0 => format!(", {n} erased, by receipt"),
        _ => String::new(),
    };
    let word = if ok { "OK" } else { "BROKEN" };
    let faults: String = faults.iter().map(|f| format!("  {}\n", text(f))).collect();
    Some(format!("audit chain {word} ({entries} entries{erased})\n{faults}"))
}

/// The fields with those of inner objects beside them, as `last.preview`, in the order for people.
fn flat<'a>(object: &'a Map<String, Value>, prefix: &str) -> Vec<(String, &'a Value)> {
    let mut out = Vec::new();
    for (name, value) in object.iter().filter(|(name, _)| !HIDDEN.contains(&name.as_str())) {
        let full = format!("{prefix}{}", shown(name));
        match value {
            Value::Object(inner) => out.extend(flat(inner, &format!("{full}."))),
            _ => out.push((full, value)),
        }
    }
    out.sort_by_key(|(name, _)| rank(name));
    out
}

fn rank(name: &str) -> (usize, String) {
    (ORDER.iter().position(|o| *o == name).unwrap_or(ORDER.len()), name.to_owned())
}

/// A value for a person: nothing in it is obeyed by a terminal.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(s) => shown(s).into_owned(),
        Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        other => shown(other.to_string()).into_owned(),
    }
}

fn cut(cell: &str, cells: usize) -> String {
    if cell.width() <= cells {
        return cell.to_owned();
    }
    let mut used = 0;
    let kept = cell.graphemes(true).take_while(|g| {
        used += g.width();
        used < cells
    });
    kept.chain(["…"]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(width: Option<usize>, reply: &Value) -> String {
        Out { json: false, width }.words(reply)
    }

    #[test]
    fn a_list_is_a_table_with_what_people_look_for_first() {
        let reply = json!({
            "items": [
                {"customer": "+14155550111", "id": "7", "name": "Sam Ortiz", "last": {"preview": "Is parking\u{1b}[31m free?", "id": "9"}},
                {"customer": "+14155550112", "id": "8", "name": "李伟", "labels": []},
            ],
            "asOf": "abc",
            "counts": {"mine": 1},
            "next": "xyz",
        });
        let lines: Vec<String> = words(None, &reply).lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [
                "ID  NAME       CUSTOMER      LAST.PREVIEW           LAST.ID",
                "7   Sam Ortiz  +14155550111  Is parking␛[31m free?  9",
                "8   李伟       +14155550112",
                "counts.mine  1",
                "more         --after xyz",
            ]
        );
        let narrow = words(Some(30), &reply);
        assert!(narrow.starts_with("ID  NAME       CUSTOMER\n"), "{narrow}");
        assert!(narrow.contains("(3 of 5 columns; --json has all)"), "{narrow}");
        // What is wide is made narrower, and narrow columns behind it still find room.
        assert!(words(Some(56), &reply).lines().all(|line| line.width() <= 56));
        assert!(words(Some(46), &reply).contains("Is parking␛[31m …"), "{}", words(Some(46), &reply));
        let one = json!({"name": "x", "detail": "one two three four five six seven eight"});
        assert_eq!(
            words(Some(24), &one),
            "name    x\ndetail  one two three\n        four five six\n        seven eight\n"
        );
    }

    #[test]
    fn how_a_template_is_used_is_in_view_on_any_terminal() {
        let used = json!({"sends": 12, "verifications": 11, "approved": 9, "conversion": "81.8", "lastUsed": "2026-03-02T17:00:00Z"});
        let text =
            json!({"locale": "en", "text": "Your {{brand}} code is {{code}}, do not share it", "status": "approved"});
        let row = json!({"sid": "HJ00000000000000000000000000000000", "name": "Brand", "status": "approved", "channels": ["sms"], "used": used, "translations": [text]});
        let told = words(Some(90), &json!({"items": [row]}));
        assert!(
            told.starts_with("NAME   STATUS    USED.SENDS  USED.APPROVED  USED.CONVERSION  USED.LASTUSED"),
            "{told}"
        );
        assert!(
            told.contains("Brand  approved  12          9              81.8             2026-03-02T17:00:00Z"),
            "{told}"
        );
    }

    #[test]
    fn one_thing_is_lines_and_nothing_is_done() {
        assert_eq!(
            words(None, &json!({"name": "a\nb", "id": "7", "active": true, "tags": ["x", "y"], "gone": null})),
            "id      7\nname    a⏎b\nactive  yes\ntags    x, y\n"
        );
        assert_eq!(words(None, &json!({})), "done\n");
        assert_eq!(words(None, &json!({"items": []})), "(none)\n");
        let phone = json!({"address": "+1", "messages": [{"body": "hi", "direction": "in"}]});
        assert_eq!(words(None, &phone), "messages:\nDIRECTION  BODY\nin         hi\naddress  +1\n");
    }

    #[test]
    fn long_cells_are_cut_by_what_the_eye_sees() {
        let cell = cut(&"李".repeat(40), CELL);
        assert_eq!((cell.width(), cell.chars().last()), (47, Some('…')));
        assert_eq!(cut("short", CELL), "short");
    }

    #[test]
    fn the_audit_check_is_a_sentence() {
        let good = json!({"ok": true, "entries": 12, "erased": 0, "faults": []});
        assert_eq!(words(None, &good), "audit chain OK (12 entries)\n");
        let bad = json!({"ok": false, "entries": 12, "erased": 2, "faults": ["lane 0, entry 3: changed"]});
        assert_eq!(
            words(None, &bad),
            "audit chain BROKEN (12 entries, 2 erased, by receipt)\n  lane 0, entry 3: changed\n"
        );
    }
}
