//! The journal: every API call and every webhook attempt, for the inspector and for tests.
//!
//! A bounded ring in numbered order. It holds what went over the wire, so no credentials (they travel in a
//! header) and no one-time codes (no answer of Twilio's has one).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How many entries are kept.
pub const KEEP: u64 = 2_000;

/// Longer texts are cut in the journal, not on the wire.
const LONGEST: usize = 4_096;

/// One call or one attempt at a webhook.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Entry {
    /// Its number, counting up from 1.
    pub n: u64,
    /// `request` or `webhook`; `phone` for what reached or left a handset, `control` for the control API.
    pub kind: String,
    /// Simulated time.
    pub at: String,
    /// The product that was called, or what the webhook is about (`sms`, `status`, ...).
    pub product: String,
    /// The HTTP method.
    pub method: String,
    /// The path with its query that was called, or the URL that was requested.
    pub path: String,
    /// The account.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub account_sid: String,
    /// What was sent: parameters as an object, or JSON.
    pub request: Value,
    /// The HTTP status of the answer; none when there was no answer.
    pub status: Option<u16>,
    /// The answer.
    pub response: Value,
    /// Twilio's error code, in an answer or as the outcome of a webhook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// Why there was no answer, or what went wrong on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The resource a webhook is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The attempt at a webhook, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Wall time it took, in milliseconds.
    pub took_ms: u64,
}

impl Entry {
    /// Whether it went over the wire between Twilio and its customer.
    pub fn travelled(&self) -> bool {
        matches!(self.kind.as_str(), "request" | "webhook")
    }
}

/// Form parameters as a JSON object; repeated names become a list.
pub fn object<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let mut map = serde_json::Map::new();
    for (name, value) in pairs {
        let value = Value::from(cut(value));
        match map.get_mut(name) {
            None => {
                map.insert(name.to_owned(), value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(map)
}

/// The body of an answer: JSON as such, anything else as text.
pub fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    if bytes.len() <= LONGEST * 4
        && let Ok(value) = serde_json::from_slice::<Value>(bytes)
    {
        return value;
    }
    Value::from(cut(&String::from_utf8_lossy(bytes)))
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}… ({} bytes)", &text[..at], text.len()),
        None => text.to_owned(),
    }
}
