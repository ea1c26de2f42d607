//! The files of a message that is to be sent: uploaded ones by their id, others by their URL.

use url::Url;

use super::served::no_way_in;
use crate::api::{ApiError, Code};
use crate::core::rows::file_key;
use crate::core::{Core, read};
use crate::domain::id::Id;
use crate::domain::media::{File, MOST, Media, State, type_of};
use crate::domain::message::Message;

/// The longest URL of a file that is passed on.
const LONGEST_URL: usize = 2000;

/// What a caller names to be sent.
pub(in crate::core) struct Picked<'a> {
    /// Ids of uploaded files and URLs.
    pub media: &'a [String],
    /// URLs.
    pub urls: &'a [String],
}

impl Core {
    /// The media of a new message, in the order in which they were named.
    pub(in crate::core) fn pick(&self, business: Id, picked: &Picked<'_>) -> Result<Vec<Media>, ApiError> {
        let count = picked.media.len() + picked.urls.len();
        if count > MOST {
            let detail = format!("{count} files are too many for one message: Twilio takes {MOST} (21623)");
            return Err(ApiError::field("media", detail));
        }
        let one = |named: &String| match named.parse::<Id>() {
            Ok(id) => self.uploaded(business, id),
            Err(_) => elsewhere("media", named),
        };
        let urls = picked.urls.iter().map(|url| elsewhere("mediaUrl", url));
        picked.media.iter().map(one).chain(urls).collect()
    }

    /// An uploaded file of this business.
    fn uploaded(&self, business: Id, id: Id) -> Result<Media, ApiError> {
        let file: Option<File> = read(&*self.reader()?, &file_key(business, id))?;
        let file = file
            .ok_or_else(|| ApiError::field("media", format!("there is no file {id}: upload it to /api/media first")))?;
        self.has_way_in()?;
        Ok(Media::of(&file))
    }

    /// Refuses files of ours where Twilio could not fetch them.
    pub(super) fn has_way_in(&self) -> Result<(), ApiError> {
        match &self.settings().public_url {
            Some(_) => Ok(()),
            None => Err(ApiError::new(Code::Conflict, no_way_in())),
        }
    }

    /// The media of a message that is sent again, for the new one.
    pub(in crate::core) fn pick_again(&self, old: &Message) -> Result<Vec<Media>, ApiError> {
        let again = |media: &Media| match (media.file, media.url.is_empty()) {
            (Some(id), _) => self.uploaded(old.business, id).map(|file| Media { name: media.name.clone(), ..file }),
            (None, false) => Ok(Media { state: State::Remote, ..media.clone() }),
            (None, true) => {
                Err(ApiError::new(Code::Conflict, "a file of this message is not here any more: send it anew"))
            }
        };
        old.media.iter().map(again).collect()
    }
}

/// A file on the web, for Twilio to fetch by itself.
fn elsewhere(field: &str, text: &str) -> Result<Media, ApiError> {
    let refuse = |why: &str| Err(ApiError::field(field, format!("`{text}` {why} (21620)")));
    let Ok(url) = Url::parse(text) else { return refuse("is neither the id of an uploaded file nor a URL") };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return refuse("is no address that Twilio can fetch: it begins with https:// or http://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("has credentials in it: they would be kept and shown; use an address that needs none");
    }
    if text.len() > LONGEST_URL {
        return refuse(&format!("is longer than {LONGEST_URL} characters"));
    }
    let content_type = type_of(&[], None, Some(url.path()));
    Ok(Media::at(text.to_owned(), content_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_twilio_could_fetch_is_taken() {
        let url = "https://shop.example/menu.pdf?v=2";
        assert_eq!(elsewhere("mediaUrl", url).unwrap(), Media::at(url.into(), "application/pdf".into()));
        let unknown = elsewhere("mediaUrl", "http://shop.example/x").unwrap();
        assert_eq!(unknown.content_type, "application/octet-stream");
        let long = format!("https://shop.example/{}", "x".repeat(2000));
        for (url, part) in [
            ("menu.pdf", "nor a URL"),
            ("file:///etc/passwd", "begins with https://"),
            ("ftp://shop.example/x", "begins with https://"),
            ("https://kim:secret@shop.example/x", "credentials"),
            (&long, "2000 characters"),
        ] {
            let refused = elsewhere("mediaUrl", url).unwrap_err();
            assert_eq!(refused.field.as_deref(), Some("mediaUrl"));
            assert!(refused.detail.contains(part), "{refused}");
        }
    }
}
