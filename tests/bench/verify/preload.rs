//! Attempts stored beforehand: through the lanes, while no node runs, each as its sends and checks would
//! have made it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use switchboard::core::change::{
    AttemptAccepted, AttemptRefused, AttemptSeen, AttemptStarted, Change, Envelope, LegEnded,
};
use switchboard::core::lane::Lanes;
use switchboard::domain::id::{Id, IdMaker, Sid};
use switchboard::domain::money::Money;
use switchboard::domain::time::{Span, Time};
use switchboard::domain::verification::{Attempt, Channel, Progress, Status};
use switchboard::store::Store;
use switchboard::store::redb::{Options, RedbStore};

use crate::api::runtime;
use crate::home::{Home, Serve, signal, wait};

/// Recipients that they are spread over.
const PEOPLE: u64 = 200_000;
/// Attempts of one batch: each is three or four changes.
const BATCH: u64 = 2000;
/// The first attempt's time; one follows every thirty seconds, to March 1, 2026.
const NOW: Time = Time::from_secs(1_772_352_000);
const STEP: Span = Span::secs(30);

/// A home whose bank has sent so many codes.
pub struct World {
    pub home: Home,
    pub bank: Id,
    pub count: u64,
    /// The templates that attempts name.
    pub template: Sid,
}

/// Makes it, or takes it from where an earlier run kept it.
pub fn world(count: u64) -> World {
    let home = Home::new();
    let kept = std::env::var_os("KEPT").map(|dir| PathBuf::from(dir).join(format!("attempts-{count}")));
    match kept.as_deref().filter(|kept| kept.exists()) {
        Some(kept) => copy(kept, &home.state()),
        None => {
            let bank = begun(&home);
            let start = Instant::now();
            store(&home.state().join("store.redb"), bank, count);
            println!("\n{count} attempts stored in {:.0} s", start.elapsed().as_secs_f64());
            if let Some(kept) = &kept {
                copy(&home.state(), kept);
            }
        }
    }
    let bank = begun(&home).0;
    World { home, bank, count, template: template(4) }
}

/// Starts the node once and ends it; answers the bank and its service.
fn begun(home: &Home) -> (Id, Sid) {
    let mut serve = Serve::start(home);
    let listed = home.api_of(serve.child.id()).get("/api/businesses");
    let bank = listed["items"].as_array().unwrap().iter().find(|b| b["name"] == "Northwind Bank").unwrap().clone();
    signal(serve.child.id(), "TERM");
    assert!(wait(&mut serve.child).success());
    let text = |name: &str| bank[name].as_str().unwrap().to_owned();
    (text("id").parse().unwrap(), text("verifyServiceId").parse().unwrap())
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn mixed(n: u64) -> u128 {
    u128::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
}

/// The SID of an attempt, a verification or a template.
pub fn sid(prefix: &[u8; 2], n: u64) -> Sid {
    Sid { prefix: *prefix, bytes: (mixed(n) ^ u128::from(prefix[1])).to_be_bytes() }
}

fn template(n: u64) -> Sid {
    sid(b"HJ", 1_000_000_000 + n % 20)
}

/// The recipient of an attempt.
pub fn recipient(n: u64) -> String {
    format!("+1212{:07}", 2_000_000 + mixed(n % PEOPLE) as u64 % PEOPLE * 13 % 7_999_993)
}

/// Whether Twilio refused the n-th attempt. The one before it was not.
pub fn is_refused(n: u64) -> bool {
    n % 40 == 7
}

fn store(path: &Path, (business, service): (Id, Sid), count: u64) {
    let options = Options { path: path.to_owned(), cache: 256 << 20, binding: None };
    let store: Arc<dyn Store> = Arc::new(RedbStore::open(&options).unwrap());
    let lanes = Lanes::start(store).unwrap();
    let ids = IdMaker::new(1023);
    let first = NOW - Span(STEP.0 * i64::try_from(count).unwrap());
    let row: Attempt = serde_json::from_value(json!({
        "business": business, "id": "1", "flow": "1", "leg": 0, "nth": 0, "to": "+12125550100", "service": service,
        "wish": { "channel": "sms", "locale": null, "template": null, "template_version": null, "substitutions": {},
            "name": null, "rate_limits": {}, "amount": null, "payee": null, "own_code": false },
        "progress": "starting", "outcome": "starting", "actor": "", "at": 0, "started": 0,
    }))
    .unwrap();
    let price = Money::new("0.0083".parse().unwrap(), "USD");
    for batch in 0..count.div_ceil(BATCH) {
        let turns = batch * BATCH..((batch + 1) * BATCH).min(count);
        let mut work = Vec::new();
        for n in turns {
            let at = first + Span(STEP.0 * i64::try_from(n).unwrap());
            let (id, flow) = (ids.next(at.millis()), ids.next(at.millis()));
            let mut attempt = Attempt { id, to: recipient(n).parse().unwrap(), ..row.clone() };
            attempt.wish.channel = Channel::ALL[(n % 3) as usize];
            attempt.wish.template = (n % 4 == 0).then(|| template(n));
            attempt.estimate = Some(price.clone());
            let mut then = |change| work.push(Envelope::by_worker(change, at, at));
            then(Change::AttemptStarted(Box::new(AttemptStarted { attempt, flow: None, new_flow: flow })));
            if is_refused(n) {
                let refused = AttemptRefused { business, attempt: id, code: Some(60410), text: "blocked".into() };
                then(Change::AttemptRefused(refused));
                continue;
            }
            then(Change::AttemptAccepted(AttemptAccepted {
                business,
                attempt: id,
                verification: sid(b"VE", n),
                sid: Some(sid(b"VL", n)),
                sends: 1,
                at,
                carrier: None,
            }));
            let is_right = n % 6 != 0;
            let status = if is_right { Status::Approved } else { Status::Expired };
            then(Change::LegEnded(LegEnded { business, flow, leg: 0, status }));
            then(Change::AttemptSeen(Box::new(AttemptSeen {
                business,
                attempt: id,
                progress: Some((Progress::Delivered, at)),
                price: Some(price.clone()),
                error: None,
                error_text: None,
                converted: Some(is_right),
                country: Some("US".into()),
                carrier: None,
                gave_up: false,
            })));
        }
        let answers = runtime().block_on(lanes.submit_all(0, work)).unwrap();
        if let Some(Err(e)) = answers.iter().find(|answer| answer.is_err()) {
            panic!("an attempt was not stored: {e}");
        }
    }
}
