//! Accounts and API keys: who owns what, and who is calling.

use serde::{Deserialize, Serialize};

use super::answer::{Outcome, Refusal};
use super::call::Call;
use super::error::StoreError;
use super::store::Row;
use super::world::World;

/// An account or subaccount.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// `AC...`
    pub sid: String,
    /// Signs webhooks, and is the password of its SID.
    pub auth_token: String,
    /// Works beside the first during a rotation.
    #[serde(default)]
    pub secondary_token: Option<String>,
    /// Its name.
    pub friendly_name: String,
    /// The parent; itself for a main account.
    pub owner: String,
    /// `active`, `suspended` or `closed`.
    pub status: String,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
}

impl Row for Account {
    const KIND: &'static str = "account";
}

/// An API key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    /// `SK...`
    pub sid: String,
    /// The password of its SID.
    pub secret: String,
    /// Whose it is.
    pub account: String,
    /// Its name.
    pub friendly_name: String,
    /// A main key may do all that the auth token may; a standard one has no accounts and keys.
    pub main: bool,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
}

impl Row for Key {
    const KIND: &'static str = "key";
}

/// Who is calling.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account of the credentials.
    pub account: String,
    /// Whether accounts and keys are out of reach (a standard API key).
    pub limited: bool,
}

/// Checks the credentials: `AccountSid:AuthToken` or `KeySid:Secret`.
pub fn authenticate(world: &World, call: &Call) -> Outcome<Caller> {
    let Some((user, password)) = &call.credentials else { return Err(Refusal::unauthorized(false).into()) };
    let wrong = || Refusal::unauthorized(true);
    let (account, limited) = if user.starts_with("SK") {
        let key = world.get::<Key>(user)?.filter(|key| same(&key.secret, password)).ok_or_else(wrong)?;
        (key.account, !key.main)
    } else {
        let account = world.get::<Account>(user)?.ok_or_else(wrong)?;
        let second = account.secondary_token.as_deref().is_some_and(|token| same(token, password));
        if !same(&account.auth_token, password) && !second {
            return Err(wrong().into());
        }
        (account.sid, false)
    };
    match world.get::<Account>(&account)? {
        Some(found) if found.status == "active" => Ok(Caller { account, limited }),
        Some(_) => Err(Refusal::new(403, 20005, "Account not active").into()),
        None => Err(wrong().into()),
    }
}

/// The account a path names, if the caller may act for it: itself, or one of its subaccounts.
pub fn acting(world: &World, caller: &Caller, sid: &str) -> Result<Option<Account>, StoreError> {
    Ok(world.get::<Account>(sid)?.filter(|account| account.sid == caller.account || account.owner == caller.account))
}

/// The token that signs an account's webhooks.
pub fn token(world: &World, account: &str) -> Result<String, StoreError> {
    Ok(world.get::<Account>(account)?.map(|account| account.auth_token).unwrap_or_default())
}

fn same(a: &str, b: &str) -> bool {
    // Digests are compared, so that the time taken says nothing about the secret.
    let digest = |text: &str| ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest(a).as_ref() == digest(b).as_ref()
}
