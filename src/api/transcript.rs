//! A conversation written out: as text for people, as CSV for tables, as JSON for programs.

use serde::Serialize;
use serde_json::json;

use super::inbox::{ConversationView, MessageView};
use crate::domain::message::Direction;

/// How a conversation is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// One message after the other, for people.
    #[default]
    Text,
    /// The conversation and its messages as the API has them.
    Json,
    /// A table, one message a row; no cell is a formula to a spreadsheet.
    Csv,
}

/// Writes out a conversation with these messages, the oldest first.
///
/// # Errors
/// When a value cannot be written in that format.
pub fn write(format: Format, view: &ConversationView, messages: &[MessageView]) -> Result<String, String> {
    match format {
        Format::Text => Ok(text(view, messages)),
        Format::Json => serde_json::to_string_pretty(&json!({ "conversation": view, "messages": messages }))
            .map(|text| text + "\n")
            .map_err(|e| e.to_string()),
        Format::Csv => csv(messages),
    }
}

fn text(view: &ConversationView, messages: &[MessageView]) -> String {
    let name = view.name.as_deref().map(|name| format!("{name} ")).unwrap_or_default();
    let mut out = format!("{name}{} with {}\n", view.customer, view.ours);
    for m in messages {
        let who = match (m.direction, m.author.as_deref()) {
            (Direction::In, _) => m.from.to_string(),
            (Direction::Out, author) => author.unwrap_or("we").to_owned(),
            (Direction::Note, author) => format!("note of {}", author.unwrap_or("an agent")),
        };
        out.push_str(&format!("\n{} {who}", m.at.0.rfc3339()));
        if m.direction == Direction::Out {
            out.push_str(&format!(" ({})", word(&m.status)));
        }
        out.push('\n');
        m.body.lines().for_each(|line| out.push_str(&format!("  {line}\n")));
        for file in &m.media {
            out.push_str(&format!("  [{}]\n", file.name.as_deref().unwrap_or(&file.content_type)));
        }
    }
    out
}

fn csv(messages: &[MessageView]) -> Result<String, String> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let names = [
        "id",
        "at",
        "direction",
        "from",
        "to",
        "author",
        "status",
        "error",
        "segments",
        "price",
        "sid",
        "files",
        "body",
    ];
    table.write_record(names).map_err(|e| e.to_string())?;
    for m in messages {
        let cells = [
            m.id.to_string(),
            m.at.0.rfc3339(),
            word(&m.direction),
            m.from.to_string(),
            m.to.to_string(),
            m.author.clone().unwrap_or_default(),
            word(&m.status),
            m.error.map(|code| code.to_string()).unwrap_or_default(),
            m.segments.to_string(),
            m.price.as_ref().map(word).unwrap_or_default(),
            m.sid.map(|sid| sid.to_string()).unwrap_or_default(),
            m.media.len().to_string(),
            m.body.clone(),
        ];
        table.write_record(cells.map(cell)).map_err(|e| e.to_string())?;
    }
    let bytes = table.into_inner().map_err(|e| e.to_string())?;
    String::from_utf8(bytes).map_err(|e| e.to_string())
}

/// A value as its JSON says it, without the quotes.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// What a spreadsheet would take for a formula begins with an apostrophe: texts and names come from anybody.
/// (OWASP, "CSV Injection".)
pub fn cell(text: String) -> String {
    let begins = |c: char| matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠');
    if text.starts_with(begins) { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+14155550123", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
            assert_eq!(cell(bad.to_owned()), format!("'{bad}"));
        }
        assert_eq!(cell("Hi, =1".to_owned()), "Hi, =1");
    }
}
