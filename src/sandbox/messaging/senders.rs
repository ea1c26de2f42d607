//! The phone numbers of a Messaging Service.

use serde_json::{Value, json};

use super::pool;
use super::service::Service;
use crate::domain::phone::Phone;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::number::Number;
use crate::sandbox::paging::{self, Asked, Page};
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// Routes a call below a service's `PhoneNumbers`.
pub fn route(world: &mut World, call: &Call, service: &Service, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let page = paging::read(world, pool::LONG, &service.sid, asked, |world, sid| world.get::<Number>(sid))?;
            Ok(page.modern(call, "phone_numbers", |number| show(number, service, call)))
        }
        ("POST", []) => join(world, call, service),
        (method, [sid]) => {
            let found =
                world.get::<Number>(sid)?.filter(|n| !n.is_short() && n.service.as_deref() == Some(&service.sid));
            let mut number = found.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&number, service, call))),
                "DELETE" => {
                    pool::leave(world, &mut number)?;
                    Ok(Answer::gone())
                }
                _ => Err(Refusal::method_not_allowed().into()),
            }
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn join(world: &mut World, call: &Call, service: &Service) -> Outcome<Answer> {
    let missing = || Refusal::bad(20001, "Missing required parameter PhoneNumberSid in the post body");
    let sid = call.form.text("PhoneNumberSid").ok_or_else(missing)?;
    let found = world.get::<Number>(sid)?.filter(|number| !number.is_short() && number.account == service.account);
    let mut number = found.ok_or_else(|| Refusal::new(404, 20404, format!("Phone Number {sid} was not found")))?;
    match &number.service {
        Some(known) if *known == service.sid => {
            return Err(Refusal::new(409, 21710, "Phone Number is already in the Messaging Service.").into());
        }
        Some(_) => {
            let text = "Phone Number is associated with another Messaging Service";
            return Err(Refusal::new(409, 21712, text).into());
        }
        None => {}
    }
    if pool::numbers(world, &service.sid)?.len() >= pool::LARGEST {
        return Err(Refusal::bad(21714, "Number Pool size limit reached").into());
    }
    pool::join(world, &mut number, &service.sid)?;
    Ok(Answer::created(show(&number, service, call)))
}

/// A kind of sender that this sandbox has none of: an empty list, and nothing to add.
pub fn none(call: &Call, key: &str) -> Outcome<Answer> {
    match call.method.as_str() {
        "GET" => {
            let asked = Asked::read(call, 50, 1000)?;
            Ok(Page::whole(Vec::<Value>::new(), asked).modern(call, key, Value::clone))
        }
        _ => Err(not_found(call)),
    }
}

fn show(number: &Number, service: &Service, call: &Call) -> Value {
    let country = Phone::parse(&number.phone, None).ok().and_then(|phone| phone.region());
    json!({
        "sid": number.sid,
        "account_sid": number.account,
        "service_sid": service.sid,
        "phone_number": number.phone,
        "country_code": country,
        "capabilities": ["Voice", "SMS", "MMS"],
        "date_created": rfc3339(number.created),
        "date_updated": rfc3339(number.updated),
        "url": format!("{}/v1/Services/{}/PhoneNumbers/{}", call.origin, service.sid, number.sid),
    })
}
