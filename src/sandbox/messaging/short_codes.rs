//! The short codes of a Messaging Service.

use serde_json::{Value, json};

use super::pool;
use super::service::Service;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::number::Number;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// Routes a call below a service's `ShortCodes`.
pub fn route(world: &mut World, call: &Call, service: &Service, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let page = paging::read(world, pool::SHORT, &service.sid, asked, |world, sid| world.get::<Number>(sid))?;
            Ok(page.modern(call, "short_codes", |code| show(code, service, call)))
        }
        ("POST", []) => join(world, call, service),
        (method, [sid]) => {
            let here = |code: &Number| code.is_short() && code.service.as_deref() == Some(&service.sid);
            let mut code = world.get::<Number>(sid)?.filter(here).ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&code, service, call))),
                "DELETE" => {
                    pool::leave(world, &mut code)?;
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
    let missing = || Refusal::bad(20001, "Missing required parameter ShortCodeSid in the post body");
    let sid = call.form.text("ShortCodeSid").ok_or_else(missing)?;
    let mine = |code: &Number| code.is_short() && code.account == service.account;
    let unknown = || Refusal::new(404, 20404, format!("Short Code {sid} was not found"));
    let mut code = world.get::<Number>(sid)?.filter(mine).ok_or_else(unknown)?;
    match &code.service {
        Some(known) if *known == service.sid => {
            return Err(Refusal::new(409, 21710, "Short Code is already in the Messaging Service.").into());
        }
        Some(_) => {
            let text = "Short Code is associated with another Messaging Service";
            return Err(Refusal::new(409, 21712, text).into());
        }
        None => {}
    }
    pool::join(world, &mut code, &service.sid)?;
    Ok(Answer::created(show(&code, service, call)))
}

fn show(code: &Number, service: &Service, call: &Call) -> Value {
    json!({
        "sid": code.sid,
        "account_sid": code.account,
        "service_sid": service.sid,
        "short_code": code.phone,
        "country_code": code.country(),
        "capabilities": ["SMS"],
        "date_created": rfc3339(code.created),
        "date_updated": rfc3339(code.updated),
        "url": format!("{}/v1/Services/{}/ShortCodes/{}", call.origin, service.sid, code.sid),
    })
}
