//! One story that every store must tell alike.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use switchboard::store::memory::MemoryStore;
use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Index, Key, Order, PageQuery, Store, StoreError, Table, Writes, event_key};

use crate::dump::Dump;

/// Row keys in a table, value or none.
type Rows<'a> = &'a [(&'a [u8], Option<&'a [u8]>)];

fn save(store: &dyn Store, lane: u16, table: Table, rows: Rows<'_>) {
    let rows: Vec<_> = rows.iter().map(|(k, v)| (Key::new(table, &[k]), v.map(<[u8]>::to_vec))).collect();
    store.commit(lane, &mut |_| Ok(Writes { rows: rows.clone(), entries: Vec::new() })).unwrap();
}

fn index(store: &dyn Store, index: Index, keys: &BTreeSet<Vec<u8>>, add: bool) {
    let entries: Vec<_> = keys.iter().map(|k| (index, k.clone(), add)).collect();
    store.commit(0, &mut |_| Ok(Writes { rows: Vec::new(), entries: entries.clone() })).unwrap();
}

fn get(store: &dyn Store, table: Table, key: &[u8]) -> Option<Vec<u8>> {
    store.reader().unwrap().get(&Key::new(table, &[key])).unwrap()
}

fn story(store: &dyn Store) {
    rows_are_kept(store);
    a_batch_sees_what_was_there_before_it(store);
    a_failing_batch_leaves_nothing(store);
    tables_do_not_mix(store);
    pages_are_right_at_every_edge(store);
    events_stay_in_their_lane(store);
    counters_are_found_by_prefix(store);
    a_reader_sees_one_moment(store);
}

fn rows_are_kept(store: &dyn Store) {
    let large = vec![7; 300_000];
    save(
        store,
        0,
        Table::Messages,
        &[(b"a", Some(b"1")), (b"b", Some(&large)), (b"empty", Some(b"")), (b"", Some(b"root"))],
    );
    assert_eq!(get(store, Table::Messages, b"a").as_deref(), Some(&b"1"[..]));
    assert_eq!(get(store, Table::Messages, b"b"), Some(large));
    assert_eq!(get(store, Table::Messages, b"empty"), Some(Vec::new()));
    assert_eq!(get(store, Table::Messages, b""), Some(b"root".to_vec()));
    save(store, 0, Table::Messages, &[(b"a", Some(b"2")), (b"b", None), (b"never", None)]);
    assert_eq!(get(store, Table::Messages, b"a").as_deref(), Some(&b"2"[..]));
    assert_eq!(get(store, Table::Messages, b"b"), None);
    save(store, 0, Table::Messages, &[(b"a", None), (b"empty", None), (b"", None)]);
}

fn a_batch_sees_what_was_there_before_it(store: &dyn Store) {
    let last = store.lanes() - 1;
    save(store, last, Table::Contacts, &[(b"x", Some(b"X")), (b"y", Some(b"Y"))]);
    let (x, y, no) =
        (Key::new(Table::Contacts, &[b"x"]), Key::new(Table::Contacts, &[b"y"]), Key::new(Table::Agents, &[b"x"]));
    let mut found = Vec::new();
    store
        .commit(last, &mut |batch| {
            found = batch.load(&[&y, &no, &x, &y])?;
            Ok(Writes::default())
        })
        .unwrap();
    assert_eq!(found, [Some(b"Y".to_vec()), None, Some(b"X".to_vec()), Some(b"Y".to_vec())]);
    save(store, last, Table::Contacts, &[(b"x", None), (b"y", None)]);
}

fn a_failing_batch_leaves_nothing(store: &dyn Store) {
    let before = Dump::all(store);
    let failed = store.commit(0, &mut |batch| {
        batch.load(&[&Key::new(Table::Messages, &[b"a"])])?;
        Err(StoreError::Rejected("no".into()))
    });
    assert!(matches!(failed, Err(StoreError::Rejected(why)) if why == "no"));
    assert_eq!(Dump::all(store), before);
    save(store, 0, Table::Messages, &[(b"after", Some(b"it works again"))]);
    save(store, 0, Table::Messages, &[(b"after", None)]);
    assert_eq!(Dump::all(store), before);
}

fn tables_do_not_mix(store: &dyn Store) {
    for (n, table) in Table::ALL.into_iter().enumerate() {
        save(store, 0, table, &[(&[0xff, 0xff], Some(&[n as u8])), (&[], Some(&[n as u8, 1]))]);
    }
    for (n, table) in Table::ALL.into_iter().enumerate() {
        let mut found = Vec::new();
        store.reader().unwrap().scan(table, &[], &mut |k, v| found.push((k.to_vec(), v.to_vec()))).unwrap();
        assert_eq!(found, [(vec![], vec![n as u8, 1]), (vec![0xff, 0xff], vec![n as u8])], "{table:?}");
        let mut under = 0;
        store.reader().unwrap().scan(table, &[0xff], &mut |_, _| under += 1).unwrap();
        assert_eq!(under, 1, "{table:?}");
        save(store, 0, table, &[(&[0xff, 0xff], None), (&[], None)]);
    }
}

/// Every key of up to two bytes over the bytes at the edges, so that prefixes end in 0xff too.
fn edges() -> BTreeSet<Vec<u8>> {
    const BYTES: [u8; 4] = [0, 1, 0xfe, 0xff];
    let mut keys = BTreeSet::from([Vec::new()]);
    for _ in 0..2 {
        keys = keys.iter().flat_map(|k| BYTES.map(|b| [k.as_slice(), &[b]].concat())).chain(keys.clone()).collect();
    }
    keys
}

fn pages_are_right_at_every_edge(store: &dyn Store) {
    let all = edges();
    let entries: BTreeSet<Vec<u8>> = all.iter().filter(|k| k.len() != 1 || k[0] != 1).cloned().collect();
    index(store, Index::Thread, &entries, true);
    // Neighbours in the order of indexes must not be seen.
    index(store, Index::Inbox, &all, true);
    index(store, Index::Outbox, &all, true);
    let reader = store.reader().unwrap();
    for prefix in &all {
        for after in all.iter().map(Some).chain([None]) {
            for order in [Order::Rising, Order::Falling] {
                let behind = |k: &&Vec<u8>| match (after, order) {
                    (None, _) => true,
                    (Some(after), Order::Rising) => *k > after,
                    (Some(after), Order::Falling) => *k < after,
                };
                let mut want: Vec<_> =
                    entries.iter().filter(|k| k.starts_with(prefix)).filter(behind).cloned().collect();
                if order == Order::Falling {
                    want.reverse();
                }
                for limit in [0, 1, 3, usize::MAX] {
                    let query =
                        PageQuery { index: Index::Thread, prefix, after: after.map(Vec::as_slice), order, limit };
                    let want = &want[..want.len().min(limit)];
                    assert_eq!(reader.page(&query).unwrap(), want, "{query:?}");
                }
            }
        }
    }
    drop(reader);
    for which in [Index::Thread, Index::Inbox, Index::Outbox] {
        index(store, which, &all, false);
    }
    assert!(Dump::all(store).entries.is_empty());
}

fn events_stay_in_their_lane(store: &dyn Store) {
    let lanes = [0, 1, 255, 256, u16::MAX];
    for lane in lanes {
        for number in [1, 2, 3, 256, u64::MAX] {
            save(store, 0, Table::Events, &[(&event_key(lane, number), Some(&[lane as u8, number as u8]))]);
        }
    }
    let reader = store.reader().unwrap();
    for lane in lanes {
        let numbers = |after, limit| -> Vec<u64> {
            let found = reader.events(lane, after, limit).unwrap();
            assert!(found.iter().all(|(number, raw)| *raw == [lane as u8, *number as u8]));
            found.into_iter().map(|(number, _)| number).collect()
        };
        assert_eq!(numbers(0, usize::MAX), [1, 2, 3, 256, u64::MAX]);
        assert_eq!(numbers(0, 2), [1, 2]);
        assert_eq!(numbers(2, 2), [3, 256]);
        assert_eq!(numbers(256, 10), [u64::MAX]);
        assert!(numbers(u64::MAX, 10).is_empty());
        assert!(numbers(0, 0).is_empty());
    }
    assert!(reader.events(2, 0, 10).unwrap().is_empty());
    drop(reader);
    for lane in lanes {
        for number in [1, 2, 3, 256, u64::MAX] {
            save(store, 0, Table::Events, &[(&event_key(lane, number), None)]);
        }
    }
}

fn counters_are_found_by_prefix(store: &dyn Store) {
    let number = |n: i64| n.to_be_bytes();
    let rows: [(&[u8], i64); 4] = [(b"a1", 1), (b"a2", -2), (b"b1", i64::MAX), (&[0xff, 1], i64::MIN)];
    for (key, n) in rows {
        save(store, 0, Table::Counters, &[(key, Some(&number(n)))]);
    }
    let under = |prefix: &[u8]| store.reader().unwrap().counters(prefix).unwrap();
    assert_eq!(under(b"a"), [(b"a1".to_vec(), 1), (b"a2".to_vec(), -2)]);
    assert_eq!(under(b"a2"), [(b"a2".to_vec(), -2)]);
    assert_eq!(under(&[0xff]), [(vec![0xff, 1], i64::MIN)]);
    assert_eq!(under(b"").len(), 4);
    assert!(under(b"c").is_empty());
    for (key, _) in rows {
        save(store, 0, Table::Counters, &[(key, None)]);
    }
}

fn a_reader_sees_one_moment(store: &dyn Store) {
    let key = Key::new(Table::Contacts, &[b"moment"]);
    save(store, 0, Table::Contacts, &[(b"moment", Some(b"first"))]);
    index(store, Index::Wake, &BTreeSet::from([b"first".to_vec()]), true);
    let reader = store.reader().unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..50u8 {
                save(
                    store,
                    u16::from(n) % store.lanes(),
                    Table::Contacts,
                    &[(b"moment", Some(&[n])), (&[b'm', n], Some(b""))],
                );
            }
            index(store, Index::Wake, &BTreeSet::from([b"first".to_vec()]), false);
            done.store(true, Ordering::Release);
        });
        let mut looks = 0;
        while !done.load(Ordering::Acquire) || looks < 10 {
            assert_eq!(reader.get(&key).unwrap().as_deref(), Some(&b"first"[..]));
            assert_eq!(crate::dump::entries(&*reader, Index::Wake), [b"first".to_vec()]);
            let mut rows = 0;
            reader.scan(Table::Contacts, b"m", &mut |_, _| rows += 1).unwrap();
            assert_eq!(rows, 1);
            looks += 1;
        }
    });
    drop(reader);
    assert_eq!(get(store, Table::Contacts, b"moment"), Some(vec![49]));
    assert!(crate::dump::entries(&*store.reader().unwrap(), Index::Wake).is_empty());
}

#[test]
fn redb_tells_the_story_and_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options { path: dir.path().join("s.redb"), cache: 1 << 20, binding: None };
    let store = RedbStore::open(&options).unwrap();
    story(&store);
    save(&store, 0, Table::Messages, &[(b"kept", Some(b"over night"))]);
    index(&store, Index::Thread, &edges(), true);
    let (before, epoch) = (Dump::all(&store), store.epoch());
    drop(store);
    for _ in 0..2 {
        let store = RedbStore::open(&options).unwrap();
        assert_eq!(Dump::all(&store), before);
        assert_eq!(store.epoch(), epoch);
    }
}

#[test]
fn one_lane_in_memory_tells_the_story() {
    story(&MemoryStore::new(1));
}

#[test]
fn eight_lanes_in_memory_tell_the_story() {
    story(&MemoryStore::new(8));
}
