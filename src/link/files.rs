//! Files of messages, beside the operations: up to the node, and down from it.

use bytes::Bytes;
use serde_json::Value;

use super::{Attached, Failure, Link, Local, Remote};
use crate::api::media::FileView;
use crate::api::{ApiError, Code};
use crate::core::media::Upload;
use crate::domain::id::Id;
use crate::domain::media::safe_name;

/// A file of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// MIME type.
    pub content_type: String,
    /// A name for it: one component of a path, of harmless characters.
    pub name: String,
    /// The file.
    pub bytes: Bytes,
}

/// A file to be sent.
#[derive(Debug, Clone)]
pub struct Sending {
    /// The business; the caller's default when absent.
    pub business: Option<Id>,
    /// What it is called.
    pub name: Option<String>,
    /// The file.
    pub bytes: Bytes,
}

impl Link {
    /// Brings a file to the node; a message takes it by the id of the answer.
    ///
    /// # Errors
    /// As an operation: Twilio would not take it, there is no room, nobody answered.
    pub async fn upload(&self, file: Sending) -> Result<FileView, Failure> {
        match self {
            Link::Local(local) => local.upload(file).await,
            Link::Remote(remote) => remote.upload(file).await,
            Link::Attached(attached) => attached.upload(file).await,
        }
    }

    /// Fetches a file of a message.
    ///
    /// # Errors
    /// As an operation: it is not here, the caller may not see it, nobody answered.
    pub async fn content(&self, message: Id, index: u32) -> Result<Content, Failure> {
        match self {
            Link::Local(local) => local.content(message, index).await,
            Link::Remote(remote) => remote.content(message, index).await,
            Link::Attached(attached) => attached.content(message, index).await,
        }
    }
}

impl Attached {
    async fn upload(&self, file: Sending) -> Result<FileView, Failure> {
        match self.current() {
            Link::Local(local) => local.upload(file).await,
            Link::Remote(remote) => remote.upload(file).await,
            Link::Attached(_) => Err(Failure::Refused(super::attached::loops())),
        }
    }

    async fn content(&self, message: Id, index: u32) -> Result<Content, Failure> {
        match self.current() {
            Link::Local(local) => local.content(message, index).await,
            Link::Remote(remote) => remote.content(message, index).await,
            Link::Attached(_) => Err(Failure::Refused(super::attached::loops())),
        }
    }
}

impl Local {
    async fn upload(&self, file: Sending) -> Result<FileView, Failure> {
        let Sending { business, name, bytes } = file;
        let upload = Upload { business, name, content_type: None, key: None, bytes };
        self.core.upload(&self.caller, upload).await.map_err(Failure::Refused)
    }

    async fn content(&self, message: Id, index: u32) -> Result<Content, Failure> {
        use tokio::io::AsyncReadExt;
        let mut content = self.core.content(&self.caller, message, index).await.map_err(Failure::Refused)?;
        let mut bytes = Vec::new();
        let broken =
            |e: std::io::Error| Failure::Refused(ApiError::unavailable(format!("the file cannot be read: {e}")));
        content.file.read_to_end(&mut bytes).await.map_err(broken)?;
        Ok(Content { content_type: content.content_type, name: content.name, bytes: bytes.into() })
    }
}

impl Remote {
    async fn upload(&self, file: Sending) -> Result<FileView, Failure> {
        let mut url = self.at("/api/media").map_err(Failure::Refused)?;
        let pairs = [("business", file.business.map(|id| id.to_string())), ("name", file.name)];
        url.query_pairs_mut().extend_pairs(pairs.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))));
        let request = self.http.post(url).header("content-type", "application/octet-stream").body(file.bytes);
        let (_, bytes) = self.exchange(request).await?;
        serde_json::from_slice(&bytes).map_err(|e| {
            Failure::Refused(ApiError::new(
                Code::Internal,
                format!("the node's answer to a file was not understood: {e}"),
            ))
        })
    }

    async fn content(&self, message: Id, index: u32) -> Result<Content, Failure> {
        let path = format!("/api/messages/{message}/media/{index}/content");
        let request = self.http.get(self.at(&path).map_err(Failure::Refused)?);
        let (headers, bytes) = self.exchange(request).await?;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        // What a node says is no more to be trusted with a path than what a customer says.
        let disposition = text("content-disposition");
        let said = disposition.split("filename=").nth(1).map(|name| name.trim_matches('"'));
        let name = said.and_then(safe_name).unwrap_or_else(|| format!("media-{message}-{index}"));
        Ok(Content { content_type: text("content-type"), name, bytes })
    }

    fn at(&self, path: &str) -> Result<url::Url, ApiError> {
        let mut fields = serde_json::Map::<String, Value>::new();
        self.url(path, &mut fields)
    }
}
