//! A lane: the unit of order. Its thread takes whatever waits, applies it as one batch and makes it
//! durable with one commit; every caller is answered after that.
//!
//! There is no lingering before a commit. The queue is bounded: a full one is refused at the door.
//! A change that the store itself refuses is found by bisection, and the rest goes through.

use std::sync::Arc;
use std::thread::JoinHandle;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::{mpsc, oneshot, watch};

use super::change::{Change, Envelope, Outcome, apply};
use super::event::LaneHead;
use super::world::{Stop, World};
use crate::api::{ApiError, Code};
use crate::store::{Store, StoreError};

/// How many submissions may wait.
const QUEUE: usize = 1024;
/// At most so many changes go into one commit (a submission is never cut).
const BATCH: usize = 16_384;

/// What a change came to.
pub type Answer = Result<Outcome, ApiError>;

struct Submission {
    envelopes: Arc<Vec<Envelope>>,
    reply: oneshot::Sender<Vec<Answer>>,
}

/// The number of each lane's last event, and a bell that rings when one of them moves. The bell may
/// ring once for many events.
pub type Heads = Vec<u64>;

/// All lanes of a store, running.
pub struct Lanes {
    queues: Vec<mpsc::Sender<Submission>>,
    threads: Vec<JoinHandle<()>>,
    heads: watch::Receiver<Heads>,
}

impl Lanes {
    /// Starts a thread for each lane.
    pub fn start(store: Arc<dyn Store>) -> Result<Lanes, StoreError> {
        let heads = heads(&*store)?;
        let (bell, heads) = watch::channel(heads);
        let mut lanes = Lanes { queues: Vec::new(), threads: Vec::new(), heads };
        for lane in 0..store.lanes() {
            let (queue, waiting) = mpsc::channel(QUEUE);
            let (store, bell) = (store.clone(), bell.clone());
            let worker = Worker { lane, store, bell, random: SystemRandom::new() };
            let thread = std::thread::Builder::new().name(format!("lane-{lane}")).spawn(move || worker.run(waiting));
            let thread = thread.map_err(|e| StoreError::Io {
                path: Default::default(),
                why: format!("no thread could be started for lane {lane}: {e}"),
            })?;
            lanes.queues.push(queue);
            lanes.threads.push(thread);
        }
        Ok(lanes)
    }

    /// How many there are.
    pub fn count(&self) -> u16 {
        self.queues.len() as u16
    }

    /// Where the lanes stand; changes when something was said.
    pub fn heads(&self) -> watch::Receiver<Heads> {
        self.heads.clone()
    }

    /// One change of a caller; refused at once when the queue is full.
    pub async fn submit(&self, envelope: Envelope) -> Answer {
        let lane = super::change::lane_of(envelope.change.business(), self.count());
        let (reply, answer) = oneshot::channel();
        let busy = || ApiError::unavailable("too many changes wait to be saved: try again in a second");
        let queue = self.queue(lane)?;
        queue.try_send(Submission { envelopes: Arc::new(vec![envelope]), reply }).map_err(|_| busy())?;
        answer.await.map_err(|_| stopping())?.pop().ok_or_else(stopping)?
    }

    /// Changes of a worker, in order, in one commit; waits for room in the queue.
    pub async fn submit_all(
        &self,
        lane: u16,
        envelopes: impl Into<Arc<Vec<Envelope>>>,
    ) -> Result<Vec<Answer>, ApiError> {
        let (reply, answer) = oneshot::channel();
        let envelopes = envelopes.into();
        self.queue(lane)?.send(Submission { envelopes, reply }).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())
    }

    fn queue(&self, lane: u16) -> Result<&mpsc::Sender<Submission>, ApiError> {
        self.queues.get(usize::from(lane)).ok_or_else(stopping)
    }
}

impl Drop for Lanes {
    /// Ends the threads after what waits has been answered.
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn stopping() -> ApiError {
    ApiError::unavailable("the node is stopping: try again in a moment")
}

/// Where the lanes of a store stand.
pub fn heads(store: &dyn Store) -> Result<Heads, StoreError> {
    let reader = store.reader()?;
    (0..store.lanes())
        .map(|lane| match reader.get(&LaneHead::key(lane))? {
            Some(raw) => Ok(LaneHead::decode(&raw)?.number),
            None => Ok(0),
        })
        .collect()
}

struct Worker {
    lane: u16,
    store: Arc<dyn Store>,
    bell: watch::Sender<Heads>,
    random: SystemRandom,
}

impl Worker {
    fn run(self, mut waiting: mpsc::Receiver<Submission>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut count = first.envelopes.len();
            let mut batch = vec![first];
            while count < BATCH {
                let Ok(next) = waiting.try_recv() else { break };
                count += next.envelopes.len();
                batch.push(next);
            }
            let envelopes: Vec<&Envelope> = batch.iter().flat_map(|s| s.envelopes.iter()).collect();
            let mut answers = self.commit(&envelopes, &mut Course::default()).into_iter();
            for submission in batch {
                let own = answers.by_ref().take(submission.envelopes.len()).collect();
                // A caller that hung up does not undo what was done.
                let _ = submission.reply.send(own);
            }
        }
    }

    /// Applies and saves; halves the batch when the store refuses a row of it.
    fn commit(&self, envelopes: &[&Envelope], course: &mut Course) -> Vec<Answer> {
        if let Some(failed) = &course.failed {
            // What comes behind a part that was not saved must not overtake it.
            return envelopes.iter().map(|_| Err(failed.clone())).collect();
        }
        match self.attempt(envelopes, course) {
            Ok(answers) => answers,
            Err(StoreError::Rejected(why)) if envelopes.len() <= 1 => {
                course.left_over |= envelopes.iter().any(|e| e.change.is_webhook());
                tracing::error!(lane = self.lane, %why, "a change was refused by the store itself");
                let poison =
                    ApiError::new(Code::Internal, format!("the store refuses this change ({why}); nothing was saved"));
                envelopes.iter().map(|_| Err(poison.clone())).collect()
            }
            Err(StoreError::Rejected(_)) => {
                let (left, right) = envelopes.split_at(envelopes.len() / 2);
                let mut answers = self.commit(left, course);
                answers.extend(self.commit(right, course));
                answers
            }
            Err(e) => {
                tracing::error!(lane = self.lane, error = %e, "a batch could not be saved");
                let failed = course.failed.insert(ApiError::unavailable(e.to_string()));
                envelopes.iter().map(|_| Err(failed.clone())).collect()
            }
        }
    }

    fn attempt(&self, envelopes: &[&Envelope], course: &mut Course) -> Result<Vec<Answer>, StoreError> {
        let mut answers = Vec::new();
        let mut last = 0;
        let mut left_over = false;
        self.store.commit(self.lane, &mut |batch| {
            let mut world = World::new(self.lane, batch);
            loop {
                answers.clear();
                left_over = course.left_over;
                for envelope in envelopes {
                    if left_over && matches!(envelope.change, Change::IntakeAdvanced(_)) && !world.is_incomplete() {
                        answers.push(Err(must_wait()));
                        continue;
                    }
                    let answer = run_one(&mut world, envelope)?;
                    left_over |= envelope.change.is_webhook() && is_left_over(&answer);
                    answers.push(answer);
                }
                if !world.load_missing()? {
                    break;
                }
                world.rewind();
            }
            let finished = world.finish(&mut || self.salt())?;
            last = finished.number;
            Ok(finished.writes)
        })?;
        course.left_over = left_over;
        if last > 0 {
            self.bell.send_modify(|heads| {
                if let Some(head) = heads.get_mut(usize::from(self.lane)) {
                    *head = last;
                }
            });
        }
        Ok(answers)
    }

    fn salt(&self) -> Result<[u8; 32], StoreError> {
        let mut salt = [0; 32];
        let failed = |_| StoreError::Rejected("the system gives no random bytes".into());
        self.random.fill(&mut salt).map_err(failed)?;
        Ok(salt)
    }
}

/// How a batch went so far, while it is saved part by part.
#[derive(Default)]
struct Course {
    /// A part could not be saved.
    failed: Option<ApiError>,
    /// A webhook found no place: somebody must set it aside before the intake's cursor may pass it.
    left_over: bool,
}

fn is_left_over(answer: &Answer) -> bool {
    matches!(answer, Err(_) | Ok(Outcome::UnknownMessage))
}

fn must_wait() -> ApiError {
    ApiError::new(Code::Conflict, "a webhook before it has no place yet: set it aside, then move the cursor")
}

/// One change on its own overlay. What is missing is noted by the world; the answer then counts for nothing.
fn run_one(world: &mut World<'_>, envelope: &Envelope) -> Result<Answer, StoreError> {
    match apply(world, envelope) {
        Ok(outcome) => {
            world.keep();
            Ok(Ok(outcome))
        }
        Err(Stop::Missing) => {
            world.forget();
            Ok(Err(ApiError::unavailable("a row was not loaded")))
        }
        Err(Stop::Refused(why)) => {
            world.forget();
            Ok(Err(why))
        }
        // One row that cannot be read must not stop everybody else.
        Err(Stop::Store(e @ StoreError::Unreadable { .. })) => {
            world.forget();
            tracing::error!(error = %e, "a change met a row that cannot be read");
            Ok(Err(ApiError::new(Code::Internal, format!("{e}; the rest of the store is not touched"))))
        }
        Err(Stop::Store(e)) => Err(e),
    }
}
