//! A node put together as the program does it, over files in a directory of its own, and the calls that
//! tests make to it.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchboard::api::node::World;
use switchboard::api::{Caller, Reply, Request, businesses};
use switchboard::clock::Clock;
use switchboard::core::{Core, Pace, Settings, media};
use switchboard::domain::id::Id;
use switchboard::domain::time::{Span, Time};
use switchboard::store::redb::{Options, RedbStore};
use switchboard::store::{Store, intake};
use switchboard::twilio::signature::Token;
use switchboard::twilio::{Base, Client, Config, Credential};
use switchboard::web;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::twilio::{ACCOUNT, Twilio};

/// The auth token of the account, and the one it has before a rotation.
pub const AUTH: &str = "00112233445566778899aabbccddeeff";
pub const OLD_AUTH: &str = "ffeeddccbbaa99887766554433221100";
/// The number of the first business.
pub const NUMBER: &str = "+14155550100";
/// Some customers.
pub const MARIA: &str = "+14155550123";
pub const SAM: &str = "+14155550111";
/// What Twilio knows the node as.
pub const PUBLIC: &str = "https://shop.example";

/// The moment at which simulated clocks begin: 2026-03-02 09:00 in Los Angeles.
pub const START: Time = Time::from_secs(1_772_470_800);

/// How a node is put together.
pub struct Setup {
    pub public: Option<&'static str>,
    pub trusted: Vec<ipnet::IpNet>,
    pub backlog: u64,
    pub world: World,
    pub hold: i64,
    /// Segments a second of every sender; fast, but where a test is about that.
    pub sender_pace: Option<u32>,
    pub pace: Pace,
    pub store: Option<Arc<dyn Store>>,
    pub body_time: Duration,
    pub sandbox: bool,
    /// A real sandbox instead of the Twilio that a test scripts: base, account, token.
    pub upstream: Option<(String, String, String)>,
    /// Bytes of all files, and of one that is fetched.
    pub media_limit: u64,
    pub largest: u64,
    /// Whether the node's own address stands in for its public one, as in a sandbox.
    pub public_is_own: bool,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            public: Some(PUBLIC),
            trusted: Vec::new(),
            backlog: 10_000,
            world: World::Sandbox,
            hold: 5,
            sender_pace: Some(1000),
            pace: Pace {
                look: Duration::from_millis(50),
                offer: Duration::from_millis(50),
                again: Duration::from_millis(50),
                settling: Span::secs(60),
                fetch_again: Duration::from_millis(20),
                prices: Duration::from_secs(3600),
                // Few, so that a test fills them.
                parallel: 16,
                ..Pace::default()
            },
            store: None,
            body_time: Duration::from_secs(15),
            sandbox: true,
            upstream: None,
            media_limit: 10 << 20,
            largest: 1 << 20,
            public_is_own: false,
        }
    }
}

/// A running node.
pub struct Node {
    pub core: Core,
    pub base: String,
    pub twilio: Twilio,
    pub business: Id,
    pub endpoint: Id,
    pub http: reqwest::Client,
    setup: Setup,
    server: JoinHandle<()>,
    dir: TempDir,
}

/// An answer of the REST API.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The reply; fails the test on a refusal.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The refusal with its status and code; fails the test otherwise.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert!(self.body["detail"].as_str().is_some_and(|d| !d.is_empty()), "{}", self.body);
        self.body
    }
}

impl Node {
    pub async fn start() -> Node {
        Node::with(Setup::default()).await
    }

    pub async fn with(setup: Setup) -> Node {
        let dir = tempfile::tempdir().unwrap();
        let twilio = Twilio::start(START).await;
        let clock = if setup.world == World::Live { Clock::live() } else { Clock::simulated(START) };
        let (core, base, server) = assemble(&setup, &dir, &twilio, clock).await;
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().unwrap();
        let mut node = Node { core, base, twilio, business: Id(1), endpoint: Id(1), http, setup, server, dir };
        (node.business, node.endpoint) = node.add_business("Harbor Dental", &[NUMBER], None).await;
        node
    }

    /// A business with an endpoint.
    pub async fn add_business(&self, name: &str, addresses: &[&str], service: Option<&str>) -> (Id, Id) {
        let caller = Caller::local("setup");
        let create = businesses::CreateBusiness { name: name.into(), ..Default::default() };
        let Reply::CreateBusiness(business) =
            self.core.call(&caller, Request::CreateBusiness(create), None).await.unwrap()
        else {
            panic!("another reply");
        };
        let create = businesses::CreateEndpoint {
            id: business.id,
            addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
            account: None,
            messaging_service: service.map(|s| s.parse().unwrap()),
            mode: Default::default(),
            pace: None,
        };
        let Reply::CreateEndpoint(endpoint) =
            self.core.call(&caller, Request::CreateEndpoint(create), None).await.unwrap()
        else {
            panic!("another reply");
        };
        (business.id, endpoint.id)
    }

    /// Stops everything.
    pub async fn stop(&mut self) {
        self.core.stop().await;
        let _ = (&mut self.server).await;
    }

    /// Stops and starts again on the same files; business time goes on where it stood.
    pub async fn restart(self) -> Node {
        self.restart_with(|| ()).await
    }

    /// The same with other settings.
    pub async fn restart_as(mut self, change: impl FnOnce(&mut Setup)) -> Node {
        change(&mut self.setup);
        self.restart().await
    }

    /// The same, with something done in between.
    pub async fn restart_with(mut self, between: impl FnOnce()) -> Node {
        self.stop().await;
        between();
        let Node { core, twilio, business, endpoint, http, setup, dir, server, .. } = self;
        let now = core.clock().now();
        drop((core, server));
        let clock = if setup.world == World::Live { Clock::live() } else { Clock::simulated(now) };
        let (core, base, server) = assemble(&setup, &dir, &twilio, clock).await;
        Node { core, base, twilio, business, endpoint, http, setup, server, dir }
    }

    /// What a crash leaves behind, started again: a node over a copy of the files as they are now. This
    /// one goes on without being asked for anything any more.
    pub async fn crash(&self) -> Node {
        let dir = tempfile::tempdir().unwrap();
        for file in ["store.redb", "intake.redb"] {
            std::fs::copy(self.dir.path().join(file), dir.path().join(file)).unwrap();
        }
        let setup = Setup { pace: self.setup.pace, hold: self.setup.hold, ..Setup::default() };
        let clock = Clock::simulated(self.core.clock().now());
        let (core, base, server) = assemble(&setup, &dir, &self.twilio, clock).await;
        let (twilio, http) = (self.twilio.clone(), self.http.clone());
        let (business, endpoint) = (self.business, self.endpoint);
        Node { core, base, twilio, business, endpoint, http, setup, server, dir }
    }

    /// The same, but this one ends: its workers would go on at Twilio beside those of the copy.
    pub async fn crash_and_end(mut self) -> Node {
        let dir = tempfile::tempdir().unwrap();
        for file in ["store.redb", "intake.redb"] {
            std::fs::copy(self.dir.path().join(file), dir.path().join(file)).unwrap();
        }
        self.stop().await;
        let Node { core, twilio, business, endpoint, http, setup, server, .. } = self;
        let now = core.clock().now();
        drop((core, server));
        let (core, base, server) = assemble(&setup, &dir, &twilio, Clock::simulated(now)).await;
        Node { core, base, twilio, business, endpoint, http, setup, server, dir }
    }

    /// What Twilio knows it as.
    pub fn public(&self) -> &str {
        if self.setup.public_is_own { &self.base } else { PUBLIC }
    }

    /// Where the files of messages lie.
    pub fn media_dir(&self) -> std::path::PathBuf {
        self.dir.path().join("media")
    }

    /// The files of messages.
    pub fn files(&self) -> Vec<std::path::PathBuf> {
        let list = |dir: &std::path::Path| {
            std::fs::read_dir(dir).into_iter().flatten().map(|e| e.unwrap().path()).collect::<Vec<_>>()
        };
        list(&self.media_dir()).iter().flat_map(|business| list(business)).collect()
    }

    /// Moves business time, as a told clock does.
    pub fn pass(&self, seconds: i64) {
        let now = self.core.clock().now();
        self.core.clock().tell(now + Span::secs(seconds), true);
    }

    /// One call with the node's session token.
    pub async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.call_as(self.core.session_token(), method, path, body).await
    }

    /// One call with a token.
    pub async fn call_as(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path).bearer_auth(token);
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// A request without a token.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method.parse().unwrap(), format!("{}{path}", self.base))
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call("GET", path, None).await.ok()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.call("POST", path, Some(body)).await.ok()
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.call("PUT", path, Some(body)).await.ok()
    }

    /// Sends a text that leaves after `hold` seconds; answers its id.
    pub async fn send(&self, to: &str, body: &str, hold: u32) -> String {
        let sent =
            self.post("/api/conversations/messages", json!({ "to": to, "body": body, "holdSeconds": hold })).await;
        sent["id"].as_str().unwrap().to_owned()
    }

    /// The conversation of a customer.
    pub async fn conversation(&self, customer: &str) -> Value {
        // One that wakes in between is where the first look could not see it yet.
        for tab in ["all", "snoozed", "all"] {
            let page = self.get(&format!("/api/conversations?business={}&tab={tab}", self.business)).await;
            let rows = page["items"].as_array().unwrap().clone();
            if let Some(row) = rows.into_iter().find(|row| row["customer"] == customer) {
                return row;
            }
        }
        panic!("{customer} has no conversation");
    }

    /// The messages of a customer's conversation, newest first.
    pub async fn thread(&self, customer: &str) -> Vec<Value> {
        let id = self.conversation(customer).await["id"].as_str().unwrap().to_owned();
        let page = self.get(&format!("/api/conversations/{id}/messages?limit=200")).await;
        page["items"].as_array().unwrap().clone()
    }

    /// One message of a customer's conversation.
    pub async fn message(&self, customer: &str, id: &str) -> Value {
        self.thread(customer).await.into_iter().find(|m| m["id"] == id).expect("the message is in the thread")
    }

    /// Waits until a message has this status; answers it.
    pub async fn until_status(&self, customer: &str, id: &str, status: &str) -> Value {
        let what = format!("message {id} is {status}");
        until_some(&what, || async { Some(self.message(customer, id).await).filter(|m| m["status"] == status) }).await
    }

    /// The counts of all tabs of the first business.
    pub async fn counts(&self) -> Value {
        self.get(&format!("/api/conversations?business={}", self.business)).await["counts"].clone()
    }

    /// The dead letters, newest first.
    pub async fn dead_letters(&self) -> Vec<Value> {
        self.get("/api/dead-letters?limit=200").await["items"].as_array().unwrap().clone()
    }

    /// Waits until every webhook that was taken is applied.
    pub async fn applied(&self) {
        until("the intake is applied", || self.core.intake().backlog() == 0).await;
    }

    /// A token limited to a business, or of an agent: id and text.
    pub async fn token(&self, fields: Value) -> (String, String) {
        let made = self.post("/api/tokens", fields).await;
        (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
    }
}

async fn assemble(setup: &Setup, dir: &TempDir, twilio: &Twilio, clock: Clock) -> (Core, String, JoinHandle<()>) {
    let store: Arc<dyn Store> = match &setup.store {
        Some(store) => store.clone(),
        None => {
            let options = Options { path: dir.path().join("store.redb"), cache: 4 << 20, binding: None };
            // The threads of the run before may still be closing the file.
            let open = || async { RedbStore::open(&options).ok() };
            Arc::new(until_some("the store's file is free", open).await)
        }
    };
    let listener = web::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let scripted = (twilio.base.clone(), ACCOUNT.to_owned(), AUTH.to_owned());
    let (twilio_base, account, token) = setup.upstream.clone().unwrap_or(scripted);
    let account = account.parse().unwrap();
    let credential = Credential::AuthToken(token.clone().into());
    let mut config = Config::new(Base::At(twilio_base.parse().unwrap()), account, credential);
    config.timeouts.total = Duration::from_secs(10);
    config.backoff.first = Duration::from_millis(10);
    config.backoff.tries = 2;
    let settings = Settings {
        world: setup.world,
        account,
        auth_tokens: vec![Token::new(&token), Token::new(OLD_AUTH)],
        client: Client::new(config).unwrap(),
        sandbox: setup.sandbox.then(|| twilio_base.parse().unwrap()),
        public_url: if setup.public_is_own { Some(base.as_str()) } else { setup.public }
            .map(|url| url.parse().unwrap()),
        trusted_proxies: setup.trusted.clone(),
        base: base.clone(),
        bound: None,
        session_token: None,
        hold: Span::secs(setup.hold),
        rates: switchboard::domain::pricing::RateCard::ours().clone(),
        sender_pace: setup.sender_pace,
        region: "US".into(),
        clock,
        intake: intake::Options {
            path: dir.path().join("intake.redb"),
            cache: 1 << 20,
            backlog: setup.backlog,
            guards: intake::Guards::default(),
        },
        media: media::Options { dir: dir.path().join("media"), limit: setup.media_limit, largest: setup.largest },
    };
    let core = Core::start_at(store, settings, setup.pace).await.unwrap();
    let options = web::Options { body_time: setup.body_time };
    let server = tokio::spawn(web::run(listener, core.clone(), options));
    (core, base, server)
}

/// Sends a request and reads its answer.
pub async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap();
    let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
    Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_else(|_| text()) }
}

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until something holds.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    until_some(what, || std::future::ready(holds().then_some(()))).await;
}

/// Waits until something is there.
pub async fn until_some<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < end, "it never came to this: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
