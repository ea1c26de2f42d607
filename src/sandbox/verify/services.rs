//! The Verify service resource.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::errors::invalid;
use super::rules;
use super::service::Service;
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::world::World;

/// How a setting is read. Empty text clears what may be cleared.
#[derive(Clone, Copy)]
enum Kind {
    Name,
    Text,
    Flag,
    Between(u64, u64),
    /// A SID with this prefix.
    Sid(&'static str),
    Word(&'static [&'static str]),
    /// Several, separated by commas.
    List,
    /// `whatsapp:+...`
    WhatsApp,
}

/// Parameter, place in answers, how it is read, its default as JSON.
const SETTINGS: &[(&str, &str, Kind, &str)] = &[
    ("FriendlyName", "friendly_name", Kind::Name, "null"),
    ("CodeLength", "code_length", Kind::Between(rules::CODE.0, rules::CODE.1), "6"),
    ("LookupEnabled", "lookup_enabled", Kind::Flag, "false"),
    ("SkipSmsToLandlines", "skip_sms_to_landlines", Kind::Flag, "false"),
    ("DtmfInputRequired", "dtmf_input_required", Kind::Flag, "true"),
    ("TtsName", "tts_name", Kind::Text, "null"),
    ("Psd2Enabled", "psd2_enabled", Kind::Flag, "false"),
    ("DoNotShareWarningEnabled", "do_not_share_warning_enabled", Kind::Flag, "false"),
    ("CustomCodeEnabled", "custom_code_enabled", Kind::Flag, "false"),
    ("Push.IncludeDate", "push.include_date", Kind::Flag, "false"),
    ("Push.ApnCredentialSid", "push.apn_credential_sid", Kind::Sid("CR"), "null"),
    ("Push.FcmCredentialSid", "push.fcm_credential_sid", Kind::Sid("CR"), "null"),
    ("Totp.Issuer", "totp.issuer", Kind::Text, "null"),
    ("Totp.TimeStep", "totp.time_step", Kind::Between(20, 60), "null"),
    ("Totp.CodeLength", "totp.code_length", Kind::Between(3, 8), "null"),
    ("Totp.Skew", "totp.skew", Kind::Between(0, 2), "null"),
    ("DefaultTemplateSid", "default_template_sid", Kind::Sid("HJ"), "null"),
    ("Whatsapp.MsgServiceSid", "whatsapp.msg_service_sid", Kind::Sid("MG"), "null"),
    ("Whatsapp.From", "whatsapp.from", Kind::WhatsApp, "null"),
    ("Passkeys.RelyingParty.Id", "passkeys.relying_party.id", Kind::Text, "null"),
    ("Passkeys.RelyingParty.Name", "passkeys.relying_party.name", Kind::Text, "null"),
    ("Passkeys.RelyingParty.Origins", "passkeys.relying_party.origins", Kind::List, "null"),
    ("Passkeys.AuthenticatorAttachment", "passkeys.authenticator_attachment", Kind::Word(ATTACHMENT), "null"),
    ("Passkeys.DiscoverableCredentials", "passkeys.discoverable_credentials", Kind::Word(WANTED), "null"),
    ("Passkeys.UserVerification", "passkeys.user_verification", Kind::Word(WANTED), "null"),
    ("VerifyEventSubscriptionEnabled", "verify_event_subscription_enabled", Kind::Flag, "false"),
];

const ATTACHMENT: &[&str] = &["platform", "cross-platform", "any"];
const WANTED: &[&str] = &["required", "preferred", "discouraged"];

/// What hangs below a service: the name in links, the name in paths.
const LINKS: &[(&str, &str)] = &[
    ("verification_checks", "VerificationCheck"),
    ("verifications", "Verifications"),
    ("rate_limits", "RateLimits"),
    ("messaging_configurations", "MessagingConfigurations"),
    ("entities", "Entities"),
    ("webhooks", "Webhooks"),
    ("access_tokens", "AccessTokens"),
];

const INDEX: &str = "verify-services";

/// `GET Services`.
pub fn list(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let page = paging::read(world, INDEX, &caller.account, asked, |world, sid| world.get(sid))?;
    Ok(page.modern(call, "services", |service| show(service, call)))
}

/// `POST Services`.
pub fn create(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let service = make(world, &caller.account, &call.form)?;
    Ok(Answer::created(show(&service, call)))
}

/// Makes a service of an account from the parameters of a call. Names need not be unique.
pub fn make(world: &mut World, account: &str, form: &Params) -> Outcome<Service> {
    let name = form.text("FriendlyName").ok_or_else(|| invalid("FriendlyName"))?.to_owned();
    let given = read(form)?;
    // By name, so that services made side by side have the same SIDs in any order.
    let nth = nth(world, &["verify-service", account, &name])?.to_string();
    let defaults = SETTINGS
        .iter()
        .map(|(_, place, _, default)| ((*place).to_owned(), serde_json::from_str(default).unwrap_or(Value::Null)));
    let mut settings: BTreeMap<String, Value> = defaults.collect();
    settings.extend(given);
    let now = world.now();
    let service = Service {
        sid: world.seed().sid("VA", &[account, &name, &nth]),
        account: account.to_owned(),
        settings,
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    world.put(&service.sid, &service)?;
    world.link(INDEX, &paging::key(account, now, service.sequence), &service.sid)?;
    world.count("verifyServices", true);
    Ok(service)
}

/// `GET|POST|DELETE Services/{Sid}`.
pub fn resource(world: &mut World, call: &Call, mut service: Service) -> Outcome<Answer> {
    match call.method.as_str() {
        "GET" => Ok(Answer::ok(show(&service, call))),
        "POST" => {
            service.settings.extend(read(&call.form)?);
            service.updated = world.now();
            world.put(&service.sid, &service)?;
            Ok(Answer::ok(show(&service, call)))
        }
        "DELETE" => {
            world.unlink(INDEX, &paging::key(&service.account, service.created, service.sequence))?;
            world.remove::<Service>(&service.sid)?;
            world.count("verifyServices", false);
            Ok(Answer::gone())
        }
        _ => Err(Refusal::method_not_allowed().into()),
    }
}

/// Reads the settings that were given.
fn read(form: &Params) -> Result<BTreeMap<String, Value>, Refusal> {
    let mut given = BTreeMap::new();
    for (name, place, kind, _) in SETTINGS {
        let Some(value) = form.get(name) else { continue };
        let read = match kind {
            Kind::Name => is_name(value).then(|| json!(value)),
            Kind::Flag => Some(json!(value.eq_ignore_ascii_case("true"))),
            Kind::Between(low, high) => {
                value.parse::<u64>().ok().filter(|number| (*low..=*high).contains(number)).map(|number| json!(number))
            }
            _ if value.is_empty() => Some(Value::Null),
            Kind::Text => Some(json!(value)),
            Kind::Sid(prefix) => is_sid(value, prefix).then(|| json!(value)),
            Kind::Word(words) => words.contains(&value).then(|| json!(value)),
            Kind::List => Some(value.split(',').map(str::trim).collect()),
            Kind::WhatsApp => value.starts_with("whatsapp:+").then(|| json!(value)),
        };
        given.insert((*place).to_owned(), read.ok_or_else(|| invalid(name))?);
    }
    Ok(given)
}

/// Whether a text may name a sender of codes: it stands in texts, so nothing in it may look like a link, a
/// number or a code.
pub fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (1..=rules::LONGEST_NAME).contains(&text.chars().count()) && text.chars().all(fits) && digits <= rules::MOST_DIGITS
}

/// Whether a text is a SID with this prefix.
pub fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn show(service: &Service, call: &Call) -> Value {
    let url = format!("{}/v2/Services/{}", call.origin, service.sid);
    let links: serde_json::Map<String, Value> =
        LINKS.iter().map(|(name, path)| ((*name).to_owned(), json!(format!("{url}/{path}")))).collect();
    let mut body = json!({
        "sid": service.sid,
        "account_sid": service.account,
        "date_created": rfc3339(service.created),
        "date_updated": rfc3339(service.updated),
        "url": url,
        "links": links,
    });
    for (place, value) in &service.settings {
        let at = place.split('.').fold(&mut body, |at, part| &mut at[part]);
        *at = value.clone();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_more_digits_than_a_code() {
        assert!(is_name("Northwind Bank") && is_name("Kiosk_24-7") && is_name("银行") && is_name(&"x".repeat(30)));
        for wrong in ["", "Kiosk 12345", "shop.example", "+1 415", &"x".repeat(31)] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
