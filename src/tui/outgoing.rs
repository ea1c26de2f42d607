//! What this console has sent and not seen leave yet: bubbles that wait for the node's answer, and
//! messages inside their hold. It outlives the thread that is open, so nothing is lost by looking
//! elsewhere.

use std::collections::BTreeMap;

use super::drafts::Draft;
use super::files::Attached;
use crate::api::inbox::MessageView;
use crate::domain::content::Used;
use crate::domain::id::Id;
use crate::domain::message::{Direction, Status};
use crate::domain::time::Time;

/// A message shown before the node has answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// What we call it, to find it again in events.
    pub reference: String,
    /// Where it goes.
    pub conversation: Id,
    /// The text, raw.
    pub body: String,
    /// A note instead of a message.
    pub note: bool,
    /// The files that go with it.
    pub files: Vec<Attached>,
    /// The content template that it is made of.
    pub content: Option<Used>,
    /// Business time at which Enter was pressed.
    pub at: Option<Time>,
    /// Take it back as soon as the node has it.
    pub unwanted: bool,
    /// Why no answer came: it may or may not have been taken.
    pub lost: Option<String>,
}

impl Pending {
    /// As a draft again; what was made of a template is none, for it is chosen anew.
    pub fn back(self) -> Option<Draft> {
        self.content.is_none().then(|| Draft { files: self.files, ..Draft::of(self.body, self.note) })
    }
}

/// A message inside its hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its conversation.
    pub conversation: Id,
    /// When it leaves (business time).
    pub due: Time,
    /// The files that go with it.
    pub files: Vec<Attached>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Outgoing {
    /// In the order of Enter.
    pub pending: Vec<Pending>,
    held: BTreeMap<Id, Held>,
    made: u64,
}

impl Outgoing {
    /// A new bubble for a message, or for a note. `seed` tells the runs of consoles apart.
    pub fn start(
        &mut self,
        conversation: Id,
        draft: Draft,
        content: Option<Used>,
        at: Option<Time>,
        seed: &str,
    ) -> Pending {
        self.made += 1;
        let pending = Pending {
            reference: format!("{seed}-{}", self.made),
            conversation,
            body: draft.text,
            note: draft.note,
            files: draft.files,
            content,
            at,
            unwanted: false,
            lost: None,
        };
        self.pending.push(pending.clone());
        pending
    }

    /// The bubble of a reference.
    pub fn get_mut(&mut self, reference: &str) -> Option<&mut Pending> {
        self.pending.iter_mut().find(|p| p.reference == reference)
    }

    /// Takes a bubble away.
    pub fn take(&mut self, reference: &str) -> Option<Pending> {
        let at = self.pending.iter().position(|p| p.reference == reference)?;
        Some(self.pending.remove(at))
    }

    /// The bubbles of a conversation.
    pub fn of(&self, conversation: Id) -> impl Iterator<Item = &Pending> {
        self.pending.iter().filter(move |p| p.conversation == conversation)
    }

    /// Nothing is under way any more: what was belongs to a world that is over.
    pub fn forget(&mut self) {
        self.pending.clear();
        self.held.clear();
    }

    /// A message as the node has it now. Answers the bubble that it replaces.
    pub fn seen(&mut self, message: &MessageView, me: &str) -> Option<Pending> {
        let mine = message.direction == Direction::Out && message.author.as_deref() == Some(me);
        let replaced = message.client_ref.as_deref().and_then(|reference| self.take(reference));
        let known = self.held.remove(&message.id).map(|held| held.files);
        if let Some(due) = message.due.filter(|_| mine && message.status == Status::Held && message.send_at.is_none()) {
            let files = replaced.as_ref().map(|p| p.files.clone()).or(known).unwrap_or_default();
            self.held.insert(message.id, Held { conversation: message.conversation, due: due.0, files });
        }
        replaced
    }

    /// The files of a message that can still be taken back.
    pub fn files_of(&self, message: Id) -> Vec<Attached> {
        self.held.get(&message).map(|held| held.files.clone()).unwrap_or_default()
    }

    /// The newest message of a conversation that can still be taken back.
    pub fn newest_held(&self, conversation: Id, now: Option<Time>) -> Option<Id> {
        let open = |h: &Held| h.conversation == conversation && now.is_none_or(|now| h.due > now);
        self.held.iter().rev().find(|(_, h)| open(h)).map(|(id, _)| *id)
    }

    /// How many messages have not left yet.
    pub fn waiting(&self, now: Option<Time>) -> usize {
        let held = self.held.values().filter(|h| now.is_none_or(|now| h.due > now)).count();
        held + self.pending.iter().filter(|p| !p.note).count()
    }
}
