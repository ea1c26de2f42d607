//! The feed: stored events read back in order, with the rows they name as they are now.
//!
//! The bell of the lanes only says that there is more; what is sent comes from the store. So a first
//! start, a lag and a reconnect are the same path.

use futures_util::Stream;
use futures_util::stream;
use tokio::sync::broadcast::error::RecvError;

use super::ears::Tap;
use super::presence::Attending;
use super::rows::{conversation_key, message_key};
use super::simulator::HandsetEar;
use super::{Core, broken, event, read, trim, views};
use crate::api::events::{Cursor, Event, Frame, Webhook};
use crate::api::presence::Presence;
use crate::api::{ApiError, Caller, When};
use crate::domain::access::Permission;
use crate::domain::conversation::Conversation;
use crate::domain::message::Message;
use crate::store::Reader;

/// How many events are read at a time.
const CHUNK: usize = 256;
/// A reader further behind than this is told to fetch its window again.
const FAR: u64 = 10_000;

impl Core {
    /// Where the feed stands now. Ask before reading rows, and show it as the list's `asOf`.
    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.store().epoch(), lanes: self.0.lanes.heads().borrow().clone() }
    }

    /// Frames after `after` (after the present when absent), for as long as somebody listens.
    pub fn events(&self, caller: Caller, after: Option<Cursor>) -> impl Stream<Item = Frame> + Send + 'static + use<> {
        self.events_while(caller, after, None, || true)
    }

    /// The same for a caller by token; with a tap, the webhooks that are answered meanwhile too. `holds` says whether the token is still good: it is asked at the
    /// beginning and whenever some token was revoked; when it no longer holds, the stream ends.
    pub fn events_while<F: Fn() -> bool + Send + Sync + 'static>(
        &self,
        caller: Caller,
        after: Option<Cursor>,
        tap: Option<Tap>,
        holds: F,
    ) -> impl Stream<Item = Frame> + Send + 'static + use<F> {
        let now = self.cursor();
        let mut ready = std::collections::VecDeque::new();
        let cursor = match after {
            Some(after)
                if after.epoch == now.epoch
                    && after.lanes.len() == now.lanes.len()
                    && !is_far(&after, &now)
                    && !self.has_trimmed(&after) =>
            {
                after
            }
            Some(_) => {
                ready.push_back(Frame::Reset { cursor: now.clone() });
                now
            }
            None => now,
        };
        let told = self.clock().told();
        let attending = self.attend(&caller.agent);
        let sees_phones = caller.business.is_none() && caller.permissions.has(Permission::Simulator);
        let handsets = (sees_phones && self.settings().sandbox.is_some()).then(|| self.hear_handsets());
        let holds: Box<dyn Fn() -> bool + Send + Sync> = Box::new(holds);
        let follower = Follower {
            core: self.clone(),
            caller,
            cursor,
            ready,
            caught_up: false,
            told,
            tap,
            attending,
            handsets,
            holds,
            doubted: true,
        };
        stream::unfold(follower, |mut follower| async move { follower.next().await.map(|frame| (frame, follower)) })
    }
}

impl Core {
    /// Whether events behind a cursor are gone. Where that cannot be read the window is fetched again.
    fn has_trimmed(&self, after: &Cursor) -> bool {
        let Ok(reader) = self.reader() else { return true };
        (0u16..).zip(&after.lanes).any(|(lane, number)| trim::mark(&*reader, lane).is_ok_and(|mark| *number < mark))
    }
}

/// Behind by more than is worth sending, or ahead of the store (a restored backup).
fn is_far(after: &Cursor, now: &Cursor) -> bool {
    after.lanes.iter().zip(&now.lanes).any(|(a, n)| a > n || n - a > FAR)
}

/// The next webhook that is answered; never, for those who did not ask.
async fn next_webhook(tap: &mut Option<Tap>) -> Webhook {
    loop {
        match tap {
            None => std::future::pending::<()>().await,
            Some(open) => match open.recv().await {
                Ok(webhook) => return (*webhook).clone(),
                // Too many at once for this reader: it goes on with the newest.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => *tap = None,
            },
        }
    }
}

/// The next handset that something happened to; never, for those who may not see the phones.
async fn next_handset(ear: &mut Option<HandsetEar>) -> String {
    match ear {
        Some(ear) => ear.next().await,
        None => std::future::pending().await,
    }
}

struct Follower {
    core: Core,
    caller: Caller,
    cursor: Cursor,
    ready: std::collections::VecDeque<Frame>,
    caught_up: bool,
    told: crate::clock::Told,
    tap: Option<Tap>,
    attending: Attending,
    handsets: Option<HandsetEar>,
    holds: Box<dyn Fn() -> bool + Send + Sync>,
    doubted: bool,
}

impl Follower {
    async fn next(&mut self) -> Option<Frame> {
        let mut heads = self.core.0.lanes.heads();
        let stop = self.core.stopping();
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(frame);
            }
            heads.borrow_and_update();
            let read = self.read();
            if std::mem::take(&mut self.doubted) && !(self.holds)() {
                return None;
            }
            match read {
                Ok(true) => continue,
                Ok(false) if !self.caught_up => {
                    self.caught_up = true;
                    let everybody = self.attending.everybody();
                    self.show(everybody);
                    return Some(Frame::CaughtUp { cursor: self.cursor.clone() });
                }
                Ok(false) => {}
                Err(e) => {
                    tracing::error!(error = %e, "the feed cannot be read; its reader will come back");
                    return None;
                }
            }
            tokio::select! {
                changed = heads.changed() => changed.ok()?,
                () = self.told.changed() => {
                    let clock = self.core.clock();
                    return Some(Frame::Clock { now: When(clock.now()), paused: clock.is_paused() });
                }
                presences = self.attending.next() => self.show(presences),
                webhook = next_webhook(&mut self.tap) => return Some(Frame::Webhook(Box::new(webhook))),
                address = next_handset(&mut self.handsets) => return Some(Frame::Handset { address }),
                () = stop.cancelled() => return None,
            }
        }
    }

    /// Shows where others are, as far as the caller may see their conversations.
    fn show(&mut self, presences: Vec<Presence>) {
        let caller = &self.caller;
        let sees = |p: &Presence| {
            caller.permissions.has(Permission::InboxRead)
                && caller.business.is_none_or(|own| own == p.business)
                && p.agent != caller.agent
        };
        self.ready.extend(presences.into_iter().filter(sees).map(Frame::Presence));
    }

    /// Reads the next events of every lane. `true` when there were any.
    fn read(&mut self) -> Result<bool, ApiError> {
        let core = self.core.clone();
        let reader = core.reader()?;
        let mut any = false;
        for lane in 0..self.cursor.lanes.len() {
            let after = self.cursor.lanes[lane];
            let lane_number = u16::try_from(lane).unwrap_or(u16::MAX);
            for (number, raw) in reader.events(lane_number, after, CHUNK).map_err(broken)? {
                any = true;
                self.cursor.lanes[lane] = number;
                let event = event::read(&raw).map_err(broken)?;
                self.doubted |= event.kind == event::Kind::TokenRevoked.name();
                if let Some(frame) = self.hydrate(&*reader, event)? {
                    self.ready.push_back(frame);
                }
            }
        }
        Ok(any)
    }

    /// `None` for what the caller may not see.
    fn hydrate(&self, reader: &dyn Reader, event: event::Read) -> Result<Option<Frame>, ApiError> {
        let visible = match (self.caller.business, event.business) {
            (None, _) => true,
            (Some(own), Some(business)) => own == business,
            (Some(_), None) => false,
        };
        if !visible {
            return Ok(None);
        }
        let sees_inbox = self.caller.permissions.has(Permission::InboxRead);
        let (mut conversation, mut message, mut counts) = (None, None, None);
        if let Some(business) = event.business.filter(|_| sees_inbox) {
            if let Some(id) = event.conversation {
                let head: Option<Conversation> = read(reader, &conversation_key(business, id))?;
                conversation = head.map(|head| views::conversation(reader, head, &self.caller.agent)).transpose()?;
                counts = Some(views::counts(reader, business, &self.caller.agent)?);
            }
            if let Some(id) = event.message {
                message = read::<Message>(reader, &message_key(business, id))?.map(views::message);
            }
        }
        let sees_verifications = self.caller.permissions.has(Permission::Verifications);
        let verification = match (event.business, event.flow) {
            (Some(business), Some(flow)) if sees_verifications => {
                self.core.flow_now(reader, business, flow)?.map(Box::new)
            }
            _ => None,
        };
        Ok(Some(Frame::Event(Box::new(Event {
            cursor: self.cursor.clone(),
            kind: event.kind,
            at: When(event.at),
            actor: event.actor,
            business: event.business,
            conversation,
            message,
            verification,
            counts,
            audited: event.sealed,
        }))))
    }
}
