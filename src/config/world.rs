//! Which Twilio is meant: the built-in sandbox, another sandbox on this machine, or the real one.
//!
//! A live token must never reach a program that only plays Twilio, and sandbox credentials must never
//! be tried at the real one; both are told apart before anything is sent.

use url::{Host, Url};

use super::error::ConfigError;
use super::settings::Twilio;
use crate::domain::id::Sid;

/// The first bytes of every sandbox account's SID (`AC5a4db0c5...`), so that its credentials are known
/// on sight. The chance that Twilio gave such a SID to a real account is one in four thousand million.
pub const SANDBOX_MARK: [u8; 4] = [0x5a, 0x4d, 0xb0, 0xc5];

/// Whether the account is a sandbox's.
pub fn is_sandbox_account(account: &Sid) -> bool {
    account.bytes.starts_with(&SANDBOX_MARK)
}

/// Which Twilio the settings mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum World {
    /// The sandbox in this binary: nothing was configured.
    Sandbox,
    /// A sandbox that runs by itself on this machine.
    OtherSandbox {
        /// Where it listens.
        base: Url,
        /// Its account.
        account: Sid,
    },
    /// The real Twilio: messages reach people and cost money.
    Live {
        /// The account.
        account: Sid,
    },
}

impl World {
    /// Decides by account and address.
    ///
    /// # Errors
    /// A sentence when the two contradict each other or credentials are incomplete.
    pub fn decide(twilio: &Twilio) -> Result<World, ConfigError> {
        twilio.check_pairs()?;
        let refuse = |why: String| Err(ConfigError::World(why));
        match (twilio.account_sid, &twilio.base_url) {
            (None, None) => Ok(World::Sandbox),
            (None, Some(base)) => refuse(format!(
                "`twilio.base_url` is {base}, but there are no credentials for it: set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN to what `switchboard sandbox --json` printed, or take `base_url` away to use the built-in sandbox"
            )),
            (Some(account), None) if is_sandbox_account(&account) => refuse(format!(
                "{account} is a sandbox's account, but no `twilio.base_url` says where that sandbox listens: set TWILIO_BASE_URL, or take the credentials away to use the built-in sandbox"
            )),
            (Some(account), None) => Ok(World::Live { account }),
            (Some(account), Some(base)) if !is_loopback(base) => refuse(format!(
                "`twilio.base_url` is {base}, which is not on this machine: credentials of {account} are sent only to Twilio itself or to a sandbox here; take `base_url` away"
            )),
            (Some(account), Some(base)) if !is_sandbox_account(&account) => refuse(format!(
                "{account} is a real account, but `twilio.base_url` is {base}: take `base_url` away to go live, or take TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN away to use the sandbox"
            )),
            (Some(account), Some(base)) => Ok(World::OtherSandbox { base: base.clone(), account }),
        }
    }

    /// Whether messages reach people.
    pub fn is_live(&self) -> bool {
        matches!(self, World::Live { .. })
    }

    /// The name of this world's own directory: two worlds never share one.
    pub fn dir_name(&self) -> String {
        match self {
            World::Sandbox => "sandbox".to_owned(),
            World::OtherSandbox { account, .. } => format!("sandbox-{account}"),
            World::Live { account } => format!("live-{account}"),
        }
    }
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}
