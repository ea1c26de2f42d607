//! Pictures, sounds and documents of messages: where each stands, what Twilio takes, how a file is named.
//!
//! The bytes lie in files; here are the rows about them. The compact stored form (CBOR with numbered
//! fields) is defined by the numbers: never reuse one, only add.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::id::Id;
use super::time::{Span, Time};

/// The most files of one message (Twilio's error 21623 above).
pub const MOST: usize = 10;
/// The largest picture that Twilio takes out, in bytes: 5 MB for JPEG, PNG and GIF.
const LARGEST_PICTURE: u64 = 5_000_000;
/// The largest file of any other type that Twilio takes out, in bytes: 500 KB.
const LARGEST_OTHER: u64 = 500_000;
/// The largest file that Twilio takes out at all, in bytes.
pub const LARGEST_OUT: u64 = LARGEST_PICTURE;
/// An uploaded file that no message uses is kept so long.
pub const UNUSED: Span = Span::secs(86_400);

/// Where the bytes of a file are.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, Encode, Decode, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
#[cbor(index_only)]
pub enum State {
    /// To be fetched from Twilio, or to be tried again.
    #[n(0)]
    Waiting,
    /// Here.
    #[n(1)]
    Kept,
    /// It could not be fetched, and is not tried again by itself.
    #[n(2)]
    Failed,
    /// It is nowhere any more, as far as is known.
    #[n(3)]
    Gone,
    /// Only where its URL says: nothing is fetched by itself.
    #[n(4)]
    #[default]
    Remote,
}

/// A picture, sound or document of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
pub struct Media {
    /// Where Twilio keeps it, or where Twilio is to fetch it; empty for a file that was uploaded here.
    #[n(0)]
    pub url: String,
    /// MIME type.
    #[n(1)]
    pub content_type: String,
    /// Where it stands.
    #[n(2)]
    #[cbor(default)]
    pub state: State,
    /// Bytes, once known.
    #[n(3)]
    pub size: Option<u64>,
    /// SHA-256 of the bytes, hex.
    #[n(4)]
    pub digest: Option<String>,
    /// The file here.
    #[n(5)]
    pub file: Option<Id>,
    /// What was in the way, and what to do.
    #[n(6)]
    pub detail: Option<String>,
    /// How often it was tried in vain.
    #[n(7)]
    #[cbor(default)]
    pub tries: u32,
    /// When it is tried next (wall clock), while it waits.
    #[n(8)]
    pub next: Option<Time>,
    /// What its sender called it.
    #[n(9)]
    pub name: Option<String>,
}

impl Media {
    /// A file that Twilio keeps and that is fetched from there as soon as possible.
    pub fn to_fetch(url: String, content_type: String, wall: Time) -> Media {
        Media { url, content_type, state: State::Waiting, next: Some(wall), ..Media::default() }
    }

    /// A file that stays where it is.
    pub fn at(url: String, content_type: String) -> Media {
        Media { url, content_type, ..Media::default() }
    }

    /// A file of ours.
    pub fn of(file: &File) -> Media {
        Media {
            content_type: file.content_type.clone(),
            state: State::Kept,
            size: Some(file.size),
            digest: Some(file.digest.clone()),
            file: Some(file.id),
            name: file.name.clone(),
            ..Media::default()
        }
    }
}

/// A file that is kept here: who may have it and which messages show it. Its bytes lie under its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// The tenant.
    pub business: Id,
    /// Its id.
    pub id: Id,
    /// MIME type.
    pub content_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the bytes, hex.
    pub digest: String,
    /// What its sender called it.
    #[serde(default)]
    pub name: Option<String>,
    /// When it was kept (wall clock).
    pub made_at: Time,
    /// The messages that show it.
    #[serde(default)]
    pub messages: Vec<Id>,
}

impl File {
    /// When it is thrown away, unless a message uses it.
    pub fn unused_until(&self) -> Time {
        self.made_at + UNUSED
    }
}

/// What a head shows of a message without a text.
pub fn in_words(media: &[Media]) -> String {
    let pictures = media.iter().filter(|m| m.content_type.starts_with("image/")).count();
    match (media.len(), pictures) {
        (0, _) => String::new(),
        (1, 1) => "(a picture)".to_owned(),
        (1, _) => "(a file)".to_owned(),
        (all, pictures) if all == pictures => format!("({all} pictures)"),
        (all, _) => format!("({all} files)"),
    }
}

/// The most bytes of a type that Twilio takes out; `None` for a type that it does not take at all.
pub fn largest_out(content_type: &str) -> Option<u64> {
    let (kind, sub) = content_type.split_once('/')?;
    match (kind, sub) {
        ("image", "jpeg" | "jpg" | "png" | "gif") => Some(LARGEST_PICTURE),
        ("image" | "audio" | "video", _)
        | ("application", "pdf" | "vcard" | "ogg")
        | (
            "text",
            "vcard" | "x-vcard" | "csv" | "rtf" | "richtext" | "calendar" | "directory" | "plain" | "vnd.dvb.subtitle",
        ) => Some(LARGEST_OTHER),
        _ => None,
    }
}

/// The type of a file: by its first bytes, else by what its sender says, else by its name's ending.
pub fn type_of(bytes: &[u8], said: Option<&str>, name: Option<&str>) -> String {
    if let Some(found) = infer::get(bytes) {
        return found.mime_type().to_owned();
    }
    let said = said.map(plain_type).filter(|t| t != UNKNOWN && t != "application/x-www-form-urlencoded");
    let by_name = || name.and_then(|name| mime_guess::from_path(name).first()).map(|m| m.essence_str().to_owned());
    said.or_else(by_name).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// What is said of bytes that nobody knows more of.
const UNKNOWN: &str = "application/octet-stream";

/// A MIME type without parameters, in small letters; anything that is none is of unknown type. What a
/// stranger says ends up in a header: nothing else gets through.
pub fn plain_type(said: &str) -> String {
    let essence = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let fits = |part: &str| {
        (1..=80).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-._".contains(&b))
    };
    match essence.split_once('/') {
        Some((kind, sub)) if fits(kind) && fits(sub) => essence,
        _ => UNKNOWN.to_owned(),
    }
}

/// A file's name as it may stand anywhere: one component of a path, of harmless characters, not hidden.
/// `None` when nothing of it is left.
pub fn safe_name(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = last.trim().chars().map(harmless).take(100).collect();
    let name = name.trim_start_matches('.');
    name.chars().any(|c| c.is_ascii_alphanumeric()).then(|| name.to_owned())
}

/// The usual ending of a type's files.
pub fn ending(content_type: &str) -> &'static str {
    match content_type {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "video/mp4" => "mp4",
        "video/3gpp" => "3gp",
        "application/pdf" => "pdf",
        "text/vcard" | "text/x-vcard" => "vcf",
        "text/plain" => "txt",
        other => mime_guess::get_mime_extensions_str(other).and_then(|all| all.first()).copied().unwrap_or("bin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_before_is_read() {
        #[derive(Encode)]
        struct Before(#[n(0)] String, #[n(1)] String);
        let bytes = minicbor::to_vec(Before("https://x.example".into(), "image/png".into())).unwrap();
        let read: Media = minicbor::decode(&bytes).unwrap();
        assert_eq!(read, Media::at("https://x.example".into(), "image/png".into()));
        let kept = Media { size: Some(7), tries: 3, next: Some(Time(5)), state: State::Kept, ..read };
        assert_eq!(minicbor::decode::<Media>(&minicbor::to_vec(&kept).unwrap()).unwrap(), kept);
    }

    #[test]
    fn types_are_found_and_bounded() {
        let png = b"\x89PNG\r\n\x1a\n rest";
        assert_eq!(type_of(png, Some("text/html"), Some("x.txt")), "image/png", "bytes cannot lie");
        assert_eq!(type_of(b"BEGIN", Some("application/octet-stream"), Some("me.vcf")), "text/x-vcard");
        assert_eq!(type_of(b"hello", Some("text/plain; charset=utf-8"), None), "text/plain");
        assert_eq!(type_of(b"hello", None, None), UNKNOWN);
        assert_eq!(largest_out("image/png"), Some(5_000_000));
        assert_eq!(largest_out("application/pdf"), Some(500_000));
        assert_eq!((largest_out("text/html"), largest_out("nothing")), (None, None));
    }

    #[test]
    fn what_strangers_say_is_harmless() {
        for (said, want) in [
            ("Image/PNG; name=\"x\"", "image/png"),
            ("text/html\r\nSet-Cookie: x", UNKNOWN),
            ("image", UNKNOWN),
            ("", UNKNOWN),
        ] {
            assert_eq!(plain_type(said), want, "{said:?}");
        }
        for (name, want) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\x\\car photo.jpg", Some("car_photo.jpg")),
            ("..", None),
            ("/", None),
            (".ssh", Some("ssh")),
            ("a\"b\r\n.png", Some("a_b__.png")),
        ] {
            assert_eq!(safe_name(name).as_deref(), want, "{name:?}");
        }
    }

    #[test]
    fn a_head_says_what_came() {
        let of = |types: &[&str]| {
            in_words(&types.iter().map(|t| Media::at(String::new(), (*t).to_owned())).collect::<Vec<_>>())
        };
        assert_eq!(of(&["image/png"]), "(a picture)");
        assert_eq!(of(&["image/png", "image/gif"]), "(2 pictures)");
        assert_eq!(of(&["image/png", "text/vcard"]), "(2 files)");
        assert_eq!(of(&["audio/mpeg"]), "(a file)");
        assert_eq!(of(&[]), "");
    }
}
