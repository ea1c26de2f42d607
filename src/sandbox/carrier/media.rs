//! Media of messages: the resource, and the bytes that Twilio serves.
//!
//! What a handset sends comes with its bytes. What a business sends is fetched from its URL after the
//! message was accepted.

use serde::{Deserialize, Serialize};

use super::message::Message;
use crate::sandbox::error::StoreError;
use crate::sandbox::seed::hex;
use crate::sandbox::store::Row;
use crate::sandbox::world::World;

/// A piece of media.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Media {
    /// `ME...`
    pub sid: String,
    /// Whose it is.
    pub account: String,
    /// The message.
    pub parent: String,
    /// Its type.
    pub content_type: String,
    /// Simulated time.
    pub created: u64,
    /// Order within one instant.
    pub sequence: u64,
}

impl Row for Media {
    const KIND: &'static str = "media";
}

impl Media {
    /// The URL that webhooks name: the resource without `.json`.
    pub fn url(&self, world: &World) -> String {
        format!("{}{}", world.base(), self.path())
    }

    /// The same below the base, which may be another after a restart.
    pub fn path(&self) -> String {
        let Self { account, parent, sid, .. } = self;
        format!("/api/2010-04-01/Accounts/{account}/Messages/{parent}/Media/{sid}")
    }

    /// The path the bytes are served at without credentials, as from a content network.
    pub fn file(&self, world: &World) -> String {
        format!("/cdn/{}/{}", self.sid, secret(world, &self.sid))
    }

    fn blob(&self) -> String {
        format!("media/{}", self.sid)
    }
}

/// The unguessable part of a file's path.
pub fn secret(world: &World, sid: &str) -> String {
    hex(&world.seed().bytes(&["media", &world.meta().instance, sid])[..16])
}

fn add(world: &mut World, message: &mut Message, content_type: &str) -> Result<Media, StoreError> {
    let place = message.media.len().to_string();
    let media = Media {
        sid: world.seed().sid("ME", &[&message.sid, &place]),
        account: message.account.clone(),
        parent: message.sid.clone(),
        content_type: content_type.into(),
        created: world.now(),
        sequence: world.sequence(),
    };
    world.put(&media.sid, &media)?;
    message.media.push(media.sid.clone());
    Ok(media)
}

/// Keeps media that came with its bytes.
pub fn receive(world: &mut World, message: &mut Message, all: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
    for (content_type, bytes) in all {
        let media = add(world, message, content_type)?;
        world.put_blob(&media.blob(), bytes)?;
    }
    Ok(())
}

/// Keeps media that is yet to be fetched.
pub fn attach(world: &mut World, message: &mut Message, all: &[(String, String)]) -> Result<(), StoreError> {
    for (content_type, url) in all {
        let media = add(world, message, content_type)?;
        world.fetch(&media.sid, url);
    }
    Ok(())
}

/// Keeps the bytes that were fetched.
pub fn fetched(world: &mut World, sid: &str, content_type: Option<&str>, bytes: &[u8]) -> Result<(), StoreError> {
    let Some(mut media) = world.get::<Media>(sid)? else { return Ok(()) };
    if let Some(kind) = content_type {
        media.content_type = kind.split(';').next().unwrap_or(kind).trim().to_owned();
        world.put(sid, &media)?;
    }
    world.put_blob(&media.blob(), bytes)
}

/// The bytes, if they are there.
pub fn bytes(world: &World, media: &Media) -> Result<Option<Vec<u8>>, StoreError> {
    world.blob(&media.blob())
}

/// Removes a piece of media.
pub fn delete(world: &mut World, media: &Media) -> Result<(), StoreError> {
    world.remove_blob(&media.blob())?;
    world.remove::<Media>(&media.sid)
}

/// The media of a message, in order.
pub fn of(world: &World, message: &Message) -> Result<Vec<Media>, StoreError> {
    message.media.iter().filter_map(|sid| world.get::<Media>(sid).transpose()).collect()
}

/// The type a URL's ending suggests, until the bytes say otherwise.
pub fn guess(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let ending = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match ending.as_str() {
        "png" => "image/png",
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "pdf" => "application/pdf",
        "mp4" => "video/mp4",
        "mp3" => "audio/mpeg",
        "vcf" => "text/vcard",
        "txt" => "text/plain",
        _ => "application/octet-stream",
    }
    .to_owned()
}
