//! `SafeList/Numbers`: numbers that pass Fraud Guard and geo permissions.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::errors::{invalid, refuse};
use crate::domain::phone::Phone;
use crate::sandbox::account::Caller;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::error::StoreError;
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

#[derive(Serialize, Deserialize)]
struct Safe {
    sid: String,
    phone: String,
}

impl Row for Safe {
    const KIND: &'static str = "verify-safe";
}

fn key(account: &str, phone: &str) -> String {
    format!("{account}/{phone}")
}

/// Whether an account's list has a number.
pub fn has(world: &World, account: &str, phone: &str) -> Result<bool, StoreError> {
    Ok(world.get::<Safe>(&key(account, phone))?.is_some())
}

/// Routes a call below `SafeList/Numbers`.
pub fn route(world: &mut World, caller: &Caller, call: &Call, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("POST", []) => create(world, caller, call),
        (method, [phone]) => {
            let key = key(&caller.account, phone);
            let safe = world.get::<Safe>(&key)?.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&safe, call))),
                "DELETE" => {
                    world.remove::<Safe>(&key)?;
                    Ok(Answer::gone())
                }
                _ => Err(Refusal::method_not_allowed().into()),
            }
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn create(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let given = call.form.text("PhoneNumber").filter(|text| text.starts_with('+'));
    let phone = given.and_then(|text| Phone::parse(text, None).ok()).ok_or_else(|| invalid("PhoneNumber"))?;
    if has(world, &caller.account, phone.as_str())? {
        return Err(refuse(60411).into());
    }
    let sid = world.seed().sid("GN", &[&caller.account, phone.as_str()]);
    let safe = Safe { sid, phone: phone.as_str().to_owned() };
    world.put(&key(&caller.account, &safe.phone), &safe)?;
    Ok(Answer::created(show(&safe, call)))
}

fn show(safe: &Safe, call: &Call) -> Value {
    let url = format!("{}/v2/SafeList/Numbers/{}", call.origin, safe.phone);
    json!({ "sid": safe.sid, "phone_number": safe.phone, "url": url })
}
