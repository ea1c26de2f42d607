//! What agents do with conversations: assign, set aside, resolve, read, note, name.

use serde_json::{Value, json};

use super::content::check_content;
use super::{Envelope, Outcome};
use crate::api::{ApiError, Code};
use crate::core::event::Kind;
use crate::core::rows::{agent_key, contact_key, conversation_key, read_key};
use crate::core::world::{Stop, World};
use crate::domain::access::{Agent, mentioned};
use crate::domain::address::Address;
use crate::domain::contact::Contact;
use crate::domain::conversation::{self, Conversation, ReadMark, Status};
use crate::domain::id::Id;
use crate::domain::message::{Direction, Message};
use crate::domain::time::Time;

fn head(world: &mut World<'_>, business: Id, id: Id) -> Result<Conversation, Stop> {
    let key = conversation_key(business, id);
    let head = world.need::<Conversation>(&key, || ApiError::not_found(format!("conversation {id}")))?;
    Ok((*head).clone())
}

/// A conversation is given to an agent, or to nobody.
#[derive(Debug, Clone)]
pub struct Assigned {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// The agent's handle.
    pub assignee: Option<String>,
}

impl Assigned {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut head = head(world, self.business, self.conversation)?;
        if let Some(handle) = &self.assignee
            && world.get::<Agent>(&agent_key(handle))?.is_none()
        {
            return Err(ApiError::field("assignee", format!("there is no agent `{handle}`")).into());
        }
        if head.assignee == self.assignee {
            return Ok(Outcome::Conversation(head.id));
        }
        let payload = json!({ "from": head.assignee, "to": self.assignee });
        head.assignee = self.assignee.clone();
        head.version += 1;
        world.say(envelope.event(Kind::ConversationAssigned, self.business, Some(head.id), None, payload));
        world.put(head);
        Ok(Outcome::Conversation(self.conversation))
    }
}

/// A conversation is opened, set aside, snoozed or resolved.
#[derive(Debug, Clone)]
pub struct StatusSet {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// Where it stands now.
    pub status: Status,
    /// When a snooze ends.
    pub until: Option<Time>,
}

impl StatusSet {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut head = head(world, self.business, self.conversation)?;
        if self.until.is_some() && self.status != Status::Snoozed {
            return Err(ApiError::field("until", "only a snooze has an end").into());
        }
        if self.until.is_some_and(|until| until <= envelope.at) {
            return Err(ApiError::field("until", "a snooze must end in the future").into());
        }
        let was_resolved = head.status == Status::Resolved;
        let payload = json!({ "from": head.status, "to": self.status, "until": self.until.map(Time::rfc3339) });
        head.status = self.status;
        head.snoozed_until = self.until;
        head.woke = None;
        if self.status == Status::Resolved {
            // While an answer waits in the outbox, it knows since when the customer waits.
            let waits = head.outbox.iter().filter_map(|pending| pending.waiting_since).min();
            head.rested = head.waiting_since.or(waits).or(head.rested);
            head.rest();
        } else if was_resolved {
            head.waiting_since = head.waiting_since.or(head.rested.take());
        }
        head.version += 1;
        world.say(envelope.event(Kind::ConversationStatus, self.business, Some(head.id), None, payload));
        world.put(head);
        Ok(Outcome::Conversation(self.conversation))
    }
}

/// The time of a snooze has come.
#[derive(Debug, Clone)]
pub struct Woke {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
}

impl Woke {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let mut head = head(world, self.business, self.conversation)?;
        let due = head.status == Status::Snoozed && head.snoozed_until.is_some_and(|until| until <= envelope.at);
        if !due {
            return Ok(Outcome::Duplicate);
        }
        head.status = Status::Open;
        head.woke = head.snoozed_until.take().map(|at| conversation::Woke { at, by_reply: false });
        head.version += 1;
        world.say(envelope.event(Kind::ConversationWoke, self.business, Some(head.id), None, Value::Null));
        world.put(head);
        Ok(Outcome::Conversation(self.conversation))
    }
}

/// An agent has read up to an arrival. Marks only move forward.
#[derive(Debug, Clone)]
pub struct Read {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// Who read.
    pub agent: String,
    /// The newest incoming message read.
    pub arrival: u64,
}

impl Read {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        let head = head(world, self.business, self.conversation)?;
        let key = read_key(self.business, self.conversation, &self.agent);
        let mark = world.get::<ReadMark>(&key)?;
        let seen = self.arrival.min(head.incoming);
        if mark.as_ref().is_some_and(|mark| mark.seen >= seen && mark.mentions == 0) {
            return Ok(Outcome::Conversation(head.id));
        }
        let seen = mark.map_or(seen, |mark| mark.seen.max(seen));
        let (business, conversation, agent) = (self.business, self.conversation, self.agent.clone());
        world.put(ReadMark { business, conversation, agent, seen, mentions: 0, at: envelope.at });
        world.say(envelope.event(Kind::ConversationRead, self.business, Some(head.id), None, Value::Null));
        Ok(Outcome::Conversation(self.conversation))
    }
}

/// A note among agents.
#[derive(Debug, Clone)]
pub struct NoteAdded {
    /// The tenant.
    pub business: Id,
    /// The conversation.
    pub conversation: Id,
    /// The note's id, as a message of the thread.
    pub message: Id,
    /// The text.
    pub body: String,
}

impl NoteAdded {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        check_content(&self.body, &[])?;
        let head = head(world, self.business, self.conversation)?;
        let mentions = self.mentions(world, envelope)?;
        let said = Message::said(&head, self.message, Direction::Note, self.body.clone(), envelope.at);
        world.insert(Message { author: Some(envelope.actor.clone()), mentions: mentions.clone(), ..said });
        let (conversation, id) = (Some(head.id), Some(self.message));
        let payload = json!({ "body": self.body, "mentions": mentions });
        world.say(envelope.event(Kind::NoteAdded, self.business, conversation, id, payload));
        Ok(Outcome::Message(self.message))
    }
}

impl NoteAdded {
    /// The agents whom the note calls by `@handle`, each once; for each but the author it is one to be seen.
    fn mentions(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Vec<String>, Stop> {
        let mut found = Vec::new();
        for handle in mentioned(&self.body) {
            if found.contains(&handle) || world.get::<Agent>(&agent_key(&handle))?.is_none() {
                continue;
            }
            if handle != envelope.actor {
                let (business, conversation) = (self.business, self.conversation);
                let mark = world.get::<ReadMark>(&read_key(business, conversation, &handle))?;
                let mut mark = mark.map_or_else(
                    || ReadMark {
                        business,
                        conversation,
                        agent: handle.clone(),
                        seen: 0,
                        mentions: 0,
                        at: envelope.at,
                    },
                    |mark| (*mark).clone(),
                );
                mark.mentions += 1;
                world.put(mark);
            }
            found.push(handle);
        }
        Ok(found)
    }
}

/// The person behind an address gets a name, in the contact and in the heads of its conversations.
#[derive(Debug, Clone)]
pub struct ContactSaved {
    /// The tenant.
    pub business: Id,
    /// The address.
    pub address: Address,
    /// The name; `None` takes it away.
    pub name: Option<String>,
}

impl ContactSaved {
    pub(super) fn apply(&self, world: &mut World<'_>, envelope: &Envelope) -> Result<Outcome, Stop> {
        if self.name.as_ref().is_some_and(|name| name.chars().count() > 200) {
            return Err(ApiError::new(Code::InvalidInput, "a contact's name has at most 200 characters").into());
        }
        let mut contact = match world.get::<Contact>(&contact_key(self.business, &self.address))? {
            Some(contact) => (*contact).clone(),
            None => Contact {
                business: self.business,
                address: self.address.clone(),
                name: None,
                conversations: Vec::new(),
                created_at: envelope.at,
                version: 0,
            },
        };
        let payload = json!({ "address": self.address, "from": contact.name, "to": self.name });
        contact.name = self.name.clone();
        contact.version += 1;
        for id in &contact.conversations {
            let mut head = head(world, self.business, *id)?;
            head.name = self.name.clone();
            head.version += 1;
            world.put(head);
        }
        let conversation = contact.conversations.last().copied();
        world.say(envelope.event(Kind::ContactSaved, self.business, conversation, None, payload));
        world.put(contact);
        Ok(Outcome::Done)
    }
}
