//! A template: its types with their texts, the values its blanks have when nobody gives any, and the message
//! that comes of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::approval::Approval;
use crate::sandbox::clock::{START, rfc3339};
use crate::sandbox::error::StoreError;
use crate::sandbox::paging;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// A template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Template {
    /// `HX...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// Its name; customers do not see it.
    pub name: String,
    /// Two letters.
    pub language: String,
    /// What stands in a blank when nobody fills it in.
    pub variables: BTreeMap<String, String>,
    /// What it is on each kind of channel, as it came.
    pub types: Map<String, Value>,
    /// What WhatsApp says of it, if it was asked.
    pub approval: Option<Approval>,
    /// Simulated time.
    pub created: u64,
    /// Where it stands in lists.
    #[serde(default)]
    pub place: String,
}

impl Row for Template {
    const KIND: &'static str = "content";
}

/// The index of an account's templates.
pub const INDEX: &str = "contents";

/// A template that is there from the start.
pub struct Seeded {
    /// Its name, also at WhatsApp.
    pub name: &'static str,
    language: &'static str,
    kind: &'static str,
    body: &'static str,
    variables: &'static [(&'static str, &'static str)],
    category: &'static str,
    /// Since how many seconds before the start it is under review.
    age: u64,
    refused: Option<&'static str>,
}

const DAY: u64 = 86_400;

/// Those of a fresh account.
pub const SEEDED: &[Seeded] = &[
    Seeded {
        name: "appointment_reminder",
        language: "en",
        kind: "twilio/quick-reply",
        body: "Hi {{1}}, this is a reminder of your appointment on {{2}} at {{3}}. Reply here if you need another time.",
        variables: &[("1", "Maria"), ("2", "Friday"), ("3", "10:30")],
        category: "UTILITY",
        age: 30 * DAY,
        refused: None,
    },
    Seeded {
        name: "we_have_news",
        language: "es",
        kind: "twilio/text",
        body: "Hola {{name}}, tenemos novedades sobre su consulta. Responda a este mensaje para continuar.",
        variables: &[("name", "María")],
        category: "UTILITY",
        age: 20 * DAY,
        refused: None,
    },
    Seeded {
        name: "spring_offer",
        language: "en",
        kind: "twilio/text",
        body: "Hi {{1}}, a cleaning in April costs {{2}} less. Shall we book one for you?",
        variables: &[("1", "Maria"), ("2", "20 %")],
        category: "MARKETING",
        age: 0,
        refused: None,
    },
    Seeded {
        name: "act_now",
        language: "en",
        kind: "twilio/text",
        body: "{{1}}{{2}}",
        variables: &[("1", "Act"), ("2", "now")],
        category: "MARKETING",
        age: 10 * DAY,
        refused: Some("INVALID_FORMAT. The template consists of variables alone"),
    },
];

impl Seeded {
    /// As a row; the SID is given by who adds it.
    pub fn template(&self, account: &str, at: usize) -> Template {
        let mut body = json!({ "body": self.body });
        if self.kind == "twilio/quick-reply" {
            body["actions"] = json!([{ "title": "That suits me", "id": "yes" }, { "title": "Call me", "id": "call" }]);
        }
        let types = Map::from_iter([(self.kind.to_owned(), body)]);
        let approval = Approval {
            name: self.name.to_owned(),
            category: self.category.to_owned(),
            asked: START - self.age * 1_000_000,
            refused: self.refused.map(str::to_owned),
        };
        Template {
            sid: String::new(),
            account: account.to_owned(),
            name: self.name.to_owned(),
            language: self.language.to_owned(),
            variables: self.variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            types,
            approval: Some(approval),
            created: START - self.age * 1_000_000 - at as u64,
            place: String::new(),
        }
    }
}

/// Reads the body of a creation.
pub fn read(body: &Value, account: &str, now: u64) -> Result<Template, String> {
    let types = body["types"].as_object().filter(|types| !types.is_empty()).ok_or("types is required")?;
    if let Some(odd) = types.keys().find(|kind| !(kind.starts_with("twilio/") || kind.starts_with("whatsapp/"))) {
        return Err(format!("types: {odd} is no type of content"));
    }
    let language = body["language"].as_str().filter(|l| !l.is_empty()).ok_or("language is required")?;
    let variables = match &body["variables"] {
        Value::Null => BTreeMap::new(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
        _ => return Err("variables is an object".to_owned()),
    };
    Ok(Template {
        sid: String::new(),
        account: account.to_owned(),
        name: body["friendly_name"].as_str().unwrap_or_default().to_owned(),
        language: language.to_owned(),
        variables,
        types: types.clone(),
        approval: None,
        created: now,
        place: String::new(),
    })
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Template {
    /// Adds it to its account.
    pub fn add(mut self, world: &mut World) -> Result<(), StoreError> {
        self.place = paging::key(&self.account, self.created, world.sequence());
        world.link(INDEX, &self.place, &self.sid)?;
        world.put(&self.sid, &self)
    }

    /// Takes it out again.
    pub fn remove(&self, world: &mut World) -> Result<(), StoreError> {
        world.unlink(INDEX, &self.place)?;
        world.remove::<Template>(&self.sid)
    }

    /// Its first type.
    pub fn kind(&self) -> &str {
        self.types.keys().next().map_or("", String::as_str)
    }

    /// What an answer shows.
    pub fn show(&self, origin: &str) -> Value {
        let url = format!("{origin}/v1/Content/{}", self.sid);
        json!({
            "sid": self.sid,
            "account_sid": self.account,
            "friendly_name": self.name,
            "language": self.language,
            "variables": self.variables,
            "types": self.types,
            "url": url,
            "links": {
                "approval_create": format!("{url}/ApprovalRequests/whatsapp"),
                "approval_fetch": format!("{url}/ApprovalRequests"),
            },
            "date_created": rfc3339(self.created),
            "date_updated": rfc3339(self.created),
        })
    }

    /// The text with its blanks filled: by what is given, else by the template's own values. `None` when a
    /// blank has neither.
    pub fn text(&self, given: &BTreeMap<String, String>) -> Option<String> {
        let body = self.types.values().find_map(|kind| kind["body"].as_str().or(kind["title"].as_str()));
        let mut rest = body.unwrap_or_default();
        let mut out = String::new();
        while let Some((before, after)) = rest.split_once("{{") {
            out.push_str(before);
            let (name, after) = after.split_once("}}")?;
            out.push_str(given.get(name.trim()).or_else(|| self.variables.get(name.trim()))?);
            rest = after;
        }
        out.push_str(rest);
        Some(out)
    }

    /// The media it brings along.
    pub fn media(&self) -> Vec<String> {
        let all = self.types.values().filter_map(|kind| kind["media"].as_array()).flatten();
        all.filter_map(Value::as_str).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_filled_by_what_is_given_or_by_its_own_values() {
        let body = json!({ "language": "en", "types": { "twilio/text": { "body": "Hi {{1}}, at {{ when }}." } }, "variables": { "1": "you" } });
        let template = read(&body, "AC1", START).unwrap();
        let given = |pairs: &[(&str, &str)]| pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        assert_eq!(template.text(&given(&[("when", "9")])).as_deref(), Some("Hi you, at 9."));
        assert_eq!(template.text(&given(&[("1", "{{when}}"), ("when", "9")])).as_deref(), Some("Hi {{when}}, at 9."));
        assert_eq!(template.text(&given(&[("1", "Ada")])), None);
        for bad in [json!({}), json!({ "language": "en", "types": {} }), json!({ "types": { "twilio/text": {} } })] {
            assert!(read(&bad, "AC1", START).is_err(), "{bad}");
        }
    }
}
