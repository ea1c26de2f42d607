//! Operations on the files of messages. Their bytes travel beside the table: up at `POST /api/media`, down at
//! `GET /api/messages/{id}/media/{index}/content`.

use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

use super::When;
use crate::domain::id::Id;
use crate::domain::media::State;

/// A picture, sound or document of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaView {
    /// Its place in the message, from 0.
    pub index: u32,
    /// MIME type, raw: it may say anything.
    pub content_type: String,
    /// Where its bytes are.
    pub state: State,
    /// Bytes, once known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub size: Option<u64>,
    /// SHA-256 of the bytes, hex.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// What its sender called it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What was in the way, and what to do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// Where Twilio keeps it, or fetches it; absent for a file that was uploaded here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// How often it was tried in vain.
    #[serde(default)]
    pub tries: u32,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_try: Option<When>,
}

/// Input: the files of a message.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMedia {
    /// The message.
    pub id: Id,
}

/// The files of a message, in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaList {
    /// The files.
    pub items: Vec<MediaView>,
}

/// Input: one file of a message.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetMedia {
    /// The message.
    pub id: Id,
    /// Which file, from 0.
    #[serde(deserialize_with = "place")]
    pub index: u32,
}

/// Input: fetch a file again that failed, is gone or was never fetched.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RetryMedia {
    /// The message.
    pub id: Id,
    /// Which file, from 0.
    #[serde(deserialize_with = "place")]
    pub index: u32,
}

/// A file that was uploaded; a message takes it by its id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileView {
    /// Its id.
    pub id: Id,
    /// MIME type, as found in its bytes.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// Its name, made harmless.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// It is thrown away then, unless a message uses it.
    pub unused_until: When,
}

/// A place in a list: a number, or as a path has it a text of digits.
fn place<'de, D: Deserializer<'de>>(d: D) -> Result<u32, D::Error> {
    struct Place;
    impl Visitor<'_> for Place {
        type Value = u32;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number from 0")
        }
        fn visit_u64<E: Error>(self, n: u64) -> Result<u32, E> {
            u32::try_from(n).map_err(|_| E::custom(format!("{n} is no place in a list")))
        }
        fn visit_i64<E: Error>(self, n: i64) -> Result<u32, E> {
            u32::try_from(n).map_err(|_| E::custom(format!("{n} is no place in a list")))
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<u32, E> {
            text.parse().map_err(|_| E::custom(format!("`{text}` is no place in a list: they are counted from 0")))
        }
    }
    d.deserialize_any(Place)
}
