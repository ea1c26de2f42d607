//! The files of a message: their list, and their bytes.
//!
//! A file is reached by a URL that needs credentials and redirects to a CDN. Credentials go only to the
//! place the client is configured for, and never over a redirect to another origin.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::error::Error;
use super::http::judge;
use super::http::page::Page;
use super::messages::Messages;
use super::params::Params;
use super::wire::{Micros, loose, loose_date};
use crate::domain::id::Sid;

/// A file of a message, as listed.
#[derive(Debug, Clone, Deserialize)]
pub struct MediaRecord {
    /// `ME...`
    pub sid: Sid,
    /// The message it belongs to.
    #[serde(default, deserialize_with = "loose")]
    pub parent_sid: Option<Sid>,
    /// Its MIME type.
    #[serde(default, deserialize_with = "loose")]
    pub content_type: Option<String>,
    /// When it was stored.
    #[serde(default, deserialize_with = "loose_date")]
    pub date_created: Option<Micros>,
}

/// The bytes of a file.
#[derive(Debug, Clone)]
pub struct MediaContent {
    /// Its MIME type, as the server of the file says.
    pub content_type: Option<String>,
    /// The file.
    pub bytes: Bytes,
}

const MAX_HOPS: usize = 5;

impl Messages<'_> {
    /// The files of a message.
    ///
    /// # Errors
    /// As any read.
    pub async fn media(&self, message: Sid) -> Result<Page<MediaRecord>, Error> {
        let path = self.0.account_path(&format!("/Messages/{message}/Media.json"));
        self.0.first_page("api", &path, Params::new(), "media_list").await
    }

    /// The URL of a file's bytes, as webhooks name it.
    ///
    /// # Errors
    /// Only if the client's base cannot be joined with a path.
    pub fn media_url(&self, message: Sid, media: Sid) -> Result<Url, Error> {
        self.0.url("api", &self.0.account_path(&format!("/Messages/{message}/Media/{media}")))
    }

    /// Deletes one file of a message for good.
    ///
    /// # Errors
    /// As any deletion.
    pub async fn delete_media(&self, message: Sid, media: Sid) -> Result<(), Error> {
        let path = self.0.account_path(&format!("/Messages/{message}/Media/{media}.json"));
        self.0.delete("api", &path).await
    }
}

impl Client {
    /// Downloads a file of at most `limit` bytes. `url` comes from a webhook or a record and must lead to
    /// Twilio; from there redirects are followed, without credentials as soon as the origin changes.
    ///
    /// # Errors
    /// [`Error::NotSent`] for a URL that is not Twilio's; otherwise as a read, but not repeated.
    pub async fn fetch_media(&self, url: &str, limit: usize) -> Result<MediaContent, Error> {
        let bad = |url: &str| Error::NotSent { reason: format!("`{url}` is not an address of media at Twilio") };
        let start = Url::parse(url).ok().filter(|url| self.trusts(url)).ok_or_else(|| bad(url))?;
        let (mut here, mut at_home) = (start.clone(), true);
        for _ in 0..MAX_HOPS {
            let mut request = self.http.get(here.clone());
            if at_home {
                request = request.header(AUTHORIZATION, self.authorization.clone());
            }
            let answer = self.exchange(request, limit).await?;
            if !answer.status.is_redirection() {
                let answer = judge(&Method::GET, answer)?;
                let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
                return Ok(MediaContent { content_type: content_type.map(str::to_owned), bytes: answer.body.into() });
            }
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            here = location
                .and_then(|location| here.join(location).ok())
                .ok_or_else(|| Error::Decode { reason: "the media's address redirects to nowhere".to_owned() })?;
            let allowed = if self.is_live() { &["https"][..] } else { &["http", "https"] };
            if !allowed.contains(&here.scheme()) {
                return Err(Error::Decode { reason: "the media's address redirects to an unsafe place".to_owned() });
            }
            at_home = at_home && here.origin() == start.origin();
        }
        Err(Error::Decode { reason: "the media's address redirects too often".to_owned() })
    }
}
