//! A verification: one code for one recipient of a service, from the first send to its end.
//!
//! ```text
//! pending --(right code, or approved by update)--> approved
//!         --(update)--> canceled     --(sixth check)--> max_attempts_reached     --(ten minutes)--> expired
//! ```

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::attempt::{self, Attempt, Channel};
use super::{events, rules};
use crate::sandbox::billing::{tariff, usage};
use crate::sandbox::call::Call;
use crate::sandbox::carrier::line;
use crate::sandbox::clock::rfc3339;
use crate::sandbox::error::StoreError;
use crate::sandbox::store::Row;
use crate::sandbox::timer::Due;
use crate::sandbox::world::World;

/// Where a verification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "Twilio's own words")]
pub enum Status {
    Pending,
    Approved,
    Canceled,
    MaxAttemptsReached,
    Expired,
}

impl Status {
    /// Twilio's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Canceled => "canceled",
            Self::MaxAttemptsReached => "max_attempts_reached",
            Self::Expired => "expired",
        }
    }
}

/// One send of the code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sent {
    /// Simulated time.
    pub at: u64,
    /// How it went.
    pub channel: Channel,
    /// `VL...`
    pub attempt: String,
    /// The language.
    #[serde(default)]
    pub locale: String,
    /// What the caller wants to find again in events.
    #[serde(default)]
    pub tags: Value,
}

/// A verification.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    /// `VE...`, the same for all sends.
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// The service.
    pub service: String,
    /// The recipient: E.164, or an email address.
    pub to: String,
    /// How it was sent last.
    pub channel: Channel,
    /// Where it stands.
    pub status: Status,
    /// What the recipient is to say.
    pub code: String,
    /// When it was checked, simulated.
    pub checks: Vec<u64>,
    /// Sends so far.
    pub sends: Vec<Sent>,
    /// The name in its texts, if not the service's.
    #[serde(default)]
    pub name: Option<String>,
    /// What is to be paid, for payments.
    #[serde(default)]
    pub amount: Option<String>,
    /// To whom.
    #[serde(default)]
    pub payee: Option<String>,
    /// Whether the line was looked up.
    #[serde(default)]
    pub looked_up: bool,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Simulated time at which it ends by itself.
    pub expires: u64,
}

impl Row for Verification {
    const KIND: &'static str = "verification";
}

/// The verification that a recipient has with a service now.
#[derive(Serialize, Deserialize)]
struct Current(String);

impl Row for Current {
    const KIND: &'static str = "verification-current";
}

impl Verification {
    fn place(&self) -> String {
        format!("{}/{}", self.service, self.to)
    }

    /// Saves it.
    pub fn save(&self, world: &mut World) -> Result<(), StoreError> {
        world.put(&self.sid, self)
    }

    /// Saves a new one: the recipient's from now on, until it ends.
    pub fn begin(&self, world: &mut World) -> Result<(), StoreError> {
        world.put(&self.place(), &Current(self.sid.clone()))?;
        world.schedule(self.expires, &self.sid, &Due::Verification { sid: self.sid.clone() })?;
        world.count("verifications", true);
        self.save(world)
    }

    /// Ends it, and says so to the attempts: the last one led to the right code, or none did.
    pub fn end(&mut self, world: &mut World, status: Status) -> Result<(), StoreError> {
        self.status = status;
        self.updated = world.now();
        world.remove::<Current>(&self.place())?;
        world.unschedule(self.expires, &self.sid)?;
        let last = self.sends.len().saturating_sub(1);
        for (at, sent) in self.sends.iter().enumerate() {
            let Some(mut attempt) = world.get::<Attempt>(&sent.attempt)? else { continue };
            attempt.conclude(status, at == last, self.updated);
            world.put(&attempt.sid, &attempt)?;
        }
        if status == Status::Approved {
            self.charge(world)?;
        }
        self.save(world)?;
        events::verification(world, self)
    }

    /// What a verification that succeeded costs, beside its codes.
    fn charge(&self, world: &mut World) -> Result<(), StoreError> {
        let email = self.channel == Channel::Email;
        let leaf = if email { "authy-verify-email-verifications" } else { "authy-phone-verifications" };
        usage::add(world, &self.account, leaf, 1, 1, tariff::nano(tariff::table().verified))
    }

    /// Whether Twilio still shows it.
    pub fn kept(&self) -> bool {
        match self.status {
            Status::Pending | Status::Canceled => true,
            Status::MaxAttemptsReached => rules::USED_UP_IS_KEPT,
            Status::Approved | Status::Expired => false,
        }
    }

    /// What an answer shows; never the code.
    pub fn show(&self, world: &World, call: &Call) -> Value {
        let sends: Vec<Value> = self
            .sends
            .iter()
            .map(
                |sent| json!({ "time": rfc3339(sent.at), "channel": sent.channel.sent(), "attempt_sid": sent.attempt }),
            )
            .collect();
        let lookup = if self.looked_up { line::carrier(world.seed(), &self.to) } else { json!({}) };
        json!({
            "sid": self.sid,
            "service_sid": self.service,
            "account_sid": self.account,
            "to": self.to,
            "channel": self.channel.word(),
            "status": self.status.word(),
            "valid": self.status == Status::Approved,
            "lookup": lookup,
            "amount": self.amount,
            "payee": self.payee,
            "send_code_attempts": sends,
            "sna": null,
            "date_created": rfc3339(self.created),
            "date_updated": rfc3339(self.updated),
            "url": format!("{}/v2/Services/{}/Verifications/{}", call.origin, self.service, self.sid),
        })
    }
}

/// The verification that a recipient has with a service now, pending or with its checks used up.
pub fn current(world: &World, service: &str, to: &str) -> Result<Option<Verification>, StoreError> {
    match world.get::<Current>(&format!("{service}/{to}"))? {
        Some(Current(sid)) => world.get(&sid),
        None => Ok(None),
    }
}

/// By its SID, or by the recipient of the pending one.
pub fn named(world: &World, service: &str, name: &str) -> Result<Option<Verification>, StoreError> {
    if super::service::is_sid(name, "VE") {
        return Ok(world.get::<Verification>(name)?.filter(|found| found.service == service));
    }
    current(world, service, name)
}

/// Its time is over.
pub fn expire(world: &mut World, sid: &str) -> Result<(), StoreError> {
    match world.get::<Verification>(sid)? {
        Some(mut verification) if attempt::open(verification.status) => verification.end(world, Status::Expired),
        _ => Ok(()),
    }
}
