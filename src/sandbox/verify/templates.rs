//! Templates: the texts of SMS and calls in several languages, with substitutions of one's own.
//!
//! Read only at Twilio, where they are reviewed; here some are there from the start and the control API
//! adds more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attempt::Channel;
use super::errors::{invalid, refuse};
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock::{START, formatted};
use crate::sandbox::error::StoreError;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::seed::Seed;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// A template's text in a language.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Translation {
    /// With `{{friendly_name}}`, `{{code}}` and others.
    pub text: String,
    /// `approved`, `pending` or `rejected`.
    pub status: String,
    /// Whether it serves for languages that have none.
    pub default: bool,
}

/// A template.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Template {
    /// `HJ...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// Its name.
    pub name: String,
    /// `sms`, `voice`.
    pub channels: Vec<String>,
    /// By language.
    pub translations: BTreeMap<String, Translation>,
    /// Simulated time.
    pub created: u64,
}

impl Row for Template {
    const KIND: &'static str = "verify-template";
}

const INDEX: &str = "verify-templates";

/// Name, channels, translations (language, text, status); the first translation is the default one.
type Told = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str, &'static str)]);

/// The templates that a fresh account has.
const SEEDED: &[Told] = &[
    (
        "Sharing warning",
        &["sms", "voice"],
        &[
            (
                "en",
                "Your {{friendly_name}} verification code is: {{code}}. Do not share this code with anyone.",
                "approved",
            ),
            ("es", "Tu código de {{friendly_name}} es: {{code}}. No lo compartas con nadie.", "approved"),
            ("de", "Dein Code für {{friendly_name}} lautet: {{code}}. Gib ihn nicht weiter.", "approved"),
            ("fr", "Votre code {{friendly_name}} : {{code}}. Ne le partagez pas.", "approved"),
        ],
    ),
    (
        "Brand",
        &["sms", "voice"],
        &[
            ("en", "Your {{brand}} code is {{code}}", "approved"),
            ("es", "Tu código de {{brand}} es {{code}}", "approved"),
            ("de", "Dein {{brand}}-Code lautet {{code}}", "approved"),
            ("fr", "Votre code {{brand}} est {{code}}", "pending"),
        ],
    ),
    ("Order", &["sms"], &[("en", "{{code}} confirms your order {{order}} at {{friendly_name}}", "approved")]),
];

/// Gives an account the templates that are there from the start; their SIDs are the same in every sandbox.
pub fn fill(world: &mut World, account: &str) -> Result<(), StoreError> {
    for (name, channels, told) in SEEDED {
        let translations = told.iter().enumerate().map(|(at, (locale, text, status))| {
            let translation = Translation { text: (*text).to_owned(), status: (*status).to_owned(), default: at == 0 };
            ((*locale).to_owned(), translation)
        });
        let template = Template {
            sid: Seed::new(0).sid("HJ", &["fresh", name]),
            account: account.to_owned(),
            name: (*name).to_owned(),
            channels: channels.iter().map(|channel| (*channel).to_owned()).collect(),
            translations: translations.collect(),
            created: START,
        };
        add(world, &template)?;
    }
    Ok(())
}

/// Saves a new template.
pub fn add(world: &mut World, template: &Template) -> Result<(), StoreError> {
    let key = paging::key(&template.account, template.created, world.sequence());
    world.link(INDEX, &key, &template.sid)?;
    world.put(&template.sid, template)
}

/// `GET Templates`.
pub fn list(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    if call.method != "GET" {
        return Err(Refusal::method_not_allowed().into());
    }
    let (asked, name) = (Asked::read(call, 50, 1000)?, call.query.text("FriendlyName"));
    let page = paging::read(world, INDEX, &caller.account, asked, |world, sid| {
        let found = world.get::<Template>(sid)?;
        Ok(found.filter(|template| name.is_none_or(|name| template.name == name)))
    })?;
    Ok(page.modern(call, "templates", show))
}

/// What an answer shows.
pub fn show(template: &Template) -> Value {
    // Nanoseconds, which only these dates have.
    let date = formatted(template.created, "%Y-%m-%dT%H:%M:%S%.9fZ");
    let translations: serde_json::Map<String, Value> = template
        .translations
        .iter()
        .map(|(locale, one)| {
            let shown = json!({
                "is_default_translation": one.default, "status": one.status, "locale": locale, "text": one.text,
                "date_created": date, "date_updated": date,
            });
            (locale.clone(), shown)
        })
        .collect();
    json!({
        "sid": template.sid,
        "account_sid": template.account,
        "friendly_name": template.name,
        "channels": template.channels,
        "translations": translations,
    })
}

/// A template's text in a language for a channel, with all substitutions but the code's made.
pub fn render(
    world: &World,
    account: &str,
    sid: &str,
    channel: Channel,
    locale: Option<&str>,
    given: &BTreeMap<String, String>,
) -> Outcome<String> {
    let found = world.get::<Template>(sid)?.filter(|template| template.account == account);
    let template = found.ok_or_else(|| refuse(60228))?;
    let word = match channel {
        Channel::Sms => "sms",
        Channel::Call => "voice",
        Channel::Whatsapp | Channel::Email => return Err(refuse(60227).into()),
    };
    if !template.channels.iter().any(|channel| channel == word) {
        return Err(refuse(60227).into());
    }
    let translation = match locale {
        Some(locale) => template.translations.get(locale),
        None => template.translations.values().find(|translation| translation.default),
    };
    let translation = translation.ok_or_else(|| refuse(60229))?;
    if translation.status != "approved" {
        return Err(refuse(60201).into());
    }
    let missing: Vec<&str> =
        names(&translation.text).filter(|name| *name != "code" && !given.contains_key(*name)).collect();
    if !missing.is_empty() {
        let refusal = refuse(60224);
        return Err(Refusal { message: format!("{}: {}", refusal.message, missing.join(", ")), ..refusal }.into());
    }
    Ok(given
        .iter()
        .fold(translation.text.clone(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value)))
}

/// The names between double braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(name, _)| name))
}

/// Reads `TemplateCustomSubstitutions`: a JSON object of texts.
pub fn substitutions(text: Option<&str>) -> Result<BTreeMap<String, String>, Refusal> {
    let Some(text) = text else { return Ok(BTreeMap::new()) };
    let read: BTreeMap<String, Value> =
        serde_json::from_str(text).map_err(|_| invalid("TemplateCustomSubstitutions"))?;
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    read.into_iter()
        .map(|(name, value)| Some((name, text(value)?)))
        .collect::<Option<_>>()
        .ok_or_else(|| invalid("TemplateCustomSubstitutions"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_between_double_braces() {
        let all: Vec<&str> = names("Your {{brand}} code {is} {{code}} {{open").collect();
        assert_eq!(all, ["brand", "code"]);
        assert_eq!(substitutions(Some(r#"{"brand":"Harbor","n":7}"#)).unwrap()["n"], "7");
        assert!(substitutions(Some("[1]")).is_err() && substitutions(Some(r#"{"a":{}}"#)).is_err());
    }
}
