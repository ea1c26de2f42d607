//! The names of all settings, read off the types, so that no second list can fall behind.

use std::sync::OnceLock;

use serde_json::Value;

use super::settings::Config;

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text in quotes.
    Text,
    /// A whole number.
    Whole,
    /// `true` or `false`.
    YesNo,
    /// A list of texts; in the environment separated by commas.
    List,
}

impl Kind {
    /// What to write in the file.
    pub fn expected(self) -> &'static str {
        match self {
            Kind::Text => "takes a text in quotes",
            Kind::Whole => "takes a whole number",
            Kind::YesNo => "takes true or false",
            Kind::List => "takes a list of texts, such as [\"10.0.0.0/8\"]",
        }
    }
}

/// One setting.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its section, e.g. `twilio`.
    pub section: String,
    /// Its name there, e.g. `account_sid`.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// What it means.
    pub meaning: String,
}

impl Key {
    /// Section and name: `twilio.account_sid`.
    pub fn full(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }

    /// The environment variable that overrides it: Twilio's own names, else `SWITCHBOARD_SECTION_KEY`.
    pub fn env(&self) -> String {
        match (self.section.as_str(), self.name.as_str()) {
            ("console", "agent") => "SWITCHBOARD_AGENT".to_owned(),
            ("twilio", name) => format!("TWILIO_{}", name.to_uppercase()),
            (section, name) => format!("SWITCHBOARD_{}_{}", section.to_uppercase(), name.to_uppercase()),
        }
    }

    /// Whether its value must never be shown.
    pub fn is_secret(&self) -> bool {
        self.section == "twilio" && ["auth_token", "other_auth_token", "api_secret"].contains(&self.name.as_str())
    }

    /// The secret that this key gives, by itself, by a file or by a command.
    pub fn secret_of(&self) -> Option<String> {
        let ways = ["_file", "_cmd"].iter().find_map(|way| self.name.strip_suffix(way));
        let secret = Key { name: ways.unwrap_or(&self.name).to_owned(), ..self.clone() };
        secret.is_secret().then_some(secret.name)
    }

    /// Whether it is a path, to be read from the place of the file that names it.
    pub fn is_path(&self) -> bool {
        self.name.ends_with("_file") || ["path", "file", "keymap", "rates"].contains(&self.name.as_str())
    }
}

/// Every setting, by section and name.
pub fn keys() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let root = schemars::schema_for!(Config).to_value();
        let mut keys = Vec::new();
        for (section, schema) in root["properties"].as_object().into_iter().flatten() {
            let schema = resolved(&root, schema);
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                keys.push(Key {
                    section: section.clone(),
                    name: name.clone(),
                    kind: kind(schema),
                    meaning: schema["description"].as_str().unwrap_or_default().to_owned(),
                });
            }
        }
        keys
    })
}

fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#'));
    pointer.and_then(|p| root.pointer(p)).unwrap_or(schema)
}

fn kind(schema: &Value) -> Kind {
    let is = |word: &str| schema["type"] == word || schema["type"][0] == word;
    if is("integer") {
        Kind::Whole
    } else if is("boolean") {
        Kind::YesNo
    } else if is("array") {
        Kind::List
    } else {
        Kind::Text
    }
}

/// The known name nearest to a wrong one, if it is near enough to be a slip. A key in the wrong
/// section is the nearest of all.
pub(super) fn nearest(wrong: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let wrong_last = last(wrong);
    let distance = |name: &str| {
        if last(name) == wrong_last {
            return 0;
        }
        strsim::damerau_levenshtein(&wrong.to_lowercase(), name)
            .min(strsim::damerau_levenshtein(&wrong_last.to_lowercase(), &last(name)))
    };
    let allowed = (wrong_last.chars().count() / 3).max(2);
    known.map(|name| (distance(&name), name)).filter(|(d, _)| *d <= allowed).min().map(|(_, name)| name)
}
