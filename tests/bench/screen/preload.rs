//! Messages stored beforehand: through the lanes, while no node runs, as the applier would do it.

use std::path::Path;
use std::sync::Arc;

use switchboard::core::change::{Change, Envelope, Inbound};
use switchboard::core::lane::Lanes;
use switchboard::domain::id::{Id, IdMaker, Sid};
use switchboard::domain::time::{Span, Time};
use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Index, Order, PageQuery, Store};

use crate::{api, world};

/// Conversations that they are spread over.
const CONVERSATIONS: u64 = 20_000;
/// Messages of one commit.
const BATCH: u64 = 8192;
/// They came in this time, until an hour before the demo world begins: its own rows stay on top.
const TIME: i64 = 86_400 * 29;

/// Stores so many texts for the first endpoint of the store.
pub fn run(path: &Path, count: u64) {
    let options = Options { path: path.to_owned(), cache: 256 << 20, binding: None };
    let store = Arc::new(RedbStore::open(&options).unwrap());
    let (business, endpoint) = endpoint(&*store);
    let lanes = Lanes::start(store).unwrap();
    let ids = IdMaker::new(1023);
    let start = world::NOW - Span::secs(TIME + 7200);
    for batch in 0..count.div_ceil(BATCH) {
        let one = |n: u64| {
            let mixed = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
            let at = Time(start.0 + (i128::from(TIME) * 1_000_000 * i128::from(n) / i128::from(count)) as i64);
            let inbound = Inbound {
                business,
                endpoint,
                sid: Sid { prefix: *b"SM", bytes: mixed.to_be_bytes() },
                from: format!("+1415{:07}", 2_000_000 + (mixed >> 64) as u64 % CONVERSATIONS).parse().unwrap(),
                to: api::OURS.parse().unwrap(),
                body: "Hello, can I move my appointment to Friday please?".into(),
                segments: 1,
                media: Vec::new(),
                profile_name: None,
                keyword: None,
                sent: at,
                message: ids.next(at.millis()),
                conversation: ids.next(at.millis()),
            };
            Envelope::by_worker(Change::Inbound(Box::new(inbound)), at, at)
        };
        let work: Vec<Envelope> = (batch * BATCH..((batch + 1) * BATCH).min(count)).map(one).collect();
        let answers = api::runtime().block_on(lanes.submit_all(0, work)).unwrap();
        assert!(answers.iter().all(Result::is_ok), "every message is stored");
    }
}

/// The business that has an endpoint, and the endpoint.
fn endpoint(store: &dyn Store) -> (Id, Id) {
    let query = PageQuery { index: Index::Endpoints, prefix: &[], after: None, order: Order::Rising, limit: 1 };
    let key = store.reader().unwrap().page(&query).unwrap().pop().expect("the demo world has an endpoint");
    let id = |at: usize| Id(u64::from_be_bytes(key[at..at + 8].try_into().unwrap()));
    (id(0), id(8))
}
