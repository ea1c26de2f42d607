//! What can be heard: events of the feed, and the cursor that says how far a reader is.

use std::borrow::Cow;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::When;
use super::inbox::{ConversationView, InboxCounts, MessageView};
use super::presence::Presence;
use super::verify::FlowView;
use crate::domain::deadletter::Reason;
use crate::domain::id::Id;

/// How far a reader of the feed is: the store's epoch and the last number seen of each lane.
/// Opaque to clients; a cursor of another epoch is answered with [`Frame::Reset`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor {
    /// The store's epoch: a replaced store makes old cursors invalid.
    pub epoch: u64,
    /// The last number seen, lane by lane.
    pub lanes: Vec<u64>,
}

impl Cursor {
    /// The text form.
    pub fn encode(&self) -> String {
        let mut raw = Vec::with_capacity(8 + 8 * self.lanes.len());
        raw.extend(self.epoch.to_be_bytes());
        self.lanes.iter().for_each(|n| raw.extend(n.to_be_bytes()));
        BASE64_URL_SAFE_NO_PAD.encode(raw)
    }
}

/// A cursor that we did not make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this cursor was not made by a Switchboard node: leave it out to start at the present")]
pub struct BadCursor;

impl FromStr for Cursor {
    type Err = BadCursor;
    fn from_str(s: &str) -> Result<Cursor, BadCursor> {
        let raw = BASE64_URL_SAFE_NO_PAD.decode(s).map_err(|_| BadCursor)?;
        if raw.len() < 8 || raw.len() % 8 != 0 || raw.len() > 8 * 1025 {
            return Err(BadCursor);
        }
        let mut words = raw.chunks_exact(8).map(|c| c.iter().fold(0u64, |n, b| n << 8 | u64::from(*b)));
        let epoch = words.next().ok_or(BadCursor)?;
        Ok(Cursor { epoch, lanes: words.collect() })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.encode())
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Cursor, D::Error> {
        Cow::<'de, str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Cursor {
    fn schema_name() -> Cow<'static, str> {
        "Cursor".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string" })
    }
}

/// One event, with the rows it concerns as they are now and as this caller may see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Give it back as `after` to go on behind this event.
    pub cursor: Cursor,
    /// What happened, e.g. `message.received`.
    pub kind: String,
    /// Business time.
    pub at: When,
    /// Who did it, when a person or worker did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub actor: Option<String>,
    /// The tenant, if it concerns one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Id>,
    /// The conversation it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub conversation: Option<ConversationView>,
    /// The message it concerns.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MessageView>,
    /// The flow of verifications it concerns; only for those who may see the log.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub verification: Option<Box<FlowView>>,
    /// The inbox's counts after it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub counts: Option<InboxCounts>,
    /// Whether it stands in the audit log.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub audited: bool,
}

/// A webhook that was answered. Told to those who listen and remembered for a while, never stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Webhook {
    /// The n-th that this node answered since it started.
    #[serde(default)]
    pub number: u64,
    /// When it came (wall clock).
    pub at: When,
    /// The path it came to.
    pub path: String,
    /// `sms`, `mms`, `whatsapp`, `optOut`, `optIn`, `help`, or `status.delivered` and the like.
    pub kind: String,
    /// The sender.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub from: String,
    /// The receiver.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub to: String,
    /// The message's SID.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub sid: String,
    /// Everything that it said, as it came; in the list of the latest at most 2000 bytes of it.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub form: String,
    /// The HTTP status that was answered.
    pub status: u16,
    /// Why it was refused, if it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Reason>,
    /// How long the answer took, in microseconds.
    pub took_micros: u64,
}

/// What the stream carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", tag = "frame")]
pub enum Frame {
    /// Something happened.
    Event(Box<Event>),
    /// Everything up to here has been sent; what follows is live.
    #[serde(rename_all = "camelCase")]
    CaughtUp {
        /// Where the reader now stands.
        cursor: Cursor,
    },
    /// Too far behind, or another store: fetch what is shown again and follow from this cursor.
    #[serde(rename_all = "camelCase")]
    Reset {
        /// Where to go on.
        cursor: Cursor,
    },
    /// The simulated clock was moved or stopped (sandbox only).
    #[serde(rename_all = "camelCase")]
    Clock {
        /// Business time now.
        now: When,
        /// Whether it stands still.
        paused: bool,
    },
    /// A webhook was answered (only to those who ask with `webhooks=true`).
    Webhook(Box<Webhook>),
    /// An agent looks at a conversation, writes in it or has left it.
    Presence(Presence),
    /// Something reached or left a simulated handset (sandbox only).
    Handset {
        /// Its address.
        address: String,
    },
}

impl Frame {
    /// Where a reader stands behind this frame; frames without one leave it where it is.
    pub fn cursor(&self) -> Option<&Cursor> {
        match self {
            Frame::Event(event) => Some(&event.cursor),
            Frame::CaughtUp { cursor } | Frame::Reset { cursor } => Some(cursor),
            Frame::Clock { .. } | Frame::Webhook(_) | Frame::Presence(_) | Frame::Handset { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_refuses_rubbish() {
        let cursor = Cursor { epoch: 77, lanes: vec![1, 0, u64::MAX] };
        assert_eq!(cursor.encode().parse(), Ok(cursor));
        for bad in ["", "x", "AAAA", "!!!!"] {
            assert_eq!(bad.parse::<Cursor>(), Err(BadCursor), "{bad}");
        }
    }
}
