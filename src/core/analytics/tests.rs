//! What is gathered from rollups is what the rows say, for any range, zone, grain and filter.

use proptest::prelude::*;

use super::gather::{Gathered, Want, scan};
use super::rolled;
use crate::core::world::World;
use crate::domain::analytics::{Dim, Family, Grain, Range, Sums, Zone};
use crate::domain::id::{Id, Sid};
use crate::domain::message::{Direction, Message, Status as Sent};
use crate::domain::money::Money;
use crate::domain::time::{Span, Time};
use crate::domain::verification::{Attempt, Channel, Journey, Progress, Status, Wish};
use crate::store::memory::MemoryStore;
use crate::store::{Store, Writes};

const BUSINESS: Id = Id(7);
/// A day before clocks change in Los Angeles, 2026-03-07T00:00Z.
const START: i64 = 1_772_841_600;

type Pick = (u8, u8, u8);

fn attempt(n: u64, at: Time, (a, b, c): Pick) -> Attempt {
    let money = |cents: u8, unit| Money::parse(&format!("0.00{cents}"), unit).unwrap();
    let outcome = Status::ALL[usize::from(a) % Status::ALL.len()];
    let progress = match outcome {
        Status::Blocked => Progress::Blocked,
        Status::Refused => Progress::Refused,
        _ if b % 2 == 0 => Progress::Delivered,
        _ => Progress::Queued,
    };
    Attempt {
        business: BUSINESS,
        id: Id(n),
        flow: Id(n),
        leg: 0,
        nth: 1 + u32::from(c % 3 == 0),
        to: "+14155550142".parse().unwrap(),
        service: Sid { prefix: *b"VA", bytes: [1; 16] },
        wish: Wish {
            channel: Channel::ALL[usize::from(b) % 4],
            template: (c % 4 == 0).then_some(Sid { prefix: *b"HJ", bytes: [c % 8; 16] }),
            ..Wish::default()
        },
        verification: None,
        sid: None,
        progress,
        outcome,
        error: (a % 5 == 0).then_some(30_003 + u32::from(b % 3)),
        error_text: None,
        segments: 1,
        estimate: Some(money(c, "USD")),
        price: (b % 3 != 0).then(|| money(b, if a % 7 == 0 { "EUR" } else { "USD" })),
        converted: None,
        country: Some(["US", "DE", "GB"][usize::from(c) % 3].to_owned()),
        carrier: (c % 2 == 0).then(|| ["Verizon Wireless", "T-Mobile USA, Inc."][usize::from(b) % 2].to_owned()),
        actor: String::new(),
        at,
        steps: Vec::new(),
        started: at,
        settled: false,
        journey: Journey {
            checks: u32::from(a % 3),
            wrong: u32::from(a % 2),
            arrived: c % 2 == 0,
            ended_at: Some(at + Span::millis(i64::from(a) * 731)),
            fee: (c % 5 != 0).then(|| money(50, "USD")),
        },
    }
}

fn message(n: u64, at: Time, (a, b, c): Pick) -> Message {
    let direction = if a % 2 == 0 { Direction::In } else { Direction::Out };
    let status = if direction == Direction::In { Sent::Received } else { Sent::ALL[usize::from(b) % 12] };
    let out = direction == Direction::Out;
    Message {
        business: BUSINESS,
        id: Id(n),
        conversation: Id(1),
        direction,
        sid: (b % 4 != 0).then_some(Sid { prefix: *b"SM", bytes: [b; 16] }),
        customer: ["+14155550111", "+447700900123", "72975"][usize::from(c) % 3].parse().unwrap(),
        ours: ["+14155550100", "+14155550200"][usize::from(b) % 2].parse().unwrap(),
        body: String::new(),
        at,
        arrived: at,
        arrival: 0,
        status,
        error: (c % 7 == 0).then_some(30_003),
        error_text: None,
        segments: u32::from(c % 3),
        media: Vec::new(),
        author: out.then(|| ["ann", "bo"][usize::from(c) % 2].to_owned()),
        due: None,
        retry_of: None,
        retried_by: None,
        conflict: None,
        started: None,
        client_ref: None,
        price: (out && c % 2 == 0).then(|| "0.0083".to_owned()),
        price_unit: (out && c % 2 == 0).then(|| "USD".to_owned()),
        imported: false,
        asks_since: None,
        send_at: None,
        in_line: false,
        estimate: out.then(|| "0.0083".to_owned()),
        estimate_unit: out.then(|| "USD".to_owned()),
        mentions: Vec::new(),
        consent: None,
        unless_they_reply: false,
        content: None,
        answers_since: (out && a % 3 == 0).then_some(at - Span::secs(i64::from(b))),
    }
}

/// Puts rows as a batch does: all of them, then some with other values, then takes some away.
fn store(rows: &[(i32, Pick, Pick)]) -> MemoryStore {
    let store = MemoryStore::new(1);
    let mut put = |which: usize| {
        store
            .commit(0, &mut |batch| {
                let mut world = World::new(0, batch);
                loop {
                    for (n, (minutes, first, then)) in (1_u64..).zip(rows) {
                        let at = Time::from_secs(START + i64::from(*minutes) * 60);
                        let late = Time::from_secs(START + i64::from(*minutes) * 60 + i64::from(then.0) * 97);
                        let (a, m) = (attempt(n, at, *first), message(n, at, *first));
                        let keys = (crate::core::world::Row::key(&a), crate::core::world::Row::key(&m));
                        let known = world.get::<Attempt>(&keys.0).and(world.get::<Message>(&keys.1));
                        if known.is_err() {
                            continue;
                        }
                        match which {
                            0 => {
                                world.put(a);
                                world.put(m);
                            }
                            1 if then.1 % 2 == 0 => {
                                world.put(attempt(n, at, *then));
                                world.put(message(n, late, *then));
                            }
                            2 if then.2 % 5 == 0 => {
                                world.remove(keys.0);
                                world.remove(keys.1);
                            }
                            _ => {}
                        }
                        world.keep();
                    }
                    if !world.load_missing()? {
                        break;
                    }
                    world.rewind();
                }
                Ok::<Writes, _>(world.finish(&mut || Ok([0; 32]))?.writes)
            })
            .unwrap();
    };
    (0..3).for_each(&mut put);
    store
}

fn same(scanned: &Gathered, rolled: &Gathered) -> Result<(), TestCaseError> {
    let held = |sums: &std::collections::BTreeMap<Dim, super::gather::ByValue>| {
        let mut all = Vec::new();
        for (dim, values) in sums {
            all.extend(values.iter().filter(|(_, s)| !s.is_empty()).map(|(v, s)| (*dim, v.clone(), s.clone())));
        }
        all
    };
    prop_assert_eq!(&scanned.total, &rolled.total);
    prop_assert_eq!(&scanned.series, &rolled.series);
    prop_assert_eq!(&scanned.spans, &rolled.spans);
    prop_assert_eq!(held(&scanned.pivots), held(&rolled.pivots));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rollups_say_what_rows_say(
        rows in prop::collection::vec((0..8000_i32, any::<Pick>(), any::<Pick>()), 1..60),
        from in 0..8000_i64,
        length in 15..9000_i64,
        zone in 0..4_usize,
        grain in 0..5_usize,
        filter in 0..6_usize,
    ) {
        let store = store(&rows);
        let reader = store.reader().unwrap();
        prop_assert_eq!(crate::core::recount::verify_rollups(&*reader).unwrap().1, vec![]);
        let zone = ["UTC", "America/Los_Angeles", "Asia/Kathmandu", "Australia/Lord_Howe"][zone];
        let grain = [Grain::Quarter, Grain::Hour, Grain::Day, Grain::Week, Grain::Month][grain];
        let (from, to) = (START + from * 60, START + (from + length) * 60);
        let range = Range::new(Time::from_secs(from), Time::from_secs(to), Zone::named(zone).unwrap(), Some(grain));
        let range = range.unwrap();
        let value = |dim, value: &str| vec![(dim, value.to_owned())];
        let of_codes = [
            Vec::new(),
            value(Dim::Channel, "sms"),
            value(Dim::Country, "DE"),
            value(Dim::Error, "30003"),
            value(Dim::Carrier, "Verizon Wireless"),
            value(Dim::Channel, "nothing"),
        ];
        let pivots = [Dim::Channel, Dim::Country, Dim::Template, Dim::Error, Dim::Carrier];
        let want = Want { family: Family::Verify, filter: &of_codes[filter], range: &range, pivots: &pivots };
        prop_assert!(rolled::knows(&want));
        let (scanned, gathered) = (scan(&*reader, BUSINESS, &want).unwrap(), rolled::gather(&*reader, BUSINESS, &want).unwrap());
        same(&scanned, &gathered)?;
        if filter == 0 {
            prop_assert_eq!(&scanned.pivot_spans, &gathered.pivot_spans);
        }
        let pivots = [Dim::Sender, Dim::Country, Dim::Error, Dim::Agent];
        let want = Want { family: Family::Messages, filter: &[], range: &range, pivots: &pivots };
        let (scanned, gathered) = (scan(&*reader, BUSINESS, &want).unwrap(), rolled::gather(&*reader, BUSINESS, &want).unwrap());
        same(&scanned, &gathered)?;
        let busy = |g: &Gathered| g.hours.iter().filter(|(_, s)| !s.is_empty()).map(|(h, s)| (*h, s.clone())).collect::<Vec<(_, Sums)>>();
        prop_assert_eq!(busy(&scanned), busy(&gathered));
        prop_assert_eq!(&scanned.pivot_spans, &gathered.pivot_spans);
    }
}
