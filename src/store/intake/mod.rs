//! The intake: where a verified webhook is made durable before it is answered.
//!
//! A redb file of its own with one table. All that wait are appended as one row behind one fsync, at
//! the right edge of the tree, which is the cheapest place there is; the rules and the dear indexes
//! come later, in the store, in large batches. It must not know what a webhook means.

mod file;
mod replay;
mod steady;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use ::redb::{Database, Durability, TableDefinition};
use minicbor::{Decode, Encode};
use tokio::sync::{Notify, oneshot};

use self::file::File;
use self::replay::Replay;
use super::StoreError;
use super::redb::explain;
use crate::domain::time::Time;

/// Key: sequence of the last webhook in the row. Value: the webhooks, CBOR.
const ROWS: TableDefinition<u64, &[u8]> = TableDefinition::new("intake/v1");
const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// At most so many webhooks go into one append; more wait for the next.
const APPEND_LIMIT: usize = 4096;

/// A file with at most so many webhooks is repaired by reading it, within some 20 ms.
const SMALL: u64 = 20_000;

/// A webhook whose signature was right.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct Item {
    /// When it came (wall clock).
    #[n(0)]
    pub at: Time,
    /// Business time then.
    #[n(1)]
    pub business_time: Time,
    /// Which receiver took it.
    #[n(2)]
    pub path: Path,
    /// The raw query.
    #[n(3)]
    pub query: String,
    /// The raw form.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub body: Vec<u8>,
}

/// Which receiver took a webhook. Stored by number: only add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Path {
    /// `/api/webhooks/twilio-sms`
    #[n(0)]
    Sms,
    /// `/api/webhooks/twilio-status`
    #[n(1)]
    Status,
}

impl Path {
    /// As in the URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Path::Sms => "/api/webhooks/twilio-sms",
            Path::Status => "/api/webhooks/twilio-status",
        }
    }
}

/// Webhooks that are durable and wait to be applied, in order.
#[derive(Debug)]
pub struct Appended {
    /// Sequence of the last one; they count up by one.
    pub last: u64,
    /// The webhooks.
    pub items: Vec<Item>,
}

/// Why a webhook was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// The backlog is at its bound.
    #[error("{0} webhooks wait to be applied, which is the limit: Twilio should try again in a moment")]
    Full(u64),
    /// The disk does not take it.
    #[error("{0}")]
    Failed(String),
}

/// How an intake is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file; made when absent.
    pub path: PathBuf,
    /// redb's page cache, in bytes.
    pub cache: usize,
    /// How many webhooks may wait to be applied before new ones are shed.
    pub backlog: u64,
    /// What keeps it safe. Only tests switch any of it off, to show that they would notice.
    pub guards: Guards,
}

/// What keeps the intake safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guards {
    /// Wait for the disk before answering.
    pub sync: bool,
    /// Keep a row until the store has its cursor behind it.
    pub keep_until_applied: bool,
}

impl Default for Guards {
    fn default() -> Guards {
        Guards { sync: true, keep_until_applied: true }
    }
}

type Waiting = (Item, oneshot::Sender<Result<(), NotTaken>>);

/// A running intake. Dropping it ends its thread after what waits has been answered.
pub struct Intake {
    queue: Option<SyncSender<Waiting>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    replay: Mutex<Option<Replay>>,
    id: u64,
}

struct Shared {
    limit: u64,
    appended: AtomicU64,
    applied: AtomicU64,
    ready: Mutex<Vec<Appended>>,
    bell: Notify,
    file: File,
}

impl Intake {
    /// Opens the file and starts its thread. `cursor` is asked, with the file's number, how far the
    /// store has applied it; what lies behind is handed out first by [`Intake::next`].
    pub fn open(options: &Options, cursor: impl FnOnce(u64) -> Result<u64, StoreError>) -> Result<Intake, StoreError> {
        let (db, reopen) = file::open(&options.path, options.cache)?;
        Intake::start(db, options, cursor, reopen)
    }

    /// The same on a storage backend, which is asked for again after a failure: crash tests bring one
    /// that forgets what was not synced, or runs out of room.
    pub fn open_on<B: ::redb::StorageBackend>(
        backend: impl Fn() -> std::io::Result<B> + Send + Sync + 'static,
        options: &Options,
        cursor: impl FnOnce(u64) -> Result<u64, StoreError>,
    ) -> Result<Intake, StoreError> {
        let (db, reopen) = file::open_on(backend, &options.path, options.cache)?;
        Intake::start(db, options, cursor, reopen)
    }

    fn start(
        db: Database,
        options: &Options,
        cursor: impl FnOnce(u64) -> Result<u64, StoreError>,
        reopen: file::Reopen,
    ) -> Result<Intake, StoreError> {
        let (id, last) = file::prepare(&db).map_err(|e| explain(&options.path, e))?;
        let applied = cursor(id)?;
        // A store that is ahead of its intake means that the file was lost: count on from the store.
        let last = last.max(applied);
        let replay = (applied < last).then_some(Replay { after: applied, until: last });
        let shared = Arc::new(Shared {
            limit: options.backlog,
            appended: AtomicU64::new(last),
            applied: AtomicU64::new(applied),
            ready: Mutex::default(),
            bell: Notify::new(),
            file: File::new(options.path.clone(), id, reopen, db),
        });
        // The channel is as long as the backlog, so that the count decides and never the channel.
        let (queue, waiting) = sync_channel(usize::try_from(options.backlog).unwrap_or(usize::MAX).clamp(1, 1 << 18));
        let writer = Writer { last, guards: options.guards, shared: shared.clone() };
        let thread =
            std::thread::Builder::new().name("intake".into()).spawn(move || writer.run(&waiting)).map_err(|e| {
                StoreError::Io { path: options.path.clone(), why: format!("no thread could be started: {e}") }
            })?;
        let replay = Mutex::new(replay);
        Ok(Intake { queue: Some(queue), shared, thread: Some(thread), replay, id })
    }

    /// A number of this file, so that a store tells the cursors of several intakes apart.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Makes one webhook durable. `Ok` means that it survives a power cut.
    pub async fn append(&self, item: Item) -> Result<(), NotTaken> {
        let waiting = self.backlog();
        if waiting >= self.shared.limit {
            return Err(NotTaken::Full(waiting));
        }
        let stopping = || NotTaken::Failed("the receiver is stopping: Twilio should try again in a moment".into());
        let (reply, answer) = oneshot::channel();
        match self.queue.as_ref().ok_or_else(stopping)?.try_send((item, reply)) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(stopping())),
            Err(TrySendError::Full(_)) => Err(NotTaken::Full(self.shared.limit)),
            Err(TrySendError::Disconnected(_)) => Err(stopping()),
        }
    }

    /// How many webhooks are durable but not applied.
    pub fn backlog(&self) -> u64 {
        let applied = self.shared.applied.load(Ordering::Acquire);
        self.shared.appended.load(Ordering::Acquire).saturating_sub(applied)
    }

    /// Whether rows from before the start are still to be handed out.
    pub fn is_replaying(&self) -> bool {
        lock(&self.replay).is_some()
    }

    /// What is wrong with the disk, if anything.
    pub fn trouble(&self) -> Option<String> {
        self.shared.file.trouble()
    }

    /// What is durable and was not handed out yet, in order; waits until there is something. First
    /// comes what an earlier run left behind, a chunk at a time.
    pub async fn next(&self) -> Result<Vec<Appended>, StoreError> {
        let chunk = self.replayed()?;
        if !chunk.is_empty() {
            return Ok(chunk);
        }
        loop {
            let bell = self.shared.bell.notified();
            let ready = std::mem::take(&mut *lock(&self.shared.ready));
            if !ready.is_empty() {
                return Ok(ready);
            }
            bell.await;
        }
    }

    /// What has become durable since [`Intake::next`] answered, without waiting.
    pub fn more(&self) -> Vec<Appended> {
        // What an earlier run left behind comes first.
        if self.is_replaying() { Vec::new() } else { std::mem::take(&mut *lock(&self.shared.ready)) }
    }

    fn replayed(&self) -> Result<Vec<Appended>, StoreError> {
        let mut slot = lock(&self.replay);
        let Some(replay) = slot.as_mut() else { return Ok(Vec::new()) };
        let (chunk, is_all) = replay.next(&self.shared.file)?;
        if is_all {
            *slot = None;
        }
        Ok(chunk)
    }

    /// Says that everything up to `sequence` is in the store: counted off the backlog at once, and
    /// taken out of the file inside a later append.
    pub fn applied(&self, sequence: u64) {
        self.shared.applied.fetch_max(sequence, Ordering::AcqRel);
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A lock whose holder panicked still holds true values: every change under it is one assignment.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Writer {
    last: u64,
    guards: Guards,
    shared: Arc<Shared>,
}

impl Writer {
    /// Takes whatever waits, makes it durable with one sync and answers everybody. No lingering: a
    /// pause before the commit costs more than it gathers.
    fn run(mut self, waiting: &Receiver<Waiting>) {
        let mut trimmed = 0;
        while let Ok(first) = waiting.recv() {
            let mut items = Vec::new();
            let mut replies = Vec::new();
            for (item, reply) in std::iter::once(first).chain(waiting.try_iter()).take(APPEND_LIMIT) {
                items.push(item);
                replies.push(reply);
            }
            match self.append(&items, trimmed) {
                Ok((last, trim)) => {
                    (self.last, trimmed) = (last, trim);
                    self.shared.appended.store(last, Ordering::Release);
                    lock(&self.shared.ready).push(Appended { last, items });
                    self.shared.bell.notify_one();
                    replies.into_iter().for_each(|reply| drop(reply.send(Ok(()))));
                }
                Err(e) => {
                    let why = e.to_string();
                    replies.into_iter().for_each(|reply| drop(reply.send(Err(NotTaken::Failed(why.clone())))));
                }
            }
        }
    }

    /// One commit. Answers the sequence of the last webhook, and up to where rows were taken out.
    fn append(&self, items: &[Item], trimmed: u64) -> Result<(u64, u64), StoreError> {
        let value = minicbor::to_vec(items).map_err(|e| StoreError::Rejected(e.to_string()))?;
        self.shared.file.with(|db, left| {
            // What a failed append left behind is not known to be durable and was not answered.
            let last = self.last.max(left) + items.len() as u64;
            let applied = self.shared.applied.load(Ordering::Acquire);
            let trim = if self.guards.keep_until_applied { applied } else { last }.max(trimmed);
            let mut tx = db.begin_write()?;
            // A quick repair costs a second sync now. A small file is repaired in no time anyway.
            tx.set_quick_repair(last - applied > SMALL);
            if !self.guards.sync {
                tx.set_durability(Durability::None)
                    .map_err(|e| ::redb::Error::Io(std::io::Error::other(e.to_string())))?;
                tx.set_quick_repair(false);
            }
            {
                let mut rows = tx.open_table(ROWS)?;
                rows.insert(last, value.as_slice())?;
                if trim > trimmed {
                    rows.retain_in(..=trim, |_, _| false)?;
                    tx.open_table(META)?.insert("trimmed", trim)?;
                }
            }
            tx.commit()?;
            Ok((last, trim))
        })
    }
}
