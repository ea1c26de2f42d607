//! One conversation: its messages, and the text being written in it.
//!
//! Messages are a window that grows towards the past; it holds at most [`HELD`] of them. The view is
//! held by a line of a message (see [`scroll`]), so what comes in never moves what is being read.

mod banner;
mod blocks;
pub mod composer;
mod draw;
mod meta;
pub mod scroll;
mod write;

pub use banner::{needs_template, refusal};
pub use blocks::Scene;
pub use draw::draw;
pub use meta::tick;

use crate::api::ApiError;
use crate::api::inbox::{ConversationView, ListMessages, MarkRead, MessagePage, MessageView};
use crate::api::media::MediaView;
use crate::domain::id::Id;
use crate::domain::message::{Direction, Status};
use crate::tui::drafts::Draft;
use crate::tui::msg::{Effect, Part, Tag, ask};
use crate::tui::outgoing::{Outgoing, Pending};
use crate::tui::panes::contact;
use crate::tui::shown::Shown;
use composer::Composer;

/// The most messages held.
const HELD: usize = 600;
/// Messages of one page.
const PAGE: u32 = 50;

/// What a message of the thread is called: by the node, or by us until the node has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// The node's id.
    Message(Id),
    /// Our reference.
    Pending(String),
}

/// One entry of the thread.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// As the node has it.
    Message(&'a MessageView),
    /// Before the node has answered.
    Pending(&'a Pending),
}

impl Entry<'_> {
    /// What it is called.
    pub fn key(&self) -> Key {
        match self {
            Entry::Message(m) => Key::Message(m.id),
            Entry::Pending(p) => Key::Pending(p.reference.clone()),
        }
    }
}

/// Whether a message waits for a later moment that an agent chose.
pub fn is_later(m: &MessageView) -> bool {
    m.status == Status::Held && m.send_at.is_some()
}

/// The conversation that is open.
#[derive(Debug)]
pub struct Thread {
    /// Its head.
    pub conversation: ConversationView,
    /// What is being written.
    pub composer: Composer,
    /// The entry under the cursor; `None` at the end.
    pub selected: Option<Key>,
    /// The last visible line: an entry and a line of it; `None` follows the end.
    pub foot: Option<(Key, usize)>,
    /// Messages that came in below the view.
    pub below: usize,
    /// The new line stands before the first incoming message after this arrival.
    pub new_after: Option<u64>,
    /// Whether the newest messages have come.
    pub loaded: bool,
    /// Why they could not be read.
    pub error: Option<Shown>,
    /// What is known of the customer beyond this conversation.
    pub contact: contact::Known,
    messages: Vec<MessageView>,
    older: Option<String>,
    loading: bool,
    detached: bool,
    marked: u64,
}

impl Thread {
    /// Opens a conversation.
    pub fn open(conversation: ConversationView, draft: Option<&Draft>) -> (Thread, Vec<Effect>) {
        let composer = draft.map(Composer::new).unwrap_or_default();
        let new_after = (conversation.unread > 0).then_some(conversation.seen);
        let marked = conversation.seen;
        let mut thread = Thread {
            conversation,
            composer,
            selected: None,
            foot: None,
            below: 0,
            new_after,
            loaded: false,
            error: None,
            contact: contact::Known::default(),
            messages: Vec::new(),
            older: None,
            loading: false,
            detached: false,
            marked,
        };
        let effects = thread.reload();
        (thread, effects)
    }

    /// Its id.
    pub fn id(&self) -> Id {
        self.conversation.id
    }

    /// Reads the newest messages again; what is held stays visible until then.
    pub fn reload(&mut self) -> Vec<Effect> {
        self.loading = true;
        vec![self.page(Part::First, None)]
    }

    fn page(&self, part: Part, after: Option<String>) -> Effect {
        ask(Tag::Messages(self.id(), part), ListMessages { id: self.id(), after, limit: Some(PAGE) })
    }

    /// Whether there are older messages that are not here.
    pub fn has_older(&self) -> bool {
        self.older.is_some()
    }

    /// Asks for older messages, if there are any and none are on their way.
    pub fn load_older(&mut self) -> Vec<Effect> {
        match &self.older {
            Some(after) if !self.loading => {
                self.loading = true;
                vec![self.page(Part::Next, Some(after.clone()))]
            }
            _ => Vec::new(),
        }
    }

    /// A page of messages came.
    pub fn answered(&mut self, part: Part, page: Result<MessagePage, ApiError>) {
        self.loading = false;
        let page = match page {
            Ok(page) => page,
            Err(e) => {
                self.error = Some(Shown::from(e.to_string()));
                return;
            }
        };
        self.error = None;
        if part == Part::First {
            self.messages.clear();
            self.detached = false;
            self.loaded = true;
            self.below = 0;
        }
        self.older = page.next;
        for message in page.items {
            self.put(message);
        }
        if self.messages.len() > HELD {
            self.messages.truncate(HELD);
            self.detached = true;
        }
    }

    /// Takes a message in; whether it is a new one.
    fn put(&mut self, message: MessageView) -> bool {
        if let Some(at) = self.messages.iter().position(|m| m.id == message.id) {
            self.messages.remove(at);
            self.insert(message);
            return false;
        }
        self.insert(message);
        true
    }

    fn insert(&mut self, message: MessageView) {
        let key = (message.at, message.id);
        let at = self.messages.partition_point(|m| (m.at, m.id) < key);
        self.messages.insert(at, message);
    }

    /// A message of this conversation changed or came. Whether it is a new incoming one.
    pub fn heard(&mut self, message: &MessageView) -> bool {
        let known = self.messages.iter().any(|m| m.id == message.id);
        let newest = self.messages.last().is_none_or(|m| (m.at, m.id) < (message.at, message.id));
        let oldest = self.messages.first().is_some_and(|m| (m.at, m.id) > (message.at, message.id));
        let outside = !known && ((self.detached && newest) || (oldest && self.older.is_some()));
        if !outside {
            self.put(message.clone());
        }
        let fresh = !known && message.direction != Direction::Out && message.status != Status::Canceled;
        if fresh && self.foot.is_some() && newest {
            self.below += 1;
        }
        fresh && message.direction == Direction::In
    }

    /// Everything that is shown, oldest first.
    pub fn entries<'a>(&'a self, outgoing: &'a Outgoing) -> Vec<Entry<'a>> {
        let there = self.messages.iter().filter(|m| m.status != Status::Canceled && !is_later(m));
        let pending = outgoing.of(self.id()).map(Entry::Pending);
        there.map(Entry::Message).chain(pending).chain(self.later().map(Entry::Message)).collect()
    }

    /// The messages that are put off, the next one first.
    pub fn later(&self) -> impl Iterator<Item = &MessageView> {
        let mut later: Vec<&MessageView> = self.messages.iter().filter(|m| is_later(m)).collect();
        later.sort_by_key(|m| (m.send_at, m.id));
        later.into_iter()
    }

    /// The message that is put off: the one under the cursor; without a cursor, the next.
    pub fn later_at_cursor(&self) -> Option<&MessageView> {
        match &self.selected {
            Some(Key::Message(id)) => self.message(*id).filter(|m| is_later(m)),
            Some(Key::Pending(_)) => None,
            None => self.later().next(),
        }
    }

    /// How many notes are held here.
    pub fn notes(&self) -> usize {
        self.messages.iter().filter(|m| m.direction == Direction::Note).count()
    }

    /// How many messages held here failed with the same code.
    pub fn failures_like(&self, message: &MessageView) -> usize {
        let same = |m: &&MessageView| m.status.is_failure() && m.error == message.error;
        self.messages.iter().filter(same).count()
    }

    /// The messages held here, the oldest first.
    pub fn held(&self) -> &[MessageView] {
        &self.messages
    }

    /// A message that is held here.
    pub fn message(&self, id: Id) -> Option<&MessageView> {
        self.messages.iter().find(|m| m.id == id)
    }

    /// The message under the cursor; without a cursor, the newest that failed.
    pub fn message_at_cursor(&self) -> Option<&MessageView> {
        match &self.selected {
            Some(Key::Message(id)) => self.message(*id),
            Some(Key::Pending(_)) => None,
            None => self.messages.iter().rev().find(|m| m.status.is_failure() && !self.is_retried(m)),
        }
    }

    /// The message under the cursor, if it has files; without a cursor, the newest that has.
    pub fn with_files(&self) -> Option<&MessageView> {
        match &self.selected {
            Some(Key::Message(id)) => self.message(*id).filter(|m| !m.media.is_empty()),
            Some(Key::Pending(_)) => None,
            None => self.messages.iter().rev().find(|m| !m.media.is_empty()),
        }
    }

    /// A file of a message stands otherwise now.
    pub fn file_changed(&mut self, message: Id, media: MediaView) {
        let message = self.messages.iter_mut().find(|m| m.id == message);
        if let Some(old) = message.and_then(|m| m.media.iter_mut().find(|old| old.index == media.index)) {
            *old = media;
        }
    }

    /// Whether there is a failure to explain to whoever writes: of the message under the cursor, or of what was
    /// sent last.
    pub fn has_just_failed(&self) -> bool {
        let newest = || self.messages.iter().rev().find(|m| m.direction == Direction::Out && !is_later(m));
        let looked_at = match &self.selected {
            Some(Key::Message(id)) => self.message(*id),
            Some(Key::Pending(_)) => None,
            None => newest().filter(|m| !self.is_retried(m)),
        };
        looked_at.is_some_and(|m| m.status.is_failure())
    }

    /// The message that asks whether it still shall go: the one under the cursor; without a cursor, the first.
    pub fn asking(&self) -> Option<Id> {
        let asks = |m: &&MessageView| m.asks_since.is_some();
        let found = match &self.selected {
            Some(Key::Message(id)) => self.message(*id).filter(asks),
            Some(Key::Pending(_)) => None,
            None => self.messages.iter().find(asks),
        };
        found.map(|m| m.id)
    }

    /// Whether a failed message was sent again, as far as either of the two says so.
    pub fn is_retried(&self, message: &MessageView) -> bool {
        message.retried_by.is_some() || self.messages.iter().any(|m| m.retry_of == Some(message.id))
    }

    /// Marks everything held as read by the caller, once.
    pub fn mark_read(&mut self) -> Option<Effect> {
        let newest = self.messages.iter().map(|m| m.arrival).max()?.max(self.marked);
        let nothing_new = newest <= self.marked && self.conversation.mentions == 0;
        if nothing_new || self.foot.is_some() {
            return None;
        }
        self.marked = newest;
        // Asked once; the node's answer says the same.
        self.conversation.mentions = 0;
        Some(ask(Tag::Read, MarkRead { id: self.id(), arrival: newest }))
    }

    /// Follows the end again. Reads it anew when the newest messages had to go.
    pub fn to_end(&mut self) -> Vec<Effect> {
        self.foot = None;
        self.selected = None;
        self.below = 0;
        if self.detached { self.reload() } else { Vec::new() }
    }
}
