//! What is measured: the whole node, and the two references beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use switchboard::api::node::World;
use switchboard::api::{Caller, Reply, Request, businesses};
use switchboard::clock::{self, Clock};
use switchboard::core::change::{Change, Envelope, Inbound};
use switchboard::core::lane::Lanes;
use switchboard::core::rows::rollups;
use switchboard::core::{Core, Settings, media};
use switchboard::domain::analytics::{Family, kinds};
use switchboard::domain::id::{Id, IdMaker, Sid};
use switchboard::domain::time::{Span, Time};
use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Index, Order, PageQuery, Store, Table, intake};
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{self, Body, Token};
use switchboard::twilio::{Base, Client, Config, Credential};
use switchboard::web;
use warp::Filter;

use crate::load::{ACCOUNT, NUMBER, PUBLIC, TOKEN};

/// A running node over a store on disk.
pub struct Node {
    core: Core,
    store: Arc<RedbStore>,
    base: String,
    business: Id,
    endpoint: Id,
    /// One for each number.
    pub businesses: Vec<Id>,
    dir: PathBuf,
}

impl Node {
    /// Starts everything that a live node runs, the outbox included.
    pub async fn start(dir: &Path) -> Node {
        Node::start_at(dir, "http://127.0.0.1:9", &[NUMBER.to_owned()], None).await
    }

    /// The same with a Twilio at an address, and a business for each number.
    pub async fn start_at(dir: &Path, twilio: &str, numbers: &[String], sender_pace: Option<u32>) -> Node {
        let cache = std::env::var("CACHE_MB").ok().and_then(|v| v.parse().ok()).unwrap_or(256usize) << 20;
        let options = Options { path: dir.join("store.redb"), cache, binding: None };
        let store = Arc::new(RedbStore::open(&options).unwrap());
        let listener = web::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let account: Sid = ACCOUNT.parse().unwrap();
        let nowhere = Base::At(twilio.parse().unwrap());
        let credential = Credential::AuthToken(TOKEN.to_owned().into());
        let settings = Settings {
            world: World::Live,
            account,
            auth_tokens: vec![Token::new(TOKEN)],
            client: Client::new(Config::new(nowhere, account, credential)).unwrap(),
            sandbox: None,
            public_url: Some(PUBLIC.parse().unwrap()),
            trusted_proxies: Vec::new(),
            base: base.clone(),
            bound: None,
            session_token: None,
            hold: Span::secs(5),
            rates: switchboard::domain::pricing::RateCard::ours().clone(),
            sender_pace,
            region: "US".into(),
            clock: Clock::live(),
            intake: intake::Options {
                path: dir.join("intake.redb"),
                cache: 16 << 20,
                backlog: 200_000,
                guards: intake::Guards::default(),
            },
            media: media::Options::new(dir.join("media"), 100),
        };
        let core = Core::start(store.clone(), settings).await.unwrap();
        tokio::spawn(web::run(listener, core.clone(), web::Options::default()));
        let caller = Caller::local("bench");
        let mut made = Vec::new();
        for number in numbers {
            let create = businesses::CreateBusiness { name: format!("Harbor Dental {number}"), ..Default::default() };
            let created = core.call(&caller, Request::CreateBusiness(create), None).await.unwrap();
            let Reply::CreateBusiness(business) = created else { panic!("another reply") };
            let create = businesses::CreateEndpoint {
                id: business.id,
                addresses: vec![number.parse().unwrap()],
                account: None,
                messaging_service: None,
                mode: Default::default(),
                pace: None,
            };
            let created = core.call(&caller, Request::CreateEndpoint(create), None).await.unwrap();
            let Reply::CreateEndpoint(endpoint) = created else { panic!("another reply") };
            made.push((business.id, endpoint.id));
        }
        let ((business, endpoint), businesses) = (made[0], made.iter().map(|(business, _)| *business).collect());
        Node { core, store, base, business, endpoint, businesses, dir: dir.to_owned() }
    }

    /// Asks for something, which must succeed.
    pub async fn call(&self, request: Request) -> Reply {
        self.core.call(&Caller::local("bench"), request, None).await.unwrap()
    }

    /// How many texts have not left yet.
    pub async fn waiting(&self) -> usize {
        let reader = self.store.reader().unwrap();
        let waits = [Index::Outbox, Index::OutboxBulk].map(|index| {
            let query = PageQuery { index, prefix: &[], after: None, order: Order::Rising, limit: 1 };
            reader.page(&query).unwrap().len()
        });
        waits.iter().sum::<usize>() + self.core.gauges().under_way
    }

    /// Where it listens.
    pub fn base(&self) -> String {
        self.base.clone()
    }

    /// Stores messages through the lanes, as the applier does, in the same conversations.
    pub async fn preload(&self, count: u64) {
        let conversations = std::env::var("CONVERSATIONS").ok().and_then(|v| v.parse().ok()).unwrap_or(20_000u64);
        let ids = IdMaker::new(1023);
        // A second set of lanes: the core's own are idle meanwhile, and redb takes one writer at a time.
        let lanes = Lanes::start(self.store.clone()).unwrap();
        let start = clock::wall() - Span::secs(86_400 * 30);
        for chunk in 0..count.div_ceil(8192) {
            let mut work = Vec::with_capacity(8192);
            for n in chunk * 8192..((chunk + 1) * 8192).min(count) {
                let mixed = u128::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
                let at = Time(start.0 + (86_400 * 29 * 1_000_000 / count as i64) * n as i64);
                let from = format!("+1415{:07}", 2_000_000 + (mixed >> 64) as u64 % conversations);
                let inbound = Inbound {
                    business: self.business,
                    endpoint: self.endpoint,
                    sid: Sid { prefix: *b"SM", bytes: mixed.to_be_bytes() },
                    from: from.parse().unwrap(),
                    to: NUMBER.parse().unwrap(),
                    body: "Hello, can I move my appointment to Friday please?".into(),
                    segments: 1,
                    media: Vec::new(),
                    profile_name: None,
                    keyword: None,
                    sent: at,
                    message: ids.next(at.millis()),
                    conversation: ids.next(at.millis()),
                };
                work.push(Envelope::by_worker(Change::Inbound(Box::new(inbound)), at, at));
            }
            lanes.submit_all(0, work).await.unwrap();
        }
    }

    /// Waits until the intake is applied, then sees that exactly `new` messages came.
    pub async fn drained(&self, new: u64) {
        static COUNTED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        while self.core.intake().backlog() > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let now = self.volume();
        let before = COUNTED.swap(now, std::sync::atomic::Ordering::Relaxed);
        if before > 0 {
            assert_eq!(now - before, new, "every new message is in the store once");
        }
    }

    fn volume(&self) -> u64 {
        let reader = self.store.reader().unwrap();
        if cfg!(feature = "without-rollups") {
            let mut count = 0;
            reader.scan(Table::Sids, &[], &mut |_, _| count += 1).unwrap();
            return count;
        }
        let prefix = [&self.business.to_key()[..], &[Family::Messages as u8]].concat();
        let mut count = 0;
        let mut day = |key: &[u8], raw: &[u8]| {
            if rollups::is_whole_day(key) {
                rollups::each(raw, |_, metric, n| {
                    count += if (kinds::INCOMING..kinds::SPAN).contains(&metric.kind) { n as u64 } else { 0 };
                })
                .expect("a rollup");
            }
        };
        reader.scan(Table::Rollups, &prefix, &mut day).unwrap();
        count
    }

    /// How many messages the store has.
    pub async fn count(&self) -> u64 {
        let mut count = 0;
        self.store.reader().unwrap().scan(Table::Messages, &[], &mut |_, _| count += 1).unwrap();
        assert!(self.dir.exists());
        count
    }

    /// Ends it.
    pub async fn stop(&self) {
        self.core.stop().await;
    }
}

/// The two references.
pub struct References {
    pub fixed: String,
    pub check: String,
}

impl References {
    /// Serves a static answer, and the signature check with the same static answer.
    pub async fn start() -> References {
        const TWIML: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Response/>"#;
        let answer = || warp::reply::with_header(TWIML, "content-type", "text/xml");
        let fixed = warp::post().and(warp::body::bytes()).map(move |_: bytes::Bytes| answer());
        let tokens = Arc::new(vec![Token::new(TOKEN)]);
        let check = warp::post()
            .and(warp::path::full())
            .and(warp::header::<String>("x-twilio-signature"))
            .and(warp::body::bytes())
            .map(move |path: warp::path::FullPath, given: String, body: bytes::Bytes| {
                let form = Form::parse(&body);
                let urls = signature::candidates(Some(PUBLIC), path.as_str(), "", None);
                let checked = signature::verify(&tokens, urls, Body::Form(form.pairs()), Some(&given));
                assert!(checked.is_ok(), "the load is signed");
                answer()
            });
        let (fixed_at, check_at) = (listen().await, listen().await);
        let at = |l: &tokio::net::TcpListener| format!("http://{}", l.local_addr().unwrap());
        let references = References { fixed: at(&fixed_at), check: at(&check_at) };
        tokio::spawn(warp::serve(fixed).incoming(fixed_at).run());
        tokio::spawn(warp::serve(check).incoming(check_at).run());
        references
    }
}

async fn listen() -> tokio::net::TcpListener {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()
}
