//! Room for files: the oldest that nobody needs go when the limit is reached, uploads that no message used
//! go after a day, and what a crash left over goes at the start.

use super::super::change::{Change, FileDropped, Outcome};
use super::super::rows::file_key;
use super::shelf::Trouble;
use super::{Core, lock};
use crate::api::{ApiError, Code};
use crate::core::{broken, read};
use crate::domain::id::Id;
use crate::domain::media::File;
use crate::store::{Index, Order, PageQuery};

/// How many files are looked at in one go.
const CHUNK: usize = 256;

/// Makes room for so many bytes.
pub(super) async fn make(core: &Core, bytes: u64) -> Result<(), Trouble> {
    let shelf = &core.0.media.shelf;
    if shelf.has_room(bytes) {
        return Ok(());
    }
    let _only = core.0.media.making_room.lock().await;
    let mut after: Option<Vec<u8>> = None;
    loop {
        let oldest = oldest(core, after.as_deref())
            .map_err(|e| Trouble::Io { path: core.settings().media.dir.clone(), why: e.detail })?;
        let Some(last) = oldest.last().cloned() else { return Err(shelf.crowded()) };
        for key in oldest {
            if shelf.has_room(bytes) {
                return Ok(());
            }
            let number = |at: usize| Some(Id(u64::from_be_bytes(key.get(at..at + 8)?.try_into().ok()?)));
            let (Some(file), Some(business)) = (number(0), number(8)) else { continue };
            // One that may still be needed stays; so does one that cannot be dropped now.
            let _ = drop_file(core, business, file).await;
        }
        after = Some(last);
    }
}

fn oldest(core: &Core, after: Option<&[u8]>) -> Result<Vec<Vec<u8>>, ApiError> {
    let query = PageQuery { index: Index::Files, prefix: &[], after, order: Order::Rising, limit: CHUNK };
    core.reader()?.page(&query).map_err(broken)
}

/// Throws a file away, its row first.
pub(super) async fn drop_file(core: &Core, business: Id, file: Id) -> Result<(), ApiError> {
    let change = FileDropped { business, file, served: core.0.pace.served };
    if core.submit_work(Change::FileDropped(change)).await? == Outcome::Done
        && let Err(e) = core.0.media.shelf.remove(business, file).await
    {
        tracing::warn!(error = %e, "a file that nobody needs any more cannot be removed; the next start tries again");
    }
    Ok(())
}

/// Takes away what lay in the directory at the start and has no row.
pub(super) async fn clean(core: &Core) {
    let found = std::mem::take(&mut *lock(&core.0.media.found));
    for (business, file) in found {
        let row = core.reader().and_then(|reader| read::<File>(&*reader, &file_key(business, file)));
        match row {
            Ok(Some(_)) => {}
            Ok(None) => {
                if let Err(e) = core.0.media.shelf.remove(business, file).await {
                    tracing::warn!(error = %e, "a file that belongs to nothing cannot be removed");
                }
            }
            Err(e) if e.code == Code::Unavailable => return,
            Err(e) => tracing::error!(error = %e, %file, "the row of a file cannot be read; the file stays"),
        }
    }
}
