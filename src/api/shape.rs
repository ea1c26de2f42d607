//! The fields of an operation's input, read off its JSON schema: what each takes, as an option of a command and
//! as a text in a path or a query.
//!
//! Everything that comes in is read by one decoder, that of JSON: what came as text is first made what its
//! field is. Knows nothing of HTTP or of the command line.

use serde_json::{Map, Value};

use super::code::option_of;

/// What a field takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Takes {
    /// A text.
    Text,
    /// A whole number within bounds.
    Whole(i64, i64),
    /// Yes or no.
    YesNo,
    /// One of these words.
    Choice(Vec<String>),
    /// Several texts; the option may be repeated.
    Many,
    /// Names with their values, as `brand=Harbor`; the option may be repeated.
    Pairs,
    /// Anything else, written as JSON.
    Json,
}

/// One field of an input.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// What it takes.
    pub takes: Takes,
    /// Whether the operation cannot do without it.
    pub required: bool,
    /// Whether it stands in the path: it is given by position then.
    pub in_path: bool,
    /// What it means.
    pub meaning: String,
}

impl Field {
    /// Its option: `clientRef` is `--client-ref`.
    pub fn option(&self) -> String {
        option_of(&self.name)
    }
}

/// The fields of one input.
#[derive(Debug)]
pub struct Shape(Vec<Field>);

impl Shape {
    /// The fields of an input: those of the path in its order, then the others as the schema has them.
    pub(super) fn of(path: &str, input: fn(&mut schemars::SchemaGenerator) -> schemars::Schema) -> Shape {
        let mut generator = schemars::SchemaGenerator::default();
        let input = input(&mut generator).to_value();
        let root = serde_json::json!({ "$defs": generator.definitions() });
        let input = resolved(&root, &input);
        let required: Vec<&str> =
            input["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let path: Vec<&str> = path.split('/').filter_map(|s| s.strip_prefix('{')?.strip_suffix('}')).collect();
        let mut fields: Vec<Field> = input["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, schema)| Field {
                in_path: path.contains(&name.as_str()),
                required: path.contains(&name.as_str()) || required.contains(&name.as_str()),
                takes: takes(&root, schema),
                meaning: schema["description"].as_str().unwrap_or_default().trim_end_matches('.').replace('\n', " "),
                name: name.clone(),
            })
            .collect();
        fields.sort_by_key(|f| (path.iter().position(|p| *p == f.name).unwrap_or(path.len()), !f.required));
        Shape(fields)
    }

    /// The fields.
    pub fn fields(&self) -> &[Field] {
        &self.0
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.name == name)
    }

    /// Puts in what came as text, as what its field is. A text that cannot be that stays one, and is refused
    /// by the decoder in its own words.
    pub(super) fn put(&self, map: &mut Map<String, Value>, name: String, text: String) {
        let value = match self.field(&name).map(|field| &field.takes) {
            Some(Takes::Whole(..)) => whole(&text),
            Some(Takes::YesNo) => text.parse::<bool>().ok().map(Value::Bool),
            _ => None,
        };
        map.insert(name, value.unwrap_or(Value::String(text)));
    }
}

fn whole(text: &str) -> Option<Value> {
    let unsigned = text.parse::<u64>().ok().map(Value::from);
    unsigned.or_else(|| text.parse::<i64>().ok().map(Value::from))
}

fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let target = schema["$ref"].as_str().and_then(|r| root.pointer(r.trim_start_matches('#')));
    target.unwrap_or(schema)
}

fn takes(root: &Value, schema: &Value) -> Takes {
    let schema = resolved(root, schema);
    // An optional field is the thing or null; each variant of an enumeration may have its own comment.
    if let Some(ways) = ["anyOf", "oneOf"].iter().find_map(|word| schema[*word].as_array()) {
        let real: Vec<&Value> = ways.iter().filter(|w| w["type"] != "null").map(|w| resolved(root, w)).collect();
        if let [only] = real[..] {
            return takes(root, only);
        }
        let mut words = Vec::new();
        for way in real {
            match takes(root, way) {
                Takes::Choice(more) => words.extend(more),
                _ => return Takes::Json,
            }
        }
        return Takes::Choice(words);
    }
    let text = |v: &Value| v.as_str().map(str::to_owned);
    if let Some(words) = schema["enum"].as_array() {
        return Takes::Choice(words.iter().filter_map(text).collect());
    }
    if let Some(word) = text(&schema["const"]) {
        return Takes::Choice(vec![word]);
    }
    let is = |word: &str| {
        schema["type"] == word || schema["type"].as_array().is_some_and(|t| t.first().is_some_and(|t| t == word))
    };
    if is("string") {
        Takes::Text
    } else if is("boolean") {
        Takes::YesNo
    } else if is("integer") {
        let bound = |key: &str, otherwise| schema[key].as_i64().unwrap_or(otherwise);
        let highest = match schema["format"].as_str() {
            Some("uint32") => i64::from(u32::MAX),
            Some("uint16") => i64::from(u16::MAX),
            _ => i64::MAX,
        };
        Takes::Whole(bound("minimum", i64::MIN), bound("maximum", highest))
    } else if is("object") && schema["additionalProperties"]["type"] == "string" {
        Takes::Pairs
    } else if is("array") && takes(root, &schema["items"]) == Takes::Text {
        Takes::Many
    } else {
        Takes::Json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::OPERATIONS;

    fn shape_of(name: &str) -> &'static Shape {
        OPERATIONS.iter().find(|s| s.name == name).unwrap().shape()
    }

    fn of(name: &str) -> Vec<Field> {
        shape_of(name).fields().to_vec()
    }

    fn takes_of(operation: &str, field: &str) -> Takes {
        of(operation).into_iter().find(|f| f.name == field).unwrap().takes
    }

    #[test]
    fn options_follow_the_types() {
        assert_eq!(takes_of("SendMessage", "body"), Takes::Text);
        assert_eq!(takes_of("SendMessage", "conversation"), Takes::Text);
        assert_eq!(takes_of("SendMessage", "holdSeconds"), Takes::Whole(0, i64::from(u32::MAX)));
        assert_eq!(takes_of("AdvanceClock", "paused"), Takes::YesNo);
        assert_eq!(takes_of("CreateEndpoint", "addresses"), Takes::Many);
        assert_eq!(takes_of("SetConversationStatus", "until"), Takes::Text);
        let words = |list: &[&str]| Takes::Choice(list.iter().map(|w| (*w).to_owned()).collect());
        assert_eq!(takes_of("CreateEndpoint", "mode"), words(&["messaging", "conversations"]));
        assert_eq!(
            takes_of("ListConversations", "tab"),
            words(&["mine", "unassigned", "all", "waiting", "failed", "snoozed"])
        );
    }

    #[test]
    fn every_field_of_every_operation_has_an_option_that_fits_and_a_meaning() {
        for spec in OPERATIONS {
            let fields = spec.shape().fields();
            for field in fields {
                assert_ne!(field.takes, Takes::Json, "{}.{} would have to be written as JSON", spec.name, field.name);
                assert!(!field.meaning.is_empty(), "{}.{} has no comment", spec.name, field.name);
            }
            assert_eq!(fields.iter().filter(|f| f.in_path).count(), spec.path.matches('{').count(), "{}", spec.name);
        }
        let token = of("CreateToken");
        assert_eq!(token.iter().find(|f| f.name == "agent").unwrap().option(), "for-agent");
        assert_eq!(of("SendMessage").iter().find(|f| f.name == "clientRef").unwrap().option(), "client-ref");
    }

    #[test]
    fn a_text_becomes_what_its_field_is() {
        let shape = shape_of("ListConversations");
        let mut map = Map::new();
        for (name, text) in [("limit", "20"), ("tab", "mine"), ("strange", "1")] {
            shape.put(&mut map, name.into(), text.into());
        }
        assert_eq!(Value::Object(map), serde_json::json!({ "limit": 20, "tab": "mine", "strange": "1" }));
        let mut map = Map::new();
        shape.put(&mut map, "limit".into(), "many".into());
        assert_eq!(map["limit"], "many");
        assert!(shape.field("business").is_some() && shape.field("Business").is_none());
    }

    #[test]
    fn whatever_a_query_carries_is_one_text() {
        for spec in OPERATIONS.iter().filter(|spec| spec.method.is_bodiless()) {
            for field in spec.shape().fields() {
                let is_one = matches!(field.takes, Takes::Text | Takes::Whole(..) | Takes::YesNo | Takes::Choice(_));
                assert!(is_one, "{}: `{}` cannot be told in a query: {:?}", spec.name, field.name, field.takes);
            }
        }
    }
}
