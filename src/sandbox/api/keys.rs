//! API keys. The secret is shown once; a standard key has no reach to accounts and keys.

use serde_json::{Value, json};

use crate::sandbox::account::{Account, Caller, Key};
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc2822;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::seed::hex;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;
use serde::{Deserialize, Serialize};

/// Where a key stands in the list, kept so that it can be taken out.
#[derive(Serialize, Deserialize)]
struct Place(String);

impl Row for Place {
    const KIND: &'static str = "key-place";
}

/// Routes a call below `Keys`.
pub fn route(world: &mut World, caller: &Caller, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    if caller.limited {
        return Err(Refusal::unauthorized(true).into());
    }
    match (call.method.as_str(), rest) {
        ("GET", []) => {
            let asked = Asked::read(call, 50, 1000)?;
            let name = if call.segments.iter().any(|s| s == "SigningKeys") { "signing_keys" } else { "keys" };
            let page = paging::read(world, "keys", &account.sid, asked, |world, sid| world.get::<Key>(sid))?;
            Ok(page.classic(call, name, show))
        }
        ("POST", []) => create(world, call, account),
        (method, [sid]) => {
            let found = world.get::<Key>(sid)?.filter(|key| key.account == account.sid);
            let mut key = found.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&key))),
                "POST" => {
                    if let Some(name) = call.form.get("FriendlyName") {
                        name.clone_into(&mut key.friendly_name);
                    }
                    key.updated = world.now();
                    world.put(&key.sid, &key)?;
                    Ok(Answer::ok(show(&key)))
                }
                "DELETE" => {
                    if let Some(Place(place)) = world.get::<Place>(&key.sid)? {
                        world.unlink("keys", &place)?;
                    }
                    world.remove::<Key>(&key.sid)?;
                    Ok(Answer::gone())
                }
                _ => Err(Refusal::method_not_allowed().into()),
            }
        }
        (_, []) => Err(Refusal::method_not_allowed().into()),
        _ => Err(not_found(call)),
    }
}

fn create(world: &mut World, call: &Call, account: &Account) -> Outcome<Answer> {
    let name = call.form.text("FriendlyName").unwrap_or_default().to_owned();
    if name.chars().count() > 64 {
        return Err(Refusal::bad(20002, "FriendlyName is longer than 64 characters").into());
    }
    let nth = nth(world, &["key", &account.sid])?.to_string();
    let now = world.now();
    // The instance is part of it, so that a secret is not the same in every sandbox.
    let secret = hex(&world.seed().bytes(&["key secret", &world.meta().instance, &account.sid, &nth])[..16]);
    let key = Key {
        sid: world.seed().sid("SK", &[&account.sid, &nth]),
        secret,
        account: account.sid.clone(),
        friendly_name: name,
        main: false,
        created: now,
        updated: now,
    };
    let place = paging::key(&account.sid, now, world.sequence());
    world.link("keys", &place, &key.sid)?;
    world.put(&key.sid, &Place(place))?;
    world.put(&key.sid, &key)?;
    let mut body = show(&key);
    body["secret"] = Value::from(key.secret);
    Ok(Answer::created(body))
}

fn show(key: &Key) -> Value {
    json!({
        "sid": key.sid,
        "friendly_name": key.friendly_name,
        "date_created": rfc2822(key.created),
        "date_updated": rfc2822(key.updated),
    })
}
