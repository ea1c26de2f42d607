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

const SHORT_CODE: &str = "short-code";

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
    /// `local`, `toll-free`, `mobile`, or `short-code` (then `phone` has 3 to 8 digits and the SID is `SC...`).
    pub kind: String,
    /// ISO alpha-2; empty in files of older versions.
    pub country: String,
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
            country: phone.region().unwrap_or_default(),
            created: now,
            updated: now,
            sequence,
            ..Self::default()
        }
    }

    /// A short code without any settings.
    pub fn short_code(sid: &str, account: &str, code: &str, now: u64, sequence: u64) -> Self {
        Self {
            sid: sid.into(),
            account: account.into(),
            phone: code.into(),
            friendly_name: code.into(),
            sms_method: "POST".into(),
            sms_fallback_method: "POST".into(),
            kind: SHORT_CODE.into(),
            country: "US".into(),
            created: now,
            updated: now,
            sequence,
            ..Self::default()
        }
    }

    /// Whether it is a short code, which texts within its own country only.
    pub fn is_short(&self) -> bool {
        self.kind == SHORT_CODE
    }

    /// The country it belongs to.
    pub fn country(&self) -> Option<String> {
        if self.country.is_empty() { country(&self.phone) } else { Some(self.country.clone()) }
    }

    /// The index that lists it, and the name its kind is counted under.
    fn listed(&self) -> (&'static str, &'static str) {
        if self.is_short() { ("short-codes", "shortCodes") } else { ("numbers", "numbers") }
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
    let (index, counted) = number.listed();
    world.put(&number.sid, number)?;
    world.count(counted, true);
    world.link("number/phone", &number.phone, &number.sid)?;
    world.link(index, &paging::key(&number.account, number.created, number.sequence), &number.sid)
}

/// Takes a number from its account.
pub fn release(world: &mut World, number: &Number) -> Result<(), StoreError> {
    let (index, counted) = number.listed();
    world.remove::<Number>(&number.sid)?;
    world.count(counted, false);
    world.unlink("number/phone", &number.phone)?;
    world.unlink(index, &paging::key(&number.account, number.created, number.sequence))
}

/// The country of a phone number, ISO alpha-2.
pub fn country(phone: &str) -> Option<String> {
    Phone::parse(phone, None).ok().and_then(|phone| phone.region())
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
