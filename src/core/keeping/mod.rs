//! Keeping up with Twilio where its webhooks do not reach: intervals in which nobody listened, messages
//! whose callback was lost, nodes without a public URL, and what was said before this store began.
//!
//! One worker reads Twilio's list and brings what it finds through the same changes as the receiver, in
//! which duplicates are found. It repeats nothing that is known and backs off when Twilio is in trouble.
//! It sends nothing.

mod behind;
mod gaps;
mod import;
mod look;
mod operations;
pub(super) mod prices;
mod rest;
mod sweep;

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use self::gaps::Shedding;
use super::Core;
use super::change::{Change, WatchMoved};
use super::rows::watch_key;
use crate::api::ApiError;
use crate::domain::id::Sid;
use crate::domain::keeping::Watch;
use crate::domain::time::Span;
use crate::twilio::Error;

/// Twilio's clock and ours may differ by so much, and its list may lag: intervals are widened by it.
pub(super) const SKEW: Span = Span::secs(120);
/// The longest pause after Twilio or the store failed.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// How long webhooks that wait to be applied are waited for before Twilio's list is read.
const PATIENCE: Duration = Duration::from_secs(5);
/// Where we have kept up to is written down at least this often while something happens (business time).
const WRITE_DOWN: Span = Span::secs(60);

/// What the receiver and the operations tell the worker, and what it tells them.
#[derive(Default)]
pub(super) struct Keeping {
    bell: Notify,
    shedding: Mutex<Option<Shedding>>,
    told: Mutex<Told>,
    resting: rest::Resting,
    /// Where the feed stood at the last beat.
    beat_heads: AtomicU64,
}

impl Keeping {
    /// There may be something to do at once.
    pub fn ring(&self) {
        self.bell.notify_one();
    }
}

/// What is shown of the worker.
#[derive(Debug, Clone, Default)]
struct Told {
    /// Why Twilio's list cannot be read, if it cannot.
    trouble: Option<String>,
    /// Texts that only asking Twilio brought although webhooks should have.
    unheard: u64,
    /// When Twilio is asked again.
    next_look: Option<Instant>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why keeping up has to wait.
#[derive(Debug, Clone, PartialEq)]
struct Trouble {
    why: String,
    wait: Option<Duration>,
}

impl From<Error> for Trouble {
    fn from(e: Error) -> Trouble {
        Trouble { wait: e.retry_after(), why: e.explain() }
    }
}

impl From<ApiError> for Trouble {
    fn from(e: ApiError) -> Trouble {
        Trouble { wait: None, why: e.detail }
    }
}

impl Core {
    /// Whether Twilio can reach this node; else its list is polled.
    fn has_webhooks(&self) -> bool {
        self.settings().public_url.is_some()
    }

    fn watch(&self) -> Result<Option<Watch>, ApiError> {
        self.watch_of(self.settings().account)
    }

    fn watch_of(&self, account: Sid) -> Result<Option<Watch>, ApiError> {
        super::read(&*self.reader()?, &watch_key(account))
    }

    async fn move_watch(&self, watch: Watch) -> Result<(), ApiError> {
        self.submit_work(Change::WatchMoved(WatchMoved { watch })).await.map(|_| ())
    }

    /// What is wrong with keeping up, for people.
    pub(super) fn keeping_troubles(&self) -> Vec<String> {
        let told = lock(&self.0.keeping.told).clone();
        let unheard = (told.unheard > 0).then(|| {
            format!(
                "Twilio's webhooks do not reach this node: {} messages were found only by asking for them. Check the public URL and the webhook at the number (`switchboard doctor`)",
                told.unheard
            )
        });
        told.trouble.into_iter().chain(unheard).chain(self.0.keeping.resting.troubles()).collect()
    }
}

/// When each part of the work is due.
struct Keeper {
    core: Core,
    watch: Watch,
    beat_at: Instant,
    look_at: Instant,
    look_every: Duration,
    behind_at: Instant,
    behind: behind::Behind,
    sweep_at: Instant,
    import_at: Instant,
    importing: import::Reading,
    failures: u32,
}

/// The worker.
pub(super) async fn run(core: Core) {
    let stop = core.stopping();
    let mut keeper = loop {
        match begin(&core).await {
            Ok(keeper) => break keeper,
            Err(e) => tracing::error!(error = %e, "how far this node has kept up cannot be read; trying again soon"),
        }
        tokio::select! {
            () = tokio::time::sleep(core.0.pace.look) => {}
            () = stop.cancelled() => return,
        }
    };
    let mut heads = core.0.lanes.heads();
    while !stop.is_cancelled() {
        heads.borrow_and_update();
        tokio::select! {
            () = keeper.step() => {}
            () = stop.cancelled() => break,
        }
        tokio::select! {
            () = tokio::time::sleep_until(keeper.next().into()) => {}
            () = core.0.keeping.bell.notified() => keeper.asked(),
            // Somebody works here: what they wait for should not take long.
            _ = heads.changed(), if keeper.is_drowsy() => keeper.look_every = core.0.pace.poll,
            () = stop.cancelled() => break,
        }
    }
    keeper.leave().await;
}

/// Notes that the node was away since it was last heard of.
async fn begin(core: &Core) -> Result<Keeper, ApiError> {
    let (now, account) = (core.now(), core.settings().account);
    let watch = match core.watch()? {
        Some(watch) => {
            gaps::was_away(core, &watch).await?;
            Watch { heard: now, ..watch }
        }
        // The first start of all: what was said before is the import's business.
        None => Watch { account, heard: now, listed: now },
    };
    core.move_watch(watch.clone()).await?;
    let at = Instant::now();
    let pace = &core.0.pace;
    let first_look = if core.has_webhooks() { pace.patrol } else { Duration::ZERO };
    Ok(Keeper {
        core: core.clone(),
        watch,
        beat_at: at + pace.beat,
        look_at: at + first_look,
        look_every: if core.has_webhooks() { pace.patrol } else { pace.poll },
        behind_at: at,
        behind: behind::Behind::default(),
        sweep_at: at,
        import_at: at,
        importing: import::Reading::default(),
        failures: 0,
    })
}

impl Keeper {
    fn next(&self) -> Instant {
        [self.beat_at, self.look_at, self.behind_at, self.sweep_at, self.import_at]
            .into_iter()
            .min()
            .unwrap_or_else(Instant::now)
    }

    /// Whether polling has slowed down because nothing happened.
    fn is_drowsy(&self) -> bool {
        !self.core.has_webhooks() && self.failures == 0 && self.look_every > self.core.0.pace.poll * 2
    }

    /// Somebody rang: gaps and the import are looked at now.
    fn asked(&mut self) {
        let now = Instant::now();
        self.beat_at = now;
        if self.failures == 0 {
            (self.sweep_at, self.import_at) = (now, now);
        }
    }

    /// Does what is due.
    async fn step(&mut self) {
        let now = Instant::now();
        let pace = self.core.0.pace;
        if now >= self.beat_at {
            self.beat_at = now + self.beat().await;
        }
        if now >= self.sweep_at.min(self.look_at) {
            self.let_the_intake_go_first().await;
        }
        if now >= self.sweep_at {
            let swept = gaps::sweep_open(&self.core).await;
            let wakes = self.core.0.keeping.resting.wakes_in().unwrap_or(pace.patrol);
            self.sweep_at = now + self.after(swept, pace.patrol.min(wakes.max(pace.poll)));
        }
        if now >= self.look_at {
            let looked = self.look().await;
            self.look_at = Instant::now() + self.after(looked, self.look_every);
            lock(&self.core.0.keeping.told).next_look = Some(self.look_at);
        }
        if now >= self.behind_at {
            let looked = self.behind.round(&self.core).await;
            self.behind_at = Instant::now() + self.after(looked, pace.behind);
        }
        if now >= self.import_at {
            let imported = import::part(&self.core, &mut self.importing).await;
            let rest = match &imported {
                Ok(import::Part::More) => Duration::ZERO,
                // Whoever rests has its turn afterwards.
                _ => self.core.0.keeping.resting.wakes_in().map_or(pace.patrol, |wakes| wakes.max(pace.poll)),
            };
            self.import_at = Instant::now() + self.after(imported.map(drop), rest);
        }
    }

    /// What was taken by webhook says more than the list does: it is applied first, but not waited for long.
    async fn let_the_intake_go_first(&self) {
        let end = Instant::now() + PATIENCE;
        while self.core.intake().backlog() > 0 && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The pause after a piece of work: the usual one, or a growing one while Twilio or the store fail.
    fn after(&mut self, done: Result<(), Trouble>, usual: Duration) -> Duration {
        match done {
            Ok(()) => {
                self.failures = 0;
                lock(&self.core.0.keeping.told).trouble = None;
                usual
            }
            Err(trouble) => {
                self.failures = (self.failures + 1).min(10);
                tracing::warn!(why = %trouble.why, failures = self.failures, "Twilio's list could not be merged; trying again");
                let grown = self.core.0.pace.poll.saturating_mul(1 << self.failures).min(LONGEST_PAUSE);
                let sentence = format!("Twilio's list of messages could not be read: {}", trouble.why);
                lock(&self.core.0.keeping.told).trouble = Some(sentence);
                trouble.wait.map_or(grown, |wait| wait.max(grown))
            }
        }
    }

    /// The node stops in good order: nothing was missed up to now.
    async fn leave(&mut self) {
        self.watch.heard = gaps::heard_until(&self.core);
        if let Err(e) = self.core.move_watch(self.watch.clone()).await {
            tracing::warn!(error = %e, "how long this node listened could not be written down; the next start looks further back");
        }
    }
}
