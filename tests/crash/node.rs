//! A node over two disks: its intake and its store, with the workers that run in earnest.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use switchboard::api::node::World;
use switchboard::clock::Clock;
use switchboard::core::applier::lowest_cursor;
use switchboard::core::change::*;
use switchboard::core::lane::Lanes;
use switchboard::core::rows::Parked;
use switchboard::core::world::{Row, decode};
use switchboard::core::{Core, Settings, audit, media, recount};
use switchboard::domain::business::Business;
use switchboard::domain::endpoint::{Endpoint, Route};
use switchboard::domain::id::{Id, Sid};
use switchboard::domain::message::Message;
use switchboard::domain::time::{Span, Time};
use switchboard::store::intake::{Guards, Intake, Options};
use switchboard::store::redb::{Options as StoreOptions, RedbStore};
use switchboard::store::{Store, StoreError};
use switchboard::twilio::{Base, Client, Config, Credential};

use crate::disk::Disk;
use crate::traffic::Answered;

pub const ACCOUNT: u64 = 1;
pub const NUMBER: &str = "12025550111";
const BUSINESS: Id = Id(11);

pub fn sid(prefix: &[u8; 2], n: u64) -> Sid {
    let mut bytes = [0; 16];
    bytes[8..].copy_from_slice(&n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    Sid { prefix: *prefix, bytes }
}

pub fn open_store(disk: &Disk) -> Result<Arc<RedbStore>, StoreError> {
    let options = StoreOptions { path: "store".into(), cache: 1 << 20, binding: None };
    RedbStore::open_on(disk.opener(), &options).map(Arc::new)
}

pub fn intake_options(guards: Guards) -> Options {
    Options { path: PathBuf::from("intake"), cache: 1 << 20, backlog: 10_000, guards }
}

/// Opens both and starts the workers.
pub async fn start(intake: &Disk, store: &Disk, guards: Guards) -> Result<Core, StoreError> {
    let store = open_store(store)?;
    let options = intake_options(guards);
    let intake = Intake::open_on(intake.opener(), &options, |id| lowest_cursor(&*store, id))?;
    let account = sid(b"AC", ACCOUNT);
    // Nothing is sent, so nobody listens there.
    let base = Base::At("http://127.0.0.1:9".parse().unwrap());
    let credential = Credential::AuthToken(String::from("token").into());
    let client = Client::new(Config::new(base, account, credential)).unwrap();
    let settings = Settings {
        world: World::Sandbox,
        account,
        auth_tokens: Vec::new(),
        client,
        sandbox: None,
        public_url: None,
        trusted_proxies: Vec::new(),
        base: String::new(),
        bound: None,
        session_token: None,
        hold: Span::secs(5),
        rates: switchboard::domain::pricing::RateCard::ours().clone(),
        sender_pace: None,
        region: "US".into(),
        clock: Clock::live(),
        intake: options,
        // No message has files.
        media: media::Options::new(std::env::temp_dir().join("switchboard-no-files"), 1),
    };
    Core::start_over(store, intake, settings).await
}

/// A business with an endpoint and its route.
pub async fn lay_foundation(store: &Disk) {
    let store = open_store(store).unwrap();
    let lanes = Lanes::start(store).unwrap();
    let (account, endpoint) = (sid(b"AC", ACCOUNT), Id(12));
    let business = Business {
        id: BUSINESS,
        name: "Harbor".into(),
        contact_email: String::new(),
        phone_number: String::new(),
        verify_service: None,
        verify_per_minute: None,
        custom_number: None,
        branding: None,
        active: true,
        time_zone: String::new(),
        colour: None,
        setup: None,
        updated_by: String::new(),
        created_at: Time(0),
        updated_at: Time(0),
        version: 0,
        deleted_at: None,
    };
    let addresses = vec![format!("+{NUMBER}").parse().unwrap()];
    let row = Endpoint {
        business: BUSINESS,
        id: endpoint,
        account,
        addresses,
        messaging_service: None,
        mode: Default::default(),
        pace: None,
        created_at: Time(0),
        version: 0,
    };
    let route = Route { account, alias: format!("+{NUMBER}"), business: BUSINESS, endpoint };
    for change in [
        Change::BusinessSaved(BusinessSaved { business, expects: None }),
        Change::RoutesClaimed(RoutesClaimed { routes: vec![route] }),
        Change::EndpointSaved(EndpointSaved { endpoint: row }),
    ] {
        lanes.submit(Envelope::by_worker(change, Time(1), Time(1))).await.unwrap();
    }
}

/// Waits until everything that is in the intake is in the store, or nothing moves any more.
pub async fn caught_up(core: &Core) -> bool {
    let (mut before, mut still) = (u64::MAX, 0);
    while still < 1200 {
        let backlog = core.intake().backlog();
        if backlog == 0 && !core.intake().is_replaying() {
            return true;
        }
        still = if backlog == before { still + 1 } else { 0 };
        before = backlog;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}

pub fn rows<R: Row>(store: &dyn Store) -> Vec<R> {
    let mut out = Vec::new();
    store.reader().unwrap().scan(R::TABLE, &[], &mut |key, raw| out.push(decode::<R>(key, raw).unwrap())).unwrap();
    out
}

/// What is wrong with a node that has caught up and ended: sentences.
pub fn faults(intake: &Disk, store: &Disk, answered: &Answered) -> Vec<String> {
    let mut faults = Vec::new();
    let store = open_store(store).unwrap();
    {
        let reader = store.reader().unwrap();
        faults.extend(audit::verify(&*reader, store.lanes()).unwrap().faults);
        faults.extend(recount::verify(&*reader).unwrap().iter().map(ToString::to_string));
    }
    let mut found: BTreeMap<Sid, usize> = BTreeMap::new();
    for m in rows::<Message>(&*store) {
        *found.entry(m.sid.unwrap()).or_default() += 1;
    }
    for (sid, count) in found.iter().filter(|(_, count)| **count > 1) {
        faults.push(format!("{sid} is there {count} times"));
    }
    let lost = answered.texts.lock().unwrap().iter().filter(|sid| !found.contains_key(sid)).count();
    if lost > 0 {
        faults.push(format!("{lost} texts were answered and are lost"));
    }
    let parked: Vec<Sid> = rows::<Parked>(&*store).into_iter().map(|p| p.sid).collect();
    let lost = answered.reports.lock().unwrap().iter().filter(|sid| !parked.contains(sid)).count();
    if lost > 0 {
        faults.push(format!("{lost} reports were answered and are lost"));
    }
    cursor_faults(intake, &*store, &mut faults);
    faults
}

/// The cursor stands at the last webhook of the intake.
fn cursor_faults(intake: &Disk, store: &dyn Store, faults: &mut Vec<String>) {
    let mut id = 0;
    let intake = Intake::open_on(intake.opener(), &intake_options(Guards::default()), |own| {
        id = own;
        Ok(0)
    });
    let intake = intake.unwrap();
    let cursor = lowest_cursor(store, id).unwrap();
    let mut last = 0;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    while intake.is_replaying() {
        // Where all rows were taken out there is nothing to wait for.
        let chunk = runtime.block_on(async { tokio::time::timeout(Duration::from_millis(50), intake.next()).await });
        for row in chunk.into_iter().flat_map(Result::unwrap) {
            let first = row.last + 1 - row.items.len() as u64;
            if first <= last {
                faults.push(format!("rows of the intake overlap at {first}"));
            }
            last = row.last;
        }
    }
    if last > 0 && last != cursor {
        faults.push(format!("the cursor stands at {cursor}, the last webhook is {last}"));
    }
}
