//! Gives a store whose events were written before they could be paged the entries that they lack.

use crate::core::event::{self, LaneHead};
use crate::core::rows::audit::entries_of;
use crate::domain::audit::Sealed;
use crate::store::{Index, Order, PageQuery, Reader, Store, StoreError, Writes};

/// Events looked at in one go.
const CHUNK: u64 = 4096;

/// Writes the entries of all audited events, unless they are there. Answers how many events got theirs. It may
/// be cut off at any moment: the oldest event, by which it is seen whether all is done, gets its entries last.
///
/// # Errors
/// When the store cannot be read or written.
pub fn bring_up(store: &dyn Store) -> Result<u64, StoreError> {
    let mut done = 0;
    for lane in 0..store.lanes() {
        done += lane_up(store, lane)?;
    }
    if done > 0 {
        tracing::info!(entries = done, "the entries of the audit log can be paged now");
    }
    Ok(done)
}

fn lane_up(store: &dyn Store, lane: u16) -> Result<u64, StoreError> {
    let head = match store.reader()?.get(&LaneHead::key(lane))? {
        Some(raw) => LaneHead::decode(&raw)?,
        None => return Ok(0),
    };
    if head.sealed == 0 || is_up(&*store.reader()?, lane)? {
        return Ok(0);
    }
    let (mut done, mut up_to) = (0, head.number);
    while up_to > 0 {
        let below = up_to.saturating_sub(CHUNK);
        let rows = sealed_between(&*store.reader()?, lane, below, up_to)?;
        let of = |e: &Sealed| entries_of(e.business, e.at, lane, e.number).map(|entry| (Index::Audit, entry, true));
        let entries: Vec<_> = rows.iter().flat_map(of).collect();
        if !entries.is_empty() {
            done += rows.len() as u64;
            store.commit(lane, &mut |_| Ok(Writes { rows: Vec::new(), entries: entries.clone() }))?;
        }
        up_to = below;
    }
    Ok(done)
}

/// The audited events behind one number, up to another.
fn sealed_between(reader: &dyn Reader, lane: u16, below: u64, up_to: u64) -> Result<Vec<Sealed>, StoreError> {
    let mut out = Vec::new();
    for (number, raw) in reader.events(lane, below, CHUNK as usize)? {
        if number > up_to {
            break;
        }
        out.extend(event::read_sealed(&raw)?.map(|(sealed, _)| sealed));
    }
    Ok(out)
}

/// Whether the oldest audited event of a lane has its entries.
fn is_up(reader: &dyn Reader, lane: u16) -> Result<bool, StoreError> {
    let mut last = 0;
    loop {
        let chunk = reader.events(lane, last, CHUNK as usize)?;
        let Some((number, _)) = chunk.last() else { return Ok(true) };
        last = *number;
        for (_, raw) in &chunk {
            let Some((oldest, _)) = event::read_sealed(raw)? else { continue };
            let mut entries = entries_of(oldest.business, oldest.at, lane, oldest.number);
            return entries.try_fold(true, |all, entry| {
                let query =
                    PageQuery { index: Index::Audit, prefix: &entry, after: None, order: Order::Rising, limit: 1 };
                Ok(all && !reader.page(&query)?.is_empty())
            });
        }
    }
}
