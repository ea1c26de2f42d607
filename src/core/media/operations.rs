//! Operations on the files of a message: listed, shown, read, fetched again.

use tokio::io::AsyncReadExt;

use super::{Content, content, media_of};
use crate::api::media::{GetMedia, ListMedia, MediaList, MediaView, RetryMedia};
use crate::api::{ApiError, Caller, Code, When};
use crate::core::change::{Change, MediaAsked, Once};
use crate::core::rows::{file_key, message_key};
use crate::core::{Core, read};
use crate::domain::access::Permission;
use crate::domain::id::Id;
use crate::domain::media::{File, Media, State};
use crate::domain::message::Message;

impl Core {
    pub(in crate::core) fn list_media(&self, caller: &Caller, input: &ListMedia) -> Result<MediaList, ApiError> {
        Ok(MediaList { items: views(&self.with_media(caller, input.id)?.media) })
    }

    pub(in crate::core) fn get_media(&self, caller: &Caller, input: &GetMedia) -> Result<MediaView, ApiError> {
        self.view_of(caller, input.id, input.index)
    }

    pub(in crate::core) async fn retry_media(
        &self,
        caller: &Caller,
        input: &RetryMedia,
        once: Option<Once>,
    ) -> Result<MediaView, ApiError> {
        let message = self.with_media(caller, input.id)?;
        let index = input.index as usize;
        let media = media_of(&message, index)?;
        let is_lost = match media.file {
            Some(file) => self.0.media.shelf.read(message.business, file).await.is_err(),
            None => false,
        };
        let asked = MediaAsked { business: message.business, message: message.id, index, is_lost };
        self.submit(&caller.agent, once, Change::MediaAsked(asked)).await?;
        self.view_of(caller, input.id, input.index)
    }

    /// Opens a file of a message for reading.
    ///
    /// # Errors
    /// When the caller may not see it, it is not here, or the disk fails.
    pub async fn content(&self, caller: &Caller, message: Id, index: u32) -> Result<Content, ApiError> {
        caller.need(Permission::InboxRead)?;
        let message = self.with_media(caller, message)?;
        content(self, &message, index as usize).await
    }

    /// An uploaded file with its bytes and type.
    pub(in crate::core) async fn uploaded_bytes(&self, caller: &Caller, id: Id) -> Result<(String, Vec<u8>), ApiError> {
        let business = self.owner(caller, id, "file")?;
        let file: Option<File> = read(&*self.reader()?, &file_key(business, id))?;
        let file = file.ok_or_else(|| ApiError::not_found(format!("file {id}")))?;
        let mut bytes = Vec::new();
        let unreadable = |e: String| ApiError::unavailable(format!("the file {id} cannot be read: {e}"));
        let (mut open, _) = self.0.media.shelf.read(business, id).await.map_err(|e| unreadable(e.to_string()))?;
        open.read_to_end(&mut bytes).await.map_err(|e| unreadable(e.to_string()))?;
        Ok((file.content_type, bytes))
    }

    fn with_media(&self, caller: &Caller, id: Id) -> Result<Message, ApiError> {
        let business = self.owner(caller, id, "message")?;
        let message = read(&*self.reader()?, &message_key(business, id))?;
        message.ok_or_else(|| ApiError::new(Code::NotFound, format!("there is no message {id} with media")))
    }

    fn view_of(&self, caller: &Caller, id: Id, index: u32) -> Result<MediaView, ApiError> {
        let message = self.with_media(caller, id)?;
        media_of(&message, index as usize).map(|media| view((index, media)))
    }
}

/// A message's media as callers see them.
pub(in crate::core) fn views(all: &[Media]) -> Vec<MediaView> {
    (0u32..).zip(all).map(view).collect()
}

fn view((index, media): (u32, &Media)) -> MediaView {
    MediaView {
        index,
        content_type: media.content_type.clone(),
        state: media.state,
        size: media.size,
        digest: media.digest.clone(),
        name: media.name.clone(),
        detail: media.detail.clone(),
        url: Some(media.url.clone()).filter(|url| !url.is_empty()),
        tries: media.tries,
        next_try: media.next.filter(|_| media.state == State::Waiting && media.tries > 0).map(When),
    }
}
