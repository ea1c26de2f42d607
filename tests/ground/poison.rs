//! A change that the store itself refuses is found among its neighbours, and they go through.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;
use switchboard::api::Code;
use switchboard::core::change::{Change, Envelope, Inbound, IntakeAdvanced, Outcome, StatusReported};
use switchboard::core::rows::Cursor;
use switchboard::domain::id::Id;
use switchboard::domain::message::Status;
use switchboard::domain::time::Time;
use switchboard::store::memory::MemoryStore;
use switchboard::store::{Batch, Key, Reader, Store, StoreError, Table, Work, Writes};

use crate::dump::{Dump, said};
use crate::foundation::{BUSINESSES, sid};
use crate::invariants::check;
use crate::runs::{Run, cases};

fn text(n: u64, poison: bool) -> Envelope {
    let change = Inbound {
        business: BUSINESSES[0],
        endpoint: Id(1100),
        sid: sid(b"SM", n),
        from: format!("+1415555{n:04}").parse().unwrap(),
        to: "+12025551100".parse().unwrap(),
        body: if poison { "poison".into() } else { format!("text {n}") },
        segments: 1,
        media: Vec::new(),
        profile_name: None,
        keyword: None,
        sent: Time::from_secs(n as i64),
        message: Id(1000 + n),
        conversation: Id(5000 + n),
    };
    Envelope::by_worker(Change::Inbound(Box::new(change)), Time::from_secs(9), Time::from_secs(9))
}

fn refuses_poison(key: &Key, value: &[u8]) -> bool {
    key.table == Table::Messages && value.windows(6).any(|w| w == b"poison")
}

fn advanced(sequence: u64) -> Envelope {
    let change = Change::IntakeAdvanced(IntakeAdvanced { intake: 1, lane: 0, sequence });
    Envelope::by_worker(change, Time::from_secs(9), Time::from_secs(9))
}

fn cursor(store: &dyn Store) -> Option<Vec<u8>> {
    store.reader().unwrap().get(&Cursor::key_of(1, 0)).unwrap()
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn only_the_poison_fails(count in 1..60u64, poison in prop::collection::btree_set(0..60u64, 0..4), lanes in 1..3u16) {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::refusing(lanes, refuses_poison));
        let run = Run::new(store);
        let answers = run.batch((0..count).map(|n| text(n, poison.contains(&n))).collect());
        for (n, answer) in (0..count).zip(&answers) {
            match answer {
                Ok(outcome) => prop_assert_eq!(outcome, &Outcome::Message(Id(1000 + n))),
                Err(e) => prop_assert_eq!(e.code, Code::Internal),
            }
            prop_assert_eq!(answer.is_err(), poison.contains(&n), "{}", n);
        }
        check(&*run.store);
        // The same as if it had never been asked for.
        let plain = Run::new(Arc::new(MemoryStore::new(lanes)));
        plain.batch((0..count).filter(|n| !poison.contains(n)).map(|n| text(n, false)).collect());
        let (with, without) = (Dump::shared(&*run.store), Dump::shared(&*plain.store));
        prop_assert!(with == without, "{}", with.difference(&without));
        prop_assert_eq!(said(&*run.store), said(&*plain.store));
    }
}

/// A store that refuses poison, and has no room for a batch with a certain row while `full`.
struct Failing {
    inner: MemoryStore,
    full: AtomicBool,
}

impl Store for Failing {
    fn lanes(&self) -> u16 {
        self.inner.lanes()
    }
    fn epoch(&self) -> u64 {
        self.inner.epoch()
    }
    fn commit(&self, lane: u16, work: Work<'_>) -> Result<(), StoreError> {
        self.inner.commit(lane, &mut |batch: &mut dyn Batch| {
            let writes: Writes = work(batch)?;
            let with = |text: &[u8]| {
                let messages = writes.rows.iter().filter(|(key, _)| key.table == Table::Messages);
                messages.flat_map(|(_, v)| v).any(|v| v.windows(text.len()).any(|w| w == text))
            };
            // The poison is seen first, as a database sees its types before its disk.
            if with(b"poison") {
                return Err(StoreError::Rejected("poison".into()));
            }
            if self.full.load(Ordering::Relaxed) && with(b"text 0") {
                return Err(StoreError::Full { path: "here".into() });
            }
            Ok(writes)
        })
    }
    fn reader(&self) -> Result<Box<dyn Reader + '_>, StoreError> {
        self.inner.reader()
    }
}

/// While a batch is halved because of a poison, a half may fail for want of room. What comes behind it
/// must not go through alone: the intake's cursor would pass over what was not applied.
#[test]
fn nothing_overtakes_a_half_that_had_no_room() {
    let store = Arc::new(Failing { inner: MemoryStore::new(1), full: AtomicBool::new(false) });
    let run = Run::new(store.clone());
    store.full.store(true, Ordering::Relaxed);
    let batch = || vec![text(0, false), text(1, false), text(2, true), text(3, false), advanced(4)];
    let answers = run.batch(batch());
    assert!(answers.iter().all(|a| a.as_ref().is_err_and(|e| e.code == Code::Unavailable)), "{answers:?}");
    assert_eq!(cursor(&*run.store), None);
    store.full.store(false, Ordering::Relaxed);
    let failed: BTreeSet<usize> =
        run.batch(batch()).iter().enumerate().filter(|(_, a)| a.is_err()).map(|(n, _)| n).collect();
    assert!(failed.contains(&2) && failed.is_subset(&BTreeSet::from([2, 4])), "{failed:?}");
    check(&*run.store);
}

/// A report of a message nobody knows must be parked before the cursor may pass it.
#[test]
fn the_cursor_waits_for_a_report_that_found_no_message() {
    for store in [crate::runs::redb(), Arc::new(MemoryStore::new(1)) as Arc<dyn Store>] {
        let run = Run::new(store);
        let change = StatusReported {
            business: BUSINESSES[0],
            message: Id(404),
            sid: sid(b"SM", 404),
            status: Status::Sent,
            error: None,
            price: None,
        };
        let report = Envelope::by_worker(Change::StatusReported(change), Time::from_secs(9), Time::from_secs(9));
        let answers = run.batch(vec![text(1, false), report, advanced(2)]);
        assert_eq!(answers[..2], [Ok(Outcome::Message(Id(1001))), Ok(Outcome::UnknownMessage)]);
        assert_eq!(answers[2].as_ref().unwrap_err().code, Code::Conflict);
        assert_eq!(cursor(&*run.store), None);
        run.one(advanced(2)).unwrap();
        assert!(cursor(&*run.store).is_some());
    }
}
