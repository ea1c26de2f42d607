//! A request as code: the command, curl, JavaScript and Python that ask for the same.
//!
//! Everything comes from the table of operations, so that no operation has snippets of its own; what goes to
//! Twilio is written for Twilio's SDKs in [`twilio`]. What is secret is written as a variable of the
//! environment, so that a snippet can be run and shown alike. It knows neither screens nor who executes.

mod literal;
pub mod twilio;

use serde_json::{Map, Value};

use super::{Method, Request};
use crate::domain::shown::is_obeyed;
use literal::{Lang, literal};

/// A request written down in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The language, in a word.
    pub name: &'static str,
    /// The code.
    pub text: String,
}

/// A call of the API, whether or not an operation of the table makes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// What it is called, e.g. `SendMessage`.
    pub name: String,
    /// HTTP method.
    pub method: Method,
    /// Path and query, escaped.
    pub path: String,
    /// The body, where there is one.
    pub body: Option<Map<String, Value>>,
    /// The command that does the same, ready for a shell.
    pub command: String,
}

impl Call {
    /// The call of an operation.
    pub fn of(request: &Request) -> Call {
        let spec = request.spec();
        let mut input = match request.input() {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let mut path = String::new();
        let mut words = vec!["switchboard".to_owned(), spec.command.to_owned()];
        for segment in spec.path.split('/').skip(1) {
            path.push('/');
            match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
                Some(name) => {
                    let value = input.remove(name).and_then(|v| plain(&v)).unwrap_or_default();
                    path.push_str(&escaped(&value));
                    // Commands take a business by the option that all of them have.
                    match name {
                        "business" => words.push(given("business", &value)),
                        _ => words.push(quoted(&value)),
                    }
                }
                None => path.push_str(segment),
            }
        }
        input.retain(|_, value| !value.is_null());
        input.iter().for_each(|(name, value)| option(&mut words, name, value));
        let body = (!spec.method.is_bodiless()).then(|| input.clone());
        if body.is_none() {
            for (n, (name, value)) in input.iter().filter_map(|(k, v)| Some((k, plain(v)?))).enumerate() {
                path.push(if n == 0 { '?' } else { '&' });
                path.push_str(&format!("{name}={}", escaped(&value)));
            }
        }
        Call { name: spec.name.to_owned(), method: spec.method, path, body, command: words.join(" ") }
    }

    /// The call as code, for the node at `base` (`http://host:port`).
    pub fn sheets(&self, base: &str) -> Vec<Sheet> {
        let url = format!("{}{}", base.trim_end_matches('/'), self.path);
        vec![
            Sheet { name: "switchboard", text: self.command.clone() },
            Sheet { name: "curl", text: self.curl(&url) },
            Sheet { name: "node", text: self.node(&url) },
            Sheet { name: "python", text: self.python(&url) },
        ]
    }

    fn body(&self, lang: Lang, indent: usize) -> Option<String> {
        self.body.as_ref().map(|body| literal(&Value::Object(body.clone()), lang, indent))
    }

    fn curl(&self, url: &str) -> String {
        let mut lines = vec![match self.method {
            Method::Get => format!("curl -sS {}", quoted(url)),
            method => format!("curl -sS -X {} {}", method.as_str(), quoted(url)),
        }];
        lines.push("-H \"Authorization: Bearer $SWITCHBOARD_TOKEN\"".to_owned());
        if let Some(body) = self.body(Lang::Shell, 0) {
            lines.push("-H 'Content-Type: application/json'".to_owned());
            lines.push(format!("--data '{body}'"));
        }
        lines.join(" \\\n  ")
    }

    fn node(&self, url: &str) -> String {
        let mut out = format!("const answer = await fetch({}, {{\n", literal(&url.into(), Lang::Node, 0));
        if self.method != Method::Get {
            out.push_str(&format!("  method: \"{}\",\n", self.method.as_str()));
        }
        out.push_str("  headers: {\n    Authorization: `Bearer ${process.env.SWITCHBOARD_TOKEN}`,\n");
        match self.body(Lang::Node, 2) {
            Some(body) => out.push_str(&format!(
                "    \"Content-Type\": \"application/json\",\n  }},\n  body: JSON.stringify({body}),\n"
            )),
            None => out.push_str("  },\n"),
        }
        out.push_str("});\nconsole.log(answer.status, await answer.json());");
        out
    }

    fn python(&self, url: &str) -> String {
        let mut out = format!(
            "import os\n\nimport requests\n\nanswer = requests.{}(\n    {},\n",
            self.method.as_str().to_lowercase(),
            literal(&url.into(), Lang::Python, 0)
        );
        out.push_str("    headers={\"Authorization\": \"Bearer \" + os.environ[\"SWITCHBOARD_TOKEN\"]},\n");
        if let Some(body) = self.body(Lang::Python, 4) {
            out.push_str(&format!("    json={body},\n"));
        }
        out.push_str(")\nprint(answer.status_code, answer.json())");
        out
    }
}

/// The option of a field: `clientRef` is `--client-ref`. A name that all commands use for something else is
/// told apart: `--for-agent`.
pub fn option_of(field: &str) -> String {
    let kebab: String = field
        .chars()
        .flat_map(|c| c.is_ascii_uppercase().then_some('-').into_iter().chain(std::iter::once(c.to_ascii_lowercase())))
        .collect();
    match kebab.as_str() {
        "agent" | "config" | "state-dir" | "json" | "as" | "yes" | "connect" | "token-file" | "help" => {
            format!("for-{kebab}")
        }
        _ => kebab,
    }
}

fn option(words: &mut Vec<String>, field: &str, value: &Value) {
    let option = option_of(field);
    match (secret(field), value) {
        (Some(variable), _) => words.push(format!("--{option} \"${variable}\"")),
        (_, Value::Bool(on)) => words.push(format!("--{option}={on}")),
        (_, Value::Array(items)) => {
            words.extend(items.iter().filter_map(plain).map(|item| given(&option, &item)));
        }
        _ => words.extend(plain(value).map(|value| given(&option, &value))),
    }
}

/// A value that begins like an option must hang on its own one.
fn given(option: &str, value: &str) -> String {
    let sign = if value.starts_with('-') { '=' } else { ' ' };
    format!("--{option}{sign}{}", quoted(value))
}

/// A value as text; `None` for what is absent.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The variable that stands for a field that nobody may read: a one-time code, a token.
fn secret(field: &str) -> Option<&'static str> {
    match field.to_ascii_lowercase().as_str() {
        "code" => Some("CODE"),
        "authtoken" | "token" | "secret" => Some("SECRET"),
        _ => None,
    }
}

/// An answer without what nobody may read.
pub fn masked(answer: Value) -> Value {
    match answer {
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(name, value)| match (secret(&name), &value) {
                    // An error's `code` is its name.
                    (Some(variable), Value::String(_)) if variable != "CODE" => (name, Value::from("••••••")),
                    _ => (name, masked(value)),
                })
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        other => other,
    }
}

/// A value inside a path or a query.
fn escaped(text: &str) -> String {
    // A form writes a space as plus; in a path that would be a plus.
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A word for a POSIX shell. What a terminal would obey is written as an escape (`$'...'`, as bash, zsh and ksh
/// read it), so that pasting a snippet never obeys the text in it.
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:=@%+,-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    if text.chars().any(|c| is_obeyed(c) && c != '\n') {
        let mut out = "$'".to_owned();
        for c in text.chars() {
            match c {
                '\'' | '\\' => out.extend(['\\', c]),
                '\n' => out.push_str("\\n"),
                c if is_obeyed(c) => c.to_string().bytes().for_each(|b| out.push_str(&format!("\\x{b:02x}"))),
                c => out.push(c),
            }
        }
        out.push('\'');
        return out;
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests;
