//! Takes a message on its way, once everything about it has been checked.

use super::handset;
use super::lifecycle;
use super::message::{Fate, Message, Status};
use crate::domain::sms::{measure, smart_encode};
use crate::sandbox::error::StoreError;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;
use serde::{Deserialize, Serialize};

/// A message that may be sent.
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// Whose it is.
    pub account: String,
    /// `outbound-api` or `outbound-reply`.
    pub direction: &'static str,
    /// The sender, unless a Messaging Service chooses one.
    pub from: Option<String>,
    /// Who gets it.
    pub to: String,
    /// The text.
    pub body: String,
    /// Its media: type and URL.
    pub media: Vec<(String, String)>,
    /// The Messaging Service.
    pub service: Option<String>,
    /// Where its statuses go.
    pub callback: Option<String>,
    /// Whether look-alikes become GSM-7.
    pub smart: bool,
    /// When it is to be sent.
    pub send_at: Option<u64>,
    /// Seconds it may wait to be sent.
    pub validity: Option<u32>,
    /// The outcome that is certain already, such as a closed WhatsApp window.
    pub fate: Option<(Fate, u32)>,
    /// Whether the text is kept only until it was sent.
    pub discard: bool,
}

impl Outgoing {
    /// A plain text of the API.
    pub fn new(account: &str, to: &str, body: &str) -> Self {
        Self { account: account.into(), direction: "outbound-api", to: to.into(), body: body.into(), ..Self::default() }
    }
}

#[derive(Default, Serialize, Deserialize)]
struct Counter(u64);

impl Row for Counter {
    const KIND: &'static str = "counter";
}

/// Counts what happens under a natural key, from 1; from then on the clock only goes forward.
pub fn nth(world: &mut World, parts: &[&str]) -> Result<u64, StoreError> {
    world.meta_mut().happened = true;
    count(world, parts)
}

/// Counts what is noted under a natural key, from 1.
pub fn count(world: &mut World, parts: &[&str]) -> Result<u64, StoreError> {
    let key = parts.join("\u{1f}");
    let count = world.get::<Counter>(&key)?.unwrap_or_default().0 + 1;
    world.put(&key, &Counter(count))?;
    Ok(count)
}

/// Accepts a message; its first step is due soon.
pub fn accept(world: &mut World, outgoing: Outgoing) -> Result<Message, StoreError> {
    let sender = outgoing.from.clone().or_else(|| outgoing.service.clone()).unwrap_or_default();
    let natural = [outgoing.account.as_str(), &sender, &outgoing.to];
    let nth = nth(world, &[&["message"], &natural[..]].concat())?;
    let number = nth.to_string();
    let prefix = if outgoing.media.is_empty() { "SM" } else { "MM" };
    let sid = world.seed().sid(prefix, &[&natural[..], &[number.as_str()]].concat());
    let body = if outgoing.smart { smart_encode(&outgoing.body) } else { outgoing.body };
    let (fate, error) = match outgoing.fate {
        Some((fate, code)) => (fate, Some(code)),
        None => handset::take_fate(world, &outgoing.to)?,
    };
    let now = world.now();
    let status = match (&outgoing.from, outgoing.send_at) {
        (_, Some(_)) => Status::Scheduled,
        (Some(_), None) if outgoing.service.is_none() => Status::Queued,
        _ => Status::Accepted,
    };
    let mut message = Message {
        account: outgoing.account,
        direction: outgoing.direction.into(),
        from: outgoing.from,
        to: outgoing.to,
        body,
        status,
        segments: 0,
        media: Vec::new(),
        service: outgoing.service,
        callback: outgoing.callback,
        fate,
        error,
        send_at: outgoing.send_at,
        validity: outgoing.validity,
        due: None,
        created: now,
        updated: now,
        sent: None,
        sequence: world.sequence(),
        nth,
        discard: outgoing.discard,
        price: None,
        sid,
    };
    super::media::attach(world, &mut message, &outgoing.media)?;
    message.segments = if message.from.is_some() { parts(&message) } else { 0 };
    message.add(world)?;
    world.count("messages", true);
    lifecycle::plan(world, &mut message)?;
    Ok(message)
}

/// The parts a message is billed in.
pub fn parts(message: &Message) -> usize {
    if message.whatsapp() || !message.media.is_empty() { 1 } else { measure(&message.body).segments.max(1) }
}
