//! What must be true of a store's rows at any moment.

use std::collections::{BTreeMap, BTreeSet};

use switchboard::core::rows::{OwnerRow, SidRow, ThreadRow};
use switchboard::core::world::{Row, decode};
use switchboard::core::{audit, recount};
use switchboard::domain::contact::Contact;
use switchboard::domain::conversation::{Conversation, ReadMark};
use switchboard::domain::id::Id;
use switchboard::domain::message::{Direction, Message, Status};
use switchboard::domain::pricing::{Cost, Share};
use switchboard::store::{Reader, Store};

/// All rows of a type.
pub fn rows<R: Row>(reader: &dyn Reader) -> Vec<R> {
    let mut out = Vec::new();
    reader.scan(R::TABLE, &[], &mut |key, raw| out.push(decode::<R>(key, raw).unwrap())).unwrap();
    out
}

/// Panics with a sentence if something is not as it must be.
pub fn check(store: &dyn Store) {
    let reader = store.reader().unwrap();
    let reader = &*reader;
    assert_eq!(recount::verify(reader).unwrap(), [], "counters and entries");
    let report = audit::verify(reader, store.lanes()).unwrap();
    assert!(report.is_sound(), "{report:?}");
    let messages: BTreeMap<Id, Message> = rows::<Message>(reader).into_iter().map(|m| (m.id, m)).collect();
    let heads: BTreeMap<Id, Conversation> = rows::<Conversation>(reader).into_iter().map(|c| (c.id, c)).collect();
    sids(reader, &messages);
    directories(reader, &messages, &heads);
    retries(&messages);
    let mut of: BTreeMap<Id, Vec<&Message>> = BTreeMap::new();
    for m in messages.values() {
        of.entry(m.conversation).or_default().push(m);
    }
    for head in heads.values() {
        let own = of.remove(&head.id).unwrap_or_default();
        outbox(head, &own);
        counts(head, &own, &messages);
        newest(head, &own);
        cost(head, &own);
    }
    assert!(of.is_empty(), "messages of no conversation: {of:?}");
    for mark in rows::<ReadMark>(reader) {
        assert!(mark.seen <= heads[&mark.conversation].incoming, "unread below zero: {mark:?}");
    }
}

fn sids(reader: &dyn Reader, messages: &BTreeMap<Id, Message>) {
    let rows = rows::<SidRow>(reader);
    for row in &rows {
        let m = &messages[&row.message];
        assert_eq!((m.sid, m.business), (Some(row.sid), row.business), "a SID leads to another message: {m:?}");
    }
    let bound = messages.values().filter(|m| m.sid.is_some()).count();
    assert_eq!(rows.len(), bound, "each SID names one message, each message with a SID is named");
}

fn directories(reader: &dyn Reader, messages: &BTreeMap<Id, Message>, heads: &BTreeMap<Id, Conversation>) {
    let threads: BTreeSet<Id> = rows::<ThreadRow>(reader).into_iter().map(|t| t.conversation).collect();
    assert_eq!(threads, heads.keys().copied().collect(), "one thread for each conversation");
    let owners: BTreeMap<Id, Id> = rows::<OwnerRow>(reader).into_iter().map(|o| (o.id, o.business)).collect();
    let asked_for = |m: &&Message| m.direction == Direction::Out || !m.media.is_empty();
    let sent = messages.values().filter(asked_for).map(|m| (m.id, m.business));
    let owned: BTreeMap<Id, Id> = heads.values().map(|c| (c.id, c.business)).chain(sent).collect();
    assert_eq!(owners, owned, "owners of conversations, of outgoing messages and of those with files");
    let mut named = BTreeSet::new();
    for contact in rows::<Contact>(reader) {
        for id in &contact.conversations {
            let head = &heads[id];
            assert_eq!((head.business, &head.customer), (contact.business, &contact.address));
            assert_eq!(head.name, contact.name, "a head carries its contact's name: {head:?}");
            assert!(named.insert(*id), "conversation {id} twice in its contact");
        }
    }
    assert_eq!(named, heads.keys().copied().collect(), "each conversation is its contact's");
}

fn did_not_happen(m: &Message) -> bool {
    m.sid.is_none() && matches!(m.status, Status::Canceled | Status::Failed)
}

fn retries(messages: &BTreeMap<Id, Message>) {
    for m in messages.values() {
        if let Some(newer) = m.retried_by {
            let newer = &messages[&newer];
            assert_eq!(newer.retry_of, Some(m.id));
            assert!(!did_not_happen(newer), "{} can be sent again, for {newer:?} did not happen", m.id);
        }
        if let Some(old) = m.retry_of {
            let old = &messages[&old];
            assert!(old.status.is_failure() && old.conversation == m.conversation, "{m:?} retries {old:?}");
            assert!(did_not_happen(m) || old.retried_by == Some(m.id));
        }
    }
}

fn outbox(head: &Conversation, own: &[&Message]) {
    let with =
        |status: &[Status]| -> Vec<Id> { own.iter().filter(|m| status.contains(&m.status)).map(|m| m.id).collect() };
    let flying = with(&[Status::Sending, Status::Unknown]);
    assert!(flying.len() <= 1, "more than one in flight: {flying:?} of {head:?}");
    assert_eq!(head.in_flight, flying.first().copied(), "{head:?}");
    let mut waiting: Vec<Id> = head.outbox.iter().map(|p| p.id).collect();
    waiting.sort_unstable();
    assert_eq!(waiting, with(&[Status::Held]), "the outbox holds what is held, once: {head:?}");
    for m in own {
        assert!(!(m.status.is_ours() && m.sid.is_some()), "waiting here and known at Twilio: {m:?}");
        let due = head.outbox.iter().find(|p| p.id == m.id).map(|p| p.due);
        assert_eq!(m.due, due, "{m:?}");
        let beyond = m.direction == Direction::Out && !m.status.is_ours() && !did_not_happen(m);
        assert!(!beyond || m.sid.is_some(), "it went further than we did, without a SID: {m:?}");
        assert!(m.status != Status::Held || m.error_text.is_none(), "{m:?}");
        let told = m.status.is_failure() || m.status == Status::Unknown;
        assert!(told || m.error_text.is_none(), "a failure's sentence without the failure: {m:?}");
    }
}

fn counts(head: &Conversation, own: &[&Message], messages: &BTreeMap<Id, Message>) {
    let mut arrivals: Vec<u64> =
        own.iter().filter(|m| m.direction == Direction::In && !m.imported).map(|m| m.arrival).collect();
    arrivals.sort_unstable();
    assert_eq!(arrivals, (1..=head.incoming).collect::<Vec<_>>(), "arrivals count up: {head:?}");
    let out = own.iter().filter(|m| m.direction == Direction::Out && m.sid.is_some()).count();
    assert_eq!(head.outgoing, out as u64, "{head:?}");
    let retried = |m: &Message| m.retried_by.is_some_and(|newer| messages[&newer].sid.is_some());
    let failed = own.iter().filter(|m| m.status.is_failure() && !m.imported && !retried(m)).count();
    assert_eq!(head.failed, failed as u64, "failed and not sent again: {head:?}");
}

/// The head carries what its messages say they cost, and who wrote last.
fn cost(head: &Conversation, own: &[&Message]) {
    let mut sum = Cost::default();
    own.iter().for_each(|m| sum.replace(&Share::Nothing, &m.share()));
    let (have, want) = (&head.cost, &sum);
    let numbers = |c: &Cost| (c.reported, c.expected, c.unpriced);
    assert_eq!(numbers(have), numbers(want), "{head:?}");
    let last_in = own.iter().filter(|m| m.direction == Direction::In).map(|m| m.at).max();
    assert_eq!(head.last_in, last_in, "{head:?}");
    let wrote = own.iter().any(|m| m.sid.is_some() && m.author.is_some());
    assert_eq!(head.last_agent.is_some(), wrote, "{head:?}");
    assert!(head.opted_out_by.is_none() || head.opted_out_at.is_some(), "{head:?}");
}

fn newest(head: &Conversation, own: &[&Message]) {
    let put_off = |m: &Message| m.status == Status::Held && m.send_at.is_some();
    let lasting = |m: &&&Message| {
        m.direction != Direction::Note && !(m.status == Status::Canceled && m.sid.is_none()) && !put_off(m)
    };
    // What Twilio sent although it was taken back is not put in its place again.
    if own.iter().any(|m| m.status == Status::Canceled && m.sid.is_some()) {
        return;
    }
    let latest = own.iter().filter(lasting).map(|m| m.at).max();
    assert_eq!(head.last.as_ref().map(|last| last.at), latest, "the newest message: {head:?}");
    for last in head.last.iter().chain(head.outbox.iter().filter_map(|p| p.last.as_ref())) {
        let m = own.iter().find(|m| m.id == last.id).unwrap_or_else(|| panic!("no such message: {head:?}"));
        assert!(lasting(&m), "the newest message was taken back: {head:?}");
        assert_eq!((last.at, last.direction, last.status), (m.at, m.direction, m.status), "{head:?}");
        assert_eq!(last.preview, m.body);
    }
}
