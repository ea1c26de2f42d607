//! What a recipient reads or hears.

use std::collections::BTreeMap;

use serde_json::json;

use super::attempt::{Channel, Content};
use super::service::Service;
use super::templates;
use super::verification::Verification;
use super::wanted::Wanted;
use super::words::{self, Words};
use crate::sandbox::answer::Outcome;
use crate::sandbox::carrier::geography;
use crate::sandbox::world::World;

/// The language of a send: the one asked for, else that of the recipient's country.
pub fn locale(wanted: &Wanted) -> &'static str {
    wanted.locale.unwrap_or_else(|| match wanted.channel {
        Channel::Email => "en",
        _ => words::of_country(&geography::place(&wanted.to).country),
    })
}

/// What a template says with all substitutions but the code's made; none when no template is named. Refuses
/// what the template cannot be sent with, so it is asked before anything happens.
pub fn template(world: &World, service: &Service, wanted: &Wanted) -> Outcome<Option<String>> {
    let usual = service.text("default_template_sid").filter(|_| wanted.channel == Channel::Sms);
    let Some(sid) = wanted.template.as_deref().or(usual) else { return Ok(None) };
    let mut given: BTreeMap<String, String> = wanted.substitutions.clone();
    given.insert("friendly_name".into(), name(service, wanted).to_owned());
    templates::render(world, &service.account, sid, wanted.channel, wanted.locale, &given).map(Some)
}

/// What arrives, the sender apart.
pub fn content(service: &Service, wanted: &Wanted, template: Option<&str>, verification: &Verification) -> Content {
    let said = words::words(locale(wanted));
    let name = name(service, wanted);
    let spoken: Vec<String> = verification.code.chars().map(String::from).collect();
    let spoken = spoken.join(" ");
    let fill = |text: &str| {
        text.replace("{name}", name)
            .replace("{code}", &verification.code)
            .replace("{spoken}", &spoken)
            .replace("{amount}", verification.amount.as_deref().unwrap_or_default())
            .replace("{payee}", verification.payee.as_deref().unwrap_or_default())
    };
    let templated = |code: &str| template.map(|text| text.replace("{{code}}", code));
    match wanted.channel {
        Channel::Sms => {
            let own = if verification.amount.is_some() { said.payment } else { said.sms };
            let text = templated(&verification.code).unwrap_or_else(|| fill(own));
            Content { text: sms(service, wanted, said, text), ..Content::default() }
        }
        Channel::Call => {
            let message = templated(&spoken).unwrap_or_else(|| fill(said.call));
            Content { text: call(service, wanted, said, &message), ..Content::default() }
        }
        Channel::Whatsapp => Content { text: fill(said.whatsapp), ..Content::default() },
        Channel::Email => {
            let email = (!wanted.email.is_null()).then(|| json!(wanted.email));
            Content { text: fill(said.email), subject: fill(said.subject), email, ..Content::default() }
        }
    }
}

/// The warning, and what lets an app read the SMS by itself.
fn sms(service: &Service, wanted: &Wanted, said: &Words, mut text: String) -> String {
    if service.flag("do_not_share_warning_enabled") {
        text = format!("{text}. {}", said.warning);
    }
    match &wanted.app_hash {
        Some(hash) => format!("<#> {text}\n{hash}"),
        None => text,
    }
}

/// Whoever is called presses a key where one is asked for; digits to get through are dialled first.
fn call(service: &Service, wanted: &Wanted, said: &Words, message: &str) -> String {
    let dialled = wanted.send_digits.as_deref().map(|digits| format!("[{digits} is dialled] ")).unwrap_or_default();
    if service.flag("dtmf_input_required") {
        return format!("{dialled}{} [a key is pressed] {message}", said.press);
    }
    format!("{dialled}{message}")
}

fn name<'a>(service: &'a Service, wanted: &'a Wanted) -> &'a str {
    wanted.name.as_deref().unwrap_or_else(|| service.name())
}
