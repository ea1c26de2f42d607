//! JSON values as literals of other languages.

use serde_json::Value;

use super::secret;

/// Where a literal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lang {
    /// JSON inside the single quotes of a shell.
    Shell,
    /// JavaScript.
    Node,
    /// Python.
    Python,
}

/// Longer than this, a list or a table is written over several lines.
const LINE: usize = 60;

impl Lang {
    /// How it reads a variable of the environment.
    pub(super) fn variable(self, name: &str) -> String {
        match self {
            // The quotes around are left and entered again.
            Lang::Shell => format!("\"'\"${name}\"'\""),
            Lang::Node => format!("process.env.{name}"),
            Lang::Python => format!("os.environ[\"{name}\"]"),
        }
    }
}

/// A value as it is written there. `indent` is how far the line that it begins in is indented.
pub(super) fn literal(value: &Value, lang: Lang, indent: usize) -> String {
    match (value, lang) {
        (Value::Null, Lang::Python) => "None".to_owned(),
        (Value::Bool(true), Lang::Python) => "True".to_owned(),
        (Value::Bool(false), Lang::Python) => "False".to_owned(),
        (Value::String(text), _) => string(text, lang),
        (Value::Array(items), _) => {
            let inner = items.iter().map(|item| literal(item, lang, indent + step(lang))).collect();
            block(inner, ['[', ']'], lang, indent)
        }
        (Value::Object(map), _) => {
            let pair = |(name, value): (&String, &Value)| {
                let value = match secret(name) {
                    Some(variable) => lang.variable(variable),
                    None => literal(value, lang, indent + step(lang)),
                };
                match lang {
                    Lang::Node if is_name(name) => format!("{name}: {value}"),
                    _ => format!("{}: {value}", string(name, lang)),
                }
            };
            block(map.iter().map(pair).collect(), ['{', '}'], lang, indent)
        }
        (other, _) => other.to_string(),
    }
}

fn step(lang: Lang) -> usize {
    if lang == Lang::Python { 4 } else { 2 }
}

fn block(parts: Vec<String>, [open, close]: [char; 2], lang: Lang, indent: usize) -> String {
    let space = if lang == Lang::Node && open == '{' && !parts.is_empty() { " " } else { "" };
    let short = format!("{open}{space}{}{space}{close}", parts.join(", "));
    if short.len() <= LINE && !short.contains('\n') {
        return short;
    }
    let (outer, inner) = (" ".repeat(indent), " ".repeat(indent + step(lang)));
    let comma = if lang == Lang::Shell { "" } else { "," };
    format!("{open}\n{inner}{}{comma}\n{outer}{close}", parts.join(&format!(",\n{inner}")))
}

fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// JSON's escapes are valid in all three, and what a terminal would obey is among what is escaped.
fn string(text: &str, lang: Lang) -> String {
    let mut out = String::new();
    for c in Value::from(text).to_string().chars() {
        match c {
            '\'' if lang == Lang::Shell => out.push_str("'\\''"),
            c if c.is_control() || crate::domain::shown::is_obeyed(c) => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}
