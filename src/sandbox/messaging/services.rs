//! The Messaging Service resource.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::pool;
use super::service::Service;
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::world::World;

/// How a setting is read.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Url,
    Method,
    Flag,
    /// Seconds, 1 to 36,000.
    Validity,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// Parameter, name in answers, how it is read, its default as JSON.
const SETTINGS: &[(&str, &str, Kind, &str)] = &[
    ("FriendlyName", "friendly_name", Kind::Text, "null"),
    ("InboundRequestUrl", "inbound_request_url", Kind::Url, "null"),
    ("InboundMethod", "inbound_method", Kind::Method, "\"POST\""),
    ("FallbackUrl", "fallback_url", Kind::Url, "null"),
    ("FallbackMethod", "fallback_method", Kind::Method, "\"POST\""),
    ("StatusCallback", "status_callback", Kind::Url, "null"),
    ("StickySender", "sticky_sender", Kind::Flag, "true"),
    ("MmsConverter", "mms_converter", Kind::Flag, "true"),
    ("SmartEncoding", "smart_encoding", Kind::Flag, "true"),
    ("ScanMessageContent", "scan_message_content", Kind::Word(&["inherit", "enable", "disable"]), "\"inherit\""),
    ("FallbackToLongCode", "fallback_to_long_code", Kind::Flag, "true"),
    ("AreaCodeGeomatch", "area_code_geomatch", Kind::Flag, "true"),
    ("ValidityPeriod", "validity_period", Kind::Validity, "36000"),
    ("SynchronousValidation", "synchronous_validation", Kind::Flag, "false"),
    ("Usecase", "usecase", Kind::Word(USECASES), "\"undeclared\""),
    ("UseInboundWebhookOnNumber", "use_inbound_webhook_on_number", Kind::Flag, "false"),
];

const USECASES: &[&str] = &["notifications", "marketing", "verification", "discussion", "poll", "undeclared"];

/// What hangs below a service: the name in links, the name in paths.
const LINKS: &[(&str, &str)] = &[
    ("phone_numbers", "PhoneNumbers"),
    ("short_codes", "ShortCodes"),
    ("alpha_senders", "AlphaSenders"),
    ("messages", "Messages"),
    ("us_app_to_person", "Compliance/Usa2p"),
    ("us_app_to_person_usecases", "Compliance/Usa2p/Usecases"),
    ("channel_senders", "ChannelSenders"),
    ("destination_alpha_senders", "DestinationAlphaSenders"),
];

/// `GET Services`.
pub fn list(world: &World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let page = paging::read(world, "messaging-services", &caller.account, asked, |world, sid| world.get(sid))?;
    Ok(page.modern(call, "services", |service| show(service, call)))
}

/// `POST Services`.
pub fn create(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let service = make(world, &caller.account, &call.form)?;
    Ok(Answer::created(show(&service, call)))
}

/// Makes a service of an account from the parameters of a call.
pub fn make(world: &mut World, account: &str, form: &Params) -> Outcome<Service> {
    if form.text("FriendlyName").is_none() {
        return Err(Refusal::bad(20001, "Missing required parameter FriendlyName in the post body").into());
    }
    let given = read(form)?;
    let nth = nth(world, &["messaging-service", account])?.to_string();
    let now = world.now();
    let mut settings: BTreeMap<String, Value> = SETTINGS
        .iter()
        .map(|(_, key, _, default)| ((*key).to_owned(), serde_json::from_str(default).unwrap_or(Value::Null)))
        .collect();
    settings.extend(given);
    let service = Service {
        sid: world.seed().sid("MG", &[account, &nth]),
        account: account.to_owned(),
        settings,
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    world.put(&service.sid, &service)?;
    world.link("messaging-services", &paging::key(&service.account, now, service.sequence), &service.sid)?;
    world.count("messagingServices", true);
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
            pool::clear(world, &service.sid)?;
            world.unlink("messaging-services", &paging::key(&service.account, service.created, service.sequence))?;
            world.remove::<Service>(&service.sid)?;
            world.count("messagingServices", false);
            Ok(Answer::gone())
        }
        _ => Err(Refusal::method_not_allowed().into()),
    }
}

/// `GET Services/Usecases`.
pub fn usecases() -> Answer {
    let all: Vec<Value> = USECASES
        .iter()
        .map(|word| json!({ "usecase": word, "description": format!("Messages for {word}"), "purpose": word }))
        .collect();
    Answer::ok(json!({ "usecases": all }))
}

/// Reads the settings that were given; an empty URL clears.
fn read(form: &Params) -> Result<BTreeMap<String, Value>, Refusal> {
    let mut given = BTreeMap::new();
    for (name, key, kind, _) in SETTINGS {
        let Some(value) = form.get(name) else { continue };
        let bad = || Refusal::bad(20001, format!("Invalid {name}: {value}"));
        let read = match kind {
            Kind::Text if value.chars().count() > 64 => return Err(bad()),
            Kind::Text => json!(value),
            Kind::Url if value.is_empty() => Value::Null,
            Kind::Url if url::Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) => {
                json!(value)
            }
            Kind::Url => return Err(bad()),
            Kind::Method => match value.to_ascii_uppercase().as_str() {
                method @ ("GET" | "POST") => json!(method),
                _ => return Err(bad()),
            },
            Kind::Flag => json!(value.eq_ignore_ascii_case("true")),
            Kind::Validity => match value.parse::<u32>() {
                Ok(seconds @ 1..=36_000) => json!(seconds),
                _ => return Err(bad()),
            },
            Kind::Word(words) if words.contains(&value) => json!(value),
            Kind::Word(_) => return Err(bad()),
        };
        given.insert((*key).to_owned(), read);
    }
    Ok(given)
}

fn show(service: &Service, call: &Call) -> Value {
    let url = format!("{}/v1/Services/{}", call.origin, service.sid);
    let links: serde_json::Map<String, Value> =
        LINKS.iter().map(|(name, path)| ((*name).to_owned(), json!(format!("{url}/{path}")))).collect();
    let mut body = json!({
        "account_sid": service.account,
        "sid": service.sid,
        "date_created": rfc3339(service.created),
        "date_updated": rfc3339(service.updated),
        "us_app_to_person_registered": false,
        "links": links,
        "url": url,
    });
    for (name, value) in &service.settings {
        body[name.as_str()] = value.clone();
    }
    body
}
