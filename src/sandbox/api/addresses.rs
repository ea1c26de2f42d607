//! Postal addresses of an account.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sandbox::account::Account;
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::{Call, Params};
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::rfc2822;
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::router::not_found;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// Parameter, name in answers, whether it must be given.
const FIELDS: &[(&str, &str, bool)] = &[
    ("CustomerName", "customer_name", true),
    ("Street", "street", true),
    ("City", "city", true),
    ("Region", "region", true),
    ("PostalCode", "postal_code", true),
    ("IsoCountry", "iso_country", true),
    ("FriendlyName", "friendly_name", false),
    ("StreetSecondary", "street_secondary", false),
];

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Address {
    sid: String,
    account: String,
    fields: BTreeMap<String, String>,
    emergency: bool,
    created: u64,
    updated: u64,
    sequence: u64,
}

impl Row for Address {
    const KIND: &'static str = "address";
}

/// Routes a call below `Addresses`.
pub fn route(world: &mut World, call: &Call, account: &Account, rest: &[&str]) -> Outcome<Answer> {
    match (call.method.as_str(), rest) {
        ("GET", []) => list(world, call, account),
        ("POST", []) => create(world, call, account),
        (method, [sid]) => {
            let found = world.get::<Address>(sid)?.filter(|address| address.account == account.sid);
            let mut address = found.ok_or_else(|| not_found(call))?;
            match method {
                "GET" => Ok(Answer::ok(show(&address))),
                "POST" => {
                    apply(&mut address, &call.form);
                    address.updated = world.now();
                    world.put(&address.sid, &address)?;
                    Ok(Answer::ok(show(&address)))
                }
                "DELETE" => {
                    world.unlink("addresses", &paging::key(&account.sid, address.created, address.sequence))?;
                    world.remove::<Address>(sid)?;
                    Ok(Answer::gone())
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
    let wanted = [("CustomerName", "customer_name"), ("FriendlyName", "friendly_name"), ("IsoCountry", "iso_country")];
    let page = paging::read(world, "addresses", &account.sid, asked, |world, sid| {
        Ok(world.get::<Address>(sid)?.filter(|address| {
            let emergency = call.query.flag("EmergencyEnabled").is_none_or(|wanted| address.emergency == wanted);
            emergency
                && wanted.iter().all(|(name, key)| {
                    call.query.text(name).is_none_or(|value| address.fields.get(*key).is_some_and(|have| have == value))
                })
        }))
    })?;
    Ok(page.classic(call, "addresses", show))
}

fn create(world: &mut World, call: &Call, account: &Account) -> Outcome<Answer> {
    if let Some((name, ..)) = FIELDS.iter().find(|(name, _, must)| *must && call.form.text(name).is_none()) {
        return Err(Refusal::bad(21631, format!("{name} is required")).into());
    }
    let nth = nth(world, &["address", &account.sid])?.to_string();
    let now = world.now();
    let mut address = Address {
        sid: world.seed().sid("AD", &[&account.sid, &nth]),
        account: account.sid.clone(),
        fields: BTreeMap::new(),
        emergency: false,
        created: now,
        updated: now,
        sequence: world.sequence(),
    };
    apply(&mut address, &call.form);
    world.put(&address.sid, &address)?;
    world.link("addresses", &paging::key(&account.sid, now, address.sequence), &address.sid)?;
    Ok(Answer::created(show(&address)))
}

fn apply(address: &mut Address, form: &Params) {
    for (name, key, _) in FIELDS {
        if let Some(value) = form.get(name) {
            address.fields.insert((*key).to_owned(), value.to_owned());
        }
    }
    address.emergency = form.flag("EmergencyEnabled").unwrap_or(address.emergency);
}

fn show(address: &Address) -> Value {
    let mut body = json!({
        "account_sid": address.account,
        "date_created": rfc2822(address.created),
        "date_updated": rfc2822(address.updated),
        "emergency_enabled": address.emergency,
        "sid": address.sid,
        "validated": false,
        "verified": false,
        "uri": format!("/2010-04-01/Accounts/{}/Addresses/{}.json", address.account, address.sid),
    });
    for (_, key, _) in FIELDS {
        body[*key] = address.fields.get(*key).filter(|value| !value.is_empty()).map_or(Value::Null, |v| json!(v));
    }
    body
}
