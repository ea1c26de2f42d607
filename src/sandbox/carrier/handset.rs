//! Handsets: what each has received and sent, and what becomes of the next messages to it.
//!
//! A handset keeps what reached it, whatever is later deleted or redacted at Twilio.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::message::Fate;
use crate::sandbox::clock::precise;
use crate::sandbox::error::StoreError;
use crate::sandbox::journal::Entry;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// A handset, or a mailbox.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Handset {
    /// Its number or address.
    pub address: String,
    /// When it last received or sent something, simulated.
    pub last: u64,
    /// What becomes of later messages to it.
    pub fate: Fate,
    /// With this error.
    pub error: Option<u32>,
    /// For so many messages; none is for all.
    pub times: Option<u32>,
}

impl Row for Handset {
    const KIND: &'static str = "handset";
}

/// Media on a handset.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Its type.
    pub content_type: String,
    /// Where its bytes are at Twilio, below the sandbox's base.
    pub url: String,
}

/// A text on a handset.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Text {
    /// `in` or `out`, seen from the handset.
    pub direction: String,
    /// The other end, or the handset itself.
    pub from: String,
    /// The handset itself, or the other end.
    pub to: String,
    /// The text.
    pub body: String,
    /// What came with it.
    pub media: Vec<Attachment>,
    /// Simulated time.
    pub at: String,
    /// Twilio's SID.
    pub sid: String,
}

/// The handset of an address.
pub fn get(world: &World, address: &str) -> Result<Handset, StoreError> {
    let found = world.get::<Handset>(address)?;
    Ok(found.unwrap_or_else(|| Handset { address: address.into(), ..Handset::default() }))
}

/// Saves a handset.
pub fn put(world: &mut World, handset: &Handset) -> Result<(), StoreError> {
    world.put(&handset.address, handset)?;
    world.link("handsets", &handset.address, &handset.address)
}

/// Puts a text on the handset.
pub fn keep(world: &mut World, address: &str, text: &Text) -> Result<(), StoreError> {
    keep_as(world, "texts", address, &json!(text))
}

/// Puts something of a kind (`texts`, `calls`, `emails`) on the handset or into the mailbox.
pub fn keep_as(world: &mut World, kind: &str, address: &str, what: &Value) -> Result<(), StoreError> {
    let now = world.now();
    put(world, &Handset { last: now, ..get(world, address)? })?;
    let key = format!("{address}/{now:016x}{:016x}", world.sequence());
    world.link(kind, &key, &what.to_string())?;
    world.record(Entry {
        kind: "phone".into(),
        at: precise(now),
        product: kind.into(),
        path: address.into(),
        request: absolute(world, what.clone()),
        sid: what.get("sid").and_then(Value::as_str).map(str::to_owned),
        ..Entry::default()
    });
    Ok(())
}

/// What becomes of a message that is sent to it now, counted down.
pub fn take_fate(world: &mut World, address: &str) -> Result<(Fate, Option<u32>), StoreError> {
    let mut handset = get(world, address)?;
    let fate = (handset.fate, handset.error);
    if let Some(times) = handset.times {
        handset.times = Some(times.saturating_sub(1));
        if times <= 1 {
            handset = Handset { fate: Fate::Delivered, error: None, times: None, ..handset };
        }
        put(world, &handset)?;
    }
    Ok(fate)
}

/// Puts the base before the URLs of media: the port may be another than when they were kept.
fn absolute(world: &World, mut value: Value) -> Value {
    let media = value.get_mut("media").and_then(Value::as_array_mut).into_iter().flatten();
    for url in media.filter_map(|media| media.get_mut("url")) {
        *url = json!(format!("{}{}", world.base(), url.as_str().unwrap_or_default()));
    }
    value
}

/// All that a handset has.
pub fn show(world: &World, address: &str) -> Result<Value, StoreError> {
    let list = |kind: &str| -> Result<Vec<Value>, StoreError> {
        let found = world.scan(kind, &format!("{address}/"), &format!("{address}0"), true, MOST)?;
        let values = found.into_iter().rev().filter_map(|(_, text)| serde_json::from_str(&text).ok());
        Ok(values.map(|value| absolute(world, value)).collect())
    };
    Ok(json!({ "messages": list("texts")?, "calls": list("calls")?, "emails": list("emails")? }))
}

/// The handsets that are known, by address.
pub fn list(world: &World) -> Result<Vec<Value>, StoreError> {
    let found = world.scan("handsets", "", "\u{10ffff}", false, MOST)?;
    let mut handsets = Vec::with_capacity(found.len());
    for (address, _) in found {
        let handset = get(world, &address)?;
        let last = (handset.last > 0).then(|| precise(handset.last));
        let outcome = json!({ "status": handset.fate, "errorCode": handset.error, "times": handset.times });
        handsets.push(json!({ "address": address, "lastActivity": last, "outcome": outcome }));
    }
    Ok(handsets)
}

/// The newest of each kind that are shown, and the handsets that are listed.
const MOST: usize = 5_000;
