//! Phone numbers an account has, and whether a sender belongs to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::paging;
use super::store::Row;
use super::webhook::Target;
use super::world::World;
use crate::domain::phone::Phone;

/// WhatsApp's shared test sender, which every account may use.
pub const WHATSAPP_SHARED: &str = "whatsapp:+14155238886";

/// A number in use.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Number {
    /// `PN...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// E.164.
    pub phone: String,
    /// Its name; the readable form at first.
    pub friendly_name: String,
    /// Where inbound messages go.
    pub sms_url: String,
    /// `POST` or `GET`.
    pub sms_method: String,
    /// Where they go when that fails.
    pub sms_fallback_url: String,
    /// `POST` or `GET`.
    pub sms_fallback_method: String,
    /// Kept and shown.
    pub status_callback: String,
    /// The Messaging Service it sends for.
    pub service: Option<String>,
    /// Settings that a text message does not touch, by their names in answers.
    pub others: BTreeMap<String, String>,
    /// `local`, `toll-free` or `mobile`.
    pub kind: String,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Number {
    const KIND: &'static str = "number";
}

impl Number {
    /// A number without any settings.
    pub fn new(sid: &str, account: &str, phone: &Phone, kind: &str, now: u64, sequence: u64) -> Self {
        Self {
            sid: sid.into(),
            account: account.into(),
            phone: phone.as_str().into(),
            friendly_name: phone.national(),
            sms_method: "POST".into(),
            sms_fallback_method: "POST".into(),
            kind: kind.into(),
            created: now,
            updated: now,
            sequence,
            ..Self::default()
        }
    }

    /// Where inbound messages go.
    pub fn inbound(&self) -> Option<Target> {
        Target::new(&self.sms_url, &self.sms_method)
    }

    /// Where they go when that fails.
    pub fn fallback(&self) -> Option<Target> {
        Target::new(&self.sms_fallback_url, &self.sms_fallback_method)
    }
}

/// Adds a number to its account.
pub fn add(world: &mut World, number: &Number) -> Result<(), StoreError> {
    world.put(&number.sid, number)?;
    world.count("numbers", true);
    world.link("number/phone", &number.phone, &number.sid)?;
    world.link("numbers", &paging::key(&number.account, number.created, number.sequence), &number.sid)
}

/// Takes a number from its account.
pub fn release(world: &mut World, number: &Number) -> Result<(), StoreError> {
    world.remove::<Number>(&number.sid)?;
    world.count("numbers", false);
    world.unlink("number/phone", &number.phone)?;
    world.unlink("numbers", &paging::key(&number.account, number.created, number.sequence))
}

/// The number that is reached by a phone number, or by the WhatsApp address of one.
pub fn by_address(world: &World, address: &str) -> Result<Option<Number>, StoreError> {
    let phone = address.strip_prefix("whatsapp:").unwrap_or(address);
    let until = format!("{phone}\u{1}");
    match world.scan("number/phone", phone, &until, false, 1)?.first() {
        Some((_, sid)) => world.get(sid),
        None => Ok(None),
    }
}
