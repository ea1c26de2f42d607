//! The recount notices every counter and entry that drifted from its rows.

use std::sync::Arc;

use switchboard::core::recount::{Difference, verify};
use switchboard::store::memory::MemoryStore;
use switchboard::store::{Key, Store, Table, Writes};

use crate::dump::Dump;
use crate::history::plan;
use crate::runs::{Run, redb};
use crate::steps::steps;

fn told(store: Arc<dyn Store>) -> Run {
    use proptest::strategy::{Strategy, ValueTree};
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let run = Run::new(store);
    run.batches(&plan(&steps(300).new_tree(&mut runner).unwrap().current()), &[60], |_| ());
    run
}

fn recount(store: &dyn Store) -> Vec<Difference> {
    verify(&*store.reader().unwrap()).unwrap()
}

fn meddle(store: &dyn Store, writes: impl Fn() -> Writes) {
    store.commit(0, &mut |_| Ok(writes())).unwrap();
}

fn rows(rows: Vec<(Key, Option<Vec<u8>>)>) -> Writes {
    Writes { rows, entries: Vec::new() }
}

#[test]
fn rows_and_what_is_derived_from_them_agree() {
    for store in [redb(), Arc::new(MemoryStore::new(8)) as Arc<dyn Store>] {
        let run = told(store);
        assert_eq!(recount(&*run.store), []);
        let dump = Dump::all(&*run.store);
        assert!(dump.rows.keys().any(|(table, _)| *table == Table::Counters));
    }
}

#[test]
fn every_drift_is_noticed() {
    let run = told(Arc::new(MemoryStore::new(1)));
    let store = &*run.store;
    let whole = Dump::all(store);
    let mut tried = 0;
    for ((table, key), value) in &whole.rows {
        let at = || Key::new(*table, &[key]);
        match table {
            Table::Counters => {
                let n = i64::from_be_bytes(value.as_slice().try_into().unwrap());
                meddle(store, || rows(vec![(at(), Some((n + 1).to_be_bytes().to_vec()))]));
                let found = recount(store);
                assert_eq!(found, [Difference::Counter { key: key.clone(), stored: n + 1, counted: n }]);
                meddle(store, || rows(vec![(at(), None)]));
                assert_eq!(recount(store), [Difference::Counter { key: key.clone(), stored: 0, counted: n }]);
            }
            Table::Messages | Table::Conversations | Table::Agents | Table::Endpoints | Table::Businesses => {
                // A row that vanishes leaves its entries behind.
                meddle(store, || rows(vec![(at(), None)]));
                assert!(recount(store).iter().any(|d| matches!(d, Difference::EntryLeft(..))), "{table:?}");
                meddle(store, || rows(vec![(at(), Some(b"?".to_vec()))]));
                assert!(recount(store).contains(&Difference::Unreadable(*table, key.clone())), "{table:?}");
            }
            _ => continue,
        }
        meddle(store, || rows(vec![(at(), Some(value.clone()))]));
        tried += 1;
        if tried > 40 {
            break;
        }
    }
    for (index, entry) in whole.entries.iter().step_by(11) {
        let change = |key: Vec<u8>, add| Writes { rows: Vec::new(), entries: vec![(*index, key, add)] };
        meddle(store, || change(entry.clone(), false));
        assert_eq!(recount(store), [Difference::EntryMissing(*index, entry.clone())]);
        meddle(store, || change(entry.clone(), true));
        let mut other = entry.clone();
        other[0] ^= 0x40;
        meddle(store, || change(other.clone(), true));
        assert_eq!(recount(store), [Difference::EntryLeft(*index, other.clone())]);
        meddle(store, || change(other.clone(), false));
    }
    assert_eq!(recount(store), []);
}

#[test]
fn a_row_at_a_wrong_key_is_noticed() {
    let run = told(Arc::new(MemoryStore::new(1)));
    let whole = Dump::all(&*run.store);
    let ((table, key), value) = whole.rows.iter().find(|((table, _), _)| *table == Table::Sids).unwrap();
    let other = [&key[..], &[0]].concat();
    meddle(&*run.store, || rows(vec![(Key::new(*table, &[&other]), Some(value.clone()))]));
    let found = recount(&*run.store);
    assert_eq!(found, [Difference::Misplaced(*table, other)]);
    assert!(found[0].to_string().contains("wrong key"));
}
