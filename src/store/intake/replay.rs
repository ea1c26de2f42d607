//! Replaying: what an earlier run left in the file is handed out before anything new.

use ::redb::{Database, ReadableDatabase};

use super::file::File;
use super::{Appended, Item, ROWS};
use crate::store::StoreError;

/// Rows of an earlier run that still have to be handed out, before any new one.
pub(super) struct Replay {
    pub(super) after: u64,
    pub(super) until: u64,
}

/// How many webhooks a replay reads at a time.
const REPLAY_CHUNK: usize = 8192;

impl Replay {
    /// The next rows, and whether they are the last. Nothing moves when they cannot be read.
    pub(super) fn next(&mut self, file: &File) -> Result<(Vec<Appended>, bool), StoreError> {
        let Rows { chunk, is_all, unreadable } = file.with(|db, _| read_rows(db, self.after, self.until))?;
        match (chunk.last(), unreadable) {
            (None, Some(row)) => return Err(file.damaged(format!("row {row} is no list of webhooks"))),
            (Some(row), _) => self.after = row.last,
            (None, None) => {}
        }
        Ok((chunk, is_all))
    }
}

/// The rows behind `after`, up to a chunk of them.
struct Rows {
    chunk: Vec<Appended>,
    is_all: bool,
    /// The sequence of a row that is no list of webhooks: nothing behind it is handed out.
    unreadable: Option<u64>,
}

fn read_rows(db: &Database, mut after: u64, until: u64) -> Result<Rows, ::redb::Error> {
    let table = db.begin_read()?.open_table(ROWS)?;
    let mut rows = Rows { chunk: Vec::new(), is_all: false, unreadable: None };
    let mut count = 0;
    for entry in table.range(after + 1..=until)? {
        let (key, value) = entry?;
        let last = key.value();
        let Ok(mut items) = minicbor::decode::<Vec<Item>>(value.value()) else {
            rows.unreadable = Some(last);
            return Ok(rows);
        };
        // A row may reach back before the cursor: only what lies behind it is new.
        let behind = usize::try_from(last - after).unwrap_or(usize::MAX);
        items.drain(..items.len().saturating_sub(behind));
        after = last;
        count += items.len();
        rows.chunk.push(Appended { last, items });
        if count >= REPLAY_CHUNK {
            return Ok(rows);
        }
    }
    rows.is_all = true;
    Ok(rows)
}
