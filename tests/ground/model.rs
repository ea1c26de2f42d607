//! The same random history means the same on every store, whatever the batches and the lanes.

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use switchboard::core::change::lane_of;
use switchboard::store::memory::MemoryStore;

use crate::dump::{Dump, said};
use crate::foundation::BUSINESSES;
use crate::history::plan;
use crate::invariants::check;
use crate::runs::{Run, cases, redb};
use crate::steps::steps;

#[test]
fn the_businesses_lie_in_different_lanes() {
    let lanes: BTreeSet<u16> = BUSINESSES.into_iter().map(|b| lane_of(Some(b), 8)).collect();
    assert!(lanes.len() >= 3 && lanes != BTreeSet::from([0]), "{lanes:?}");
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn a_history_means_the_same_everywhere(steps in steps(1..160), sizes in prop::collection::vec(1..40usize, 1..6)) {
        let history = plan(&steps);
        let single = Run::new(redb());
        let answers = single.batches(&history, &[1], |_| ());
        check(&*single.store);
        let (dump, events) = (Dump::shared(&*single.store), said(&*single.store));
        let others = [redb(), Arc::new(MemoryStore::new(1)), Arc::new(MemoryStore::new(8))];
        for store in others {
            let lanes = store.lanes();
            let run = Run::new(store);
            let found = run.batches(&history, &sizes, |run| if lanes == 1 { check(&*run.store) });
            for ((found, expected), envelope) in found.iter().zip(&answers).zip(&history) {
                prop_assert_eq!(found, expected, "{:?}", envelope);
            }
            check(&*run.store);
            let other = Dump::shared(&*run.store);
            prop_assert!(dump == other, "{}", dump.difference(&other));
            prop_assert_eq!(&events, &said(&*run.store));
        }
    }

    #[test]
    fn a_refused_change_leaves_nothing_behind(steps in steps(1..60)) {
        let run = Run::new(Arc::new(MemoryStore::new(1)));
        for envelope in plan(&steps) {
            let before = Dump::all(&*run.store);
            if run.one(envelope.clone()).is_err() {
                let after = Dump::all(&*run.store);
                prop_assert!(before == after, "{envelope:?}\n{}", before.difference(&after));
            }
        }
    }
}

/// The histories are worth something: every kind of outcome occurs often.
#[test]
fn histories_reach_every_corner() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeMap::<String, (usize, usize)>::new();
    for _ in 0..20 {
        let history = plan(&steps(150).new_tree(&mut runner).unwrap().current());
        let run = Run::new(Arc::new(MemoryStore::new(1)));
        for (envelope, answer) in history.iter().zip(run.batches(&history, &[50], |_| ())) {
            let name: String = format!("{:?}", envelope.change).chars().take_while(|c| c.is_alphanumeric()).collect();
            let slot = seen.entry(name).or_default();
            if answer.is_ok() { slot.0 += 1 } else { slot.1 += 1 }
        }
    }
    println!("{seen:#?}");
    for change in [
        "Inbound",
        "StatusReported",
        "SendRequested",
        "SendUndone",
        "SendStarted",
        "SendAccepted",
        "SendRefused",
        "SendUnknown",
        "SendRequeued",
        "OldHeldBack",
        "SendReleased",
        "NoteAdded",
        "Assigned",
        "StatusSet",
        "Woke",
        "Read",
        "ContactSaved",
        "BusinessSaved",
        "DeadLettered",
        "ReportParked",
        "ReportTaken",
        "WriterLeased",
    ] {
        assert!(seen.get(change).is_some_and(|(done, _)| *done >= 4), "{change} is hardly ever carried out");
    }
    for change in ["SendRequested", "SendUndone", "SendStarted", "Assigned", "StatusSet"] {
        assert!(seen[change].1 >= 4, "{change} is hardly ever refused");
    }
}
