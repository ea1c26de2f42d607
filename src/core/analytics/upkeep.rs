//! Keeps rollups at the version of this binary: a store of another one is counted anew from its rows, once,
//! before anybody may write into it.

use crate::core::recount;
use crate::core::rows::{counters, rollups};
use crate::store::{Key, Store, StoreError, Table, Writes};

/// Rows written in one commit.
const CHUNK: usize = 4096;

/// Counts the rollups of a store anew unless they have this binary's version. Answers how many messages and
/// sends were counted. It may be cut off at any moment: the version is written last.
///
/// # Errors
/// When the store cannot be read or written.
pub fn bring_up(store: &dyn Store) -> Result<u64, StoreError> {
    let mark = rollups::mark_key();
    let version = rollups::VERSION.to_be_bytes().to_vec();
    let mut rows: Vec<(Key, Option<Vec<u8>>)> = Vec::new();
    let counted_rows;
    {
        let reader = store.reader()?;
        if reader.get(&mark)?.as_ref() == Some(&version) {
            return Ok(0);
        }
        let counted;
        (counted_rows, counted) = recount::rolled(&*reader)?;
        // One commit has a key once: what is counted replaces what was there.
        let mut old = |key: &[u8], _: &[u8]| {
            let key = Key::new(Table::Rollups, &[key]);
            if key != mark && !counted.contains_key(&key) {
                rows.push((key, None));
            }
        };
        reader.scan(Table::Rollups, &[], &mut old)?;
        let mut former = |key: &[u8], _: &[u8]| {
            if matches!(key.get(8), Some(&(counters::FORMER_VOLUME | counters::FORMER_SEGMENTS))) {
                rows.push((Key::new(Table::Counters, &[key]), None));
            }
        };
        reader.scan(Table::Counters, &[], &mut former)?;
        rows.extend(counted.into_iter().map(|(key, cells)| (key, cells.encode())));
    }
    if counted_rows > 0 {
        tracing::info!(rows = counted_rows, "figures for analytics are counted from what is stored");
    }
    rows.push((mark, Some(version)));
    for chunk in rows.chunks(CHUNK) {
        store.commit(0, &mut |_| Ok(Writes { rows: chunk.to_vec(), entries: Vec::new() }))?;
    }
    Ok(counted_rows)
}
