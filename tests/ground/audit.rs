//! The check of the chains finds what somebody did to them, and accepts what was erased by receipt.

use std::sync::Arc;

use switchboard::core::audit::{self, Report};
use switchboard::core::change::{Change, Envelope, EventsTrimmed, NoteAdded, PayloadErased, lane_of};
use switchboard::core::event::LaneHead;
use switchboard::domain::id::Id;
use switchboard::domain::time::Time;
use switchboard::store::memory::MemoryStore;
use switchboard::store::{Index, Key, Store, Table, Writes, event_key};

use crate::foundation::BUSINESSES;
use crate::history::plan;
use crate::runs::{Run, redb};
use crate::steps::steps;

fn verify(store: &dyn Store) -> Report {
    audit::verify(&*store.reader().unwrap(), store.lanes()).unwrap()
}

/// A store with some hundred events in each lane that has a business.
fn told(store: Arc<dyn Store>) -> Run {
    use proptest::strategy::{Strategy, ValueTree};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let run = Run::new(store);
    run.batches(&plan(&steps(300).new_tree(&mut runner).unwrap().current()), &[60], |_| ());
    run
}

fn put(store: &dyn Store, key: Key, value: Option<Vec<u8>>) {
    store.commit(0, &mut |_| Ok(Writes { rows: vec![(key.clone(), value.clone())], entries: Vec::new() })).unwrap();
}

fn events(store: &dyn Store, lane: u16) -> Vec<(u64, Vec<u8>)> {
    store.reader().unwrap().events(lane, 0, usize::MAX).unwrap()
}

fn is_sealed(raw: &[u8]) -> bool {
    raw[0] == 1
}

fn row(table: Table, lane: u16, number: u64) -> Key {
    Key::new(table, &[&event_key(lane, number)])
}

fn erase(run: &Run, business: Option<Id>, lane: u16, number: u64) -> switchboard::core::lane::Answer {
    let change = Change::PayloadErased(PayloadErased { business, lane, number });
    let at = Time::from_secs(1_800_000_000);
    run.one(Envelope { change, at, wall: at, actor: "ann".into(), once: None })
}

#[test]
fn what_was_written_is_sound() {
    for store in [redb(), Arc::new(MemoryStore::new(8)) as Arc<dyn Store>] {
        let run = told(store);
        let report = verify(&*run.store);
        assert!(report.is_sound(), "{report:?}");
        let lanes = 0..run.store.lanes();
        let sealed: usize =
            lanes.map(|lane| events(&*run.store, lane).iter().filter(|(_, raw)| is_sealed(raw)).count()).sum();
        assert_eq!((report.entries, report.erased), (sealed as u64, 0));
        assert!(sealed > 30);
    }
    assert_eq!(verify(&MemoryStore::new(3)), Report::default());
}

/// Whatever is done to any one event, its payload or its head, is found.
#[test]
fn every_meddling_is_found() {
    type Meddle = fn(&dyn Store, u64, &[u8]) -> bool;
    let meddles: [(&str, Meddle); 9] = [
        ("an event is taken away", |store, n, _| {
            put(store, row(Table::Events, 0, n), None);
            true
        }),
        ("a sealed event is changed", |store, n, raw| {
            let text = String::from_utf8_lossy(raw).replace("\"actor\":\"ann", "\"actor\":\"bob");
            put(store, row(Table::Events, 0, n), Some(text.clone().into_bytes()));
            text.as_bytes() != raw
        }),
        ("an event becomes unreadable", |store, n, raw| {
            put(store, row(Table::Events, 0, n), Some(raw[..raw.len() / 2].to_vec()));
            true
        }),
        ("an event has an unknown format", |store, n, raw| {
            put(store, row(Table::Events, 0, n), Some([&[9], &raw[1..]].concat()));
            true
        }),
        ("a sealed event is made a plain one", |store, n, raw| {
            put(store, row(Table::Events, 0, n), Some(vec![2, 0xa0]));
            is_sealed(raw)
        }),
        ("a payload is taken away", |store, n, raw| {
            put(store, row(Table::Payloads, 0, n), None);
            is_sealed(raw)
        }),
        ("a payload is changed", |store, n, raw| {
            if is_sealed(raw) {
                let key = row(Table::Payloads, 0, n);
                let mut payload = store.reader().unwrap().get(&key).unwrap().unwrap();
                let at = payload.len() - 3;
                payload[at] ^= 1;
                put(store, key, Some(payload));
            }
            is_sealed(raw)
        }),
        ("a payload is slipped in", |store, n, raw| {
            if !is_sealed(raw) {
                put(store, row(Table::Payloads, 0, n), Some(b"\x01{}".to_vec()));
            }
            !is_sealed(raw)
        }),
        ("the end is cut off from here", |store, n, _| {
            for (number, _) in events(store, 0).into_iter().filter(|(number, _)| *number >= n) {
                put(store, row(Table::Events, 0, number), None);
                put(store, row(Table::Payloads, 0, number), None);
            }
            true
        }),
    ];
    let run = told(Arc::new(MemoryStore::new(1)));
    let whole = crate::dump::Dump::all(&*run.store);
    let all = events(&*run.store, 0);
    for (what, meddle) in meddles {
        let mut tried = 0;
        let (first, middle, last) = (0..20, all.len() / 2..all.len() / 2 + 10, all.len() - 10..all.len());
        for (n, raw) in first.chain(middle).chain(last).map(|i| &all[i]) {
            if meddle(&*run.store, *n, raw) {
                tried += 1;
                let report = verify(&*run.store);
                assert!(!report.is_sound() && !report.faults.is_empty(), "{what}, {n}: not noticed");
            }
            restore(&*run.store, &whole);
        }
        assert!(tried >= 3, "{what}: tried {tried} times");
    }
    assert!(verify(&*run.store).is_sound());
}

fn restore(store: &dyn Store, whole: &crate::dump::Dump) {
    let rows: Vec<_> = whole
        .rows
        .iter()
        .filter(|((table, _), _)| matches!(table, Table::Events | Table::Payloads | Table::Lanes))
        .map(|((table, key), value)| (Key::new(*table, &[key]), Some(value.clone())))
        .collect();
    let extra: Vec<_> = crate::dump::Dump::all(store)
        .rows
        .into_keys()
        .filter(|key| !whole.rows.contains_key(key))
        .map(|(table, key)| (Key::new(table, &[&key]), None))
        .collect();
    let rows = [rows, extra].concat();
    store.commit(0, &mut |_| Ok(Writes { rows: rows.clone(), entries: Vec::new() })).unwrap();
}

#[test]
fn what_was_trimmed_is_no_gap_and_hides_nothing_else() {
    let run = told(Arc::new(MemoryStore::new(1)));
    let all = events(&*run.store, 0);
    let up_to = all[all.len() / 2].0;
    let durable: Vec<u64> = all.iter().filter(|(n, raw)| *n <= up_to && !is_sealed(raw)).map(|(n, _)| *n).collect();
    assert!(durable.len() > 5);
    let before = verify(&*run.store);
    let at = Time::from_secs(1_800_000_000);
    let change = Change::EventsTrimmed(EventsTrimmed { lane: 0, up_to, durable: durable.clone() });
    run.one(Envelope { change, at, wall: at, actor: String::new(), once: None }).unwrap();
    assert_eq!(verify(&*run.store), before);
    assert_eq!(events(&*run.store, 0).len(), all.len() - durable.len());
    // An audited event before the mark, and a durable one behind it, are missed.
    let sealed = all.iter().find(|(n, raw)| *n <= up_to && is_sealed(raw)).unwrap();
    put(&*run.store, row(Table::Events, 0, sealed.0), None);
    assert!(!verify(&*run.store).is_sound());
    put(&*run.store, row(Table::Events, 0, sealed.0), Some(sealed.1.clone()));
    assert!(verify(&*run.store).is_sound());
    let behind = all.iter().find(|(n, raw)| *n > up_to + 1 && !is_sealed(raw)).unwrap();
    put(&*run.store, row(Table::Events, 0, behind.0), None);
    let report = verify(&*run.store);
    assert!(report.faults.iter().any(|f| f.contains("missing")), "{report:?}");
}

#[test]
fn a_head_that_does_not_fit_is_found() {
    let run = told(Arc::new(MemoryStore::new(1)));
    let store = &*run.store;
    let raw = store.reader().unwrap().get(&LaneHead::key(0)).unwrap().unwrap();
    let head = LaneHead::decode(&raw).unwrap();
    let wrong = [
        LaneHead { number: head.number + 1, ..head.clone() },
        LaneHead { sealed: head.sealed - 1, ..head.clone() },
        LaneHead { chain: [7; 32], ..head.clone() },
    ];
    for value in wrong.iter().map(LaneHead::encode).map(Some).chain([None, Some(b"?".to_vec())]) {
        put(store, LaneHead::key(0), value);
        assert!(!verify(store).is_sound());
    }
    put(store, LaneHead::key(0), Some(raw));
    assert!(verify(store).is_sound());
}

#[test]
fn an_erased_payload_is_accepted_by_its_receipt_alone() {
    for store in [redb(), Arc::new(MemoryStore::new(8)) as Arc<dyn Store>] {
        let run = told(store);
        let before = verify(&*run.store);
        let business = BUSINESSES[0];
        let lane = lane_of(Some(business), run.store.lanes());
        let mine: Vec<(u64, bool)> = events(&*run.store, lane)
            .into_iter()
            .filter(|(_, raw)| is_sealed(raw))
            .map(|(n, raw)| (n, String::from_utf8_lossy(&raw).contains("\"business\":\"11\"")))
            .collect();
        let (own, _) = *mine.iter().find(|(_, mine)| *mine).unwrap();
        erase(&run, Some(business), lane, own).unwrap();
        let gone = run.store.reader().unwrap().get(&row(Table::Payloads, lane, own)).unwrap();
        assert_eq!(gone, None);
        let report = verify(&*run.store);
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.erased, report.entries), (1, before.entries + 1));

        // Not twice, not another's, not what is not there, and never a receipt.
        let receipt = events(&*run.store, lane).last().unwrap().0;
        let dump = crate::dump::Dump::all(&*run.store);
        for (business, number) in
            [(Some(business), own), (Some(BUSINESSES[1]), own), (None, own), (Some(business), 9999)]
        {
            let refused = erase(&run, business, lane, number).unwrap_err();
            assert_eq!(refused.code, switchboard::api::Code::NotFound);
        }
        assert_eq!(erase(&run, Some(business), lane, receipt).unwrap_err().code, switchboard::api::Code::Conflict);
        assert_eq!(crate::dump::Dump::all(&*run.store), dump);

        // A payload that comes back contradicts its receipt.
        put(&*run.store, row(Table::Payloads, lane, own), Some(b"\x01{}".to_vec()));
        assert!(!verify(&*run.store).is_sound());
        put(&*run.store, row(Table::Payloads, lane, own), None);
        // And without the receipt the erasure is a theft.
        put(&*run.store, row(Table::Payloads, lane, receipt), None);
        let report = verify(&*run.store);
        assert_eq!(report.faults_found, 2, "{report:?}");
    }
}

#[test]
fn a_long_chain_is_read_in_pieces_and_faults_are_bounded() {
    let run = told(Arc::new(MemoryStore::new(1)));
    let inbound =
        crate::invariants::rows::<switchboard::domain::conversation::Conversation>(&*run.store.reader().unwrap());
    let head = &inbound[0];
    let notes = (0..2500u64).map(|n| {
        let (business, conversation) = (head.business, head.id);
        let note = NoteAdded { business, conversation, message: Id(5_000_000 + n), body: "n".into() };
        Envelope::by_worker(Change::NoteAdded(note), Time::from_secs(1), Time::from_secs(1))
    });
    run.batch(notes.collect());
    assert!(verify(&*run.store).is_sound());
    let payloads = events(&*run.store, 0).into_iter().filter(|(_, raw)| is_sealed(raw));
    let rows: Vec<_> = payloads.map(|(n, _)| (row(Table::Payloads, 0, n), None)).collect();
    let gone = rows.len() as u64;
    run.store.commit(0, &mut |_| Ok(Writes { rows: rows.clone(), entries: Vec::new() })).unwrap();
    let report = verify(&*run.store);
    assert_eq!((report.faults_found, report.faults.len(), report.erased), (gone, 100, 0));
}

/// Entries by which audited events are paged.
fn entries(store: &dyn Store) -> Vec<Vec<u8>> {
    crate::dump::entries(&*store.reader().unwrap(), Index::Audit)
}

/// A store of a version that did not page its audited events is brought up, also when that is cut off.
#[test]
fn events_without_entries_get_them() {
    for store in [redb(), Arc::new(MemoryStore::new(4)) as Arc<dyn Store>] {
        let run = told(store);
        let store = &*run.store;
        let whole = entries(store);
        let sealed = verify(store).entries;
        assert_eq!(audit::bring_up(store).unwrap(), 0, "there is nothing to do");
        let take_away = |gone: &[Vec<u8>]| {
            let entries: Vec<_> = gone.iter().map(|entry| (Index::Audit, entry.clone(), false)).collect();
            store.commit(0, &mut |_| Ok(Writes { rows: Vec::new(), entries: entries.clone() })).unwrap();
        };
        take_away(&whole);
        assert_eq!(audit::bring_up(store).unwrap(), sealed);
        assert_eq!(entries(store), whole);
        // Cut off, the oldest are missing.
        let oldest: Vec<Vec<u8>> = whole.iter().filter(|e| e[16..] == whole[0][16..]).cloned().collect();
        take_away(&oldest);
        assert!(audit::bring_up(store).unwrap() > 0);
        assert_eq!(entries(store), whole);
    }
}
