//! A fresh sandbox: an account with its credentials, two numbers and a short code, and what a reset keeps.
//!
//! SIDs of the account and its key are the same in every sandbox, so that message SIDs (which derive from
//! the account's) are too; the secrets are random, so that nobody else can sign webhooks.

use ring::rand::{SecureRandom, SystemRandom};

use super::account::{Account, Key};
use super::billing::rent;
use super::clock::{Clock, START, Saved};
use super::content;
use super::error::{SandboxError, StoreError};
use super::meta::{Defaults, Meta};
use super::number::{self, Number};
use super::paging;
use super::seed::{Seed, hex};
use super::verify::templates;
use super::world::{Memory, World};
use crate::domain::phone::Phone;

/// The number of the demo tenant Harbor Dental, and a spare one.
const NUMBERS: [&str; 2] = ["+14155550100", "+14155550199"];

/// A short code, for who tries out short codes.
const SHORT_CODE: &str = "89250";

/// What every sandbox account's SID begins with, so that its credentials are known on sight and never
/// tried at the real Twilio. The settings of this program look for the same mark.
const MARK: &str = "5a4db0c5";

/// The secrets of an instance.
pub struct Secrets {
    account: Account,
    test: Account,
    key: Key,
}

fn random_hex(bytes: usize) -> Result<String, SandboxError> {
    let mut buffer = vec![0; bytes];
    let failed = |_| SandboxError::Setup("the system gives no random numbers".into());
    SystemRandom::new().fill(&mut buffer).map_err(failed)?;
    Ok(hex(&buffer))
}

/// A new instance: its knowledge of itself, and its secrets.
pub fn instance(seed: u64) -> Result<(Meta, Secrets), SandboxError> {
    let fixed = Seed::new(0);
    let account = |name: &str, friendly: &str| -> Result<Account, SandboxError> {
        let sid = format!("AC{MARK}{}", &fixed.sid("AC", &["fresh", name])[2 + MARK.len()..]);
        Ok(Account {
            auth_token: random_hex(16)?,
            secondary_token: None,
            friendly_name: friendly.into(),
            owner: sid.clone(),
            status: "active".into(),
            created: START,
            updated: START,
            sid,
        })
    };
    let (main, test) = (account("main", "Sandbox")?, account("test", "Sandbox test credentials")?);
    let key = Key {
        sid: fixed.sid("SK", &["fresh"]),
        secret: random_hex(16)?,
        account: main.sid.clone(),
        friendly_name: "Sandbox".into(),
        main: true,
        created: START,
        updated: START,
    };
    let meta = Meta {
        instance: random_hex(16)?,
        epoch: 1,
        seed,
        account: main.sid.clone(),
        test_account: test.sid.clone(),
        key: key.sid.clone(),
        webhooks: Defaults::default(),
        faults: super::faults::Faults::default(),
        happened: false,
        counts: std::collections::BTreeMap::new(),
        sequence: 0,
        entry: 0,
        delivery: 0,
    };
    Ok((meta, Secrets { account: main, test, key }))
}

/// The memory of a fresh instance.
pub fn memory(meta: Meta, base: &str) -> Memory {
    Memory::new(meta, Clock::resume(Saved { time: START, paused: false }), base)
}

/// Fills an empty world.
pub fn fill(world: &mut World, secrets: &Secrets) -> Result<(), StoreError> {
    let Secrets { account, test, key } = secrets;
    for account in [account, test] {
        world.put(&account.sid, account)?;
    }
    let sequence = world.sequence();
    world.link("accounts", &paging::key(&account.sid, account.created, sequence), &account.sid)?;
    world.put(&key.sid, key)?;
    let sequence = world.sequence();
    world.link("keys", &paging::key(&account.sid, key.created, sequence), &key.sid)?;
    for text in NUMBERS {
        let Ok(phone) = Phone::parse(text, None) else { continue };
        let sid = Seed::new(0).sid("PN", &["fresh", text]);
        let sequence = world.sequence();
        let number = Number::new(&sid, &account.sid, &phone, "local", START, sequence);
        number::add(world, &number)?;
        rent::later(world, &number)?;
    }
    let (sid, sequence) = (Seed::new(0).sid("SC", &["fresh", SHORT_CODE]), world.sequence());
    number::add(world, &Number::short_code(&sid, &account.sid, SHORT_CODE, START, sequence))?;
    templates::fill(world, &account.sid)?;
    content::fill(world, &account.sid)?;
    world.meta_mut().happened = false;
    Ok(())
}

/// Back to a fresh world of the next epoch: the credentials and the journal's numbering stay.
pub fn reset(world: &mut World, seed: Option<u64>) -> Result<(), StoreError> {
    let old = world.meta().clone();
    let (Some(account), Some(test), Some(key)) =
        (world.get::<Account>(&old.account)?, world.get::<Account>(&old.test_account)?, world.get::<Key>(&old.key)?)
    else {
        return Err(StoreError::Batch("the sandbox's own account is gone".into()));
    };
    let fresh = |account: Account| Account { status: "active".into(), created: START, updated: START, ..account };
    let secrets = Secrets { account: fresh(account), test: fresh(test), key };
    let meta = Meta {
        epoch: old.epoch + 1,
        seed: seed.unwrap_or(old.seed),
        webhooks: old.webhooks,
        faults: super::faults::Faults::default(),
        happened: false,
        counts: std::collections::BTreeMap::new(),
        sequence: 0,
        ..old
    };
    world.clear(meta, Clock::resume(Saved { time: START, paused: false }))?;
    fill(world, &secrets)
}
