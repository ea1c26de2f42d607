//! The fields of an operation's input, and how a text in a path or a query stands for one of them.
//!
//! Everything that comes in is read by one decoder, that of JSON: what came as text is first made what its
//! field is. Knows nothing of HTTP.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::openapi::resolved;

/// What a field is made of when it comes as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whole,
    YesNo,
    /// Text, or what only a body can carry.
    Other,
}

/// The fields of one input.
#[derive(Debug)]
pub struct Shape(BTreeMap<String, Kind>);

impl Shape {
    /// Reads it off the input's schema.
    pub(super) fn of(input: fn(&mut schemars::SchemaGenerator) -> schemars::Schema) -> Self {
        let mut generator = schemars::SchemaGenerator::default();
        let schema = resolved(&mut generator, input);
        let fields = schema["properties"].as_object().into_iter().flatten();
        Self(fields.map(|(name, schema)| (name.clone(), kind(schema))).collect())
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Puts in what came as text, as what its field is. A text that cannot be that stays one, and is refused
    /// by the decoder in its own words.
    pub(super) fn put(&self, map: &mut Map<String, Value>, name: String, text: String) {
        let value = match self.0.get(&name) {
            Some(Kind::Whole) => whole(&text),
            Some(Kind::YesNo) => text.parse::<bool>().ok().map(Value::Bool),
            _ => None,
        };
        map.insert(name, value.unwrap_or(Value::String(text)));
    }
}

fn whole(text: &str) -> Option<Value> {
    let unsigned = text.parse::<u64>().ok().map(Value::from);
    unsigned.or_else(|| text.parse::<i64>().ok().map(Value::from))
}

fn kind(schema: &Value) -> Kind {
    // An optional field is the thing or null.
    let is = |word: &str| match &schema["type"] {
        Value::String(only) => only == word,
        Value::Array(several) => several.iter().any(|one| one == word),
        _ => false,
    };
    if is("integer") {
        Kind::Whole
    } else if is("boolean") {
        Kind::YesNo
    } else {
        Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::OPERATIONS;

    #[test]
    fn a_text_becomes_what_its_field_is() {
        let spec = OPERATIONS.iter().find(|spec| spec.name == "ListConversations").unwrap();
        let mut map = Map::new();
        for (name, text) in [("limit", "20"), ("tab", "mine"), ("strange", "1")] {
            spec.shape().put(&mut map, name.into(), text.into());
        }
        assert_eq!(Value::Object(map), serde_json::json!({ "limit": 20, "tab": "mine", "strange": "1" }));
        let mut map = Map::new();
        spec.shape().put(&mut map, "limit".into(), "many".into());
        assert_eq!(map["limit"], "many");
        assert!(spec.shape().has("business") && !spec.shape().has("Business"));
    }

    #[test]
    fn no_field_that_only_a_query_could_carry_is_out_of_its_reach() {
        for spec in OPERATIONS.iter().filter(|spec| spec.method.is_bodiless()) {
            let mut generator = schemars::SchemaGenerator::default();
            let schema = resolved(&mut generator, spec.input);
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                let text = schema.to_string();
                let is_plain =
                    kind(schema) != Kind::Other || !text.contains("\"integer\"") && !text.contains("\"boolean\"");
                assert!(is_plain, "{}: `{name}` cannot be told in a query: {text}", spec.name);
            }
        }
    }
}
