//! Pages of lists: limits, and the `next` that leads on.
//!
//! It must not know what is listed: it sees keys of an index.

use super::broken;
use crate::api::ApiError;
use crate::domain::audit::to_hex;
use crate::store::{Index, Order, PageQuery, Reader};

/// A page of keys, and the token of the next page: the hex of the last key.
type Found = Result<(Vec<Vec<u8>>, Option<String>), ApiError>;

/// One page of the entries with this prefix.
pub(super) fn page(
    reader: &dyn Reader,
    index: Index,
    prefix: &[u8],
    order: Order,
    after: Option<&str>,
    limit: Option<u32>,
) -> Found {
    let tail = behind(after, prefix)?.map(|key| key[prefix.len()..].to_vec());
    merge(reader, index, &[prefix.to_vec()], order, tail, limit)
}

/// One page over several parts of the inbox at once, in the order of moment and conversation. All parts
/// begin with `common`. They may come and go between two pages.
pub(super) fn merged(
    reader: &dyn Reader,
    common: &[u8],
    parts: &[Vec<u8>],
    order: Order,
    after: Option<&str>,
    limit: Option<u32>,
) -> Found {
    // A moment and an id, eight bytes each.
    let tail = behind(after, common)?.and_then(|key| key.last_chunk::<16>().map(|tail| tail.to_vec()));
    merge(reader, Index::Inbox, parts, order, tail, limit)
}

/// One page, newest first, over several parts of an index whose entries end in a moment and an id. All
/// parts begin with `common`; one part alone may be the beginning of longer ones.
pub(super) fn latest_of(
    reader: &dyn Reader,
    index: Index,
    common: &[u8],
    parts: &[Vec<u8>],
    after: Option<&str>,
    limit: Option<u32>,
) -> Found {
    if let [only] = parts {
        return page(reader, index, only, Order::Falling, after, limit);
    }
    let tail = behind(after, common)?.and_then(|key| key.last_chunk::<16>().map(|tail| tail.to_vec()));
    merge(reader, index, parts, Order::Falling, tail, limit)
}

/// The key that a `next` names, which must be one of this list.
pub(super) fn behind(after: Option<&str>, prefix: &[u8]) -> Result<Option<Vec<u8>>, ApiError> {
    let bad = || ApiError::field("after", "this is no `next` of a page of this list");
    after.map(|text| from_hex(text).filter(|key| key.starts_with(prefix)).ok_or_else(bad)).transpose()
}

fn merge(
    reader: &dyn Reader,
    index: Index,
    parts: &[Vec<u8>],
    order: Order,
    after: Option<Vec<u8>>,
    limit: Option<u32>,
) -> Found {
    let limit = rows(limit)?;
    let mut found: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    for part in parts {
        let after = after.as_ref().map(|tail| [&part[..], tail].concat());
        let query = PageQuery { index, prefix: part, after: after.as_deref(), order, limit: limit + 1 };
        let keys = reader.page(&query).map_err(broken)?;
        found.extend(keys.into_iter().map(|key| (key[part.len()..].to_vec(), key)));
    }
    if parts.len() > 1 {
        found.sort_unstable();
        if order == Order::Falling {
            found.reverse();
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let keys: Vec<Vec<u8>> = found.into_iter().map(|(_, key)| key).collect();
    let next = keys.last().filter(|_| more).map(|key| to_hex(key));
    Ok((keys, next))
}

/// How many rows a page has.
pub(super) fn rows(limit: Option<u32>) -> Result<usize, ApiError> {
    match limit {
        None => Ok(50),
        Some(n @ 1..=200) => Ok(n as usize),
        Some(n) => Err(ApiError::field("limit", format!("{n} rows cannot be asked for: give 1 to 200"))),
    }
}

/// The bytes that a token names.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(text.get(i..i + 2)?, 16).ok()).collect()
}
