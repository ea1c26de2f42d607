//! Who is not sent to: embargoed countries, countries that are switched off, prefixes that Fraud Guard
//! blocks.
//!
//! Twilio sets these in its console and by its own judgement; here the control API does. Numbers on the
//! safe list pass, and so does what is sent with `RiskCheck=disable`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::attempt::Channel;
use super::errors::refuse;
use super::service::Service;
use super::wanted::Wanted;
use super::{rules, safelist};
use crate::sandbox::answer::Outcome;
use crate::sandbox::carrier::geography;
use crate::sandbox::error::StoreError;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// How long Fraud Guard blocks a prefix, in simulated microseconds.
const BLOCKED: u64 = 12 * 3_600 * 1_000_000;

/// How much Fraud Guard blocks for a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "Twilio's own words")]
pub enum Level {
    Off,
    Basic,
    #[default]
    Standard,
    Max,
}

impl Row for Level {
    const KIND: &'static str = "verify-fraud-guard";
}

/// Satellite prefixes that are known for pumping, and the level from which they are blocked at all times.
const KNOWN: [(&str, Level); 2] = [("+88213", Level::Basic), ("+88216", Level::Max)];

/// What is blocked in this world besides.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Blocked {
    /// Prefixes, and until when; at any level but off.
    pub prefixes: BTreeMap<String, u64>,
    /// Countries, ISO alpha-2, for which Verify has no geo permission.
    pub countries: BTreeSet<String>,
}

impl Row for Blocked {
    const KIND: &'static str = "verify-blocked";
}

/// What is blocked in this world.
pub fn blocked(world: &World) -> Result<Blocked, StoreError> {
    Ok(world.get("all")?.unwrap_or_default())
}

/// Blocks these prefixes for twelve hours from now and these countries until told otherwise; a list that is
/// given takes the place of the one before.
pub fn block(
    world: &mut World,
    prefixes: Option<Vec<String>>,
    countries: Option<Vec<String>>,
) -> Result<Blocked, StoreError> {
    let mut all = blocked(world)?;
    let until = world.now().saturating_add(BLOCKED);
    if let Some(prefixes) = prefixes {
        all.prefixes = prefixes.into_iter().map(|prefix| (prefix, until)).collect();
    }
    if let Some(countries) = countries {
        all.countries = countries.into_iter().map(|country| country.to_ascii_uppercase()).collect();
    }
    world.put("all", &all)?;
    Ok(all)
}

/// Sets how much Fraud Guard blocks for a service.
pub fn set_level(world: &mut World, service: &str, level: Level) -> Result<(), StoreError> {
    world.put(service, &level)
}

/// How much Fraud Guard blocks for a service.
pub fn level(world: &World, service: &str) -> Result<Level, StoreError> {
    Ok(world.get(service)?.unwrap_or_default())
}

/// Refuses what may not be sent.
pub fn admit(world: &World, service: &Service, wanted: &Wanted) -> Outcome<()> {
    if wanted.channel == Channel::Email {
        return Ok(());
    }
    let country = geography::place(&wanted.to).country;
    if rules::EMBARGOED.contains(&country.as_str()) {
        return Err(refuse(60238).into());
    }
    if !wanted.guarded || safelist::has(world, &service.account, &wanted.to)? {
        return Ok(());
    }
    let all = blocked(world)?;
    if all.countries.contains(&country) {
        return Err(refuse(60605).into());
    }
    let level = level(world, &service.sid)?;
    let known = KNOWN.iter().any(|(prefix, from)| level >= *from && wanted.to.starts_with(prefix));
    let now = world.now();
    let told = level > Level::Off
        && all.prefixes.iter().any(|(prefix, until)| now < *until && wanted.to.starts_with(prefix.as_str()));
    // Fraud Guard watches texts; a call or a WhatsApp message gets through.
    if wanted.channel == Channel::Sms && (known || told) {
        return Err(refuse(60410).into());
    }
    Ok(())
}
