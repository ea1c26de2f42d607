//! A year of verifications, as facts and as rows.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use switchboard::core::rows::rollups::{self, Rolled};
use switchboard::core::rows::{business_key, facts};
use switchboard::core::world::{Row, decode};
use switchboard::domain::business::Business;
use switchboard::domain::id::{Id, Sid};
use switchboard::domain::money::Money;
use switchboard::domain::time::{Span, Time};
use switchboard::domain::verification::{Attempt, Channel, Journey, Progress, Status, Wish};
use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Store, Table, Writes};

/// 2025-03-01T08:00Z, midnight in Los Angeles.
const START: Time = Time::from_secs(1_740_816_000);
const DAYS: u64 = 365;
const COUNTRIES: [&str; 8] = ["US", "US", "US", "DE", "GB", "MX", "CA", "FR"];
const BUSINESS: Id = Id(7);

/// The n-th send: what it is follows from its number.
fn attempt(n: u64, at: Time) -> Attempt {
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let pick = |shift: u32, of: u64| usize::try_from((mixed >> shift) % of).unwrap_or(0);
    let channel =
        [Channel::Sms, Channel::Sms, Channel::Sms, Channel::Call, Channel::Whatsapp, Channel::Email][pick(0, 6)];
    let outcome = match pick(3, 100) {
        0..=82 => Status::Approved,
        83..=92 => Status::Expired,
        93..=95 => Status::MaxAttempts,
        96..=97 => Status::Blocked,
        98 => Status::Canceled,
        _ => Status::Refused,
    };
    let progress = match outcome {
        Status::Blocked => Progress::Blocked,
        Status::Refused => Progress::Refused,
        _ => Progress::Delivered,
    };
    let usd = |text: &str| Money::parse(text, "USD");
    Attempt {
        business: BUSINESS,
        id: Id(n + 1),
        flow: Id(n + 1),
        leg: 0,
        nth: 1 + u32::from(pick(11, 10) == 0),
        to: format!("+1415{:07}", n % 10_000_000).parse().expect("an address"),
        service: Sid { prefix: *b"VA", bytes: [1; 16] },
        wish: Wish {
            channel,
            template: Some(Sid { prefix: *b"HJ", bytes: [u8::try_from(pick(17, 3)).unwrap_or(0); 16] }),
            ..Wish::default()
        },
        verification: Some(Sid { prefix: *b"VE", bytes: u128::from(mixed).to_be_bytes() }),
        sid: Some(Sid { prefix: *b"VL", bytes: u128::from(mixed).to_be_bytes() }),
        progress,
        outcome,
        error: (outcome == Status::Expired && pick(23, 4) == 0)
            .then(|| 30_003 + u32::try_from(pick(27, 5)).unwrap_or(0)),
        error_text: None,
        segments: 1,
        estimate: usd("0.0083"),
        price: usd("0.0083").filter(|_| pick(31, 50) != 0),
        converted: Some(outcome == Status::Approved),
        country: Some(COUNTRIES[pick(9, 8)].to_owned()),
        carrier: None,
        actor: String::new(),
        at,
        steps: Vec::new(),
        started: at,
        settled: true,
        journey: Journey {
            checks: 1,
            wrong: u32::from(pick(29, 8) == 0),
            arrived: false,
            ended_at: Some(at + Span::millis(4000 + i64::try_from(pick(5, 60_000)).unwrap_or(0))),
            fee: usd("0.05"),
        },
    }
}

fn open(path: &Path) -> Arc<RedbStore> {
    // The cache of a node, as its settings have it by default.
    let options = Options { path: path.to_owned(), cache: 16 << 20, binding: None };
    Arc::new(RedbStore::open(&options).expect("a store"))
}

fn write(store: &RedbStore, rows: Vec<(switchboard::store::Key, Option<Vec<u8>>)>) {
    let writes = || Writes { rows: rows.clone(), entries: Vec::new() };
    store.commit(0, &mut |_| Ok(writes())).expect("a commit");
}

/// Rolls up so many sends, spread over a year, most of them by day.
pub fn make(dir: &Path, attempts: u64) -> Arc<RedbStore> {
    let store = open(&dir.join("year.redb"));
    let business = serde_json::json!({
        "id": BUSINESS, "name": "Northwind Bank", "active": true, "time_zone": "America/Los_Angeles",
        "created_at": START, "updated_at": START,
    });
    let business: Business = serde_json::from_value(business).expect("a business");
    let (key, row) = (business_key(BUSINESS), Row::encode(&business));
    let first = || Writes {
        rows: vec![
            (key.clone(), Some(row.clone())),
            (rollups::mark_key(), Some(rollups::VERSION.to_be_bytes().to_vec())),
        ],
        entries: entries_of(&business),
    };
    store.commit(0, &mut |_| Ok(first())).expect("a commit");
    for day in 0..DAYS {
        let (from, to) = (attempts * day / DAYS, attempts * (day + 1) / DAYS);
        let mut rolled = Rolled::default();
        let midnight = START + Span::secs(i64::try_from(day).unwrap_or(0) * 86_400);
        for n in from..to {
            let second = 86_400 * (n - from) / (to - from).max(1);
            let at = midnight + Span::secs(i64::try_from(second).unwrap_or(0));
            rolled.take(&facts::of_attempt(&attempt(n, at)), 1);
        }
        // Days of UTC are cut by those of the year: what a neighbour wrote is added to, as the committer does.
        let rows = rolled.into_rows();
        store
            .commit(0, &mut |batch| {
                let found = batch.load(&rows.keys().collect::<Vec<_>>())?;
                let sums = rows.iter().zip(found).map(|((key, cells), raw)| {
                    let mut sum = raw.and_then(|raw| rollups::Cells::decode(&raw)).unwrap_or_default();
                    sum.join(cells);
                    (key.clone(), sum.encode())
                });
                Ok(Writes { rows: sums.collect(), entries: Vec::new() })
            })
            .expect("a commit");
    }
    store
}

fn entries_of(business: &Business) -> Vec<(switchboard::store::Index, Vec<u8>, bool)> {
    let mut entries = switchboard::core::world::Entries::default();
    Row::entries(business, &mut entries);
    entries.into_list().into_iter().map(|(index, key)| (index, key, true)).collect()
}

/// How long it takes to read so many rows and to sum them up.
pub fn scan(dir: &Path, rows: u64) -> Duration {
    let store = open(&dir.join("rows.redb"));
    for chunk in 0..rows.div_ceil(10_000) {
        let all = (chunk * 10_000..((chunk + 1) * 10_000).min(rows)).map(|n| {
            let row = attempt(n, START + Span::secs(i64::try_from(n).unwrap_or(0)));
            (Row::key(&row), Some(Row::encode(&row)))
        });
        write(&store, all.collect());
    }
    let begun = Instant::now();
    let mut count = 0;
    let mut each = |key: &[u8], raw: &[u8]| {
        let row: Attempt = decode(key, raw).expect("a row");
        count += facts::of_attempt(&row).metrics.len();
    };
    store.reader().expect("a reader").scan(Table::Attempts, &[], &mut each).expect("a scan");
    assert!(count > 0 || rows == 0);
    begun.elapsed()
}
