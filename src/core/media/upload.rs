//! Files that agents bring along: checked against what Twilio takes, kept, and named by an id for a message.

use bytes::Bytes;

use super::room;
use super::shelf::Trouble;
use crate::api::media::FileView;
use crate::api::{ApiError, Caller, Code};
use crate::clock;
use crate::core::change::{Change, FileAdded, Once, Outcome, answered};
use crate::core::rows::file_key;
use crate::core::{Core, read};
use crate::domain::access::Permission;
use crate::domain::audit::{hash, to_hex};
use crate::domain::id::Id;
use crate::domain::media::{File, largest_out, safe_name, type_of};

/// A file on its way in.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The business; the caller's default when absent.
    pub business: Option<Id>,
    /// What it is called.
    pub name: Option<String>,
    /// What its sender says it is.
    pub content_type: Option<String>,
    /// The caller's key: what is brought with the same one again is the same file.
    pub key: Option<String>,
    /// The file.
    pub bytes: Bytes,
}

impl Core {
    /// Keeps a file for a message to be sent. It runs to its end even when the caller hangs up.
    ///
    /// # Errors
    /// When the caller may not send, Twilio would not take the file, or it has no place.
    pub async fn upload(&self, caller: &Caller, upload: Upload) -> Result<FileView, ApiError> {
        caller.need(Permission::InboxWrite)?;
        let business = self.business_of(caller, upload.business)?;
        let (core, actor) = (self.clone(), caller.agent.clone());
        self.to_its_end(async move { core.take_in(business, &actor, upload).await }).await
    }

    async fn take_in(&self, business: Id, actor: &str, upload: Upload) -> Result<FileView, ApiError> {
        self.has_way_in()?;
        let name = upload.name.as_deref().and_then(safe_name);
        let digest = digest(upload.bytes.clone()).await;
        let once = upload.key.as_ref().map(|key| {
            let said = format!("{business}\n{:?}\n{:?}\n{digest}", upload.name, upload.content_type);
            Once { key: format!("{actor}\nUploadMedia\n{key}"), body: to_hex(&hash(said.as_bytes())) }
        });
        let before = once.as_ref().map(|once| answered(&*self.reader()?, once, clock::wall())).transpose()?.flatten();
        if let Some(Outcome::Made(id)) = before {
            return self.uploaded_before(business, id);
        }
        let (size, content_type) = (upload.bytes.len() as u64, kind(&upload)?);
        let file = File {
            business,
            id: self.new_id(),
            content_type,
            size,
            digest,
            name,
            made_at: clock::wall(),
            messages: Vec::new(),
        };
        let desk = &self.0.media;
        let put = match room::make(self, size).await {
            Ok(()) => desk.shelf.put(business, file.id, upload.bytes).await,
            Err(crowded) => Err(crowded),
        };
        desk.note(put).map_err(|trouble| match trouble {
            Trouble::Crowded { .. } => ApiError::new(Code::Conflict, trouble.to_string()),
            other => ApiError::unavailable(other.to_string()),
        })?;
        let added = self.submit(actor, once, Change::FileAdded(Box::new(FileAdded { file: file.clone() }))).await;
        match added {
            Ok(Outcome::Made(first)) if first != file.id => {
                // The same one came at the same moment, and was first.
                let _ = desk.shelf.remove(business, file.id).await;
                return self.uploaded_before(business, first);
            }
            Ok(_) => {}
            Err(e) => {
                if e.code != Code::Unavailable {
                    let _ = desk.shelf.remove(business, file.id).await;
                }
                return Err(e);
            }
        }
        // It says no event: that it is thrown away some day, the worker learns by this.
        desk.again.notify_one();
        Ok(view(file))
    }

    /// A file that was brought under the same key before.
    fn uploaded_before(&self, business: Id, id: Id) -> Result<FileView, ApiError> {
        let file: Option<File> = read(&*self.reader()?, &file_key(business, id))?;
        file.map(view).ok_or_else(|| {
            ApiError::not_found(format!("file {id}, which was uploaded with this key, made room for others: it"))
        })
    }
}

fn view(file: File) -> FileView {
    FileView {
        id: file.id,
        unused_until: file.unused_until().into(),
        content_type: file.content_type,
        size: file.size,
        digest: file.digest,
        name: file.name,
    }
}

/// The SHA-256 of a file. A large one takes too long for a thread on which others wait.
pub(super) async fn digest(bytes: Bytes) -> String {
    let here = bytes.clone();
    // Only a runtime that ends runs no more of these.
    tokio::task::spawn_blocking(move || to_hex(&hash(&bytes))).await.unwrap_or_else(|_| to_hex(&hash(&here)))
}

/// The type of a file, if Twilio takes it in this size.
fn kind(upload: &Upload) -> Result<String, ApiError> {
    if upload.bytes.is_empty() {
        return Err(ApiError::new(Code::InvalidInput, "the file is empty"));
    }
    let kind = type_of(&upload.bytes, upload.content_type.as_deref(), upload.name.as_deref());
    let Some(most) = largest_out(&kind) else {
        let detail = format!(
            "Twilio sends no files of type {kind}: it takes pictures, sounds, films, PDF, plain text, contacts and calendars"
        );
        return Err(ApiError { field: Some("contentType".into()), ..ApiError::new(Code::InvalidInput, detail) });
    };
    if upload.bytes.len() as u64 > most {
        let detail = format!(
            "the file has {} bytes; Twilio takes {most} of type {kind} (5 MB for JPEG, PNG and GIF, 500 KB for others)",
            upload.bytes.len()
        );
        return Err(ApiError::new(Code::TooLarge, detail));
    }
    Ok(kind)
}
