//! Media of messages: the resource, and the bytes that Twilio serves.
//!
//! What a handset sends comes with its bytes. What a business sends is fetched from its URL after the
//! message was accepted; until it is there, or cannot be had, the message waits.

use serde::{Deserialize, Serialize};

use super::lifecycle;
use super::message::{Fate, Message, Status};
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
    /// Where it is to be fetched from, until it was.
    #[serde(default)]
    pub source: Option<String>,
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

/// The index of what is to be fetched, by its SID.
const PENDING: &str = "media/pending";

fn add(
    world: &mut World,
    message: &mut Message,
    content_type: &str,
    source: Option<&str>,
) -> Result<Media, StoreError> {
    let place = message.media.len().to_string();
    let media = Media {
        sid: world.seed().sid("ME", &[&message.sid, &place]),
        account: message.account.clone(),
        parent: message.sid.clone(),
        content_type: content_type.into(),
        created: world.now(),
        sequence: world.sequence(),
        source: source.map(str::to_owned),
    };
    world.put(&media.sid, &media)?;
    message.media.push(media.sid.clone());
    Ok(media)
}

/// Keeps media that came with its bytes.
pub fn receive(world: &mut World, message: &mut Message, all: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
    for (content_type, bytes) in all {
        let media = add(world, message, content_type, None)?;
        world.put_blob(&media.blob(), bytes)?;
    }
    Ok(())
}

/// Keeps media that is yet to be fetched.
pub fn attach(world: &mut World, message: &mut Message, all: &[(String, String)]) -> Result<(), StoreError> {
    for (content_type, url) in all {
        let media = add(world, message, content_type, Some(url))?;
        world.link(PENDING, &media.sid, &media.sid)?;
        world.fetch(&media.sid, url);
    }
    Ok(())
}

/// What came of fetching: its type and bytes, or Twilio's code.
pub type Fetched = Result<(String, Vec<u8>), u32>;

/// Nothing could be fetched from the URL.
pub const NOT_FETCHED: u32 = 11200;
/// It is of a type that is not sent.
const WRONG_TYPE: u32 = 12300;
/// It is larger than what is sent of its type.
const TOO_LARGE: u32 = 30019;

/// Keeps the bytes that were fetched, or lets the message fail. One that waited only for this goes on.
pub fn fetched(world: &mut World, sid: &str, fetched: Fetched) -> Result<(), StoreError> {
    let Some(mut media) = world.get::<Media>(sid)? else { return Ok(()) };
    media.source = None;
    world.unlink(PENDING, sid)?;
    let refused = match fetched.and_then(fits) {
        Ok((kind, bytes)) => {
            media.content_type = kind;
            world.put_blob(&media.blob(), &bytes)?;
            None
        }
        Err(code) => Some(code),
    };
    world.put(sid, &media)?;
    let Some(mut message) = world.get::<Message>(&media.parent)? else { return Ok(()) };
    if let (Some(code), false) = (refused, message.status.done()) {
        (message.fate, message.error) = (Fate::Failed, Some(code));
        world.put(&message.sid, &message)?;
    }
    if message.status == Status::Queued && message.due.is_none() && !is_pending(world, &message)? {
        return lifecycle::step(world, &message.sid);
    }
    Ok(())
}

/// 5 MB of JPEG, PNG and GIF, 500 KB of what else is sent.
fn fits((kind, bytes): (String, Vec<u8>)) -> Fetched {
    let kind = kind.split(';').next().unwrap_or(&kind).trim().to_ascii_lowercase();
    let most = match kind.split_once('/') {
        Some(("image", "jpeg" | "jpg" | "png" | "gif")) => LARGEST,
        Some(("image" | "audio" | "video", _) | ("application", "pdf" | "vcard" | "ogg")) => LARGEST / 10,
        Some(("text", sub)) if sub != "html" && sub != "xml" => LARGEST / 10,
        _ => return Err(WRONG_TYPE),
    };
    if bytes.len() > most { Err(TOO_LARGE) } else { Ok((kind, bytes)) }
}

/// The largest media of a message, in bytes.
pub const LARGEST: usize = 5 * 1024 * 1024;

/// Whether some of a message's media are still being fetched.
pub fn is_pending(world: &World, message: &Message) -> Result<bool, StoreError> {
    Ok(of(world, message)?.iter().any(|media| media.source.is_some()))
}

/// Whether anything is still being fetched, for any message.
pub fn any_pending(world: &World) -> Result<bool, StoreError> {
    Ok(!world.scan(PENDING, "", "\u{10ffff}", false, 1)?.is_empty())
}

/// Fetches what an earlier run left unfetched.
pub fn resume(world: &mut World) -> Result<(), StoreError> {
    for (sid, _) in world.scan(PENDING, "", "\u{10ffff}", false, usize::MAX)? {
        match world.get::<Media>(&sid)?.and_then(|media| media.source) {
            Some(url) => world.fetch(&sid, &url),
            None => world.unlink(PENDING, &sid)?,
        }
    }
    Ok(())
}

/// The bytes, if they are there.
pub fn bytes(world: &World, media: &Media) -> Result<Option<Vec<u8>>, StoreError> {
    world.blob(&media.blob())
}

/// The media of a message with their types and bytes.
pub fn whole(world: &World, message: &Message) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let mut all = Vec::new();
    for media in of(world, message)? {
        let bytes = bytes(world, &media)?.unwrap_or_default();
        all.push((media.content_type, bytes));
    }
    Ok(all)
}

/// Removes a piece of media.
pub fn delete(world: &mut World, media: &Media) -> Result<(), StoreError> {
    world.unlink(PENDING, &media.sid)?;
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
