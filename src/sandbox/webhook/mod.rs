//! Webhooks: what Twilio calls at its customers' servers, signed, with its retries and fallbacks.
//!
//! [`Delivery`] is what must be delivered, kept in the file until it is done; [`dispatch`] keeps those of
//! one lane in order; [`post`] makes the requests; [`twiml`] reads the answers. What an answer *does* is the
//! business of whoever asked.

pub mod dispatch;
pub mod overrides;
pub mod post;
pub mod signature;
pub mod twiml;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::faults::WebhookFault;
use super::seed::hex;
use super::world::World;

/// A URL and the method it is requested with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// As configured, with its connection overrides.
    pub url: String,
    /// `POST`, or `GET`.
    pub method: String,
}

/// What a webhook is about, which decides what its answer means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Purpose {
    /// An inbound message; the answer is TwiML.
    Inbound {
        /// The message.
        message: String,
    },
    /// A message's status; the answer is not read.
    Status {
        /// The message.
        message: String,
    },
    /// A usage trigger has fired; the answer is not read.
    Usage {
        /// The trigger.
        trigger: String,
    },
    /// An event of Event Streams; the answer is not read.
    Event {
        /// The resource it is of.
        sid: String,
    },
}

/// A webhook that must be delivered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    /// Set when it is handed over.
    #[serde(default)]
    pub id: u64,
    /// Webhooks of one lane go one after the other.
    pub lane: String,
    /// The account it belongs to.
    pub account: String,
    /// The auth token that signs.
    pub token: String,
    /// Where to.
    pub target: Target,
    /// Where to when that fails.
    #[serde(default)]
    pub fallback: Option<Target>,
    /// The parameters, in the order they are sent.
    pub params: Vec<(String, String)>,
    /// Sent as JSON instead of the parameters.
    #[serde(default)]
    pub body: Option<serde_json::Value>,
    /// Equal on every retry, so that receivers can drop duplicates.
    pub idempotency: String,
    /// What it is about.
    pub purpose: Purpose,
    /// What goes wrong on purpose.
    #[serde(default)]
    pub fault: Option<WebhookFault>,
}

impl Target {
    /// A target, when a URL is configured; POST unless GET is asked for.
    pub fn new(url: &str, method: &str) -> Option<Self> {
        let method = if method.eq_ignore_ascii_case("GET") { "GET" } else { "POST" };
        (!url.trim().is_empty()).then(|| Self { url: url.trim().to_owned(), method: method.to_owned() })
    }
}

impl Purpose {
    /// The resource it is about.
    pub fn sid(&self) -> &str {
        match self {
            Self::Inbound { message: sid }
            | Self::Status { message: sid }
            | Self::Usage { trigger: sid }
            | Self::Event { sid } => sid,
        }
    }

    /// A word for it in the journal.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Inbound { .. } => "sms",
            Self::Status { .. } => "status",
            Self::Usage { .. } => "usage",
            Self::Event { .. } => "events",
        }
    }
}

/// A token in the form of a UUID that only the seed and the parts decide.
pub fn idempotency_token(world: &World, parts: &[&str]) -> String {
    let digits = hex(&world.seed().bytes(parts)[..16]);
    format!("{}-{}-{}-{}-{}", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..])
}

/// Records a finished webhook and does what its answer says.
pub fn finish(world: &mut World, delivery: &Delivery, report: &post::Report) -> Result<(), StoreError> {
    if !world.delivered(delivery.id)? {
        return Ok(());
    }
    let at = super::clock::precise(world.now());
    for entry in &report.entries {
        world.record(super::journal::Entry { at: at.clone(), ..entry.clone() });
    }
    super::monitor::raise::webhook(world, delivery, report)?;
    match &delivery.purpose {
        Purpose::Inbound { message } => super::carrier::reply::carry_out(world, message, &report.replies),
        Purpose::Status { .. } | Purpose::Usage { .. } | Purpose::Event { .. } => Ok(()),
    }
}
