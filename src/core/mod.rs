//! Executes operations. The only writer, and the owner of the background workers.
//!
//! Every change goes one way: a [`change::Change`] is queued, applied to a [`world::World`] without
//! any I/O, and saved with its events in one durable transaction by a [`lane`]. It must not know warp
//! or ratatui.

mod accounts;
mod analytics;
pub mod applier;
pub mod audit;
mod businesses;
mod call;
pub mod change;
mod contacts;
mod contents;
mod deadletters;
pub mod ears;
pub mod event;
mod faults;
mod feed;
mod held;
mod inbox;
mod keeping;
mod labels;
pub mod lane;
mod later;
mod listing;
mod meaning;
pub mod media;
mod node;
mod numbers;
mod outbox;
mod pacing;
mod paging;
mod presence;
pub mod receive;
pub mod recount;
mod remote;
pub mod rows;
mod settling;
mod setup;
mod signed;
mod simulator;
mod timers;
mod trim;
mod upstream;
mod usage;
mod verify;
mod views;
pub mod world;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use self::change::{Change, Envelope, Once, Outcome, WriterLeased};
use self::lane::{Answer, Lanes};
use self::world::{Row, decode};
use crate::api::node::World as WhichTwilio;
use crate::api::{ApiError, Code};
use crate::clock::{self, Clock};
use crate::domain::id::{Id, IdMaker, Sid};
use crate::domain::pricing::RateCard;
use crate::domain::time::{Span, Time};
use crate::store::intake::{self, Intake};
use crate::store::{Key, Reader, Store, StoreError};
use crate::twilio::{self, signature};

/// How patient the workers are. Tests shorten it; nobody else has a reason to.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// After so long a message that cannot be found at Twilio is taken as never accepted (wall time).
    pub settling: Span,
    /// How often messages of unknown outcome are looked for at Twilio.
    pub look: Duration,
    /// After so long a status report whose message nobody knows becomes a dead letter (wall time).
    pub parked: Span,
    /// How often parked reports are offered again while there are any.
    pub offer: Duration,
    /// How long after a failure it is tried again to give a borrowed number back.
    pub again: Duration,
    /// How long moving the simulated clock waits for what became due.
    pub settle: Duration,
    /// How often it is written down that somebody listens, while something happens.
    pub beat: Duration,
    /// After so long without another 503 shedding is over.
    pub quiet: Duration,
    /// How often Twilio's list is looked at although webhooks come: some get lost unnoticed.
    pub patrol: Duration,
    /// Without webhooks: how often the list is looked at while something happens.
    pub poll: Duration,
    /// Without webhooks: how seldom it is looked at when nothing has happened for long.
    pub poll_at_most: Duration,
    /// A message whose callback has not come by then is asked for.
    pub behind: Duration,
    /// How long the download of one file may take.
    pub fetch: Duration,
    /// The pause before a download is tried for the second time; it grows from there.
    pub fetch_again: Duration,
    /// How long after its message left a file of ours can be fetched (wall time). Twilio lets a message
    /// wait for ten hours.
    pub served: Span,
    /// So long after a request whose answer was lost nothing that it made is expected any more (wall time). It
    /// is well above the time for which an answer is waited: a request may be carried out at its very end.
    pub absent: Span,
    /// So long after something has happened prices are asked for.
    pub prices: Duration,
    /// So long after a start, at the earliest, Twilio is asked what was used.
    pub usage: Duration,
    /// Messages on their way to Twilio at the same time: by default enough for a thousand texts a second, and
    /// well below the hundred requests that an account usually may have under way.
    pub parallel: usize,
    /// So soon Twilio is asked what became of a code, and not more often.
    pub codes: Duration,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            settling: Span::secs(60),
            look: Duration::from_secs(5),
            parked: Span::secs(600),
            offer: Duration::from_secs(2),
            again: Duration::from_secs(10),
            settle: Duration::from_secs(25),
            beat: Duration::from_secs(60),
            quiet: Duration::from_secs(10),
            patrol: Duration::from_secs(600),
            poll: Duration::from_secs(3),
            poll_at_most: Duration::from_secs(60),
            behind: Duration::from_secs(120),
            fetch: Duration::from_secs(60),
            fetch_again: Duration::from_secs(2),
            served: Span::secs(12 * 3600),
            absent: Span::secs(30),
            prices: Duration::from_millis(500),
            usage: Duration::from_secs(60),
            parallel: 64,
            codes: Duration::from_millis(400),
        }
    }
}

/// What a core is made from.
pub struct Settings {
    /// Which Twilio.
    pub world: WhichTwilio,
    /// The account.
    pub account: Sid,
    /// The account's auth tokens: the primary one, and the old one during a rotation.
    pub auth_tokens: Vec<signature::Token>,
    /// The client of Twilio's API.
    pub client: twilio::Client,
    /// The sandbox's base URL.
    pub sandbox: Option<Url>,
    /// The instance and epoch of the sandbox that the store belongs to; when it has another it was reset.
    pub bound: Option<(String, u64)>,
    /// The session token to go on with; a new one is made when absent.
    pub session_token: Option<String>,
    /// Where Twilio reaches this node; status callbacks are asked for under it.
    pub public_url: Option<Url>,
    /// Proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// Where this node listens, for showing.
    pub base: String,
    /// How long a message can be taken back, unless the caller says otherwise.
    pub hold: Span,
    /// What messages are expected to cost.
    pub rates: RateCard,
    /// Segments a second of senders whose endpoint says nothing; what Twilio lets their kind send when absent.
    pub sender_pace: Option<u32>,
    /// Region for numbers typed without a country, ISO alpha-2.
    pub region: String,
    /// Business time.
    pub clock: Clock,
    /// The intake.
    pub intake: intake::Options,
    /// The files of messages.
    pub media: media::Options,
}

/// A running core. Cheap to clone; it ends with [`Core::stop`].
#[derive(Clone)]
pub struct Core(Arc<Inner>);

pub(crate) struct Inner {
    store: Arc<dyn Store>,
    lanes: Lanes,
    intake: Intake,
    ids: IdMaker,
    settings: Settings,
    pace: Pace,
    session_token: String,
    confirmed_live: AtomicBool,
    guests_wait: AtomicBool,
    outlived: CancellationToken,
    waiting: applier::Waiting,
    accounts: accounts::Accounts,
    outbox: outbox::Outbox,
    parked: Notify,
    keeping: keeping::Keeping,
    ring: receive::Ring,
    counts: receive::Counts,
    ears: ears::Ears,
    met: Mutex<HashSet<String>>,
    /// Held while an endpoint is made: its addresses are looked up, claimed and saved in three steps.
    making_endpoint: tokio::sync::Mutex<()>,
    numbers: numbers::Desk,
    remote: remote::Desk,
    media: media::Desk,
    presences: presence::Presences,
    handsets: simulator::Handsets,
    verify: verify::Desk,
    usage: usage::Desk,
    /// Messages and sends that the figures were counted from when this run began; none when they were kept.
    counted_anew: u64,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Core {
    /// Starts the lanes, the intake and the workers over an open store. Must run inside a runtime.
    pub async fn start(store: Arc<dyn Store>, settings: Settings) -> Result<Core, StoreError> {
        Core::start_at(store, settings, Pace::default()).await
    }

    /// The same at another pace.
    pub async fn start_at(store: Arc<dyn Store>, settings: Settings, pace: Pace) -> Result<Core, StoreError> {
        let intake = Intake::open(&settings.intake, |id| applier::lowest_cursor(&*store, id))?;
        Core::start_all(store, intake, settings, pace).await
    }

    /// The same over an intake that is open already.
    pub async fn start_over(store: Arc<dyn Store>, intake: Intake, settings: Settings) -> Result<Core, StoreError> {
        Core::start_all(store, intake, settings, Pace::default()).await
    }

    async fn start_all(
        store: Arc<dyn Store>,
        intake: Intake,
        settings: Settings,
        pace: Pace,
    ) -> Result<Core, StoreError> {
        let counted_anew = analytics::bring_up(&*store)?;
        audit::bring_up(&*store)?;
        let lanes = Lanes::start(store.clone())?;
        let now = settings.clock.now();
        let lease = Envelope::by_worker(Change::WriterLeased(WriterLeased), now, clock::wall());
        let writer = match lanes.submit(lease).await {
            Ok(Outcome::Writer(writer)) => writer,
            Ok(_) => 0,
            Err(e) => return Err(StoreError::Io { path: settings.intake.path.clone(), why: e.to_string() }),
        };
        let core = Core(Arc::new(Inner {
            store,
            lanes,
            intake,
            ids: IdMaker::new(writer),
            session_token: settings.session_token.clone().map_or_else(node::new_token, Ok)?,
            confirmed_live: AtomicBool::new(settings.world == WhichTwilio::Sandbox),
            guests_wait: AtomicBool::new(false),
            outlived: CancellationToken::new(),
            waiting: applier::Waiting::default(),
            accounts: accounts::Accounts::default(),
            outbox: outbox::Outbox::default(),
            parked: Notify::new(),
            keeping: keeping::Keeping::default(),
            ring: receive::Ring::default(),
            counts: receive::Counts::default(),
            ears: ears::Ears::default(),
            met: Mutex::default(),
            making_endpoint: tokio::sync::Mutex::default(),
            numbers: numbers::Desk::default(),
            remote: remote::Desk::default(),
            media: media::Desk::open(&settings.media),
            presences: presence::Presences::default(),
            handsets: simulator::Handsets::default(),
            verify: verify::Desk::default(),
            usage: usage::Desk::default(),
            counted_anew,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            settings,
            pace,
        }));
        core.load_accounts().await;
        applier::spawn(&core)?;
        core.spawn_task(outbox::run(core.clone()));
        core.spawn_task(outbox::sweep_closed(core.clone()));
        core.spawn_task(settling::run(core.clone()));
        core.spawn_task(timers::run(core.clone()));
        core.spawn_task(trim::run(core.clone()));
        core.spawn_task(keeping::run(core.clone()));
        core.spawn_task(numbers::run(core.clone()));
        core.spawn_task(media::run(core.clone()));
        core.spawn_task(remote::run(core.clone()));
        core.spawn_task(keeping::prices::run(core.clone()));
        core.spawn_task(usage::run(core.clone()));
        core.spawn_task(verify::settle(core.clone()));
        core.spawn_task(verify::follow(core.clone()));
        Ok(core)
    }

    /// Ends the workers: what is under way is finished, what waits stays in the store.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// A token that ends streams and workers when the core stops.
    pub fn stopping(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// A token that is cancelled when the sandbox was reset: the store's world is over.
    pub fn outlived(&self) -> CancellationToken {
        self.0.outlived.clone()
    }

    /// Whether callers by token are refused for now, for a fresh world is being made. Webhooks are taken.
    pub fn refuse_guests(&self, refuse: bool) {
        self.0.guests_wait.store(refuse, Ordering::Relaxed);
    }

    /// The token that consoles on this machine read from the node's file.
    pub fn session_token(&self) -> &str {
        &self.0.session_token
    }

    /// Business time.
    pub fn clock(&self) -> &Clock {
        &self.0.settings.clock
    }

    /// The settings it runs with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The intake.
    pub fn intake(&self) -> &Intake {
        &self.0.intake
    }

    fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    fn reader(&self) -> Result<Box<dyn Reader + '_>, ApiError> {
        self.0.store.reader().map_err(|e| ApiError::unavailable(e.to_string()))
    }

    fn new_id(&self) -> Id {
        self.0.ids.next(clock::wall().millis())
    }

    fn now(&self) -> Time {
        self.0.settings.clock.now()
    }

    fn spawn_task(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(task);
    }

    /// Submits one change of a caller.
    async fn submit(&self, actor: &str, once: Option<Once>, change: Change) -> Answer {
        let envelope = Envelope { change, at: self.now(), wall: clock::wall(), actor: actor.to_owned(), once };
        self.0.lanes.submit(envelope).await
    }

    /// Submits one change of a worker; waits for room.
    async fn submit_work(&self, change: Change) -> Answer {
        let lane = change::lane_of(change.business(), self.0.lanes.count());
        let envelope = Envelope::by_worker(change, self.now(), clock::wall());
        let stopping = || ApiError::unavailable("the node is stopping");
        self.0.lanes.submit_all(lane, vec![envelope]).await?.pop().ok_or_else(stopping)?
    }

    /// Whether live sends were confirmed in this run.
    fn is_confirmed(&self) -> bool {
        self.0.confirmed_live.load(Ordering::Relaxed)
    }

    fn confirm(&self) {
        self.0.confirmed_live.store(true, Ordering::Relaxed);
    }
}

/// Reads one row with its type.
fn read<R: Row>(reader: &dyn Reader, key: &Key) -> Result<Option<R>, ApiError> {
    debug_assert_eq!(key.table, R::TABLE);
    let raw = reader.get(key).map_err(broken)?;
    raw.map(|raw| decode(&key.bytes, &raw)).transpose().map_err(broken)
}

/// Reads every row of a table below a prefix, in the order of keys.
fn read_all<R: Row>(reader: &dyn Reader, prefix: &[u8]) -> Result<Vec<R>, ApiError> {
    let (mut rows, mut failed) = (Vec::new(), None);
    let mut take = |key: &[u8], raw: &[u8]| match decode(key, raw) {
        Ok(row) => rows.push(row),
        Err(e) => failed = Some(e),
    };
    reader.scan(R::TABLE, prefix, &mut take).map_err(broken)?;
    failed.map_or(Ok(rows), |e| Err(broken(e)))
}

/// What a failing read says to the caller.
fn broken(e: StoreError) -> ApiError {
    match e {
        StoreError::Unreadable { .. } => ApiError::new(Code::Internal, e.to_string()),
        other => ApiError::unavailable(other.to_string()),
    }
}
