//! The ShortCode resource: read and configured, never bought by API.

use serde_json::{Value, json};

use super::numbers;
use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::clock::rfc2822;
use crate::sandbox::number::Number;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::world::World;

/// Routes a call below `SMS/ShortCodes`.
pub fn route(world: &mut World, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(world, call, account),
        (method, [sid]) => {
            let mine = |code: &Number| code.is_short() && code.account == account.sid;
            let mut code = world.get::<Number>(sid)?.filter(mine).ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&code))),
                "POST" => {
                    numbers::apply(&mut code, &call.form)?;
                    code.updated = world.now();
                    world.put(&code.sid, &code)?;
                    Ok(Answer::ok(show(&code)))
                }
                _ => Err(Refusal::method_not_allowed().into()),
            }
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn list(world: &World, call: &Call, account: &Account) -> Outcome<Answer> {
    let asked = Asked::read(call, 50, 1000)?;
    let (name, digits) = (call.query.text("FriendlyName"), call.query.text("ShortCode"));
    let page = paging::read(world, "short-codes", &account.sid, asked, |world, sid| {
        Ok(world.get::<Number>(sid)?.filter(|code| {
            name.is_none_or(|name| code.friendly_name == name)
                && digits.is_none_or(|digits| numbers::partly(&code.phone, digits))
        }))
    })?;
    Ok(page.classic(call, "short_codes", show))
}

fn show(code: &Number) -> Value {
    let given = |url: &str| (!url.is_empty()).then(|| url.to_owned());
    json!({
        "account_sid": code.account,
        "api_version": "2010-04-01",
        "date_created": rfc2822(code.created),
        "date_updated": rfc2822(code.updated),
        "friendly_name": code.friendly_name,
        "short_code": code.phone,
        "sid": code.sid,
        "sms_fallback_method": code.sms_fallback_method,
        "sms_fallback_url": given(&code.sms_fallback_url),
        "sms_method": code.sms_method,
        "sms_url": given(&code.sms_url),
        "uri": format!("/2010-04-01/Accounts/{}/SMS/ShortCodes/{}.json", code.account, code.sid),
    })
}
