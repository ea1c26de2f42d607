//! The files of a message: their list, and their bytes.
//!
//! A file is reached by a URL that needs credentials and redirects to a CDN. Credentials go only to the
//! place the client is configured for, and never over a redirect to another origin.

use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use url::Url;

use super::client::Client;
use super::error::Error;
use super::http::page::Page;
use super::http::{Answer, judge, lost};
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

/// Why the bytes of a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Nothing was asked: credentials do not go there.
    #[error("`{0}` is not an address of media at Twilio")]
    Foreign(String),
    /// It is larger than what was asked for.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    /// It did not come within this time.
    #[error("it did not come within {} s", time.as_secs_f64())]
    TooSlow {
        /// All redirects included.
        time: Duration,
    },
    /// As any read that fails.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl Client {
    /// Downloads a file of at most `limit` bytes within `time`. `url` comes from a webhook or a record and
    /// must lead to Twilio; from there redirects are followed, without credentials as soon as the origin
    /// changes.
    ///
    /// # Errors
    /// See [`FetchError`]. Nothing is repeated.
    pub async fn fetch_media(&self, url: &str, limit: usize, time: Duration) -> Result<MediaContent, FetchError> {
        let start = Url::parse(url).ok().filter(|url| self.trusts(url));
        let start = start.ok_or_else(|| FetchError::Foreign(url.to_owned()))?;
        let fetched = tokio::time::timeout(time, self.follow_to_media(start, limit, time)).await;
        fetched.unwrap_or(Err(FetchError::TooSlow { time }))
    }

    async fn follow_to_media(&self, start: Url, limit: usize, time: Duration) -> Result<MediaContent, FetchError> {
        let strange = |reason: &str| Error::Decode { reason: reason.to_owned() };
        let (mut here, mut at_home) = (start.clone(), true);
        for _ in 0..MAX_HOPS {
            let mut request = self.http.get(here.clone()).timeout(time);
            if at_home {
                request = request.header(AUTHORIZATION, self.authorization.clone());
            }
            let answer = self.within(request, limit).await?;
            if !answer.status.is_redirection() {
                let answer = judge(&Method::GET, answer)?;
                let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
                return Ok(MediaContent { content_type: content_type.map(str::to_owned), bytes: answer.body.into() });
            }
            let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            here = location
                .and_then(|location| here.join(location).ok())
                .ok_or_else(|| strange("the media's address redirects to nowhere"))?;
            let allowed = if self.is_live() { &["https"][..] } else { &["http", "https"] };
            if !allowed.contains(&here.scheme()) {
                return Err(strange("the media's address redirects to an unsafe place").into());
            }
            at_home = at_home && here.origin() == start.origin();
        }
        Err(strange("the media's address redirects too often").into())
    }

    /// One request, in one of the account's slots, and at most `limit` bytes of its answer.
    async fn within(&self, request: RequestBuilder, limit: usize) -> Result<Answer, FetchError> {
        let too_large = |length: u64| length > limit as u64;
        let _slot = self.slots.acquire().await.map_err(|_| Error::NotSent { reason: "the client is closed".into() })?;
        let mut response = request.send().await.map_err(lost)?;
        if response.content_length().is_some_and(too_large) {
            return Err(FetchError::TooLarge { limit });
        }
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if too_large((body.len() + chunk.len()) as u64) {
                return Err(FetchError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}
