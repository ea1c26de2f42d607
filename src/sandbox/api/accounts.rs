//! Accounts and subaccounts.

use serde_json::{Value, json};

use crate::sandbox::account::{Account, Caller};
use crate::sandbox::answer::{Answer, Outcome, Refusal};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::send::nth;
use crate::sandbox::clock::{formatted, rfc2822};
use crate::sandbox::paging::{self, Asked};
use crate::sandbox::seed::hex;
use crate::sandbox::world::World;

/// What hangs below an account: the name in answers, the name in paths.
const SUBRESOURCES: &[(&str, &str)] = &[
    ("addresses", "Addresses"),
    ("available_phone_numbers", "AvailablePhoneNumbers"),
    ("balance", "Balance"),
    ("incoming_phone_numbers", "IncomingPhoneNumbers"),
    ("keys", "Keys"),
    ("messages", "Messages"),
    ("short_codes", "SMS/ShortCodes"),
    ("signing_keys", "SigningKeys"),
    ("usage", "Usage"),
];

/// `GET|POST /Accounts`.
pub fn collection(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    if caller.limited {
        return Err(Refusal::unauthorized(true).into());
    }
    match call.method.as_str() {
        "GET" => {
            let asked = Asked::read(call, 50, 1000)?;
            let (name, status) = (call.query.text("FriendlyName"), call.query.text("Status"));
            let page = paging::read(world, "accounts", &caller.account, asked, |world, sid| {
                Ok(world.get::<Account>(sid)?.filter(|account| {
                    name.is_none_or(|name| account.friendly_name == name)
                        && status.is_none_or(|status| account.status == status)
                }))
            })?;
            Ok(page.classic(call, "accounts", show))
        }
        "POST" => create(world, caller, call),
        _ => Err(Refusal::method_not_allowed().into()),
    }
}

fn create(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    let parent = world.get::<Account>(&caller.account)?;
    if parent.is_none_or(|parent| parent.owner != parent.sid) {
        return Err(Refusal::new(403, 20403, "A subaccount cannot create accounts").into());
    }
    let now = world.now();
    let default = || format!("SubAccount Created at {}", formatted(now, "%Y-%m-%d %I:%M %p"));
    let name = call.form.text("FriendlyName").map_or_else(default, str::to_owned);
    let nth = nth(world, &["account", &caller.account])?.to_string();
    let token = hex(&world.seed().bytes(&["auth token", &world.meta().instance, &caller.account, &nth])[..16]);
    let account = Account {
        sid: world.seed().sid("AC", &[&caller.account, &nth]),
        auth_token: token,
        secondary_token: None,
        friendly_name: name,
        owner: caller.account.clone(),
        status: "active".into(),
        created: now,
        updated: now,
    };
    let place = paging::key(&caller.account, now, world.sequence());
    world.put(&account.sid, &account)?;
    world.link("accounts", &place, &account.sid)?;
    Ok(Answer::created(show(&account)))
}

/// `GET|POST /Accounts/{Sid}`.
pub fn resource(world: &mut World, caller: &Caller, call: &Call, mut account: Account) -> Outcome<Answer> {
    if caller.limited {
        return Err(Refusal::unauthorized(true).into());
    }
    match call.method.as_str() {
        "GET" => Ok(Answer::ok(show(&account))),
        "POST" => {
            if let Some(name) = call.form.text("FriendlyName") {
                name.clone_into(&mut account.friendly_name);
            }
            if let Some(status) = call.form.text("Status") {
                change_status(&mut account, status)?;
            }
            account.updated = world.now();
            world.put(&account.sid, &account)?;
            Ok(Answer::ok(show(&account)))
        }
        _ => Err(Refusal::method_not_allowed().into()),
    }
}

fn change_status(account: &mut Account, status: &str) -> Result<(), Refusal> {
    match (account.status.as_str(), status) {
        (_, other) if !matches!(other, "active" | "suspended" | "closed") => {
            Err(Refusal::bad(21475, format!("Invalid account status: {other}")))
        }
        _ if account.owner == account.sid => Err(Refusal::bad(21477, "The parent account cannot be updated")),
        ("closed", _) => Err(Refusal::bad(21479, "The account is closed")),
        (_, status) => {
            status.clone_into(&mut account.status);
            Ok(())
        }
    }
}

fn show(account: &Account) -> Value {
    let uri = format!("/2010-04-01/Accounts/{}", account.sid);
    let subresources: serde_json::Map<String, Value> =
        SUBRESOURCES.iter().map(|(name, path)| ((*name).to_owned(), json!(format!("{uri}/{path}.json")))).collect();
    json!({
        "auth_token": account.auth_token,
        "date_created": rfc2822(account.created),
        "date_updated": rfc2822(account.updated),
        "friendly_name": account.friendly_name,
        "owner_account_sid": account.owner,
        "sid": account.sid,
        "status": account.status,
        "subresource_uris": subresources,
        "type": "Full",
        "uri": format!("{uri}.json"),
    })
}
