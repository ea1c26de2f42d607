//! Figures for analytics never drift from the rows: random histories of messages and verifications, in random
//! batches, with late statuses and prices, zones that change, and stores that are cut off and opened again.
//!
//! One history is long: of about `ANALYTICS_EVENTS` changes (20000), in batches of a thousand.

use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use switchboard::core::change::{AttemptSeen, BusinessSaved, Change, Envelope};
use switchboard::core::recount::{verify, verify_rollups};
use switchboard::domain::money::Money;
use switchboard::domain::time::{Span, Time};
use switchboard::domain::verification::{Channel, Progress};
use switchboard::store::memory::MemoryStore;
use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Store, Table};

use crate::figures::{End, MORNING, bank, seen, story};
use crate::history::plan;
use crate::runs::{Run, cases};
use crate::steps::steps;

/// What happens to one verification, and what is heard of it late.
type Fate = (u8, u8, u8, u16);

fn verification(n: u64, (channel, end, late, minutes): Fate) -> Vec<(Time, Change)> {
    let channel = Channel::ALL[usize::from(channel) % 4];
    let end = [End::Approved, End::Expired, End::Spent, End::Blocked][usize::from(end) % 4];
    let at = MORNING + Span::secs(i64::from(minutes) * 60);
    let mut all = story(n, channel, end, at);
    let week = at + Span::secs(7 * 86_400);
    let news = match late % 4 {
        0 => AttemptSeen { price: Money::parse("0.0071", "EUR"), ..seen(n) },
        1 => AttemptSeen { progress: Some((Progress::Undelivered, week)), error: Some(30_003), ..seen(n) },
        2 => AttemptSeen { country: Some("CA".into()), carrier: Some("X".into()), ..seen(n) },
        _ => AttemptSeen { gave_up: true, ..seen(n) },
    };
    all.push((week, Change::AttemptSeen(Box::new(news))));
    all
}

/// Verifications, and a business that moves to other zones meanwhile.
fn verifications(fates: &[Fate]) -> Vec<Envelope> {
    let mut all = vec![(Time(0), Change::BusinessSaved(BusinessSaved { business: bank(), expects: None }))];
    for (n, fate) in (0_u64..).zip(fates) {
        all.extend(verification(n, *fate));
        if n % 7 == 3 {
            let zone = ["Asia/Tokyo", "Europe/Berlin", "America/Los_Angeles"][usize::from(fate.2) % 3];
            let business = switchboard::domain::business::Business { time_zone: zone.into(), ..bank() };
            all.push((MORNING, Change::BusinessSaved(BusinessSaved { business, expects: None })));
        }
    }
    all.into_iter().map(|(at, change)| Envelope::by_worker(change, at, at)).collect()
}

/// Both, one after the other in turn.
fn mixed(messages: Vec<Envelope>, verifications: Vec<Envelope>) -> Vec<Envelope> {
    let (mut a, mut b) = (messages.into_iter(), verifications.into_iter());
    let mut all = Vec::new();
    loop {
        let (one, two) = (a.next(), b.next());
        if one.is_none() && two.is_none() {
            return all;
        }
        all.extend(one.into_iter().chain(two));
    }
}

fn open(path: &Path) -> Arc<dyn Store> {
    let options = Options { path: path.to_owned(), cache: 4 << 20, binding: None };
    Arc::new(RedbStore::open(&options).unwrap())
}

fn sums(store: &dyn Store) -> usize {
    let mut count = 0;
    store.reader().unwrap().scan(Table::Rollups, &[], &mut |_, _| count += 1).unwrap();
    count
}

fn sound(store: &dyn Store) {
    let reader = store.reader().unwrap();
    assert_eq!(verify(&*reader).unwrap(), []);
    assert_eq!(verify_rollups(&*reader).unwrap().1, []);
}

fn fates(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Fate>> {
    prop::collection::vec((any::<u8>(), any::<u8>(), any::<u8>(), 0..6000_u16), count)
}

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn figures_are_what_the_rows_add_up_to(
        steps in steps(1..120),
        fates in fates(1..40),
        sizes in prop::collection::vec(1..60_usize, 1..5),
        cut in 1..6_usize,
    ) {
        let history = mixed(plan(&steps), verifications(&fates));
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.redb");
        let mut answers = 0;
        for (n, part) in history.chunks(history.len().div_ceil(cut)).enumerate() {
            let run = Run::new(open(&path));
            answers += run.batches(part, &sizes, |_| ()).len();
            sound(&*run.store);
            // What a power cut leaves: the file as it is, while the store is open.
            let copy = dir.path().join(format!("cut{n}.redb"));
            std::fs::copy(&path, &copy).unwrap();
            sound(&*open(&copy));
        }
        prop_assert_eq!(answers, history.len());
        let far = Run::new(Arc::new(MemoryStore::new(8)));
        far.batches(&history, &sizes, |_| ());
        sound(&*far.store);
        prop_assert!(sums(&*far.store) > 0);
    }
}

#[test]
fn a_sum_that_drifted_is_noticed() {
    let mut runner = TestRunner::deterministic();
    let fates = fates(20).new_tree(&mut runner).unwrap().current();
    let run = Run::new(Arc::new(MemoryStore::new(1)));
    run.batches(&verifications(&fates), &[30], |_| ());
    sound(&*run.store);
    let mut rows = Vec::new();
    run.store
        .reader()
        .unwrap()
        .scan(Table::Rollups, &[], &mut |key, raw| rows.push((key.to_vec(), raw.to_vec())))
        .unwrap();
    assert!(rows.len() > 50);
    for (key, raw) in rows {
        let key = switchboard::store::Key::new(Table::Rollups, &[&key]);
        let put = |value: Option<Vec<u8>>| {
            let writes =
                || switchboard::store::Writes { rows: vec![(key.clone(), value.clone())], entries: Vec::new() };
            run.store.commit(0, &mut |_| Ok(writes())).unwrap();
        };
        put(None);
        assert_eq!(verify_rollups(&*run.store.reader().unwrap()).unwrap().1.len(), 1);
        put(Some(raw));
    }
    sound(&*run.store);
}

#[test]
fn a_long_history_adds_up() {
    let events = std::env::var("ANALYTICS_EVENTS").ok().and_then(|n| n.parse::<usize>().ok()).unwrap_or(20_000);
    let mut runner = TestRunner::deterministic();
    let dir = tempfile::tempdir().unwrap();
    let file = |n: usize| dir.path().join(format!("{n}.redb"));
    let mut run = Run::new(open(&file(0)));
    // A verification makes six changes or so; messages are drawn anew for each part, for their plan remembers all.
    let fates = fates(events / 7).new_tree(&mut runner).unwrap().current();
    let talk = plan(&steps(2000).new_tree(&mut runner).unwrap().current());
    let history = mixed(talk, verifications(&fates));
    let mut told = 0;
    for (n, part) in history.chunks(history.len().div_ceil(5)).enumerate() {
        told += run.batches(part, &[1000], |_| ()).len();
        // It goes on from what a kill leaves: the file as it is while the store is open.
        std::fs::copy(file(n), file(n + 1)).unwrap();
        run = Run::new(open(&file(n + 1)));
        std::fs::remove_file(file(n)).unwrap();
    }
    let (rows, differences) = verify_rollups(&*run.store.reader().unwrap()).unwrap();
    println!("{told} changes, {rows} rows, {} sums", sums(&*run.store));
    assert_eq!(told, history.len());
    assert!(rows > events as u64 / 10, "too little was counted: {rows}");
    assert_eq!(differences, []);
}
