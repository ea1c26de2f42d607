//! `accounts.twilio.com`: rotation of an account's auth token. A secondary token works beside the first;
//! promoted, it replaces the first and signs webhooks from then on.

use serde_json::json;

use super::account::{Account, Caller};
use super::answer::{Answer, Outcome, Refusal};
use super::call::Call;
use super::carrier::send::nth;
use super::clock::rfc3339;
use super::router::not_found;
use super::seed::hex;
use super::world::World;

/// Routes a call below `/v1/AuthTokens`.
pub fn route(world: &mut World, caller: &Caller, call: &Call) -> Outcome<Answer> {
    if caller.limited {
        return Err(Refusal::unauthorized(true).into());
    }
    let account = world.get::<Account>(&caller.account)?.ok_or_else(|| not_found(call))?;
    match (call.method.as_str(), call.route().as_slice()) {
        ("POST", ["v1", "AuthTokens", "Secondary"]) => create(world, call, account),
        ("DELETE", ["v1", "AuthTokens", "Secondary"]) => {
            if account.secondary_token.is_none() {
                return Err(not_found(call));
            }
            world.put(&caller.account, &Account { secondary_token: None, ..account })?;
            Ok(Answer::gone())
        }
        ("POST", ["v1", "AuthTokens", "Promote"]) => promote(world, call, account),
        _ => Err(not_found(call)),
    }
}

fn create(world: &mut World, call: &Call, mut account: Account) -> Outcome<Answer> {
    if account.secondary_token.is_some() {
        return Err(Refusal::new(409, 20409, "The account has a secondary auth token already").into());
    }
    let nth = nth(world, &["secondary token", &account.sid])?.to_string();
    let parts = ["secondary token", &world.meta().instance, &account.sid, &nth];
    let token = hex(&world.seed().bytes(&parts)[..16]);
    account.secondary_token = Some(token.clone());
    world.put(&account.sid, &account)?;
    let now = rfc3339(world.now());
    Ok(Answer::created(json!({
        "account_sid": account.sid,
        "date_created": now,
        "date_updated": now,
        "secondary_auth_token": token,
        "url": format!("{}/v1/AuthTokens/Secondary", call.origin),
    })))
}

fn promote(world: &mut World, call: &Call, mut account: Account) -> Outcome<Answer> {
    let token = account.secondary_token.take().ok_or_else(|| not_found(call))?;
    account.auth_token.clone_from(&token);
    account.updated = world.now();
    world.put(&account.sid, &account)?;
    Ok(Answer::ok(json!({
        "account_sid": account.sid,
        "auth_token": token,
        "date_created": rfc3339(account.created),
        "date_updated": rfc3339(account.updated),
        "url": format!("{}/v1/AuthTokens/Promote", call.origin),
    })))
}
