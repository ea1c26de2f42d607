//! A message as Twilio keeps it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::price;
use crate::sandbox::billing::price::Price;
use crate::sandbox::clock::rfc2822;
use crate::sandbox::error::StoreError;
use crate::sandbox::paging;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "Twilio's own words")]
pub enum Status {
    Accepted,
    Scheduled,
    Queued,
    Sent,
    Delivered,
    Undelivered,
    Failed,
    Read,
    Canceled,
    Received,
}

impl Status {
    /// Twilio's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Read => "read",
            Self::Canceled => "canceled",
            Self::Received => "received",
        }
    }

    /// Whether nothing more happens to it by itself.
    pub fn done(self) -> bool {
        !matches!(self, Self::Accepted | Self::Scheduled | Self::Queued | Self::Sent)
    }
}

/// What will become of a message on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of the control API")]
pub enum Fate {
    #[default]
    Delivered,
    Read,
    Undelivered,
    Failed,
    /// Sent, and never reported on.
    Stuck,
    /// Waits in the sender's queue until its validity period is over.
    Queued,
}

/// A message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    /// `SM...`, or `MM...` with media.
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// `inbound`, `outbound-api` or `outbound-reply`.
    pub direction: String,
    /// The sender; none while a Messaging Service has not chosen one.
    pub from: Option<String>,
    /// Who gets it.
    pub to: String,
    /// The text.
    pub body: String,
    /// Where it stands.
    pub status: Status,
    /// Parts; 0 while no sender is chosen.
    pub segments: usize,
    /// The SIDs of its media.
    #[serde(default)]
    pub media: Vec<String>,
    /// The Messaging Service.
    #[serde(default)]
    pub service: Option<String>,
    /// Where its statuses go.
    #[serde(default)]
    pub callback: Option<String>,
    /// What will become of it.
    #[serde(default)]
    pub fate: Fate,
    /// The error it will have, or has.
    #[serde(default)]
    pub error: Option<u32>,
    /// Simulated time it is to be sent at.
    #[serde(default)]
    pub send_at: Option<u64>,
    /// Seconds it may wait to be sent; none is the usual time.
    #[serde(default)]
    pub validity: Option<u32>,
    /// When its next step is due.
    #[serde(default)]
    pub due: Option<u64>,
    /// Simulated time.
    pub created: u64,
    /// Simulated time.
    pub updated: u64,
    /// Simulated time; none until it was sent.
    #[serde(default)]
    pub sent: Option<u64>,
    /// Order within one instant.
    pub sequence: u64,
    /// The n-th message between these two.
    pub nth: u64,
    /// Whether the text is kept only until it was sent.
    #[serde(default)]
    pub discard: bool,
    /// What it costs; none until it was sent, and in files of older versions.
    #[serde(default)]
    pub price: Option<Price>,
}

impl Row for Message {
    const KIND: &'static str = "message";
}

impl Message {
    /// Whether it came from a handset.
    pub fn inbound(&self) -> bool {
        self.direction == "inbound"
    }

    /// Whether it travels by WhatsApp.
    pub fn whatsapp(&self) -> bool {
        self.to.starts_with("whatsapp:")
    }

    /// Twilio's path of it.
    pub fn uri(&self) -> String {
        format!("/2010-04-01/Accounts/{}/Messages/{}", self.account, self.sid)
    }

    /// What an API answer shows. The date is filled once it was sent, the price some time later.
    pub fn show(&self, now: u64) -> Value {
        let uri = self.uri();
        let body = if self.discard && self.sent.is_some() { "" } else { &self.body };
        let error = self.error.filter(|_| matches!(self.status, Status::Undelivered | Status::Failed));
        json!({
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": body,
            "date_created": rfc2822(self.created),
            "date_sent": self.sent.map(rfc2822),
            "date_updated": rfc2822(self.updated),
            "direction": self.direction,
            "error_code": error,
            "error_message": error.and_then(price::error_text),
            "from": self.from,
            "messaging_service_sid": self.service,
            "num_media": self.media.len().to_string(),
            "num_segments": self.segments.to_string(),
            "price": price::said(self, now),
            "price_unit": price::unit(self),
            "sid": self.sid,
            "status": self.status.word(),
            "subresource_uris": { "media": format!("{uri}/Media.json"), "feedback": format!("{uri}/Feedback.json") },
            "to": self.to,
            "uri": format!("{uri}.json"),
        })
    }

    /// Its entries: all of the account, by receiver, by sender.
    fn entries(&self) -> Vec<(&'static str, String)> {
        let key = |parent: &str| paging::key(parent, self.created, self.sequence);
        let mut entries =
            vec![("messages", key(&self.account)), ("messages/to", key(&format!("{}/{}", self.account, self.to)))];
        if let Some(from) = &self.from {
            entries.push(("messages/from", key(&format!("{}/{from}", self.account))));
        }
        entries
    }

    /// Saves it the first time, or once its sender is known.
    pub fn add(&self, world: &mut World) -> Result<(), StoreError> {
        world.put(&self.sid, self)?;
        self.entries().into_iter().try_for_each(|(index, key)| world.link(index, &key, &self.sid))
    }

    /// Gives it another sender.
    pub fn send_from(&mut self, world: &mut World, from: String) -> Result<(), StoreError> {
        for (index, key) in self.entries() {
            world.unlink(index, &key)?;
        }
        self.from = Some(from);
        self.add(world)
    }

    /// Removes it.
    pub fn delete(&self, world: &mut World) -> Result<(), StoreError> {
        world.remove::<Self>(&self.sid)?;
        world.count("messages", false);
        self.entries().into_iter().try_for_each(|(index, key)| world.unlink(index, &key))
    }
}
