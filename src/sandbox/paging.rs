//! Lists and their pages, in both forms Twilio has: the 2010 API's, and that of the newer hosts.
//!
//! An index keeps rows newest first; a page token names the row that the page before ended with, so rows
//! that come in meanwhile do not shift what is still to be read.

use serde_json::{Value, json};
use url::form_urlencoded;

use super::answer::{Answer, Outcome, Refusal};
use super::call::Call;
use super::error::StoreError;
use super::world::World;

/// Rows read from an index at one time.
const CHUNK: usize = 200;

/// The key of a row in an index: newest first below its parent.
pub fn key(parent: &str, created: u64, sequence: u64) -> String {
    format!("{parent}/{:016x}{:016x}", !created, !sequence)
}

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Rows on a page.
    pub size: usize,
    /// The page's number from 0, which only decides what `start` says.
    pub page: usize,
    /// `PA` and the last row before, or `PB` and the first row after.
    pub token: Option<String>,
}

/// A page of rows.
pub struct Page<T> {
    rows: Vec<T>,
    before: Option<String>,
    after: Option<String>,
    asked: Asked,
}

impl Asked {
    /// Reads `PageSize`, `Page` and `PageToken`.
    pub fn read(call: &Call, default: usize, most: usize) -> Outcome<Self> {
        let number = |name: &str| call.query.text(name).map(str::parse::<usize>).transpose();
        let size = number("PageSize").map_err(|_| Refusal::bad(20001, "Invalid PageSize"))?.unwrap_or(default);
        if size == 0 || size > most {
            return Err(Refusal::bad(20007, format!("Page size must be between 1 and {most}")).into());
        }
        let page = number("Page").map_err(|_| Refusal::bad(20001, "Invalid Page"))?.unwrap_or(0);
        Ok(Self { size, page, token: call.query.text("PageToken").map(str::to_owned) })
    }
}

/// Reads a page of an index below a parent. `find` reads a row and drops what the filters refuse; it
/// answers the row's SID and position too, which become tokens.
pub fn read<T>(
    world: &World,
    index: &str,
    parent: &str,
    asked: Asked,
    mut find: impl FnMut(&World, &str) -> Result<Option<T>, StoreError>,
) -> Outcome<Page<T>> {
    let (low, high) = (format!("{parent}/"), format!("{parent}0"));
    let (backward, edge) = match asked.token.as_deref() {
        None => (false, None),
        Some(token) => {
            let bad = || Refusal::bad(21481, "Invalid PageToken");
            let (kind, place) = token.split_at_checked(2).ok_or_else(bad)?;
            let place = place.bytes().all(|b| b.is_ascii_hexdigit()).then_some(place).ok_or_else(bad)?;
            (matches!(kind, "PB").then_some(true).or((kind == "PA").then_some(false)).ok_or_else(bad)?, Some(place))
        }
    };
    let edge = edge.map(|place| format!("{parent}/{place}"));
    let (mut from, mut until) = match (&edge, backward) {
        (Some(edge), false) => (format!("{edge}\u{0}"), high.clone()),
        (Some(edge), true) => (low.clone(), edge.clone()),
        (None, _) => (low.clone(), high.clone()),
    };
    let mut rows = Vec::new();
    // One row more than asked for tells whether a page follows.
    'reading: loop {
        let found = world.scan(index, &from, &until, backward, CHUNK)?;
        let last = found.len() < CHUNK;
        for (key, sid) in found {
            if backward {
                until.clone_from(&key);
            } else {
                from = format!("{key}\u{0}");
            }
            if let Some(row) = find(world, &sid)? {
                rows.push((key, row));
                if rows.len() > asked.size {
                    break 'reading;
                }
            }
        }
        if last {
            break;
        }
    }
    let more = rows.len() > asked.size;
    rows.truncate(asked.size);
    if backward {
        rows.reverse();
    }
    let place = |key: &String| key[parent.len() + 1..].to_owned();
    let first = rows.first().map(|(key, _)| place(key));
    let end = rows.last().map(|(key, _)| place(key));
    let follows = if backward { edge.is_some() } else { more };
    let precedes = if backward { more } else { edge.is_some() };
    Ok(Page {
        after: end.filter(|_| follows).map(|place| format!("PA{place}")),
        before: first.filter(|_| precedes).map(|place| format!("PB{place}")),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        asked,
    })
}

impl<T> Page<T> {
    /// A page of rows that are all there are.
    pub fn whole(rows: Vec<T>, asked: Asked) -> Self {
        let (start, size, total) = (asked.page.saturating_mul(asked.size), asked.size, rows.len());
        let rows = rows.into_iter().skip(start).take(size).collect();
        Self::part(rows, total, asked)
    }

    /// The rows of the page asked for, of so many that there are.
    pub fn part(rows: Vec<T>, total: usize, asked: Asked) -> Self {
        let (start, size) = (asked.page.saturating_mul(asked.size), asked.size);
        let more = total > start.saturating_add(size);
        let token = |offset: usize| format!("PA{offset:x}");
        Self { rows, before: (asked.page > 0).then(|| token(0)), after: more.then(|| token(start + size)), asked }
    }

    /// The 2010 API's envelope: relative links, `start` and `end`.
    pub fn classic(self, call: &Call, key: &str, show: impl FnMut(&T) -> Value) -> Answer {
        let link =
            |page: usize, token: Option<&str>| format!("{}?{}", call.path, query(call, self.asked.size, page, token));
        let page = self.asked.page;
        let start = page * self.asked.size;
        let mut body = json!({
            "page": page,
            "page_size": self.asked.size,
            "start": start,
            "end": start + self.rows.len().saturating_sub(1),
            "uri": link(page, self.asked.token.as_deref()),
            "first_page_uri": link(0, None),
            "next_page_uri": self.after.as_deref().map(|token| link(page + 1, Some(token))),
            "previous_page_uri": self.before.as_deref().map(|token| link(page.saturating_sub(1), Some(token))),
        });
        body[key] = self.rows.iter().map(show).collect();
        Answer::ok(body)
    }

    /// The newer hosts' envelope: absolute links below `meta`.
    pub fn modern(self, call: &Call, key: &str, show: impl FnMut(&T) -> Value) -> Answer {
        let link = |page: usize, token: Option<&str>| {
            format!("{}{}?{}", call.origin, call.path, query(call, self.asked.size, page, token))
        };
        let page = self.asked.page;
        let mut body = json!({ "meta": {
            "key": key,
            "page": page,
            "page_size": self.asked.size,
            "url": link(page, self.asked.token.as_deref()),
            "first_page_url": link(0, None),
            "next_page_url": self.after.as_deref().map(|token| link(page + 1, Some(token))),
            "previous_page_url": self.before.as_deref().map(|token| link(page.saturating_sub(1), Some(token))),
        } });
        body[key] = self.rows.iter().map(show).collect();
        Answer::ok(body)
    }
}

/// A link repeats the filters, then says which page.
fn query(call: &Call, size: usize, page: usize, token: Option<&str>) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.query.pairs().filter(|(name, _)| !matches!(*name, "PageSize" | "Page" | "PageToken")) {
        out.append_pair(name, value);
    }
    out.append_pair("PageSize", &size.to_string()).append_pair("Page", &page.to_string());
    if let Some(token) = token {
        out.append_pair("PageToken", token);
    }
    out.finish()
}
