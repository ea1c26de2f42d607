//! The sends of all businesses together, newest first.
//!
//! Each business has its own order of its log; they are merged by moment as far as a page needs, a few
//! entries of each at a time. Nothing is read through.

use std::collections::{BinaryHeap, HashMap, VecDeque};

use super::lists::{LOOKED_AT, Search};
use super::views;
use crate::api::verify::{AttemptPage, AttemptView, ListAttempts};
use crate::api::{ApiError, Caller, Page};
use crate::core::call::for_all;
use crate::core::inbox::last_id;
use crate::core::paging::{from_hex, rows};
use crate::core::rows::verify::attempt_key;
use crate::core::{Core, broken, read, read_all};
use crate::domain::audit::to_hex;
use crate::domain::business::Business;
use crate::domain::id::Id;
use crate::domain::verification::Attempt;
use crate::store::{Index, Order, PageQuery, Reader};

/// Entries read of one order at a time.
const CHUNK: usize = 16;
/// So many orders are merged; a search that would need more reads the whole log of each business.
const ORDERS: usize = 2000;

/// Characters of a whole SID.
const SID: usize = 34;

/// Where an entry stands among those of all orders: its moment and its send.
type Tail = [u8; 16];

impl Core {
    pub(super) fn list_attempts_of_all(&self, caller: &Caller, input: &ListAttempts) -> Result<AttemptPage, ApiError> {
        for_all(caller, "leave out `all`")?;
        let as_of = self.cursor();
        let reader = self.reader()?;
        let limit = rows(input.limit)?;
        let after = input.after.as_deref().map(place).transpose()?;
        let names = names(&*reader)?;
        let (search, orders) = orders(&*reader, input, &names)?;
        let mut merged = Merged::new(&*reader, orders, after)?;
        let (mut items, mut looked): (Vec<AttemptView>, usize) = (Vec::new(), 0);
        while let Some((tail, business, id)) = merged.next()? {
            looked += 1;
            let row: Option<Attempt> = read(&*reader, &attempt_key(business, id))?;
            if let Some(row) = row {
                if input.from.is_some_and(|from| row.at < from.0) {
                    // Newest first: nothing behind it fits either.
                    break;
                }
                if search.fits(input, &row) {
                    let business_name = names.get(&business).cloned();
                    items.push(AttemptView { business_name, ..views::attempt(row) });
                }
            }
            if items.len() >= limit || looked >= LOOKED_AT {
                let next = (!merged.is_empty()).then(|| to_hex(&tail));
                return Ok(Page { items, next, as_of });
            }
        }
        Ok(Page { items, next: None, as_of })
    }
}

/// The place that a `next` names.
fn place(text: &str) -> Result<Tail, ApiError> {
    let bad = || ApiError::field("after", "this is no `next` of a page of this list");
    from_hex(text).and_then(|bytes| bytes.try_into().ok()).ok_or_else(bad)
}

/// What each business is called; deleted ones keep their log.
fn names(reader: &dyn Reader) -> Result<HashMap<Id, String>, ApiError> {
    Ok(read_all::<Business>(reader, &[])?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// A business, and the beginning of one of its orders.
type Beginning = (Id, Vec<u8>);

/// What is looked for in each row, and the beginnings of the orders in which it may be.
fn orders(
    reader: &dyn Reader,
    input: &ListAttempts,
    names: &HashMap<Id, String>,
) -> Result<(Search, Vec<Beginning>), ApiError> {
    let mut all = Vec::new();
    let mut search = Search::read(reader, input)?;
    for business in names.keys() {
        let of_one = Search::read(reader, &ListAttempts { business: *business, ..input.clone() })?;
        all.extend(of_one.parts.iter().map(|part| (*business, part.clone())));
        search = of_one;
    }
    // By the beginning of a SID alone an order is none of moments.
    let partial = search.sid.as_ref().is_some_and(|sid| sid.len() < SID);
    if partial || all.len() > ORDERS.max(names.len()) {
        all = names.keys().map(|business| (*business, Search::whole(*business))).collect();
    }
    Ok((search, all))
}

/// One order of one business, read a few entries at a time.
struct Stream {
    business: Id,
    part: Vec<u8>,
    ahead: VecDeque<Tail>,
    more: bool,
}

/// All of them, by moment.
struct Merged<'a> {
    reader: &'a dyn Reader,
    streams: Vec<Stream>,
    /// The newest of each that has any, with its place in `streams`.
    newest: BinaryHeap<(Tail, usize)>,
}

impl<'a> Merged<'a> {
    fn new(reader: &'a dyn Reader, orders: Vec<Beginning>, after: Option<Tail>) -> Result<Merged<'a>, ApiError> {
        let stream = |(business, part)| Stream { business, part, ahead: VecDeque::new(), more: true };
        let streams: Vec<Stream> = orders.into_iter().map(stream).collect();
        let mut merged = Merged { reader, streams, newest: BinaryHeap::new() };
        for n in 0..merged.streams.len() {
            merged.read(n, after)?;
        }
        Ok(merged)
    }

    fn is_empty(&self) -> bool {
        self.newest.is_empty()
    }

    /// The next entry: its place, its business, its send.
    fn next(&mut self) -> Result<Option<(Tail, Id, Id)>, ApiError> {
        let Some((tail, n)) = self.newest.pop() else { return Ok(None) };
        self.read(n, Some(tail))?;
        Ok(self.streams.get(n).map(|stream| (tail, stream.business, last_id(&tail))))
    }

    /// Puts the newest entry of an order behind `after` among the others.
    fn read(&mut self, n: usize, after: Option<Tail>) -> Result<(), ApiError> {
        let Some(stream) = self.streams.get_mut(n) else { return Ok(()) };
        if stream.ahead.is_empty() && stream.more {
            let after = after.map(|tail| [&stream.part[..], &tail].concat());
            let query = PageQuery {
                index: Index::VerifyLog,
                prefix: &stream.part,
                after: after.as_deref(),
                order: Order::Falling,
                limit: CHUNK,
            };
            let keys = self.reader.page(&query).map_err(broken)?;
            stream.more = keys.len() == CHUNK;
            stream.ahead.extend(keys.iter().filter_map(|key| key.last_chunk::<16>().copied()));
        }
        if let Some(tail) = stream.ahead.pop_front() {
            self.newest.push((tail, n));
        }
        Ok(())
    }
}
