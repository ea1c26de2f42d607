//! The list of the audit log, newest first, and the same as a file.
//!
//! It is paged by moment, of one business or of all; what has the same moment, by its place in the chain. A clock
//! that steps back steps back here, too: the place in the chain, which each entry tells, is the order in which
//! things were done. Other filters are looked at entry by entry, up to a bound, after which the page ends with a
//! `next`.

use std::collections::HashMap;

use serde_json::Value;

use super::said::{Told, told};
use crate::api::audit::*;
use crate::api::{ApiError, Caller, Code, Page, When};
use crate::core::event::{self, Kind};
use crate::core::paging::{behind, rows};
use crate::core::rows::audit::{moment_of, number_of, scope_of};
use crate::core::rows::{business_key, from_json};
use crate::core::{Core, broken, read};
use crate::domain::access::Permission;
use crate::domain::audit::{Hash, Payload, Sealed, to_hex};
use crate::domain::business::Business;
use crate::domain::id::Id;
use crate::domain::pointing::shown_url;
use crate::store::{Index, Key, Order, PageQuery, Reader, Table};

/// Entries looked at for one page.
const LOOKED_AT: usize = 5000;
/// Entries read at a time while looking.
const CHUNK: usize = 200;
/// Entries of one export.
const EXPORTED: usize = 10_000;
/// Entries looked at for one export.
const EXPORT_LOOKED_AT: usize = 50_000;

impl Core {
    pub(in crate::core) fn list_audit(&self, caller: &Caller, input: &ListAudit) -> Result<AuditPage, ApiError> {
        let as_of = self.cursor();
        let reader = self.reader()?;
        let mut look = self.audit_look(&*reader, caller, input)?;
        let (items, next) = look.page(rows(input.limit)?, LOOKED_AT)?;
        Ok(Page { items, next, as_of })
    }

    /// Reads many entries, so it runs where it holds up nobody.
    pub(in crate::core) async fn export_audit(
        &self,
        caller: &Caller,
        input: ExportAudit,
    ) -> Result<AuditExport, ApiError> {
        let (core, caller) = (self.clone(), caller.clone());
        let work = move || {
            let reader = core.reader()?;
            let mut look = core.audit_look(&*reader, &caller, &input.page(input.after.clone()))?;
            let (entries, next) = look.page(EXPORTED, EXPORT_LOOKED_AT)?;
            let format = input.format.unwrap_or_default();
            let failed = |why| ApiError::new(Code::Internal, format!("the log cannot be written out: {why}"));
            let text = write(format, &entries).map_err(failed)?;
            let (content_type, ending) = match format {
                AuditFormat::Csv => ("text/csv; charset=utf-8", "csv"),
                AuditFormat::Jsonl => ("application/jsonl", "jsonl"),
            };
            let day: String = core.now().rfc3339().chars().take(10).collect();
            Ok(AuditExport {
                format,
                content_type: content_type.to_owned(),
                file_name: format!("audit-{day}.{ending}"),
                entries: entries.len() as u64,
                text,
                next,
            })
        };
        let broke_off = |_| ApiError::new(Code::Internal, "the export broke off inside the node; its log says where");
        tokio::task::spawn_blocking(work).await.map_err(broke_off)?
    }

    fn audit_look<'a>(&self, reader: &'a dyn Reader, caller: &Caller, input: &ListAudit) -> Result<Look<'a>, ApiError> {
        let business = input.business.or(caller.business);
        if let Some(id) = business {
            // A deleted one keeps its log.
            self.allow(caller, id)?;
            let row: Option<Business> = read(reader, &business_key(id))?;
            row.ok_or_else(|| ApiError::not_found(format!("business {id}")))?;
        }
        let prefix = scope_of(business).to_vec();
        let after = match (behind(input.after.as_deref(), &prefix)?, input.to) {
            (Some(after), _) => Some(after),
            (None, Some(to)) => Some([&prefix[..], &to.0.to_key()].concat()),
            (None, None) => None,
        };
        let lower = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_lowercase());
        Ok(Look {
            reader,
            from: input.from,
            actor: lower(&input.actor).filter(|text| !text.is_empty()),
            kind: lower(&input.kind).filter(|text| !text.is_empty()),
            search: lower(&input.search).filter(|text| !text.is_empty()),
            prefix,
            after,
            reads: caller.permissions.has(Permission::InboxRead),
            names: HashMap::new(),
        })
    }
}

/// A look through the log from a place on.
struct Look<'a> {
    reader: &'a dyn Reader,
    from: Option<When>,
    actor: Option<String>,
    kind: Option<String>,
    search: Option<String>,
    prefix: Vec<u8>,
    after: Option<Vec<u8>>,
    /// Whether the caller may read what was written.
    reads: bool,
    names: HashMap<Id, Option<String>>,
}

impl Look<'_> {
    fn page(&mut self, limit: usize, most: usize) -> Result<(Vec<AuditEntry>, Option<String>), ApiError> {
        let (mut items, mut looked) = (Vec::new(), 0);
        loop {
            let query = PageQuery {
                index: Index::Audit,
                prefix: &self.prefix,
                after: self.after.as_deref(),
                order: Order::Falling,
                limit: CHUNK + 1,
            };
            let mut keys = self.reader.page(&query).map_err(broken)?;
            let more = keys.len() > CHUNK;
            keys.truncate(CHUNK);
            let count = keys.len();
            for (place, key) in keys.into_iter().enumerate() {
                looked += 1;
                let is_before = |from: When| moment_of(&key).is_some_and(|at| at < from.0);
                if self.from.is_some_and(is_before) {
                    // Newest first: nothing behind it fits either.
                    return Ok((items, None));
                }
                items.extend(self.entry(&key)?);
                self.after = Some(key);
                if items.len() >= limit || looked >= most {
                    let on = place + 1 < count || more;
                    return Ok((items, self.after.as_deref().filter(|_| on).map(to_hex)));
                }
            }
            if !more {
                return Ok((items, None));
            }
        }
    }

    /// The entry, if it fits.
    fn entry(&mut self, key: &[u8]) -> Result<Option<AuditEntry>, ApiError> {
        let Some(number) = number_of(key) else { return Ok(None) };
        let raw = self.reader.get(&Key::new(Table::Events, &[number])).map_err(broken)?;
        let Some((sealed, hash)) = raw.as_deref().map(event::read_sealed).transpose().map_err(broken)?.flatten() else {
            return Ok(None);
        };
        if !self.fits(&sealed) {
            return Ok(None);
        }
        let raw = self.reader.get(&Key::new(Table::Payloads, &[number])).map_err(broken)?;
        let payload = raw.as_deref().and_then(<[u8]>::split_first);
        let payload = payload.and_then(|(format, bytes)| from_json::<Payload>(*format, bytes));
        let name = match sealed.business {
            Some(id) => self.name(id)?,
            None => None,
        };
        let entry = view(sealed, hash, payload, raw.is_none(), name, self.reads);
        Ok(Some(entry).filter(|entry| self.search.as_ref().is_none_or(|wanted| says(entry, wanted))))
    }

    fn fits(&self, sealed: &Sealed) -> bool {
        let of_kind = |wanted: &String| {
            let kind = sealed.kind.to_lowercase();
            kind == *wanted || kind.strip_prefix(wanted.trim_end_matches('.')).is_some_and(|rest| rest.starts_with('.'))
        };
        let by = |wanted: &String| match wanted.as_str() {
            "-" => sealed.actor.is_empty(),
            wanted => sealed.actor.to_lowercase() == wanted,
        };
        self.actor.as_ref().is_none_or(by) && self.kind.as_ref().is_none_or(of_kind)
    }

    /// What a business is called, also a deleted one.
    fn name(&mut self, id: Id) -> Result<Option<String>, ApiError> {
        if let Some(name) = self.names.get(&id) {
            return Ok(name.clone());
        }
        let row: Option<Business> = read(self.reader, &business_key(id))?;
        let name = row.map(|row| row.name);
        self.names.insert(id, name.clone());
        Ok(name)
    }
}

/// Whether an entry has a part in what people read of it.
fn says(entry: &AuditEntry, wanted: &str) -> bool {
    let has = |text: &String| text.to_lowercase().contains(wanted);
    let values = |change: &AuditChange| has(&change.field) || has(&change.before) || has(&change.after);
    [&entry.said, &entry.kind, &entry.id].into_iter().any(has)
        || [&entry.actor, &entry.subject, &entry.business_name, &entry.run].into_iter().flatten().any(has)
        || entry.changes.iter().any(values)
}

/// Addresses that webhooks went to may have a password in them: what is listed has none.
fn hide_passwords(value: &mut Value) {
    match value {
        Value::String(text) if text.starts_with("http") => *text = shown_url(text),
        Value::Array(all) => all.iter_mut().for_each(hide_passwords),
        Value::Object(fields) => fields.values_mut().for_each(hide_passwords),
        _ => {}
    }
}

fn view(
    sealed: Sealed,
    hash: Hash,
    payload: Option<Payload>,
    erased: bool,
    business_name: Option<String>,
    reads: bool,
) -> AuditEntry {
    let sound = erased || payload.as_ref().is_some_and(|payload| payload.digest() == sealed.digest);
    let mut details: Value =
        payload.and_then(|payload| serde_json::from_str(&payload.text).ok()).unwrap_or(Value::Null);
    hide_passwords(&mut details);
    let Told { said, subject, changes } = told(&sealed.kind, sealed.actor.is_empty(), &details);
    let run = details.get("run").and_then(Value::as_str).filter(|run| !run.is_empty()).map(str::to_owned);
    let of_texts = sealed.kind.starts_with("message.") || sealed.kind == Kind::NoteAdded.name();
    if let Some(fields) = details.as_object_mut().filter(|_| of_texts && !reads) {
        fields.remove("body");
    }
    AuditEntry {
        id: format!("{}-{}", sealed.lane, sealed.number),
        at: When(sealed.at),
        actor: Some(sealed.actor).filter(|actor| !actor.is_empty()),
        said,
        kind: sealed.kind,
        subject,
        business: sealed.business,
        business_name,
        conversation: sealed.conversation,
        message: sealed.message,
        flow: sealed.flow,
        run,
        changes,
        erased,
        sound,
        hash: to_hex(&hash),
        previous: to_hex(&sealed.previous),
        details,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::{LaneHead, NewEvent};
    use crate::core::rows::audit::entries_of;
    use crate::domain::time::Time;
    use crate::store::memory::MemoryStore;
    use crate::store::{Store, Writes};

    /// A store in which `agent1` deleted a business, and after that a text was sent so many times.
    fn busy(texts: u64) -> MemoryStore {
        let store = MemoryStore::new(1);
        let mut writes = Writes::default();
        let mut head = LaneHead::default();
        for n in 0..=texts {
            let kind = if n == 0 { Kind::BusinessDeleted } else { Kind::SendRequested };
            let event = NewEvent {
                kind,
                at: Time::from_secs(1_800_000_000 + n as i64),
                actor: "agent1".to_owned(),
                business: Some(Id(7)),
                conversation: None,
                message: None,
                flow: None,
                payload: serde_json::json!({ "name": "Harbor Dental" }),
            };
            let at = event.at;
            let written = head.write(0, event, &mut || Ok([1; 32])).unwrap();
            writes.rows.push(written.row);
            writes.rows.extend(written.payload);
            let entries = entries_of(Some(Id(7)), at, 0, head.number);
            writes.entries.extend(entries.map(|entry| (Index::Audit, entry, true)));
        }
        store.commit(0, &mut |_| Ok(Writes { rows: writes.rows.clone(), entries: writes.entries.clone() })).unwrap();
        store
    }

    fn look(reader: &dyn Reader, after: Option<Vec<u8>>) -> Look<'_> {
        Look {
            reader,
            from: None,
            actor: None,
            kind: Some("business".to_owned()),
            search: None,
            prefix: scope_of(None).to_vec(),
            after,
            reads: true,
            names: HashMap::new(),
        }
    }

    #[test]
    fn what_is_rare_is_found_page_by_page_without_looking_through_all_at_once() {
        let store = busy(2 * LOOKED_AT as u64 + 100);
        let reader = store.reader().unwrap();
        let (mut after, mut pages) = (None, 0);
        let found = loop {
            let (items, next) = look(&*reader, after).page(50, LOOKED_AT).unwrap();
            pages += 1;
            if !items.is_empty() {
                assert_eq!(next, None, "there is nothing behind the oldest");
                break items;
            }
            let next = next.expect("it goes on where it stopped");
            after = behind(Some(&next), &scope_of(None)).unwrap();
        };
        assert_eq!((pages, found.len(), found[0].said.as_str()), (3, 1, "deleted the business Harbor Dental"));
    }

    #[test]
    fn a_page_that_ends_with_the_last_entry_leads_nowhere() {
        let store = busy(2 * CHUNK as u64 - 1);
        let reader = store.reader().unwrap();
        let all = |limit| Look { kind: None, ..look(&*reader, None) }.page(limit, LOOKED_AT).unwrap();
        assert_eq!((all(2 * CHUNK).0.len(), all(2 * CHUNK).1), (2 * CHUNK, None));
        assert!(all(CHUNK).1.is_some(), "a whole chunk is not the end");
    }

    #[test]
    fn passwords_of_webhooks_are_not_listed() {
        let mut details = serde_json::json!({ "before": { "url": "https://kim:secret@h.example/x" }, "n": [1] });
        hide_passwords(&mut details);
        assert_eq!(details["before"]["url"], "https://kim:***@h.example/x");
    }
}
