//! Sends webhooks as they become durable: those of one lane one after the other, lanes side by side.
//!
//! Owns the queues and who waits for what; the requests are [`super::post`]'s. A webhook leaves the file
//! only after its result is durable, so one that was under way in a crash is sent again.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::post::{Poster, Report};
use super::{Delivery, finish};
use crate::sandbox::carrier::media;
use crate::sandbox::engine::{Engine, Outbound};
use crate::sandbox::faults::WebhookFault;
use crate::sandbox::journal::Entry;

/// Webhooks under way at one time.
const WIDE: usize = 64;
/// Media fetched at one time.
const FETCHES: usize = 8;
/// How long a webhook that should come late waits for a later one, unless its fault says otherwise.
const HELD: Duration = Duration::from_secs(3);

/// Who waits for the result of which webhook.
#[derive(Clone, Default)]
pub struct Waiting(Arc<Mutex<HashMap<u64, oneshot::Sender<Report>>>>);

impl Waiting {
    /// Waits for a webhook; call it before the webhook can be on its way.
    pub fn expect(&self, id: u64) -> oneshot::Receiver<Report> {
        let (sender, receiver) = oneshot::channel();
        self.lock().insert(id, sender);
        receiver
    }

    fn done(&self, id: u64, report: Report) {
        if let Some(sender) = self.lock().remove(&id) {
            // Whoever waited may have gone.
            let _ = sender.send(report);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Report>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever still waits when the dispatcher ends waits for nothing.
struct HangUp(Waiting);

impl Drop for HangUp {
    fn drop(&mut self) {
        self.0.lock().clear();
    }
}

#[derive(Default)]
struct Lane {
    queue: VecDeque<Delivery>,
    running: bool,
}

enum Note {
    Done { lane: String, epoch: u64 },
    Release { lane: String, id: u64 },
}

/// The task that owns the lanes.
pub struct Dispatcher {
    engine: Engine,
    poster: Arc<Poster>,
    waiting: Waiting,
    permits: Arc<Semaphore>,
    notes: mpsc::UnboundedSender<Note>,
    lanes: HashMap<String, Lane>,
    /// Lanes that could go on, were not enough under way already.
    ready: VecDeque<String>,
    active: usize,
    stop: CancellationToken,
    /// Counts resets, so that what was under way before one does not touch the lanes after it.
    epoch: u64,
}

/// Runs until stopped, or until nobody can send webhooks any more.
pub async fn run(
    mut outgoing: mpsc::UnboundedReceiver<Outbound>,
    engine: Engine,
    waiting: Waiting,
    stop: CancellationToken,
) {
    let (notes, mut noted) = mpsc::unbounded_channel();
    let permits = Arc::new(Semaphore::new(FETCHES));
    let poster = Arc::new(Poster::default());
    let mut dispatcher = Dispatcher {
        engine,
        poster,
        waiting,
        permits,
        notes,
        lanes: HashMap::new(),
        ready: VecDeque::new(),
        active: 0,
        stop: stop.clone(),
        epoch: 0,
    };
    let _hang_up = HangUp(dispatcher.waiting.clone());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            sent = outgoing.recv() => match sent {
                Some(Outbound::Send(delivery)) => dispatcher.enqueue(*delivery),
                Some(Outbound::Fetch { sid, url }) => dispatcher.fetch(sid, url),
                Some(Outbound::Forget) => dispatcher.forget(),
                None => return,
            },
            Some(note) = noted.recv() => dispatcher.noted(note),
        }
    }
}

impl Dispatcher {
    fn enqueue(&mut self, delivery: Delivery) {
        let name = delivery.lane.clone();
        self.lanes.entry(name.clone()).or_default().queue.push_back(delivery);
        self.next(&name);
    }

    fn fetch(&self, sid: String, url: String) {
        let (engine, poster, permits) = (self.engine.clone(), self.poster.clone(), self.permits.clone());
        let work = async move {
            let _permit = permits.acquire().await;
            let fetched = poster.fetch(&url).await.map_err(|error| {
                tracing::info!(%error, "a message's media could not be fetched");
                media::NOT_FETCHED
            });
            if let Err(error) = engine.run(move |world| media::fetched(world, &sid, fetched)).await {
                tracing::warn!(%error, "the bytes of a message's media were not kept");
            }
        };
        let stop = self.stop.clone();
        tokio::spawn(async move { stop.run_until_cancelled(work).await });
    }

    fn forget(&mut self) {
        self.epoch += 1;
        self.lanes.clear();
        self.ready.clear();
        self.waiting.lock().clear();
    }

    fn noted(&mut self, note: Note) {
        match note {
            Note::Done { lane, epoch } => {
                self.active = self.active.saturating_sub(1);
                if let Some(found) = self.lanes.get_mut(&lane).filter(|_| epoch == self.epoch) {
                    found.running = false;
                    self.ready.push_back(lane);
                }
                while self.active < WIDE
                    && let Some(lane) = self.ready.pop_front()
                {
                    self.next(&lane);
                }
            }
            Note::Release { lane, id } => {
                let front = self.lanes.get_mut(&lane).and_then(|lane| lane.queue.front_mut());
                if let Some(fault) = front.filter(|front| front.id == id).and_then(|front| front.fault.as_mut()) {
                    has_waited(fault);
                }
                self.next(&lane);
            }
        }
    }

    /// Starts the next webhook of a lane, unless one is under way.
    fn next(&mut self, name: &str) {
        let Some(lane) = self.lanes.get_mut(name).filter(|lane| !lane.running) else { return };
        if self.active >= WIDE {
            self.ready.push_back(name.to_owned());
            return;
        }
        let late = lane.queue.front().is_some_and(|front| front.fault.as_ref().is_some_and(|fault| fault.reorder));
        if late && lane.queue.len() > 1 {
            lane.queue.swap(0, 1);
            if let Some(fault) = lane.queue.get_mut(1).and_then(|held| held.fault.as_mut()) {
                has_waited(fault);
            }
        } else if late {
            let front = lane.queue.front();
            let held = front.and_then(|front| front.fault.as_ref()?.delay_ms).map_or(HELD, Duration::from_millis);
            let (notes, id, lane) = (self.notes.clone(), front.map_or(0, |front| front.id), name.to_owned());
            tokio::spawn(async move {
                tokio::time::sleep(held).await;
                let _ = notes.send(Note::Release { lane, id });
            });
            return;
        }
        let Some(delivery) = lane.queue.pop_front() else {
            self.lanes.remove(name);
            return;
        };
        lane.running = true;
        self.active += 1;
        let work = deliver(delivery, self.poster.clone(), self.engine.clone(), self.waiting.clone());
        let (notes, stop, note) =
            (self.notes.clone(), self.stop.clone(), Note::Done { lane: name.to_owned(), epoch: self.epoch });
        tokio::spawn(async move {
            // What is cut off here stays in the file and is sent again at the next start.
            if stop.run_until_cancelled(work).await.is_some() {
                let _ = notes.send(note);
            }
        });
    }
}

/// It goes now: for one that comes behind a later one, the delay is how long it waits for that one.
fn has_waited(fault: &mut WebhookFault) {
    (fault.reorder, fault.delay_ms) = (false, None);
}

async fn deliver(delivery: Delivery, poster: Arc<Poster>, engine: Engine, waiting: Waiting) {
    let fault = delivery.fault.clone().unwrap_or_default();
    if let Some(delay) = fault.delay_ms {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    let report = if fault.drop { dropped(&delivery) } else { poster.deliver(&delivery).await };
    if fault.duplicate && !fault.drop {
        // The second answer is not carried out: Twilio asked once and was heard twice.
        let again = poster.deliver(&delivery).await;
        let both = [report.entries.clone(), again.entries].concat();
        settle(delivery, Report { entries: both, ..report }, engine, waiting).await;
    } else {
        settle(delivery, report, engine, waiting).await;
    }
}

async fn settle(delivery: Delivery, report: Report, engine: Engine, waiting: Waiting) {
    let (id, kept) = (delivery.id, report.clone());
    match engine.run(move |world| finish(world, &delivery, &kept)).await {
        Ok(()) => waiting.done(id, report),
        Err(error) => {
            tracing::warn!(%error, "the result of a webhook was not kept; it is sent again at the next start")
        }
    }
}

fn dropped(delivery: &Delivery) -> Report {
    let entry = Entry {
        kind: "webhook".into(),
        product: delivery.purpose.word().into(),
        method: delivery.target.method.clone(),
        path: delivery.target.url.clone(),
        account_sid: delivery.account.clone(),
        sid: Some(delivery.purpose.sid().to_owned()),
        error: Some("dropped on purpose".into()),
        ..Entry::default()
    };
    Report { entries: vec![entry], ..Report::default() }
}
