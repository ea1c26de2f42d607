//! Sender names of a Messaging Service: one for all countries that allow names, and one per country.
//!
//! Both resources of Twilio's show the same rows: `AlphaSenders` the name for all countries,
//! `DestinationAlphaSenders` that and those of single countries.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::service::Service;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::error::StoreError;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

const INDEX: &str = "pool/alpha";
/// Countries whose carriers take no sender names.
const NUMBERS_ONLY: [&str; 2] = ["US", "CA"];

/// A sender name in a pool.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Alpha {
    sid: String,
    account: String,
    name: String,
    /// ISO alpha-2; none is for all countries.
    country: Option<String>,
    created: u64,
    sequence: u64,
}

impl Row for Alpha {
    const KIND: &'static str = "alpha-sender";
}

/// Which of the two resources is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `AlphaSenders`.
    Plain,
    /// `DestinationAlphaSenders`.
    Destination,
}

impl Form {
    fn path(self) -> &'static str {
        match self {
            Self::Plain => "AlphaSenders",
            Self::Destination => "DestinationAlphaSenders",
        }
    }

    fn shows(self, alpha: &Alpha) -> bool {
        self == Self::Destination || alpha.country.is_none()
    }
}

/// Whether a text is a sender name: up to 11 of these characters, not digits alone.
pub fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b" -+_&".contains(&b);
    (1..=11).contains(&text.len()) && text.bytes().all(fits) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether a country's carriers take sender names.
pub fn takes_names(country: &str) -> bool {
    !NUMBERS_ONLY.contains(&country)
}

/// Whether a service has any sender name.
pub fn any(world: &World, service: &str) -> Result<bool, StoreError> {
    Ok(!all(world, service)?.is_empty())
}

/// Whether a name is one of a service's.
pub fn has(world: &World, service: &str, name: &str) -> Result<bool, StoreError> {
    Ok(all(world, service)?.iter().any(|alpha| alpha.name == name))
}

/// The name for a country: its own, else the one for all.
pub fn choose(world: &World, service: &str, country: &str) -> Result<Option<String>, StoreError> {
    if !takes_names(country) {
        return Ok(None);
    }
    let all = all(world, service)?;
    let own = all.iter().find(|alpha| alpha.country.as_deref() == Some(country));
    Ok(own.or_else(|| all.iter().find(|alpha| alpha.country.is_none())).map(|alpha| alpha.name.clone()))
}

/// Removes all names of a service.
pub fn clear(world: &mut World, service: &str) -> Result<(), StoreError> {
    all(world, service)?.iter().try_for_each(|alpha| remove(world, service, alpha))
}

fn all(world: &World, service: &str) -> Result<Vec<Alpha>, StoreError> {
    let found = world.scan(INDEX, &format!("{service}/"), &format!("{service}0"), true, super::pool::LARGEST)?;
    found.into_iter().filter_map(|(_, sid)| world.get::<Alpha>(&sid).transpose()).collect()
}

fn remove(world: &mut World, service: &str, alpha: &Alpha) -> Result<(), StoreError> {
    world.unlink(INDEX, &paging::key(service, alpha.created, alpha.sequence))?;
    world.remove::<Alpha>(&alpha.sid)
}

/// Routes a call below one of the two resources.
pub fn route(world: &mut World, call: &Call, service: &Service, form: Form, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let country = call.query.text("IsoCountryCode");
            let page = paging::read(world, INDEX, &service.sid, asked, |world, sid| {
                let wanted = |alpha: &Alpha| {
                    form.shows(alpha) && country.is_none_or(|country| alpha.country.as_deref() == Some(country))
                };
                Ok(world.get::<Alpha>(sid)?.filter(wanted))
            })?;
            Ok(page.modern(call, "alpha_senders", |alpha| show(alpha, service, form, call)))
        }
        ("POST", []) => create(world, call, service, form),
        (method, [sid]) => {
            let here = all(world, &service.sid)?.into_iter().find(|alpha| alpha.sid == *sid && form.shows(alpha));
            let alpha = here.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&alpha, service, form, call))),
                "DELETE" => {
                    remove(world, &service.sid, &alpha)?;
                    Ok(Answer::gone())
                }
                _ => Err(Refusal::method_not_allowed().into()),
            }
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn create(world: &mut World, call: &Call, service: &Service, form: Form) -> Outcome<Answer> {
    let missing = || Refusal::bad(20001, "Missing required parameter AlphaSender in the post body");
    let name = call.form.text("AlphaSender").ok_or_else(missing)?;
    let country = call.form.text("IsoCountryCode").filter(|_| form == Form::Destination);
    let alpha = add(world, service, name, country)?;
    Ok(Answer::created(show(&alpha, service, form, call)))
}

/// Adds a name to a service, for a country or for all.
pub fn add(world: &mut World, service: &Service, name: &str, country: Option<&str>) -> Outcome<Alpha> {
    if !is_name(name) {
        return Err(Refusal::bad(20001, format!("Invalid AlphaSender: {name}")).into());
    }
    let country = country.map(str::to_ascii_uppercase);
    if let Some(country) = &country
        && !(country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return Err(Refusal::bad(20001, format!("Invalid IsoCountryCode: {country}")).into());
    }
    if all(world, &service.sid)?.iter().any(|alpha| alpha.country == country) {
        let text = "Alpha Sender ID is already in the Messaging Service.";
        return Err(Refusal::new(409, 21710, text).into());
    }
    let place = country.as_deref().unwrap_or("*");
    let nth = nth(world, &["alpha", &service.sid, place, name])?.to_string();
    let alpha = Alpha {
        sid: world.seed().sid("AI", &[&service.sid, place, name, &nth]),
        account: service.account.clone(),
        name: name.to_owned(),
        country,
        created: world.now(),
        sequence: world.sequence(),
    };
    world.put(&alpha.sid, &alpha)?;
    world.link(INDEX, &paging::key(&service.sid, alpha.created, alpha.sequence), &alpha.sid)?;
    Ok(alpha)
}

fn show(alpha: &Alpha, service: &Service, form: Form, call: &Call) -> Value {
    let mut body = json!({
        "sid": alpha.sid,
        "account_sid": alpha.account,
        "service_sid": service.sid,
        "alpha_sender": alpha.name,
        "capabilities": ["SMS"],
        "date_created": rfc3339(alpha.created),
        "date_updated": rfc3339(alpha.created),
        "url": format!("{}/v1/Services/{}/{}/{}", call.origin, service.sid, form.path(), alpha.sid),
    });
    if form == Form::Destination {
        body["iso_country_code"] = json!(alpha.country);
    }
    body
}
