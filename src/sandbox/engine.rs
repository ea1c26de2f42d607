//! The one thread that owns the state: requests, timers and results of webhooks pass through it in turn.
//!
//! Whatever waits is carried out as one batch and made durable by one commit; every caller is answered
//! after it. Knows neither HTTP nor Twilio. Sleeps until a request comes or a timer is due.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::JoinHandle;

use tokio::sync::{broadcast, oneshot};

use super::error::StoreError;
use super::journal::Entry;
use super::store::Store;
use super::timer;
use super::webhook::Delivery;
use super::world::{Effects, Memory, World};

type Settle = Box<dyn FnOnce(Result<(), String>) + Send>;
type Work = Box<dyn FnOnce(&mut World) -> Result<Settle, (StoreError, Settle)> + Send>;
type Trial = Box<dyn FnOnce(&mut World) + Send>;

/// What the thread is asked to do.
enum Job {
    /// Something that is kept.
    Work(Work),
    /// Something that is tried out and forgotten.
    Trial(Trial),
}

/// Requests of one batch, and timers of one batch: bounds what one commit holds.
const BATCH: usize = 128;

/// How the rest reaches the state. Cheap to clone; the thread ends when the last clone is dropped.
#[derive(Clone)]
pub struct Engine {
    jobs: mpsc::Sender<Job>,
    events: broadcast::Sender<std::sync::Arc<Entry>>,
}

/// Where webhooks go once they are durable.
pub type Outgoing = tokio::sync::mpsc::UnboundedSender<Outbound>;

/// What the engine tells the dispatcher.
pub enum Outbound {
    /// Deliver this.
    Send(Box<Delivery>),
    /// Fetch media.
    Fetch {
        /// The media.
        sid: String,
        /// Where it is.
        url: String,
    },
    /// The world was reset: forget what is queued.
    Forget,
}

impl Engine {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(store: Store, memory: Memory, out: Outgoing) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (jobs, waiting) = mpsc::channel();
        let (events, _) = broadcast::channel(1024);
        let thread = Thread { store, waiting, out, events: events.clone() };
        let handle = std::thread::Builder::new().name("sandbox".into()).spawn(move || thread.run(memory))?;
        Ok((Self { jobs, events }, handle))
    }

    /// Runs something on the state and answers once it is durable.
    ///
    /// # Errors
    /// When the file fails; then nothing of it has happened.
    pub async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut World) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |world| {
            let settle = |value: Option<T>| -> Settle {
                Box::new(move |kept: Result<(), String>| {
                    let result = match (kept, value) {
                        (Ok(()), Some(value)) => Ok(value),
                        (Ok(()), None) => Err(StoreError::Stopped),
                        (Err(why), _) => Err(StoreError::Batch(why)),
                    };
                    // The caller may have hung up; what was done stays done.
                    let _ = answer.send(result);
                })
            };
            match work(world) {
                Ok(value) => Ok(settle(Some(value))),
                Err(error) => Err((error, settle(None))),
            }
        });
        self.jobs.send(Job::Work(work)).map_err(|_| StoreError::Stopped)?;
        answered.await.map_err(|_| StoreError::Stopped)?
    }

    /// Tries something out on the state as it is, and forgets all that it changed: rows, timers, time,
    /// webhooks. Nobody else sees any of it.
    ///
    /// # Errors
    /// When the file fails.
    pub async fn try_out<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut World) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let trial: Trial = Box::new(move |world| {
            // The caller may have hung up; nothing was to be kept anyway.
            let _ = answer.send(work(world));
        });
        self.jobs.send(Job::Trial(trial)).map_err(|_| StoreError::Stopped)?;
        answered.await.map_err(|_| StoreError::Stopped)?
    }

    /// New journal entries, as they become durable.
    pub fn events(&self) -> broadcast::Receiver<std::sync::Arc<Entry>> {
        self.events.subscribe()
    }
}

struct Thread {
    store: Store,
    waiting: Receiver<Job>,
    out: Outgoing,
    events: broadcast::Sender<std::sync::Arc<Entry>>,
}

impl Thread {
    fn run(self, mut memory: Memory) {
        let base = memory.base.clone();
        let mut first = None;
        loop {
            let due = match self.batch(memory, first) {
                Ok((next, due)) => {
                    memory = next;
                    due
                }
                Err(error) => {
                    tracing::error!(%error, "the sandbox's file failed; it is read again");
                    match Memory::load(&self.store, &base) {
                        Ok(Some(again)) => memory = again,
                        _ => return,
                    }
                    None
                }
            };
            first = match due.and_then(|due| memory.clock.wait(due)) {
                Some(wait) => match self.waiting.recv_timeout(wait) {
                    Ok(job) => Some(job),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return self.leave(memory),
                },
                None => match self.waiting.recv() {
                    Ok(job) => Some(job),
                    Err(_) => return self.leave(memory),
                },
            };
        }
    }

    /// Fires what is due, runs what waits, commits, answers. Gives back the memory and the next timer's time.
    fn batch(&self, memory: Memory, first: Option<Job>) -> Result<(Memory, Option<u64>), StoreError> {
        let mut world = World::begin(&self.store, memory)?;
        let (mut settles, mut trials) = (Vec::new(), Vec::new());
        let result = Self::work(&mut world, first, &self.waiting, &mut settles, &mut trials);
        let due = match result.and_then(|()| Ok(world.first_timer()?.map(|(due, ..)| due))) {
            Ok(due) => due,
            Err(error) => {
                settles.into_iter().for_each(|settle: Settle| settle(Err(error.to_string())));
                world.abort()?;
                return Err(error);
            }
        };
        let (memory, committed) = world.commit();
        let kept = committed.as_ref().map(|_| ()).map_err(ToString::to_string);
        if let Ok(effects) = committed {
            self.publish(effects);
        }
        settles.into_iter().for_each(|settle: Settle| settle(kept.clone()));
        kept.map_err(StoreError::Batch)?;
        for trial in trials {
            let mut world = World::begin(&self.store, memory.clone())?;
            trial(&mut world);
            world.abort()?;
        }
        Ok((memory, due))
    }

    fn work(
        world: &mut World,
        first: Option<Job>,
        waiting: &Receiver<Job>,
        settles: &mut Vec<Settle>,
        trials: &mut Vec<Trial>,
    ) -> Result<(), StoreError> {
        let now = world.clock().now();
        timer::fire(world, now, BATCH)?;
        for job in first.into_iter().chain(waiting.try_iter()).take(BATCH) {
            let work = match job {
                Job::Work(work) => work,
                // It begins with what this batch leaves.
                Job::Trial(trial) => {
                    trials.push(trial);
                    continue;
                }
            };
            let now = world.clock().now();
            world.at(now);
            match work(world) {
                Ok(settle) => settles.push(settle),
                Err((error, settle)) => {
                    settles.push(settle);
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    fn publish(&self, effects: Effects) {
        // Nobody listening is no failure: the journal has it, the outbox keeps it.
        if effects.forget_deliveries {
            let _ = self.out.send(Outbound::Forget);
        }
        for delivery in effects.deliveries {
            let _ = self.out.send(Outbound::Send(Box::new(delivery)));
        }
        for (sid, url) in effects.fetches {
            let _ = self.out.send(Outbound::Fetch { sid, url });
        }
        for entry in effects.entries {
            let _ = self.events.send(entry);
        }
    }

    /// Keeps the clock and what reads alone did not commit.
    fn leave(&self, memory: Memory) {
        if let Ok(mut world) = World::begin(&self.store, memory) {
            world.clock_mut();
            if let (_, Err(error)) = world.commit() {
                tracing::warn!(%error, "the sandbox's clock could not be kept");
            }
        }
    }
}
